"""The queries, held against a second, boring implementation on random registers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, insert, make_url

from misconduct.db.engine import Database
from misconduct.db.tables import observations as table
from misconduct.db.tables import releases
from misconduct.model.counts import COUNTED
from misconduct.model.editions import Edition, Editions
from misconduct.model.observation import OPEN, Observation
from misconduct.model.parameter import Interval
from misconduct.model.period import span, year_of, years_of
from misconduct.model.series import LeftOut, Series, gather_all, key_of
from misconduct.queries import by_year, empty_results
from misconduct.queries import observations as queries
from misconduct.queries.counts import OF_RELEASE, find_counted, read_counts, write_counts
from misconduct.queries.filters import Filters

CODES = ("aa", "bb")
YEARS = ("2020", "2021", "2022")
WITH_MONTHS = [
    ("year", "2020-04", ""), ("year", "2021-04", ""), ("year", "2021-07", ""), ("window", "2020-04", "2021-03"),
    ("window", "2020-04", "2020-12"), ("window", "2019-04", "2022-03"), ("window", "2021-10", ""), ("window", "", ""),
]  # fmt: skip
EDITIONS = {"aa": Edition("work", 1), "bb": Edition("work", 0)}


@st.composite
def an_observation(draw) -> Observation:
    period_type = draw(st.sampled_from(["year", "window", "point", "unstated"]))
    start = draw(st.sampled_from(YEARS)) if period_type in ("year", "window") else ""
    end = str(int(start) + draw(st.integers(0, 2))) if period_type == "window" else ""
    if start and draw(st.booleans()):
        period_type, start, end = draw(st.sampled_from(WITH_MONTHS))
    first, last = span(period_type, start, end)
    value = draw(st.none() | st.sampled_from([Decimal(0), Decimal("0.02"), Decimal(1000), Decimal("1000.5")]))
    added = draw(st.integers(1, 3))
    return Observation(
        id="",
        version=1,
        source=draw(st.sampled_from(CODES)),
        measure=draw(st.sampled_from(CODES)),
        statistic="count",
        category=draw(st.sampled_from(CODES)),
        area="E1",
        population="officers",
        counting_unit=draw(st.sampled_from(CODES)),
        period_type=period_type,
        period_start=start or None,
        period_end=end or None,
        duration=None,
        period_printed=None,
        period_at=None,
        period_from=first,
        period_until=last,
        **dict(zip(("year", "year_basis"), year_of(period_type, start, end), strict=True)),
        value=value,
        value_low=draw(st.sampled_from([None, None, Decimal(1001)])),
        value_high=draw(st.sampled_from([None, None, Decimal(999)])),
        value_absent=None if value is not None else "not_stated",
        unit="count",
        qualifier=draw(st.sampled_from(["exact", "more_than", "less_than", "just_under"])),
        hedge=None,
        hedge_at=None,
        printed="x",
        at="char=0,1",
        also_at=[],
        obs_status="A",
        stated_by=draw(st.sampled_from(["force", "force", None])),
        origin="aa",
        caveats=draw(st.sampled_from([[], ["aa"], ["bb", "aa"], ["bb"]])),
        derivation=None,
        sha256=b"",
        added_in=added,
        ended_in=draw(st.sampled_from([OPEN, *range(added + 1, 5)])),
    )


registers = st.lists(an_observation(), max_size=12).map(
    lambda rows: [row._replace(id=f"bbbb{letter}") for row, letter in zip(rows, "bcdfghjkmnpq", strict=False)]
)
dense = registers.map(
    lambda rows: [row._replace(measure="aa", category="aa", counting_unit="aa", stated_by=None) for row in rows]
)
"""Registers of which most figures are of few series."""

codes = st.sampled_from([("aa",), ("aa", "bb"), ("cc",)])
limits = st.dictionaries(st.sampled_from(["measure", "source"]), st.sampled_from([("aa", "bb"), ("aa",), ()]))
conditions = st.fixed_dictionaries(
    {},
    optional={
        "measure": codes,
        "category": codes,
        "source": codes,
        "value": st.just((Decimal(1000), Decimal("0.02"))),
        "value_from": st.just((Decimal("0.02"),)),
        "value_to": st.just((Decimal(1000),)),
        "year": st.sampled_from([("2020",), ("2021", "2022"), ("2020/21",)]),
        "year_from": st.just((2021,)),
        "year_to": st.just((2021,)),
        "within": st.sampled_from(
            [(Interval(date(2020, 1, 1), date(2021, 12, 31)),), (Interval(date(2020, 4, 1), date(2021, 3, 31)),)]
        ),
        "id": st.just(("bbbbc", "bbbbd", "zzzzz")),
        "caveat": st.just(("aa",)),
        "period_from": st.just((date(2021, 6, 1),)),
        "period_to": st.just((date(2021, 6, 1),)),
        "repeats": st.sampled_from([("exclude",), ("only",)]),
        "parts": st.just(("exclude",)),
        "stage": st.sampled_from([("allegation",), ("outcome",), ("allegation", "outcome")]),
    },
)


class Register:
    """The records that filters look up: when sources were published, which figures are repetitions, and at which stage."""

    codes: ClassVar[dict] = {}
    records: ClassVar[dict] = {
        "source": {"aa": {"published": "2021-05"}, "bb": {"published": "2021-07-01"}, "cc": {"published": None}},
        "relation": {
            "again": {"type": "repeats", "figures": ["bbbbc", "bbbbd"], "of": "bbbbb"},
            "part": {"type": "part_of", "figures": ["bbbbd"], "of": "bbbbf"},
        },
        "classification": {
            "a": {"code": "stage/allegation", "of": {"measure": ["aa"]}},
            "b": {"code": "stage/outcome", "of": {"measure": ["bb"]}},
            "c": {"code": "stage/outcome", "of": {"observation": ["bbbbc"]}},
            "d": {"code": "stock_or_flow/stock", "of": {"measure": ["aa"]}},
        },
    }

    def kind(self, name: str) -> dict:
        return self.records[name]


class Asked(NamedTuple):
    """Conditions as they are asked, and as they are put to the database."""

    values: dict
    limits: dict

    @property
    def filters(self) -> Filters:
        return replace(Filters.read(self.values, Register(), narrower=False), limits=tuple(self.limits.items()))


filters = st.builds(Asked, conditions, limits)


def is_before_publication(o: Observation) -> bool:
    return o.period_type in ("point", "window")


def stage_of(o: Observation) -> str | None:
    return "outcome" if o.id == "bbbbc" else {"aa": "allegation", "bb": "outcome"}.get(o.measure)


def meets(o: Observation, asked: Asked, release: int) -> bool:
    """Whether an observation is in the release and meets every condition, said as plainly as possible."""
    if not o.added_in <= release < o.ended_in:
        return False
    if any(getattr(o, column) not in allowed for column, allowed in asked.limits.items()):
        return False
    greatest, least = (o.value_high, o.value_low, o.value), (o.value_low, o.value_high, o.value)
    met = {
        "measure": lambda values: o.measure in values,
        "category": lambda values: o.category in values,
        "source": lambda values: o.source in values,
        "value": lambda values: o.value in values,
        "value_from": lambda values: (
            (o.value_high is None and o.value_low is not None and o.qualifier != "just_under")
            or next((one >= values[0] for one in greatest if one is not None), False)
        ),
        "value_to": lambda values: (
            (o.value_low is None and o.value_high is not None and o.qualifier != "just_under")
            or next((one <= values[0] for one in least if one is not None), False)
        ),
        "year": lambda values: o.year in values,
        "year_from": lambda values: o.year is not None and int(o.year[:4]) >= values[0],
        "year_to": lambda values: o.year is not None and int(o.year[:4]) <= values[0],
        "within": lambda values: (
            o.period_from is not None
            and o.period_until is not None
            and values[0].first <= o.period_from <= o.period_until <= values[0].last
        ),
        "id": lambda values: o.id in values,
        "caveat": lambda values: not {*values}.isdisjoint(o.caveats),
        "period_from": lambda values: (
            o.period_until >= values[0] if o.period_until else is_before_publication(o) and o.source == "bb"
        ),
        "period_to": lambda values: (
            o.period_from <= values[0] if o.period_from else is_before_publication(o) and o.source == "aa"
        ),
        "repeats": lambda values: (o.id in ("bbbbc", "bbbbd")) == (values == ("only",)),
        "parts": lambda _: o.id != "bbbbd",
        "stage": lambda values: stage_of(o) in values,
    }
    return all(met[name](values) for name, values in asked.values.items())


def in_order(rows: list[Observation], sort: str) -> list[str]:
    """Ids in the order of a sort: what has no key comes last, the id decides between equals."""
    name = {"period": "period_from", "value": "value", "id": "id"}[sort.removeprefix("-")]
    known = [row for row in rows if getattr(row, name) is not None]
    unknown = [row for row in rows if getattr(row, name) is None]
    backwards = sort.startswith("-")
    ordered = sorted(known, key=lambda row: (getattr(row, name), row.id), reverse=backwards)
    return [row.id for row in ordered + sorted(unknown, key=lambda row: row.id, reverse=backwards)]


def fill(urls, rows: list[Observation], editions: Editions | None = None) -> None:
    """Write the rows, and with `editions` also what each code counts in releases 1 to 3."""
    engine = create_engine(make_url(urls.owner).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(delete(table))
        connection.execute(delete(releases))
        if rows:
            connection.execute(insert(table), [row._asdict() for row in rows])
        for ordinal in (1, 2, 3) if editions is not None else ():
            named = {"number": f"{ordinal}.0.0", "released": date(2024, 1, ordinal), "summary": "", "digest": ""}
            connection.execute(insert(releases), {"ordinal": ordinal, **named})
            write_counts(connection, ordinal, editions)
    engine.dispose()


async def all_pages(
    database: Database, asked: Filters, release: int, sort: str, limit: int
) -> tuple[list[str], set[int]]:
    found, totals, after = [], set(), None
    while True:
        page = await queries.find(database, asked, release, sort=sort, limit=limit, after=after)
        found += [o.id for o in page.observations]
        totals.add(page.total)
        if page.next is None:
            return found, totals
        after = page.next


def ask(urls, question):
    async def run():
        database = Database(urls.reader, pool_size=2, pool_seconds=5, query_seconds=10)
        try:
            return await question(database)
        finally:
            await database.close()

    return asyncio.run(run())


many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_two_limits_of_one_column_both_hold():
    both = Filters().within("measure", ("aa", "bb")).within("source", ("cc",)).within("measure", ("bb", "dd"))
    assert both.limits == (("measure", ("bb",)), ("source", ("cc",)))


def test_filters_of_one_shape_have_one_statement():
    one, other = (
        Filters((("measure", ("aa",)),), (("source", ("cc",)),)),
        Filters((("measure", ("bb",)),), (("source", ()),)),
    )
    several = Filters((("measure", ("aa", "bb", "cc")),), (("source", ("cc",)),))
    assert one.shape() == other.shape() != several.shape()


@many
@given(registers, filters, st.integers(1, 4), st.sampled_from(sorted(queries.SORTS)), st.integers(1, 5))
def test_listings_find_what_a_plain_loop_finds(database, rows, asked, release, sort, limit):
    fill(database, rows)
    expected = in_order([row for row in rows if meets(row, asked, release)], sort)
    found, totals = ask(database, lambda db: all_pages(db, asked.filters, release, sort, limit))
    assert found == expected
    assert totals == {len(expected)}


def nearness(one, name: str):
    return (abs(one - 500), one) if name == "value" else one


@many
@given(registers, filters, st.integers(1, 4))
def test_what_is_offered_in_place_of_a_condition_meets_all_the_others(database, rows, asked, release):
    fill(database, rows)
    asked = asked._replace(values=asked.values | ({"value": (Decimal(500),)} if "value" in asked.values else {}))
    names = asked.values.keys() & {"measure", "category", "source", "value"}
    expected = {}
    for name in names:
        rest = asked._replace(values={other: values for other, values in asked.values.items() if other != name})
        left = [row for row in rows if meets(row, rest, release)]
        there = sorted({getattr(row, name) for row in left} - {None}, key=lambda one: nearness(one, name))
        expected |= {name: [str(one) for one in there]} if there else {}
    assert ask(database, lambda db: empty_results.suggest_alternatives(db, asked.filters, release, names)) == expected


@many
@given(registers, filters, st.integers(1, 4), st.sampled_from([{}, EDITIONS]))
def test_by_year_tables_have_the_series_and_years_that_gathering_figures_gives(
    database, rows, asked, release, editions
):
    fill(database, rows)
    expected = gather_all([row for row in rows if meets(row, asked, release)], editions)
    found = ask(database, lambda db: by_year.find_series(db, asked.filters, release, editions))
    assert [shown_by(one) for one in found.series] == [shown_by(one) for one in expected]
    others = [row for row in rows if row.added_in <= release < row.ended_in and not meets(row, asked, release)]
    others = others if found.years[1:] else []  # a table of one year has no gap
    assert [sorted(map(str, one.left_out)) for one in found.series] == [
        sorted(
            {
                str(LeftOut(row.year, row.period_from, row.period_until))
                for row in others
                if row.period_type in ("year", "window") and key_of(row, editions) == key_of(one.key, editions)
            }
        )
        for one in expected
    ]
    assert found.years == years_of(days for one in expected for days in one.days())


async def all_series(db: Database, asked: Filters, release: int, editions: Editions, **how) -> list[tuple]:
    """The series of every page, and what each page says of all."""
    found, wholes, after = [], set(), None
    while True:
        page = await by_year.find_series(db, asked, release, editions, after=after, **how)
        found += page.series
        whole = page.whole
        wholes.add((page.total, whole.figures, whole.windows, whole.left_out, (*whole.left_out_types,), (*page.years,)))
        if page.next is None:
            return [[shown_by(one) for one in found], wholes]
        after = page.next


@many
@given(registers | dense, filters, st.integers(1, 3), st.sampled_from([{}, EDITIONS]), st.integers(1, 4), st.booleans())
def test_pages_of_a_by_year_table_are_those_of_the_whole_one(
    database, rows, asked, release, editions, limit, has_years
):
    fill(database, rows)
    matching = [row for row in rows if meets(row, asked, release)]
    series = [one for one in gather_all(matching, editions) if one.years or not has_years]
    others = [row for row in matching if row.period_type not in ("year", "window")]
    windows = sum(row.period_type in ("year", "window") and row.year is None for row in matching)
    years = years_of(days for one in gather_all(matching, editions) for days in one.days())
    types = (*sorted({row.period_type for row in others}),)
    found, wholes = ask(
        database,
        lambda db: all_series(db, asked.filters, release, editions, limit=limit, has_years=has_years),
    )
    assert found == [shown_by(one) for one in series]
    assert wholes == {(len(series), len(matching), windows, len(others), types, (*years,))}


by_one_column = st.one_of(
    st.just(Asked({}, {})),
    codes.map(lambda found: Asked({"measure": found}, {})),
    codes.map(lambda found: Asked({"category": found}, {})),
    st.just(Asked({"area": ("E1",)}, {})),
    st.just(Asked({}, {"measure": ("aa", "bb")})),
)


@many
@given(registers | dense, by_one_column, st.integers(1, 3), st.sampled_from([{}, EDITIONS]))
def test_what_was_counted_at_load_is_what_is_counted_on_demand(database, rows, asked, release, editions):
    fill(database, rows, editions)
    counted = read_counts(ask(database, lambda db: db.rows(OF_RELEASE, {"ordinal": release})))
    assert {name for name, _ in counted} == (
        {*COUNTED} if any(meets(row, Asked({}, {}), release) for row in rows) else set()
    )
    known = find_counted(counted, asked.filters)
    on_demand = ask(database, lambda db: by_year.find_series(db, asked.filters, release, editions)).whole
    if known is None:
        assert not counted
    else:
        for name in ("series", "dated", "figures", "windows", "left_out", "left_out_types", "years"):
            assert getattr(known, name) == getattr(on_demand, name), name


def test_what_was_not_counted_at_load_is_counted_on_demand(database):
    fill(database, [], {})
    counted = {("measure", "aa"): None, ("category", "aa"): None}
    for asked in (Asked({"source": ("aa",)}, {}), Asked({"measure": ("aa",), "category": ("aa",)}, {}),
                  Asked({"measure": ("aa",)}, {"measure": ("aa",)}), Asked({"repeats": ("exclude",)}, {})):  # fmt: skip
        assert find_counted(counted, asked.filters) is None


def shown_by(one: Series) -> tuple:
    return one.key.source, [(label, o.id) for label, o in one.years.items()], one.window and one.window.id


@many
@given(registers, filters, st.integers(1, 4))
def test_by_year_tables_hold_each_year_and_window_figure_once(database, rows, asked, release):
    fill(database, rows)
    expected = sorted(row.id for row in rows if meets(row, asked, release) and row.period_type in ("year", "window"))
    found = ask(database, lambda db: by_year.find_series(db, asked.filters, release, {}))
    shown = [
        o for series in found.series for o in [*series.years.values(), *([series.window] if series.window else [])]
    ]
    assert sorted(o.id for o in shown) == expected
    for series in found.series:
        of_one = [*series.years.values(), *([series.window] if series.window else [])]
        assert len({(o.category, o.measure, o.counting_unit, o.source) for o in of_one}) == 1
