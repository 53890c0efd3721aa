"""A small table, and the answer of the service in which it is sent."""

import asyncio
from datetime import date
from pathlib import Path

import httpx
from fastapi import FastAPI, Request

from misconduct.api.answers import about_table, send_figures
from misconduct.api.current import Current, Releases
from misconduct.api.problems import answer_problems
from misconduct.formats.table import Table
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Column
from misconduct.queries.releases import LoadedRelease
from misconduct.settings import Settings

COLUMNS = (
    Column("id", "text", "Id of the figure."),
    Column("counted", "text", "What it counts."),
    Column("category", "code", "Kind of misconduct.", refers_to="category"),
    Column("value", "number", "The number."),
    Column("period_start", "day", "The first day."),
    Column("part_of", "list", "Its wholes."),
)
CATALOGUE = Catalogue(
    {
        "code": {
            "category/sexual": {
                "label": "Sexual",
                "definition": "Sexual misconduct of any kind.",
            }
        },
    }
)
RELEASE = LoadedRelease(
    number="3.1.0",
    day=date(2027, 1, 31),
    summary="Five figures.",
    figures=5,
    digest="d" * 64,
    previous=None,
    schema="release_d",
    first_year=2019,
    last_year=2026,
)


def row(identity, **values):
    """Return a figure; what is not given is null."""
    return {column.name: None for column in COLUMNS} | {
        "id": identity,
        "part_of": [],
        **values,
    }


def ask(form, *pages, said=None):
    """Return the answer with a table, as a client gets it."""
    api = FastAPI()
    answer_problems(api)

    @api.get("/v1/figures")
    async def figures(request: Request):
        async def all_pages():
            for page in pages:
                yield page

        request.state.base_url = "http://register"
        view = ReleaseView("3.1.0", CATALOGUE, "http://register", date(2026, 11, 27))
        releases = Releases(None, None, Settings(data=Path()))
        current = Current(
            RELEASE, view, is_pinned=False, is_newest=True, releases=releases
        )
        table = Table(
            name="figures",
            columns=COLUMNS,
            pages=all_pages(),
            cells=lambda one: [one[column.name] for column in COLUMNS],
            rows=sum(map(len, pages)),
            about=about_table(request, current, "Five figures"),
            said=said or {},
        )
        return await send_figures(request, current, table, form)

    async def get():
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api), base_url="http://register"
        ) as client:
            return await client.get("/v1/figures?year=2022")

    return asyncio.run(get())
