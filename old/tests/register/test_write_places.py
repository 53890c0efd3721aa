"""An article that its publisher changed in place: its places move with its words."""

from __future__ import annotations

import csv
import hashlib
import os

import pytest

from misconduct.register.editors import RegisterInUse
from misconduct.register.make_release import propose_release
from misconduct.register.mistakes import Mistakes
from misconduct.register.verify import verify_documents
from misconduct.register.write_places import write_places
from tests.register.reading import mistakes_of
from tests.registers import seal, source_text, write_register

# 0         1         2         3         4         5         6
# 0123456789012345678901234567890123456789012345678901234567890
OLD = "Nearly 1,000 officers were accused in 2022. Of them 14 left; 14 more may. Page 7."
NEW = "CORRECTED. Nearly 1,000 officers were accused in 2022. Of them 14 left; some 14 more may. Page 7."
TABLE = """
    id    | period_type | period_start | period_printed | period_at  | value | qualifier  | hedge  | hedge_at | printed | at         | also_at
    bbbb2 | year        | 2022         | 2022           | char=38,42 | 1000  | just_under | Nearly | char=0,6 | 1,000   | char=7,12  |
    bbbb3 | year        | 2022         |                |            | 14    | exact      |        |          | 14      | char=52,54 |
    bbbb4 | year        | 2022         |                |            | 14    | exact      |        |          | 14      | char=61,63 |
"""
OTHERS = 'printed,at,reason,note\n7,"char=79,80",date,"A note, kept as it is."\n'
PAPER = "observations/paper.csv"


def copy(text, **keys):
    return source_text("paper", length=len(text), sha256=hashlib.sha256(text.encode()).hexdigest(), **keys)


