"""Answer with rows of the table: what they are about, what is missing, notes, and whether they may stand together."""

from collections import defaultdict
from collections.abc import (
    AsyncIterator,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, TypeGuard

import orjson
from fastapi import Request, Response

from misconduct.api.answers import (
    TABLE,
    about_rows,
    about_table,
    caching,
    envelope,
    link,
    send_figures,
)
from misconduct.api.corrections import Fault
from misconduct.api.current import Current
from misconduct.api.parameters import (
    AreaList,
    ColumnsQuery,
    FigureQuery,
    IndicatorList,
    RowQuery,
    TableQuery,
    TopicQuery,
)
from misconduct.api.problems import InvalidParameters, NotFound
from misconduct.api.translation import find_column, find_habit, read_order
from misconduct.api.values import MAX_VALUES, clean
from misconduct.api.wide import find_dated, widen
from misconduct.formats import FORMATS, MEDIA_TYPES
from misconduct.formats.table import Table
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Column, Row
from misconduct.model.places import Ambiguous, find_area
from misconduct.model.points import (
    BY_NAME,
    COLUMNS,
    DEFAULT,
    EARLIER,
    NAMES,
    TOPICS,
    write_value,
)
from misconduct.model.relate import find_reason, say_reason
from misconduct.model.vocabulary import find_named, suggest
from misconduct.model.wording import say_caveat
from misconduct.queries.figures import Total
from misconduct.queries.points import Wanted

NOT_HELD = "Not held"
WITHIN = "within:"  # before a name: all areas inside it, and not itself
NO_TIME = "no time"
MOST_ALLOWED = 20  # values that an error lists
MOST_COMMAS = 4  # parts of a name that has commas
MAX_GUESSES = 10  # unknown words that are compared with all known ones
MAX_IDS = 20  # rows that a note names; beyond that it says how many


DENYING = ("!", "-", "~", "^")  # !racism is all but racism, which no filter finds


class Missing(NamedTuple):
    """Something that was asked and is not among the rows: the reason, the nearest that is held, and the way on.

    `asked` is what a question asks, by the columns of the table.
    """

    reason: str
    detail: str
    indicator: str | None = None
    area_code: str | None = None
    nearest: Sequence[Mapping[str, Any]] = ()
    ways: Sequence[str] = ()
    ask: Mapping[str, str | None] | None = None
    asked: Mapping[str, str] = MappingProxyType({})

    def document(self, base_url: str) -> dict[str, Any]:
        """Return it as JSON has it. The ways on are addresses that answer."""
        fields = self._asdict()
        fields["try"] = [f"{base_url}{path}" for path in fields.pop("ways")]
        fields["asked"] = dict(self.asked)
        return fields


class Answer(NamedTuple):
    """Rows with what is said of them. `about` is what the answer is about: an indicator, areas, a chart.

    Of a page `total` is how many rows there are in all, and `following` the place of the next, or 0. A file that is
    written as its rows are read has these as `pages`.
    `notes` are not of a row. `page` is what people read, and `picture` the answer drawn: paths.
    """

    name: str
    title: str
    rows: Sequence[Row]
    about: Mapping[str, Any]
    missing: Sequence[Missing] = ()
    further: Sequence[Column] = ()
    total: Total | None = None
    following: int = 0
    pages: AsyncIterator[list[Row]] | None = None
    notes: Sequence[Mapping[str, Any]] = ()
    page: str = ""
    picture: str = ""


def read_areas(values: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Return the codes of areas that are named by code, name or short name. Raises InvalidParameters."""
    faults = list[Fault]()
    found = find_areas(values, catalogue, faults)
    if faults:
        raise InvalidParameters(faults)
    return found


def read_area_codes(codes: str, catalogue: Catalogue) -> list[str]:
    """Return the codes of the areas that a path names. Raises NotFound."""
    try:
        return read_areas(clean(codes.split(",")), catalogue)
    except InvalidParameters as error:
        first = error.faults[0]
        near, value = first.did_you_mean, first.value
        raise NotFound(error.detail, near, of="area", value=value) from None


def find_areas(
    values: Sequence[str], catalogue: Catalogue, faults: list[Fault]
) -> list[str]:
    """Return the codes of areas that are named, and add what is wrong to `faults`."""
    found = list[str]()
    if not values:
        return found
    if len(values) > MAX_VALUES:
        detail = f"area has {len(values)} values and may have {MAX_VALUES}."
        faults.append(Fault("area", "invalid_value", detail))
        return found
    guesses, areas = 0, catalogue.codelists.get("area", {}).values()
    known = {str(area["label"]).lower() for area in areas}
    for value in _join_known(values, known):
        name = value.removeprefix(WITHIN)
        try:
            code = find_area(name, catalogue)
        except Ambiguous as several:
            faults.append(
                Fault("area", "ambiguous_value", str(several), several.codes[0], value)
            )
            continue
        if code is None:
            may_guess = bool(name.strip()) and guesses < MAX_GUESSES
            guesses += 1
            faults.append(_describe_unknown_area(name, catalogue, may_guess=may_guess))
        elif name == value:
            found.append(code)
        else:
            found += _find_within(code, value, catalogue, faults)
    return list(dict.fromkeys(found))


def _find_within(
    code: str, value: str, catalogue: Catalogue, faults: list[Fault]
) -> list[str]:
    """Return the areas inside one. If there are none, that is a fault: no area at all would ask for every one."""
    within = [one for one in catalogue.findable("area").get(code, []) if one != code]
    if not within:
        detail = f"No area is within {catalogue.label('area', code)}."
        faults.append(Fault("area", "unknown_value", detail, code, value))
    return within


def _describe_unknown_area(
    name: str, catalogue: Catalogue, *, may_guess: bool
) -> Fault:
    near = None
    if may_guess:
        labels = {
            word.lower(): code
            for code, words in catalogue.names("area").items()
            for word in words
            if word
        }
        near = labels.get(suggest(name.lower(), labels) or "")
        near = near or find_habit("code", name)
    hint = "/v1/areas lists them."
    if near:
        hint = f"Did you mean {catalogue.label('area', near)} ({near})?"
    detail = f"No area is called {name[:80]!r}. {hint}"
    return Fault("area", "unknown_value", detail, near, name)


def find_unknown_columns(names: Iterable[str]) -> list[Fault]:
    """Return what is wrong with the names of columns."""
    known = {*NAMES, *(column.name for column in EARLIER), "all"}
    return [_describe_unknown_column(name) for name in names if name not in known]


def check_columns(names: Iterable[str]) -> None:
    """Raise InvalidParameters if there is no such column."""
    if faults := find_unknown_columns(names):
        raise InvalidParameters(faults)


def read_wanted(query: RowQuery, catalogue: Catalogue, **more: Any) -> Wanted:
    """Return which rows a request asks for. Raises InvalidParameters with all that is wrong."""
    faults = find_unknown_columns(query.columns)
    if isinstance(query, TopicQuery | FigureQuery):
        known = catalogue.of_kind("indicator")
        faults += check_ids("indicator", query.indicator, known)
        more["indicators"] = query.indicator
    if isinstance(query, FigureQuery):
        faults += check_ids("topic", query.topic, TOPICS)
        faults += _check_order(query.sort)
    areas = find_areas(query.area, catalogue, faults)
    asked = {
        name: _read_codes(name, given, catalogue, faults)
        for name in _LISTS
        if (given := getattr(query, name))
    }
    sources = _read_sources(query.source, catalogue, faults)
    if faults:
        raise InvalidParameters(faults)
    named = [value for value in query.area if not value.startswith(WITHIN)]
    return Wanted(
        areas=areas,
        named=read_areas(named, catalogue),
        years=query.year,
        codes={name: {*chain(*words.values())} for name, words in asked.items()},
        asked=asked,
        sources=sources,
        **more,
    )


def read_list(query: IndicatorList | AreaList, catalogue: Catalogue) -> Wanted | None:
    """Return which rows a thing that is listed must have; None if it need not. Raises InvalidParameters."""
    faults = [*check_ids("topic", query.topic, TOPICS)]
    areas, indicators = list[str](), list[str]()
    if isinstance(query, IndicatorList):
        areas = find_areas(query.area, catalogue, faults)
    else:
        indicators = query.indicator
        faults += check_ids("indicator", indicators, catalogue.of_kind("indicator"))
    if faults:
        raise InvalidParameters(faults)
    if not (query.topic or areas or indicators):
        return None
    return Wanted(topics=query.topic, areas=areas, indicators=indicators)


def read_table(query: TableQuery, catalogue: Catalogue, **more: Any) -> Wanted:
    """Return which rows of the table a request asks for. Raises InvalidParameters."""
    return read_wanted(
        query,
        catalogue,
        by_kind=query.by == "kind",
        is_all=query.all == "1",
        is_latest=query.latest == "1",
        **more,
    )


def _read_sources(
    given: Sequence[str], catalogue: Catalogue, faults: list[Fault]
) -> list[str]:
    """Return ids of documents, and the names of publishers and speakers as the table has them."""
    if not given:
        return []
    documents = catalogue.of_kind("source")
    names = {identity: identity for identity in documents}
    publishers = (source.get("publisher") for source in documents.values())
    for code, speaker in catalogue.codelists["stated_by"].items():
        names[code] = names[str(speaker["label"]).lower()] = str(speaker["label"])
    for name in filter(None, publishers):
        names[str(name).lower()] = str(name)
    found = list[str]()
    for value in given:
        name = names.get(value) or names.get(value.lower())
        if name:
            found.append(name)
            continue
        near = suggest(value.lower(), names) if len(faults) < MAX_GUESSES else None
        hint = f"Did you mean {names[near]!r}?" if near else "/v1/sources lists them."
        detail = f"No document, publisher or speaker is {value[:80]!r}. {hint}"
        meant = near and names[near]
        faults.append(Fault("source", "unknown_value", detail, meant, value))
    return found


def _check_order(sort: str | None) -> Iterator[Fault]:
    """Yield what is wrong with an order that is asked for."""
    if not sort or sort.removeprefix("-") in NAMES:
        return
    near = read_order(sort)
    hint = f"Did you mean {near!r}?" if near else f"It can be {', '.join(NAMES)}."
    detail = f"No column is called {sort[:80]!r}. {hint}"
    yield Fault("sort", "unknown_value", detail, near, sort)


def check_ids(name: str, given: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    """Yield what is wrong with the ids that a parameter has."""
    ids = [*known]
    for value in given:
        if value not in ids:
            near = find_id(value, ids)
            hint = f"Did you mean {near!r}?" if near else ""
            if not hint and len(ids) <= MOST_ALLOWED:
                hint = f"It can be {', '.join(ids)}."
            detail = f"No {name} is called {value[:80]!r}. {hint}".rstrip()
            yield Fault(name, "unknown_value", detail, near, value)


def find_id(value: str, known: Sequence[str]) -> str | None:
    """Return the id that is probably meant, also by the word of another service for a topic."""
    said = (find_habit("path", value) or "").rpartition("/")[2]
    return said if said in known else suggest(value, known)


def _describe_unknown_column(name: str) -> Fault:
    near = find_column(name)
    hint = f"Did you mean {near!r}?" if near else f"They are {', '.join(NAMES)}."
    return Fault(
        "columns",
        "unknown_value",
        f"No column is called {name[:80]!r}. {hint}",
        near,
        name,
    )


_LISTS = {
    "category": "category",
    "people": "population",
    "statistic": "statistic",
    "vetting_check": "vetting_check",
    "vetting_result": "vetting_result",
}
"""The code lists whose words the columns of the table have."""


def _read_codes(
    name: str, given: Iterable[str], catalogue: Catalogue, faults: list[Fault]
) -> dict[str, list[str]]:
    """Return the words of a column that each code or word stands for; of a kind, also of narrower ones."""
    codelist, found = _LISTS[name], dict[str, list[str]]()
    if name == "category":
        given = _join_known([*given], catalogue.kinds)
    for value in given:
        words = value.lower()
        meant = _find_codes(name, value, catalogue)
        if meant:
            narrower = catalogue.findable(codelist)[meant[0]]
            labels = [catalogue.label(codelist, code).lower() for code in narrower]
            found[labels[0]] = labels
        elif name == "category" and words in catalogue.kinds:
            found[words] = [words]
        else:
            faults.append(_describe_unknown_code(name, value, catalogue, len(faults)))
    return found


def _join_known(values: Sequence[str], known: Container[str]) -> Iterator[str]:
    """Yield values of which those that are one known name with commas stand together."""
    start = 0
    while start < len(values):
        ends = range(min(start + MOST_COMMAS, len(values)), start, -1)
        spans = {end: ", ".join(values[start:end]) for end in ends}
        whole = (end for end, name in spans.items() if name.lower() in known)
        end = next(whole, start + 1)
        yield spans[end]
        start = end


def _find_codes(name: str, value: str, catalogue: Catalogue) -> list[str]:
    """Return the codes that a value names. A kind in a publisher's words is none, though a code has the same word."""
    names = catalogue.names(_LISTS[name])
    meant = [] if value.startswith(DENYING) else find_named(value, names)
    if name == "category" and value.lower() in catalogue.kinds:
        spelled = value.lower()
        return [code for code in meant if spelled in (code, names[code][0].lower())]
    return meant


def _describe_unknown_code(
    name: str, value: str, catalogue: Catalogue, before: int
) -> Fault:
    """Describe a word that no code has. Only after few others it is compared with all words, which takes a while."""
    codelist, near = _LISTS[name], None
    said = find_habit("code", value)
    if said in catalogue.codelists[codelist]:
        near = catalogue.label(codelist, said).lower()
    elif before < MAX_GUESSES and not value.startswith(DENYING):
        labels = _list_words(name, catalogue)
        near = labels.get(suggest(value.lower().replace("_", " "), labels) or "")
    hint = f"/v1/codes?type={name} lists them."
    if near:
        hint = f"Did you mean {near!r}?"
    detail = f"No {name} is called {value[:80]!r}. {hint}"
    return Fault(name, "unknown_value", detail, near, value)


def _list_words(name: str, catalogue: Catalogue) -> dict[str, str]:
    """Return the word of the table for each word of a code list; of kinds, also those of publishers."""
    labels = dict[str, str]()
    for code, words in catalogue.names(_LISTS[name]).items():
        spelled = (one.lower().replace("_", " ") for one in (code, *words))
        labels |= dict.fromkeys(spelled, words[0].lower())
    kinds = catalogue.kinds if name == "category" else ()
    return labels | {kind: kind for kind in kinds}


async def send_rows(
    request: Request,
    current: Current,
    query: ColumnsQuery,
    suffix: str,
    answer: Answer,
) -> Response:
    """Send rows in the format that a request chooses: JSON rows equal those of a file, cell for cell."""
    if request.scope["path"].endswith("/by-year"):
        answer = _leave_out_undated(request, answer)
    rows, columns = _lay_out(query, answer, current)
    warnings = await find_warnings(answer.rows, current)
    if is_wide(query):
        warnings = [one for one in warnings if one["code"] != "part_years"]
    names = [column.name for column in columns]
    said = _describe(request, current, answer, len(rows), warnings)
    if suffix not in FORMATS:
        said["data"] = [_show_row(row, names) for row in rows]
        headers = caching(current) | {"Cache-Control": TABLE}
        return Response(orjson.dumps(said), 200, headers, MEDIA_TYPES["json"])
    del said["data"]  # the CSV has it
    table = Table(
        name=answer.name,
        columns=columns,
        pages=answer.pages or _as_pages(rows),
        cells=partial(_find_cells, current, names),
        rows=answer.total.number if answer.total else len(rows),
        about=about_table(request, current, answer.title),
        said=said,
    )
    return await send_figures(request, current, table, suffix, said["links"]["next"])


def is_wide(query: ColumnsQuery) -> TypeGuard[TableQuery]:
    """Tell whether a request is for a table with a column for each year."""
    return isinstance(query, TableQuery) and query.wide == "1"


def _lay_out(
    query: ColumnsQuery, answer: Answer, current: Current
) -> tuple[list[Row], list[Column]]:
    """Return the rows as they are sent, and their columns."""
    rows = [complete_row(row, current) for row in answer.rows]
    if is_wide(query):
        return widen(rows, query.year)
    return rows, _choose_columns(query.columns, answer.further)


def _leave_out_undated(request: Request, answer: Answer) -> Answer:
    """Leave out what a table by year has no column for, and say how many rows these are and where they stand."""
    rows = find_dated(answer.rows)
    undated = len(answer.rows) - len(rows)
    if not undated:
        return answer
    detail = f"{undated} rows are of series without a year. The table that is not by year has them."
    long = link(request, suffix="", without=["wide"]).replace("/by-year", "")
    ways = [long.removeprefix(request.state.base_url)]
    missing = [*answer.missing, Missing("no_year", detail, ways=ways)]
    return answer._replace(rows=rows, missing=missing)


def _show_row(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """Return a row as JSON has it, without the years and the earlier number that it has not."""
    return {
        name: write_value(row.get(name))
        for name in names
        if name in BY_NAME or row.get(name) is not None
    }


def _describe(
    request: Request,
    current: Current,
    answer: Answer,
    returned: int,
    warnings: Sequence[Any],
) -> dict[str, Any]:
    """Return what JSON says, and a ZIP in its metadata, but for the rows."""
    is_whole = not answer.total or answer.total.number == returned
    together = find_together(answer.rows, current.catalogue) if is_whole else None
    meta: Any = {**about_rows(current, returned, answer.total), "together": together}
    said: dict[str, Any] = {
        **answer.about,
        **envelope(request, current, [], meta, warnings),
        "missing": [one.document(request.state.base_url) for one in answer.missing],
        "notes": [*find_notes(answer.rows, current.catalogue), *answer.notes],
    }
    links = said["links"]
    for name, path in (("page", answer.page), ("picture", answer.picture)):
        links[name] = f"{request.state.base_url}{path}" if path else None
    links["csv"] = link(request, suffix=".csv", without=["limit", "offset"])
    links["next"] = None
    if answer.following:
        pinned: Any = {"release": current.release.number, "offset": answer.following}
        links["next"] = link(request, **pinned)
    return said


def _choose_columns(asked: Sequence[str], further: Sequence[Column]) -> list[Column]:
    if "all" in asked:
        return [*COLUMNS, *further]
    if asked:
        known = {**BY_NAME, **{column.name: column for column in EARLIER}}
        return [known[name] for name in dict.fromkeys(asked)]
    return [*DEFAULT, *further]


def complete_row(row: Row, current: Current) -> Row:
    """Return a row with its whole address, which a row without a figure has not."""
    identity = row.get("id")
    return row | {"cite_as": current.view.cite_as(identity) if identity else None}


def _find_cells(current: Current, names: Iterable[str], row: Row) -> list[Any]:
    whole = complete_row(row, current)
    return [whole.get(name) for name in names]


async def _as_pages(rows: list[Row]) -> AsyncIterator[list[Row]]:
    """Yield all rows as one page."""
    yield rows


def find_together(rows: Iterable[Row], catalogue: Catalogue) -> dict[str, Any] | None:
    """Tell whether rows may stand on one scale, and why not."""
    held = [row for row in rows if row.get("value") is not None]
    if not held:
        return None
    reason = find_reason(held, catalogue)
    why = say_reason(reason, held, catalogue)
    return {"ok": not reason, "reason": reason or None, "why": why or None}


async def find_warnings(rows: Iterable[Row], current: Current) -> list[Any]:
    """Return what to know before using the rows: also that a later release revised or withdrew some of them."""
    told, ids = warn_of(rows), [row["id"] for row in rows if row["id"]]
    if await current.has_revised("id = ANY(%(ids)s)", {"ids": ids}):
        said = "A later release revised or withdrew some of these figures: links.latest_version has its rows."
        told.append({"code": "superseded", "detail": said})
    return told


def warn_of(rows: Iterable[Row]) -> list[Any]:
    """Return what to know before adding or comparing the rows."""
    held = [row for row in rows if row.get("value") is not None]
    units = sorted({row["unit"] for row in held})
    told = []
    if len(units) > 1:
        said = f"Do not add or compare different units: {', '.join(units)}."
        told.append({"code": "mixed_units", "detail": said})
    ids = {row["id"] for row in held}
    if any(not ids.isdisjoint((row["part_of"] or "").split()) for row in held):
        said = "Some rows are inside others, as an area is inside another: with columns=all, part_of says which."
        told.append({"code": "totals_and_parts", "detail": said})
    if any(row["coverage"] == "part" for row in held):
        said = "Some rows are for a part of a year: see note."
        told.append({"code": "part_years", "detail": said})
    return told


def find_notes(rows: Sequence[Row], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the notes of rows, each once, with the rows to which it applies. What a body replied comes first."""
    ids = defaultdict[str, list[str]](list)
    for row in rows:
        for note in (row.get("note_ids") or "").split():
            ids[note].append(row["id"])
    caveats, found = catalogue.of_kind("caveat"), []
    for note in sorted(ids, key=lambda one: not caveats.get(one, {}).get("reply_by")):
        of = ids[note]
        kind = next(
            kind
            for kind in ("caveat", "disagreement", "correction")
            if note in catalogue.of_kind(kind)
        )
        record = catalogue.of_kind(kind)[note]
        text = record.get("warning") or record.get("explanation")
        if kind == "caveat":
            text = say_caveat(note, catalogue)
        applies: Any = "all" if len(of) == len(rows) else of[:MAX_IDS]
        found.append({"id": note, "type": kind, "text": text, "applies_to": applies})
    return found
