"""YAML files: a small, safe part of the language, every mistake at its line and column."""

from __future__ import annotations

import time

import pytest

from misconduct.register.files import RegisterFile
from misconduct.register.mistakes import Mistakes
from misconduct.register.yaml_files import read_trees
from tests.register.reading import mistakes_of, replace
from tests.registers import source_text, write_register

SOURCE = "sources/paper.yaml"


@pytest.fixture
def data(tmp_path):
    return write_register(tmp_path / "data", "value\n 5")


def parse(tmp_path, text):
    """The documents of a text, and what is wrong with it."""
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    mistakes = Mistakes()
    trees = read_trees(RegisterFile(path, "x.yaml"), mistakes)
    return [tree.value for tree in trees], [str(mistake) for mistake in mistakes.in_order()]


def test_words_numbers_and_null_are_read_as_every_parser_reads_them(tmp_path):
    text = "a: 1\nb: 2024-01-05\nc: 'null'\nd: ~\ne: true\nf: 1.0.0\ng: no\nh: [x, -3]\ni:\n---\nj: |\n  two\n  lines\n"
    values, mistakes = parse(tmp_path, text)
    assert mistakes == []
    assert values == [
        {
            "a": 1,
            "b": "2024-01-05",
            "c": "null",
            "d": None,
            "e": True,
            "f": "1.0.0",
            "g": "no",
            "h": ["x", -3],
            "i": None,
        },
        {"j": "two\nlines\n"},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1,\n", "x.yaml:2:1: this is not valid YAML for the register: did not find expected node content"),
        ("a: b: c\n", "x.yaml:1:5: this is not valid YAML for the register: mapping values are not allowed in this context"),
        ("\ta: 1\n", "x.yaml:1:1: this is not valid YAML for the register: found character that cannot start any token"),
        ("é: ok\nä ü: \x07\n", "x.yaml:2:6: there is a control character (U+0007) here; text"),
        ("é: ok\nä ü: \ufffe\n", "x.yaml:2:6: there is a control character here; text"),
        ("a: b\nc: \"d\\0e\"\n", "x.yaml:2:4: there is a control character (U+0000) in this text; line feeds and tabs only"),
        ("a: \"\\x01\"\n", "x.yaml:1:4: there is a control character (U+0001) in this text"),
        ("a: [\"\\N\"]\n", "x.yaml:1:5: there is a control character (U+0085) in this text"),
        ("\"a\\e\": b\n", "x.yaml:1:1: there is a control character (U+001B) in this text"),
        ("a: &x 1\n", "x.yaml:1:4: this is not valid YAML for the register: anchors and aliases are not allowed"),
        ("a: 1\nb: *a\n", "x.yaml:2:4: this is not valid YAML for the register: anchors and aliases are not allowed"),
        ("a: !!python/object/apply:os.system [id]\n", "x.yaml:1:4: this is not valid YAML for the register: tags are not allowed"),
        ("? [a]\n: 1\n", "x.yaml:1:3: this is not valid YAML for the register: a key is a word"),
        ("[" * 100_000, "x.yaml:1:10: this is not valid YAML for the register: more than 8 levels are not allowed"),
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3:1: the key 'a' is already in line 1; each key once"),
        ("a: 1.5\n", "x.yaml:1:1: 1.5 is a number that not every YAML parser reads the same way; a text in quotes: \"1.5\""),
        ("a: 1e999\n", "1e999 is a number that not every YAML parser reads the same way"),
        ("a: 1_000\n", "1_000 is a number that not every YAML parser reads the same way"),
        ("a: 0x1f\n", "0x1f is a number that not every YAML parser reads the same way"),
        ("a: 007\n", "007 is a number that not every YAML parser reads the same way"),
        ("a: .inf\n", ".inf is a number that not every YAML parser reads the same way"),
        ("a: 1" + "0" * 5000 + "\n", "is a number that not every YAML parser reads the same way"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_named_at_its_place(tmp_path, text, expected):
    _, mistakes = parse(tmp_path, text)
    assert any(expected in mistake for mistake in mistakes), mistakes


def test_line_feeds_and_tabs_are_allowed_in_a_text(tmp_path):
    assert parse(tmp_path, 'a: "b\\n\\tc"\n') == ([{"a": "b\n\tc"}], [])


def test_an_alias_bomb_is_refused_at_once(data):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)
    )
    (data / SOURCE).write_text(bomb)
    began = time.perf_counter()
    assert any(
        "paper.yaml:1:4: this is not valid YAML for the register: anchors" in mistake for mistake in mistakes_of(data)
    )
    assert time.perf_counter() - began < 2


