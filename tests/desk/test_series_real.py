"""What must hold of the series of the register in data/, also if some of its documents were not there."""

import random
from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from misconduct_editor.releases.make import describe_register
from misconduct_editor.series.choose import choose
from tests.conftest import ROOT

SIX_KEYS = ("indicator", "area_code", "kind", "scope", "time", "unit")
TEN_KEYS = (*SIX_KEYS, "people", "category", "statistic", "base")
SERIES = tuple(name for name in TEN_KEYS if name != "time")
FILLED = (*SIX_KEYS, "name", "area", "shown", "sentence", "publisher", "cite_as")
EDITORS_WORDS = {"no_lead", "unexplained"}
"""What an editor settles. More may come up where documents are gone, which is no mistake of the program."""

STANDING = ("id", "default", "lead", "latest", "stretch", "time", "shown")
"""What untouched pairs of indicator and area keep. A note also says what is rare elsewhere."""


@pytest.fixture(scope="module")
def release():
    draft, *_ = describe_register(ROOT / "data", None, "", "2026-11-30")
    return replace(draft, number="0.0.0")


@pytest.fixture(scope="module")
def choice(release):
    return choose(release)


@pytest.fixture(scope="module")
def rows(choice):
    return {row["id"]: row for row in choice.table}


def key_of(row, names):
    return tuple(row[name] for name in names)


def check(choice, release):
    """Assert what holds of every choice."""
    found = [row["id"] for row in choice.table]
    found += [row["id"] for row in choice.others]
    assert sorted(found) == sorted(row["id"] for row in release.figures)
    shown = [row for row in choice.table if row["default"]]
    for table, keys in ((choice.table, TEN_KEYS), (shown, SIX_KEYS)):
        often = Counter(key_of(row, keys) for row in table).most_common(1)
        assert [count for _, count in often] == [1]
    assert {mistake.rule for mistake in choice.mistakes} <= EDITORS_WORDS


def test_each_figure_is_a_point_or_an_other_and_keys_are_unique(choice, release):
    check(choice, release)


def test_nothing_is_left_for_an_editor_to_settle(choice):
    assert [*map(str, choice.mistakes)] == []


def test_others_lead_to_rows(choice, rows):
    assert {row["point"] for row in choice.others} <= rows.keys()


def test_key_columns_are_never_empty(choice):
    assert [row["id"] for row in choice.table for name in FILLED if not row[name]] == []


def test_no_default_table_counts_twice(rows, release):
    """The register's own words: what is part of what, at any distance, and what repeats what."""
    figures = {row["id"]: row for row in release.figures}
    tables = defaultdict(set)
    for row in rows.values():
        if row["default"]:
            tables[key_of(row, ("indicator", "area_code", "time"))].add(row["id"])

    def claim_of(identity):
        return figures[identity]["repeats"] or identity

    wholes = defaultdict(set)
    for identity, row in figures.items():
        wholes[claim_of(identity)] |= {*map(claim_of, row["part_of"])}
    for ids in tables.values():
        claims = {claim_of(identity) for identity in ids}
        for identity in ids:
            seen, ahead = set(), {*wholes[claim_of(identity)]}
            while ahead := ahead - seen:
                seen |= ahead
                ahead = {above for one in ahead for above in wholes[one]}
            assert not seen & claims, identity


def test_a_part_is_never_larger_than_its_whole(rows):
    pairs = 0
    for row in rows.values():
        wholes = f"{row['part_of'] or ''} {row['part_of_period'] or ''}".split()
        for whole in (rows[one] for one in wholes):
            same = key_of(row, ("unit", "statistic")) == key_of(
                whole, ("unit", "statistic")
            )
            if same and row["value"] is not None and whole["value"] is not None:
                pairs += 1
                assert row["value"] <= whole["value"], (row["id"], whole["id"])
    assert pairs > 1000, "no parts were compared"


def test_a_part_of_a_period_has_days_of_its_whole(rows):
    for row in rows.values():
        for whole in (rows[one] for one in (row["part_of_period"] or "").split()):
            assert whole["period_start"] <= row["period_start"]
            assert row["period_end"] <= whole["period_end"]


def test_a_series_has_one_latest_row_and_it_has_a_number(choice):
    newest = [row for row in choice.table if row["latest"]]
    assert len({key_of(row, SERIES) for row in newest}) == len(newest)
    assert all(row["value"] is not None for row in newest)


def test_one_series_leads_an_indicator_and_area(choice):
    leading = defaultdict(set)
    for row in choice.table:
        if row["lead"]:
            leading[row["indicator"], row["area_code"]].add(key_of(row, SERIES))
    assert {len(series) for series in leading.values()} == {1}
    held = {key_of(row, ("indicator", "area_code")) for row in choice.table}
    assert leading.keys() == held


def test_no_cell_is_a_formula(choice):
    texts = (cell for row in choice.table for cell in row.values())
    found = [one for one in texts if isinstance(one, str) and one[:1] in "=+@" and one]
    assert found == []


def test_a_gap_has_no_row_of_its_leading_series(choice):
    leading = {
        (row["indicator"], row["area_code"], row["year"])
        for row in choice.table
        if row["lead"] and row["year"] and row["stretch"] is not None
    }
    gaps = {key_of(gap, ("indicator", "area", "year")) for gap in choice.gaps}
    assert gaps
    assert not gaps & leading


def test_the_order_of_figures_changes_nothing(choice, release):
    figures = random.Random(1).sample(release.figures, len(release.figures))
    again = choose(replace(release, figures=figures))
    assert again.table == choice.table
    assert again.others == choice.others
    assert again.gaps == choice.gaps


@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_touched_keeps_its_rows(choice, release, seed):
    """Four in ten documents are taken away. An indicator of an area that loses no figure keeps its rows."""
    documents = sorted({row["source"] for row in release.figures})
    kept = {*random.Random(seed).sample(documents, len(documents) * 6 // 10)}
    figures = [row for row in release.figures if row["source"] in kept]
    fewer = replace(release, figures=figures)
    chosen = choose(fewer)
    check(chosen, fewer)
    touched = {
        (row["indicator"], row["area"])
        for row in release.figures
        if row["source"] not in kept
    }
    before, after = (
        {
            key_of(row, STANDING)
            for row in table
            if (row["indicator"], row["area_code"]) not in touched
        }
        for table in (choice.table, chosen.table)
    )
    assert len({one[0] for one in before}) > 100, "nothing was left untouched"
    assert before == after
