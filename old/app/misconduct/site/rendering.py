"""Render templates as pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from misconduct.api.parameters import RELEASE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import send_bytes
from misconduct.api.v1.compare import MOST
from misconduct.http.conditional import NotModified, has_already
from misconduct.http.limits import is_too_long
from misconduct.http.negotiation import PAGE
from misconduct.http.shared_caches import caching_of_error
from misconduct.model import phrases
from misconduct.model.catalogue import Catalogue
from misconduct.model.locator import selector
from misconduct.site import chart_table, snippets, template_filters
from misconduct.site.static import static_url

TEMPLATES = Path(__file__).parent / "templates"

GLOBALS = {
    "COUNTED": phrases.COUNTED,
    "say_period": phrases.say_period,
    "say_printed": phrases.say_printed,
    "say_what": phrases.say_what,
    "say_who": phrases.say_who,
    "title_of": phrases.title_of,
    "write_figure": phrases.write_figure,
    "list_downloads": snippets.list_downloads,
    "list_by_year_downloads": snippets.list_by_year_downloads,
    "write_snippets": snippets.write_snippets,
    "tabulate": chart_table.tabulate,
    "selector": selector,
    "static_url": static_url,
    "most_compared": MOST,
}
"""Functions and values that every template can use."""

Pairs = list[tuple[str, str]]


@cache
def templates() -> Environment:
    """Return the templates. All values are escaped; an undefined name is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= template_filters.FILTERS
    environment.globals |= GLOBALS
    return environment


def parse_page_request(
    accepted: Iterable[str] = RELEASE_PARAMETERS, *, as_typed: Iterable[str] = ()
) -> Callable[[Request], Coroutine[Any, Any, Question]]:
    """Return a dependency that parses requests for a page (see `misconduct.api.request_context.parse_request`).

    Empty form fields are ignored. Parameters in `as_typed` are not parsed: `question.values` has their text.
    """
    understand, as_typed = parse_request(accepted, (PAGE.name,)), tuple(as_typed)

    async def understand_page(request: Request) -> Question:
        pairs = typed_pairs(request)
        rest = [pair for pair in _raw_pairs(request) if _decode(pair.partition(b"=")[0]) not in as_typed]
        question = await understand(with_query(request, b"&".join(rest)))
        typed = {name: [text for other, text in pairs if other == name][:1] for name in as_typed}
        values = {**question.values, **{name: text for name, text in typed.items() if text}}
        question = replace(question, values=values, asked="")
        if has_already(request, question.etag, exists=False):
            raise NotModified(question.headers())
        return question

    return understand_page


def with_query(request: Request, query: bytes) -> Request:
    """Return the same request with another query string and without If-Match and If-None-Match."""
    conditions = (b"if-none-match", b"if-match")
    headers = [header for header in request.scope["headers"] if header[0] not in conditions]
    return Request({**request.scope, "query_string": query, "headers": headers})


def typed_pairs(request: Request) -> Pairs:
    """Return the parameters as they were typed, without empty ones."""
    pairs = (pair.replace(b"+", b" ").partition(b"=") for pair in _raw_pairs(request))
    return [(_decode(name), _decode(text)) for name, _, text in pairs]


def has_empty_pairs(request: Request) -> bool:
    """Return whether the address has parameters without a value, as a form sends fields that were not filled in."""
    return any(pair and not _value_of(pair) for pair in request.scope["query_string"].split(b"&"))


def _raw_pairs(request: Request) -> list[bytes]:
    raw: bytes = request.scope["query_string"]
    if is_too_long(raw):
        return [raw]  # too long: refused later
    return [pair for pair in raw.split(b"&") if _value_of(pair)]


def _value_of(pair: bytes) -> bytes:
    """Return what follows the first `=`, as the key of a cached answer has it: a name alone has an empty value."""
    return pair.partition(b"=")[2]


def _decode(part: bytes) -> str:
    return unquote_to_bytes(part).decode("utf-8", errors="replace")


def address(path: str, pairs: Iterable[tuple[str, str | list[str]]]) -> str:
    """Write the address of a page with parameters, each of which may have several values."""
    query = urlencode(list(pairs), doseq=True, quote_via=quote)
    return f"{quote(path)}?{query}" if query else quote(path)


def links_within(release: str | None) -> Callable[..., str]:
    """Return a function that writes addresses of pages in a release; None: in the latest."""
    pinned = [("release", release)] if release else []

    def to(path: str, **query: str | list[str]) -> str:
        return address(path, [*query.items(), *pinned])

    return to


def page(
    question: Question, template: str, *, status: int = 200, beside: Catalogue | None = None, **values: Any
) -> Response:
    """Render a template as a response, with the caching headers of the same response in JSON.

    `beside` is the catalogue to show its figures with, if it is not that of the requested release.
    """
    base_url, release = question.service.base_url, question.release
    beside = beside or question.catalogue
    is_pinned = question.names_release or beside.release != release
    body = render(
        template,
        question=question,
        release=release,
        pinned=question.names_release,
        catalogue=question.catalogue,
        beside=beside,
        base_url=base_url,
        path=question.path,
        canonical=question.service.settings.public_url + question.link(without=("cursor",)).removeprefix(base_url),
        newest=question.link(without=(*RELEASE_PARAMETERS, "cursor")).removeprefix(base_url),
        to=links_within(release.number if question.names_release else None),
        pin=links_within(beside.release.number if is_pinned else None),
        **values,
    )
    headers = (
        question.headers()
        if status == 200
        else caching_of_error(question.representation.vary, is_kept=status in (410, 422))
    )
    return send_bytes(question, body, headers, PAGE.content_type, status=status)


def render(template: str, **values: Any) -> bytes:
    """Render a template as bytes. NUL, which a form may repeat as typed, is not allowed in HTML and is replaced."""
    return templates().get_template(template).render(**values).replace("\0", "\ufffd").encode()
