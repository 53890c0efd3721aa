"""The register's folder: which files it may contain, and how unreadable ones are reported."""

from __future__ import annotations

import itertools
import os
import tracemalloc

import pytest

from misconduct.errors import MisconductError
from misconduct.register.mistakes import KEPT, Mistakes, Place, Refused
from tests.register.reading import mistakes_of, read
from tests.registers import write_register

PAPER = "observations/paper.csv"


@pytest.fixture
def data(tmp_path):
    return write_register(tmp_path / "data", "category | value\n other | 5\n other | 6")


def test_a_register_of_small_tables_is_valid(data):
    assert mistakes_of(data) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("observation", "data/observation:0:0: the register has no file or folder of this name; codelists, sources, observations,"),
        ("observation", "did you mean observations?"),
        ("caveats.yml", "did you mean caveats.yaml?"),
        ("observations/paper.tsv", "data/observations/paper.tsv:0:0: this file does not belong here; files whose names end in .csv"),
        ("sources/paper.yml", "files whose names end in .yaml"),
        ("observations/papr.csv", "data/observations/papr.csv:0:0: there is no source 'papr'; the slug of a source; did you mean paper?"),
        ("not-statistics/papr.csv", "there is no source 'papr'"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_belong_is_named(data, name, expected):
    (data / name).parent.mkdir(exist_ok=True)
    (data / name).write_text((data / PAPER).read_text().splitlines()[0] + "\n" if name.endswith(".csv") else "")
    assert any(expected in mistake for mistake in mistakes_of(data)), mistakes_of(data)


def test_hidden_files_and_files_for_people_are_left_alone(data):
    for name in (".DS_Store", "README.md", "observations/.~lock.paper.csv#"):
        (data / name).write_bytes(b"\xff\0")
    assert mistakes_of(data) == []


def test_a_folder_that_is_not_there_says_so(tmp_path):
    with pytest.raises(MisconductError, match=r"There is no folder .*/data"):
        mistakes_of(tmp_path / "data")


def test_a_missing_folder_says_so(data):
    (data / "caveats.yaml").unlink()
    (data / PAPER).unlink()
    (data / "observations").rmdir()
    assert mistakes_of(data) == ["data/observations:0:0: this is missing"]


def test_links_are_not_followed(data, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("root:x:0:0\n")
    (data / "observations" / "secret.csv").symlink_to(secret)
    (data / "releases").symlink_to(tmp_path)
    found = mistakes_of(data)
    assert found == [
        "data/observations/secret.csv:0:0: this is a link; files and folders themselves: a link may lead out of the register",
        "data/releases:0:0: this is a link; files and folders themselves: a link may lead out of the register",
    ]


def test_a_file_name_that_is_not_utf8_is_refused(data):
    (data / "observations" / os.fsdecode(b"b\xff.csv")).write_text("")
    (found,) = [mistake for mistake in mistakes_of(data) if "UTF-8" in mistake]
    assert found.endswith(":0:0: this name is not UTF-8; a name in ASCII")


def test_a_file_name_cannot_inject_lines_or_escapes(data):
    (data / "observations" / "a\n\x1b[31mb.csv").write_text("")
    assert all(mistake.isprintable() for mistake in mistakes_of(data))
    assert any(mistake.startswith("data/observations/a\\n\\x1b[31mb.csv:") for mistake in mistakes_of(data))


def test_special_files_are_not_opened(data):
    os.mkfifo(data / "observations" / "pipe.csv")
    (data / "sources" / "folder.yaml").mkdir()
    assert mistakes_of(data) == [
        "data/observations/pipe.csv:0:0: this is not a file",
        "data/sources/folder.yaml:0:0: this is not a file",
    ]


def test_a_file_that_may_not_be_read_says_so(data, monkeypatch):
    # root reads everything, so the file system is made to refuse
    from pathlib import Path

    original = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "paper.csv":
            raise PermissionError(13, "Permission denied")
        return original(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert mistakes_of(data) == ["data/observations/paper.csv:0:0: the file cannot be read: Permission denied"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\ufeffHEADER", "1:1: the file begins with a byte-order mark; UTF-8 without one"),
        ("HEADER\r\nx", "there is a carriage return here (Windows line endings?); line feeds only"),
        ("HEADER\nab\0c", "2:3: there is a control character (U+0000) here; text"),
        ("HEADER\nab\x01c", "2:3: there is a control character (U+0001) here; text"),
        ("HEADER\né\x7fc", "2:2: there is a control character (U+007F) here; text"),
        ("HEADER\né\u00a0\x85c", "2:3: there is a control character (U+0085) here; text"),
        ("", "1:1: the column 'id' is missing"),
        ("HEADER\n\n", "2:1: this row has 0 cells; 28, as in the header"),
        ("HEADER\na,b,c", "2:1: this row has 3 cells; 28, as in the header"),
        ("HEADER" + "\n" + "x," * 30, "2:1: this row has 31 cells; 28, as in the header; put a cell that contains a comma in double quotes"),
        ('HEADER\n"abc', "2:1: this row cannot be read as CSV: unexpected end of data"),
        ('HEADER\n"ab"c,', "2:1: this row cannot be read as CSV: ',' expected after '\"'"),
    ],
)  # fmt: skip
def test_an_invalid_file_is_reported_with_its_place(data, content, expected):
    header = (data / PAPER).read_text().splitlines()[0]
    (data / PAPER).write_bytes(content.replace("HEADER", header).encode())
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


def test_latin_1_is_named_at_its_byte_and_its_character(data):
    row = "bbbbb,1,müßig".encode("latin-1")
    header = (data / PAPER).read_bytes().splitlines()[0]
    (data / PAPER).write_bytes(header + b"\n" + row + b"\n")
    assert "data/observations/paper.csv:2:10: byte 10 of this line (0xfc) is not UTF-8; UTF-8; is the file in Latin-1 or Windows-1252?" in mistakes_of(data)  # fmt: skip


def test_windows_line_ends_are_reported_once_for_a_file(data):
    path = data / PAPER
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(mistakes_of(data)) == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("measure,", "", "paper.csv:1:1: the column 'measure' is missing"),
        ("measure,", "mesure,", "paper.csv:1:12: there is no column 'mesure'; id, version, measure, statistic,"),
        ("measure,", "mesure,", "did you mean measure?"),
        (
            "measure,statistic,",
            "statistic,statistic,",
            "paper.csv:1:12: the column 'statistic' appears more than once",
        ),
    ],
)
def test_an_invalid_header_is_reported_column_by_column(data, old, new, expected):
    path = data / PAPER
    path.write_text(path.read_text().replace(old, new, 1))
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


