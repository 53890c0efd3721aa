"""Say what is asked for and not held: as a row, and with the nearest that is held and the way on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from misconduct.api.current import Current
from misconduct.api.gaps import find_reason
from misconduct.api.tables import NO_TIME, NOT_HELD, Missing
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import find_around, name_force
from misconduct.model.points import (
    ALL_KINDS,
    DEFAULT_NAMES,
    NAMES,
    find_year,
    is_part,
    write_value,
)
from misconduct.model.requests import write_request
from misconduct.model.side_by_side import OF_ALL_KINDS
from misconduct.queries.points import (
    Wanted,
    find_before_break,
    find_lacking,
    find_newest,
    find_rows,
    find_unit,
)

MOST_NEAREST = 3
MOST_YEARS = 40  # of a span that is asked, of which absent ones are named
NO_UNIT = "not stated"
BEFORE_BREAK = "before a break, counted otherwise"
OTHER_SERIES = "counted otherwise: another series, or other months"
OWN, WIDER, OTHERWISE, NEAR = (
    "another time, kind or people",
    "a wider area",
    "the same matter, counted otherwise",
    "near in words, not the same thing",
)


class _Lack(NamedTuple):
    """A kind of an indicator that is asked of an area and not held, and the nearest rows, each with why it is near."""

    indicator: str
    area: str
    kind: str
    nearest: Sequence[tuple[str, Row]]


class _Near(NamedTuple):
    """The rows that may be nearest: the newest by indicator and area, and those of wider kinds."""

    newest: Mapping[tuple[str, str], Row]
    wider: Sequence[Row]


async def find_absent(
    current: Current, indicator: str, wanted: Wanted, rows: Sequence[Row]
) -> tuple[list[Row], list[Missing]]:
    """Return a row for each named area and kind of which nothing is held, and everything that is missing."""
    pairs = find_lacking(wanted, rows)
    near = await _find_nearest(current, [indicator], {one for one, _ in pairs}, wanted)
    lacking = [_find_lack(current, indicator, area, kind, near) for area, kind in pairs]
    missing = [_describe(current, lack, wanted) for lack in lacking]
    missing += _find_missing_parts(current, indicator, wanted, rows)
    if not (wanted.is_all or wanted.is_latest):
        missing += await _find_missing_years(current, indicator, wanted, rows)
        missing += await _find_broken(current, indicator, wanted)
    if not (rows or missing):
        name = current.catalogue.label("indicator", indicator)
        detail = f"{name}: no row is as asked."
        missing.append(
            Missing("not_held", detail, indicator, ways=[_write_path(indicator)])
        )
    unit = await find_unit(current.tables, indicator) if lacking else None
    return [_make_row(current, lack, wanted, unit) for lack in lacking], missing


async def _find_broken(
    current: Current, indicator: str, wanted: Wanted
) -> list[Missing]:
    """Return what the areas that are asked have before a break, if no years are asked."""
    if wanted.years or not wanted.areas:
        return []
    broken = await find_before_break(current.tables, indicator, wanted.areas)
    return [_describe_break(row) for row in broken]


def _find_missing_parts(
    current: Current, indicator: str, wanted: Wanted, rows: Sequence[Row]
) -> Iterator[Missing]:
    """Yield what else is asked and has no row: areas inside another one, kinds, some of several people."""
    held = {row["area_code"] for row in rows}
    named = {*wanted.named}
    if others := [area for area in wanted.areas if area not in held | named]:
        detail = f"{len(others)} of the areas inside have no row."
        ways = [_write_path(indicator)]
        yield Missing("not_held", detail, indicator, ways=ways)
    if wanted.by_kind and rows and all(row["kind"] == ALL_KINDS for row in rows):
        detail = "No kinds are held of these rows."
        ways = [_write_path(indicator, all=1)]
        yield Missing("not_held", detail, indicator, ways=ways)
    for area in sorted(held & named):
        for column, word in _find_missing_words(area, wanted, rows):
            place = current.catalogue.label("area", area)
            way = _write_path(indicator, area=area, all=1)
            detail = f"{place}: no row here is of {word} ({column})."
            yield Missing("not_held", detail, indicator, area, ways=[way])


def _find_missing_words(
    area: str, wanted: Wanted, rows: Sequence[Row]
) -> Iterator[tuple[str, str]]:
    """Yield the words that are asked of columns beside the kind, and that no row of an area has."""
    for column, asked in wanted.asked.items():
        held = {row[column] for row in rows if row["area_code"] == area}
        for word, words in asked.items():
            if column != "category" and held.isdisjoint(words):
                yield column, word


async def _find_missing_years(
    current: Current, indicator: str, wanted: Wanted, rows: Sequence[Row]
) -> list[Missing]:
    """Return the years that are asked and absent, for each area that is named and has a row of what is asked.

    The rows of other series that are for these years are the nearest.
    """
    asked = _list_years(wanted)
    lacking = find_lacking(wanted, rows)
    held = {
        (area, kind): {find_year(row) for row in rows if wanted.has(row, area, kind)}
        for area in wanted.named
        for kind in wanted.kinds
        if (area, kind) not in lacking
    }
    absent = {pair: sorted(asked - years) for pair, years in held.items()}
    if not any(absent.values()):
        return []
    others = await find_rows(current.tables, replace(wanted, is_all=True))
    found = []
    for (area, kind), years in absent.items():
        of_kind = [row for row in others if wanted.has(row, area, kind)]
        nearest = [
            (BEFORE_BREAK if row["stretch"] else OTHER_SERIES, row)
            for row in _choose_by_year(years, of_kind)
        ]
        lack = _Lack(indicator, area, kind, nearest)
        found += [_describe_years(current, lack, years, wanted)] if years else []
    return found


def _list_years(wanted: Wanted) -> set[int]:
    """Return the years of the spans that are asked and have a beginning."""
    return {
        year
        for first, last in wanted.years
        if first and last - first < MOST_YEARS
        for year in range(first, last + 1)
    }


def _choose_by_year(years: Sequence[int], rows: Iterable[Row]) -> list[Row]:
    """Return for each of some years the first row with a number, a total before parts."""
    held = [row for row in rows if row["value"] is not None and find_year(row) in years]
    by_year = dict[int | None, Row]()
    for row in sorted(held, key=is_part):
        by_year.setdefault(find_year(row), row)
    return [by_year[year] for year in years if year in by_year]


def _describe_years(
    current: Current, lack: _Lack, years: Sequence[int], wanted: Wanted
) -> Missing:
    place = current.catalogue.label("area", lack.area)
    place = place if lack.kind == ALL_KINDS else f"{place}, {lack.kind}"
    detail = f"{place}: no row is for {', '.join(map(str, years))}."
    way = _write_path(lack.indicator, area=lack.area, all=1)
    if lack.nearest:
        rows = [row for _, row in lack.nearest]
        said = ", ".join(_say_nearest(row, lack, wanted) for row in rows)
        detail = f"{detail} Counted otherwise: {said}."
        found = ",".join(str(find_year(row)) for row in rows)
        way = _write_path(lack.indicator, area=lack.area, year=found, all=1)
    return Missing(
        "other_time",
        detail,
        lack.indicator,
        lack.area,
        [show_nearest(why, row, current) for why, row in lack.nearest],
        [way],
    )


async def find_absent_of_areas(
    current: Current, areas: Iterable[str], rows: Sequence[Row]
) -> list[Missing]:
    """Return which questions to every force have no number in some areas."""
    catalogue = current.catalogue
    asked = {
        one["id"]: one
        for one in catalogue.of_kind("indicator").values()
        if one.get("force_question")
    }
    held = {(row["area_code"], row["indicator"]) for row in rows}
    lacking = [
        (area, indicator)
        for area in areas
        if catalogue.codelists["area"][area].get("request_name")
        for indicator in sorted(asked, key=lambda one: asked[one]["position"])
        if (area, indicator) not in held
    ]
    wanted = Wanted()
    places = {area for area, _ in lacking}
    near = await _find_nearest(current, [*asked], places, wanted)
    return [
        _describe(
            current, _find_lack(current, indicator, area, ALL_KINDS, near), wanted
        )
        for area, indicator in lacking
    ]


async def _find_nearest(
    current: Current,
    indicators: Collection[str],
    areas: Collection[str],
    wanted: Wanted,
) -> _Near:
    """Return the rows that may be nearest: of the indicators and those beside them, in the areas and around."""
    if not areas:
        return _Near({}, [])
    catalogue = current.catalogue
    around = {one for area in areas for one in (area, *find_around(area, catalogue))}
    beside = set(indicators)
    for indicator in indicators:
        record = catalogue.of_kind("indicator")[indicator]
        beside |= {*record.get("counted_otherwise", ())}
        beside |= {*record.get("not_to_confuse", ())}
    newest = await find_newest(
        current.tables, Wanted(indicators=sorted(beside), areas=sorted(around))
    )
    by_key = {(row["indicator"], row["area_code"]): row for row in reversed(newest)}
    wider = {one for kind in wanted.kinds for one in _find_wider(kind, catalogue)}
    if not wider:
        return _Near(by_key, [])
    of_kinds = Wanted(
        indicators=[*indicators],
        areas=[*areas],
        years=wanted.years,
        codes={"category": wider},
        is_latest=True,
    )
    return _Near(by_key, await find_rows(current.tables, of_kinds))


def _find_wider(kind: str, catalogue: Catalogue) -> list[str]:
    """Return the words of the kinds that include one, the narrowest first, but not of all kinds."""
    codes = catalogue.codelists["category"]
    return [
        str(codes[above]["label"]).lower()
        for code, record in codes.items()
        if str(record["label"]).lower() == kind
        for above in catalogue.find_above("category", code)
        if above not in OF_ALL_KINDS
    ]


def _find_lack(
    current: Current, indicator: str, area: str, kind: str, near: _Near
) -> _Lack:
    """Choose what is nearest: the area's own other kind or time, a wider area, other units, near in words."""
    record = current.catalogue.of_kind("indicator")[indicator]
    found = list[tuple[str, Row]]()
    wider = _find_wider(kind, current.catalogue)
    of_area = [row for row in near.wider if row["area_code"] == area]
    of_wider = [row for row in of_area if row["category"] in wider]
    own = [*of_wider, near.newest.get((indicator, area))]
    found += [(OWN, row) for row in own if row][:1]
    around = find_around(area, current.catalogue)
    wide = [near.newest.get((indicator, one)) for one in around]
    found += [(WIDER, row) for row in wide if row][:1]
    found += _find_otherwise(record, area, {kind, *wider}, near)
    return _Lack(indicator, area, kind, found[:MOST_NEAREST])


