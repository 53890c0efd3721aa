"""Every difference between a register and its documents is named at its place."""

import csv
import random
import re
import shutil
import string
from hashlib import sha256
from pathlib import Path

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from misconduct_editor.register.verify import find_documents, verify
from tests.desk.cases import TABLES, read_cases
from tests.registers import DOCUMENTS, NEWS, REPORT, write_register

ROOT = Path(__file__).parents[2]
NEWS_FILE, REPORT_FILE = f"observations/{NEWS}.csv", f"observations/{REPORT}.csv"
VERIFIED = ("at", "also_at", "hedge_at", "period_at", "counted_at")
VERIFIED += ("printed", "hedge", "period_printed", "counted", "value")
MISTAKES = read_cases(TABLES / "verify.yaml")
UNSEEN = "id: a-letter\ntitle: A letter\npublisher: Example\npublished: 2021\n"
UNSEEN += "url: https://example.org/letter\nheld: false\n"
UNSEEN += (
    "licence: null\nnotes: {media_type: x, language: x, licence: x, retrieved: x}\n"
)
NO_PERIOD = {"period": "", "period_printed": "", "period_at": ""}


def write_document(data, documents, source, text):
    """Write a document and, as an editor of a new copy does, its SHA-256 and its length."""
    (documents / f"{source}.txt").write_text(text, encoding="utf-8", newline="")
    record = (data / f"sources/{source}.yaml").read_text(encoding="utf-8")
    record = re.sub(
        "(?m)^sha256: .*", f"sha256: {sha256(text.encode()).hexdigest()}", record
    )
    record = re.sub("(?m)^length: .*", f"length: {len(text)}", record)
    (data / f"sources/{source}.yaml").write_text(record, encoding="utf-8")


@pytest.fixture
def register(tmp_path):
    """Return a function that writes the small register and its documents with changes, and returns both folders."""

    def write(files=None, news=DOCUMENTS[NEWS], **figures):
        data, documents = (
            write_register(tmp_path / "data", files, **figures),
            tmp_path / "documents",
        )
        documents.mkdir(exist_ok=True)
        write_document(data, documents, NEWS, news)
        write_document(data, documents, REPORT, DOCUMENTS[REPORT])
        return data, documents

    return write


def find_mistakes(data, documents):
    try:
        return verify(read_register(data), find_documents(documents))
    except RegisterError as error:
        return str(error).splitlines()


def test_a_register_that_says_what_its_documents_say_has_no_mistakes(register):
    again = f"{DOCUMENTS[NEWS]} Nearly 1,000 were."
    unseen = {"sources/a-letter.yaml": UNSEEN}
    written = register(unseen, news=again, hnmzc={"also_at": "char=127,132"})
    assert find_mistakes(*written) == []


@pytest.mark.parametrize("more", [-1, 1])
def test_a_document_has_the_length_that_its_record_says(register, more):
    data, documents = register()
    record, length = data / f"sources/{NEWS}.yaml", len(DOCUMENTS[NEWS])
    stated = record.read_text()
    record.write_text(
        stated.replace(f"length: {length}\n", f"length: {length + more}\n")
    )
    [mistake] = find_mistakes(data, documents)
    assert mistake.startswith(f"sources/{NEWS}.yaml:")
    assert f"{length} characters" in mistake


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_row_is_named_at_its_cell(register, case):
    (identity,) = case.keys() & {"k7m3q", "hnmzc"}
    news = f"{DOCUMENTS[NEWS]} {case.get('behind', '')}".rstrip()
    data, documents = register(news=news, **{identity: case[identity]})
    file = REPORT_FILE if identity == "k7m3q" else NEWS_FILE
    header = (data / file).read_text().partition("\n")[0].split(",")
    place = f"{file}:2:{header.index(case['at']) + 1}: "
    found = find_mistakes(data, documents)
    assert [one for one in found if one.startswith(place) and case["says"] in one], (
        found
    )


