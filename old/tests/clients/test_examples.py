"""The examples are true: each is run against the service as it stands in the file, at another address."""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest

from tests.clients.notebook import NOTEBOOK, run_cells
from tests.clients.test_dataframes import load_httpfs
from tests.clients.test_generated import node_modules, run  # noqa: F401 (a fixture)
from tests.conftest import PROJECT
from tests.tools import find_program

EXAMPLES = PROJECT / "examples"
STATED = [("2021", "116"), ("2022", "169"), ("2023", "157"), ("2024", "23")]


@pytest.fixture
def example(real, tmp_path):
    """Writes an example with the address of the running service; returns its path."""

    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_text((EXAMPLES / name).read_text().replace("http://localhost:8000", real.url))
        return path

    return write


def test_the_curl_example_finds_1071_and_fetches_a_release(example, real, tmp_path):
    script = example("curl.sh")
    said = run("bash", script, folder=tmp_path)
    assert '"1,071"' in said
    assert (tmp_path / "allegations.csv").read_bytes() == real.client.get("/v1/allegations.csv?release=1.1.0").content
    whole = (tmp_path / "bundle.zip").read_bytes()
    (tmp_path / "bundle.zip").write_bytes(whole[:1000])
    for _ in range(2):  # it goes on where it stopped; then there is nothing left to do
        run("bash", script, folder=tmp_path)
        assert (tmp_path / "bundle.zip").read_bytes() == whole


@pytest.mark.parametrize("kept", [1000, None])
def test_the_curl_example_begins_anew_where_the_file_is_another_one_by_now(example, real, tmp_path, kept):
    """Of the file as it was, a part is there, or all of it. (Another release stands for the same one with other bytes.)"""
    script = example("curl.sh")
    now = script.read_text()
    script.write_text(now.replace("releases/1.1.0", "releases/1.0.0"))
    run("bash", script, folder=tmp_path)
    file = tmp_path / "bundle.zip"
    file.write_bytes(file.read_bytes()[:kept])
    script.write_text(now)
    run("bash", script, folder=tmp_path)
    assert file.read_bytes() == real.client.get("/v1/releases/1.1.0/bundle.zip").content


