"""CSV that a spreadsheet cannot be harmed by, and that loses nothing."""

import csv
import io

import pytest

from misconduct.formats.csv import encode_csv, neutral
from misconduct.model.table import Column, Table

TEXT = Column("text", "text", "")


def read_back(table: Table) -> list[list[str]]:
    text = b"".join(encode_csv(table)).decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("payload", "harmless"),
    [
        ("=1+1", "'=1+1"),
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
        ("＝1+1", "'＝1+1"),
        ("＋1+x", "'＋1+x"),
        ("－1+x", "'－1+x"),
        ("＠x", "'＠x"),
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(payload, harmless):
    assert neutral(payload) == harmless


@pytest.mark.parametrize(
    ("payload", "harmless"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t@x", "a\t'@x"),
        ("a\n-1+x", "a\n'-1+x"),
        ("a;b", "a;b"),
        ('a;"=1+1";"b', 'a;"\'=1+1";"b'),
        ('a;""+x', 'a;""\'+x'),
        ('a;"b', 'a;"b'),
    ],
)
def test_so_does_text_that_would_be_a_cell_of_its_own_under_another_separator(payload, harmless):
    assert neutral(payload) == harmless


@pytest.mark.parametrize("text", ["-5", "-0.3%", "+12", "1,492", "one in 50", "a=b", "Met: -3", ""])
def test_numbers_and_harmless_text_are_untouched(text):
    assert neutral(text) == text


def test_commas_quotes_newlines_and_any_script_come_back_as_they_were():
    cells = ["a,b", 'say "x"', "two\nlines", "שלום", "𝟙🚓", "x\u00a0y"]
    assert read_back(Table((TEXT,), [(cell,) for cell in cells]))[1:] == [[cell] for cell in cells]


def test_an_empty_cell_is_nothing_and_a_zero_is_a_zero():
    table = Table((TEXT, Column("n", "number", "")), [("a", None), ("b", 0), ("c", -1.5)])
    assert read_back(table) == [["text", "n"], ["a", ""], ["b", "0"], ["c", "-1.5"]]


def test_a_table_without_rows_still_has_its_header():
    assert read_back(Table((TEXT,), [])) == [["text"]]


def test_lists_are_joined_by_the_separator_of_their_column():
    table = Table((Column("ids", "texts", ""), Column("notes", "texts", "", " | ")), [(["a", "b"], ["x y", "z"])])
    assert read_back(table)[1] == ["a b", "x y | z"]


def test_what_parts_sentences_is_doubled_inside_one():
    table = Table((Column("notes", "texts", "", " | "),), [(["a | b", "c |", "| d"],)])
    assert read_back(table)[1] == ["a || b | c || | || d"]


def test_numbers_are_in_plain_decimal_notation():
    table = Table((Column("n", "number", ""),), [(0.00001,), (0.02,), (1492,), (1e16,)])
    assert read_back(table)[1:] == [["0.00001"], ["0.02"], ["1492"], ["10000000000000000"]]


def test_equal_cells_of_unlike_types_are_written_as_what_they_are():
    columns = (Column("n", "number", ""), Column("share", "number", ""), Column("is", "boolean", ""), TEXT)
    rows = [(1, 1.0, True, "1"), (True, 1, 1.0, ""), (0, 0.0, False, None)]
    assert (
        b"".join(encode_csv(Table(columns, rows), header=False)) == b"1,1.0,true,1\r\ntrue,1,1.0,\r\n0,0.0,false,\r\n"
    )


def test_an_empty_cell_in_the_only_column_is_still_a_row():
    assert b"".join(encode_csv(Table((TEXT,), [("a",), (None,), ("",)]))) == b'text\r\na\r\n""\r\n""\r\n'


def test_a_table_of_many_rows_is_encoded_in_pieces_that_join():
    pieces = list(encode_csv(Table((TEXT,), [(f"=row {number}",) for number in range(10_000)])))
    assert len(pieces) == 40
    assert b"".join(pieces).split(b"\r\n")[1:-1] == [b"'=row %d" % number for number in range(10_000)]
