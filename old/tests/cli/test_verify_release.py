"""`misconduct verify-release`: anyone with a bundle can verify that it is the release that it claims to be."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from misconduct.bundles import verify
from misconduct.bundles.archive import open_bundle
from misconduct.bundles.earlier_results import EARLIER_DERIVED
from misconduct.bundles.tables import excerpts
from misconduct.bundles.verify import describe, read_digest, verify_release
from misconduct.errors import MisconductError, RegisterRefused
from misconduct.model.figure import LAYOUT
from misconduct.publish.load import load_register
from tests.conftest import PROJECT, create_database, drop_database, urls_of
from tests.registers import disagreement_reasons, observation_id, seal, write_register

COLUMN = {name: place for place, name in enumerate(LAYOUT.columns, 1)}

FIRST = """
    id    | source | year | value | printed   | caveats
    bbbb2 | paper  | 2021 | 116   |           | old
    bbbb3 | sheet  | 2022 | 170   |           |
    bbbb4 | paper  | 2023 | 1.50  | 1.50      |
    bbbb5 | paper  | 2024 |       | =Hundreds | old
"""
SECOND = FIRST + "    bbbb6 | paper | 2020 | 7 | |"
REMOVED = """
    id    | source | year | value
    bbbb2 | paper  | 2021 | 116
    bbbb3 | sheet  | 2022 | 170
