"""Which form rows of the table have, and which rows a picture draws."""

import pytest

from misconduct.pictures.beside import pick_sizes, pick_totals
from misconduct.pictures.slots import make_slots
from tests.charts import numbers_of

MET, GMP, KENT, CITY = "E23000001", "E23000005", "E23000032", "E23000034"
SCOTLAND = "gb_sct"
NATIONS = ("gb_eaw", "gb_sct", "gb_nir")
NEW_YORK = {"kind": ("use of force", "abuse of authority", "discourtesy")}


@pytest.mark.parametrize(
    ("indicator", "areas", "year", "form", "number"),
    [
        ("restricted_on_a_day", ["E23000013"], None, "number", 1),
        ("suspended_on_a_day", [MET], None, "table", 3),  # a record sets two apart
        ("suspended_on_a_day", ["ie"], None, "table", 10),
        ("restricted_on_a_day", [MET], None, "table", 3),
        (
            "officer_allegations_upheld",
            ["us_ny_new_york"],
            None,
            "bars",
            4,
        ),  # lines cross
        ("barred", ["E12000007", MET], None, "table", 2),  # a region and its force
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


@pytest.mark.parametrize(
    ("areas", "year", "form", "drawn"),
    [
        (["gb_eaw"], 2023, "table", ("5,594", "151,538")),  # of which they are few
        (["E23000013"], 2024, "table", ("1,526", "3,187")),
        ([MET], 2024, "bars", ()),  # which are all
    ],
)
def test_kinds_that_are_not_all_say_how_many_of_how_many(
    register, areas, year, form, drawn
):
    rows = register.find("allegations", areas, year, by_kind=True, statistic="count")
    drawing = register.compose(rows)
    assert drawing.form == form
    said = numbers_of(" ".join(drawing.notes))
    assert {*drawn} <= said
    assert bool(drawn) or drawing.whole["shown"] not in said


def test_a_total_is_never_a_bar_beside_its_kinds(register):
    for indicator in register.rows:
        for area in {row["area_code"] for row in register.rows[indicator]}:
            rows = register.find(indicator, [area], by_kind=True)
            choice = register.choose(rows)
            if choice and choice.form == "bars":
                held = {row["id"] for row in choice.rows}
                wholes = {
                    whole
                    for row in choice.rows
                    for whole in (row["part_of"] or "").split()
                }
                assert held.isdisjoint(wholes), (indicator, area)


@pytest.mark.parametrize(
    ("indicator", "names"),
    [
        ("in_post", ("Officers, staff and volunteers", "Officers, headcount")),
        ("full_time_equivalents", ("Officers, counted as full-time posts",)),
        ("suspended_on_a_day", ("Officers suspended from duty",)),
    ],
)
def test_people_are_never_cut_out_of_a_list_of_people(register, indicator, names):
    rows = register.find(indicator)
    drawing = register.compose(rows)
    for row in drawing.rows:
        label = f"{drawing.title} {drawing.names[row['id']]}".lower()
        for name in names:
            if row["name"].startswith(name):
                assert name.lower() in label


@pytest.mark.parametrize(
    ("areas", "totals"), [(["gb_nir"], ("21", "55")), (["ca_on"], ()), ([KENT], ())]
)
def test_a_part_names_the_totals_that_are_held(register, areas, totals):
    rows = register.find("suspended_on_a_day", areas)
    held = register.rows["suspended_on_a_day"]
    of_all = [row for row in held if row["area_code"] in areas]
    drawing = register.compose(rows, totals=pick_totals(of_all, rows[0]))
    assert {*totals} <= numbers_of(" ".join([*drawing.notes, drawing.subtitle]))


def test_a_number_that_another_source_disputes_says_so(register):
    for areas, other in ((["gb_eaw"], "127"), (["gb_nir"], "34")):
        indicator = "dismissed" if other == "127" else "suspended_on_a_day"
        drawing = register.compose(register.find(indicator, areas))
        assert other in numbers_of(" ".join(drawing.notes))


def test_of_too_many_rows_the_largest_are_drawn_and_the_title_counts_all(register):
    rows = register.find("complaints", [], 2010, statistic="count")
    rows = [row for row in rows if row["area_code"].startswith("in_")]
    drawing = register.compose(rows)
    places = {row["area_code"] for row in rows}
    assert len(drawing.rows) < len(places)
    assert f"{len(places)}" in numbers_of(drawing.title)
    values = [row["value"] for row in drawing.rows]
    assert values == sorted((row["value"] for row in rows), reverse=True)[: len(values)]


def test_sizes_of_forces_are_of_one_day_near_the_number(register):
    sizes = register.rows["full_time_equivalents"]
    first = register.find("allegations", [MET], 2024)[0]
    days = {row["period_end"] for row in pick_sizes(sizes, first).values()}
    assert len(days) == 1
    assert abs((days.pop() - first["period_end"]).days) <= 366
    early = first | {"period_end": first["period_end"].replace(year=1990)}
    assert not pick_sizes(sizes, early)


@pytest.mark.parametrize(
    ("indicator", "areas", "label"),
    [
        ("suspended_on_a_day", ["ie"], "Dec 2024"),  # printed without a day
        ("full_time_equivalents", [MET], "Sep 2015"),
    ],
)
def test_times_are_named_as_they_are_printed(register, indicator, areas, label):
    slots = make_slots(register.find(indicator, areas))
    labels = [slot.label for slot in slots]
    assert label in labels or any(name.endswith(label) for name in labels)
    for slot in slots:
        if slot.row and slot.label.split()[0].isdigit() and " " in slot.label:
            assert slot.row["time"].startswith(slot.label.split()[0])


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
