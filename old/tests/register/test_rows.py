"""Rows of observations: what a valid one becomes, and how an invalid one is reported."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from misconduct.model.observation import OPEN, Observation
from misconduct.register import observations
from misconduct.register.observation_columns import COLUMNS
from misconduct.register.observations import digest_observation, digest_observations
from tests.register.reading import mistakes_of, read
from tests.registers import as_csv, complete, read_table, seal, source_text, write_register

ROW = """
    id    | year | value | printed | at           | caveats
    k7m3q | 2022 | 1492  | 1,492   | char=100,105 | rounded
"""


def test_a_row_becomes_an_observation_with_every_field(tmp_path):
    write_register(
        tmp_path / "data",
        """
        id    | period_type | period_start | period_end | duration | period_printed | period_at  | value | printed   | at         | also_at               | qualifier  | hedge  | hedge_at  | caveats       | origin
        k7m3q | window      | 2014         | 2024-05    | P10Y     | ten years      | char=10,19 | 0.02  | one in 50 | char=40,49 | char=80,89 char=90,99 | just_under | nearly | char=0,6  | rounded early | letter
        """.replace("value | printed", "value | unit       | printed").replace("0.02  |", "0.02  | proportion |"),
    )  # fmt: skip
    found = read(tmp_path / "data")
    assert found.mistakes == []
    assert found.observations == [
        Observation(
            id="k7m3q", version=1, source="paper", measure="accused", statistic="count", category="any_misconduct",
            area="E23000001", population="officers", counting_unit="people", period_type="window",
            period_start="2014", period_end="2024-05", duration="P10Y", period_printed="ten years", period_at="char=10,19",
            period_from=date(2014, 1, 1), period_until=date(2024, 5, 31), year=None, year_basis=None,
            value=Decimal("0.02"), value_low=None, value_high=Decimal("0.02"), value_absent=None, unit="proportion", qualifier="just_under",
            hedge="nearly", hedge_at="char=0,6", printed="one in 50", at="char=40,49",
            also_at=["char=80,89", "char=90,99"], obs_status="A", stated_by="force", origin="letter",
            caveats=["rounded", "early"], derivation=None, sha256=found.observations[0].sha256, added_in=1, ended_in=OPEN,
        )
    ]  # fmt: skip


def test_the_columns_of_the_file_are_the_fields_of_an_observation_in_their_order():
    computed = {
        *("source", "sha256", "added_in", "ended_in"),
        *("period_from", "period_until", "year", "year_basis", "value_low", "value_high"),
    }
    assert [field for field in Observation._fields if field not in computed] == list(COLUMNS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "accused"}, "is not an observation's id"),
        ({"id": "2bcdf"}, "is not an observation's id"),
        ({"version": "01"}, "'01' is not a version"),
        ({"version": "2"}, "k7m3q@2 is here, but no release has k7m3q@1"),
        ({"measure": "acused"}, "there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?"),
        ({"measure": " accused"}, "did you mean accused?"),
        ({"area": ""}, "area is empty"),
        ({"origin": "papr"}, "there is no source 'papr'; an id of sources/; did you mean paper?"),
        ({"caveats": "rounded  rounded"}, "'rounded  rounded' has several spaces in a row; single spaces"),
        ({"caveats": "rounded rounded"}, "a caveat appears twice"),
        ({"caveats": "ronded"}, "there is no caveat 'ronded'; an id of caveats.yaml; did you mean rounded?"),
        ({"period_start": "20I4"}, ": '20I4' is not a date; YYYY, YYYY-MM or YYYY-MM-DD"),
        ({"period_start": "2022-13"}, ": '2022-13' is not a date; month must be in 1..12"),
        ({"period_start": "0202"}, "'0202' is outside the years of police forces; 1800 to 2099"),
        ({"period_type": "window", "period_end": "9999"}, "'9999' is outside the years of police forces; 1800 to 2099"),
        ({"period_start": ""}, "a year has a start of the form YYYY or YYYY-MM and no end"),
        ({"period_start": "2022-05-01"}, "a year has a start of the form YYYY or YYYY-MM and no end"),
        ({"period_end": "2023"}, "a year has a start of the form YYYY or YYYY-MM and no end"),
        ({"period_type": "window", "period_end": "2021"}, "the period ends (2021) before it starts (2022)"),
        ({"period_type": "point", "period_end": "2023"}, "a point in time has no end"),
        ({"period_type": "unstated"}, "an unstated period has neither start nor end"),
        ({"duration": "10 years"}, "'10 years' is not a duration"),
        ({"period_printed": "in 2022"}, "'in 2022' without its place"),
        ({"period_at": "char=0,7"}, "char=0,7 without the words there"),
        ({"value": ""}, "neither value nor value_absent"),
        ({"value_absent": "withheld"}, "value is 1492 and value_absent withheld"),
        ({"value": "", "value_absent": "magnitude_only"}, "'1,492' states a number"),
        ({"value": "1493"}, "value is 1493, but '1,492' says 1492 (count)"),
        ({"value": "1_492"}, "'1_492' is not a plain number"),
        ({"value": "1492e0"}, "is not a plain number"),
        ({"value": "1e999"}, "is not a plain number"),
        ({"value": " 1492"}, "is not a plain number"),
        ({"value": "+1492"}, "is not a plain number"),
        ({"value": "01492"}, "is not a plain number"),
        ({"value": "1492."}, "is not a plain number"),
        ({"value": "NaN"}, "is not a plain number"),
        ({"value": "Infinity"}, "is not a plain number"),
        ({"value": "١٤٩٢"}, "is not a plain number"),
        ({"value": "9" * 4000}, "is not a plain number"),
        ({"value": "9007199254740993"}, "9007199254740993 is a number that programs read as 9007199254740992; at most 15 digits"),
        ({"value": "0.1234567890123456789"}, "is not a plain number"),
        ({"value": "123456789012345678.123456789012"}, "is a number that programs read as 123456789012345680"),
        ({"unit": "percent", "printed": "one in 50", "at": "char=0,9"}, "value is 1492, but 'one in 50' says 2 (percent)"),
        ({"printed": "1492%", "at": "char=0,5"}, "'1492%' is a percent, not a count"),
        ({"printed": "some", "at": "char=0,4"}, "'some' states no number that can be read; 1,492 · 0.02"),
        ({"printed": "1,492 ", "at": "char=0,6"}, "'1,492 ' has white space around it; '1,492'"),
        ({"printed": ""}, "printed is empty"),
        ({"qualifier": "about"}, "the qualifier is about, but no hedge says so"),
        ({"hedge": "nearly", "hedge_at": "char=0,6"}, "the qualifier is exact, but the hedge is 'nearly'"),
        ({"qualifier": "about", "hedge": "some"}, "'some' without its place"),
        ({"at": "char=100,106"}, "char=100,106 is 6 characters long, '1,492' is 5"),
        ({"at": "100-105"}, "'100-105' is not a place: char=START,END in a text, cell=ROW,COLUMN in a table"),
        ({"at": "char=105,100"}, "char=105,100 is empty"),
        ({"also_at": "char=0,4"}, "char=0,4 is 4 characters long"),
        ({"also_at": "char=100,105"}, "a place of 'char=100,105' is given twice"),
        ({"also_at": "char=0,5 char=0,5"}, "is given twice"),
        ({"also_at": "char=0,5  char=5,10"}, "'' is not a place"),
    ],
)  # fmt: skip
def test_an_invalid_row_is_refused_with_the_reason(tmp_path, changes, expected):
    row = complete(read_table(ROW)[0], 0) | changes
    write_register(tmp_path / "data", ROW, **{"observations/paper.csv": as_csv(COLUMNS, [row])})
    found = mistakes_of(tmp_path / "data")
    assert any(expected in mistake for mistake in found), found
    assert all(mistake.startswith("data/observations/paper.csv:2:") for mistake in found)


@pytest.mark.parametrize(
    "value", ["0.1", "999999999999999", "9007199254740992", "0.000000000001", "100000000000000000"]
)
def test_a_value_that_every_program_reads_as_printed_is_taken(tmp_path, value):
    write_register(tmp_path / "data", f"value | printed\n {value} | {value}")
    assert mistakes_of(tmp_path / "data") == []


def test_all_mistakes_of_all_rows_are_reported_at_once_with_their_columns(tmp_path):
    write_register(tmp_path / "data", "category | value | printed\n other | 5 | five\n other | 6 | six")
    path = tmp_path / "data" / "observations" / "paper.csv"
    path.write_text(path.read_text().replace("accused", "acused").replace(",6,", ",7,"))
    assert mistakes_of(tmp_path / "data") == [
        "data/observations/paper.csv:2:9: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?",
        "data/observations/paper.csv:3:9: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?",
        "data/observations/paper.csv:3:68: value is 7, but 'six' says 6 (count)",
    ]  # fmt: skip


def test_the_column_of_a_mistake_counts_quoted_commas_and_line_breaks(tmp_path):
    write_register(tmp_path / "data", "period_printed | period_at | value | unit\n PERIOD | char=50,59 | 5 | cuont")
    path = tmp_path / "data" / "observations" / "paper.csv"
    path.write_text(path.read_text().replace("PERIOD", '"a, b,\n""c"""').replace("char=50,59", "char=50,58"))
    assert mistakes_of(tmp_path / "data") == [
        "data/observations/paper.csv:3:8: char=50,58 is 8 characters long, 'a, b,\\n\"c\"' is 9; a place as long as the words",
        "data/observations/paper.csv:3:24: there is no unit 'cuont'; an id of codelists/unit.csv; did you mean count?",
    ]


