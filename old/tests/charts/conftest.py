"""Figures with the catalogue of their release, read from a register without a database."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.observation import Observation
from misconduct.register.mistakes import Mistakes
from misconduct.register.reader import read_register
from tests.conftest import PROJECT


class Release(NamedTuple):
    """The figures of a release by their ids, and everything else that it has."""

    figures: dict[str, Observation]
    catalogue: Catalogue

    def choose(self, *ids: str) -> list[Observation]:
        return [self.figures[one] for one in ids]

    def members(self, disagreement: str) -> list[Observation]:
        return self.choose(*self.catalogue.kind("disagreement")[disagreement]["members"])


def read_release(path: Path, *, drafts: bool = False) -> Release:
    """The last release of a register; with `drafts`, of what is released next."""
    found, mistakes = list[Observation](), Mistakes()
    register = read_register(path, mistakes, drafts=drafts, on_batch=lambda batch: found.extend(batch.observations))
    assert mistakes.total == 0
    last = register.releases[-1]
    catalogue = Catalogue.assemble(
        last,
        (one for one in register.records if one.added_in <= last.ordinal < one.ended_in),
        (one for one in register.assessments if one.release == last.ordinal),
        {one.ordinal: one.number for one in register.releases},
    )
    return Release({o.id: o for o in found if o.added_in <= last.ordinal < o.ended_in}, catalogue)


@pytest.fixture(scope="session")
def released() -> Release:
    """The real register."""
    return read_release(PROJECT / "data")
