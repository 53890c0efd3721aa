"""What a body says against a figure is its first note, and a figure says if a later edition of its source was due."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.derive import derive
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL, Service
from ..site.test_pages import BROWSER, Page

LATE, IN_TIME = (
    "k7m3q",
    "gb7nr",
)  # editions were due in October and November, and the release is of November
SENTENCE = "A later edition was due in October 2026; it has not been read here."
REPLY = "Metropolitan Police, 5 November 2026: We count each officer once."
CAVEAT = {
    "id": "reply",
    "text": "We count each officer once.",
    "reply_by": "metropolitan_police",
}
ARTICLE = "Between 2014 and 2024, 1,492 Metropolitan Police officers were accused of a sexual allegation."


@pytest.fixture(scope="module")
def service():
    """A service whose only release has two sources with a month for their next edition, and a reply on a figure."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-replies-"))
    folder.chmod(0o755)
    release = read_release(SMALL / "releases/2.0.0")
    rows = {row["id"]: row for row in release.figures}
    records = {kind: dict(of_kind) for kind, of_kind in release.records.items()}
    records["caveat"]["reply"] = CAVEAT | {"replied": "2026-11-05"}
    for identity, month in ((LATE, "2026-10"), (IN_TIME, "2026-11")):
        source = rows[identity]["source"]
        records["source"][source] = records["source"][source] | {
            "due": month,
            "issued": "yearly",
        }
    rows[LATE] = rows[LATE] | {"caveats": [*rows[LATE]["caveats"], "reply"]}
    made = replace(
        release,
        day="2026-11-28",
        previous=None,
        figures=[*rows.values()],
        records=records,
        changes=[],
    )
    (folder / "data/releases").mkdir(parents=True)
    made, _ = derive(None, made)
    add_to_list(folder / "data", write_release(folder / "data/releases/2.0.0", made))
    running = Service(folder, folder / "data")
    try:
        yield running.wait()
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def client(service):
    return service.client


def check(client):
    """Return the figure that an article is about."""
    [number] = [
        one
        for one in client.post("/v1/check", content=ARTICLE).json()["data"]
        if one["figures"]
    ]
    return number["figures"][0]


def test_a_late_edition_is_told_where_a_figure_is(client):
    figure = client.get(f"/v1/figures/{LATE}").json()["data"]
    assert figure["standing"]["late"] == SENTENCE
    assert check(client)["standing"]["late"] == SENTENCE
    told = client.get(f"/v1/standing?id={LATE},{IN_TIME}").json()["data"]
    assert [one["late"] for one in told] == [SENTENCE, None]
    for path, is_late in ((LATE, True), (IN_TIME, False)):
        page = Page(client.get(f"/figures/{path}", headers=BROWSER).text).text
        assert (SENTENCE in page) is is_late
    page = client.post("/check", data={"text": ARTICLE}, headers=BROWSER).text
    assert SENTENCE in Page(page).text


def test_a_reply_is_the_first_note_and_says_who_gave_it_and_when(client):
    first, second, *_ = client.get(f"/v1/figures/{LATE}").json()["data"]["notes"]
    assert (first["id"], first["text"]) == ("reply", REPLY)
    assert second["id"] == "several_counts_of_accused"
    page = Page(client.get(f"/figures/{LATE}", headers=BROWSER).text).text
    assert page.index(REPLY) < page.index(second["text"])
    assert check(client)["notes"][0] == REPLY


def test_a_copy_without_a_contact_says_so_and_warns_once(service):
    start = service.client.get("/v1").json()
    assert (start["contact"], start["note"]) == (None, "This copy has no contact.")
    assert service.log.read_text().count("Set MISCONDUCT_CONTACT") == 1
