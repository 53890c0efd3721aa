"""Whatever is asked, the service finds what plain loops over the files find (naive.py), also page by page."""

import csv
import io
import os
from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from . import naive

NUMBERS = sorted(path.name for path in naive.RELEASES.iterdir())[-2:]
YEARS = st.integers(2003, 2025)  # the figures are for 2004 to 2024
FILTERS = (
    *naive.CODES,
    "id",
    "value",
    "publisher",
    "disagreement",
    "part_of",
    "year",
    "source",
)
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


def values_of(release, name):
    """Return values of a filter that a release has."""
    rows, kinds = naive.figures(release), naive.records(release)
    if name in naive.CODES:
        return [
            identity.partition("/")[2]
            for identity in kinds["code"]
            if identity.startswith(f"{name}/")
        ]
    if name == "publisher":
        return sorted(
            {
                source["publisher"]
                for source in kinds["source"].values()
                if "publisher" in source
            }
        )
    if name == "disagreement":
        return sorted(kinds.get("disagreement", ()))
    if name == "part_of":
        return sorted({one for row in rows for one in row["part_of"].split()})
    if name == "year":
        return sorted({naive.year_of(row) for row in rows} - {None})
    return sorted({row[name] for row in rows if row[name]})


@st.composite
def ranges_of_years(draw):
    """Draw a first and a last year, one of them, or neither."""
    first, last = sorted(draw(st.tuples(YEARS, YEARS)))
    names = draw(st.sets(st.sampled_from(["year_from", "year_to"])))
    return {
        name: [str(first if name == "year_from" else last)] for name in sorted(names)
    }


@st.composite
def requests(draw):
    """Draw a release, a dataset or none, up to three filters and a range of years, and whether to count once."""
    release = draw(st.sampled_from(NUMBERS))
    dataset = draw(
        st.none() | st.sampled_from(sorted(naive.records(release)["dataset"]))
    )
    names = draw(st.sets(st.sampled_from(FILTERS), max_size=3))
    asked = {
        name: draw(
            st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)
        )
        for name in sorted(names)
        if (known := values_of(release, name))
    }
    asked |= draw(ranges_of_years())
    return release, dataset, asked, draw(st.booleans())


def find(client, release, dataset=None, count_once=False, **asked):
    """Return the ids of the figures that the service finds."""
    parameters = {
        **asked,
        "release": release,
        "columns": "id",
        "sort": "id",
        "count_once": str(int(count_once)),
    }
    found = client.get(f"/v1/{dataset or 'observations'}.csv", params=parameters)
    assert found.status_code == 200, found.text
    return [row["id"] for row in csv.DictReader(io.StringIO(found.text, newline=""))]


@pytest.mark.parametrize("release", NUMBERS)
def test_the_newest_is_first(client, release):
    """The other way round, the oldest day is first; what has no period is last in both orders."""
    rows = naive.rows_of(release)
    for sort in ("period", "-period"):
        text = (
            client.get(f"/v1/observations.csv?columns=id&release={release}&sort={sort}")
            .raise_for_status()
            .text
        )
        keys = [naive.newness(rows[identity], release) for identity in text.split()[1:]]
        days = [day for (has_day, _, day), *_ in keys if has_day]
        assert (
            keys == sorted(keys, reverse=True)
            if sort == "period"
            else days == sorted(days)
        )
        assert not any(has_day for (has_day, *_), *_ in keys[len(days) :])


WITHOUT_FIRST_DAYS = example(request=(NUMBERS[0], None, {"year_to": ["2024"]}, False))


@SETTINGS
@given(request=requests())
@WITHOUT_FIRST_DAYS
def test_lists_find_what_loops_find(client, request):
    release, dataset, asked, once = request
    assert find(client, release, dataset, once, **asked) == naive.find(
        release, dataset, once, **asked
    )


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_by_itself_finds_what_loops_find(client, name):
    values = values_of(NUMBERS[-1], name)
    for value in values[:: len(values) // 10 + 1]:
        assert find(client, NUMBERS[-1], **{name: [value]}) == naive.find(
            NUMBERS[-1], **{name: [value]}
        )


@SETTINGS
@given(request=requests())
@WITHOUT_FIRST_DAYS
def test_lists_warn_of_what_loops_find(client, request):
    """So no sum goes wrong unnoticed, and no warning is false: also not on a page of one figure."""
    release, dataset, asked, once = request
    parameters = {
        **asked,
        "release": release,
        "limit": "1",
        "count_once": str(int(once)),
    }
    found = client.get(f"/v1/{dataset or 'observations'}", params=parameters).json()[
        "warnings"
    ]
    assert sorted(one["code"] for one in found) == sorted(
        naive.warnings(release, dataset, once, **asked)
    )


SORTS = ("period", "-period", "value", "-value", "id", "-id")


@cache
def in_order(client, release, sort):
    """Return the ids of all figures of a release, as a table has them: each once, and none missing."""
    text = client.get(
        f"/v1/observations.csv?release={release}&sort={sort}&columns=id"
    ).text
    ids = [row["id"] for row in csv.DictReader(io.StringIO(text))]
    assert sorted(ids) == [row["id"] for row in naive.figures(release)]
    return ids


@pytest.mark.parametrize("sort", SORTS)
def test_pages_together_are_the_whole(client, sort):
    """Of the newest release in pages of 100, and of the one before in pages of 7."""
    for release, limit in ((NUMBERS[-1], 100), (NUMBERS[0], 7)):
        whole, ids = in_order(client, release, sort), []
        address = (
            f"/v1/observations?release={release}&sort={sort}&columns=id&limit={limit}"
        )
        while address and len(ids) <= len(whole):  # pages that repeat would never end
            answer = client.get(address).json()
            ids += [one["id"] for one in answer["data"]]
            address = answer["links"]["next"]
            assert answer["meta"]["total"] == len(whole)
        assert ids == whole


@SETTINGS
@given(release=st.sampled_from(NUMBERS), sort=st.sampled_from(SORTS), data=st.data())
def test_a_page_is_a_part_of_the_whole(client, release, sort, data):
    """Wherever it begins and ends, also among figures that the order does not tell apart."""
    whole = in_order(client, release, sort)
    offset, limit = (
        data.draw(st.integers(0, len(whole) + 1)),
        data.draw(st.integers(1, 100)),
    )
    asked = f"/v1/observations?release={release}&sort={sort}&columns=id&limit={limit}&offset={offset}"
    answer = client.get(asked).json()
    assert [one["id"] for one in answer["data"]] == whole[offset : offset + limit]
    assert (answer["links"]["next"] is not None) == (offset + limit < len(whole))
