"""The areas that the program knows: the same as in public lists, and drafted with what is above them."""

from __future__ import annotations

import os
import resource
import shutil

import pycountry
import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.register.draft_codes import draft_codes, known_codes, read_codes
from tests.conftest import PROJECT
from tests.register.reading import mistakes_of
from tests.registers import as_csv, seal, write_register

ONS = """
E23000001 Metropolitan Police; E23000002 Cumbria; E23000003 Lancashire; E23000004 Merseyside;
E23000005 Greater Manchester; E23000006 Cheshire; E23000007 Northumbria; E23000008 Durham; E23000009 North Yorkshire;
E23000010 West Yorkshire; E23000011 South Yorkshire; E23000012 Humberside; E23000013 Cleveland;
E23000014 West Midlands; E23000015 Staffordshire; E23000016 West Mercia; E23000017 Warwickshire;
E23000018 Derbyshire; E23000019 Nottinghamshire; E23000020 Lincolnshire; E23000021 Leicestershire;
E23000022 Northamptonshire; E23000023 Cambridgeshire; E23000024 Norfolk; E23000025 Suffolk; E23000026 Bedfordshire;
E23000027 Hertfordshire; E23000028 Essex; E23000029 Thames Valley; E23000030 Hampshire; E23000031 Surrey;
E23000032 Kent; E23000033 Sussex; E23000034 London, City of; E23000035 Devon & Cornwall;
E23000036 Avon and Somerset; E23000037 Gloucestershire; E23000038 Wiltshire; E23000039 Dorset;
W15000001 North Wales; W15000002 Gwent; W15000003 South Wales; W15000004 Dyfed-Powys
"""
"""The police force areas as the Office for National Statistics had them in December 2023."""

OTHER_NAMES = {"London, City of": "City of London", "Devon & Cornwall": "Devon and Cornwall"}

AREAS = known_codes("area")
NOT_IN_PYCOUNTRY = "GB-EAW"
"""England and Wales: ISO 3166-2 has it for completeness, beside the subdivisions."""


def test_every_police_force_of_england_and_wales_is_known_by_the_code_of_its_area():
    listed = dict(" ".join(entry.split()).split(" ", 1) for entry in ONS.split(";"))
    assert len(listed) == 43
    assert {code for code, row in AREAS.items() if row["scheme"] == "gss"} == listed.keys()
    for code, name in listed.items():
        row = AREAS[code]
        assert row["label"].startswith(OTHER_NAMES.get(name, name)), row
        assert row["notation"] == code
        assert row["same_as"] == f"http://statistics.data.gov.uk/id/statistical-geography/{code}"
        assert code == "E23000001" or f"calls {name}." in row["definition"]
        assert row["broader"] == {"E": "gb_eng", "W": "gb_wls"}[code[0]]
    assert (AREAS["gb_btp"]["label"], AREAS["gb_btp"]["notation"]) == ("British Transport Police", "")


def test_countries_and_states_are_those_of_iso_3166():
    countries = {row["notation"]: row["label"] for row in AREAS.values() if row["scheme"] == "iso-3166-1"}
    assert countries == {one: pycountry.countries.get(alpha_2=one).name for one in ("GB", "US")}
    found = {row["notation"]: row["label"] for row in AREAS.values() if row["scheme"] == "iso-3166-2"}
    assert found.pop(NOT_IN_PYCOUNTRY) == "England and Wales"
    named = {one: pycountry.subdivisions.get(code=one).name.split(" [")[0] for one in found}
    assert found == named
    states = [one.code for one in pycountry.subdivisions.get(country_code="US") if one.type in ("State", "District")]
    assert sorted(one for one in found if one.startswith("US-")) == sorted(states)
    cities = {code: row["notation"] for code, row in AREAS.items() if row["scheme"] == "fips-place"}
    assert cities == {"us_il_chicago": "1714000", "us_pa_philadelphia": "4260000"}


def test_everything_known_is_a_valid_code_list(tmp_path):
    data = write_register(tmp_path / "data", "id | value\n bbbb2 | 5")
    shutil.copy(
        PROJECT / "app" / "misconduct" / "register" / "known_codes" / "area.csv", data / "codelists" / "area.csv"
    )
    assert mistakes_of(data) == []


