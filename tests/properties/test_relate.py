"""Whether rows may stand side by side has one answer, in both orders and at every door."""

import random
from collections import defaultdict

import pytest

from misconduct.api.tables import find_together
from misconduct.db.reading import Edition
from misconduct.model.points import SERIES, read_row
from misconduct.model.relate import find_reason, relate
from misconduct.pictures.form import choose
from misconduct.releases import folder as files

from ..conftest import ROOT

PAIRS = 3_000
PICTURES = 300
TURNED = {"part": "whole", "whole": "part"}
DERIVED = {"within": [], "recency": 0, "disagreements": [], "whole": None}
"""What the load adds to figures; nothing here depends on it."""


@pytest.fixture(scope="module")
def edition():
    """The newest release of the repository. The load says what its sources cover; nothing here depends on it."""
    newest = files.list_releases(ROOT / "data")[-1]
    found = Edition(ROOT / "data/releases" / newest.number)
    for source in found.catalogue.of_kind("source").values():
        source["covers"] = {}
    return found


@pytest.fixture(scope="module")
def table(edition):
    """The rows of its table by id."""
    rows = files.iterate_rows(edition.folder / files.TABLE)
    return {row["id"]: read_row(row) for row in rows}


@pytest.fixture(scope="module")
def pairs(table):
    """Pairs of rows: half of one indicator, kind and year in two places, the others any two; and pairs of one series.

    Of series they are all that stand on both sides of a break, or are for a part of a year.
    """
    chance = random.Random(103)
    alike = defaultdict(lambda: defaultdict(list))
    for row in table.values():
        key = row["indicator"], row["kind"], row["year"]
        alike[key][row["area_code"]].append(row)
    several = [areas for areas in alike.values() if len(areas) > 1]
    found = []
    for _ in range(PAIRS // 2):
        areas = chance.choice(several)
        found.append([chance.choice(areas[one]) for one in chance.sample([*areas], 2)])
        found.append(chance.sample([*table.values()], 2))
    series = defaultdict(list)
    for row in table.values():
        series[tuple(row[name] for name in SERIES)].append(row)
    for row in table.values():
        if row["stretch"] or row["coverage"] == "part":
            others = series[tuple(row[name] for name in SERIES)]
            found += [[row, other] for other in others if other is not row]
    return found


ON_ONE_SCALE = {"lines": ("",), "bars": ("",), "columns": ("", "breaks")}
"""The forms with a scale, and why their rows may be apart: a break is drawn as a line."""


def is_forbidden(rows, catalogue):
    """Tell whether a picture puts rows on one scale that may not share it."""
    choice = choose(rows, catalogue)
    if choice is None:
        return False
    drawn = [row for row in choice.rows if row["value"] is not None]
    reasons = ON_ONE_SCALE.get(choice.form)
    return reasons is not None and find_reason(drawn, catalogue) not in reasons


def test_two_rows_are_related_alike_in_both_orders(pairs, edition):
    for first, second in pairs:
        there = relate(first, second, edition.catalogue)
        back = relate(second, first, edition.catalogue)
        assert there == back._replace(verdict=TURNED.get(back.verdict, back.verdict))
    verdicts = {relate(*pair, edition.catalogue).verdict for pair in pairs}
    assert {"comparable", "not_comparable"} <= verdicts


def test_comparisons_and_tables_agree(pairs, edition):
    apart = []
    for pair in pairs:
        relation = relate(*pair, edition.catalogue)
        counted = [row | {"value": row["value"] or 0} for row in pair]
        together = find_together(counted, edition.catalogue)
        if together["ok"] == bool(relation.reason):
            apart.append([row["id"] for row in pair])
    assert not apart


def test_no_picture_of_two_figures_draws_what_is_forbidden(pairs, edition):
    catalogue = edition.catalogue
    assert not [pair for pair in pairs if is_forbidden(pair, catalogue)]


def test_no_picture_of_an_indicator_draws_what_is_forbidden(table, edition):
    chance = random.Random(103)
    held = defaultdict(lambda: defaultdict(list))
    for row in table.values():
        held[row["indicator"]][row["area_code"]].append(row)
    for _ in range(PICTURES):
        areas = held[chance.choice([*held])]
        number = min(len(areas), chance.choice([1, 2, 3, 12]))
        asked = chance.sample([*areas], number)
        rows = [row for area in asked for row in areas[area]]
        default = [row for row in rows if row["default"]]
        for some in filter(None, (rows, default)):
            assert not is_forbidden(some, edition.catalogue), asked
