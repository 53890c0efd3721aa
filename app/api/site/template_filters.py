"""What templates do to single values: dates and counts in words, and addresses that may be links."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from app.domain.phrases import full_source, short_source, write_date


def require_web(address: str | None) -> str | None:
    """The address where it leads to the web; None for any other, which is never made a link."""
    return address if address is not None and re.match(r"https?://[^\s/]", address) else None


def count_of(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 figure`, `2 figures`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


FILTERS: dict[str, Callable[..., Any]] = {
    "date": write_date,
    "web": require_web,
    "count_of": count_of,
    "full_source": partial(full_source, write=write_date),
    "short_source": partial(short_source, write=write_date),
}
