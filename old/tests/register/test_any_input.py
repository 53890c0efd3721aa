"""Whatever a file contains, reading it gives mistakes and never fails."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misconduct.register.mistakes import Mistakes
from misconduct.register.observation_columns import COLUMNS
from misconduct.register.verify import TableDocument, TextDocument
from tests.register.reading import read
from tests.registers import complete, read_table, seal, write_register

TABLE = "id | value\n bbbb2 | 5\n bbbb3 | 6"
FILES = [
    "observations/paper.csv", "sources/paper.yaml", "caveats.yaml", "datasets.yaml", "codelists/measure.csv",
    "not-statistics/paper.csv", "releases/1.0.0.csv", "releases/1.0.0.yaml",
]  # fmt: skip
SPECIAL = st.sampled_from(["", "\0", "\r", "\ufeff", '"', ",", "\n", "@", "2", "²", "é", "1e999", "char=0,1", "bbbb2", "-", "&a", "*a", "!!x", "[", "{", "? "])  # fmt: skip


@contextmanager
def register():
    """A released register in a folder of its own; fixtures do not last as long as one example."""
    with tempfile.TemporaryDirectory() as folder:
        data = write_register(Path(folder) / "data", TABLE, **{"not-statistics/paper.csv": "printed,at,reason,note\n"})
        seal(data, "1.0.0")
        yield data


@pytest.mark.parametrize("name", FILES)
@given(content=st.binary(max_size=200))
@settings(max_examples=25, deadline=None)
def test_no_bytes_make_the_reader_fail(name, content):
    with register() as data:
        (data / name).write_bytes(content)
        read(data)


@pytest.mark.parametrize("name", FILES)
@given(parts=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 20), SPECIAL), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_no_change_within_a_file_makes_the_reader_fail(name, parts):
    with register() as data:
        text = (data / name).read_text()
        for start, length, new in parts:
            at = start % (len(text) + 1)
            text = text[:at] + new + text[at + length :]
        (data / name).write_text(text, encoding="utf-8", newline="")
        read(data)


@given(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(st.text(st.characters(exclude_categories=["Cs"])), SPECIAL)))
@settings(max_examples=150, deadline=None)
def test_no_cell_makes_the_reader_fail_and_every_mistake_is_in_its_file(cells):
    row = complete(read_table("id | value\n k7m3q | 5")[0], 0) | cells
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, [row.get(column, "") for column in COLUMNS]])
    with register() as data:
        (data / "sources" / "letter.yaml").write_text(
            (data / "sources" / "paper.yaml").read_text().replace('"paper"', '"letter"')
        )
        (data / "observations" / "letter.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
        found = read(data)
        assert all(mistake.startswith("data/observations/letter.csv:") for mistake in found.mistakes)
        assert found.total or len(found.observations) == 3


@given(st.text(max_size=50), st.from_regex(r"(char=|cell=|row=|col=)\d{1,3}([,-]\d{1,3})?", fullmatch=True))
def test_no_place_makes_a_document_fail(text, place):
    for document in (TextDocument(text), TableDocument(csv.reader(io.StringIO(text.replace("\0", ""), newline="")))):
        try:
            document.exact(place), document.extent(place), list(document.numbers())
        except ValueError:
            assert isinstance(document, TextDocument)  # text_span says that it is no place at all


class NotGoneThrough(set[str]):
    def __iter__(self) -> Iterator[str]:
        raise AssertionError("each of very many files was looked at for one mention of what there is not")


def test_what_may_be_in_a_file_that_cannot_be_read_is_known_without_a_look_at_each_of_them() -> None:
    mistakes = Mistakes()
    mistakes.unreadable_files = NotGoneThrough()
    for file in ("data/sources/paper.yaml", "data/observations/of/paper.csv", "data/codelists/area.csv"):
        mistakes.leave_unread(file)
    asked = [
        ("source", "paper"),
        ("source", "other"),
        ("observation", "bbbb2"),
        ("code", "area/gb"),
        ("code", "unit/x"),
    ]
    assert [mistakes.may_be_unread(about) for about in asked] == [True, False, True, True, False]
    assert not mistakes.may_be_unread(("caveat", "x"))
