"""Datasets: what there is, and how many figures have which code."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import link, send_json
from misconduct.api.current import Current, find_current
from misconduct.api.negotiation import JSON_ONLY, TABLE_TYPES, ChosenFormat, answers
from misconduct.api.parameters import Pinned
from misconduct.api.records import find_record, record_document, send_list
from misconduct.model.figure import ADDED_COLUMNS, CODED_COLUMNS, DEFAULT_COLUMNS
from misconduct.model.shapes import RecordAnswer, RecordListAnswer

router = APIRouter(prefix="/v1", tags=["figures"])


@router.get("/suspensions", include_in_schema=False)
@router.get("/suspensions/by-year", include_in_schema=False)
@router.get("/restrictions", include_in_schema=False)
@router.get("/restrictions/by-year", include_in_schema=False)
async def redirect_former(request: Request) -> Response:
    """Redirect from the former datasets of suspensions and of restrictions to the one that has both."""
    return RedirectResponse(re.sub(r"/v1/\w+", "/v1/duty-status", link(request), count=1), 308)


@router.get("/datasets", responses=answers(RecordListAnswer, *TABLE_TYPES))
async def list_datasets(request: Request, query: Annotated[Pinned, Query()], suffix: ChosenFormat) -> Response:
    """List the datasets: what each one counts, the number of its figures, and the years that they are for."""
    current = await find_current(request, query)
    rows = [_summary(current, content) for content in current.catalogue.of_kind("dataset").values()]
    return send_list(request, current, suffix, rows, SUMMARY)


@router.get("/datasets/{id}", responses=answers(RecordAnswer), dependencies=[JSON_ONLY])
async def get_dataset(
    request: Request,
    identity: Annotated[str, Path(alias="id", description="Id of a dataset: allegations.")],
    query: Annotated[Pinned, Query()],
) -> Response:
    """Return one dataset: its limits, its default columns, and every code with the number of figures that have it."""
    current = await find_current(request, query)
    return send_json(request, current, dataset_document(current, identity))


def dataset_document(current: Current, identity: str) -> dict[str, Any]:
    """Return a dataset in full. Raises NotFound."""
    content = find_record(current, "dataset", identity)
    return {
        **_summary(current, content),
        "limits": content.get("limits", []),
        "conditions": record_document("dataset", content)["conditions"],
        "columns": [*DEFAULT_COLUMNS, *ADDED_COLUMNS.get(identity, ())],
        "codes": _counted_codes(content["codes"], current),
    }


SUMMARY = ("id", "title", "description", "figures", "years", "url")


def _summary(current: Current, content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in SUMMARY[:-1]} | {"url": f"{current.view.base_url}/v1/{content['id']}"}


def _counted_codes(codes: Mapping[str, Mapping[str, int]], current: Current) -> dict[str, list[dict[str, Any]]]:
    """Return the codes of each column with their labels, those that most figures have first."""
    return {
        name: [
            {"code": code, "label": current.catalogue.label(name, code), "figures": number}
            for code, number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ]
        for name in CODED_COLUMNS
        if (counts := codes.get(name))
    }
