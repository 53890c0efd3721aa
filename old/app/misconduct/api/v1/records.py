"""Records other than figures and datasets: code lists, sources, checks, disagreements, corrections, refusals.

Their lists are short and have no pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Path, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import TABLE_PARAMETERS
from misconduct.api.request_context import Question, parse_request, refuse_removed
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.record_schemas import RECORDS
from misconduct.errors import NotFound, Removed
from misconduct.formats import EVERYWHERE
from misconduct.model.kinds import KINDS, Kind, Words
from misconduct.model.record_tables import records_table
from misconduct.model.suggestions import suggest

FORMS = EVERYWHERE
CHARACTERS_OF_ONE = 2_000  # of a list's records, which take as long as one record more

router = DirectRouter(prefix="/v1", tags=["register"])

Asked = Annotated[Question, Depends(parse_request(TABLE_PARAMETERS, FORMS))]
ListId = Annotated[str, Path(description="Id of a code list.", examples=["category"])]


def _add_routes(kind: Kind, words: Words) -> None:
    """Add the list of a kind's records, and the path of each."""
    parameter = "list_id" if kind.name == "code" else f"{kind.name}_id"
    page_shape, answer_shape = RECORDS[kind.name]

    async def list_records(question: Asked) -> Response:
        def make() -> Response:
            records, rows = _list_codelists(question) if kind.name == "code" else _list(question, kind.name)
            return answer(
                question,
                lambda: page_document(question, records, total=len(records)),
                lambda: records_table(kind.name, rows),
            )

        records = _weigh(question, kind.name, len(question.catalogue.kind(kind.name)))
        return await question.service.encoder.make_list(records, make, question.client)

    async def read_record(question: Asked, record_id: str) -> Response:
        is_list = kind.name == "code"
        record = None if is_list else await find_record(question, kind.name, record_id)

        def make() -> Response:
            found = record or find_codelist(question, record_id)
            return answer(
                question,
                lambda: page_document(question, found, total=1),
                lambda: records_table(kind.name, found["codes"] if is_list else [found]),
            )

        codes = question.catalogue.codes.get(record_id, ()) if is_list else ()
        records = _weigh(question, kind.name, len(codes), record_id)
        return await question.service.encoder.make_list(records, make, question.client)

    read_record.__annotations__["record_id"] = Annotated[
        str, Path(alias=parameter, description=f"Id of a {kind.noun}.", examples=[words.example])
    ]
    name = "codelist" if kind.name == "code" else kind.name
    router.add_api_route(
        f"/{kind.path}",
        list_records,
        name=f"list_{name}s",
        description=words.list_description,
        **documented(page_shape, TABLE_PARAMETERS, FORMS),
    )
    router.add_api_route(
        f"/{kind.path}/{{{parameter}}}",
        read_record,
        name=f"read_{name}",
        description=words.one_description,
        **documented(answer_shape, TABLE_PARAMETERS, FORMS, NotFound, Removed),
    )


for each in KINDS.values():
    if each.words:
        _add_routes(each, each.words)


def _weigh(question: Question, kind: str, records: int, name: str = "") -> int:
    """Return as how many records a list of a kind counts, or one record or code list: so many, or as it is long."""
    return max(records, question.catalogue.lengths[kind, name] // CHARACTERS_OF_ONE)


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
    if record_id not in records:
        await refuse_removed(question.service, kind, record_id, question.release)
    record: Mapping[str, Any] = _known(records, record_id, kind)
    return record


def _known(records: Mapping[str, Any], record_id: str, name: str) -> Any:
    if record_id in records:
        return records[record_id]
    near = suggest(record_id, records)
    hint = f" Did you mean {near}?" if near else ""
    raise NotFound(f"There is no {name} {record_id[:60]!r} in this release.{hint}", did_you_mean=near)
