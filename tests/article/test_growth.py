"""A text of twice the length takes at most twice the work, whatever strangers send. Times are of this process alone."""

import gc
from time import process_time, sleep

import pytest

from misconduct.article import steps
from misconduct.article.known import SERIES
from misconduct.article.sent import read_html, read_marked
from misconduct.model.catalogue import Catalogue
from misconduct.model.plain_words import plain_words
from misconduct.queries.question import leave_out_asking
from misconduct.queries.typed_number import find_typed
from misconduct.releases.folder import iterate_figures, list_releases, read_release

from ..conftest import ROOT
from .texts import CASES

MOST_TIMES = 2.6  # twice, and what a busy machine adds
FLOOR = 0.03  # seconds, below which a machine only tells how busy it is
RUNS, PAUSE = (
    8,
    0.5,
)  # at most, and seconds before another one, when a machine may be less busy

BLANKS = CASES["units"]["blanks"]
UNITS = [unit for units in CASES["units"].values() for unit in units]


@pytest.fixture(autouse=True)
def uncollected():
    """Collect no garbage meanwhile: how long that takes depends on what other tests have left."""
    gc.disable()
    yield
    gc.enable()


def measure(work, text):
    begun = process_time()
    work(text)
    return process_time() - begun


def find_growing(work, size, units=UNITS, starts=("",)):
    """Return the units whose repetition takes more than twice the work when it is twice as long."""
    found = []
    for start, unit in ((start, unit) for start in starts for unit in units):
        long = start + unit * (size // len(unit))
        short = long[: len(start) + size // 2]
        times = [(measure(work, short), measure(work, long))]
        while len(times) < RUNS and min(one[1] for one in times) > MOST_TIMES * max(
            min(one[0] for one in times), FLOOR
        ):
            sleep(PAUSE)
            times.append((measure(work, short), measure(work, long)))
        if len(times) == RUNS:
            found.append((start, unit, times[-1]))
    return found


@pytest.fixture(scope="module")
def words():
    """The words of the newest release."""
    folder = ROOT / "data/releases" / list_releases(ROOT / "data")[-1].number
    records = read_release(folder, is_whole=False).records
    series = [
        {name: row[name] or None for name in SERIES} for row in iterate_figures(folder)
    ]
    steps.learn("newest", records, Catalogue(records).codelists, series[::10], [], [])


@pytest.mark.parametrize(("read", "size"), [(read_html, 60_000), (read_marked, 20_000)])
def test_signs_are_left_out_in_linear_time(read, size):
    assert find_growing(read, size, starts=("<s>", "[a](")) == []


def test_a_text_is_compared_in_linear_time(words):
    def compare(text):
        if steps.read(text, read_marked, "newest", "2026-11-30", 50_000, 300).sought:
            steps.compare([])

    sentence, table = "In 2019 the Met suspended 144 officers.\n", "force\t2019\tMet\n"
    assert find_growing(compare, 4_000, starts=[sentence]) == []
    assert (
        find_growing(
            compare,
            4_000,
            [*BLANKS, "\t1", "\t12 Met", "| 1 ", "\t1\n", "the year before. "],
            [table],
        )
        == []
    )
    numbers = [
        f"{unit}{other}12 officers "
        for unit in ("Met ", "a year earlier ", "\n")
        for other in ("", "IOPC ")
    ]
    assert find_growing(compare, 8_000, numbers, [sentence]) == []


def test_a_search_is_read_in_linear_time():
    def search(text):
        plain_words(leave_out_asking(text))
        find_typed(text)

    assert find_growing(search, 200) == []
