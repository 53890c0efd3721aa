"""What explains the service to people and to search engines. The reference is made from the OpenAPI document."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from misconduct.api import problems
from misconduct.api.addresses import TRACKING
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS
from misconduct.site.pages import FOLDER, send

router = APIRouter(include_in_schema=False)


@router.get("/robots.txt")
async def send_robots() -> Response:
    return FileResponse(FOLDER / "static/robots.txt")


@router.get("/docs/start")
async def show_start(request: Request) -> Response:
    return send(request, "start.html")


@router.get("/docs")
async def show_reference(request: Request) -> Response:
    paths = [
        _describe(path if method == "get" else f"POST {path}", operation)
        for path, operations in request.app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    often = Counter(item for path in paths for item in path["parameters"].items())
    shared = {name: about for (name, about), number in often.items() if number > 2}  # described once for all
    return send(
        request,
        "reference.html",
        paths=paths,
        shared=shared,
        columns=[COLUMNS[name] for name in SHOWN_COLUMNS],
        defaults=DEFAULT_COLUMNS,
        tracking=TRACKING,
        warnings=PROGRAM_LISTS["warning"],
        problems=[*problems.Problem.__subclasses__(), problems.Problem],
    )


def _describe(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    first, _, more = " ".join(operation.get("description", "").split()).partition(". ")
    return {
        "path": path,
        "about": f"{first.rstrip('.')}.",
        "more": more,
        "parameters": {each["name"]: each.get("description", "") for each in parameters},
    }
