"""Which figure stands for a cell, which series leads, what the default table shows: a case that each rule decides.

Each case is the figures of one area, a to f, and what was typed by hand: all cases are chosen together, twice, with
their figures in two orders.
"""

from dataclasses import dataclass
from functools import cached_property

import pytest

from misconduct.model.figure import write_cell
from misconduct_editor.series.choose import choose
from misconduct_editor.series.report import find_moved, say_section
from tests.desk.chosen import make_release

HIDDEN = {"value": None, "value_absent": "suppressed"}
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
    """The figures of one area by letter, and the letters of what is expected.

    `led` are figures that lead in a disagreement of all, `wrong` those that a correction doubts. Of `points`, `others`
    (why a figure is none), `lead`, `default` (in order) and `cells`, what is None is not compared.
    """

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


def pair(a, b, **expected):
    return {"figures": {"a": a, "b": b}, **expected}


def years(first, last, **cells):
    """Return a figure for each year, by letters from a."""
    return {
        chr(ord("a") + year - first): {"value": year, "period": str(year), **cells}
        for year in range(first, last + 1)
    }


CHOICE = [
    # One cell: the later keys of the rule point the other way.
    Case("editors word", **pair(HIDDEN, {"value": 5}), led="a",
         points="a", others={"b": "disagrees"}),
    Case("a number", **pair(HIDDEN, {"value": 5, "source": "news"}),
         points="b", others={"a": "no number"}),
    Case("no doubt", **pair({"value": 4}, {"value": 5, "source": "news"}), wrong="a",
         points="b", others={"a": "in doubt"}),
    Case("doubt of a name", **pair({"value": 5}, {"value": 5, "source": "news"}),
         wrong="a", doubts="name", points="a", others={"b": "same number"}),
    Case("no repetition", **pair({"value": 5, "repeats": "b"},
                                 {"value": 5, "source": "news"}),
         points="b", others={"a": "repeats it"}),
    Case("repetition rounds", **pair({"value": 500, "repeats": "b"},
                                     {"value": 512, "source": "news"}),
         points="b", others={"a": "rounds it"}),
    Case("repetition of another series",
         **pair({"value": 5, "repeats": "b"},
                {"value": 5, "source": "news", "scope": "closed"}),
         points="ab", others={}, cells={"a": {"repeats": "b"}}),
    Case("repetition of what was not chosen",
         {"a": {"value": 5, "scope": "closed", "repeats": "b"},
          "b": {"value": 5, "source": "news"}, "c": {"value": 5}},
         points="ac", others={"b": "same number"}, cells={"a": {"repeats": "c"}}),
    Case("repetition without a date",
         **pair({"value": 5}, {"value": 5, "period": None, "repeats": "a"}),
         points="a", others={"b": "repeats it"}),
    Case("most of the series",
         {"a": {"value": 5, "at": "cell=1,1"}, "b": {"value": 5, "source": "news"},
          "c": {"value": 7, "source": "news", "period": "2021"}},
         points="bc", others={"a": "same number"}),
    Case("own page", **pair({"value": 5, "source": "agency"}, {"value": 5}),
         points="b", others={"a": "same number"}),
    Case("own file", **pair({"value": 5, "source": "agency"},
                            {"value": 5, "source": "news", "at": "cell=2,3"}),
         points="b", others={"a": "same number"}),
    Case("newest edition", **pair({"value": 4}, {"value": 5, "source": "report_2"}),
         points="b", others={"a": "other edition"}),
    Case("first id", **pair({"value": 4, "measure": "alleged"},
                            {"value": 5, "measure": "suspended"}),
         points="a", others={"b": "other stage"}),
    # Why a figure was not chosen.
    Case("rounds", **pair({"value": 512}, {"value": 500, "qualifier": "about",
                                           "source": "news", "hedge": "some"}),
         points="a", others={"b": "rounds it"},
         cells={"a": {"note": "also printed: some 500 (rounds it)"}}),
    Case("other check", **pair({"value": 4, "vetting_check": "database"},
                               {"value": 5, "vetting_check": "vetting"}),
         points="a", others={"b": "other check"},
         cells={"a": {"vetting_check": "the police database"}}),
    Case("same document", **pair({"value": 4}, {"value": 5}),
         points="a", others={"b": "same document"}),
    Case("disagreement", **pair({"value": 4}, {"value": 5, "source": "news"}),
         led="b", points="b", others={"a": "disagrees"},
         cells={"b": {"doubt": "disputed", "note": "also printed: 4 (disagrees)"}}),
    Case("unexplained", **pair({"value": 4}, {"value": 5, "source": "news"}),
         points="a", others={"b": "unexplained"}),
    Case("no leader", **pair({"value": 4}, {"value": 5, "source": "news"}),
         disagree="ab", points="a", others={"b": "disagrees"}),
    Case("chain of repetitions",
         {"a": {"value": 5}, "b": {"value": 5, "repeats": "a", "source": "news"},
          "c": {"value": 5, "repeats": "b", "source": "agency"}},
         points="a", others={"b": "repeats it", "c": "repeats it"}),
    # What is a cell.
    Case("two words for a time",
         **pair({"value": 4, "period": "2022-04"},
                {"value": 5, "period": "2022-04-30"}), points="ab", others={}),
    Case("a day and now",
         **pair({"value": 5, "period": "2024-01-23", "source": "report"},
                {"value": 5, "period": "now", "source": "news"}),
         points="a", others={"b": "same number"}),
    Case("printed on two days",
         **pair({"value": 5, "period": None},
                {"value": 5, "period": None, "source": "news"}),
         points="ab", others={}),
    Case("two kinds", **pair({"value": 4, "category": "force"},
                             {"value": 5, "category": "theft"}),
         points="ab", others={}),
]  # fmt: skip
ONCE = {"value": 9, "period": "2023"}
LEAD = [
    Case("editors series", **pair({"value": 5, "scope": "closed", "leads": "Why."},
                                  ONCE), lead="a"),
    Case("number leads", **pair({"value": 5, "scope": "closed"}, ONCE | HIDDEN),
         lead="a"),
    Case("doubted series", **pair({"value": 5, "scope": "closed"}, ONCE), wrong="b",
         lead="a"),
    Case("no change", **pair({"value": 5, "scope": "closed"},
                             ONCE | {"statistic": "change", "unit": "percent"}),
         lead="a", cells={"b": {"shown": "up 9%"}}),
    Case("a fall", **pair({"value": 5, "scope": "closed"},
                          {"value": -17, "statistic": "change", "unit": "percent"}),
         lead="a", cells={"b": {"shown": "down 17%"}}),
    Case("recent", **pair({"value": 5, "scope": "closed", "period": "2022"},
                          {"value": 9, "period": "2015"}), lead="a"),
    Case("recent enough", **pair({"value": 5, "scope": "closed", "period": "2022"},
                                 {"value": 9, "period": "2016"}), lead="b"),
    Case("fewest limits", **pair({"value": 5, "counting_unit": "cases"},
                                 ONCE | {"scope": "closed"}), lead="a"),
    Case("scope before kind", **pair({"value": 5, "scope": "closed"},
                                     ONCE | {"category": "force"}), lead="a"),
    Case("usual unit", **pair({"value": 5, "population": "officers"},
                              ONCE | {"counting_unit": "cases"}), lead="a"),
    Case("a rate needs three", **pair({"value": 5, "population": "officers"},
                                      ONCE | {"statistic": "rate", "base": "100"}),
         lead="a"),
    Case("three of a rate",
         years(2021, 2023, statistic="rate", base="100 officers")
         | {"d": ONCE | {"population": "officers"}}, lead="abc"),
    Case("its people", years(2021, 2023, population="officers")
         | {"d": {"value": 5, "period": "2020"}}, lead="d"),
    Case("dated", {
        "a": {"value": 5, "period": None},
        "b": {"value": 5, "period": None, "source": "news"},
        "c": {"value": 5, "period": None, "source": "agency"},
        "d": {"value": 5, "period": "2015", "base": "x"},
        "e": {"value": 5, "statistic": "change"}}, lead="d"),
    Case("three times", years(2018, 2020) | {"d": ONCE | {"base": "later"}},
         lead="abc"),
    Case("a count", years(2018, 2020)
         | {"d": {"value": 1, "statistic": "share", "base": "x", "period": "2021"},
            "e": {"value": 1, "statistic": "share", "base": "x", "period": "2022"},
            "f": {"value": 1, "statistic": "share", "base": "x", "period": "2023"}},
         lead="abc"),
    Case("newest", **pair({"value": 5, "base": "x"}, ONCE | {"base": "y"}), lead="b"),
    Case("newest printed",
         **pair({"value": 5, "period": None, "base": "x", "source": "news"},
                {"value": 5, "period": None, "base": "y"}), lead="b"),
    Case("most times", {"a": ONCE | {"base": "x"}, "b": ONCE | {"base": "y"},
                        "c": {"value": 5, "base": "y"}}, lead="bc"),
    Case("a whole", **pair({"value": 5, "category": "force", "part_of": "b"},
                           {"value": 9, "category": "theft"}), lead="b"),
]  # fmt: skip
PARTS = {
    "a": {"value": 9, "category": "force"},
    "b": {"value": 4, "category": "force", "subcategory": "kicks", "part_of": "a"},
    "c": {"value": 7, "category": "theft"},
}
TABLE = [
    Case("a total alone", PARTS | {"d": {"value": 16}}, lead="d", default="d",
         cells={"d": {"total": 1, "kind": "all", "scope": "all", "note": None},
                "b": {"part_of": "a", "kind": "kicks", "total": 0}}),
    Case("kinds", PARTS, default="ac",
         cells={"a": {"note": "no total is held"}, "b": {"note": None}}),
    Case("parts", {"a": {"value": 5, "scope": "open"}, "b": {"value": 6, "scope": "shut"},
                   "c": {"value": 2, "scope": "late", "part_of": "a"},
                   "d": {"value": 3, "scope": "shut", "category": "force"}},
         default="ab", cells={"a": {"note": "no total is held"}}),
    Case("an earlier total", {"a": {"value": 5, "scope": "open", "period": "2023"},
                              "b": {"value": 6, "period": "2010"}},
         lead="a", default="a",
         cells={"a": {"note": "a total is held only of another time"}}),
    Case("kind not stated", {"a": {"value": 5, "category": "unstated"}}, default="a",
         cells={"a": {"kind": "not stated", "total": 0}}),
    Case("one kind of indicator", {"a": {"value": 50, "indicator": "trust",
                                         "category": "not_applicable",
                                         "population": "staff",
                                         "counting_unit": "people"}}, default="a",
         cells={"a": {"kind": "all", "total": 1, "topic": None, "scale": None}}),
    Case("kinds of one scope", {
        "a": {"value": 5, "category": "force", "scope": "open"},
        "b": {"value": 4, "category": "theft", "scope": "open"},
        "c": {"value": 3, "category": "theft", "scope": "shut"}}, default="ab"),
    Case("a part of a repetition", {
        "a": {"value": 9, "category": "force"},
        "b": {"value": 9, "category": "force", "scope": "open", "repeats": "a"},
        "c": {"value": 4, "category": "theft", "part_of": "b"}}, default="a"),
    # Times of a series.
    Case("a year before days", {
        "a": {"value": 1, "period": "2021"}, "b": {"value": 2, "period": "2022-01-31"},
        "c": {"value": 3, "period": "2022-03-31"}}, default="a"),
    Case("most years", years(2020, 2021)
         | {"c": {"value": 1, "period": "2022-04/2023-03"}}, default="ab"),
    Case("a day before no date", {
        "a": {"value": 1, "period": "2022-01-31"}, "b": {"value": 2, "period": None},
        "c": {"value": 3, "period": None, "source": "news"}}, default="a"),
    Case("a day before windows", {
        "a": {"value": 1, "period": "2022-01-31"},
        "b": {"value": 2, "period": "2010/2012"},
        "c": {"value": 3, "period": "2013/2015"}}, default="a"),
    Case("newest of no date", {
        "a": {"value": 1, "period": None},
        "b": {"value": 2, "period": None, "source": "agency"}},
         cells={"a": {"latest": 0}, "b": {"latest": 1}}),
    Case("some day of a year", {
        "a": {"value": 1, "period": "2023-01-01", "stock_or_flow": "stock"},
        "b": {"value": 2, "period": "2023", "stock_or_flow": "stock"}},
         cells={"a": {"latest": 0}, "b": {"latest": 1}}),
    Case("a part after a break", years(2021, 2022)
         | {"c": {"value": 1, "period": "2023-01/2023-06", "break": "A new law."}},
         default="c", cells={"b": {"latest": 0}, "c": {"latest": 1}}),
    Case("years before days", years(2020, 2022)
         | {"d": {"value": 1, "period": "2023-03-31"}}, default="abc",
         cells={"c": {"latest": 1}, "d": {"latest": 0, "stretch": None}}),
    Case("years long over", {"a": {"value": 1, "period": "2015"},
                             "b": {"value": 2, "period": "2023-01-31"},
                             "c": {"value": 3, "period": "2023-03-31"}}, default="bc",
         cells={"c": {"latest": 1}}),
    Case("part at the end", years(2020, 2022)
         | {"d": {"value": 1, "period": "2023-01/2023-06"},
            "e": {"value": 1, "period": "2021-01/2021-06"}}, default="abcd",
         cells={"c": {"latest": 1}, "d": {"note": "a part of the year only", "latest": 0,
                                          "year": None},
                "e": {"stretch": None}}),
    Case("hidden at the end", years(2020, 2021) | {"c": HIDDEN}, default="abc",
         cells={"b": {"latest": 1},
                "c": {"latest": 0, "note": "hidden by the publisher, not zero",
                      "shown": "Hidden"}}),
    Case("all hidden", {"a": HIDDEN}, lead="a", default="a",
         cells={"a": {"latest": 0, "sentence":
                      "Complaints about the police: hidden, all_hidden, in 2022 "
                      "(Kent Police)"}}),
    Case("a break", years(2019, 2020)
         | {"c": {"value": 7, "period": "2021", "break": "A new law."},
            "d": {"value": 8, "period": "2022"}}, default="cd",
         cells={"b": {"stretch": 1, "latest": 0,
                      "note": "before a break: do not join to later numbers"},
                "c": {"stretch": 0}, "d": {"stretch": 0, "latest": 1}}),
    Case("two breaks", {"a": {"value": 1, "period": "2019"},
                        "b": {"value": 2, "period": "2020", "break": "Once."},
                        "c": {"value": 3, "period": "2021", "break": "Twice."}},
         default="c", cells={"a": {"stretch": 2}, "b": {"stretch": 1}}),
    Case("running total", {"a": {"value": 1, "period": "2016/2020"},
                           "b": {"value": 2, "period": "2016/2022"},
                           "c": {"value": 1, "period": "2010/2014"}}, default="cb",
         cells={"b": {"latest": 1}, "a": {"stretch": 0, "default": 0}}),
    Case("a day in a month", {
        "a": {"value": 201, "period": "2023-09-19", "stock_or_flow": "stock"},
        "b": {"value": 183, "period": "2023-09", "stock_or_flow": "stock"}},
         default="ba", cells={"a": {"latest": 1}, "b": {"latest": 0}}),
    # Other columns.
    Case("part of a period", {
        "a": {"value": 9, "period": "2020/2022"},
        "b": {"value": 4, "period": "2022", "part_of": "a"},
        "c": {"value": 1, "period": "2022", "scope": "open", "part_of": "b"}},
         cells={"b": {"part_of_period": "a", "part_of": None},
                "c": {"part_of": "b", "part_of_period": None}}),
    Case("part of a repetition", {
        "a": {"value": 9}, "b": {"value": 9, "repeats": "a", "source": "news"},
        "c": {"value": 4, "scope": "open", "part_of": "b", "source": "news"}},
         cells={"c": {"part_of": "a"}}),
    Case("gravest reply", {"a": {"value": 1, "caveats": "in_part no_lead apart reply"}},
         cells={"a": {"note": "The force says otherwise", "scale": None}}),
    Case("gravest alone", {"a": {"value": 1, "caveats": "in_part apart no_lead"}},
         cells={"a": {"note": "Not alone"}}),
    Case("gravest apart", {"a": {"value": 1, "caveats": "rare apart"},
                           "b": {"value": 2, "period": "2023"}},
         cells={"a": {"note": "Not to be ranked", "scale": "gb"}}),
    Case("gravest rare", {"a": {"value": 1, "caveats": "in_part rare no_words"},
                          "b": {"value": 2, "period": "2023", "caveats": "in_part"}},
         cells={"a": {"note": "A rare note",
                      "note_ids": "in_part rare no_words"}}),
    Case("no evidence", {"a": {"value": 1, "caveats": "headline"}},
         cells={"a": {"doubt": "no_evidence",
                      "note": "not to be used alone; In a headline"}}),
    Case("first doubt", {"a": {"value": 51, "caveats": "slip"}}, wrong="a",
         cells={"a": {"doubt": "publisher_error", "note_ids": "slip error",
                      "note": "the publisher’s error"}}),
    Case("by source", {"a": {"value": 3, "indicator": "suspended", "period": None,
                             "population": "officers", "counting_unit": "people",
                             "stock_or_flow": "stock"}},
         cells={"a": {"scale": "Kent Police", "topic": "suspensions", "year": 2024,
                      "sentence": "3 officers suspended from duty, by_source, printed "
                                  "May 2024 (Kent Police)"}}),
    Case("one", {"a": {"value": 1}},
         cells={"a": {"sentence": "Complaints about the police: 1, one, in 2022 "
                                  "(Kent Police)", "topic": "complaints"}}),
    Case("a rate", {"a": {"value": 4.5, "statistic": "rate", "unit": "per_thousand",
                          "base": "1,000 officers", "mark": "revised"}},
         cells={"a": {"unit": "per 1,000", "shown": "4.5",
                      "note": "revised by its publisher",
                      "sentence": "Complaints about the police, per 1,000 officers: 4.5 "
                                  "per 1,000, a_rate, in 2022 (Kent Police)"}}),
    Case("an average", {"a": {"value": 4.5, "statistic": "mean", "base": "a day"}},
         cells={"a": {"unit": "average of complaints", "statistic": "average"}}),
    Case("about", {"a": {"value": 1000, "qualifier": "about", "hedge": "some"}},
         cells={"a": {"shown": "some 1,000", "exactness": "about"}}),
]  # fmt: skip
CASES = CHOICE + LEAD + TABLE


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


