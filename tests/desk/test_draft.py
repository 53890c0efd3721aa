"""A draft has what can be read from an article, leaves the rest to the editor, and overwrites nothing."""

import csv
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from misconduct_editor.register.verify import find_documents, verify
from tests.desk.cases import TABLES, read_cases
from tests.registers import clutter, write_register

ROOT = Path(__file__).parents[2]
SLUG = "paper-2026-title"
ARTICLE = (
    "Nearly 1,200 officers were accused of sexual assault. Of those, 7 per cent were dismissed; hundreds left.\n"
    "One in 50 stayed. Section 12 was first used on 3 March 2023, in 2024 by a man aged 45.\n"
    "Call 0161 496 0000, reference AB1234."
)
CASES = read_cases(TABLES / "draft.yaml")
REASONS = "date age law_section ordinal page_furniture duration"


@pytest.fixture
def folder(tmp_path):
    """A register and an article that it does not have."""
    codes = "code,label\n" + "".join(f"{code},{code}\n" for code in REASONS.split())
    write_register(tmp_path / "data", {"codelists/not_statistic_reason.csv": codes})
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/article.txt").write_text(
        ARTICLE, encoding="utf-8", newline=""
    )
    return tmp_path


def draft(folder, *words):
    """Run the command, and return what it printed."""
    document = str(folder / "documents/article.txt")
    done = CliRunner().invoke(
        app,
        ["draft", document, "--data", str(folder / "data"), *words],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    return done.stdout


def read(data, kind, source=SLUG):
    return list(
        csv.DictReader(
            (data / f"{kind}/{source}.csv").read_text(encoding="utf-8").splitlines()
        )
    )


def test_numbers_are_listed_with_their_places_and_what_accounts_for_them(folder):
    lines = draft(folder).splitlines()
    assert (
        lines[0]
        == "1:8\tchar=7,12\tNearly [1,200] officers were accused of sexu\ta figure?"
    )
    assert "char=124,134" in lines[4]
    assert "no figure: law_section" in lines[4]
    assert not (folder / f"data/sources/{SLUG}.yaml").exists()
    draft(folder, "--source", SLUG)
    identity = read(folder / "data", "observations")[0]["id"]
    assert draft(folder).splitlines()[0].endswith(f"in the register: {identity}")


def test_what_can_be_read_is_drafted(folder):
    draft(folder, "--source", SLUG)
    rows = read(folder / "data", "observations")
    for row, expected in zip(rows, CASES["article"]["figures"], strict=True):
        assert {name: row[name] for name in expected} == expected
    names = ("measure", "category", "population", "counting_unit", "area")
    assert {rows[0][name] for name in names} == {"decide"}
    others = read(folder / "data", "not-statistics")
    found = {row["printed"]: row["reason"] for row in others}
    assert [*found.items()] == [*CASES["article"]["others"].items()]


def draft_rows(folder, text):
    """Return the rows that are drafted of a text."""
    (folder / "documents/article.txt").write_text(text, encoding="utf-8", newline="")
    draft(folder, "--source", SLUG)
    return read(folder / "data", "observations")


@pytest.mark.parametrize(("words", "said"), CASES["hedges"].items())
def test_all_words_of_a_hedge_are_drafted_with_what_they_say(folder, words, said):
    (row,) = draft_rows(folder, f"There were {words} officers.")
    assert [row["hedge"], row["qualifier"]] == said
    start, hedge = 11 + words.index(said[0]), said[0]
    assert row["hedge_at"] == (f"char={start},{start + len(hedge)}" if hedge else "")


@pytest.mark.parametrize(("printed", "value"), CASES["values"].items())
def test_a_number_is_drafted_whole_or_left_to_the_editor(folder, printed, value):
    rows = draft_rows(folder, f"There were {printed} officers.")
    assert {row["value"] for row in rows} == {value}
    if not printed.startswith("("):
        assert [row["printed"] for row in rows] == [printed]


@pytest.mark.parametrize(("words", "said"), CASES["ranges"].items())
def test_a_range_is_drafted_as_one_figure_that_check_accepts(folder, words, said):
    (row,) = draft_rows(folder, f"There were {words}.")
    expected = {"value": "", "value_absent": "range_only", "qualifier": "between"}
    expected |= {"printed": said[0], "at": f"char=11,{11 + len(said[0])}"}
    expected |= {"hedge": "", "unit": said[1]}
    assert {name: row[name] for name in expected} == expected
    with pytest.raises(RegisterError) as error:
        read_register(folder / "data")
    lines = str(error.value).splitlines()
    mistakes = [line for line in lines if line.startswith("observations/")]
    assert [line for line in mistakes if ": decide: " not in line] == []


@pytest.mark.parametrize(("text", "figures"), CASES["texts"].items())
def test_what_is_no_range_and_what_is_an_age_between_commas(folder, text, figures):
    rows = draft_rows(folder, text)
    assert " ".join(row["printed"] for row in rows) == figures


NEAR = "All officers left. In 2022, nearly 300 unaccused or accused people were serving officers."


def test_a_second_draft_fills_in_the_places_that_are_nearest(folder):
    (folder / "documents/article.txt").write_text(NEAR, encoding="utf-8", newline="")
    draft(folder, "--source", SLUG)
    table, path = (
        read(folder / "data", "observations"),
        folder / f"data/observations/{SLUG}.csv",
    )
    (folder / f"data/not-statistics/{SLUG}.csv").write_text("printed,at,reason,note\n")
    (row,) = table
    row |= {
        "counted": "accused … officers",
        "hedge_at": "",
        "period_printed": "In 2022",
    }
    quoted = [[*row], [*row.values()]]
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(quoted)
    found = draft(folder, "--source", SLUG).splitlines()
    assert found == [
        f"observations/{SLUG}.csv:2: hedge_at is now char=28,34, for 'nearly'",
        f"observations/{SLUG}.csv:2: period_at is now char=19,26, for 'In 2022'",
        f"observations/{SLUG}.csv:2: counted_at is now char=52,59 char=80,88, for 'accused … officers'",
        "No rows are missing: every number in article.txt has one.",
    ]
    filled = {
        "hedge_at": "char=28,34",
        "period_at": "char=19,26",
        "counted_at": "char=52,59 char=80,88",
    }
    assert read(folder / "data", "observations") == [row | filled]


def test_words_that_the_article_does_not_have_stay_without_a_place(folder):
    draft(folder, "--source", SLUG)
    path = folder / f"data/observations/{SLUG}.csv"
    path.write_text(path.read_text().replace("decide", "officers … the accused", 1))
    before = path.read_bytes()
    assert draft(folder, "--source", SLUG).splitlines()[0] == (
        f"observations/{SLUG}.csv:2: 'the accused' is not in the document; copy it from there"
    )
    assert path.read_bytes() == before


def test_every_place_that_cannot_be_read_is_named(folder):
    draft(folder, "--source", SLUG)
    path = folder / f"data/observations/{SLUG}.csv"
    path.write_text(
        path.read_text()
        .replace('"char=7,12"', "char=7")
        .replace('"char=64,74"', "char=64")
    )
    with pytest.raises(RegisterError) as error:
        draft(folder, "--source", SLUG)
    for line, found in zip((2, 3), str(error.value).splitlines(), strict=True):
        assert re.match(
            rf"observations/{SLUG}.csv:{line}:\d+: 'char=\d+' is not a place", found
        )


def find_mistakes(folder):
    with pytest.raises(RegisterError) as error:
        read_register(folder / "data")
    return str(error.value).splitlines()


def test_check_names_every_cell_and_line_that_is_to_be_decided(folder):
    draft(folder, "--source", SLUG)
    found = find_mistakes(folder)
    places = {one.partition(": decide: ")[0] for one in found if ": decide: " in one}
    table = (folder / f"data/observations/{SLUG}.csv").read_text()
    assert places == {
        f"observations/{SLUG}.csv:{line}:{number}"
        for line, row in enumerate(csv.reader(table.splitlines()), 1)
        for number, cell in enumerate(row, 1)
        if cell == "decide"
    }
    assert any("decide: What it counts" in one for one in found)
    assert any("codelists/measure.csv" in one for one in found)
    names = ["title", "publisher", "published", "url", "licence", "retrieved"]
    told = [one for one in found if one.startswith("sources/")]
    assert [re.match(r"(\S+): (\w+)", one).groups() for one in told] == [
        (f"sources/{SLUG}.yaml:{line}:1", name) for line, name in enumerate(names, 3)
    ]


DECIDED = {"measure": "alleged", "category": "any", "area": "E23000001"}
DECIDED |= {"population": "officers", "counting_unit": "people"}
DECIDED |= {"stated_by": "the_news", "counted": "officers"}
STATED = {"published": "2026", "url": "https://example.org/", "retrieved": "2026"}


def test_verify_holds_when_all_is_decided(folder):
    draft(folder, "--source", SLUG)
    table = folder / f"data/observations/{SLUG}.csv"
    rows = read(folder / "data", "observations")
    for row in rows:
        row |= {name: DECIDED[name] for name, cell in row.items() if cell == "decide"}
        row["counted_at"] = "char=13,21"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    source = folder / f"data/sources/{SLUG}.yaml"
    empty = re.compile(r'(\w+): ""')
    fill = "{}: {}".format
    text = empty.sub(
        lambda one: fill(one[1], STATED.get(one[1], "Words")), source.read_text()
    )
    source.write_text(text)
    found = verify(read_register(folder / "data"), find_documents(folder / "documents"))
    assert [line for line in found if SLUG in line or "article.txt" in line] == []


def test_what_computers_leave_in_folders_is_ignored(folder):
    clutter(folder / "data")
    assert draft(folder, "--source", SLUG).endswith(
        "`misconduct check` lists what to decide.\n"
    )


def test_nothing_is_overwritten_and_a_second_draft_has_only_the_rest(folder):
    draft(folder, "--source", SLUG)
    table = folder / f"data/observations/{SLUG}.csv"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:2] + lines[3:]))
    kept = {path: path.read_bytes() for path in (folder / "data").rglob("*.*")}
    header, row = [
        line for line in draft(folder, "--source", SLUG).splitlines() if line
    ][1:]
    assert header == lines[0].strip()
    assert '"char=64,74"' in row
    assert "char=7,12" not in row
    assert {path: path.read_bytes() for path in (folder / "data").rglob("*.*")} == kept


