"""Tell how a figure that somebody printed stands today."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from misconduct.model.figure import Row
from misconduct.model.number_words import read_number
from misconduct.model.versions import (
    BY_GRAVITY,
    MEANING,
    History,
    Version,
    Weight,
    runs_longer,
    weigh_change,
)
from misconduct.model.wording import (
    as_printed,
    capitalise,
    date_in_words,
    dates_in_words,
    join,
    lower,
)

PRINTED = ("printed", "value", "hedge", "period")
"""The columns whose change makes people print something else."""

Status = Literal["unchanged", "continued", "revised", "withdrawn", "never"]


class Standing(NamedTuple):
    """How a figure stands, since which release and why; its row of today, or the id of what takes its place.

    `changed` names the columns that differ today, but for codes that were only renamed: these leave it unchanged.
    `detail` is a sentence about a figure that now runs longer.
    """

    status: Status
    since: str | None = None
    reason: str | None = None
    today: Row | None = None
    replaced_by: str | None = None
    changed: Sequence[str] = ()
    detail: str | None = None


def find_standing(
    history: History, number: str | None = None, release: str | None = None
) -> Standing:
    """Return how a figure stands for somebody who printed a number of it, or just the figure.

    Without `release`, the number may be from any release. With it, the number is from that release or, if the figure
    had another number there, from an earlier one.
    """
    versions = [one for one in history if one.row]
    cited = _find_cited_versions(versions, number, release)
    today = history[-1].row if history else {}
    if not cited:
        return Standing("never", today=today or None)
    if not today:
        last = history[-1]
        return Standing(
            "withdrawn", last.releases[0], last.reason, None, last.replaced_by
        )
    gravest = max(cited, key=lambda one: BY_GRAVITY.index(_weigh_since(one, versions)))
    weight = _weigh_since(gravest, versions)
    status: Status = weight if weight in ("continued", "revised") else "unchanged"
    last = _find_last(weight, versions)
    return Standing(
        status,
        last.releases[0],
        None if status == "unchanged" else last.reason,
        today,
        None,
        _find_changed(cited, versions),
        _say_longer(gravest, versions),
    )


def _find_cited_versions(
    versions: History, number: str | None, release: str | None
) -> History:
    """Return the versions that somebody may have printed."""
    places = [place for place, one in enumerate(versions) if release in one.releases]
    before = versions[: places[0] + 1 if places else 0] if release else versions
    printed = [one for one in before if number is None or is_number_of(one.row, number)]
    return [one for one in printed if release in one.releases] or printed


def _find_last(weight: Weight, versions: History) -> Version:
    """Return the last version that says something else, by the gravity of what has changed; or else the first."""
    weights = ("revised",) if weight == "revised" else ("continued", "revised")
    later = (one for one in reversed(versions) if one.weight in weights)
    return next(later, versions[0])


def _find_changed(cited: History, versions: History) -> list[str]:
    """Return the columns that differ today from what somebody may have cited."""
    today = versions[-1].row
    told = {*_list_changed(versions[versions.index(cited[0]) :]), "mark"}
    return [
        name
        for name in (*MEANING, "mark")
        if name in told and any(one.row[name] != today[name] for one in cited)
    ]


def find_cited(history: History, number: str | None) -> Row | None:
    """Return a figure as it was when it last had a number, or as it last was; None if it never had the number."""
    rows = [one.row for one in history if one.row]
    return next(
        (row for row in reversed(rows) if number is None or is_number_of(row, number)),
        None,
    )


def say_briefly(
    status: Status, label: str, instead: str | None, doubt: str | None = None
) -> str:
    """Return in a few words how a figure stands, with what to print instead: revised to 17.

    A doubt of the number comes before that, and stands for it if nothing has changed.
    """
    said = lower(label)
    if instead:
        how = "withdrawn, now" if status == "withdrawn" else "revised to"
        said = f"{how} {instead}"
    if doubt is None:
        return said
    is_right = status in ("unchanged", "continued")
    return doubt if is_right else f"{doubt}, {said}"


def _weigh_since(cited: Version, versions: History) -> Weight:
    """Return the gravest change since a version; none counts if the figure says again what it said then."""
    if weigh_change(cited.row, versions[-1].row, "") == "current":
        return "current"
    later = versions[versions.index(cited) + 1 :]
    return max((one.weight for one in later), key=BY_GRAVITY.index)


def _list_changed(versions: History) -> Iterator[str]:
    """Yield the columns that changed from version to version, but for codes that were only renamed."""
    for before, after in pairwise(versions):
        if after.weight not in ("recoded", "current"):
            yield from (name for name in MEANING if before.row[name] != after.row[name])


def _say_longer(cited: Version, versions: History) -> str | None:
    """Say which dates a number is for, and to when its figure runs today; None if it does not run longer."""
    row, today = cited.row, versions[-1].row
    if not runs_longer(row, today):
        return None
    number, dates, now = (
        capitalise(as_printed(row) or "This"),
        dates_in_words(row["period"]),
        as_printed(today),
    )
    longer = (
        f"The figure now runs to {date_in_words(today['period'].rpartition('/')[2])}"
    )
    later = versions[versions.index(cited) + 1 :]
    if any(one.weight == "revised" for one in later):
        parts = list(dict.fromkeys(part for one in later for part in one.revised)) or [
            "it"
        ]
        return f"{number} was for {dates}. {longer}, and {join(parts)} {'have' if parts[1:] else 'has'} been revised."
    return (
        f"{number} is for {dates}. {longer}: {now}."
        if now
        else f"{number} is for {dates}. {longer}."
    )


def is_number_of(row: Row, number: str) -> bool:
    """Tell whether a number, as somebody types it, is that of a figure: its value, or as printed."""
    hedge = _plain(row["hedge"] or "")
    typed = _plain(number).removeprefix(hedge).removesuffix(hedge).strip()
    if typed == _plain(row["printed"] or ""):
        return True
    reading = read_number(typed)
    return (
        reading is not None
        and row["value"] is not None
        and reading.in_unit(row["unit"]) == row["value"]
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
