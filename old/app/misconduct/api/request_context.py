"""Parse a request: release, filters, page and response format.

Every error of a request is found here, before the database is queried, and all are reported at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from heapq import nsmallest
from http import HTTPStatus
from itertools import islice
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from starlette.types import Scope

from misconduct.api.cursors import decode_cursor, encode_cursor, read_integer
from misconduct.api.parameters import (
    DEFAULT_ROWS,
    DEFAULT_SORT,
    LONGEST_VALUE,
    MOST_HELPED,
    PARAMETERS,
    RELEASE_PARAMETERS,
    SHORT_LIST,
    TRACKING,
    Values,
    describe_faults,
    read_query,
)
from misconduct.api.state import Service, get_service
from misconduct.db.turns import CLIENT
from misconduct.errors import Fault, InvalidCursor, NotFound, Removed, RequestTooLong
from misconduct.formats import FORMATS
from misconduct.http.conditional import NotModified, has_already
from misconduct.http.limits import ADDED, LONGEST_QUERY
from misconduct.http.negotiation import PAGE, Representation, choose, no_such_format
from misconduct.http.shared_caches import LATEST, PINNED, caching_headers, find_tags
from misconduct.model.catalogue import Catalogue
from misconduct.model.cautions import left_out_ids
from misconduct.model.filters import FILTERS, find_codes
from misconduct.model.parameter import read_number
from misconduct.model.records import DRAFT, Release
from misconduct.model.suggestions import suggest
from misconduct.model.table import Layout
from misconduct.queries.files import BUILT
from misconduct.queries.filters import Filters
from misconduct.queries.manifest_lines import find_lines, find_removal
from misconduct.queries.observations import RELEVANCE, Position, find_related
from misconduct.queries.search import Word, conditions, find_words, index_words

_SAFE = re.compile(r"[A-Za-z0-9_/-]{1,200}", re.ASCII)
"""Ids for which the database is asked."""

MOST_SHOWN = 50
"""The number of allowed codes that an error lists."""

MOST_RELATED = 5_000
"""Figures with relations that are weighed while others wait: each takes some 3 µs."""


@dataclass(frozen=True)
class Question:
    """One parsed request. `values` has its parameters by name; `dataset` is the one in its path.

    `of_release` is the release that its path names, as it is written there: a number, a range of numbers or latest.
    `unexcluded` are the filters before `leave_out` found what `repeats` and `parts` exclude.
    `pinned_to` is the release that links are pinned to, where this one does not have what is shown.
    `asked` is the address of the request: also of a question that is made of it, so that the answer has its validator.
    `past` and `epoch` are those of the releases when its catalogue was found, and `newest` is the digest of the latest
    one then, so that what is made of them is validated and kept as of then.
    """

    service: Service
    scope: Scope
    path: str
    values: Values
    release: Release
    past: str
    epoch: int
    newest: str
    pinned: bool
    catalogue: Catalogue
    filters: Filters
    dataset: Mapping[str, Any] | None
    of_release: str | None
    representation: Representation
    accepted: tuple[str, ...]
    offered: tuple[str, ...]
    columns: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    unexcluded: Filters = field(default_factory=Filters)
    tags: tuple[str, ...] = ()
    asked: str = ""
    pinned_to: str = ""

    def __post_init__(self) -> None:
        if not self.asked:
            object.__setattr__(self, "asked", self.link())

    @property
    def client(self) -> str:
        """The address of who asks, as far as it is known."""
        return CLIENT.get()

    @property
    def limit(self) -> int | None:
        """The `limit` parameter, if given."""
        rows: int | None = _first(self.values, "limit")
        return rows

    @property
    def wants_bom(self) -> bool:
        """Whether a CSV starts with a byte-order mark, for Excel."""
        return bool(_first(self.values, "bom") == "1")

    @property
    def wants_notice(self) -> bool:
        """Whether a chart says if its figures have since been revised."""
        return bool(_first(self.values, "notice") == "1")

    @property
    def names_release(self) -> bool:
        """Whether the request names a release, instead of the latest."""
        return "as_of" in self.values or _first(self.values, "release") not in (None, "latest")

    @property
    def depends_on_latest(self) -> bool:
        """Whether the answer also says what came after the requested release: pages do, and charts with a notice."""
        return self.representation.form is PAGE or self.wants_notice

    @property
    def suffix(self) -> str:
        """The suffix of addresses that return this format again; empty for the default format."""
        form, is_default = self.representation.form, self.representation.form.name == self.offered[0]
        if FORMATS.get(form.name) is not form or (is_default and not self.representation.by_suffix):
            return ""
        return f".{form.suffix}"

    @cached_property
    def narrower(self) -> dict[str, list[str]]:
        """The codes that were not asked for but are narrower than one that was, by parameter."""
        given = {name: {*self.values[name]} for name, _ in self.filters.asked}
        added = {name: [code for code in codes if code not in given[name]] for name, codes in self.filters.asked}
        return {name: codes for name, codes in added.items() if codes}

    @property
    def page_size(self) -> int:
        """The number of rows on a page."""
        return self.limit or DEFAULT_ROWS

    @property
    def is_long(self) -> bool:
        """Whether a by-year table has a row for each year: SDMX always, a cube never."""
        form = self.representation.form.name
        return form == "sdmx" or (form != "jsonstat" and _first(self.values, "shape") == "long")

    @property
    def is_full(self) -> bool:
        """Whether all details are asked for."""
        return bool(_first(self.values, "detail") == "full")

    @property
    def excludes(self) -> bool:
        """Whether repetitions or parts are to be left out."""
        return ["exclude"] in (self.values.get("repeats"), self.values.get("parts"))

    @property
    def is_whole_file(self) -> bool:
        """Whether all figures with all details are asked for, as a file of the release has them."""
        form, given = self.representation.form.name, self.values.keys()
        return form in BUILT and self.is_full and given <= {"detail", *RELEASE_PARAMETERS}

    @property
    def sort(self) -> str:
        """The sort order of the rows."""
        return str(_first(self.values, "sort") or (RELEVANCE if self.words else DEFAULT_SORT))

    @property
    def pinned_path(self) -> str:
        """The path, with the number of the release in place of the range or `latest` by which it may name one."""
        if self.of_release is None:
            return self.path
        return self.path.replace(f"/{self.of_release}", f"/{self.release.number}", 1)

    @property
    def release_key(self) -> str:
        """The key of what depends on the release alone: it, and since when what is made of it may be kept here."""
        return f"{self.release.digest} {self.epoch}"

    @cached_property
    def total_key(self) -> str:
        """The key of a total: the release as of now, and filters."""
        return f"{self.release_key} {self.filters}"

    @property
    def cursor_scope(self) -> str:
        """The key that a cursor is valid for: release, filters, sort order, columns and shape.

        A page begins after a row's key and id, which mean the same after a recall or a removal by law.
        """
        return f"{self.release.digest} {self.filters} {self.sort} {self.columns}" + (" long" if self.is_long else "")

    def position(self, length: int) -> tuple[Any, ...] | None:
        """Decode the cursor into `length` parts; None without a cursor. Raises InvalidCursor."""
        cursor: str | None = _first(self.values, "cursor")
        return None if cursor is None else tuple(decode_cursor(cursor, self.cursor_scope, length))

    def cursor(self, position: Iterable[str]) -> str:
        """Make the cursor of the page that starts after `position`."""
        return encode_cursor(list(position), self.cursor_scope)

    def after(self) -> Position | None:
        """Return the observation before the page; None on the first page. Raises InvalidCursor."""
        position = self.position(2)
        if position is None:
            return None
        return Position(_read_key(self.sort.removeprefix("-"), position[0]), position[1])

    def cursor_to(self, position: Position) -> str:
        """Make the cursor of the page that starts after an observation."""
        return self.cursor((_written(position.key), position.id))

    def link(self, suffix: str = "", *, without: Collection[str] = (), **changed: str) -> str:
        """Return the address of this request with another format, with changed parameters, or without some."""
        return self.service.base_url + self.path + suffix + self._query(without, changed)

    def pinned_link(self, suffix: str = "", *, without: Collection[str] = (), **changed: str) -> str:
        """Return the same address pinned to this release, if its path names one or it has a `release` parameter."""
        if self.of_release is not None:
            return self.service.base_url + self.pinned_path + suffix + self._query(without, changed)
        if "release" not in self.accepted:
            return self.link(suffix, without=without, **changed)
        return self.link(suffix, without=(*without, "as_of"), release=self.pinned_to or self.release.number, **changed)

    def require_short(self) -> None:
        """Raise RequestTooLong where links, which quote every value, would repeat more than a query may have.

        What they add does not count: so each link of an answer can be asked for.
        """
        if (length := len(self._query(ADDED, {})) - 1) > LONGEST_QUERY:
            raise RequestTooLong(f"A query string has at most {LONGEST_QUERY} bytes; this one has {length}, quoted.")

    def _query(self, without: Collection[str], changed: Mapping[str, str]) -> str:
        key = (*without, "", *changed.items())
        if key not in self._queries:
            pairs = [pair for pair in self._pairs if pair[0] not in changed and pair[0] not in without]
            if changed:
                pairs += [(name, _pair(name, value)) for name, value in changed.items()]
                pairs.sort(key=itemgetter(0))
            self._queries[key] = "?" + "&".join(pair for _, pair in pairs) if pairs else ""
        return self._queries[key]

    @cached_property
    def _queries(self) -> dict[tuple[Any, ...], str]:
        """What `_query` has made: an answer has the same links in its headers, its document and its validator."""
        return {}

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        """The name of each parameter, and its encoded pair, by name."""
        return [
            (name, _pair(name, text))
            for name, values in sorted(self.values.items(), key=itemgetter(0))
            for text in _texts(name, map(_written, values))
        ]

    @cached_property
    def etag(self) -> str:
        """Make a strong validator from the release, this build, the request, the format and its encoding."""
        form = f"{self.representation.form.name} {self.representation.gzipped}"
        newest = self.newest if self.depends_on_latest else ""
        parts = (self.release.digest, newest, self.past, self.service.build, self.asked, form)
        return f'"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:32]}"'

    def headers(self) -> dict[str, str]:
        """Return the caching headers of the answer, also of a 304."""
        lifetime = PINNED if self.pinned and not self.depends_on_latest else LATEST
        caching = caching_headers(lifetime, self.tags)
        return {"ETag": self.etag, "Vary": self.representation.vary, **caching}

    def redirect(self, location: str) -> Response:
        """Send the client to another address, for as long as the answer would be cached."""
        headers = self.headers()
        del headers["ETag"]
        return Response(None, HTTPStatus.SEE_OTHER, {"Location": location, **headers})


def _read_key(sort: str, key: str) -> Any:
    """Read the sort key of a cursor. What has no number sorts last, as NaN or -Infinity. Raises InvalidCursor."""
    if sort == "id" or (sort == "value" and key in ("NaN", "-Infinity")):
        return Decimal(key) if sort == "value" else key
    try:
        if sort == RELEVANCE:
            return read_integer(key)
        return date.fromisoformat(key) if sort == "period" else read_number(key)
    except ValueError as error:
        raise InvalidCursor("Start from the first page.") from error


def _texts(name: str, values: Iterable[str]) -> Iterable[str]:
    """Return the texts of a parameter, one for each time that links give it: as few as can be read again."""
    if name not in PARAMETERS or not PARAMETERS[name].commas:  # pages have some of their own
        return values
    texts: list[str] = []
    for value in values:
        if texts and len(texts[-1]) + len(value) < LONGEST_VALUE:
            texts[-1] += f",{value}"
        else:
            texts.append(value)
    return texts


def _pair(name: str, value: str) -> str:
    return f"{name}={quote(value, safe=',')}"


def _written(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def parse_request(
    accepted: Iterable[str],
    offered: tuple[str, ...],
    layouts: Mapping[str, Layout] | None = None,
    *,
    has_files: bool = False,
) -> Callable[[Request], Coroutine[Any, Any, Question]]:
    """Make a dependency that parses requests with the accepted parameters, in one of the offered formats.

    `layouts` have the columns from which the request may choose, by shape; the first is for requests that choose none.
    With `has_files`, a request for all there is may be answered with a file of the release.

    It raises InvalidRequest with every mistake, UnknownRelease, NotAcceptable, PreconditionFailed or NotModified.
    """
    accepted = tuple(accepted)
    known = dict.fromkeys(accepted)

    async def understand(request: Request) -> Question:
        service = get_service(request)
        representation = choose(request, offered)
        values, faults = read_query(request.scope["query_string"], known)
        if representation.form is PAGE:
            faults = [fault for fault in faults if not TRACKING.fullmatch(fault.parameter)]
        of_release = request.path_params.get("number") if representation.form is not PAGE else None
        named, as_of = of_release or _first(values, "release"), _first(values, "as_of")
        release = await service.releases.find(named, as_of)
        book = service.releases
        past, epoch, newest = book.past, book.epoch, book.latest.digest
        catalogue = await service.releases.indexed_catalogue(release)
        dataset = await _find_dataset(request, service, catalogue, offered)
        layout = layouts[_first(values, "shape") or next(iter(layouts))] if layouts else None
        faults.extend(_resolve_codes(values, catalogue, len(faults)))
        faults.extend(_unknown_columns(values, layout, len(faults)))
        if faults:
            raise describe_faults(faults)
        pinned = named == release.number != DRAFT  # a day names none: a release that is dated back may come into force
        filters = Filters.read(values, catalogue, narrower=_first(values, "narrower") != "0")
        if dataset is not None:
            filters = filters.within("measure", dataset["measures"])
        question = Question(
            service,
            request.scope,
            request.scope["path"],
            values,
            release,
            past,
            epoch,
            newest,
            pinned,
            catalogue,
            filters,
            dataset,
            of_release,
            representation,
            accepted,
            offered,
            _choose_columns(values, layout, representation) if layout else (),
            unexcluded=filters,
            tags=tuple(find_tags(release.number, request.path_params, values.get("id", ()))),
        )
        question.require_short()
        is_file = has_files and question.is_whole_file and not representation.gzipped and release.number != DRAFT
        if not is_file and has_already(request, question.etag, exists=False):  # a file has a validator of its own
            raise NotModified(question.headers())
        if "q" in values:
            words = await find_meaning(question, values["q"][0])
            filters = replace(filters, others=(*filters.others, *conditions(words)))
            question = replace(question, words=words, filters=filters, unexcluded=filters)
        return await leave_out(question) if question.excludes else question

    return understand


async def leave_out(question: Question, *without: str) -> Question:
    """Return the question without the filters of these names, and without what `repeats` and `parts` exclude then.

    So a table by year excludes the same in each of its years, whichever are asked for.
    """
    question = replace(question, filters=question.unexcluded.without(*without))
    if not question.excludes:
        return question
    return replace(question, filters=question.filters.leaving_out(await _find_left_out(question)))


async def _find_dataset(
    request: Request, service: Service, catalogue: Catalogue, offered: tuple[str, ...]
) -> Mapping[str, Any] | None:
    """Return the dataset in the path, if there is one. Raises NotFound, Removed, or NotAcceptable for a suffix."""
    name = request.path_params.get("dataset")
    if name is None:
        return None
    datasets = catalogue.kind("dataset")
    if name not in datasets:
        is_view = request.scope["path"].startswith(f"/v1/{name}")
        paths = (path.split("/") for path in request.app.openapi()["paths"] if path.startswith("/v1/"))
        resources = sorted({parts[2] for parts in paths if "{" not in parts[2]}) if is_view else []
        stem, _, suffix = name.rpartition(".")
        if stem in datasets or stem in resources:
            raise no_such_format(f".{suffix}", offered)
        await refuse_removed(service, "dataset", name, catalogue.release)
        near = suggest(name, (*resources, *datasets))
        known = ", ".join(sorted(datasets))
        hint = f" Did you mean {near}?" if near else ""
        what = "resource or dataset" if is_view else "dataset"
        detail = f"There is no {what} {name[:40]!r}.{hint} The datasets are: {known}."
        raise NotFound(detail, allowed=sorted(datasets), did_you_mean=near)
    return datasets[name]


async def refuse_removed(service: Service, kind: str, record_id: str, release: Release) -> None:
    """Raise Removed if what a release had of a record was removed by law."""
    lines = await find_lines(service.database, kind, record_id) if _SAFE.fullmatch(record_id) else []
    if gone := find_removal(lines, release.ordinal):
        raise Removed(f"Removed in release {gone.number}: {gone.reason}", removed_in=gone.number, sha256=gone.sha256)


def _first(values: Values, name: str) -> Any:
    return next(iter(values.get(name, ())), None)


async def find_meaning(question: Question, text: str) -> tuple[Word, ...]:
    """Find what the words of a text mean in this release. Raises InvalidRequest if they mean nothing."""
    service, key = question.service, question.release_key
    if meaning := service.meanings.get(f"{key} {text}"):
        return meaning  # each page of a search has the same words
    index = service.words.get(key)
    if index is None:
        records = len(question.catalogue.kind("code")) + len(question.catalogue.kind("source"))
        async with service.encoder.turn_if_long(records, question.client):  # of 36,000 codes it takes a second
            index = service.words.get(key) or await index_words(service.database, question.catalogue)
            service.words.keep(key, index)
    words = tuple(await find_words(service.database, index, text, question.release.ordinal))
    if not words:
        detail = "Every text has these words. Add one that tells figures apart."
        raise describe_faults([Fault("q", "unreadable", detail)])
    service.meanings.keep(f"{key} {text}", words)
    return words


async def _find_left_out(question: Question) -> tuple[str, ...]:
    """Find the figures that repeats=exclude and parts=exclude leave out: the same ones on each page of a list."""
    service, related, key = question.service, question.catalogue.related_figures, question.total_key
    if (kept := service.left_out.get(key)) is not None:
        return kept
    found = await find_related(service.database, question.filters, question.release.ordinal, related)

    def find() -> tuple[str, ...]:
        ids = left_out_ids(question.catalogue, found, question.values)
        return tuple(one for one in related if one in ids)  # whose texts are there already

    async with service.encoder.turn_if_long(len(found), question.client, longest=MOST_RELATED) as run:
        if (kept := service.left_out.get(key)) is not None:
            return kept
        left_out = await run(find)
        service.left_out.keep(key, left_out)
    return left_out


def _choose_columns(values: Values, layout: Layout, representation: Representation) -> tuple[str, ...]:
    return layout.choose(
        values.get("columns", ()),
        full=_first(values, "detail") == "full",
        labels=_first(values, "labels") == "1",
        objects=representation.form.takes != "table",
    )


def _unknown_columns(values: Values, layout: Layout | None, before: int) -> Iterable[Fault]:
    known = layout.columns if layout else {}
    allowed = tuple(islice(known, MOST_SHOWN))
    for name in dict.fromkeys(values.get("columns", ())):
        if name not in known:
            meant = suggest(name, known) if before < MOST_HELPED else None
            before += 1
            yield Fault("columns", "unknown_column", f"{name[:80]!r} is not a column.", allowed, meant)


def _resolve_codes(values: Values, catalogue: Catalogue, before: int) -> Iterable[Fault]:
    """Replace notations of other schemes (`US-PA`) by the codes that have them; yield a fault for each unknown code."""
    for name, found in values.items():
        codes = FILTERS[name].codes if name in FILTERS else None
        if codes is None:
            continue
        known = codes(catalogue)
        allowed = tuple(nsmallest(MOST_SHOWN, known)) if any(code not in known for code in found) else ()
        article = "an" if name[0] in "aeiou" else "a"
        for place, code in enumerate(found):
            candidates = find_codes(name, code, catalogue)
            if len(candidates) == 1:
                found[place] = candidates[0]
            elif candidates:
                schemes = " or ".join(f"{known[one]['label']} ({one}, {known[one]['scheme']})" for one in candidates)
                yield Fault(name, "ambiguous_code", f"{code!r} may be {schemes}: give its code.", tuple(candidates))
            else:
                detail = f"{code[:80]!r} is not {article} {name} in release {catalogue.release.number}."
                notations = (notation for of, notation in catalogue.notations if of == name)
                is_helped = before < (MOST_HELPED if len(known) <= SHORT_LIST else 1)
                meant = suggest(code, (*known, *notations)) if is_helped else None
                before += 1
                yield Fault(name, "unknown_code", detail, allowed, meant)
