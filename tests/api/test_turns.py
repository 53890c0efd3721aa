"""Work is admitted by turns: who waits, who is refused, and that a turn is free while a client is slow."""

import asyncio
import json
import re

import pytest

from misconduct.api.problems import write
from misconduct.api.turns import CLASSES, TURNS, Admission, name_class

from ..conftest import ROOT

ADDRESSES = [
    ("GET /healthz", None),
    ("GET /readyz", None),
    ("GET /v1/figures/k7m3q", "cheap"),
    ("GET /figures/k7m3q", "cheap"),
    ("GET /v1/releases/6.0.0/table.csv", "cheap"),
    ("GET /static/page.css", "cheap"),
    ("GET /v1/figures", "query"),
    ("GET /v1/search", "query"),
    ("GET /search", "query"),
    ("GET /check", "query"),
    ("GET /v1/figures.csv", "table"),
    ("GET /v1/indicators/complaints.xlsx", "table"),
    ("GET /v1/figures text/csv", "table"),
    ("GET /v1/figures application/json,text/csv;q=0.5", "query"),
    ("GET /v1/figures text/html,text/csv", "query"),
    ("GET /v1/figures/k7m3q.png", "picture"),
    ("GET /v1/charts/complaints image/svg+xml", "picture"),
    ("GET /embed/charts/complaints", "picture"),
    ("POST /v1/check", "comparison"),
    ("POST /check", "comparison"),
    ("POST /mcp", "comparison"),
]


def make_scope(address):
    """Return what a server says of a request: its method, its path, and what it accepts."""
    method, path, accept = [*address.split(), ""][:3]
    whole, _, suffix = path.rpartition(".")
    has_format = suffix in ("csv", "xlsx", "png") and "releases" not in path
    scope = {
        "type": "http",
        "method": method,
        "path": whole if has_format else path,
        "headers": [(b"accept", accept.encode())] if accept else [],
        "state": {"base_url": "http://localhost"},
    }
    return scope | ({"suffix": suffix} if has_format else {})


@pytest.mark.parametrize(("address", "name"), ADDRESSES)
def test_each_address_has_a_class_of_work(address, name):
    assert name_class(make_scope(address)) == name


def test_the_guide_has_the_numbers_of_each_class():
    guide = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (\w+) \|.*\| (\d+) \| (\d+) \| (\d+) s \|$", guide, re.MULTILINE
    )
    found = {name: tuple(map(int, numbers)) for name, *numbers in rows}
    assert found == CLASSES
    assert f"{TURNS} connections" in guide


class Asked:
    """A request to an app that answers in two pieces, and a client that reads them when it is told to."""

    def __init__(self, admission, address):
        self.sent, self.reads = [], asyncio.Event()
        asked = admission(make_scope(address), self.receive, self.send)
        self.task = asyncio.create_task(asked)

    async def receive(self):
        await self.reads.wait()
        return {"type": "http.request", "body": b"A text", "more_body": False}

    async def send(self, message):
        self.sent.append(message)
        if message.get("more_body"):
            await self.reads.wait()

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None

    async def finish(self):
        self.reads.set()
        await self.task
        return self.status, [one.get("more_body") for one in self.sent[1:]]


async def answer_in_two(scope, receive, send):
    if scope["method"] == "POST":
        await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    await send({"type": "http.response.body", "body": b"b", "more_body": False})


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("address", ["GET /v1/figures.csv", "POST /v1/check"])
def test_who_is_slow_takes_no_turn_of_others_and_too_many_are_refused(address):
    async def act():
        admission = Admission(answer_in_two, write)
        name = name_class(make_scope(address))
        slow = [Asked(admission, address) for _ in range(CLASSES[name].most)]
        await settle()
        refused, other = Asked(admission, address), Asked(admission, "GET /v1/search")
        await settle()
        ends = [await one.finish() for one in (*slow, other)]
        after = await Asked(admission, "GET /healthz").finish()
        return admission.lines[name], refused, ends, after

    line, refused, ends, after = asyncio.run(act())
    assert (line.inside, line.refused) == (0, {"full": 1, "unavailable": 0})
    start, body = refused.sent
    headers = dict(start["headers"])
    assert (start["status"], headers[b"retry-after"]) == (503, b"5")
    assert headers[b"content-type"] == b"application/problem+json"
    assert json.loads(body["body"])["code"] == "unavailable"
    assert {*map(str, ends)} == {str((200, [True, False]))}
    assert after[0] == 200


def test_work_that_takes_long_lets_others_wait_for_some_seconds():
    name, address = "query", "GET /v1/search"

    async def act():
        done = asyncio.Event()

        async def work(scope, receive, send):
            await done.wait()
            await answer_in_two(scope, receive, send)

        admission = Admission(work, write)
        first = [Asked(admission, address) for _ in range(CLASSES[name].turns)]
        await settle()
        late = Asked(admission, address)
        await asyncio.wait_for(late.task, CLASSES[name].seconds + 10)
        waiting = Asked(admission, address)
        await settle()
        done.set()
        ends = [await one.finish() for one in (*first, waiting)]
        return admission.lines[name], late.status, {status for status, _ in ends}

    line, late, others = asyncio.run(act())
    assert (late, others) == (503, {200})
    assert (line.inside, line.refused["late"]) == (0, 1)


def test_a_fault_gives_its_turn_back_and_503_is_counted():
    async def act():
        async def fail(scope, receive, send):
            raise ZeroDivisionError

        async def refuse(scope, receive, send):
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body"})

        failing, refusing = Admission(fail, write), Admission(refuse, write)
        for _ in range(CLASSES["query"].turns + 1):
            with pytest.raises(ZeroDivisionError):
                await Asked(failing, "GET /v1/search").finish()
        await Asked(refusing, "GET /v1/search").finish()
        return failing.lines["query"].inside, refusing.lines["query"].refused

    assert asyncio.run(act()) == (0, {"unavailable": 1})
