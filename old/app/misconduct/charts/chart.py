"""What a chart is: some figures with the words around them, arranged so that each form can be drawn from the rows.

A row is a dict with the columns of FIGURE_COLUMNS, named as in every table, and with what the picture says of it:

- `axis`: the heading of its scale, where figures may not share one; `group`: the heading that it stands under
- `label`, `detail`: what it is, and who stated it where and when; `shown`: the figure as the picture writes it
- `mark`: how firmly it is stated: `solid`, `hollow`, `band` (bounds are known) or `words`
- `joined_to`: the id of the figure in the chart whose claim it prints again in the same words, so that it has no mark
- `until`: the last month, where it is of a part of a year (`to May`, or `part` if that is not known)
- `panel`, `series`, `gap` (by year): the heading of its series, its id, and why there is no figure; the figure of a
  whole window has no `year`
- `whole` (parts and steps): the id of the figure in the chart of which it is a part
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple, NoReturn

from misconduct.charts.text import SEPARATOR, clean, unbroken
from misconduct.errors import Fault, NoSuchChart
from misconduct.model.catalogue import NOTHING_SAID, Catalogue, in_order
from misconduct.model.codes import FIRM, UNSTATED, WHOLES
from misconduct.model.comparison import DIFFERENT, compare
from misconduct.model.figure import ATTRIBUTION, project
from misconduct.model.kinds import BY_YEAR, CLASSIFIED_BY
from misconduct.model.observation import Observation
from misconduct.model.period import (
    PeriodType,
    Year,
    days_of,
    unlike_years,
    write_dates,
    years_of,
)
from misconduct.model.phrases import (
    NAMED,
    NOTHING_NAMED,
    PARTICIPLE,
    as_printed,
    counted_from,
    inside,
    name_figure,
    of_part,
    part_until,
    publisher,
    say_duration,
    write_date,
)
from misconduct.model.series import (
    FILTERED_OUT,
    NOT_COUNTED,
    OUTSIDE_WINDOW,
    WITHHELD,
    AllLeftOut,
    Series,
    gather_all,
)

FORMS = {
    "dots": "a dot or a band for each figure",
    "bars": "a bar for each figure",
    "columns": "a column for each year, and a panel for each series",
    "divided": "one bar, divided into the parts of a whole",
    "steps": "bars that lead from a whole to its parts",
    "grid": "a cell for each series and year: published, refused or not published",
    "timeline": "who stated which figure when",
    "number": "one figure, large",
    "numbers": "a few figures, each large with what it counts, and no scale between them",
}
"""The forms of a chart, each with what it shows."""

MOST_FIGURES, MOST_STATEMENTS, MOST_SERIES, MOST_YEARS, MOST_PARTS, MOST_NUMBERS, MOST_AXES = 22, 24, 12, 50, 8, 8, 3
"""How many figures, statements, series, years, parts and large numbers a chart can show, and axes it draws unasked: 22
rows with a name of one line fill the 973 pixels of the narrowest picture. Longer names leave room for fewer."""

FIGURE_COLUMNS = (
    "id", "version", "release", "measure_label", "category_label", "area_label", "population_label",
    "counting_unit_label", "statistic", "stock_or_flow", "time_period", "period_printed", "year", "coverage", "value",
    "value_low", "value_high", "value_absent", "unit", "printed", "qualifier", "hedge", "obs_status",
    "stated_by_label", "repeats", "origin", "source", "source_title", "source_publisher", "source_published", "cite_as",
)  # fmt: skip

SHOWN_COLUMNS = (
    "axis", "group", "label", "detail", "shown", "mark", "joined_to", "panel", "series", "gap", "until", "whole",
)  # fmt: skip

_MOST_TOLD = 4
"""So many series that have no years are named in the note of a chart by year; more are counted."""

_ALWAYS = 8
"""So many figures or fewer are drawn in any case."""

Row = dict[str, Any]


class Words(NamedTuple):
    """Holds what an editor or a request says of a chart; what is None is made from the figures.

    `left_out` is made from figures that it has no place for, and said in any case.
    """

    title: str | None = None
    subtitle: str | None = None
    note: str | None = None
    left_out: str = ""


NO_WORDS = Words()


@dataclass(frozen=True)
class Chart:
    """One chart, in words and rows; `drawing`, `svg` and `vega_lite` make pictures of it.

    `years` are those of a chart by year. `headings` are the panels of one, in order: a name and what is said below it.
    `page` is where a reader sees it whole, without the scheme.
    `measured` is the width and height of its picture in pixels, by size, where another process has laid it out.
    """

    form: str
    title: str
    subtitle: str
    note: str
    source: str
    notice: str
    description: str
    emphasis: frozenset[str]
    release: str
    rows: tuple[Row, ...]
    years: tuple[str, ...] = ()
    headings: Mapping[str, tuple[str, str]] | None = None
    page: str = ""
    measured: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def marks(self) -> list[Row]:
        """The rows that have a mark of their own: not those that only print the claim of another again."""
        return [row for row in self.rows if row["joined_to"] is None]


def arrange(
    figures: Iterable[Observation],
    catalogue: Catalogue,
    *,
    form: str | None = None,
    words: Words = NO_WORDS,
    emphasis: Collection[str] = (),
    notice: str | None = None,
    left_out: AllLeftOut | None = None,
    is_checked: bool = True,
) -> Chart:
    """Make a chart of some figures. Without a form, the figures decide: several years of each thing are columns, one
    figure is a number, the exact parts of a whole divide a bar, other exact figures are bars, and the rest dots.

    Raises NoSuchChart, with the reason.

    Figures that differ in unit, or that are of one time and over a time, may not share an axis, so they are refused:
    unless they are members of one disagreement, or `dots` are asked for, where each kind has an axis of its own.

    `left_out` is what is published of the series, and not among the figures. `is_checked`: also refuse what there is
    no room for, which takes as long as drawing it; drawing checks it too.
    """
    found = list(figures)
    series = [one for one in gather_all(found, catalogue.editions, left_out) if one.span()]
    told = sum(len(one.observations()) for one in series if len(one.years) > 1)
    if form in BY_YEAR or (form is None and found and told == len(found)):
        if undated := len(found) - sum(len(one.observations()) for one in series):
            refuse(
                "without_year",
                f"A chart by year has no place for {undated:,} of the {len(found):,} figures that match: they are for "
                "neither a year nor a period with dates. Ask for no form, or choose others by period_type.",
            )
        years = years_of(days for one in series for days in one.days())
        return arrange_years(series, years, catalogue, form=form, words=words, emphasis=emphasis, notice=notice)
    joined = _joined(found, catalogue)
    shown = [o for o in found if o.id not in joined]
    most = {"timeline": MOST_STATEMENTS, "numbers": MOST_NUMBERS}.get(form or "", MOST_FIGURES)
    parts, axes = _parts(shown, catalogue), _axes(shown, catalogue)
    if form in (None, "bars", "steps"):
        form = _require_one_axis(form, shown, parts, axes, catalogue) or _choose(shown, parts, axes)
    if len(shown) > most:
        refuse("too_many", f"{len(shown):,} figures match, and a chart shows at most {most}. Choose fewer by filters.")
    _require(form, shown, parts)
    ordered = _ordered(shown, axes, form, catalogue)
    again: dict[str, list[Observation]] = {}
    for o in found:
        if o.id in joined:
            again.setdefault(joined[o.id], []).append(o)
    rows = _rows(ordered, again, axes, parts, form=form, catalogue=catalogue)
    found = [*ordered, *(o for several in again.values() for o in several)]
    chart = _chart(form, rows, found, catalogue, words=words, emphasis=emphasis, notice=notice)
    if is_checked:
        require_room(chart)
    return chart


def require_room(chart: Chart) -> None:
    """Refuse more figures than can be read in the narrowest picture, with their names in full."""
    from misconduct.charts.drawing import is_readable

    if chart.form in ("dots", "bars", "timeline", "numbers") and len(chart.marks) > _ALWAYS and not is_readable(chart):
        refuse(
            "too_many",
            f"{len(chart.marks):,} figures match, and with their names in full they are too many to be read in one "
            "picture. Choose fewer by filters.",
        )


def arrange_years(
    series: Sequence[Series],
    years: Sequence[Year],
    catalogue: Catalogue,
    *,
    form: str | None = None,
    words: Words = NO_WORDS,
    emphasis: Collection[str] = (),
    notice: str | None = None,
) -> Chart:
    """Make a chart of series by year: a row for each year of each, the figure or the gap. Raises NoSuchChart.

    The figures of one year alone stand beside each other on one scale, as those that are not by year do.
    """
    dated = [one for one in series if one.stated(years)]
    # Without years, what has dates is of others than those that are asked for; what has none may be of any.
    whole = [one for one in series if not one.years and (years or not one.days())]
    is_whole = bool(whole) and not dated  # which stand as those of one year do
    if form not in (None, *BY_YEAR) and len(years) != 1 and not is_whole:
        refuse("not_by_year", f"{form} is no form of a chart by year: {' or '.join(BY_YEAR)} is.")
    if form == "columns" and len(years) == 1:
        refuse("one_year", "A column alone says nothing. Ask for more years, for form=grid, or for no form.")
    form = form or "columns"
    chosen = None if form == "columns" else form
    if is_whole and (form != "grid" or not years):  # without years, `arrange` refuses a grid
        windows = [o for one in whole for o in one.observations()]
        return arrange(windows, catalogue, form=chosen, words=words, emphasis=emphasis, notice=notice)
    has_units = len({one.key.counting_unit for one in series}) > 1  # else the subtitle says it
    if form != "grid" and whole:
        only = _without_years(whole, _heading_names([*dated, *whole]), catalogue, is_unit_told=has_units)
        words = words._replace(left_out=f"Printed for the whole time only: {only}.")
    of_one_year = [o for one in dated for o in one.stated(years).values()]
    if form != "grid" and len(years) == 1 and of_one_year:
        return arrange(of_one_year, catalogue, form=chosen, words=words, emphasis=emphasis, notice=notice)
    listed = dated if form == "columns" else [*dated, *whole]
    for count, most, what in ((len(listed), MOST_SERIES, "series"), (len(years), MOST_YEARS, "years")):
        if count > most:
            span = f" ({years[0].label} to {years[-1].label})" if what == "years" else ""
            detail = f"{count:,} {what}{span} match, and a chart shows at most {most}. Choose fewer by filters."
            refuse("too_many", detail)
    named = _heading_names(listed)
    headings = {one.id: _heading(one, named, catalogue, is_unit_told=has_units) for one in listed}
    rows = [row for one in listed for row in _year_rows(one, years, headings[one.id][0], catalogue)]
    found = [o for one in (*dated, *whole) for o in one.observations()]
    _require(form, found, {})
    labels = tuple(year.label for year in years)
    return _chart(
        form, rows, found, catalogue, words=words, emphasis=emphasis, notice=notice, years=labels, headings=headings
    )


def _without_years(series: Sequence[Series], names: Sequence[str], catalogue: Catalogue, *, is_unit_told: bool) -> str:
    """Name the series that have a figure for the whole time only, each claim once; many are counted."""
    again = _joined([o for one in series for o in one.observations()], catalogue)
    once = [one for one in series if not {o.id for o in one.observations()} <= again.keys()]
    if len(once) > _MOST_TOLD:
        return f"{len(once)} other series"
    return "; ".join(": ".join(_heading(one, names, catalogue, is_unit_told=is_unit_told)) for one in once)


def _year_rows(one: Series, years: Sequence[Year], panel: str, catalogue: Catalogue) -> Iterator[Row]:
    """Yield a row for each year of a series, and one for its whole window."""
    gaps, refusals = one.gaps(catalogue, years), one.non_publications(catalogue, years)
    shared = dict.fromkeys(SHOWN_COLUMNS) | {"panel": panel, "series": one.id}
    for year in years:
        row: Row = dict.fromkeys(FIGURE_COLUMNS) | shared | {"label": year.label, "detail": "", "mark": "gap"}
        if o := one.years.get(year.label):
            row |= _figure(o, catalogue) | {"shown": label(o), "mark": mark_of(o), "until": part_until(o, catalogue)}
        elif refusal := refusals.get(year.label):
            ground = catalogue.kind("non_publication")[refusal]["ground"].partition(":")[0]
            row["detail"] = f"refused ({inside(ground)})"
        elif gaps[year.label] in (NOT_COUNTED, FILTERED_OUT):
            row["detail"] = gaps[year.label].replace("_", " ")
        yield row | {"gap": gaps.get(year.label), "year": year.label}
    if one.window:
        shown = {"label": "", "detail": "", "shown": label(one.window), "mark": mark_of(one.window), "year": None}
        yield _figure(one.window, catalogue) | shared | shown


# How a figure is shown -----------------------------------------------------------------------------------------------


def mark_of(o: Observation) -> str:
    """Return how firmly a figure is stated: `solid`, `hollow`, `band` or `words`."""
    if o.value_low is not None or o.value_high is not None:
        return "band"
    if o.value is None:
        return "words"
    return "solid" if o.qualifier in FIRM and o.obs_status != "E" else "hollow"


def label(o: Observation) -> str:
    """Write a figure as a picture shows it: `1,492`, `est. 1,071`, `“about 1,000”`, `“Hundreds”`, `hidden`."""
    if o.printed is None:
        return as_printed(o)
    if o.qualifier == "estimated":
        return f"est. {o.printed}"
    hedged = o.printed if o.hedge is None or o.hedge in o.printed else f"{o.hedge[:1].lower()}{o.hedge[1:]} {o.printed}"
    return hedged if o.qualifier == "exact" and o.value is not None else f"“{hedged}”"


def _figure(o: Observation, catalogue: Catalogue) -> Row:
    return dict(zip(FIGURE_COLUMNS, project(FIGURE_COLUMNS).rows(catalogue)(o), strict=True))


# Which figures may stand together ------------------------------------------------------------------------------------


def _joined(found: Sequence[Observation], catalogue: Catalogue) -> dict[str, str]:
    """Return the figures that print the claim of another one in the chart again in the same words, each with that one.

    Sources drop and add "about" and "more than": what is printed with other words has a mark of its own.
    """
    repeats = {o.id: catalogue.said_of_figures.get(o.id, NOTHING_SAID)["repeats"] for o in found}
    firsts, joined = dict[tuple[str, ...], str](), dict[str, str]()
    for o in sorted(found, key=lambda o: (repeats[o.id] is not None, o.id)):
        alike = (repeats[o.id] or o.id, label(o), *(getattr(o, name) for name in NAMED))
        if (first := firsts.setdefault(alike, o.id)) != o.id:
            joined[o.id] = first
    return joined


def _parts(shown: Sequence[Observation], catalogue: Catalogue) -> dict[str, str]:
    """Return the figures that are a stated part or a share of another one in the chart, each with that one."""
    parts, here = dict[str, str](), {o.id for o in shown}
    for o in shown:
        said = catalogue.said_of_figures.get(o.id, NOTHING_SAID)
        wholes = [one for one in (*said["part_of"], said["denominator"]) if one in here]
        if wholes:
            parts[o.id] = wholes[0]
    return parts


def _is_divided(shown: Sequence[Observation], parts: Mapping[str, str]) -> bool:
    """Tell whether all figures but one are the parts of that one, none of them of another, and add up to it."""
    whole = [o for o in shown if o.id not in parts]
    values = [o.value for o in shown if o.id in parts]
    is_exact = all(mark_of(o) == "solid" for o in shown)
    if not is_exact or len(whole) != 1 or {*parts.values()} != {whole[0].id}:
        return False
    if not whole[0].value or not 2 <= len(values) <= MOST_PARTS:
        return False
    return sum(value for value in values if value is not None) == whole[0].value


def fraction(value: float | Decimal, unit: str, whole: float | Decimal) -> float:
    """Return what part of a whole a figure is: its number, or the share that it states."""
    return float(value) / float(WHOLES.get(unit, whole))


def _are_steps(shown: Sequence[Observation], parts: Mapping[str, str]) -> bool:
    """Tell whether all figures are numbers, the parts of each whole are no more than that, and none is its own."""
    by_id, sums = {o.id: o for o in shown}, dict[str, float]()
    if not parts or parts.keys() - {*in_order({part: [whole] for part, whole in parts.items()})}:
        return False
    if not all(o.value for o in shown if o.id not in parts or o.id in parts.values()):
        return False
    for part, whole in parts.items():
        value, total = by_id[part].value, by_id[whole].value
        if value is None or total is None:
            return False
        sums[whole] = sums.get(whole, 0) + fraction(value, by_id[part].unit, total)
    return max(sums.values()) < 1.001


def _choose(shown: Sequence[Observation], parts: Mapping[str, str], axes: Mapping[str, tuple[str, ...]]) -> str:
    if len(shown) <= 1:
        return "number"
    if _is_divided(shown, parts):
        return "divided"
    if len({*axes.values()}) > MOST_AXES and len(shown) <= MOST_NUMBERS:
        return "numbers"
    return "bars" if all(mark_of(o) == "solid" for o in shown) else "dots"


def _require(form: str, shown: Sequence[Observation], parts: Mapping[str, str]) -> None:
    """Refuse a form that cannot show these figures."""
    marks, values = {mark_of(o) for o in shown}, [o.value for o in shown]
    is_below_zero = min((value for value in values if value is not None), default=0) < 0
    rules = (
        (form not in FORMS, "unknown_form", f"{form} is no form of a chart: {', '.join(FORMS)} are."),
        (
            form == "number" and len(shown) > 1,
            "several_figures",
            f"A number shows one figure, and {len(shown)} match. Ask for form=numbers, or choose one by filters.",
        ),
        (
            form not in ("number", "numbers", "timeline", "grid") and is_below_zero,
            "below_zero",
            "Some of these numbers are below zero, where no mark can reach. Ask for form=timeline.",
        ),
        (
            form == "bars" and not marks <= {"solid", "hollow"},
            "not_exact",
            "A bar needs a number, and some of these figures are words or bounds. Ask for form=dots.",
        ),
        (
            form == "divided" and bool(shown) and not _is_divided(shown, parts),
            "no_parts_of_a_whole",
            "A divided bar needs a figure and its stated parts, exact, which add up to it. Ask for form=bars.",
        ),
        (
            form == "steps" and bool(shown) and not _are_steps(shown, parts),
            "no_steps",
            "Steps need numbers, and among them stated parts or shares of others, no more than these. Ask for dots.",
        ),
    )
    for applies, code, detail in rules:
        if applies:
            refuse(code, detail)


def scale_of(row: Row) -> tuple[str, ...]:
    """Return what decides which rows are drawn on one scale: where they may be compared by their length."""
    return row["statistic"], row["unit"], row["counting_unit_label"] if row["statistic"] == "count" else ""


def _axes(shown: Sequence[Observation], catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return what decides with which others a figure may share an axis: statistic, unit, whether of one time, and
    what is counted."""
    axes = dict[str, tuple[str, ...]]()
    for o in shown:
        times = catalogue.classify(o.id, *(getattr(o, name) for name in CLASSIFIED_BY))["stock_or_flow"]
        counted = "" if o.statistic != "count" else o.counting_unit
        axes[o.id] = (o.statistic, o.unit, times if times in ("stock", "flow") else "", counted)
    if {"stock", "flow"} - {times for _, _, times, _ in axes.values()}:
        # what is of no known time may stand with the others
        axes = {identity: (*axis[:2], "", axis[3]) for identity, axis in axes.items()}
    return axes


