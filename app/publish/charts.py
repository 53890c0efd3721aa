"""The charts of a release: every picture drawn once, in the transaction that brings the release.

They are drawn in a separate process, which then ends: the libraries take some 190 MB, and a service that loads its
register at start should not keep that.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Connection, select

from app.charts.limits import MOST_COUNTED, TYPES_IN_YEARS, find_excesses, in_words, label_in
from app.charts.worker import Work
from app.db.tables import observations
from app.errors import MisconductError
from app.model.catalogue import Catalogue
from app.model.observation import Observation
from app.publish.files import store_file
from app.queries.charts import VEGA_EMBED, picture_path
from app.queries.filters import Filters, in_force

DRAWN_WITH = ("altair", "vl_convert", "PIL")


class CannotDraw(MisconductError):
    """The charts cannot be drawn: a library is not installed, or the process that draws ended."""


def build_charts(connection: Connection, catalogue: Catalogue, on_progress: Callable[[int, int], None]) -> list[str]:
    """Draw and store all charts of one release; `on_progress` gets the number of charts done and of all.

    Returns a warning for each chart that cannot be drawn and has a picture that says so in its place. Raises
    CannotDraw.
    """
    charts = list(catalogue.kind("chart").values())
    if not charts:
        return []
    _require_renderer()
    ordinal = catalogue.release.ordinal
    label, warnings = label_in(catalogue), list[str]()
    with _drawing_process() as ask:
        for done, chart in enumerate(charts, start=1):
            figures = _find(connection, chart, catalogue)
            if excesses := list(find_excesses(chart, figures, label)):
                release = catalogue.release.number
                warnings.append(f"chart {chart['id']!r} of release {release} cannot be drawn: {in_words(excesses)}")
            for name, media_type, content in ask((chart, figures, catalogue)):
                path = picture_path(chart["id"], name)
                store_file(connection, ordinal, path, media_type, io.BytesIO(content))
            on_progress(done, len(charts))
        script = ask(())
    store_file(connection, ordinal, VEGA_EMBED, "text/javascript", io.BytesIO(script))
    return warnings


@contextmanager
def _drawing_process() -> Iterator[Callable[[Work], Any]]:
    """Run the process that draws (app/charts/worker.py) for the block. Exceptions of the work are raised here."""
    command = [sys.executable, "-P", "-m", "app.charts.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        to, answers = process.stdin, process.stdout
        assert to is not None and answers is not None  # noqa: S101, PT018 (they are pipes)

        def ask(work: Work) -> Any:
            try:
                to.write(pickle.dumps(work))
                to.flush()
                is_done, made = pickle.load(answers)  # noqa: S301 (from a process of ours)
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                raise _explain_end(process) from error
            if not is_done:
                raise made
            return made

        try:
            yield ask
        finally:
            process.kill()
            with suppress(OSError):  # there may be unsent work
                to.close()


def _explain_end(process: subprocess.Popen[bytes]) -> CannotDraw:
    status = process.wait()
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return CannotDraw(
        f"The process that draws the charts {how}. Nothing was loaded.",
        hint="Memory may have run out: drawing takes some 300 MB. Load again when there is more.",
    )


def _require_renderer() -> None:
    if missing := [name for name in DRAWN_WITH if find_spec(name) is None]:
        raise CannotDraw(
            f"This register has charts, and {', '.join(missing)} is not installed.",
            hint="Load it where the extra `render` is installed: `make setup`, or pip install 'misconduct[render]'.",
        )


def _find(connection: Connection, chart: Mapping[str, Any], catalogue: Catalogue) -> list[Observation]:
    """Find the figures of a chart, as a listing with the same filters does; at most MOST_COUNTED."""
    conditions = Filters.read(chart["query"], catalogue, narrower=False).conditions()
    here = in_force(observations, catalogue.release.ordinal)
    found = select(*observations.c).where(here, *conditions).order_by(observations.c.id)
    if chart["mark"] != "bar":
        found = found.where(observations.c.period_type.in_(TYPES_IN_YEARS))
    rows = connection.execute(found.limit(MOST_COUNTED))
    return [Observation._make(row) for row in rows]