def test_an_id_and_version_is_unique_in_the_register(tmp_path):
    write_register(tmp_path / "data", "id | source | value\n k7m3q | letter | 5\n k7m3q | paper | 5")
    assert mistakes_of(tmp_path / "data") == [
        (
            "data/observations/paper.csv:2:1: k7m3q in this version is already in data/observations/letter.csv:2; "
            "each id and version once"
        )
    ]


def test_a_fraction_that_never_ends_is_given_with_four_decimals_at_least(tmp_path):
    table = "printed | unit | value\n one in 3 | proportion | 0.3333\n a third | percent | 33.33333\n two thirds | proportion | 0.667"
    write_register(tmp_path / "data", table)
    assert mistakes_of(tmp_path / "data") == [
        "data/observations/paper.csv:4:78: value is 0.667, but 'two thirds' says 0.666666666667 (proportion)"
    ]


def test_a_fall_may_be_printed_without_its_sign(tmp_path):
    write_register(
        tmp_path / "data",
        "statistic | unit | value | printed\n change | percent | -5 | 5%\n change | percent | -5 | −5%",
    )
    assert mistakes_of(tmp_path / "data") == []


def test_a_missing_list_is_reported_once_and_not_for_each_row(tmp_path):
    write_register(tmp_path / "data", "value\n 5\n 6")
    (tmp_path / "data" / "codelists" / "population.csv").unlink()
    assert mistakes_of(tmp_path / "data") == [
        "data/codelists/population.csv:0:0: there are no codes of the list population"
    ]


