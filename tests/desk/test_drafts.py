"""`serve --drafts` shows each save of an editor, and keeps the last good state while there are mistakes."""

import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from ..conftest import Service
from ..registers import NEWS, make_release, write_counted

TABLE = f"observations/{NEWS}.csv"
FIRST, NEWEST = "1.0.0", "2.0.0"
FIGURE = "/v1/figures/w2rmd"
FILES = {
    "removals.csv": "day,release,before,after,law\n",
    "reasons.csv": "kind,id,action,reason\n",
}
REVISED = {
    "reasons.csv": f"{FILES['reasons.csv']}observation,w2rmd,revised,Its year was wrong.\n"
}
DATED = {"period": "2022"}
LINE_OF_FIGURE = 3  # w2rmd is the second of its table


class Desk:
    """An editor's folder with a small register and its release, and a service that shows its drafts."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="misconduct-drafts-"))
        self.folder.chmod(0o755)
        self.home, self.data = self.folder / "home", self.folder / "data"
        self.home.mkdir()
        make_release(
            write_counted(self.data, FILES, w2rmd={"period": "2021"}),
            "The first figures.",
            "2020-01-01",
        )
        make_release(
            write_counted(self.data, REVISED), "A year corrected.", "2020-01-02"
        )
        self.released = (self.data / "releases.csv").read_bytes()
        options = ("--drafts", "--data", str(self.data))
        others = {
            "TMPDIR": str(self.folder),
            "MISCONDUCT_DATABASE_URL": "postgresql://localhost:1/of_readers",
        }
        self.service = Service(
            self.home, self.folder, options=options, **others
        )  # no draft goes to readers
        self.client, self.wait_for = self.service.client, self.service.wait_for

    def log(self):
        return self.service.log.read_text()

    def save(self, table):
        (self.data / TABLE).write_text(table)

    def edit(self, **figures):
        """Save the table of which some figures have other cells, and return it."""
        table = (
            write_counted(self.folder / "edited", FILES, **figures) / TABLE
        ).read_text()
        self.save(table)
        return table


@pytest.fixture(scope="module")
def desk():
    desk = Desk()
    try:
        desk.service.wait()
        yield desk
    finally:
        desk.client.close()
        if desk.service.process.poll() is None:
            desk.service.stop()
        shutil.rmtree(desk.folder, ignore_errors=True)


def has_year(year):
    return lambda answer: answer.json()["data"]["year"] == year


def test_a_save_is_shown_as_a_draft_that_nobody_can_cite_or_keep(desk):
    desk.edit(w2rmd=DATED)
    answer = desk.wait_for(FIGURE, has_year(2022))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["data"]["cite_as"] is None
    meta = answer.json()["meta"]
    assert meta["release"] == "draft"
    assert "do not cite" in meta["draft"]["notice"]
    assert any(
        "revised without a reason (kind observation): w2rmd" in line
        for line in meta["draft"]["mistakes"]
    ), "it still needs a reason"
    assert 'class="notice">Draft' in desk.client.get("/figures/w2rmd").text
    table = desk.client.get("/v1/figures.csv?columns=id,cite_as&id=w2rmd")
    assert (table.text, table.headers["Cache-Control"]) == (
        "id,cite_as\nw2rmd,\n",
        "no-store",
    )


def test_the_draft_comes_after_the_newest_release_and_changes_none(desk):
    desk.edit(w2rmd=DATED)
    desk.wait_for(FIGURE, has_year(2022))
    numbers = [one["number"] for one in desk.client.get("/v1/releases").json()["data"]]
    assert numbers == ["draft", NEWEST, FIRST]
    released = desk.client.get(f"{FIGURE}?release={NEWEST}").json()
    assert released["data"]["year"] is None
    assert released["data"]["cite_as"].endswith(f"/figures/w2rmd?release={NEWEST}")
    [change] = desk.client.get(f"/v1/changes?since={NEWEST}&id=w2rmd").json()["data"]
    assert (change["release"], change["id"], change["fields"][0]["after"]) == (
        "draft",
        "w2rmd",
        "2022",
    )
    assert (desk.data / "releases.csv").read_bytes() == desk.released
    assert {path.name for path in (desk.data / "releases").iterdir()} == {FIRST, NEWEST}
    assert {path.name for path in desk.home.iterdir()} == {
        "drafts",
        desk.service.log.name,
    }, "a database of its own"


def count(answer):
    """Return how many figures a list says that there are, and how many it has."""
    found = answer.json()
    return found["meta"]["total"], len(found["data"])


def test_a_digit_that_is_corrected_is_shown(desk):
    """The second save is as long as the first. The list of one number has that of the save, and no more."""
    tables = []
    for number, printed, total in (("2000", "2,000", 1), ("3000", "3,000", 0)):
        tables.append(desk.edit(hnmzc={"value": number, "printed": printed}))
        shown = (
            "/v1/figures/hnmzc",
            lambda answer, printed=printed: answer.json()["data"]["printed"] == printed,
        )
        assert desk.wait_for(*shown).json()["data"]["value"] == int(number)
        desk.wait_for(
            "/v1/figures?value=2000",
            lambda answer, total=total: count(answer) == (total, total),
        )
    assert len(tables[0]) == len(tables[1])


def test_what_repeats_another_is_that_of_the_last_save(desk):
    alone = {"repeats": "", "category": "any"}
    for cells, expected in (({}, "k7m3q"), (alone, None)):
        desk.edit(bbdjq=cells)
        desk.wait_for(
            "/v1/figures/bbdjq",
            lambda answer, expected=expected: (
                answer.json()["data"]["repeats"] == expected
            ),
        )


def test_while_a_file_is_half_written_the_last_good_state_stays_and_the_mistake_is_shown(
    desk,
):
    dated = desk.edit(w2rmd=DATED)
    desk.wait_for(FIGURE, has_year(2022))
    place = f"{TABLE}:{LINE_OF_FIGURE}:1: "
    desk.save(dated.partition("magnitude_only")[0])
    answer = desk.wait_for(FIGURE, lambda answer: place in answer.text)
    assert answer.json()["data"]["year"] == 2022
    assert place in desk.client.get("/").text
    assert place in desk.log()
    desk.edit()
    desk.wait_for(
        FIGURE,
        lambda answer: (
            has_year(None)(answer) and not answer.json()["meta"]["draft"]["mistakes"]
        ),
    )


def test_ctrl_c_ends_everything(desk):
    desk.service.process.send_signal(signal.SIGINT)
    desk.service.process.wait(30)
    assert "Traceback" not in desk.log()
    assert not list((desk.home / "drafts").glob("postgres-*/postmaster.pid"))
    assert not list(desk.folder.glob("misconduct-draft-*"))
