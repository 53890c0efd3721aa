"""What templates do to single values: dates and counts in words, and addresses that may be links."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any


def write_date(day: date | str) -> str:
    """A date at the precision that it has: `2023`, `January 2023`, `5 January 2023`."""
    text = day.isoformat() if isinstance(day, date) else day
    parts = [int(part) for part in text.split("-")]
    first = date(*(*parts, 1, 1)[:3])
    return {1: text, 2: f"{first:%B %Y}"}.get(len(parts), f"{first.day} {first:%B %Y}")


def require_web(address: str | None) -> str | None:
    """The address where it leads to the web; None for any other, which is never made a link."""
    return address if address is not None and re.match(r"https?://[^\s/]", address) else None


def count_of(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 figure`, `2 figures`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


FILTERS: dict[str, Callable[..., Any]] = {"date": write_date, "web": require_web, "count_of": count_of}
