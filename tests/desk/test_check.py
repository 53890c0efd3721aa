"""Every mistake in a register is named at its place; what is right is accepted. The places were read off the files."""

import re
from pathlib import Path

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.charts import warn_of_charts
from misconduct_editor.register.check import read_register
from tests.registers import FIGURES, NEWS, REPORT, clutter, figure, write_register

ROOT = Path(__file__).parents[2]
NEWS_FILE, REPORT_FILE = f"observations/{NEWS}.csv", f"observations/{REPORT}.csv"

MORE_THAN = {
    "qualifier": "more_than",
    "hedge": "more than",
    "hedge_at": "char=5000,5009",
    "at": "char=5010,5015",
}
IN_2022 = {"period": "2022", "period_printed": "2022", "period_at": "char=6000,6004"}
NEW = (
    FIGURES["bbdjq"] | {"repeats": "", "caveats": "not_a_finding"} | MORE_THAN | IN_2022
)  # line 5 of its file
AS_DERIVED = {
    "printed": "",
    "at": "",
    "qualifier": "",
    "hedge": "",
    "hedge_at": "",
    "stated_by": "",
}
AS_SHARE = {"statistic": "share", "unit": "proportion"}
AS_RANGE = {
    "value": "",
    "value_absent": "range_only",
    "qualifier": "between",
    "hedge": "",
    "hedge_at": "",
}
EXACT = {"qualifier": "exact", "hedge": "", "hedge_at": ""}
UNDATED = {"period_printed": "", "period_at": ""}


def printed(words, **cells):
    return {"printed": words, "at": f"char=5010,{5010 + len(words)}", **cells}


def dated(words, period):
    return {
        "period": period,
        "period_printed": words,
        "period_at": f"char=6000,{6000 + len(words)}",
    }


ACCEPTED = {
    "a row like the others": {},
    "a bare number in any unit": {"unit": "percent", "statistic": "change"},
    "a per cent as a proportion": printed("7 per cent", value="0.07", **AS_SHARE),
    "one in three, rounded": printed("one in three", value="0.3333", **AS_SHARE),
    "a fall without a sign": {"value": "-1131", "statistic": "change"},
    "a million in short": printed("1.5m", value="1500000"),
    "seven tenths": printed("7/10", value="0.7", **AS_SHARE),
    "a dash for zero": printed("–", value="0"),
    "a cell of a table": {
        "at": "cell=4,3",
        "counted": "Officers accused",
        "counted_at": "",
    },
    "a decimal comma before three digits": printed(
        "0,045", value="0.045", statistic="change"
    ),
    "a decimal comma before one digit": printed(
        "12,5 per cent", value="12.5", unit="percent", statistic="share"
    ),
    "a comma in a table, for decimals": {
        "at": "cell=4,3",
        "printed": "1,234",
        "value": "1.234",
        "statistic": "change",
        "counted_at": "",
    },
    "a comma in a table, for thousands": {
        "at": "cell=4,3",
        "printed": "1,234",
        "value": "1234",
        "counted_at": "",
    },
    "a range": printed("between 5 and 10", **AS_RANGE),
    "a range with a dash": printed("5–10", **AS_RANGE),
    "a figure that was counted from a file": {
        **AS_DERIVED,
        "counted": "Officers accused",
        "counted_at": "",
    },
    "ten years, with their dates": dated("the ten years to 2022", "2012/2022"),
    "one year and six months": dated("one year and six months", "P18M"),
    "now": dated("now, after 10 years", "now"),
    "the month of publication": {"period": "2023-01", **UNDATED},
    "the year of publication, in a text": {"period": "2023", **UNDATED},
    "an unfinished year in a table": {
        "period": "2023",
        "mark": "provisional",
        "at": "cell=4,3",
        "hedge_at": "cell=4,3",
        "counted_at": "",
        **UNDATED,
    },
    "a mark of the program": {"mark": "provisional"},
}

