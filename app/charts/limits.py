"""What a chart can show, known before anything is drawn, so that `check` refuses what `load` could not draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.charts.panels import group_series
from app.model.catalogue import Catalogue
from app.model.observation import Observation
from app.model.phrases import NAMED

MOST_BARS, MOST_SERIES = 40, 12

MOST_YEARS = 50
"""As many labels of 12 pixels as fit beside each other into a picture of 640."""

MOST_YEAR_FIGURES = MOST_SERIES * (MOST_YEARS + 1)
"""A figure for each year of each series, and one for its whole window."""

MOST_COUNTED = 10_000
"""Figures of a chart that are looked at: far more than any can show."""

TYPES_IN_YEARS = ("year", "window")
"""The types of period that columns and lines show."""

LONGEST_LABEL, MOST_CHARACTERS = 200, 30_000
"""Characters of a figure as printed, with its hedge, and of all texts of a chart: both make a picture higher."""

Label = Callable[[str, str], str | None]
"""The label of a code of a list; of a code of the list `source`, its publisher."""


class Excess(NamedTuple):
    """One thing of which a chart has too much, and what is allowed."""

    found: str
    allowed: str


def in_words(excesses: Sequence[Excess]) -> str:
    """Say all excesses of a chart in one sentence, without its full stop."""
    return "; ".join(f"{found} (a chart shows {allowed})" for found, allowed in excesses)


def most_figures(chart: Mapping[str, Any]) -> int:
    """Return how many figures a chart can show."""
    return MOST_BARS if chart["mark"] == "bar" else MOST_YEAR_FIGURES


def can_show(chart: Mapping[str, Any], o: Observation) -> bool:
    """Say whether the mark of a chart can show a figure of this type of period."""
    return chart["mark"] == "bar" or o.period_type in TYPES_IN_YEARS


def find_excesses(chart: Mapping[str, Any], observations: Sequence[Observation], label: Label) -> Iterator[Excess]:
    """Yield everything of which a chart has too much to be drawn; `observations` are those that its query matches."""
    shown = [o for o in observations if can_show(chart, o)]
    if len(shown) > (most := most_figures(chart)):
        or_more = " or more" if len(shown) >= MOST_COUNTED else ""
        yield Excess(f"it matches {len(shown):,} figures{or_more}", f"at most {most}")
        return
    headed = [(o, o.period_printed) for o in shown]
    if chart["mark"] != "bar":
        panels = group_series(shown, allow_breaks=chart["allow_breaks"])
        years = [year for together in panels for one in together for year in one.span()]
        if len(panels) > MOST_SERIES:
            yield Excess(f"it matches {len(panels)} series", f"at most {MOST_SERIES}")
        if years and (covered := max(years) - min(years) + 1) > MOST_YEARS:
            yield Excess(f"it covers {covered:,} years ({min(years):04} to {max(years):04})", f"at most {MOST_YEARS}")
        headed = [(one.key, one.window and one.window.period_printed) for together in panels for one in together]
    labels = [len(o.printed) + len(o.hedge or "") for o in shown]
    if (longest := max(labels, default=0)) > LONGEST_LABEL:
        yield Excess(f"a figure in it is {longest:,} characters long as printed", f"at most {LONGEST_LABEL}")
    words = [chart["title"], chart["note"]]
    for o, period in headed:
        words += [label(name, getattr(o, name)) for name in (*NAMED, "stated_by", "source")] + [period]
    if (characters := sum(labels) + sum(len(word or "") for word in words)) > MOST_CHARACTERS:
        yield Excess(f"its texts have {characters:,} characters in all", f"at most {MOST_CHARACTERS:,}")


def label_in(catalogue: Catalogue) -> Label:
    """Return what gives the labels of a release."""
    sources = catalogue.kind("source")
    return lambda name, code: sources[code]["publisher"] if name == "source" else catalogue.label(name, code)
