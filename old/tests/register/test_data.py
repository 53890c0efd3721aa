"""The register itself: `data/` is valid, agrees with its documents, and has the words around its figures."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from misconduct.register.mistakes import Mistakes
from misconduct.register.verify import verify_documents
from tests.register.reading import mistakes_of

PROJECT = Path(__file__).parents[2]
DOCUMENTS = PROJECT.parent / "shared" / "documents"


def test_the_register_is_in_order():
    assert mistakes_of(PROJECT / "data") == []


def test_the_register_accounts_for_every_number_of_its_documents():
    if not DOCUMENTS.is_dir():
        assert not os.environ.get("CI"), "CI must hold the register against its documents, which are not there"
        pytest.skip("NOT RUN: the documents are not beside the project, so the register was not held against them")
    mistakes = Mistakes()
    report = verify_documents(PROJECT / "data", DOCUMENTS, mistakes)
    mistakes.raise_if_any()
    assert len(report.verified) == 5
    assert report.numbers == 126


@pytest.fixture(scope="module")
def real():
    """The places of the real register, by source: characters from and to, and the words around them."""
    records = yaml.safe_load((PROJECT / "data" / "quotes.yaml").read_text(encoding="utf-8"))
    return {record["id"]: {one["at"]: one for one in record["places"]} for record in records}


def test_the_register_has_the_words_of_the_articles(real):
    disclosure = real["eye-of-media-2024-disclosure"]
    assert disclosure["char=3504,3507"] == {"at": "char=3504,3507", "prefix": "with ", "suffix": " in"}
    assert disclosure["char=3494,3497"] == {"at": "char=3494,3497", "prefix": "were ", "suffix": ", with"}
    assert disclosure["char=3063,3068"] == {"at": "char=3063,3068", "prefix": "was ", "suffix": ""}
    clarification = real["police-oracle-2023-met-review"]["char=364,369"]
    assert (clarification["prefix"], clarification["suffix"]) == ("1,633 cases involving ", " officers and staff.")


def test_every_place_of_the_register_is_the_only_one_in_its_document(real):
    if not DOCUMENTS.is_dir():
        assert not os.environ.get("CI"), "CI must hold the register against its documents, which are not there"
        pytest.skip("NOT RUN: the documents are not beside the project")
    texts = [path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.glob("*.txt"))]
    headlines = set()
    for found in real.values():
        at = max(int(place.partition(",")[2]) for place in found)
        [text] = [text for text in texts if len(text) > at and all(_words(one, text) for one in found.values())]
        plain = " ".join(text.split()).casefold()
        for one in found.values():
            hits = plain.count(" ".join(_words(one, text).split()).casefold())
            if hits > 1:
                headlines.add((one["at"], hits))
    assert headlines == {("char=33,38", 2), ("char=134,139", 2), ("char=8,16", 2), ("char=102,110", 2)}


def _words(one, text):
    """The words that the record says stand there, if the document has them there."""
    start, end = map(int, re.findall(r"\d+", one["at"]))
    words = text[start - len(one["prefix"]) : end + len(one["suffix"])]
    return words if words.startswith(one["prefix"]) and words.endswith(one["suffix"]) else ""