REFUSED = {
    "value not printed": ({"value": "1132"}, "value", "1131"),
    "unknown number of a place": (
        {"area": "E23000009"},
        "area",
        "there is no area 'E23000009'; it is one of E23000001; if",
    ),
    "a count with decimals": (
        printed("12.5", value="12.5"),
        "value",
        "'12.5' is not a count",
    ),
    "a count that may be thousands": (
        printed("1.204", value="1.204"),
        "value",
        "if it means 1,204, write that",
    ),
    "a negative count": (printed("-5", value="-5"), "value", "'-5' is not a count"),
    "a share in counts": ({"statistic": "share"}, "unit", "a share is not in count"),
    "a count in per cent": (
        printed("12%", value="12", unit="percent"),
        "unit",
        "a count is not in percent",
    ),
    "unknown measure": ({"measure": "aleged"}, "measure", "did you mean alleged?"),
    "former code of a measure": (
        {"measure": "acused"},
        "measure",
        "did you mean alleged?",
    ),
    "two measures": ({"measure": "alleged proven"}, "measure", "alleged proven"),
    "population in capitals": (
        {"population": "OFFICERS"},
        "population",
        "did you mean officers?",
    ),
    "unknown caveat": (
        {"caveats": "not_a_findings"},
        "caveats",
        "did you mean not_a_finding?",
    ),
    "unknown origin": (
        {"origin": "force-report"},
        "origin",
        "did you mean force-report-2022?",
    ),
    "hedge without qualifier": ({"qualifier": "exact"}, "qualifier", "more_than"),
    "qualifier without hedge": (
        {"hedge": "", "hedge_at": ""},
        "qualifier",
        "needs a hedge",
    ),
    "unfounded hedge": (
        {"qualifier": "exact", "hedge": "sadly", "hedge_at": "char=1,6"},
        "qualifier",
        "sadly",
    ),
    "other qualifier": ({"qualifier": "about"}, "qualifier", "more_than"),
    "opposite of a hedge": (
        {"hedge": "No  less than", "hedge_at": "char=1,14", "qualifier": "less_than"},
        "qualifier",
        "says at_least",
    ),
    "hedge after the number": (
        {"hedge": "or more", "hedge_at": "char=5016,5023", "qualifier": "at_most"},
        "qualifier",
        "says at_least",
    ),
    "place too short": (
        {"at": "char=5010,5014"},
        "at",
        "'1,131' is 5; `misconduct draft DOCUMENT` lists",
    ),
    "bad place": ({"at": "char=5010"}, "at", "char=START,END"),
    "half a place": (
        {"period_at": ""},
        "period_at",
        "no place; `misconduct draft DOCUMENT --source ID` fills in",
    ),
    "hedge without its place": (
        {"hedge_at": ""},
        "hedge_at",
        "no place; `misconduct draft",
    ),
    "place of a hedge too long": (
        {"hedge_at": "char=1,11"},
        "hedge_at",
        "is 9; empty the cell; `misconduct draft",
    ),
    "place without words": ({"period_printed": ""}, "period_at", "no words"),
    "a day as spreadsheets show it": (
        {"period": "01/05/2022"},
        "period",
        "shows a day: write it as 2023-05-01",
    ),
    "year not printed": ({"period": "2021"}, "period", "2022"),
    "year without a date": ({"period": "now"}, "period", "2022"),
    "after publication": ({"period": "2025", **UNDATED}, "period", "2023-01"),
    "ends after publication, in a table": (
        {
            "period": "2023",
            "at": "cell=4,3",
            "counted_at": "",
            "hedge_at": "cell=4,3",
            **UNDATED,
        },
        "period",
        "unfinished",
    ),
    "in the month after publication": (
        {"period": "2023-02", **UNDATED},
        "period",
        "2023-01",
    ),
    "years with a slash": (
        {"period": "2022/23", **UNDATED},
        "period",
        "such as 2022-04/2023-03",
    ),
    "bad date": ({"period": "2022-13"}, "period", "2022-13"),
    "bad number": ({"value": "1,131"}, "value", "plain number"),
    "neither value nor reason": ({"value": ""}, "value", "give a value, or say"),
    "a decimal comma for thousands": (
        printed("0,045", value="45"),
        "value",
        "says 0.045",
    ),
    "thousands for a decimal comma": (
        printed("1,234", value="1.234"),
        "value",
        "says 1234",
    ),
    "a reason beside a decimal comma": (
        printed("0,045", value="", value_absent="not_stated"),
        "value",
        "states a number",
    ),
    "a part larger than its whole": (
        printed("1,132", value="1132", part_of="k7m3q", **EXACT),
        "part_of",
        "is 1131",
    ),
    "a part of other people": (
        printed("1,132", value="1132", part_of="k7m3q", population="staff", **EXACT),
        "part_of",
        "is 1131",
    ),
    "a share as a flow": (
        printed("7/10", value="0.7", stock_or_flow="flow", **AS_SHARE),
        "statistic",
        "only counts",
    ),
    "half of a vetting": (
        {"vetting_check": "unnamed"},
        "vetting_check",
        "the result is empty",
    ),
    "both value and reason": ({"value_absent": "not_stated"}, "value", "not both"),
    "a reason beside a printed number": (
        {"value": "", "value_absent": "not_stated"},
        "value",
        "states a number",
    ),
    "other unit": (printed("7 per cent", value="7"), "value", "percent"),
    "unreadable number": (printed("a few", value="3"), "value", "a few"),
    "share over its whole": (
        printed("113%", value="113", unit="percent", statistic="share"),
        "value",
        "100",
    ),
    "two mistakes in a cell": (
        printed("112%", value="113", unit="percent", statistic="share"),
        "value",
        "112",
    ),
    "one in three, cut": (
        printed("one in three", value="0.33", **AS_SHARE),
        "value",
        "0.333",
    ),
    "bad duration": ({"period": "ten years"}, "period", "ten years"),
    "counted empty": ({"counted": "", "counted_at": ""}, "counted", "empty"),
    "counted empty in a table": (
        {"at": "cell=4,3", "counted": "", "counted_at": ""},
        "counted",
        "quote in it what",
    ),
    "empty population": ({"population": ""}, "population", "empty"),
    "control character": (printed("1,131\u202e"), "printed", "U+202E"),
    "also_at twice": ({"also_at": "char=5010,5015"}, "also_at", "char=5010,5015"),
    "also_at too long": ({"also_at": "char=7000,7006"}, "also_at", "is 6"),
    "white space": ({"caveats": "not_a_finding  not_a_finding"}, "caveats", "space"),
    "caveat twice": ({"caveats": "not_a_finding not_a_finding"}, "caveats", "twice"),
    "unknown stated_by": (
        {"stated_by": "the_forse"},
        "stated_by",
        "did you mean the_force?",
    ),
    "unknown code of a short list": (
        {"stated_by": "xyz"},
        "stated_by",
        "'xyz'; it is one of the_force, the_news",
    ),
    "stated by nobody": ({"stated_by": ""}, "stated_by", "empty"),
    "derived, but stated": (
        {**AS_DERIVED, "stated_by": "the_force"},
        "stated_by",
        "nothing is printed",
    ),
    "derived, but exact": (
        {**AS_DERIVED, "qualifier": "exact"},
        "qualifier",
        "nothing is printed",
    ),
    "year 3022": ({"period": "3022", **UNDATED}, "period", "2100"),
    "year 1700": ({"period": "1700/2020", **UNDATED}, "period", "1800"),
    "same statement": (
        {"at": FIGURES["bbdjq"]["at"], "period": "", **UNDATED},
        "at",
        "line 4",
    ),
    "duration contradicts": (
        dated("the past 10 years", "P5Y"),
        "period",
        "the past 10 years",
    ),
    "duration contradicts dates": (
        dated("ten years", "2014/2019"),
        "period",
        "ten years",
    ),
    "duration that is not printed": (
        {"period": "P5Y", **UNDATED},
        "period",
        "P5Y needs its words in period_printed",
    ),
    "duration without a number": (
        dated("recent years", "P5Y"),
        "period",
        "P5Y needs its words in period_printed",
    ),
    "duration without a period": (
        dated("the past 10 years", ""),
        "period",
        "the past 10 years",
    ),
    "inexact": ({"value": "0.1234567890123456", **AS_SHARE}, "value", "15 digits"),
    "trailing space": (printed("1,131 "), "printed", "white space"),
    "leading space": (printed(" 1,131"), "printed", "white space"),
    "no range": (
        printed("between 10 and 5", **AS_RANGE),
        "printed",
        "between two numbers",
    ),
    "a reason without its qualifier": (
        AS_RANGE | printed("many", qualifier="exact"),
        "qualifier",
        "between",
    ),
    "counted without places": (
        {"counted": "officers", "counted_at": ""},
        "counted_at",
        "no place; `misconduct draft",
    ),
    "counted in other pieces": (
        {"counted": "a … b", "counted_at": "char=1,2"},
        "counted_at",
        "2, places: 1",
    ),
    "counted in six pieces": (
        {"counted": "a … b … c … d … e … f", "counted_at": "a b c d e f"},
        "counted_at",
        "at most 5",
    ),
    "counted elsewhere": (
        {"counted": "ab … c", "counted_at": "char=1,2 char=5,6"},
        "counted_at",
        "char=1,2",
    ),
    "unknown whole": (
        {"part_of": "hnmzd"},
        "part_of",
        "there is no figure 'hnmzd'; did you mean hnmzc?",
    ),
    "part of itself": ({"part_of": "bbbbb"}, "part_of", "bbbbb → bbbbb"),
    "repeats a repetition": (
        {"repeats": "bbdjq"},
        "repeats",
        "bbdjq repeats k7m3q itself: name k7m3q",
    ),
}


