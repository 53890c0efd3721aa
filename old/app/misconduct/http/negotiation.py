"""Content negotiation: choose the format and encoding by suffix, else by `Accept` (RFC 9110)."""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_lowercase
from typing import NamedTuple

from starlette.requests import Request

from misconduct.errors import NotAcceptable
from misconduct.formats import FORMATS, Format

LONGEST_HEADER = 2_000

OF_BROWSERS = re.compile(
    r"text/html(, ?(application/(xhtml\+xml|xml|signed-exchange)|image/(avif|webp|apng|png|svg\+xml))"
    r"(;[a-z]=[a-z0-9.]+)*)*, ?\*/\*;q=0\.[1-9]"
)
"""What browsers send for a page. Some name images that they can show; that does not ask for a picture of figures."""

PAGE = Format("html", "text/html", "text/html; charset=utf-8", "A page for people.", "document", lambda page: [page])
XML = PAGE._replace(name="xml", media_type="application/xml", content_type="application/xml", description="A document.")
NOT_NEGOTIATED = {form.name: form for form in (PAGE, XML)}
"""The formats of pages and the like, which are not negotiated, because each has its own address."""


class Representation(NamedTuple):
    """The format, whether the body is gzipped, and whether the address names the format.

    What is compressed already is not gzipped.
    """

    form: Format
    gzipped: bool
    by_suffix: bool

    @property
    def vary(self) -> str:
        """The headers that decide the bytes, beside the address."""
        return "Accept-Encoding" if self.by_suffix else "Accept, Accept-Encoding"


def choose(request: Request, offered: tuple[str, ...]) -> Representation:
    """Return the representation that the request asks for. Raises NotAcceptable, which lists the formats."""
    accept, encoding = (request.headers.get(name, "")[:LONGEST_HEADER] for name in ("accept", "accept-encoding"))
    name, takes, by_suffix = _choose(offered, request.scope.get("suffix"), accept or "*/*", encoding)
    form = FORMATS[name] if name in FORMATS else NOT_NEGOTIATED[name]
    return Representation(form, takes and not form.is_compressed, by_suffix)


@lru_cache(256)
def _choose(offered: tuple[str, ...], suffix: str | None, accept: str, encoding: str) -> tuple[str, bool, bool]:
    """Return the name of a format, whether gzip is taken, and whether the address names the format."""
    takes = takes_gzip(encoding)
    if len(offered) == 1 and offered[0] in NOT_NEGOTIATED:
        return offered[0], takes, True
    if suffix is not None:
        known = (FORMATS[name] for name in offered if name in FORMATS)
        by_suffix = {form.suffix: form.name for form in known}  # of two with one suffix the later
        if suffix not in by_suffix:
            raise no_such_format(f".{suffix}", offered)
        return by_suffix[suffix], takes, True
    forms = {**FORMATS, PAGE.name: PAGE}
    best = max(offered, key=lambda name: (_quality(forms[name].media_type, accept), -offered.index(name)))
    if _quality(forms[best].media_type, accept) <= 0:
        raise no_such_format(accept, offered)
    return best, takes, False


def prefers(request: Request, media_type: str, other: str) -> bool:
    """Return whether the request prefers one media type to the other; `*/*` alone prefers neither."""
    accept = request.headers.get("accept", "*/*") or "*/*"
    return _quality(media_type, accept) > _quality(other, accept)


def takes_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding header allows gzip."""
    return "gzip" in (name for name, q in _weighted(accept_encoding) if q > 0)


def rank_formats(accept: str) -> str:
    """Return how an Accept header ranks all formats, a letter each: headers with equal ranks get equal answers."""
    offered = (*FORMATS.values(), PAGE)
    qualities = [_quality(form.media_type, accept or "*/*") for form in offered]
    ranks = sorted({0.0, *qualities})
    return "".join(ascii_lowercase[ranks.index(quality)] for quality in qualities)


def no_such_format(wanted: str, offered: tuple[str, ...]) -> NotAcceptable:
    """Make the problem that lists the formats of a resource."""
    known = (FORMATS[name] for name in offered if name in FORMATS)
    there = ", ".join(f"{form.media_type} (.{form.suffix})" for form in known)
    by_year = (form for form in FORMATS.values() if form.offered == "by-year")
    hints = [
        f" {form.media_type} holds figures by year: /v1/observations/by-year.{form.suffix}, or a dataset's."
        for form in by_year
        if wanted == f".{form.suffix}" or form.media_type in wanted
    ]
    return NotAcceptable(
        f"{wanted[:80]!r} is not a format of this resource. Available: {there}.{''.join(hints)}", formats=list(offered)
    )


def _quality(media_type: str, accept: str) -> float:
    """Return the weight that an Accept header gives a media type: its most specific matching range decides."""
    ranges = {media_type: 3, f"{media_type.split('/', maxsplit=1)[0]}/*": 2, "*/*": 1}
    matching = [(ranges[name], q) for name, q in _weighted(accept) if name in ranges]
    return max(matching)[1] if matching else 0.0


def _weighted(header: str) -> tuple[tuple[str, float], ...]:
    """Return the members of a header such as `text/csv;q=0.5, */*` with their weights, 0 where one is malformed."""
    return _read_weights(header[:LONGEST_HEADER])


@lru_cache(64)
def _read_weights(header: str) -> tuple[tuple[str, float], ...]:
    if OF_BROWSERS.fullmatch(header):
        return (("text/html", 1.0), ("*/*", 0.8))
    members = []
    for member in header.lower().split(","):
        name, *parameters = (part.strip() for part in member.split(";"))
        weights = [parameter[2:] for parameter in parameters if parameter.startswith("q=")]
        members.append((name, _weight(weights[0]) if weights else 1.0))
    return tuple(members)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
