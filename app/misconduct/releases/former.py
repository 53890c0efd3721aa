"""What figures of releases before 4.0.0 count: their files have no indicators.

`former_indicators.json` was frozen with release 4.0.0. It has the indicators, what names call people, the order of
countries, and the ids of all figures of earlier releases by what they count, so that such a release can be read alone.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from misconduct.model.figure import Row
from misconduct.releases.folder import Release

_COUNTED = ("indicator", "subcategory", "scope", "base")
"""What the file has of each figure, whatever columns later say what a figure counts."""


@cache
def _read() -> Mapping[str, Any]:
    return dict(
        json.loads(
            Path(__file__).with_name("former_indicators.json").read_text("utf-8")
        )
    )


@cache
def _read_figures() -> Mapping[str, Row]:
    """Return what each figure counts, by its id."""
    found = dict[str, Row]()
    for *cells, ids in _read()["figures"]:
        counted = {
            name: cell or None for name, cell in zip(_COUNTED, cells, strict=True)
        }
        found |= dict.fromkeys(ids.split(), counted)
    return found


def add_indicators(release: Release) -> Release:
    """Return a release whose records, and whose figures, have indicators, if it has none."""
    if "indicator" in release.records:
        return release
    records = release.records | {"indicator": _read()["indicators"]}
    codes, added = records.get("code", {}), _read()["codes"]
    records["code"] = codes | {
        one: added[one] | codes[one] for one in added.keys() & codes.keys()
    }
    return replace(
        release, records=records, figures=[add_counted(row) for row in release.figures]
    )


def add_counted(row: Row) -> Row:
    """Return a figure of a release with what it counts, if it does not say so."""
    return row if row.get("indicator") else row | _read_figures().get(row["id"], {})
