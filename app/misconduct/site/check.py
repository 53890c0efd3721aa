"""The page that compares an article with the register. It shows the text once, and keeps nothing of it."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import is_for_people
from misconduct.api.check import Compared, answer_document, compare_text, severity_of
from misconduct.api.corrections import Fault
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.parameters import Pinned, from_query
from misconduct.api.problems import InvalidParameters, Problem, describe
from misconduct.api.received import MAX_CHARACTERS, Received, read_body, read_form
from misconduct.article.fields import GRAVITY
from misconduct.errors import DatabaseUnavailable, TooBusy
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.site.pages import send
from misconduct.site.phrases import Line, lines, plural

router = APIRouter(include_in_schema=False)

_SUMMARY = [
    ("differs from its source", "differ from their sources"),
    ("may mean another figure", "may mean other figures"),
    ("has no match", "have no match"),
]
"""What is said of one number, and of several: of those that differ, are near, and are not found."""

_RESULTS = [*PROGRAM_LISTS["result"]]


class Beside(NamedTuple):
    """Another number that one must not be put with as the text does, by its place."""

    code: str
    severity: str
    detail: str
    place: int


class Entry(NamedTuple):
    """A number of the text with the words after it: what was found, and the figures in words."""

    place: int
    nouns: str
    found: dict[str, Any]
    figures: Sequence[Line]
    near: Sequence[Line]
    together: Sequence[Beside]

    @property
    def differences(self) -> list[dict[str, Any]]:
        return [
            one for figure in self.found["figures"][:1] for one in figure["differences"]
        ]

    @property
    def is_different(self) -> bool:
        """Whether the text says something else, and not only almost the same, such as a rounded number."""
        return any(one["severity"] != "note" for one in self.differences)

    @property
    def compared(self) -> list[dict[str, Any]]:
        """What the text and its likeliest figure say in each field, differences first."""
        fields = [
            one for figure in self.found["figures"][:1] for one in figure["compared"]
        ]
        return sorted(fields, key=lambda one: _RESULTS.index(one["result"]))

    @property
    def changed(self) -> list[dict[str, Any]]:
        return [
            one
            for figure in self.found["figures"][:1]
            for one in figure["changed_since"]
        ]

    @property
    def suggestions(self) -> list[str]:
        """What to print instead, each once."""
        return [
            *dict.fromkeys(one["suggest"] for one in self.differences if one["suggest"])
        ]

    @property
    def gravity(self) -> int:
        """Return the place of its gravest difference in the order of these; after them all if there is none."""
        codes = [one["code"] for one in self.differences] + [
            one.code for one in self.together
        ]
        return min([len(GRAVITY), *map(GRAVITY.index, codes)])


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
    status, text, day = (
        problem.status if problem else 200,
        received and received.text,
        received and received.published,
    )
    facts = {
        "meta": None,
        "most": MAX_CHARACTERS,
        "text": text,
        "published": day,
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
    try:
        published = (
            date.fromisoformat(received.published) if received.published else None
        )
    except ValueError:
        detail = "Give a day, such as 2026-11-21, for “Published on”."
        raise InvalidParameters([Fault("published", "invalid_value", detail)]) from None
    compared = await compare_text(request, current, received, published)
    document = answer_document(request, current, compared)
    entries = _describe(compared, document["data"], current)
    differing = [
        one for one in entries if one.is_different or one.together or one.changed
    ]
    found = [one for one in entries if one.figures and one not in differing]
    near = [one for one in entries if one.near and one not in differing]
    unknown = [one for one in entries if one not in (*differing, *found, *near)]
    page = send(
        request,
        "check.html",
        current,
        meta=document["meta"],
        warnings=document["warnings"],
        watch=document["links"]["watch"],
        published=received.published,
        most=MAX_CHARACTERS,
        text=None,
        summary=_summarise(len(entries), len(differing), len(near), len(unknown)),
        pieces=[
            (piece, place // 2 + 1 if place % 2 else None)
            for place, piece in enumerate(compared.found.pieces)
        ],
        differing=sorted(differing, key=lambda one: one.gravity),
        near=near,
        found=found,
        unknown=unknown,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _summarise(numbers: int, *counts: int) -> str:
    """Return in a sentence what was found: 2 numbers. 1 differs from its source, 1 has no match."""
    found = [
        f"{count} {words[count > 1]}"
        for count, words in zip(counts, _SUMMARY, strict=True)
        if count
    ]
    return (
        f"{plural(numbers, 'number')}. {', '.join(found)}{'.' if found else ''}".strip()
    )


def _describe(
    compared: Compared, documents: Sequence[dict[str, Any]], current: Current
) -> list[Entry]:
    beside = [
        (one, place, other)
        for one in compared.found.together
        for place, other in permutations(one.numbers)
    ]
    return [
        Entry(
            number,
            entry.nouns,
            found,
            lines(
                [compared.shown(figure.row) for figure in entry.figures], current.view
            ),
            lines([row for row, _ in entry.near], current.view),
            [
                Beside(one.code, severity_of(one.code), one.detail, other + 1)
                for one, place, other in beside
                if place == number - 1
            ],
        )
        for number, (entry, found) in enumerate(
            zip(compared.found.numbers, documents, strict=True), 1
        )
    ]
