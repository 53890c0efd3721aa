"""The text that a client sends: what its body is in OpenAPI, how long it may be, and how it is read."""

from collections.abc import Callable
from urllib.parse import unquote_plus

import orjson
from fastapi import Request
from starlette.requests import ClientDisconnect

from misconduct.api.parameters import Pinned
from misconduct.api.problems import Fault, InvalidParameters, Problem, TextTooLong

MAX_CHARACTERS, MAX_NUMBERS = 50_000, 300
MAX_BYTES = 650_000
"""Of a body. JSON and forms need up to twelve bytes for a character; nginx holds as much in memory."""

FORM = b"text="
_MAX_FAULTS, _MAX_KEY = 10, 80

BODY = {
    "required": True,
    "description": "The text: as it is, in UTF-8, or as JSON. "
    f"At most {MAX_CHARACTERS:,} characters with {MAX_NUMBERS} numbers.",
    "content": {
        "text/plain": {"schema": {"type": "string"}},
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["text"],
                "properties": {"text": {"type": "string"}},
                "additionalProperties": False,
            }
        },
    },
}


async def read_body(request: Request, read: Callable[[bytes, str], str]) -> str:
    """Return the text that a body holds, which `read` takes from it. Raises Problem."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BYTES:
                raise TextTooLong(f"The body has more than {MAX_BYTES:,} bytes. Send the text in parts.")
    except ClientDisconnect:
        raise refuse("The text ended early.") from None
    try:
        text = read(body, request.headers.get("content-type", ""))
    except UnicodeDecodeError:
        raise refuse("The text is not UTF-8. Save it as UTF-8.") from None
    if len(text) > MAX_CHARACTERS:
        detail = f"The text has {len(text):,} characters and may have {MAX_CHARACTERS:,}. Send it in parts."
        raise TextTooLong(detail)
    if not text.strip():
        raise refuse("There is no text. Send the article as the body.")
    return text


def read_text(body: bytes, content_type: str) -> str:
    """Return a text that is sent as JSON, `{"text": …}`, as it is, or as the only field of a form.

    curl calls every body a form, also a text as it is.
    """
    kind = content_type.lower()
    if kind.startswith("multipart/"):
        raise refuse("Send the text, and not a form: curl --data-binary @article.txt")
    if kind.startswith("application/x-www-form-urlencoded") and body.startswith(FORM):
        return unquote_plus(body.removeprefix(FORM).decode(), errors="strict")
    if not kind.startswith("application/json"):
        return body.decode()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse('The body is not JSON. Send {"text": "…"}, or the text itself as text/plain.') from None
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise refuse('The body has no text. Send {"text": "…"}.')
    if unknown := [key[:_MAX_KEY] for key in document if key != "text"][:_MAX_FAULTS]:
        raise InvalidParameters([_refuse_key(key) for key in unknown])
    return text


def _refuse_key(key: str) -> Fault:
    """Describe a key beside the text. A parameter belongs into the address."""
    advice = f" Put {key} into the address: /v1/check?{key}=…" if key in Pinned.model_fields else ""
    detail = f"Unknown key {key!r}. The body takes text.{advice}"
    return Fault(key, "unknown_parameter", detail, allowed=["text"])


def refuse(detail: str) -> Problem:
    """Return the problem of a text that cannot be compared."""
    return InvalidParameters([Fault("text", "invalid_value", detail)])
