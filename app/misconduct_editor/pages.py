"""Ask the pages that figures were typed from whether they still print them. Nothing in the register changes."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import httpx

from misconduct.errors import TooBusy
from misconduct.model.figure import Row, read_from
from misconduct.processes import Process, WorkFailed

from .printed import GONE, NOT_READ, Verdict, judge_page
from .register.check import Register

KEPT = ("id", "source", "counted", "printed")
_IN_HEADER = re.compile(r";\s*charset=[\"']?([\w-]+)", re.IGNORECASE)


class Page(NamedTuple):
    """A page today: a verdict on all of its figures, or else its bytes; and a note."""

    verdict: str | None = None
    note: str = ""
    body: bytes = b""
    charset: str | None = None


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
    process = Process(f"it takes longer than {patience:g} seconds to read")
    try:
        return asyncio.run(_ask_pages(process, pages, agent, pause, patience, most))
    finally:
        process.stop()


async def _ask_pages(
    process: Process,
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
            verdicts = await _judge_apart(process, patience, page, rows)
            for row, (verdict, note) in zip(rows, verdicts, strict=True):
                told = {"verdict": verdict} | {name: row[name] or "" for name in KEPT}
                told |= {"note": f"{page.note} {note}".strip(), "address": address}
                found.append(told)
    return sorted(found, key=lambda one: (one["verdict"], one["source"], one["id"]))


async def _judge_apart(
    process: Process, seconds: float, page: Page, rows: Sequence[Row]
) -> list[Verdict]:
    """Judge a page in a process of its own: a codec or a pattern cannot be interrupted."""
    if page.verdict:
        return [(page.verdict, "") for _ in rows]
    try:
        _, verdicts = await process.do(
            seconds, judge_page, page.body, page.charset, rows
        )
    except (TooBusy, WorkFailed) as error:
        return [(NOT_READ, str(error)) for _ in rows]
    return verdicts


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
    stated = _IN_HEADER.search(answer.headers.get("Content-Type", ""))
    return Page(body=bytes(body), charset=stated and stated[1])
