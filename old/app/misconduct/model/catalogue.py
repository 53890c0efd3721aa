"""The records of one release that are not figures: codes, sources, caveats, datasets and the rest, by their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

from misconduct.model.counts import Counts
from misconduct.model.editions import Editions, editions_of
from misconduct.model.kinds import CLASSIFIED, CLASSIFIED_BY, KINDS
from misconduct.model.locator import Around
from misconduct.model.observation import Observation
from misconduct.model.period import coverage
from misconduct.model.records import Assessment, Record, Release

SOURCE_KEYS = (
    "id", "title", "publisher", "byline", "published", "url", "licence", "held", "sha256", "retrieved", "notes",
)  # fmt: skip
"""The keys of a source that a figure shows of the document that prints it."""

ORIGIN_KEYS = ("id", "title", "publisher", "published", "held", "notes")
"""The keys of a source that a figure shows of the document where the claim was first made."""


NOTHING_SAID: Mapping[str, Any] = {
    "checks": [], "disagreements": [], "part_of": [], "repeats": None, "denominator": None,
}  # fmt: skip
"""What records say of a figure that none of them mentions."""


MANY_SAID = ("checks", "disagreements", "part_of")
"""Lists of what records say of a figure; they may be long, and an entry has about a hundred characters."""


MOST_LEVELS = 20
"""Levels of codes above a code: each answer that compares codes follows them."""


class Refusal(NamedTuple):
    """The gaps that a refusal explains, in its years: of the series with one of the codes of each column."""

    number: int
    id: str
    codes: dict[str, set[str]]


@dataclass(frozen=True)
class Catalogue:
    """Hold the records of one release; `by_kind[kind][id]` is the content of one.

    `records` are the same, sorted, each with the content that answers show before anything is computed for it.
    `counts` are of the figures of each code, if they were counted at load.
    `seen_from` is the ordinal of a later release from which this one is viewed; see `looking_back`.
    """

    release: Release
    by_kind: Mapping[str, Mapping[str, Mapping[str, Any]]]
    release_numbers: Mapping[int, str]
    codes: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    datasets_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checks_of: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    disagreements_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    seen_from: int = 0

    @classmethod
    def assemble(
        cls,
        release: Release,
        records: Iterable[Record],
        assessments: Iterable[Assessment],
        release_numbers: Mapping[int, str],
        beside: Catalogue | None = None,
    ) -> Catalogue:
        """Index records by kind and id, attach what was computed for them, and build the reverse lookups.

        Given another release in `beside`, its records that are of this one too are taken from there, and shared.
        """
        shared = [one for one in beside.records if one.added_in <= release.ordinal < one.ended_in] if beside else []
        records = tuple(sorted([*shared, *(_shown(one, release_numbers) for one in records)]))
        computed = {(one.kind, one.id): one.content for one in assessments}
        computed |= {("source", one.id): _link(one) for one in records if one.kind == "link_check"}
        by_kind: dict[str, dict[str, Mapping[str, Any]]] = {}
        for record in records:
            content = record.content
            if key := KINDS[record.kind].computed:
                content = {**content, key: computed.get((record.kind, record.id))}
            by_kind.setdefault(record.kind, {})[record.id] = content
        return cls(
            release,
            by_kind,
            release_numbers,
            codes=_codes_by_list(by_kind.get("code", {})),
            datasets_of=_inverted(by_kind.get("dataset", {}), "measures"),
            checks_of=_checks_by_observation(by_kind.get("check", {})),
            disagreements_of=_inverted(by_kind.get("disagreement", {}), "members"),
            records=records,
        )

    def looking_back(self, then: Catalogue) -> Catalogue:
        """Return the records of an earlier release, to show a figure that has ended since as it last was.

        It is kept with these records, for the release that looked last: of 36,000 codes, its indexes take a third of a
        second.
        """
        seen, digest = then.seen_later, self.release.digest
        if digest not in seen or seen[digest].release_numbers != self.release_numbers:
            seen.clear()
            seen[digest] = replace(then, release_numbers=self.release_numbers, seen_from=self.release.ordinal)
        return seen[digest]

    def kind(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return all records of one kind by id; empty if the release has none."""
        return self.by_kind.get(name, {})

    def coverage(self, o: Observation) -> str | None:
        """Return how much of its year a figure covers, by its period and the date of its source."""
        return coverage(o, self.kind("source")[o.source]["published"])

    def label(self, list_name: str, code: str) -> str:
        """Return the label of a code."""
        return self.coded[list_name][code]["label"]

    def with_label(self, list_name: str, code: str | None) -> dict[str, str] | None:
        """Return a code with its label, as answers show it; None for none."""
        return None if code is None else self.coded[list_name][code]

    @cached_property
    def coded(self) -> dict[str, dict[str, dict[str, str]]]:
        """Return codes by list and code, each with its label, as answers show them."""
        return {
            name: {code: {"code": code, "label": content["label"]} for code, content in codes.items()}
            for name, codes in self.codes.items()
        }

    @cached_property
    def written(self) -> dict[Any, Callable[[Any], Any]]:
        """Return a place for the functions that write figures of this release, which go with it."""
        return {}

    @cached_property
    def seen_later(self) -> dict[str, Catalogue]:
        """Return a place for these records as a later release looks back at them, by its digest; it goes with them."""
        return {}

    @cached_property
    def said_of_figures(self) -> dict[str, dict[str, Any]]:
        """Return what records say of each figure that they mention: checks, disagreements and relations."""
        said: dict[str, dict[str, Any]] = {}

        def about(identity: str) -> dict[str, Any]:
            return said.setdefault(identity, {**NOTHING_SAID, "checks": [], "disagreements": [], "part_of": []})

        for name, results in self.checks_of.items():
            about(name)["checks"] += results
        for name, groups in self.disagreements_of.items():
            about(name)["disagreements"] += groups
        relations = self.kind("relation").values()
        claims = {name: one["of"] for one in relations if one["type"] == "repeats" for name in one["figures"]}
        for relation in relations:
            for name in relation["figures"]:
                if relation["type"] == "part_of":  # of the whole, and of the claim that the whole repeats
                    about(name)["part_of"] += filter(None, (relation["of"], claims.get(relation["of"])))
                else:
                    about(name)[relation["type"]] = relation["of"]
        for name, claim in claims.items():  # what is printed again is a part of the same
            about(name)["part_of"] = [*dict.fromkeys((*about(name)["part_of"], *about(claim)["part_of"]))]
        return said

    def count_characters(self, figures: Iterable[tuple[str, str, Iterable[str], str]]) -> int:
        """Count, roughly, what documents of figures repeat of records: of source, origin and caveats, and what mentions
        the id."""
        texts, said = self.lengths, self.said_of_figures
        return sum(
            texts["source", source]
            + texts["source", origin]
            + sum(texts["caveat", caveat] for caveat in caveats)
            + (100 * sum(len(said[identity][name]) for name in MANY_SAID) if identity in said else 0)
            for source, origin, caveats, identity in figures
        )

    @cached_property
    def lengths(self) -> Counter[tuple[str, str]]:
        """Return the characters of records, roughly: of each by kind and id, of the codes of a list by its name, and of
        all of a kind under an empty id. They are counted when the records are read, in a thread.
        """
        found = Counter[tuple[str, str]]()
        for kind, records in self.by_kind.items():
            for identity, content in records.items():
                length = len(str(content))
                for name in {identity, identity.partition("/")[0], ""}:
                    found[kind, name] += length
        return found

    @cached_property
    def longest_source(self) -> int:
        """Return how many characters the longest source has, roughly."""
        return max((self.lengths["source", one] for one in self.kind("source")), default=0)

    @property
    def is_indexed(self) -> bool:
        """Whether `index_relations` is done."""
        return "related_figures" in self.__dict__

    def index_relations(self) -> None:
        """Find what lists of figures need of relations. Of 95,000 related figures it takes a second and 40 MB."""
        _ = self.copies_and_parts, self.related_figures  # in this order: `is_indexed` looks at the last

    @cached_property
    def related_figures(self) -> list[str]:
        """Return the ids of all figures that relations or disagreements mention."""
        related = {figure for one in self.kind("relation").values() for figure in (*one["figures"], one["of"])}
        return sorted(related.union(*(one["members"] for one in self.kind("disagreement").values())))

    @cached_property
    def parts_of(self) -> dict[str, set[str]]:
        """Return the figures that the register says are parts of each whole, directly: by relations and by years."""
        found: dict[str, set[str]] = {}
        for one in self.kind("check").values():
            if one["type"] == "yearly_parts":
                found.setdefault(one["whole"], set()).update(one["parts"])
        for one in self.kind("relation").values():
            if one["type"] == "part_of":
                found.setdefault(one["of"], set()).update(one["figures"])
        return found

    @cached_property
    def comments(self) -> dict[str, list[tuple[int, str, str]]]:
        """Return what mappings say of the words of tables, by the code that these match: a number, words, comment."""
        found: dict[str, list[tuple[int, str, str]]] = {}
        terms = (term for mapping in self.kind("mapping").values() for term in mapping["mappings"])
        for number, term in enumerate(terms):
            if term["comment"]:
                found.setdefault(term["object_id"], []).append((number, term["subject_label"], term["comment"]))
        return found

    @cached_property
    def titles(self) -> dict[str, tuple[str, str]]:
        """Return the kinds and titles of disagreements, checks and corrections, by id."""
        return {
            identity: (kind, one.get("title") or identity.replace("-", " "))
            for kind in ("disagreement", "check", "correction")
            for identity, one in self.kind(kind).items()
        }

    @cached_property
    def refusals(self) -> dict[str, dict[tuple[str, str], list[Refusal]]]:
        """Return what refusals to publish explain gaps, by year, and by a column and its code: there may be thousands.

        Each is by the one of its columns that has the rarest codes. All name an area.
        """
        covers = {one["id"]: one["covers"] for one in self.kind("non_publication").values() if one["covers"]}
        codes = {
            identity: {name: {*some} for name, some in one.items() if name != "years" and some}
            for identity, one in covers.items()
        }
        found: dict[str, dict[tuple[str, str], list[Refusal]]] = {}
        rarest_of = find_rarest(codes.values())
        for number, (identity, one) in enumerate(codes.items()):
            rarest = rarest_of[number]
            for year, code in product(map(str, covers[identity]["years"]), one[rarest]):
                found.setdefault(year, {}).setdefault((rarest, code), []).append(Refusal(number, identity, one))
        return found

    @cached_property
    def copies_and_parts(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """Return what each repetition repeats; and what each part is a part of, after the wholes that are parts too."""
        said = self.said_of_figures
        copies = {one: about["repeats"] for one, about in said.items() if about["repeats"]}
        parts = {one: about["part_of"] for one, about in said.items() if about["part_of"]}
        return copies, {one: parts[one] for one in [*in_order(parts), *parts] if one in parts}

    def classify(self, identity: str, *codes: str) -> dict[str, str | None]:
        """Return the codes that a figure gets by classification, from its id and its codes of CLASSIFIED_BY."""
        by_column, remembered = self._classifications
        key = (identity if identity in by_column["observation"] else "", *codes)
        found = remembered.get(key)
        if found is None:
            found = dict.fromkeys(CLASSIFIED)
            for column, code in zip((*CLASSIFIED_BY[::-1], "observation"), (*codes[::-1], identity), strict=True):
                found |= by_column[column].get(code, {})
            remembered[key] = found
        return found

    @cached_property
    def _classifications(self) -> tuple[dict[str, dict[str, dict[str, str]]], dict[tuple[str, ...], dict[str, Any]]]:
        """Return the codes by list, for each column and code, and what was computed from them so far."""
        by_column: dict[str, dict[str, dict[str, str]]] = {name: {} for name in (*CLASSIFIED_BY, "observation")}
        for one in self.kind("classification").values():
            list_name, _, code = one["code"].partition("/")
            for column, classified in one["of"].items():
                for value in classified:
                    by_column[column].setdefault(value, {})[list_name] = code
        return by_column, {}

    @property
    def classified_figures(self) -> Iterable[str]:
        """The ids of the figures that are classified by themselves, not by their codes."""
        return self._classifications[0]["observation"]

    @cached_property
    def mentioned_figures(self) -> set[str]:
        """Return the ids of the figures that records mention: all others have nothing of their own but their cells."""
        return {*self.said_of_figures, *self.classified_figures}

    @cached_property
    def around(self) -> dict[tuple[str, str], Around]:
        """Return the words around places in documents, by source and place."""
        quoted = ((slug, one) for slug, quotes in self.kind("quote").items() for one in quotes["places"])
        return {(slug, one["at"]): Around(one["prefix"], one["suffix"]) for slug, one in quoted}

    @cached_property
    def related_codes(self) -> RelatedCodes:
        """Return which codes are above others, and which are close."""
        return relate_codes(self.kind("code").values())

    @cached_property
    def narrower_codes(self) -> dict[str, dict[str, list[str]]]:
        """Return the codes directly below each code that has any, by list and code."""
        found: dict[str, dict[str, list[str]]] = {}
        for name, codes in self.codes.items():
            below = found[name] = {}
            for code, content in codes.items():
                below.setdefault(content.get("broader") or "", []).append(code)
                below.setdefault(code, []).extend(content.get("narrower", ()))
        return found

    @cached_property
    def notations(self) -> dict[tuple[str, str], list[str]]:
        """Return the codes with each notation of other schemes, by list and notation."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, codes in self.codes.items():
            for code, content in codes.items():
                if content.get("notation"):
                    found.setdefault((name, content["notation"]), []).append(code)
        return found

    @cached_property
    def editions(self) -> Editions:
        """Return the sources that are editions of a work."""
        return editions_of(self.kind("source"))

    @cached_property
    def sources_of_figures(self) -> dict[str, dict[str, Any]]:
        """Return each source as shown by the figures that it prints."""
        return _narrowed(self.kind("source"), SOURCE_KEYS)

    @cached_property
    def origins_of_figures(self) -> dict[str, dict[str, Any]]:
        """Return each source as shown by the figures whose origin it is."""
        return _narrowed(self.kind("source"), ORIGIN_KEYS)


Broader = Mapping[str, list[str]]
"""The codes directly above each code that has any, all as `<list>/<code>`."""


class RelatedCodes(NamedTuple):
    """What codes say of each other, each as `<list>/<code>`: those above it, likewise, and the codes close to it."""

    broader: Broader = MappingProxyType({})
    close: Mapping[str, Collection[str]] = MappingProxyType({})

    def are_close(self, name: str, one: str, other: str) -> bool:
        """Tell whether one of two codes of a list says that the other is close."""
        return other in self.close.get(f"{name}/{one}", ()) or one in self.close.get(f"{name}/{other}", ())


def find_rarest(conditions: Collection[Mapping[str, Collection[Any]]]) -> list[str]:
    """Return, for each of many conditions, which of its columns has the rarest codes, to find it by these."""
    often = Counter((name, code) for one in conditions for name, some in one.items() for code in some)
    return [min(one, key=lambda name: sum(often[name, code] for code in one[name])) for one in conditions]


def relate_codes(codes: Iterable[Mapping[str, Any]]) -> RelatedCodes:
    """Return how codes are related, given their contents."""
    codes = list(codes)
    return RelatedCodes(broader_codes(codes), {code["id"]: code["close"] for code in codes if code.get("close")})


def broader_codes(codes: Iterable[Mapping[str, Any]]) -> Broader:
    """Map each code to those above it, by its own `broader` and by their `narrower`, given the contents of codes."""
    found: dict[str, list[str]] = {}
    for code in codes:
        in_list = f"{code['id'].partition('/')[0]}/"
        if code.get("broader"):
            found.setdefault(code["id"], []).append(in_list + code["broader"])
        for one in code.get("narrower", ()):
            found.setdefault(in_list + one, []).append(code["id"])
    return found


def is_narrower(name: str, code: str, than: str, broader: Broader) -> bool:
    """Tell whether a code of a list is below another one in it."""
    return f"{name}/{than}" in codes_above(f"{name}/{code}", broader)


def in_order(steps: Mapping[str, Iterable[str]]) -> list[str]:
    """Return what leads into no circle, each after all that it leads to."""
    sorter, found = TopologicalSorter(steps), list[str]()
    with suppress(CycleError):
        sorter.prepare()
    while ready := sorter.get_ready():
        found += ready
        sorter.done(*ready)
    return found


def codes_above(code: str, broader: Broader) -> set[str]:
    """Return all codes that a code is below, directly or through others; written with their lists."""
    found, level = set[str](), {code}
    for _ in range(MOST_LEVELS):
        level = {above for one in level for above in broader.get(one, ())} - found
        found |= level
    return found


Contents = Mapping[str, Mapping[str, Any]]


def _narrowed(contents: Contents, keys: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {identity: {key: content[key] for key in keys} for identity, content in contents.items()}


def _shown(record: Record, release_numbers: Mapping[int, str]) -> Record:
    """Return a record with its content as answers show it. What an earlier program loaded lacks the keys new since."""
    kind = KINDS[record.kind]
    content = {name: record.content.get(name, kind.blank[name]) for name in kind.keys}
    return record._replace(content={**content, "added_in": release_numbers[record.added_in]})


def _link(check: Record) -> dict[str, Any]:
    """Return the last link check of a source in a release, as the source shows it."""
    return {name: check.content.get(name) for name in KINDS["link_check"].keys if name not in ("id", "version")}


def _codes_by_list(codes: Contents) -> dict[str, dict[str, Mapping[str, Any]]]:
    lists: dict[str, dict[str, Mapping[str, Any]]] = {}
    for identity, content in codes.items():
        list_name, code = identity.split("/")
        lists.setdefault(list_name, {})[code] = content
    return lists


def _inverted(records: Contents, key: str) -> dict[str, tuple[str, ...]]:
    """Map each id that the records list under `key` to the ids of the records that list it."""
    found: dict[str, tuple[str, ...]] = {}
    for identity, content in records.items():
        for name in content[key]:
            found[name] = (*found.get(name, ()), identity)
    return found


def _checks_by_observation(checks: Contents) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for identity, check in checks.items():
        if check["outcome"] is not None:
            touched = dict.fromkeys((check["whole"], *check["parts"], *filter(None, [check["share"]])))
            for name in touched:
                found.setdefault(name, []).append({"id": identity, "result": check["outcome"]["result"]})
    return found
