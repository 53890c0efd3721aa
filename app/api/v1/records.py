"""Records other than figures: datasets, code lists, sources, checks, disagreements, corrections, refusals.

Their lists are short and have no pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Response

from app.api.documentation import documented
from app.api.parameters import TABLE_PARAMETERS, suggest
from app.api.request_context import Question, parse_request
from app.api.responses import answer, page_document
from app.api.v1.record_schemas import RECORDS
from app.errors import NotFound, Removed
from app.formats import EVERYWHERE
from app.model.kinds import KINDS
from app.model.record_tables import records_table
from app.queries import manifest_lines

FORMS = EVERYWHERE
SAFE = re.compile(r"[A-Za-z0-9_/-]{1,200}", re.ASCII)

router = APIRouter(prefix="/v1", tags=["register"])

Asked = Annotated[Question, Depends(parse_request(TABLE_PARAMETERS, FORMS))]
ListId = Annotated[str, Path(description="Id of a code list.", examples=["category"])]


class Resource(NamedTuple):
    """A kind of record with a list and a path for each record, with their descriptions in OpenAPI and an example id."""

    kind: str
    parameter: str
    example: str
    list_description: str
    one_description: str


RESOURCES = (
    Resource(
        "dataset",
        "dataset_id",
        "allegations",
        "List the datasets: the measures that each shows, and the limits of its figures.",
        "Return one dataset: the measures that it shows, and the limits of its figures.",
    ),
    Resource(
        "source",
        "source_id",
        "police-oracle-2023-met-review",
        """List the documents that print the figures, and the documents that they quote.

        `link` is the result of the last check of the URL, with its date and the URL of an archived copy.
        """,
        """Return one document: title, publisher, date as precise as known, URL, and the hash of the text that was read.

        `link` is the result of the last check of the URL: `answers`, `changed`, `moved_permanently`,
        `moved_temporarily`, `not_found`, `gone`, `timeout` … It is null if the URL was never checked.
        """,
    ),
    Resource(
        "code",
        "list_id",
        "category",
        "List the code lists: every code that a figure can have, with its definition and who defined it.",
        "Return one code list: the label, definition and broader code of each code.",
    ),
    Resource(
        "check",
        "check_id",
        "split-of-the-1131",
        """List the arithmetic checks. A check `holds` if its numbers agree, and a source states the identity
        (`asserted`) or its figures are alike.

        It `fails` only if its numbers contradict an identity that a source states, and its figures are alike. Otherwise
        it is `undecidable`. A check never changes a figure, and one that fails has an explanation.
        """,
        "Return one check: its figures, the stated and computed values, and how its figures differ.",
    ),
    Resource(
        "disagreement",
        "disagreement_id",
        "how-many-were-accused",
        "List the disagreements: groups of similar figures that are not equal, how they differ, and why, if known.",
        "Return one disagreement: its figures, where they are printed, why they differ, and what each answers.",
    ),
    Resource(
        "correction",
        "correction_id",
        "murder-dated-2022",
        "List the publishers' errors that were found or reported, each with what was printed and what contradicts it.",
        "Return one publisher's error: what was printed, what contradicts it, and where both are printed.",
    ),
    Resource(
        "non_publication",
        "non_publication_id",
        "met-sexual-allegation-figures-section-22",
        "List the refusals to publish: who was asked, under which law, from when and until when.",
        "Return one refusal to publish.",
    ),
)


def _add_routes(resource: Resource) -> None:
    kind = resource.kind
    noun = "codelist" if kind == "code" else kind
    page_shape, answer_shape = RECORDS[kind]

    async def list_records(question: Asked) -> Response:
        records, rows = _list_codelists(question) if kind == "code" else _list(question, kind)
        return answer(
            question,
            lambda: page_document(question, records, total=len(records)),
            lambda: records_table(kind, rows),
        )

    async def read_record(question: Asked, record_id: str) -> Response:
        found = find_codelist(question, record_id) if kind == "code" else await find_record(question, kind, record_id)
        return answer(
            question,
            lambda: page_document(question, found, total=1),
            lambda: records_table(kind, found["codes"] if kind == "code" else [found]),
        )

    read_record.__annotations__["record_id"] = Annotated[
        str,
        Path(alias=resource.parameter, description=f"Id of a {NOUNS.get(kind, kind)}.", examples=[resource.example]),
    ]
    router.add_api_route(
        f"/{KINDS[kind].path}",
        list_records,
        name=f"list_{noun}s",
        description=cleandoc(resource.list_description),
        **documented(page_shape, TABLE_PARAMETERS, FORMS),
    )
    router.add_api_route(
        f"/{KINDS[kind].path}/{{{resource.parameter}}}",
        read_record,
        name=f"read_{noun}",
        description=cleandoc(resource.one_description),
        **documented(answer_shape, TABLE_PARAMETERS, FORMS, NotFound, Removed),
    )


NOUNS = {"code": "code list", "non_publication": "non-publication"}

for each in RESOURCES:
    _add_routes(each)


def _list(question: Question, kind: str) -> tuple[list[Any], list[Any]]:
    """Return the records of a kind, and the rows of their table, which are the same."""
    records = list(question.catalogue.kind(kind).values())
    return records, records


def _list_codelists(question: Question) -> tuple[list[Any], list[Any]]:
    lists = [_codelist(name, codes) for name, codes in sorted(question.catalogue.codes.items())]
    return lists, [code for codelist in lists for code in codelist["codes"]]


def find_codelist(question: Question, list_id: str) -> dict[str, Any]:
    """Return one code list of the requested release. Raises NotFound."""
    return _codelist(list_id, _known(question.catalogue.codes, list_id, "code list"))


def _codelist(name: str, codes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    members = [{**content, "list": name, "code": code} for code, content in codes.items()]
    return {"id": name, "codes": members}


async def find_record(question: Question, kind: str, record_id: str) -> Mapping[str, Any]:
    """Return one record of the requested release. Raises NotFound, or Removed if it was removed by law."""
    records = question.catalogue.kind(kind)
    if record_id not in records and SAFE.fullmatch(record_id):
        removal = await manifest_lines.find_removal(question.service.database, kind, record_id)
        if removal is not None:
            raise Removed(f"Removed in release {removal.number}: {removal.reason}", removed_in=removal.number)
    record: Mapping[str, Any] = _known(records, record_id, kind)
    return record


def _known(records: Mapping[str, Any], record_id: str, name: str) -> Any:
    if record_id in records:
        return records[record_id]
    near = suggest(record_id, records)
    hint = f" Did you mean {near}?" if near else ""
    raise NotFound(f"There is no {name} {record_id[:60]!r} in this release.{hint}", did_you_mean=near)
