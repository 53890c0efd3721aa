"""What the folder of a release has: tables with keys, lists that answers have, pictures of charts, and a README."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.charts import draw_charts

from ..conftest import SMALL

FOLDER = SMALL / "releases/2.0.0"
ADDRESS = "/v1/releases/2.0.0"
PACKAGE = json.loads((FOLDER / "datapackage.json").read_text("utf-8"))
SCHEMAS = {
    resource["path"]: resource["schema"]
    for resource in PACKAGE["resources"]
    if "schema" in resource
}
CHARTS = sorted(path.stem for path in FOLDER.glob("charts/*.svg"))


def read_table(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.csv")))
def test_a_table_has_the_columns_and_the_keys_that_are_declared(name):
    schema, rows = SCHEMAS[name], read_table(name)
    assert [*rows[0]] == [field["name"] for field in schema["fields"]]
    key = schema.get("primaryKey", [])
    keys = {tuple(row[column] for column in key) for row in rows}
    assert not key or len(keys) == len(rows)
    assert all(all(cells) for cells in keys)
    for foreign in schema.get("foreignKeys", []):
        [column], [target] = foreign["fields"], foreign["reference"]["fields"]
        of = foreign["reference"]["resource"] or name
        known = {row[target] for row in read_table(of)}
        assert {row[column] for row in rows} - {""} <= known, (column, of)


def test_the_tables_are_tied_to_each_other():
    """Without a key that names another table, the test above would prove nothing."""
    tied = {
        (name, foreign["fields"][0], foreign["reference"]["resource"])
        for name, schema in SCHEMAS.items()
        for foreign in schema.get("foreignKeys", [])
    }
    assert tied > {
        ("table.csv", "id", "figures.csv"),
        ("table.csv", "area_code", "areas.csv"),
        ("table.csv", "source", "sources.csv"),
        ("others.csv", "point", "table.csv"),
        ("figures.csv", "repeats", ""),
        ("figures.csv", "indicator", "indicators.csv"),
    }
    without = {name for name, schema in SCHEMAS.items() if "primaryKey" not in schema}
    assert without - {"earlier-counts.csv"} == {"changes.csv"}


@pytest.mark.parametrize(
    "name", ["indicators", "areas", "sources", "codes", "notes", "charts"]
)
def test_a_list_is_the_answer_of_its_address_without_a_host(small, name):
    sent = small.client.get(f"/v1/{name}.csv").raise_for_status().text
    base = re.search(r"http[^,]*?(?=/v1/)", sent)
    sent = sent.replace(f",{base[0]}/v1/", ",/v1/") if base else sent
    answered = list(csv.DictReader(io.StringIO(sent)))
    rows = read_table(f"{name}.csv")
    beside = {
        column: row.pop(column) for row in rows for column in {*row} - {*answered[0]}
    }
    assert beside.keys() == ({"figure_ids"} if name == "notes" else set())
    assert rows == answered


def test_notes_name_their_figures():
    known = {row["id"]: row for row in read_table("figures.csv")}
    named = {row["id"]: row["figure_ids"].split() for row in read_table("notes.csv")}
    assert "k7m3q" in named["how-many-were-accused"]
    assert {figure for ids in named.values() for figure in ids} <= known.keys()
    for note in read_table("notes.csv"):
        ids = named[note["id"]]
        if note["type"] == "caveat":
            ids = [
                one
                for one, row in known.items()
                if note["id"] in row["caveats"].split()
            ]
        assert len(ids) == int(note["figures"])


def test_each_chart_has_a_picture_that_draws_its_figures():
    charts = {row["id"]: row["ids"].split() for row in read_table("charts.csv")}
    assert sorted(charts) == CHARTS
    for name, ids in charts.items():
        svg = (FOLDER / f"charts/{name}.svg").read_text("utf-8")
        [drawn] = re.findall("<dc:relation>(.*?)</dc:relation>", svg)
        assert {*ids} <= {*drawn.split()}
        assert "release 2.0.0" in svg
        assert "http" not in svg.replace("http://www.w3.org/", "").replace(
            "http://purl.org/", ""
        )


def test_the_desk_draws_what_the_service_draws(small):
    pictures = draw_charts(read_release(FOLDER))
    assert sorted(pictures) == CHARTS
    for name, picture in pictures.items():
        drawn = small.client.get(f"/v1/charts/{name}.svg").raise_for_status().text
        for tag in ("title", "desc"):
            said = [
                re.findall(f"<{tag}>(.*?)</{tag}>", svg) for svg in (picture, drawn)
            ]
            assert said[0] == said[1] != []


def test_a_picture_is_sent_for_ever_and_the_latest_leads_to_it(small):
    path = f"charts/{CHARTS[0]}.svg"
    sent = small.client.get(f"{ADDRESS}/{path}")
    assert sent.content == (FOLDER / path).read_bytes()
    assert sent.headers["content-type"] == "image/svg+xml"
    assert "immutable" in sent.headers["cache-control"]
    assert "default-src 'none'" in sent.headers["content-security-policy"]
    latest = small.client.get(f"/v1/releases/latest/{path}")
    assert latest.status_code == 307
    assert latest.headers["location"].endswith(f"{ADDRESS}/{path}")
    unknown = small.client.get(f"{ADDRESS}/charts/nothing.svg")
    assert unknown.status_code == 404


def test_the_zip_of_all_files_is_sent_as_a_file(small):
    address = f"{ADDRESS}/all.zip"
    whole = small.client.get(address)
    head = small.client.head(address)
    assert head.headers["content-length"] == str(len(whole.content))
    part = small.client.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    paths = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert files == {
        f"2.0.0/{path.relative_to(FOLDER)}": path.read_bytes() for path in paths
    }


def test_the_readme_names_each_file_and_its_lines_for_pandas_run():
    text = (FOLDER / "README.md").read_text("utf-8")
    names = {path.name for path in FOLDER.iterdir()} - {"README.md", "charts"}
    assert {name for name in names if f"`{name}`" not in text} == set()
    assert len(text.splitlines()) <= 60
    [lines] = re.findall("```python\n(.*?)```", text, re.DOTALL)
    script = f"{lines.strip().rpartition(chr(10))[0]}\nprint({lines.strip().rpartition(chr(10))[2]}.size > 0)"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "True\n"
