"""What templates do to single values: dates and counts in words, and addresses that may be links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from app.model.phrases import full_source, short_source, write_date


def require_web(address: str | None) -> str | None:
    """The address where it leads to the web; None for any other, which is never made a link."""
    return address if address is not None and re.match(r"https?://[^\s/]", address) else None


def count_of(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 figure`, `2 figures`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def found_in(ids: Iterable[str], figures: Mapping[str, Any]) -> list[Any]:
    """The figures with these ids, in their order, but for those that were not found."""
    return [figures[one] for one in ids if one in figures]


@pass_context
def from_root(context: Context, link: str) -> str:
    """An address of this service relative to its root, so that it holds under any host name."""
    return link.removeprefix(context["base_url"])


FILTERS: dict[str, Callable[..., Any]] = {
    "date": write_date,
    "web": require_web,
    "count_of": count_of,
    "full_source": partial(full_source, write=write_date),
    "short_source": partial(short_source, write=write_date),
    "found_in": found_in,
    "from_root": from_root,
}
