"""What the service is compared with: naive services on an ORM, an application that only sends bytes, and Datasette.

uvicorn serves `app` (a page by sync functions, a by-year table by async ones) and `bare`.
"""

import json
import os
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from fastapi import FastAPI
from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    Select,
    Table,
    Text,
    create_engine,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session, joinedload, relationship
from starlette.types import Receive, Scope, Send

from misconduct.db.schema import LIST_SCHEMAS
from misconduct.model.points import BY_NAME, DEFAULT_NAMES, SERIES

URL = os.environ.get("BENCH_DATABASE_URL", "")
OF_SOURCE = ("title", "publisher", "published", "url", "sha256")
TYPES = {"text": Text, "number": Numeric, "integer": Integer, "day": Date}
INDEXED = ("area_code", "period_end")
NAMES = tuple(dict.fromkeys([*DEFAULT_NAMES, *SERIES, "source"]))


class Base(DeclarativeBase):
    pass


class Source(Base):
    __table__ = Table(
        "naive_sources",
        Base.metadata,
        Column("id", Text, primary_key=True),
        *(Column(name, Text) for name in OF_SOURCE),
    )


class Figure(Base):
    __table__ = Table(
        "naive_figures",
        Base.metadata,
        Column("id", Text, primary_key=True),
        Column("source", Text, ForeignKey("naive_sources.id")),
        *(
            Column(name, TYPES[BY_NAME[name].holds], index=name in INDEXED)
            for name in NAMES
            if name not in ("id", "source")
        ),
    )
    document = relationship(Source)


def find_tables(url: str) -> str:
    """Return an address of the same database at which the tables of its release need no schema."""
    with psycopg.connect(url) as connection:
        schemas = [schema for (schema,) in connection.execute(LIST_SCHEMAS)]
    path = ",".join(["public", *schemas])
    return psycopg.conninfo.make_conninfo(url, options=f"-c search_path={path}")


def fill(url: str) -> None:
    """Create the tables beside those of the service, with the same figures."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url)
    )
    Base.metadata.create_all(engine)
    engine.dispose()
    of_source = ", ".join(f"content->>'{name}'" for name in OF_SOURCE)
    names = ", ".join(NAMES)
    with psycopg.connect(find_tables(url), autocommit=True) as connection:
        connection.execute(
            f"INSERT INTO naive_sources SELECT id, {of_source} FROM records WHERE kind = 'source'"
        )
        connection.execute(
            f"INSERT INTO naive_figures ({names}) SELECT {names} FROM points"
        )
        connection.execute("ANALYZE")


def fill_sqlite(url: str, path: Path) -> None:
    """Copy the figures into a database for Datasette."""
    with (
        psycopg.connect(find_tables(url)) as connection,
        sqlite3.connect(path) as database,
    ):
        rows = connection.execute(
            f"SELECT {', '.join(f'{name}::text' for name in NAMES)} FROM points"
        ).fetchall()
        database.execute(f"CREATE TABLE figures ({', '.join(NAMES)}, PRIMARY KEY (id))")
        database.executemany(
            f"INSERT INTO figures VALUES ({', '.join('?' * len(NAMES))})", rows
        )
        database.execute("CREATE INDEX figures_area ON figures (area_code)")


app = FastAPI()
engine = create_engine(
    "postgresql+psycopg://", creator=lambda: psycopg.connect(URL), pool_size=8
)
async_engine = create_async_engine(
    "postgresql+psycopg://",
    async_creator=lambda: psycopg.AsyncConnection.connect(URL),
    pool_size=8,
)


@app.get("/v1/figures")
def page(
    area: str, indicator: str, year: str, limit: int = 10, offset: int = 0
) -> dict[str, Any]:
    asked = conditions(area, indicator, year)
    with Session(engine) as session:
        total = session.scalar(select(func.count()).select_from(Figure).where(*asked))
        order = (Figure.period_end.desc().nulls_last(), Figure.id)
        found = session.scalars(
            figures(asked).order_by(*order).limit(limit).offset(offset)
        ).all()
        rows = [
            {name: getattr(figure, name) for name in NAMES} | describe(figure)
            for figure in found
        ]
        return {"total": total, "data": rows}


@app.get("/v1/outcomes/by-year")
async def by_year(area: str, indicator: str, year: str) -> dict[str, Any]:
    async with AsyncSession(async_engine) as session:
        asked = conditions(area, indicator, year)
        found = (await session.scalars(figures(asked))).all()
        series = defaultdict[tuple[Any, ...], dict[str, Any]](dict)
        for figure in found:
            key = {name: getattr(figure, name) for name in SERIES}
            row = series[tuple(key.values())]
            row.update(key | describe(figure))
            row[str(figure.year)] = figure.value
        return {"total": len(series), "data": list(series.values())}


def conditions(area: str, indicator: str, year: str) -> list[ColumnElement[bool]]:
    first, _, last = year.partition("..")
    years = Figure.year.between(int(first), int(last))
    areas = Figure.area_code.in_(area.split(","))
    return [areas, Figure.indicator == indicator, years]


def figures(asked: list[ColumnElement[bool]]) -> Select[tuple[Figure]]:
    return select(Figure).options(joinedload(Figure.document)).where(*asked)


def describe(figure: Figure) -> dict[str, Any]:
    document = figure.document
    return {"document": {name: getattr(document, name) for name in OF_SOURCE}}


if answer := os.environ.get("BENCH_ANSWER"):
    headers, body = json.loads(Path(answer).read_text(encoding="utf-8"))
    HEADERS = [(name.encode(), value.encode()) for name, value in headers]
    BODY = body.encode()


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the bytes of an answer of the service, with its headers."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
    else:
        await send({"type": f"{(await receive())['type']}.complete"})
        await send({"type": f"{(await receive())['type']}.complete"})
