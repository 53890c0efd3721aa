"""Each word stands for the same code in a search and in a sentence."""

import csv
from pathlib import Path

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.vocabulary import Phrases

CODELISTS = Path(__file__).parents[2] / "data/codelists"

MEANINGS = {
    "Referred to Other Agency/C.A.P. Investigation": (
        "measure",
        "another_force_or_body",
    ),
    "No C.A.P. Investigation": ("measure", "closed_without_finding"),
    "Non-Investigatory Incident": ("measure", "closed_without_finding"),
    "Complainant uncooperative": ("measure", "closed_without_finding"),
    "Complainant unavailable": ("measure", "closed_without_finding"),
    "Closed - pending litigation": ("measure", "closed_without_finding"),
    "Referred to proceedings": ("measure", "facing_proceedings"),
    "Would have been dismissed": ("measure", "left_force"),
    "Sexual Crime/Misconduct": ("category", "sexual"),
    "sexual relationship with a victim": ("category", "abuse_of_position_sexual"),
    "F Sex": ("category", "discrimination"),
    "F Sexual orientation": ("category", "discrimination"),
    "Offensive language": ("category", "discrimination"),
    "Harassment": ("category", "harassment_or_bullying"),
    "H5 Overbearing or harassing behaviours": ("category", "harassment_or_bullying"),
    "G Abuse of position for financial purpose": ("category", "corruption"),
    "personnel": ("population", "workforce"),
    "police personnel": ("population", "workforce"),
    "ex-officers": ("population", "former_officers"),
    "former police officers": ("population", "former_officers"),
    "retired officers": ("population", "former_officers"),
    "civilian staff": ("population", "staff"),
    "community support officers": ("population", "staff"),
}
"""Words that had one code in searches and another one in sentences, when each had a list of its own."""


def read_lists():
    """Return the vocabulary of the code lists in data/."""
    records = {}
    for path in CODELISTS.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                lists = {
                    name: list(filter(None, row.get(name, "").split(" | ")))
                    for name in ("words", "said")
                }
                records[f"{path.stem}/{row['code']}"] = {"label": row["label"], **lists}
    return Catalogue({"code": records}).vocabulary


@pytest.fixture(scope="module")
def vocabulary():
    return read_lists()


@pytest.mark.parametrize(("words", "meaning"), MEANINGS.items(), ids=MEANINGS)
def test_a_word_means_the_same_in_a_search_and_in_a_sentence(
    vocabulary, words, meaning
):
    codelist, code = meaning
    assert vocabulary.find_meant(codelist, words) == [code]
    for text in (
        f"The table has 12 under “{words}”.",
        f"There were 12 {words.lower()} in 2019.",
    ):
        assert [
            one.code for one in vocabulary.of_sentences(codelist).find_said(text)
        ] == [code]


def test_no_word_that_sentences_know_has_two_codes_of_a_list(vocabulary):
    for name in ("measure", "category", "population", "counting_unit"):
        phrases = [
            words.lower()
            for content in vocabulary.lists[name].values()
            for words in (
                *(one for one in content["words"] if not one[0].isupper()),
                *content["said"],
            )
        ]
        assert phrases
        assert sorted({*phrases}) == sorted(phrases), name


def test_sentences_do_not_know_headings_of_tables_and_former_codes(vocabulary):
    measures, categories = (
        vocabulary.of_sentences("measure"),
        vocabulary.of_sentences("category"),
    )
    assert (
        measures.find_said(
            "The case is closed, the shop resolved the matter, and called_hotline is void."
        )
        == []
    )
    assert (
        categories.find_said("The service has a property, and the force was on duty.")
        == []
    )
    assert vocabulary.find_meant("category", "service") == ["duties_and_service"]
    assert vocabulary.find_meant("measure", "closed") == ["closed_without_finding"]


def test_longer_words_win_a_star_ends_a_word_and_what_is_denied_does_not_count():
    phrases = Phrases(
        {
            "accus*": "alleged",
            "accused and cleared": "cleared",
            "guilty": "proven",
        }.items()
    )
    text = "Twelve were Accused and  cleared, an accusation was made, and nobody was not found guilty."
    found = [(text[one.start : one.end], one.code) for one in phrases.find_said(text)]
    assert found == [("Accused and  cleared", "cleared"), ("accusation", "alleged")]
    assert [one.code for one in phrases.find(text)] == ["cleared", "alleged", "proven"]
    assert [*Phrases([]).find("anything")] == []


def test_a_search_finds_the_longest_words_of_a_list_and_not_what_is_denied(vocabulary):
    assert vocabulary.find_meant("measure", "845 officers suspended or restricted") == [
        "suspended_or_restricted"
    ]
    assert vocabulary.find_meant("measure", "not proven") == ["not_proven"]
    assert vocabulary.find_meant("area", "New York Police in Kent") == [
        "us_ny_new_york",
        "E23000032",
    ]


def test_names_of_places_are_read_as_they_are_written_or_in_capitals(vocabulary):
    text = "In KENT and Kent, but not in kent; the Yard and The Met; New York."
    found = [
        (text[one.start : one.end], one.code) for one in vocabulary.places.find(text)
    ]
    assert found == [
        *(
            ("KENT", "E23000032"),
            ("Kent", "E23000032"),
            ("the Yard", "E23000001"),
            ("The Met", "E23000001"),
        ),
        *(("New York", "us_ny"), ("New York", "us_ny_new_york")),
    ]
