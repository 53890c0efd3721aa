"""The table of the series: every door shows the same rows, and what is not held is a row, too."""

import csv
import io
import random
from datetime import date

import duckdb
import pytest

from misconduct.model.points import DEFAULT_NAMES, SERIES

COMPLAINTS = {  # of England and Wales, as the watchdog's pages print them
    "year to March 2021": "67,732",
    "year to March 2022": "75,020",
    "year to March 2023": "81,142",
    "year to March 2024": "85,458",
    "year to March 2025": "94,940",
}


def read(client, path, **query):
    """Return the rows of a table as CSV has them."""
    answer = client.get(f"/v1/{path}.csv", params=query)
    assert answer.status_code == 200, answer.text
    return [*csv.DictReader(io.StringIO(answer.text))]


def ask(client, path, **query):
    answer = client.get(f"/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def indicators(client):
    return [one["id"] for one in ask(client, "indicators")["data"]]


def test_five_years_of_complaints_are_five_rows(client):
    for area in ("gb_eaw", "England and Wales", "england and wales"):
        rows = read(client, "indicators/complaints", area=area)
        assert {row["time"]: row["shown"] for row in rows} == COMPLAINTS
    assert [row["latest"] for row in rows] == ["0", "0", "0", "0", "1"]
    assert [row["year"] for row in rows] == ["2020", "2021", "2022", "2023", "2024"]
    assert [*rows[0]] == [*DEFAULT_NAMES]


def test_a_kind_finds_no_total_and_a_total_opens_into_kinds(client):
    area = {"area": "us_ny_new_york"}
    sexual = read(client, "indicators/allegations", category="use_of_force", **area)
    assert {row["kind"] for row in sexual} == {"use of force"}
    kinds = read(client, "indicators/allegations", by="kind", area="gmp")
    assert "all" in {row["kind"] for row in kinds}
    assert len({row["kind"] for row in kinds}) > 5
    assert len({row["unit"] for row in kinds}) == 1


def test_a_wide_table_loses_nothing_of_the_long_one(client, indicators):
    """A number that has no year, or is one of two of its year, stands in the note of its series; and so do notes."""
    for identity in random.Random(7).sample(indicators, 20):
        long = read(client, f"indicators/{identity}", columns="all")
        wide = read(client, f"indicators/{identity}", wide="1")
        years = [name for name in wide[0] if name.isdecimal()]
        assert years == sorted(years)
        for row in wide:
            assert int(row["years"]) == sum(bool(row[year]) for year in years)
        series = dict.fromkeys(tuple(row[name] for name in SERIES) for row in long)
        for key, found in zip(series, wide, strict=True):
            rows = [row for row in long if tuple(row[name] for name in SERIES) == key]
            for row in rows:
                is_cell = row["value"] and found.get(row["year"]) == row["value"]
                assert is_cell or row["shown"].lower() in found["note"].lower()
                assert all(part in found["note"] for part in row["note"].split("; "))


def test_a_number_without_a_year_stands_in_the_note_of_its_series(client):
    assert len(read(client, "indicators/database_check_people", wide="1")) == 20
    [row] = read(client, "indicators/vetting_lost", wide="1")
    assert "86 (printed September 2024)" in row["note"]
    assert ask(client, "indicators/vetting_lost", wide="1")["missing"] == []


def test_a_wide_table_says_once_what_its_rows_share_and_of_which_year_the_rest_is(
    client,
):
    """Deaths in custody of 2018/19 were revised; the states of India count in different ways."""
    [row] = read(client, "indicators/deaths_in_custody", area="gb_eaw", wide="1")
    assert row["note"].startswith("2018: ")
    rows = read(client, "indicators/dismissed", area="within:in", wide="1")
    notes = [row["note"] for row in rows if "cannot be ranked" in row["note"]]
    assert len(notes) > 5
    assert all(note.count("cannot be ranked") == 1 for note in notes)


def test_a_wide_table_does_not_warn_of_rows_that_it_has_not(client):
    query = {"area": "within:gb_eaw"}
    long, wide = (
        ask(client, "indicators/complaints", **query, wide=wide)["warnings"]
        for wide in "01"
    )
    assert "part_years" in {one["code"] for one in long}
    assert "part_years" not in {one["code"] for one in wide}


def test_duckdb_finds_the_header_of_every_wide_table(client, indicators, tmp_path):
    """Each heading but one looks like what is below it: text, or a year above numbers."""
    place = tmp_path / "wide.csv"
    for identity in indicators:
        text = client.get(f"/v1/indicators/{identity}.csv?wide=1").text
        place.write_text(text)
        assert duckdb.read_csv(str(place)).columns == text.split("\n")[0].split(",")


@pytest.mark.parametrize("area", ["us_il_chicago", "us_ny_new_york", "ie", "gb_eaw"])
def test_a_change_is_said_between_whole_numbers_of_one_length(client, area):
    """Cases of the newest years are still being decided in Chicago and New York."""
    columns = "id,note,coverage,period_start,period_end"
    newest = read(client, f"areas/{area}", columns=f"{columns},earlier_id")
    pairs = {row["id"]: row["earlier_id"] for row in newest if row["earlier_id"]}
    assert bool(pairs) is (area != "us_il_chicago")
    ids = ",".join([*pairs, *pairs.values()])
    rows = read(client, "figures", id=ids, columns=columns) if pairs else []
    held = {row["id"]: row for row in rows}
    for figure, earlier in pairs.items():
        both = [held[figure], held[earlier]]
        (coverage,) = {row["coverage"] for row in both}
        assert coverage in ("whole", "point")
        assert not [row for row in both if "provisional" in row["note"].split("; ")]
        lengths = [
            date.fromisoformat(row["period_end"])
            - date.fromisoformat(row["period_start"])
            for row in both
        ]
        assert coverage == "point" or abs(lengths[0] - lengths[1]).days <= 3


def test_a_name_of_two_areas_is_the_one_of_which_something_is_held(client):
    rows = read(client, "indicators/allegations", area="New York")
    assert {row["area_code"] for row in rows} == {"us_ny_new_york"}


@pytest.mark.parametrize("suffix", ["parquet", "xlsx", "zip"])
def test_a_file_has_the_row_of_what_is_not_held(client, suffix):
    address = f"/v1/indicators/vetting_refused.{suffix}?area=nz"
    assert client.get(address).status_code == 200


def test_the_latest_of_some_years_is_the_latest_of_these(client):
    [row] = read(
        client, "indicators/complaints", area="gb_eaw", year="..2021", latest="1"
    )
    assert (row["time"], row["shown"]) == ("year to March 2022", "75,020")


def test_what_is_held_of_another_stretch_is_never_said_not_to_be(client):
    """31,671 is before a break, and not in the default table."""
    [row] = read(client, "indicators/complaints", area="gb_eaw", year="2017")
    assert (row["shown"], row["id"]) == ("31,671", "qnt84")
    assert "before a break" in row["note"]


def test_a_place_is_not_held_only_if_no_series_has_a_row(client, indicators):
    chosen = random.Random(3).sample(indicators, 25)
    for identity in chosen:
        held = read(client, f"indicators/{identity}", all="1", columns="all")
        asked = {(row["area_code"], row["year"]) for row in held if row["year"]}
        for area, year in random.Random(4).sample(sorted(asked), min(len(asked), 3)):
            rows = read(client, f"indicators/{identity}", area=area, year=year)
            assert all(row["id"] for row in rows), (identity, area, year)


def test_a_row_that_is_not_held_has_the_kind_and_the_year_that_are_asked(client):
    query = {"area": "met", "category": "racism", "year": "1999"}
    [row] = read(client, "indicators/allegations", **query)
    assert (row["kind"] != "all", row["year"], row["unit"]) == (
        True,
        "1999",
        "allegations",
    )


def test_years_that_are_asked_and_absent_are_named(client):
    answer = ask(client, "indicators/dismissed", area="gb_eaw", year="2020..2024")
    held = {row["year"] for row in answer["data"]}
    absent = [one for one in answer["missing"] if one["reason"] == "other_time"]
    told = absent[0]["detail"].partition(". ")[0]
    named = {year for year in range(2020, 2025) if str(year) in told}
    assert named == {*range(2020, 2025)} - held


def test_areas_inside_each_other_are_warned_of(client):
    codes = {
        one["code"] for one in ask(client, "indicators/barred", year="2024")["warnings"]
    }
    assert "totals_and_parts" in codes
    alone = ask(client, "indicators/barred", year="2024", area="gb_eaw")
    assert alone["warnings"] == []


def test_a_number_of_the_same_time_is_no_number_before(client):
    rows = {row["indicator"]: row for row in ask(client, "areas/met")["data"]}
    suspended = rows["suspended_on_a_day"]  # 183 was said of the same September
    assert suspended["earlier_time"] == "in April 2023"


def test_kinds_of_other_people_are_kinds_of_a_total(client):
    """Rape by police officers is a kind of all cases in South Africa in 2023/24."""
    query = {"area": "za", "by": "kind", "year": "2023/24"}
    assert "rtwz4" in {row["id"] for row in read(client, "indicators/cases", **query)}


def test_a_narrower_kind_leads_to_the_wider_one(client):
    query = {"area": "met", "category": "racism"}
    answer = ask(client, "indicators/allegations", year="2024", **query)
    assert answer["missing"][0]["nearest"][0]["indicator"] == "allegations"
    assert answer["missing"][0]["nearest"][0]["kind"] != "all"


def test_areas_within_another_are_not_each_said_to_be_missing(client):
    answer = ask(client, "indicators/suspended_on_a_day", area="within:gb_eaw")
    assert all(row["id"] for row in answer["data"])
    assert [one["reason"] for one in answer["missing"]].count("not_held") == 1


def test_names_are_read_as_people_write_them(client):
    for name in ("Avon & Somerset", "avon and somerset police"):
        [row] = ask(client, f"areas/{name.replace('&', '%26')}")["areas"]
        assert row["area_code"] == "E23000036"


@pytest.mark.parametrize(
    ("identity", "area", "query", "other"),
    [
        ("allegations", "gmp", "category=sexual_misconduct", "category=sexual"),
        ("allegations", "gmp", "category=Sexual misconduct", "category=sexual"),
        ("suspended_on_a_day", "ie", "people=cops", "people=officers"),
        ("suspended_on_a_day", "ie", "statistic=Count", "statistic=count"),
    ],
)
def test_the_words_of_a_code_find_what_the_code_finds(
    client, identity, area, query, other
):
    start = f"/v1/indicators/{identity}?area={area}&"
    rows = client.get(start + query).json()["data"]
    assert rows == client.get(start + other).json()["data"]
    assert all(row["id"] for row in rows)


def test_years_of_other_series_are_the_nearest_to_years_that_are_absent(client):
    """Northern Ireland: 35 in the year to March 2022, and calendar years in another series."""
    query = {"area": "gb_nir", "year": "2017..2021"}
    answer = ask(client, "indicators/suspended_in_period", **query)
    assert [row["shown"] for row in answer["data"]] == ["35"]
    [missing] = answer["missing"]
    assert missing["reason"] == "other_time"
    found = {row["time"]: row["shown"] for row in missing["nearest"]}
    assert found["in 2017"] == "48"
    assert found["in 2018"] == "35"
    assert all(row["why"] for row in missing["nearest"])
    ids = {row["id"] for row in client.get(missing["try"][0]).json()["data"]}
    assert {row["id"] for row in missing["nearest"]} <= ids


def test_people_that_are_asked_beside_others_and_not_held_are_told(client):
    query = {"area": "ie", "people": "officers,staff"}
    answer = ask(client, "indicators/suspended_on_a_day", **query)
    assert "police staff" in answer["missing"][0]["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"statistic": "share", "all": "1"},
        {"people": "staff"},
        {"year": "1950"},
        {"category": "alleged violence", "latest": "1"},
    ],
)
def test_no_answer_is_empty_without_a_reason_and_a_way_on(client, query):
    answer = ask(client, "indicators/vetting_doubted", **query)
    assert answer["data"] == []
    [missing] = answer["missing"]
    assert missing["reason"] == "not_held"
    assert client.get(missing["try"][0]).json()["data"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/areas/" + "," * 400, {}),
        ("/v1/areas/" + "york," * 99 + "york", {}),
        ("/v1/indicators/complaints", {"area": "met" + " police" * 1_000}),
        ("/v1/figures", {"id": "," * 2_000}),
    ],
)
def test_what_strangers_name_is_limited_before_it_is_looked_up(client, path, query):
    """400 commas once took half a second of a process: every name was compared with all."""
    answer = client.get(path, params=query)
    is_path = path.startswith("/v1/areas/")  # an address, so there is no such page
    assert answer.status_code == (404 if is_path else 422)
    assert len(answer.content) < 60_000


def test_a_topic_tells_of_each_kind_that_is_asked_and_not_held(client):
    query = {"area": "met", "category": "sexual,racism"}
    answer = ask(client, "suspensions", **query)
    assert answer["data"]
    [missing] = answer["missing"]
    assert "racism" in missing["detail"]
    assert client.get(missing["try"][0]).json()["data"]


def test_a_kind_with_a_comma_is_asked_by_its_words(client):
    kind = "individual behaviour, such as rudeness"
    asked = {"area": "gmp", "category": f"{kind},racism", "columns": "kind,shown"}
    data = client.get("/v1/indicators/allegations", params=asked).json()["data"]
    assert {row["kind"]: row["shown"] for row in data} == {
        kind: "2,441",
        "racism": "Not held",
    }
