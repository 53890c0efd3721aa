"""One figure: what it counts, where it is printed, who said it, and what is known against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Response

from app.api.question import Question
from app.api.site.rendering import asked_page, page
from app.api.v1.compare import MOST
from app.api.v1.evidence import evidence_document, history_document
from app.api.v1.one import ObservationId, One, find_one, find_standing
from app.domain import figure
from app.domain.catalogue import Catalogue
from app.domain.observation import Observation
from app.domain.phrases import as_printed, say_period, say_printed, say_what, say_who
from app.domain.standing import STATED, changed_fields
from app.errors import NotInRelease, Removed
from app.formats.linked.citation import cite_observation
from app.queries import history, observations

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]
Document = Mapping[str, Any]


class Since(NamedTuple):
    """What became of a figure after the release that was asked for: its standing now, and the readings since then.

    `verdict` is one of stands, revised, reread (the number is as it was), ended and removed.
    """

    release: str
    verdict: str
    now: Observation | None
    differs: list[str]
    instead: dict[str, Any] | None
    explanation: str
    readings: list[dict[str, Any]]


@router.get("/observations/{observation_id}")
async def show_observation(question: Asked, observation_id: ObservationId) -> Response:
    """One figure, and every answer that the API gives about it."""
    try:
        found = await find_one(question, observation_id)
    except (NotInRelease, Removed) as absent:
        return page(question, "record-absent.html", status=absent.status, absent=absent, observation_id=observation_id)
    lines = await history.lines_of(question.service.database, "observation", observation_id)
    base_url = question.service.base_url
    shown, catalogue = found.shown, found.catalogue
    return page(
        question,
        "observation.html",
        figure=figure.as_document(shown, catalogue, base_url),
        evidence=evidence_document(shown, catalogue, base_url),
        citation=cite_observation(shown, catalogue, base_url),
        standing=await find_standing(question, found),
        readings=history_document(found.readings, lines, question),
        since=await _find_since(question, found, lines),
        disagreements=await _find_disagreements(question, found),
        checks=[catalogue.kind("check")[check["id"]] for check in catalogue.checks_of.get(shown.id, [])],
        corrections=[one for one in catalogue.kind("correction").values() if shown.id in one["affects"]],
        beside=catalogue,
        as_printed=as_printed,
        release_numbers={one.ordinal: one.number for one in question.service.releases.releases},
        say_period=say_period,
        say_printed=say_printed,
        say_what=say_what,
        say_who=say_who,
    )


async def _find_since(question: Question, found: One, lines: Iterable[history.Line]) -> Since | None:
    """What became of the figure after a named release; None where the newest is asked for."""
    newest = question.service.releases.releases[-1]
    if question.release == newest:
        return None
    catalogue = await question.service.releases.catalogue(newest)
    now = replace(question, release=newest, catalogue=catalogue, values={})
    try:
        last = await find_one(now, found.shown.id)
    except Removed as removed:
        return Since(newest.number, "removed", None, [], None, removed.detail, [])
    stands = await find_standing(now, last, found.shown.value)
    later = [one for one in history_document(last.readings, list(lines), now) if one["version"] > found.shown.version]
    fields = changed_fields(found.shown._asdict(), last.shown._asdict(), STATED)
    differs = [one["field"].replace("_", " ") for one in fields]
    if last.shown.ended_in <= newest.ordinal:
        verdict = "ended"
    elif last.shown.version == found.shown.version:
        verdict = "stands"
    else:
        verdict = "reread" if as_printed(last.shown) == as_printed(found.shown) else "revised"
    return Since(newest.number, verdict, last.shown, differs, stands["print_instead"], stands["explanation"], later)


async def _find_disagreements(question: Question, found: One) -> list[tuple[Document, list[Document], str]]:
    """The disagreements that the figure is in, each with its figures and the query that compares them with this one."""
    catalogue = found.catalogue
    records = [catalogue.kind("disagreement")[one] for one in catalogue.disagreements_of.get(found.shown.id, ())]
    members = await find_documents(question, catalogue, (one for record in records for one in record["members"]))
    return [
        (
            record,
            [members[one] for one in record["members"] if one in members],
            compare_query(found.shown.id, record["members"]),
        )
        for record in records
    ]


def compare_query(first: str, members: Iterable[str]) -> str:
    """The query that compares one figure with others, as many as are compared at once."""
    return "&".join(f"id={one}" for one in list(dict.fromkeys((first, *members)))[:MOST])


async def find_documents(question: Question, catalogue: Catalogue, ids: Iterable[str]) -> dict[str, Document]:
    """Figures as documents by their ids, as the catalogue's release has them. One statement; none for no ids."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    found = await observations.by_ids(question.service.database, wanted, catalogue.release.ordinal)
    return {o.id: figure.as_document(o, catalogue, question.service.base_url) for o in found}
