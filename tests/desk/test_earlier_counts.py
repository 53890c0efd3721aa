"""What an earlier edition gave for the figures of a table is kept beside them, and is no figure."""

import csv

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from misconduct_editor.tables.add import add_table
from tests.desk.editor import is_named
from tests.desk.test_table_counts import COUNTED, count

TODAY = ["21-1,sexual,proven"] * 7 + ["21-2,sexual,alleged"] * 2
TODAY += ["22-1,sexual,proven"] * 4 + ["23-1,any,proven"]
THEN = ["21-1,sexual,upheld"] * 5 + ["22-1,sexual,alleged", "20-1,sexual,upheld"]
EVERY = COUNTED | {"published": {}, "script": count(1)}
EVERY["source"] = COUNTED["source"] | {"published": "2024-01"}
EARLIER = {"earlier_count_of": "report", "counted": "2022-07"}
EARLIER |= {"script": count(1, {"upheld": "proven"})}


def turn_to(editor, name, cases, **keys):
    """Turn the editor to a table, and write its file with cases."""
    editor.document = editor.document.with_name(f"{name}.csv")
    editor.layout = editor.data / f"tables/{name}.yaml"
    editor.document.write_text("\n".join(["case_id,kind,finding", *cases]))
    editor.describe(**EVERY | keys)


def add(editor):
    return add_table(editor.data, editor.document, None, editor.layout.stem)


def add_both(editor, today=TODAY, then=THEN, of_then=EARLIER, **keys):
    """Add the newest edition and then an earlier one, and return what comes of that."""
    turn_to(editor, "report", today, **keys)
    assert add(editor).mistakes == []
    turn_to(editor, "then", then, **keys | of_then)
    return add(editor)


def read_counts(editor):
    with (editor.data / "earlier-counts/report.csv").open() as file:
        return [*csv.DictReader(file)]


def counts(editor, *names):
    """Return the earlier counts by what their figures are today."""
    figures = {row["id"]: row for row in read_register(editor.data).figures}
    rows = read_counts(editor)
    assert {(row["day"], row["source"]) for row in rows} == {("2022-07", "then")}
    return {
        tuple(figures[row["figure"]][name] for name in names): row["number"]
        for row in rows
    }


def test_earlier_counts_are_found_by_codes_and_year_and_are_no_figures(editor):
    outcome = add_both(editor)
    assert outcome.mistakes == []
    # “upheld” is proven here; of 2022 nothing was proven yet, and 2023 was to come
    found = {("2021", "proven"): "5", ("2021", "alleged"): "0", ("2022", "proven"): "0"}
    assert counts(editor, "period", "measure") == found
    assert outcome.sections["Earlier counts"] == [
        "3 figures of report as counted in 2022-07, 2 of them 0",
        "no figure today: E23000032, sexual … alleged, 2022: 1",
        "for years that report does not have: 1 numbers",
    ]
    assert "then" not in {row["source"] for row in read_register(editor.data).figures}
    assert editor.verify() == []


def test_earlier_counts_from_the_same_edition_are_replaced(editor):
    add_both(editor)
    turn_to(editor, "then", [*THEN, "21-3,sexual,upheld"], **EARLIER)
    assert add(editor).mistakes == []
    assert counts(editor, "period", "measure")["2021", "proven"] == "6"


def test_of_two_figures_with_the_same_codes_the_one_with_the_same_words_is_found(
    editor,
):
    """The earlier edition writes “Sexual” and “Rape”, the newest “sexual” and “rape”."""
    today = [*TODAY, *["21-8,rape,proven"] * 4]
    then = [*["21-1,Sexual,proven"] * 5, *["21-8,Rape,proven"] * 3]
    earlier = EARLIER | {"words": {"Rape": "sexual"}}
    outcome = add_both(editor, today, then, earlier, words={"rape": "sexual"})
    assert outcome.mistakes == []
    found = counts(editor, "counted")
    assert (found["sexual … proven",], found["rape … proven",]) == ("5", "3")


def test_a_number_goes_to_the_figure_with_its_own_words_before_one_with_the_same_codes(
    editor,
):
    """Of two kinds with one code, each keeps its number, also if a new kind comes first in the file."""
    kind = {"*": {"category": "sexual", "fit": "narrower"}}
    columns = COUNTED["columns"] | {"kind": {"is": "category", "words": kind}}
    then = ["21-9,a new kind,proven"] * 7 + ["21-1,groping,proven"]
    outcome = add_both(editor, ["21-1,groping,proven"] * 3, then, columns=columns)
    assert counts(editor, "period", "measure") == {("2021", "proven"): "1"}
    told = "no figure today: E23000032, a new kind … proven, 2021: 7"
    assert told in outcome.sections["Earlier counts"]


def test_a_kind_that_came_in_later_was_not_zero_before(editor):
    """The earlier edition had no such word at all, so it says nothing of it."""
    outcome = add_both(
        editor, [*TODAY, "21-5,any,proven"], [*THEN, "21-6,sexual,alleged"]
    )
    found = {("2021", "proven"): "5", ("2021", "alleged"): "1", ("2022", "proven"): "0"}
    assert counts(editor, "period", "measure") == found
    first = "3 figures of report as counted in 2022-07, 1 of them 0"
    assert outcome.sections["Earlier counts"][0] == first


def test_an_earlier_count_needs_its_day_its_table_and_codes_of_its_figures(editor):
    undated = add_both(editor, of_then={"earlier_count_of": "report"})
    assert is_named(undated.mistakes, "tables/then.yaml:1:1", "counted: YYYY-MM")
    turn_to(editor, "then", THEN, **EARLIER | {"earlier_count_of": "reports"})
    with pytest.raises(RegisterError, match="the table reports has no figures"):
        add(editor)
    people = {"figure": COUNTED["figure"] | {"counting_unit": "people"}}
    people |= {"sure": {"allegations as people": "so it seems"}}
    turn_to(editor, "then", ["21-1,sexual,proven"], **EARLIER | people)
    told = r"for a figure of report\.\nno figure today: .*2021: 1"
    with pytest.raises(RegisterError, match=told):
        add(editor)
    assert not (editor.data / "earlier-counts").exists()


def test_check_and_verify_name_an_earlier_count_that_is_wrong(editor):
    add_both(editor)
    path = editor.data / "earlier-counts/report.csv"
    text = path.read_text()
    path.write_text(text.replace(",5,", ",6,"))
    [line] = editor.verify()
    assert line.startswith("earlier-counts/report.csv:1:1: it has 6 for ")
    assert "the document gives 5" in line
    path.write_text("figure,day,number,source\nbbbbb,2023,1,then\n")
    with pytest.raises(RegisterError, match=r"report\.csv:2:1: .* no figure 'bbbbb'"):
        read_register(editor.data)
