"""A new source, drafted from its document: everything known, nothing decided."""

from __future__ import annotations

import csv
import hashlib
import os
import resource
from pathlib import Path

import pytest
import yaml

from misconduct.model.number_words import find_numbers
from misconduct.register.editors import RegisterInUse, SeenFiles
from misconduct.register.observation_columns import make_ids
from misconduct.register.write_draft import NotDrafted, find_figures, write_draft
from tests.register.reading import mistakes_of
from tests.registers import write_register

# 0         1         2         3         4
# 01234567890123456789012345678901234567890123456789
TEXT = "Two hundred of 1,492 officers, 42%.\nhttps://example.org/2024/05?a=1"


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def data(tmp_path):
    return write_register(tmp_path / "data", "value\n 5")


def rows_of(path):
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


def test_what_is_known_of_the_document_is_written_and_nothing_else(data, document):
    report = write_draft(data, document, "letter")
    assert [path.relative_to(data).as_posix() for path in report.files] == [
        "sources/letter.yaml", "observations/letter.csv", "not-statistics/letter.csv",
    ]  # fmt: skip
    source = yaml.safe_load((data / "sources" / "letter.yaml").read_text())
    assert {key: value for key, value in source.items() if value} == {
        "id": "letter", "version": 1, "media_type": "text/plain", "held": True, "length": 67,
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
    }  # fmt: skip
    rows = rows_of(data / "observations" / "letter.csv")
    assert [(row["printed"], row["at"]) for row in rows] == [
        ("Two hundred", "char=0,11"),
        ("1,492", "char=15,20"),
        ("42", "char=31,33"),
    ]
    assert len({row["id"] for row in rows} | {"bbbbb"}) == 4
    assert {name for row in rows for name, cell in row.items() if cell} == {"id", "version", "printed", "at"}
    assert (data / "not-statistics" / "letter.csv").read_text() == "printed,at,reason,note\n"
    assert report.numbers == 3


def test_check_says_what_is_to_be_decided_once_for_each_number(data, document):
    write_draft(data, document, "letter")
    assert [mistake.partition("; ")[0].removeprefix("data/") for mistake in mistakes_of(data)] == [
        "observations/letter.csv:2:27: nothing is decided about 'Two hundred' at char=0,11",
        "observations/letter.csv:3:27: nothing is decided about '1,492' at char=15,20",
        "observations/letter.csv:4:27: nothing is decided about '42' at char=31,33",
        *(
            f"sources/letter.yaml:{line}:1: {key} is null and no note says why"
            for line, key in ((5, "title"), (7, "publisher"), (9, "byline"), (11, "published"), (13, "url"), (16, "language"), (18, "licence"), (23, "retrieved"))
        ),
    ]  # fmt: skip


def test_a_key_that_is_filled_in_where_it_stands_is_no_mistake(data, document):
    write_draft(data, document, "letter")
    path = data / "sources" / "letter.yaml"
    filled = path.read_text()
    for key, text in {"title": "Letter of 2 May", "publisher": "The force", "url": "https://example.org/1"}.items():
        filled = filled.replace(f"\n{key}: null", f"\n{key}: {text}")
    filled = filled.replace("\nnotes: {}", "\nnotes: {byline: There is none}").replace(
        "published: null", "published: 2024-05-02"
    )
    path.write_text(filled.replace("language: null", "language: en"))
    left = [mistake for mistake in mistakes_of(data) if "sources/letter.yaml" in mistake]
    assert [mistake.split(": ")[1].partition(" ")[0] for mistake in left] == ["licence", "retrieved"]


def test_a_row_of_which_something_is_decided_is_checked_as_any_other(data, document):
    write_draft(data, document, "letter")
    path = data / "observations" / "letter.csv"
    path.write_text(path.read_text().replace(",1,,count", ",1,,").replace(",1,,,,", ",1,accused,,,", 1))
    found = [mistake for mistake in mistakes_of(data) if "letter.csv:2:" in mistake]
    assert len(found) > 5
    assert "nothing is decided" not in "".join(found)