DATED = {"sources/paper.yaml": source_text("paper", published="2023-04")}


@pytest.mark.parametrize(
    ("period_type", "start", "end", "duration", "printed", "expected"),
    [
        ("year", "2021", "", "", "in 2022", ": the period is 2021, and its printed words say 2022: 'in 2022'; dates that include it"),
        ("year", "2021-04", "", "", "2020-21", "the period is 2021/22, and its printed words say 2020"),
        ("year", "2019-04", "", "", "2020/21", ": the period is 2019/20, and its printed words say 2021: '2020/21'; dates that include it"),
        ("year", "2019-04", "", "", "2020 – 21", "the period is 2019/20, and its printed words say 2021"),
        ("year", "1998-07", "", "", "1999/00", "the period is 1998/99, and its printed words say 2000"),
        ("window", "2019-04", "2020-03", "", "2020-21", "the period is 2019-04–2020-03, and its printed words say 2021"),
        ("year", "2010-04", "", "", "2011-12", "the period is 2010/11, and its printed words say 2012"),
        ("window", "2014", "2020", "", "between 2014 and 2022", "the period is 2014–2020, and its printed words say 2022"),
        ("window", "2018", "", "", "since 2017", "the period is since 2018, and its printed words say 2017"),
        ("window", "", "", "P10Y", "two years", ": the duration is P10Y, and the printed words are 'two years'; the duration that they state"),
        ("window", "", "", "P9Y", "past decade", "the duration is P9Y"),
        ("window", "", "", "P3M", "the last four months", "the duration is P3M"),
        ("window", "2023-05", "2023-06", "", "", ": the period begins 2023-05, and its source was published 2023-04; a period that had begun by then"),
        ("year", "2024", "", "", "2024", "the period begins 2024, and its source was published 2023-04"),
    ],
)  # fmt: skip
def test_a_draft_whose_period_contradicts_its_words_or_its_source_is_refused(
    tmp_path, period_type, start, end, duration, printed, expected
):
    write_register(tmp_path / "data", period_row(period_type, start, end, duration, printed), **DATED)
    (mistake,) = mistakes_of(tmp_path / "data")
    assert mistake.startswith("data/observations/paper.csv:2:")
    assert expected in mistake


