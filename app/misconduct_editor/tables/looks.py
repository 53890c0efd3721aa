"""Read a cell whose texts may look different: struck out, hidden, lowered or raised."""

from collections.abc import Iterable
from typing import NamedTuple

from misconduct_editor.tables.grid import squeeze

STRUCK, HIDDEN, LOWERED = (
    f"some of this cell’s text is {how}: save a copy in which the cell says only what counts"
    for how in ("struck out", "hidden", "set below the line")
)
"""Why we cannot tell what a cell shows."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Look(NamedTuple):
    """How a text looks, where that matters: why it may not count, and whether it is set above the line."""

    doubt: str | None = None
    is_raised: bool = False


def join_texts(runs: Iterable[tuple[str, Look]]) -> tuple[str, str | None]:
    """Return the text of a cell, and why it is unclear, if it is. Raised digits are a footnote: 3¹ is not 31."""
    found = [(text.translate(_RAISED) if look.is_raised else text, look) for text, look in runs]
    doubts = (look.doubt for text, look in found if text.strip() and look.doubt)
    return squeeze("".join(text for text, _ in found)), next(doubts, None)
