"""A text may name every place of the register in each sentence. Each figure is asked once whether it is of these."""

from collections import Counter
from typing import ClassVar

from misconduct.article.known import SERIES, Known
from misconduct.article.match import Around, find_matches
from misconduct.article.number import read_article
from misconduct.article.sent import read_marked
from misconduct.model.catalogue import Catalogue

AREAS = {
    "gb": ("Britain", None),
    "kent": ("Kent", "gb"),
    "dover": ("Dover", "kent"),
    "us": ("America", None),
}
TOWNS = [f"{first}{last}ville" for first in "ABCDEFGHIJ" for last in "aeiouymnrs"]
AREAS |= {town.lower(): (town, "us") for town in TOWNS}


class CountedKnown(Known):
    """Count how often it is asked for what is above a place."""

    asked: ClassVar = Counter()

    def above(self, name, code):
        self.asked[name] += 1
        return super().above(name, code)


def find(area, sentence):
    """Return a figure of a place as it is found in a sentence, and how often its place was looked up for 50 figures."""
    dates = "year period former subcategory scope dated_by published period_start period_end known_by".split()
    row = dict.fromkeys([*SERIES, *dates, "at", "repeats"])
    row |= {
        "id": "k7m3q",
        "area": area,
        "counted": "complaints of gossip, rudeness",
        "source": "report",
        "counting_unit": "complaints",
    }
    row |= {"unit": "count", "qualifier": "exact", "hedge": None, "coverage": "year"}
    records = {
        f"area/{code}": {"label": label, "broader": broader}
        for code, (label, broader) in AREAS.items()
    }
    catalogue = Catalogue({"code": records})
    known = CountedKnown(catalogue, catalogue.vocabulary, [row], [])
    around = Around(read_article(read_marked(sentence), known, "2026-11-30").numbers[0])
    known.asked.clear()
    found = find_matches(around, [row] * 50)
    return found[0].places.exclude(area), known.asked["area"]


def test_many_places_in_a_sentence_are_no_more_work_for_each_figure():
    few, many = (
        find(
            "kent",
            f"{' '.join(towns)} and Kent had 4,123 complaints of gossip, rudeness.",
        )
        for towns in (TOWNS[:1], TOWNS)
    )
    assert few == many
