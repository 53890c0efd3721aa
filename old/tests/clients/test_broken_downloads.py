"""A download that breaks off cannot be taken for a complete one: the database is killed while the bytes flow.

The clients are curl, httpx and pandas (urllib), each through a proxy that lets the first bytes pass, waits until
Postgres is dead, and then passes on whatever the service still sends. So no client is slowed down or changed. What is
made while it is sent has no length, and its last chunk is missing; a built file has a length, which is not reached.
"""

from __future__ import annotations

import http.client
import itertools
import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pandas
import pytest

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.migrate import migrate
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.registers import seal, write_register
from tests.serving import Served, serve

ROWS = 10_000
MOST_BUFFERED = 8_000_000
"""Bytes that can be on their way between the service and the proxy: Linux keeps 4 MB of them at most."""

MADE, BUILT = "/v1/observations.csv?sort=-period&detail=full", "/v1/observations.csv?detail=full"
FIRST_BYTES = 10_000

_new = itertools.count(1)


class Killed(NamedTuple):
    """The service behind the proxy; the database dies at the first bytes of each answer."""

    url: str
    served: Served
    server: EmbeddedPostgres


PLAIN = {"Accept-Encoding": "identity"}
"""Not compressed: these figures are alike, and would fit into what is buffered."""


@pytest.fixture(scope="module")
def long_register() -> Iterator[tuple[EmbeddedPostgres, Served]]:
    """A service with some 20 MB of figures, on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    with EmbeddedPostgres(folder / "home") as server:
        migrate(server.owner_url)
        table = "value | caveats\n" + "\n".join(f"{number} | long" for number in range(ROWS))
        caveats = json.dumps([{"id": "long", "version": 1, "text": "At length. " * 180}])
        seal(write_register(folder / "data", table, **{"caveats.yaml": caveats}), "1.0.0", "2024-05-01")
        load_register(server.owner_url, folder / "data")
        with serve(Settings(database_url=server.reader_url, port=8000, look_seconds=0.05, query_seconds=30)) as running:
            length = running.client.head(BUILT, headers=PLAIN).headers["content-length"]
            assert int(length) > 2 * MOST_BUFFERED
            yield server, running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def killed(long_register) -> Iterator[Killed]:
    server, running = long_register
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = threading.Thread(target=pass_on, args=(listener, running, server))
        proxy.start()
        yield Killed(f"http://127.0.0.1:{listener.getsockname()[1]}", running, server)
        proxy.join()
    revive(server, running)


def revive(server: EmbeddedPostgres, running: Served) -> None:
    """Start Postgres, and wait until the service has an answer from it: to a new question, which it cannot remember."""
    server.start()
    deadline = time.monotonic() + 60
    while running.client.get(f"/v1/observations?limit=1&value_from=-{next(_new)}").status_code != 200:
        assert time.monotonic() < deadline, "the service did not recover within a minute"
        time.sleep(0.05)


def pass_on(listener: socket.socket, running: Served, server: EmbeddedPostgres) -> None:
    """One connection: the request, the first bytes of the answer, the end of Postgres, and the rest of the answer."""
    client, _ = listener.accept()
    service = socket.socket()
    service.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)  # what is not read stays with the service
    service.connect(("127.0.0.1", httpx.URL(running.url).port))
    with client, service:
        service.sendall(client.recv(65_536))
        passed = 0
        while passed < FIRST_BYTES:
            piece = service.recv(4_096)
            if not piece:
                return  # an answer that is no file: the test fails by what its client says
            passed += len(piece)
            client.sendall(piece)
        server.stop()
        while piece := service.recv(65_536):
            client.sendall(piece)


@pytest.mark.parametrize("path", [MADE, BUILT])
def test_curl_says_that_the_transfer_is_partial(killed, tmp_path, path):
    file = tmp_path / "figures.csv"
    command = ["curl", "--silent", "--show-error", "--fail", "--output", str(file), f"{killed.url}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 18, done.stderr
    assert 0 < file.stat().st_size < MOST_BUFFERED


@pytest.mark.parametrize("path", [MADE, BUILT])
def test_httpx_raises(killed, path):
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete message body"):
        httpx.get(f"{killed.url}{path}", headers=PLAIN, timeout=20)


@pytest.mark.parametrize("path", [MADE, BUILT])
def test_pandas_raises(killed, path):
    with pytest.raises(http.client.IncompleteRead):
        pandas.read_csv(f"{killed.url}{path}")


def test_curl_goes_on_where_it_broke_off_when_the_database_is_back(killed, tmp_path):
    file = tmp_path / "figures.csv"
    command = ["curl", "--silent", "--fail", "--continue-at", "-", "--output", str(file)]
    assert subprocess.run([*command, f"{killed.url}{BUILT}"], check=False).returncode == 18
    part = file.stat().st_size
    revive(killed.server, killed.served)
    assert subprocess.run([*command, f"{killed.served.url}{BUILT}"], check=False).returncode == 0
    whole = killed.served.client.get(BUILT).content
    assert 0 < part < len(whole)
    assert file.read_bytes() == whole
    assert whole.count(b"\r\n") == ROWS + 1
