"""Structured logs: JSON for machines, lines for a terminal. No client address, no query text."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog


def configure_logging() -> None:
    """One event a line on standard error; the libraries' own warnings go the same way."""
    for_people = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if for_people
        else structlog.processors.JSONRenderer(_to_json)
    )
    before: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if for_people else [_tracebacks()]),
    ]
    structlog.configure(
        processors=[*before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if for_people else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    said_elsewhere = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer], foreign_pre_chain=before
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(said_elsewhere)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _to_json(event: dict[str, Any], default: Any) -> str:
    return orjson.dumps(event, default).decode()


def _tracebacks() -> structlog.typing.Processor:
    """Exceptions without the values of variables: those may hold what a client sent."""
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=8)
    return structlog.processors.ExceptionRenderer(transform)
