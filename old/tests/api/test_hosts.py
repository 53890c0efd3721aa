"""Links begin with the host of a request if the settings allow it, and with the public address otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from misconduct.settings import Settings
from tests.serving import Served, serve

PUBLIC = "https://figures.example.org"
FORGED = ("evil.example", "www.example.org.evil.example", "10.0.0.5", "10.0.0.5:8001", "localhost:8000", "")
LINKED = ("/v1", "/v1/observations?limit=1", "/v1/datasets/allegations", "/v1/charts", "/v1/releases")


@pytest.fixture(scope="module")
def guarded(real: Served) -> Iterator[Served]:
    """The real register at a public address, which two more hosts lead to."""
    hosts = "WWW.example.org, http://10.0.0.5:8000"
    with serve(Settings(database_url=real.settings.database_url, base_url=PUBLIC, hosts=hosts)) as running:
        yield running


def beginnings(guarded: Served, address: str, **headers: str) -> set[str]:
    """The origins of the service's own links in an answer, and in its headers."""
    answer = guarded.client.get(address, headers=headers)
    assert answer.status_code == 200
    linked = re.findall(r"(https?://[\w.:\[\]-]+)/(?:v1|sitemap|charts|docs)", answer.text + answer.headers["Link"])
    return set(linked) - {"https://creativecommons.org"}


@pytest.mark.parametrize("address", LINKED)
def test_links_begin_with_an_allowed_host(guarded, address):
    assert beginnings(guarded, address, Host="10.0.0.5:8000") == {"http://10.0.0.5:8000"}
    assert beginnings(guarded, address, Host="www.Example.org") == {"https://www.example.org"}
    assert beginnings(guarded, address, Host="figures.example.org") == {PUBLIC}


@pytest.mark.parametrize("host", FORGED)
def test_a_forged_host_is_never_repeated(guarded, host):
    for address in LINKED:
        assert beginnings(guarded, address, Host=host) == {PUBLIC}
    for header in ("X-Forwarded-Host", "Forwarded", "X-Host"):
        assert beginnings(guarded, LINKED[0], **{header: f"host={host}"}) == {PUBLIC}


def test_an_answer_for_one_host_is_not_repeated_to_another(guarded):
    address, hosts = "/v1/observations?limit=2", ("10.0.0.5:8000", "www.example.org", "evil.example")
    told = {host: guarded.client.get(address, headers={"Host": host}) for host in hosts for _ in range(2)}
    assert all("hit" in answer.headers["Cache-Status"] for answer in told.values())
    assert len({answer.headers["ETag"] for answer in told.values()}) == 3
    tag = {"If-None-Match": told["www.example.org"].headers["ETag"]}
    assert guarded.client.get(address, headers={"Host": "www.example.org", **tag}).status_code == 304
    assert guarded.client.get(address, headers={"Host": "evil.example", **tag}).status_code == 200


def test_next_links_stay_on_the_host(guarded):
    address, rows = "/v1/observations?limit=40", 0
    while address:
        page = guarded.client.get(address, headers={"Host": "10.0.0.5:8000"}).json()
        rows, address = rows + len(page["data"]), page["links"]["next"]
        assert address is None or address.startswith("http://10.0.0.5:8000/v1/")
        address = address and address.removeprefix("http://10.0.0.5:8000")
    assert rows == page["meta"]["total"]


def test_the_canonical_address_of_a_page_is_the_public_one(guarded):
    page = guarded.client.get("/datasets/allegations", headers={"Host": "www.example.org", "Accept": "text/html"}).text
    assert f'<link rel="canonical" href="{PUBLIC}/datasets/allegations">' in page


@pytest.mark.parametrize(
    "address",
    [
        "/v1/changes.atom",
        "/v1/releases.atom",
        "/v1/datasets/allegations/dcat",
        "/v1/datasets/allegations/schema-org",
        "/v1/observations/k7m3q/citation.bib",
        "/v1/observations/k7m3q/prov",
    ],
)
def test_permanent_ids_are_the_same_whatever_host_was_asked(guarded, address):
    told = [guarded.client.get(address, headers={"Host": host}) for host in ("10.0.0.5:8000", "figures.example.org")]
    assert [one.status_code for one in told] == [200, 200]
    ids = [re.findall(r"<id>.*?</id>|\"@id\": *\".*?\"|url = .*|https?://[\w.:]+/v1/\"", one.text) for one in told]
    assert ids[0] == ids[1] != []
    assert not [found for found in ids[0] if "10.0.0.5" in found]


def test_without_a_public_address_every_name_of_the_machine_is_allowed(real):
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert (
            real.client.get("/v1/observations?limit=1", headers={"Host": host})
            .json()["links"]["self"]
            .startswith(f"http://{host}/v1/")
        )
    forged = real.client.get("/v1/observations?limit=1", headers={"Host": "192.168.0.7:8000"})
    assert forged.json()["links"]["self"].startswith("http://localhost:8000/")


@pytest.mark.parametrize("hosts", ["example.org/path", "two words", "user@example.org", "ftp://example.org", "a,b c"])
def test_a_setting_that_names_no_host_is_refused(hosts):
    with pytest.raises(ValidationError, match="must be hosts such as"):
        Settings(hosts=hosts)
