"""Read a number that is typed in a question, in digits or words: nearly 1,000, one in 200."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from misconduct.model.number_words import HEDGES, Reading, read_number
from misconduct.model.plain_words import straighten

MAX_WORDS = 6  # words of a number (one hundred and twenty-one is five), and the most that are tried

_SPACED = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?: \d{3})+(?![\w.,])")


class Typed(NamedTuple):
    """A number in a text, with its hedge, and what else the text says."""

    number: Reading
    words: str
    rest: str
    hedge: str = ""

    @property
    def whole(self) -> Decimal | None:
        """Return the number, if it is no share."""
        value = self.number.value
        return (
            Decimal(value.numerator) / value.denominator
            if self.number.unit == "count"
            else None
        )


def put_commas(text: str) -> str:
    """Return a text with commas in 1 492."""
    return _SPACED.sub(lambda match: match[0].replace(" ", ","), text)


def find_typed(text: str) -> Typed | None:
    """Return the longest number in a text."""
    typed = [
        word.lstrip("\"',:;?!()£$€").rstrip("\"'.,:;?!()£$€")
        for word in straighten(text).split()
    ]
    words = [word.casefold() for word in typed]
    numbers = sorted(
        _find_numbers(words), key=lambda one: -len(" ".join(words[one[0] : one[1]]))
    )
    if not numbers:
        return None
    start, end, number = numbers[0]
    hedges = (" ".join(words[first:start]) for first in range(max(start - 4, 0), start))
    hedge = next((one for one in hedges if one in HEDGES), "")
    rest = " ".join([*typed[: start - len(hedge.split())], *typed[end:]])
    return Typed(number, " ".join(words[start:end]), rest, hedge)


def _find_numbers(words: list[str]) -> Iterator[tuple[int, int, Reading]]:
    """Yield where numbers start and end, and the numbers. "No" and "none" are words here."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
            number = read_number(" ".join(words[start:end]))
            if number and (number.value or words[start].isdecimal()):
                yield start, end, number
