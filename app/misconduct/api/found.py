"""Find the figures that a request asks for, the warnings about them, why there are none, and their picture."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response

from misconduct.api.answers import PICTURE_POLICY, link
from misconduct.api.current import Current
from misconduct.api.faults import find_checked
from misconduct.api.parameters import Drawn, FigureList, OneIndicator
from misconduct.api.problems import NotFound
from misconduct.charts.draw import draw
from misconduct.charts.subject import Chart, Wish
from misconduct.formats import PICTURES
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import NAMED_BY_COLUMNS, TABLE_COLUMNS, Row, needed_columns
from misconduct.model.plain_words import NEGATIONS, straighten
from misconduct.model.series import USED_COLUMNS
from misconduct.model.shapes import Warned
from misconduct.model.side_by_side import says_less
from misconduct.model.vocabulary import suggest
from misconduct.model.warnings import (
    Facts,
    Missing,
    caveats_last,
    say_number,
    warn,
    warn_of,
)
from misconduct.model.wording import capitalise
from misconduct.queries.figures import (
    Page,
    find_order,
    find_page,
    find_pages,
)
from misconduct.queries.filters import (
    FILTERS,
    Conditions,
    Filters,
    read_filters,
)
from misconduct.queries.points import find_rows_of
from misconduct.queries.question import Question, Term, find_signs

COLUMNS = needed_columns(
    (
        *USED_COLUMNS,
        *NAMED_BY_COLUMNS,
        *(
            "period_printed",
            "hedge",
            "value_low",
            "value_high",
            "value_absent",
            "mark",
            "origin",
            "caveats",
        ),
        *("within", "recency", "place", "repeats", "disagreements"),
    )
)
MAX_FIGURES = 20_000  # of a picture
ALL = Page()
BY_NUMBER = ("value", "qualifier", "coverage")
"""Filters that may leave out other times of the same series."""

DRAWING = CapacityLimiter(1)
"""Pictures are drawn one after the other: threads beside each other are no faster, and delay all other answers."""


class Selection(NamedTuple):
    current: Current
    dataset: str | None
    conditions: Conditions

    @classmethod
    def of(
        cls, filters: Filters, current: Current, dataset: str | None = None
    ) -> "Selection":
        return cls(
            current,
            dataset,
            read_filters(filters, dataset, current.catalogue),
        )

    @property
    def title(self) -> str:
        return (
            self.current.catalogue.of_kind("dataset")[self.dataset]["title"]
            if self.dataset
            else "Figures"
        )

    async def facts(self) -> Facts:
        return await self.current.facts(self.conditions)

    async def figures(self, page: Page) -> list[Row]:
        return await find_page(
            self.current.tables, self.conditions, TABLE_COLUMNS, page
        )

    async def is_superseded(self) -> bool:
        conditions = self.conditions
        return await self.current.has_revised(conditions.where(), conditions.values)


async def select(request: Request, query: FigureList, dataset: str | None) -> Selection:
    """Return which figures a page asks for. Raises Problem if it names what the release does not have."""
    current = await find_checked(request, query)
    if dataset and dataset not in (known := current.catalogue.of_kind("dataset")):
        near = suggest(dataset, known)
        hint = f"Did you mean {near}?" if near else "/datasets lists them."
        raise NotFound(f"There is no dataset {dataset[:40]!r}. {hint}", near)
    return Selection.of(query, current, dataset)


async def find_warnings(selection: Selection, facts: Facts) -> list[Warned]:
    if await selection.is_superseded():
        facts = replace(facts, warned_of=facts.warned_of | {"superseded"})
    catalogue = selection.current.catalogue
    nothing = _warn_of_nothing(selection.conditions, facts, catalogue)
    unread = warn_of(["signs_not_read"]) if _find_signs(selection.conditions) else []
    return caveats_last([*warn(facts, catalogue), *unread, *filter(None, [nothing])])


def _find_signs(conditions: Conditions) -> list[str]:
    """Return the signs in a search that it does not read; the & in the name of a place is none."""
    has_place = bool(conditions.question and conditions.question.codes("area"))
    return [
        one
        for one in find_signs(conditions.values.get("q", ""))
        if not (one == "&" and has_place)
    ]


def _warn_of_nothing(
    conditions: Conditions, facts: Facts, catalogue: Catalogue
) -> Warned | None:
    """Return the warning that values, or all conditions together, find nothing."""
    empty: Mapping[str, Any] = facts.missing.values if facts.total else conditions.asked
    named = [
        f"{name} {', '.join(_name(name, value, catalogue) for value in values)}"
        for name, values in empty.items()
    ]
    begin = "Nothing was found for"
    if not facts.total:
        named = [*_name_others(conditions), *named]
        begin = (
            f"No document here has figures with{' all of this:' if named[1:] else ''}"
        )
    if not named:
        return None
    hints = _count(facts.missing, catalogue)
    if not facts.total and NEGATIONS & {
        *straighten(conditions.values.get("q", "")).casefold().split()
    }:
        hints.append(
            "A negation finds only what a document says with it, such as “not proven”."
        )
    return Warned(
        code="found_nothing", detail=" ".join([f"{begin} {'; '.join(named)}.", *hints])
    )


def _name_others(conditions: Conditions) -> list[str]:
    values, question = conditions.values, conditions.question
    typed = "number" if question and question.number and not question.terms else "words"
    words = {
        "q": f"the {typed} “{values.get('q')}”",
        "dataset": f"dataset {values.get('dataset')}",
    }
    words |= {
        name: f"{name} {values[name].year}"
        for name in ("year_from", "year_to")
        if name in values
    }
    return [text for name, text in words.items() if name in values]


def _name(name: str, value: Any, catalogue: Catalogue) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    known = catalogue.codelists.get(FILTERS[name].names or "", {})
    return f"{value} ({known[value]['label']})" if value in known else str(value)


def _count(missing: Missing, catalogue: Catalogue) -> list[str]:
    """Return what would be found without a filter: in which datasets, or of which other indicators or places most."""
    said, of = (
        list[str](),
        {"dataset": "in ", "indicator": "most of ", "area": "most of "},
    )
    for name, (figures, codes) in missing.without.items():
        some = (
            codes
            if name == "dataset"
            else [_name(name, one, catalogue) for one in codes]
        )
        named = f" ({of[name]}{', '.join(some)})" if name in of else ""
        left_out = "the search" if name == "q" else name
        said.append(f"without {left_out}: {say_number(figures)}{named}")
    said += [
        f"with {year}: {say_number(figures)}"
        for year, figures in missing.near_years.items()
    ]
    return [f"{capitalise('; '.join(said))}."] if said else []


async def find_chart(
    request: Request, query: FigureList, selection: Selection
) -> Chart:
    """Return the chart of a list of figures. Raises NotFound."""
    page = Page(query.sort, query.limit, query.offset)
    chart = begin_chart(request, selection, query)
    return await fill_chart(chart, selection, page, query.id)


def begin_chart(
    request: Request, selection: Selection, filters: FigureList | OneIndicator
) -> Chart:
    """Return a chart without figures: what a request asks for."""
    current, question = selection.current, selection.conditions.question
    named = question.indicators if question else ()
    disagreements = [
        current.catalogue.of_kind("disagreement")[one]["title"]
        for one in filters.disagreement
    ]
    return Chart(
        current.view,
        address=link(
            request,
            suffix="",
            without=["size", "theme"],
            release=current.release.number,
        ),
        rows=(),
        wish=Wish(filters.area, filters.category, filters.indicator or named),
        years=filters.year,
        heading=disagreements[0] if len(disagreements) == 1 else "",
        is_newest=current.is_newest,
        is_ranked=getattr(filters, "sort", None) in ("value", "-value"),
        is_chosen=bool(filters.id or filters.disagreement),
        is_cut=any(getattr(filters, name, None) for name in ("limit", *BY_NUMBER)),
    )


async def fill_chart(
    chart: Chart, selection: Selection, page: Page = ALL, ids: Sequence[str] = ()
) -> Chart:
    """Return a chart with the figures that a request finds, in the order of `ids`. Raises NotFound."""
    drawn = page._replace(limit=min(page.limit or MAX_FIGURES, MAX_FIGURES))
    pages = find_pages(selection.current.tables, selection.conditions, COLUMNS, drawn)
    rows = [row async for some in pages for row in some]
    if not rows:
        facts, catalogue = await selection.facts(), selection.current.catalogue
        nothing = _warn_of_nothing(selection.conditions, facts, catalogue)
        raise NotFound(
            f"There is nothing to draw. {nothing['detail'] if nothing else 'No figure was found.'}"
        )
    have = "This figure has" if len(rows) == 1 else "Some of these figures have"
    revised = f"{have} been revised or withdrawn since release {selection.current.release.number}."
    table = await find_rows_of(selection.current.tables, [row["id"] for row in rows])
    is_superseded = await selection.is_superseded()
    chart = replace(chart, table=table, revised=revised if is_superseded else None)
    if chart.has_all:
        return replace(
            chart,
            rows=sorted(rows, key=lambda row: ids.index(row["id"])) if ids else rows,
        )
    return await _put_first_first(replace(chart, rows=rows), selection)


async def _put_first_first(chart: Chart, selection: Selection) -> Chart:
    """Return a chart with its figures in the order of what comes first; the places of a search are asked for, too.

    In a dataset, what is listed under it comes before what is in it, too, if it has a new number of all that it counts
    and nobody asks for an indicator.
    """
    current, question = selection.current, selection.conditions.question or Question()
    named, held = (
        [*dict.fromkeys(question.codes("area"))],
        {row["area"] for row in chart.rows},
    )
    named = [area for area in named if area in held] or named
    wish = replace(chart.wish, areas=chart.wish.areas or named)
    codes = {
        "area": [*wish.areas],
        **({"category": [*wish.categories]} if wish.categories else {}),
    }
    asked = Term("words", "", codes=codes, is_name=True)
    question = replace(
        question.keep([*question.terms, asked]), indicators=[*wish.indicators]
    )
    ids = [row["id"] for row in chart.rows]
    order = await find_order(current.tables, ids, question, current.catalogue)
    indicators = current.catalogue.of_kind("indicator").values()
    listed = {
        one["id"]
        for one in indicators
        if one["topic"] == selection.dataset and not wish.indicators
    }
    rows = sorted(chart.rows, key=lambda row: order[row["id"]])
    first = next((row for row in rows if row["indicator"] in listed), None)
    if first and not says_less(first, current.catalogue, current.release.day):
        rows.sort(key=lambda row: row["indicator"] not in listed)
    return replace(chart, wish=wish, rows=rows)


async def send_picture(
    request: Request,
    chart: Chart,
    query: Drawn,
    suffix: str,
    headers: Mapping[str, str],
) -> Response:
    is_png = suffix == "png"
    theme = "light" if is_png and query.theme == "auto" else query.theme
    picture = await to_thread.run_sync(draw, chart, query.size, theme, limiter=DRAWING)
    body = await request.state.png.draw(picture) if is_png else picture.svg.encode()
    return Response(
        body,
        headers={**headers, "Content-Security-Policy": PICTURE_POLICY},
        media_type=PICTURES[suffix],
    )