def test_a_hedge_is_left_out_unless_all_of_it_is_in_a_place_of_the_row(register):
    text = "Not more than 1,000 officers were accused in the last 10 years. Hundreds: a report about\xa01,131."
    officers = {"counted_at": "char=20,28"}
    most = {"hedge": "more than", "hedge_at": "char=4,13", "qualifier": "more_than"}
    most |= {"at": "char=14,19", "period_at": "char=45,62"}
    figures = {"hnmzc": most | officers, "w2rmd": {"at": "char=64,72"} | officers}
    report = {"at": "char=89,94"} | officers
    found = find_mistakes(*register(news=text, bbdjq=report, **figures))
    left_out = [re.search("'(.+?)' at char", one)[1] for one in found]
    assert left_out == ["Not more than", "about"]
    counted = report | {"counted": "report about", "counted_at": "char=76,88"}
    assert len(find_mistakes(*register(news=text, bbdjq=counted, **figures))) == 1


BESIDE = {"Perhaps 1,000": "Perhaps", "~1,000": "~", "As many as 1,000": "As many as"}
BESIDE |= {"1,000+": "+", "1,000 or more": "or more"}


@pytest.mark.parametrize(("words", "hedge"), BESIDE.items())
def test_a_hedge_before_or_after_a_number_is_not_left_out(register, words, hedge):
    text = f"{DOCUMENTS[NEWS]} {words} were. Perhaps Hundreds were."
    start, hundreds = text.rindex("1,000"), text.rindex("Hundreds")
    changed = {"hnmzc": {"also_at": f"char={start},{start + 5}"}}
    # without a value, it has no hedge
    changed["w2rmd"] = {"also_at": f"char={hundreds},{hundreds + 8}"}
    (line,) = find_mistakes(*register(news=text, **changed))
    assert f"{hedge!r} at char={text.index(hedge, 120)}," in line


def test_every_number_is_a_figure_or_excluded(register):
    data, documents = register(
        {f"not-statistics/{REPORT}.csv": "printed,at,reason,note\n"}
    )
    start = DOCUMENTS[REPORT].index("12 years")
    (line,) = find_mistakes(data, documents)
    assert line.startswith(f"{documents / REPORT}.txt:1:{start + 1}: ")
    assert f"'12' at char={start},{start + 2}" in line
    counted = {"counted": "In 2022, 1,131 officers", "counted_at": "char=0,23"}
    (line,) = find_mistakes(*register(k7m3q=counted | NO_PERIOD))
    assert "'2022' at char=3,7" in line, (
        "words for what is counted do not account for a number"
    )


@pytest.mark.parametrize(("number", "part"), [("1.5m", "1.5"), ("1\u202f200", "200")])
def test_a_number_is_not_cut(register, number, part):
    text = f"{DOCUMENTS[NEWS]} {number} were."
    start = text.index(part, 120)
    row = {"printed": part, "value": part, "at": f"char={start},{start + len(part)}"}
    row["statistic"] = "change" if "." in part else "count"  # a count has no decimals
    row |= {"repeats": "", "origin": ""}
    shorter = text.replace("names 1,131", "names them ")
    found = find_mistakes(*register(news=shorter, bbdjq=row))
    assert found != []
    assert all(f"no row says what {number!r} at char=" in line for line in found)


def test_documents_and_what_is_said_of_them_are_compared(register):
    correction = f"- id: x\n  source: {NEWS}\n  at: char=79,86\n  printed: removed\n  reading: x\n"
    correction += f"  other_source: {REPORT}\n  other_reading: x\n  explanation: x\n  doubts: value\n"
    data, documents = register({"corrections.yaml": correction})
    with (data / f"sources/{REPORT}.yaml").open("a") as source:
        source.write(
            "quotes:\n  char=9,14: ['In 2021, ', ' officers']\n  char=65,75: ['About', ' to']\n"
        )
    first, *others = find_mistakes(data, documents)
    assert first.startswith(
        "corrections.yaml:3:3: the document has 'removal' at char=79,86; 'removed'"
    )
    assert [one.partition(": ")[0] for one in others] == [
        f"sources/{REPORT}.yaml:{line}:3" for line in (13, 14)
    ]
    (data / f"sources/{NEWS}.yaml").write_text(
        (data / f"sources/{NEWS}.yaml").read_text().replace("h: 1", "h: 9")
    )
    (documents / f"{REPORT}.txt").write_text("Another.")
    places = [line.partition(": ")[0] for line in find_mistakes(data, documents)]
    assert places == [
        "corrections.yaml:3:3",
        f"sources/{REPORT}.yaml:10:1",
        f"sources/{NEWS}.yaml:9:1",
    ]