def mistakes_in(folder):
    """Return the lines of the error, by file, line and column."""
    with pytest.raises(RegisterError) as error:
        read_register(folder)
    found = dict(
        re.fullmatch(r"(\S+:\d+:\d+): (.+)", line).groups()
        for line in str(error.value).splitlines()
    )
    assert len(found) == str(error.value).count("\n") + 1, "two mistakes at one place"
    return found


def change(folder, file, old, new):
    before, found, after = (folder / file).read_text().partition(old)
    (folder / file).write_text(f"{before}{new}{after}" if found else "")


def test_the_register_of_this_repository_has_no_mistakes():
    register = read_register(ROOT / "data")
    assert len(register.figures) == 19_618
    assert len(register.records["disagreement"]) == 68


def test_a_register_is_read_with_all_that_is_in_it(tmp_path):
    register = read_register(write_register(tmp_path))
    figures = {row["id"]: row for row in register.figures}
    stated, magnitude = figures["k7m3q"], figures["w2rmd"]
    assert (stated["source"], str(stated["value"]), stated["mark"]) == (
        REPORT,
        "1131",
        None,
    )
    assert (magnitude["source"], magnitude["value"], magnitude["part_of"]) == (
        NEWS,
        None,
        ["hnmzc"],
    )
    source, alleged = (
        register.records["source"][REPORT],
        register.records["code"]["measure/alleged"],
    )
    assert (source.published, source.retrieved) == ("2023-01", "2023"), (
        "dates stay text"
    )
    assert alleged.words == ["accused", "complaint"]
    [others] = [table for table in register.tables if "reason" in table.columns]
    printed = [row["printed"] for row in others.rows()]
    assert (others.name, printed) == (REPORT, ["12 years"])


