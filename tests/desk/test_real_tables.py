"""Seven real tables come in as published: every number is compared with what pandas reads in the same cell."""

import csv
import shutil
from pathlib import Path

import pandas
import pytest

from misconduct_editor.register.check import read_register
from misconduct_editor.register.verify import find_documents
from misconduct_editor.tables.add import add_table, verify_tables

from ..conftest import ROOT, SHARED

LAYOUTS, PUBLISHED = Path(__file__).parent / "tables", SHARED / "tables"
DATASET = """- id: everything
  title: Everything
  description: What the tables count.
  conditions:
  - measure: [occurred, proven, not_proven, recorded, under_investigation, closed_without_finding]
  - measure: [facing_proceedings, management_action, alleged]
"""


@pytest.fixture
def data(tmp_path, shared):
    return make_register(tmp_path)


def make_register(folder):
    """Make a register without figures, with the code lists of this repository."""
    for name in ("tables", "observations"):
        (folder / name).mkdir()
    shutil.copytree(ROOT / "data/codelists", folder / "codelists")
    (folder / "datasets.yaml").write_text(DATASET)
    return folder


def add(data, layout, document):
    """Add a table as the file in `tables` says, and return its figures."""
    slug = layout.removesuffix("-2018-19").removesuffix("-2019-20")
    shutil.copy(LAYOUTS / f"{layout}.yaml", data / f"tables/{slug}.yaml")
    script = LAYOUTS / f"{layout}.py"
    if script.exists():
        shutil.copy(script, data / f"tables/{slug}.py")
    outcome = add_table(data, PUBLISHED / document, None, slug)
    assert outcome.mistakes == []
    assert [*verify_tables(data, read_register(data), find_documents(PUBLISHED))] == []
    with (data / f"observations/{slug}.csv").open(encoding="utf-8", newline="") as file:
        return [{"mark": ""} | row for row in csv.DictReader(file)]


def by_cell(rows):
    return {
        tuple(map(int, row["at"].removeprefix("cell=").split(","))): row for row in rows
    }


CODES = {
    "HMRC": "gb_hmrc",
    "Home Office^": "gb_home_office",
    "Ministry of Defence": "gb_mod",
    "SOCA": "gb_nca",
}
CODES |= {
    "SOCA / NCA": "gb_nca",
    "Total INCIDENTS": "gb_eaw",
    "Total FATALITIES": "gb_eaw",
}


def find_area(label):
    """Return the code of a force from the words of the code list, without any other rule."""
    with (ROOT / "data/codelists/area.csv").open(encoding="utf-8", newline="") as file:
        known = {
            word: row["code"]
            for row in csv.DictReader(file)
            for word in row["words"].split(" | ")
        }
    return (
        CODES.get(label)
        or known.get(label.replace(" & ", " and "))
        or ("several_forces" if " & " in label else label)
    )