def test_a_code_is_drafted_with_those_above_it_that_are_missing():
    assert [row["code"] for row in draft_codes("area", "us_pa_philadelphia", ())] == [
        "us",
        "us_pa",
        "us_pa_philadelphia",
    ]
    assert [row["code"] for row in draft_codes("area", "us_pa_philadelphia", {"us"})] == ["us_pa", "us_pa_philadelphia"]
    assert draft_codes("area", "E23000001", {"E23000001"}) == draft_codes("area", "x", ()) == []
    assert draft_codes("category", "E23000001", ()) == []


@pytest.fixture
def data(tmp_path):
    """A copy of the project's register, as it was before release 2.2.0 gave its force a notation and areas above it."""
    shutil.copytree(PROJECT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("2.2.0.*"))
    areas = tmp_path / "data" / "codelists" / "area.csv"
    kept = [row for row in areas.read_text().splitlines(keepends=True) if not row.startswith(("gb", "E23000001,2"))]
    areas.write_text("".join(kept))
    return tmp_path / "data"


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_no_code_is_written_unless_it_is_named(data):
    before = (data / "codelists" / "area.csv").read_bytes()
    done = run("code", "area", "--write", "--register", data)
    assert done.exit_code == 2
    assert "--write needs the codes that are to be written" in " ".join(done.stderr.split())
    assert (data / "codelists" / "area.csv").read_bytes() == before


def test_a_code_list_that_somebody_saves_meanwhile_stays(data, monkeypatch):
    areas, sync = data / "codelists" / "area.csv", os.fsync
    by_hand = areas.read_text() + "by_hand,1,By hand,A note.,,Us\n"

    def save(file):
        areas.write_text(by_hand)
        sync(file)

    monkeypatch.setattr(os, "fsync", save)
    done = run("code", "area", "US-PA", "--register", data, "--write")
    said = (
        f"Somebody else changed {areas} meanwhile, so nothing was written.\nTry again; that change then counts too.\n"
    )
    assert (done.exit_code, done.stderr) == (1, said)
    assert areas.read_text() == by_hand


def test_a_code_that_the_program_knows_is_offered_and_added_as_a_draft(data):
    rows = data / "observations" / "eye-of-media-2024-disclosure.csv"
    rows.write_text(rows.read_text().replace("E23000001", "E23000014", 1))
    [mistake] = [one for one in mistakes_of(data) if "no area" in one]
    assert "; misconduct code area E23000014 --write adds West Midlands Police" in mistake
    before = read_codes(data, "area")
    shown = run("code", "area", "E23000014", "US-PA", "--register", data)
    assert [line.split()[0] for line in shown.stdout.splitlines()] == [
        "gb",
        "gb_eaw",
        "gb_eng",
        "E23000014",
        "us",
        "us_pa",
    ]
    assert read_codes(data, "area") == before
    assert run("code", "area", "E23000014", "US-PA", "--register", data, "--write").exit_code == 0
    assert not [one for one in mistakes_of(data) if "area" in one]
    after = read_codes(data, "area")
    assert [{name: row[name] for name in before[0]} for row in after[: len(before)]] == before
    assert [row["code"] for row in after[len(before) :]] == ["gb", "gb_eaw", "gb_eng", "E23000014", "us", "us_pa"]
    assert "has them already" in run("code", "area", "E23000014", "--register", data).stdout
    met = run("code", "area", "E23000001", "--register", data, "--write")
    assert [line.split()[0] for line in met.stdout.splitlines()[:-1]] == ["E23000001"]
    latest = read_codes(data, "area")[-1]
    assert (latest["version"], latest["broader"], latest["notation"]) == ("2", "gb_eng", "E23000001")
    assert {latest[name] for name in ("label", "definition")} == {before[0][name] for name in ("label", "definition")}
    assert "has them already" in run("code", "area", "E23000001", "--register", data).stdout
    misspelt = run("code", "area", "US-PAA", "--register", data)
    assert misspelt.exit_code == 1
    assert "Did you mean US-PA?" in misspelt.stderr


OWN = {"code": "E23000014", "version": "1", "label": "Our police", "definition": "As we mean it.",
       "broader": "midlands", "defined_by": "Our desk", "close": "E23000001", "same_as": "https://example.org/police"}  # fmt: skip
"""A row of an editor's own for a code that the program knows too, without a notation."""