"""


def bundles_of(postgres, register: Path, target: Path) -> dict[str, Path]:
    """The bundle of every release of a register, as it is served."""
    name = create_database(postgres, "misconduct")
    owner = urls_of(postgres, name).owner
    load_register(owner, register)
    asked = "SELECT r.number, p.bytes FROM files f JOIN releases r ON r.ordinal = f.release JOIN file_contents p USING (sha256) WHERE f.name = 'bundle.zip' ORDER BY r.ordinal, p.number"
    with psycopg.connect(owner) as connection:
        for number, piece in connection.execute(asked):
            with (target / f"{number}.zip").open("ab") as file:
                file.write(piece)
    drop_database(postgres, name)
    return {path.stem: path for path in sorted(target.glob("*.zip"))}


@pytest.fixture(scope="module")
def bundles(postgres, tmp_path_factory):
    """Two releases, the second of which adds a figure and rewords a caveat."""
    folder = tmp_path_factory.mktemp("bundles")
    data = write_register(folder / "data", FIRST)
    seal(data, "1.0.0", "2024-05-01")
    caveats = '[{"id": "old", "version": 1, "text": "About old."}, {"id": "old", "version": 2, "text": "-Newer."}]'
    write_register(data, SECOND, **{"caveats.yaml": caveats})
    seal(data, "1.1.0", "2024-06-01", reasons=["caveat/old=It was unclear."])
    return bundles_of(postgres, data, folder)


def read_members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, members: dict[str, bytes], *, summed: bool = True) -> Path:
    if summed:
        sums = (
            f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n" for name in sorted(members) if name != "SHA256SUMS"
        )
        members = {**members, "SHA256SUMS": "".join(sums).encode()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusals(path: Path, digest: str | None = None) -> list[str]:
    with pytest.raises(RegisterRefused) as refused:
        verify_release(path, [digest] if digest else [])
    return [str(mistake) for mistake in refused.value.mistakes]


@pytest.mark.parametrize("number", ["1.0.0", "1.1.0"])
def test_a_bundle_as_it_was_served_is_its_release(bundles, number):
    found = verify_release(bundles[number])
    assert found.number == number
    assert found.figures == {"1.0.0": 4, "1.1.0": 5}[number]
    assert found.digests["1.0.0"] == hashlib.sha256(read_members(bundles["1.1.0"])["releases/1.0.0.csv"]).hexdigest()


def test_a_bundle_with_the_bounds_of_an_earlier_program_is_its_release_and_says_so(postgres, tmp_path, monkeypatch):
    table = """
        id    | statistic | unit       | value | value_absent | qualifier | hedge     | printed
        bbbb2 | change    | percent    | -5    |              | more_than | more than | 5%
        bbbb3 | share     | proportion |       | range_only   | between   |           | between 5% and 10%
        bbbb4 | count     | count      | 1000  |              | more_than | more than | 1,000
    """
    data = write_register(tmp_path / "data", table)
    seal(data, "1.0.0", "2024-05-01")
    with monkeypatch.context() as earlier:
        earlier.setattr("misconduct.register.rules.DERIVED", EARLIER_DERIVED)
        path = bundles_of(postgres, data, tmp_path)["1.0.0"]
    rows = csv.DictReader(io.StringIO(read_members(path)["observations.csv"].decode()))
    bounds = [(row["value_low"], row["value_high"]) for row in rows]
    assert bounds == [("-5", ""), ("5", "10"), ("1001", "")]
    assert "bounds of falls and of ranges are by its rules" in " ".join(describe(verify_release(path), []))
    for old, new in ((b",-5,", b",-6,"), (b",1001,", b",1000,")):
        members = read_members(path)
        head, rest = members["observations.csv"].split(b"\n", 1)
        forged = members | {"observations.csv": head + b"\n" + new.join(rest.rsplit(old, 1))}
        assert forged != members
        found = refusals(write_members(tmp_path / "forged.zip", forged))
        assert any("value_low" in one for one in found), found


def test_a_bundle_with_a_range_of_endless_fractions_is_its_release(postgres, tmp_path):
    table = """
        id    | statistic | unit       | value | value_absent | qualifier | printed
        bbbb2 | share     | proportion |       | range_only   | between   | between a half and two thirds
        bbbb3 | share     | percent    |       | range_only   | between   | between one in seven and one in three
    """
    seal(write_register(tmp_path / "data", table), "1.0.0", "2024-05-01")
    path = bundles_of(postgres, tmp_path / "data", tmp_path)["1.0.0"]
    rows = csv.DictReader(io.StringIO(read_members(path)["observations.csv"].decode()))
    bounds = [(row["value_low"], row["value_high"]) for row in rows]
    assert bounds == [("0.5", "0.6666666666666666"), ("14.285714285714286", "33.333333333333336")]
    assert verify_release(path).number == "1.0.0"


@pytest.mark.parametrize("name", ["releases/1.0.0.csv", "sealed-records.tsv"])
def test_a_bundle_of_nothing_but_mistakes_is_read_no_further_than_a_hundred_thousand(bundles, tmp_path, name):
    members = read_members(bundles["1.0.0"])
    path = write_members(tmp_path / "empty-lines.zip", members | {name: members[name] + b"\n" * 150_000})
    with pytest.raises(RegisterRefused) as refused:
        verify_release(path)
    assert (refused.value.total, len(refused.value.mistakes)) == (100_000, 1_000)


def test_the_real_releases_are_what_they_claim(postgres, tmp_path):
    bundles = bundles_of(postgres, PROJECT / "data", tmp_path)
    first = "f03d2f147938c2b576e16a517693f77b350eda165b16313e6b379869951afaf1"
    second = "cc7696a07ced787594abe7b54b3b3d93fa412090c05f619d26879ee9b5b1fcf6"
    assert verify_release(bundles["1.0.0"], [first]).figures == 68
    assert verify_release(bundles["1.1.0"], [second.upper()]).figures == 68
    [refusal] = refusals(bundles["1.1.0"], first)
    assert refusal.endswith("is not the digest of release 1.1.0, whose digest is " + second + "; it is that of 1.0.0")
    members = read_members(bundles["1.2.0"])
    members["charts.csv"] = members["charts.csv"].replace(b",bar,", b",pie,", 1)
    [refusal] = refusals(write_members(tmp_path / "changed.zip", members))
    assert refusal.endswith("mark is 'pie'; it should be 'bar'")


def test_a_record_of_half_a_megabyte_is_verified(postgres, tmp_path):
    members = [observation_id(n) for n in range(1_000)]
    group = {"id": "group", "version": 1, "title": "T", "question": "Q?", "members": members, "explanation": "E."}
    table = "year | value\n" + "\n".join(f"{1900 + n % 100} | {n + 1}" for n in range(1_000))
    files = {"disagreements.yaml": json.dumps([{**group, "reasons": ["population"]}]), **disagreement_reasons()}
    seal(write_register(tmp_path / "data", table, **files), "1.0.0")
    bundle = bundles_of(postgres, tmp_path / "data", tmp_path)["1.0.0"]
    assert max(map(len, read_members(bundle)["disagreements.csv"].splitlines())) > 400_000
    assert verify_release(bundle).figures == 1_000


@pytest.fixture
def old_bundle(tmp_path) -> Path:
    """Release 1.0.0 as version 1.0.0 of this program served it: its tables name the service in every address."""
    path = tmp_path / "old.zip"
    path.write_bytes(lzma.decompress(Path(__file__).with_name("bundle-1.0.0.zip.xz").read_bytes()))
    return path


@pytest.fixture
def bundle_of_1_2_0(tmp_path) -> Path:
    """Release 1.2.0 as a program before 2.0.0 served it: other rules for the results of checks, and numbers as texts."""
    path = tmp_path / "1.2.0.zip"
    path.write_bytes(lzma.decompress(Path(__file__).with_name("bundle-1.2.0.zip.xz").read_bytes()))
    return path


def test_results_of_earlier_programs_are_verified_by_the_rules_of_those(bundle_of_1_2_0, tmp_path):
    found = verify_release(bundle_of_1_2_0, ["c4808ae7700b28194003fc532e1e84e3211f1cae2d61bc90ab372cdcab61af21"])
    assert (found.number, found.figures) == ("1.2.0", 68)
    for name, old, new, expected in (
        ("checks.csv", b'""computed"": ""1805""', b'""computed"": ""1806""', "outcome is"),
        ("observations.csv", b"assaults-against-the-1492:fails", b"assaults-against-the-1492:holds", "checks is"),
        ("disagreements.csv", b'""population"": ""different""', b'""population"": ""same""', "computed is"),
        ("disagreements.csv", b'""value"": ""1492""', b'""value"": ""1493""', "computed is"),
    ):
        members = read_members(bundle_of_1_2_0)
        assert old in members[name]
        members[name] = members[name].replace(old, new, 1)
        assert any(expected in refusal for refusal in refusals(write_members(tmp_path / "changed.zip", members)))


def test_a_bundle_with_more_mentions_of_a_figure_than_a_register_has_is_refused(bundle_of_1_2_0, tmp_path, monkeypatch):
    """The result of each is kept: 5,000 disagreements of 68 figures took 1.5 GB."""
    monkeypatch.setattr(verify, "MOST_MENTIONS", 1)
    told = refusals(bundle_of_1_2_0)
    assert "too_many" not in told
    assert any(
        re.search(r"\d mentions of [a-z0-9]{5,8} by records of the kind disagreement; at most 1$", one) for one in told
    )


@pytest.mark.parametrize("service", [b"https://figures.example", b"http://localhost:8000", b"https://a.example/b"])
def test_an_old_bundle_is_verified_whichever_service_it_names(old_bundle, tmp_path, service):
    members = read_members(old_bundle)
    for name in ("observations.csv", "releases.csv"):
        assert b"https://figures.example/v1/" in members[name]
        members[name] = members[name].replace(b"https://figures.example/v1/", service + b"/v1/")
    found = verify_release(write_members(tmp_path / "moved.zip", members))
    assert (found.number, found.figures) == ("1.0.0", 68)
    assert verify_release(old_bundle) == found


def test_an_address_of_another_service_in_an_old_bundle_is_named(old_bundle, tmp_path):
    members = read_members(old_bundle)
    table = members["observations.csv"]
    members["observations.csv"] = table.replace(b"https://figures.example/v1/", b"https://other.example/v1/", 1)
    (refusal,) = refusals(write_members(tmp_path / "changed.zip", members))
    assert "cite_as is 'https://other.example/v1/" in refusal


def name_a_service(members: dict[str, bytes]) -> None:
    """Put a service before every address that a bundle cites, as programs did before they wrote the register's rows."""
    for name in [name for name in members if name.endswith(".csv") and b"cite_as" in members[name].partition(b"\n")[0]]:
        members[name] = members[name].replace(b",/v1/", b",https://other.example/v1/")


