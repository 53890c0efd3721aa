"""Every address that the service answers, and requests as no client library would send them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from misconduct.main import create_api
from misconduct.settings import Settings

GOOD = {
    "chart_id": "sexual-assaults-by-year",
    "check_id": "none",
    "classification_id": "none",
    "correction_id": "none",
    "dataset": "allegations",
    "dataset_id": "allegations",
    "digest": "0123456789abcdef",
    "disagreement_id": "how-many-were-accused",
    "list_id": "measure",
    "mapping_id": "none",
    "name": "observations.csv",
    "non_publication_id": "none",
    "not_published_id": "none",
    "number": "1.1.0",
    "observation_id": "cxqbc",
    "relation_id": "none",
    "record_id": "how-many-were-accused",
    "slug": "allegations",
    "source_id": "police-oracle-2023-met-review",
    "table_id": "none",
}
"""Something that is there, or is at least no nonsense, for every name in the path of a route."""


class Answer(NamedTuple):
    """An answer as it came: `headers` in lower case, without what differs from request to request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body, and the headers, as one text in which to look for what should not be there."""
        return self.body.decode("utf-8", "replace") + json.dumps(self.headers)

    def problem(self) -> dict[str, Any]:
        """The problem that the answer must be."""
        assert self.headers["content-type"] == "application/problem+json"
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        assert document["code"]
        return document


def templates() -> list[str]:
    """The path of every route, those for people and machines alike."""

    routes: Any = create_api(Settings(port=8000)).routes
    return sorted({route.path for route in routes} - {"/metrics"})


def ask(url: str, target: str, headers: Mapping[str, str | bytes] = {}, method: str = "GET") -> Answer:
    """The answer to a request on a connection of its own."""
    with Wire(url) as wire:
        return wire.ask(target, headers, method)


class Wire:
    """A connection on which a request line is sent as it is given."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, target: str, headers: Mapping[str, str | bytes] = {}, method: str = "GET") -> Answer:
        """The answer to a request whose target is percent-encoded already."""
        self._connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        response = self._connection.getresponse()
        varying = ("date", "x-request-id", "cache-status", "age")
        kept = {name.lower(): value for name, value in response.getheaders() if name.lower() not in varying}
        return Answer(response.status, kept, response.read())