def _find_otherwise(
    record: Content, area: str, kinds: set[str], near: _Near
) -> Iterator[tuple[str, Row]]:
    """Yield what is counted otherwise in an area, of all kinds or those that are asked, and what is near in words."""
    for why, name in ((OTHERWISE, "counted_otherwise"), (NEAR, "not_to_confuse")):
        for indicator in record.get(name, ()):
            row = near.newest.get((indicator, area))
            if row and (ALL_KINDS in kinds or row["kind"] in {ALL_KINDS, *kinds}):
                yield why, row


def _find_differences(row: Row, lack: _Lack, wanted: Wanted) -> list[str]:
    """Return what a row is of and was not asked, beside its time: its place, its kind, its scope, its people."""
    kinds = wanted.kinds[lack.kind] or [ALL_KINDS]
    differs = [row["area"]] if row["area_code"] != lack.area else []
    if row["kind"] not in kinds and row["category"] not in kinds:
        differs.append("all kinds" if row["kind"] == ALL_KINDS else row["kind"])
    if row["scope"] != ALL_KINDS:
        differs.append(row["scope"])
    differs += [
        row[name]
        for name, words in wanted.codes.items()
        if name != "category" and row[name] not in words
    ]
    return differs


def _say_nearest(row: Row, lack: _Lack, wanted: Wanted) -> str:
    name = "" if row["indicator"] == lack.indicator else f"{row['name']}: "
    told = [*_find_differences(row, lack, wanted), row["time"]]
    return f"{name}{row['shown']} ({', '.join(told)})"


