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
from tests.registers import clutter, write_register

ROOT = Path(__file__).parents[2]
SLUG = "paper-2026-title"
ARTICLE = (
    "Nearly 1,200 officers were accused of sexual assault. Of those, 7 per cent were dismissed; hundreds left.\n"
    "One in 50 stayed. Section 12 was first used on 3 March 2023, in 2024 by a man aged 45.\n"
    "Call 0161 496 0000, reference AB1234."
)
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
    stated = (
        "printed",
        "at",
        "value",
        "value_absent",
        "unit",
        "statistic",
        "qualifier",
        "hedge",
        "hedge_at",
    )
    assert [tuple(row[name] for name in stated) for row in rows] == [
        (
            "1,200",
            "char=7,12",
            "1200",
            "",
            "count",
            "count",
            "just_under",
            "Nearly",
            "char=0,6",
        ),
        ("7 per cent", "char=64,74", "7", "", "percent", "share", "exact", "", ""),
        (
            "hundreds",
            "char=91,99",
            "",
            "magnitude_only",
            "count",
            "count",
            "magnitude",
            "",
            "",
        ),
        (
            "One in 50",
            "char=106,115",
            "0.02",
            "",
            "proportion",
            "share",
            "exact",
            "",
            "",
        ),
    ]
    assert {
        rows[0][name]
        for name in ("measure", "category", "population", "counting_unit", "area")
    } == {"decide"}
    assert [
        (row["printed"], row["reason"])
        for row in read(folder / "data", "not-statistics")
    ] == [
        ("Section 12", "law_section"),
        ("first", "ordinal"),
        ("3 March 2023", "date"),
        ("2024", "date"),
        ("aged 45", "age"),
        ("0161 496 0000", "page_furniture"),
        ("reference AB1234", "page_furniture"),
    ]


HEDGED = {  # as printed; the hedge, its qualifier
    "No less than 77": ("No less than", "at_least"),
    "Not less\xa0than 77": ("Not less\xa0than", "at_least"),
    "Nothing less than 14": ("Nothing less than", "at_least"),
    "no fewer than 14": ("no fewer than", "at_least"),
    "not under 14": ("not under", "at_least"),
    "Not more than 54": ("Not more than", "at_most"),
    "no more than 54": ("no more than", "at_most"),
    "weren’t over 54": ("weren’t over", "at_most"),
    "not nearly 54": ("not nearly", "less_than"),
    "not quite 54": ("not quite", "just_under"),
    "as many as 54": ("as many as", "at_most"),
    "a maximum of 54": ("a maximum of", "at_most"),
    "as few as 54": ("as few as", "at_least"),
    "upwards of 54": ("upwards of", "at_least"),
    "at the very least 54": ("at the very least", "at_least"),
    "a minimum of 54": ("a minimum of", "at_least"),
    "in excess of 54": ("in excess of", "more_than"),
    "not in excess of 54": ("not in excess of", "at_most"),
    "just short of 54": ("just short of", "just_under"),
    "close to 54": ("close to", "about"),
    "virtually 54": ("virtually", "about"),
    "circa 54": ("circa", "about"),
    "c. 54": ("c.", "about"),
    "c.54": ("c.", "about"),
    "~54": ("~", "about"),
    "perhaps £54": ("perhaps", "about"),
    "54 or more": ("or more", "at_least"),
    "54 per cent or more": ("or more", "at_least"),
    "54+": ("+", "at_least"),
    "54 or so": ("or so", "about"),
    "54 or fewer": ("or fewer", "at_most"),
    "about 54 or so": ("about", "about"),
    "D.C. 54": ("", "exact"),
    "54 or moreover": ("", "exact"),
}


@pytest.mark.parametrize(
    ("words", "hedge", "qualifier"), [(words, *said) for words, said in HEDGED.items()]
)
def test_all_words_of_a_hedge_are_drafted_with_what_they_say(
    folder, words, hedge, qualifier
):
    (folder / "documents/article.txt").write_text(
        f"There were {words} officers.", encoding="utf-8", newline=""
    )
    draft(folder, "--source", SLUG)
    (row,) = read(folder / "data", "observations")
    start = 11 + words.index(hedge)
    assert (row["hedge"], row["qualifier"]) == (hedge, qualifier)
    assert row["hedge_at"] == (f"char={start},{start + len(hedge)}" if hedge else "")


