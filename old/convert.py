"""Write `data/` of the second house from the register of the first. It is run once, from the project's folder:

    .venv/bin/python old/convert.py

It reads `old/data`, and from `tests/oracle` the outcomes and digests that the first house answered. It changes the
shape of the records and no code, value, label or text. What it writes is compared with the answers in `tests/oracle`.
"""

import csv
import json
import operator
import shutil
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from misconduct.model.figure import REGISTER_COLUMNS, read_cells, write_cell
from misconduct.model.kinds import KINDS
from misconduct.releases.changes import find_changes
from misconduct.releases.folder import Release
from misconduct.releases.verify import REMOVALS_COLUMNS, verify_releases
from misconduct.releases.write import add_to_list, encode_rows, write_release

ROOT = Path(__file__).parents[1]
OLD, ORACLE, NEW = ROOT / "old/data", ROOT / "tests/oracle", ROOT / "data"

NEW_KIND = {"non_publication": "unpublished", "not_published": "unpublished"}
GONE_KINDS = {"release", "relation", "classification", "quote"}
GONE_LISTS = {"obs_status", "period_type", "population_group"}
CLASSIFIED = ("vetting_check", "vetting_result", "stock_or_flow")
DIMENSIONS = ("measure", "statistic", "category", "area", "population", "counting_unit", "unit", "period")
MARKS = {"A": "", "E": "", "O": "", "P": "provisional", "B": "break"}
ALWAYS = "id measure category area population counting_unit unit statistic code label definition".split()
OLD_NAMES = {"locator": "at", "hedge_locator": "hedge_at", "period_locator": "period_at"}

Fields = dict[str, Any]
State = dict[str, dict[str, Fields]]  # the records of one release, by kind and id


def rows_of(path: Path) -> list[Fields]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def kind_of(plural: str) -> str:
    """Return the kind of record that a file, or a path of the first house, has: `non-publications`."""
    return plural.replace("-", "_").removesuffix("s")


def answers(name: str, number: str) -> dict[str, Fields]:
    """Return what the first house answered about each record of a release."""
    return {row["id"]: row for row in rows_of(ORACLE / name) if number in row["releases"].split()}


def read_versions() -> dict[tuple[str, str, int], Fields]:
    """Return every version of every record of the first house, in the order of its files."""
    found: list[tuple[str, Fields]] = []
    for path in sorted(OLD.glob("observations/*.csv")):
        found += [("observation", row | {"source": path.stem}) for row in rows_of(path)]
    for path in sorted(OLD.glob("codelists/*.csv")):
        found += [("code", {"id": f"{path.stem}/{row.pop('code')}", **row}) for row in rows_of(path)]
    for path in sorted(OLD.glob("sources/*.yaml")):
        found += [("source", one) for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    for path in sorted(OLD.glob("*.yaml")):
        found += [(kind_of(path.stem), one) for one in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return {(kind, fields["id"], int(fields["version"])): fields for kind, fields in found}


def without_empty(fields: Fields, *gone: str) -> Fields:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}) and name not in gone}


def convert_period(row: Fields) -> str:
    """Return an old period as one cell."""
    start, end, length = row["period_start"], row["period_end"], row["duration"]
    match row["period_type"], bool(start), bool(end), bool(length):
        case "unstated", False, False, False:
            return ""
        case "point", False, False, False:
            return "now"
        case (("point" | "year"), True, False, False):
            return start
        case "window", False, False, True:
            return length
        case "window", _, _, _ if start or end:
            return f"{start or '..'}/{end or '..'}"
    raise ValueError(row["id"])


def classify(state: State, row: Fields) -> Fields:
    """Return the columns of a figure that classifications of it, of its measure or of its period become."""
    facts, found = row | {"observation": row["id"]}, Fields()
    for record in state.get("classification", {}).values():
        name, _, code = record["code"].partition("/")
        if name in CLASSIFIED and all(facts[field] in values for field, values in record["of"].items()):
            assert name not in found, row["id"]
            found[name] = code
    return found


