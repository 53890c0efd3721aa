"""Observations without a register, written as plain-text tables, for tests of what is only computed.

    figures = observe('''
        id    | counting_unit | value
        bbbb2 | people        | 196
    ''')
    figures["bbbb2"].value == 196

Cells have the defaults of `tests.registers`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import CODED
from misconduct.model.kinds import KINDS
from misconduct.model.number_words import read_bounds
from misconduct.model.observation import OPEN, Observation
from misconduct.model.period import span, year_of
from misconduct.model.records import Release
from tests.registers import complete, read_table


class Compared(str):
    """A code that counts with how many others codes are compared."""

    times = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return str.__eq__(self, other)


def observe(table: str) -> dict[str, Observation]:
    """The observations of a table by their ids."""
    return {o.id: o for o in (_observation(row, index) for index, row in enumerate(read_table(table)))}


def describe(figures: dict[str, Observation]) -> Catalogue:
    """What labels and sources the figures need: `any_misconduct` is *Any misconduct*, `paper` is *Paper*."""
    codes = {
        name: {code: {"label": _label(code)} for o in figures.values() if (code := getattr(o, name))} for name in CODED
    }
    slugs = {slug for o in figures.values() for slug in (o.source, o.origin)}
    sources = {slug: KINDS["source"].blank | {"id": slug, "title": _label(slug)} for slug in slugs}
    release = Release(1, "1.0.0", date(2024, 5, 1), "", "")
    return Catalogue(release, {"source": sources}, {1: "1.0.0"}, codes)


def _label(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").capitalize()


def _observation(row: dict[str, str], index: int) -> Observation:
    cells = complete(row, index)
    period = (cells["period_type"], cells.get("period_start", ""), cells.get("period_end", ""))
    first, last = span(*period)
    value = Decimal(cells["value"]) if "value" in cells else None
    bounds = read_bounds(value, cells["qualifier"], cells["printed"], cells["statistic"], cells["unit"])
    known = {name: cells.get(name) for name in Observation._fields} | {
        "version": 1,
        "value": value,
        "also_at": cells.get("also_at", "").split(),
        "caveats": cells.get("caveats", "").split(),
        "period_from": first,
        "period_until": last,
        **dict(zip(("year", "year_basis"), year_of(*period), strict=True)),
        **dict(zip(("value_low", "value_high"), bounds, strict=True)),
        "sha256": b"",
        "added_in": 1,
        "ended_in": OPEN,
    }
    return Observation(**known)
