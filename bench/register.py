"""Generate a register of many figures, with the code lists, caveats and datasets of the real one.

    python -m bench.register 10000 /tmp/register

Its pattern is a publisher's table of four forces: five kinds of allegation, four outcomes, ten years. The figures of
the kinds are parts of the figure of all kinds. An article prints forty figures of the table again, some rounded. More
figures are more tables, so a force has as many figures in any register.

Each figure that is no repetition is a row of the table, written here: the rules of the desk would take hours.
"""

import random
import re
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import chain, combinations, cycle, islice, product
from pathlib import Path

from misconduct.model.figure import (
    ID_DIGITS,
    ID_LETTERS,
    REGISTER_COLUMNS,
    Row,
    write_cell,
)
from misconduct.model.kinds import Dataset
from misconduct.model.points import NAMES
from misconduct.releases.folder import Records, Release, list_releases, read_release
from misconduct.releases.verify import REMOVALS_COLUMNS
from misconduct_editor.register.reading import encode_rows
from misconduct_editor.releases.write import add_to_list, write_release

DATA = Path("data")
NUMBER, DAY = "1.0.0", "2026-11-27"
FORCES_OF_A_TABLE = 4
KINDS = ("any", "sexual_assault", "use_of_force", "dishonesty", "discourtesy")
OUTCOMES = {
    "recorded": "officer_allegations",
    "under_investigation": "officer_allegations_pending",
    "proven": "officer_allegations_upheld",
    "not_proven": "officer_allegations_not_upheld",
}
"""The indicators of the figures, by what became of the allegations."""
YEARS = range(2014, 2024)
PRINTED_AGAIN = 40
REVISED_EVERY = 100  # figures, of which one has a number that was revised


def generate(figures: int, folder: Path) -> None:
    """Write a register of so many figures as a release: the same each time."""
    real = read_release(DATA / "releases" / list_releases(DATA)[-1].number).records
    kept = ("code", "caveat", "dataset", "indicator")
    records: Records = {kind: dict(real[kind]) for kind in kept} | {"source": {}}
    codes = [*records["code"].values()]
    states = [code["id"][5:] for code in codes if code.get("broader") == "us"]
    chance = random.Random(figures)
    ids = make_ids(chance)
    tables = (
        make_table(number, state, records, ids, chance)
        for number, state in enumerate(cycle(states))
    )
    rows = list(islice(chain.from_iterable(tables), figures))
    for identity, record in records["dataset"].items():
        shown = Dataset.model_validate(
            {name: value for name, value in record.items() if name != "figures"}
        )
        records["dataset"][identity] = record | {
            "figures": sorted(row["id"] for row in rows if shown.shows(row))
        }
    release = Release(
        number=NUMBER,
        day=DAY,
        summary=f"{figures} generated figures.",
        figures=rows,
        records=records,
        changes=[
            {"kind": "observation", "id": row["id"], "action": "added"} for row in rows
        ],
        versions=[make_version(row) for row in rows[::REVISED_EVERY]],
        table=[make_point(row, records) for row in rows if not row["repeats"]],
        others=[make_other(row, records) for row in rows if row["repeats"]],
    )
    add_to_list(folder, write_release(folder / "releases" / NUMBER, release))
    (folder / "removals.csv").write_bytes(encode_rows(REMOVALS_COLUMNS, []))


def list_questions(folder: Path) -> list[str]:
    """Return questions in a random order: two forces, an outcome, some years. About a hundred figures match each."""
    chance = random.Random(1)
    text = (folder / "releases" / NUMBER / "records.jsonl").read_text(encoding="utf-8")
    forces = sorted(
        re.findall(r'"id": "area/(us_.._force_\d+)"', text), key=lambda area: area[-5:]
    )
    forces = forces[:-FORCES_OF_A_TABLE]  # the last table may have been cut off
    pairs = combinations(sorted(chance.sample(forces, min(len(forces), 60))), 2)
    asked = [
        f"area={one},{other}&indicator={indicator}&year={first}..{last}"
        for (one, other), indicator, first, last in product(
            pairs, OUTCOMES.values(), YEARS[:4], YEARS[-3:]
        )
    ]
    return chance.sample(asked, len(asked))


def make_ids(chance: random.Random) -> Iterator[str]:
    """Yield ids in a random order, as `misconduct id` gives them."""
    used = set[str]()
    while True:
        one = chance.choice(ID_LETTERS) + "".join(
            chance.choices(ID_LETTERS + ID_DIGITS, k=4)
        )
        if one not in used:
            used.add(one)
            yield one


def make_table(
    number: int,
    state: str,
    records: Records,
    ids: Iterator[str],
    chance: random.Random,
) -> list[Row]:
    """Return the figures of a table and of its article, and add their records."""
    table, article = f"complaints-{number}", f"article-{number}"
    title = f"Complaints against police officers, table {number}"
    add_source(records, table, title, "State auditor")
    title = f"Complaints rise in area {number}"
    add_source(records, article, title, f"Daily News {number % 40}")
    rows = list[Row]()
    for force in range(number * FORCES_OF_A_TABLE, (number + 1) * FORCES_OF_A_TABLE):
        area = f"{state}_force_{force:05}"
        identity, label = f"area/{area}", f"Police Department {force}"
        code = {"id": identity, "label": label, "broader": state}
        records["code"][identity] = code
        rows += make_figures(area, table, ids, chance)
    again = [
        print_again(row, next(ids), article, chance)
        for row in chance.sample(rows, PRINTED_AGAIN)
    ]
    return rows + again


