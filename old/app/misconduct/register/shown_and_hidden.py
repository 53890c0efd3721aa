"""Report numbers that a case-level table hides, and that the register shows elsewhere: in another table or source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from misconduct.model.codes import DIMENSIONS
from misconduct.model.period import span
from misconduct.register.csv_files import Table
from misconduct.register.files import RegisterFile
from misconduct.register.ledger import Ledger
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

    What is released cannot be taken back, so one of the two must be a draft; and what has ended, with its table or
    without, or has another version by now, counts like what is in force. No number is in a message.
    """

    def __init__(
        self, tables: Sequence[WrittenRecord], files: Iterable[RegisterFile], ledger: Ledger, mistakes: Mistakes
    ) -> None:
        newest = {one.id: one for one in tables}
        self._tables = {slug: one for slug, one in newest.items() if one.content}  # one that is wrong was reported
        self._mistakes, self._ledger, self._next = mistakes, ledger, ledger.chain.draft
        counted = {one.content["source"] for one in tables if one.content and one.content["aggregate"]}
        self._hidden = self._find_hidden(file for file in files if file.stem in counted)
        self._alike = {about[: len(_ABOUT)] for about in self._hidden}
        self._shown: dict[tuple[str, str], list[_Shown]] = {}

    def _find_hidden(self, files: Iterable[RegisterFile]) -> dict[tuple[object, ...], dict[tuple[str, str], bool]]:
        """Return by what table, of what source, each number is hidden, by what it is of, and whether in a draft."""
        hidden = dict[tuple[object, ...], dict[tuple[str, str], bool]]()
        for file in files:
            for row in Table(file, COLUMNS, REQUIRED, Mistakes()).rows():
                cells = dict(zip(COLUMNS, row.cells, strict=True))
                if not cells["derivation"] or not cells["value_absent"]:
                    continue
                key = f"{cells['id']}@{cells['version']}"
                is_draft = key not in self._ledger or self._ledger.in_force(key).added_in == self._next
                with suppress(ValueError):  # what is wrong with a row is reported where it is read
                    days = span(cells["period_type"], cells["period_start"], cells["period_end"])
                    found = hidden.setdefault((*(cells[name] for name in _ABOUT), *days), {})
                    by = (cells["derivation"].partition("@")[0], file.stem)
                    found[by] = found.get(by, False) or is_draft
        return hidden

    def watch(self, batch: Batch) -> None:
        """Note which of these rows show a hidden number."""
        for row, o in zip(batch.rows, batch.observations, strict=True) if self._hidden else ():
            is_draft = o.added_in == self._next
            about = tuple(getattr(o, name) for name in _ABOUT)
            if about in self._alike and not o.value is o.value_low is o.value_high is None:
                own = ((o.derivation or "").partition("@")[0], o.source)
                place = Place(batch.table.file.name, row.line, 1)
                for by, is_draft_too in self._hidden.get((*about, o.period_from, o.period_until), {}).items():
                    if by != own and (is_draft or is_draft_too):
                        self._shown.setdefault((by[0], o.source), []).append(_Shown(place, o.id, is_draft))

    def check(self) -> None:
        """Report them once for two tables, if neither says why: where they are shown, or where a draft hides them."""
        for (hiding, source), shown in self._shown.items():
            beside = [one for one in self._tables.values() if one.content["source"] == source]
            beside.sort(key=lambda one: one.id == hiding)
            counting = self._tables.get(hiding)
            if not counting or any(one.content["shown_and_hidden"] for one in (counting, *beside)):
                continue
            if not any(one.is_draft for one in shown):
                place = counting.locate(("aggregate", "suppress"))
            else:
                place = beside[0].locate(("source",)) if beside else next(one.place for one in shown if one.is_draft)
            shown_of = {one.id for one in shown}  # whatever version
            number = "1 number" if len(shown_of) == 1 else f"{len(shown_of):,} numbers"
            found = f"the source {source} shows {number} that the table {hiding} hides, and others may follow from them"
            allowed = "both hidden, or neither; or, in one of the tables, shown_and_hidden: a sentence that says why"
            self._mistakes.report_at(place, Refused("shown_and_hidden", found, allowed))
