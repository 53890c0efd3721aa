"""JSON Lines: one object a line, UTF-8, for programs that read a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

OBJECTS_AT_ONCE = 500


def encode_jsonl(objects: Iterable[Any]) -> Iterator[bytes]:
    """Encode one object per line, in pieces of about 500."""
    remaining = iter(objects)
    while batch := list(islice(remaining, OBJECTS_AT_ONCE)):
        yield b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in batch)
