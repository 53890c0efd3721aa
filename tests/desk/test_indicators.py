"""Indicators: what figures count, and what they are called. The names are typed from the sources by a person."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from misconduct.errors import RegisterError
from misconduct.model.catalogue import Catalogue
from misconduct.model.names import name_counted, write_whole
from misconduct_editor.register.check import read_register
from misconduct_editor.register.reading import encode_rows

ROOT = Path(__file__).parents[2]
NAMES = {
    "k7m3q": "Officers accused of wrongdoing: sexual misconduct",
    "gb7nr": "Officers and staff with past accusations found by a check: sexual misconduct or domestic abuse",
    "gb26v": "Officers suspended from duty",
    "ws3x2": "Officers suspended from duty",
    "f7x58": "Complaints about the police",
    "b2hx5": "Officers barred from policing",
    "x9w6n": "Allegations against the police: racism, share of 4,575 allegations of discrimination",
    "rpg77": "Deaths in or after police custody",
    "czq9g": "Deaths after police contact, not counted elsewhere, West Midlands and Warwickshire together",
    "p873v": "Complaints about the police, increase on the year before",
    "ds39c": "Complaints about the police, decrease on the same months of the year before",
    "p9dth": "People in the police dismissed, average per year",
    "b3vk9": "Deaths in or after police custody, Aboriginal and Torres Strait Islander people only",
    "rwjkm": "Allegations, once for each officer: assault, harassment or other oppressive behaviour",
    "jxdvt": "Allegations cleared, once for each officer: discourtesy, unfounded",
    "vc5h5": "Complaints upheld, share of 1,342 complaints closed",
    "m8mfx": "Allegations finalised: neglect of duty, bad manners and assault together, share of 3,360 allegations",
    "stb7g": "People in the police without valid vetting, in sensitive posts, clearance too low, number of posts",
    "ww58x": "Files sent to prosecutors, number of decisions",
    "fwb8s": "Decisions not to prosecute",
    "z7btc": "Cases ended without action, no case to answer, share of 14,393 formal complaints finalised",
    "czn8s": "Officers dismissed: violence against women and girls, share of officers facing complaints from women",
}
LISTS = {
    "gardaí suspended, 2016 to 2024": "t5nj6 c3nzd qkrsf spjwc vj4wj m9ffh nm69z mnj32 smtm6 kgc4m",
    "inquiries of the French inspectorate": "f2p6x m76c8 fn93n gd85p wk7n7 b92v2 zcfjj cpp93 p2j5c zdkbb",
    "complaints of violence by the Belgian police": "tfwkt p2t3m",
    "vetting of Scotland's police": "jpkg4 r4dp6 t2f4d",
    "vetting of Scotland's police, refused": "dddc7 bc3jn xwdjs",
    "deaths by police action in South Africa": "zr6t3 krdcm sf56t qfxjs z3m62 wbn3x",
    "deaths in custody in South Africa": "w64cx dfbpv h4wsb cxhfw xnk56 d5w7q bhr39 wz9bg",
    "cases of one year in South Africa": "zcmsb jkrdb t57q9 h3477 rtwz4 ngckv",
}
"""Printed lists, as a person read them: whatever noun a sentence has, a list counts one thing in one unit."""
REVIEWS = {"s93g2": "f9bkg", "ns6vn": "rnqfp"}
"""Reviews that found an outcome unreasonable, and the reviews that they are among."""
NO_NAME = re.compile(r"_|…|[\"“”‘{}]|PARAGRAPH|[A-Z]{4,}|\b(19|20)\d\d\b| - | ,|, ,")


@pytest.fixture(scope="module")
def register():
    return read_register(ROOT / "data")


@pytest.fixture(scope="module")
def names(register):
    """The name of each figure, by its id."""
    kinds = register.records.items()
    catalogue = Catalogue(
        {
            kind: {one: record.model_dump() for one, record in of.items()}
            for kind, of in kinds
        }
    )
    wholes = {row["id"]: write_whole(row) for row in register.figures}
    return {
        row["id"]: name_counted(
            row | {"whole": wholes.get(row["denominator"])}, catalogue
        )
        for row in register.figures
    }


def test_figures_are_called_what_they_count(names):
    assert {one: names[one] for one in NAMES} == NAMES


def test_a_printed_list_is_one_series(register):
    rows = {row["id"]: row for row in register.figures}
    for name, ids in LISTS.items():
        listed = [rows[one] for one in ids.split()]
        series = {(row["indicator"], row["counting_unit"]) for row in listed}
        assert len(series) == 1, (name, series)


def test_reviews_found_unreasonable_are_among_those_completed(register):
    rows = {row["id"]: row for row in register.figures}
    assert {one: rows[one]["part_of"] for one in REVIEWS} == {
        one: [whole] for one, whole in REVIEWS.items()
    }
    overturned = [
        row
        for row in register.figures
        if row["source"] == "complaint-review-outcomes-by-force"
        and (row["indicator"], row["statistic"]) == ("reviews_overturned", "count")
    ]
    assert len(overturned) > 40
    assert all(row["part_of"] for row in overturned)


def test_no_name_has_a_heading_a_code_a_year_or_a_place(register, names):
    areas = {row["id"]: row["area"] for row in register.figures}
    places = {
        code.label
        for one, code in register.records["code"].items()
        if one.startswith("area/")
    } - {"Not stated"}
    assert len({*names.values()}) > 1_000
    assert [
        name
        for name in {*names.values()}
        if NO_NAME.search(name) or name != " ".join(name.split())
    ] == []
    alone = {name for one, name in names.items() if areas[one] != "several_forces"}
    assert [
        name
        for name in alone
        for place in places
        if re.search(rf"\b{re.escape(place)}\b", name)
    ] == []


MISTAKES = [
    ("mvv2m", "indicator", "no_such_thing", "there is no indicator 'no_such_thing'"),
    ("z2xrx", "indicator", "", "which indicator?"),
    (
        "d55rq",
        "area",
        "us",
        "barred is defined in gb_eaw, so a figure of us cannot have it",
    ),
    ("zv9n6", "base", "officers", "a count has no base"),
    ("p873v", "base", "", "a change needs a base"),
    (
        "f7x58",
        "counting_unit",
        "deaths",
        "complaints has the counting_unit complaints, not deaths",
    ),
    (
        "gb26v",
        "counting_unit",
        "peple",
        "there is no counting_unit 'peple'; did you mean people?",
    ),
    (
        "bc3jn",
        "counting_unit",
        "people",
        "others of this list are counted in applications: a list has one unit",
    ),
    (
        "kv58v",
        "repeats",
        "cxqbc",
        "it repeats cxqbc, whose indicator is people_under_review",
    ),
]
"""A figure, a column, a wrong cell, and what is told."""

IN_OTHER_FILES = [
    ("indicators.csv", ",true,2,suspensions,", ",true,1,suspensions,", "complaints has this position, too"),
    ("indicators.csv", "Complaints about the police,", f"Complaints {'x' * 60},", "characters: it must fit above"),
    ("indicators.csv", ",full_time_equivalents,complaints-by-year", ",,barred-by-year",
     "barred-by-year draws no figure of complaints"),
    ("disagreements.yaml", "[p6s6r, fv89d, s8ntb, d9qr7]", "[p6s6r, s8ntb, d9qr7]", "nothing tells it from"),
]  # fmt: skip


@pytest.fixture
def data(tmp_path):
    """The register of this repository, to make mistakes in."""
    shutil.copytree(
        ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("releases")
    )
    return tmp_path / "data"


def write(data, identity, **cells):
    """Write cells of a row of a transcript."""
    for path in (data / "transcripts").glob("*.csv"):
        rows = [*csv.DictReader(path.read_text("utf-8").splitlines())]
        if found := [row for row in rows if row["id"] == identity]:
            found[0].update(cells)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


def test_mistakes_are_told_with_their_place(data):
    for identity, column, cell, _ in MISTAKES:
        write(data, identity, **{column: cell})
    for file, before, after, _ in IN_OTHER_FILES:
        text = (data / file).read_text("utf-8")
        assert before in text
        (data / file).write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(RegisterError) as told:
        read_register(data)
    for words in [one[3] for one in (*MISTAKES, *IN_OTHER_FILES)]:
        assert words in str(told.value)


def test_a_row_without_codes_has_those_of_its_indicator(data):
    names = ("measure", "category", "counting_unit", "population", "stock_or_flow")
    write(data, "zv9n6", **dict.fromkeys(names, ""))
    row = next(one for one in read_register(data).figures if one["id"] == "zv9n6")
    assert [row[name] for name in names] == [
        "alleged",
        "any",
        "complaints",
        "workforce",
        "flow",
    ]


def test_a_new_indicator_is_one_row_and_needs_no_edit_of_others(data):
    with (data / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    new = rows[0] | {"id": "use_of_force", "name": "Uses of force", "position": "999"}
    new |= {"headline": "", "counted_otherwise": "shot_dead", "lead_chart": ""}
    new["not_to_confuse"] = "shot_dead | dismissed"
    rows.append(new)
    (data / "indicators.csv").write_bytes(encode_rows(rows[0], rows))
    records = read_register(data).records["indicator"]
    assert "use_of_force" in records["shot_dead"].counted_otherwise
    assert "use_of_force" in records["dismissed"].not_to_confuse
    new["counting_unit"] = "unstated"
    (data / "indicators.csv").write_bytes(encode_rows(rows[0], rows))
    with pytest.raises(RegisterError, match=r"indicators\.csv:\d+:\d+: name dismissed"):
        read_register(data)


def test_a_broken_list_of_indicators_blames_no_figure(data):
    file = data / "indicators.csv"
    file.write_text(
        file.read_text("utf-8").replace(",definition,", ",defintion,", 1), "utf-8"
    )
    with pytest.raises(RegisterError) as told:
        read_register(data)
    assert str(told.value).splitlines() == [
        "indicators.csv:1:3: there is no column 'defintion'; did you mean definition?",
        "indicators.csv:1:25: these columns are missing: definition",
    ]
