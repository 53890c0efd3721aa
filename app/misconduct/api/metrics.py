"""Count answers for Prometheus, and say what the service uses: docs/operations.md and deploy/alerts.yml read it."""

import logging
import resource
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from time import perf_counter

from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.api.current import Releases
from misconduct.api.turns import REASONS, Line
from misconduct.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

BOUNDS = (
    0.005,
    0.025,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    float("inf"),
)  # upper bounds of the counted waits, in seconds
MEDIA_TYPE = "text/plain; version=0.0.4"
NAME = "misconduct_answer_seconds"
MEMORY = Path("/proc/self/statm")  # of Linux; other systems have no such number


class Metrics:
    def __init__(self, app: ASGIApp, lines: Mapping[str, Line]) -> None:
        self.app, self._lines = app, lines
        self._counts = {
            status: [0] * len(BOUNDS) for status in ("2xx", "3xx", "4xx", "5xx")
        }
        self._seconds = dict.fromkeys(self._counts, 0.0)
        self._cut = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in (
            "/healthz",
            "/readyz",
        ):  # else all answers look fast
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/metrics":
            lines = self._describe(scope["state"]["releases"])
            answer = PlainTextResponse(
                "".join(f"{line}\n" for line in lines),
                headers={"Cache-Control": "no-store"},
                media_type=MEDIA_TYPE,
            )
            await answer(scope, receive, send)
            return
        begun, status = perf_counter(), ""

        async def send_measured(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                seconds = perf_counter() - begun
                status = f"{message['status'] // 100}xx"
                self._seconds[status] += seconds
                self._counts[status][bisect_left(BOUNDS, seconds)] += 1
            await send(message)

        try:
            await self.app(scope, receive, send_measured)
        except Exception as error:
            self._cut += status == "2xx"
            # Starlette raises RuntimeError when an answer has begun. uvicorn closes its connection.
            if not isinstance(error.__cause__, DatabaseUnavailable):
                raise
            log.warning("the database did not answer, and an answer was cut off")

    def _describe(self, releases: Releases) -> Iterator[str]:
        newest = [one.number for one in releases.loaded[-1:]]
        lines = self._lines
        yield from _write(
            "ready gauge Whether a release is loaded and the database answers.",
            {"": int(releases.is_ready)},
        )
        yield from _write(
            "release_info gauge The newest release that this service shows.",
            {f'{{release="{number}"}}': 1 for number in newest},
        )
        yield from _write(
            "requests gauge Requests that wait, are worked on, or are being sent.",
            {f'{{class="{name}"}}': line.inside for name, line in lines.items()},
        )
        yield from _write(
            "refused_total counter Answers with 503, by class and reason.",
            {
                f'{{class="{name}",reason="{reason}"}}': line.refused[reason]
                for name, line in lines.items()
                for reason in REASONS
            },
        )
        yield from _write(
            "cut_total counter Answers that were begun and not ended.",
            {"": self._cut},
        )
        yield from _write(
            "connections_in_use gauge Connections to the database that readers use.",
            {"": releases.database.in_use},
        )
        with suppress(OSError):
            pages = int(MEMORY.read_text().split()[1])
            yield from _write(
                "memory_bytes gauge Resident memory of this process.",
                {"": pages * resource.getpagesize()},
            )
        yield from self._describe_seconds()

    def _describe_seconds(self) -> Iterator[str]:
        yield f"# HELP {NAME} Seconds until an answer began."
        yield f"# TYPE {NAME} histogram"
        for status, counts in self._counts.items():
            for bound, count in zip(BOUNDS, accumulate(counts), strict=True):
                yield f'{NAME}_bucket{{status="{status}",le="{f"{bound}".replace("inf", "+Inf")}"}} {count}'
            yield f'{NAME}_sum{{status="{status}"}} {self._seconds[status]:.6f}'
            yield f'{NAME}_count{{status="{status}"}} {sum(counts)}'


def _write(about: str, values: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines of a metric: its name, its type and what it is, and its values by their labels."""
    name, kind, said = about.split(" ", 2)
    yield f"# HELP misconduct_{name} {said}"
    yield f"# TYPE misconduct_{name} {kind}"
    for labels, value in values.items():
        yield f"misconduct_{name}{labels} {value}"
