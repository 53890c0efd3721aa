"""All pages, and the files that they load."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from misconduct.charts.svg import FONTS
from misconduct.site import areas, charts, check, docs, figures, history, home, pictures, records, robots
from misconduct.site.pages import FOLDER


def add_pages(api: FastAPI) -> None:
    """Add the pages to an application."""
    for router in (
        home.router,
        check.router,
        figures.router,
        areas.router,
        records.router,
        charts.router,
        history.router,
        docs.router,
        robots.router,
        pictures.router,
    ):
        api.include_router(router)
    api.mount("/static/fonts", StaticFiles(directory=FONTS))
    api.mount("/static", StaticFiles(directory=FOLDER / "static"))
