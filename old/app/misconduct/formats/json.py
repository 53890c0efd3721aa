"""JSON."""

from __future__ import annotations

from typing import Any

import orjson


def encode_json(document: Any) -> bytes:
    """Encode as UTF-8 JSON (RFC 8259), keys in the order of the document, with a final newline for the terminal."""
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
