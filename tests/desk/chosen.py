"""Small releases of a few figures, for tests of how series are chosen.

    make_release({"k1": {"value": 5}, "k2": {"value": 6, "period": "2023"}})      figures by id
    make_release({…}, {"caveat": {"slip": {"doubts": "value"}}})                  records of more kinds

Cells that are not given are those of `USUAL`. Each area that figures name is inside the United Kingdom.
"""

from decimal import Decimal

from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.releases.folder import Release

USUAL = {
    "indicator": "complaints",
    "area": "kent",
    "category": "any",
    "population": "workforce",
    "counting_unit": "complaints",
    "statistic": "count",
    "unit": "count",
    "qualifier": "exact",
    "measure": "alleged",
    "stock_or_flow": "flow",
    "stated_by": "force",
    "period": "2022",
    "source": "report",
    "at": "char=10,12",
    "counted": "complaints",
}
SOURCES = {
    "report": ("Kent Police", "2024-05"),
    "report_2": ("Kent Police", "2025-05"),
    "agency": ("The Agency", "2024-06"),
    "news": ("The News", "2024-01-23"),
    "no_day": ("The News", None),
}
CODES = {
    "category": {"any": "Any", "force": "Use of force", "theft": "Theft",
                 "unstated": "Not stated", "not_applicable": "None"},
    "population": {"workforce": "People in the police", "officers": "Officers",
                   "staff": "Staff"},
    "counting_unit": {"complaints": "Complaints", "people": "People",
                      "cases": "Cases"},
    "stated_by": {"force": "Kent Police", "minister": "The Minister"},
    "value_absent": {"suppressed": "Hidden", "not_stated": "Not stated"},
    "qualifier": {"exact": "Exact", "about": "About"},
    "measure": {"alleged": "Alleged", "suspended": "Suspended"},
    "statistic": {"count": "Count", "rate": "Rate", "share": "Share",
                  "change": "Change", "mean": "Average"},
    "unit": {"count": "Count", "percent": "Per cent"},
    "vetting_check": {"database": "The Police Database", "vetting": "Vetting"},
    "vetting_result": {"failed": "Failed"},
}  # fmt: skip
INDICATORS = {
    "complaints": {
        "name": "Complaints about the police", "position": 1, "topic": "complaints",
        "category": ["any", "*"], "population": ["workforce", "*"],
        "counting_unit": ["complaints", "*"], "together": "country",
    },
    "suspended": {
        "name": "{people} suspended from duty", "position": 2, "topic": "suspensions",
        "category": ["any", "*"], "population": ["officers", "*"],
        "counting_unit": ["people", "*"], "together": "source",
    },
    "trust": {
        "name": "People who trust the police", "position": 3, "topic": "public-trust",
        "category": ["not_applicable"], "population": ["staff"],
        "counting_unit": ["people"],
    },
}  # fmt: skip


def make_release(figures, records=None, number="9.0.0"):
    """Return a release of figures, in their order."""
    rows = [make_figure(identity, **cells) for identity, cells in figures.items()]
    codes = CODES | {"area": {row["area"]: row["area"] for row in rows}}
    code = {
        f"{name}/{key}": {"label": label}
        for name, of_list in codes.items()
        for key, label in of_list.items()
    }
    for row in rows:
        code[f"area/{row['area']}"]["broader"] = "gb"
    code["area/gb"] = {"label": "United Kingdom", "position": 1}
    code["population/officers"]["in_names"] = "officers"
    sources = {
        name: {"publisher": publisher, "published": day, "title": name.capitalize()}
        for name, (publisher, day) in SOURCES.items()
    }
    sources["report"]["work"] = sources["report_2"]["work"] = "kent_report"
    held = {"code": code, "indicator": INDICATORS, "source": sources}
    return Release(
        number=number, day="2025-06-01", summary="", figures=rows,
        records=_with_ids(held | (records or {})), changes=[],
    )  # fmt: skip


def make_figure(identity, value=None, **cells):
    """Return a figure. `caveats` and `part_of` are texts with spaces; `value` is a number or None."""
    row = dict.fromkeys(REGISTER_COLUMNS) | USUAL | {"id": identity} | cells
    row["value"] = None if value is None else Decimal(str(value))
    if value is not None:
        row["printed"] = row["printed"] or f"{abs(row['value']):,f}"
    for name in ("caveats", "part_of", "also_at"):
        row[name] = (row[name] or "").split()
    return row


def _with_ids(records):
    return {
        kind: {identity: {"id": identity, **record} for identity, record in of.items()}
        for kind, of in records.items()
    }
