"""Text as programs read it: characters that no text of the register may hold, and numbers."""

from __future__ import annotations

import re
from decimal import Decimal

_NONCHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))

UNFIT = re.compile(f"[\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef{_NONCHARACTERS}]")
"""Noncharacters of Unicode, which stand for nothing and of which XML holds not all, and the controls of direction that
make what follows read in another order than it was written. Right-to-left text needs none of them: its characters, and
the marks U+200E, U+200F and U+061C, know their direction."""


def as_float64(text: str) -> Decimal:
    """Return the nearest IEEE double, in as few digits as identify it: what programs make of a number in JSON."""
    return Decimal(repr(float(text)))