WRONG = {
    "left_out": (
        {"k1": {"value": 1}, "k2": {"value": 2, "indicator": "unheard_of"}},
        {},
        [["k2"]],
    ),
    "chosen_twice": (
        # Each repeats the other, so that none was first.
        {"k1": {"value": 1, "repeats": "k2"}, "k2": {"value": 1, "repeats": "k1"}},
        {},
        [["k1"], ["k2"]],
    ),
    "six_keys": (
        # Two codes of kinds that have the same words.
        {"k1": {"value": 1, "category": "force"}, "k2": {"value": 2, "category": "blow"}},
        {"code": {"category/blow": {"label": "Use of force"}}},
        [["k1", "k2"]],
    ),
    "two_leads": (
        {"k1": {"value": 1, "leads": "Why."},
         "k2": {"value": 2, "leads": "Why not.", "scope": "open"},
         "k3": {"value": 3, "leads": "Twice.", "period": "2023", "scope": "open"},
         "k4": {"value": 3, "period": "2019"},
         "k5": {"value": 4, "period": "2019"}},
        {"disagreement": {"of-2019": {"members": ["k4", "k5"], "leads": ["k4", "k5"]}}},
        [["k1", "k2", "k3"], ["k4", "k5"]],
    ),
    "same_label": (
        {"k1": {"value": 1}},
        {"code": {"population/officers2": {"label": "officers"}}},
        [[]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", WRONG)
def test_what_must_not_be_is_named(rule):
    figures, records, expected = WRONG[rule]
    release = make_release(figures)
    for kind, more in records.items():
        release.records.setdefault(kind, {}).update(more)
    found = choose(release).mistakes
    assert [one.figures for one in found if one.rule == rule] == expected


MOVES = {
    "newer figure": ({"k1": {"value": 5}}, {"k1": {"value": 5},
                                            "k2": {"value": 6, "period": "2023"}}),
    "other figure": ({"k1": {"value": 5}}, {"k2": {"value": 6}}),
    "other series": ({"k1": {"value": 5, "scope": "open"}}, {"k2": {"value": 6}}),
    "new": ({"k1": {"value": 5}}, {"k1": {"value": 5},
                                   "k2": {"value": 6, "area": "york"}}),
    "gone": ({"k1": {"value": 5}, "k2": {"value": 6, "area": "york"}},
             {"k1": {"value": 5}}),
}  # fmt: skip


@pytest.mark.parametrize("what", MOVES)
def test_leading_figures_that_moved_are_named(what):
    before, after = (choose(make_release(figures)).table for figures in MOVES[what])
    assert [row[0] for row in find_moved(before, after).rows] == [what]
    assert find_moved(before, before).rows == []


def test_a_table_from_a_file_has_moved_nowhere():
    table = choose(make_release(MOVES["other series"][0])).table
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
