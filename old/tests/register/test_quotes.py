"""The words around figures, by which a browser finds them in their document."""

from __future__ import annotations

import hashlib
import re

import pytest
import yaml

from misconduct.errors import RegisterRefused
from misconduct.model.locator import Around, Span, text_fragment
from misconduct.register import quotes
from misconduct.register.editors import RegisterInUse
from misconduct.register.mistakes import Mistakes
from misconduct.register.quotes import quote_places
from misconduct.register.record_files import merge_records, read_blocks
from misconduct.register.verify import read_document, verify_documents
from misconduct.register.write_quotes import write_quotes
from tests.register.reading import mistakes_of, replace
from tests.register.test_verify import write
from tests.registers import seal

TEXT = "In 2021 there were 116 cases.\n116 is one bus.\n\nUp by 116 in\u00a0all, they said: up by 116  IN total."


def places(text, *claims):
    found = quote_places(text, [[Span(*span) for span in spans] for spans in claims])
    return {one["at"]: (one["prefix"], one["suffix"]) for one in found}


def test_as_few_words_are_kept_as_tell_a_place_from_others():
    assert places(TEXT, [(19, 22)], [(30, 33)], [(53, 56)], [(82, 85)]) == {
        "char=19,22": ("were ", " cases."),
        "char=30,33": ("", " is"),
        "char=53,56": ("Up by ", " in\u00a0all,"),  # "by 116 in" occurs twice, whatever its case and white space
        "char=82,85": ("up by ", "  IN total."),
    }


def test_a_headline_that_is_printed_twice_is_one_claim():
    text = "Another 1,000 cases\n\nAnother 1,000 cases\n"
    both = ("Another ", " cases")
    assert places(text, [(8, 13), (29, 34)]) == {"char=8,13": both, "char=29,34": both}
    assert places(text, [(8, 13)]) == {}  # nothing leads to the one and not to the other


def test_extracts_have_at_most_forty_characters_and_whole_words():
    words = "abcdefghijklmnopqrstuvwxyz"
    text = f"{words} {words} 5 {words} {words}.\n{words} {words} 5 {words} {words}!"
    assert places(text, [(54, 55)]) == {}
    assert places(text.replace(f"5 {words}", "5 of"), [(54, 55)]) == {"char=54,55": (f"{words} ", f" of {words}.")}
    assert places("x" * 60 + " 5 " + "y" * 60, [(61, 62)]) == {}


@pytest.mark.parametrize("edge", ["\n", "\u2028", "\u2029", "\x85", "\x07", "\ufffe", "\u202e"])
def test_words_around_a_figure_are_of_its_line_and_have_no_character_that_a_text_may_not_have(edge):
    text = f"They said: {edge} up by{edge} 116 officers {edge}were accused. It was 116 before."
    assert places(text, [(at := text.index("116"), at + 3)]) == {f"char={at},{at + 3}": ("", " officers")}


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\ufeff", "\t", "\u00a0"])
def test_a_text_that_a_command_writes_is_read_again_as_it_is(tmp_path, mark):
    text = f" One {mark} {mark}two{mark} "
    file = tmp_path / "caveats.yaml"
    file.write_text(merge_records({}, {("one", 1): {"id": "one", "version": "1", "text": text, "of": [{"a": text}]}}))
    [record] = yaml.safe_load(file.read_text())
    assert (record["text"], record["of"]) == (text, [{"a": text}])


def test_a_fragment_escapes_what_has_a_meaning_in_it():
    assert text_fragment("50,000", Around("Met’s ", "-strong")) == "#:~:text=Met%E2%80%99s-,50%2C000,-%2Dstrong"
    assert text_fragment("a & b", Around("", "  of\u00a0it")) == "#:~:text=a%20%26%20b,-of%20it"
    assert text_fragment("116") == "#:~:text=116"


# The command, and what verify says


def verified(tmp_path):
    mistakes = Mistakes()
    verify_documents(tmp_path / "data", tmp_path / "documents", mistakes)
    return [str(mistake) for mistake in mistakes.in_order()]


