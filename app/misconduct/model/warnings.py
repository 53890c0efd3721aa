"""Warn of what a reader could get wrong, and how much is read for an answer."""

from collections.abc import Collection

from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.shapes import Warned

MOST_READ = 5_000
"""How many of the figures that a request finds are read for its total, and for the order of a search.

Reading these takes a tenth of a second; an answer with more says "at least".
"""


def warn_of(codes: Collection[str]) -> list[Warned]:
    """Return warnings by their codes, in the order of the list."""
    known = PROGRAM_LISTS["warning"]
    return [
        Warned(code=code, detail=known[code]["definition"])
        for code in known
        if code in codes
    ]