def _require_one_axis(
    form: str | None,
    shown: Sequence[Observation],
    parts: Mapping[str, str],
    axes: Mapping[str, tuple[str, ...]],
    catalogue: Catalogue,
) -> str | None:
    """Refuse figures that may not share an axis, in a form that has one; members of one disagreement are dots.

    What differs only in what is counted has an axis of its own in either form.
    """
    several = {axes[o.id][:3] for o in shown if form != "steps" or o.id not in parts}
    if len(several) < 2:
        return form
    groups = [{*catalogue.disagreements_of.get(o.id, ())} for o in shown]
    if form or not set.intersection(*groups):
        _refuse_axes(several, shown, axes, catalogue)
    return "dots" if len({*axes.values()}) <= MOST_AXES or len(shown) > MOST_NUMBERS else "numbers"


def _refuse_axes(
    axes: Collection[tuple[str, ...]],
    shown: Sequence[Observation],
    by_id: Mapping[str, tuple[str, ...]],
    catalogue: Catalogue,
) -> NoReturn:
    """Refuse figures of several axes, with the conditions that leave those of one, all at once."""
    mends, differing = list[str](), list[str]()
    for axis in sorted(axes, key=lambda one: (*one[:2], one[2] == "flow")):
        left, needed, chosen = axes, list[str](), shown
        for name, place in (("unit", 1), ("statistic", 0), ("stock_or_flow", 2)):
            if len({one[place] for one in left} - {""}) > 1:
                needed.append(f"{name}={axis[place]}")
                left = [one for one in left if one[place] == axis[place]]
                chosen = [o for o in chosen if by_id[o.id][place] == axis[place]]
        differing += [one.partition("=")[0] for one in needed]
        if "stock_or_flow=" not in needed and _can_arrange(chosen, None, catalogue):
            mends.append("&".join(needed))  # but what is of no known time cannot be asked for
    statistics, units, _ = (sorted({axis[place] for axis in axes}) for place in range(3))
    reasons = {
        "unit": f"They are in {len(units)} units ({', '.join(units)})",
        "statistic": f"They are {len(statistics)} kinds of number ({', '.join(statistics)})",
        "stock_or_flow": "Some are as at one time and some over a period",
    }
    reason = ". ".join(words for name, words in reasons.items() if name in differing)
    others = ["for form=dots, which gives each kind an axis of its own"] * _can_arrange(shown, "dots", catalogue)
    others += ["for form=numbers, which has none"] * (len(shown) <= MOST_NUMBERS)
    ways = [
        *([f"add {' or '.join(dict.fromkeys(mends))}"] if mends else []),
        *([f"ask {', or '.join(others)}"] * bool(others)),
    ]
    mend = ", or ".join(ways) or "choose fewer by filters"
    refuse("not_on_one_axis", f"These figures may not share an axis. {reason}. {mend[:1].upper()}{mend[1:]}.")