def test_the_command_writes_drafts_and_then_next_versions(tmp_path):
    data = write(tmp_path)
    report = write_quotes(data, tmp_path / "documents")
    assert (report.places, report.sources, report.changed) == (2, 1, 1)
    assert (data / "quotes.yaml").read_text(encoding="utf-8") == (
        '- id: "paper"\n  version: 1\n  places:\n'
        '    - {"at": "char=7,12", "prefix": "Nearly ", "suffix": " officers"}\n'
        '    - {"at": "char=51,56", "prefix": "Nearly ", "suffix": "! Page"}\n'
    )
    assert mistakes_of(data) == verified(tmp_path) == []
    assert write_quotes(data, tmp_path / "documents").changed == 0
    seal(data, "1.0.0", "2024-05-01")
    with (data / "observations" / "paper.csv").open("a", encoding="utf-8") as rows:
        rows.write(released_row(data).replace("bbbb2,1", "bbbb2,2").replace("char=51,56", ""))
    with (data / "not-statistics" / "paper.csv").open("a", encoding="utf-8") as rows:
        rows.write('"1,000","char=51,56",date,\n')
    assert write_quotes(data, tmp_path / "documents").changed == 1
    assert (
        (data / "quotes.yaml")
        .read_text(encoding="utf-8")
        .endswith(
            '- id: "paper"\n  version: 2\n  places:\n'
            '    - {"at": "char=7,12", "prefix": "Nearly ", "suffix": " officers"}\n'
        )
    )
    assert mistakes_of(data) == verified(tmp_path) == []


def test_comments_between_records_and_at_the_end_stay(tmp_path):
    data = write(tmp_path)
    write_quotes(data, tmp_path / "documents")
    record = (data / "quotes.yaml").read_text(encoding="utf-8")
    [removed] = [line for line in record.splitlines(keepends=True) if "char=51,56" in line]
    other = '- id: "letter"\n  version: 1\n  places: []\n'
    before, after = "# By the desk.\n", "# The next has no words:\n\n#see the letter of 5 May."
    (data / "quotes.yaml").write_text(f"{before}{record.replace(removed, '')}{after}", encoding="utf-8")
    assert write_quotes(data, tmp_path / "documents").changed == 1
    assert (data / "quotes.yaml").read_text(encoding="utf-8") == f"{before}{record}{after}\n"
    (data / "quotes.yaml").write_text(f"{before}{record}{after}\n{other}# The end.\n", encoding="utf-8")
    blocks = read_blocks(data / "quotes.yaml")
    assert merge_records(blocks, {("paper", 1): None, ("letter", 1): None}) == f"{before}{after}\n# The end.\n"


def test_ids_that_other_readers_take_for_one_value_are_two_records(tmp_path):
    file = tmp_path / "caveats.yaml"
    texts = [f"- id: {name}\n  version: 1\n  text: It says {name}.\n" for name in ("yes", "on", "2031-05-03")]
    file.write_text("".join(texts))
    new = {("new", 1): {"id": "new", "version": 1, "text": "It is new."}}
    added = '- id: "new"\n  version: 1\n  text: "It is new."\n'
    assert merge_records(read_blocks(file), new) == "".join([*texts, added])
    assert merge_records(read_blocks(file), {("2031-05-03", 1): None}) == "".join(texts[:2])


def test_comments_between_records_stay_also_indented_and_after_a_line_of_spaces(tmp_path):
    note = "# Anna: ask the paper.\n  \n  # Phoned on 3 May.\n \n"
    (tmp_path / "quotes.yaml").write_text(f"- id: a\n  version: 1\n{note}- id: b\n  version: 1\n")
    blocks = read_blocks(tmp_path / "quotes.yaml")
    changed = merge_records(blocks, {("a", 1): {"id": "a", "version": 1, "places": []}, ("b", 1): None})
    assert changed == f'- id: "a"\n  version: 1\n  places: []\n{note}'


def test_what_came_while_it_read_the_documents_stays(tmp_path, monkeypatch):
    data = write(tmp_path)

    def edit(*given):
        (data / "quotes.yaml").write_text("# By hand.\n")
        return read_document(*given)

    monkeypatch.setattr("misconduct.register.write_quotes.read_document", edit)
    with pytest.raises(RegisterInUse, match=r"Somebody else changed .*/quotes\.yaml meanwhile"):
        write_quotes(data, tmp_path / "documents")
    assert (data / "quotes.yaml").read_text() == "# By hand.\n"


