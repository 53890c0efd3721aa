"""Traces: the id of a client's trace in the log, and spans for a real collector's protocol (OTLP over HTTP)."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from misconduct.settings import Settings
from tests.conftest import PROJECT
from tests.serving import serve

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


def lines(said: str) -> list[dict]:
    found = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == "request"]


def test_the_trace_of_a_request_is_in_its_log_line_from_memory_too(database, capfd):
    settings = Settings(database_url=database.reader, port=8000, look_seconds=0.05)
    with serve(settings) as served:
        for headers in (TRACEPARENT, {}, TRACEPARENT):
            served.client.get("/robots.txt", headers=headers)
        for wrong in (
            f"00-{'0' * 32}-{PARENT}-01",
            f"ff-{TRACE}-{PARENT}-01",
            f"00-{TRACE.upper()}-{PARENT}-01",
            "x" * 55,
        ):
            served.client.get("/robots.txt", headers={"traceparent": wrong})
    found = [line.get("trace_id") for line in lines(capfd.readouterr().err)]
    assert found == [TRACE, None, TRACE, None, None, None, None]


@pytest.fixture
def collector(monkeypatch) -> Iterator[list]:
    """The requests that a collector gets, decoded."""
    received: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            body = self.rfile.read(int(self.headers["content-length"]))
            body = gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_that_is_not_from_memory_is_a_span_of_the_clients_trace(database, collector):
    settings = Settings(database_url=database.reader, port=8000, look_seconds=0.05)
    with serve(settings) as served:
        for path in ("/robots.txt", "/robots.txt", "/v1/observations?category=odd-1071", "/odd-1071"):
            served.client.get(path, headers=TRACEPARENT)
        served.cache.application.provider.shutdown()
    [resource] = {str(one.resource) for request in collector for one in request.resource_spans}
    assert "misconduct" in resource
    assert "deployment.environment.name" in resource
    found = [
        span
        for request in collector
        for of_resource in request.resource_spans
        for of_scope in of_resource.scope_spans
        for span in of_scope.spans
    ]
    assert [span.name for span in found] == ["GET /robots.txt", "GET /v1/observations", "GET"]
    assert {(span.trace_id.hex(), span.parent_span_id.hex(), span.kind) for span in found} == {(TRACE, PARENT, 2)}
    told = {attribute.key: attribute.value for attribute in found[1].attributes}
    assert told["http.request.method"].string_value == "GET"
    assert told["http.route"].string_value == "/v1/observations"
    assert told["http.response.status_code"].int_value == 503  # it has no release
    assert found[1].status.code == 2
    assert "1071" not in str(collector)


@pytest.mark.parametrize("env", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])  # fmt: skip
def test_without_an_exporter_nothing_of_the_extra_is_imported(env):
    code = (
        "import sys; from misconduct.main import create_app; from misconduct.settings import Settings; "
        "create_app(Settings(database_url='postgresql://x@127.0.0.1/x')); "
        "sys.exit(any(name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], env=env, cwd=PROJECT, check=False).returncode == 0


def test_without_the_extra_the_service_says_so_and_answers(database, monkeypatch, capfd):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with serve(Settings(database_url=database.reader, port=8000)) as served:
        assert served.client.get("/healthz").status_code == 200
    assert "traces are not exported" in capfd.readouterr().err
