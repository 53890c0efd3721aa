"""Search finds the same in every database and however it is typed, and never the opposite of what was asked first."""

import json
from pathlib import Path

import psycopg
import pytest
import yaml

from misconduct.db.embedded import EmbeddedPostgres

from ..conftest import ROOT, Service
from ..properties import naive
from ..register import copy_releases

ASKED = yaml.safe_load((Path(__file__).parent / "searches.yaml").read_text("utf-8"))
SPELLINGS, MEANT = ASKED["spellings"], ASKED["meant"]
FIGURES = {row["id"]: row for row in naive.read(naive.NEWEST, "figures")}


def create_elsewhere(owner):
    """Create a database with Swedish order of letters, where Postgres knows that, or else with the C library's."""
    new = "CREATE DATABASE searched TEMPLATE template0"
    try:
        owner.execute(
            f"{new} LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE' LC_COLLATE 'C.utf8' LC_CTYPE 'C.utf8'"
        )
    except psycopg.errors.FeatureNotSupported:
        owner.execute(
            f"{new} LOCALE_PROVIDER libc LC_COLLATE 'C.utf8' LC_CTYPE 'C.utf8'"
        )


@pytest.fixture(scope="module")
def other(home, tmp_path_factory):
    """A client of a service whose database has another locale."""
    data = tmp_path_factory.mktemp("search") / "data"
    copy_releases(ROOT / "data", data)
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            create_elsewhere(owner)
        running = Service(
            home,
            data,
            MISCONDUCT_DATABASE_URL=postgres.url.replace("/misconduct?", "/searched?"),
        )
        try:
            yield running.wait().client
        finally:
            running.stop()


def find(client, text):
    """Return the ids of the figures that a search finds."""
    return [row["id"] for row in ask(client, text)]


def ask(client, text, **more):
    """Return the figures that a search finds, in the columns of the register."""
    asked = {"q": text, "limit": "1000", "columns": "id", **more}
    answer = client.get("/v1/figures", params=asked).raise_for_status().json()
    return [FIGURES.get(row["id"], row) for row in answer["data"]]


def test_two_databases_find_the_same(client, other):
    for text in [
        *SPELLINGS,
        *(one for spellings in SPELLINGS.values() for one in spellings),
        *MEANT,
        *ASKED["others"],
    ]:
        assert find(client, text) == find(other, text), text


def search(client, text):
    """Return what was read, the rows and what is missing, without addresses of the service."""
    answer = client.get("/v1/search", params={"q": text}).raise_for_status().text
    return answer.replace(str(client.base_url).rstrip("/"), "")


def test_two_databases_give_the_same_answers(client, other):
    for text in ASKED["pages"]:
        assert search(client, text) == search(other, text), text
    for path in ASKED["lists"]:
        assert list_without_addresses(client, path) == list_without_addresses(
            other, path
        ), path


def list_without_addresses(client, path):
    data = client.get(path).raise_for_status().json()["data"]
    return json.dumps(data).replace(str(client.base_url).rstrip("/"), "")


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_question_finds_the_same_however_it_is_typed(client, text):
    found = find(client, text)
    assert found or text == "cafe"
    assert {
        spelling: find(client, spelling) for spelling in SPELLINGS[text]
    } == dict.fromkeys(SPELLINGS[text], found)


@pytest.mark.parametrize("text", MEANT)
def test_words_lead_to_what_they_mean(client, text):
    name, code = MEANT[text]
    [row] = ask(client, text, limit="1")
    assert row[name] == code


@pytest.mark.parametrize(
    ("text", "areas"),
    [("York", {"E23000009"}), ("York police", {"E23000009"}), ("Jersey", set())],
)
def test_one_word_of_a_name_is_not_the_place(client, text, areas):
    """York is a town of North Yorkshire, and not in New York."""
    assert {row["area"] for row in ask(client, text)} == areas


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "deaths in custody England and Wales",
            ["xx6h7", "rpg77"],
        ),  # England and Wales: 18, and 17 in the year before
        (
            "rape",
            ["zzp6n", "pzk5d"],
        ),  # 157 in 2023, and 169 in 2022, not 944 in ten years
    ],
)
def test_the_newest_whole_year_comes_before_its_parts_and_before_many_years(
    small, text, first
):
    assert find(small.client, text)[: len(first)] == first