@pytest.mark.parametrize("cells", ACCEPTED.values(), ids=ACCEPTED)
def test_a_right_row_is_accepted(tmp_path, cells):
    assert len(read_register(write_register(tmp_path, bbbbb=NEW | cells)).figures) == 6


@pytest.mark.parametrize(("cells", "column", "word"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_row_is_refused_at_its_cell(tmp_path, cells, column, word):
    write_register(tmp_path, bbbbb=NEW | cells)
    header = (tmp_path / NEWS_FILE).read_text().partition("\n")[0].split(",")
    assert word in mistakes_in(tmp_path)[f"{NEWS_FILE}:5:{header.index(column) + 1}"]


def test_an_id_is_that_of_one_note(tmp_path):
    """A disagreement of the register has it already."""
    record = "- id: how-many\n  kind: unanswered\n  question: How many?\n"
    record += "  explanation: Nobody says.\n"
    write_register(tmp_path, {"unpublished.yaml": record})
    found = mistakes_in(tmp_path)
    assert "disagreements.yaml:1" in found["unpublished.yaml:1:3"]


def test_ids_of_figures_have_their_form_and_are_unique(tmp_path):
    write_register(tmp_path, ABC12=NEW, bbbbb=NEW | {"at": "char=7010,7015"})
    change(tmp_path, NEWS_FILE, "bbbbb", "k7m3q")
    found = mistakes_in(tmp_path)
    assert "k7m3q" in found[f"{NEWS_FILE}:5:1"], "an example of the form"
    assert f"{REPORT_FILE}:2" in found[f"{NEWS_FILE}:6:1"], "where the id is already"


BROKEN = {
    "unknown figure": (
        "disagreements.yaml",
        "members: [k7m3q, hnmzc]",
        "members: [k7m3q, hnmzd]",
        "disagreements.yaml:4:20",
        "did you mean hnmzc?",
    ),
    "misspelt key": (
        "disagreements.yaml",
        "question:",
        "qeustion:",
        "disagreements.yaml:3:3",
        "did you mean question?",
    ),
    "key twice": (
        "disagreements.yaml",
        "  question",
        "  title: X\n  question",
        "disagreements.yaml:3:3",
        "title appears twice",
    ),
    "merge conflict": (
        "caveats.yaml",
        "  text",
        "<<<<<<< HEAD\n  text",
        "caveats.yaml:2:1",
        "merge conflict",
    ),
    "syntax": (
        "datasets.yaml",
        "title: A",
        "title: [A",
        "datasets.yaml:3:14",
        "not YAML",
    ),
    "list without dashes": (
        "caveats.yaml",
        "- id",
        "  id",
        "caveats.yaml:1:1",
        "a list",
    ),
    "other licence": (
        f"sources/{NEWS}.yaml",
        "licence",
        "license",
        f"sources/{NEWS}.yaml:7:1",
        "mean licence?",
    ),
    "note gone": (
        f"sources/{NEWS}.yaml",
        "2023-01",
        "null",
        f"sources/{NEWS}.yaml:1:1",
        "null: published",
    ),
    "empty title": (
        f"sources/{NEWS}.yaml",
        "In the year 2022",
        '""',
        f"sources/{NEWS}.yaml:2:1",
        "title is empty; write",
    ),
    "retrieved before publication": (
        f"sources/{NEWS}.yaml",
        "2023-01",
        "2024-01",
        f"sources/{NEWS}.yaml:1:1",
        "retrieved on 2023, before",
    ),
    "a lead that is no member": (
        "disagreements.yaml",
        "  question",
        "  leads: [w2rmd]\n  why_leads: It is newer.\n  question",
        "disagreements.yaml:3:11",
        "w2rmd is none of the members",
    ),
    "a lead without a reason": (
        "disagreements.yaml",
        "  question",
        "  leads: [hnmzc]\n  question",
        "disagreements.yaml:1:3",
        "go together",
    ),
    "unknown statement": (
        f"sources/{NEWS}.yaml",
        "held: true",
        "held: true\nstatement: report",
        f"sources/{NEWS}.yaml:9:1",
        "'statistics'",
    ),
    "due before publication": (
        f"sources/{NEWS}.yaml",
        "held: true",
        "held: true\ndue: 2022-12",
        f"sources/{NEWS}.yaml:1:1",
        "2022-12 cannot be",
    ),
    "due, but issued once": (
        f"sources/{NEWS}.yaml",
        "held: true",
        "held: true\nissued: once\ndue: 2024-01",
        f"sources/{NEWS}.yaml:1:1",
        "2024-01 cannot be",
    ),
    "due in no month": (
        f"sources/{NEWS}.yaml",
        "held: true",
        "held: true\ndue: 2024",
        f"sources/{NEWS}.yaml:9:1",
        "due: '2024' does not have the form of 2021-10",
    ),
    "issued in another way": (
        f"sources/{NEWS}.yaml",
        "held: true",
        "held: true\nissued: monthly",
        f"sources/{NEWS}.yaml:9:1",
        "issued must be 'yearly', 'quarterly', 'once' or 'irregular'",
    ),
    "bad date": (
        f"sources/{NEWS}.yaml",
        "2023-01",
        "2023-13",
        f"sources/{NEWS}.yaml:4:1",
        "2023-13",
    ),
    "other name": (
        f"sources/{NEWS}.yaml",
        f"id: {NEWS}",
        "id: news",
        f"sources/{NEWS}.yaml:1:1",
        NEWS,
    ),
    "no form of a chart": (
        "charts.yaml",
        "title",
        "form: lst\n  title",
        "charts.yaml:2:3",
        "form must be 'number',",
    ),
    "text for a list": (
        "charts.yaml",
        "[k7m3q, hnmzc]",
        "k7m3q",
        "charts.yaml:4:3",
        "array",
    ),
    "circle of codes": (
        "codelists/category.csv",
        "any.,,",
        "any.,sexual,",
        "codelists/category.csv:2:4",
        "sexual →",
    ),
    "unknown broader": (
        "codelists/category.csv",
        ".,sexual",
        ".,sexuel",
        "codelists/category.csv:4:4",
        "mean sexual?",
    ),
    "measure without stage": (
        "codelists/measure.csv",
        ",said,",
        ",,",
        "codelists/measure.csv:2:6",
        "the measure alleged needs stage: how far",
    ),
    "measure that does not say whether it alleges": (
        "codelists/measure.csv",
        "found,true",
        "found,",
        "codelists/measure.csv:3:7",
        "the measure proven needs alleges: whether",
    ),
    "unknown stage": (
        "codelists/measure.csv",
        ",found,",
        ",fond,",
        "codelists/measure.csv:3:6",
        "mean found?",
    ),
    "code without label": (
        "codelists/unit.csv",
        "Count",
        "",
        "codelists/unit.csv:2:2",
        "label",
    ),
    "code without label, after a cell of two lines": (
        "codelists/unit.csv",
        "Count,It means count.,,\npercent,Percent",
        '"Count\n",It means count.,,\npercent,',
        "codelists/unit.csv:4:2",
        "label",
    ),
    "code twice": (
        "codelists/unit.csv",
        "percent,",
        "count,",
        "codelists/unit.csv:3:1",
        "codelists/unit.csv:2",
    ),
    "row too short": (
        "codelists/unit.csv",
        "count.,,",
        "count.,",
        "codelists/unit.csv:2:1",
        "4 cells",
    ),
    "open quote": (
        "codelists/unit.csv",
        "Percent",
        '"Percent',
        "codelists/unit.csv:3:1",
        "quotation mark",
    ),
    "unknown column": (
        NEWS_FILE,
        "counting_unit",
        "unit_of_count",
        f"{NEWS_FILE}:1:6",
        "'unit_of_count'",
    ),
    "column twice": (NEWS_FILE, "category", "measure", f"{NEWS_FILE}:1:3", "twice"),
    "no column": (
        f"not-statistics/{REPORT}.csv",
        ",note",
        "",
        f"not-statistics/{REPORT}.csv:1:4",
        "note",
    ),
    "no other source": (
        "caveats.yaml",
        "text: An",
        "text: null\n  x: An",
        "caveats.yaml:2:3",
        "text cannot be empty",
    ),
    "caveat without a short form": (
        "caveats.yaml",
        "  routine: true\n",
        "",
        "caveats.yaml:1:3",
        "either short",
    ),
    "routine caveat with a short form": (
        "caveats.yaml",
        "  routine",
        "  short: No finding.\n  routine",
        "caveats.yaml:1:3",
        "either short",
    ),
    "reply of a name": (
        "caveats.yaml",
        "  text",
        "  reply_by: The force\n  replied: 2024-05\n  text",
        "caveats.yaml:2:3",
        "it is a code of codelists/stated_by.csv",
    ),
    "reply of nobody": (
        "caveats.yaml",
        "  text",
        "  replied: 2024-05\n  text",
        "caveats.yaml:1:3",
        "reply_by, who",
    ),
    "reply without a day": (
        "caveats.yaml",
        "  text",
        "  reply_by: the_news\n  text",
        "caveats.yaml:1:3",
        "replied, when",
    ),
    "reply of an unknown body": (
        "caveats.yaml",
        "  text",
        "  reply_by: the_farce\n  replied: 2024-05\n  text",
        "caveats.yaml:2:3",
        "mean the_force?",
    ),
    "number of no figure": (
        "charts.yaml",
        "How many?",
        "How 1,132 became 1,131",
        "charts.yaml:2:3",
        "drawn is 1,132;",
    ),
    "number of an annotation that is not drawn": (
        "charts.yaml",
        "  dataset",
        "  annotation: {at: k7m3q, text: 12 of them in 2023/24}\n  dataset",
        "charts.yaml:3:27",
        "drawn is 12;",
    ),
    "annotation of a figure that is not drawn": (
        "charts.yaml",
        "  dataset",
        "  annotation: {at: w2rmd, text: hundreds}\n  dataset",
        "charts.yaml:5:3",
        "w2rmd is marked",
    ),
    "number that its figure does not have": (
        "charts.yaml",
        "  dataset",
        "  numbers: [{number: '1,132', id: k7m3q}]\n  dataset",
        "charts.yaml:3:13",
        "k7m3q is not 1,132",
    ),
    "number of a figure that is not drawn, without a reason": (
        "charts.yaml",
        "  dataset",
        "  numbers: [{number: '1,131', id: bbdjq}]\n  dataset",
        "charts.yaml:3:13",
        "say why",
    ),
    "chart of a figure that is not there": (
        "charts.yaml",
        "[k7m3q, hnmzc]",
        "[k7m3q, k7m3r]",
        "charts.yaml:4:16",
        "k7m3r",
    ),
    "day of a review that is a month": (
        "charts.yaml",
        "  dataset",
        "  review_by: 2026-11\n  dataset",
        "charts.yaml:3:3",
        "2026-11",
    ),
    "measure in no dataset": (
        "datasets.yaml",
        ", proven",
        "",
        "datasets.yaml:1:1",
        "proven of officers",
    ),
    "source not held": (
        f"sources/{NEWS}.yaml",
        "held: true",
        "held: false",
        f"{NEWS_FILE}:1:1",
        "held: false",
    ),
    "excluded place": (
        f"not-statistics/{REPORT}.csv",
        "char",
        "at",
        f"not-statistics/{REPORT}.csv:2:2",
        "char=",
    ),
    "excluded reason": (
        f"not-statistics/{REPORT}.csv",
        "ion,",
        "on,",
        f"not-statistics/{REPORT}.csv:2:3",
        "duration",
    ),
}


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "word"), BROKEN.values(), ids=BROKEN
)
def test_a_broken_file_is_named_at_its_place(tmp_path, file, old, new, place, word):
    write_register(tmp_path)
    change(tmp_path, file, old, new)
    assert word in mistakes_in(tmp_path)[place]


