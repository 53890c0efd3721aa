"""The cache that is in front of all answers."""

import asyncio
from types import SimpleNamespace

from misconduct.api.cache import AnswerCache


async def ask(cache, releases):
    """Return the body of an answer."""
    sent = []

    async def send(message):
        sent.append(message.get("body", b""))

    state = {"releases": releases}
    scope = {"type": "http", "method": "GET", "path": "/v1", "query_string": b"", "headers": [], "state": state}
    await cache(scope, None, send)
    return b"".join(sent)


def test_an_answer_that_a_release_overtakes_is_not_kept():
    releases = SimpleNamespace(known=["1.0.0"])

    async def answer(scope, receive, send):
        newest = releases.known[-1].encode()
        if newest == b"1.0.0":  # while it is being made, a release comes, and somebody asks for that
            releases.known = ["1.0.0", "1.1.0"]
            await ask(cache, releases)
        headers = [(b"content-length", b"5"), (b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": newest})

    async def ask_twice():
        return await ask(cache, releases), await ask(cache, releases)

    cache = AnswerCache(answer)
    assert asyncio.run(ask_twice()) == (b"1.0.0", b"1.1.0")
