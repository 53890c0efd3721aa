"""Say what is asked for and not held: as a row, and with the nearest that is held and the way on."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from misconduct.api.current import Current
from misconduct.api.gaps import find_reason
from misconduct.api.tables import NO_TIME, NOT_HELD, Missing
from misconduct.model.catalogue import Content
from misconduct.model.figure import Row
from misconduct.model.places import find_around, name_force
from misconduct.model.points import DEFAULT_NAMES, NAMES, write_value
from misconduct.model.requests import write_request
from misconduct.model.side_by_side import OF_ALL_KINDS
from misconduct.queries.points import (
    Wanted,
    find_before_break,
    find_newest,
    find_rows,
    find_unit,
)

MOST_NEAREST = 3
MOST_YEARS = 40  # of a span that is asked, of which absent ones are named
NO_UNIT = "not stated"
WIDER, OTHERWISE, NEAR = (
    "a wider area",
    "the same matter, counted otherwise",
    "near in words, not the same thing",
)


async def find_absent(
    current: Current, indicator: str, wanted: Wanted, rows: Sequence[Row]
) -> tuple[list[Row], list[Missing]]:
    """Return a row for each area that is named and has none, and all that is missing."""
    held = {row["area_code"] for row in rows}
    lacking = [area for area in wanted.areas if area not in held]
    named = [area for area in lacking if area in wanted.named]
    found = await _find_nearest(current, [indicator], named, wanted)
    missing = [_describe(current, indicator, area, found) for area in named]
    if others := [area for area in lacking if area not in wanted.named]:
        detail = f"{len(others)} of the areas inside have no row."
        missing.append(Missing("not_held", detail, indicator))
    if not (wanted.is_all or wanted.is_latest):
        missing += _find_missing_years(current, indicator, wanted, rows)
    if wanted.by_kind and rows and all(row["kind"] == "all" for row in rows):
        detail = "No kinds are held of these rows."
        missing.append(Missing("not_held", detail, indicator))
    is_plain = not (wanted.is_all or wanted.is_latest or wanted.years)
    if is_plain and wanted.areas:
        broken = await find_before_break(current.tables, indicator, wanted.areas)
        missing += [_describe_break(row) for row in broken]
    unit = await find_unit(current.tables, indicator) if named else None
    absent = [
        _make_row(current, indicator, area, wanted, found, unit) for area in named
    ]
    return absent, missing


def _find_missing_years(
    current: Current, indicator: str, wanted: Wanted, rows: Sequence[Row]
) -> Iterator[Missing]:
    """Yield the years that are asked and absent, for each area that is named and has a row."""
    asked = {
        year
        for first, last in wanted.years
        if first and last - first < MOST_YEARS
        for year in range(first, last + 1)
    }
    for area in wanted.named:
        held = {
            row["year"] or (row["period_start"] and row["period_start"].year)
            for row in rows
            if row["area_code"] == area
        }
        absent = sorted(asked - held) if held else []
        if absent:
            place = current.catalogue.label("area", area)
            years = ", ".join(map(str, absent))
            way = f"/v1/indicators/{indicator}?{urlencode({'area': area, 'all': 1})}"
            yield Missing(
                "other_time",
                f"{place}: no row is for {years}.",
                indicator,
                area,
                ways=[way],
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
    near = await _find_nearest(
        current, [*asked], {area for area, _ in lacking}, Wanted()
    )
    return [_describe(current, indicator, area, near) for area, indicator in lacking]


async def _find_nearest(
    current: Current,
    indicators: Collection[str],
    areas: Collection[str],
    wanted: Wanted,
) -> list[Row]:
    """Return the newest rows that may be nearest: of the indicators and those beside them, in the areas and around.

    If kinds are asked, those of wider kinds come first.
    """
    if not areas:
        return []
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
    if not (wider := _find_wider_kinds(current, wanted)):
        return newest
    of_kinds = Wanted(
        indicators=[*indicators],
        areas=[*areas],
        years=wanted.years,
        codes={"category": wider},
        is_latest=True,
    )
    return [*await find_rows(current.tables, of_kinds), *newest]


def _find_wider_kinds(current: Current, wanted: Wanted) -> list[str]:
    """Return the words of the kinds that include those that are asked, but not of all kinds."""
    asked = {*wanted.codes.get("category", ())}
    codes = current.catalogue.codelists["category"]
    above = {
        code
        for one, record in codes.items()
        if str(record["label"]).lower() in asked
        for code in current.catalogue.find_above("category", one)
    }
    above -= {*OF_ALL_KINDS}
    return sorted(str(codes[code]["label"]).lower() for code in above)


def _choose_nearest(
    current: Current, indicator: str, area: str, rows: Sequence[Row]
) -> list[tuple[str, Row]]:
    """Return what is nearest, each with why: the area's own other time, a wider area, other units, near in words."""
    record = current.catalogue.of_kind("indicator")[indicator]
    by_key = {(row["indicator"], row["area_code"]): row for row in reversed(rows)}
    found = list[tuple[str, Row]]()
    if own := by_key.get((indicator, area)):
        found.append(("another time or kind", own))
    around = find_around(area, current.catalogue)
    wider = [by_key[indicator, one] for one in around if (indicator, one) in by_key]
    found += [(WIDER, row) for row in wider[:1]]
    for why, name in ((OTHERWISE, "counted_otherwise"), (NEAR, "not_to_confuse")):
        others = [by_key.get((one, area)) for one in record.get(name, ())]
        found += [(why, row) for row in others if row]
    return found[:MOST_NEAREST]