def test_a_year_is_found_by_the_year_in_which_it_ends(small):
    """xx6h7 is for April 2019 to March 2020."""
    in_2020, in_2019 = (
        find(small.client, f"deaths in custody {year}") for year in ("2020", "2019")
    )
    assert in_2020[0] == "xx6h7"
    assert {*in_2020} < {*in_2019}
    assert len(in_2020) == len(find(small.client, "deaths in custody 2019/20"))


@pytest.mark.parametrize(
    "text",
    ["dismissed last year", "dismissed so far", "dismissed now", "dismissed right now"],
)
def test_words_that_ask_for_the_newest_number_are_no_words_of_a_figure(client, text):
    assert find(client, text) == find(client, "dismissed")
    missing = client.get("/v1/search", params={"q": text}).json()["missing"]
    ways = [way.partition("/v1")[2] for one in missing for way in one["try"]]
    assert "/notes/dismissals" in ways


def test_a_label_that_denies_is_no_word(client):
    """A force employs people: “Not about a kind of misconduct”. A death is an “Event, with no misconduct alleged”."""
    for_kent = {row["measure"] for row in ask(client, "misconduct Kent")}
    assert "recorded" in for_kent
    assert "employed" not in for_kent
    assert "occurred" not in {row["measure"] for row in ask(client, "alleged Kent")}


@pytest.mark.parametrize("text", ["brutality", "excessive force", "physical abuse"])
def test_words_that_accuse_find_nothing_that_only_occurred(client, text):
    assert ask(client, text)
    assert "occurred" not in {row["measure"] for row in ask(client, text)}
    assert "occurred" in {row["measure"] for row in ask(client, "use of force")}


def test_killed_finds_shootings_first_and_suicides_never(client):
    rows = ask(client, "killed")
    assert rows[0]["indicator"] == "shot_dead"
    assert "Fatal shootings" in {row["counted"] for row in rows}
    assert not [row for row in rows if "suicide" in (row["counted"] or "")]


def test_convicted_finds_convictions_by_courts_first(client):
    assert {row["measure"] for row in ask(client, "convicted", limit="300")} == {
        "convicted"
    }


def test_texts_have_the_same_order_in_every_database(home, service):
    with (
        EmbeddedPostgres(home) as postgres,
        psycopg.connect(postgres.url) as connection,
    ):
        found = connection.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns "
            "WHERE table_schema LIKE 'release\\_%' "
            "AND table_name <> 'alembic_version' AND data_type IN ('text', 'ARRAY')"
        )
        assert {name for (name,) in found} == {"C"}
        [(lists,)] = connection.execute(
            "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE relname = 'observations' AND atttypid = 'text[]'::regtype "
            "AND attcollation <> 'pg_catalog.\"C\"'::regcollation"
        )
        assert lists == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("taser deaths", []),  # use of force may include tasers
        # a page on abuse of position for a sexual purpose has convictions of any crime
        ("convicted sexual", ["g6p2z"]),
        ("borders*", []),  # in the notes of 237 figures
    ],
)
def test_neither_a_title_nor_a_wider_code_stands_for_what_is_asked(client, text, found):
    assert find(client, text) == found


def test_a_list_says_which_words_its_figures_are_not_about(client):
    asked = {"q": "suspended Met unicorns", "limit": "1"}
    answer = client.get("/v1/figures", params=asked).json()
    assert answer["missing"][0]["asked"] == {"detail": "unicorns"}


@pytest.mark.parametrize("path", ["/v1/figures", "/v1/search", "/search"])
@pytest.mark.parametrize(
    "text", ["½" * 60, " ".join(["deaths"] * 28), " ".join(map(str, range(60)))]
)
def test_many_words_are_searched_and_a_word_said_again_asks_no_more(client, path, text):
    assert client.get(path, params={"q": text}).status_code == 200
