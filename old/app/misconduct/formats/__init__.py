"""The formats an answer can have. A new one is one file and one row in FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, NamedTuple

from misconduct.formats.csv import encode_csv
from misconduct.formats.json import encode_json
from misconduct.formats.jsonl import encode_jsonl
from misconduct.formats.jsonstat import encode_jsonstat
from misconduct.formats.linked.atom import encode_atom
from misconduct.formats.parquet import encode_parquet
from misconduct.formats.picture import encode_png, encode_svg, encode_vega_lite
from misconduct.formats.xlsx import MOST_ROWS, encode_xlsx

Takes = Literal["document", "objects", "table", "chart"]


class Format(NamedTuple):
    """A format of answers.

    `encode` takes what `takes` says: the JSON document of the whole answer, the JSON objects of its rows, a `Table`, or
    a `Picture` of a chart.
    `encode_more` encodes further objects or rows, to be appended to the first; None if pieces cannot be joined, so that
    everything is encoded at once. `apart`: encoding takes so long that it runs in a separate process
    (`misconduct.api.encoder`). `is_compressed`: gzip would save nothing. `most_rows`: the limit of one answer;
    None: no limit of its own. `offered`: for every list and table, or only for charts, by-year tables, metadata, feeds
    or citations. `is_text`: generated clients read it as text. `extension`: the suffix of its addresses, if that is
    not its name.
    """

    name: str
    media_type: str
    content_type: str
    description: str
    takes: Takes
    encode: Callable[[Any], Iterable[bytes]]
    encode_more: Callable[[Any], Iterable[bytes]] | None = None
    apart: bool = False
    is_compressed: bool = False
    most_rows: int | None = None
    offered: Literal["lists", "charts", "by-year", "metadata", "feeds", "citations"] = "lists"
    is_text: bool = False
    extension: str = ""

    @property
    def suffix(self) -> str:
        """The suffix of addresses that return this format, without the dot."""
        return self.extension or self.name


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            "json",
            "application/json",
            "application/json",
            "One self-contained object per figure.",
            "document",
            lambda document: [encode_json(document)],
        ),
        Format(
            "csv",
            "text/csv",
            "text/csv; charset=utf-8; header=present",
            "One self-contained row per figure. `bom=1` for Excel.",
            "table",
            encode_csv,
            partial(encode_csv, header=False),
            is_text=True,
        ),
        Format(
            "jsonl",
            "application/jsonl",
            "application/jsonl",
            "One self-contained object per line.",
            "objects",
            encode_jsonl,
            encode_jsonl,
            is_text=True,
        ),
        Format(
            "parquet",
            "application/vnd.apache.parquet",
            "application/vnd.apache.parquet",
            "Typed columns; codes dictionary-encoded.",
            "table",
            encode_parquet,
            apart=True,
            is_compressed=True,
        ),
        Format(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Sheets of figures, columns, codes and sources.",
            "table",
            encode_xlsx,
            apart=True,
            is_compressed=True,
            most_rows=MOST_ROWS,
        ),
        Format(
            "svg",
            "image/svg+xml",
            "image/svg+xml",
            "A chart of all matching figures.",
            "chart",
            encode_svg,
            apart=True,
            offered="charts",
            is_text=True,
        ),
        Format(
            "png",
            "image/png",
            "image/png",
            "The chart as pixels, at double resolution.",
            "chart",
            encode_png,
            apart=True,
            is_compressed=True,
            offered="charts",
        ),
        Format(
            "vega-lite",
            "application/vnd.vegalite.v6+json",
            "application/vnd.vegalite.v6+json",
            "The chart as a Vega-Lite specification, with its figures in tidy columns, to restyle.",
            "chart",
            encode_vega_lite,
            apart=True,
            offered="charts",
            extension="vl.json",
        ),
        Format(
            "jsonstat",
            "application/json-stat+json",
            "application/json-stat+json",
            "A by-year table as a JSON-stat 2.0 dataset.",
            "document",
            encode_jsonstat,
            offered="by-year",
        ),
        Format(
            "sdmx",
            "application/vnd.sdmx.data+csv",
            "application/vnd.sdmx.data+csv; version=2.0.0",
            "A by-year table as SDMX-CSV 2.0; its structure is at /v1/structure.xml.",
            "table",
            encode_csv,
            partial(encode_csv, header=False),
            offered="by-year",
        ),
        Format(
            "jsonld",
            "application/ld+json",
            "application/ld+json",
            "Linked data: the metadata of datasets and releases.",
            "document",
            lambda document: [encode_json(document)],
            offered="metadata",
        ),
        Format(
            "atom",
            "application/atom+xml",
            "application/atom+xml",
            "A feed (RFC 4287): an entry for each release, with what it changed.",
            "document",
            lambda document: [encode_atom(document)],
            offered="feeds",
            is_text=True,
        ),
        Format(
            "bib",
            "application/x-bibtex",
            "application/x-bibtex; charset=utf-8",
            "A citation for BibTeX.",
            "document",
            lambda document: [document["data"]["bibtex"].encode()],
            offered="citations",
            is_text=True,
        ),
        Format(
            "ris",
            "application/x-research-info-systems",
            "application/x-research-info-systems; charset=utf-8",
            "A citation for reference managers (RIS).",
            "document",
            lambda document: [document["data"]["ris"].encode()],
            offered="citations",
            is_text=True,
        ),
        Format(
            "csl",
            "application/vnd.citationstyles.csl+json",
            "application/vnd.citationstyles.csl+json",
            "A citation for reference managers: a list of one CSL-JSON item.",
            "document",
            lambda document: [encode_json([document["data"]["csl"]])],
            offered="citations",
            is_text=True,
            extension="json",
        ),
    )
}
"""Every format by its suffix, the default first."""

EVERYWHERE = tuple(name for name, form in FORMATS.items() if form.offered == "lists")
"""The formats that every list and table has."""

SUFFIXES = frozenset(form.suffix for form in FORMATS.values()) | FORMATS.keys()
"""What an address may end with to name a format, without the dot."""

CHART_FORMATS = tuple(name for name, form in FORMATS.items() if form.offered == "charts")
FIGURE_FORMATS = (*EVERYWHERE, *CHART_FORMATS)
BY_YEAR_FORMATS = (*FIGURE_FORMATS, *(name for name, form in FORMATS.items() if form.offered == "by-year"))
FEED_FORMATS = (*EVERYWHERE, *(name for name, form in FORMATS.items() if form.offered == "feeds"))
CITATION_FORMATS = ("json", *(name for name, form in FORMATS.items() if form.offered == "citations"))
