"""The feed of changes, and the pages of changes and releases."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL, Service
from .test_pages import read


def read_feed(client, query=""):
    """Return the title of a feed, and its entries: title, link and time."""
    feed = ElementTree.fromstring(client.get(f"/changes.atom{query}").content)
    entries = [
        (
            one.findtext("{*}title"),
            one.find("{*}link").get("href"),
            one.findtext("{*}updated"),
        )
        for one in feed.findall("{*}entry")
    ]
    return feed.findtext("{*}title"), entries


@pytest.mark.parametrize(
    ("query", "title", "told", "day"),
    [
        ("", "Release 1.0.0: no figure changed", "Articles", "2026-11-20"),
        ("?id=p9dth", "Release 2.0.0: 1 withdrawn", "50: ", "2026-11-27"),
        ("?id=d8z2x", "Release 1.1.0: 1 with changed codes or notes", "", "2026-11-24"),
        ("?id=rqbmz", "Release 1.1.0: 1 running longer", "53: ", "2026-11-24"),
        ("?id=rpg77", "Release 1.1.0: 1 revised", "17 (was 16): ", "2026-11-24"),
        ("?type=revised&since=2.0.0", None, "", ""),
    ],
)
def test_the_feed_has_an_entry_for_each_release_that_changed_what_is_chosen(
    small, query, title, told, day
):
    """It names a figure by its number, and calls it revised only if that is not right any more."""
    feed = ElementTree.fromstring(small.client.get(f"/changes.atom{query}").content)
    found = {one.findtext("{*}title"): one for one in feed.findall("{*}entry")}
    if title is None:
        assert found == {}
        return
    assert told in found[title].findtext("{*}summary")
    assert found[title].findtext("{*}updated").startswith(f"{day}T")


def test_the_feed_of_a_dataset_or_an_area_counts_what_each_release_changed_there(
    small,
):
    """Of the deaths in Kent, 1.1.0 has one more year, and a total that runs longer. gb_eaw is wider than Kent."""
    client = small.client
    kent, year = "E23000032", "Release 1.1.0: 1 added, 1 running longer"
    title, entries = read_feed(client, f"?area={kent}")
    assert title == "Misconduct Register: Kent Police"
    [link] = [link for title, link, _ in entries if title == year]
    page = read(
        client,
        link.partition("/changes")[1] + link.partition("/changes")[2].partition("#")[0],
    )
    assert "1 added, 1 running longer" in page.text
    assert "16 added" not in page.text
    assert year in [
        one[0] for one in read_feed(client, f"?topic=deaths&area={kent}")[1]
    ]
    assert read_feed(client, f"?topic=vetting&area={kent}")[1] == []
    assert "Release 1.1.0: 3 added, 2 revised, 2 running longer" in [
        one[0] for one in read_feed(client, "?area=gb_eaw")[1]
    ]
    [(title, *_)] = read_feed(client, f"?id=xj87s,rpg77&area={kent}")[1]
    assert title == "Release 1.1.0: 1 running longer"


@pytest.fixture
def same_day():
    """A client of a service whose two releases are of one day."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-same-day-"))
    folder.chmod(0o755)  # the account of the server must be able to enter it
    releases = folder / "data/releases"
    releases.mkdir(parents=True)
    previous = None
    for number in ("1.0.0", "1.1.0"):
        release = read_release(SMALL / "releases" / number)
        release = replace(release, day="2026-11-20", previous=previous)
        written = write_release(releases / number, release)
        add_to_list(folder / "data", written)
        previous = written.digest
    service = Service(folder, folder / "data")
    try:
        yield service.wait().client
    finally:
        service.stop()
        shutil.rmtree(folder)


def test_a_later_release_of_the_same_day_is_later_in_the_feed(same_day):
    """A reader that goes by time would miss it otherwise."""
    feed = ElementTree.fromstring(same_day.get("/changes.atom").content)
    entries = feed.findall("{*}entry")
    times = {
        one.find("{*}link").get("href").partition("#")[2]: one.findtext("{*}updated")
        for one in entries
    }
    assert (
        times["1.0.0"] == "2026-11-20T00:00:00+00:00"
    )  # a later time may be in the future when the release comes
    assert times["1.1.0"] == "2026-11-20T00:00:01+00:00"
    newest_first = [*times.values()]
    assert newest_first == sorted({*newest_first}, reverse=True)
    assert feed.findtext("{*}updated") == newest_first[0]
    of_figure = ElementTree.fromstring(same_day.get("/changes.atom?id=rqbmz").content)
    assert "2026-11-20T00:00:01+00:00" in [
        one.text for one in of_figure.findall("{*}entry/{*}updated")
    ]


def test_every_release_has_its_place_on_the_page_of_changes(small):
    client, atom = small.client, "{http://www.w3.org/2005/Atom}"
    page = read(client, "/changes")
    feed = ElementTree.fromstring(client.get("/changes.atom").content)
    entries = [one.get("href") for one in feed.findall(f"{atom}entry/{atom}link")]
    linked = {
        urldefrag(one).fragment
        for one in (*read(client, "/releases").links, *entries)
        if "/changes#" in one
    }
    assert linked == {"1.0.0", "1.1.0", "2.0.0"}
    assert linked <= {attributes.get("id") for _, attributes in page.elements}
    of_figure = read(client, "/changes?id=rpg77").elements
    assert "2.0.0" not in {attributes.get("id") for _, attributes in of_figure}


def test_each_feed_has_an_id_of_its_own_and_an_author(client):
    """Readers merge feeds with the same id; RFC 4287 requires an author. The order of figures makes no other feed."""
    base, atom = str(client.base_url).rstrip("/"), "{http://www.w3.org/2005/Atom}"
    ids = []
    for path, query in (
        ("", ""),
        ("?id=h6xgz", "?id=h6xgz"),
        ("?id=rpg77,h6xgz", "?id=h6xgz&id=rpg77"),
    ):
        feed = ElementTree.fromstring(client.get(f"/changes.atom{path}").content)
        links = {one.get("rel"): one.get("href") for one in feed.findall(f"{atom}link")}
        ids.append(feed.findtext(f"{atom}id"))
        assert links == {
            "alternate": f"{base}/changes{query}",
            "self": f"{base}/changes.atom{query}",
        }
        assert feed.findtext(f"{atom}author/{atom}name") == "Misconduct Register"
    again = ElementTree.fromstring(
        client.get("/changes.atom?id=h6xgz,rpg77").content
    ).findtext(f"{atom}id")
    assert again == ids[-1]
    assert all(one.startswith("urn:uuid:") for one in ids)
    assert len({*ids}) == 3
