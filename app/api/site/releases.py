"""The releases: what each brought, its files with their hashes, and what changed between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.api.parameters import suggest
from app.api.question import Question
from app.api.site.rendering import asked_page, page
from app.api.v1.releases import Number, find_file_documents, find_listed_changes, release_before, truncation
from app.domain.kinds import KINDS
from app.domain.listing import release_document
from app.domain.records import Release
from app.errors import Fault, InvalidRequest
from app.formats.linked.citation import cite_release

PAGES = {"observation": "observations"} | {
    kind.name: kind.path for kind in KINDS.values() if kind.path and kind.name not in ("code", "release")
}
"""Where the records of a kind have their pages, of those whose id is the last part of the address."""

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]
OfRelease = Annotated[Question, Depends(asked_page(()))]
Between = Annotated[Question, Depends(asked_page(("from",)))]


@router.get("/releases")
async def list_releases(question: Asked) -> Response:
    """All releases, the newest first, each with its digest in a form to cite elsewhere."""
    newest_first = [
        release_document(one, question.service.base_url) for one in question.service.releases.releases[::-1]
    ]
    return page(question, "releases.html", releases=newest_first)


@router.get("/releases/{number}")
async def show_release(question: OfRelease, number: Number) -> Response:
    """One release: its files with their hashes, and how to check them."""
    service = question.service
    shown = service.releases.resolve(number, None)
    before = release_before(service, shown)
    return page(
        question,
        "release.html",
        shown=release_document(shown, service.base_url),
        before=before and release_document(before, service.base_url),
        files=await find_file_documents(service, shown.number),
        citation=cite_release(shown, service.base_url),
    )


@router.get("/releases/{number}/changes")
async def show_changes(question: Between, number: Number) -> Response:
    """What changed up to a release, since the one before it or the one in `from`: release by release, with reasons."""
    service = question.service
    last = service.releases.resolve(number, None)
    between = _after(service.releases.releases, last, question)
    found = [(one, await find_listed_changes(service, one)) for one in between]
    return page(
        question,
        "changes.html",
        last=last,
        first=release_before(service, between[0]),
        found=[(one, listed, truncation(listed)) for one, listed in found],
        earlier=[one.number for one in service.releases.releases if one.ordinal < last.ordinal],
        pages=PAGES,
    )


def _after(releases: Sequence[Release], last: Release, question: Question) -> list[Release]:
    """The releases up to `last` that came after the one in `from`; without it, only `last`. Raises InvalidRequest."""
    given: list[Any] = question.values.get("from", [])
    if not given:
        return [last]
    earlier = {one.number: one.ordinal for one in releases if one.ordinal < last.ordinal}
    if given[0] not in earlier:
        detail = f"{given[0][:40]!r} is no release before {last.number}."
        fault = Fault("from", "unknown_release", detail, tuple(earlier), suggest(given[0], earlier))
        raise InvalidRequest("No changes were looked up.", [fault])
    return [one for one in releases if earlier[given[0]] < one.ordinal <= last.ordinal]