def test_a_bundle_with_the_registers_rows_names_no_service(bundles, tmp_path):
    members = read_members(bundles["1.1.0"])
    name_a_service(members)
    told = refusals(write_members(tmp_path / "named.zip", members))
    assert any("releases.csv" in line and "cite_as is 'https://other.example/" in line for line in told)
    del members["sealed-observations.csv"], members["charts.csv"]
    old = list(describe(verify_release(write_members(tmp_path / "old.zip", members)), []))
    assert "Nor is the service that its addresses name: 'https://other.example'." in old


def test_an_unpacked_bundle_is_verified_like_a_packed_one(bundles, tmp_path):
    with open_bundle(bundles["1.1.0"]) as folder:
        assert verify_release(folder) == verify_release(bundles["1.1.0"])


def test_what_a_killed_command_had_unpacked_is_deleted_after_a_day(bundles, tmp_path, monkeypatch):
    killed = f"import os, pathlib; from misconduct.bundles.archive import open_bundle as o\nwith o(pathlib.Path({str(bundles['1.0.0'])!r})): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", killed], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    [left] = tmp_path.iterdir()
    os.utime(left, (time.time() - 90_000,) * 2)
    verify_release(bundles["1.0.0"])
    assert list(tmp_path.iterdir()) == []


def test_the_manifests_alone_give_their_digests(bundles, tmp_path):
    for name, content in read_members(bundles["1.1.0"]).items():
        if name.startswith("releases/"):
            (tmp_path / name.removeprefix("releases/")).write_bytes(content)
    found = verify_release(tmp_path)
    assert (found.number, found.digests) == (None, verify_release(bundles["1.1.0"]).digests)


@pytest.mark.parametrize("inside", ["", "releases"])
def test_a_folder_that_is_named_by_a_link_is_verified_as_well(bundles, tmp_path, inside):
    (tmp_path / "bundle").mkdir()
    with zipfile.ZipFile(bundles["1.1.0"]) as archive:
        archive.extractall(tmp_path / "bundle")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "bundle" / inside)
    found = verify_release(link)
    assert (found.number, len(found.digests)) == (None if inside else "1.1.0", 2)
    changed = tmp_path / "bundle" / "releases" / "1.0.0.csv"
    changed.write_bytes(changed.read_bytes().replace(b",added,", b",adder,", 1))
    assert refusals(link)


@pytest.mark.parametrize("name", ["1.0.0.csv", "1.1.0.csv"])
def test_a_manifest_that_is_a_link_is_reported(bundles, tmp_path, name):
    with zipfile.ZipFile(bundles["1.1.0"]) as archive:
        archive.extractall(tmp_path)
    manifest = tmp_path / "releases" / name
    manifest.rename(tmp_path / "elsewhere")
    manifest.symlink_to(tmp_path / "elsewhere")
    assert f"{name}:0:0: this is not a plain file, as a manifest is" in refusals(tmp_path / "releases")


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("observations.csv", b",116,", b",117,", f"observations.csv:3:{COLUMN['value']}: value is '117'; it should be '116'"),
        ("observations.csv", b",exact,", b",about,", f"observations.csv:2:{COLUMN['qualifier']}: qualifier is 'about'; it should be 'exact'"),
        ("observations.csv", b"Any misconduct", b"Any crime", f"observations.csv:2:{COLUMN['category_label']}: category_label is 'Any crime'; it should be 'Any misconduct'"),
        ("observations.csv", b"'-Newer.", b"'-Older.", f"observations.csv:3:{COLUMN['caveat_texts']}: caveat_texts is \"'-Older.\"; it should be \"'-Newer.\""),
        ("observations.csv", b"\nbbbb3,", b"\nbbbb7,", "observations.csv:4:0: no row with id 'bbbb7' belongs here, or it occurs twice"),
        ("observations.csv", b"\nbbbb3,", b"\nbbbb7,", "observations.csv:0:0: the row with id 'bbbb3' is missing"),
        ("sealed-observations.csv", b",116,", b",117,", "sealed-observations.csv:3:1: this record is not what releases/1.0.0.csv:"),
        ("sealed-observations.csv", b",paper\n", b",sheet\n", "sealed-observations.csv:2:1: this record is not what releases/1.1.0.csv:"),
        ("sealed-observations.csv", b"\nbbbb3,1,", b"\nbbbb7,1,", "sealed-observations.csv:4:1: no release has observation bbbb7@1"),
        ("sealed-observations.csv", b"\nbbbb3,1,", b"\nbbbb3,one,", "sealed-observations.csv:4:1: 'one' is not a version"),
        ("sealed-observations.csv", b"id,version,", b"id,number,", "sealed-observations.csv:2:1: '' is not a version"),
        ("observations.csv", b",/v1/observations/bbbb2?", b",https://other.example/v1/observations/bbbb2?", "cite_as is 'https://other.example/"),
        ("releases.csv", b",/v1/releases/1.1.0", b",javascript:/v1/releases/1.1.0", "cite_as is 'javascript:/v1/releases/1.1.0'"),
        ("caveats.csv", b"'-Newer.", b"'-Older.", "caveats.csv:2:3: text is \"'-Older.\"; it should be \"'-Newer.\""),
        ("caveats.csv", b"old,2,'-Newer.,1.1.0\r\n", b"", "caveats.csv:0:0: the row with id 'old' is missing"),
        ("sources.csv", b",Paper,", b",Pamphlet,", "sources.csv:2:3: title is 'Pamphlet'; it should be 'Paper'"),
        ("sealed-records.tsv", b"-Newer.", b"-Older.", "sealed-records.tsv:1:1: this record is not what releases/1.1.0.csv:"),
        ("sealed-records.tsv", b"}\n", b"}\tmore\n", "sealed-records.tsv:1:1: this record is not what releases/1.1.0.csv:"),
        ("releases/1.0.0.csv", b"observation,bbbb2,1,added,", b"observation,bbbb2,1,added,00", "releases/1.0.0.csv:"),
        ("releases/1.0.0.csv", b"1.0.0,1,added", b"1.0.0,1,addd", "releases/1.0.0.csv:2:17: there is no action 'addd'"),
        ("releases.csv", b"A release.", b"No release.", "releases.csv:2:3: summary is 'No release.'; it should be 'A release.'"),
        ("datapackage.json", b'"version": "1.1.0"', b'"version": "9.9.9"', "that this is release '9.9.9', which has no manifest"),
    ],
)  # fmt: skip
def test_every_change_is_reported_with_file_and_line(bundles, tmp_path, name, old, new, expected):
    members = read_members(bundles["1.1.0"])
    assert old in members[name]
    members[name] = members[name].replace(old, new, 1)
    with pytest.raises(MisconductError) as refused:
        verify_release(write_members(tmp_path / "changed.zip", members))
    assert any(line.startswith(expected) or expected in line for line in str(refused.value).splitlines())


