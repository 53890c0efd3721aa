"""One finding: what was looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

State = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """`found` says what there is. `to_do` says what would mend it, and is empty where all is well."""

    subject: str
    state: State
    found: str
    to_do: str = ""


def judge(subject: str, found: str, *, fail: bool = False, warn: bool = False, to_do: str = "") -> Finding:
    """A finding that fails or warns on a condition, and says what to do only then."""
    state: State = "fail" if fail else "warn" if warn else "ok"
    return Finding(subject, state, found, "" if state == "ok" else to_do)


SHOWN = 20
"""How many things a finding names at most."""


def listed(differences: Sequence[str]) -> str:
    """What differs, in one line."""
    more = len(differences) - SHOWN
    return "; ".join(differences[:SHOWN]) + (f"; and {more:,} more" if more > 0 else "")
