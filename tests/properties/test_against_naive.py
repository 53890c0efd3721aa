"""Whatever is asked, the service finds what plain loops over the files find (naive.py), also page by page."""

import csv
import io
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import naive

RELEASES = sorted(path.name for path in naive.RELEASES.iterdir())[-2:]
YEARS = st.integers(2003, 2025)  # the figures are for 2004 to 2024
SHARED = ("area", "year", *naive.LISTS, "source", "indicator")
OF_FIGURES = ("topic", "id", "value")
LIKE = ("scope", "people", "unit", "statistic", "base")
LEADING = ("category", "people", "statistic", "vetting_check", "vetting_result")
"""The filters among whose rows the best series leads."""
SERIES = ("indicator", "area_code", "kind", "scope", "unit")
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
    rows = naive.figures(release)
    found = {
        row[column] for row in rows for column in naive.COLUMNS.get(name, [name])
    } - {""}
    if name in naive.LISTS:
        found |= {*naive.codes(release, naive.LISTS[name])}
    if name == "area":
        known = naive.codes(release, "area")
        inside = {one: naive.list_narrower("area", one, release) for one in known}
        found |= {f"within:{one}" for one, others in inside.items() if others[1:]}
    # A comma stands between values, so that a word with one can be asked only by its code.
    return sorted(one for one in found if "," not in one or name == "source")


@st.composite
def spans(draw):
    """Draw years as people write them: 2024, 2024/25, 2020..2024, ..2010, 2010.."""
    first, last = sorted(draw(st.tuples(YEARS, YEARS)))
    written = f"{first}/{(first + 1) % 100:02}"
    forms = [f"{first}", written, f"{first}..{last}", f"..{last}", f"{first}.."]
    return draw(st.sampled_from(forms))


@st.composite
def filters(draw, release, known):
    """Draw up to three filters, each with up to three values."""
    asked = {}
    for name in sorted(draw(st.sets(st.sampled_from(known), max_size=3))):
        values = values_of(release, name)
        one = spans() if name == "year" else st.sampled_from(values)
        if values:
            asked[name] = draw(st.lists(one, min_size=1, max_size=3, unique=True))
    return asked


@st.composite
def requests(draw, known):
    release = draw(st.sampled_from(RELEASES))
    return release, draw(filters(release, known))


TOPICS = st.sampled_from(sorted({row["topic"] for row in naive.read(RELEASES[-1], "table")} & {
    "allegations", "complaints", "cases", "suspensions", "vetting", "outcomes", "deaths", "workforce"}))  # fmt: skip


def ask(client, address, **parameters):
    """Return the rows of a CSV."""
    found = client.get(f"{address}.csv", params=parameters)
    assert found.status_code == 200, found.text
    return list(csv.DictReader(io.StringIO(found.text, newline="")))


def ids_of(rows):
    return [row["id"] for row in rows]


@SETTINGS
@given(request=requests((*SHARED, *OF_FIGURES)))
def test_lists_find_what_loops_find(client, request):
    release, asked = request
    rows = naive.find(naive.figures(release), release, asked)
    found = ask(client, "/v1/figures", release=release, columns="id", **asked)
    assert ids_of(found) == ids_of(rows)


@pytest.mark.parametrize("name", [*SHARED, *OF_FIGURES])
def test_a_filter_by_itself_finds_what_loops_find(client, name):
    release = RELEASES[-1]
    values = values_of(release, name)
    for value in values[:: len(values) // 10 + 1]:
        rows = naive.find(naive.figures(release), release, {name: [value]})
        found = ask(client, "/v1/figures", columns="id", **{name: value})
        assert ids_of(found) == ids_of(rows), value


@SETTINGS
@given(request=requests(SHARED), topic=TOPICS)
def test_a_topic_with_all_its_series_has_what_loops_find(client, request, topic):
    release, asked = request
    rows = naive.read(release, "table")
    rows = naive.find(rows, release, {"topic": [topic], **asked})
    found = ask(client, f"/v1/{topic}", release=release, all="1", columns="id", **asked)
    assert sorted(ids_of(found)) == sorted(ids_of(rows))
    if not any(name in asked for name in ("year", "area")):
        newest = [row for row in rows if row["latest"] == "1"]
        asked |= {"all": "1", "latest": "1", "columns": "id"}
        found = ask(client, f"/v1/{topic}", release=release, **asked)
        assert ids_of(found) == ids_of(newest)


@SETTINGS
@given(request=requests(SHARED), topic=TOPICS)
def test_a_topic_has_the_rows_that_lead_among_those_asked(client, request, topic):
    """Of a place there are no two unlike series beside those that lead, and of one that has a row there is one."""
    release, asked = request
    rows = naive.read(release, "table")
    rows = naive.find(rows, release, {"topic": [topic], **asked})
    found = ask(client, f"/v1/{topic}", release=release, columns="all", **asked)
    if not any(name in asked for name in (*LEADING, "area")):
        leading = [row for row in rows if row["default"] == "1"]
        assert ids_of(found) == ids_of(leading)
    else:
        assert {*ids_of(found)} <= {*ids_of(rows)}
    held, kept = group(rows), group(found)
    named = [one for one in asked.get("area", ()) if not one.startswith("within:")]
    places = {area for _, area in kept}
    assert {area for _, area in held if area in named} <= places
    if len(asked.get("category", ())) < 2:  # of each kind another series may lead
        for alike in kept.values():
            is_leading = all(row["default"] == "1" for row in alike)
            like = {tuple(row[name] for name in LIKE) for row in alike}
            assert is_leading or len(like) == 1


def group(rows):
    """Return rows by indicator and area."""
    found = {}
    for row in rows:
        found.setdefault((row["indicator"], row["area_code"]), []).append(row)
    return found


SORTS = ("period_end", "-period_end", "value", "-value", "id", "-name", "year")
COLUMNS = ("id", "value", "shown", "source", "time")


@SETTINGS
@given(
    request=requests((*SHARED, *OF_FIGURES)),
    sort=st.sampled_from(SORTS),
    columns=st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True),
    data=st.data(),
)
def test_a_page_is_a_part_of_the_whole(client, request, sort, columns, data):
    """Wherever it begins and ends, also among figures that the order does not tell apart."""
    release, asked = request
    rows = naive.find(naive.figures(release), release, asked)
    whole = naive.sort(rows, sort)
    offset = data.draw(st.integers(0, len(whole) + 1))
    limit = data.draw(st.integers(1, 100))
    parameters = {"release": release, "sort": sort, "limit": limit, "offset": offset}
    parameters |= {"columns": ",".join(columns), **asked}
    found = ask(client, "/v1/figures", **parameters)
    expected = whole[offset : offset + limit]
    assert found == [{name: row[name] for name in columns} for row in expected]
    answer = client.get("/v1/figures", params=parameters).json()
    assert [[*row] for row in answer["data"]] == [columns] * len(expected)
    assert answer["meta"]["total"] == len(whole)
    assert (answer["links"]["next"] is not None) == (offset + limit < len(whole))


@pytest.mark.parametrize(
    "address", ["/v1/figures?sort=-value", "/v1/allegations?all=1"]
)
def test_pages_together_are_the_whole(client, address):
    path, _, asked = address.partition("?")
    name, _, value = asked.partition("=")
    whole = ids_of(ask(client, path, **{name: value}))
    following, ids = f"{address}&limit=7", []
    while following and len(ids) <= len(whole):  # pages that repeat would never end
        answer = client.get(following).json()
        ids += ids_of(answer["data"])
        following = answer["links"]["next"]
    assert ids == whole
