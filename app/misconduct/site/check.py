"""The page that compares an article with the register. It shows the text once, and keeps nothing of it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import is_for_people
from misconduct.api.check import Compared, answer_document, compare_text
from misconduct.api.corrections import Fault
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.parameters import Pinned, from_query
from misconduct.api.problems import InvalidParameters, Problem, describe
from misconduct.api.received import MAX_CHARACTERS, Received, read_body, read_form
from misconduct.errors import DatabaseUnavailable, TooBusy
from misconduct.model.figure import Row
from misconduct.site.pages import send
from misconduct.site.phrases import plural

router = APIRouter(include_in_schema=False)

EXAMPLE = (
    "In England and Wales, 735 officers were barred in 2024/25 "
    "and 426 officers were suspended."
)
_SUMMARY = {
    "differing": ("differs from its source", "differ from their sources"),
    "near": ("may mean another figure", "may mean other figures"),
    "unknown": ("has no match", "have no match"),
}
"""What is said of one number, and of several."""


_NO_FIGURE: dict[str, Any] = {"differences": [], "compared": []}


class Beside(NamedTuple):
    """Another number, by its place, that one does not go with as the text says."""

    detail: str
    place: int


class Entry(NamedTuple):
    """A number of the text with the words after it: what was found, and the figures."""

    place: int
    nouns: str
    found: dict[str, Any]
    figures: Sequence[Row]
    near: Sequence[Row]
    notes: Sequence[str]
    together: Sequence[Beside]

    @property
    def figure(self) -> dict[str, Any]:
        """The likeliest figure; one without anything if there is none."""
        return self.found["figures"][0] if self.found["figures"] else _NO_FIGURE

    def fields(self, result: str) -> list[dict[str, Any]]:
        """Return the fields with a result, such as those in which the text has words that we cannot judge."""
        return [one for one in self.figure["compared"] if one["result"] == result]

    @property
    def has_changed(self) -> bool:
        """Whether the register has another number for the figure by now, or none."""
        status = self.figure.get("standing", {}).get("status")
        return status in ("revised", "withdrawn")

    @property
    def kind(self) -> str:
        """What is said of it: differing, found, near or unknown."""
        if self.figure["differences"] or self.together or self.has_changed:
            return "differing"
        if self.found["figures"]:
            return "found"
        return "near" if self.near else "unknown"


@router.get("/check")
async def show_form(request: Request, current: TheCurrent) -> Response:
    return _send_form(request, current)


def _send_form(
    request: Request,
    current: Current | None,
    received: Received | None = None,
    problem: Problem | None = None,
) -> Response:
    """Send the form; after a problem, with the text that was sent, which must not be lost."""
    status = problem.status if problem else 200
    facts = {
        "meta": None,
        "most": MAX_CHARACTERS,
        "example": EXAMPLE,
        "text": received and received.text,
        "published": received and received.published,
        "problem": problem,
    }
    page = send(request, "check.html", current, status, **facts)
    page.headers.update(problem.headers if problem else {})
    return page


@router.post("/check")
async def show_comparison(
    request: Request, query: Annotated[Pinned, from_query(Pinned)]
) -> Response:
    received = await read_body(request, read_form)
    try:
        return await _compare(request, await find_current(request, query), received)
    except (Problem, TooBusy, DatabaseUnavailable) as error:
        if not is_for_people(request):
            raise
        return _send_form(request, None, received, describe(error))


async def _compare(request: Request, current: Current, received: Received) -> Response:
    published = _read_day(received.published)
    compared = await compare_text(request, current, received, published)
    document = answer_document(request, current, compared)
    entries = _describe(compared, document["data"])
    pieces = [
        (piece, place // 2 + 1 if place % 2 else None)
        for place, piece in enumerate(compared.found.pieces)
    ]
    facts: dict[str, Any] = {
        "entries": [entry for entry in entries if entry.kind != "unknown"],
        "unknown": [entry for entry in entries if entry.kind == "unknown"],
        "meta": document["meta"],
        "warnings": document["warnings"],
        "watch": document["links"]["watch"],
        "published": received.published,
        "most": MAX_CHARACTERS,
        "text": None,
        "summary": _summarise(entries),
        "pieces": pieces,
    }
    page = send(request, "check.html", current, **facts)
    page.headers["Cache-Control"] = "no-store"
    return page


def _read_day(published: str) -> date | None:
    try:
        return date.fromisoformat(published) if published else None
    except ValueError:
        detail = "Give a day, such as 2026-11-21, for “Published on”."
        raise InvalidParameters([Fault("published", "invalid_value", detail)]) from None


def _summarise(entries: Sequence[Entry]) -> str:
    """Return in a sentence what was found: 2 numbers. 1 differs from its source, 1 has no match."""
    found, kinds = list[str](), [entry.kind for entry in entries]
    for kind, words in _SUMMARY.items():
        if count := kinds.count(kind):
            found.append(f"{count} {words[count > 1]}")
    said = f" {', '.join(found)}." if found else ""
    return f"{plural(len(entries), 'number')}.{said}"


def _describe(compared: Compared, documents: Sequence[dict[str, Any]]) -> list[Entry]:
    together = _list_together(compared)
    entries, shown = list[Entry](), set[str]()
    for place, number in enumerate(compared.found.numbers):
        document = documents[place]
        notes = [note for one in document["figures"][:1] for note in one["notes"]]
        entry = Entry(
            place + 1,
            number.nouns,
            document,
            [compared.shown(figure.row) for figure in number.figures],
            [row for row, _ in number.near],
            [note for note in notes if note not in shown],
            together[place],
        )
        shown.update(notes)
        entries.append(entry)
    return entries


def _list_together(compared: Compared) -> list[list[Beside]]:
    """Return of each number which others do not go with it as the text says."""
    together: list[list[Beside]] = [[] for _ in compared.found.numbers]
    for detail, (one, other), _ in compared.found.together:
        together[one].append(Beside(detail, other + 1))
        together[other].append(Beside(detail, one + 1))
    return together