@pytest.mark.parametrize(
    ("period_type", "start", "end", "duration", "printed"),
    [
        ("year", "2021-04", "", "", "the year to March 2022"),
        ("year", "2021", "", "", "2021/22"),
        ("year", "2021-04", "", "", "2021/22"),
        ("year", "1999-04", "", "", "1999–00"),
        ("window", "2022-04", "2022-09", "", "2022/23"),
        ("window", "2014", "2020", "", "2014/15 to 2020/21"),
        ("window", "2011-12", "2011-12", "", "2011-12"),
        ("window", "2009-10", "2011-12", "", "2009/10/05 to 2011-12-31"),
        ("window", "2012", "2022", "P10Y", "ten years between 2012 and 2022"),
        ("window", "", "", "P10Y", "past decade"),
        ("window", "", "", "P10Y", "the last 10 years"),
        ("window", "", "", "P10Y", "10 year period"),
        ("window", "", "", "P1Y6M", "18 months"),
        ("window", "", "", "P1Y6M", "one year and six months"),
        ("window", "", "", "P21Y", "twenty-one years"),
        ("window", "", "", "P2W", "14 days"),
        ("window", "", "", "P1Y", "the past year"),
        ("window", "2018", "", "", "since 2018, in 2,000 days"),
        ("point", "2023-04", "", "", "in April 2023"),
        ("point", "", "", "", "by 2024"),
    ],
)
def test_a_draft_whose_period_agrees_with_its_words_and_its_source_is_taken(
    tmp_path, period_type, start, end, duration, printed
):
    write_register(tmp_path / "data", period_row(period_type, start, end, duration, printed), **DATED)
    assert mistakes_of(tmp_path / "data") == []


@pytest.mark.parametrize(
    ("statistic", "printed", "value", "found"),
    [
        ("count", "1.204", "1204", None),
        ("count", "1\u202f204", "1204", None),
        ("count", "1.204", "1205", "value is 1205, but '1.204' says 1.204 (count)"),
        ("count", "1.20", "120", "value is 120, but '1.20' says 1.2 (count)"),
        ("count", "3,5", "3.5", "'3,5' states no number that can be read"),
        ("count", "1,204", "1.204", "value is 1.204, but '1,204' says 1204 (count)"),
        ("rate", "3,5", "3.5", None),
        ("rate", "1.204,5", "1204.5", None),
        ("rate", "1.204", "1204", "value is 1204, but '1.204' says 1.204 (count)"),
        ("rate", "3,512", "3.512", "value is 3.512, but '3,512' says 3512 (count)"),
    ],
)
def test_a_number_may_be_printed_in_the_format_of_another_country(tmp_path, statistic, printed, value, found):
    """A count is whole, so that its point parts thousands. What is a number in English is read as that."""
    root = write_register(tmp_path / "data", f"statistic | printed | value\n {statistic} | {printed} | {value}")
    mistakes = mistakes_of(root)
    assert [one.partition(": ")[2].partition(";")[0] for one in mistakes] == ([found] if found else [])


