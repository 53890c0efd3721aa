"""The files of a release, made column by column, are what the row by row encoders make of the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sqlalchemy import Connection, create_engine, insert, make_url, select

from app.db.tables import file_pieces, observations, period_order, releases
from app.domain.catalogue import Catalogue
from app.domain.figure import as_table
from app.domain.observation import OPEN, Observation
from app.domain.records import Assessment, Record, Release
from app.domain.table import Table
from app.formats.csv import encode_csv
from app.formats.parquet import encode_parquet
from app.publish import load
from app.publish.files import build_files
from app.register.sealed import Seals

BASE_URL = "http://localhost:8000"
RELEASES = [
    Release(1, "1.0.0", date(2024, 5, 1), "First.", "1" * 64),
    Release(2, "1.1.0", date(2024, 6, 1), "More.", "2" * 64),
]

texts = st.text(st.sampled_from("""=+-@＝－\t\r\n;|,"'\\ aZ09.%é𝟙ש\u00a0\x1f"""), min_size=1, max_size=12)
perhaps = st.none() | texts
codes = st.sampled_from(["a", "b"])
slugs = st.sampled_from(["paper", "letter"])
places = st.sampled_from(["char=0,5", "char=17,1000000000", "cell=3,4", "row=2-3"])
values = st.one_of(
    st.none(),
    st.sampled_from(["0", "0.020", "-0.5", "0.00001", "100", "1e3", "123456789012345678", "-3"]).map(Decimal),
    st.integers(-(10**15), 10**15).map(Decimal),
    st.floats(-1e9, 1e9).map(lambda value: Decimal(repr(round(value, 5)))),
)
LABELLED = ("measure", "category", "area", "population", "counting_unit", "stated_by")
IDS = ["bbbb2", "bbbb3", "bbbb4", "bbbb5", "bbbb6"]


@st.composite
def figures(draw: st.DrawFn) -> list[Observation]:
    """Some figures of two releases, in which texts that the register checks little are as odd as texts can be."""
    return [
        Observation(
            id=identity,
            version=draw(st.integers(1, 3)),
            source=draw(slugs),
            **{name: draw(codes) for name in LABELLED},
            statistic=draw(texts),
            period_type=draw(texts),
            period_start=draw(perhaps),
            period_end=draw(perhaps),
            duration=draw(perhaps),
            period_printed=draw(perhaps),
            period_at=draw(st.none() | places),
            period_from=draw(st.none() | st.dates(date(1990, 1, 1), date(1992, 1, 1))),
            period_until=None,
            value=draw(values),
            value_absent=draw(perhaps),
            unit=draw(texts),
            qualifier=draw(texts),
            hedge=draw(perhaps),
            hedge_at=draw(st.none() | places),
            printed=draw(texts),
            at=draw(places),
            also_at=draw(st.lists(places, max_size=2)),
            obs_status=draw(texts),
            origin=draw(slugs),
            caveats=draw(st.lists(codes, max_size=2, unique=True)),
            sha256=b"\0",
            added_in=draw(st.integers(1, 2)),
            ended_in=draw(st.sampled_from([3, OPEN])),
        )
        for identity in draw(st.lists(st.sampled_from(IDS), unique=True))
    ]


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """The records that those figures name, with texts as odd."""
    stated = ("title", "publisher", "byline", "published", "url", "licence", "sha256", "retrieved")
    notes_on = st.dictionaries(texts, texts, max_size=2)
    records = [
        *(_record("code", f"{name}/{code}", label=draw(texts)) for name in LABELLED for code in "ab"),
        *(_record("caveat", code, text=draw(texts)) for code in "ab"),
        _record("dataset", "first", measures=["a"]),
        _record("dataset", "both", measures=["b", "a"]),
        _record("check", "adds-up", whole="bbbb2", parts=["bbbb3", "bbbb4"]),
        _record("disagreement", "two-totals", members=["bbbb3", "bbbb5"]),
    ]
    for slug in ("paper", "letter"):
        facts = {name: draw(perhaps) for name in stated}
        records.append(_record("source", slug, held=draw(st.booleans()), notes=draw(notes_on), **facts))
    computed = [Assessment(2, "check", "adds-up", {"result": "fails"})]
    return Catalogue.assemble(RELEASES[-1], records, computed, {1: "1.0.0", 2: "1.1.0"})


def _record(kind: str, identity: str, **content: object) -> Record:
    return Record(kind, identity, 1, {"id": identity, "version": 1, **content}, b"", 1, OPEN)


@pytest.fixture
def connection(database) -> Iterator[Connection]:
    """A connection as the owner, to a database in which there are two releases and nothing else."""
    engine = create_engine(make_url(database.owner).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        connection.execute(insert(releases), [release._asdict() for release in RELEASES])
        yield connection
    engine.dispose()


def stored(connection: Connection) -> dict[str, bytes]:
    """The bytes of the stored files, by name."""
    found: dict[str, bytes] = {}
    for name, piece in connection.execute(
        select(file_pieces.c.name, file_pieces.c.bytes).order_by(file_pieces.c.name, file_pieces.c.number)
    ):
        found[name] = found.get(name, b"") + piece
    return found


def row_by_row(connection: Connection, catalogue: Catalogue, measures: list[str]) -> Table:
    """The straightforward version: each figure as a row, in the order of a listing."""
    rows = connection.execute(select(*observations.c).order_by(period_order, observations.c.id))
    shown = [o for o in map(Observation._make, rows) if o.measure in measures]
    return as_table(shown, catalogue, BASE_URL)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figures(), catalogues())
def test_files_are_what_the_encoders_make_of_the_same_figures_row_by_row(connection, found, catalogue):
    with connection.begin_nested() as savepoint:
        load._copy(connection, observations, found)
        build_files(connection, catalogue, RELEASES, BASE_URL, Seals({}, []), on_progress=lambda *_: None)
        files = stored(connection)
        for slug, measures in {"observations": ["a", "b"], "first": ["a"], "both": ["a", "b"]}.items():
            table = row_by_row(connection, catalogue, measures)
            assert files[f"{slug}.csv"] == b"".join(encode_csv(table))
            expected = polars.read_parquet(b"".join(encode_parquet(row_by_row(connection, catalogue, measures))))
            assert_frame_equal(polars.read_parquet(files[f"{slug}.parquet"]), expected, check_exact=True)
            assert polars.read_parquet_metadata(files[f"{slug}.parquet"])["release"] == "1.1.0"
        savepoint.rollback()
