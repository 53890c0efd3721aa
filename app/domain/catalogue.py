"""Everything small that one release holds: codes, sources, caveats and datasets, by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.records import Record, Release


@dataclass(frozen=True)
class Catalogue:
    """The records of one release, beside which its observations are read. `by_kind[kind][id]` is the content."""

    release: Release
    by_kind: Mapping[str, Mapping[str, Mapping[str, Any]]]
    release_numbers: Mapping[int, str]
    codes: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    datasets_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checks_of: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    disagreements_of: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def assemble(cls, release: Release, records: Iterable[Record], release_numbers: Mapping[int, str]) -> Catalogue:
        """Sorts records by kind and id, codes by list, and finds the datasets of each measure."""
        by_kind: dict[str, dict[str, Mapping[str, Any]]] = {}
        codes: dict[str, dict[str, Mapping[str, Any]]] = {}
        for record in sorted(records):
            content = {**record.content, "added_in": release_numbers[record.added_in]}
            by_kind.setdefault(record.kind, {})[record.id] = content
            if record.kind == "code":
                list_name, code = record.id.split("/")
                codes.setdefault(list_name, {})[code] = content
        datasets_of: dict[str, tuple[str, ...]] = {}
        for slug, dataset in by_kind.get("dataset", {}).items():
            for measure in dataset["measures"]:
                datasets_of[measure] = (*datasets_of.get(measure, ()), slug)
        return cls(release, by_kind, release_numbers, codes, datasets_of)

    def kind(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """All records of one kind, by id; empty where the release has none."""
        return self.by_kind.get(name, {})

    def label(self, list_name: str, code: str) -> str:
        """What a code means, in words."""
        label: str = self.codes[list_name][code]["label"]
        return label

    def coded(self, list_name: str, code: str) -> dict[str, str]:
        """A code with its label, as answers carry it."""
        return {"code": code, "label": self.label(list_name, code)}
