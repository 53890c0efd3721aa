"""Answer assistants at /mcp, by the Model Context Protocol: five tools, and a list of what is held.

An assistant gets the text of the pages that people read, so that everything is said in one way: each number with its
hedge, place, time and source, what is not held, and what not to confuse. The tools ask for these pages in process. What
is found for a text is said from its JSON: the page has the text, too.
"""

import logging
import re
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from html import unescape
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
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import FIGURE_ID
from misconduct.model.kinds import CODE_FORM

RULES = """Published figures on police misconduct, each as a document prints it, with its [id].
Quote a number with its hedge, place, time and source, and give its cite_as. Repeat the limits printed beside it.
Never add, divide, rank or compare figures yourself. An accusation is not a finding. Not held is not zero."""

_UNREAD = ("svg", "figure", "s")
"""What an assistant has no use for: forms, pictures, whose numbers stand beside them, and words that are struck out."""
_FOLDED = (*_UNREAD, "details")
"""With ways to narrow a list, and its less important rows."""
_INSIDE_LINES = (
    "a",
    "abbr",
    "b",
    "bdi",
    "cite",
    "code",
    "em",
    "i",
    "mark",
    "q",
    "small",
    "span",
    "strong",
    "time",
)
_CELLS = ("td", "th")
_LINKED = ("figures", "indicators")  # the links whose ids are shown
_LONGEST_ID = 100  # characters; no indicator has half as many
_MOST_DIGITS = 20  # of a number; no figure has half as many
_OTHERS = 3  # figures with the same number that are named beside the likeliest
_MOST_CITED = 10  # figures of an answer whose addresses are written out
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
        return self._read(await self._ask("/search", {"q": question}), _FOLDED)

    async def indicators(self, indicator_id: str | None = None) -> str:
        """Say what an indicator counts and is not, with its newest numbers; without an id: all. Look places up."""
        path = "/indicators"
        if indicator_id:
            _refuse_unless(CODE_FORM, indicator_id, "an indicator, such as dismissed")
            path += f"/{indicator_id}"
        unread = _UNREAD if indicator_id else _FOLDED
        return self._read(await self._ask(path), unread)

    async def figures(self, figure_id: str) -> str:
        """Say all about a figure: evidence, notes, what not to confuse it with, if it still stands. Guess no id."""
        _refuse_unless(FIGURE_ID, figure_id, "a figure, such as k7m3q")
        return self._read(await self._ask(f"/figures/{figure_id}"), cited=[figure_id])

    async def check(self, text: str, published: str = "") -> str:
        """Find which figures the numbers of a text are, and what differs, field by field. A match is not a verdict.

        `published` is the day of the text, such as 2023-05-01.
        """
        day = {"published": published} if published else {}
        found = orjson.loads(await self._ask("/v1/check", day, text))
        return "\n".join(_describe_check(found))

    async def standing(self, ids: str) -> str:
        """Say if printed numbers are unchanged in this register, and what to print instead: k7m3q:1492,rpg77:16."""
        return await self._ask("/v1/standing", {"id": ids})

    async def held(self) -> str:
        """Say what the register holds: its indicators by subject, each with its id."""
        return self._read(await self._ask("/indicators"))

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

    def _read(
        self,
        page: str,
        unread: Collection[str] = _UNREAD,
        cited: Iterable[str] = (),
    ) -> str:
        """Return the text of a page, with the ids of figures and indicators, and how to cite its first figures."""
        main = page[page.index("<main") : page.index("</main>")]
        text, linked = _read_page(main, unread)
        base, release = self.state["base_url"], self.state["releases"].find().number
        cite_as = [
            f"[{figure}] {base}/figures/{figure}?release={release}"
            for figure in ([*cited] or linked)[:_MOST_CITED]
        ]
        return "\n".join([text, *(["cite_as:", *cite_as] if cite_as else [])])


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


def _read_page(main: str, unread: Collection[str]) -> tuple[str, list[str]]:
    """Return the text of a page of ours, with the ids that it links to, and those of figures.

    Our pages close what they open, and have < and > only in tags, so they are cut at these.
    """
    read, linked = list[str](), dict[str, None]()
    for tag, text in _find_read(main, unread):
        name, _, attributes = tag.partition(" ")
        element = name.removeprefix("/")
        if element in _CELLS:
            read.append("\t")
        elif element not in _INSIDE_LINES:
            read.append("\n")
        kind, identity = _find_link(attributes) if name == "a" else ("", "")
        if identity:
            read.append(f"[{identity}] ")
        if kind == "figures":
            linked[identity] = None
        read.append(_join_blanks(text))
    lines = (_read_line(line) for line in unescape("".join(read)).split("\n"))
    return "\n".join(filter(None, lines)), [*linked]


