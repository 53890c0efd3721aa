"""Comparing the register with its documents."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from openpyxl import Workbook

from misconduct.errors import MisconductError, RegisterRefused
from misconduct.register import verify as verify_module
from misconduct.register.grid import XLSX
from misconduct.register.mistakes import Mistakes
from misconduct.register.verify import DocumentFolder, verify_documents
from tests.register.reading import replace
from tests.registers import seal, source_text, write_register

# 0         1         2         3         4         5         6
# 0123456789012345678901234567890123456789012345678901234567890
TEXT = "Nearly 1,000 officers were accused in 2022. Nearly 1,000! Page 7."

TABLE = """
    id    | period_type | period_start | period_printed | period_at  | value | qualifier  | hedge  | hedge_at | printed | at        | also_at
    bbbb2 | year        | 2022         | 2022           | char=38,42 | 1000  | just_under | Nearly | char=0,6 | 1,000   | char=7,12 | char=51,56
"""
OTHERS = 'printed,at,reason,note\n7,"char=63,64",date,\n'


def identity(text):
    return {"length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def write(tmp_path, table=TABLE, text=TEXT, others=OTHERS, document=None, **keys):
    """A register with one source, and the folder that holds its document."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "any name").write_bytes((text if document is None else document).encode())
    files = {
        "sources/paper.yaml": source_text("paper", **{**identity(text), **keys}),
        "not-statistics/paper.csv": others,
    }
    return write_register(tmp_path / "data", table, **files)


def verify(tmp_path, **options):
    mistakes = Mistakes()
    report = verify_documents(tmp_path / "data", tmp_path / "documents", mistakes, **options)
    return report, [str(mistake) for mistake in mistakes.in_order()]


def test_a_register_that_agrees_with_its_documents_is_verified(tmp_path):
    write(tmp_path)
    report, mistakes = verify(tmp_path)
    assert mistakes == []
    assert (report.verified, report.places, report.numbers) == (["paper"], 5, 4)


def test_a_document_with_no_break_spaces_and_line_breaks_is_counted_in_code_points(tmp_path):
    text = "\n👮 one\u00a0in\n200 cops"
    table = 'unit | value | printed | at\n proportion | 0.005 | PRINTED | "char=3,15"'.replace('"', "")
    write(tmp_path, table.replace("PRINTED", "one in 200").replace("3,15", "3,13"), text, "printed,at,reason,note\n")
    path = tmp_path / "data" / "observations" / "paper.csv"
    replace(path, "one in 200", '"one\u00a0in\n200"')
    assert verify(tmp_path)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("char=7,12", "char=8,13", "paper.csv:2:143: the document has ',000 ' at char=8,13, not '1,000'; the exact characters; '1,000' is at char=7,12"),
        ("char=51,56", "char=50,55", "the document has ' 1,00' at char=50,55, not '1,000'; the exact characters; '1,000' is at char=51,56"),
        ("char=0,6", "char=1,7", "the document has 'early ' at char=1,7, not 'Nearly'"),
        ("char=38,42", "char=37,41", "the document has ' 202' at char=37,41, not '2022'"),
        ("char=51,56", "char=90,95", "the document has no place char=90,95; a place within the document"),
        ("char=51,56", '"cell=1,1"', "the document has no place cell=1,1"),
        (" char=51,56", "", "data/sources/paper.yaml:2:2: nothing says what '1,000' at char=51,56 is; a row in observations/ or in not-statistics/"),
    ],
)  # fmt: skip
def test_a_place_with_other_words_is_reported(tmp_path, old, new, expected):
    write(tmp_path, TABLE.replace(old, new.strip('"')))
    assert any(expected in mistake for mistake in verify(tmp_path)[1]), verify(tmp_path)[1]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ("", "data/sources/paper.yaml:2:2: nothing says what '7' at char=63,64 is; a row in observations/ or in not-statistics/"),
        ('8,"char=63,64",date,\n', "data/not-statistics/paper.csv:2:3: the document has '7' at char=63,64, not '8'"),
        ('7,"char=63,64",date,\n1,"char=7,8",date,\n', "paper.csv:3:3: '1' is listed as not a statistic, and an observation states it; one of them"),
    ],
)  # fmt: skip
def test_every_other_number_is_listed_once_and_exactly(tmp_path, others, expected):
    write(tmp_path, others=f"printed,at,reason,note\n{others}")
    found = verify(tmp_path)[1]
    assert any(expected in mistake for mistake in found), found


