"""Collect the mistakes in a table and its file: one line for each cause, with its first place."""

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


@dataclass
class Mistakes:
    """Messages with their places, by all of them but the text of a cell."""

    file: LayoutFile
    document: str
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
        if grid.is_counted:
            self.at_key(("count",), message)
        else:
            self.by_cause[
                message.replace(repr(text), "") if text else message
            ].setdefault((row, column), message)

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