def _can_arrange(shown: Sequence[Observation], form: str | None, catalogue: Catalogue) -> bool:
    """Tell whether some figures can be shown: such as that they are not too many."""
    with suppress(NoSuchChart):
        return bool(arrange(shown, catalogue, form=form))
    return False


def refuse(code: str, detail: str) -> NoReturn:
    """Raise NoSuchChart."""
    raise NoSuchChart(detail, [Fault("form", code, detail)])


# Rows ----------------------------------------------------------------------------------------------------------------


def _differing(found: Sequence[Observation]) -> set[str]:
    return {name for name in NAMED if len({getattr(o, name) for o in found}) > 1}


def _size(o: Observation) -> Decimal:
    """Return by what a figure is ordered: its number, else the bound that is known."""
    return next((one for one in (o.value, o.value_low, o.value_high) if one is not None), Decimal(-1))


def _ordered(
    shown: Sequence[Observation], axes: Mapping[str, tuple[str, ...]], form: str, catalogue: Catalogue
) -> list[Observation]:
    """Order figures by axis, by group, and by size; by the time of publication in a timeline."""
    if form == "timeline":
        return sorted(shown, key=lambda o: (_stated_on(o, catalogue) or "9999", o.stated_by or "", -_size(o), o.id))
    by_size = sorted(shown, key=lambda o: (o.value is None, -_size(o), o.id))
    orders = [dict[Any, int]() for _ in range(3)]
    for o in by_size:
        for place, key in enumerate(_keys(o, axes)):
            orders[place].setdefault(key, len(orders[place]))
    return sorted(by_size, key=lambda o: [order[key] for order, key in zip(orders, _keys(o, axes), strict=True)])