def test_numbers_in_words_must_be_accounted_for(tmp_path):
    write(tmp_path, text=TEXT.replace("Page 7", "Hundreds"), others="printed,at,reason,note\n")
    assert any("nothing says what 'Hundreds' at char=58,66 is" in mistake for mistake in verify(tmp_path)[1])


def test_an_ended_row_is_not_compared_with_the_document(tmp_path):
    second = "\n    bbbb3 | year | 2022 | | | 7 | exact | | | 7 | char=60,61 | "  # a wrong place
    data = write(tmp_path, TABLE + second)
    seal(data, "1.0.0", "2024-05-01")
    assert len(verify(tmp_path)[1]) == 1
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb3=It is a page number"])
    assert verify(tmp_path)[1] == []


def test_the_number_of_an_ended_statement_stays_accounted_for(tmp_path):
    data = write(tmp_path, TABLE + "\n    bbbb3 | year | 2022 | | | 7 | exact | | | 7 | char=63,64 | ", others="printed,at,reason,note\n")  # fmt: skip
    seal(data, "1.0.0", "2024-05-01")
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb3=It is withdrawn"])
    assert verify(tmp_path)[1] == []
    replace(data / "not-statistics" / "paper.csv", "note\n", 'note\n7,"char=63,64",date,\n')
    assert verify(tmp_path)[1] == []


