"""What releases changed: of everything, a release, a dataset, a figure or a disagreement; as tables and as feeds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Annotated, Any

from fastapi import Depends, Path, Response

from misconduct.api.cursors import decode_cursor, encode_cursor, read_integer
from misconduct.api.documentation import documented
from misconduct.api.encoder import LONGEST_PAGE
from misconduct.api.parameters import CHANGES_PARAMETERS
from misconduct.api.release_watcher import CATALOGUES_KEPT
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.find_changes import about_feed, weigh_changes, write_changes
from misconduct.api.v1.find_figure import ObservationId, catalogue_of, find_one
from misconduct.api.v1.records import find_record
from misconduct.api.v1.releases import Number, release_before
from misconduct.api.v1.schemas import ChangesPage
from misconduct.errors import ExportTooLarge, Fault, InvalidRequest, NotFound, Removed, UnknownRelease
from misconduct.formats import FEED_FORMATS
from misconduct.model.changes import CHANGE_COLUMNS, Position, Subject, write_row
from misconduct.model.figure import ATTRIBUTION, notes
from misconduct.model.phrases import name_dataset, name_figure, write_figure
from misconduct.model.records import Release
from misconduct.model.suggestions import suggest
from misconduct.model.table import Table
from misconduct.queries.changes import FoundChanges, Wanted, find_changes

MOST_CHANGES = 10_000
"""Changes that a table without `limit` has: a first release may have added millions of records."""

OF_RELEASE = tuple(name for name in CHANGES_PARAMETERS if name not in ("release", "as_of"))
ABSENT = (NotFound, Removed)

router = DirectRouter(prefix="/v1", tags=["releases"])
views = DirectRouter(prefix="/v1", tags=["releases"])

Asked = Annotated[Question, Depends(parse_request(CHANGES_PARAMETERS, FEED_FORMATS))]
OfRelease = Annotated[Question, Depends(parse_request(OF_RELEASE, FEED_FORMATS))]
Dataset = Annotated[str, Path(description="Id of a dataset, from /v1/datasets.", examples=["allegations"])]
DisagreementId = Annotated[str, Path(description="Id of a disagreement.", examples=["how-many-were-accused"])]


@router.get("/changes", **documented(ChangesPage, CHANGES_PARAMETERS, FEED_FORMATS, ExportTooLarge))
async def list_changes(question: Asked) -> Response:
    """List what releases added, revised, moved, ended and removed, the newest first: old and new values, and reasons.

    `since=1.0.0` lists the changes after that release, `release` up to one. Also as an Atom feed (`.atom`), like the
    changes of a dataset, a figure or a disagreement.
    """
    return await _list(question, Subject(), "changes", "releases")


@router.get("/releases/{number}/changes", **documented(ChangesPage, OF_RELEASE, FEED_FORMATS, ExportTooLarge))
async def list_release_changes(question: OfRelease, number: Number) -> Response:
    """List what a release added, revised, moved, ended and removed, since the one before it or the one in `since`."""
    number, before = question.release.number, release_before(question.service, question.release)
    title, page = f"changes in release {number}", f"releases/{number}/changes"
    return await _list(question, Subject(), title, page, after=before.ordinal if before else 0)


@router.get(
    "/observations/{observation_id}/changes",
    **documented(ChangesPage, CHANGES_PARAMETERS, FEED_FORMATS, *ABSENT),
)
async def list_observation_changes(question: Asked, observation_id: ObservationId) -> Response:
    """List the changes of one figure, the newest first."""
    shown = (await find_one(question, observation_id, is_shown=False)).shown
    catalogue = await catalogue_of(question, shown)
    figure = write_figure(shown.printed, shown.value)
    title = f"changes to “{figure}”: {name_figure(shown, catalogue)}"
    return await _list(question, Subject(figures=(observation_id,)), title, f"observations/{observation_id}")


@router.get(
    "/disagreements/{disagreement_id}/changes",
    **documented(ChangesPage, CHANGES_PARAMETERS, FEED_FORMATS, *ABSENT),
)
async def list_disagreement_changes(question: Asked, disagreement_id: DisagreementId) -> Response:
    """List the changes of a disagreement and of the figures in it, the newest first."""
    found = await find_record(question, "disagreement", disagreement_id)
    subject = Subject(("disagreement", disagreement_id), figures=tuple(found["members"]))
    return await _list(question, subject, f"changes to “{found['title']}”", f"disagreements/{disagreement_id}")


@views.get("/{dataset}/changes", **documented(ChangesPage, CHANGES_PARAMETERS, FEED_FORMATS, *ABSENT))
async def list_dataset_changes(question: Asked, dataset: Dataset) -> Response:
    """List the changes of a dataset and of the figures in it, the newest first.

    What was removed by law is not told here: nothing is left that says which dataset it was in.
    """
    found: Mapping[str, Any] = question.dataset or {}
    subject = Subject(("dataset", dataset), measures=tuple(found["measures"]))
    return await _list(question, subject, f"changes to {name_dataset(found)}", f"datasets/{dataset}")


async def _list(question: Question, subject: Subject, title: str, page: str, *, after: int = 0) -> Response:
    if "since" in question.values:
        after = find_earlier(question).ordinal
    limit = question.limit or (question.page_size if question.representation.form.takes == "document" else MOST_CHANGES)
    kinds, actions = (tuple(question.values.get(name, ())) for name in ("kind", "action"))
    wanted = Wanted(after, question.release.ordinal, subject, kinds, actions)
    encoder = question.service.encoder
    async with AsyncExitStack() as turn:
        run = await turn.enter_async_context(encoder.turn_if_long(limit, question.client))
        found = await _find(question, wanted, limit)
        if question.limit is None and limit == MOST_CHANGES and found.next:
            raise ExportTooLarge(
                f"{found.total} changes match, but a table has at most {MOST_CHANGES}. Give since, or use limit and "
                "cursor."
            )
        releases = len({one.release for one in found.changes})
        if limit <= LONGEST_PAGE:  # still without a turn: those of many releases take as many catalogues
            by_release = encoder.turn_if_long(releases, question.client, longest=CATALOGUES_KEPT)
            run = await turn.enter_async_context(by_release)
        shown = await write_changes(question.service, found, question.service.base_url)
        if limit <= LONGEST_PAGE and releases <= CATALOGUES_KEPT:  # likewise: lists that changed may be long
            run = await turn.enter_async_context(encoder.turn_if_long(weigh_changes(shown), question.client))
        return await run(lambda: _answer(question, found, shown, title=title, page=page, after=after))


def _answer(
    question: Question, found: FoundChanges, shown: list[dict[str, Any]], *, title: str, page: str, after: int
) -> Response:
    next_link, base_url = None, question.service.base_url
    if found.next:
        cursor = encode_cursor([str(part) for part in found.next], _scope(question))
        next_link = question.pinned_link(question.suffix, cursor=cursor)
    numbers = {release.ordinal: release.number for release in question.service.releases.releases}

    def document() -> dict[str, Any]:
        written = page_document(question, shown, total=found.total, next_link=next_link)
        written["meta"] |= {
            "since": numbers.get(after),
            "released": question.release.released.isoformat(),
            "title": f"{ATTRIBUTION}: {title}",
        }
        if question.representation.form.name == "atom":
            written["meta"] |= about_feed(question.service)
        written["links"]["page"] = f"{base_url}/{page}"
        return written

    def table() -> Table:
        rows = [{**one, "cite_as": one["cite_as"] and one["cite_as"].removeprefix(base_url)} for one in shown]
        return Table(CHANGE_COLUMNS, map(write_row, rows), notes(question.catalogue))

    return answer(question, document, table, next_link=next_link)


async def _find(question: Question, wanted: Wanted, limit: int) -> FoundChanges:
    service, [cursor], scope = question.service, question.values.get("cursor", [None]), _scope(question)
    after = None if cursor is None else _read_position(cursor, scope)
    key = f"{question.release_key} {scope}"
    found = await find_changes(service.database, wanted, limit=limit, after=after, total=service.totals.get(key))
    service.totals.keep(key, found.total)
    return found


def _scope(question: Question) -> str:
    """Return what a cursor is valid for; a total, until the next recall or removal by law."""
    named = {name: question.values.get(name) for name in ("since", "kind", "action")}
    return f"{question.release.digest} {question.filters} {question.pinned_path} {named}"


def _read_position(cursor: str, scope: str) -> Position:
    """Read the cursor of a page. Raises InvalidCursor."""
    age, kind, name, version, action = decode_cursor(cursor, scope, len(Position._fields))
    return Position(read_integer(age), kind, name, read_integer(version), action)


def find_earlier(question: Question, last: Release | None = None) -> Release:
    """Return the release in `since`. Raises InvalidRequest if it is after `last`, the requested one by default.

    After a recall, somebody may have a release that follows the latest: nothing has changed since.
    """
    releases, [named], last = question.service.releases, question.values["since"], last or question.release
    earlier = [one for one in releases.releases if one.ordinal <= last.ordinal or one.recalled is not None]
    with suppress(UnknownRelease):
        return releases.resolve(named, among=earlier)
    numbers = tuple(one.number for one in earlier)
    detail = f"{named[:40]!r} is not a release up to {last.number}."
    raise InvalidRequest("See errors.", [Fault("since", "unknown_release", detail, numbers, suggest(named, numbers))])
