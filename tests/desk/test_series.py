"""Which figure stands for a cell, which series leads, what the default table shows: a case that each rule decides.

Each case of `tables/series.yaml` is the figures of one area, a to f, and what was typed by hand: all cases are chosen
together, twice, with their figures in two orders.
"""

from dataclasses import dataclass
from functools import cached_property

import pytest

from misconduct.model.figure import write_cell
from misconduct_editor.series.choose import choose
from misconduct_editor.series.report import find_moved, say_section
from tests.desk.cases import TABLES, read_cases
from tests.desk.chosen import make_release

CAVEATS = {
    "in_part": {"short": "Read in part."},
    "rare": {"short": "A rare note."},
    "no_lead": {"short": "Not alone.", "no_lead": True},
    "apart": {"short": "Not to be ranked.", "no_ranking": True},
    "reply": {"short": "The force says otherwise.", "reply_by": "force"},
    "no_words": {"text": "Long."},
    "headline": {
        "doubts": "value",
        "doubt": "no_evidence",
        "text": "T",
        "short": "In a headline.",
    },
    "slip": {
        "doubts": "value",
        "doubt": "probable_slip",
        "text": "T",
        "print_instead": "15",
    },
}


@dataclass(frozen=True)
class Case:
    """The figures of one area by letter, and the letters of what is expected."""

    name: str
    figures: dict
    led: str = ""
    wrong: str = ""
    doubts: str = "value"
    disagree: str = ""
    points: str | None = None
    others: dict | None = None
    lead: str | None = None
    default: str | None = None
    cells: dict | None = None

    @cached_property
    def area(self):
        return self.name.replace(" ", "_")

    def named(self, letters):
        return [f"{self.area}.{letter}" for letter in letters]

    def write(self):
        """Return the figures, with their ids in place of letters."""
        found = {}
        for letter, cells in self.figures.items():
            more = {"area": self.area} | cells
            for name in ("repeats", "part_of", "denominator"):
                if name in more:
                    more[name] = " ".join(self.named(more[name]))
            found[f"{self.area}.{letter}"] = more
        return found


CASES = [
    Case(name, **case) for name, case in read_cases(TABLES / "series.yaml").items()
]


def collect(cases):
    """Return the figures of all cases, and their records."""
    figures, disagreements, corrections = {}, {}, {}
    for case in cases:
        figures |= case.write()
        if case.led or case.disagree:
            members = case.named(case.disagree or case.figures)
            led = {"leads": case.named(case.led)} if case.led else {}
            led |= {"outcome": {"disputed": members}, "explanation": "Two counts."}
            disagreements[case.area] = {"members": members} | led
        if case.wrong:
            about = {"affects": case.named(case.wrong), "doubts": case.doubts}
            about["explanation"] = "Misprinted."
            name = "error" if case.area == "first_doubt" else f"{case.area}-error"
            corrections[name] = about
    records = {"disagreement": disagreements, "correction": corrections}
    return figures, records | {"caveat": CAVEATS}


@pytest.fixture(scope="module", params=["as written", "turned round"])
def choice(request):
    figures, records = collect(CASES)
    if request.param == "turned round":
        figures = dict(reversed(figures.items()))
    return choose(make_release(figures, records))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_decides(choice, case):
    rows = {row["id"]: row for row in choice.table if row["area_code"] == case.area}
    others = {
        row["id"]: row["why"]
        for row in choice.others
        if row["id"].startswith(f"{case.area}.")
    }
    if case.points is not None:
        assert sorted(rows) == case.named(case.points)
    if case.others is not None:
        assert others == dict(
            zip(case.named(case.others), case.others.values(), strict=True)
        )
    if case.lead is not None:
        led = sorted(one for one, row in rows.items() if row["lead"])
        assert led == case.named(case.lead)
    if case.default is not None:
        shown = [one for one, row in rows.items() if row["default"]]
        assert shown == case.named(case.default)
    for letter, cells in (case.cells or {}).items():
        row = rows[f"{case.area}.{letter}"]
        for name, cell in cells.items():
            is_letters = cell and name in ("part_of", "part_of_period", "repeats")
            expected = " ".join(case.named(cell)) if is_letters else cell
            assert (name, row[name]) == (name, expected)


def test_each_figure_is_a_point_or_a_named_other(choice):
    figures, _ = collect(CASES)
    found = [row["id"] for row in choice.table]
    found += [row["id"] for row in choice.others]
    assert sorted(found) == sorted(figures)


