"""The evidence for one figure: where it is printed, who stated it, how to check it, and whether it is still current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import PARAMETERS, RELEASE_PARAMETERS, TABLE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.find_figure import ObservationId, find_one, find_revision_since, find_standing, pin
from misconduct.api.v1.schemas import EvidenceAnswer, HistoryAnswer, ProvenanceAnswer, StandingAnswer, StandingPage
from misconduct.errors import ApiProblem, Fault, InvalidRequest, NotFound, NotInRelease, Removed
from misconduct.formats import EVERYWHERE
from misconduct.formats.linked.annotation import annotate
from misconduct.formats.linked.provenance import trace
from misconduct.model.catalogue import SOURCE_KEYS, Catalogue
from misconduct.model.figure import citation_url, notes, number, printed_url
from misconduct.model.locator import UNKNOWN, is_in_table
from misconduct.model.observation import Observation
from misconduct.model.standing import STANDING_COLUMNS, STATED, changed_fields, write_standing
from misconduct.model.table import Table
from misconduct.queries import manifest_lines, observations

FORMS = ("json",)
STANDING_PARAMETERS = (*RELEASE_PARAMETERS, "value")
MANY_PARAMETERS = ("cited", *TABLE_PARAMETERS)
MOST_CITED = 100
PRINTED_VALUE = replace(
    PARAMETERS["value"],
    description="The value that you published. Default: the value of the latest version.",
    example="1492",
    repeatable=False,
)

VERIFY_PRINTED = (
    "Put a copy of the document into a folder. It is recognised by its SHA-256, and its text from start to end, in "
    "code points from 0, must equal exact."
)
VERIFY_CELL = (
    "Put a copy of the file into a folder. It is recognised by its SHA-256, and the text of the cell that the place "
    "names must equal exact."
)
VERIFY_COUNTED = (
    "Put a copy of the file into a folder. It is recognised by its SHA-256. Its rows are counted again as the table "
    "that derivation names says, and the number must be the same."
)

router = DirectRouter(prefix="/v1", tags=["evidence"])

Asked = Annotated[Question, Depends(parse_request(RELEASE_PARAMETERS, FORMS))]
Printed = Annotated[Question, Depends(parse_request(STANDING_PARAMETERS, FORMS))]
Cited = Annotated[Question, Depends(parse_request(MANY_PARAMETERS, EVERYWHERE))]
PROBLEMS = (NotFound, NotInRelease, Removed)


@router.get(
    "/observations/{observation_id}/evidence", **documented(EvidenceAnswer, RELEASE_PARAMETERS, FORMS, *PROBLEMS)
)
async def read_evidence(question: Asked, observation_id: ObservationId) -> Response:
    """Return the evidence for a figure: where it is printed, the chain of claims behind it, and how to check it.

    The place is a W3C Web Annotation. The chain leads from who stated the figure, through the source that first
    printed it, to the source that prints it here. A figure that this register counted has no place, and nobody stated
    it: `derivation` names the table that says how, and the chain ends with the source in which it was counted.
    """
    found = await find_one(question, observation_id)
    question = pin(question, found)
    document = evidence_document(found.shown, found.catalogue, question.service.public_url)
    return answer(question, lambda: page_document(question, document, total=1))


@router.get("/observations/{observation_id}/prov", **documented(ProvenanceAnswer, RELEASE_PARAMETERS, FORMS, *PROBLEMS))
async def read_provenance(question: Asked, observation_id: ObservationId) -> Response:
    """Return the provenance of a figure as W3C PROV-JSON."""
    found = await find_one(question, observation_id)
    question = pin(question, found)
    return answer(question, lambda: trace(found.shown, found.catalogue, question.service.public_url))


@router.get("/observations/{observation_id}/history", **documented(HistoryAnswer, RELEASE_PARAMETERS, FORMS, *PROBLEMS))
async def read_history(question: Asked, observation_id: ObservationId) -> Response:
    """Return all versions of a figure up to the requested release: what changed, in which release, and why."""
    found = await find_one(question, observation_id, is_shown=False)
    lines = await manifest_lines.find_lines(question.service.database, "observation", observation_id)
    history = history_document(found.known, lines, question)
    return answer(question, lambda: page_document(question, history, total=len(history)))


@router.get(
    "/observations/{observation_id}/standing",
    **documented(StandingAnswer, (*RELEASE_PARAMETERS, PRINTED_VALUE), FORMS, *PROBLEMS),
)
async def read_standing(question: Printed, observation_id: ObservationId) -> Response:
    """Return whether a value that you published is still current: `current`, `revised`, `ended` or `removed`.

    Give it as `?value=1492`. The status is `unknown` if no version of the figure ever showed that value, as far as
    the law left them: `explanation` names those that it removed. A value that only a release showed which was recalled
    is `revised`, and so is one that stayed while something else that the figure says was corrected. The response also
    says whether the figure looks like others that are not equal to it, and what to print instead.
    """
    printed = _printed(question)
    try:
        found = await find_one(question, observation_id, is_shown=False)
    except Removed as removed:
        gone = _absent(observation_id, removed)
        return answer(question, lambda: page_document(question, gone, total=1))
    stands = await find_standing(question, found, printed)
    return answer(question, lambda: page_document(question, stands, total=1))


@router.get("/standing", **documented(StandingPage, MANY_PARAMETERS, EVERYWHERE))
async def list_standings(question: Cited) -> Response:
    """Return whether figures that you published are still current: `?cited=k7m3q:1492,gb7nr`.

    The value after the colon is what you printed. A figure that does not exist gets a row that says so.
    """
    cited = dict.fromkeys(question.values.get("cited", ()))
    if not 1 <= len(cited) <= MOST_CITED:
        detail = f"Give 1 to {MOST_CITED} different figures, such as ?cited=k7m3q:1492,gb7nr."
        raise InvalidRequest("See errors.", [Fault("cited", "wrong_number", detail)])
    ids = sorted({identity for identity, _ in cited})
    versions: dict[str, list[Observation]] = {identity: [] for identity in ids}
    for one in await observations.find_versions(question.service.database, *ids):
        versions[one.id].append(one)
    revisions = [find_revision_since(question, versions[identity], printed) for identity, printed in cited]
    revised = sorted({one for one in revisions if one})
    reasons = await manifest_lines.find_reasons(question.service.database, revised) if revised else {}
    rows = [await _standing_of(question, identity, printed, versions[identity], reasons) for identity, printed in cited]
    return answer(
        question,
        lambda: page_document(question, rows, total=len(rows)),
        lambda: Table(STANDING_COLUMNS, map(write_standing, rows), notes(question.catalogue)),
    )


async def _standing_of(
    question: Question,
    observation_id: str,
    printed: Decimal | None,
    versions: Sequence[Observation],
    reasons: manifest_lines.Reasons,
) -> dict[str, Any]:
    """Return the standing of one of several figures, also of one that there is not."""
    try:
        found = await find_one(question, observation_id, versions, is_shown=False)
        return await find_standing(question, found, printed, reasons)
    except (NotFound, NotInRelease, Removed) as problem:
        return _absent(observation_id, problem)


def evidence_document(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Describe where a figure is printed, the chain of claims behind it, and how to check both."""
    source = catalogue.kind("source")[o.source]
    verify = VERIFY_CELL if o.at and is_in_table(o.at) else VERIFY_PRINTED
    return {
        "observation": citation_url(base_url, o.id, catalogue.release.number),
        "annotation": annotate(o, source, catalogue, base_url),
        "source": {key: source[key] for key in (*SOURCE_KEYS, "length", "media_type")},
        "chain": _chain(o, catalogue),
        "derivation": o.derivation,
        "printed_at": printed_url(
            source["url"], o.printed, catalogue.around.get((o.source, o.at or ""), UNKNOWN), o.at
        ),
        "verify": {
            "command": "misconduct verify --documents DIR",
            "document_sha256": source["sha256"],
            "document_length": source["length"],
            "record_sha256": o.sha256.hex(),
            "explanation": VERIFY_COUNTED if o.derivation else verify,
        },
    }


