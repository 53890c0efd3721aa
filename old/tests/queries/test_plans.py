"""Each order of a listing and each table by year is read by an index, whatever the size of the register."""

from __future__ import annotations

import asyncio
import json
import re
from decimal import Decimal

import asyncpg
import psycopg
import pytest

from misconduct.db.engine import Database
from misconduct.db.statements import RELEASE, Query
from misconduct.model import filters
from misconduct.model.observation import Observation
from misconduct.queries import observations as queries
from misconduct.queries.by_year import NAMES, _write_series
from misconduct.queries.facets import _write_counts
from misconduct.queries.filters import Filters
from misconduct.queries.observations import SORTS, _write_facts, _write_page
from misconduct.queries.search import Word, WordIndex, conditions, find_words
from tests.figures import Compared

FILL = """
INSERT INTO observations (
  id, version, source, measure, statistic, category, area, population, counting_unit, period_type, period_start,
  period_from, period_until, year, value, unit, qualifier, printed, also_at, obs_status, stated_by, origin, caveats,
  sha256, added_in, ended_in)
SELECT 'f' || n, 1, 's', 'm' || n % 3, 'count', 'c' || n % 5, 'a' || n % 40, 'p', 'people', 'year', 2000 + n % 20,
  make_date(2000 + n % 20, 1, 1), make_date(2000 + n % 20, 12, 31), 2000 + n % 20,
  CASE WHEN n % 10 > 0 THEN n * 7 % 997 END, 'count', 'exact', 'x', '{}', 'A', 'o', 's', '{}', '', 1, 1000000
FROM generate_series(1, 20000) AS n"""

INDEXES = {
    "period": "observations_period_order_id_idx", "-period": "observations_period_descending_id_idx",
    "value": "observations_value_order_id_idx", "-value": "observations_value_descending_id_idx",
    "id": "observations_pkey",
}  # fmt: skip


@pytest.fixture
def filled(database):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(FILL)
        owner.execute("ANALYZE observations")
    return database


def plan(urls, query: Query, how: str = "COSTS OFF", **given) -> str:
    values = {**query.values, RELEASE: "", "ordinal": 1, "rows": 11, **given}

    async def explain() -> str:
        connection = await asyncpg.connect(urls.reader)
        try:
            rows = await connection.fetch(f"EXPLAIN ({how}) {query.sql}", *(values[name] for name in query.names))
        finally:
            await connection.close()
        return "\n".join(row[0] for row in rows)

    return asyncio.run(explain())


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("is_first", [True, False])
def test_each_order_of_a_listing_is_that_of_an_index(filled, sort, is_first):
    key = {"value": Decimal(500), "id": "f5"}.get(sort.removeprefix("-"))
    after = {} if is_first else {"after_key": key or queries.date(2010, 1, 1), "after_id": "f5"}
    found = plan(filled, _write_page(Filters(), sort, is_first=is_first, is_counted=False), **after)
    assert f"using {INDEXES[sort]}" in found
    assert "Sort" not in found
    assert is_first or "Index Cond: (ROW(" in found


def test_what_a_sum_depends_on_is_found_in_the_same_figures_wherever_they_lie(filled):
    async def ask() -> queries.Facts:
        database = Database(filled.reader, pool_size=1, pool_seconds=5, query_seconds=10)
        try:
            return await queries.find_facts(database, Filters(), 1, ())
        finally:
            await database.close()

    with psycopg.connect(filled.owner, autocommit=True) as owner:
        owner.execute("UPDATE observations SET measure = 'other' WHERE id < 'f12'")  # which puts them behind all others
        before = asyncio.run(ask())
        owner.execute("CLUSTER observations USING observations_pkey")
        assert asyncio.run(ask()) == before


@pytest.mark.parametrize("sort", [queries.TEXTS_FIRST, queries.PLACE])
def test_an_order_without_an_index_sorts_keys_and_reads_whole_only_what_a_page_shows(filled, sort):
    found = plan(filled, _write_page(Filters(), sort, is_first=True, is_counted=True))
    assert "Index Scan using observations_pkey" in found
    assert found.count("Seq Scan on observations") == 2  # to count, and to sort


