"""Assistants use the tools at /mcp with the official client, over HTTP, if the operator switched them on."""

import json
from contextlib import asynccontextmanager

import httpx
import pytest
from mcp import Client

from misconduct.api.received import MAX_BYTES

from ..conftest import Service
from ..growth import BLANKS, SHORT, UNITS, find_growing

TOOLS = {"search", "indicators", "figures", "check", "standing"}
SECRET = "Metropolitan sacked chief"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def switched_on(home):
    running = Service(
        home, MISCONDUCT_MCP="on", MISCONDUCT_PUBLIC_URL="https://register.example.org"
    )
    try:
        yield running.wait()
    finally:
        running.stop()


@asynccontextmanager
async def connect(service):
    async with Client(f"{service.url}/mcp") as client:

        async def call(name, **given):
            answer = await client.call_tool(name, given)
            return answer.is_error, answer.content[0].text

        yield client, call


def test_nobody_can_wait_at_the_address_of_assistants(switched_on):
    """A stream that never says anything would hold a connection for ever."""
    answer = httpx.get(
        f"{switched_on.url}/mcp", headers={"Accept": "text/event-stream"}, timeout=5
    )
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.anyio
async def test_what_is_too_long_to_look_up_is_told(switched_on):
    async with connect(switched_on) as (_, call):
        is_error, said = await call("search", question="deaths " * 12_000)
    assert (is_error, "too long" in said) == (True, True)


@pytest.mark.anyio
async def test_each_tool_is_listed_as_one_that_changes_nothing(switched_on):
    async with connect(switched_on) as (client, _):
        tools = (await client.list_tools()).tools
        assert {one.name for one in tools} == TOOLS
        assert all(one.annotations.read_only_hint and one.description for one in tools)
        [held] = (await client.list_resources()).resources
        [content] = (await client.read_resource(held.uri)).contents
        assert "suspended_on_a_day: Officers suspended from duty" in content.text


ANSWERS = [  # a tool, what it is given, and words of its answer
    ("search", {"question": "how many Met officers are suspended"}, [
        '"id":"qx7nq"', '"shown":"201"', "register.example.org/figures/qx7nq?release=",
    ]),
    ("indicators", {"indicator_id": "suspended_on_a_day"}, [
        '"not_to_confuse":["suspended_in_period"', '"id":"m4jp6"',
    ]),
    ("indicators", {}, ["complaints: Complaints about the police"]),
    ("figures", {"figure_id": "k7m3q"}, ['"shown":"1,492"', '"evidence":', '"notes":[{']),
    ("check", {"text": "The Met now has 860 officers on restricted duties.", "published": "2026-11-29"}, [
        '"id":"sf4rb"', '"result":',
    ]),
    ("standing", {"ids": "rpg77:16"}, ['"status":"never"', '"shown":"17"']),
]  # fmt: skip


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "given", "words"), ANSWERS, ids=[str(one[1]) for one in ANSWERS]
)
async def test_a_tool_answers_with_numbers_limits_and_how_to_cite_them(
    switched_on, tool, given, words
):
    async with connect(switched_on) as (_, call):
        failed, answer = await call(tool, **given)
    assert not failed
    assert [one for one in words if one not in answer] == []


@pytest.mark.anyio
async def test_mistakes_are_told_with_their_remedy_and_nothing_is_logged(switched_on):
    async with connect(switched_on) as (_, call):
        assert (await call("indicators", indicator_id="dismised"))[1].endswith(
            "Did you mean dismissed (Officers dismissed)?"
        )
        assert (await call("figures", figure_id="../v1"))[0]
        assert (await call("search", question=SECRET * 20))[0]
        assert not (await call("search", question=SECRET))[0]
        assert (await call("check", text=""))[0]
        assert (await call("standing", ids=SECRET))[0]
    log = switched_on.log.read_text()
    assert "/mcp" not in log
    assert SECRET not in log
    assert SECRET.replace(" ", "+") not in log


def test_any_page_may_ask(switched_on):
    """What CORS allows everywhere in this service is allowed here."""
    headers = {
        "Host": "other.example",
        "Origin": "https://other.example",
        "Accept": "application/json, text/event-stream",
    }
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    answer = httpx.post(f"{switched_on.url}/mcp", json=ping, headers=headers)
    assert (answer.status_code, answer.json()["result"]) == (200, {})
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = httpx.options(f"{switched_on.url}/mcp", headers=headers).headers
    assert "POST" in allowed["access-control-allow-methods"]


