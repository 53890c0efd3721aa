"""Characters that are not allowed in any text of the register, and numbers as programs read them."""

from __future__ import annotations

import re
from decimal import Decimal

_NONCHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))

UNFIT = re.compile(f"[\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef{_NONCHARACTERS}]")
"""Unicode noncharacters, which have no meaning and not all of which XML allows, and the directional controls, which
show the text after them in another order than it was written. Right-to-left text does not need them: its characters,
and the marks U+200E, U+200F and U+061C, have a direction of their own."""


def as_float64(text: str) -> Decimal:
    """Return the nearest IEEE double, in as few digits as identify it: what programs make of a number in JSON."""
    return Decimal(repr(float(text)))
