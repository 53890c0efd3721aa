"""Filters for templates: counts, safe links, and addresses relative to the root."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from misconduct.model.phrases import full_source, short_source, write_date


def require_web(address: str | None) -> str | None:
    """Return the address if it is an http or https URL; None for any other, which must not become a link."""
    return address if address is not None and re.match(r"https?://[^\s/]", address) else None


def count_of(count: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun: `1 figure`, `2 figures`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def grouped(text: str) -> str:
    """Write the whole numbers of a text with commas: `1,071`."""
    return re.sub(r"(?<![\d.,])\d{4,}(?![\d,])", lambda found: f"{int(found[0]):,}", text, flags=re.ASCII)


def dated(comparison: Mapping[str, Any]) -> str:
    """Write the sentence of a comparison with the dates of its figures in words: `April 2023` for `2023-04`.

    What only looks like one is left, as in a label: 2011-12 may be a year.
    """
    [periods] = [one["values"] for one in comparison["dimensions"] if one["dimension"] == "period"]
    shown = list(zip(comparison["observations"], periods, strict=True))
    told = [period for one, period in shown if one["period"]["start"] or one["period"]["end"]]  # not its printed words
    told += [one["source"]["published"] or "" for one, _ in shown]
    dates = {*_DATE.findall(" ".join(told))}
    sentence: str = comparison["sentence"]
    return _DATE.sub(lambda found: write_date(found[0]) if found[0] in dates else found[0], sentence)


_DATE = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?\b(?!-)", re.ASCII)


@pass_context
def titled(context: Context, text: str) -> Markup:
    """Write the title of a disagreement or check, or the name of a correction, where a text has its id, as a link."""
    names = context["beside"].titles
    parts = re.split(r"\b([a-z0-9]+(?:-[a-z0-9]+)+)\b", text)
    return Markup("").join(
        Markup('<a href="{}">“{}”</a>').format(context["pin"](f"/{names[part][0]}s/{part}"), names[part][1])
        if part in names
        else escape(part)
        for part in parts
    )


def found_in(ids: Iterable[str], figures: Mapping[str, Any]) -> list[Any]:
    """Return the figures with these ids, in their order, without those that were not found."""
    return [figures[one] for one in ids if one in figures]


def missing_from(values: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Return the values that are not among others, in their order. Values of records may be lists, which no set has."""
    known = {*map(repr, others)}
    return [value for value in values if repr(value) not in known]


@pass_context
def from_root(context: Context, link: str) -> str:
    """Return an address of this service relative to its root, so that it works under any host name."""
    return link.removeprefix(context["base_url"])


def code_spans(text: str) -> Markup:
    """Write what is between backticks as code; the rest is escaped."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


FILTERS: dict[str, Callable[..., Any]] = {
    "date": write_date,
    "web": require_web,
    "count_of": count_of,
    "grouped": grouped,
    "full_source": partial(full_source, write=write_date),
    "short_source": partial(short_source, write=write_date),
    "dated": dated,
    "titled": titled,
    "found_in": found_in,
    "missing_from": missing_from,
    "from_root": from_root,
    "code_spans": code_spans,
}
