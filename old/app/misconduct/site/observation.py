"""The page of one figure: what it counts, where it is printed, who stated it, and what contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Response

from misconduct.api.request_context import Question
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.evidence import evidence_document, history_document
from misconduct.api.v1.find_figure import ObservationId, One, find_one, find_standing
from misconduct.errors import NotInRelease, Removed
from misconduct.formats.linked.citation import cite_observation
from misconduct.model import figure
from misconduct.model.catalogue import Catalogue
from misconduct.model.observation import Observation
from misconduct.model.phrases import as_printed
from misconduct.model.standing import PLACES, STATED, changed_fields
from misconduct.queries import manifest_lines, observations
from misconduct.site.pictures import open_query
from misconduct.site.rendering import page, parse_page_request

router = DirectRouter(include_in_schema=False)

Asked = Annotated[Question, Depends(parse_page_request())]

FIGURES_AT_ONCE = 200  # on a page, each a third of a millisecond; a page with more waits for its turn
CHARACTERS_OF_ONE = 50_000  # that figures repeat of records, which take as long as one figure more
CELLS_OF_ONE = 10  # of a table by year, likewise


MOST_ALIKE = 53
"""So many other figures of each disagreement are on the page of a figure, the first three at once."""


class Since(NamedTuple):
    """The changes of a figure after the requested release: its standing now, and its later versions.

    `verdict` is one of stands, revised, reread (with the same number), moved (in another place), ended, removed, and
    withdrawn with the recalled release that alone has it.
    """

    release: str
    verdict: str
    explanation: str
    now: Mapping[str, Any] | None = None
    differs: list[str] = []  # noqa: RUF012 (never changed)
    instead: Mapping[str, Any] | None = None
    readings: list[dict[str, Any]] = []  # noqa: RUF012 (never changed)


@router.get("/observations/{observation_id}")
async def show_observation(question: Asked, observation_id: ObservationId) -> Response:
    """Show one figure, with everything that the API returns about it."""
    try:
        found = await find_one(question, observation_id)
    except (NotInRelease, Removed) as absent:
        return page(question, "record-absent.html", status=absent.status, absent=absent, observation_id=observation_id)
    lines = await manifest_lines.find_lines(question.service.database, "observation", observation_id)
    shown, catalogue, base_url = found.shown, found.catalogue, question.service.base_url
    document = figure.as_document(shown, catalogue, base_url)
    groups = [catalogue.kind("disagreement")[slug]["members"] for slug in document["disagreements"]]
    alike = [one for group in groups for one in islice((one for one in group if one != shown.id), MOST_ALIKE)]
    values: dict[str, Any] = {
        "beside": catalogue,
        "card": open_query(replace(question, path=f"/v1/observations/{shown.id}").link(".png")),
        "figure": document,
        "evidence": evidence_document(shown, catalogue, question.service.public_url),
        "citation": cite_observation(shown, catalogue, question.service.public_url),
        "standing": await find_standing(question, found),
        "readings": history_document(found.known, lines, question),
        "since": await _find_since(question, found, lines),
        "corrections": [one for one in question.catalogue.kind("correction").values() if shown.id in one["affects"]],
        "most_alike": MOST_ALIKE,
    }
    async with question.service.encoder.turn_if_long(len(alike), question.client, longest=FIGURES_AT_ONCE) as run:
        others = await find_figures(question, alike, catalogue.release.ordinal)

        def make() -> Response:
            return page(question, "observation.html", figures=write_documents(question, catalogue, others), **values)

        return await run(make)


async def _find_since(question: Question, found: One, lines: Iterable[manifest_lines.Line]) -> Since | None:
    """Find the changes of a figure after a named release; None if the latest is requested, or a recalled one since."""
    book = question.service.releases
    newest = next((one for one in book.releases if one.digest == question.newest), question.release)
    if question.release.ordinal >= newest.ordinal:
        return None
    catalogue = await book.catalogue(newest)
    now = replace(question, release=newest, catalogue=catalogue, values={})
    try:
        last = await find_one(now, found.shown.id)
    except Removed as removed:
        return Since(newest.number, "removed", removed.detail)
    except NotInRelease:  # only a recalled release has it
        return Since(newest.number, "withdrawn", "no such figure.")
    stands = await find_standing(now, last, found.shown.value)
    fields = changed_fields(found.shown._asdict(), last.shown._asdict(), STATED)
    if last.shown.ended_in <= newest.ordinal:
        verdict = "ended"
    elif last.shown.version == found.shown.version:
        verdict = "stands"
    elif fields and {one["field"] for one in fields} <= {*PLACES}:
        verdict = "moved"
    else:
        verdict = "reread" if as_printed(last.shown) == as_printed(found.shown) else "revised"
    return Since(
        newest.number,
        verdict,
        stands["explanation"],
        figure.as_document(last.shown, last.catalogue, question.service.base_url),
        [one["field"].replace("_", " ") for one in fields],
        stands["print_instead"],
        [
            {**one, "is_moved": bool(one["changes"]) and {each["field"] for each in one["changes"]} <= {*PLACES}}
            for one in history_document(last.known, list(lines), now)
            if one["version"] > found.shown.version
        ],
    )


async def make_page(
    question: Question, found: Iterable[Observation], make: Callable[[], Response], *, cells: int = 0
) -> Response:
    """Make a page of figures: one of many, or of long texts, in its turn and in a thread. Raises Overloaded.

    `cells` are those of a table by year beside them.
    """
    shown = [(o.source, o.origin, o.caveats or (), o.id) for o in found]
    records = len(shown) + question.catalogue.count_characters(shown) // CHARACTERS_OF_ONE + cells // CELLS_OF_ONE
    return await question.service.encoder.make_list(records, make, question.client, longest=FIGURES_AT_ONCE)


async def find_figures(question: Question, ids: Iterable[str], release: int | None = None) -> Sequence[Observation]:
    """Find figures by their ids, as in a release: the requested one, or that with an ordinal."""
    wanted = list(dict.fromkeys(ids))
    ordinal = question.release.ordinal if release is None else release
    return await observations.by_ids(question.service.database, wanted, ordinal) if wanted else []


def write_documents(
    question: Question, catalogue: Catalogue, found: Iterable[Observation]
) -> dict[str, dict[str, Any]]:
    """Return figures as JSON objects by id."""
    write = figure.as_objects(catalogue, question.service.base_url)
    return {o.id: write(o) for o in found}