def send(service, message, **named):
    """Send a message as it is, and return the answer."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    body = message if isinstance(message, str) else json.dumps(message)
    return httpx.post(
        f"{service.url}/mcp", content=body, headers=headers, timeout=60, **named
    )


def call_tool(service, name, given):
    params = {"name": name, "arguments": given}
    return send(
        service, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    )


@pytest.mark.parametrize(
    ("question", "digits"),
    [(1071, "1071"), (1071.0, "1071"), (123456789, "123456789"), (0.5, "0.5")],
)
def test_a_number_is_looked_up_as_it_was_sent(switched_on, question, digits):
    answer = call_tool(switched_on, "search", {"question": question}).json()["result"]
    assert json.loads(answer["content"][0]["text"])["q"] == digits


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("search", '{"question": true}'),
        ("search", '{"question": 1e400}'),
        ("search", '{"question": 1e30}'),
        ("search", '{"question": 1e-9}'),
        ("search", '{"question": null}'),
        ("search", '{"question": [1071]}'),
        ("search", f'{{"question": {"1" * 5_000}}}'),
        ("search", "{}"),
        ("figures", '{"figure_id": ".."}'),
        ("figures", '{"figure_id": "."}'),
        ("figures", '{"figure_id": "k7m3q/.."}'),
        ("figures", '{"figure_id": "k7m3q?release=1"}'),
        ("figures", '{"figure_id": ""}'),
        ("indicators", '{"indicator_id": ".."}'),
        ("indicators", '{"indicator_id": "dismissed/../complaints"}'),
        ("indicators", '{"indicator_id": 1071}'),
        ("check", '{"text": "\\ud800"}'),
    ],
)
def test_what_is_no_number_and_no_id_is_refused_in_a_sentence(switched_on, name, given):
    call = f'{{"name": "{name}", "arguments": {given}}}'
    message = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {call}}}'
    document = send(switched_on, message).json()
    assert "error" in document or document["result"]["isError"]
    assert "http" not in json.dumps(document).replace(switched_on.url, "")
    assert "cite_as" not in json.dumps(document)


def test_no_argument_of_a_tool_takes_more_than_twice_the_work(switched_on):
    listed = send(switched_on, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    tools = listed.json()["result"]["tools"]
    arguments = {
        (tool["name"], argument)
        for tool in tools
        for argument in tool["inputSchema"]["properties"]
    }
    assert {("check", "text"), ("search", "question")} < arguments

    def ask(case, size, run):
        (name, argument), unit = case
        given = {"text": ""} if (name, argument) == ("check", "published") else {}
        given |= {argument: f"The Met suspended {run}{unit * (size // len(unit))}"}
        assert call_tool(switched_on, name, given).status_code == 200

    cases = [(one, unit) for one in sorted(arguments) for unit in [*SHORT, *BLANKS]]
    assert find_growing(switched_on, ask, cases, 200) == []
    assert find_growing(switched_on, ask, cases, 20_000) == []


def test_no_message_takes_more_than_twice_the_work(switched_on):
    def ask(case, size, run):
        begin, unit = case
        message = f"{begin}{run}{unit * (size // len(unit.encode()))}"
        assert send(switched_on, message).status_code < 500

    units = [
        "[",
        '{"a":',
        "1,",
        '"a",',
        "\\u0041",
        '{"jsonrpc":"2.0","method":"ping"},',
    ]
    begins = ["", "[", '{"jsonrpc":"2.0","id":1,"method":"', '{"id":']
    cases = [(begin, unit) for begin in begins for unit in [*units, *UNITS, *BLANKS]]
    assert find_growing(switched_on, ask, cases, MAX_BYTES - 100) == []


def test_a_longer_message_is_refused_and_not_kept_in_memory(switched_on):
    assert send(switched_on, "a" * (MAX_BYTES + 1)).status_code == 413


def test_nothing_is_served_when_it_is_off(service):
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{service.url}/mcp")
        assert answer.status_code == 404, answer.text
