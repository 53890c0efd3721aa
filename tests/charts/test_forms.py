"""Which form rows of the table have, and which rows a picture draws."""

import csv
from pathlib import Path

import pytest

from misconduct.pictures.beside import pick_sizes
from misconduct.pictures.form import arrange
from misconduct.pictures.slots import make_slots
from tests.charts import numbers_of

MET, GMP, KENT, CITY = "E23000001", "E23000005", "E23000032", "E23000034"
FORMS = Path(__file__).with_name("forms.csv")


def read_cases():
    with FORMS.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: " ".join(case.values()))
def test_the_form_follows_from_the_rows(register, case):
    rows = register.find(
        case["indicator"],
        case["areas"].split(),
        int(case["year"]) if case["year"] else None,
        by_kind=bool(case["by_kind"]),
    )
    choice = register.choose(rows)
    drawn, beside = int(case["drawn"]), int(case["beside"])
    if not case["form"]:
        assert rows
        assert choice is None
        return
    assert (choice.form, len(choice.rows)) == (case["form"], drawn)
    assert len(choice.beside) == beside
    drawing = register.compose(rows)
    words = " ".join(words for _, words in drawing.absent)
    assert all(row["shown"] in words for row in choice.beside)


def test_nothing_is_drawn_of_nothing(register):
    assert register.choose([]) is None


def test_a_series_across_a_break_is_one_row_of_columns(register):
    rows = register.find_broken()
    assert {0, 1} <= {row["stretch"] for row in rows}
    choice = register.choose(rows)
    assert choice.form == "columns"
    assert choice.rows[0]["stretch"] > 0


def test_every_row_of_a_default_table_is_drawn_or_counted_and_no_bar_has_its_parts(
    register,
):
    """Of each indicator and place, also by kind, and of each indicator."""
    for indicator in register.rows:
        places = {row["area_code"] for row in register.find(indicator)}
        asked = [((), False), *(([place], False) for place in places)]
        asked += [([place], True) for place in places]
        for areas, by_kind in asked:
            rows = register.find(indicator, areas, by_kind=by_kind)
            where = indicator, areas, by_kind
            drawing = register.compose(rows)
            if not drawing:
                continue
            left = len(rows) - len(drawing.ids)
            assert {*drawing.ids} <= {row["id"] for row in rows}
            assert (f"{left:,} more" in " ".join(drawing.notes)) is (left > 0), where
            bars = drawing.rows if drawing.form == "bars" else []
            held = {row["id"] for row in bars}
            for row in bars:
                assert held.isdisjoint((row["part_of"] or "").split()), where


def test_kinds_are_drawn_with_their_whole_in_words(register):
    rows = register.find("allegations", [MET], 2024, by_kind=True, statistic="count")
    drawing = register.compose(rows)
    assert drawing.whole["kind"] == "all"
    assert drawing.whole["shown"] in drawing.subtitle
    assert drawing.whole["shown"] not in numbers_of(" ".join(drawing.notes))
    numbers = [row["value"] for row in drawing.rows]
    assert numbers[:-1] == sorted(numbers[:-1], reverse=True)
    assert "other" in drawing.rows[-1]["kind"].lower()
    rows = register.find(
        "allegations", ["E23000010"], 2020, by_kind=True, statistic="count"
    )
    notes = " ".join(register.compose(rows).notes)
    assert {"3,182", "4,909"} <= numbers_of(notes)  # which are not all


@pytest.mark.parametrize(
    ("indicator", "areas", "other"),
    [("dismissed", ["gb_eaw"], "127"), ("suspended_on_a_day", ["gb_nir"], "34")],
)
def test_a_number_that_another_source_disputes_says_so(
    register, indicator, areas, other
):
    drawing = register.compose(register.find(indicator, areas))
    assert other in numbers_of(" ".join(drawing.notes))


def test_sizes_of_forces_are_of_one_day_near_the_number(register):
    sizes = register.rows["full_time_equivalents"]
    first = register.find("allegations", [MET], 2024)[0]
    days = {row["period_end"] for row in pick_sizes(sizes, first).values()}
    assert len(days) == 1
    assert abs((days.pop() - first["period_end"]).days) <= 366
    early = first | {"period_end": first["period_end"].replace(year=1990)}
    assert not pick_sizes(sizes, early)


def test_forces_stand_in_the_order_of_their_sizes(register):
    rows = register.find("allegations", [KENT, GMP, MET], 2024)
    sizes = {
        row["area_code"]: row
        for row in register.find("full_time_equivalents", year=2025, total=1)
    }
    drawing = register.compose(rows, against=sizes)
    order = [sizes[row["area_code"]]["value"] for row in drawing.rows]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize(
    ("indicator", "areas", "label"),
    [
        ("suspended_on_a_day", ["ie"], "Dec 2024"),  # printed without a day
        ("full_time_equivalents", [MET], "Sep 2015"),
    ],
)
def test_times_are_named_as_they_are_printed(register, indicator, areas, label):
    labels = [slot.label for slot in make_slots(register.find(indicator, areas))]
    assert any(name.endswith(label) for name in labels)


@pytest.mark.parametrize(
    ("wish", "form"),
    [("columns", "columns"), ("table", "table"), ("lines", "lines"), (None, "table")],
)
def test_an_editor_gets_all_rows_in_the_form_that_was_written(register, wish, form):
    rows = register.find("complaints", ["gb_eaw"])
    choice = arrange(rows, wish)
    assert choice.form == form
    assert {row["id"] for row in choice.rows} == {row["id"] for row in rows}


def test_rows_that_do_not_fit_an_editor_s_form_are_a_table(register):
    undated = [row for row in register.rows["dismissed"] if not row["period_end"]]
    assert arrange(undated[:2], "columns").form == "table"
    assert arrange([], "columns") is None
