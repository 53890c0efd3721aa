"""Write a search in Postgres's notation, find a number that is typed in it, and find the records that it names."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

from misconduct.db.engine import Database
from misconduct.db.tables import HOLDS
from misconduct.model.codes import WORDS
from misconduct.model.number_words import HEDGES, Reading, read_number
from misconduct.model.plain_words import plain_words, straighten

MAX_WORDS = 6  # words of a number (one hundred and twenty-one is five), and the most that are tried
ROUNDED = Decimal("0.00005")  # how far a share without a finite decimal, such as one in three, may be rounded
OF_FIGURE = ":AB"
"""The weights of texts in which a number is looked for: titles and notes name numbers of other figures."""

QUESTION = re.compile(r"\b(?:how (?:many|much)|number of)\b", re.IGNORECASE)
NOW = WORDS["now"]["search"]
NEWEST = re.compile(rf"\b(?:(?:last|past|this|per|each|every) (?:year|month)|so far|{'|'.join(NOW)})\b", re.IGNORECASE)
"""Words that no figure has: they ask for a number, for the newest, or for one for each year."""
_SIGNS = re.compile(r"(?<!\S)-[^\W\d]\w*|\bOR\b|\|+|(?<!\S)!+(?=\w)|(?<!\S)&+(?!\S)")
_SPACED = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?: \d{3})+(?![\w.,])")

_PART_OF = [["of"], ["of", "the"], ["out", "of"], ["out", "of", "the"]]
_IS_EITHER, _IS_PART = "value IN (%(q_part)s, %(q_value)s)", "(value = %(q_part)s)::int"
_IS_PAIR = f"""({_IS_EITHER} AND EXISTS (SELECT FROM observations AS other
    WHERE other.first <= %(release)s AND %(release)s < other.until
        AND other.value = %(q_part)s + %(q_value)s - figure.value
        AND other.id <> figure.id AND (figure.id = ANY(other.part_of) OR other.id = ANY(figure.part_of)
            OR ROW(figure.source, figure.area, figure.period)
                IS NOT DISTINCT FROM ROW(other.source, other.area, other.period))))"""  # noqa: S608


def find_signs(text: str) -> list[str]:
    """Return what is meant to steer a search and does not: -word, OR, & and !."""
    return [*dict.fromkeys(_SIGNS.findall(straighten(text)))]


def leave_out_asking(text: str) -> str:
    """Return a text without words that only ask, unless it has no others, and with commas in 1 492."""
    text = QUESTION.sub(" ", _SPACED.sub(lambda match: match[0].replace(" ", ","), text))
    rest = NEWEST.sub(" ", text)
    return rest if plain_words(rest) else text


def write_query(text: str, between: str = " & ", numbers: str = OF_FIGURE) -> str:
    """Return a search in Postgres's notation: all words, quoted ones side by side; sexual* begins a word.

    `numbers` are the weights of texts in which numbers are looked for.
    """
    plain = straighten(text)
    begun = {word for piece in re.findall(r"(\S+)\*", plain) for word in plain_words(piece)[-1:]}
    words = []
    for word in dict.fromkeys(plain_words(plain)):
        mark = numbers if word[0].isdecimal() else ":*" if word in begun else ""
        words.append(f"'{word}'{mark}")
    quoted = (plain_words(part) for part in re.findall('"([^"]*)"', plain))
    phrases = [" <-> ".join(f"'{word}'" for word in phrase) for phrase in quoted if phrase[1:]]
    return between.join([*words, *phrases])


class Typed(NamedTuple):
    """A number in a text: in SQL what has it, and how well its hedge fits; of 53 of 285, what has both side by side."""

    equals: str
    alike: str
    values: dict[str, Any]
    rest: str
    words: str
    hedge: str = ""
    is_pair: str = ""


def find_typed(text: str) -> Typed | None:
    """Return the longest number in a text, in digits or words, or a number and that of which it is a part."""
    typed = [word.lstrip("\"',:;?!()£$€").rstrip("\"'.,:;?!()£$€") for word in straighten(text).split()]
    words = [word.casefold() for word in typed]
    numbers = sorted(_find_numbers(words), key=lambda one: -len(" ".join(words[one[0] : one[1]])))
    if not numbers:
        return None
    for (start, until, part), (begin, end, whole) in product(numbers, numbers):
        if words[until:begin] in _PART_OF and {part.unit, whole.unit} == {"count"}:
            both = {**_write_number(whole)[1], "q_part": _write_number(part)[1]["q_value"]}
            others = [*typed[:start], *typed[end:]]
            return Typed(_IS_EITHER, _IS_PART, both, " ".join(others), " ".join(words[start:end]), is_pair=_IS_PAIR)
    start, end, number = numbers[0]
    hedges = (" ".join(words[first:start]) for first in range(max(start - 4, 0), start))
    hedge = next((one for one in hedges if one in HEDGES), "")
    rest = [*typed[: start - len(hedge.split())], *typed[end:]]
    equals, values = _write_number(number)
    alike = "(lower(coalesce(hedge, '')) = %(q_hedge)s)::int + (qualifier = %(q_qualifier)s)::int"
    values |= {"q_hedge": hedge, "q_qualifier": HEDGES.get(hedge, "exact")}
    return Typed(f"({equals})", alike, values, " ".join(rest), " ".join(words[start:end]), hedge)


def _find_numbers(words: list[str]) -> Iterator[tuple[int, int, Reading]]:
    """Yield where numbers start and end, and the numbers. "No" and "none" are words here."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
            number = read_number(" ".join(words[start:end]))
            if number and (number.value or words[start].isdecimal()):
                yield start, end, number


def _write_number(number: Reading) -> tuple[str, dict[str, Any]]:
    """Return in SQL that a figure has a number, a share in either unit, and the values."""
    if number.unit == "count":
        return "value = %(q_value)s", {"q_value": Decimal(number.value.numerator) / number.value.denominator}
    conditions, values = [], dict[str, Any]()
    for unit in ("percent", "proportion"):
        share = number.in_unit(unit) or 0
        exact = Decimal(share.numerator) / share.denominator
        rounded = 0 if 10**12 % share.denominator == 0 else ROUNDED
        conditions.append(f"unit = '{unit}' AND value BETWEEN %(q_{unit}_low)s AND %(q_{unit}_high)s")
        values |= {f"q_{unit}_low": exact - rounded, f"q_{unit}_high": exact + rounded}
    return " OR ".join(conditions), values


async def find_records(
    database: Database, release: int, text: str, kinds: Sequence[str], most: int, *, any_word: bool = False
) -> list[tuple[str, str]]:
    """Return the kind and id of records that have all words of a text, or any two of them, the best match first."""
    words = plain_words(text := NEWEST.sub(" ", text))  # records are questions, such as How many were dismissed?
    if not words:
        return []
    statement = f"""SELECT kind, id FROM records, to_tsquery('english', %(words)s) AS query
        WHERE {HOLDS} AND kind = ANY(%(kinds)s) AND words @@ query
        AND %(least)s <= (SELECT count(*) FROM unnest(%(each)s::text[]) AS one
                          WHERE words @@ to_tsquery('english', one))
        ORDER BY ts_rank(words, query) DESC, kind, id LIMIT {most:d}"""  # noqa: S608
    query = write_query(text, " | " if any_word else " & ", numbers="")
    least = min(2, len(words)) if any_word else 0
    values = {"release": release, "kinds": [*kinds], "each": words, "least": least, "words": query}
    return [(row["kind"], row["id"]) for row in await database.rows(statement, values)]