def test_what_an_editor_wrote_of_a_known_code_stays_in_its_next_version(tmp_path):
    other = {"version": "1", "definition": "Another.", "defined_by": "Our desk"}
    areas = [OWN, {**other, "code": "midlands", "label": "Midlands"}, {**other, "code": "E23000001", "label": "Met"}]
    columns = [*OWN, "scheme", "notation", "narrower"]
    root = write_register(tmp_path / "data", "id | value\n bbbb2 | 5", **{"codelists/area.csv": as_csv(columns, areas)})
    seal(root)
    shown = run("code", "area", "E23000014", "--register", root, "--write")
    assert shown.stdout.splitlines()[:-1] == [f"{'E23000014':20} {'E23000014':10} Our police"]
    added = {name: cell for name, cell in read_codes(root, "area")[-1].items() if cell}
    assert added == {**OWN, "version": "2", "scheme": "gss", "notation": "E23000014"}
    assert mistakes_of(root) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (os.mkfifo, "data/codelists/area.csv:0:0: this is not a file"),
        (lambda file: file.symlink_to("/dev/zero"), "data/codelists/area.csv:0:0: this is a link"),
        (lambda file: file.write_bytes(b"code,version,label,definition,defined_by\nx,1,\xff,d,b\n"), "not UTF-8"),
        (lambda file: file.write_text("code,version,label,definition,defined_by\nx,x,l,d,b\n"), "area.csv:2:3: "),
        (lambda file: file.write_text("code,label,definition,defined_by\nx,l,d,b\n"), "area.csv:1:1: "),
        (lambda file: file.write_text("code,version,label,definition,defined_by\nx,1\n"), "area.csv:2:1: "),
        (lambda file: file.write_text(f'code,version,label,definition,defined_by\nx,1,l,"{"d" * 1_100_000}",b\n'), "area.csv:2:"),
    ],
)  # fmt: skip
def test_a_code_list_that_cannot_be_read_is_a_located_mistake(data, spoil, said):
    file = data / "codelists" / "area.csv"
    file.unlink()
    spoil(file)
    done = run("code", "area", "US-PA", "--register", data)
    assert said in done.stderr
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)


def test_a_file_system_that_takes_no_more_is_told_in_a_line_and_leaves_nothing(data):
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
    try:
        done = run("code", "area", "US-PA", "--register", data, "--write")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert (done.exit_code, done.stderr) == (1, f"File too large: {data / 'codelists' / 'area.csv'}\n")
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("label", "named"), [("Sal\rton", "U+000D"), ("Sal\x07ton", "U+0007"), ("Sal\u202eton", "U+202E")]
)
def test_a_code_with_which_its_list_could_not_be_read_is_not_written(data, label, named):
    before = (data / "codelists" / "area.csv").read_bytes()
    done = run("code", "area", "salton", "--label", label, "--register", data, "--write")
    assert done.exit_code == 1
    assert f"contains {named}, which no code list may have." in done.stderr
    assert (data / "codelists" / "area.csv").read_bytes() == before


def test_a_code_of_ones_own_is_added_with_the_columns_that_the_list_has(data):
    own = ["--label", "Salton, the town", "--definition", "No such place.", "--by", "Tests", "--broader", "E23000001"]
    said = run("code", "area", "salton", *own, "--register", data, "--write")
    assert said.stdout.splitlines()[0].split() == ["salton", "Salton,", "the", "town"]
    assert {name: cell for name, cell in read_codes(data, "area")[-1].items() if cell} == {
        "code": "salton", "version": "1", "label": "Salton, the town", "definition": "No such place.",
        "broader": "E23000001", "defined_by": "Tests",
    }  # fmt: skip
    assert not [one for one in mistakes_of(data) if "area" in one]
    assert "has them already" in run("code", "area", "salton", *own, "--register", data, "--write").stdout


@pytest.mark.parametrize("own", [("--definition", "With the islands."), ("--by", "Our desk"), ("--broader", "us")])
def test_what_is_said_of_a_code_of_the_programs_is_refused_and_nothing_is_written(data, own):
    before = (data / "codelists" / "area.csv").read_bytes()
    for codes in (["gb"], []):
        assert run("code", "area", *codes, *own, "--register", data, "--write").exit_code == 2
    assert (data / "codelists" / "area.csv").read_bytes() == before
