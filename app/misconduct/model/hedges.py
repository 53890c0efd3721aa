"""The words that hedge a number, such as nearly or at least; `hedges.csv` lists them with the qualifier of each."""

import re
from pathlib import Path

from misconduct.model.codes import read_words

_WORDS = read_words(Path(__file__).with_suffix(".csv"))
_BEFORE, _AFTER = (
    {word: qualifier for qualifier, words in _WORDS[place].items() for word in words.split(" | ")}
    for place in ("before", "after")
)
HEDGES = _BEFORE | _AFTER
"""Hedging words that stand directly before or after a number, with the qualifier that claims least for each."""

_MAX_BEFORE = 60  # characters before a number in which its hedge is looked for
_ANY_BEFORE, _ANY_AFTER = (
    "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in sorted(hedges, key=len, reverse=True))
    for hedges in (_BEFORE, _AFTER)
)
_HEDGE_BEFORE = re.compile(rf"(?<![\w.])({_ANY_BEFORE})(?:\s+|(?<=\W))\W?$", re.IGNORECASE)
_HEDGE_AFTER = re.compile(rf"(?:\s+(?=\w)|(?=\W))({_ANY_AFTER})(?!\w)", re.IGNORECASE)


def read_hedge(hedge: str) -> str | None:
    """Return the qualifier that hedging words are; None if they are not known."""
    return HEDGES.get(" ".join(hedge.casefold().split()))


def find_hedge(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the range of the hedging words directly before a number or, if there are none, directly after it."""
    first = max(start - _MAX_BEFORE, 0)
    if before := _HEDGE_BEFORE.search(text[first:start]):
        return first + before.start(1), first + before.end(1)
    after = _HEDGE_AFTER.match(text, end)
    return after.span(1) if after else None


def with_hedge(hedge: str | None, printed: str) -> str:
    """Join a hedge and a number in the order in which they are printed: nearly 50, 50 or more, 50+."""
    if " ".join((hedge or "").casefold().split()) in _AFTER:
        return f"{printed}{'' if hedge == '+' else ' '}{hedge}"
    return f"{hedge or ''} {printed}".strip()
