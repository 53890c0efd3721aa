"""The register itself: `data/` is valid, and agrees with its documents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.register.mistakes import Mistakes
from app.register.verify import verify_documents
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
