"""What a chart of the register can show. `check` uses it to refuse charts that nobody could draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from misconduct.charts.chart import MOST_FIGURES, MOST_SERIES, MOST_YEARS
from misconduct.model.editions import Editions
from misconduct.model.kinds import is_by_year
from misconduct.model.observation import Observation
from misconduct.model.period import years_of
from misconduct.model.phrases import NAMED, write_figure
from misconduct.model.series import gather_all

MOST_YEAR_FIGURES = MOST_SERIES * (MOST_YEARS + 1)
"""A figure for each year of each series, and one for its whole window."""

MOST_COUNTED = 10_000
"""At most so many figures of a chart are read: far more than any can show."""

TYPES_IN_YEARS = ("year", "window")
"""The types of period that columns and lines show."""

LONGEST_LABEL, MOST_CHARACTERS = 200, 30_000
"""Characters of a figure as printed, with its hedge, and of all texts of a chart: both make a picture taller."""

Label = Callable[[str, str], str | None]
"""Returns the label of a code of a list; for the list `source`, the publisher."""


class Excess(NamedTuple):
    """One limit that a chart exceeds: what was found, and what is allowed."""

    found: str
    allowed: str


def most_figures(chart: Mapping[str, Any]) -> int:
    """Return how many figures a chart can show."""
    return MOST_YEAR_FIGURES if is_by_year(chart) else MOST_FIGURES


def can_show(chart: Mapping[str, Any], o: Observation) -> bool:
    """Say whether the mark of a chart can show a figure of this type of period."""
    return not is_by_year(chart) or o.period_type in TYPES_IN_YEARS


def find_excesses(
    chart: Mapping[str, Any], observations: Sequence[Observation], label: Label, editions: Editions
) -> Iterator[Excess]:
    """Yield every limit that a chart exceeds; `observations` are those that its query matches."""
    shown = [o for o in observations if can_show(chart, o)]
    if len(shown) > (most := most_figures(chart)):
        or_more = " or more" if len(shown) >= MOST_COUNTED else ""
        yield Excess(f"it matches {len(shown):,} figures{or_more}", f"at most {most}")
        return
    headed = [(o, o.period_printed) for o in shown]
    if is_by_year(chart):
        found = [one for one in gather_all(shown, editions) if one.span()]
        years = years_of(days for one in found for days in one.days())
        if len(found) > MOST_SERIES:
            yield Excess(f"it matches {len(found)} series", f"at most {MOST_SERIES}")
        if len(years) > MOST_YEARS:
            span = f"it covers {len(years):,} years ({years[0].label} to {years[-1].label})"
            yield Excess(span, f"at most {MOST_YEARS}")
        headed = [(one.key, one.window and one.window.period_printed) for one in found]
    labels = [len(write_figure(o.printed, o.value)) + len(o.hedge or "") for o in shown]
    if (longest := max(labels, default=0)) > LONGEST_LABEL:
        yield Excess(f"a figure in it is {longest:,} characters long as printed", f"at most {LONGEST_LABEL}")
    words = [chart["title"], chart["note"]]
    for o, period in headed:
        named = ((name, getattr(o, name)) for name in (*NAMED, "stated_by", "source"))
        words += [label(name, code) for name, code in named if code] + [period]
    if (characters := sum(labels) + sum(len(word or "") for word in words)) > MOST_CHARACTERS:
        yield Excess(f"its texts have {characters:,} characters in all", f"at most {MOST_CHARACTERS:,}")
