"""Suggest the word that was probably meant, in a mistake of a register or of a request."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice

MOST_COMPARED = 5_000
"""Known words with which a misspelt word is compared."""

MOST_COMPARED_CLOSELY = 50
"""Of these, those that share most letter pairs with it are compared closely, which takes 0.1 ms each."""

_LONGEST = 100


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word most similar to this one; None if there is no similar one.

    Takes some 10 ms at most, however many words are known, and however long they are.
    """
    by_lower = {other.casefold()[:_LONGEST]: other for other in islice(known, MOST_COMPARED)}
    wanted = word.casefold()[:_LONGEST]
    pairs = {wanted[place : place + 2] for place in range(len(wanted) - 1)}
    candidates: Iterable[str] = by_lower
    if len(by_lower) > MOST_COMPARED_CLOSELY:
        candidates = nlargest(
            MOST_COMPARED_CLOSELY, by_lower, key=lambda other: sum(map(other.__contains__, pairs)) / (len(other) + 1)
        )
    close = get_close_matches(wanted, candidates, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