def relate(state: State, figure: str) -> dict[str, str]:
    """Return the columns of a figure that relations become.

    A part of a figure that repeats a claim is also a part of the figure that made it, as the first house answers.
    """
    found: dict[str, list[str]] = {"part_of": [], "repeats": [], "denominator": []}
    for record in state.get("relation", {}).values():
        if figure in record["figures"]:
            found[record["type"]].append(record["of"])
    assert len(found["repeats"]) <= 1 and len(found["denominator"]) <= 1, figure
    found["part_of"] += [first for whole in found["part_of"] if (first := relate(state, whole)["repeats"])]
    return {name: " ".join(ids) for name, ids in found.items()}


def convert_figure(state: State, row: Fields) -> Fields:
    assert row["obs_status"] != "E" or row["qualifier"] == "estimated", row["id"]
    assert row["obs_status"] != "O" or row["value_absent"], row["id"]
    made = {"period": convert_period(row), "mark": MARKS[row["obs_status"]]} | classify(state, row)
    return read_cells({name: row.get(name, "") for name in REGISTER_COLUMNS} | made | relate(state, row["id"]))


def convert_query(state: State, query: Fields) -> Fields:
    """Return the query of a chart without filters that charts no longer have; where they matter, the ids it finds."""

    def found_by(filters: Fields) -> list[str]:
        rows = state["observation"].items()
        return [figure for figure, row in rows if all(row[name] in codes for name, codes in filters.items())]

    kept = {name: codes for name, codes in query.items() if name not in ("statistic", "period_type")}
    return kept if kept == query or found_by(kept) == found_by(query) else {"id": found_by(query)}


def outcome(kind: str, answer: Fields) -> Fields:
    """Return the outcome of a check or a disagreement from the answer of the first house."""
    if kind == "disagreement":
        return {"dimensions": {name: answer[name] for name in DIMENSIONS}, "evidence": json.loads(answer["evidence"])}
    numbers = {name: json.loads(answer[name] or "null") for name in ("stated", "computed")}
    lists = {name: answer[name].split() for name in ("unlike", "missing_years")}
    return {"result": answer["result"], **numbers, **lists}


def convert_records(state: State, figures: list[Fields], number: str) -> State:
    """Return the records of a release in their new kinds, with the outcomes that the first house answered."""
    answered = {kind: answers(f"{kind}s.csv", number) for kind in ("check", "disagreement")}
    staged = [one for one in state.get("classification", {}).values() if one["code"].startswith("stage/")]
    stages = {f"measure/{code}": one["code"].removeprefix("stage/") for one in staged for code in one["of"]["measure"]}
    quotes = {
        quoted["id"]: {one["at"]: [one["prefix"], one["suffix"]] for one in quoted["places"]}
        for quoted in state.get("quote", {}).values()
    }
    new: State = {kind: {} for kind in KINDS}
    for kind, records in state.items():
        if kind in GONE_KINDS or kind == "observation":
            continue
        for identity, record in records.items():
            fields = without_empty(record, "version", "mark", "allow_breaks")
            match kind:
                case "code" if identity.partition("/")[0] in GONE_LISTS:
                    continue
                case "code" if identity in stages:
                    fields["stage"] = stages[identity]
                case "source" if identity in quotes:
                    fields["quotes"] = quotes[identity]
                case "check" | "disagreement":
                    fields["outcome"] = outcome(kind, answered[kind][identity])
                case "dataset":
                    measures = fields.pop("measures")
                    fields["conditions"] = [{"measure": measures}]
                    fields["figures"] = sorted(row["id"] for row in figures if row["measure"] in measures)
                case "chart":
                    fields["query"] = convert_query(state, record["query"])
                case "non_publication":
                    fields |= {"kind": "refused", "question": fields.pop("what")}
                case "not_published":
                    fields["kind"] = "unanswered"
            new.setdefault(NEW_KIND.get(kind, kind), {})[identity] = fields
    return new


