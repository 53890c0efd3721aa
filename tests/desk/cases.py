"""Read tables of cases, which stand in YAML: rows of a spreadsheet, keys of a file, and what comes of them."""

from pathlib import Path

import yaml

from tests.desk.spreadsheets import Cell


def read_cases(module, name):
    """Return the cases of a test file. `{cell: …}` is a cell that a spreadsheet shows in its own way."""
    path = Path(__file__).parent / f"tables/{module.removeprefix('test_')}.yaml"
    return _revive(yaml.safe_load(path.read_text("utf-8"))[name])


def _revive(value):
    if isinstance(value, dict):
        if value.keys() == {"cell"}:
            return Cell(**value["cell"])
        return {key: _revive(one) for key, one in value.items()}
    return [_revive(one) for one in value] if isinstance(value, list) else value
