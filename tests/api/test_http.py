"""What the service says in HTTP beside its answers."""

import socket

import pytest


def exchange(url, request):
    """Send bytes on a connection of its own, and return everything that comes back before it is closed."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.settimeout(20)
        received = b""
        try:
            while piece := connection.recv(65_536):
                received += piece
        except TimeoutError:
            received += b"(still open)"
        return received


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_a_request_behind_an_upgrade_is_not_answered(service, protocol):
    hidden = b"GET /v1/observations/k7m3q HTTP/1.1\r\nHost: x\r\n\r\n"
    upgrade = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: %b\r\nContent-Length: %d\r\n\r\n%b"
    received = exchange(service.url, upgrade % (protocol, len(hidden), hidden))
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"k7m3q" not in received
    assert not received.endswith(b"(still open)")


def test_long_answers_are_compressed_for_clients_that_ask(client):
    plain = client.get("/v1/observations", headers={"Accept-Encoding": "identity"})
    packed = client.get("/v1/observations", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


def test_a_part_of_a_file_is_sent_on_request(client):
    address = "/v1/releases/2.2.0/files/observations.csv"
    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"


def test_an_address_that_does_not_exist_is_never_unmodified(client):
    etag = client.get("/v1/datasets").headers["etag"]
    for address in ("/v1/nothing", "/v1/observations/bcdfg"):
        assert client.get(address, headers={"If-None-Match": f'{etag}, "*", *'}).status_code == 404


def test_links_do_not_follow_the_host_of_the_request(client, service):
    answer = client.get("/v1/observations/k7m3q", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert service.url in answer.text


def test_a_repeated_header_is_one_list(client):
    """A cache that read only one of its lines would give the next client the wrong format or coding."""
    path = "/v1/observations?value=1492&limit=7"
    lines = [
        ("Accept", "text/csv"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Encoding", "br"),
    ]
    client.get(path, headers=lines)
    plain = client.get(path, headers={"Accept": "application/json", "Accept-Encoding": "identity"})
    assert plain.headers["content-type"] == "application/json"
    assert "content-encoding" not in plain.headers


def test_pictures_pages_feeds_and_files_ignore_what_platforms_add(client):
    added = "utm_source=x&utm_id=1&mc_eid=1&msclkid=1&igshid=1&v=2&ver=2&cb=3&t=4"
    for path in ("/v1/duty-status.svg", "/datasets", "/changes.atom", "/v1/releases/2.2.0/files/SHA256SUMS"):
        assert client.get(f"{path}?{added}").content == client.get(path).raise_for_status().content
    refused = {one["parameter"] for one in client.get(f"/v1/duty-status?{added}").json()["errors"]}
    assert refused == {one.partition("=")[0] for one in added.split("&")}


def test_thousands_of_wrong_parameters_are_not_all_described(client):
    answer = client.get("/v1/observations?" + "&".join(f"x{number}" for number in range(6_000)))
    assert answer.status_code == 422
    assert len(answer.content) < 200_000