def convert_releases() -> list[Release]:
    """Write each release, which names the digest of the one before it, and then the newest as the present state."""
    versions = read_versions()
    order = list(dict.fromkeys((kind, identity) for kind, identity, _ in versions))
    documents = sorted(OLD.glob("not-statistics/*.csv"))
    excluded = [row | {"source": path.stem} for path in documents for row in rows_of(path)]
    digests = {row["release"]: row["digest"] for row in rows_of(ORACLE / "releases.csv")}
    current: dict[tuple[str, str], Fields] = {}
    releases: list[Release] = []
    for manifest in sorted(OLD.glob("releases/*.csv"), key=lambda path: [int(part) for part in path.stem.split(".")]):
        about = yaml.safe_load(manifest.with_suffix(".yaml").read_text(encoding="utf-8"))
        changes = []
        for line in rows_of(manifest):
            key = line["kind"], line["id"]
            assert line["action"] == "added"  # a version of a record; nothing has ended in these releases
            if line["kind"] != "release":
                changes.append(line | {"action": "revised" if key in current else "added"})
                current[key] = versions[*key, int(line["version"])]
        state: State = {}
        for kind, identity in order:
            if (kind, identity) in current:
                state.setdefault(kind, {})[identity] = current[kind, identity]
        figures = [convert_figure(state, row) for row in state["observation"].values()]
        release = Release(
            number=about["id"], day=about["released"], summary=about["summary"], changes=changes, excluded=excluded,
            figures=figures, records=convert_records(state, figures, about["id"]),
            previous=releases[-1].digest if releases else None, earlier_digest=digests[about["id"]],
        )  # fmt: skip
        releases.append(write_release(NEW / "releases" / release.number, release))
        add_to_list(NEW, releases[-1])
    write_present(release)
    return releases


class Dumper(yaml.SafeDumper):
    """Writes long texts folded, and lists of words in one line."""


def represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=">" if len(text) > 80 and " " in text else None)


def represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    is_words = all(isinstance(item, str) and len(item) <= 60 for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_words)


Dumper.add_representer(str, represent_text)
Dumper.add_representer(list, represent_list)


def write_yaml(path: Path, parts: list[Any]) -> None:
    """Write mappings, or lists of one mapping, with an empty line between them."""
    texts = [yaml.dump(part, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100) for part in parts]
    assert [yaml.safe_load(text) for text in texts] == parts
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(texts), encoding="utf-8")


def write_table(path: Path, rows: list[Fields], columns: list[str]) -> None:
    """Write the columns of a table that are not empty, or that every file has."""
    kept = [name for name in columns if name in ALWAYS or any(row.get(name) for row in rows)]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode_rows(kept, rows))


def write_present(release: Release) -> None:
    """Write a release as editors will keep it, with the fields of each record in the order of its model."""
    for kind in KINDS.values():
        records = []
        for stated in release.records[kind.name].values():
            fields = kind.model.model_fields
            record = {name: stated.get(name) for name in fields if name in stated or fields[name].is_required()}
            assert stated.keys() - record.keys() <= {"outcome", "figures"}, stated
            kind.model.model_validate_json(json.dumps(record))
            records.append(record)
        if kind.name == "source":
            for record in records:
                write_yaml(NEW / "sources" / f"{record['id']}.yaml", [record])
        elif kind.name == "code":
            codes = [record | dict(zip(("list", "code"), record["id"].split("/"), strict=True)) for record in records]
            for codelist in {one["list"] for one in codes}:
                rows = [one for one in codes if one["list"] == codelist]
                write_table(NEW / "codelists" / f"{codelist}.csv", rows, ["code", *list(kind.model.model_fields)[1:]])
        else:
            write_yaml(NEW / kind.file, [[record] for record in records])
    columns = [name for name in REGISTER_COLUMNS if name != "source"]
    for source in {row["source"] for row in release.figures}:
        rows = [row for row in release.figures if row["source"] == source]
        write_table(NEW / "observations" / f"{source}.csv", rows, columns)
    shutil.copytree(OLD / "not-statistics", NEW / "not-statistics")
    (NEW / "reasons.csv").write_bytes(encode_rows(("kind", "id", "action", "reason"), []))
    (NEW / "removals.csv").write_bytes(encode_rows(REMOVALS_COLUMNS, []))


