"""An archive is compared as of the day of each text, and what has changed since is listed, and nothing else."""

import csv
import io
import json
import os
import runpy
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ..conftest import ROOT
from .texts import CASES, check

AUDIT = ROOT / "examples/audit.py"
CUSTODY = "{} people died in or following police custody in {} {}."
UNTIL_2019 = "between 2004/05 and 2018/19"
REVISED = {  # in the small register: the edition of 2019/20 revised 2018/19
    "2020-01-15-all.txt": (CUSTODY.format("16", "England and Wales", "in 2018/19"), "rpg77", "17"),
    "news/2019-11-02.md": ("# Deaths\n\n" + CUSTODY.format("**16**", "England and Wales", "in 2018/19"), "rpg77", "17"),
    "2020/02/03/sum.txt": (CUSTODY.format("292", "England and Wales", UNTIL_2019), "v4536", ""),
    "wales.html": (
        "<p>1 January 2020</p><p>" + CUSTODY.format("<b>292</b>", "England and Wales", UNTIL_2019),
        "v4536", "",
    ),
}  # fmt: skip
CONTINUED = {"the Metropolitan Police": ("50", "rqbmz")}
"""The total as of 2018/19, and with 2019/20."""
UNCHANGED = CASES["unchanged"]  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Some texts, and of those with a number that has changed since: what has changed, the figure, its number now.

    It has changed in the small register.
    """
    folder, expected = tmp_path_factory.mktemp("archive"), {}
    texts = {name: ("revised", *rest) for name, rest in REVISED.items()}
    for number, (place, (printed, figure)) in enumerate(CONTINUED.items(), 1):
        text = f"Our reporter, {number} December 2019\n\n{CUSTODY.format(printed, place, UNTIL_2019)}"
        texts[f"place-{number}.txt"] = ("continued", text, figure, "")
    for number, text in enumerate(UNCHANGED, 1):
        texts[f"2023-05-{number:02}.txt"] = (None, text, "", "")
    for name, (code, text, figure, now) in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        if code:
            expected[name] = (code, figure, now or "")
    assert len(texts) == 29
    return folder, expected


def run(folder, url, pause="5"):
    environment = {**os.environ, "BASE": url, "PAUSE": pause}
    command = [sys.executable, "-I", str(AUDIT), str(folder)]
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_audit_lists_exactly_what_has_changed_since(small, archive):
    folder, expected = archive
    done = run(folder, small.url)
    assert done.returncode == 1, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {
        row["text"]: (row["change"], row["figure"], row["print_now"]) for row in rows
    } == expected
    assert [*Counter(row["change"] for row in rows).items()] == [
        ("revised", 4),
        ("continued", 1),
    ]
    assert [row["published"] for row in rows[:4]] == [
        "2020-01-15",
        "2020-02-03",
        "2019-11-02",
        "2020-01-01",
    ]
    assert all(row["detail"] and row["url"].endswith(row["figure"]) for row in rows)
    assert (
        done.stderr
        == "Texts: 29, not compared: 0, with a changed or doubted number: 5.\n"
    )


def test_an_archive_in_which_nothing_has_changed_is_no_failure(service, tmp_path):
    for number, text in enumerate(UNCHANGED, 1):
        (tmp_path / f"2023-05-{number:02}.txt").write_text(text)
    (tmp_path / "undated.txt").write_text(REVISED["2020-01-15-all.txt"][0])
    (tmp_path / "2020-01-01.md").write_bytes(b"\xff\xfe")
    (tmp_path / "2020-01-01.pdf").write_bytes(b"16")
    done = run(tmp_path, service.url)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (
        "Texts: 26, not compared: 2, with a changed or doubted number: 0."
        in done.stderr
    )
    assert (
        "undated.txt was not compared: no day such as 2023-05-01 in its name or in its first 10 lines"
        in done.stderr
    )
    assert (
        "2020-01-01.md was not compared: The text is not UTF-8. Save it as UTF-8."
        in done.stderr
    )


def test_an_archive_of_which_no_text_is_compared_is_no_success(service, tmp_path):
    (tmp_path / "undated.txt").write_text(UNCHANGED[0])
    assert run(tmp_path, service.url).returncode == 2


def test_an_audit_without_a_register_is_told_so(tmp_path):
    (tmp_path / "2023-05-01.txt").write_text("GMP had 6,539 officers.")
    done = run(tmp_path, "http://localhost:9")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "http://localhost:9 does not answer as a copy of the register does: "
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("refusals", "status"), [(2, 0), (99, 2)])
def test_a_register_that_is_busy_is_asked_again(tmp_path, refusals, status):
    class Busy(BaseHTTPRequestHandler):
        def do_POST(self):
            nonlocal refusals
            refusals -= 1
            self.answer(429 if refusals >= 0 else 200, [])

        def do_GET(self):
            self.answer(200, {"codes": []})

        def answer(self, status, data):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"data": data}).encode())

        def log_message(self, *_):
            pass

    (tmp_path / "2023-05-01.txt").write_text("GMP had 6,539 officers.")
    server = HTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = run(tmp_path, f"http://127.0.0.1:{server.server_port}", pause="0")
        assert (done.returncode, "busy" in done.stderr) == (status, status == 2), (
            done.stderr
        )
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("name", "text", "day"),
    CASES["the_day_of_a_text_is_in_its_name_or_its_first_lines"],
)
def test_the_day_of_a_text_is_in_its_name_or_its_first_lines(name, text, day):
    assert runpy.run_path(str(AUDIT))["find_day"](name, text, False) == day


@pytest.mark.parametrize(
    "markup",
    CASES["the_day_of_a_page_is_the_one_that_its_markup_says"],
)
def test_the_day_of_a_page_is_the_one_that_its_markup_says(markup):
    page = f"<p>2 June 2022</p>{markup}"
    assert (
        runpy.run_path(str(AUDIT))["find_day"]("met.html", page, True) == "2019-11-01"
    )


def test_last_year_is_that_before_the_day_on_which_a_text_was_published(client):
    text = "In London, 42% totally distrusted the Met last year."
    answers = [
        check(client, text, published=day) for day in ("2024-05-01", "2026-11-01")
    ]
    codes = [
        [one["code"] for one in answer["data"][0]["figures"][0]["differences"]]
        for answer in answers
    ]
    assert codes == [[], ["other_year"]]


def test_what_has_become_of_a_figure_is_its_standing(small):
    [number] = check(
        small.client, CUSTODY.format("50", "the Metropolitan Police", UNTIL_2019)
    )["data"]
    figure = number["figures"][0]
    assert figure["standing"]["status"] == "continued"
    assert figure["standing"]["since"] == "1.1.0"
    assert figure["differences"] == []


@pytest.mark.parametrize("published", ["2023-5-1", "1 May 2023", "2023"])
def test_a_day_that_cannot_be_read_is_refused(client, published):
    answer = client.post("/v1/check", params={"published": published}, content="144")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (
        422,
        "published",
    )
