"""Every mistake in a register is named at its place; what is right is accepted. The places were read off the files."""

import re
from pathlib import Path

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.charts import warn_of_charts
from misconduct_editor.register.check import read_register
from tests.desk.cases import TABLES, read_cases
from tests.registers import FIGURES, NEWS, REPORT, clutter, figure, write_register

ROOT = Path(__file__).parents[2]
NEWS_FILE, REPORT_FILE = f"observations/{NEWS}.csv", f"observations/{REPORT}.csv"

CASES = read_cases(TABLES / "check.yaml")
MORE_THAN = {"qualifier": "more_than", "hedge": "more than"}
MORE_THAN |= {"hedge_at": "char=5000,5009", "at": "char=5010,5015"}
IN_2022 = {"period": "2022", "period_printed": "2022", "period_at": "char=6000,6004"}
PLAIN = FIGURES["bbdjq"] | {"repeats": "", "caveats": "not_a_finding"}
NEW = PLAIN | MORE_THAN | IN_2022  # line 5 of its file


def make_row(cells):
    """Return the cells of a row, with the places of its words where the case gives none."""
    starts = {"printed": ("at", 5010), "period_printed": ("period_at", 6000)}
    placed = {
        at: f"char={start},{start + len(cells[words])}"
        for words, (at, start) in starts.items()
        if cells.get(words)
    }
    return NEW | placed | cells


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
    assert (stated["source"], str(stated["value"])) == (REPORT, "1131")
    assert (magnitude["value"], magnitude["part_of"]) == (None, ["hnmzc"])
    source = register.records["source"][REPORT]
    assert (source.published, source.retrieved) == ("2023-01", "2023"), "dates are text"
    alleged = register.records["code"]["measure/alleged"]
    assert alleged.words == ["accused", "complaint"]
    [others] = [table for table in register.tables if "reason" in table.columns]
    assert [row["printed"] for row in others.rows()] == ["12 years"]


@pytest.mark.parametrize("cells", CASES["accepted"].values(), ids=CASES["accepted"])
def test_a_right_row_is_accepted(tmp_path, cells):
    write_register(tmp_path, bbbbb=make_row(cells))
    assert len(read_register(tmp_path).figures) == 6


@pytest.mark.parametrize("case", CASES["refused"].values(), ids=CASES["refused"])
def test_a_wrong_row_is_refused_at_its_cell(tmp_path, case):
    write_register(tmp_path, bbbbb=make_row(case["cells"]))
    header = (tmp_path / NEWS_FILE).read_text().partition("\n")[0].split(",")
    place = f"{NEWS_FILE}:5:{header.index(case['at']) + 1}"
    assert case["says"] in mistakes_in(tmp_path)[place]


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


@pytest.mark.parametrize("case", CASES["broken"].values(), ids=CASES["broken"])
def test_a_broken_file_is_named_at_its_place(tmp_path, case):
    write_register(tmp_path)
    change(tmp_path, case["file"], case["old"], case["new"])
    at = case["at"]
    place = at if "/" in at else f"{case['file']}:{at}"
    assert case["says"] in mistakes_in(tmp_path)[place]


@pytest.mark.parametrize("case", CASES["referring"].values(), ids=CASES["referring"])
def test_what_refers_to_another_place_is_named(tmp_path, case):
    for file in ("caveats.yaml", f"sources/{NEWS}.yaml"):
        folder = write_register(tmp_path / file[0], {file: case["text"]})
        found = [one for one in mistakes_in(folder) if one.startswith(file)]
        assert found == [f"{file}:{place}" for place in case["at"]]


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