def prove(releases: list[Release]) -> None:
    """Compare what was written with the answers of the first house, and print how much it is."""
    assert verify_releases(NEW) == []
    changes = [one | {"release": release.number} for release in releases[1:] for one in release.changes]
    answered = [row for row in rows_of(ORACLE / "changes.csv") if row["kind"] != "release"]
    by_change = operator.itemgetter("release", "kind", "id", "action", "reason", "replaced_by")
    assert sorted(map(by_change, changes)) == sorted(map(by_change, answered))
    rows = {tuple(write_cell(row[name]) for name in REGISTER_COLUMNS) for one in releases for row in one.figures}
    print(f"{len(changes)} changes after 1.0.0, {len(rows)} different rows of {len({row[0] for row in rows})} figures")
    for release in releases:
        compare_figures(release)
        compare_counts(release)
    for before, after in pairwise(releases):
        compare_changes(before, after)


def compare_figures(release: Release) -> None:
    answered = answers("figures.csv", release.number)
    assert answered.keys() == {row["id"] for row in release.figures}
    for row in release.figures:
        answer = {OLD_NAMES.get(name, name): cell for name, cell in answered[row["id"]].items()}
        for name in answer.keys() & set(REGISTER_COLUMNS):
            assert write_cell(row[name]) == answer[name], (release.number, row["id"], name)
        for kind, field in (("dataset", "figures"), ("disagreement", "members")):
            listing = [one["id"] for one in release.records.get(kind, {}).values() if row["id"] in one[field]]
            assert listing == sorted(answer[f"{kind}s"].split())
        assert release.records["code"][f"measure/{row['measure']}"].get("stage", "") == answer["stage"]


def compare_counts(release: Release) -> None:
    made = Counter(kind for kind, records in release.records.items() if kind != "code" for _ in records)
    made += Counter("codelists/" + identity.partition("/")[0] for identity in release.records["code"])
    answered: Counter[str] = Counter()
    for row in rows_of(ORACLE / "records.csv"):
        kind = row["kind"] if row["kind"].startswith("codelists/") else kind_of(row["kind"])
        if release.number in row["releases"].split() and kind.rpartition("/")[2] not in GONE_KINDS | GONE_LISTS:
            answered[NEW_KIND.get(kind, kind)] += int(row["records"])
    assert made == +answered, (made, answered)
    print(release.number, release.digest, len(release.figures), "figures,", made.total(), "records:", dict(made))


def compare_changes(before: Release, after: Release) -> None:
    """Print what the change of shape revised, beyond the changes that the first house answers."""
    answered = {
        (NEW_KIND.get(one["kind"], one["kind"]), one["id"], one["action"]) for one in after.changes
        if one["kind"] not in GONE_KINDS and one["id"].partition("/")[0] not in GONE_LISTS
    }  # fmt: skip
    found = {(one["kind"], one["id"], one["action"]) for one in find_changes(before, after.figures, after.records)}
    assert answered <= found, answered - found
    print(after.number, "revised by the change of shape:", dict(Counter(kind for kind, *_ in found - answered)))


if __name__ == "__main__":
    if (NEW / "releases.csv").exists():
        sys.exit(f"{NEW} has been converted: delete all in it but earlier-bundles, and then convert again")
    prove(convert_releases())