CORRECTION = """\
- id: officers-not-staff
  version: 1
  source: paper
  at: "char=13,21"
  printed: officers
  reading: They were officers.
  other_source: paper
  other_at: "char=58,62"
  other_printed: Page
  other_reading: They were pages.
  explanation: Both cannot be.
  publisher_told: 2024-01-05
"""
REFUSAL = """\
- id: not-this-year
  version: 1
  asked: force
  asked_by: A paper
  law: Freedom of Information Act 2000
  ground: Section 22
  since: 2024-02
  until: "2024"
  source: paper
  at: "char=22,26"
  printed: were
  what: Figures by year.
  explanation: They were to be published later.
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("char=13,21", "char=12,20", "data/corrections.yaml:4:3: the document has ' officer' at char=12,20, not 'officers'; the exact characters; 'officers' is at char=13,21"),
        ("char=58,62", "char=57,61", "data/corrections.yaml:8:3: the document has ' Pag' at char=57,61, not 'Page'"),
        ("char=22,26", "char=90,94", "data/non-publications.yaml:10:3: the document has no place char=90,94"),
    ],
)  # fmt: skip
def test_places_of_corrections_and_refusals_are_compared_with_the_documents(tmp_path, old, new, expected):
    data = write(tmp_path)
    (data / "corrections.yaml").write_text(CORRECTION)
    (data / "non-publications.yaml").write_text(REFUSAL)
    report, mistakes = verify(tmp_path)
    assert (mistakes, report.places) == ([], 8)
    for name in ("corrections.yaml", "non-publications.yaml"):
        (data / name).write_text((data / name).read_text().replace(old, new))
    [mistake] = verify(tmp_path)[1]
    assert mistake.startswith(expected)


def test_a_missing_document_is_named(tmp_path):
    write(tmp_path, document="Something else entirely.")
    report, mistakes = verify(tmp_path)
    assert report.missing == ["paper"]
    assert mistakes == [
        "data/sources/paper.yaml:9:2: no file in the folder is the document paper; the bytes that were read, under any file name"
    ]


def test_a_changed_document_is_distinguished_from_a_missing_one_and_only_suggests(tmp_path):
    data = write(tmp_path, document=f"CORRECTED. {TEXT}")
    before = {path: path.read_bytes() for path in data.rglob("*.*")}
    report, mistakes = verify(tmp_path)
    assert report.changed == {"paper": tmp_path / "documents" / "any name"}
    assert mistakes == [
        "data/sources/paper.yaml:9:2: any name looks like the document paper, but its bytes differ; the bytes that were read, under any file name"
    ]  # fmt: skip
    assert [(suggestion.claim.words, suggestion.place) for suggestion in report.suggestions] == [
        ("1,000", "char=18,23"), ("1,000", "char=62,67"), ("Nearly", "char=11,17"), ("2022", "char=49,53"), ("7", "char=74,75"),
    ]  # fmt: skip
    assert str(report.suggestions[2]).endswith("'Nearly' is at char=11,17 in the changed copy")
    assert {path: path.read_bytes() for path in data.rglob("*.*")} == before


def test_a_wrong_length_is_reported(tmp_path):
    write(tmp_path, length=64)
    assert verify(tmp_path)[1] == ["data/sources/paper.yaml:8:2: length is 64; 65 code points"]


def test_a_document_that_is_not_text_is_reported(tmp_path):
    write(tmp_path)
    (tmp_path / "documents" / "any name").write_bytes(b"caf\xe9")
    sha256 = hashlib.sha256(b"caf\xe9").hexdigest()
    (tmp_path / "data" / "sources" / "paper.yaml").write_text(source_text("paper", length=4, sha256=sha256))
    assert verify(tmp_path)[1] == ["data/sources/paper.yaml:6:2: any name is not UTF-8 at byte 4; a text"]


@pytest.mark.parametrize("most", [6, 5])
def test_a_place_of_a_table_has_so_many_cells_and_they_are_in_the_order_of_reading(monkeypatch, most):
    """Three hundred rows that name a hundred columns of 5,000 rows each took minutes, and thirty thousand a day."""
    monkeypatch.setattr(verify_module, "MOST_COVERED", most)
    document = verify_module.TableDocument([["a", "b", "c"], [], ["d", "e", "f"], ["g"]])
    assert document.exact("row=1-3") == ("a,b,c,d,e,f" if most == 6 else "")
    assert document.exact("col=1-3") == ""  # seven
    assert document.exact("col=1-2") == "a,b,d,e,g"
    assert [*document.extent("col=1-2")] == [(1, 1), (1, 2), (3, 1), (3, 2), (4, 1)]
    assert document.exact("row=2-999999999") == "d,e,f,g"
    assert [*document.extent("row=2"), *document.extent("col=4-2"), *document.extent("row=0")] == []


def test_figures_of_a_table_are_in_its_cells(tmp_path):
    text = 'Year,"Officers, accused"\n2022,"1,071"\n2023,\n'
    table = "period_type | period_start | period_printed | period_at | value | printed | at\n year | 2022 | 2022 | cell=2,1 | 1071 | 1,071 | cell=2,2"
    write(tmp_path, table, text, 'printed,at,reason,note\n"2023,",row=3,date,\n', media_type="text/csv")
    report, mistakes = verify(tmp_path)
    assert mistakes == []
    assert report.numbers == 3
    replace(tmp_path / "data" / "observations" / "paper.csv", "cell=2,2", "cell=3,2")
    replace(tmp_path / "data" / "not-statistics" / "paper.csv", "row=3", "col=3")
    assert verify(tmp_path)[1] == [
        "data/not-statistics/paper.csv:2:9: the document has no place col=3; a place within the document, of at most 20,000 cells",
        "data/observations/paper.csv:2:120: the document has '' at cell=3,2, not '1,071'; the exact characters",
        "data/sources/paper.yaml:2:2: nothing says what '1,071' at cell=2,2 is; a row in observations/ or in not-statistics/",
        "data/sources/paper.yaml:2:2: nothing says what '2023' at cell=3,1 is; a row in observations/ or in not-statistics/",
    ]  # fmt: skip


def test_a_cell_of_a_spreadsheet_that_nobody_can_read_may_be_a_number(tmp_path):
    book = Workbook()
    for row in (["Officers, accused", None, "Year"], [None, None, 2022], [1071, "=A3", 2022], [5, 6, 2022]):
        book.active.append(row)
    book.active.merge_cells("A1:B2")  # an empty cell of a heading hides nothing
    book.active.row_dimensions[4].hidden = True
    table = "period_type | period_start | period_printed | period_at | value | printed | at\n year | 2022 | 2022 | cell=3,3 | 1071 | 1071 | cell=3,1"
    others = 'printed,at,reason,note\n"2022","cell=2,3",date,\n"5,6,2022","row=4",date,\n'
    data = write(tmp_path, table, others=others)
    path = tmp_path / "documents" / "any name"
    book.save(path)
    keys = {"media_type": XLSX, "length": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    (data / "sources" / "paper.yaml").write_text(source_text("paper", **keys))
    hidden = "this cell is hidden: nobody has published it; suppressOutput for its column, or skip its row"
    assert verify(tmp_path)[1] == [
        "any name#cell=3,2: this cell has a formula without a result; a file that a spreadsheet has saved",
        f"any name#cell=4,1: {hidden}",
        f"any name#cell=4,2: {hidden}",
        f"any name#cell=4,3: {hidden}",
    ]


def test_a_register_with_mistakes_is_not_verified(tmp_path):
    data = write(tmp_path)
    replace(data / "observations" / "paper.csv", ",1000,", ",1001,")
    with pytest.raises(RegisterRefused, match="value is 1001"):
        verify(tmp_path)


def test_a_folder_that_is_not_there_says_so(tmp_path):
    write(tmp_path)
    with pytest.raises(MisconductError, match="There is no folder"):
        verify_documents(tmp_path / "data", tmp_path / "nowhere", Mistakes())


@pytest.fixture
def two_sources(tmp_path):
    """A register of two sources, and the document of one of them."""
    first, row = TABLE.strip("\n").splitlines()
    other = "    bbbb3 | year | 2022 | | | 5 | exact | | | 5 | char=0,1 | | other"
    write(tmp_path, f"{first} | source\n{row} | paper\n{other}")
    return tmp_path


def test_only_the_sources_that_are_named_are_verified(two_sources):
    missing = "data/sources/other.yaml:9:2: no file in the folder is the document other; the bytes that were read, under any file name"
    assert verify(two_sources)[1] == [missing]
    report, mistakes = verify(two_sources, sources=["paper"])
    assert (report.verified, report.missing, mistakes) == (["paper"], [], [])
    assert verify(two_sources, sources=["paper", "other"])[1] == [missing]


def test_documents_that_are_not_there_may_be_left_out_and_are_named(two_sources):
    report, mistakes = verify(two_sources, held=True)
    assert (report.verified, report.missing, mistakes) == (["paper"], ["other"], [])
    replace(two_sources / "data" / "observations" / "paper.csv", "char=51,56", "char=52,57")
    assert len(verify(two_sources, held=True)[1]) == 2  # what is there is not right
    assert verify(two_sources, sources=["other"], held=True)[1] == []


def test_a_changed_document_is_not_left_out(tmp_path):
    write(tmp_path, document=f"CORRECTED. {TEXT}")
    report, [mistake] = verify(tmp_path, held=True)
    assert "any name looks like the document paper, but its bytes differ" in mistake
    assert report.missing == []


def test_a_source_without_a_document_cannot_be_verified(tmp_path):
    write(tmp_path)
    (tmp_path / "data" / "sources" / "letter.yaml").write_text(source_text("letter", held=False))
    with pytest.raises(MisconductError, match=r"There is no source 'papr'\.\nDid you mean paper\?"):
        verify(tmp_path, sources=["papr"])
    with pytest.raises(MisconductError, match="The source 'letter' is only quoted by others"):
        verify(tmp_path, sources=["letter"])


def test_what_the_system_makes_as_it_is_read_is_no_document(tmp_path):
    """Some of it never ends: as a link to the kernel's messages."""
    (tmp_path / "version").symlink_to("/proc/version")
    (tmp_path / "real").write_text("A document.")
    folder = DocumentFolder(tmp_path)
    assert folder.find(hashlib.sha256(Path("/proc/version").read_bytes()).hexdigest()) is None
    assert folder.find(hashlib.sha256(b"A document.").hexdigest()) == tmp_path / "real"
