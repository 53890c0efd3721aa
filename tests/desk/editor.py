"""An editor of a small register, for tests: writes a table and its file, and adds it.

editor.add()                          the table as it is
editor.add(change(B3=5))              a cell changed
editor.add(words={"Kent": "ignore"})  a key of the file changed; None leaves it out
"""

import csv
import json
from hashlib import sha256

from misconduct_editor.register.check import read_register
from misconduct_editor.register.verify import find_documents, verify
from misconduct_editor.tables.add import add_table, verify_tables
from tests.desk.spreadsheets import write_ods, write_xlsx
from tests.registers import write_register

AREAS = """code,label,broader,words,financial_year
gb,United Kingdom,,,April
E23000001,Metropolitan Police,gb,Metropolitan,
E23000009,North Yorkshire Police,gb,North Yorkshire | Yorkshire,
E23000010,West Yorkshire Police,gb,Yorkshire,
E23000032,Kent Police,gb,Kent,
us,United States,,,
us_ky,Kentucky,us,,
us_me,Maine,us,,
au,Australia,,,July
au_qld,Queensland,au,,
"""
CODELISTS = {
    "codelists/area.csv": AREAS,
    "codelists/population.csv": "code,label,words\nofficers,Officers,Police officers\nstaff,Staff,\n"
    "inhabitants,Inhabitants,\n",
    "codelists/counting_unit.csv": "code,label,broader\nallegations,Allegations,\npeople,People,\nother,Other,\n"
    "posts,Posts,other\n",
    "codelists/unit.csv": "code,label\n"
    + "".join(
        f"{one},{one}\n"
        for one in "count percent proportion per_thousand per_hundred_thousand".split()
    ),
    "codelists/qualifier.csv": "code,label\n"
    + "".join(
        f"{one},{one}\n"
        for one in "exact about just_under more_than less_than at_least at_most between magnitude".split()
    ),
    "codelists/statistic.csv": "code,label\ncount,Count\nshare,Share\nrate,Rate\nmean,Average\nchange,Change\n",
    "codelists/value_absent.csv": "code,label\n"
    + "".join(
        f"{one},{one}\n"
        for one in "magnitude_only range_only not_stated suppressed not_available".split()
    ),
    "codelists/fit.csv": "code,label\nexact,Exact\nclose,Close\nnarrower,Narrower\nbroader,Broader\n",
    "codelists/stated_by.csv": "code,label\nthe_force,The force\nthe_news,The news\nhome_office,Home Office\n",
    "codelists/stock_or_flow.csv": "code,label\nstock,Stock\nflow,Flow\nnot_applicable,Neither\nunstated,Not stated\n",
    "removals.csv": "day,release,before,after,law\n",
    "reasons.csv": "kind,id,action,reason\n",
}
ROWS = [
    ["Allegations by force"],
    ["Police force", "2021/22", "2022/23", "Total"],
    ["Kent", 3, 4, 7],
    ["North Yorkshire", 1, 2, 3],
    ["Total", 4, 6, 10],
]
SOURCE = {
    "title": "Allegations",
    "publisher": "Home Office",
    "published": "2023-11",
    "url": None,
    "licence": None,
}
SOURCE |= {"retrieved": "2024", "notes": {"url": "None.", "licence": "None is stated."}}
LATER = {"published": "2024-01"}
"""Published after the year 2023 had ended."""

LAYOUT = {
    "sheet": "Table 1",
    "header": [2],
    "rows": "3-4",
    "totals": {"5": {"area": "gb"}},
    "figure": {
        "measure": "alleged",
        "category": "any",
        "population": "officers",
        "counting_unit": "allegations",
    },
    "columns": {"Police force": "area", "20*": {"year": "financial"}, "Total": "total"},
}
"""The file of a table as these tests write it: a key on each line, after `source` on the first."""

FROM_APRIL = {
    "columns": LAYOUT["columns"] | {"20*": {"year": "financial", "from": "April"}}
}
"""The columns of a table whose areas do not all say in which month a financial year begins."""


class Editor:
    """A register, a document beside it, and the file of its table."""

    def __init__(self, folder):
        self.data, self.document = (
            write_register(folder / "data", CODELISTS),
            folder / "report.ods",
        )
        (self.data / "tables").mkdir()
        self.layout, self.observations = (
            self.data / "tables/report.yaml",
            self.data / "observations/report.csv",
        )

    @property
    def script(self):
        return self.layout.with_suffix(".py")

    def write(self, table=ROWS, **keys):
        """Write document and file; `keys` replace those of the file, and None leaves one out."""
        if self.document.suffix == ".ods":
            write_ods(self.document, {"Table 1": table})
        elif self.document.suffix == ".xlsx":
            write_xlsx(self.document, table)
        else:
            self.document.write_text(
                "\n".join(",".join(map(str, row)) for row in table)
            )
        self.describe(**keys)

    def describe(self, **keys):
        digest = sha256(self.document.read_bytes()).hexdigest()
        source = (
            SOURCE
            | {"file": self.document.name, "sha256": digest}
            | keys.pop("source", {})
        )
        country, script = keys.pop("country", "gb"), keys.pop("script", None)
        self.script.unlink(missing_ok=True)
        if script:
            self.script.write_text(script)
        content = {"source": source} | {
            key: one for key, one in (LAYOUT | keys).items() if one is not None
        }
        content |= {"country": country} if country else {}
        self.layout.write_text(
            "".join(f"{key}: {json.dumps(one)}\n" for key, one in content.items())
        )

    def add(self, table=ROWS, **keys):
        """Write both, add the table, and return the outcome: no mistakes, or nothing written."""
        self.write(table, **keys)
        return self.run()

    def run(self):
        before = self.observations.read_bytes() if self.observations.exists() else None
        outcome = add_table(self.data, self.document, None, "report")
        if outcome.mistakes:
            assert before == (
                self.observations.read_bytes() if self.observations.exists() else None
            )
        return outcome

    def figures(self):
        """Return the figures by row and column of their cells, such as `3,2`."""
        with self.observations.open(encoding="utf-8", newline="") as file:
            return {
                row["at"].removeprefix("cell="): row for row in csv.DictReader(file)
            }

    def verify(self):
        """Return what the command `verify` finds, but for the articles of the register."""
        register, documents = (
            read_register(self.data),
            find_documents(self.document.parent),
        )
        articles = [
            one for one in verify(register, documents) if not one.startswith("sources/")
        ]
        return [*articles, *verify_tables(self.data, register, documents)]


def change(rows=ROWS, **cells):
    """Return rows with other cells, each named as in a spreadsheet: B3=5."""
    changed = [[*row, *[""] * (5 - len(row))] for row in rows] + [
        [""] * 5 for _ in range(3)
    ]
    for name, cell in cells.items():
        changed[int(name[1:]) - 1][ord(name[0]) - ord("A")] = cell
    return changed


def changes_of(outcome):
    return outcome.sections["Against the register"][0]


def is_named(mistakes, place, *words):
    return any(
        line.startswith(f"{place}: ") and all(word in line for word in words)
        for line in mistakes
    )


FORCE = {"Police force": "area"}
NO_TOTALS = {
    "totals": {},
    "rows": "3-4",
    "columns": {"Police force": "area", "20*": {"year": "financial"}},
}
PLAIN = [
    ["Allegations"],
    ["Police force", "2021/22", "2022/23"],
    ["Kent", 3, 4],
    ["North Yorkshire", 1, 2],
]
PERCENT = {"Police force": "area", "20*": {"year": "financial", "unit": "percent"}}
