"""Traces for OpenTelemetry, by its own environment variables, if the extra `otel` is installed.

A span for each answer that is not from memory, with the route's template and nothing that the client sent but the trace
it is part of.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.event_log import log

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVER_ERRORS = 500


def tracing(application: ASGIApp) -> ASGIApp:
    """Wrap the layer if an exporter is set and installed; else return it as it is, and import nothing of the extra."""
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "otlp" if any(map(os.environ.get, ENDPOINTS)) else "none")
    if exporter == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return application
    try:
        provider = _provide(exporter)
    except ImportError as error:
        log.warning("traces are not exported", reason=str(error), hint="Install the extra `otel`.")
        return application
    return Traced(application, provider)


def _provide(exporter: str) -> TracerProvider:
    """Return the provider that OpenTelemetry's variables describe. Raises ImportError without the extra."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    own, found = Resource({SERVICE_NAME: "misconduct", SERVICE_VERSION: version("misconduct")}), Resource.create()
    is_named = not str(found.attributes.get(SERVICE_NAME, "unknown_service")).startswith("unknown_service")
    provider = TracerProvider(resource=own.merge(found) if is_named else found.merge(own))
    provider.add_span_processor(
        BatchSpanProcessor(ConsoleSpanExporter() if exporter == "console" else OTLPSpanExporter())
    )
    return provider


class Traced:
    """Makes a span of each request (plain ASGI)."""

    def __init__(self, application: ASGIApp, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.application, self.provider = application, provider
        self._tracer = provider.get_tracer("misconduct", version("misconduct"))
        self._read = TraceContextTextMapPropagator().extract

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode

        named = (b"traceparent", b"tracestate")
        parent = self._read({name.decode(): text.decode("latin-1") for name, text in scope["headers"] if name in named})
        with self._tracer.start_as_current_span(scope["method"], parent, kind=SpanKind.SERVER) as span:
            span.set_attribute("http.request.method", scope["method"])

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= SERVER_ERRORS:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self.application(scope, receive, send_and_note)
            finally:
                if (route := getattr(scope.get("route"), "path", None)) is not None:
                    span.set_attribute("http.route", route)
                    span.update_name(f"{scope['method']} {route}")
