"""Small registers for tests, written as plain-text tables.

    write_register(tmp_path / "data", '''
        category       | year | value | printed
        sexual_assault | 2021 |   116 |
        sexual_assault | 2022 |       | Hundreds
    ''')
    seal(tmp_path / "data", "1.0.0", "2024-05-01")

Whatever a table leaves out has a default that makes it valid; whatever it names (codes, sources, caveats) is written
with it. Ids follow from the order of the rows, so a table with rows added below releases the same records again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from misconduct.model.codes import CLOSED_LISTS, CODED
from misconduct.register.make_release import parse_decision, propose_release, write_release
from misconduct.register.observation_columns import COLUMNS, FIRST_LETTERS

SOURCE = "paper"
DEFAULTS = {
    "version": "1",
    "source": SOURCE,
    "measure": "accused",
    "statistic": "count",
    "category": "any_misconduct",
    "area": "E23000001",
    "population": "officers",
    "counting_unit": "people",
    "unit": "count",
    "qualifier": "exact",
    "obs_status": "A",
    "stated_by": "force",
}
DATASETS = {"accused": "allegations", "suspended": "duty-status"}
LISTS = (*CODED, "not_statistic_reason")
REASONS = ("definition", "population", "rounding", "unknown")


def observation_id(index: int) -> str:
    """The id of the row with that index, from 0: `bbbbb`, `bbbbc`, …"""
    digits = ""
    for _ in range(5):
        index, rest = divmod(index, len(FIRST_LETTERS))
        digits = FIRST_LETTERS[rest] + digits
    return digits


def chart_file(**more: Any) -> dict[str, str]:
    """The file of a register that has one chart, of all figures."""
    written = {
        "id": "shown",
        "version": 1,
        "title": "What was counted",
        "description": "All figures.",
        "mark": "bar",
        "query": {"measure": ["accused"]},
    }
    return {"charts.yaml": json.dumps([written | more])}


def read_table(text: str) -> list[dict[str, str]]:
    """The rows of a table whose cells are parted by `|`; the first line has the columns."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    return [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]


def write_register(path: Path, observations: str = "", **files: str) -> Path:
    """Writes a register of drafts beside the releases that `path` has; returns `path`.

    Beside the columns of docs/register.md the table may have `source` and `year`. `files` replace or add files by
    their name: `**{"caveats.yaml": "…"}`.
    """
    rows = [complete(row, index) for index, row in enumerate(read_table(observations))]
    for name, text in {**_contents(rows), **files}.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return path


def complete(row: Mapping[str, str], index: int) -> dict[str, str]:
    """A row with every column, from what the table says and the defaults."""
    given = {column: cell for column, cell in row.items() if cell}
    year = given.pop("year", None) or (None if "period_type" in given else "2022")
    full = {
        "id": observation_id(index),
        **DEFAULTS,
        **({"period_type": "year", "period_start": year} if year else {}),
        **given,
    }
    full.setdefault("origin", full["source"])
    if "derivation" in full:  # printed nowhere, and stated by nobody
        return {name: cell for name, cell in full.items() if name not in ("qualifier", "stated_by") or name in given}
    if "printed" not in full:
        full["printed"] = (
            f"{int(full['value']):,}" if full.get("value", "").isdigit() else full.get("value", "Hundreds")
        )
    if "value" not in full and "value_absent" not in full:
        full |= {"value_absent": "magnitude_only"} | ({} if "qualifier" in given else {"qualifier": "magnitude"})
    for place, words, offset in (
        ("at", "printed", 0),
        ("hedge_at", "hedge", 300),
        ("period_at", "period_printed", 600),
    ):
        start = 1000 * index + offset
        if full.get(words):
            full.setdefault(place, f"char={start},{start + len(full[words])}")
    return full


def seal(
    path: Path, number: str | None = None, released: str = "2024-05-01", *, summary: str = "A release.",
    ended: Iterable[str] = (), removed: Iterable[str] = (), reasons: Iterable[str] = (),
) -> Path:  # fmt: skip
    """Releases every draft of a register; the decisions are as on the command line (`bbbbb=withdrawn`)."""
    decisions = [parse_decision("ended", text) for text in ended]
    decisions += [parse_decision("removed", text) for text in removed]
    decisions += [parse_decision("added", text) for text in reasons]
    return write_release(path, propose_release(path, decisions), summary, date.fromisoformat(released), number)


def disagreement_reasons() -> dict[str, str]:
    """The file of the list that only registers with disagreements need."""
    return {"codelists/disagreement_reason.csv": _code_list(REASONS)}


def as_csv(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as a CSV text with these columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _contents(rows: list[dict[str, str]]) -> dict[str, str]:
    by_source: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    origins = {row["origin"] for row in rows} | {SOURCE}
    caveats = {caveat for row in rows for caveat in row.get("caveats", "").split()}
    measures = _codes(rows, "measure")
    return {
        **{f"codelists/{name}.csv": _code_list(_codes(rows, name)) for name in LISTS},
        **{f"sources/{slug}.yaml": source_text(slug, held=slug in by_source) for slug in {*by_source, *origins}},
        **{f"observations/{slug}.csv": as_csv(COLUMNS, own) for slug, own in by_source.items()},
        "caveats.yaml": json.dumps([{"id": name, "version": 1, "text": f"About {name}."} for name in sorted(caveats)]),
        "datasets.yaml": json.dumps([_dataset(measure) for measure in measures]),
    }  # fmt: skip


def _dataset(measure: str) -> dict[str, object]:
    """One dataset for each measure, so that a further measure never changes a dataset that was released."""
    slug = DATASETS.get(measure, measure.replace("_", "-"))
    return {
        "id": slug,
        "version": 1,
        "title": slug.capitalize(),
        "description": f"Who was {measure}.",
        "measures": [measure],
    }


def _codes(rows: list[dict[str, str]], name: str) -> list[str]:
    """The codes that a list needs: all of a closed one, else the default and those that the rows use."""
    if name in CLOSED_LISTS:
        return [*CLOSED_LISTS[name]]
    defaults = {"not_statistic_reason": "date"} | DEFAULTS
    return sorted({defaults[name], *(row[name] for row in rows if row.get(name))})


def _code_list(codes: Iterable[str]) -> str:
    columns = ("code", "version", "label", "definition", "broader", "defined_by")
    labels = {code: code.replace("_", " ").capitalize() for code in codes}
    return as_csv(columns, [{"code": code, "version": "1", "label": label, "definition": f"{label}.", "defined_by": "The tests"} for code, label in labels.items()])  # fmt: skip


def source_text(slug: str, *, held: bool = True, **keys: object) -> str:
    """A source of which only the address is unknown, or, where it was not held, that is only named."""
    identity = {"id": slug, "version": 1, "title": slug.replace("-", " ").capitalize(), "held": held}
    if held:
        copy = {"media_type": "text/plain", "language": "en", "length": 1_000_000, "sha256": "0" * 64}
        identity |= copy | {
            "publisher": "The publisher",
            "notes": dict.fromkeys(("byline", "published", "url", "licence", "retrieved"), "Not known."),
        }
    else:
        unknown = ("publisher", "byline", "published", "url", "media_type", "language", "licence")
        identity |= {"notes": dict.fromkeys(unknown, "Only quoted.")}
    return json.dumps(identity | keys, indent=1)