def released_row(data):
    """The only row of the register, with its line end."""
    return (data / "observations" / "paper.csv").read_text(encoding="utf-8").splitlines(keepends=True)[1]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"prefix": "Nearly ", "suffix": " officers"', '"prefix": "early ", "suffix": " officers"', "quotes.yaml:4:7: the document does not have these words around char=7,12, or others are enough; what misconduct quote writes"),
        ('"suffix": " officers"', '"suffix": " officers were"', "the document does not have these words around char=7,12"),
        ('    - {"at": "char=7,12", "prefix": "Nearly ", "suffix": " officers"}\n', "", "the words around char=7,12 are not those in the document, or missing"),
    ],
)  # fmt: skip
def test_other_words_than_those_in_the_document_are_refused(tmp_path, old, new, expected):
    data = write(tmp_path)
    write_quotes(data, tmp_path / "documents")
    replace(data / "quotes.yaml", old, new)
    assert any(expected in mistake for mistake in verified(tmp_path)), verified(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Case{n} 5 ", ("Case4 ", " Case5")),
        ("a{n} x 5 y b{n} ", ("a4 x ", " y b4")),
        ("x 5 antidisestablishment{n:03}\n", ("x ", " antidisestablishment004")),
    ],
    ids=["one word", "two words", "a long one"],
)
def test_a_place_is_compared_with_those_that_have_words_around_it_in_common(monkeypatch, text, words):
    """Of a number that a text has 200,000 times, each would be compared with each: half an hour."""
    compared = []
    monkeypatch.setattr(quotes, "_precede", lambda *given, really=quotes._precede: compared.append(1) or really(*given))
    text = "".join(text.format(n=n) for n in range(1_000))
    at = [match.start() + 1 for match in re.finditer(" 5 ", text)][::2]
    found = places(text, *([(one, one + 1)] for one in at[1:101]))
    assert found[f"char={at[2]},{at[2] + 1}"] == words
    assert (len(found), len(compared) < 2_000) == (100, True)


def test_a_sigma_is_the_same_letter_wherever_it_stands():
    """In lower case it has two forms: with one word on each side, a browser would find both places."""
    text = "\u03bb\u03cc\u03b3\u03bf\u03c2 5 a. \u039b\u038c\u0393\u039f\u03a3 5 a."
    assert places(text, [(6, 7)]) == {"char=6,7": (text[:6], text[7:16])}


def test_longer_extracts_are_no_record(tmp_path):
    data = write(tmp_path)
    write_quotes(data, tmp_path / "documents")
    replace(data / "quotes.yaml", '"Nearly ", "suffix": " officers"', f'"{"n" * 41}", "suffix": " officers"')
    assert any("quotes.yaml:4:27" in mistake for mistake in mistakes_of(data)), mistakes_of(data)
    with pytest.raises(RegisterRefused):
        write_quotes(data, tmp_path / "documents")


def test_a_source_without_words_around_its_figures_is_verified(tmp_path):
    write(tmp_path)
    assert verified(tmp_path) == []


def test_a_document_that_is_not_utf8_is_reported_and_nothing_is_written(tmp_path):
    data = write(tmp_path)
    document, source = tmp_path / "documents" / "any name", data / "sources" / "paper.yaml"
    former = hashlib.sha256(document.read_bytes()).hexdigest()
    document.write_bytes(document.read_bytes() + "é".encode("latin-1"))
    replace(source, former, hashlib.sha256(document.read_bytes()).hexdigest())
    with pytest.raises(RegisterRefused) as told:
        write_quotes(data, tmp_path / "documents")
    (said,) = map(str, told.value.mistakes)
    assert said.startswith("data/sources/paper.yaml:")
    assert "any name is not UTF-8 at byte " in said
    assert not (data / "quotes.yaml").exists()


def test_after_words_that_the_law_removed_comes_the_next_version(tmp_path):
    data = write(tmp_path)
    write_quotes(data, tmp_path / "documents")
    seal(data, "1.0.0", "2024-05-01")
    (data / "quotes.yaml").write_text("")
    seal(data, "2.0.0", "2024-05-02", removed=["quote/paper@1=A court."])
    assert write_quotes(data, tmp_path / "documents").changed == 1
    assert (data / "quotes.yaml").read_text(encoding="utf-8").startswith('- id: "paper"\n  version: 2\n')
    assert write_quotes(data, tmp_path / "documents").changed == 0
    assert mistakes_of(data) == []
    seal(data, "2.0.1", "2024-05-03")
    assert write_quotes(data, tmp_path / "documents").changed == 0


def test_words_that_have_ended_get_no_other_version(tmp_path):
    data = write(tmp_path)
    write_quotes(data, tmp_path / "documents")
    seal(data, "1.0.0", "2024-05-01")
    seal(data, "2.0.0", "2024-05-02", ended=["quote/paper=No longer."])
    with (data / "observations" / "paper.csv").open("a", encoding="utf-8") as rows:
        rows.write(released_row(data).replace("bbbb2,1", "bbbb2,2").replace("char=51,56", ""))
    with (data / "not-statistics" / "paper.csv").open("a", encoding="utf-8") as rows:
        rows.write('"1,000","char=51,56",date,\n')
    assert write_quotes(data, tmp_path / "documents").changed == 0
    assert mistakes_of(data) == []
