"""Do all give the same answer? Nobody is measured before that is seen."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.request import Request, urlopen

from bench.contenders import Contender, Fact
from bench.drive import Question
from bench.servers import Server


def fetch(server: Server, question: Question) -> bytes:
    """The body of one answer."""
    body = question.body.encode() if question.body else None
    with urlopen(Request(server.url + question.path.replace("{n}", "0"), body), timeout=60) as answer:
        return bytes(answer.read())


def compare_answers(contenders: list[Contender], servers: Mapping[str, Server]) -> dict[str, int]:
    """The bytes of each one's answer, by name. Raises AssertionError where what they say differs."""
    sizes: dict[str, int] = {}
    expected: dict[str, tuple[list[Fact], int | None]] = {}
    for contender in contenders:
        body = fetch(servers[contender.server], contender.question)
        sizes[contender.name] = len(body)
        if contender.read is not None:
            found = contender.read(body)
            require_same(contender.name, found, expected.setdefault(contender.about, found))
    return sizes


def require_same(name: str, found: tuple[list[Fact], int | None], expected: tuple[list[Fact], int | None]) -> None:
    """The same facts, of which there must be ten or more: the figures of a page, or counts."""
    facts, total = found
    if facts != expected[0] or len(facts) < 10 or total not in (None, expected[1]):
        differing = [one for one in facts if one not in expected[0]][:2]
        raise AssertionError(
            f"{name} gives another answer: {facts[:2]} of {total}, not {expected[0][:2]} of {expected[1]}; {differing}"
        )
