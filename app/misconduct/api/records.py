"""Datasets, records that are not figures, and code lists. Each has a list, and an address for each."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from misconduct.api.answers import (
    JSON_ONLY,
    ChosenFormat,
    about_rows,
    answers,
    link,
    send_json,
    send_table,
)
from misconduct.api.current import Current, TheCurrent
from misconduct.api.problems import NotFound
from misconduct.api.suggestions import ask_about, suggest_parameter
from misconduct.formats import FORMATS
from misconduct.model.figure import CODED_COLUMNS, default_columns
from misconduct.model.kinds import KINDS, Code
from misconduct.model.shapes import Objects, RecordAnswer, RecordListAnswer
from misconduct.model.vocabulary import find_meanings

router = APIRouter(prefix="/v1")

RecordId = Annotated[str, Path(alias="id", description="Id of the record.")]

LIST, ONE = answers(RecordListAnswer, "csv"), answers(RecordAnswer)

CODE_FIELDS = tuple("code" if name == "id" else name for name in Code.model_fields)
SUMMARY = ("id", "title", "description", "figures", "years", "url")
LISTED = (
    "source",
    "caveat",
    "disagreement",
    "correction",
    "unpublished",
)  # kinds that have addresses


def record_document(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with every field of its kind; what the release does not have is empty."""
    shown = {
        name: content.get(
            name,
            None
            if field.is_required()
            else field.get_default(call_default_factory=True),
        )
        for name, field in KINDS[kind].model.model_fields.items()
        if name != "quotes"
    }
    return shown | {name: content.get(name) for name in KINDS[kind].computed}


def find_records(current: Current, kind: str) -> Objects:
    return [
        record_document(kind, content)
        for content in current.catalogue.of_kind(kind).values()
    ]


def find_record(current: Current, kind: str, identity: str) -> dict[str, Any]:
    """Return a record of the release. Raises NotFound that names the most similar one."""
    known = current.catalogue.of_kind(kind)
    if identity not in known:
        names = current.catalogue.names(kind)
        meant = find_meanings(identity, names, are_proper=True)
        detail = f"Release {current.release.number} has no {kind} {identity[:80]!r}. {ask_about(meant, names)}"
        near = next(iter(meant), None)
        raise NotFound(detail.rstrip(), near, of=kind, value=identity)
    return record_document(kind, known[identity])


def send_list(
    request: Request,
    current: Current,
    suffix: str,
    rows: Objects,
    header: Iterable[str],
) -> Response:
    """Send a list of records, which all have the keys of `header`."""
    if suffix in FORMATS:
        names = list(header)
        cells = [[_cell(row[name]) for name in names] for row in rows]
        return send_table(
            names, cells, request.scope["path"].rpartition("/")[2], current
        )
    return send_json(
        request,
        current,
        rows,
        about_rows(current, len(rows)),
        csv=link(request, suffix=".csv"),
    )


def _cell(value: Any) -> Any:
    """Return a field as a cell: a code alone; ids joined by spaces, texts by ` | `; and anything deeper as JSON."""
    if value in ("", [], {}):
        return None
    if isinstance(value, dict) and value.keys() == {"code", "label"}:
        return value["code"]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return (" | " if any(" " in one for one in value) else " ").join(value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


@router.get("/datasets", tags=["figures"], responses=LIST)
async def list_datasets(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List the datasets: what each one counts, the number of its figures, and the years that they are for."""
    rows = [
        _summary(current, content)
        for content in current.catalogue.of_kind("dataset").values()
    ]
    return send_list(request, current, suffix, rows, SUMMARY)


@router.get("/datasets/{id}", tags=["figures"], responses=ONE, dependencies=[JSON_ONLY])
async def get_dataset(
    request: Request,
    identity: Annotated[
        str, Path(alias="id", description="Id of a dataset: allegations.")
    ],
    current: TheCurrent,
) -> Response:
    """Return one dataset: its limits, its default columns, and every code with the number of figures that have it."""
    return send_json(request, current, dataset_document(current, identity))


def dataset_document(current: Current, identity: str) -> dict[str, Any]:
    """Return a dataset in full. Raises NotFound."""
    record, content = (
        find_record(current, "dataset", identity),
        current.catalogue.of_kind("dataset")[identity],
    )
    return {
        **_summary(current, content),
        "limits": record["limits"],
        "conditions": record["conditions"],
        "columns": default_columns(identity),
        "codes": {
            name: [
                {
                    "code": code,
                    "label": current.catalogue.label(name, code),
                    "figures": number,
                }
                for code, number in sorted(
                    counts.items(), key=lambda one: (-one[1], one[0])
                )
            ]
            for name in CODED_COLUMNS
            if (counts := content["codes"].get(name))
        },
    }


def _summary(current: Current, content: Mapping[str, Any]) -> dict[str, Any]:
    url = f"{current.view.base_url}/v1/{content['id']}"
    return {name: url if name == "url" else content[name] for name in SUMMARY}


ADDED = ("warning",)  # fields that 2.1.0 did not have: they are the last columns


def _add_routes(kind: str) -> None:
    path, about = KINDS[kind].path, (KINDS[kind].model.__doc__ or "").partition("\n")[0]
    tags: list[str | Enum] = ["records"]

    @router.get(
        f"/{path}",
        name=f"list_{path}",
        tags=tags,
        description=f"List {path}. {about}",
        responses=LIST,
    )
    async def list_records(
        request: Request, suffix: ChosenFormat, current: TheCurrent
    ) -> Response:
        rows = find_records(current, kind)
        header = sorted(record_document(kind, {}), key=lambda name: name in ADDED)
        return send_list(request, current, suffix, rows, header)

    @router.get(
        f"/{path}/{{id}}",
        name=f"get_{kind}",
        tags=tags,
        description=about,
        responses=ONE,
        dependencies=[JSON_ONLY],
    )
    async def get_record(
        request: Request, identity: RecordId, current: TheCurrent
    ) -> Response:
        return send_json(request, current, find_record(current, kind, identity))


for _kind in LISTED:
    _add_routes(_kind)


@router.get("/codelists", tags=["records"], responses=LIST)
async def list_codelists(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List the code lists, with the number of codes of each."""
    rows = [
        {"id": name, "codes": len(codes)}
        for name, codes in current.catalogue.codelists.items()
    ]
    return send_list(request, current, suffix, rows, ("id", "codes"))


@router.get("/codelists/{id}", tags=["records"], responses=answers(RecordAnswer, "csv"))
async def get_codelist(
    request: Request, identity: RecordId, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """Return one code list: the label, the definition and the broader code of each code."""
    rows = find_codes(current, identity)
    if suffix in FORMATS:
        return send_list(request, current, suffix, rows, CODE_FIELDS)
    return send_json(
        request,
        current,
        {"id": identity, "codes": rows},
        csv=link(request, suffix=".csv"),
    )


def find_codes(current: Current, identity: str) -> list[dict[str, Any]]:
    lists = current.catalogue.codelists
    if identity not in lists:
        near = suggest_parameter(identity, lists)
        hint = f" Did you mean {near!r}?" if near else " /v1/codelists lists them."
        raise NotFound(f"There is no code list {identity[:80]!r}.{hint}", near)
    empty: dict[str, list[str]] = {"words": [], "said": [], "passes_for": []}
    codes = (
        {"code": code, **empty, **content} for code, content in lists[identity].items()
    )
    return [{name: content.get(name) for name in CODE_FIELDS} for content in codes]