def test_a_document_other_than_the_one_of_the_source_is_refused(folder):
    draft(folder, "--source", SLUG)
    (folder / "documents/article.txt").write_text(f"{ARTICLE} ")
    with pytest.raises(RegisterError, match="another SHA-256"):
        draft(folder, "--source", SLUG)


def draft_again(folder, slug, article):
    """Draft an article of the register anew; return its rows by place."""
    ignored = shutil.ignore_patterns("releases", "*.zip", f"{slug}.yaml", f"{slug}.csv")
    data = shutil.copytree(ROOT / "data", folder / slug, ignore=ignored)
    words = ["draft", str(article), "--source", slug, "--data", str(data)]
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    return {row["at"]: row for row in read(data, "observations", slug)}


def test_every_figure_of_the_five_articles_is_drafted_at_its_place(tmp_path, shared):
    paths = shared.glob("documents/*.txt")
    articles = {sha256(path.read_bytes()).hexdigest(): path for path in paths}
    drafted, kept = 0, 0
    for path in sorted((ROOT / "data/observations").glob("*.csv")):
        if (ROOT / f"data/tables/{path.stem}.yaml").exists():
            continue
        source = (ROOT / f"data/sources/{path.stem}.yaml").read_text()
        article = articles[re.search("(?m)^sha256: (.+)", source)[1]]
        rows = draft_again(tmp_path, path.stem, article)
        figures = read(ROOT / "data", "observations", path.stem)
        for one in figures:
            assert rows[one["at"]]["value"] == one["value"], one["id"]
        places = {one["at"] for one in figures}
        places |= {at for one in figures for at in one.get("also_at", "").split()}
        drafted += len(rows)
        kept += len(rows.keys() & places)
    assert (drafted, kept) == (79, 70)


def test_of_what_is_counted_only_the_indicator_is_to_be_decided(folder):
    shutil.copyfile(ROOT / "data/indicators.csv", folder / "data/indicators.csv")
    draft(folder, "--source", SLUG)
    [row, *_] = read(folder / "data", "observations")
    undecided = [name for name, cell in row.items() if cell == "decide"]
    assert undecided == ["counted", "fit", "area", "stated_by", "indicator"]
