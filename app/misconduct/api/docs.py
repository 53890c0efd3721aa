"""The reference of the API as a page without JavaScript, made from the OpenAPI document."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from misconduct.api import problems

router = APIRouter(include_in_schema=False)

STYLE = """body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}
td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}h2{margin-top:2.5rem}code{font-size:.95em}"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@router.get("/docs")
async def show_docs(request: Request) -> Response:
    """Return the reference."""
    document = request.app.openapi()
    paths = "".join(_path(path, operations["get"]) for path, operations in document["paths"].items())
    kinds: list[type[problems.Problem]] = [*problems.Problem.__subclasses__(), problems.Problem]
    listed = "".join(
        f'<tr id="{one.code}"><td>{one.status}<td><code>{one.code}</code><td>{escape(one.__doc__ or "")}'
        for one in kinds
    )
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(document['info']['title'])}</title><style>{STYLE}</style>"
        f"<h1>{escape(document['info']['title'])}</h1><p>{escape(document['info']['description'])}</p>"
        f'<p>Also available as <a href="/openapi.json">OpenAPI</a>.</p>{paths}'
        f"<h2>Problems</h2><table>{listed}</table></html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=60"})


def _path(path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(one['name'])}</code><td>{escape(one.get('description', ''))}"
        for one in operation.get("parameters", ())
    )
    table = f"<table>{parameters}</table>" if parameters else ""
    return f"<h2><code>{escape(path)}</code></h2><p>{escape(operation.get('description', ''))}</p>{table}"