TESTS = filters.Test("printed", "words", "x"), filters.Test("area", "in", [f"a{number}" for number in range(1_000)])
SOUGHT = Filters(others=(("word_0", tuple((test,) for test in TESTS)),))
NOTED = (
    filters.Test("printed", "words", "x"),
    filters.Test("caveats", "overlaps", [f"c{number}" for number in range(100)]),
)
EXPLAINED = Filters(others=(("word_0", tuple((test,) for test in NOTED)),))
HASHED = {
    "a page": _write_page(Filters().leaving_out(["f1", "f2"]).shape(), "id", is_first=True, is_counted=True),
    "facets": _write_counts(Filters()),
    "a search of caveats": _write_page(EXPLAINED.shape(), queries.RELEVANCE, is_first=True, is_counted=True),
    "a search": _write_page(SOUGHT.shape(), queries.RELEVANCE, is_first=True, is_counted=True),
}


@pytest.mark.parametrize("statement", HASHED)
def test_many_codes_are_hashed_also_where_the_plan_is_for_any(filled, statement):
    """A relation has 29,000 parts, a word 18,000 areas: each figure would be compared with all of them."""
    with psycopg.connect(filled.reader, autocommit=True) as reader:
        found = "\n".join(row[0] for row in reader.execute(f"EXPLAIN (GENERIC_PLAN, VERBOSE) {HASHED[statement].sql}"))
    assert "hashed SubPlan" in found
    assert not re.search(r"(ANY|ALL) \(+\$", found)


def test_every_sort_has_an_index_here():
    assert INDEXES.keys() == SORTS.keys()


@pytest.mark.parametrize("filters", [(), (("value", (Decimal(7),)),), (("value", (Decimal(7), Decimal(14))),)])
def test_a_value_is_looked_up_in_the_index_of_its_order(filled, filters):
    asked = Filters(filters)
    found = plan(filled, _write_page(asked.shape(), "id", is_first=True, is_counted=False), **asked.parameters())
    assert ("observations_value_order_id_idx" in found) == bool(filters)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("has_editions", [True, False])
def test_a_page_of_a_table_by_year_reads_only_the_first_series_and_their_figures(filled, is_first, has_editions):
    statement = _write_series(
        Filters(), is_first=is_first, has_editions=has_editions, has_years=False, is_counted=False
    )
    after = dict.fromkeys((f"after_{name}" for name in NAMES), "c1")
    found = plan(filled, statement, works='{"s": "w"}', places='{"s": 1}', **after)
    assert found.count("observations_series_idx") == 2
    assert "Seq Scan" not in found


DEPENDENT = """
INSERT INTO observations (
  id, version, source, measure, statistic, category, area, population, counting_unit, period_type, period_start,
  period_from, period_until, year, value, unit, qualifier, printed, also_at, obs_status, stated_by, origin, caveats,
  sha256, added_in, ended_in)
SELECT format('%s-%s-%s', s, c, y), 1, 's' || s, 'm' || c, 'count', 'c' || c, 'a', 'p', 'people', 'year', y,
  make_date(y, 1, 1), make_date(y, 12, 31), y, y, 'count', 'exact', 'x', '{}', 'A', 'o', 's' || s, '{}', '', 1, 1000000
FROM generate_series(1, 10) AS s, generate_series(1, 44) AS c, generate_series(2007, 2016) AS y"""
"""4,400 figures in 440 series, of columns that follow from one another, so that Postgres expects a row or two."""


@pytest.mark.parametrize("has_years", [True, False])
def test_a_whole_table_by_year_compares_each_figure_with_few_others(database, has_years):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(DEPENDENT)
        owner.execute("ANALYZE observations")
    asked = Filters((("population", ("p",)),))
    statement = _write_series(asked.shape(), is_first=True, has_editions=False, has_years=has_years, is_counted=False)
    found = plan(database, statement, "ANALYZE, TIMING OFF, FORMAT JSON", **{**asked.parameters(), "rows": 1_001})
    (whole,) = json.loads(found)
    assert whole["Plan"]["Actual Rows"] == 4_400

    def rows_of(node: dict) -> float:
        counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
        of_it = sum(node.get(name, 0) for name in counted) * node["Actual Loops"]
        return of_it + sum(map(rows_of, node.get("Plans", ())))

    assert rows_of(whole["Plan"]) < 40 * 4_400  # of each step; to compare all with all is 440 times as many


