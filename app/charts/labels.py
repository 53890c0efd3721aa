"""The texts in a picture: labels of figures, gaps and series, and who published them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.model.catalogue import Catalogue
from app.model.observation import Observation
from app.model.phrases import NAMED, dated_publisher, label_figure, period_words, publisher
from app.model.series import WITHHELD, Series

BETWEEN = "\u00a0· "
"""The separator of two parts of a label; a line may break only after it."""


def figure_lines(o: Observation, beside: Sequence[Observation], catalogue: Catalogue) -> list[str]:
    """Label a figure: how it differs from the others, its period, who stated it, and where it is printed."""
    differing = [name for name in NAMED if len({getattr(other, name) for other in beside}) > 1]
    source = catalogue.kind("source")[o.source]
    said = f"said by {catalogue.label('stated_by', o.stated_by)}" if o.stated_by != "unstated" else "said by: unstated"
    where = " ".join(filter(None, [publisher(source), _year_of(source["published"])]))
    lines = [BETWEEN.join(_name(name, o, catalogue) for name in differing)]
    return [*filter(None, lines), BETWEEN.join([period_words(o), said, where])]


def shared_words(observations: Sequence[Observation], catalogue: Catalogue) -> str:
    """Describe what is the same for all figures of a picture."""
    shared = [name for name in NAMED if len({getattr(o, name) for o in observations}) == 1]
    return BETWEEN.join(_name(name, observations[0], catalogue) for name in shared)


def series_name(one: Series, beside: Sequence[Series], catalogue: Catalogue) -> list[str]:
    """Name a series by its category and, if the others are of other forces, by its force."""
    names = ["category"]
    if len({other.key.area for other in beside}) > 1:
        names.append("area")
    return [_name(name, one.key, catalogue) for name in names]


def series_heading(one: Series, beside: Sequence[Series], catalogue: Catalogue) -> str:
    """Describe a series: what it counts, who stated it, and the figure for all its years, if there is one."""
    key = one.key
    source = catalogue.kind("source")[key.source]
    words = series_name(one, beside, catalogue)
    words += [_name(name, key, catalogue) for name in ("measure", "counting_unit", "population")]
    said = f"said by {catalogue.label('stated_by', key.stated_by)} in {publisher(source)}"
    whole = one.window and f"{label_figure(one.window)} in all for {period_words(one.window)}"
    return BETWEEN.join([*words, said, *filter(None, [whole])])


def gap_label(reason: str) -> str:
    """Label a year without a figure; the key of the picture explains it."""
    return "R" if reason == WITHHELD else "?"


def sources_words(observations: Iterable[Observation], catalogue: Catalogue) -> str:
    """List the sources of the figures: publisher and date, as precise as known."""
    sources = catalogue.kind("source")
    named = sorted({o.source for o in observations})
    return "; ".join(dict.fromkeys(dated_publisher(sources[slug]) for slug in named))


def _name(dimension: str, o: Observation, catalogue: Catalogue) -> str:
    code = getattr(o, dimension)
    return f"{dimension.replace('_', ' ')} unstated" if code == "unstated" else catalogue.label(dimension, code)


def _year_of(published: str | None) -> str | None:
    return published and published[:4]
