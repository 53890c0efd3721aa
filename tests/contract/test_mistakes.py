"""Wrong requests (mistakes.yaml), in the words of other services and with typos: refused, mostly with a remedy."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import yaml

TABLE = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8"))


def test_no_mistake_is_answered_as_if_it_were_understood(client):
    statuses = {address: client.get(address).status_code for address, _ in TABLE}
    assert {address: status for address, status in statuses.items() if status not in (404, 422)} == {}


def without_request(detail, address):
    """Return a sentence without the names and values that it repeats from the request: `units` has `unit` in it."""
    parts = urlsplit(address)
    for words in (parts.path.rpartition("/")[2], *(one for pair in parse_qsl(parts.query) for one in pair)):
        detail = detail.replace(repr(words), "")
    return detail


def test_the_remedy_is_named(client):
    missing = {}
    for address, remedy in TABLE:
        problem = client.get(address).json()
        said = f"{without_request(problem['detail'], address)} {problem['did_you_mean']}"
        if remedy and remedy not in said:
            missing[address] = problem["detail"]
    assert missing == {}


def test_nothing_is_suggested_where_nothing_fits(client):
    suggested = {}
    for address, remedy in TABLE:
        if remedy is None and (found := client.get(address).json()["did_you_mean"]):
            suggested[address] = found
    assert suggested == {}


def test_most_mistakes_have_a_remedy():
    assert len(TABLE) >= 100
    assert sum(remedy is not None for _, remedy in TABLE) >= 90
