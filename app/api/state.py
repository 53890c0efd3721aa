"""The state that all requests of a process share: settings, database, releases and cached totals."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request

import app
from app.api.encoder import Encoder
from app.api.release_watcher import ReleaseBook
from app.db.engine import Database
from app.queries.search import WordIndex
from app.settings import Settings

CAUTIONS_KEPT = 1_000
TOTALS_KEPT = 10_000
INDEXES_KEPT = 3

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by what they are of: the newest `most`."""

    def __init__(self, most: int) -> None:
        self._most, self._values = most, OrderedDict[str, T]()

    def get(self, key: str) -> T | None:
        """Return a value; None if there is none."""
        return self._values.get(key)

    def keep(self, key: str, value: T) -> None:
        """Keep a value, and forget the oldest if there are too many."""
        self._values[key] = value
        while len(self._values) > self._most:
            self._values.popitem(last=False)


class Service:
    """The shared state; one per process, in `app.state.service`."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.releases = ReleaseBook(database, settings.look_seconds, show_drafts=settings.show_drafts)
        self.export_slots = asyncio.Semaphore(max(1, settings.pool_size // 2))  # the rest stays for small answers
        self.piece_turns = asyncio.Semaphore(max(1, settings.pool_size // 4))
        self.encoder = Encoder(most_exports=max(1, settings.requests_at_work // 8))
        self.totals: Remembered[int] = Remembered(TOTALS_KEPT)
        self.words: Remembered[WordIndex] = Remembered(INDEXES_KEPT)
        self.cautions: Remembered[list[dict[str, Any]]] = Remembered(CAUTIONS_KEPT)

    @cached_property
    def base_url(self) -> str:
        """The base of all links; never taken from a request."""
        return self.settings.public_url

    @cached_property
    def build(self) -> str:
        """A hash of what answers depend on besides the register: the code and its settings."""
        shown = (self.base_url, self.settings.contact, self.settings.export_rows, self.settings.query_seconds)
        digest = hashlib.sha256(repr(shown).encode())
        code = (file for file in Path(app.__path__[0]).rglob("*") if file.suffix in (".py", ".html"))
        for file in sorted(code):
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]


def get_service(request: Request) -> Service:
    """Return the shared state of the process."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(get_service)]