REFERRING = {
    # a file, and the places that are named
    "an anchor": ("- id: &a not_a_finding\n  text: A.\n", ["1:7"]),
    "an alias of nothing": ("- id: not_a_finding\n  text: *b\n", ["2:9"]),
    "itself": ("- &a\n  id: x\n  text: [*a]\n", ["1:3", "3:10"]),
    "tags": ("- id: !!str x\n  text: !e A.\n", ["1:7", "2:9"]),
}


@pytest.mark.parametrize(("text", "places"), REFERRING.values(), ids=REFERRING)
def test_what_refers_to_another_place_is_named(tmp_path, text, places):
    for file in ("caveats.yaml", f"sources/{NEWS}.yaml"):
        folder = write_register(tmp_path / file[0], {file: text})
        found = mistakes_in(folder)
        assert [one for one in found if one.startswith(file)] == [
            f"{file}:{place}" for place in places
        ]


@pytest.mark.parametrize("sign", ["&", "*", "!", "%", "<<"])
def test_a_quoted_text_may_begin_with_any_sign(tmp_path, sign):
    caveat = f'- id: not_a_finding\n  text: "{sign} an accusation & 3 * 4 << 5!"\n'
    caveat += "  routine: true\n"
    assert read_register(write_register(tmp_path, {"caveats.yaml": caveat}))