def _describe(current: Current, lack: _Lack, wanted: Wanted) -> Missing:
    catalogue, (indicator, area, kind, nearest) = current.catalogue, lack
    name = catalogue.label("indicator", indicator)
    name = name if kind == ALL_KINDS else f"{name}, {kind}"
    place = catalogue.label("area", area)
    reason, detail = "not_held", f"{name}: not held for {place}."
    if own := [row for why, row in nearest if why == OWN]:
        if not _find_differences(own[0], lack, wanted):
            reason = "other_time"
        said = _say_nearest(own[0], lack, wanted)
        detail = f"{name}, {place}: not held as asked. The nearest is {said}."
    if refused := find_reason(area, [indicator], catalogue):
        reason = "refused" if refused["kind"] == "refused" else reason
        detail = _add_title(detail, refused)
    shown = [show_nearest(why, row, current) for why, row in nearest]
    ways = [find_way(row) for _, row in nearest] or [_write_path(indicator)]
    ask = write_ask(current, catalogue.of_kind("indicator")[indicator], area)
    return Missing(reason, detail, indicator, area, shown, ways, ask)


def _add_title(detail: str, record: Content) -> str:
    """Return what is said with what a record says of it."""
    return f"{detail} {record.get('text') or record.get('title', '')}".strip()


