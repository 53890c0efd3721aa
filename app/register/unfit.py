"""What a draft may not hold. What was sealed before these rules were made stays as it is, and is only warned of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from app.domain.text import UNFIT
from app.register.entries import Entry
from app.register.files import name_character
from app.register.mistakes import Refused
from app.register.yaml_files import Path

_LONGEST_ID = 200
"""Characters of an id. (An index of Postgres holds some 2,700 bytes.)"""


def unfit_parts(entry: Entry) -> Iterator[tuple[Path, Refused]]:
    """Yields the parts of a record that a draft may not have."""
    if len(entry.id) > _LONGEST_ID:
        found = f"the id {entry.id[:40]}… is {len(entry.id):,} characters long"
        yield ("id",), Refused("long_id", found, f"at most {_LONGEST_ID}")
    if not entry.written.isascii():
        yield from _unfit_texts(orjson.loads(entry.written), ())


def find_unfit(text: str) -> Refused | None:
    """Returns what is wrong with a text that holds a character which no text may hold."""
    match = None if text.isascii() else UNFIT.search(text)
    if match is None:
        return None
    kind = "a control of direction" if match[0] < "\ufdd0" else "no character of Unicode"
    allowed = "text; the marks U+200E, U+200F and U+061C say a direction" if match[0] < "\ufdd0" else "text"
    return Refused("unfit_character", f"{name_character(match[0])} stands in this text: it is {kind}", allowed)


def _unfit_texts(part: Any, path: Path) -> Iterator[tuple[Path, Refused]]:
    if isinstance(part, str):
        if unfit := find_unfit(part):
            yield path, unfit
    elif isinstance(part, dict):
        for key, value in part.items():
            if unfit := find_unfit(key):
                yield (*path, key), unfit
            yield from _unfit_texts(value, (*path, key))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _unfit_texts(value, (*path, index))
