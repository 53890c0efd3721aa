"""What the service is compared with: naive services on an ORM, an application that only sends bytes, and Datasette.

uvicorn serves `app` (a page by sync functions, a by-year table by async ones) and `bare`.
"""

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from fastapi import FastAPI
from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    ForeignKey,
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

URL = os.environ.get("BENCH_DATABASE_URL", "")
CODED = (
    "measure",
    "category",
    "fit",
    "area",
    "population",
    "counting_unit",
    "unit",
    "qualifier",
    "stated_by",
)
TEXTS = (*CODED, "counted", "year", "value_absent", "printed", "coverage", "repeats")
OF_SOURCE = ("title", "publisher", "published", "url", "sha256")
OF_SERIES = (*(name for name in CODED if name != "qualifier"), "counted", "source")


class Base(DeclarativeBase):
    pass


class Source(Base):
    __table__ = Table(
        "naive_sources",
        Base.metadata,
        Column("id", Text, primary_key=True),
        *(Column(name, Text) for name in OF_SOURCE),
    )


class Code(Base):
    __table__ = Table(
        "naive_codes",
        Base.metadata,
        Column("id", Text, primary_key=True),
        Column("label", Text),
    )


class Figure(Base):
    __table__ = Table(
        "naive_figures",
        Base.metadata,
        Column("id", Text, primary_key=True),
        *(Column(name, Text, index=name == "area") for name in TEXTS),
        Column("period_start", Date),
        Column("period_end", Date, index=True),
        Column("value", Numeric),
        Column("source", Text, ForeignKey("naive_sources.id")),
    )
    document = relationship(Source)


NAMES = tuple(column.name for column in Figure.__table__.columns)


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
    of_source, names = (
        ", ".join(f"content->>'{name}'" for name in OF_SOURCE),
        ", ".join(NAMES),
    )
    with psycopg.connect(find_tables(url), autocommit=True) as connection:
        connection.execute(
            f"INSERT INTO naive_sources SELECT id, {of_source} FROM records WHERE kind = 'source'"
        )
        connection.execute(
            "INSERT INTO naive_codes SELECT id, content->>'label' FROM records WHERE kind = 'code'"
        )
        connection.execute(
            f"INSERT INTO naive_figures ({names}) SELECT {names} FROM observations"
        )
        connection.execute("ANALYZE")


def fill_sqlite(url: str, path: Path) -> None:
    """Copy the figures into a database for Datasette."""
    with (
        psycopg.connect(find_tables(url)) as connection,
        sqlite3.connect(path) as database,
    ):
        rows = connection.execute(
            f"SELECT {', '.join(f'{name}::text' for name in NAMES)} FROM observations"
        ).fetchall()
        database.execute(f"CREATE TABLE figures ({', '.join(NAMES)}, PRIMARY KEY (id))")
        database.executemany(
            f"INSERT INTO figures VALUES ({', '.join('?' * len(NAMES))})", rows
        )
        database.execute("CREATE INDEX figures_area ON figures (area)")


app = FastAPI()
engine = create_engine(
    "postgresql+psycopg://", creator=lambda: psycopg.connect(URL), pool_size=8
)
async_engine = create_async_engine(
    "postgresql+psycopg://",
    async_creator=lambda: psycopg.AsyncConnection.connect(URL),
    pool_size=8,
)


@app.get("/v1/observations")
def page(
    area: str,
    measure: str,
    year_from: int,
    year_to: int,
    limit: int = 10,
    offset: int = 0,
) -> dict[str, Any]:
    asked = conditions(area, measure, year_from, year_to)
    with Session(engine) as session:
        total = session.scalar(select(func.count()).select_from(Figure).where(*asked))
        order = (Figure.period_end.desc().nulls_last(), Figure.id)
        found = session.scalars(
            figures(asked).order_by(*order).limit(limit).offset(offset)
        ).all()
        labels = {code.id: code.label for code in session.scalars(used_codes(found))}
        rows = [
            {name: getattr(one, name) for name in NAMES} | described(one, labels)
            for one in found
        ]
        return {"total": total, "data": rows}


@app.get("/v1/observations/by-year")
async def by_year(
    area: str, measure: str, year_from: int, year_to: int
) -> dict[str, Any]:
    async with AsyncSession(async_engine) as session:
        found = (
            await session.scalars(
                figures(conditions(area, measure, year_from, year_to))
            )
        ).all()
        labels = {
            code.id: code.label for code in await session.scalars(used_codes(found))
        }
        series = defaultdict[tuple[Any, ...], dict[str, Any]](dict)
        for one in found:
            row = series[tuple(getattr(one, name) for name in OF_SERIES)]
            row.update(described(one, labels), counted=one.counted)
            row.setdefault("years", {})[one.year] = {
                "value": one.value,
                "printed": one.printed,
                "id": one.id,
            }
        return {"total": len(series), "data": list(series.values())}


def conditions(
    area: str, measure: str, year_from: int, year_to: int
) -> list[ColumnElement[bool]]:
    years = (
        Figure.period_start >= date(year_from, 1, 1),
        Figure.period_end <= date(year_to, 12, 31),
    )
    return [Figure.area.in_(area.split(",")), Figure.measure == measure, *years]


def figures(asked: list[ColumnElement[bool]]) -> Select[tuple[Figure]]:
    return select(Figure).options(joinedload(Figure.document)).where(*asked)


def used_codes(found: Iterable[Figure]) -> Select[tuple[Code]]:
    return select(Code).where(
        Code.id.in_({f"{name}/{getattr(one, name)}" for one in found for name in CODED})
    )


def described(figure: Figure, labels: dict[str, str]) -> dict[str, Any]:
    codes = {name: getattr(figure, name) for name in CODED}
    shown = {
        name: code and {"code": code, "label": labels.get(f"{name}/{code}")}
        for name, code in codes.items()
    }
    return shown | {
        "source": {name: getattr(figure.document, name) for name in ("id", *OF_SOURCE)}
    }


if answer := os.environ.get("BENCH_ANSWER"):
    kept = json.loads(Path(answer).read_text(encoding="utf-8"))
    HEADERS, BODY = (
        [(name.encode(), value.encode()) for name, value in kept["headers"]],
        kept["body"].encode(),
    )


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the bytes of an answer of the service, with its headers."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
    else:
        await send({"type": f"{(await receive())['type']}.complete"})
        await send({"type": f"{(await receive())['type']}.complete"})
