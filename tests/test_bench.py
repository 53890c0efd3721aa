"""The bench judges fairly: noise is no difference, and a clear one is told."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from bench.check import judge
from bench.drive import Load, Question
from bench.generator import read_body
from bench.goals import Goal


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([0.80, 0.85, 0.90, 0.82, 0.88], "SLOWER"),
        ([0.80, 0.85, 1.01, 0.82, 0.88], "no difference beyond the noise"),
        ([0.97, 0.98, 0.96, 0.99, 0.98], "no difference beyond the noise"),
        ([1.02, 0.99, 1.00, 1.20, 0.90], "no difference beyond the noise"),
        ([1.30, 1.20, 1.40, 1.25, 1.22], "faster"),
    ],
)
def test_slower_is_what_is_slower_in_every_round_and_clearly(ratios, verdict):
    assert judge(ratios) == verdict


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (Goal("rate", 0.8, 0.85), "met"),
        (Goal("rate", 0.8, 0.8), "met"),
        (Goal("rate", 0.8, 0.796), "**short by 0.5%**"),
        (Goal("rate", 0.8, 0.60), "**short by 25.0%**"),
        (Goal("seconds", 3, 1.2, "s", at_most=True), "met"),
        (Goal("seconds", 3, 4.5, "s", at_most=True), "**short by 50.0%**"),
        (Goal("nginx", 1.2, None, why="there was no nginx"), "not measured: there was no nginx"),
    ],
)
def test_a_goal_is_met_or_says_by_how_much_it_is_not(goal, verdict):
    assert goal.verdict == verdict


def test_without_wrk_the_load_is_made_in_python_and_counts_what_failed(real):
    asked = {"BENCH_PATH": "/v1/nothing/{n}", "PATH": ""}
    command = [sys.executable, "-m", "bench.generator", real.url, "0.5", "2"]
    done = subprocess.run(command, env=asked, capture_output=True, text=True, check=True)
    load = Load(**json.loads(done.stdout))
    assert load.requests == load.failed > 0
    assert Question("/v1/nothing/{n}").environment() == {"BENCH_PATH": "/v1/nothing/{n}"}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nLink:\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1;x=y\r\nb\r\n0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag:\r\n\r\n",
    ],
)
def test_the_generator_reads_one_answer_and_nothing_of_the_next(answer):
    async def read() -> bytes:
        reader = asyncio.StreamReader()
        reader.feed_data(answer + b"HTTP/1.1 next")
        reader.feed_eof()
        await read_body(reader, await reader.readuntil(b"\r\n\r\n"))
        return await reader.read()

    assert asyncio.run(read()) == b"HTTP/1.1 next"
