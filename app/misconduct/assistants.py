"""Answer assistants at /mcp, by the Model Context Protocol: five tools, and a list of what is held.

An assistant gets the text of the pages that people read, so that everything is said in one way: each number with its
hedge, place, time and source, what is not held, and what not to confuse. The tools ask for these pages in process.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from misconduct.article.sent import read_html

RULES = """Published figures on police misconduct, each as a document prints it, with its [id].
Quote a number with its hedge, place, time and source, and give its cite_as. Repeat the limits printed beside it.
Never add, divide, rank or compare figures yourself. An accusation is not a finding. Not held is not zero."""

_UNREAD = "form|svg|figure"
"""What an assistant has no use for: forms, and pictures, whose numbers stand beside them."""
_FOLDED = "|details"  # of a list: ways to narrow it, and its less important rows
_LINK = re.compile(r'<a href="/(observations|indicators)/(\w+)"[^>]*>')
_MOST_CITED = 10  # figures of an answer whose addresses are written out
_SAFE = ToolAnnotations(read_only_hint=True, open_world_hint=False)


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
        self.server = MCPServer(
            "Misconduct Register", version=version("misconduct"), instructions=RULES
        )
        for tool in (
            self.look_up,
            self.indicator,
            self.figure,
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
            Route("/mcp", app, methods=["POST"])
        )  # GET would be a stream that never ends

    @asynccontextmanager
    async def run(self, state: dict[str, Any]) -> AsyncIterator[None]:
        """Answer while the block runs, with the state that requests have."""
        self.state = state
        async with self.server.session_manager.run():
            yield

    async def look_up(self, question: str | float) -> str:
        """Find figures by a question in plain words or by a number: Met officers suspended; 1,071. The best first."""
        return self._read(
            await self._ask("/look-up", {"q": str(question)}), _UNREAD + _FOLDED
        )

    async def indicator(self, indicator_id: str | None = None) -> str:
        """Say what an indicator counts and is not, with its newest numbers; without an id: all. Look places up."""
        return self._read(
            await self._ask(
                f"/indicators/{quote(indicator_id or '', safe='')}".rstrip("/")
            ),
            _UNREAD + _FOLDED,
        )

    async def figure(self, figure_id: str) -> str:
        """Say all about a figure: evidence, notes, what not to confuse it with, if it still stands. Guess no id."""
        return self._read(
            await self._ask(f"/observations/{quote(figure_id, safe='')}"),
            cited=[figure_id],
        )

    async def check(self, text: str, published: str = "") -> str:
        """Find which figures the numbers of a text are, and what differs, field by field. A match is not a verdict.

        `published` is the day of the text, such as 2023-05-01.
        """
        return self._read(
            await self._ask("/check", sent={"text": text, "published": published})
        )

    async def standing(self, cited: str) -> str:
        """Say if printed numbers are unchanged in this register, and what to print instead: k7m3q:1492,rpg77:16."""
        return await self._ask("/v1/standing", {"cited": cited})

    async def held(self) -> str:
        """Say what the register holds: its indicators by subject, each with its id."""
        return self._read(await self._ask("/indicators"))

    async def _ask(
        self,
        path: str,
        query: dict[str, str] | None = None,
        sent: dict[str, str] | None = None,
    ) -> str:
        """Return what the service answers to a request, or to a form. Raises ToolError with its problem."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self.api({**scope, "state": dict(self.state)}, receive, send)

        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=self.state["base_url"]
        ) as client:
            try:
                answer = await client.request(
                    "POST" if sent else "GET", path, params=query, data=sent
                )
            except httpx.InvalidURL:  # of more than 65,536 characters
                raise ToolError("This is too long to look up.") from None
        if answer.is_error:
            raise ToolError(answer.json()["detail"])
        return answer.text

    def _read(self, page: str, unread: str = _UNREAD, cited: Iterable[str] = ()) -> str:
        """Return the text of a page, with the ids of figures and indicators, and how to cite its first figures."""
        main = page[page.index("<main") : page.index("</main>")]
        main = re.sub(rf"<({unread})\b(?! open).*?</\1>", "", main, flags=re.DOTALL)
        ids = [*cited] or [
            *dict.fromkeys(
                link[2] for link in _LINK.finditer(main) if link[1] == "observations"
            )
        ]
        text = read_html(_LINK.sub(r"[\2] ", main)).text
        for spaces, sign in (
            (r" *\t[ \t]*", " | "),
            (r" +", " "),
            (r"\s*\n\s*", "\n"),
        ):  # a tab ends a cell
            text = re.sub(spaces, sign, text)
        base, release = self.state["base_url"], self.state["releases"].find().number
        cite_as = [
            f"[{figure}] {base}/v1/observations/{figure}?release={release}"
            for figure in ids[:_MOST_CITED]
        ]
        return "\n".join([text.strip(), *(["cite_as:", *cite_as] if cite_as else [])])
