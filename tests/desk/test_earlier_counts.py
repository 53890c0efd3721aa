"""What an earlier edition gave for the figures of a table is kept beside them, and is no figure."""

import csv

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from misconduct_editor.tables.add import add_table
from tests.desk.editor import is_named
from tests.desk.test_table_counts import COUNTED, count

TODAY = (
    ["21-1,sexual,proven"] * 7
    + ["21-2,sexual,alleged"] * 2
    + ["22-1,sexual,proven"] * 4
    + ["23-1,any,proven"]
)
THEN = ["21-1,sexual,upheld"] * 5 + ["22-1,sexual,alleged", "20-1,sexual,upheld"]
EARLIER = {
    "earlier_count_of": "report",
    "counted": "2022-07",
    "script": count(1, {"upheld": "proven"}),
}
EVERY = COUNTED | {"published": {}, "script": count(1)}


@pytest.fixture
def both(editor):
    """An editor whose table is in the register, with its file and an earlier one beside it."""
    editor.document = editor.document.with_suffix(".csv")
    keys = EVERY
    keys["source"] = COUNTED["source"] | {"published": "2024-01"}
    write(editor, TODAY)
    editor.describe(**keys)
    assert editor.run().mistakes == []
    editor.document, editor.layout = (
        editor.document.with_name("then.csv"),
        editor.data / "tables/then.yaml",
    )
    write(editor, THEN)
    editor.describe(**keys | EARLIER)
    return editor


def write(editor, cases):
    editor.document.write_text("\n".join(["case_id,kind,finding", *cases]))


def add(editor):
    return add_table(editor.data, editor.document, None, "then")


