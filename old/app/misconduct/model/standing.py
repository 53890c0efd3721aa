"""Whether a figure still stands: current, revised, ended or removed; what resembles it; and what to print instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import citation_url, number
from misconduct.model.observation import FIELDS, Mark, Observation
from misconduct.model.phrases import as_printed
from misconduct.model.table import Column, compile_row

STATED = tuple(
    name
    for name, field in FIELDS.items()
    if name != "version" and (name == "source" or field.mark is not Mark.COMPUTED)
)
"""The fields that make up the statement."""

PLACES = ("at", "also_at", "period_at", "hedge_at")
"""The fields that say where a statement is printed. A version that differs in them alone is moved, and not revised."""

MEANING = tuple(name for name in STATED if name not in ("id", "caveats", *PLACES))
"""The fields that say what a figure is: where another one of them was, who printed it printed something else."""

BOOKKEEPING = tuple(name for name in FIELDS if name not in STATED)
"""Fields that are not part of the statement itself."""


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]) -> list[dict[str, Any]]:
    """List the differences between two versions in the named fields: field, old and new."""
    return [
        {"field": name, "old": _plain(before.get(name)), "new": _plain(after.get(name))}
        for name in names
        if before.get(name) != after.get(name)
    ]


def _plain(value: Any) -> Any:
    return number(value) if isinstance(value, Decimal) else value


STANDING_COLUMNS: tuple[Column, ...] = (
    Column("id", "text", "Id of the figure."),
    Column("status", "code", "current, revised, ended, removed, unknown, not_found or not_in_release."),
    Column("value", "number", "The value asked about; without one, that of the version shown.", optional=True),
    Column("print_instead", "text", "What to print instead, as printed.", path="print_instead.printed", optional=True),
    Column("print_instead_hedge", "text", "Words that belong to it.", path="print_instead.hedge", optional=True),
    Column("print_instead_value", "number", "Its value.", path="print_instead.value", optional=True),
    Column("print_instead_id", "text", "Id of its figure.", path="print_instead.id", optional=True),
    Column("reason", "text", "Why the figure was ended, or its value revised.", optional=True),
    Column("replaced_by", "text", "Id of the figure that replaced it.", optional=True),
    Column("resembles_others", "boolean", "Looks like other figures and is not equal to them."),
    Column("disagreements", "texts", "Ids of the disagreements that it is part of."),
    Column("explanation", "text", "The standing in a sentence or two."),
)
"""The columns of the standing of many figures."""

write_standing = compile_row(STANDING_COLUMNS)


class Ending(NamedTuple):
    """Why a statement was ended or revised, the id of its replacement, and the version of that now in force.

    `recalled` is the release which alone showed what was printed, and was recalled. `ended_in` is the ordinal of the
    release that ended it: by then a recalled one may have had another version.
    """

    reason: str | None
    replaced_by: str | None
    replacement: Observation | None
    recalled: str | None = None
    ended_in: int | None = None


NOT_ENDED = Ending(None, None, None)


def standing(
    shown: Observation,
    known: Sequence[Observation],
    printed: Decimal | None,
    catalogue: Catalogue,
    base_url: str,
    *,
    ending: Ending = NOT_ENDED,
    withdrawn: Sequence[Observation] = (),
) -> dict[str, Any]:
    """Return the standing, in one release, of an observation or of a value that was printed from it.

    `known`: its versions up to that release, oldest first, without those `withdrawn` with recalled releases.
    """
    status = _status(shown, known, printed, catalogue.release.ordinal, is_recalled=ending.recalled is not None)
    resembled = list(catalogue.disagreements_of.get(shown.id, ()))
    return {
        "id": shown.id,
        "status": status,
        "value": number(printed if printed is not None else shown.value),
        "resembles_others": bool(resembled),
        "disagreements": resembled,
        "reason": ending.reason,
        "replaced_by": ending.replaced_by,
        "print_instead": _instead({"revised": shown, "ended": ending.replacement}.get(status), catalogue, base_url),
        "explanation": _explain(status, shown, known, catalogue, ending, printed=printed, withdrawn=withdrawn),
    }


def find_revision(known: Sequence[Observation], printed: Decimal | None) -> Observation:
    """Return the version since which a figure has its value; where that was printed, since which it means the same."""
    names = MEANING if printed == known[-1].value else ("value",)
    different = [index for index, reading in enumerate(known) if changed_meaning(reading, known[-1], names)]
    return known[different[-1] + 1 if different else 0]


def changed_meaning(before: Observation, after: Observation, names: Iterable[str] = MEANING) -> list[str]:
    """Return which of the named fields another version of a figure has otherwise."""
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _status(
    shown: Observation, known: Sequence[Observation], printed: Decimal | None, ordinal: int, *, is_recalled: bool
) -> str:
    """Return the status; a value that no version ever had is `unknown`."""
    if printed is not None and not is_recalled and all(reading.value != printed for reading in known):
        return "unknown"
    if shown.ended_in <= ordinal:
        return "ended"
    if printed is None:
        return "current"
    said_other = any(reading.value == printed and changed_meaning(reading, shown) for reading in known)
    return "revised" if printed != shown.value or said_other else "current"


def _instead(shown: Observation | None, catalogue: Catalogue, base_url: str) -> dict[str, Any] | None:
    return shown and {
        "id": shown.id,
        "value": number(shown.value),
        "printed": shown.printed,
        "hedge": shown.hedge,
        "cite_as": citation_url(base_url, shown.id, catalogue.release.number),
    }


def _quote(o: Observation) -> str:
    return as_printed(o) if o.printed is None else f"“{as_printed(o)}”"


def _explain(
    status: str,
    shown: Observation,
    known: Sequence[Observation],
    catalogue: Catalogue,
    ending: Ending,
    *,
    printed: Decimal | None,
    withdrawn: Sequence[Observation],
) -> str:
    figure, since = _quote(shown), find_revision(known, printed)
    # Versions are counted from 1, and only the law takes one away.
    gone = sorted(set(range(1, known[-1].version)) - {one.version for one in (*known, *withdrawn)})
    never = "No version of this figure ever showed that value."
    if gone:
        it = f"Version{'s' if gone[1:] else ''} {', '.join(map(str, gone))} may have, and the law removed"
        never = f"No version of this figure that is left showed that value. {it} {'them' if gone[1:] else 'it'}."
    reason = f" Reason: {ending.reason.rstrip('.')}." if ending.reason else ""
    was = (
        f"Release {ending.recalled} showed that, and was recalled."
        if ending.recalled
        else "That was an earlier version."
    )
    now = f"Since release {catalogue.release_numbers[since.added_in]} the figure is {figure}"
    if printed == shown.value:
        fields = (name for one in known if one.value == printed for name in changed_meaning(one, shown))
        was = "The number is the same, but not what it says."
        now += f", with another {', '.join(dict.fromkeys(fields))}"
    other, ended_in = ending.replacement, catalogue.release_numbers.get(ending.ended_in or shown.ended_in)
    instead = f" It was replaced by {_quote(other)} ({other.id})." if other else ""
    return {
        "current": f"The current figure is {figure}.",
        "revised": f"{was} {now}.{reason if printed == shown.value else ''}",
        "ended": f"{f'{was} ' if ending.recalled else ''}The figure was withdrawn in release {ended_in}."
        f"{reason} Its last version was {figure}.{instead}",
        "unknown": f"{never} The latest is {figure}.",
    }[status]
