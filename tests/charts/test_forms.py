"""Which form rows of the table have, and which rows a picture draws."""

import pytest

MET, GMP, KENT, CITY = "E23000001", "E23000005", "E23000032", "E23000034"
SCOTLAND = "gb_sct"
NATIONS = ("gb_eaw", "gb_sct", "gb_nir")
NEW_YORK = {"kind": ("use of force", "abuse of authority", "discourtesy")}


@pytest.mark.parametrize(
    ("indicator", "areas", "year", "form", "number"),
    [
        ("restricted_on_a_day", ["E23000013"], None, "number", 1),
        ("suspended_on_a_day", [MET], None, "number", 3),  # three days of one year
        ("complaints", ["gb_eaw"], None, "columns", 5),
        ("deaths_in_custody", ["gb_eaw"], None, "columns", 16),
        ("suspended_in_period", ["ie"], None, "columns", 9),  # the last a part
        ("full_time_equivalents", [MET, GMP, KENT], None, "lines", 21),
        ("allegations", [MET, GMP, KENT], 2024, "bars", 3),
        ("complaints", NATIONS, None, "table", 3),  # of scales that differ
        ("suspended_on_a_day", (), None, "table", 12),
        ("watchdog_referrals", [SCOTLAND], None, "number", 3),  # of eleven years
        ("acquitted", ["in_ar"], None, "number", 10),  # all of them zero
        ("allegations_cleared", ["hk"], None, "table", 2),  # half of six years
        ("other_deaths", [KENT, "gb_eaw"], None, "table", 2),  # a place and its part
        ("deaths_in_custody", [MET, GMP, KENT], 2019, "bars", 3),
        ("penalties", ["us_il_chicago"], None, "table", 7),  # kinds of several years
        ("officer_allegations_pending", ["us_il_chicago"], None, "bars", 11),
    ],
)
def test_the_form_follows_from_the_rows(register, indicator, areas, year, form, number):
    choice = register.choose(register.find(indicator, areas, year))
    assert (choice.form, len(choice.rows)) == (form, number)


def test_nothing_is_drawn_of_nothing(register):
    assert register.choose([]) is None


def test_a_series_across_a_break_is_one_row_of_columns(register):
    rows = [
        row
        for row in register.rows["complaints"]
        if (row["area_code"], row["kind"], row["statistic"])
        == ("gb_eaw", "all", "count")
    ]
    assert {row["stretch"] for row in rows} == {0, 1}
    choice = register.choose(rows)
    assert choice.form == "columns"
    assert choice.rows[0]["stretch"] == 1


def test_a_total_is_told_beside_the_bars_of_its_kinds(register):
    rows = register.find("allegations", [MET], 2024, by_kind=True, statistic="count")
    drawing = register.compose(rows)
    assert drawing.form == "bars"
    assert drawing.whole["kind"] == "all"
    assert drawing.whole["shown"] in drawing.subtitle
    numbers = [row["value"] for row in drawing.rows]
    assert numbers[:-1] == sorted(numbers[:-1], reverse=True)
    assert "other" in drawing.rows[-1]["kind"].lower()
    assert {row["id"] for row in rows} == {*drawing.ids}


def test_a_place_that_counts_something_else_is_told_in_words_and_has_no_bar(register):
    rows = register.find("allegations", [MET, GMP, KENT, CITY], 2024)
    drawing = register.compose(rows)
    assert [row["area_code"] for row in drawing.beside] == [CITY]
    assert CITY not in {row["area_code"] for row in drawing.rows}
    assert drawing.beside[0]["shown"] in drawing.notes[0]
    assert {row["id"] for row in rows} == {*drawing.ids}


def test_an_editor_gets_all_rows_and_a_form_that_fits(register):
    rows = register.find("complaints", NATIONS)
    assert len(register.choose(rows, has_all=True).rows) == len(rows)
    five = register.find("complaints", ["gb_eaw"])
    assert register.choose(five, wish="table").form == "table"
    assert register.choose(five, wish="bars").form == "columns"  # of several years


def test_forces_stand_in_the_order_of_their_sizes(register):
    rows = register.find("allegations", [KENT, GMP, MET], 2024)
    sizes = {
        row["area_code"]: row
        for row in register.find("full_time_equivalents", year=2025, total=1)
    }
    drawing = register.compose(rows, against=sizes)
    order = [sizes[row["area_code"]]["value"] for row in drawing.rows]
    assert order == sorted(order, reverse=True)


def test_every_row_of_a_default_table_is_drawn_or_counted(register):
    """Of each indicator and place, and of each indicator."""
    for indicator in register.rows:
        places = {row["area_code"] for row in register.find(indicator)}
        for areas in ((), *([area] for area in places)):
            rows = register.find(indicator, areas)
            if not rows:
                continue
            drawing = register.compose(rows)
            left = len(rows) - len(drawing.ids)
            assert {*drawing.ids} <= {row["id"] for row in rows}
            said = f"{left:,} more" in " ".join(drawing.notes)
            assert said is (left > 0), (indicator, areas)