def _chain(o: Observation, catalogue: Catalogue) -> list[dict[str, Any]]:
    """List who stated the figure, the source that first printed it, and the one that prints it.

    Nobody stated a figure that this register counted: it has the source in whose rows it was counted, and the origin of
    that source, if there is one.
    """
    sources = catalogue.kind("source")

    def step(role: str, slug: str) -> dict[str, Any]:
        source = sources[slug]
        return {
            "role": role,
            "id": slug,
            **{key: source[key] for key in ("title", "publisher", "published", "url", "held")},
        }

    if o.stated_by is None:
        origin = [step("origin", o.origin)] if o.origin != o.source else []
        return [*origin, step("counted_from", o.source)]
    nothing = dict.fromkeys(("publisher", "published", "url", "held"))
    stated = {"role": "stated_by", "id": o.stated_by, "title": catalogue.label("stated_by", o.stated_by)}
    return [stated | nothing, step("origin", o.origin), step("printed_by", o.source)]


def history_document(
    known: Sequence[Observation], lines: Sequence[manifest_lines.Line], question: Question
) -> list[dict[str, Any]]:
    """List the versions up to the requested release, oldest first: what each changed, since which release, and why."""
    numbers, ordinal = question.catalogue.release_numbers, question.release.ordinal
    told = {(line.version, line.action): line for line in lines}
    entries = []
    for before, reading in zip([None, *known], known, strict=False):
        added, ended = told.get((reading.version, "added")), told.get((reading.version, "ended"))
        over = reading.ended_in <= ordinal
        entries.append(
            {
                "version": reading.version,
                "value": number(reading.value),
                "printed": reading.printed,
                "added_in": numbers[reading.added_in],
                "ended_in": numbers[reading.ended_in] if over else None,
                "reason": added.reason if added else None,
                "ended_because": ended.reason if ended and over else None,
                "replaced_by": ended.replaced_by if ended and over else None,
                "changes": changed_fields(before._asdict(), reading._asdict(), STATED) if before else [],
                "sha256": reading.sha256.hex(),
            }
        )
    return entries


def _printed(question: Question) -> Decimal | None:
    """Return the value to check. Raises InvalidRequest if there are several."""
    values: list[Decimal] = question.values.get("value", [])
    if len(values) > 1:
        raise InvalidRequest("See errors.", [Fault("value", "repeated_parameter", "value may be given only once.")])
    return values[0] if values else None


def _absent(observation_id: str, problem: ApiProblem) -> dict[str, Any]:
    """Return the standing of a figure that was removed, or that does not exist, with the code of that problem."""
    return {
        "id": observation_id,
        "status": problem.code,
        "value": None,
        "resembles_others": False,
        "disagreements": [],
        "reason": None,
        "replaced_by": None,
        "print_instead": None,
        "explanation": problem.detail,
    }