def _describe(
    current: Current, indicator: str, area: str, rows: Sequence[Row]
) -> Missing:
    catalogue = current.catalogue
    record = catalogue.of_kind("indicator")[indicator]
    name, place = catalogue.label("indicator", indicator), catalogue.label("area", area)
    nearest = _choose_nearest(current, indicator, area, rows)
    reason, detail = "not_held", f"{name}: not held for {place}."
    if nearest and nearest[0][1]["indicator"] == indicator:
        own = nearest[0][1]
        if own["area_code"] == area:
            reason = "other_time"
            detail = f"{name}, {place}: not held as asked. The nearest is {own['shown']} ({own['time']})."
    if refused := find_reason(area, [indicator], catalogue):
        reason = "refused" if refused["kind"] == "refused" else reason
        detail = f"{detail} {refused.get('text') or refused.get('title', '')}".strip()
    return Missing(
        reason,
        detail,
        indicator,
        area,
        [_show_nearest(why, row, current) for why, row in nearest],
        [_write_address(row) for _, row in nearest],
        _write_ask(current, record, area),
    )


def _show_nearest(why: str, row: Row, current: Current) -> dict[str, Any]:
    shown = {name: write_value(row[name]) for name in DEFAULT_NAMES}
    shown["cite_as"] = f"{current.view.base_url}{row['cite_as']}"
    return {"why": why, **shown}


def _write_address(row: Row) -> str:
    return f"/v1/indicators/{row['indicator']}?{urlencode({'area': row['area_code']})}"


def _write_ask(
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
        [f"{_write_address(row)}&all=1"],
    )


def _make_row(
    current: Current,
    indicator: str,
    area: str,
    wanted: Wanted,
    rows: Sequence[Row],
    unit: str | None,
) -> Row:
    """Return the row of what is not held: with the kind and the year that are asked, if these are one each."""
    catalogue = current.catalogue
    nearest = _choose_nearest(current, indicator, area, rows)
    note = "no document in this register gives it"
    own = nearest[0][1] if nearest else None
    if own and (own["area_code"], own["indicator"]) == (area, indicator):
        note = f"not held as asked; the nearest is {own['shown']} ({own['time']})"
    years, kinds = wanted.years, [*wanted.codes.get("category", ())]
    is_one_year = len(years) == 1 and years[0][0] == years[0][1]
    return dict.fromkeys(NAMES) | {
        "indicator": indicator,
        "name": catalogue.label("indicator", indicator),
        "area": catalogue.label("area", area),
        "area_code": area,
        "kind": kinds[0] if kinds else "all",
        "scope": "all",
        "year": years[0][0] if is_one_year else None,
        "time": NO_TIME,
        "unit": unit or NO_UNIT,
        "shown": NOT_HELD,
        "note": note,
        "latest": 0,
    }
