"""The naive service: FastAPI, SQLAlchemy's ORM and pydantic, as the tutorials have it; sync (psycopg) and async."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby
from typing import Any

from fastapi import Depends, FastAPI, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    Column,
    ForeignKey,
    MetaData,
    Select,
    Table,
    column,
    create_engine,
    func,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.orm import sessionmaker as make_sessions


class Base(DeclarativeBase):
    """The tables of schema.sql."""

    metadata = MetaData(schema="peers")


class Code(Base):
    __tablename__ = "codes"
    id: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]


class Source(Base):
    __tablename__ = "sources"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    publisher: Mapped[str | None]
    published: Mapped[str | None]
    url: Mapped[str | None]
    sha256: Mapped[str | None]


class Caveat(Base):
    __tablename__ = "caveats"
    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


observation_caveats = Table(
    "observation_caveats",
    Base.metadata,
    Column("observation_id", ForeignKey("peers.observations.id"), primary_key=True),
    Column("caveat_id", ForeignKey("peers.caveats.id"), primary_key=True),
)


def a_code() -> Any:
    return mapped_column(ForeignKey("peers.codes.id"))


class Observation(Base):
    __tablename__ = "observations"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    statistic: Mapped[str]
    period_type: Mapped[str]
    period_start: Mapped[str | None]
    period_end: Mapped[str | None]
    value: Mapped[float | None]
    value_absent: Mapped[str | None]
    unit: Mapped[str]
    qualifier: Mapped[str]
    hedge: Mapped[str | None]
    printed: Mapped[str]
    obs_status: Mapped[str]
    measure_id: Mapped[str] = a_code()
    category_id: Mapped[str] = a_code()
    area_id: Mapped[str] = a_code()
    population_id: Mapped[str] = a_code()
    counting_unit_id: Mapped[str] = a_code()
    stated_by_id: Mapped[str] = a_code()
    source_id: Mapped[str] = mapped_column(ForeignKey("peers.sources.id"))
    measure: Mapped[Code] = relationship(foreign_keys=[measure_id])
    category: Mapped[Code] = relationship(foreign_keys=[category_id])
    area: Mapped[Code] = relationship(foreign_keys=[area_id])
    population: Mapped[Code] = relationship(foreign_keys=[population_id])
    counting_unit: Mapped[Code] = relationship(foreign_keys=[counting_unit_id])
    stated_by: Mapped[Code] = relationship(foreign_keys=[stated_by_id])
    source: Mapped[Source] = relationship()
    caveats: Mapped[list[Caveat]] = relationship(secondary=observation_caveats, order_by=Caveat.id)


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CodeShown(Shown):
    id: str
    label: str


class SourceShown(Shown):
    id: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    sha256: str | None


class CaveatShown(Shown):
    id: str
    text: str


class ObservationShown(Shown):
    id: str
    version: int
    statistic: str
    period_type: str
    period_start: str | None
    period_end: str | None
    value: float | None
    value_absent: str | None
    unit: str
    qualifier: str
    hedge: str | None
    printed: str
    obs_status: str
    measure: CodeShown
    category: CodeShown
    area: CodeShown
    population: CodeShown
    counting_unit: CodeShown
    stated_by: CodeShown
    source: SourceShown
    caveats: list[CaveatShown]


class PageShown(Shown):
    total: int
    data: list[ObservationShown]


CODED = ("measure", "category", "area", "population", "counting_unit", "stated_by", "source")


def select_page(category: str, source: str, limit: int) -> Select[Any]:
    """The page, with all it shows loaded in two statements, not one for each figure."""
    return load_all(select(Observation)).where(*conditions(category, source)).order_by(Observation.id).limit(limit)


def load_all(page: Select[Any]) -> Select[Any]:
    """Loads what a figure shows with it."""
    loads = [joinedload(getattr(Observation, name)) for name in CODED]
    return page.options(*loads, selectinload(Observation.caveats))


def select_total(category: str, source: str) -> Select[Any]:
    """How many there are in all."""
    return select(func.count()).select_from(Observation).where(*conditions(category, source))


def conditions(category: str, source: str) -> tuple[Any, ...]:
    return Observation.category_id == f"category/{category}", Observation.source_id == source


FACETS = ("measure_id", "area_id", "population_id", "counting_unit_id", "stated_by_id", "source_id")
SERIES = (
    "measure_id",
    "category_id",
    "area_id",
    "population_id",
    "counting_unit_id",
    "unit",
    "statistic",
    "stated_by_id",
)


def has_words(q: str) -> Any:
    """The condition of a search."""
    words = text("words @@ websearch_to_tsquery('english', :q)").bindparams(q=q)
    found = select(column("id")).select_from(table("texts", column("id"), schema="peers")).where(words)
    return Observation.id.in_(found)


def write_long(figures: Sequence[Observation]) -> str:
    """A row for each series and year, those without a figure included."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow((*SERIES, "year", "value", "id", "gap"))
    years = range(min(int(one.period_start) for one in figures), max(int(one.period_start) for one in figures) + 1)
    for series, found in groupby(figures, lambda one: tuple(getattr(one, name) for name in SERIES)):
        by_year = {int(one.period_start): one for one in found}
        for year in years:
            one = by_year.get(year)
            writer.writerow((*series, year, one and one.value, one and one.id, None if one else "not_stated"))
    return file.getvalue()


