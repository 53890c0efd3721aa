"""The state that all requests of a process share: settings, database, releases and cached totals."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import copy
from fractions import Fraction
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request

import misconduct
from misconduct.api.encoder import Encoder
from misconduct.api.release_watcher import ReleaseBook
from misconduct.charts.chart import Chart
from misconduct.db.engine import Database
from misconduct.db.turns import Turns
from misconduct.http.metrics import Facts
from misconduct.model.counts import Whole
from misconduct.queries.facets import Facets
from misconduct.queries.search import Word, WordIndex
from misconduct.settings import Settings

StatedTotals = Mapping[Fraction | None, Sequence[tuple[str, Mapping[str, Any]]]]
"""The published totals of tables by their number, each with the id of its table."""

SHOWN = (".py", ".html", ".css", ".js", ".svg", ".png")
"""The files of the code on which answers depend: pages hold the hashes of the last four."""

VERSION = version("misconduct")  # read once: metrics tell it each second

CAUTIONS_KEPT = 1_000
CHARTS_KEPT = 100
CHOICES_KEPT = 20
TOTALS_KEPT = 10_000
WHOLES_KEPT = 1_000
INDEXES_KEPT = 3
LEFT_OUT_KEPT = 20
MEANINGS_KEPT = 100

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by what they are of: the newest `most`. Of a key, which may be a long question, only a digest is kept."""

    def __init__(self, most: int) -> None:
        self._most, self._values = most, OrderedDict[bytes, T]()

    def get(self, key: str) -> T | None:
        """Return a value; None if there is none."""
        return self._values.get(_digest(key))

    def keep(self, key: str, value: T) -> None:
        """Keep a value, and forget the oldest if there are too many."""
        self._values[_digest(key)] = value
        while len(self._values) > self._most:
            self._values.popitem(last=False)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16).digest()


class Service:
    """The shared state; one per process, in `app.state.service`."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.base_url = self.public_url = settings.public_url  # of links; and of ids, which are the same everywhere
        self._elsewhere: dict[str, Service] = {}
        self.database = database
        self.releases = ReleaseBook(database, settings.look_seconds, show_drafts=settings.show_drafts)
        pool = settings.pool_size  # a client's turns are fewer: each may wait for one of the client's own connections
        self.export_turns = Turns(max(2, pool // 2), max(1, pool // 4))  # the rest stays for small answers
        self.piece_turns = Turns(max(2, pool // 4), max(1, pool // 8))
        most = settings.requests_at_work
        self.encoder = Encoder(most_exports=max(1, most // 8), most_waiting=max(1, most // 2))
        self.totals: Remembered[int] = Remembered(TOTALS_KEPT)
        self.wholes: Remembered[Whole] = Remembered(WHOLES_KEPT)
        self.choices: Remembered[Facets] = Remembered(CHOICES_KEPT)
        self.stated_totals: Remembered[StatedTotals] = Remembered(INDEXES_KEPT)
        self.words: Remembered[WordIndex] = Remembered(INDEXES_KEPT)
        self.left_out: Remembered[tuple[str, ...]] = Remembered(LEFT_OUT_KEPT)
        self.meanings: Remembered[tuple[Word, ...]] = Remembered(MEANINGS_KEPT)
        self.charts: Remembered[Chart] = Remembered(CHARTS_KEPT)
        self.cautions: Remembered[list[dict[str, Any]]] = Remembered(CAUTIONS_KEPT)

    def at(self, host: str) -> Service:
        """Return the same service whose links begin as a request's host does, if the settings allow that host."""
        base_url = self.settings.addresses.get(host.lower(), self.base_url)
        if base_url == self.base_url:
            return self
        if base_url not in self._elsewhere:
            self._elsewhere[base_url] = elsewhere = copy(self)
            elsewhere.base_url = base_url
        return self._elsewhere[base_url]

    @cached_property
    def build(self) -> str:
        """A hash of what answers depend on besides the register: the code and its settings."""
        shown = (
            self.settings.public_url,
            self.settings.contact,
            self.settings.export_rows,
            self.settings.query_seconds,
        )
        digest = hashlib.sha256(repr(shown).encode())
        code = (file for file in Path(misconduct.__path__[0]).rglob("*") if file.suffix in SHOWN)
        for file in sorted(code):
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def facts(self) -> Facts:
        """Return what metrics tell of the releases and the database."""
        book = self.releases
        return Facts(
            release=book.latest if book.known else None,
            loaded=book.loaded,
            database_answers=book.database_answers,
            lost_recalls=len(book.lost_recalls),
            silent_seconds=monotonic() - book.heard,
            version=VERSION,
            build=self.build,
        )


def get_service(request: Request) -> Service:
    """Return the shared state of the process, with links for the host of a request."""
    service: Service = request.app.state.service
    return service.at(request.headers.get("host", ""))


ServiceDep = Annotated[Service, Depends(get_service)]