@pytest.mark.parametrize(
    ("qualifier", "hedge", "said"),
    [
        ("just_under", "About", "about"),
        ("about", "nearly", "just_under"),
        ("at_least", "more than", "more_than"),
        ("about", "At least", "at_least"),
        ("more_than", "up to", "at_most"),
        ("at_most", "fewer than", "less_than"),
    ],
)
def test_a_hedge_that_says_another_qualifier_is_refused_in_drafts(tmp_path, monkeypatch, qualifier, hedge, said):
    table = f"qualifier | hedge | hedge_at | value\n {qualifier} | {hedge} | char=100,{100 + len(hedge)} | 5"
    with monkeypatch.context() as before:
        before.setattr("misconduct.register.observations.DRAFT_RULES", ())
        seal(write_register(tmp_path / "data", table))
    assert mistakes_of(tmp_path / "data") == []
    write_register(tmp_path / "draft", table)
    [mistake] = mistakes_of(tmp_path / "draft")
    assert mistake.endswith(f"the qualifier is {qualifier}, and {hedge!r} says {said}; {said}")
    write_register(tmp_path / "other", table.replace(hedge, "x" * len(hedge)))  # other words may say anything
    assert mistakes_of(tmp_path / "other") == []


@pytest.mark.parametrize(
    ("unit", "value", "whole"),
    [("percent", "-5", 100), ("percent", "100.5", 100), ("proportion", "1204", 1), ("per_thousand", "1001", 1000)],
)
def test_a_share_that_is_no_part_of_a_whole_is_refused_in_drafts(tmp_path, monkeypatch, unit, value, whole):
    table = f"statistic | unit | value\n share | {unit} | {value}"
    with monkeypatch.context() as before:
        before.setattr("misconduct.register.observations.DRAFT_RULES", ())
        seal(write_register(tmp_path / "data", table))
    assert mistakes_of(tmp_path / "data") == []
    [mistake] = mistakes_of(write_register(tmp_path / "draft", table))
    assert mistake.endswith(f": a share of {value} ({unit}); 0 to {whole}; or another statistic")
    assert mistakes_of(write_register(tmp_path / "other", table.replace("share", "change"))) == []


def period_row(period_type: str, start: str, end: str, duration: str, printed: str) -> str:
    columns = "period_type | period_start | period_end | duration | period_printed | value"
    return f"{columns}\n {period_type} | {start} | {end} | {duration} | {printed} | 5"


CONTRADICTORY = """
    period_type | period_start | duration | period_printed | value
    year        | 2024         |          | in 2022        | 5
    window      |              | P10Y     | two years      | 6
"""


def test_all_that_is_wrong_with_the_periods_of_drafts_is_reported_at_once(tmp_path):
    write_register(tmp_path / "data", CONTRADICTORY, **DATED)
    found = [mistake.partition(": ")[2].partition(",")[0] for mistake in mistakes_of(tmp_path / "data")]
    assert found == ["the period begins 2024", "the period is 2024", "the duration is P10Y"]


