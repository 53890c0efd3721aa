"""A finding: what was looked at, how it is, and what to do about it; for people, and for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import orjson

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


def as_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each finding and, below it, what to do."""
    for finding in findings:
        yield f"{finding.state:5} {finding.subject}: {finding.found}"
        if finding.to_do:
            yield f"      → {finding.to_do}"


def encode(findings: Iterable[Finding]) -> str:
    """The findings as a JSON list."""
    return orjson.dumps([finding._asdict() for finding in findings], option=orjson.OPT_INDENT_2).decode()


def has_failed(findings: Sequence[Finding]) -> bool:
    """Whether anything fails."""
    return any(finding.state == "fail" for finding in findings)