INDEX = {"m1": {"measure": {"m1"}}, "c1": {"category": {"c1"}}, "x": {"area": {"a7", "a9"}}}
"""What the codes of a release say, as `index_words` finds it."""


def meaning(urls, text: str, release: int = 1, index: WordIndex | None = None) -> list[Word]:
    async def ask() -> list[Word]:
        database = Database(urls.reader, pool_size=1, pool_seconds=5, query_seconds=10)
        try:
            return await find_words(database, index or WordIndex(INDEX), text, release)
        finally:
            await database.close()

    return asyncio.run(ask())


def test_a_word_is_looked_for_only_where_a_figure_of_the_release_can_have_it(filled):
    with psycopg.connect(filled.owner, autocommit=True) as owner:
        owner.execute("UPDATE observations SET hedge = 'nearly' WHERE id = 'f7'")
        owner.execute("UPDATE observations SET hedge = 'roughly', ended_in = 2 WHERE id = 'f8'")
    found = {word.text: word.tests for word in meaning(filled, "m1 x nearly roughly 12 zebra")}
    assert found == {
        "m1": (("measure", "in", ["m1"]),),
        "x": (("printed", "words", "x"), ("area", "in", ["a7", "a9"])),
        "nearly": (("printed", "words", "nearly"),),
        "roughly": (("printed", "words", "roughly"),),
        "12": (("value", "in", [Decimal(12)]),),
        "zebra": (("category", "in", []),),
    }
    (roughly,) = meaning(filled, "roughly", release=2)
    assert roughly.tests == (("category", "in", []),)


def test_where_a_figure_has_a_word_is_found_without_reading_all_codes_that_have_it(database, monkeypatch):
    monkeypatch.setitem(
        INDEX, "x", {"area": {f"a{n}" for n in range(1_000)}, "caveats": {f"n{n}" for n in range(1_000)}}
    )
    monkeypatch.setattr(Compared, "times", 0)
    (word,) = meaning(database, "x")
    nowhere = Observation(*[None] * len(Observation._fields))
    assert word.matched(nowhere._replace(area=Compared("a7"), caveats=[])) == "area"
    assert word.matched(nowhere._replace(area=Compared("z"), caveats=[Compared("z"), Compared("n7")])) == "caveats"
    assert Compared.times < 10


def test_what_a_word_means_is_kept_once_however_it_is_written_and_looked_for(database, monkeypatch):
    for lexeme in ("x", "c1"):
        monkeypatch.setitem(INDEX, lexeme, {"area": {"a7", "a9"}})
    index = WordIndex(INDEX)
    words = [word for text in ("x X c1'x", "C1'x x'c1 zebra x") for word in meaning(database, text, index=index)]
    found = [next(test.value for test in word.tests if test.column == "area") for word in words if word.text != "zebra"]
    assert found == [["a7", "a9"]] * 6
    assert len({id(one) for one in found}) == 2  # of x, and of both
    assert len({id(word.sought["area"].found) for word in words if "area" in word.sought}) == 2


def test_words_that_mean_the_same_are_one_condition(filled):
    words = meaning(filled, "x c1 X x.")
    assert [word.text for word in words] == ["x", "c1", "X"]
    assert [name for name, _ in conditions(words)] == ["word_0", "word_1"]


def test_a_search_reads_only_the_figures_whose_codes_have_the_words(filled):
    asked = Filters(others=tuple(conditions(meaning(filled, "m1 c1"))))
    page = _write_page(asked.shape(), "relevance", is_first=True, is_counted=True)
    facts = _write_facts(asked.shape(), has_related=False, by_time=False)
    assert "observations_series_idx" in plan(filled, page, **asked.parameters())
    for statement in (page, facts):  # of facts, 500 matching figures are read, in the order of their ids
        assert "Seq Scan" not in plan(filled, statement, **asked.parameters())
