"""The rows of the newest release's table, and what draws them, without a service."""

import csv
from collections import defaultdict
from datetime import date
from typing import NamedTuple

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.points import read_row
from misconduct.pictures.form import choose
from misconduct.pictures.words import Said, compose
from misconduct.releases.folder import read_records
from tests.conftest import NEWEST, ROOT

ADDRESS = "https://register.example/v1/indicators/x"


class Register(NamedTuple):
    """The rows of the table by their indicator, and the records of their release."""

    rows: dict
    view: ReleaseView

    def find(self, indicator, areas=(), year=None, *, by_kind=False, **cells):
        """Return rows of an indicator: of its default table, or also of kinds."""
        return [
            row
            for row in self.rows[indicator]
            if (row["default"] or (by_kind and row["scope"] == "all"))
            and (not areas or row["area_code"] in areas)
            and year in (None, row["year"])
            and all(row[name] == cell for name, cell in cells.items())
        ]

    def find_broken(self):
        """Return complaints in England and Wales on both sides of February 2020."""
        return [
            row
            for row in self.rows["complaints"]
            if (row["area_code"], row["kind"], row["statistic"])
            == ("gb_eaw", "all", "count")
        ]

    def choose(self, rows):
        return choose(rows, self.view.catalogue)

    def compose(self, rows, **said):
        """Return what a picture of rows draws; None if it is refused."""
        choice = self.choose(rows)
        said = Said(ADDRESS, total=len(rows), **said)
        return choice and compose(choice, said, self.view)


@pytest.fixture(scope="session")
def register():
    folder = ROOT / "data/releases" / NEWEST
    rows = defaultdict(list)
    with (folder / "table.csv").open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            rows[cells["indicator"]].append(read_row(cells))
    catalogue = Catalogue(read_records(folder))
    return Register(
        rows, ReleaseView(NEWEST, catalogue, "https://x.example", date(2026, 1, 1))
    )
