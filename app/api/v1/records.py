"""The register's other records: datasets, code lists, sources, and what is known against the figures.

Lists are short and come whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Response

from app.api.documentation import documented
from app.api.parameters import TABLE_PARAMETERS, suggest
from app.api.request_context import Question, asked
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

Asked = Annotated[Question, Depends(asked(TABLE_PARAMETERS, FORMS))]
ListId = Annotated[str, Path(description="A code list.", examples=["category"])]


class Resource(NamedTuple):
    """A kind of record with a list and an address for each: what OpenAPI says of them, and an example of an id."""

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
        "The datasets: which measures each shows, and what its figures cannot say.",
        "One dataset: which measures it shows, and what its figures cannot say.",
    ),
    Resource(
        "source",
        "source_id",
        "police-oracle-2023-met-review",
        """The documents that state the figures, and those that are only quoted by them.

        `link` says whether the address still answered, when that was last checked, and where an archived copy is.
        """,
        """One document: title, publisher, date as precisely as known, address, and the hash of the text that was read.

        `link` says whether the address still answered when that was last checked: `answers`, `changed`,
        `moved_permanently`, `moved_temporarily`, `not_found`, `gone`, `timeout` … It is null where nobody has checked.
        """,
    ),
    Resource(
        "code",
        "list_id",
        "category",
        "The code lists: every code that a figure can carry, what it means, and whose definition that is.",
        "One code list, with labels, definitions and what each code is a part of.",
    ),
    Resource(
        "check",
        "check_id",
        "split-of-the-1131",
        "Arithmetic identities among the figures: `holds`, `fails`, or `undecidable` because unlike things stand there."
        "\n\nA check that fails carries its explanation. It never changes a figure.",
        "One check: which figures it puts together, what they come to, and in what they are unlike.",
    ),
    Resource(
        "disagreement",
        "disagreement_id",
        "how-many-were-accused",
        "Groups of figures that look like one thing and are not equal: in what they differ, and why as far as known.",
        "One disagreement: its figures and where each is printed, why they differ, and which answers which question.",
    ),
    Resource(
        "correction",
        "correction_id",
        "murder-dated-2022",
        "Publishers' errors that this register found or was told of, each with both readings.",
        "One publisher's error, with both readings and where each stands.",
    ),
    Resource(
        "non_publication",
        "non_publication_id",
        "met-sexual-allegation-figures-section-22",
        "Refusals to publish: who was asked, under which law, since when and until when.",
        "One refusal to publish.",
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
        Path(alias=resource.parameter, description=f"A {NOUNS.get(kind, kind)}.", examples=[resource.example]),
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
    """The records of a kind, and the rows of their table, which are the same."""
    records = list(question.catalogue.kind(kind).values())
    return records, records


def _list_codelists(question: Question) -> tuple[list[Any], list[Any]]:
    lists = [_codelist(name, codes) for name, codes in sorted(question.catalogue.codes.items())]
    return lists, [code for codelist in lists for code in codelist["codes"]]


def find_codelist(question: Question, list_id: str) -> dict[str, Any]:
    """One code list of the asked release. Raises NotFound."""
    return _codelist(list_id, _known(question.catalogue.codes, list_id, "code list"))


def _codelist(name: str, codes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    members = [{**content, "list": name, "code": code} for code, content in codes.items()]
    return {"id": name, "codes": members}


async def find_record(question: Question, kind: str, record_id: str) -> Mapping[str, Any]:
    """One record of the asked release. Raises NotFound, or Removed where the law took it away."""
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
