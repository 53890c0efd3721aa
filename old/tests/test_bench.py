"""The bench judges fairly: noise is no difference, and a clear one is told."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest

from bench.__main__ import read_plan
from bench.check import judge
from bench.contenders import FACETED, read_counts, read_long
from bench.drive import Load, Question
from bench.generator import find_end
from bench.goals import Goal
from bench.pictures import NAMES, SPAN, Row, draw_bars, draw_dots
from bench.quote import PROJECT, QUOTING, quote, read_results
from bench.report import FILE
from bench.same import require_same


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


class Closing(BaseHTTPRequestHandler):
    """Closes after each answer, and says so, as nginx does after a thousand."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(204)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_connection_that_is_closed_as_announced_is_no_failure():
    with ThreadingHTTPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "bench.generator", f"http://127.0.0.1:{server.server_port}", "0.3", "2"]
        done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=True)
        server.shutdown()
    load = Load(**json.loads(done.stdout))
    assert (load.requests > 2, load.failed) == (True, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nLink:\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1;x=y\r\nb\r\n0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag:\r\n\r\n",
    ],
)
def test_the_generator_reads_one_answer_and_nothing_of_the_next(answer):
    assert find_end(answer + b"HTTP/1.1 next") == len(answer)
    assert [find_end(answer[:length]) for length in range(len(answer))] == [None] * len(answer)


RESULTS = """\
| | must be | measured | |
|---|---|---|---|
| **Pages** | | | |
| page ÷ ORM | ≥ 10 | 1,234.56 | met |
| … memory | ≤ 8 MB | 7 MB | met |
| chart ÷ JSON | ≥ 1 | | not measured: there was no chart |
"""


def test_a_number_with_a_comment_is_the_one_that_was_measured():
    facts = read_results(RESULTS)
    said = "**8.6<!-- bench: page ÷ ORM --> ×**, 3<!-- bench: … memory --> MB, and 5 of 9"
    now = "**1,234.6<!-- bench: page ÷ ORM --> ×**, 7<!-- bench: … memory --> MB, and 5 of 9"
    assert quote(said, facts) == now
    for missing in ("chart ÷ JSON", "page ÷ nobody"):
        with pytest.raises(KeyError):
            quote(f"1.0<!-- bench: {missing} -->", facts)


@pytest.mark.parametrize("name", QUOTING)
def test_the_documentation_quotes_the_newest_results(name):
    text = (PROJECT / name).read_text()
    assert "<!-- bench: " in text
    assert quote(text, read_results(FILE.read_text())) == text


def test_every_figure_of_an_answer_must_be_the_same_in_the_others():
    ours = ([(f"id-{number}", 1.0) for number in range(10)], 12)
    require_same("peer", ours, ours)
    require_same("peer that tells no total", (ours[0], None), ours)
    for other in ((ours[0], 13), (ours[0][1:], 12), ([*ours[0][:9], ("id-9", 2.0)], 12)):
        with pytest.raises(AssertionError, match="peer gives another answer"):
            require_same("peer", other, ours)


def test_facets_and_tables_by_year_are_read_alike_from_all():
    facets = {name: {"a": 1} for name in FACETED}
    ours = {"dimensions": [{"name": name, "codes": [{"code": "a", "figures": 1}]} for name in FACETED]}
    datasette = {
        f"{name}_id": {"name": f"{name}_id", "results": [{"value": f"{name}/a", "count": 1}]} for name in FACETED
    }
    answers = [{"data": {**ours, "attributes": []}}, {"facet_results": datasette}, facets]
    assert [read_counts(json.dumps(one).encode())[0] for one in answers] == [
        [(name, "a", 1) for name in sorted(FACETED)]
    ] * 3
    long = b"series,year,value,gap,id\ns,2021,12,,k7m3q\ns,2022,,not_stated,\n"
    sdmx = b"SERIES,TIME_PERIOD,OBS_VALUE,GAP,FIGURE\ns,2021,12.0,,k7m3q\ns,2022,,not_stated,\n"
    assert read_long(long) == read_long(sdmx) == ([("k7m3q", "2021", 12.0)], None)


def test_a_picture_places_values_on_a_logarithmic_scale_and_bars_from_zero():
    rows = [Row("ours", 1000, "1,000"), Row("theirs", 10, "10", is_ours=False)]
    dots = ElementTree.fromstring(draw_dots("Rates", "a note", [("A page", rows)]))
    places = [float(dot.attrib["cx"]) for dot in dots.iter("{http://www.w3.org/2000/svg}circle")]
    bars = ElementTree.fromstring(draw_bars("Times", "a note", [("A page", rows)]))
    lengths = [float(bar.attrib["width"]) for bar in bars.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert places == [NAMES + SPAN, NAMES]
    assert lengths[0] == 100 * lengths[1] == SPAN


@pytest.mark.parametrize(("is_one_scale", "lengths"), [(True, [SPAN, SPAN / 2]), (False, [SPAN, SPAN])])
def test_groups_of_bars_have_one_scale_or_each_its_own(is_one_scale, lengths):
    groups = [("Known", [Row("10,000", 8, "8 ms")]), ("New", [Row("10,000", 4, "4 ms")])]
    drawn = ElementTree.fromstring(draw_bars("A page", "a note", groups, is_one_scale=is_one_scale))
    bars = [*drawn.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert [float(bar.attrib["width"]) for bar in bars] == lengths


@pytest.mark.parametrize(("arguments", "minutes"), [([], 15), (["--quick"], 2.5)])
def test_the_bench_expects_no_more_time_than_it_may_take(monkeypatch, arguments, minutes):
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    assert sum(read_plan().stages().values()) < 60 * minutes