def change(text, index, draw):
    """Return a text with another character of the same kind at an index."""
    kind = next(
        (one for one in (string.digits, string.ascii_letters) if text[index] in one),
        "#",
    )
    return (
        text[:index]
        + draw.choice([one for one in kind if one != text[index]])
        + text[index + 1 :]
    )


def test_a_hundred_changed_characters_of_rows_are_named(register):
    draw = random.Random(1131)
    data, documents = register()
    for _ in range(100):
        path = data / draw.choice((NEWS_FILE, REPORT_FILE))
        original = path.read_text()
        header, *rows = csv.reader(original.splitlines())
        columns = [header.index(one) for one in VERIFIED if one in header]
        cells = [(row, one) for row in rows for one in columns if row[one]]
        row, column = draw.choice(cells)
        row[column] = change(row[column], draw.randrange(len(row[column])), draw)
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
        place = f"observations/{path.name}:{rows.index(row) + 2}:"
        found = find_mistakes(data, documents)
        assert any(line.startswith(place) for line in found), row
        path.write_text(original)


def list_spans(path):
    """Yield file:line:column, start and end of every place in a file of figures."""
    _, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    for line, row in enumerate(rows, 2):
        for number, cell in enumerate(row, 1):
            for start, end in re.findall(r"char=(\d+),(\d+)", cell):
                yield f"{path.name}:{line}:{number}", int(start), int(end)


@pytest.fixture
def articles(tmp_path, shared):
    """Copies of this repository's register, without its releases, and of the five documents and the tables."""
    ignored = shutil.ignore_patterns("releases")
    data = shutil.copytree(ROOT / "data", tmp_path / "data", ignore=ignored)
    documents = shutil.copytree(
        shared / "documents", tmp_path / "documents", copy_function=shutil.copyfile
    )
    for table in (path for path in (shared / "tables").rglob("*") if path.is_file()):
        shutil.copyfile(table, documents / f"table-{table.name}")
    return data, documents


def test_the_register_of_this_repository_says_what_its_documents_say(articles):
    assert find_mistakes(*articles) == []


def find_texts(data, documents):
    """Return the texts of articles by their sources."""
    texts = [path.read_bytes() for path in documents.glob("*.txt")]
    by_digest = {sha256(text).hexdigest(): text.decode() for text in texts}
    found = {}
    for path in data.glob("sources/*.yaml"):
        stated = re.search("(?m)^sha256: (.+)", path.read_text())
        if stated and stated[1] in by_digest:
            found[path.stem] = by_digest[stated[1]]
    return found


def test_a_hundred_changed_characters_of_the_documents_are_named(articles):
    """All are changed at once, since it is reading the register that takes the time."""
    data, documents = articles
    draw = random.Random(1492)
    texts = find_texts(data, documents)
    assert len(texts) == 5
    expected = []
    for source, text in texts.items():
        spans = [*list_spans(data / f"observations/{source}.csv")]
        inside = {index for _, start, end in spans for index in range(start, end)}
        changed = text
        for index in draw.sample(sorted(inside), 20):
            changed = change(changed, index, draw)
            expected += [one for one, start, end in spans if start <= index < end]
        write_document(data, documents, source, changed)
    found = find_mistakes(data, documents)
    named = {line.partition(": ")[0] for line in found}
    assert [one for one in expected if f"observations/{one}" not in named] == []
