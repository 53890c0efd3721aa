"""Refuse a request whose address or headers are too long, before anything reads them."""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from misconduct.api.addresses import HEADERS
from misconduct.api.problems import AddressTooLong, HeadersTooLarge, Problem, write

MAX_ADDRESS = 8_000  # bytes; nginx sends on what is in a line of 8 kB
MAX_PARAMETERS = 500  # a list has about thirty, and a filter takes 100 values
MAX_HEADERS = 32_000  # bytes of all; nginx sends on four of its buffers of 8 kB


class Limits:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (problem := find_excess(scope)):
            answer = write(Request(scope), problem)
            answer.headers.update(HEADERS)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def find_excess(scope: Scope) -> Problem | None:
    """Return what of a request is too long, if anything is."""
    query = scope["query_string"]
    if len(scope["raw_path"]) + len(query) > MAX_ADDRESS:
        return AddressTooLong(
            f"The address is longer than {MAX_ADDRESS:,} characters. "
            "Ask for fewer things at once."
        )
    if query.count(b"&") >= MAX_PARAMETERS:
        return AddressTooLong(
            f"The address has more than {MAX_PARAMETERS} parameters. "
            "Put several values into one, between commas."
        )
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        return HeadersTooLarge(
            f"The headers have more than {MAX_HEADERS:,} bytes. Send fewer cookies."
        )
    return None