def test_a_change_late_in_a_long_text_is_shown_where_it_is(postgres, tmp_path):
    text = "Some of these people were counted twice, because the two lists overlap. " * 3 + "Nobody says how many."
    data = write_register(
        tmp_path / "data", FIRST, **{"caveats.yaml": f'[{{"id": "old", "version": 1, "text": "{text}"}}]'}
    )
    seal(data, "1.0.0", "2024-05-01")
    members = read_members(bundles_of(postgres, data, tmp_path)["1.0.0"])
    members["caveats.csv"] = members["caveats.csv"].replace(b"Nobody says", b"Somebody says")
    [refusal] = refusals(write_members(tmp_path / "changed.zip", members))
    assert refusal == (
        "caveats.csv:2:3: text is '… two lists overlap. Somebody says how many.'; "
        "it should be '… two lists overlap. Nobody says how many.'"
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a" * 100, "b" * 100, ("a" * 60 + "…", "b" * 60 + "…")),
        ("a" * 39 + "b" * 61, "a" * 39, ("a" * 39 + "b" * 21 + "…", "a" * 39)),
        ("a" * 300, "a" * 299, ("…" + "a" * 21, "…" + "a" * 20)),
        ("a" * 99 + "b" * 99, "a" * 99 + "c", ("…" + "a" * 20 + "b" * 40 + "…", "…" + "a" * 20 + "c")),
    ],
)
def test_excerpts_of_two_texts_have_their_first_difference(one, other, expected):
    assert excerpts(one, other) == expected


def test_an_edited_manifest_changes_the_digest(bundles, tmp_path):
    members = read_members(bundles["1.1.0"])
    edited = members["releases/1.1.0.csv"].replace(b"It was unclear.", b"It was wrong.")
    assert edited != members["releases/1.1.0.csv"]
    members["releases/1.1.0.csv"] = edited
    found = refusals(write_members(tmp_path / "changed.zip", members))
    stated = verify_release(bundles["1.1.0"]).digests["1.1.0"]
    assert any(line.startswith(f"releases.csv:3:4: digest is '{stated[:60]}") for line in found)


def test_a_missing_sealed_row_is_reported_with_the_manifests_line(bundles, tmp_path):
    members = read_members(bundles["1.0.0"])
    rows = members["sealed-observations.csv"].splitlines(keepends=True)
    members["sealed-observations.csv"] = b"".join(row for row in rows if not row.startswith(b"bbbb3"))
    line = 1 + members["releases/1.0.0.csv"].splitlines().index(
        next(line for line in members["releases/1.0.0.csv"].splitlines() if line.startswith(b"observation,bbbb3"))
    )
    found = refusals(write_members(tmp_path / "changed.zip", members))
    assert found == [f"releases/1.0.0.csv:{line}:1: observation bbbb3@1 is listed here, but is not in the bundle"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([0, 2, 3], ["observations.csv:0:0: the row with id 'bbbb3' is missing"]),
        ([0, 1, 2], ["observations.csv:0:0: the row with id 'bbbb5' is missing"]),
        ([], [f"observations.csv:0:0: the row with id 'bbbb{number}' is missing" for number in "2345"]),
        ([0, 1, 1, 2, 3], ["observations.csv:4:0: no row with id 'bbbb3' belongs here, or it occurs twice"]),
        ([0, 1, 2, 3, 3], ["observations.csv:6:0: no row with id 'bbbb5' belongs here, or it occurs twice"]),
        ([0, 2, 1, 3], ["observations.csv:3:0: the rows are not in the order of sealed-observations.csv"]),
    ],
)
def test_rows_of_figures_that_are_missing_added_or_moved_are_named(bundles, tmp_path, order, expected):
    members = read_members(bundles["1.0.0"])
    header, *rows = members["observations.csv"].splitlines(keepends=True)
    members["observations.csv"] = b"".join([header, *(rows[at] for at in order)])
    assert refusals(write_members(tmp_path / "changed.zip", members)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b",116,", b",117,", "observations.csv:3:1: this record is not what releases/1.0.0.csv:"),
        (b",exact,", b",about,", "observations.csv:2:1: this record is not what releases/1.1.0.csv:"),
        (b"Any misconduct", b"Any crime", f"observations.csv:2:{COLUMN['category_label']}: category_label is 'Any crime'; it should be 'Any misconduct'"),
        (b"\nbbbb3,", b"\nbbbb7,", "observations.csv:4:1: no release has observation bbbb7@1"),
    ],
)  # fmt: skip
def test_a_bundle_without_the_registers_rows_is_verified_from_its_table(bundles, tmp_path, old, new, expected):
    members = read_members(bundles["1.1.0"])
    del members["sealed-observations.csv"], members["charts.csv"]
    assert verify_release(write_members(tmp_path / "old.zip", members)) == verify_release(bundles["1.1.0"])
    assert old in members["observations.csv"]
    members["observations.csv"] = members["observations.csv"].replace(old, new, 1)
    assert any(line.startswith(expected) for line in refusals(write_members(tmp_path / "changed.zip", members)))


