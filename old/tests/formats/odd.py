"""One register of odd texts, and what every format must give back of it, typed by hand.

Formulas, commas, quotes, line breaks, the separators of our own lists, right-to-left and astral characters stand in
every kind of text that an answer carries: titles, notes, labels, hedges, printed words, caveats.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.conftest import create_database, drop_database, urls_of
from tests.registers import LISTS, as_csv, seal, source_text, write_register
from tests.serving import Served, serve

OBSERVATIONS = """
    id    | category | statistic | unit       | period_type | period_start | period_end | value   | value_absent   | printed       | qualifier | hedge                        | period_printed      | obs_status | caveats
    bbbb2 | racism   | count     | count      | year        | 2021         |            | 1492    |                | 1,492         | exact     |                              | 2021                | A          |
    bbbb3 | racism   | count     | count      | year        | 2022         |            | 0       |                | 0             | exact     |                              |                     | A          |
    bbbb4 | racism   | count     | count      | year        | 2023         |            |         | magnitude_only | Hundreds      | magnitude |                              |                     | P          | formula
    bbbb5 | racism   | count     | count      | year        | 2024         |            | 1000    |                | 1,000         | about     | =nearly, "they" say          |                     | E          | formula parted
    bbbb6 | racism   | count     | count      | window      | 2020         | 2024       | 9440    |                | 9,440         | more_than | @more than; -1+1             | +the last, "5" years | A         | parted
    bbbb7 | racism   | change    | percent    | year        | 2021         |            | -3      |                | -3%           | exact     |                              |                     | A          |
    bbbb8 | racism   | change    | percent    | year        | 2022         |            | -0.5    |                | −0.5%         | just_under | שלום 𝟙                      |                     | A          |
    bbbb9 | racism   | share     | proportion | year        | 2021         |            | 0.00001 |                | one in 100000 | exact     |                              |                     | A          |
    bbbbb | racism   | mean      | count      | year        | 2021         |            | -12     |                | -12           | exact     |                              |                     | A          |
"""

TITLE = '=HYPERLINK("http://example.org/?a="&A1,"press")'
PUBLISHER = '+The "Daily, Odd" Paper;=1+1'
BYLINE = "-An Author\nand @another"
NOTE_ON_URL = '@not known | "they" say\n=1+1'
CATEGORY = '\u05e9\u05dc\u05d5\u05dd \u0639\u0627\u0644\u0645, "𝟙🚓"'
STATED_BY = "-2+3+cmd|' /C calc'!A0"
FORMULA = "=cmd|' /C calc'!A0; \u200fשלום\u200f\n-one\t=two"
PARTED = "Two | parts || and \"quotes\", 'more' |"

LABELS = {("category", "racism"): CATEGORY, ("stated_by", "force"): STATED_BY}
NOTES = {
    "byline": "As printed.",
    "published": "Not known.",
    "url": NOTE_ON_URL,
    "licence": "Not known.",
    "retrieved": "Not known.",
}


def odd_files() -> dict[str, str]:
    """The files that hold the odd texts, for `write_register`."""
    caveats = [
        {"id": "formula", "version": 1, "text": FORMULA},
        {"id": "parted", "version": 1, "text": PARTED},
    ]
    files = {f"codelists/{name}.csv": _code_list(name) for name in ("category", "stated_by")}
    files["caveats.yaml"] = json.dumps(caveats, ensure_ascii=False)
    files["sources/paper.yaml"] = source_text(
        "paper",
        title=TITLE,
        publisher=PUBLISHER,
        byline=BYLINE,
        notes=NOTES,
        retrieved="2024-03-05",
        published="2024-03",
    )
    return files


def _code_list(name: str) -> str:
    assert name in LISTS
    rows = [
        {"code": code, "version": "1", "label": label, "definition": label, "defined_by": "The tests"}
        for (of, code), label in LABELS.items()
        if of == name
    ]
    return as_csv(("code", "version", "label", "definition", "broader", "defined_by"), rows)


RELEASE = "1.0.0"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

FIGURES: dict[str, dict[str, Any]] = {
    "bbbb2": {"value": 1492, "value_absent": None, "printed": "1,492", "qualifier": "exact", "hedge": None, "obs_status": "A", "period_printed": "2021", "caveats": []},
    "bbbb3": {"value": 0, "value_absent": None, "printed": "0", "qualifier": "exact", "hedge": None, "obs_status": "A", "period_printed": None, "caveats": []},
    "bbbb4": {"value": None, "value_absent": "magnitude_only", "printed": "Hundreds", "qualifier": "magnitude", "hedge": None, "obs_status": "P", "period_printed": None, "caveats": [FORMULA]},
    "bbbb5": {"value": 1000, "value_absent": None, "printed": "1,000", "qualifier": "about", "hedge": "=nearly, \"they\" say", "obs_status": "E", "period_printed": None, "caveats": [FORMULA, PARTED]},
    "bbbb6": {"value": 9440, "value_absent": None, "printed": "9,440", "qualifier": "more_than", "hedge": "@more than; -1+1", "obs_status": "A", "period_printed": "+the last, \"5\" years", "caveats": [PARTED]},
    "bbbb7": {"value": -3, "value_absent": None, "printed": "-3%", "qualifier": "exact", "hedge": None, "obs_status": "A", "period_printed": None, "caveats": []},
    "bbbb8": {"value": -0.5, "value_absent": None, "printed": "−0.5%", "qualifier": "just_under", "hedge": "שלום 𝟙", "obs_status": "A", "period_printed": None, "caveats": []},
    "bbbb9": {"value": 0.00001, "value_absent": None, "printed": "one in 100000", "qualifier": "exact", "hedge": None, "obs_status": "A", "period_printed": None, "caveats": []},
    "bbbbb": {"value": -12, "value_absent": None, "printed": "-12", "qualifier": "exact", "hedge": None, "obs_status": "A", "period_printed": None, "caveats": []},
}  # fmt: skip
"""What an answer must say of each figure."""

GAPS = {
    ("count", "2020"): "not_stated",
    **{("change", year): "outside_window" for year in ("2020", "2023", "2024")},
    **{(name, year): "outside_window" for name in ("share", "mean") for year in ("2020", "2022", "2023", "2024")},
}
"""The empty years of each series, which its statistic tells apart, each with its reason."""

SOURCE = {
    "source": "paper",
    "source_title": TITLE,
    "source_publisher": PUBLISHER,
    "source_byline": BYLINE,
    "source_published": "2024-03",
    "source_retrieved": "2024-03-05",
    "source_url": None,
    "source_notes": {
        "byline": "As printed.",
        "licence": "Not known.",
        "published": "Not known.",
        "retrieved": "Not known.",
        "url": NOTE_ON_URL,
    },
}


@contextmanager
def serve_odd(postgres: EmbeddedPostgres) -> Iterator[Served]:
    """The service with this register, released as 1.0.0."""
    name = create_database(postgres, "misconduct")
    urls = urls_of(postgres, name)
    with tempfile.TemporaryDirectory() as folder:
        register = write_register(Path(folder) / "data", OBSERVATIONS, **odd_files())
        seal(register, "1.0.0", "2024-05-01")
        load_register(urls.owner, register)
    with serve(Settings(database_url=urls.reader, owner_url=urls.owner, port=8000, look_seconds=0.05)) as running:
        yield running
    drop_database(postgres, name)
