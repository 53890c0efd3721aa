"""The charts of a release: every picture drawn once, in the transaction that brings the release.

They are drawn in a process of their own, which ends with them: what draws takes some 190 MB, and a service that loads
its register when it starts should not keep that.
"""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Connection, select

from app.charts.process import Work, bundle_vega_embed, draw_chart
from app.db.tables import observations
from app.domain.catalogue import Catalogue
from app.domain.observation import Observation
from app.errors import MisconductError
from app.publish.files import store_file
from app.queries.charts import VEGA_EMBED, picture_path
from app.queries.filters import Filters, code_filters, in_force

DRAWN_WITH = ("altair", "vl_convert", "PIL")


class CannotDraw(MisconductError):
    """A register has charts, and what draws them is not installed."""


def build_charts(
    connection: Connection, catalogue: Catalogue, base_url: str, on_progress: Callable[[int, int], None]
) -> None:
    """Draws and stores all charts of one release; `on_progress` is told charts done and charts in all.

    Raises CannotDraw, or ChartTooLarge.
    """
    charts = list(catalogue.kind("chart").values())
    if not charts:
        return
    _require_renderer()
    work: list[Work] = [(chart, _find(connection, chart, catalogue), catalogue, base_url) for chart in charts]
    ordinal = catalogue.release.ordinal
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        for done, (chart, pictures) in enumerate(zip(charts, process.map(draw_chart, work), strict=True), start=1):
            for name, media_type, content in pictures:
                path = picture_path(chart["id"], name)
                store_file(connection, ordinal, path, media_type, io.BytesIO(content))
            on_progress(done, len(charts))
        script = process.submit(bundle_vega_embed).result()
    store_file(connection, ordinal, VEGA_EMBED, "text/javascript", io.BytesIO(script))


def _require_renderer() -> None:
    if missing := [name for name in DRAWN_WITH if find_spec(name) is None]:
        raise CannotDraw(
            f"This register has charts, and {', '.join(missing)} is not installed.",
            hint="Load it where the extra `render` is installed: `make setup`, or pip install 'misconduct[render]'.",
        )


def _find(connection: Connection, chart: Mapping[str, Any], catalogue: Catalogue) -> list[Observation]:
    """The figures of a chart, as the listing with the same filters has them."""
    conditions = Filters(codes=tuple(code_filters(chart["query"], catalogue))).conditions()
    here = in_force(observations, catalogue.release.ordinal)
    rows = connection.execute(select(*observations.c).where(here, *conditions).order_by(observations.c.id))
    return [Observation._make(row) for row in rows]
