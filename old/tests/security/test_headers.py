"""The headers that keep a browser from doing more with an answer than reading it, on every kind of answer."""

from __future__ import annotations

import pytest

from misconduct.settings import Settings
from tests.api.test_http import raw
from tests.serving import serve

EVERYWHERE = {
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "cross-origin",
}
ANSWERS = {
    "json": ("/v1/observations", {}, 200),
    "csv": ("/v1/observations.csv", {}, 200),
    "file": ("/v1/releases/1.1.0/bundle.zip", {}, 200),
    "part of a file": ("/v1/releases/1.1.0/bundle.zip", {"Range": "bytes=0-9"}, 206),
    "page": ("/", {}, 200),
    "documentation": ("/docs", {}, 200),
    "style": ("/static/site.css", {}, 200),
    "health": ("/healthz", {}, 200),
    "metrics": ("/metrics", {}, 200),
    "problem": ("/v1/observations?x=1", {}, 422),
    "absent": ("/nowhere", {}, 404),
    "absent page": ("/nowhere", {"Accept": "text/html"}, 404),
    "not acceptable": ("/v1/observations", {"Accept": "application/pdf"}, 406),
    "bad range": ("/v1/releases/1.1.0/bundle.zip", {"Range": "bytes=999999999-"}, 416),
    "schema": ("/openapi.json", {}, 200),
    "security.txt": ("/.well-known/api-catalog", {}, 200),
}


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("time", ["first", "from memory"])
def test_every_answer_has_them(real, kind, time):
    path, headers, status = ANSWERS[kind]
    answer = real.client.get(path, headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    policy = directives(answer.headers["content-security-policy"])
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert answer.headers["x-frame-options"] == "DENY"
    for name in ("server", "x-powered-by", "set-cookie", "strict-transport-security"):
        assert name not in answer.headers
    if answer.headers["content-type"].startswith("text/html"):
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]


def test_a_304_a_preflight_and_what_is_no_request_have_them(real):
    etag = real.client.get("/v1/observations").headers["etag"]
    again = real.client.get("/v1/observations", headers={"If-None-Match": etag})
    preflight = real.client.options("/v1/observations")
    for answer, status in ((again, 304), (preflight, 204)):
        assert answer.status_code == status
        assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    head = raw(real, b"NONSENSE / HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")[0].decode().lower()
    lines = dict(line.partition(": ")[::2] for line in head.splitlines()[1:])
    assert {name: lines.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert lines["x-frame-options"] == "deny"
    assert "default-src 'none'" in lines["content-security-policy"]


def test_only_the_document_that_is_made_for_frames_may_stand_in_one(real):
    charts = real.client.get("/v1/charts").json()["data"]
    for chart in charts[:2]:
        answer = real.client.get(f"/v1/charts/{chart['id']}.html")
        assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "*"
        assert "x-frame-options" not in answer.headers


def test_a_failure_of_ours_has_them(served, publish, monkeypatch):
    publish("category | value\n racism | 5")

    async def fail(*_args, **_more):
        raise RuntimeError("a secret")

    monkeypatch.setattr("misconduct.queries.observations.find", fail)
    answer = served.client.get("/v1/observations")
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/v1/observations", "/nowhere"])
def test_only_a_service_whose_address_is_https_asks_for_https(real, path):
    settings = {"database_url": real.settings.database_url, "port": 8000, "look_seconds": 0.05}
    with serve(Settings(**settings, base_url="HTTPS://Figures.example")) as served:
        assert served.client.get(path).headers["strict-transport-security"] == "max-age=31536000"
    with serve(Settings(**settings, base_url="http://figures.example")) as served:
        assert "strict-transport-security" not in served.client.get(path).headers
