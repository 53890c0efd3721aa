"""Measure the check on texts, and on sentences made wrong by machine: `pytest -s tests/article/test_measure.py`.

A lot halves the texts. Rules are written on those that are open; of those held out, nobody looks at more than numbers.
"""

from collections import Counter

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import read_period
from misconduct.releases.folder import list_releases, read_release

from ..conftest import ROOT
from .mutations import (
    PAPERS,
    WORDINGS,
    is_held_out,
    list_sentences,
    make_new,
    make_wrong,
)
from .texts import check, claim_of, codes_of, entry_at

CLOSE = 5  # of a hundred, by which the half that is held out may be worse
OF_PLACES, OF_YEARS, OF_ALARMS = 36, 45, 3  # of sixty sentences of one wording
OF_RIGHT, OF_FALSE, OF_ERRORS = 513, 5, 90
"""Of 521 right numbers of the texts, how many must be found and may be alarmed; of 145 errors, how many be said."""

LONG = 3  # digits


class Found:
    """What was found for the number of a sentence."""

    def __init__(self, client, case):
        answer, start = check(client, case.text), case.text.index(case.number)
        entry = entry_at(answer, start, start + len(case.number))
        figure = entry["figures"][0] if entry and entry["figures"] else {}
        self.id = figure.get("id")
        self.is_right = bool({self.id, claim_of(entry)} & case.ids)
        self.codes = codes_of(answer, entry) if entry else set()


@pytest.fixture(scope="module")
def newest(client):
    """The figures of the newest release by their ids, and its catalogue."""
    number = list_releases(ROOT / "data")[-1].number
    release = read_release(ROOT / "data/releases" / number)
    catalogue = Catalogue(release.records)
    sources = catalogue.of_kind("source")
    rows = {}
    for row in release.figures:
        published = sources[row["source"]].get("published")
        times = read_period(row["period"], published)._asdict() if row["period"] else {}
        rows[row["id"]] = {"year": None, "coverage": None} | row | times
    return rows, catalogue


@pytest.fixture(scope="module")
def of_texts(client):
    """How many right and wrong numbers of the texts are found, alarmed and said, by half."""
    counts = Counter()
    for name, paper in PAPERS.items():
        half, answer = is_held_out(name), check(client, paper["text"])
        for kind in ("figures", "errors", "nothing"):
            for one in paper[kind]:
                start = -1
                for _ in range(one["nth"]):
                    start = paper["text"].index(one["printed"], start + 1)
                entry = entry_at(answer, start, start + len(one["printed"]))
                counts[half, kind] += 1
                counts[half, kind, "matched"] += bool(
                    entry and (entry["figures"] or entry["near"])
                )
                counts[half, kind, "said"] += bool(entry and codes_of(answer, entry))
                ids = {*one.get("ids", ())}
                is_right = ids & {claim_of(entry), *list_ids(entry)[:1]}
                counts[half, kind, "right"] += bool(is_right)
    return counts


@pytest.fixture(scope="module")
def of_sentences(client, newest):
    """How many sentences of the texts, made wrong, are said to be so, by half and field."""
    rows, catalogue = newest
    counts = Counter()
    for case in list_sentences():
        found = Found(client, case)
        if not found.is_right or found.codes:
            continue
        for wrong in make_wrong(case, rows[found.id], catalogue):
            is_short = (
                wrong.wrong == "area" and sum(map(str.isdigit, wrong.number)) < LONG
            )
            if wrong.number not in wrong.text or is_short:
                continue  # a short number stands in the tables of most places
            counts[is_held_out(case.paper), wrong.wrong] += 1
            counts[is_held_out(case.paper), wrong.wrong, "said"] += bool(
                Found(client, wrong).codes
            )
    return counts


@pytest.fixture(scope="module")
def of_new(client, newest):
    """How many sentences about figures that no text has are said to be wrong, by wording and field."""
    rows, catalogue = newest
    known = frozenset(
        figure
        for paper in PAPERS.values()
        for one in paper["figures"]
        for figure in one["ids"]
    )
    counts = Counter()
    for place, wording in enumerate(WORDINGS):
        for case in make_new([*rows.values()], catalogue, wording, known):
            counts[place, case.wrong] += 1
            found = Found(client, case)
            is_said = bool(found.codes) and (found.is_right or not case.wrong)
            counts[place, case.wrong, "said"] += is_said
    return counts


def list_ids(entry):
    return [figure["id"] for figure in entry["figures"]] if entry else []


def share(counts, *key):
    return round(100 * counts[(*key, "said")] / max(counts[key], 1))


def test_the_half_that_is_held_out_is_not_worse(of_texts, of_sentences):
    wrong = ("area", "period", "measure", "counting_unit")
    said, alarmed, made = [], [], []
    for half in (False, True):
        said.append(share(of_texts, half, "errors"))
        alarmed.append(share(of_texts, half, "figures"))
        several = sum(of_sentences[half, one, "said"] for one in wrong)
        made.append(
            round(100 * several / sum(of_sentences[half, one] for one in wrong))
        )
        print({one: share(of_sentences, half, one) for one in wrong})
    print("said", said, "alarmed", alarmed, "made wrong and said", made)
    assert said[1] >= said[0] - CLOSE
    assert alarmed[1] <= alarmed[0] + CLOSE
    assert made[1] >= made[0] - CLOSE


def test_numbers_of_the_texts_are_found_and_errors_said(of_texts):
    counts = Counter()
    for (_, *key), number in of_texts.items():
        counts[tuple(key)] += number
    assert counts["figures",] == 521
    assert counts["errors",] == 145
    assert counts["figures", "right"] >= OF_RIGHT
    assert counts["figures", "said"] <= OF_FALSE
    assert counts["errors", "said"] >= OF_ERRORS
    assert counts["nothing", "matched"] == 0


@pytest.mark.parametrize("wording", range(len(WORDINGS)), ids=WORDINGS)
def test_a_wrong_place_or_year_is_said_of_figures_that_no_text_has(of_new, wording):
    said = [of_new[wording, wrong, "said"] for wrong in (None, "area", "period")]
    print(WORDINGS[wording], said, "of", of_new[wording, None])
    assert said[0] <= OF_ALARMS
    assert said[1] >= OF_PLACES
    if wording < 2:  # in the third no year belongs to the number
        assert said[2] >= OF_YEARS