def show_nearest(why: str, row: Row, current: Current) -> dict[str, Any]:
    shown = {name: write_value(row[name]) for name in DEFAULT_NAMES}
    shown["cite_as"] = current.view.cite_as(row["id"])
    return {"why": why, **shown}


def find_way(row: Row) -> str:
    """Return the address of a table that has a row, which may be of a kind that the default table leaves out."""
    opened = {} if row["default"] else {"by": "kind"}
    return _write_path(row["indicator"], area=row["area_code"], **opened)


def _write_path(indicator: str, **query: str | int) -> str:
    path = f"/v1/indicators/{indicator}"
    return f"{path}?{urlencode(query)}" if query else path


def write_ask(
    current: Current, record: Content, area: str
) -> dict[str, str | None] | None:
    """Return the request that would ask a force for it, ready to send."""
    name = current.catalogue.codelists["area"][area].get("request_name")
    if not name or not record.get("ask"):
        return None
    request = write_request(
        record.get("force_question")
        or current.catalogue.label("indicator", record["id"]),
        [record["ask"]],
        name_force(area, current.catalogue),
        name,
        current.release.day,
    )
    return {"text": request.title, "url": request.url}


def _describe_break(row: Row) -> Missing:
    return Missing(
        "before_a_break",
        f"{row['shown']} ({row['time']}, {row['publisher']}) is counted otherwise and left out.",
        row["indicator"],
        row["area_code"],
        [],
        [_write_path(row["indicator"], area=row["area_code"], all=1)],
    )


def _make_row(current: Current, lack: _Lack, wanted: Wanted, unit: str | None) -> Row:
    """Return the row of what is not held: with the year that is asked, if it is one. Its note has the nearest."""
    catalogue, years = current.catalogue, wanted.years
    note = "no document in this register gives it"
    if lack.nearest:
        why, row = lack.nearest[0]
        said = _say_nearest(row, lack, wanted)
        note = f"{note}; {why}: {said}"
        if why == OWN:
            note = f"not held as asked; the nearest is {said}"
    is_one_year = len(years) == 1 and years[0][0] == years[0][1]
    return dict.fromkeys(NAMES) | {
        "indicator": lack.indicator,
        "name": catalogue.label("indicator", lack.indicator),
        "area": catalogue.label("area", lack.area),
        "area_code": lack.area,
        "kind": lack.kind,
        "scope": "all",
        "year": years[0][0] if is_one_year else None,
        "time": NO_TIME,
        "unit": unit or NO_UNIT,
        "shown": NOT_HELD,
        "note": note,
        "latest": 0,
    }