def test_a_huge_file_is_read_no_further_than_4_mb(data):
    with (data / "caveats.yaml").open("w") as file:
        file.writelines(f"- {{id: caveat_{n}, version: 1, text: Yes.}}\n" for n in range(300_000))
    assert any("the file is larger than 4 MB" in mistake for mistake in mistakes_of(data))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"title": "Paper"', '"tilte": "Paper"', "paper.yaml:4:2: there is no key 'tilte'; id, version, title, publisher,"),
        ('"title": "Paper"', '"tilte": "Paper"', "did you mean title?"),
        ('"held": true', '"held": "yes"', "paper.yaml:5:2: held: 'yes'; true or false"),
        ('"version": 1', '"version": "1"', "paper.yaml:3:2: version: '1'; a whole number"),
        ('"version": 1', '"version": 0', "version: 0; greater than or equal to 1"),
        ('"id": "paper"', '"id": "Paper 1"', "id: 'Paper 1'; words of lower-case letters and digits joined by -, a letter first"),
        ('"id": "paper"', '"id": "latest"', "'latest' cannot be an id: it is a path of the API; another word"),
        ('"id": "paper"', '"id": "papers"', "the id 'papers' is in the file 'paper'; name the file after the id"),
        ('"id": "paper",', "", "paper.yaml:1:1: the key 'id' is missing"),
        ('"sha256": "0000', '"sha256": "x000', "64 hexadecimal digits in lower case"),
        ('"media_type": "text/plain"', '"media_type": "text"', "an IANA media type: text/plain"),
        ('"language": "en"', '"language": "english"', "a BCP 47 language tag: en-GB"),
        ('"length": 1000000', '"length": null', "the key 'length' is missing; length and sha256 of the text that was read"),
        ('"publisher": "The publisher"', '"publisher": null', "publisher is null and no note says why; a sentence under notes: publisher"),
        ('"byline": "Not known."', '"bylin": "Not known."', "there is no key 'bylin' to note; did you mean byline?"),
        ('"byline": "Not known."', '"byline": ""', "at least one character"),
        ('"held": true', '"held": false', "length of a source that was not held; held: true, or no such key"),
        ('"notes": {', '"published": 2024, "notes": {', "published: 2024; a text; a number or date in quotes"),
        ('"notes": {', '"published": "2024-13", "notes": {', "published: '2024-13' is not a date: month must be in 1..12"),
        ('"notes": {', '"url": "example.org", "notes": {', "an address that begins with http:// or https://"),
    ],
)  # fmt: skip
def test_an_invalid_source_is_reported_key_by_key(data, old, new, expected):
    replace(data / SOURCE, old, new)
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


def test_a_source_that_nobody_read_has_no_figures(data):
    (data / SOURCE).write_text(source_text("paper", held=False))
    assert mistakes_of(data) == [
        "data/observations/paper.csv:0:0: the source 'paper' is not held; figures with places only of sources that were read"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "paper.yaml:1:1: there is no source in this file"),
        ("just words", "paper.yaml:1:1: this is not a mapping; a source: keys with their values"),
        ("- 1", "paper.yaml:1:1: this is not a mapping"),
    ],
)
def test_a_file_without_a_record_says_so(data, text, expected):
    (data / SOURCE).write_text(text)
    assert any(expected in mistake for mistake in mistakes_of(data))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("- {id: a, version: 1, text: x}\n- id: four\n  version: 1\n  text: The figures of district #4 are of nine months.\n", "4:33"),
        ("- id: four\n  version: 1\n  text: Es fällt\n    unter \t#MeToo.\n", "4:12"),
        ("- {id: four, version: 1, text: case #12\n  }\n", "1:37"),
        ("- id: four # the fourth\n  version: 1\n  text: x\n", "1:12"),
    ],
)  # fmt: skip
def test_a_text_of_a_draft_is_not_cut_off_by_a_comment(data, text, at):
    (data / "caveats.yaml").write_text(text)
    assert mistakes_of(data) == [
        (
            f"data/caveats.yaml:{at}: a comment begins here, which is no part of the text before it; "
            "the whole text in quotes, or the comment in a line of its own"
        )
    ]


