"""The result of one check: what was checked, its state, and what to do; as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import orjson

from misconduct.errors import printable

State = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """The result of one check. `to_do` says how to fix it, and is empty if the state is ok."""

    subject: str
    state: State
    found: str
    to_do: str = ""


def judge(subject: str, found: str, *, fail: bool = False, warn: bool = False, to_do: str = "") -> Finding:
    """Return a finding that fails or warns on a condition, and says what to do only then."""
    state: State = "fail" if fail else "warn" if warn else "ok"
    return Finding(subject, state, found, "" if state == "ok" else to_do)


SHOWN = 20
"""How many differences a finding names at most."""


def listed(differences: Sequence[str]) -> str:
    """Join differences in one line."""
    more = len(differences) - SHOWN
    return "; ".join(differences[:SHOWN]) + (f"; and {more:,} more" if more > 0 else "")


def as_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a line for each finding and, below it, what to do. Who has a password may have written what is found."""
    for finding in findings:
        yield printable(f"{finding.state:5} {finding.subject}: {finding.found}")
        if finding.to_do:
            yield printable(f"      → {finding.to_do}")


def encode(findings: Iterable[Finding]) -> str:
    """Return the findings as a JSON list."""
    return orjson.dumps([finding._asdict() for finding in findings], option=orjson.OPT_INDENT_2).decode()


def has_failed(findings: Sequence[Finding]) -> bool:
    """Return whether any check failed."""
    return any(finding.state == "fail" for finding in findings)
