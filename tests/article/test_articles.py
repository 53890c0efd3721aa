"""The articles of the register are found again: every figure as that figure, and what is no statistic as nothing."""

import csv
from hashlib import sha256

import pytest
import yaml

from ..conftest import ROOT
from .texts import check, entry_at, span

DATA = ROOT / "data"
LEAST = 50  # figures


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
    rows = [row for _, of_article, _ in articles for row in of_article]
    claims = {row["id"]: row.get("repeats") or row["id"] for row in rows}
    missed, codes = [], []
    for answer, of_article, _ in articles:
        for row in of_article:
            places = [row["at"], *(row.get("also_at") or "").split()]
            for at in places if row["value"] else ():
                entry = entry_at(answer, *span(at)) or {"figures": ()}
                first = [claims.get(one["id"]) for one in entry["figures"]][:1]
                if first != [claims[row["id"]]]:
                    missed.append((row["id"], row["printed"], first))
        for entry in answer["data"]:
            codes += [one["differences"] for one in entry["figures"][:1]]
    assert missed == []
    assert not any(codes)
    assert sum(bool(row["value"]) for row in rows) > LEAST


def test_what_is_no_statistic_brings_no_figure(articles):
    numbers = [(answer, row) for answer, _, others in articles for row in others]
    found = [
        (row["printed"], entry_at(answer, *span(row["at"]))) for answer, row in numbers
    ]
    assert [
        number for number, one in found if one and (one["figures"] or one["near"])
    ] == []
    assert len(numbers) == 41
