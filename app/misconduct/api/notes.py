"""Notes: what to read before printing figures. Caveats, disagreements, corrections and what nobody has published."""

from typing import Annotated, get_type_hints

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import JSON_ONLY, ChosenFormat, answers, send_json
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.parameters import NoteList, from_query
from misconduct.api.problems import NotFound
from misconduct.api.records import RecordId, send_list
from misconduct.api.suggestions import ask_about
from misconduct.model import lists
from misconduct.model.catalogue import Content
from misconduct.model.kinds import NOTES, NoteType
from misconduct.model.shapes import FullNote, NoteAnswer, NoteListAnswer
from misconduct.model.vocabulary import find_meanings
from misconduct.queries.figures import find_with_caveat

router = APIRouter(prefix="/v1", tags=["notes"])

FULL = tuple(get_type_hints(FullNote))
MAX_FIGURES = 1_000  # that one note names; as many as a list of figures has in JSON


@router.get("/notes", responses=answers(NoteListAnswer, "csv"))
async def list_notes(
    request: Request,
    query: Annotated[NoteList, from_query(NoteList)],
    suffix: ChosenFormat,
) -> Response:
    """List what to read before printing figures. A row of a table names its notes in `note_ids`.

    For somebody who finds an error and a fact-checker.
    """
    current = await find_current(request, query)
    base_url, types = current.view.base_url, query.type or NOTES
    rows = lists.list_notes(current.catalogue, base_url, types)
    return send_list(request, current, suffix, rows, lists.names_of(lists.NOTE))


@router.get("/notes/{id}", responses=answers(NoteAnswer), dependencies=[JSON_ONLY])
async def get_note(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    """Return one note, with its figures. Of a disagreement, also how these relate, and which answers which question.

    For someone with a number and a fact-checker.
    """
    note_type, content = find_note(current, identity)
    base_url = current.view.base_url
    note = lists.note_document(note_type, content, current.catalogue, base_url, FULL)
    outcome = content.get("outcome", {})
    note["figure_ids"] = await _find_figures(note_type, content, current)
    note["no_ranking"] = int(content.get("no_ranking", False))
    note["disputed"] = outcome.get("disputed", [])
    note["dimensions"] = [
        {"dimension": name, "relation": relation}
        for name, relation in outcome.get("dimensions", {}).items()
    ]
    note["answers"] = [
        {"question": one["question"], "figure": one["observation"]}
        for one in content.get("answers", ())
    ]
    return send_json(request, current, note)


def find_note(current: Current, identity: str) -> tuple[NoteType, Content]:
    """Return the type of a note and its record. Raises NotFound that names the most similar one."""
    catalogue = current.catalogue
    for note_type in NOTES:
        if content := catalogue.of_kind(note_type).get(identity):
            return note_type, content
    names = {
        one: words
        for note_type in NOTES
        for one, words in catalogue.names(note_type).items()
    }
    meant = find_meanings(identity, names, are_proper=True)
    hint = ask_about(meant, names)
    detail = f"Release {current.release.number} has no note {identity[:80]!r}. {hint}"
    near = next(iter(meant), None)
    raise NotFound(detail.rstrip(), near, of="note", value=identity)


async def _find_figures(
    note_type: NoteType, content: Content, current: Current
) -> list[str]:
    """Return the ids of the figures that a note is about."""
    if note_type == "caveat":
        return await find_with_caveat(current.tables, content["id"], MAX_FIGURES)
    return lists.name_figures(note_type, content)
