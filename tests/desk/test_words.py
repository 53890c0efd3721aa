"""The words of published tables, mapped by hand in published_words.csv, have those codes in the code lists."""

import csv
from pathlib import Path

ROOT = Path(__file__).parents[2]

DEPENDS_ON_ITS_COLUMN = {
    (
        "Not Applicable",
        "measure",
    ),  # of an investigation: closed; of a disciplinary finding: no stage is known
    ("Pending", "measure"),  # the investigation, or the proceedings
    ("Other", "measure"),  # a rest of anything: of road incidents, of outcomes
    ("Other", "category"),  # here a rest of road incidents, elsewhere other misconduct
    # One kind of event. As words of a code for many kinds, they would find them all.
    ("Road traffic incidents", "measure"),
    ("Fatal shootings", "measure"),
    ("Deaths in or following police custody", "measure"),
    ("Apparent suicides following police custody", "measure"),
    ("Apparent suicides following police custody", "category"),
    ("Other deaths following police contact", "measure"),
    ("Pursuit-related", "measure"),
    ("Emergency response related", "measure"),
    ("Calls for Service", "measure"),
    ("Calls for Service", "category"),
    ("Uses of Force", "measure"),
}
"""Words that mean several things, or too little, so that whoever reads the table says what they are."""


def read_words(codelist):
    """Return the codes of each word of a code list, by the word in small letters."""
    found = {}
    with (ROOT / "data" / "codelists" / f"{codelist}.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        for row in csv.DictReader(file):
            for word in row["words"].split(" | "):
                found.setdefault(word.casefold(), set()).add(row["code"])
    return found


def test_published_words_have_one_code_each():
    known = {name: read_words(name) for name in ("measure", "category")}
    with (Path(__file__).parent / "published_words.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    wrong = {
        (row["table"], row["word"], name): known[name].get(row["word"].casefold())
        for row in rows
        for name in known
        if row[name] and (row["word"], name) not in DEPENDS_ON_ITS_COLUMN
        if known[name].get(row["word"].casefold()) != {row[name]}
    }
    assert len(rows) == 245
    assert wrong == {}
