"""Ask the pages that figures were typed from whether they still print them. Nothing in the register changes."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

import httpx

from misconduct.article.sent import read_html
from misconduct.model.figure import Row, read_from
from misconduct.model.plain_words import straighten

from .register.check import Register

CHANGED, GONE, PRINTED, UNDECIDABLE, NOT_READ = (
    "changed",
    "gone",
    "still printed",
    "not decidable",
    "not read",
)
KEPT = ("id", "source", "counted", "printed")
FEW_WORDS = (
    30  # a page with scripts and no more words than these makes its text in the browser
)

_CHARSET = re.compile(rb"<meta[^<>]+charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:\d{1,3}([, '])\d{3}(?:\1\d{3})*(?!\d)|\d{1,2}(?:,\d{2}){1,4},\d{3}(?!\d)|\d+)(?:\.\d+)?"
)


class Page(NamedTuple):
    """A page today: a verdict on all of its figures, or else its text; and a note."""

    verdict: str | None = None
    note: str = ""
    text: str = ""


def typed_figures(register: Register) -> dict[str, list[Row]]:
    """Return the figures typed from pages by address."""
    found = defaultdict[str, list[Row]](list)
    for row in (row for row in register.figures if read_from(row["at"]) == "page"):
        found[
            getattr(register.records["source"][row["source"]], "url", None) or ""
        ].append(row)
    return found


def ask_pages(
    pages: Iterable[tuple[str, list[Row]]],
    agent: str,
    pause: float = 1,
    patience: float = 20,
    most: int = 5_000_000,
) -> list[dict[str, str]]:
    """Ask each address once, after a pause. Return how each figure stands, the changed first."""
    return asyncio.run(_ask_pages(pages, agent, pause, patience, most))


async def _ask_pages(
    pages: Iterable[tuple[str, list[Row]]],
    agent: str,
    pause: float,
    patience: float,
    most: int,
) -> list[dict[str, str]]:
    async def wait(_: httpx.Request) -> None:  # also where a page has moved to
        await asyncio.sleep(pause)

    found, headers = [], {"User-Agent": agent, "Accept-Encoding": "identity"}
    hooks = {"request": [wait]}
    async with httpx.AsyncClient(
        headers=headers, timeout=patience, follow_redirects=True, event_hooks=hooks
    ) as client:
        for address, rows in pages:
            page = await _ask(client, address, patience, most)
            for row in rows:
                verdict, note = (
                    (page.verdict, page.note) if page.verdict else _judge(row, page)
                )
                kept = {name: row[name] or "" for name in KEPT}
                found.append(
                    {"verdict": verdict, **kept, "note": note, "address": address}
                )
    return sorted(found, key=lambda one: (one["verdict"], one["source"], one["id"]))


async def _ask(
    client: httpx.AsyncClient, address: str, patience: float, most: int
) -> Page:
    """Return a page, or why it cannot be read: whatever a server does, the other pages are still asked."""
    try:
        async with asyncio.timeout(patience), client.stream("GET", address) as answer:
            page = await _read(answer, most)
            return (
                page._replace(note=f"moved to {answer.url} {page.note}".rstrip())
                if answer.history
                else page
            )
    except TimeoutError:
        return Page(NOT_READ, f"it took longer than {patience:g} seconds")
    except Exception as error:  # noqa: BLE001 - one page must not end the run
        return Page(NOT_READ, str(error) or type(error).__name__)


async def _read(answer: httpx.Response, most: int) -> Page:
    if not answer.is_success:
        is_gone = answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE)
        return Page(
            GONE if is_gone else NOT_READ,
            f"{answer.status_code} {answer.reason_phrase}",
        )
    media_type = (
        answer.headers.get("Content-Type", "text/html")
        .partition(";")[0]
        .strip()
        .lower()
    )
    if media_type not in ("text/html", "application/xhtml+xml", "text/plain"):
        return Page(NOT_READ, f"it is {media_type}")
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > most:
            return Page(NOT_READ, f"it is longer than {most:,} bytes")
    html = _decode(body, answer.charset_encoding)
    text = _even(
        read_html(html).text.replace("\t", "\n")
    )  # two cells are not one number
    is_made_by_scripts = "<script" in html.lower() and len(text.split()) <= FEW_WORDS
    return (
        Page(NOT_READ, "scripts make its text")
        if is_made_by_scripts
        else Page(text=text)
    )


def _decode(body: bytearray, charset: str | None) -> str:
    """Decode a page by what its answer says, or it says itself, or as UTF-8, or else as browsers do."""
    stated = _CHARSET.search(body)
    for name in (charset, stated and stated[1].decode("ascii"), "utf-8"):
        with suppress(LookupError, UnicodeDecodeError):
            return body.decode(name or "utf-8")
    return body.decode("windows-1252", errors="replace")


def _even(text: str) -> str:
    """Return a text with one kind of dash, quotation mark and space, and no capitals."""
    return "\n".join(
        " ".join(line.split()) for line in straighten(text).casefold().splitlines()
    )


def _find_numbers(text: str) -> set[Decimal]:
    return {Decimal(re.sub("[, ']", "", one[0])) for one in _NUMBER.finditer(text)}


def _judge(row: Row, page: Page) -> tuple[str, str]:
    printed, text = _find_numbers(_even(row["printed"])), " ".join(page.text.split())
    has_words = all(_even(words) in text for words in (row["counted"] or "").split("…"))
    has_number = printed <= _find_numbers(page.text)
    missing = [
        name
        for name, is_there in {"words": has_words, "number": has_number}.items()
        if not is_there
    ]
    note = (
        f"{page.note} {'without its ' * bool(missing)}{' and '.join(missing)}".strip()
    )
    if (
        all(number < 10 and number == int(number) for number in printed)
        or has_number > has_words
    ):
        return UNDECIDABLE, note
    return (
        PRINTED if has_words and has_number else CHANGED if has_words else GONE
    ), note
