"""The figures of a release in Parquet, typed and with labels: a file that can be used without the code lists."""

import io

from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView, cells, table_columns
from misconduct.model.figure import SHOWN_COLUMNS, complete_figures
from misconduct.releases.folder import Release

_NAMES = tuple(name for name in SHOWN_COLUMNS if name != "cite_as")
PARQUET_COLUMNS = tuple(table_columns(_NAMES, has_labels=True))
"""Every column that answers show except `cite_as`, which needs an address. Labels follow their codes."""


def encode_parquet(release: Release) -> bytes:
    """Encode the figures as a Parquet file that says which release it is of. Several values are joined by spaces."""
    import polars

    types = {"number": polars.Float64(), "day": polars.Date()}
    schema = {column.name: types.get(column.holds, polars.String()) for column in PARQUET_COLUMNS}
    view = ReleaseView(release.number, Catalogue(release.records), "")
    rows = [
        [
            (" ".join(cell) or None) if isinstance(cell, list) else cell
            for cell in cells(row, _NAMES, view, has_labels=True)
        ]
        for row in complete_figures(sorted(release.figures, key=lambda row: str(row["id"])), release.records)
    ]
    content = io.BytesIO()
    about = {"source": "Misconduct Register", "release": release.number, "licence": "CC BY 4.0"}
    about["how_to_cite"] = release.citation
    polars.DataFrame(rows, schema, orient="row").write_parquet(content, metadata=about)
    return content.getvalue()
