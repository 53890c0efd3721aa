"""The figures of a release in Parquet, typed and with labels: a file that can be used without the code lists."""

import io
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, SHOWN_COLUMNS, SOURCE_FIELDS, Row, complete_figures, with_label
from misconduct.releases.folder import Release

PARQUET_COLUMNS = tuple(one for name in SHOWN_COLUMNS if name != "cite_as" for one in with_label(COLUMNS[name]))
"""Every column that answers show except `cite_as`, which needs an address. Labels follow their codes."""


def encode_parquet(release: Release) -> bytes:
    """Encode the figures as a Parquet file that says which release it is of. Several values are joined by spaces."""
    import polars

    types = {"number": polars.Float64(), "day": polars.Date()}
    schema = {column.name: types.get(column.holds, polars.String()) for column in PARQUET_COLUMNS}
    catalogue = Catalogue(release.records)
    rows = [
        _label(row, catalogue) | {"release": release.number}
        for row in complete_figures(release.figures, release.records)
    ]
    frame = polars.from_dicts(sorted(rows, key=lambda row: str(row["id"])), schema=schema)
    content = io.BytesIO()
    about = {"source": "Misconduct Register", "release": release.number, "licence": "CC BY 4.0"}
    frame.write_parquet(content, metadata=about)
    return content.getvalue()


def _label(row: Row, catalogue: Catalogue) -> Row:
    """Return a figure with the labels of its codes and the fields of its source, and with lists as text."""
    source = catalogue.of_kind("source")[row["source"]]
    cells: dict[str, Any] = {name: source.get(field) for name, field in SOURCE_FIELDS.items()}
    for name, value in row.items():
        cells[name] = (" ".join(value) or None) if isinstance(value, list) else value
        if value and COLUMNS[name].codelist:
            cells[f"{name}_label"] = catalogue.label(name, value)
    return cells
