"""Measure the work of a service in which no other request is answered, by what is sent."""

from collections.abc import Callable, Iterable
from pathlib import Path
from time import sleep

MOST_TIMES = 2.6  # twice, and what a busy machine adds
FLOOR = 0.03  # seconds, below which a machine only tells how busy it is
RUNS, PAUSE = 6, 0.5  # at most, and seconds before another one

UNITS = ["a", "a/", "a ", "a,", "1,000", ",", ";q=0 ", ".", '"', "https://a/", "k7m3q:"]
SHORT = ["a,", "1,000", " ", "https://a/", "k7m3q:", "é"]  # of what takes long to ask
BLANKS = [" ", "\t", "\u00a0", "\n", " \n", "é"]


def worked(service) -> float:
    """Return the seconds that the threads of a service have worked, but not its processes."""
    tasks = Path(f"/proc/{service.process.pid}/task").iterdir()
    texts = [(one / "schedstat").read_text(encoding="utf-8") for one in tasks]
    return sum(int(text.split()[0]) for text in texts) / 1e9


def measure(service, send: Callable[[], object]) -> float:
    """Return how many seconds of work a request takes."""
    begun = worked(service)
    send()
    return worked(service) - begun


def find_growing(service, send, cases: Iterable[tuple], size: int) -> list[tuple]:
    """Return the cases in which twice the length takes more than twice the work.

    `send` has a case, how long it is, and the number of the run, so that no answer is
    one that a cache has.
    """
    found = []
    for case in cases:
        long, short = [], [FLOOR]
        for run in range(RUNS):
            if run:
                sleep(PAUSE)
            long.append(measure(service, lambda: send(case, size, run)))  # noqa: B023
            if min(long) <= MOST_TIMES * max(FLOOR, min(short)):
                break
            short[run:] = [measure(service, lambda: send(case, size // 2, run))]  # noqa: B023
        else:
            found.append((case, min(short), min(long)))
    return found
