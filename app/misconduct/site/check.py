"""The page that compares an article with the register. It shows the text once, and keeps nothing of it."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from misconduct.api.check import Compared, answer_document, compare_text
from misconduct.api.current import Current, TheCurrent
from misconduct.api.received import MAX_CHARACTERS, Received, read_body
from misconduct.article.fields import GRAVITY
from misconduct.article.pairs import Together
from misconduct.site.pages import send
from misconduct.site.phrases import Line, lines

router = APIRouter(include_in_schema=False)


class Entry(NamedTuple):
    """A number of the text: what was found, the figures in words, and what it must not be put with."""

    place: int
    found: dict[str, Any]
    figures: Sequence[Line]
    near: Sequence[Line]
    together: Sequence[tuple[Together, int]]

    @property
    def differences(self) -> list[dict[str, Any]]:
        return [one for figure in self.found["figures"][:1] for one in figure["differences"]]

    @property
    def gravity(self) -> int:
        """Return the place of its gravest difference in the order of these; after them all if there is none."""
        codes = [one["code"] for one in self.differences] + [one.code for one, _ in self.together]
        if self.near or self.found["sums"]:
            codes.append("undated")  # nearly the number of a figure weighs as much
        return min([len(GRAVITY), *map(GRAVITY.index, codes)])


@router.get("/check")
async def show_form(request: Request, current: TheCurrent) -> Response:
    return send(request, "check.html", current, meta=None, most=MAX_CHARACTERS)


@router.post("/check")
async def show_comparison(request: Request, current: TheCurrent) -> Response:
    compared = await compare_text(current, await read_body(request, _read_form))
    document = answer_document(request, current, compared)
    entries = _describe(compared, document["data"], current)
    found = [one for one in entries if one.figures or one.near or one.found["sums"]]
    page = send(
        request,
        "check.html",
        current,
        meta=document["meta"],
        warnings=document["warnings"],
        watch=document["links"]["watch"],
        most=MAX_CHARACTERS,
        pieces=[*_cut(compared)],
        differing=sorted((one for one in found if one.gravity < len(GRAVITY)), key=lambda one: one.gravity),
        agreeing=[one for one in found if one.gravity == len(GRAVITY)],
        unknown=[one for one in entries if one not in found],
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _read_form(body: bytes, _: str) -> Received:
    """Return the text of a form. Browsers send line ends as two characters."""
    return Received(parse_qs(body.decode(), errors="strict").get("text", [""])[0].replace("\r\n", "\n"))


def _describe(compared: Compared, documents: Sequence[dict[str, Any]], current: Current) -> list[Entry]:
    numbers = [entry.number for entry in compared.entries]
    beside = [(one, number, other) for one in compared.together for number, other in permutations(one.numbers)]
    return [
        Entry(
            place,
            found,
            lines([compared.shown(match.row) for match, _ in entry.figures], current.view),
            lines([row for row, _ in entry.near], current.view),
            [(one, numbers.index(other) + 1) for one, number, other in beside if number == entry.number],
        )
        for place, (entry, found) in enumerate(zip(compared.entries, documents, strict=True), 1)
    ]


def _cut(compared: Compared) -> Iterator[tuple[str, int | None]]:
    """Yield the text in pieces, each with the place of the number that it is.

    It is shown as it is read: a sign that nobody sees would turn the words after it round.
    """
    text, end = compared.text.text, 0
    for place, entry in enumerate(compared.entries, 1):
        yield text[end : entry.number.start], None
        yield text[entry.number.start : entry.number.end], place
        end = entry.number.end
    yield text[end:], None
