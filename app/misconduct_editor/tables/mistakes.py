"""Collect the mistakes in a table and its file: one line for each cause, with its first place."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..register.cells import name_cell
from ..register.layout import LayoutFile
from ..register.yaml_files import KeyPath
from .grid import Grid


def join_alike(found: Iterable[tuple[str, str]], noun: str) -> Iterator[str]:
    """Yield each message with its first place and the number of others."""
    places = defaultdict[str, list[str]](list)
    for place, message in found:
        places[message].append(place)
    yield from (_tell(message, several, noun) for message, several in places.items())


def _tell(message: str, places: list[str], noun: str) -> str:
    others = len(places) - 1
    noun = noun.replace("s", "", 1) if others == 1 else noun
    return f"{places[0]}: {message}{f' (and {others:,} more {noun}, such as {places[-1]})' if others else ''}"


REVISED = "revised"
"""The name of the question that is asked when figures are compared with those of the edition before."""


def write_key(name: str) -> str:
    """Write a text as a key of YAML."""
    return (
        name
        if re.fullmatch(r"\w[\w .-]*", name)
        else json.dumps(name, ensure_ascii=False)
    )


@dataclass
class Mistakes:
    """Messages with their places, by all of them but the text of a cell. `asked` has the names of questions."""

    file: LayoutFile
    document: str
    asked: set[str] = field(default_factory=set)
    by_cause: dict[str, dict[tuple[int, int] | str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def at_key(self, path: KeyPath, message: str) -> None:
        here = self.file.places.mistake(path, "")
        self.by_cause[message].setdefault(
            f"{here.file}:{here.line}:{here.column}", message
        )

    def at_cell(
        self, grid: Grid, row: int, column: int, message: str, text: str = ""
    ) -> None:
        """Report a mistake at a cell, whose text the message may quote."""
        cause = message.replace(repr(text), "") if text else message
        where: tuple[int, int] | str | None = grid.find(row, column)
        if where is None and self.file.script:
            where = f"tables/{self.file.script.name}:1:1"
        if where:
            self.by_cause[cause].setdefault(where, message)

    def ask(self, name: str, path: KeyPath, question: str) -> None:
        """Report what may be a mistake, unless the editor is sure, and says why."""
        is_new = name not in self.asked
        self.asked.add(name)
        if name in self.file.layout.sure or not is_new:
            return
        answer = f"if it is right, write sure: {{{write_key(name)}: why}}"
        self.at_key(path, f"{question}; {answer}")

    def check_answers(self) -> None:
        """Report answers to what is not asked."""
        for name in self.file.layout.sure.keys() - self.asked - {REVISED}:
            self.at_key(("sure", name), f"{name!r} is not asked about: leave it out")

    @property
    def lines(self) -> list[str]:
        return [*map(self._describe, self.by_cause.values())]

    def _describe(self, found: dict[tuple[int, int] | str, str]) -> str:
        cells = [place for place in found if not isinstance(place, str)]
        names = [
            place if isinstance(place, str) else name_cell(*place) for place in found
        ]
        if next(iter(found)) in cells:
            names[0] = f"{self.document}#{names[0]}"
        return _tell(next(iter(found.values())), names, "cells" if cells else "places")
