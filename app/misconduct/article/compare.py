"""Compare a figure with the sentence of a number: one table has what is read of each field, and one what differs.

What a source counts as “other” is not judged.
A kind of difference is in the table if it is right nine times in ten on texts that nobody tuned on. What else the two
say of a field stands side by side, without a verdict.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from misconduct.article import manner, source, subject
from misconduct.article.fields import GRAVITY, Comparison, Difference, Reading, Words
from misconduct.article.match import Match
from misconduct.article.words import OPPOSED
from misconduct.model.codes import PROGRAM_LISTS

READERS: Mapping[str, Callable[[Match], Reading]] = {
    "assertion": manner.read_assertion,
    "value": manner.read_value,
    "qualifier": manner.read_qualifier,
    "statistic": manner.read_statistic,
    "denominator": manner.read_denominator,
    "counting_unit": subject.read_unit,
    "measure": subject.read_measure,
    "category": subject.read_category,
    "population": subject.read_population,
    "area": source.read_area,
    "period": source.read_period,
    "stated_by": source.read_body,
}
"""What reads a field."""


class Kind(NamedTuple):
    """A kind of difference: its code, and what finds the words of both if they differ."""

    code: str
    find: Callable[[Match], Words | None]


KINDS = (
    Kind("governed", manner.differ_in_assertion),
    Kind("other_measure", subject.differ_in_stage),
    Kind("other_statistic", manner.differ_in_statistic),
    Kind("other_role", subject.differ_in_role),
    Kind("other_population", subject.differ_in_people),
    Kind("narrower_here", subject.differ_in_kind),
    Kind("other_population", subject.differ_in_group),
    Kind("other_unit", subject.differ_in_unit),
    Kind("other_area", source.differ_in_area),
    Kind("other_year", source.differ_in_time),
)


def compare(match: Match) -> Comparison:
    """Return how a figure compares with the sentence of its number."""
    readings = {name: read(match) for name, read in READERS.items()}
    found = _find_opposed(match)
    for kind in KINDS:
        field = PROGRAM_LISTS["difference"][kind.code]["field"]
        if match.row.get(field) != "other" and (words := kind.find(match)):
            found[kind.code] = words
    differences = [
        Difference(code, _say(*found[code])) for code in GRAVITY if code in found
    ]
    return Comparison(match.row, match.score, readings, differences)


def _say(sentence: str, its_source: str) -> str:
    return f"The source says “{its_source}”, your sentence “{sentence}”."


def _find_opposed(match: Match) -> dict[str, Words]:
    """Return what words of the sentence oppose, by the code of the difference: minor punishments told as major ones."""
    number, theirs = match.number, _sides_of(match.row["counted"] or "")
    said, found = number.text.said_at("opposed", *number.clause), {}
    for own in theirs:
        code, of, _ = own.split("/", 2)
        yours = [one for one in said if one.code.startswith(f"{code}/{of}/")]
        if yours and theirs.isdisjoint(one.code for one in yours):
            found[code] = Words(number.words(yours[0][:2]), match.row["counted"])
    return found


@cache
def _sides_of(counted: str) -> frozenset[str]:
    return frozenset(one.code for one in OPPOSED.find_said(counted.replace("_", " ")))