def test_a_table_is_needed_where_the_registers_rows_are(bundles, tmp_path):
    members = read_members(bundles["1.1.0"])
    del members["sources.csv"]
    with pytest.raises(MisconductError, match=r"The bundle has no file sources\.csv"):
        verify_release(write_members(tmp_path / "changed.zip", members))


def test_a_bundle_may_lack_the_table_of_a_kind_that_its_program_did_not_know(bundles, tmp_path):
    members = read_members(bundles["1.1.0"])
    rows = members["charts.csv"].splitlines()
    assert len(rows) == 1, "the release has no charts, only the header of their table"
    del members["charts.csv"]
    members["SHA256SUMS"] = b"".join(
        line for line in members["SHA256SUMS"].splitlines(keepends=True) if b"charts.csv" not in line
    )
    assert verify_release(write_members(tmp_path / "changed.zip", members)).number == "1.1.0"


def test_a_figure_of_another_release_is_named(bundles, tmp_path):
    members = read_members(bundles["1.1.0"])
    members["datapackage.json"] = members["datapackage.json"].replace(b'"version": "1.1.0"', b'"version": "1.0.0"')
    found = refusals(write_members(tmp_path / "changed.zip", members))
    assert (
        "sealed-observations.csv:2:1: observation bbbb6@1 does not belong here: it was in force from 1.1.0 on" in found
    )


def test_a_file_that_no_release_has_is_named_even_if_its_sum_is_right(bundles, tmp_path):
    members = read_members(bundles["1.1.0"])
    members["figures.csv"] = b"id,value\ncxqbc,9999\n"
    found = refusals(write_members(tmp_path / "changed.zip", members))
    assert found == ["figures.csv:0:0: no release has this file: nothing vouches for it"]


def _with_columns(table: bytes, change: Callable[[list[str], int], list[str]]) -> bytes:
    """The table with other columns: `change` gets each row and its number, and returns its cells."""
    rows, written = csv.reader(io.StringIO(table.decode(), newline="")), io.StringIO(newline="")
    csv.writer(written).writerows(change(row, number) for number, row in enumerate(rows))
    return written.getvalue().encode()


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (
            "observations.csv",
            lambda row, number: [*row, "999" if number else "Value"],
            ["nothing vouches for the column 'Value': this program makes none of that name"],
        ),
        (
            "observations.csv",
            lambda row, number: row if number else ["value_old" if one == "value" else one for one in row],
            ["nothing vouches for the column 'value_old'", "the column 'value' is missing"],
        ),
        ("sources.csv", lambda row, _: [*row[:2], *row[3:]], ["the column 'title' is missing"]),
    ],
)
def test_a_column_that_was_added_renamed_or_dropped_is_reported(bundles, tmp_path, name, change, expected):
    members = read_members(bundles["1.1.0"])
    members[name] = _with_columns(members[name], change)
    found = refusals(write_members(tmp_path / "changed.zip", members))
    assert [words for words in expected if not any(one.startswith(name) and words in one for one in found)] == []


def test_a_release_of_a_later_program_is_not_verified_by_earlier_rules(postgres, bundle_of_1_2_0, tmp_path):
    (folder := tmp_path / "bundles").mkdir()
    bundles = bundles_of(postgres, PROJECT / "data", folder)
    members = read_members(bundles["2.2.0"])
    header = members["checks.csv"].decode().split("\r\n")[0].split(",")
    at = header.index("asserted")
    members["checks.csv"] = _with_columns(members["checks.csv"], lambda row, _: row[:at] + row[at + 1 :])
    found = refusals(write_members(tmp_path / "changed.zip", members))
    assert found == ["checks.csv:1:0: the column 'asserted' is missing"]
    by_its_rules = "Made by a program before 2.0.0: the results of checks and disagreements are by its rules."
    assert by_its_rules in [*describe(verify_release(bundle_of_1_2_0), [])]
    assert by_its_rules not in [*describe(verify_release(bundles["2.2.0"]), [])]


def test_columns_that_earlier_programs_had_may_not_be_missing(bundle_of_1_2_0, tmp_path):
    members = read_members(bundle_of_1_2_0)
    at = members["observations.csv"].decode().split("\r\n")[0].split(",").index("value")
    members["observations.csv"] = _with_columns(members["observations.csv"], lambda row, _: row[:at] + row[at + 1 :])
    assert "observations.csv:1:0: the column 'value' is missing" in refusals(
        write_members(tmp_path / "changed.zip", members)
    )


def test_what_is_not_sealed_is_said_not_to_be_checked(bundles):
    told = list(describe(verify_release(bundles["1.1.0"]), []))
    assert "Not checked, because not sealed: README.md, csv-metadata.json, datapackage.json." in told


