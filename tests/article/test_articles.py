"""The articles of the register are found again: every figure as that figure, and what is no statistic as nothing."""

import csv
from collections import Counter
from hashlib import sha256

import pytest
import yaml

from ..conftest import ROOT
from .texts import check, entry_at, span

DATA = ROOT / "data"


def read(path):
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


@pytest.fixture(scope="module")
def articles(shared, client):
    """What is found in each article: the answer, the figures of `data/` and the numbers that are no statistics."""
    texts = {
        sha256(path.read_bytes()).hexdigest(): path.read_text("utf-8")
        for path in shared.glob("documents/*.txt")
    }
    found = []
    for path in sorted(DATA.glob("sources/*.yaml")):
        digest = yaml.safe_load(path.read_text("utf-8")).get("sha256")
        if digest in texts:
            rows, others = (
                read(DATA / folder / f"{path.stem}.csv")
                for folder in ("observations", "not-statistics")
            )
            found.append((check(client, texts[digest]), rows, others))
    assert len(found) == 5
    return found


def test_every_figure_is_found_first_as_itself_or_as_the_claim_that_it_repeats(
    articles,
):
    claims = {
        row["id"]: row.get("repeats") or row["id"]
        for _, rows, _ in articles
        for row in rows
    }
    counts, missed = Counter(), []
    for answer, rows, _ in articles:
        places = [
            (row, at)
            for row in rows
            if row["value"]
            for at in (row["at"], *(row.get("also_at") or "").split())
        ]
        for row, at in places:
            is_word = not any(map(str.isdigit, row["printed"])) or row[
                "printed"
            ].startswith("one")
            figures = (entry_at(answer, *span(at)) or {"figures": ()})["figures"]
            first = claims.get(figures[0]["id"]) if figures else None
            counts["words" if is_word else "digits"] += 1
            missed += (
                []
                if first == claims[row["id"]]
                else [(row["id"], row["printed"], first)]
            )
    assert missed == []
    assert counts == {"digits": 54, "words": 7}


def test_what_is_no_statistic_brings_no_figure(articles):
    numbers = [(answer, row) for answer, _, others in articles for row in others]
    found = [
        (row["printed"], entry_at(answer, *span(row["at"]))) for answer, row in numbers
    ]
    assert [
        number for number, one in found if one and (one["figures"] or one["near"])
    ] == []
    assert len(numbers) == 41


def test_nothing_is_said_to_differ(articles):
    codes = [
        (entry["printed"], one["code"])
        for answer, _, _ in articles
        for entry in answer["data"]
        for figure in entry["figures"][:1]
        for one in figure["differences"]
    ]
    assert codes == []