@pytest.fixture
def data(tmp_path):
    """A released register whose source has a draft version 2: the publisher changed the article."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "new.txt").write_text(NEW)
    (documents / "old.txt").write_text(OLD)
    data = write_register(
        tmp_path / "data", TABLE, **{"sources/paper.yaml": copy(OLD), "not-statistics/paper.csv": OTHERS}
    )
    assert verify(data).moves == []
    seal(data, "1.0.0")
    with (data / "sources" / "paper.yaml").open("a") as file:
        file.write("\n---\n" + copy(NEW, version=2))
    return data


def verify(data, expected=0):
    mistakes = Mistakes()
    report = verify_documents(data, data.parent / "documents", mistakes)
    assert mistakes.total == expected, mistakes.in_order()
    return report


def rows_of(data, columns=("id", "version", "at", "hedge_at", "period_at")):
    with (data / PAPER).open(newline="") as file:
        return [tuple(row[column] for column in columns) for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    "edit", [lambda head, first, *rows: [head, first + ",too many", *rows], lambda head, _, *rows: [head, *rows]]
)
def test_rows_that_somebody_moved_since_they_were_read_are_not_written(data, edit):
    """The places are by lines."""
    report = verify(data, expected=11)
    saved = "\n".join(edit(*(data / PAPER).read_text().splitlines()))
    (data / PAPER).write_text(saved)
    with pytest.raises(RegisterInUse, match=r"observations/paper\.csv meanwhile, so nothing was written"):
        write_places(report)
    assert (data / PAPER).read_text() == saved


def test_what_somebody_saves_while_places_are_written_stays(data, monkeypatch):
    report, sync = verify(data, expected=11), os.fsync
    saved = (data / PAPER).read_text() + "# By hand\n"

    def save(file):
        (data / PAPER).write_text(saved)
        sync(file)

    monkeypatch.setattr(os, "fsync", save)
    with pytest.raises(RegisterInUse):
        write_places(report)
    assert (data / PAPER).read_text() == saved


def test_places_move_in_the_next_version_of_released_rows_and_in_drafts_where_they_are(data):
    before = (data / PAPER).read_text()
    report = verify(data, expected=6 + 5)  # six places, and five numbers that nobody accounts for
    assert write_places(report) == 4
    assert rows_of(data)[3:] == [
        ("bbbb2", "2", "char=18,23", "char=11,17", "char=49,53"),
        ("bbbb3", "2", "char=63,65", "", ""),
        ("bbbb4", "2", "char=77,79", "", ""),
    ]
    assert (data / PAPER).read_text().startswith(before)
    assert (
        data / "not-statistics" / "paper.csv"
    ).read_text() == 'printed,at,reason,note\n7,"char=95,96",date,"A note, kept as it is."\n'
    assert verify(data).moves == []
    assert propose_release(data).number == "1.0.1"


def test_places_of_one_column_move_at_once(tmp_path):
    """The second 38 moves to where the third one was."""
    first, lines = "It told of 38 officers.\n", ["Here it says 38, again.\n", "Also he said 38, later.\n"]
    length = len(lines[0])
    old, new = first + "".join(lines), first + "x" * (length - 1) + "\n" + "".join(lines)
    places = [f"char={at},{at + 2}" for at in (11, *(len(first) + 13 + line * length for line in range(3)))]
    table = f"value | printed | at | also_at\n 38 | 38 | {places[0]} | {places[1]} {places[2]}"
    data = write_register(tmp_path / "data", table, **{"sources/paper.yaml": copy(old)})
    (tmp_path / "documents").mkdir()
    for name, text in (("old", old), ("new", new)):
        (tmp_path / "documents" / f"{name}.txt").write_text(text)
    seal(data, "1.0.0")
    with (data / "sources" / "paper.yaml").open("a") as file:
        file.write("\n---\n" + copy(new, version=2))
    assert write_places(verify(data, expected=3)) == 1  # two places, and what stands where one was
    assert rows_of(data, ("version", "at", "also_at"))[1:] == [("2", places[0], f"{places[2]} {places[3]}")]
    assert verify(data).moves == []


def test_drafts_are_moved_where_they_are(data):
    write_places(verify(data, expected=11))
    newer = f"MORE. {NEW}"
    (data.parent / "documents" / "new.txt").write_text(newer)
    source = data / "sources" / "paper.yaml"
    source.write_text(copy(OLD) + "\n---\n" + copy(newer, version=2))
    (data.parent / "documents" / "between.txt").write_text(NEW)
    report = verify(data, expected=6 + 5)
    assert write_places(report) == 2  # 14 is there twice, and no version of the source has the text between
    assert rows_of(data)[3] == ("bbbb2", "2", "char=24,29", "char=17,23", "char=55,59")
    assert len(rows_of(data)) == 6


def test_without_the_old_copy_only_words_that_are_there_once_move(data):
    (data.parent / "documents" / "old.txt").unlink()
    assert write_places(verify(data, expected=11)) == 2
    assert rows_of(data)[3:] == [("bbbb2", "2", "char=18,23", "char=11,17", "char=49,53")]


def test_without_the_old_copy_short_words_that_move_are_named(data):
    assert verify(data, expected=6 + 5).unsure == []
    (data.parent / "documents" / "old.txt").unlink()
    report = verify(data, expected=6 + 5)
    assert report.unsure
    assert {str(move) for move in report.unsure} == {str(move) for move in report.moves}


def test_a_row_of_which_not_every_place_is_found_stays(data):
    gone = NEW.replace("Nearly", "Almost")
    (data.parent / "documents" / "new.txt").write_text(gone)
    (data / "sources" / "paper.yaml").write_text(copy(OLD) + "\n---\n" + copy(gone, version=2))
    assert write_places(verify(data, expected=11)) == 3
    assert [row[0] for row in rows_of(data)[3:]] == ["bbbb3", "bbbb4"]


def test_a_number_whose_words_are_gone_is_not_another_one_elsewhere(data):
    gone = NEW.replace("some 14 more may", "more may").replace("14 left", "some left") + " She has 14 cats."
    (data.parent / "documents" / "new.txt").write_text(gone)
    (data / "sources" / "paper.yaml").write_text(copy(OLD) + "\n---\n" + copy(gone, version=2))
    assert write_places(verify(data, expected=10)) == 2
    assert [row[0] for row in rows_of(data)[3:]] == ["bbbb2"]


@pytest.mark.parametrize("instead", ["In 1977", "Page 75", "Page 7th"])
def test_a_number_within_another_is_not_found(data, instead):
    gone = NEW.replace("Page 7", instead)
    (data.parent / "documents" / "new.txt").write_text(gone)
    (data / "sources" / "paper.yaml").write_text(copy(OLD) + "\n---\n" + copy(gone, version=2))
    write_places(verify(data, expected=11))
    assert (data / "not-statistics" / "paper.csv").read_text() == OTHERS


CORRECTION = """\
- id: nearly-a-thousand
  version: 1
  source: paper
  at: "char=0,12"
  printed: Nearly 1,000
  reading: Fewer than 1,000.
  other_source: paper
  other_at: "char=0,9"
  other_printed: CORRECTED
  other_reading: It was corrected.
  explanation: The publisher changed it.
  publisher_told: 2024-01-05
