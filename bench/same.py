"""Do all give the same answer? Nobody is measured before that is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.request import Request, urlopen

from bench.contenders import Contender, Figure
from bench.drive import Question
from bench.servers import Server


def fetch(server: Server, question: Question) -> bytes:
    """The body of one answer."""
    body = question.body.encode() if question.body else None
    with urlopen(Request(server.url + question.path.replace("{n}", "0"), body), timeout=60) as answer:
        return bytes(answer.read())


def compare_answers(contenders: list[Contender], servers: Mapping[str, Server]) -> dict[str, int]:
    """The bytes of each one's answer, by name. Raises AssertionError where figures or totals differ."""
    sizes, expected = {}, None
    for contender in contenders:
        body = fetch(servers[contender.server], contender.question)
        sizes[contender.name] = len(body)
        if contender.read is not None:
            found = contender.read(json.loads(body))
            expected = expected or found
            _require_same(contender.name, found, expected)
    return sizes


def _require_same(name: str, found: tuple[list[Figure], int | None], expected: tuple[list[Figure], int | None]) -> None:
    figures, total = found
    if figures != expected[0] or len(figures) != 10 or total not in (None, expected[1]):
        raise AssertionError(
            f"{name} gives another answer: {figures[:2]} of {total}, not {expected[0][:2]} of {expected[1]}"
        )