def test_what_an_editor_must_settle_is_named(choice):
    found = sorted((mistake.rule, mistake.figures) for mistake in choice.mistakes)
    assert found == [
        ("no_lead", ["no_leader.b"]),
        ("unexplained", ["unexplained.b", "unexplained.a"]),
    ]


GAPS = {
    "k1": {"value": 1, "period": "2018"},
    "k2": {"value": 2, "period": "2021"},
    "k3": {"value": 7, "period": "2019", "counting_unit": "cases"},
    "k4": {"value": 8, "period": "2019", "category": "force"},
}


def test_a_gap_is_a_year_of_a_leading_series_with_what_is_held_otherwise():
    found = choose(make_release(GAPS)).gaps
    assert found == [
        {"indicator": "complaints", "area": "kent", "year": 2019,
         "held": "7, counted as cases"},
        {"indicator": "complaints", "area": "kent", "year": 2020, "held": None},
    ]  # fmt: skip


def test_a_row_cites_its_release_and_numbers_keep_their_digits():
    (row,) = choose(make_release({"k1": {"value": "6.50"}}, number="6.1.0")).table
    assert row["cite_as"] == "/figures/k1?release=6.1.0"
    assert str(row["value"]) == "6.50"
    assert (row["value_low"], row["year"], row["latest"]) == (None, 2022, 1)


def test_bounds_are_what_the_words_allow():
    cells = {"value": 1000, "qualifier": "more_than", "hedge": "more than"}
    (row,) = choose(make_release({"k1": cells})).table
    assert (row["value_low"], row["value_high"]) == (1001, None)
    assert row["shown"] == "more than 1,000"


WRONG = read_cases(TABLES / "series_wrong.yaml")


@pytest.mark.parametrize("rule", WRONG)
def test_what_must_not_be_is_named(rule):
    case = WRONG[rule]
    release = make_release(case["figures"])
    for kind, more in case.get("records", {}).items():
        release.records.setdefault(kind, {}).update(more)
    found = choose(release).mistakes
    assert [one.figures for one in found if one.rule == rule] == case["named"]


MOVES = read_cases(TABLES / "series_moves.yaml")


@pytest.mark.parametrize("what", MOVES)
def test_leading_figures_that_moved_are_named(what):
    before, after = (
        choose(make_release(figures)).table for figures in MOVES[what].values()
    )
    assert [row[0] for row in find_moved(before, after).rows] == [what]
    assert find_moved(before, before).rows == []


def test_a_table_from_a_file_has_moved_nowhere():
    table = choose(make_release(MOVES["other series"]["before"])).table
    from_file = [
        {name: write_cell(cell) for name, cell in row.items()} for row in table
    ]
    assert find_moved(from_file, table).rows == []


def test_the_report_asks_where_a_statement_changes():
    records = {
        "source": {
            name: {"publisher": name, "published": "2024-05", "statement": statement}
            for name, statement in [("report", "statistics"), ("news", "statement")]
        }
    }
    figures = {
        "k1": {"value": 5},
        "k2": {"value": 6, "period": "2023", "source": "news"},
        "k3": {"value": 7, "period": "2021", "source": "news", "break": "Why."},
    }
    report = choose(make_release(figures, records)).report
    (section,) = (part for part in report if "statement" in part.title)
    found = [dict(zip(section.columns, row, strict=True)) for row in section.rows]
    assert [(row["id"], row["statement"], row["said"]) for row in found] == [
        ("k1", "statement → statistics", "no break said"),
        ("k2", "statistics → statement", "no break said"),
    ]
    assert "statistics → statement" in say_section(section)


@pytest.mark.parametrize("order", [("k1", "k2"), ("k2", "k1")])
def test_the_warning_of_a_disagreement_is_said_before_a_rare_caveat(order):
    """Unlike one that forbids the figure alone."""
    years = {"k1": "2022", "k2": "2023"}
    figures = {
        one: {"value": 5, "period": years[one], "caveats": "rare"} for one in order
    }
    members = {"members": [*order], "warning": "They are no rise."}
    caveats = {"rare": {"short": "Rare."}}
    records = {"disagreement": {"of-two": members}, "caveat": caveats}
    notes = {row["note"] for row in choose(make_release(figures, records)).table}
    assert notes == {"They are no rise"}
    caveats["rare"]["no_lead"] = True
    notes = {row["note"] for row in choose(make_release(figures, records)).table}
    assert notes == {"Rare"}
