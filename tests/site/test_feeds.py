"""The feed of changes, and the page of releases."""

from urllib.parse import urldefrag
from xml.etree import ElementTree

import pytest

from .test_pages import read

KENT = "E23000032"


def read_feed(client, query=""):
    return ElementTree.fromstring(client.get(f"/changes.atom{query}").content)


@pytest.mark.parametrize(
    ("query", "title", "told", "day"),
    [
        ("", "Release 1.0.0: no figure changed", "Articles", "2026-11-20"),
        ("?id=p9dth", "Release 2.0.0: 1 withdrawn", "50: ", "2026-11-27"),
        ("?id=d8z2x", "Release 1.1.0: 1 with changed codes or notes", "", "2026-11-24"),
        ("?id=rqbmz", "Release 1.1.0: 1 running longer", "53: ", "2026-11-24"),
        ("?id=rpg77", "Release 1.1.0: 1 revised", "17 (was 16): ", "2026-11-24"),
        # gb_eaw is wider than Kent, which has one more year, and a total that runs longer
        (f"?area={KENT}", "Release 1.1.0: 1 added, 1 running longer", "", "2026-11-24"),
        (f"?id=xj87s,rpg77&area={KENT}", "Release 1.1.0: 1 running longer", "", "2026"),
        ("?area=gb_eaw", "Release 1.1.0: 3 added, 2 revised, 2 running longer", "", "2026"),
        ("?type=revised&since=2.0.0", None, "", ""),
        (f"?topic=vetting&area={KENT}", None, "", ""),
    ],
)  # fmt: skip
def test_the_feed_has_an_entry_for_each_release_that_changed_what_is_chosen(
    small, query, title, told, day
):
    """It names a figure by its number, and calls it revised only if that is not right any more."""
    entries = read_feed(small.client, query).findall("{*}entry")
    found = {one.findtext("{*}title"): one for one in entries}
    if title is None:
        assert found == {}
        return
    assert told in found[title].findtext("{*}summary")
    assert found[title].findtext("{*}updated").startswith(day)


def test_every_release_has_its_place_on_the_page_of_releases(small):
    page = read(small.client, "/releases")
    links = [
        one.get("href") for one in read_feed(small.client).findall("{*}entry/{*}link")
    ]
    linked = {urldefrag(one).fragment for one in links}
    assert linked == {"1.0.0", "1.1.0", "2.0.0"}
    assert linked <= {attributes.get("id") for _, attributes in page.elements}


def test_each_feed_has_an_id_of_its_own_and_an_author(client):
    """Readers merge feeds with the same id; RFC 4287 requires an author. The order of figures makes no other feed."""
    ids = []
    for query in ("", "?id=h6xgz", "?id=rpg77,h6xgz", "?id=h6xgz,rpg77"):
        feed = read_feed(client, query)
        ids.append(feed.findtext("{*}id"))
        assert feed.findtext("{*}author/{*}name") == "Misconduct Register"
    assert all(one.startswith("urn:uuid:") for one in ids)
    assert len({*ids[:3]}) == 3
    assert ids[2] == ids[3]
    assert "Kent Police" in read_feed(client, f"?area={KENT}").findtext("{*}title")
