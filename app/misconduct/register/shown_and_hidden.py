"""Report numbers that a case-level table hides, and that the register shows elsewhere: in another table or source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from misconduct.model.codes import DIMENSIONS
from misconduct.model.observation import OPEN
from misconduct.model.period import span
from misconduct.register.csv_files import Table, parse_version
from misconduct.register.files import RegisterFile
from misconduct.register.ledger import InForce, Ledger
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.observation_columns import COLUMNS, REQUIRED
from misconduct.register.observations import Batch
from misconduct.register.records import WrittenRecord

_ABOUT = (*DIMENSIONS, "unit")
"""What two figures of the same days have in common if they are of the same thing. It may be two who state it."""


class _Shown(NamedTuple):
    """A figure whose number is hidden elsewhere: its row, its id, and whether it is a draft."""

    place: Place
    id: str
    is_draft: bool


class ShownAndHidden:
    """Find the few hidden numbers first, so that no other figure is kept while all are read.

    What is released cannot be taken back, so one of the two must be a draft. No number is in a message.
    """

    def __init__(
        self, tables: Iterable[WrittenRecord], files: Iterable[RegisterFile], ledger: Ledger, mistakes: Mistakes
    ) -> None:
        newest = {one.id: one for one in tables}
        self._tables = {slug: one for slug, one in newest.items() if one.content}  # one that is wrong was reported
        self._mistakes, self._next = mistakes, ledger.chain.draft
        counted = {table.content["source"] for table in self._tables.values() if table.content["aggregate"]}
        versions: dict[str, tuple[int, dict[str, str]]] = {}
        for file in files:
            for row in Table(file, COLUMNS, REQUIRED, Mistakes()).rows() if file.stem in counted else ():
                cells = dict(zip(COLUMNS, row.cells, strict=True))
                with suppress(Refused):  # what is wrong with a row is reported where it is read
                    one = (parse_version(cells["version"]), cells)
                    versions[cells["id"]] = max(one, versions.get(cells["id"], one), key=lambda pair: pair[0])
        self._hidden = dict(self._find_hidden((cells for _, cells in versions.values()), ledger))
        self._alike = {about[: len(_ABOUT)] for about in self._hidden}
        self._shown: dict[tuple[str, str], list[_Shown]] = {}
        self._revised = set[str]()

    def _find_hidden(
        self, rows: Iterable[dict[str, str]], ledger: Ledger
    ) -> Iterator[tuple[tuple[object, ...], tuple[str, bool]]]:
        """Yield what each hidden number is of, with its table and whether it is a draft."""
        for cells in rows:
            key = f"{cells['id']}@{cells['version']}"
            in_force = ledger.in_force(key) if key in ledger else InForce(self._next, OPEN)
            if cells["derivation"] and cells["value_absent"] and in_force.ended_in == OPEN:
                with suppress(ValueError):
                    days = span(cells["period_type"], cells["period_start"], cells["period_end"])
                    about = (*(cells[name] for name in _ABOUT), *days)
                    yield about, (cells["derivation"].partition("@")[0], in_force.added_in == self._next)

    def watch(self, batch: Batch) -> None:
        """Note which of these rows show a hidden number."""
        for row, o in zip(batch.rows, batch.observations, strict=True) if self._hidden else ():
            is_draft = o.added_in == self._next
            if is_draft and o.version > 1:
                self._revised.add(o.id)
            about = tuple(getattr(o, name) for name in _ABOUT)
            if about in self._alike and o.value is not None and o.ended_in == OPEN:
                table, is_draft_too = self._hidden.get((*about, o.period_from, o.period_until), ("", False))
                if table and table != (o.derivation or "").partition("@")[0] and (is_draft or is_draft_too):
                    place = Place(batch.table.file.name, row.line, 1)
                    self._shown.setdefault((table, o.source), []).append(_Shown(place, o.id, is_draft))

    def check(self) -> None:
        """Report them once for two tables, if neither says why: where they are shown, or where a draft hides them."""
        for (hiding, source), rows in self._shown.items():
            shown = [one for one in rows if one.is_draft or one.id not in self._revised]
            beside = [one for one in self._tables.values() if one.content["source"] == source and one.id != hiding]
            counting = self._tables.get(hiding)
            if not shown or not counting or any(one.content["shown_and_hidden"] for one in (counting, *beside)):
                continue
            if not any(one.is_draft for one in shown):
                place = counting.locate(("aggregate", "suppress"))
            else:
                place = beside[0].locate(("source",)) if beside else next(one.place for one in shown if one.is_draft)
            number = "1 number" if len(shown) == 1 else f"{len(shown):,} numbers"
            found = f"the source {source} shows {number} that the table {hiding} hides, and others may follow from them"
            allowed = "both hidden, or neither; or, in one of the tables, shown_and_hidden: a sentence that says why"
            self._mistakes.report_at(place, Refused("shown_and_hidden", found, allowed))
