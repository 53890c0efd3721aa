"""Receive a text that is to be compared, in each of the ways in which people send one."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Collection
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qs

import orjson
from fastapi import Request
from starlette.requests import ClientDisconnect

from misconduct.api.corrections import Fault
from misconduct.api.problems import InvalidParameters, Problem, TextTooLong
from misconduct.article.sent import Sent, read_html, read_marked

MAX_CHARACTERS, MAX_NUMBERS = 50_000, 300
MAX_BYTES = 650_000  # of a body: JSON and forms need up to twelve for a character; nginx holds as much in memory
BRACKETS = (b"[", b"{")  # as JSON each is an object, of which many take long
MAX_FIELDS = 20  # of a form; ours has two
FORM, FIELD, JSON = "application/x-www-form-urlencoded", b"text=", "application/json"
HTML = ("text/html", "application/xhtml+xml")
_NEXT_SENTENCE = re.compile(r"[.!?][\"”’')]*\s*[^\W\d_]")

IN_JSON = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
    "additionalProperties": False,
}
BODY = {
    "required": True,
    "description": "The text, in UTF-8: as JSON; or as it is, as text/plain, which may be Markdown, or text/html. "
    f"At most {MAX_CHARACTERS:,} characters, of HTML without its markup, with {MAX_NUMBERS} numbers.",
    "content": {
        JSON: {"schema": IN_JSON}
    },  # alone, since few generators of clients know the others
}


Taken = TypeVar("Taken")


class Received(NamedTuple):
    """A text that was received, how it is read, the codes of the warnings that this needs, and the day in its form."""

    text: str
    read: Callable[[str], Sent] = read_marked
    warned_of: Collection[str] = ()
    published: str = ""


async def read_body(request: Request, read: Callable[[bytes, str], Taken]) -> Taken:
    """Return what `read` takes from a body and its media type. Raises Problem."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise refuse(
            "The text is compressed. Send it as it is, without Content-Encoding."
        )
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BYTES:
                raise TextTooLong(
                    f"The body has more than {MAX_BYTES:,} bytes. Send the text in parts."
                )
    except ClientDisconnect:
        raise refuse("The text ended early.") from None
    if sum(map(body.count, BRACKETS)) > MAX_CHARACTERS:
        raise TextTooLong(
            f"The body has more than {MAX_CHARACTERS:,} brackets. Send the text in parts."
        )
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        return read(bytes(body.removeprefix(BOM_UTF8)), kind)
    except UnicodeDecodeError:
        raise refuse("The text is not UTF-8. Save it as UTF-8.") from None


def refuse_unread(received: Received) -> None:
    """Refuse a text that need not be read for that. Raises Problem."""
    if "\0" in received.text:
        raise refuse(
            "The text has characters that no text has (U+0000). Save it as UTF-8 text, and send that."
        )
    if received.read is read_marked:
        refuse_length(len(received.text))


def refuse_length(characters: int) -> None:
    """Refuse a text by how many characters are read of it, none if it is blank. Raises Problem."""
    if characters > MAX_CHARACTERS:
        raise TextTooLong(
            f"The text has {characters:,} characters and may have {MAX_CHARACTERS:,}. Send it in parts."
        )
    if not characters:
        raise refuse("There is no text. Send the article as the body.")


def read_text(body: bytes, kind: str) -> Received:
    """Return a text that is sent as JSON, `{"text": …}`, as HTML, or as it is.

    An object of JSON is read as such, whatever it is called. For curl, any body is a form: a text is read as it is, and
    of one without line breaks, which curl -d takes out of a file, a warning says so.
    """
    if kind.startswith("multipart/") or (kind == FORM and body.startswith(FIELD)):
        raise refuse("Send the text, and not a form: curl --data-binary @article.txt")
    if kind == JSON or body.lstrip().startswith(b"{"):
        return Received(_read_json(body))
    text = body.decode()
    is_joined = kind == FORM and "\n" not in text and _NEXT_SENTENCE.search(text)
    return Received(
        text,
        read_html if kind in HTML else read_marked,
        ["no_line_breaks"] if is_joined else [],
    )


def read_form(body: bytes, _: str) -> Received:
    """Return the text, and its day, of the form of our page. Browsers send line ends as two characters."""
    sent = body.decode()
    if sent.count("&") >= MAX_FIELDS:
        raise refuse(f"The form has more than {MAX_FIELDS} fields.")
    fields = parse_qs(sent, errors="strict")
    text, published = (fields.get(name, [""])[0] for name in ("text", "published"))
    return Received(text.replace("\r\n", "\n"), published=published)


def _read_json(body: bytes) -> str:
    """Return the text of an object that has nothing else."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refuse(
            f'The body is not JSON: {error}. Send {{"text": "…"}}, or the text as text/plain.'
        ) from None
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise refuse('The body has no text. Send {"text": "…"}.')
    if document.keys() != {"text"}:
        raise refuse(
            "The body has only the text. All else stands in the address: /v1/check?published=2026-11-21"
        )
    return text


def refuse(detail: str) -> Problem:
    return InvalidParameters([Fault("text", "invalid_value", detail)])