def _stated_on(o: Observation, catalogue: Catalogue) -> str | None:
    """Return when a statement was first published, else when the source that prints it was."""
    sources = catalogue.kind("source")
    published: str | None = sources[o.origin]["published"] or sources[o.source]["published"]
    return published


def _keys(o: Observation, axes: Mapping[str, tuple[str, ...]]) -> tuple[Any, ...]:
    return axes[o.id], (axes[o.id], o.measure), (axes[o.id], o.measure, o.counting_unit)


def _rows(
    ordered: Sequence[Observation],
    again: Mapping[str, Sequence[Observation]],
    axes: Mapping[str, tuple[str, ...]],
    parts: Mapping[str, str],
    *,
    form: str,
    catalogue: Catalogue,
) -> list[Row]:
    """Make a row for each figure, followed by those that only print its claim again."""
    rows, (whats, groups) = list[Row](), _names(ordered, parts, form, catalogue)
    for o in ordered:
        printings, what = [o, *again.get(o.id, ())], whats[o.id]
        said = [
            *filter(None, [_voice(o, catalogue), _printed_in(printings, catalogue, with_origin=form == "timeline")])
        ]
        what = what or [_counted(o, catalogue)]
        is_part = form in ("divided", "steps") and o.id in parts
        shown = dict.fromkeys(SHOWN_COLUMNS) | {
            "axis": _axis_words(axes, o, catalogue), "group": groups[o.id],
            "label": _sentence(what), "detail": ", in ".join(said),
            "shown": label(o), "mark": mark_of(o), "whole": parts.get(o.id), "until": part_until(o, catalogue),
        }  # fmt: skip
        if is_part:
            shown["detail"] = _counted_as(o, ordered, parts, catalogue)
        rows.append(_figure(o, catalogue) | shown)
        rows += [_figure(one, catalogue) | shown | {"joined_to": o.id} for one in printings[1:]]
    if form != "number" and len({row["detail"] for row in rows}) == 1 and len({row["label"] for row in rows}) > 1:
        for row in rows:  # the source line says it of all
            row["detail"] = ""
    return rows