def test_a_caveat_of_no_figure_is_named(tmp_path):
    """A reply to a figure that was deleted would still be public."""
    alone = "- id: not_a_finding\n  text: An accusation is not a finding.\n  routine: true\n"
    alone += "- id: reply\n  text: We were not 1,131.\n  short: Not so.\n"
    data = write_register(tmp_path / "data", {"caveats.yaml": alone})
    with pytest.raises(RegisterError) as error:
        read_register(data)
    assert [line.rpartition(": ")[0] for line in str(error.value).splitlines()] == [
        "caveats.yaml:4:3: no figure names the caveat reply"
    ]
    assert read_register(
        write_register(data, {"caveats.yaml": alone}, gb7nr={"caveats": "reply"})
    )


def test_what_computers_leave_in_folders_is_ignored(tmp_path):
    clutter(write_register(tmp_path))
    assert len(read_register(tmp_path).figures) == 5
    (tmp_path / "sources/x.yaml~").touch()
    (tmp_path / "sources/Thumbs.db").touch()
    found = mistakes_in(tmp_path)
    assert found.keys() == {"sources/x.yaml~:1:1", "sources/Thumbs.db:1:1"}
    assert {message.partition(":")[0] for message in found.values()} == {
        "this file is ignored"
    }


def test_a_file_that_is_not_utf_8_is_named_at_its_first_wrong_byte(tmp_path):
    write_register(tmp_path)
    (tmp_path / "caveats.yaml").write_bytes(b"- id: not_a_finding\n  text: Caf\xe9.\n")
    ((place, message),) = mistakes_in(tmp_path).items()
    assert place == "caveats.yaml:2:12"
    assert "UTF-8" in message


