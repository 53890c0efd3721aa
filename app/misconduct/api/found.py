"""Find the figures that a request asks for, the warnings about them, why there are none, and their picture."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from anyio import to_thread
from fastapi import Request, Response

from misconduct.api.answers import Remarks, link
from misconduct.api.current import Current
from misconduct.api.faults import find_checked, find_path
from misconduct.api.parameters import ByYear, Drawn, FigureList, Figures
from misconduct.api.problems import NotAcceptable, NotFound
from misconduct.api.see_also import see_also
from misconduct.charts.choose import MAX_ALIKE, Chart
from misconduct.charts.draw import draw
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import TABLE_COLUMNS, Row, needed_columns
from misconduct.model.plain_words import NEGATIONS, straighten
from misconduct.model.search_texts import READ_AS
from misconduct.model.series import USED_COLUMNS, Series, find_years
from misconduct.model.shapes import Warned
from misconduct.model.warnings import Facts, Missing, caveats_last, warn, warn_of
from misconduct.model.wording import UNKNOWN, capitalise, join, lower, published, publisher
from misconduct.queries.figures import Page, count, count_by_year, find_page
from misconduct.queries.filters import FILTERS, Conditions, Filters, read_filters
from misconduct.queries.look_up import find_shorter
from misconduct.queries.question import read_question
from misconduct.queries.search import MEANT, find_signs
from misconduct.queries.series import choose_years, find_pages
from misconduct.queries.warnings import has_revised

LISTS = ("caveats", "datasets", "disagreements")
COLUMNS = needed_columns(
    (
        *USED_COLUMNS,
        "period",
        "period_printed",
        "hedge",
        "value_low",
        "value_high",
        "within",
        "shown",
        *LISTS,
    )
)
MAX_FIGURES, MAX_FOUND, MAX_TOPICS = 2_000, 100, 3  # of a picture; of a search the best are enough
ALL = Page()
NARROWING = (
    *("measure", "category", "population", "counting_unit", "statistic", "unit", "stated_by"),
    *("vetting_check", "vetting_result", "stock_or_flow"),
)
"""The filters by code that the title of an index names, in this order."""
GENERAL = (*UNKNOWN, "any", "recorded", "occurred")  # codes that narrow by nothing that can be said in few words
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Selection(NamedTuple):
    current: Current
    dataset: str | None
    conditions: Conditions

    @classmethod
    def of(cls, filters: Filters, current: Current, dataset: str | None = None) -> "Selection":
        return cls(current, dataset, read_filters(filters, current.release.ordinal, dataset, current.catalogue))

    @property
    def title(self) -> str:
        return self.current.catalogue.of_kind("dataset")[self.dataset]["title"] if self.dataset else "Figures"

    async def facts(self) -> Facts:
        return await self.current.releases.facts(self.conditions)

    async def figures(self, page: Page) -> list[Row]:
        return await find_page(self.current.database, self.conditions, TABLE_COLUMNS, page)

    async def is_superseded(self) -> bool:
        current = self.current
        return not current.is_newest and await has_revised(
            current.database, self.conditions, current.releases.find().ordinal
        )


async def select(request: Request, query: Figures, dataset: str | None) -> Selection:
    """Return which figures a request asks for. Raises Problem if it names what the release does not have."""
    current = await find_checked(request, query)
    if dataset is not None and dataset not in (known := current.catalogue.of_kind("dataset")):
        if "." in dataset:
            raise NotAcceptable(
                f"Available as json, {', '.join((*FORMATS, *PICTURES))}. Put one of them at the end of the address."
            )
        near = find_path(f"/v1/{dataset}", current.catalogue)
        bare = (near or "").removeprefix("/v1/")
        title = f" ({known[bare]['title']})" if bare in known else ""
        hint = f"Did you mean {near}{title}?" if near else "/v1/datasets lists them."
        detail = f"There is no dataset {dataset[:40]!r} in release {current.release.number}. {hint}"
        raise NotFound(detail, bare if bare in (*known, "observations") else near)
    return Selection.of(query, current, dataset)


async def find_warnings(selection: Selection, facts: Facts) -> list[Warned]:
    if await selection.is_superseded():
        facts = replace(facts, warned_of=facts.warned_of | {"superseded"})
    catalogue = selection.current.catalogue
    nothing = warn_of_nothing(selection.conditions, facts, catalogue)
    if nothing and "q" in selection.conditions.values:
        shorter = await find_shorter(
            selection.current.database, selection.conditions, catalogue, selection.current.release.day
        )
        nothing["detail"] += f" Try q={shorter[0]}, which finds {shorter[1]:,}." if shorter else ""
    unread = warn_of(["signs_not_read"]) if _find_signs(selection.conditions) else []
    warnings = [*warn(facts, catalogue), *unread, *filter(None, [nothing])]
    for one in warnings:
        if one["code"] == "read_as_code":
            one["detail"] += _name_read(selection.conditions.values["q"], catalogue)
    return caveats_last(warnings)


def _find_signs(conditions: Conditions) -> list[str]:
    """Return the signs in a search that it does not read; the & in the name of a place is none."""
    signs = find_signs(conditions.values.get("q", ""), has_quotes=True)
    return [one for one in signs if not (one == "&" and f"{MEANT}area" in conditions.values)]


def _name_read(text: str, catalogue: Catalogue) -> str:
    """Return which words of a search stand for which codes: “sacked” for “Dismissed”."""
    read = list[str]()
    for term in read_question(text, catalogue).terms:
        codes = [(name, one) for name in READ_AS for one in (*term.codes.get(name, ()), *term.wider.get(name, ()))]
        if codes:
            read.append(f"“{term.words}” for {join([f'“{catalogue.label(*one)}”' for one in codes])}")
    return f" Read so: {join(read)}." if read else ""


async def find_remarks(selection: Selection, facts: Facts) -> Remarks:
    warnings = await find_warnings(selection, facts)
    return Remarks(warnings, await see_also(selection.current, selection.conditions, facts))


def warn_of_nothing(conditions: Conditions, facts: Facts, catalogue: Catalogue) -> Warned | None:
    """Return the warning that values, or all conditions together, find nothing."""
    empty: Mapping[str, Any] = facts.missing.values if facts.total else conditions.asked
    named = [f"{name} {', '.join(_name(name, value, catalogue) for value in values)}" for name, values in empty.items()]
    begin = "Nothing was found for"
    if not facts.total:
        named = [*_name_others(conditions.values), *named]
        begin = f"No document here has figures with{' all of this:' if named[1:] else ''}"
    if not named:
        return None
    hints = [*_count(facts.missing), *_instead(empty, catalogue)]
    if not facts.total and NEGATIONS & {*straighten(conditions.values.get("q", "")).casefold().split()}:
        hints.append("A negation finds only what a document says with it, such as “not proven”.")
    return Warned(code="found_nothing", detail=" ".join([f"{begin} {'; '.join(named)}.", *hints]))


def _name_others(values: Mapping[str, Any]) -> list[str]:
    typed = "words" if values.get("q_rest", "words") else "number"
    words = {"q": f"the {typed} “{values.get('q')}”", "dataset": f"dataset {values.get('dataset')}"}
    words |= {name: f"{name} {values[name].year}" for name in ("year_from", "year_to") if name in values}
    return [text for name, text in words.items() if name in values]


def _name(name: str, value: Any, catalogue: Catalogue) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    known = catalogue.codelists.get(FILTERS[name].names or "", {})
    return f"{value} ({known[value]['label']})" if value in known else str(value)


def _count(missing: Missing) -> list[str]:
    said = [
        f"without {'the search' if name == 'q' else name}: {number:,}"
        + (f" (in {', '.join(datasets)})" if name == "dataset" else "")
        for name, (number, datasets) in missing.without.items()
    ]
    said += [f"with {year}: {number:,}" for year, number in missing.near_years.items()]
    return [f"{capitalise('; '.join(said))}."] if said else []


def _instead(empty: Mapping[str, Any], catalogue: Catalogue) -> list[str]:
    """Name filters and codes that are called the same as a value: stated_by=bbc for publisher=BBC."""
    values = [(name, value) for name in ("publisher", "stated_by") for value in empty.get(name, ())]
    named = [(one, other) for one in values for other in catalogue.vocabulary.find_called(one[1])]
    others = [f"{name}={code}" for one, (name, code) in named if name in FILTERS and (name, code) != one]
    return [f"Try {' or '.join(others)}."] if others else []


async def find_chart(request: Request, query: FigureList | ByYear, selection: Selection) -> Chart:
    """Return the chart of a list, or of a by-year table. Raises NotFound."""
    if isinstance(query, ByYear):
        return await find_by_year_chart(request, query, selection)
    chart, page = begin_chart(request, selection, query), Page(query.sort, query.limit, query.offset)
    return await fill_chart(chart, selection, query, page)


async def find_by_year_chart(request: Request, query: Figures, selection: Selection) -> Chart:
    """Return the chart of a by-year table, which has only figures of series. Raises NotFound."""
    has_days = isinstance(query, ByYear) and query.days == "1"
    kinds = "series IS NOT NULL" + ("" if has_days else " AND coverage <> 'point'")
    chart, found = begin_chart(request, selection, query), selection.conditions
    conditions = replace(found, sql=found.sql | {"series": kinds}, of_years=True)
    chart = await fill_chart(chart, selection._replace(conditions=conditions), query)
    every, of_years = [await count(selection.current.database, one) for one in (found, conditions)]
    return replace(chart, undated=every - of_years)


def begin_chart(request: Request, selection: Selection, filters: Filters) -> Chart:
    current, dataset, _ = selection
    catalogue, number = current.catalogue, current.release.number
    sources = [catalogue.of_kind("source")[one] for one in filters.source]
    codes = {name: getattr(filters, name) for name in ("measure", "category")}
    topics = [
        *([selection.title] if dataset else []),
        *(catalogue.of_kind("disagreement")[one]["title"] for one in filters.disagreement),
        *(f"Figures from {publisher(source)}, {published(source)}" for source in sources),
        *(catalogue.label(name, one[0]) for name, one in codes.items() if len(one) == 1 and one[0] not in GENERAL),
    ]
    return Chart(
        current.view,
        address=link(request, suffix="", without=["as_of", "form", "size", "theme"], release=number),
        rows=(),
        topics=topics[:MAX_TOPICS],
        search=_name_search(filters, catalogue),
        choice=_name_choice(filters, catalogue),
        narrowed=_name_narrowed(filters, catalogue),
        asked=filters.area,
        day=current.release.day.isoformat(),
        form=getattr(filters, "form", None),
        is_newest=current.is_newest,
        is_ranked=getattr(filters, "sort", None) in ("value", "-value"),
    )


def _name_search(filters: Filters, catalogue: Catalogue) -> str:
    """Return which codes a search was read as, never its words: “Suspended”."""
    terms = read_question(filters.q or "", catalogue).terms
    found = [catalogue.label(name, one) for term in terms for name, some in term.codes.items() for one in some]
    return f"a search for {join(f'“{one}”' for one in dict.fromkeys(found))}" if found else "a search" if terms else ""


def _name_choice(filters: Filters, catalogue: Catalogue) -> str:
    """Return which numbers a request chooses, and so which it leaves out: only numbers that are 5."""
    named = [f"that are {join(f'{value:,f}' for value in filters.value)}"] if filters.value else []
    codes = [(name, code) for name in ("qualifier", "coverage") for code in getattr(filters, name)]
    named += [f"marked {join(f'“{lower(catalogue.label(*one))}”' for one in codes)}"] if codes else []
    return f"only numbers {' and '.join(named)}" if named else ""


def _name_narrowed(filters: Filters, catalogue: Catalogue) -> list[str]:
    """Return what a request asks for beside places and numbers, filter by filter: suspended or on restricted duties."""
    sources = [publisher(catalogue.of_kind("source")[one]) for one in filters.source]
    asked = [[*dict.fromkeys((*sources, *filters.publisher))]]
    asked += [
        [lower(catalogue.label(FILTERS[name].names or "", one)) for one in getattr(filters, name) if one not in GENERAL]
        for name in NARROWING
    ]
    return [*filter(None, (" or ".join(one) for one in asked))]


async def fill_chart(chart: Chart, selection: Selection, filters: Filters, page: Page = ALL) -> Chart:
    """Return a chart with the figures that a request finds. Raises NotFound."""
    current, _, conditions = selection
    database, most = current.database, min(page.limit or MAX_FIGURES, MAX_FOUND if filters.q else MAX_FIGURES)
    rows = await find_page(database, conditions, COLUMNS, page._replace(limit=most))
    if not rows:
        raise NotFound("No figure was found, so there is nothing to draw. Choose other filters.")
    total = await count(database, conditions) if len(rows) == most else len(rows)
    named = {row["area"] for row in rows}.intersection(filters.area)
    parts = current.catalogue.find_all("area", named) - named
    if parts.intersection(row["area"] for row in rows):  # not the forces inside a country that is named
        rows = [row for row in rows if row["area"] not in parts]
        total = len(rows)
    series = await _find_series(selection, rows)
    is_broad = len(rows) > MAX_ALIKE and not chart.title
    counted = await count_by_year(database, conditions) if is_broad else {}
    have = "This figure has" if len(rows) == 1 else "Some of these figures have"
    revised = f"{have} been revised or withdrawn since release {current.release.number}."
    return replace(
        chart,
        rows=sorted(rows, key=lambda row: filters.id.index(row["id"])) if filters.id else rows,
        series=series,
        years=choose_years(filters, find_years([span for each in series for span in each.spans()])),
        total=total,
        held=_hold(counted, current.catalogue),
        sources=sorted({source for _, _, source in counted}),
        dataset=conditions.values.get("dataset"),
        revised=revised if await selection.is_superseded() else None,
        is_ordered=bool(filters.id),
    )


def _hold(counted: Mapping[tuple[str, str, str], int], catalogue: Catalogue) -> dict[tuple[str, str], int]:
    """Return figures by place and year; those of too many places by the widest area that includes each."""
    inside, areas, found = catalogue.findable("area"), {area for area, *_ in counted}, Counter[tuple[str, str]]()
    wholes = sorted(inside, key=lambda one: -len(inside[one])) if len(areas) > MAX_ALIKE else []
    over = {area: next((one for one in wholes if area in inside[one]), area) for area in areas}
    for (area, year, _), number in counted.items():
        found[over[area], year] += number
    return dict(found)


async def _find_series(selection: Selection, rows: Iterable[Row]) -> list[Series]:
    """Return the series of which figures of several years are found."""
    current, _, conditions = selection
    found = Counter(row["series"] for row in rows if row["series"] and row["year"])
    ids = [series for series, figures in found.items() if figures > 1]
    pages = find_pages(current.database, conditions, ids, current.catalogue, COLUMNS) if ids else None
    return [series async for page in pages for series in page] if pages else []


async def send_picture(
    request: Request, chart: Chart, query: Drawn, suffix: str, headers: Mapping[str, str]
) -> Response:
    is_png = suffix == "png"
    theme = "light" if is_png and query.theme == "auto" else query.theme
    picture = await to_thread.run_sync(draw, chart, query.size, theme)  # of many places, it takes a second
    body = await request.state.png.draw(picture) if is_png else picture.svg.encode()
    return Response(body, headers={**headers, "Content-Security-Policy": POLICY}, media_type=PICTURES[suffix])
