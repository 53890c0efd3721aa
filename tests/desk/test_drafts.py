"""`serve --drafts` shows each save of an editor, and keeps the last good state while there are mistakes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from misconduct.releases.folder import list_releases

from ..conftest import ROOT

TABLE = "observations/brit-brief-1000-officers-accused.csv"
NEWEST = list_releases(ROOT / "data")[-1].number
PERIOD = "/v1/observations/w2rmd?columns=id,year,cite_as"


class Desk:
    """An editor's folder, and a service that shows its drafts."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="misconduct-drafts-"))
        self.folder.chmod(0o755)
        self.data = shutil.copytree(ROOT / "data", self.folder / "data", ignore=shutil.ignore_patterns("*.zip"))
        self.table = (self.data / TABLE).read_text()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.client = httpx.Client(base_url=f"http://localhost:{port}", timeout=30)
        environment = {name: text for name, text in os.environ.items() if not name.startswith("MISCONDUCT_")}
        environment |= {"MISCONDUCT_HOME": str(self.folder / "home"), "TMPDIR": str(self.folder)}
        words = ["serve", "--drafts", "--port", str(port), "--data", str(self.data)]
        with (self.folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "misconduct", *words]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.folder)

    def log(self):
        return (self.folder / "log").read_text()

    def save(self, table):
        (self.data / TABLE).write_text(table)

    def wait_for(self, path, is_there):
        """Ask until an answer is as expected, and return it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                answer = self.client.get(path)
                if is_there(answer):
                    return answer
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise AssertionError(self.log())


@pytest.fixture(scope="module")
def desk():
    desk = Desk()
    try:
        desk.wait_for("/readyz", lambda answer: answer.status_code == 200)
        yield desk
    finally:
        desk.client.close()
        if desk.process.poll() is None:
            desk.process.terminate()
            desk.process.wait(30)
        shutil.rmtree(desk.folder, ignore_errors=True)


def dated(desk):
    """Return the table with a year for a figure that has none."""
    header, row, *_ = desk.table.splitlines(keepends=True)
    cells = row.split(",")
    cells[header.split(",").index("period")] = "2022"
    return desk.table.replace(row, ",".join(cells))


def has_year(year):
    return lambda answer: answer.json()["data"]["year"] == year


def test_a_save_is_shown_as_a_draft_that_nobody_can_cite_or_keep(desk):
    desk.save(dated(desk))
    answer = desk.wait_for(PERIOD, has_year("2022"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["data"]["cite_as"] is None
    meta = answer.json()["meta"]
    assert meta["release"] == "draft"
    assert "do not cite" in meta["draft"]["notice"]
    assert any("revised without a reason (kind observation): w2rmd" in line for line in meta["draft"]["mistakes"]), (
        "it still needs a reason"
    )
    assert 'class="notice">Draft' in desk.client.get("/observations/w2rmd").text
    table = desk.client.get("/v1/observations.csv?columns=id,cite_as&id=w2rmd")
    assert (table.text, table.headers["Cache-Control"]) == ("id,cite_as\nw2rmd,\n", "no-store")


def test_the_draft_comes_after_the_newest_release_and_changes_none(desk):
    numbers = [one["number"] for one in desk.client.get("/v1/releases").json()["data"]]
    assert numbers[:2] == ["draft", NEWEST]
    released = desk.client.get(f"{PERIOD}&release={NEWEST}").json()
    assert released["data"]["year"] is None
    assert released["data"]["cite_as"].endswith(f"/v1/observations/w2rmd?release={NEWEST}")
    [change] = desk.client.get(f"/v1/changes?since={NEWEST}&kind=observation&id=w2rmd").json()["data"]
    assert (change["release"], change["id"], change["fields"][0]["after"]) == ("draft", "w2rmd", "2022")
    assert (desk.data / "releases.csv").read_bytes() == (ROOT / "data/releases.csv").read_bytes()
    assert not (desk.data / "releases/draft").exists()
    assert [path.name for path in (desk.folder / "home").iterdir()] == ["drafts"], "a database of its own"


def test_numbers_of_unfinished_years_are_provisional(desk):
    """27% of the findings of 2020, and 93% of those of 2021, are pending: 29 and 10 figures."""
    asked = "/v1/observations?source=philadelphia-complaint-findings&columns=mark&year={}"
    for years, figures in (("2020,2021", 39), ("2016,2017,2018,2019", 100)):
        answer = desk.client.get(asked.format(years)).json()
        is_provisional = figures == 39
        assert answer["meta"]["total"] == figures
        assert {one["mark"] and one["mark"]["code"] for one in answer["data"]} == {
            "provisional" * is_provisional or None
        }
        assert ("provisional" in [one["code"] for one in answer["warnings"]]) == is_provisional


def test_while_a_file_is_half_written_the_last_good_state_stays_and_the_mistake_is_shown(desk):
    desk.save(dated(desk))
    desk.wait_for(PERIOD, has_year("2022"))
    desk.save(dated(desk)[:-200])
    answer = desk.wait_for(PERIOD, lambda answer: f"{TABLE}:3:1" in answer.text)
    assert answer.json()["data"]["year"] == "2022"
    assert f"{TABLE}:3:1: " in desk.client.get("/").text
    assert f"{TABLE}:3:1: " in desk.log()
    desk.save(desk.table)
    desk.wait_for(PERIOD, lambda answer: has_year(None)(answer) and not answer.json()["meta"]["draft"]["mistakes"])


def test_ctrl_c_ends_everything(desk):
    desk.process.send_signal(signal.SIGINT)
    desk.process.wait(30)
    assert "Traceback" not in desk.log()
    assert not list((desk.folder / "home/drafts").glob("postgres-*/postmaster.pid"))
    assert not list(desk.folder.glob("misconduct-draft-*"))