def test_a_file_with_semicolons_is_named_once(tmp_path):
    write_register(tmp_path)
    for file in (NEWS_FILE, "codelists/unit.csv"):
        before = (tmp_path / file).read_text()
        (tmp_path / file).write_text(before.replace(",", ";"))
        ((place, message),) = mistakes_in(tmp_path).items()
        assert (place, "semicolons" in message, "with commas" in message) == (
            f"{file}:1:1",
            True,
            True,
        )
        (tmp_path / file).write_text(before)


def test_figures_need_their_source_and_files_their_names(tmp_path):
    with pytest.raises(RegisterError, match="observations/"):
        read_register(tmp_path)
    files = {
        f"sources/{NEWS}.yaml": None,
        "caveats.yaml": None,
        "caveat.yaml": "[]\n",
        "sources/x.txt": "",
    }
    write_register(tmp_path, files)
    unknown = "observations/force-report-2022.csv:2:19"  # the caveat
    assert mistakes_in(tmp_path).keys() == {
        "caveat.yaml:1:1",
        "sources/x.txt:1:1",
        unknown,
    }
    (tmp_path / "caveat.yaml").rename(tmp_path / "caveats.yaml")
    (tmp_path / "sources/x.txt").unlink()
    assert NEWS in mistakes_in(tmp_path)[f"{NEWS_FILE}:1:1"]


