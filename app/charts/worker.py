"""A process that only draws: `python -m app.charts.worker` (app/publish/charts.py starts it).

Importing this module imports no drawing library, so that the parent process stays small. It reads pickled work from
stdin and writes the results to stdout. It ends when its stdin ends, and so with its parent, however that ended.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from typing import IO, Any

Work = tuple[Any, ...]
"""A chart, its observations, and the catalogue of their release; empty to ask for the script."""

Pictures = list[tuple[str, str, bytes]]
"""Names, media types and bytes."""


def do_work(work: Work) -> Pictures | bytes:
    """Draw the pictures of one chart, or bundle the script that draws specifications in a browser."""
    if not work:
        from app.charts.render import bundle_vega_embed

        return bundle_vega_embed()
    from app.charts.variants import draw

    return [(one.name, one.media_type, one.content) for one in draw(*work)]


def _take_in(incoming: IO[bytes], waiting: queue.SimpleQueue[Work]) -> None:
    """Read work as it comes. End of input ends the process at once, even while it draws."""
    try:
        while True:
            waiting.put(pickle.load(incoming))  # noqa: S301 (from the process that started this one)
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)


def main() -> None:
    """Answer each piece of work with True and the result, or with False and the error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keep what libraries print out of the answers
    waiting: queue.SimpleQueue[Work] = queue.SimpleQueue()
    threading.Thread(target=_take_in, args=[sys.stdin.buffer, waiting], daemon=True).start()
    while True:
        try:
            answer = pickle.dumps((True, do_work(waiting.get())))
        except Exception as error:  # noqa: BLE001 (the parent gets it)
            answer = pickle.dumps((False, error))
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    main()
