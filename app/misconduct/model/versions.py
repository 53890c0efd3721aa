"""Versions of a figure: its different rows over the releases, what changed between them, and how much that matters.

In changes.csv a release writes `revised` for a figure that says something else than before, and `recoded` if only its
codes changed and mean what the former ones meant. Until release 2.2.0 there was no `recoded`. A total that runs
longer in a new edition is `revised` there. Here it is `continued`, as its former number is right for its dates.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import printed_days
from misconduct.model.documents import shown
from misconduct.model.figure import DIMENSIONS, PROSE, Row, read_from

Weight = Literal["added", "current", "recoded", "continued", "revised", "ended"]
BY_GRAVITY: tuple[Weight, ...] = get_args(Weight)
"""What a change means for somebody who printed a figure before it: the gravest last."""

STATED = ("value", "value_absent", "printed", "hedge", "qualifier", "unit", "period")
"""What the source prints: if one of these changes, the figure says something else."""

MEANING = (*STATED, *DIMENSIONS)
"""What a figure means: what its source prints, and what tells it from others of its source."""


class Field(NamedTuple):
    """A column or field whose value differs between two releases."""

    field: str
    before: Any
    after: Any


class Version(NamedTuple):
    """A row of a figure, the releases that have it, and what changed since the version before.

    The row is empty if the figure has ended, and `releases` are those that do not have it. `revised` has the periods of
    its parts that were revised, if it runs longer.
    """

    row: Row
    releases: list[str]
    weight: Weight
    fields: Sequence[Field] = ()
    reason: str | None = None
    replaced_by: str | None = None
    revised: Sequence[str] = ()


History = Sequence[Version]
"""The versions of a figure, oldest first."""


def show_fields(fields: Iterable[Field], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return fields in JSON, with labels of today."""
    return [
        {
            "field": name,
            "before": shown(name, before, catalogue),
            "after": shown(name, after, catalogue),
        }
        for name, before, after in fields
    ]


def runs_longer(before: Mapping[str, Any], after: Row) -> bool:
    """Tell whether a figure of a table now runs from the same first day to a later last day."""
    was, now = (printed_days(row["period"] or "") for row in (before, after))
    is_longer = (
        was.first is not None
        and was.first == now.first
        and was.last
        and now.last
        and was.last < now.last
    )
    return bool(is_longer) and read_from(after["at"]) not in PROSE


def weigh_change(before: Row, after: Row, action: str) -> Weight:
    """Return what a change means for somebody who printed the figure before it.

    `action` is what changes.csv says of it. Caveats, places and the like do not matter to a printed number. A figure
    that continued is revised if parts of it were: `misconduct_editor.releases.versions` tells.
    """
    changed = {name for name in MEANING if before.get(name) != after.get(name)}
    if runs_longer(before, after) and not changed & {"unit", *DIMENSIONS}:
        return "continued"
    if before["value"] is not None and "value" not in changed:
        changed.discard("printed")  # it is the same number
    if changed.intersection(STATED) or (changed and action != "recoded"):
        return "revised"
    return "recoded" if changed else "current"