IOPC = {
    # document, sheet, last column, and for each table its line of years, first and last row, unit and total
    "iopc-custody-2018-19": ("Custody_By_Force", 17, [(7, 8, 56, "deaths", 292)]),
    "iopc-custody-2019-20": ("Custody_By_Force", 18, [(7, 8, 56, "deaths", 311)]),
    "iopc-other-2018-19": ("Other_contact_by_force", 17, [(9, 10, 68, "incidents", 919), (79, 80, 138, "deaths", 968)]),
    "iopc-other-2019-20": (
        "Other_contact_by_force", 18, [(9, 10, 73, "incidents", 1029), (84, 85, 148, "deaths", 1081)],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    """The figures of each, by their cells, as two editions follow each other in one register."""
    if not PUBLISHED.is_dir():
        pytest.skip(
            "tables/, as published, is not in the folder shared/ beside the repository"
        )
    data = make_register(tmp_path_factory.mktemp("editions"))
    return {
        layout: by_cell(add(data, layout, f"iopc-deaths-{layout[-7:]}.ods"))
        for layout in IOPC
    }


@pytest.mark.parametrize("layout", IOPC)
def test_deaths_are_as_in_the_sheets_of_the_iopc(editions, layout):
    sheet, width, tables = IOPC[layout]
    document = f"iopc-deaths-{layout[-7:]}.ods"
    cells = pandas.read_excel(
        PUBLISHED / document,
        sheet,
        header=None,
        dtype=str,
        engine="calamine",
        na_filter=False,
    )
    figures = editions[layout]
    places = [
        (row, column)
        for _, top, last, *_ in tables
        for row in range(top, last + 1)
        for column in range(2, width + 1)
    ]
    assert figures.keys() == {*places}
    for years, top, last, unit, total in tables:
        assert figures[last, width]["value"] == str(total)
        for row, column in places:
            if not top <= row <= last:
                continue
            figure, printed = (
                figures[row, column],
                cells.iat[row - 1, column - 1].strip(),
            )
            year = cells.iat[years - 1, column - 1].rstrip("*")
            start, end = (
                (f"20{year[:2]}", f"20{year[3:]}")
                if column < width
                else ("2004", f"20{layout[-2:]}")
            )
            heading = (
                "break" if cells.iat[years - 1, column - 1].endswith("*") else ""
            )  # a new definition
            assert (figure["value"], figure["mark"]) == (
                printed.rstrip('~"'),
                "revised" if "~" in printed else heading,
            )
            assert (figure["period"], figure["counting_unit"]) == (
                f"{start}-04/{end}-03",
                unit,
            )
            assert figure["area"] == find_area(cells.iat[row - 1, 0].strip())


REVISED = {
    # table, cell before, cell after, and both printed forms with their marks
    "custody 2018/19": (
        "iopc-custody",
        (56, 16),
        (56, 16),
        ("16", ""),
        ("17", "revised"),
    ),
    "other deaths 2017/18": (
        "iopc-other",
        (138, 15),
        (148, 15),
        ("175", "revised"),
        ("176", "revised"),
    ),
    "other deaths 2018/19": (
        "iopc-other",
        (138, 16),
        (148, 16),
        ("152", ""),
        ("157", "revised"),
    ),
}


@pytest.mark.parametrize(
    ("slug", "old", "new", "before", "after"), REVISED.values(), ids=REVISED
)
def test_totals_that_the_next_edition_revised_keep_their_ids(
    editions, slug, old, new, before, after
):
    first, second = editions[f"{slug}-2018-19"][old], editions[f"{slug}-2019-20"][new]
    assert first["id"] == second["id"]
    assert [(one["printed"], one["mark"]) for one in (first, second)] == [before, after]


def test_findings_by_year_are_as_in_the_file_of_philadelphia(data):
    figures = by_cell(add(data, "philadelphia-by-year", "philadelphia-by-year.csv"))
    rows = pandas.read_csv(
        PUBLISHED / "philadelphia-by-year.csv", dtype=str, na_filter=False
    )
    assert rows["count"].astype(int).sum() == 9618
    found = {
        (place, one["value"], *one["counted"].split(" … ")[:2], one["period_printed"])
        for place, one in figures.items()
    }
    assert found == {
        ((line, 6), row["count"], row["category"], row["outcome"], row["period_year"])
        for line, row in enumerate(rows.to_dict("records"), 2)
    }


def test_cases_are_counted_as_pandas_counts_them(data):
    figures = add(data, "philadelphia-findings", "philadelphia-findings.csv")
    cases = pandas.read_csv(
        PUBLISHED / "philadelphia-findings.csv", dtype=str, na_filter=False
    )
    cases["year"] = "20" + cases["complaint_id"].str[:2]
    assert len(cases) == 8839
    expected = {}
    names = ["allegations_investigated", "investigative_findings", "year"]
    for words, number in cases.groupby(names).size().items():
        expected[" … ".join(words[:-1]), words[-1]] = str(number)
    assert {
        (one["counted"], one["period"][:4]): one["value"] for one in figures
    } == expected
    assert sum(int(one["value"]) for one in figures if " … " in one["counted"]) == 8839


AUSTRALIA = {
    "au_act": "Australian Capital Territory", "au_nsw": "New South Wales", "au_nt": "Northern Territory",
    "au_qld": "Queensland", "au_sa": "South Australia", "au_tas": "Tasmania", "au_vic": "Victoria",
    "au_wa": "Western Australia",
}  # fmt: skip
RATES = {"complaints_per_100k_people": ("per_hundred_thousand", "inhabitants")}
RATES |= {"complaints_per_100_sworn_staff": ("per_hundred", "officers")}


def test_australian_years_run_from_july_and_rates_say_of_what(data):
    document = "australia/complaints-and-deaths-in-custody-by-state.csv"
    rows = add(data, "australia", document)
    with (PUBLISHED / document).open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    expected = {}
    for at, line in enumerate(lines[1:], 2):
        first = int(line[3][:4])
        for column in (5, 6, 7, 8):
            if line[column - 1]:
                unit, per = RATES.get(lines[0][column - 1], ("count", ""))
                period = f"{first}-07/{first + 1}-06"
                expected[at, column] = (
                    line[column - 1],
                    line[1],
                    line[3],
                    period,
                    unit,
                    per,
                )
    names = ("value", "area", "period_printed", "period", "unit", "per")
    found = {
        cell: tuple(row[name] for name in names) for cell, row in by_cell(rows).items()
    }
    assert {
        cell: (one[0], AUSTRALIA[one[1]], *one[2:]) for cell, one in found.items()
    } == expected
    deaths = [
        sum(int(row["value"]) for row in rows if row["at"].endswith(f",{column}"))
        for column in (7, 8)
    ]
    assert (len(rows), deaths) == (448, [445, 93])
    assert {row["statistic"] for row in rows if row["per"]} == {"rate"}