def test_the_curl_example_appends_nothing_if_the_file_changes_after_it_has_looked(example, real, tmp_path):
    script = example("curl.sh")
    run("bash", script, folder=tmp_path)
    file = tmp_path / "bundle.zip"
    file.write_bytes(file.read_bytes()[:1000])
    text, fetched = script.read_text(), 'bundle.zip "$bundle"'
    assert fetched in text
    script.write_text(text.replace(fetched, 'bundle.zip "${bundle/1.1.0/1.0.0}"'))
    done = subprocess.run(["bash", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 22
    assert "412" in done.stderr
    assert file.stat().st_size == 1000


@pytest.mark.parametrize(("kept", "lacks"), [("ETag", "length"), ("Content-Length", "etag")])
def test_the_curl_example_stops_where_something_hides_what_it_needs(example, tmp_path, kept, lacks):
    """A CDN may answer HEAD without a length. An empty ETag is none that could be compared."""
    script = example("curl.sh")

    class Hiding(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header(kept, "1000")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hiding) as hiding:
        threading.Thread(target=hiding.serve_forever).start()
        text, asked = script.read_text(), '--head "$bundle"'
        assert asked in text
        script.write_text(text.replace(asked, f"--head http://127.0.0.1:{hiding.server_port}/"))
        (tmp_path / "bundle.zip").write_bytes(b"whole")
        done = subprocess.run(["bash", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        hiding.shutdown()
    assert (done.returncode != 0, f"{lacks}: something" in done.stderr) == (True, True), done.stderr
    assert (tmp_path / "bundle.zip").read_bytes() == b"whole"


IN_PYTHON = """
import misconduct
read = misconduct._read  # links name the address of the service as its operator has set it
misconduct._read = lambda url: read(url.replace("http://localhost:8000", misconduct.REGISTER))
misconduct.ROWS = 20
everything = misconduct.figures()
print(*everything.shape, everything["id"].nunique(), everything["value"].dtype, everything.attrs["release"])
full = misconduct.figures(detail="full")
print(full["version"].dtype, full["source_held"].dtype, full["period_start"].dtype, misconduct.codes("unit")["code"].tolist())
old = misconduct.figures(value=[1071, 1492], release="1.x")
print(old.attrs["release"], *old.sort_values("id")["printed"])
assaults = misconduct.by_year("allegations", category="sexual_assault")
for row in assaults.dropna(subset="value").itertuples():
    print(row.year, f"{row.value:.0f}")
print(assaults["gap"].iloc[0])
print(misconduct.cite("k7m3q", release="1.0.0"))
try:
    misconduct.figures(categroy="x")
except ValueError as error:
    print(error)
"""

IN_R = """
source("misconduct.R")
found <- first_match
first_match <- function(...) sub("http://localhost:8000", register, found(...), fixed = TRUE)
rows_of_page <- 20
everything <- figures()
cat(dim(everything), length(unique(everything$id)), class(everything$value), attr(everything, "release"), "\\n")
full <- figures(detail = "full")
cat(class(full$version), class(full$source_held), class(full$period_start), codes("unit")$code, "\\n")
old <- figures(value = c(1071, 1492), release = "1.x")
cat(attr(old, "release"), old$printed[order(old$id)], "\\n")
assaults <- by_year("allegations", category = "sexual_assault")
stated <- assaults[!is.na(assaults$value), ]
cat(paste(stated$year, stated$value), assaults$gap[1], sep = "\\n")
cat("\\n", cite("k7m3q", release = "1.0.0"), "\\n", sep = "")
tryCatch(figures(id = everything$id, category = codes("category")$code), error = function(wrong) cat(conditionMessage(wrong), "\\n"))
tryCatch(figures(categroy = "x"), error = function(wrong) cat(conditionMessage(wrong), "\\n"))
"""

CITED = "title = {{Metropolitan Police: officers accused, any sexual allegation, 2014–2024: “1,492”}}"


def test_the_python_file_to_copy_gets_every_page_with_types(example, tmp_path):
    example("misconduct.py")
    (tmp_path / "ask.py").write_text(IN_PYTHON, encoding="utf-8")
    lines = run(sys.executable, "ask.py", folder=tmp_path).splitlines()
    assert lines[0] == "68 17 68 float64 2.2.0"  # four pages
    assert lines[1] == "Int64 boolean str ['count', 'per_thousand', 'percent', 'proportion']"
    assert lines[2].split() == ["1.2.0", "1,071", "1,492", "1,071"]
    assert [tuple(line.split()) for line in lines[3:7]] == STATED
    assert lines[7] == "not_stated"
    assert CITED in "\n".join(lines[8:])
    assert lines[-1] == "See errors. categroy: Unknown parameter 'categroy'."


BREAKS_OFF = """
import http.client, sys
import pandas
import misconduct
for cut in (600, 900, 2_000, 3_000):
    try:
        print(misconduct.figures("allegations", release=f"2.2.0&cut={cut}"))
    except http.client.IncompleteRead:
        print("broke off")
"""


@pytest.fixture
def elsewhere(tmp_path):
    """The Python file beside a program that asks a server of this test, which answers by the given function."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = self.server.answer(self.path)
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        copied = (EXAMPLES / "misconduct.py").read_text().replace("http://localhost:8000", address)
        (tmp_path / "misconduct.py").write_text(copied)

        def ask(program: str, answer) -> list[str]:
            server.answer = answer
            command = [sys.executable, "-c", program]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            return [*done.stdout.splitlines(), *done.stderr.replace(address, "").splitlines()[-1:]]

        yield ask
        server.shutdown()


BREAKS_OFF = """
import http.client, misconduct
for cut in (600, 900, 2_000, 3_000):
    try:
        print(misconduct.figures("allegations", cut=cut))
    except http.client.IncompleteRead:
        print("broke off")
"""


def test_an_answer_that_breaks_off_is_no_data_frame(real, elsewhere):
    whole = real.client.get("/v1/allegations.csv?limit=1000")
    headers = {"Link": whole.headers["link"], "Content-Length": str(len(whole.content))}

    def cut_off(path: str) -> tuple[int, dict[str, str], bytes]:
        return 200, headers, whole.content[: int(parse_qs(urlsplit(path).query)["cut"][0])]

    assert elsewhere(BREAKS_OFF, cut_off) == ["broke off"] * 4


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "/v1/codelists.csv? is no answer of the register"),
        (502, "/v1/codelists.csv?: HTTP Error 502: Bad Gateway"),
    ],
)
def test_what_does_not_come_from_the_register_is_told_by_its_address_and_status(elsewhere, status, said):
    page = (status, {"Content-Type": "text/html"}, b"<p>Please log in.")
    assert elsewhere("import misconduct; misconduct.codes()", lambda _: page) == [f"ValueError: {said}"]


def test_the_r_file_to_copy_gets_every_page_with_types(example, tmp_path):
    r = find_program("Rscript", ("r-base-core",), "examples/misconduct.R is not run")
    example("misconduct.R")
    (tmp_path / "ask.R").write_text(IN_R, encoding="utf-8")
    lines = run(r, "ask.R", folder=tmp_path).splitlines()
    assert lines[0].split() == ["68", "17", "68", "numeric", "2.2.0"]
    assert lines[1].split() == ["numeric", "logical", "character", "count", "per_thousand", "percent", "proportion"]
    assert lines[2].split() == ["1.2.0", "1,071", "1,492", "1,071"]
    assert [tuple(line.split()) for line in lines[3:7]] == STATED
    assert lines[7] == "not_stated"
    assert CITED in "\n".join(lines[8:])
    assert "ask for fewer values" in lines[-2]  # it repeats them in the address of its next page
    assert "status 422" in lines[-1]


def test_the_notebook_shows_what_the_service_answers(real):
    document = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    saved = [cell["outputs"] for cell in document["cells"] if cell["cell_type"] == "code"]
    made = run_cells(document, real.url)
    assert len(made) == 6
    for before, after in zip(saved, made, strict=True):
        assert [texts_of(one) for one in before] == [texts_of(one) for one in after]
    assert sum("image/png" in one.get("data", {}) for outputs in saved for one in outputs) == 1
    assert "1571.0" in json.dumps(saved)  # cases of all sexual conduct in 2022


def texts_of(output: dict[str, Any]) -> str:
    return "".join(output.get("text") or output["data"]["text/plain"])


@pytest.mark.parametrize("name", ["misconduct.py", "misconduct.R"])
def test_a_file_to_copy_is_short(name):
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) <= 80


def test_the_duckdb_example_finds_the_years(example):
    connection = duckdb.connect()
    load_httpfs(connection)
    found = connection.execute(example("figures.sql").read_text()).fetchall()
    assert [(row[0], row[2]) for row in found] == STATED
    assert [row[1] for row in found] == [116.0, 169.0, 157.0, 23.0]


def test_the_typescript_example_compiles_strictly_and_prints_the_years(example, node_modules, tmp_path):  # noqa: F811
    (tmp_path / "node_modules").symlink_to(node_modules)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    options = ("--strict", "--target", "ES2022", "--module", "NodeNext", "--lib", "ES2022,DOM", "--types", "node")
    run(node_modules / ".bin" / "tsc", *options, example("figures.ts"), folder=tmp_path)
    lines = [tuple(line.split(" ")) for line in run("node", "figures.js", folder=tmp_path).splitlines()]
    assert lines[0] == ("2014", "not_stated")
    assert lines[-4:] == STATED


def test_every_address_for_a_spreadsheet_answers(real):
    text = (EXAMPLES / "spreadsheet.md").read_text()
    addresses = re.findall(r"http://localhost:8000([^\s\")]+)", text)
    assert len(addresses) >= 5
    for address in addresses:
        assert real.client.get(address).status_code == 200, address


def test_every_example_is_tested():
    tested = {"curl.sh", "misconduct.R", "misconduct.py", "figures.sql", "figures.ts", "spreadsheet.md", "tables.ipynb"}
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == tested
    assert subprocess.run(["bash", "-n", EXAMPLES / "curl.sh"], check=False).returncode == 0
