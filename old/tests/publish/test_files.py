"""The files of a release, made column by column, are what the row by row encoders make of the same figures."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sqlalchemy import Connection, create_engine, insert, make_url, select

from misconduct.db.tables import file_contents, files, observations, period_order, releases
from misconduct.formats import FORMATS
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import LABELLED
from misconduct.model.figure import as_table
from misconduct.model.observation import FIELDS, OPEN, Observation
from misconduct.model.records import Assessment, Record, Release
from misconduct.publish import copy_out, load
from misconduct.publish.files import build_files
from misconduct.queries.files import BUNDLE, file_names
from misconduct.register.bundle_manifest import SEALED_OBSERVATIONS, Seals
from tests.conftest import PROJECT

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
DATASETS = {"first": ["a"], "both": ["b", "a"]}
IDS = ["bbbb2", "bbbb3", "bbbb4", "bbbb5", "bbbb6"]


CELLS = {
    **{name: perhaps if field.is_optional else texts for name, field in FIELDS.items() if field.type is str},
    **dict.fromkeys(LABELLED, codes),
    **dict.fromkeys(("source", "origin"), slugs),
    **dict.fromkeys(("period_at", "hedge_at"), st.none() | places),
    "version": st.integers(1, 3),
    "period_from": st.none() | st.dates(date(1990, 1, 1), date(1992, 1, 1)),
    "period_until": st.none(),
    **dict.fromkeys(("value", "value_low", "value_high"), values),
    "at": places,
    "also_at": st.lists(places, max_size=2),
    "caveats": st.lists(codes, max_size=2, unique=True),
    "sha256": st.just(b"\0"),
    "added_in": st.integers(1, 2),
    "ended_in": st.sampled_from([3, OPEN]),
}


@st.composite
def figures(draw: st.DrawFn) -> list[Observation]:
    """Some figures of two releases, in which texts that the register checks little are as odd as texts can be."""
    identities = draw(st.lists(st.sampled_from(IDS), unique=True))
    return [Observation(**draw(st.fixed_dictionaries({**CELLS, "id": st.just(identity)}))) for identity in identities]


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """The records that those figures name, with texts as odd."""
    stated = ("title", "publisher", "byline", "published", "url", "licence", "sha256", "retrieved")
    notes_on = st.dictionaries(texts, texts, max_size=2)
    records = [
        *(_record("code", f"{name}/{code}", label=draw(texts)) for name in LABELLED for code in "ab"),
        *(_record("caveat", code, text=draw(texts)) for code in "ab"),
        *(_record("dataset", slug, measures=measures) for slug, measures in DATASETS.items()),
        _record("check", "adds-up", whole="bbbb2", parts=["bbbb3", "bbbb4"]),
        _record("disagreement", "two-totals", members=["bbbb3", "bbbb5"]),
        _record("relation", "part", type="part_of", figures=["bbbb4"], of="bbbb2"),
        _record("relation", "again", type="repeats", figures=["bbbb2"], of="bbbb6"),
        _record("classification", "by-measure", code="stage/allegation", of={"measure": ["a"]}),
        _record("classification", "by-id", code="stage/outcome", of={"observation": ["bbbb3"]}),
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
    for name, length, piece in connection.execute(
        select(files.c.name, file_contents.c.length, file_contents.c.bytes)
        .join(file_contents, file_contents.c.sha256 == files.c.sha256)
        .order_by(files.c.name, file_contents.c.number)
    ):
        found[name] = found.get(name, b"") + (piece if len(piece) == length else zlib.decompress(piece))
    return found


def encoded(name: str, connection: Connection, catalogue: Catalogue) -> bytes:
    """The straightforward version of a file: each figure as a row, in the order of a listing, one after the other."""
    slug, _, form = name.partition(".")
    rows = connection.execute(select(*observations.c).order_by(period_order, observations.c.id))
    shown = [o for o in map(Observation._make, rows) if slug == "observations" or o.measure in DATASETS[slug]]
    return b"".join(FORMATS[form].encode(as_table(shown, catalogue)))


@pytest.fixture
def small_batches(monkeypatch):
    """As if two figures were as many as fit into memory."""
    monkeypatch.setattr(copy_out, "ROWS_AT_ONCE", 2)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figures(), catalogues())
def test_files_are_what_the_encoders_make_of_the_same_figures_row_by_row(connection, small_batches, found, catalogue):
    with connection.begin_nested() as savepoint:
        load._copy(connection, observations, found)
        files = build(connection, catalogue)
        for slug in ("observations", *DATASETS):
            assert files[f"{slug}.csv"] == encoded(f"{slug}.csv", connection, catalogue)
            table, expected = files[f"{slug}.parquet"], encoded(f"{slug}.parquet", connection, catalogue)
            assert_frame_equal(polars.read_parquet(table), polars.read_parquet(expected), check_exact=True)
            assert polars.read_parquet_metadata(table) == polars.read_parquet_metadata(expected)
        with zipfile.ZipFile(io.BytesIO(files[BUNDLE])) as bundle:
            sealed = io.StringIO(bundle.read(SEALED_OBSERVATIONS).decode(), newline="")
        assert sorted(csv.reader(sealed)) == sorted([[*copy_out.SEALED], *map(registered, found)])
        savepoint.rollback()


def registered(o: Observation) -> list[str]:
    """The cells of a figure as the register writes them. No figure here has its own digest, so a zero is written -0."""
    cells = [getattr(o, name) for name in copy_out.SEALED]
    cells = [f"{cell:f}" if isinstance(cell, Decimal) else " ".join(cell) if isinstance(cell, list) else cell
             for cell in cells]  # fmt: skip
    value = copy_out.SEALED.index("value")
    cells[value] = f"-{abs(o.value):f}" if o.value == 0 else cells[value]
    return ["" if cell is None else str(cell) for cell in cells]


def build(connection: Connection, catalogue: Catalogue) -> dict[str, bytes]:
    """The files of the second release."""
    names = file_names(DATASETS)
    build_files(connection, catalogue, RELEASES, Seals({}, []), names, on_progress=lambda *_: None)
    return stored(connection)


PROGRAM = """
import hashlib, sys
from pathlib import Path
import polars
from misconduct.model.table import Column
from misconduct.formats.parquet import frame_of, write_parquet

folder, before = Path(sys.argv[1]), sys.argv[2]
polars.Series(before.split(), dtype=polars.Categorical)  # one cache of categories for the whole process
columns = (Column("code", "code", "A code."), Column("value", "number", "A number."), Column("list", "texts", "A list."))
rows = [(c, place / 3, [c, "x"]) for place, c in enumerate("theft racism other".split() * 99)]
write_parquet(folder / "file", columns, (frame_of(columns, rows) for _ in range(3)), {"release": "1.0.0"})
print(hashlib.sha256((folder / "file").read_bytes()).hexdigest())
"""


def test_two_processes_put_the_same_bytes_into_a_file_of_batches(tmp_path):
    made = set()
    for seed, before in (("0", "racism other theft"), ("1", "theft racism new other")):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), before]
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'app'}"}
        made.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(made) == 1


def test_files_are_not_built_where_too_few_threads_can_be_started() -> None:
    """polars would wait for ever for the threads that it could not start."""
    code = """
import resource
from misconduct.errors import MisconductError
from misconduct.publish.dataset_files import _require_threads
_require_threads(5)
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 50_000_000, -1))
try:
    _require_threads(100)
except MisconductError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert re.match(r"Files cannot be built: that takes 100 threads, and no more than \d+ can be started\.", said)