def _names(
    ordered: Sequence[Observation], parts: Mapping[str, str], form: str, catalogue: Catalogue
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return what each figure is, beside the others, and the heading that it stands under."""
    differing, by_id = _differing(ordered), {o.id: o for o in ordered}
    has_periods = len({_period(o) for o in ordered}) > 1 and form != "divided"
    whats = {o.id: _what(o, differing, form, catalogue, by_id.get(parts.get(o.id, ""))) for o in ordered}
    for o in ordered:
        part = of_part(part_until(o, catalogue))
        siblings = [one for one in ordered if parts.get(one.id) == parts.get(o.id)]
        is_as_its_whole = form == "steps" and o.id in parts and len({_period(one) for one in siblings}) == 1
        if _period(o) and (has_periods or part) and not is_as_its_whole and form != "number":
            whats[o.id].append(_period(o) + part)
    groups = {o.id: _group_words(o, differing, form, catalogue) for o in ordered}
    if form == "numbers" and len({*groups.values()}) == 1 and any(whats.values()):
        groups = dict.fromkeys(groups, "")  # a heading that is the same for all says nothing
    if not any(whats.values()) and len({*groups.values()}) == len(ordered) > 1:  # a heading over each is its name
        return {identity: [group] for identity, group in groups.items()}, dict.fromkeys(groups, "")
    return whats, groups


def _counted(o: Observation, catalogue: Catalogue) -> str:
    """Say who or what a figure counts, or that it is not said who; never who stated it."""
    if o.population not in NOTHING_NAMED:
        return catalogue.label("population", o.population)
    if o.counting_unit not in (*NOTHING_NAMED, "people"):
        return catalogue.label("counting_unit", o.counting_unit)
    return "Who is not said" if o.population == UNSTATED else catalogue.label("measure", o.measure)


def _counted_as(o: Observation, ordered: Sequence[Observation], parts: Mapping[str, str], catalogue: Catalogue) -> str:
    """Say as what a part is printed, if not as its whole is."""
    whole = next(one for one in ordered if one.id == parts[o.id])
    unlike = [name for name in ("population", "counting_unit") if getattr(o, name) != getattr(whole, name)]
    named = [_name(name, o, catalogue) for name in unlike if getattr(o, name) not in NOTHING_NAMED]
    return f"printed as {', '.join(named).removesuffix(' (as printed)')}" if named else ""


def _what(
    o: Observation, differing: Collection[str], form: str, catalogue: Catalogue, whole: Observation | None
) -> list[str]:
    """Say what a figure is, beside the others: by what differs, in the order in which it is read."""
    if form == "number":
        return [_subject(o, catalogue)]
    if form in ("divided", "steps") and whole:
        named = [name for name in ("measure", "category") if getattr(o, name) != getattr(whole, name)] or ["measure"]
    elif form in ("divided", "steps", "timeline"):
        named = ["population", "measure", "category"]
    else:
        named = [name for name in ("population", "category") if name in differing]
    return _labels([*named, *({"area"} & {*differing})], o, catalogue)


_TIMES = {"flow": "Over a period", "stock": "At one time", "": "Not said: at one time, or over a period"}


def _axis_words(axes: Mapping[str, tuple[str, ...]], o: Observation, catalogue: Catalogue) -> str:
    """Name the axis of a figure by what it does not share with the others: what it counts and over which time, or its
    kind of number, or its unit."""
    statistics, units, times, counted = ({axis[place] for axis in axes.values()} for place in range(4))
    statistic, unit, time, unit_counted = axes[o.id]
    words = []
    if len(counted - {""}) > 1 and statistic == "count":
        is_known = unit_counted not in NOTHING_NAMED
        words.append(catalogue.label("counting_unit", unit_counted) if is_known else "Unit not stated")
    if len(times) > 1 and statistic == "count":
        words.append(_TIMES[time])
    if words:
        return _sentence([words[0], *map(inside, words[1:])])
    if len(statistics) > 1:
        return catalogue.label("statistic", statistic)
    return catalogue.label("unit", unit) if len(units) > 1 else ""


def _group_words(o: Observation, differing: Collection[str], form: str, catalogue: Catalogue) -> str:
    if form == "timeline":
        day = _stated_on(o, catalogue)
        return write_date(day) if day else "Undated"
    if form in ("divided", "steps", "number"):
        return ""
    words = catalogue.label("measure", o.measure) if "measure" in differing else ""
    if form == "numbers" and "counting_unit" in differing:  # elsewhere each has an axis with its name
        unit = "unit not stated" if o.counting_unit in NOTHING_NAMED else _name("counting_unit", o, catalogue)
        words = f"{words} ({unit})" if words else _sentence([unit])
    return words


def _period(o: Observation) -> str:
    """Write a period beside others: its dates, else its printed words; nothing for a printed now."""
    start, end = (bound and write_date(bound) for bound in (o.period_start, o.period_end))
    if o.period_type != PeriodType.WINDOW:
        return o.year or start or ""
    if start and end:
        return start if start == end else f"{start}–{end}"
    if start or end:
        return f"since {start}" if start else f"until {end}"
    return f"“{o.period_printed}”" if o.period_printed else ""


def _voice(o: Observation, catalogue: Catalogue) -> str:
    """Name who stated a figure; nothing if that is not said, or is the publisher, who is named anyway, or no source."""
    said = o.stated_by and catalogue.label("stated_by", o.stated_by)
    if not said or o.stated_by in NOTHING_NAMED or said == catalogue.kind("source")[o.source]["publisher"]:
        return ""
    return said.removesuffix(f", {catalogue.label('area', o.area)}")


def _printed_in(found: Sequence[Observation], catalogue: Catalogue, *, with_origin: bool = False) -> str:
    """Name each publisher once, with the dates of what it published; if asked, also when a figure was first printed."""
    sources = catalogue.kind("source")
    dates = dict[str, set[str]]()
    for o in found:
        is_earlier = sources[o.origin]["published"] not in (None, sources[o.source]["published"])
        for source in [o.origin, o.source] if with_origin and is_earlier else [o.source]:
            named = counted_from(o) + publisher(sources[source])
            dates.setdefault(named, set()).add(sources[source]["published"] or "")
    return "; ".join(f"{name}, {_dates(days)}" for name, days in dates.items())


def _dates(days: Collection[str]) -> str:
    known = sorted(filter(None, days))
    return " and ".join([write_date(day) for day in known] + (["undated"] if "" in days else []))


def _name(dimension: str, o: Observation, catalogue: Catalogue) -> str:
    """Write the label of a code inside a sentence: only names keep their capital letter."""
    words = catalogue.label(dimension, getattr(o, dimension))
    return words if dimension in ("area", "stated_by") else inside(words)


def _labels(names: Iterable[str], o: Observation, catalogue: Catalogue) -> list[str]:
    """Write the labels of the codes that name something; of forces, also that one is not stated."""
    labels = ((name, getattr(o, name)) for name in names)
    return [
        "force not stated" if (name, code) == ("area", UNSTATED) else _name(name, o, catalogue)
        for name, code in labels
        if name == "area" or code not in NOTHING_NAMED
    ]


def _sentence(parts: Sequence[str]) -> str:
    """Join words into one line that begins with a capital letter."""
    joined = ", ".join(parts)
    return joined[:1].upper() + joined[1:]


# Series --------------------------------------------------------------------------------------------------------------


def _heading_names(series: Sequence[Series]) -> list[str]:
    """Choose the dimensions by which series are named: the force if there are several, else the category, and as few
    others as tell all of them apart."""
    names, has_forces = list[str](), len({one.key.area for one in series}) > 1
    for name in ("category", "area", "measure", "population", "counting_unit", "stated_by", "source"):
        told = len({tuple(getattr(one.key, other) for other in names) for one in series})
        differs = len({getattr(one.key, name) for one in series}) > 1
        if (name == "category" and not has_forces) or (differs and (name == "area" or told < len(series))):
            names.append(name)
    return names


def _heading(one: Series, names: Sequence[str], catalogue: Catalogue, *, is_unit_told: bool) -> tuple[str, str]:
    """Name a series by these dimensions; below that, the figure of its whole window, and its counting unit."""
    key = one.key
    words = _labels([name for name in names if name != "source"], key, catalogue)
    words += [publisher(catalogue.kind("source")[key.source])] if "source" in names else []
    below = [_total(one)] if one.window else []
    if key.counting_unit == "unstated":
        below.append("unit not stated")
    elif is_unit_told and "counting_unit" not in names:
        below.append(_name("counting_unit", key, catalogue))
    return _sentence(words) or catalogue.label("measure", key.measure), ", ".join(below)


def _total(one: Series) -> str:
    """Write the figure of a whole window: `944 in 10 years`."""
    window = one.window
    if window is None:
        return ""
    dates = write_dates(window.period_type, window.period_start, window.period_end)
    lasting = say_duration(window.duration)
    return f"{label(window)} in {lasting}" if lasting else f"{label(window)}, {dates}"


# Words ---------------------------------------------------------------------------------------------------------------


def _chart(
    form: str,
    rows: Sequence[Row],
    found: Sequence[Observation],
    catalogue: Catalogue,
    *,
    words: Words,
    emphasis: Collection[str],
    notice: str | None,
    years: tuple[str, ...] = (),
    headings: Mapping[str, tuple[str, str]] | None = None,
) -> Chart:
    title = words.title or _title(form, found, catalogue)
    made = _subtitle(form, found, catalogue, years, "" if words.title else title)
    subtitle = made if words.subtitle is None else words.subtitle
    subtitle = _with_force(title, subtitle, found, catalogue)
    note = _note(form, rows, found, catalogue) if words.note is None else words.note
    note = " ".join(filter(None, [note, words.left_out]))
    title, subtitle, note = told = (clean(title), clean(subtitle), clean(note))
    return Chart(
        form,
        title,
        subtitle,
        note,
        source=clean(_source_line(found, catalogue)),
        notice=clean(notice or ""),
        description=clean(_describe(told, rows, headings or {})),
        emphasis=frozenset(emphasis).intersection(row["id"] for row in rows),
        release=catalogue.release.number,
        rows=tuple({key: clean(cell) if isinstance(cell, str) else cell for key, cell in row.items()} for row in rows),
        years=years,
        headings=headings and {key: (clean(name), clean(below)) for key, (name, below) in headings.items()},
    )


NO_FIGURE = "No published figure matches."


def _title(form: str, found: Sequence[Observation], catalogue: Catalogue) -> str:
    """Name what all figures share: `Officers on restricted duties or suspended, Metropolitan Police`."""
    if not found:
        return NO_FIGURE
    if form == "number":
        return f"{label(found[0])}: {_subject(found[0], catalogue)}"

    def shared(name: str, most: int) -> str:
        codes = list(dict.fromkeys(getattr(o, name) for o in found))
        firsts = [next(o for o in found if getattr(o, name) == code) for code in codes]
        if len(codes) > most or {*codes} & {*NOTHING_NAMED}:
            return ""
        return " or ".join(_name(name, o, catalogue).partition(" (printed as ")[0] for o in firsts)

    measure, who, category = shared("measure", 2).replace(_NO_STAGE, ""), shared("population", 1), shared("category", 1)
    is_done = PARTICIPLE.match(measure) and measure[0].islower()  # not the Title of a finding
    if not who and (is_done or shared("counting_unit", 1) != "people"):
        who = shared("counting_unit", 1)
    if is_done and not who:  # "sexual assault recorded", where it is not said of whom
        who, category = category or "misconduct by kind:", ""
    subject = f"{who} {measure}" if is_done else ", ".join(filter(None, [who, measure]))
    named = [*filter(None, [subject.strip(), category])] or ["figures that count different things"]
    return _sentence([*named, *filter(None, [shared("area", 2)])])


_NO_STAGE = ", stage not stated"
"""What a label says beside others, and a title need not."""


def _with_force(title: str, subtitle: str, found: Sequence[Observation], catalogue: Catalogue) -> str:
    """Add the force to a subtitle, if all figures are of one that neither this nor the title names, even in short
    (the Met): where several are, the rows name them."""
    areas = {o.area for o in found}
    if len(areas) != 1 or areas <= {*NOTHING_NAMED}:
        return subtitle
    force = catalogue.label("area", areas.pop())
    first = force.split()[0].lower()
    said = re.findall(r"\w{3,}", f"{title} {subtitle}".lower())
    if any(first.startswith(word) for word in said):
        return subtitle
    return f"{subtitle}{'' if subtitle.endswith(('.', '?', '!')) else ';'} {force}" if subtitle else force


def _subject(o: Observation, catalogue: Catalogue) -> str:
    """Name what one figure is about, without its force: `Officers accused, any sexual allegation, 2014–2024`."""
    subject = name_figure(o, catalogue).removeprefix(f"{catalogue.label('area', o.area)}: ")
    return (subject[:1].upper() + subject[1:]).removesuffix(", period unstated")


def _subtitle(form: str, found: Sequence[Observation], catalogue: Catalogue, years: Sequence[str], title: str) -> str:
    """Say what all figures have in common and the title does not: who or what is counted, in which force, and when."""
    if not found:
        return ""
    same = [name for name in ("population", "counting_unit", "area") if len({getattr(o, name) for o in found}) == 1]
    if form == "number":
        same = ["area"]
    elif "population" in same and found[0].population not in NOTHING_NAMED and found[0].counting_unit == "people":
        same = [name for name in same if name != "counting_unit"]
    words = [_name(name, found[0], catalogue) for name in same if getattr(found[0], name) not in NOTHING_NAMED]
    words = [word for word in words if form == "number" or word.lower() not in title.lower()]
    periods = {"–".join(dict.fromkeys([years[0], years[-1]]))} if years else {_period(o) for o in found}
    words += [period for period in periods if len(periods) == 1 and period and form != "number"]
    return _sentence(list(dict.fromkeys(words)))


def _note(form: str, rows: Sequence[Row], found: Sequence[Observation], catalogue: Catalogue) -> str:
    """Say that figures must not be added, and of which the register does not know whether they are one."""
    shown = {row["id"]: row["shown"] for row in rows if row["joined_to"] is None}
    said = [_must_not(form, found, catalogue)]
    if labels := unlike_years(days_of(found)):
        said.append(f"Years with one label ({', '.join(labels)}) begin in different months.")
    if form in ("dots", "bars", "numbers"):
        said += _may_be_one([o for o in found if o.id in shown], shown, catalogue)
    return " ".join(filter(None, said))


def _may_be_one(found: Sequence[Observation], shown: Mapping[str, str], catalogue: Catalogue) -> Iterator[str]:
    """Yield a sentence for each two figures of which the register does not know whether they are one: they are of one
    measure and value, or the only two of their disagreement and one the other rounded."""
    disagreements, groups_of = catalogue.kind("disagreement"), catalogue.disagreements_of
    unsure = {name for o in found for name in groups_of.get(o.id, ()) if "unknown" in disagreements[name]["reasons"]}
    rounded: dict[frozenset[str | None], set[str]] = {}
    for name in unsure:
        if "rounding" in disagreements[name]["reasons"]:
            claims = (disagreements[name].get("computed") or {}).get("figures", ())
            rounded.setdefault(frozenset(o["printed"] for o in claims), set()).add(name)
    among = {o.id: unsure.intersection(groups_of.get(o.id, ())) for o in found}
    for one, other in combinations(found, 2):
        shared = among[one.id] & among[other.id]
        if (one.measure, one.value, one.unit) != (other.measure, other.value, other.unit):
            shared &= rounded.get(frozenset((one.printed, other.printed)), set())
        if not shared or one.value is None:
            continue
        alike = [*shown.values()].count(shown[one.id]) if shown[one.id] == shown[other.id] else 0
        named = [
            shown[o.id] + (f" ({_name('counting_unit', o, catalogue)})" if alike > 2 else "") for o in (one, other)
        ]
        yield f"{f'The two figures of {named[0]}' if alike == 2 else ' and '.join(named)} may be the same."


def _must_not(form: str, found: Sequence[Observation], catalogue: Catalogue) -> str:
    """Say that the figures must not be added, or whether the forces that they are of may be compared."""
    if len(found) < 2 or form in ("divided", "steps", "number", "numbers", "timeline"):
        return ""
    if _differing(found) - {"area"}:
        return "The figures count different things and must not be added."
    if "area" not in _differing(found):
        return ""
    years = Counter(o.year for o in found)
    [(year, _)] = years.most_common(1)
    shown = [o for o in found if o.year == year] if form in BY_YEAR else found
    comparison = compare(shown, catalogue)
    if comparison["verdict"] == DIFFERENT:
        return "Forces whose figures may not be compared as they are: they are of different times or tables."
    return " ".join(comparison["reservations"])


def _source_line(found: Sequence[Observation], catalogue: Catalogue) -> str:
    """Name who stated all of it, the publishers with the years of what they published, the release and the licence."""
    sources = catalogue.kind("source")
    years = dict[str, set[str]]()
    for o in found:
        years.setdefault(counted_from(o) + publisher(sources[o.source]), set()).add(
            (sources[o.source]["published"] or "")[:4]
        )
    named = [", ".join(filter(None, [name, _span(sorted(filter(None, dates)))])) for name, dates in years.items()]
    if len({o.source for o in found}) == 1:
        named = [_printed_in(found, catalogue)]
    if len(named) > 4:
        named = [*named[:3], f"{len(named) - 3} others"]
    credit = unbroken(f"{ATTRIBUTION} {catalogue.release.number}") + f"{SEPARATOR} " + unbroken("CC BY 4.0")
    voices = {_voice(o, catalogue) for o in found}
    voice = f"{voices.pop()}, in " if len(voices) == 1 and all(voices) else ""
    return f"Source: {voice}{'; '.join(named)}{SEPARATOR} {credit}" if named else credit


def _span(years: Sequence[str]) -> str:
    if len(years) < 2:
        return "".join(years)
    first, last = years[0], years[-1]
    return f"{first}–{last[2:] if last[:2] == first[:2] else last}"


def _describe(told: Sequence[str], rows: Sequence[Row], headings: Mapping[str, tuple[str, str]]) -> str:
    """Say a chart in words: its own, and every figure."""
    title, subtitle, note = told
    said = []
    for row in rows:
        if row["joined_to"] or row["gap"]:
            continue
        if row["series"]:
            when = row["year"] or "in all"
            said.append(f"{headings[row['series']][0]}, {when}{of_part(row['until'])}: {row['shown']}")
        else:
            said.append(f"{row['shown']}: {', '.join(filter(None, [row['group'], row['label'], row['detail']]))}")
    gaps = Counter(row["gap"] for row in rows if row["gap"] and row["gap"] != OUTSIDE_WINDOW)
    not_counted, filtered_out = gaps.pop(NOT_COUNTED, 0), gaps.pop(FILTERED_OUT, 0)
    refused, unpublished = gaps[WITHHELD], gaps.total()
    missing = list[str]()
    if unpublished:
        of_them = f", {refused} of them refused" if unpublished > 1 else ", as it was refused"
        missing.append(f"{_years_have(unpublished)} no published figure{of_them if refused else ''}")
    if not_counted:
        missing.append(f"{_years_have(not_counted)} no figure, as this register counted none")
    if filtered_out:
        missing.append(f"{_years_have(filtered_out)} a published figure that the filters leave out")
    ended = (part if part.endswith((".", "?", "!")) else f"{part}." for part in (title, subtitle) if part)
    return " ".join([*ended, *(["; ".join(said) + "."] if said else []), *(f"{one}." for one in missing), note])


def _years_have(number: int) -> str:
    return "1 year has" if number == 1 else f"{number:,} years have"