def _find_read(main: str, unread: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each tag of a page of ours and the text behind it, but for elements that are not read."""
    skipped, depth = "", 0
    for piece in main.split("<")[1:]:
        tag, _, text = piece.partition(">")
        name, _, attributes = tag.partition(" ")
        if not depth and name in unread and not attributes.startswith("open"):
            skipped = name
        depth += (name == skipped) - (name == f"/{skipped}")
        if not depth:
            skipped = ""
            yield tag, text


def _find_link(attributes: str) -> tuple[str, str]:
    """Return the kind and the id of what a link of ours leads to, if it shows an id."""
    address = attributes.removeprefix('href="/').partition('"')[0]
    kind, _, identity = address.partition("/")
    is_id = kind in _LINKED and identity.replace("_", "").isalnum()
    return (kind, identity) if is_id else ("", "")


def _join_blanks(text: str) -> str:
    """Return a text in which each run of blanks is one blank."""
    words = " ".join(text.split())
    before = " " if text[:1].isspace() else ""
    after = " " if words and text[-1:].isspace() else ""
    return f"{before}{words}{after}"


def _read_line(line: str) -> str:
    """Return a line, or a row of a table: | 201 | Officers suspended |."""
    cells = [" ".join(cell.split()) for cell in line.split("\t")]
    filled = [cell for cell in cells if cell]
    return f"| {' | '.join(filled)} |" if len(cells) > 1 and filled else "".join(filled)


def _describe_check(found: dict[str, Any]) -> list[str]:
    """Return what was found for a text, number by number, and how to cite it."""
    meta, numbers = found["meta"], found["data"]
    said = [f"{meta['numbers']} numbers, {meta['matched']} with a figure."]
    said += [one["detail"] for one in found["warnings"]]
    for number in numbers:
        said += ["", *_describe_number(number)]
    said += [
        f"At {' and '.join(one['at'])}: {one['detail']}" for one in meta["together"]
    ]
    if passed := [one["printed"] for one in meta["passed_over"]]:
        said.append(
            f"Passed over as dates, ages, money and the like: {', '.join(passed)}."
        )
    said.append(f"The newest document read is of {meta['newest_document']}.")
    first = [number["figures"][0] for number in numbers if number["figures"]]
    cite_as = {figure["id"]: figure["cite_as"] for figure in first[:_MOST_CITED]}
    cited = [f"[{identity}] {address}" for identity, address in cite_as.items()]
    return [*said, *(["cite_as:", *cited] if cited else [])]


def _describe_number(number: dict[str, Any]) -> list[str]:
    said = [f"{_join_blanks(number['printed'])} at {number['at']}:"]
    for figure in number["figures"][:1]:
        said.append(_name_figure(figure))
        said += map(_say_difference, figure["differences"])
        said += [
            f"{_label('field', one['field'])}: the text has "
            f"“{_join_blanks(one['sentence'] or '–')}”, "
            f"the document “{one['source'] or '–'}”: {_label('result', one['result'])}."
            for one in figure["compared"]
        ]
        said += [
            f"{_label('changed_since', one['code'])} since {one['day']}: {one['detail']}"
            for one in figure["changed_since"]
        ]
        standing = figure["standing"]
        said += [
            *filter(None, (standing["detail"], standing["late"])),
            *figure["notes"],
        ]
    others = [_name_figure(one) for one in number["figures"][1:][:_OTHERS]]
    said += [f"Another figure with this number: {name}" for name in others]
    said += [
        f"{_label('near_miss', one['why'])}? {_name_figure(one)}"
        for one in number["near"]
    ]
    if not number["figures"]:
        said.append("No document read here prints it.")
    return said


def _say_difference(one: dict[str, Any]) -> str:
    label = _label("difference", one["code"])
    return f"{label} ({one['severity']}). {one['detail']}"


def _name_figure(figure: dict[str, Any]) -> str:
    """Return a figure in one line: its number, what is counted in the source's words and in ours, when, and by whom."""
    said = ("measure", "category", "population", "area")
    labels = [figure[name]["label"] for name in said if figure[name]]
    first, last = figure["period_start"], figure["period_end"]
    days = first if first == last else f"{first} to {last}"
    time = (figure["year"] or days) if first else "no period given"
    source = figure["source"]
    number = " ".join(filter(None, (figure["hedge"], figure["printed"])))
    return (
        f"[{figure['id']}] {number} “{figure['counted']}”: {', '.join(labels)}, {time}. "
        f"{source['publisher']}, {source['published'] or 'undated'}."
    )


def _label(codes: str, code: str) -> str:
    return str(PROGRAM_LISTS[codes][code]["label"])