def test_a_bit_that_flipped_within_a_member_is_told_as_damage(bundles, tmp_path):
    """Wherever it is: zlib has errors of its own, besides the wrong sum that `zipfile` finds."""
    whole = bundles["1.1.0"].read_bytes()
    path = tmp_path / "damaged.zip"
    for place in range(100, len(whole) - 100, len(whole) // 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with suppress(MisconductError, RegisterRefused):
            verify_release(path)


def test_a_changed_file_is_named_where_its_sum_was_left(bundles, tmp_path):
    members = read_members(bundles["1.0.0"])
    members["README.md"] += b"More."
    members["more.txt"] = b"More."
    found = refusals(write_members(tmp_path / "changed.zip", members, summed=False))
    assert found == [
        "README.md:0:0: this file does not have the hash that SHA256SUMS gives",
        "more.txt:0:0: SHA256SUMS does not list this file",
    ]


def test_records_removed_by_law_are_listed_and_not_missed(postgres, tmp_path):
    data = write_register(tmp_path / "data", REMOVED)
    seal(data, "1.0.0", "2024-05-01")
    (data / "observations" / "sheet.csv").unlink()
    (data / "sources" / "sheet.yaml").unlink()
    write_register(data, REMOVED[: REMOVED.index("    bbbb3")])
    seal(data, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    bundles = bundles_of(postgres, data, tmp_path)
    for number in ("1.0.0", "2.0.0"):  # a removal reaches back
        found = verify_release(bundles[number])
        assert (found.figures, found.removed) == (1, {"source sheet@1": "2.0.0", "observation bbbb3@1": "2.0.0"})
    first, second = found.digests.values()
    with pytest.raises(RegisterRefused) as refused:  # anybody could write such a manifest behind it
        verify_release(bundles["1.0.0"], [first])
    assert str(refused.value) == (
        "releases/2.0.0.csv:0:0: it says that the law removed source sheet@1, observation bbbb3@1, and no digest that was "
        "given vouches for it; --digest with that of 2.0.0 from its page, too"
    )
    assert verify_release(bundles["1.0.0"], [first, second]) == verify_release(bundles["1.0.0"])
    assert verify_release(bundles["2.0.0"], [second]).number == "2.0.0"


def test_odd_texts_are_verified(postgres, tmp_path):
    from tests.formats import odd

    data = write_register(tmp_path / "data", odd.OBSERVATIONS, **odd.odd_files())
    seal(data, "1.0.0", "2024-05-01")
    assert verify_release(bundles_of(postgres, data, tmp_path)["1.0.0"]).figures == 9


def test_the_registers_rows_are_in_the_bundle_as_they_were_written(postgres, tmp_path):
    table = """
        id    | value | qualifier | printed               | also_at             | category
        bbbb2 | -0    | exact     | -0                    |                     | a
        bbbb3 | 0     | exact     | 0                     |                     | b
        bbbb4 | 1.50  | exact     | 1.50                  | char=1,5 char=11,15 | c
        bbbb5 |       | magnitude | Hundreds “é” \\ , "so" |                     | d
    """
    data = write_register(tmp_path / "data", table)
    seal(data, "1.0.0", "2024-05-01")
    bundle = bundles_of(postgres, data, tmp_path)["1.0.0"]
    rows = csv.DictReader(io.StringIO(read_members(bundle)["sealed-observations.csv"].decode(), newline=""))
    with (data / "observations" / "paper.csv").open(newline="") as file:
        written = [{**row, "source": "paper"} for row in csv.DictReader(file)]
    assert sorted(({name: cell for name, cell in row.items() if cell} for row in rows), key=lambda row: row["id"]) == [
        {name: cell for name, cell in row.items() if cell} for row in written
    ]
    assert verify_release(bundle).figures == 4


# Bundles from strangers


def test_a_bundle_that_swells_when_it_is_unpacked_is_refused(bundles, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", bytes(50_000_000))
    with pytest.raises(MisconductError, match="far more data than its own size"):
        verify_release(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bundle_is_compressed_in_no_other_way(tmp_path, method):
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("datapackage.json", b"{}")
    with pytest.raises(MisconductError, match=r"'datapackage.json' is compressed in another way"):
        verify_release(path)


def test_a_member_that_declares_less_than_it_holds_is_refused(bundles, tmp_path):
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", bytes(5_000_000))
    whole = path.read_bytes()
    path.write_bytes(whole.replace((5_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little")))
    with pytest.raises(MisconductError, match="cannot be read as a zip file"):
        verify_release(path)


def test_a_bundle_is_compressed(bundles):
    bundle = bundles["1.1.0"]
    with zipfile.ZipFile(bundle) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert bundle.stat().st_size < sum(map(len, read_members(bundle).values())) / 2


def test_a_bundle_that_is_not_compressed_verifies_like_those_of_earlier_versions(bundles, tmp_path):
    bundle = bundles["1.1.0"]
    stored = write_members(tmp_path / "stored.zip", read_members(bundle))
    assert stored.stat().st_size > bundle.stat().st_size
    assert verify_release(stored).figures == verify_release(bundle).figures


@pytest.mark.parametrize("name", ["../observations.csv", "/etc/passwd", "releases/../../x", "a/b", "releases/x/y", "x\ny", ".hidden", "a" * 101, "releases"])  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    path = write_members(tmp_path / "odd.zip", {name: b""}, summed=False)
    with pytest.raises(MisconductError, match="not the name of a file in one"):
        verify_release(path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"odd.zip"}


def test_members_that_share_their_bytes_are_refused(tmp_path):
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("a.csv", bytes(10_000))
        archive.filelist += [archive.filelist[0]] * 50
        for number, member in enumerate(archive.filelist[1:]):
            archive.filelist[number + 1] = other = zipfile.ZipInfo(f"b{number}.csv")
            other.file_size = other.compress_size = 10_000
            other.header_offset, other.CRC, other.external_attr = member.header_offset, member.CRC, 0
    (tmp_path / "overlap.zip").write_bytes(text.getvalue())
    with pytest.raises(MisconductError, match=r"has too many files|cannot be read"):
        verify_release(tmp_path / "overlap.zip")


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", "cannot be read as a zip file"), (b"PK\x03\x04" + b"x" * 1000, "cannot be read as a zip file")],
)
def test_a_file_that_is_not_a_bundle_is_refused(tmp_path, content, expected):
    (tmp_path / "bundle.zip").write_bytes(content)
    with pytest.raises(MisconductError, match=expected):
        verify_release(tmp_path / "bundle.zip")
    with pytest.raises(MisconductError, match="There is no file or folder"):
        verify_release(tmp_path / "nothing")


def packed(*names: str) -> bytearray:
    """The bytes of a zip file with members of 100 bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 100)
    return bytearray(file.getvalue())


def with_name(name: bytes) -> bytes:
    """The file with one member whose name, as long as this one, was set afterwards, as of UTF-8."""
    file = packed("?" * len(name)).replace(b"?" * len(name), name)
    file[7] |= 8
    file[file.index(b"PK\x01\x02") + 9] |= 8
    return bytes(file)


def with_offset(*offset: int) -> bytes:
    """The file with one member that begins at an offset of 4 bytes or, through the extra field of Zip64, of 8."""
    file = packed("a.csv")
    entry, end = file.index(b"PK\x01\x02"), file.index(b"PK\x05\x06")
    if offset[0] <= 0xFFFFFFFF:
        file[entry + 42 : entry + 46] = struct.pack("<L", *offset)
        return bytes(file)
    file[entry + 42 : entry + 46] = b"\xff" * 4
    file[entry + 30 : entry + 32] = struct.pack("<H", 12)
    file[end + 12 : end + 16] = struct.pack("<L", end - entry + 12)
    file[end:end] = struct.pack("<HHQ", 1, 8, *offset)
    return bytes(file)


def with_member_in_comment() -> bytes:
    """The file whose one member begins in its last bytes, and should go on behind them."""
    file = packed("a.csv")
    entry = file.index(b"PK\x01\x02")
    start = bytes(file[: entry - 60])
    file[entry + 42 : entry + 46] = struct.pack("<L", len(file))
    file[-2:] = struct.pack("<H", len(start))
    return bytes(file) + start


def with_bad_crc() -> bytes:
    return bytes(packed("a.csv")).replace(b"x" * 100, b"x" * 99 + b"y")


DAMAGED = {
    "a name that is not UTF-8, as it claims": with_name(b"\xff\xfea"),
    "an offset behind the file": with_offset(0xFFFFFFF0),
    "an offset in the middle of something": with_offset(7),
    "an offset beyond what can be sought": with_offset(2**64 - 1),
    "data taken out, before an intact directory": bytes(packed("a.csv")[:40] + packed("a.csv")[90:]),
    "a beginning that is gone": bytes(packed("a.csv", "b.csv")[100:]),
    "an end that is gone": bytes(packed("a.csv", "b.csv")[:-30]),
    "a member that ends behind the file": with_member_in_comment(),
    "one byte changed": with_bad_crc(),
    "nothing": b"",
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_reported_in_one_line(tmp_path, damage):
    (tmp_path / "bundle.zip").write_bytes(DAMAGED[damage])
    status, out, err = run(str(tmp_path / "bundle.zip"))
    assert (status, out) == (1, "")
    [line] = err.splitlines()
    assert line.startswith(
        f"{tmp_path}/bundle.zip cannot be read as a zip file: it is damaged, or not a zip file; download it again"
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["bundle.zip"]


def with_hidden_member(genuine: bytes) -> bytes:
    """A zip file with a member between two others that its directory does not list."""
    with zipfile.ZipFile(io.BytesIO(genuine)) as archive:
        second = sorted(one.header_offset for one in archive.infolist())[1]
        hidden = bytes(packed("observations.csv")).partition(b"PK\1\2")[0]
        directory = archive.start_dir
    moved = bytearray(genuine[:second] + hidden + genuine[second:])
    at, place = directory + len(hidden), 42  # of the offset in an entry of the directory
    for _ in range(genuine.count(b"PK\1\2", directory)):
        [offset] = struct.unpack_from("<L", moved, at + place)
        struct.pack_into("<L", moved, at + place, offset + len(hidden) * (offset >= second))
        at += 46 + sum(struct.unpack_from("<3H", moved, at + 28))
    struct.pack_into("<L", moved, at + 16, directory + len(hidden))
    return bytes(moved)


def with_directory(genuine: bytes) -> bytes:
    """A zip file that lists a folder, where whoever reads from the front finds a file."""
    text = io.BytesIO(genuine)
    with zipfile.ZipFile(text, "a") as archive:
        archive.writestr(zipfile.ZipInfo("a/"), b"")
    return text.getvalue()


def edited(part: str, place: int, value: int) -> Callable[[bytes], bytes]:
    """What changes two bytes of the first member's header, of its entry in the directory, or of the directory's end."""

    def edit(genuine: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(genuine)) as archive:
            start = {"header": 0, "entry": archive.start_dir, "end": len(genuine) - 22}[part]
        forged = bytearray(genuine)
        struct.pack_into("<H", forged, start + place, value)
        return bytes(forged)

    return edit


def with_extra(genuine: bytes) -> bytes:
    """The name that Info-ZIP unpacks a member under, beside the one that the directory gives (APPNOTE, 4.6.9)."""
    text = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(genuine)) as archive, zipfile.ZipFile(text, "w") as forged:
        for member in archive.infolist():
            copied = zipfile.ZipInfo(member.filename)
            if member.filename == "README.md":
                name = b"observations.csv"
                copied.extra = struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(b"README.md")) + name
            forged.writestr(copied, archive.read(member))
    return text.getvalue()


def with_shorter_member(genuine: bytes) -> bytes:
    """The last member has one length in the directory, and a shorter one in its header, before a further member."""
    with zipfile.ZipFile(io.BytesIO(genuine)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    hidden, text = bytes(packed("observations.csv")).partition(b"PK\1\2")[0], io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        with archive.open("zip64", "w", force_zip64=True) as member:
            member.write(b"short" + hidden)
    long, forged = struct.pack("<QQ", *[5 + len(hidden)] * 2), text.getvalue()
    assert forged.count(long) == 1
    at = forged.index(b"zip64") - 12
    return forged[:at] + b"\xff" * 8 + forged[at + 8 :].replace(long, struct.pack("<QQ", 5, 5))


@pytest.mark.parametrize(
    "hide",
    [
        lambda genuine: bytes(packed("observations.csv")) + genuine,
        lambda genuine: bytes(5_000) + genuine,
        with_hidden_member,
        with_extra,
        with_shorter_member,
        edited("header", 6, 1 << 11),
        edited("header", 8, zipfile.ZIP_STORED),
        edited("entry", 8, 1 << 11),
        edited("end", 8, 1),
        lambda genuine: genuine[:-2] + b"\1\0x",
    ],
)
def test_a_file_that_only_some_programs_would_unpack_is_refused(bundles, tmp_path, hide):
    """Java's ZipInputStream reads from the front; unzip, and zipfile, from the end."""
    forged = tmp_path / "bundle.zip"
    forged.write_bytes(hide(bundles["1.0.0"].read_bytes()))
    with zipfile.ZipFile(forged) as archive:
        assert archive.testzip() is None
    with pytest.raises(MisconductError, match="it holds more than its directory lists"):
        verify_release(forged)


@pytest.mark.parametrize(("forge", "name"), [(with_directory, "a/"), (lambda _: with_name(b"\0abc"), "")])
def test_a_folder_or_a_name_that_ends_early_is_refused(bundles, tmp_path, forge, name):
    forged = tmp_path / "bundle.zip"
    forged.write_bytes(forge(bundles["1.0.0"].read_bytes()))
    with pytest.raises(MisconductError, match=f"'{name}' is not the name of a file in one"):
        verify_release(forged)


def test_a_disk_that_is_full_is_not_taken_for_a_damaged_file(bundles, monkeypatch):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    monkeypatch.setattr("misconduct.bundles.archive.shutil.copyfileobj", lambda *_: Path("/dev/full").write_bytes(b"x"))
    with pytest.raises(MisconductError, match=r"^The temporary folder .* cannot be written: No space left on device\."):
        verify_release(bundles["1.0.0"])


def test_a_bundle_without_manifests_cannot_be_verified(bundles, tmp_path):
    members = {name: content for name, content in read_members(bundles["1.0.0"]).items() if "releases/" not in name}
    with pytest.raises(MisconductError, match="There are no manifests"):
        verify_release(write_members(tmp_path / "old.zip", members))


def test_links_of_an_unpacked_bundle_are_not_followed(bundles, tmp_path):
    for name, content in read_members(bundles["1.0.0"]).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "observations.csv").rename(tmp_path.with_suffix(".csv"))
    (tmp_path / "observations.csv").symlink_to(tmp_path.with_suffix(".csv"))
    with pytest.raises(MisconductError, match=r"The bundle has no file observations.csv"):
        verify_release(tmp_path)


@pytest.mark.parametrize("name", ["observations.csv", "sealed-observations.csv", "sealed-records.tsv", "caveats.csv", "releases/1.0.0.csv", "datapackage.json", "SHA256SUMS", "releases.csv"])  # fmt: skip
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a" * 1_100_000,
        b'"' * 999,
        b"[" * 100_000,
        b"caveat\tx\t1\t{}\n",
        b"id,id\n1,2\n",
        b"{}",
        b'{"version":[]}',
        b'{"version":{}}',
    ],
)
def test_any_content_of_a_file_is_refused_without_a_crash(bundles, tmp_path, name, content):
    members = {**read_members(bundles["1.0.0"]), name: content}
    with pytest.raises(MisconductError):
        verify_release(write_members(tmp_path / "odd.zip", members, summed=name != "SHA256SUMS"))


# The command


def run(*arguments: str) -> tuple[int, str, str]:
    command = [
        sys.executable,
        "-c",
        "from misconduct.cli import app; app(prog_name='misconduct')",
        "verify-release",
        *arguments,
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=PROJECT)
    return done.returncode, done.stdout, done.stderr


def test_the_command_reports_the_release_and_its_digest(bundles):
    digest = verify_release(bundles["1.1.0"]).digests["1.1.0"]
    status, out, err = run(str(bundles["1.1.0"]))
    assert (status, err) == (0, "")
    assert out.splitlines()[:3] == [
        "This is release 1.1.0: 5 figures and 44 other records, as they were released.",
        f"Its digest: {digest}",
        "Not checked, because not sealed: README.md, csv-metadata.json, datapackage.json.",
    ]
    assert "only a digest that you have from elsewhere" in out
    as_shown = f"Misconduct Register 1.1.0 sha256:{digest}"  # by the release's page
    for cited in (digest, digest.upper(), f"sha256:{digest}", as_shown):
        status, out, _ = run(str(bundles["1.1.0"]), "--digest", cited)
        assert (status, out.splitlines()[-1]) == (0, "That is the digest that you gave.")


def test_the_command_ends_with_status_1_where_something_is_wrong_and_2_for_wrong_usage(bundles):
    status, out, err = run(str(bundles["1.1.0"]), "--digest", "0" * 64)
    assert (status, out) == (1, "")
    assert err.endswith("1 mistake: this is not the release that it claims to be.\n")
    status, _, err = run(str(bundles["1.1.0"]), "--digest", "abc")
    assert status == 2
    assert "give its 64 hexadecimal digits, or the whole line" in " ".join(err.split())


def test_a_version_that_is_not_text_is_one_clear_error(bundles, tmp_path):
    members = {**read_members(bundles["1.1.0"]), "datapackage.json": b'{"version":[]}'}
    status, out, err = run(str(write_members(tmp_path / "odd.zip", members)))
    assert (status, out) == (1, "")
    assert err.splitlines()[0] == "datapackage.json says that this is release '[]', which has no manifest."


ZEROS = "0" * 64


@pytest.mark.parametrize(
    "written",
    [ZEROS, f"sha256:{ZEROS}", f"SHA256:{ZEROS}", f"Misconduct Register 1.2.0 sha256:{ZEROS}", f"  Misconduct  Register\n1.2.0 sha256:{ZEROS}\n"],
)  # fmt: skip
def test_a_digest_is_read_from_a_cited_line(written):
    assert read_digest(written) == "0000000000000000000000000000000000000000000000000000000000000000"


@pytest.mark.parametrize("written", ["", "sha256:", ZEROS[1:], ZEROS + "0", f"1.2.0 sha256:{ZEROS}", f"sha256:{ZEROS}, sha256:{ZEROS}", "٠" * 64])  # fmt: skip
def test_other_text_is_not_read_as_a_digest(written):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        read_digest(written)


def test_the_line_of_another_release_says_whose_digest_it_is(bundles):
    digest = verify_release(bundles["1.1.0"]).digests["1.0.0"]
    status, out, err = run(str(bundles["1.1.0"]), "--digest", f"Misconduct Register 1.0.0 sha256:{digest}")
    assert (status, out) == (1, "")
    assert "; it is that of 1.0.0\n" in err
