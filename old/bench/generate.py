"""A large, valid register from a seed: `python -m bench.generate DIR --observations 1000000 --releases 3`.

Nothing in it is true. It has the variety that real figures have: hundreds of sources, seven datasets, forty-odd areas,
hedged, absent and shared figures, caveats, and, with several releases, figures that were revised or ended.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

from misconduct.model.codes import CLOSED_LISTS
from misconduct.model.records import ManifestLine, chain_digest
from misconduct.register.observation_columns import COLUMNS, FIRST_LETTERS, LETTERS
from misconduct.register.records import digest_row, digest_tree
from misconduct.register.releases import format_manifest

IDS = len(FIRST_LETTERS) * len(LETTERS) ** 4
FIGURES_OF_A_SOURCE = 250
STEP = 7_368_787  # coprime to IDS: the ids of 0, 1, 2, … look random and do not repeat

DATASETS = {
    "allegations": ["accused", "complained_of"],
    "duty-status": ["suspended", "restricted"],
    "vetting-checks": ["checked", "has_criminal_record"],
    "case-reviews": ["under_review"],
    "reports": ["reported"],
    "workforce": ["employed"],
    "public-trust": ["distrusts"],
}
CODES = {
    "measure": [measure for measures in DATASETS.values() for measure in measures],
    "category": [f"category_{letter}" for letter in "abcdefghijkl"],
    "area": [f"E230000{number:02}" for number in range(1, 44)],
    "population": ["officers", "serving_officers", "officers_and_staff", "respondents", "unstated"],
    "counting_unit": ["people", "allegations", "cases", "calls", "unstated"],
    "obs_status": ["A", "E", "P"],
    "stated_by": [f"office_{number}" for number in range(60)],
    "not_statistic_reason": ["date"],
    **{name: [*codes] for name, codes in CLOSED_LISTS.items()},
}
CAVEATS = [f"caveat_{number}" for number in range(40)]
LABELS = {
    **dict(zip(CODES["category"], ("assault",
                                   "bribery", "corruption", "dishonesty", "fraud", "harassment", "incivility",
                                   "leaks", "misuse", "neglect", "oppression", "perjury"), strict=True)),
    **{area: f"Force {area[-2:]}" for area in CODES["area"]},
}  # fmt: skip
"""Of codes whose name does not say it."""
HEDGES = {"about": "about", "just_under": "nearly", "more_than": "more than", "at_least": "at least"}
COMMON = {"version": "1", "statistic": "count", "unit": "count", "qualifier": "exact", "obs_status": "A"}


class Generator:
    """Writes one register. Row `n` is a function of the seed and `n`, whatever the number of rows."""

    codes: ClassVar[Mapping[str, list[str]]] = CODES

    def __init__(self, root: Path, observations: int, releases: int, sources: int, seed: int) -> None:
        self.root, self.observations, self.sources = root, observations, sources
        self.random = random.Random(seed)
        self.manifests: list[list[ManifestLine]] = [[] for _ in range(releases)]

    def write(self) -> None:
        """The whole register, releases and all."""
        self._write_codes()
        self._write_tree(
            "caveats.yaml",
            [{"id": name, "version": 1, "text": f"About {name.replace('_', ' ')}."} for name in CAVEATS],
            "caveat",
        )
        datasets = [{"id": slug, "version": 1, "title": slug, "description": "Figures.", "measures": measures}
                    for slug, measures in DATASETS.items()]  # fmt: skip
        self._write_tree("datasets.yaml", datasets, "dataset")
        for number in range(self.sources):
            self._write_source(f"source-{number}")
            self._write_observations(number)
        self._write_releases()

    def _open(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _seal(self, kind: str, identity: str, sha256: bytes, release: int = 0, version: int = 1) -> None:
        line = ManifestLine(release, kind, identity, version, "added", sha256.hex(), None, None)
        self.manifests[release].append(line)

    def _write_codes(self) -> None:
        for name, codes in self.codes.items():
            meaning = {"definition": "Means nothing.", "defined_by": "Nobody"}
            rows = [
                {"code": code, "version": "1", "label": LABELS.get(code, code.replace("_", " ")), **meaning}
                for code in codes
            ]
            _write_rows(self._open(f"codelists/{name}.csv"), tuple(rows[0]), rows)
            for row in rows:
                self._seal("code", f"{name}/{row['code']}", digest_row(row))

    def _write_tree(self, name: str, records: list[dict[str, object]], kind: str) -> None:
        self._open(name).write_text(json.dumps(records))
        for record in records:
            self._seal(kind, str(record["id"]), digest_tree(record))

    def _write_source(self, slug: str) -> None:
        record = {"id": slug, "version": 1, "title": slug, "publisher": f"Publisher of {slug}", "byline": "Nobody",
                  "published": "2025-01", "url": f"https://example.org/{slug}", "media_type": "text/plain",
                  "language": "en", "licence": "None", "held": True, "length": 10**9,
                  "sha256": digest_row({"slug": slug}).hex(),
                  "retrieved": "2025-02-01"}  # fmt: skip
        self._open(f"sources/{slug}.yaml").write_text(json.dumps(record))
        self._seal("source", slug, digest_tree(record))

    def _write_observations(self, number: int) -> None:
        slug = f"source-{number}"
        rows = self._rows(range(number, self.observations, self.sources), slug)
        _write_rows(self._open(f"observations/{slug}.csv"), COLUMNS, rows)

    def _rows(self, numbers: range, slug: str) -> Iterator[dict[str, str]]:
        last = len(self.manifests) - 1
        for place, number in enumerate(numbers):
            release = self.random.randint(0, last)
            row = self._row(number, 100 * place, slug)
            yield self._sealed(row, slug, release)
            if release < last and self.random.random() < 0.01:
                yield self._sealed({**row, "version": "2", "caveats": "caveat_0"}, slug, release + 1)

    def _sealed(self, row: dict[str, str], slug: str, release: int) -> dict[str, str]:
        sha256 = digest_row({**{column: cell for column, cell in row.items() if cell}, "source": slug})
        self._seal("observation", row["id"], sha256, release, int(row["version"]))
        return row

    def _row(self, number: int, start: int, slug: str) -> dict[str, str]:
        pick = self.random.choice
        names = ("measure", "category", "area", "population", "counting_unit", "stated_by")
        row = {"id": observation_id(number), **COMMON, **{name: pick(CODES[name]) for name in names}, "origin": slug}
        row |= self._period(start) | self._figure(start)
        if self.random.random() < 0.4:
            row["caveats"] = " ".join(self.random.sample(CAVEATS, self.random.randint(1, 3)))
        return row

    def _period(self, start: int) -> dict[str, str]:
        first = self.random.randint(1990, 2025)
        if self.random.random() < 0.8:
            return {"period_type": "year", "period_start": str(first)}
        words = f"between {first} and 2025"
        return {"period_type": "window", "period_start": str(first), "period_end": "2025", "period_printed": words,
                "period_at": _place(start + 40, words)}  # fmt: skip

    def _figure(self, start: int) -> dict[str, str]:
        value, kind = int(self.random.lognormvariate(4, 2)) + 1, self.random.random()
        if kind < 0.03:
            return {
                "value_absent": "magnitude_only",
                "qualifier": "magnitude",
                "printed": "Hundreds",
                "at": _place(start, "Hundreds"),
            }
        if kind < 0.10:
            share = str(value % 100)
            return {
                "statistic": "share",
                "unit": "percent",
                "value": share,
                "printed": f"{share}%",
                "at": _place(start, f"{share}%"),
            }
        figure = {"value": str(value), "printed": f"{value:,}", "at": _place(start, f"{value:,}")}
        if kind < 0.25:
            qualifier = self.random.choice([*HEDGES])
            hedge = HEDGES[qualifier]
            figure |= {"qualifier": qualifier, "hedge": hedge, "hedge_at": _place(start + 20, hedge)}
        return figure

    def _write_releases(self) -> None:
        digest = ""
        for ordinal, lines in enumerate(self.manifests):
            number = f"1.{ordinal}.0"
            released = date(2020, 1, 1) + timedelta(days=30 * ordinal)
            record = {"id": number, "version": 1, "released": released.isoformat(), "summary": "Generated.",
                      **({"previous": digest} if digest else {})}  # fmt: skip
            self._seal("release", number, digest_tree(record), ordinal)
            manifest = format_manifest(lines)
            self._open(f"releases/{number}.csv").write_bytes(manifest)
            self._open(f"releases/{number}.yaml").write_text(json.dumps(record))
            digest = chain_digest(digest, manifest)
            lines.clear()


KINDS, YEARS, FORCES = CODES["category"][:11], range(2014, 2025), 44


class TableGenerator(Generator):
    """Writes a register of one published table: each force, year and kind of misconduct, most numbers small."""

    codes: ClassVar[Mapping[str, list[str]]] = CODES | {"area": [*CODES["area"], "gb_btp"]}

    def __init__(self, root: Path, forces: int, seed: int = 1) -> None:
        super().__init__(root, forces * len(YEARS) * len(KINDS), releases=1, sources=1, seed=seed)

    def _row(self, number: int, _start: int, slug: str) -> dict[str, str]:
        rest, kind = divmod(number, len(KINDS))
        force, year = divmod(rest, len(YEARS))
        value = str(int(self.random.lognormvariate(1, 1)))
        said = {
            "measure": "accused",
            "category": KINDS[kind],
            "area": self.codes["area"][force],
            "population": "officers",
        }
        when = {"period_type": "year", "period_start": str(YEARS[year])}
        figure = {"value": value, "printed": value, "at": f"cell={rest + 2},{kind + 3}"}
        row = {"id": observation_id(number), **COMMON, **said, **when, **figure}
        return row | {"counting_unit": "allegations", "stated_by": "office_0", "origin": slug}


def observation_id(number: int) -> str:
    """The id of the observation with that number, below ten million."""
    rest, letters = number * STEP % IDS, ""
    for _ in range(4):
        rest, letter = divmod(rest, len(LETTERS))
        letters += LETTERS[letter]
    return FIRST_LETTERS[rest] + letters


def _place(start: int, words: str) -> str:
    return f"char={start},{start + len(words)}"


def _write_rows(path: Path, columns: tuple[str, ...], rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)  # type: ignore[arg-type]


def main() -> None:
    """Reads the command line and writes the register."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--releases", type=int, default=1)
    parser.add_argument("--sources", type=int, help="without it, each has 250 figures")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", type=int, metavar="FORCES", help="one table of so many forces, and nothing else")
    options = parser.parse_args()
    if options.table:
        TableGenerator(options.directory, options.table, options.seed).write()
        return
    sources = options.sources or max(8, options.observations // FIGURES_OF_A_SOURCE)
    Generator(options.directory, options.observations, options.releases, sources, options.seed).write()


if __name__ == "__main__":
    main()