def print_again(row: Row, identity: str, article: str, chance: random.Random) -> Row:
    """Return a figure that prints the claim of another one, exactly or rounded."""
    hedge = chance.choice(("exact", "about", "just_under"))
    value = (
        row["value"] if hedge == "exact" else Decimal(round(int(row["value"]) + 5, -1))
    )
    return row | {
        "id": identity, "source": article, "stated_by": "bbc", "repeats": row["id"], "part_of": [], "qualifier": hedge,
        "value": value, "printed": f"{value:,}", "counted": f"complaints of {row['category']}",
        "at": "char=100,105", "counted_at": "char=106,130", "caveats": ["accusation_not_finding"],
    }  # fmt: skip


def make_figures(
    area: str, table: str, ids: Iterator[str], chance: random.Random
) -> Iterator[Row]:
    """Yield the figures of one force: for each outcome and year one of each kind, the first of which is the whole."""
    for (line, outcome), year in product(enumerate(OUTCOMES), YEARS):
        values = [chance.randrange(400) for _ in KINDS[1:]]
        whole = None
        for column, (kind, value) in enumerate(
            zip(KINDS, (sum(values), *values), strict=True)
        ):
            row: Row = dict.fromkeys(REGISTER_COLUMNS)
            row |= {
                "id": next(ids), "counted": f"Allegations of {kind.replace('_', ' ')}, {outcome}", "measure": outcome,
                "category": kind, "fit": "exact", "area": area, "population": "officers", "unit": "count",
                "counting_unit": "officer_allegations", "indicator": OUTCOMES[outcome], "period": str(year),
                "value": Decimal(value), "qualifier": "exact", "printed": f"{value:,}",
                "part_of": [whole] if whole else [], "stated_by": "unstated",
                "source": table, "statistic": "count", "period_printed": str(year), "also_at": [], "caveats": [],
                "counted_at": f"cell=1,{column + 2}", "period_at": f"cell={int(area[-5:]) * 50 + year - 2010},1",
                "at": f"cell={int(area[-5:]) * 50 + line * 10 + year - 2010},{column + 2}",
            }  # fmt: skip
            yield row
            whole = whole or row["id"]


def make_point(row: Row, records: Records) -> Row:
    """Return the row of the table for a figure. Its parts are in no default table."""
    year, source = int(row["period"]), records["source"][row["source"]]
    category = records["code"][f"category/{row['category']}"]["label"].lower()
    kind = "all" if row["category"] == "any" else category
    area = records["code"][f"area/{row['area']}"]["label"]
    name = f"{OUTCOMES[row['measure']].replace('_', ' ')}: {kind}"
    is_whole = int(kind == "all")
    return dict.fromkeys(NAMES) | {
        "indicator": row["indicator"], "name": name, "area": area, "area_code": row["area"], "kind": kind,
        "scope": "all", "year": year, "time": f"in {year}", "period_start": date(year, 1, 1),
        "period_end": date(year, 12, 31), "value": row["value"], "unit": "officer allegations",
        "shown": row["printed"], "latest": int(year == YEARS[-1]), "publisher": source["publisher"],
        "id": row["id"], "cite_as": f"/figures/{row['id']}?release={NUMBER}", "topic": "outcomes",
        "category": category, "people": "officers", "statistic": "count", "exactness": "exact",
        "printed": row["printed"], "counted": row["counted"], "coverage": "whole",
        "part_of": write_cell(row["part_of"]), "sentence": f"{row['printed']} {name}, {area}, in {year}",
        "source": row["source"], "source_title": source["title"], "published": source["published"],
        "source_url": source["url"], "default": is_whole, "lead": is_whole, "total": is_whole, "stretch": 0,
        "scale": row["area"],
    }  # fmt: skip


def make_other(row: Row, records: Records) -> Row:
    """Return the row of a figure that prints another one again."""
    beside = {"point": row["repeats"], "why": "repeats it"}
    shown = {"default": 0, "lead": 0, "latest": 0, "repeats": row["repeats"]}
    return make_point(row, records) | beside | shown


def make_version(row: Row) -> dict[str, str | dict[str, str]]:
    """Return the line that says of a figure that its number was revised."""
    former = write_cell(row["value"] + 1)
    was = row | {"value": row["value"] + 1, "printed": former}
    cells = {name: write_cell(value) for name, value in was.items()}
    return {
        "release": NUMBER, "day": DAY, "kind": "observation", "id": row["id"], "action": "revised",
        "reason": "The publisher revised it.", "weight": "revised", "former": former,
        "was": {name: cell for name, cell in cells.items() if cell},
    }  # fmt: skip


def add_source(records: Records, identity: str, title: str, publisher: str) -> None:
    digest = sha256(identity.encode()).hexdigest()
    url = f"https://example.org/{identity}"
    records["source"][identity] = {
        "id": identity, "title": title, "publisher": publisher, "published": "2024-03-01", "url": url,
        "sha256": digest, "held": True, "licence": "CC BY 4.0", "media_type": "text/plain",
    }  # fmt: skip


if __name__ == "__main__":
    generate(int(sys.argv[1]), Path(sys.argv[2]))
