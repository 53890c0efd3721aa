"""What is wrong with a record, from pydantic's errors, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from app.domain.codes import MANGLED, RESERVED
from app.domain.kinds import FORMS
from app.register.mistakes import Refused
from app.register.yaml_files import Path

_WANTED = {
    "string_type": "a text; a number or date in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "string_too_short": "at least one character",
}


def explain(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Path, Refused]]:
    """Each mistake in a record, with the path to it."""
    for detail in error.errors(include_url=False):
        path: Path = tuple(detail["loc"])
        kind, context = detail["type"], detail.get("ctx", {})
        if kind == "extra_forbidden":
            keys = tuple(model.model_fields)
            yield (
                path,
                Refused("unknown_key", f"there is no key {path[-1]!r}", ", ".join(keys), near=(str(path[-1]), keys)),
            )
        elif kind == "missing":
            yield path[:-1], Refused("missing_key", f"the key {path[-1]!r} is missing")
        elif kind == "value_error":
            yield path, Refused("bad_value", f"{_name(path)}{context['error']}")
        else:
            allowed = FORMS.get(context.get("pattern", "")) or _WANTED.get(kind) or detail["msg"]
            yield path, Refused("bad_value", f"{_name(path)}{_shorten(detail['input'])}", allowed)


def check_word(word: str) -> None:
    """Raises Refused for an id that would not survive a spreadsheet, or that is a path of the API."""
    if word.casefold() in MANGLED:
        raise Refused(
            "mangled_word", f"{word!r} cannot be an id: programs read it as a missing or special value", "another word"
        )
    if word in RESERVED:
        raise Refused("reserved_word", f"{word!r} cannot be an id: it is a path of the API", "another word")


def _name(path: Path) -> str:
    return f"{path[-1]}: " if path and isinstance(path[-1], str) else ""


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