def test_rows_under_an_unusable_header_are_not_reported_one_by_one(data):
    path = data / PAPER
    path.write_text(path.read_text().replace("measure,", "", 1))
    assert mistakes_of(data) == ["data/observations/paper.csv:1:1: the column 'measure' is missing"]


@pytest.mark.parametrize("name", [PAPER, "codelists/area.csv"])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("<<<<<<< HEAD\n", "{}:1:1: merge conflict: two branches changed these lines, and git kept both"),
        ("x" * 1_100_000 + "\n", "{}:1:1: a line or row is longer than 1 MB; at most 1 MB"),
        ('"a"b,\n', "{}:1:1: this row cannot be read as CSV: ',' expected after '\"'"),
    ],
)
def test_no_column_is_missing_in_a_header_that_cannot_be_read(data, name, header, expected):
    path = data / name
    path.write_text(header + path.read_text().partition("\n")[2])
    found = [mistake for mistake in mistakes_of(data) if mistake.startswith(f"data/{name}:")]
    assert [mistake.partition("; the lines")[0].partition("; close")[0] for mistake in found] == [
        expected.format(f"data/{name}")
    ]


def test_an_optional_column_may_be_missing_and_columns_may_stand_in_any_order(data):
    columns = "version,id,measure,statistic,category,area,population,counting_unit,period_type,period_start,value,unit,qualifier,printed,at,obs_status,stated_by,origin"
    before = read(data).observations
    row = '1,{},accused,count,other,E23000001,officers,people,year,2022,{},count,exact,{},"char={}",A,force,paper\n'
    (data / PAPER).write_text(
        f"{columns}\n" + row.format("bbbbb", 5, 5, "0,1") + row.format("bbbbc", 6, 6, "1000,1001")
    )
    assert read(data).mistakes == []
    assert read(data).observations == before  # the same hashes, too


def test_a_line_without_end_is_refused_in_bounded_memory(data):
    path = data / PAPER
    with path.open("ab") as file:
        file.truncate(1_000_000_000)  # a hole of zero bytes: one line of a gigabyte
    tracemalloc.start()
    found = mistakes_of(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "data/observations/paper.csv:4:1: a line or row is longer than 1 MB; at most 1 MB" in found
    assert peak < 20_000_000


def test_a_row_of_many_lines_is_refused_in_bounded_memory(data):
    path = data / PAPER
    with path.open("a") as file:
        file.writelines('"\n",' for _ in range(1_000_000))
    assert "data/observations/paper.csv:250004:1: a line or row is longer than 1 MB; at most 1 MB" in mistakes_of(data)


def test_all_mistakes_are_counted_and_a_thousand_kept(data):
    path = data / PAPER
    header, row, *_ = path.read_text().splitlines()
    wrong = row.replace("other", "othr").replace("accused", "acused").replace("bbbbb", "bbb{}{}")
    path.write_text(
        "\n".join(
            [header, *(wrong.format(a, b) for a, b in itertools.product("bcdfghjkmnpqrstvwxz23456789", repeat=2))]
        )
    )
    found = read(data, drafts=False)
    assert found.total == 500 * 2 + (27 * 27 - 500)  # what will not be shown is not explained, but counted by row
    assert len(found.mistakes) == KEPT == 1000


@pytest.mark.slow
def test_a_million_mistakes_take_no_more_memory_than_a_thousand():
    mistakes = Mistakes()
    tracemalloc.start()
    for line in range(1_000_000):
        mistakes.report(Refused("wrong", "x" * 100), lambda line=line: Place("data/x.csv", line, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (mistakes.total, len(mistakes.in_order())) == (1_000_000, 1000)
    assert peak < 2_000_000