def test_a_document_is_read_once(tmp_path):
    """A copy has the same figures under other ids. Another document may have the same numbers at the same places."""
    write_register(tmp_path)
    source, rows = (
        (tmp_path / f"sources/{REPORT}.yaml").read_text(),
        (tmp_path / REPORT_FILE).read_text(),
    )
    for name, digest, first, second in [
        ("a-copy", "", "k7m3r", "gb7n3"),
        ("another", "0" * 64, "k7m3s", "gb7n4"),
    ]:
        copy = re.sub("sha256: .*", f"sha256: {digest}", source) if digest else source
        (tmp_path / f"sources/{name}.yaml").write_text(
            copy.replace(f"id: {REPORT}", f"id: {name}")
        )
        copied = rows.replace("k7m3q,", f"{first},").replace("gb7nr,", f"{second},")
        (tmp_path / f"observations/{name}.csv").write_text(copied)
    found = mistakes_in(tmp_path)
    assert [*found] == [f"{REPORT_FILE}:2:13"], "the second in the alphabet"
    assert "observations/a-copy.csv:2 has this figure" in found[f"{REPORT_FILE}:2:13"]
    assert "2 of this file" in found[f"{REPORT_FILE}:2:13"]


def test_circles_of_figures_are_named_once(tmp_path):
    write_register(
        tmp_path,
        k7m3q={"repeats": "gb7nr"},
        hnmzc={"part_of": "w2rmd", "denominator": "k7m3q"},
    )
    assert (
        len([message for message in mistakes_in(tmp_path).values() if "→" in message])
        == 2
    )


def test_all_mistakes_are_reported_at_once(tmp_path):
    files = {"caveats.yaml": "- id: x\n"}
    write_register(
        tmp_path,
        files,
        k7m3q={"value": "1132", "area": "x"},
        hnmzc={"value": "2000", "at": "x"},
    )
    found = mistakes_in(tmp_path)
    places = ["caveats.yaml", REPORT_FILE, REPORT_FILE, NEWS_FILE, NEWS_FILE]
    assert [one.split(":")[0] for one in found] == places, (
        "in the order of files and lines"
    )
    assert not any("no caveat" in message for message in found.values()), (
        "it may be the one that cannot be read"
    )


def test_keys_that_are_missing_are_told_together(tmp_path):
    write_register(tmp_path, {"caveats.yaml": "- {}\n"})
    assert mistakes_in(tmp_path) == {"caveats.yaml:1:3": "id, text are missing"}


def test_many_rows_with_one_cause_are_told_once(tmp_path):
    rows = {
        f"k7m{one}{two}": figure(REPORT, "1,131", value="1131", area="x")
        for one in "bcdfgh"
        for two in "bcdf"
    }
    write_register(tmp_path, **rows)
    (message,) = (
        message
        for message in mistakes_in(tmp_path).values()
        if "there is no area 'x'" in message
    )
    assert message.endswith("(and 23 more, such as line 27)")


@pytest.mark.parametrize(
    "character", ["\u200b", "\u00ad", "\u202e", "\ufeff", "\u2028", "\x07", "\x85"]
)
def test_nothing_invisible_is_accepted(tmp_path, character):
    code = f"code,label,definition\nduration,Dur{character}ation,A length of time.\n"
    caveat = (
        f"- id: not_a_finding\n  text: An accusation is not{character} a finding.\n"
    )
    files = {"codelists/not_statistic_reason.csv": code, "caveats.yaml": caveat}
    write_register(
        tmp_path, files, k7m3q=figure(REPORT, "1,131", counted=f"offi{character}cers")
    )
    named = [
        one
        for one, message in mistakes_in(tmp_path).items()
        if f"U+{ord(character):04X}" in message
    ]
    assert named == [
        "caveats.yaml:2:29",
        "codelists/not_statistic_reason.csv:2:2",
        f"{REPORT_FILE}:2:15",
    ]


@pytest.mark.parametrize(
    ("title", "review_by", "warnings"),
    [
        ("How many?", "2026-12-15", 0),
        ("How many?", "2026-11-30", 1),
        ("How many were sexual?", "2026-12-15", 1),
        ("How many were sexual_assault?", "2026-12-15", 0),
    ],
)
def test_charts_that_are_due_or_narrower_than_their_title_are_told(
    tmp_path, title, review_by, warnings
):
    narrow = {"category": "sexual_assault"}
    write_register(tmp_path, k7m3q=narrow, hnmzc=narrow)
    change(tmp_path, "charts.yaml", "How many?", f"{title}\n  review_by: {review_by}")
    register = read_register(tmp_path)
    told = [*warn_of_charts(register.located, register.figures, "2026-11-30")]
    assert len(told) == warnings
    assert all("how-many" in warning for warning in told)
