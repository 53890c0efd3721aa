"""Answer assistants at /mcp, by the Model Context Protocol: five tools, and a list of what is held.

An assistant gets the JSON of the addresses under /v1, so that everything is said in one way: each number with its
hedge, place, time and source, what is not held, and what not to confuse. The tools ask for it in process.
"""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

import httpx
import orjson
from fastapi import FastAPI, Request
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import BeforeValidator, ValidationError
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.api.limits import MAX_ADDRESS
from misconduct.api.problems import Problem, write
from misconduct.api.received import read_body
from misconduct.model.figure import FIGURE_ID
from misconduct.model.kinds import CODE_FORM

RULES = """Published figures on police misconduct, each as a document prints it, with its id.
Quote a number as it is in `shown`, with its place, time and source, and give its cite_as. Repeat its notes.
Never add, divide, rank or compare figures yourself. An accusation is not a finding. Not held is not zero."""

_LONGEST_ID = 100  # characters; no indicator has half as many
_MOST_DIGITS = 20  # of a number; no figure has half as many
_SAFE = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def _as_sent(question: object) -> str:
    """Return a question, or a number with the digits that it was sent with. Raises ValueError."""
    if isinstance(question, str):
        return question
    if isinstance(question, float) and question.is_integer():
        question = int(question)  # JavaScript has no other numbers
    number = str(question)
    digits = number.removeprefix("-").replace(".", "", 1)
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise ValueError("Ask in words, or for a number in its digits: 1071 or 0.5.")
    return number


Asked = Annotated[str | int | float, BeforeValidator(_as_sent)]


class _Server(MCPServer):
    """A server that says in a sentence what is wrong with what a tool is given."""

    async def call_tool(self, *given: Any, **named: Any) -> Any:
        try:
            return await super().call_tool(*given, **named)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            faults = error.__cause__.errors(include_url=False, include_input=False)
            said = [
                f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}"
                for fault in faults
            ]
            raise ToolError("\n".join(dict.fromkeys(said))) from None


class Assistants:
    """The tools, and the service that they ask, whose state is known from when it runs."""

    def __init__(self, api: FastAPI) -> None:
        """Add /mcp to an API.

        Any Host and Origin may ask, as everywhere in this service: nothing is private, and nothing can be changed.
        """
        for library in ("mcp", "httpx"):
            logging.getLogger(library).setLevel(
                logging.ERROR
            )  # below that they log what is looked up
        self.api, self.state = api, dict[str, Any]()
        self.server = _Server(
            "Misconduct Register", version=version("misconduct"), instructions=RULES
        )
        for tool in (
            self.search,
            self.indicators,
            self.figures,
            self.check,
            self.standing,
        ):
            self.server.add_tool(tool, annotations=_SAFE, structured_output=False)
        self.server.resource("register://held", mime_type="text/plain")(self.held)
        anybody = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        app = self.server.streamable_http_app(
            stateless_http=True, json_response=True, transport_security=anybody
        )
        api.router.routes.append(
            Route("/mcp", _Limited(app), methods=["POST"])
        )  # GET would be a stream that never ends

    @asynccontextmanager
    async def run(self, state: dict[str, Any]) -> AsyncIterator[None]:
        """Answer while the block runs, with the state that requests have."""
        self.state = state
        async with self.server.session_manager.run():
            yield

    async def search(self, question: Asked) -> str:
        """Find figures by a question in plain words or by a number: Met officers suspended; 1,071. The best first."""
        return await self._ask("/v1/search", {"q": question})

    async def indicators(self, indicator_id: str | None = None) -> str:
        """Say what an indicator counts and is not, with its newest numbers; without an id: all. Look places up."""
        if indicator_id is None:
            return await self.held()
        _refuse_unless(CODE_FORM, indicator_id, "an indicator, such as dismissed")
        return await self._ask(f"/v1/indicators/{indicator_id}", {"latest": "1"})

    async def figures(self, figure_id: str) -> str:
        """Say all about a figure: evidence, notes, what not to confuse it with, if it still stands. Guess no id."""
        _refuse_unless(FIGURE_ID, figure_id, "a figure, such as k7m3q")
        return await self._ask(f"/v1/figures/{figure_id}")

    async def check(self, text: str, published: str = "") -> str:
        """Find which figures the numbers of a text are, and what differs, field by field. A match is not a verdict.

        `published` is the day of the text, such as 2023-05-01.
        """
        day = {"published": published} if published else {}
        return await self._ask("/v1/check", day, text)

    async def standing(self, ids: str) -> str:
        """Say if printed numbers are unchanged in this register, and what to print instead: k7m3q:1492,rpg77:16."""
        return await self._ask("/v1/standing", {"id": ids})

    async def held(self) -> str:
        """Say what the register holds: its indicators, each with its id."""
        listed = orjson.loads(await self._ask("/v1/indicators"))["data"]
        return "\n".join(f"{one['id']}: {one['label']}" for one in listed)

    async def _ask(
        self, path: str, query: dict[str, Any] | None = None, text: str | None = None
    ) -> str:
        """Return what the service answers to a request, or to a text. Raises ToolError with its problem."""
        if sum(map(len, (query or {}).values())) > MAX_ADDRESS:
            raise ToolError("This is too long to search for.")
        try:
            sent = None if text is None else orjson.dumps({"text": text})
        except TypeError:  # half of a character in two parts
            raise ToolError("The text is not Unicode.") from None

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self.api({**scope, "state": dict(self.state)}, receive, send)

        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=self.state["base_url"]
        ) as client:
            answer = await client.request(
                "GET" if sent is None else "POST",
                path,
                params=query,
                content=sent,
                headers={"Content-Type": "application/json"} if sent else {},
            )
        if answer.is_error:
            raise ToolError(answer.json()["detail"])
        return answer.text


class _Limited:
    """An app that is sent no body that is longer than a text may be."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await read_body(request, lambda body, _: body)
        except Problem as problem:
            await write(request, problem)(scope, receive, send)
            return
        sent: list[Message] = [{"type": "http.request", "body": body}]

        async def receive_again() -> Message:
            return sent.pop() if sent else await receive()

        await self.app(scope, receive_again, send)


def _refuse_unless(form: str, identity: str, noun: str) -> None:
    """Raise ToolError unless a text has the form of an id: only then an address is made of it."""
    if len(identity) > _LONGEST_ID or not re.fullmatch(form, identity, re.ASCII):
        raise ToolError(f"{identity[:40]!r} is not the id of {noun}. Look it up.")
