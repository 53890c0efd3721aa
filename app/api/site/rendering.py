"""Templates → pages."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Coroutine, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.api.answers import COMPRESSION_LEVEL
from app.api.parameters import RELEASE_PARAMETERS
from app.api.question import Question, asked
from app.api.representation import PAGE

TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """The templates. Everything that comes from the register is escaped; a name that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def asked_page(
    accepted: Iterable[str] = RELEASE_PARAMETERS,
) -> Callable[[Request], Coroutine[Any, Any, Question]]:
    """A dependency that understands requests for a page with the accepted parameters (see `app.api.question.asked`)."""
    return asked(accepted, (PAGE.name,))


def page(question: Question, template: str, **values: Any) -> Response:
    """The answer to a question as HTML, kept by caches as long as the same answer in JSON."""
    body = (
        templates()
        .get_template(template)
        .render(
            question=question,
            release=question.release,
            pinned=question.names_release,
            catalogue=question.catalogue,
            base_url=question.service.base_url,
            **values,
        )
        .encode()
    )
    headers = question.headers()
    if question.representation.gzipped:
        body = gzip.compress(body, COMPRESSION_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=PAGE.content_type)
