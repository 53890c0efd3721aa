"""A figure that was typed from a page says so wherever it is shown, and leads to the words on the page."""

import pytest

from misconduct_editor.releases.make import make_release
from misconduct_editor.tables.transcript import add_transcript

from ..desk.editor import CODELISTS
from ..desk.test_transcripts import CAVEATS, CODES, COUNTED, FORCE, PAPER, write
from ..registers import write_register


@pytest.fixture(scope="module")
def client(serve, tmp_path_factory):
    """A client of a service with a page that was read in part, with two figures, and one that was read whole."""
    folder = tmp_path_factory.mktemp("pages")
    data = write_register(folder, CODELISTS | {"caveats.yaml": CAVEATS})
    rows = (
        FORCE | COUNTED | CODES,
        FORCE | COUNTED | CODES | {"printed": "64", "counted": "constables"},
    )
    assert (
        add_transcript(data, write(data, *rows, PAPER | COUNTED | CODES)).mistakes == []
    )
    make_release(data, "Pages.", "2024-05-01")
    return serve(data).client


@pytest.fixture(scope="module")
def figures(client):
    """The figures in full, by page and number."""
    rows = client.get("/v1/observations?source=kent-foi-12,echo-2024-kent").json()[
        "data"
    ]
    found = [client.get(f"/v1/observations/{row['id']}").json()["data"] for row in rows]
    return {(one["source"]["id"], one["printed"]): one for one in found}


def test_a_figure_leads_to_the_words_on_its_page_if_they_are_enough(figures):
    printed_at = {
        one["printed"]: one["links"]["printed_at"] for one in figures.values()
    }
    assert printed_at["64"] == "https://kent.example/foi-12"
    address = figures["kent-foi-12", "1,204"]["links"]["printed_at"]
    assert (
        address
        == "https://kent.example/foi-12#:~:text=officers%20suspended%20from%20duty"
    )


def test_three_words_are_enough(service):
    answer = (
        service.client.get("/v1/observations/dkphh").raise_for_status().json()["data"]
    )
    assert (
        answer["links"]["printed_at"]
        == "https://post.ca.gov/POSAD-Q2-Newsletter#:~:text=Total%20Approved%20AMRs"
    )


def test_a_figure_says_that_it_was_typed_and_how_much_was_read(client, figures):
    part, whole = figures["kent-foi-12", "1,204"], figures["echo-2024-kent", "1,204"]
    assert part["citation"]["note"].startswith(
        "Typed from the page (read in part) Suspended officers (12/24), Kent Police"
    )
    assert whole["citation"]["note"].startswith(
        "Typed from the page Suspended officers (12/24), Echo"
    )
    assert ([one["id"] for one in part["caveats"]], whole["caveats"]) == (
        ["read_in_part"],
        [],
    )
    assert (part["evidence"]["selector"]["value"], part["evidence"]["exact"]) == (
        "row=1",
        "1,204",
    )
    page = client.get(
        f"/observations/{part['id']}", headers={"Accept": "text/html"}
    ).text
    assert "Typed from the page (read in part)" in page
    assert "A part was read." in page
    source = client.get("/v1/sources/kent-foi-12").json()["data"]
    assert (source["held"], source["read"]) == (False, "part")


def test_a_figure_of_a_page_is_looked_up_as_one_of_an_article(client):
    near = client.get("/v1/observations?value=1240").json()["meta"]["see_also"]
    assert [one["kind"] for one in near] == ["near_miss", "near_miss"]


def test_a_list_has_the_columns_that_are_asked_for_and_its_links(client):
    for form in ("", ".csv"):
        answer = client.get(
            f"/v1/observations{form}?source=kent-foi-12&columns=id,printed"
        )
        assert (answer.status_code, "counted" in answer.text) == (200, False)
    rows = client.get("/v1/observations?source=kent-foi-12&columns=id").json()["data"]
    assert rows[0]["links"]["printed_at"].startswith("https://kent.example/foi-12")


def test_figures_of_a_page_stand_in_the_order_in_which_they_were_typed(client):
    rows = client.get("/v1/observations?source=kent-foi-12").json()["data"]
    assert [row["printed"] for row in rows] == ["1,204", "64"]