def create_sync_app() -> FastAPI:
    """The service with plain functions and psycopg."""
    url = make_url(os.environ["BENCH_DATABASE"]).set(drivername="postgresql+psycopg")
    sessions = make_sessions(create_engine(url, pool_size=8))
    api = FastAPI()

    def open_session() -> Iterator[Session]:
        with sessions() as session:
            yield session

    @api.get("/observations")
    def list_observations(
        category: str, source: str, limit: int = 10, session: Session = Depends(open_session)
    ) -> PageShown:
        total = session.scalar(select_total(category, source))
        found = session.scalars(select_page(category, source, limit)).all()
        return PageShown(total=total or 0, data=found)

    return api


def create_async_app() -> FastAPI:
    """The service with async functions and asyncpg."""
    url = make_url(os.environ["BENCH_DATABASE"]).set(drivername="postgresql+asyncpg")
    sessions = async_sessionmaker(create_async_engine(url, pool_size=8))
    api = FastAPI()

    async def open_session() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    @api.get("/observations")
    async def list_observations(
        category: str, source: str, limit: int = 10, session: AsyncSession = Depends(open_session)
    ) -> PageShown:
        total = await session.scalar(select_total(category, source))
        found = (await session.scalars(select_page(category, source, limit))).all()
        return PageShown(total=total or 0, data=found)

    @api.get("/search")
    async def search(q: str, limit: int = 10, session: AsyncSession = Depends(open_session)) -> PageShown:
        met = has_words(q)
        total = await session.scalar(select(func.count()).select_from(Observation).where(met))
        found = (
            await session.scalars(load_all(select(Observation)).where(met).order_by(Observation.id).limit(limit))
        ).all()
        return PageShown(total=total or 0, data=found)

    @api.get("/facets")
    async def count_facets(
        measure: str, category: str, session: AsyncSession = Depends(open_session)
    ) -> dict[str, dict[str, int]]:
        measures = [f"measure/{one}" for one in measure.split(",")]
        met = (Observation.measure_id.in_(measures), Observation.category_id == f"category/{category}")
        columns = {name: getattr(Observation, name) for name in FACETS}
        return {
            name: dict((await session.execute(select(one, func.count()).where(*met).group_by(one))).tuples().all())
            for name, one in columns.items()
        }

    @api.get("/by-year")
    async def list_by_year(category: str, source: str, session: AsyncSession = Depends(open_session)) -> Response:
        page = select(Observation).where(*conditions(category, source), Observation.period_type == "year")
        order = (*(getattr(Observation, name) for name in SERIES), Observation.period_start)
        return Response(write_long((await session.scalars(page.order_by(*order))).all()), media_type="text/csv")

    return api