def test_comments_that_cut_off_no_text_are_allowed(data):
    text = (
        '# all of it\n- id: "a" # quoted\n  version: 1 # a number\n  text: # what follows\n    in C# and a#b\n  # a line\n'
        "- {id: 'b', version: 1, text: 'district #4'} # a mapping\n"
        "- id: c\n  version: 1\n  text: | # lines\n    district #4\n"
    )
    (data / "caveats.yaml").write_text(text)
    replace(data / SOURCE, '"title": "Paper"', '"byline": null # none\n, "title": "Paper" # printed\n')
    replace(data / SOURCE, '"held": true', '"held": true # read\n')
    assert mistakes_of(data) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: rounded", "caveats.yaml:1:1: this is not a list; a list of records, each with an id"),
        ("- {id: rounded, version: 1}", "caveats.yaml:1:3: the key 'text' is missing"),
        ("- {id: NaN, version: 1, text: x}", "cannot be an id: programs read it as a missing or special value"),
        ("- {id: a, version: 1, text: x}\n- {id: a, version: 1, text: x}", "caveats.yaml:2:4: a in this version is already in data/caveats.yaml:1"),
        ("- {id: a, version: 2, text: x}", "a@2 is here, but no release has a@1"),
    ],
)  # fmt: skip
def test_an_invalid_caveat_is_reported(data, text, expected):
    (data / "caveats.yaml").write_text(text)
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


def test_datasets_and_measures_belong_together(data):
    replace(data / "datasets.yaml", '["accused"]', '["acused"]')
    assert mistakes_of(data) == [
        "data/codelists/measure.csv:2:1: no dataset shows the measure 'accused'; each measure in one dataset at least (datasets.yaml)",
        "data/datasets.yaml:1:110: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?",
    ]


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("unit", "permille,1,Per mille,A thousandth.,,Us", "the code 'permille' is not in this closed list; count, per_thousand, percent, proportion"),
        ("category", "1st,1,First,First.,,Us", "category.csv:3:1: '1st' is not a code; words of letters and digits joined by _, a letter first"),
        ("category", "None,1,None,None.,,Us", "'None' cannot be an id: programs read it as a missing or special value"),
        ("category", "history,1,x,x,,Us", "'history' cannot be an id: it is a path of the API"),
        ("category", "x,one,x,x,,Us", "category.csv:3:3: 'one' is not a version"),
        ("category", "x,1,,x,,Us", "category.csv:3:1: the key 'label' is missing"),
        ("category", "x,1,x,x,y,Us", "category.csv:3:9: there is no category 'y'"),
        ("category", "x,1,x,x,x,Us", "category.csv:3:9: following broader from category/x leads back to it"),
        ("category", "x,1,x,x,y,Us\ny,1,y,y,x,Us", "category.csv:4:9: following broader from category/y leads back to it"),
        ("category", "x,1,x,x,,Us\nx,1,x,x,,Us", "category.csv:4:1: category/x in this version is already in data/codelists/category.csv:3"),
    ],
)  # fmt: skip
def test_an_invalid_code_is_reported(data, name, row, expected):
    with (data / "codelists" / f"{name}.csv").open("a") as file:
        file.write(row + "\n")
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