VALUES = {  # as printed; the value that is drafted
    "1.5m": "1500000",
    "2bn": "2000000000",
    "3k": "3000",
    "1.5 million": "1500000",
    "1\u00a0200": "1200",
    "12\u202f000": "12000",
    "1\u2009200": "1200",
    "42\u202f%": "42",
    "½": "0.5",
    "5½": "5.5",
    "5½%": "5.5",
    "two and a half": "2.5",
    "Half a dozen": "6",
    "half a million": "500000",
    "half a per cent": "0.5",
    "one in a hundred": "0.01",
    "7/10": "decide",
    "5 1/2": "decide",
    "0,045": "decide",
    "0,045%": "decide",
    "12,5": "decide",
    "1,234": "1234",
}


@pytest.mark.parametrize(("printed", "value"), VALUES.items())
def test_a_number_is_drafted_whole_and_read_right_or_left_to_the_editor(
    folder, printed, value
):
    (folder / "documents/article.txt").write_text(
        f"There were {printed} officers.", encoding="utf-8", newline=""
    )
    draft(folder, "--source", SLUG)
    (row,) = read(folder / "data", "observations")
    assert (row["printed"], row["value"]) == (printed, value)


@pytest.mark.parametrize("printed", ["-5%", "−5", "–5 per cent", "-£5m", "24/7"])
def test_a_number_with_a_sign_or_a_slash_is_left_to_the_editor(folder, printed):
    (folder / "documents/article.txt").write_text(
        f"There were ({printed}) officers.", encoding="utf-8", newline=""
    )
    draft(folder, "--source", SLUG)
    assert {row["value"] for row in read(folder / "data", "observations")} == {"decide"}


RANGES = {  # in the text; the range that is one row, its unit
    "between 40 and 50 officers": ("between 40 and 50", "count"),
    "from 40 to 50 officers": ("from 40 to 50", "count"),
    "40 to 50 officers": ("40 to 50", "count"),
    "40–50 officers": ("40–50", "count"),
    "1,000 to 1.5 million": ("1,000 to 1.5 million", "count"),
    "40 to 50 per cent": ("40 to 50 per cent", "percent"),
    "Between 5% and 10%": ("Between 5% and 10%", "percent"),
    "between one in 50 and one in 20": (
        "between one in 50 and one in 20",
        "proportion",
    ),
}


@pytest.mark.parametrize(
    ("words", "printed", "unit"), [(words, *said) for words, said in RANGES.items()]
)
def test_a_range_is_drafted_as_one_figure_that_check_accepts(
    folder, words, printed, unit
):
    (folder / "documents/article.txt").write_text(
        f"There were {words}.", encoding="utf-8", newline=""
    )
    draft(folder, "--source", SLUG)
    (row,) = read(folder / "data", "observations")
    stated = ("printed", "at", "value", "value_absent", "qualifier", "hedge", "unit")
    place = f"char=11,{11 + len(printed)}"
    assert tuple(row[name] for name in stated) == (
        printed,
        place,
        "",
        "range_only",
        "between",
        "",
        unit,
    )
    with pytest.raises(RegisterError) as error:
        read_register(folder / "data")
    mistakes = [
        line
        for line in str(error.value).splitlines()
        if line.startswith("observations/")
    ]
    assert [line for line in mistakes if ": decide: " not in line] == []


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Complaints rose from 40 to 50.", "40 50"),
        ("It was up to about 40 to 50 officers.", "40 50"),
        ("Kent won 3–4.", "3 4"),
        ("Some 50 to 40 officers left.", "50 40"),
        (
            "Officers aged 18 to 24 left between 3 and 5 May 2023, within 24 to 48 hours.",
            "",
        ),
        ("It was the same from 2014 to 2024.", ""),
        ("PC John Smith, 48, was jailed; a constable, 34, was dismissed.", ""),
        ("In Kent, 34, West Midlands, 40, Wales, 12.", "34 40 12"),
        ("In West Yorkshire, 34, were found.", "34"),
    ],
)
def test_what_is_no_range_and_what_is_an_age_between_commas(folder, text, figures):
    (folder / "documents/article.txt").write_text(text, encoding="utf-8", newline="")
    draft(folder, "--source", SLUG)
    assert (
        " ".join(row["printed"] for row in read(folder / "data", "observations"))
        == figures
    )


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


