"""Search figures and records by words, in English, and find a number that is typed with them."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from misconduct.db.engine import Database
from misconduct.model.number_words import HEDGES, Reading, read_number

MAX_WORDS = 6
"""Words of a number (one hundred and twenty-one is five), and the most that are tried."""

ROUNDED = Decimal("0.00005")
"""How far a share without a finite decimal, such as one in three, may be rounded."""

_MATCHES = "words @@ websearch_to_tsquery('english', %(q_words)s)"
_REST_MATCHES = """(numnode(websearch_to_tsquery('english', %(q_rest)s)) = 0
                    OR words @@ websearch_to_tsquery('english', %(q_rest)s))"""


class Typed(NamedTuple):
    """A number that somebody typed, the hedge before it (nearly), and the words around both."""

    number: Reading
    hedge: str
    rest: str


class Search(NamedTuple):
    """A search in SQL on figures: the condition, the order that puts the best match first, and the values of both."""

    condition: str
    order: str
    values: dict[str, Any]


def read_search(text: str) -> Search:
    """Return the search for words. It also finds figures with the number in it; those with its hedge come first."""
    rank = "ts_rank(words, websearch_to_tsquery('english', %(q_words)s)) DESC"
    given = {"q": text, "q_words": _without_commas(text)}
    typed = find_typed(text)
    if typed is None:
        return Search(_MATCHES, rank, given)
    is_number, values = _write_number(typed.number)
    condition = f"({_MATCHES} OR ({is_number}) AND {_REST_MATCHES})"
    alike = "(lower(coalesce(hedge, '')) = %(q_hedge)s)::int + (qualifier = %(q_qualifier)s)::int"
    order = f"CASE WHEN {is_number} THEN 1 + {alike} ELSE 0 END DESC, {rank}"
    hedges = {"q_hedge": typed.hedge, "q_qualifier": HEDGES.get(typed.hedge, "exact")}
    return Search(condition, order, {**given, "q_rest": typed.rest, **hedges, **values})


def _without_commas(text: str) -> str:
    """Return a text with 1131 for 1,131, so that both find the same."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def _with_either(text: str) -> str:
    """Return a search for a text with 1131 or with 1,131: the texts of records have both, as years and as numbers."""
    plain = _without_commas(text)
    printed = re.sub(r"(?<![\d.])[1-9]\d{3,8}(?![\d.])", lambda digits: f"{int(digits[0]):,}", plain)
    return plain if plain == printed else f"{plain} or {printed}"


def find_typed(text: str) -> Typed | None:
    """Return the longest number in a text, in digits or words."""
    words = [word.strip("\"'“”’.,:;?!()") for word in text.casefold().split()]
    found = max(_find_numbers(words), key=lambda one: len(" ".join(words[one[0] : one[1]])), default=None)
    if found is None:
        return None
    start, end, number = found
    before = next((size for size in (4, 3, 2, 1) if " ".join(words[max(start - size, 0) : start]) in HEDGES), 0)
    hedge = " ".join(words[start - before : start])
    return Typed(number, hedge, " ".join([*words[: start - before], *words[end:]]))


def _find_numbers(words: list[str]) -> Iterator[tuple[int, int, Reading]]:
    """Yield the numbers among words, each with where it starts and ends. "No" and "none" are words here."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
            number = read_number(" ".join(words[start:end]))
            if number and (number.value or words[start].isdecimal()):
                yield start, end, number


def _write_number(number: Reading) -> tuple[str, dict[str, Any]]:
    """Return the condition in SQL that a figure has a number, and its values. A share may be printed in either unit."""
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
    database: Database, release: str, text: str, kinds: Sequence[str], most: int, *, any_word: bool = False
) -> list[tuple[str, str]]:
    """Return the kind and id of records that have all words of a text, or any of them, the best match first."""
    words = "websearch_to_tsquery('english', %(q)s)"
    query = f"replace({words}::text, '&', '|')::tsquery" if any_word else words
    statement = f"""SELECT kind, id FROM records
        WHERE release = %(release)s AND kind = ANY(%(kinds)s) AND words @@ {query}
        ORDER BY ts_rank(words, {query}) DESC, kind, id LIMIT {most:d}"""  # noqa: S608
    rows = await database.rows(statement, {"release": release, "kinds": [*kinds], "q": _with_either(text)})
    return [(row["kind"], row["id"]) for row in rows]