def counts(editor):
    """Return the earlier counts by what their figures are today."""
    figures = {row["id"]: row for row in read_register(editor.data).figures}
    with (editor.data / "earlier-counts/report.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert {(row["day"], row["source"]) for row in rows} == {("2022-07", "then")}
    return {
        (figures[row["figure"]]["period"], figures[row["figure"]]["measure"]): row[
            "number"
        ]
        for row in rows
    }


def test_earlier_counts_are_found_by_codes_and_year_and_are_no_figures(both):
    figures = both.data / "observations/report.csv"
    before = figures.read_bytes()
    outcome = add(both)
    assert outcome.mistakes == []
    # “upheld” is proven here; of 2022 nothing was proven yet, and 2023 was to come
    assert counts(both) == {
        ("2021", "proven"): "5",
        ("2021", "alleged"): "0",
        ("2022", "proven"): "0",
    }
    assert outcome.sections["Earlier counts"] == [
        "3 figures of report as counted in 2022-07, 2 of them 0",
        "no figure today: E23000032, sexual … alleged, 2022: 1",
        "for years that report does not have: 1 numbers",
    ]
    assert figures.read_bytes() == before
    assert both.verify() == []


def test_earlier_counts_from_the_same_edition_are_replaced(both):
    add(both)
    write(both, [*THEN, "21-3,sexual,upheld"])
    both.describe(**EVERY | EARLIER)
    assert add(both).mistakes == []
    assert counts(both)["2021", "proven"] == "6"


def test_of_two_figures_with_the_same_codes_the_one_with_the_same_words_is_found_in_capitals_too(
    both,
):
    """The earlier edition writes “Sexual” and “Rape”, the newest “sexual” and “rape”."""
    keys = EVERY | {"words": {"rape": "sexual"}}
    keys["source"] = COUNTED["source"] | {"published": "2024-01"}
    then = both.document, both.layout
    both.document, both.layout = (
        both.document.with_name("report.csv"),
        both.data / "tables/report.yaml",
    )
    write(both, [*TODAY, *["21-8,rape,proven"] * 4])
    both.describe(**keys)
    assert both.run().mistakes == []
    both.document, both.layout = then
    write(both, [*["21-1,Sexual,proven"] * 5, *["21-8,Rape,proven"] * 3])
    both.describe(**keys | EARLIER | {"words": {"Rape": "sexual"}})
    assert add(both).mistakes == []
    today = {row["id"]: row["counted"] for row in read_register(both.data).figures}
    with (both.data / "earlier-counts/report.csv").open() as file:
        found = {
            today[row["figure"]]: row["number"]
            for row in csv.DictReader(file)
            if row["number"] != "0"
        }
    assert found == {"sexual … proven": "5", "rape … proven": "3"}


def test_an_earlier_count_needs_its_day_and_its_table(both):
    both.describe(**COUNTED | {"published": {}, "earlier_count_of": "report"})
    assert is_named(add(both).mistakes, "tables/then.yaml:1:1", "counted: YYYY-MM")
    both.describe(**EVERY | EARLIER | {"earlier_count_of": "reports"})
    with pytest.raises(RegisterError, match="the table reports has no figures"):
        add(both)


def test_earlier_counts_of_figures_that_are_not_there_are_told(both):
    (both.data / "earlier-counts").mkdir()
    (both.data / "earlier-counts/report.csv").write_text(
        "figure,day,number,source\nbbbbb,2023,1,then\n"
    )
    with pytest.raises(
        RegisterError,
        match=r"earlier-counts/report\.csv:2:1: there is no figure 'bbbbb'",
    ):
        read_register(both.data)


def test_a_number_goes_to_the_figure_with_its_own_words_before_one_with_the_same_codes(
    both,
):
    """Of two kinds with one code, each keeps its number, also if a new kind comes first in the file."""
    words = {
        "kind": {
            "is": "category",
            "words": {"*": {"category": "sexual", "fit": "narrower"}},
        }
    }
    keys = EVERY | {"columns": COUNTED["columns"] | words}
    keys["source"] = COUNTED["source"] | {"published": "2024-01"}
    both.document, both.layout = (
        both.document.with_name("report.csv"),
        both.data / "tables/report.yaml",
    )
    write(both, ["21-1,groping,proven"] * 3)
    both.describe(**keys)
    assert both.run().mistakes == []
    both.document, both.layout = (
        both.document.with_name("then.csv"),
        both.data / "tables/then.yaml",
    )
    write(both, ["21-9,a new kind,proven"] * 7 + ["21-1,groping,proven"])
    both.describe(**keys | EARLIER)
    outcome = add(both)
    assert counts(both) == {("2021", "proven"): "1"}
    assert (
        "no figure today: E23000032, a new kind … proven, 2021: 7"
        in outcome.sections["Earlier counts"]
    )


def test_an_edition_with_other_codes_writes_nothing(both):
    write(both, ["21-1,sexual,proven"])
    keys = EVERY | EARLIER
    keys |= {"sure": {"allegations as people": "so it seems"}}
    both.describe(**keys | {"figure": COUNTED["figure"] | {"counting_unit": "people"}})
    with pytest.raises(
        RegisterError, match=r"for a figure of report\.\nno figure today: .*2021: 1"
    ):
        add(both)
    assert not (both.data / "earlier-counts/report.csv").exists()


def test_verify_names_an_earlier_count_that_the_document_does_not_give(both):
    add(both)
    path = both.data / "earlier-counts/report.csv"
    path.write_text(path.read_text().replace(",5,", ",6,"))
    [line] = both.verify()
    assert line.startswith("earlier-counts/report.csv:1:1: it has 6 for ")
    assert "the document gives 5" in line


def test_a_kind_that_came_in_later_was_not_zero_before(both):
    """The earlier edition had no such word at all, so it says nothing of it."""
    both.document, both.layout = (
        both.document.with_name("report.csv"),
        both.data / "tables/report.yaml",
    )
    write(both, [*TODAY, "21-5,any,proven"])
    keys = EVERY
    keys["source"] = COUNTED["source"] | {"published": "2024-01"}
    both.describe(**keys)
    assert both.run().mistakes == []
    both.document, both.layout = (
        both.document.with_name("then.csv"),
        both.data / "tables/then.yaml",
    )
    write(both, [*THEN, "21-6,sexual,alleged"])
    both.describe(**keys | EARLIER)
    outcome = add(both)
    assert counts(both) == {
        ("2021", "proven"): "5",
        ("2021", "alleged"): "1",
        ("2022", "proven"): "0",
    }
    assert (
        outcome.sections["Earlier counts"][0]
        == "3 figures of report as counted in 2022-07, 1 of them 0"
    )