def test_released_rows_are_not_held_to_younger_rules(tmp_path, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr("misconduct.register.observations.DRAFT_RULES", ())
        seal(write_register(tmp_path / "data", CONTRADICTORY, **DATED))
    assert mistakes_of(tmp_path / "data") == []
    assert len(read(tmp_path / "data").observations) == 2


def test_an_invalid_period_is_reported_once(tmp_path):
    write_register(tmp_path / "data", period_row("window", "2022", "2021", "", "in 2020"), **DATED)
    assert len(mistakes_of(tmp_path / "data")) == 1


@pytest.mark.parametrize(
    ("published", "retrieved", "found"),
    [
        ("2024-05-03", "2024-05-02", 1),
        ("2024-05-03", "2024-05-03", 0),
        ("2024-05-03", "2024-05", 0),
        ("2024-05", "2024-05-01", 0),
        ("2024", "1999", 1),
    ],
)
def test_a_copy_is_taken_after_the_source_was_published(tmp_path, published, retrieved, found):
    """What was released before the rule stays as it is."""
    source = source_text("paper", published=published, retrieved=retrieved)
    data = write_register(tmp_path / "data", "value\n 5", **{"sources/paper.yaml": source})
    mistakes = mistakes_of(data)
    assert len(mistakes) == found
    expected = f"retrieved {retrieved}, before it was published ({published}); the day on which this copy was taken"
    assert all(expected in mistake for mistake in mistakes), mistakes


def test_a_released_source_may_have_a_copy_from_before_it_was_published(tmp_path, monkeypatch):
    source = source_text("paper", published="2024", retrieved="1999")
    data = write_register(tmp_path / "data", "value\n 5", **{"sources/paper.yaml": source})
    with monkeypatch.context() as older:
        older.setattr("misconduct.register.reader.check_retrieved", lambda *_: None)
        seal(data, "1.0.0")
    assert mistakes_of(data) == []


def longer_than_a_block(tmp_path):
    """A register with more rows than are read at once; the last but 100 has a hedge of two words."""
    rows = [f"{number} | |" for number in range(2_400)]
    rows[2_298] = "2298 | just_under | two lines"
    root = write_register(tmp_path / "data", "\n".join(["value | qualifier | hedge", *rows]))
    paper = root / "observations/paper.csv"
    assert len(paper.read_bytes()) > 256_000
    return paper


@pytest.mark.parametrize(
    ("part", "instead", "told"),
    [
        (",any_misconduct,", ",any_misconduc,", "2300:23: there is no category 'any_misconduc'"),
        (",any_misconduct,", ",", "2300:1: this row has "),
        (",any_misconduct,", ',"any"misconduct,', "2300:1: this row cannot be read as CSV"),
        (",any_misconduct,", ",any_\x07misconduct,", "2300:27: there is a control character (U+0007)"),
        (",any_misconduct,", ",any_\r\nmisconduct,", "2300:27: there is a carriage return here"),
    ],
)
def test_what_is_wrong_far_into_a_file_has_its_place(tmp_path, part, instead, told):
    paper = longer_than_a_block(tmp_path)
    lines = paper.read_text().splitlines(keepends=True)
    assert part in lines[2_299]
    lines[2_299] = lines[2_299].replace(part, instead)
    paper.write_text("".join(lines), newline="")
    found = mistakes_of(tmp_path / "data")
    assert any(mistake.startswith(f"data/observations/paper.csv:{told}") for mistake in found), found
    assert all(mistake.startswith("data/observations/paper.csv:230") for mistake in found), found


def test_a_row_of_several_lines_far_into_a_file_is_a_row(tmp_path):
    paper = longer_than_a_block(tmp_path)
    text = paper.read_text().replace(",two lines,", ',"two\nlines",')
    paper.write_text(text, newline="")
    found = read(tmp_path / "data")
    assert found.mistakes == []
    assert [(o.value, o.hedge) for o in found.observations if o.hedge] == [(2298, "two\nlines")]
    assert len(found.observations) == 2_400


def test_many_rows_are_hashed_as_one_is():
    rows = [complete(row, 0) for row in read_table("id | value | caveats\n k7m3q | 1492 | early rounded\n k7m3r | 7 |")]
    cells = [tuple(row.get(column, "") for column in COLUMNS) for row in rows]
    columns = dict(zip(COLUMNS, zip(*cells, strict=True), strict=True))
    assert digest_observations(columns, "letter") == [digest_observation(one, "letter") for one in cells]


def test_a_row_and_its_caveats_are_limited_because_an_answer_has_a_thousand(tmp_path, monkeypatch):
    many = [f"note_{n}" for n in range(21)]
    write_register(tmp_path, f"caveats\n{' '.join(many[:20])}")
    assert mistakes_of(tmp_path) == []
    write_register(tmp_path, f"caveats\n{' '.join(many)}")
    [told] = mistakes_of(tmp_path)
    assert told.endswith("there are 21 caveats; at most 20")
    monkeypatch.setattr(observations, "LONGEST_ROW", 400)
    write_register(tmp_path, f"also_at\n{' '.join(f'char={n},{n + 2}' for n in range(10, 99))}")
    assert any("most of them in also_at; at most 400" in told for told in mistakes_of(tmp_path))
