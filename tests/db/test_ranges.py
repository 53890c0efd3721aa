"""Each version of a figure is stored once. What a release has must be what it would have if it were alone."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from random import Random

import psycopg
import pytest

from misconduct.db.load import load
from misconduct.db.tables import METADATA
from misconduct.model.documents import DRAFT
from misconduct.releases.folder import list_releases, read_release
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL

BASE = replace(read_release(SMALL / "releases/2.0.0"), previous=None)
IDS = [row["id"] for row in BASE.figures]
TABLES = {
    "observations": ("id", "place"),
    "search_texts": ("id", "id"),
    "records": ("kind, id", "kind, id"),
}
OF_FIGURES = (
    {"value": Decimal(77), "printed": "77"}, {"measure": "proven"}, {"at": "char=5,7"}, {"caveats": []},
    {"part_of": []}, {"repeats": None}, {"period": "2019"}, {"period": None}, {"hedge": "about"}, {"counted": "others"},
)  # fmt: skip
OF_RECORDS = (
    ("source", {"title": "Another title"}), ("source", {"published": "2021-03"}), ("source", {"publisher": "Another"}),
    ("source", {"work": "a-work"}), ("caveat", {"text": "Another note."}), ("caveat", {"reply_by": "the_force"}),
    ("code", {"label": "Another label"}), ("code", {"words": ["another word"]}), ("dataset", {"title": "Another"}),
    ("disagreement", {"members": IDS[3:6]}), ("dataset", {"figures": IDS[:9]}), ("chart", {"title": "Another"}),
)  # fmt: skip


def change(release, random):
    """Return a release in which some figures and records differ, ended, or came back."""
    rows, records = (
        {row["id"]: row for row in release.figures},
        deepcopy(release.records),
    )
    for one in random.sample(IDS, 4):
        if one not in rows:
            rows[one] = BASE.figures[IDS.index(one)]
        elif random.random() < 0.3:
            del rows[one]
        else:
            rows[one] = rows[one] | random.choice(OF_FIGURES)
    for kind, fields in random.sample(OF_RECORDS, 3):
        one = random.choice(sorted(records[kind]))
        records[kind][one] = records[kind][one] | fields
    if random.random() < 0.3:
        records.pop("unpublished", None)
    return replace(
        release, figures=[rows[one] for one in sorted(rows)], records=records
    )


@pytest.fixture(scope="module")
def made():
    """Eight releases, each made from the one before by changes at random."""
    random, releases = Random(87), [BASE]
    while len(releases) < 8:
        releases.append(change(releases[-1], random))
    return releases


def write(data, releases):
    """Write a register of releases into a folder that may have the first of them."""
    data.mkdir(exist_ok=True)
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    listed = list_releases(data) if (data / "releases.csv").exists() else []
    last = listed[-1].digest if listed else None
    for place, release in list(enumerate(releases))[len(listed) :]:
        number = f"1.{place}.0"
        last = write_release(
            data / f"releases/{number}",
            replace(release, number=number, previous=last, digest=""),
        )
        add_to_list(data, last)
        last = last.digest


def read(url, number):
    """Return all rows that a release has, but for the releases that they belong to."""
    with psycopg.connect(url) as connection:
        [ordinal] = connection.execute(
            "SELECT ordinal FROM releases WHERE number = %s", [number]
        ).fetchone()
        found = {}
        for name, (key, order) in TABLES.items():
            columns = [
                one.name
                for one in METADATA.tables[name].columns
                if one.name not in ("first", "until")
            ]
            rows = connection.execute(f"""
                SELECT {", ".join(f"{one}::text" for one in columns)} FROM {name}
                WHERE first <= {ordinal} AND {ordinal} < until ORDER BY {order}""").fetchall()
            found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
            keys = [tuple(row[one] for one in key.split(", ")) for row in found[name]]
            assert len({*keys}) == len(keys)
        return found


def load_alone(url, release, folder):
    """Return the rows of a release that is the only one of its register."""
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, [release])
    load(url, folder, may_drop=True)
    return read(url, "1.0.0")


def test_releases_are_the_same_together_one_by_one_and_alone(url, made, tmp_path):
    data = tmp_path / "data"
    for place in range(len(made)):
        write(data, made[: place + 1])
        assert load(url, data) == [f"1.{place}.0"]
    one_by_one = [read(url, f"1.{place}.0") for place in range(len(made))]
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"TRUNCATE {', '.join(METADATA.tables)}")
    load(url, data)
    together = [read(url, f"1.{place}.0") for place in range(len(made))]
    for place, release in enumerate(made):
        apart = load_alone(url, release, tmp_path / "alone")
        for name, rows in apart.items():
            assert (place, name, together[place][name]) == (place, name, rows)
            assert (place, name, one_by_one[place][name]) == (place, name, rows)


def test_several_releases_may_come_at_once_after_others(url, made, tmp_path):
    data = tmp_path / "data"
    write(data, made[:3])
    load(url, data)
    write(data, made)
    assert load(url, data) == [f"1.{place}.0" for place in range(3, len(made))]
    found = [read(url, f"1.{place}.0") for place in (2, 4, 7)]
    for place, rows in zip((2, 4, 7), found, strict=True):
        assert load_alone(url, made[place], tmp_path / "alone") == rows


def test_a_draft_is_taken_back_and_leaves_the_releases_as_they_are(url, made, tmp_path):
    data = tmp_path / "data"
    write(data, made[:3])
    load(url, data)
    before = [read(url, f"1.{place}.0") for place in range(3)]
    for place in (5, 6):
        shutil.rmtree(tmp_path / DRAFT, ignore_errors=True)
        write_release(tmp_path / DRAFT, replace(made[place], number=DRAFT, digest=""))
        assert load(url, data, may_drop=True, draft=tmp_path / DRAFT) == [DRAFT]
        draft = read(url, DRAFT)
    assert [read(url, f"1.{place}.0") for place in range(3)] == before
    write(data, made[:4])  # a release arrives beside the draft
    assert load(url, data, may_drop=True, draft=tmp_path / DRAFT) == ["1.3.0", DRAFT]
    assert read(url, DRAFT) == draft
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM releases").fetchone() == (5,)
    assert load_alone(url, made[6], tmp_path / "alone") == draft


def test_a_release_that_changed_by_law_is_built_anew_with_all_others(
    url, made, tmp_path
):
    data = tmp_path / "data"
    write(data, made[:4])
    load(url, data)
    removed = [
        replace(one, figures=[row for row in one.figures if row["id"] != IDS[0]])
        for one in made[:4]
    ]
    digests = {one.number: one.digest for one in list_releases(data)}
    shutil.rmtree(data)
    write(data, removed)
    lines = [
        f"2026-11-29,{one.number},{digests[one.number]},{one.digest},Section 47"
        for one in list_releases(data)
    ]
    (data / "removals.csv").write_text(
        "\n".join(["day,release,before,after,law", *lines, ""])
    )
    having = "SELECT count(*) FROM observations WHERE id = %s"
    with psycopg.connect(url) as owner:
        owner.execute(f"ALTER DATABASE {owner.info.dbname} SET lock_timeout = '5s'")
    with psycopg.connect(url) as reader:
        assert reader.execute(having, [IDS[0]]).fetchone() > (
            0,
        )  # and does not end: the load must not wait for it
        assert load(url, data) == ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]
    with psycopg.connect(url) as connection:
        assert connection.execute(having, [IDS[0]]).fetchone() == (0,)
    found = read(url, "1.3.0")
    assert load(url, data) == []
    assert load_alone(url, removed[3], tmp_path / "alone") == found


def test_of_two_loads_at_once_one_loads_all(url, made, tmp_path):
    data = tmp_path / "data"
    write(data, made[:3])
    with ThreadPoolExecutor(2) as pool:
        loaded = [*pool.map(lambda _: load(url, data), range(2))]
    assert sorted(loaded) == [[], ["1.0.0", "1.1.0", "1.2.0"]]


def test_a_copy_with_fewer_releases_leaves_the_others(url, made, tmp_path):
    data = tmp_path / "data"
    write(data, made[:3])
    load(url, data)
    shutil.rmtree(data)
    write(data, made[:2])
    assert load(url, data) == []
    assert read(url, "1.2.0")["records"]