def test_check_names_every_cell_that_is_to_be_decided_and_verify_holds_when_all_are(
    folder,
):
    draft(folder, "--source", SLUG)
    with pytest.raises(RegisterError) as error:
        read_register(folder / "data")
    found = str(error.value).splitlines()
    table = folder / f"data/observations/{SLUG}.csv"
    header, *rows = csv.reader(table.read_text().splitlines())
    cells = {
        (line, number)
        for line, row in enumerate(rows, 2)
        for number, cell in enumerate(row, 1)
        if cell == "decide"
    }
    named = {
        tuple(map(int, one.split(":")[1:3]))
        for one in found
        if f"{SLUG}.csv" in one and ": decide: " in one
    }
    assert named == cells
    assert any("decide: What it counts" in one for one in found)
    assert any(
        "decide: How far the matter had got" in one and "codelists/measure.csv" in one
        for one in found
    )
    source = folder / f"data/sources/{SLUG}.yaml"
    lines = [
        line.partition(":")[0]
        for line in source.read_text().splitlines()
        if '""' in line
    ]
    assert lines == ["title", "publisher", "published", "url", "licence", "retrieved"]
    named = [
        re.match(r"(\S+): (\w+)", one).groups()
        for one in found
        if one.startswith("sources/")
    ]
    assert named == [
        (f"sources/{SLUG}.yaml:{line}:1", name) for line, name in enumerate(lines, 3)
    ]
    assert (
        f"sources/{SLUG}.yaml:3:1: title is empty; write what the document says"
        in found
    )

    decided = {
        "measure": "alleged",
        "category": "any",
        "area": "E23000001",
        "population": "officers",
    }
    decided |= {
        "counting_unit": "people",
        "stated_by": "the_news",
        "counted": "officers",
    }
    for row in rows:
        row[:] = [
            decided[name] if cell == "decide" else cell
            for name, cell in zip(header, row, strict=True)
        ]
        row[header.index("counted_at")] = "char=13,21"
    with table.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    values = {"published": "2026", "url": "https://example.org/", "retrieved": "2026"}
    text = re.sub(
        r'(\w+): ""',
        lambda match: f"{match[1]}: {values.get(match[1], 'Words')}",
        source.read_text(),
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


def test_every_figure_of_the_five_articles_is_drafted_at_its_place(tmp_path, shared):
    articles = {
        sha256(path.read_bytes()).hexdigest(): path
        for path in shared.glob("documents/*.txt")
    }
    drafted, kept = 0, 0
    for source in sorted((ROOT / "data/observations").glob("*.csv")):
        if (ROOT / f"data/tables/{source.stem}.yaml").exists():
            continue
        stated = re.search(
            "(?m)^sha256: (.+)", (ROOT / f"data/sources/{source.stem}.yaml").read_text()
        )
        article = articles[stated[1]]
        data = shutil.copytree(
            ROOT / "data",
            tmp_path / source.stem,
            ignore=shutil.ignore_patterns("releases", "*.zip"),
        )
        for name in (
            f"sources/{source.stem}.yaml",
            f"observations/{source.name}",
            f"not-statistics/{source.name}",
        ):
            (data / name).unlink()
        words = ["draft", str(article), "--source", source.stem, "--data", str(data)]
        assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
        rows = {row["at"]: row for row in read(data, "observations", source.stem)}
        figures = read(ROOT / "data", "observations", source.stem)
        assert [
            one["id"]
            for one in figures
            if rows.get(one["at"], {}).get("value", "absent") != one["value"]
        ] == []
        drafted += len(rows)
        kept += len(
            rows.keys()
            & {
                place
                for one in figures
                for place in (one["at"], *one.get("also_at", "").split())
            }
        )
    assert (drafted, kept) == (79, 70)


def test_of_what_is_counted_only_the_indicator_is_to_be_decided(folder):
    shutil.copyfile(ROOT / "data/indicators.csv", folder / "data/indicators.csv")
    draft(folder, "--source", SLUG)
    [row, *_] = read(folder / "data", "observations")
    undecided = [name for name, cell in row.items() if cell == "decide"]
    assert undecided == ["counted", "fit", "area", "stated_by", "indicator"]
