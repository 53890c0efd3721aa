"""Keeps what the documentation quotes equal to the results: `python -m bench.quote`. `make bench` ends with it.

A number that is followed by a comment such as `<!-- bench: page of 10 ÷ naive sync ORM -->` is the one that the
table of the results has in that row. It keeps its number of decimals. Prints the files that it changed.
"""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

from bench.report import FILE

PROJECT = Path(__file__).parents[1]
QUOTING = ("README.md", "docs/growth.md")
_QUOTED = re.compile(r"(\d[\d,]*(?:\.\d+)?)([^\d<\n]*)<!-- bench: ([^>]+?) -->")


def read_results(text: str) -> dict[str, str]:
    """Read what the table of goals says was measured, by path."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    goals = takewhile(lambda row: len(row) == len(rows[0]), rows)
    return {row[0]: row[rows[0].index("measured")] for row in goals}


def quote(text: str, facts: dict[str, str]) -> str:
    """Put the measured numbers into a text. Raises KeyError for what was not measured."""

    def replace(found: re.Match[str]) -> str:
        number, between, name = found.groups()
        measured = re.search(r"\d[\d,]*(?:\.\d+)?", facts[name])
        if measured is None:
            raise KeyError(name)
        decimals = len(number.partition(".")[2])
        return f"{float(measured[0].replace(',', '')):,.{decimals}f}{between}<!-- bench: {name} -->"

    return _QUOTED.sub(replace, text)


def main() -> None:
    facts = read_results(FILE.read_text())
    for name in QUOTING:
        file = PROJECT / name
        before = file.read_text()
        try:
            after = quote(before, facts)
        except KeyError as missing:
            print(f"{name} still quotes older results: nobody has measured {missing}")
            continue
        if after != before:
            file.write_text(after)
            print(f"{name} quotes the new results")


if __name__ == "__main__":
    main()
