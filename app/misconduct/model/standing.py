"""Tell how a figure that somebody printed stands today."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from misconduct.model.figure import DIMENSIONS, Row
from misconduct.model.number_words import read_number
from misconduct.model.versions import STATED, WEIGHTS, History, Version, Weight, weigh_change

Status = Literal["current", "revised", "ended", "unknown"]


class Standing(NamedTuple):
    """How a figure stands, since which release and why; its row of today, or the id of what takes its place.

    `changed` names the columns that differ today. A figure of which only codes differ is current.
    """

    status: Status
    since: str | None = None
    reason: str | None = None
    today: Row | None = None
    replaced_by: str | None = None
    changed: Sequence[str] = ()


def find_standing(history: History, number: str | None = None, release: str | None = None) -> Standing:
    """Return how a figure stands for somebody who printed a number of it, or just the figure.

    Without `release`, the number may be from any release. With it, the number is from that release or, if the figure
    had another number there, from an earlier one.
    """
    places = [place for place, one in enumerate(history.versions) if release in one.releases]
    before = history.versions[: places[0] + 1 if places else 0] if release else history.versions
    printed = [one for one in before if number is None or is_number_of(one.row, number)]
    cited = [one for one in printed if release in one.releases] or printed
    today = None if history.ended_in or not history.versions else history.versions[-1].row
    if not cited:
        return Standing("unknown", today=today)
    if today is None:
        return Standing("ended", history.ended_in, history.ending.reason, None, history.ending.replaced_by)
    weight = max((_weigh_since(one, history) for one in cited), key=WEIGHTS.index)
    matters = STATED + DIMENSIONS if weight != "current" else ()
    changed = [name for name in matters if any(one.row[name] != today[name] for one in cited)]
    revisions = [one for one in history.versions if one.weight == "revised"]
    since = (revisions[-1] if revisions else history.versions[0]).releases[0]
    if weight == "revised":
        return Standing("revised", since, revisions[-1].reason, today, changed=changed)
    return Standing("current", since, None, today, changed=changed)


def _weigh_since(cited: Version, history: History) -> Weight:
    """Return the gravest change since a version; none counts if the figure says again what it said then."""
    if weigh_change(cited.row, history.versions[-1].row, "") == "current":
        return "current"
    since = history.versions[history.versions.index(cited) + 1 :]
    return max((one.weight for one in since), key=WEIGHTS.index)


def is_number_of(row: Row, number: str) -> bool:
    """Tell whether a number, as somebody types it, is that of a figure: its value, or as printed."""
    hedge = _plain(row["hedge"] or "")
    typed = _plain(number).removeprefix(hedge).removesuffix(hedge).strip()
    if typed == _plain(row["printed"] or ""):
        return True
    reading = read_number(typed)
    return reading is not None and row["value"] is not None and reading.in_unit(row["unit"]) == row["value"]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