def test_a_folder_that_is_no_register_gets_no_draft(document, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(NotDrafted, match=r"is no register: it has neither codelists nor datasets\.yaml"):
        write_draft(other, document, "letter")
    assert list(other.iterdir()) == []


@pytest.mark.parametrize("folder", ["sources", "observations", "not-statistics"])
def test_nothing_is_replaced(data, document, folder):
    path = data / folder / ("letter.yaml" if folder == "sources" else "letter.csv")
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    before = sorted(data.rglob("*"))
    with pytest.raises(NotDrafted, match=rf"{folder}/letter\.\w+ exists, and nothing is replaced"):
        write_draft(data, document, "letter")
    assert (path.read_text(), sorted(data.rglob("*"))) == ("mine", before)


def test_what_somebody_writes_meanwhile_is_not_replaced_either(data, document, monkeypatch):
    path = data / "observations" / "letter.csv"

    def make_and_write(*asked):
        path.write_text("mine")
        return make_ids(*asked)

    monkeypatch.setattr("misconduct.register.write_draft.make_ids", make_and_write)
    before = sorted(data.rglob("*"))
    with pytest.raises(RegisterInUse, match=r"observations/letter\.csv meanwhile, so nothing was written"):
        write_draft(data, document, "letter")
    assert path.read_text() == "mine"
    assert {found for found in data.rglob("*") if found.is_file()} - {path} == {one for one in before if one.is_file()}


def test_a_link_that_leads_nowhere_is_not_replaced(data, document):
    link = data / "sources" / "letter.yaml"
    link.symlink_to("nowhere")
    with pytest.raises(NotDrafted, match=r"sources/letter\.yaml exists, and nothing is replaced"):
        write_draft(data, document, "letter")
    assert str(link.readlink()) == "nowhere"


def test_no_link_of_the_register_is_followed(data, document, tmp_path):
    """Whoever supplies a register could otherwise have any file of its editor overwritten."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_text("mine")
    (data / "observations" / ".letter.csv").symlink_to(outside / "mine")
    write_draft(data, document, "letter")
    assert (outside / "mine").read_text() == "mine"
    assert not (data / "observations" / "letter.csv").is_symlink()
    (data / ".decisions.csv").symlink_to(outside / "mine")
    SeenFiles(data).put({"decisions.csv": "of the register"})
    assert ((outside / "mine").read_text(), (data / "decisions.csv").is_symlink()) == ("mine", False)
    (data / "sources").rename(data.parent / "sources")
    (data / "sources").symlink_to(outside)
    with pytest.raises(NotDrafted, match="sources is a link"):
        write_draft(data, document, "another")
    assert [path.name for path in outside.iterdir()] == ["mine"]


def test_hidden_files_of_an_editor_stay(data, document):
    hidden = [data / "observations" / ".letter.csv", data / "codelists" / ".area.csv"]
    for path in hidden:
        path.write_text("mine")
    write_draft(data, document, "letter")
    SeenFiles(data).put({"codelists/area.csv": "of the register"})
    assert [path.read_text() for path in hidden] == ["mine", "mine"]
    assert sorted(path for path in data.rglob(".*")) == sorted(hidden)


@pytest.mark.parametrize("mode", [0o664, 0o444])
def test_a_file_that_is_written_anew_keeps_its_mode(data, mode):
    (data / "codelists" / "area.csv").chmod(mode)
    SeenFiles(data).put({"codelists/area.csv": "of the register"})
    assert (data / "codelists" / "area.csv").stat().st_mode & 0o777 == mode
    (data / "quotes.yaml").mkdir()
    with pytest.raises(IsADirectoryError):
        SeenFiles(data).put({"quotes.yaml": "of the register"})
    with pytest.raises(UnicodeError):
        SeenFiles(data).put({"codelists/area.csv": "\udce9"})
    assert (data / "codelists" / "area.csv").read_text() == "of the register"
    assert not [*data.rglob(".*"), *data.parent.glob(".*")]


def test_a_full_disk_leaves_nothing_behind(data, document):
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    document.write_text(document.read_text() * 100)  # what reading the register writes elsewhere is less than its draft
    written = write_draft(data, document, "fenmoor-letter").files
    sizes = [path.stat().st_size for path in written]
    assert len(sizes) == 3
    for path in written:
        path.unlink()
    most, limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1], max(sizes) - 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    try:
        with pytest.raises(OSError, match=rf"File too large: '{written[sizes.index(max(sizes))]}'"):
            write_draft(data, document, "fenmoor-letter")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    assert write_draft(data, document, "fenmoor-letter").files == written


def test_a_document_is_drafted_once(data, document):
    write_draft(data, document, "letter")
    with pytest.raises(NotDrafted, match="This document is the source letter already"):
        write_draft(data, document, "another")
    assert not (data / "sources" / "another.yaml").exists()


@pytest.mark.parametrize("slip", ["  publisher: null", "<<<<<<< HEAD\npublisher: null", "publisher: [null"])
def test_a_document_is_drafted_once_also_if_the_file_of_its_source_has_a_mistake(data, document, slip):
    write_draft(data, document, "letter")
    source = data / "sources" / "letter.yaml"
    source.write_text(source.read_text().replace("publisher: null", slip, 1))
    with pytest.raises(NotDrafted, match="This document is the source letter already"):
        write_draft(data, document, "another")


@pytest.mark.parametrize("slug", ["Letter", "a/b", "../letter", "", "latest", "nan"])
def test_a_slug_that_no_source_may_have_is_refused(data, document, slug):
    with pytest.raises(NotDrafted):
        write_draft(data, document, slug)


def test_a_document_that_is_no_file_is_refused(data, tmp_path):
    os.mkfifo(tmp_path / "letter.txt")  # to read it would wait for ever
    for path in (tmp_path / "letter.txt", tmp_path, tmp_path / "none"):
        with pytest.raises(NotDrafted, match="is not a file"):
            write_draft(data, path, "letter")


def test_a_document_that_is_not_text_is_refused(data, document):
    document.write_bytes(b"caf\xe9 5")
    with pytest.raises(NotDrafted, match="is not text in UTF-8 at byte 4"):
        write_draft(data, document, "letter")
    assert not (data / "sources" / "letter.yaml").exists()


@pytest.mark.parametrize(
    ("name", "content", "media_type", "length"),
    [
        ("table.CSV", "jahr,zähler\n2022,5\n".encode(), "text/csv", 19),
        ("latin.csv", "jahr,zähler\n2022,5\n".encode("windows-1252"), "text/csv", 19),
        ("wide.csv", "jahr,zähler\n2022,5\n".encode("utf-16"), "text/csv", 19),
        ("table.tsv", b"year\tcount\n2022\t5\n", "text/tab-separated-values", 18),
        ("table.xlsx", b"PK\x03\x04\xff\xfe", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 6),
    ],
)
def test_of_a_table_only_the_source_is_drafted(data, tmp_path, name, content, media_type, length):
    table = tmp_path / name
    table.write_bytes(content)
    report = write_draft(data, table, "table")
    assert ([path.name for path in report.files], report.numbers, report.is_table) == (["table.yaml"], 0, True)
    source = yaml.safe_load(report.files[0].read_text())
    assert (source["media_type"], source["length"]) == (media_type, length)
    assert source["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_file_of_another_kind_leaves_its_media_type_to_the_editor(data, document):
    write_draft(data, document.rename(document.with_suffix(".odd")), "letter")
    assert any("media_type is null and no note says why" in mistake for mistake in mistakes_of(data))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/2024/05/a-1492?x=7#8 and 9", ["9"]),
        ("(www.example.org/2024) in 2024", ["2024"]),
        ("HTTP://EXAMPLE.ORG/3.", []),
        ("<https://example.org/1>2", ["2"]),
        ("https://example.org/Foo_(2023)", ["2023"]),
        ("wwwhttps 3 https: 4", ["3", "4"]),
    ],
)
def test_the_digits_of_an_address_are_no_number(text, found):
    assert [words for _, words in find_numbers(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("twenty-one of 50", ["twenty-one", "50"]),
        ("two hundred and five", ["two hundred", "five"]),
        ("21 in 2029", ["21", "2029"]),
        ("5 10", ["5", "10"]),
        ("1.5 million, two thirds", ["1.5 million", "two thirds"]),
        ("", []),
    ],
)
def test_words_that_are_one_number_have_one_place(text, found):
    assert [text[slice(*span)] for span in find_figures(text)] == found


def test_a_file_that_is_too_large_for_a_document_is_not_read(data, tmp_path):
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(100_000_001)  # sparse
    with pytest.raises(NotDrafted, match=r"large\.txt has 100,000,001 bytes; a document has at most 100,000,000"):
        write_draft(data, large, "letter")


def test_the_source_is_the_last_file_because_the_others_are_no_draft_without_it(data, document, monkeypatch):
    """Else one that is killed there would be a source without figures, in which `check` finds nothing wrong."""
    link, named = Path.hardlink_to, []
    monkeypatch.setattr(Path, "hardlink_to", lambda path, target: named.append(path.parent.name) or link(path, target))
    write_draft(data, document, "letter")
    assert named == ["observations", "not-statistics", "sources"]
