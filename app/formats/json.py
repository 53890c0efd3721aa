"""JSON: a document as it is."""

from __future__ import annotations

from typing import Any

import orjson


def encode_json(document: Any) -> bytes:
    """UTF-8 JSON (RFC 8259), keys in the document's order, a final newline for people with curl."""
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
