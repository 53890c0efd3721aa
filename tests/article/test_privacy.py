"""Nothing of a text that is compared is kept: in no log, however much these say, and on no disk."""

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from misconduct.api.received import MAX_CHARACTERS

from ..conftest import Service
from ..deploy.test_nginx import NGINX, Proxy
from .texts import TEXTS

SECRET = "quokkazanzibar"
TEXT = f"{TEXTS[0]['text']} The {SECRET} counted 4,242 of them. " * 30
DEBUG = """
import logging, runpy
logging.basicConfig(level=logging.DEBUG)
runpy.run_module("misconduct", run_name="__main__")
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@contextmanager
def telling_all(home):
    """Have Postgres log every statement with its values."""
    process = int(next(home.glob("postgres-*/postmaster.pid")).read_text().split()[0])
    settings = next(home.glob("postgres-*/postgresql.conf"))
    before = settings.read_text()
    settings.write_text(f"{before}\nlog_statement = 'all'\n")
    os.kill(process, signal.SIGHUP)  # it reads its settings again
    try:
        yield
    finally:
        settings.write_text(before)
        os.kill(process, signal.SIGHUP)


@pytest.fixture
def places(home, service):
    """A talkative service behind a talkative nginx, and the folders in which all that they write is."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-privacy-"))
    folder.chmod(0o777)  # nginx works as another user
    talkative = Service(home, program=("-c", DEBUG), TMPDIR=str(folder)).wait()
    proxy = Proxy(folder, [talkative, talkative], "info")
    try:
        with telling_all(home):
            yield talkative, proxy, (folder, home)
    finally:
        proxy.stop()
        talkative.stop()
        shutil.rmtree(folder)


def send_in_every_way(client):
    """Send the text in every way, as it should be and as it should not be. Return the answers."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    return [
        client.post("/v1/check", content=TEXT.encode()),
        client.post("/v1/check", json={"text": TEXT}),
        client.post(
            "/v1/check?published=2023-05-01",
            content=f"<p>{TEXT}",
            headers={"Content-Type": "text/html"},
        ),
        client.post("/check", content=f"text={quote(TEXT)}", headers=form),
        client.post(
            "/v1/check", content=f"{TEXT} " * (MAX_CHARACTERS // len(TEXT) + 1)
        ),
        client.post("/v1/check", content=f"{SECRET} 31 " * 400),
        client.post("/v1/check", content=TEXT.encode("utf-16")),
        client.post("/v1/check", content=TEXT, headers={"Content-Encoding": "gzip"}),
        client.post(
            "/v1/check",
            content=f'{{"text": "{SECRET}',
            headers={"Content-Type": "application/json"},
        ),
        client.put("/v1/check", content=TEXT),
    ]


def test_nothing_of_a_text_is_kept(places):
    service, proxy, folders = places
    answers = [*send_in_every_way(service.client), *send_in_every_way(proxy.client)]
    assert [one.status_code for one in answers] == [
        200,
        200,
        200,
        200,
        413,
        422,
        422,
        422,
        422,
        405,
    ] * 2
    shown = [SECRET in one.text for one in answers]
    assert shown == [False, False, False, True, *[False] * 6] * 2, (
        "only the page shows the text"
    )
    assert {one.headers["cache-control"] for one in answers} == {"no-store"}
    unmeasured = proxy.client.post(
        "/v1/check", content=iter([TEXT.encode()])
    )  # in chunks, without its length
    assert (unmeasured.status_code, unmeasured.json()["code"]) == (
        411,
        "length_required",
    )
    metrics = httpx.get(f"{service.url}/metrics").text
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in files if SECRET.encode() in path.read_bytes()]
    assert kept == []
    assert SECRET not in metrics
    logs = {
        name: b"".join(path.read_bytes() for path in files if path.name == name)
        for name in ("server.log", "error.log")
    }
    assert b"value = ANY" in logs["server.log"], "Postgres did not log statements"
    assert b"temporary file" not in logs["error.log"], "nginx wrote a body to a disk"
    assert not any(
        b"check" in path.read_bytes() for path in files if "answers" in path.parts
    ), "nginx cached an answer"
    assert SECRET not in service.log.read_text()
