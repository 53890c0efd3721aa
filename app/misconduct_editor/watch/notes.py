"""Note what addresses answered, and which documents were told of: `watched.csv`, beside the data and no part of it."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Note(NamedTuple):
    """An address that was read, or a document that was told of, and since when it is as it is."""

    address: str
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    day: str = ""


class Notes:
    """The notes of all runs."""

    def __init__(self, folder: Path) -> None:
        self._path, self._notes = folder / "watched.csv", dict[str, Note]()
        if self._path.exists():
            with self._path.open(encoding="utf-8", newline="") as file:
                notes = [Note(*row) for row in csv.reader(file)]
            self._notes = {note.address: note for note in notes[1:]}

    def __contains__(self, address: str) -> bool:
        return address in self._notes

    def get(self, address: str) -> Note:
        return self._notes.get(address, Note(address))

    def keep(self, notes: Iterable[Note]) -> None:
        """Write the notes at once, so that an interruption loses nothing."""
        self._notes |= {note.address: note for note in notes}
        table = csv.writer(text := io.StringIO(), lineterminator="\n")
        table.writerow(Note._fields)
        table.writerows(self._notes[address] for address in sorted(self._notes))
        write_whole(self._path, text.getvalue().encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_name(f".{path.name}")
    begun.write_bytes(content)
    begun.replace(path)
