"""Read tables of cases, which stand in YAML: rows of a spreadsheet, keys of a file, and what comes of them."""

from pathlib import Path

import yaml

from tests.desk.spreadsheets import Cell

TABLES = Path(__file__).parent / "tables"


def read_cases(path):
    """Return the cases of a file. `{cell: …}` is a cell that a spreadsheet shows in its own way."""
    return _revive(yaml.safe_load(path.read_text("utf-8")))


def read_all(folder):
    """Return each case of a folder's files with all cases of its file, by the file's name and its own."""
    files = {path.stem: read_cases(path) for path in (TABLES / folder).glob("*.yaml")}
    return {
        f"{stem}: {name}": (case, cases)
        for stem, cases in sorted(files.items())
        for name, case in cases.items()
    }


def _revive(value):
    if isinstance(value, dict):
        if value.keys() == {"cell"}:
            return Cell(**value["cell"])
        return {key: _revive(one) for key, one in value.items()}
    return [_revive(one) for one in value] if isinstance(value, list) else value
