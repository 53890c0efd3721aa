"""Findings for people, and for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson

from app.doctor.finding import Finding


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