"""


def test_a_correction_may_quote_an_earlier_version(data):
    write_places(verify(data, expected=11))
    (data / "corrections.yaml").write_text(CORRECTION)
    assert mistakes_of(data) == []
    verify(data)
    (data.parent / "documents" / "old.txt").unlink()
    verify(data, expected=1)


def test_the_number_of_an_ended_figure_covers_only_itself(data):
    """Where it stood, the new copy has another number."""
    changed = OLD.replace("14 left", "15 left")
    (data.parent / "documents" / "new.txt").write_text(changed)
    (data / "sources" / "paper.yaml").write_text(copy(OLD) + "\n---\n" + copy(changed, version=2))
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb3=The publisher corrected it"])
    verify(data, expected=1)


LINES = "Wobbleshire says:\nTheft: 12 officers\nFraud: 12 officers\nOther: 12 officers\n"
SHORTER = LINES.replace("Theft: 12 officers\n", "")
IN_LINES = """
    id    | value | printed | at         | measure
    bbbb2 | 12    | 12      | char=25,27 | accused
    bbbb3 | 12    | 12      | char=44,46 | sentenced
    bbbb4 | 12    | 12      | char=63,65 | dismissed
"""


def changed(tmp_path, new, old=LINES, table=IN_LINES):
    """A released register, by default of equal numbers in equally long lines, whose publisher changed the document."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "old.txt").write_text(old)
    (documents / "new.txt").write_text(new)
    data = write_register(tmp_path / "data", table, **{"sources/paper.yaml": copy(old)})
    seal(data, "1.0.0")
    (data / "sources" / "paper.yaml").write_text(copy(old) + "\n---\n" + copy(new, version=2))
    return data


def test_the_number_of_another_line_that_moved_to_the_place_is_not_the_one_that_stood_there(tmp_path):
    data = changed(tmp_path, SHORTER)
    mistakes = Mistakes()
    report = verify_documents(data, tmp_path / "documents", mistakes)
    assert [str(one).partition("; ")[0] for one in mistakes.in_order()] == [
        "data/observations/paper.csv:2:99: the document has another '12' at char=25,27 than the earlier copy",
        "data/observations/paper.csv:3:101: the document has another '12' at char=44,46 than the earlier copy",
        "data/observations/paper.csv:4:101: the document has no place char=63,65",
    ]
    assert write_places(report) == 2
    assert rows_of(data, ("id", "version", "at"))[3:] == [("bbbb3", "2", "char=25,27"), ("bbbb4", "2", "char=44,46")]
    verify(data, expected=1)  # what was moved is right, and the figure of the line that is gone is still in force
    seal(data, "2.0.0", ended=["bbbb2=The publisher took the line out."])
    verify(data)


@pytest.mark.parametrize(
    "new",
    [
        LINES.replace("Theft", "Arson"),
        LINES.replace("Fraud", "Theft"),
        LINES.replace("Theft: 12 officers", "Arson, 12 soldiers"),
        LINES.replace("officers", "someones"),
        f"{LINES}Another line: 13 officers.",
        LINES.replace(": 12 officers", "= 12 soldiers"),
    ],
)
def test_a_number_that_stays_where_it_was_is_the_same_whatever_is_written_around_it(tmp_path, new):
    data = changed(tmp_path, new)
    verify(data, expected=new.count("13"))


@pytest.mark.parametrize(
    ("gone", "other"),
    [
        ("The force said that 37 officers were dismissed.", "By now it is a century since 37 officers were drowned."),
        ("It dismissed, in all, 37 of its officers.", "It had not asked anybody, in all, 37 years ago."),
    ],
)
def test_a_number_whose_sentence_is_gone_is_not_moved_to_another_with_few_same_words_on_one_side(tmp_path, gone, other):
    """“ officers were” stands behind any number."""
    at = f"char={gone.index('37')},{gone.index('37') + 2}"
    figure = f"id | value | printed | at\nbbbb2 | 37 | 37 | {at}"
    data = changed(tmp_path, f"Nothing is said of it by now. {other}\n", f"{gone}\n", figure)
    assert verify(data, expected=2).moves == []
