"""Collect the mistakes in a table and its file, each message once."""

from collections import defaultdict
from dataclasses import dataclass, field

from misconduct.register.tables.layout import LayoutFile
from misconduct.register.yaml_files import KeyPath


@dataclass
class Mistakes:
    """Messages with their places: lines in the file, and cells in the document."""

    file: LayoutFile
    document: str
    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def at_key(self, path: KeyPath, message: str) -> None:
        """Report a mistake at a key of the file."""
        here = self.file.places.mistake(path, "")
        self.places[message].append(f"{here.file}:{here.line}:{here.column}")

    def at_place(self, place: str, message: str) -> None:
        """Report a mistake at a place of the document."""
        self.places[message].append(f"{self.document}#{place}")

    @property
    def lines(self) -> list[str]:
        """Return a line for each message, with its first place and the number of other places."""
        return [f"{here[0]}: {message}{_count_others(here)}" for message, here in self.places.items()]


def _count_others(places: list[str]) -> str:
    others = len({*places}) - 1
    return f" (and {others} more places, such as {places[-1]})" if others else ""
