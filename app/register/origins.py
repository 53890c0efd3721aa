"""Where claims first stood: following origins from source to source must lead somewhere."""

from __future__ import annotations

from app.domain.observation import Observation
from app.register.mistakes import Refused, leads_to
from app.register.tables import Row, Table


class Origins:
    """Which source takes claims from which, each with the first row that says so."""

    def __init__(self) -> None:
        self._taken: dict[str, dict[str, tuple[Table, Row]]] = {}

    def watch(self, table: Table, rows: list[Row], observations: list[Observation]) -> None:
        """Notes where the claims of these rows come from."""
        for row, o in zip(rows, observations, strict=True):
            if o.origin != o.source:
                self._taken.setdefault(o.source, {}).setdefault(o.origin, (table, row))

    def check(self) -> None:
        """Reports each pair of sources that take claims from each other, in however many steps."""
        for source, origins in self._taken.items():
            for origin, (table, row) in origins.items():
                if leads_to(origin, source, self._taken):
                    found = f"following origins from {source!r} over {origin!r} leads back to {source!r}"
                    table.refuse(
                        row, "origin", Refused("origin_cycle", found, "the source where the claim first stood")
                    )