AREAS = """\
code,version,label,definition,broader,defined_by,scheme,notation,same_as,close,narrower
E23000001,1,Metropolitan Police,Its area.,gb,ONS,gss,E23000001,http://statistics.data.gov.uk/id/statistical-geography/E23000001,,
gb,1,United Kingdom,The state.,,ISO,iso-3166-1,GB,,,
us_pa,1,Pennsylvania,The state.,,ISO,iso-3166-2,US-PA,,,
us_pa_philadelphia,1,Philadelphia,The city.,us_pa,Us,fips-place,4260000,,,
phl_region,1,The region,As printed.,,Us,,,,gb,us_pa E23000001
"""


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("x,1,x,x,,Us,iso-3166-2,US-PA,,,", "area.csv:7:24: US-PA of iso-3166-2 is the notation of us_pa already; one code of a list for each notation"),
        ("x,1,x,x,,Us,iso-3166-2,us_pa,,,", "area.csv:7:24: us_pa is itself another code of this list"),
        ("x,1,x,x,,Us,,US-NJ,,,", "area.csv:7:14: a notation without a scheme; both or neither"),
        ("x,1,x,x,,Us,iso-3166-2,,,,", "area.csv:7:13: a scheme without a notation; both or neither"),
        ("x,1,x,x,,Us,ISO 3166,US-NJ,,,", "area.csv:7:13: scheme: 'ISO 3166'; words of lower-case letters and digits joined by -, a letter first"),
        ('x,1,x,x,,Us,iso-3166-2,"US,NJ",,,', "notation: 'US,NJ'; letters and digits joined by . _ / : or -, as the scheme writes it"),
        ("x,1,x,x,,Us,,,wikidata,,", "same_as: 'wikidata'; an address that begins with http:// or https://"),
        ("x,1,x,x,,Us,,,,us_ap,", "area.csv:7:16: there is no area 'us_ap'; an id of codelists/area.csv; did you mean us_pa?"),
        ("x,1,x,x,,Us,,,,,us_pa us_ap", "area.csv:7:17: there is no area 'us_ap'; an id of codelists/area.csv; did you mean us_pa?"),
        ("x,1,x,x,,Us,,,,x,", "area.csv:7:16: area/x is this code, or above or below it; a code that is only close"),
        ("x,1,x,x,us_pa_philadelphia,Us,,,,us_pa,", "area.csv:7:34: area/us_pa is this code, or above or below it"),
        ("x,1,x,x,us_pa_philadelphia,Us,,,,,us_pa", "area.csv:7:9: following broader from area/x leads back to it"),
        ("x,1,x,x,,Us,,,,,x", "area.csv:7:17: following broader from area/x leads back to it"),
    ],
)  # fmt: skip
def test_codes_have_notations_and_relations_that_tell_them_apart(data, row, expected):
    file = data / "codelists" / "area.csv"
    file.write_text(AREAS)
    assert mistakes_of(data) == []
    file.write_text(f"{AREAS}{row}\n")
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


@pytest.mark.parametrize("code", ["x\n", "\n", "٣x"])
def test_a_code_is_validated_to_its_end(data, code):
    with (data / "codelists" / "category.csv").open("a") as file:
        file.write(f'"{code}",1,x,x,,Us\n')
    assert any("is not a code; words of letters and digits" in mistake for mistake in mistakes_of(data)), mistakes_of(
        data
    )


def test_a_closed_list_may_lack_codes_that_no_figure_has(data):
    path = data / "codelists" / "qualifier.csv"
    path.write_text(
        "".join(line for line in path.read_text().splitlines(keepends=True) if not line.startswith("about,"))
    )
    assert mistakes_of(data) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("22,char=0,2,date,", "2:1: this row has 5 cells"),
        ('22,"char=0,3",date,', "2:4: char=0,3 is 3 characters long, '22' is 2; a place as long as the words"),
        ('22,"char=0,2",dat,', "2:15: there is no not_statistic_reason 'dat'; an id of codelists/not_statistic_reason.csv; did you mean date?"),
        ('22,"char=0,2",date,\n22,"char=0,2",date,', "3:4: char=0,2 is already in line 2; each place once"),
        (',"char=0,2",date,', "2:1: printed is empty"),
    ],
)  # fmt: skip
def test_an_invalid_row_of_other_numbers_is_reported(data, row, expected):
    (data / "not-statistics").mkdir()
    (data / "not-statistics" / "paper.csv").write_text(f"printed,at,reason,note\n{row}\n")
    found = mistakes_of(data)
    assert any(f"data/not-statistics/paper.csv:{expected}" in mistake for mistake in found), found


@pytest.mark.parametrize(("key", "most"), [("title", 2_000), ("byline", 2_000)])
def test_a_text_that_is_in_each_figure_is_limited(tmp_path, key, most):
    data = write_register(tmp_path / "data", "value\n 5", **{SOURCE: source_text("paper", **{key: "x" * most})})
    assert mistakes_of(data) == []
    (data / SOURCE).write_text(source_text("paper", **{key: "x" * (most + 1)}))
    [told] = mistakes_of(data)
    assert told.startswith(f"data/{SOURCE}:")
    assert told.endswith(f"; at most {most} characters")
