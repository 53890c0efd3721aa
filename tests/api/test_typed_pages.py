"""A figure that was typed from a page says so wherever it is shown, and leads to the words on the page."""

import pytest

from misconduct_editor.tables.transcript import add_transcript

from ..desk.editor import CODELISTS
from ..desk.test_transcripts import CAVEATS, CODES, COUNTED, FORCE, PAPER, write
from ..registers import COUNTED as AN_INDICATOR
from ..registers import make_release, write_counted


@pytest.fixture(scope="module")
def client(serve, tmp_path_factory):
    """A client of a service with a page that was read in part, with two figures, and one that was read whole."""
    folder = tmp_path_factory.mktemp("pages")
    data = write_counted(folder, CODELISTS | {"caveats.yaml": CAVEATS})
    counted = COUNTED | CODES | AN_INDICATOR
    rows = [FORCE | counted, PAPER | counted]
    rows.insert(
        1, rows[0] | {"printed": "64", "counted": "constables", "category": "sexual"}
    )
    assert add_transcript(data, write(data, *rows)).mistakes == []
    make_release(data, "Pages.", "2024-05-01")
    return serve(data).client


@pytest.fixture(scope="module")
def figures(client):
    """The figures in full, by page and number."""
    asked = "/v1/figures?source=kent-foi-12&source=echo-2024-kent&columns=id"
    ids = [row["id"] for row in client.get(asked).json()["data"]]
    found = [client.get(f"/v1/figures/{identity}").json()["data"] for identity in ids]
    return {(one["source"], one["printed"]): one for one in found}


def test_a_figure_leads_to_the_words_on_its_page_if_they_are_enough(figures):
    places = {key: one["evidence"]["printed_at"] for key, one in figures.items()}
    address = "https://kent.example/foi-12"
    assert places["kent-foi-12", "64"] == address
    words = "#:~:text=officers%20suspended%20from%20duty"
    assert places["kent-foi-12", "1,204"] == f"{address}{words}"


def test_a_figure_says_that_it_was_typed_and_how_much_was_read(client, figures):
    part, whole = figures["kent-foi-12", "1,204"], figures["echo-2024-kent", "1,204"]
    assert [one["id"] for one in part["notes"]] == ["read_in_part"]
    assert whole["notes"] == []
    assert (part["evidence"]["at"], part["evidence"]["exact"]) == ("row=1", "1,204")
    asked = {"headers": {"Accept": "text/html"}}
    page = client.get(f"/figures/{part['id']}", **asked).text
    assert "Typed from the page (read in part)" in page
    assert "A part was read." in page
    source = client.get("/v1/sources/kent-foi-12").json()["data"]
    assert (source["held"], source["read"]) == (False, "part")
