"""Check what records say of each other: every record that is mentioned exists and is in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from misconduct.model.catalogue import MOST_LEVELS, broader_codes, codes_above, in_order
from misconduct.model.codes import CLOSED_LISTS, CODED
from misconduct.model.kinds import KINDS, NOTED, mentions
from misconduct.model.observation import OPEN
from misconduct.model.period import bounds
from misconduct.register.draft_codes import known_codes
from misconduct.register.files import Layout
from misconduct.register.ledger import Chain, InForce, find_circles
from misconduct.register.mistakes import MANIFEST_LINES, Mistakes, Place, Refused
from misconduct.register.records import WrittenRecord
from misconduct.register.yaml_files import Path

LISTS = (*CODED, "not_statistic_reason")
"""The code lists that every register has."""


MISSTATED_TOTAL = "misstated_total"

ALWAYS = InForce(0, OPEN)
"""In every release."""


class ClaimedRecord(NamedTuple):
    """A record with the releases in which it is in force."""

    entry: WrittenRecord
    in_force: InForce


def latest_versions(found: Iterable[ClaimedRecord]) -> dict[tuple[str, str], int]:
    """Return the latest version of each record, by kind and id."""
    versions = sorted((entry.version, entry.kind, entry.id) for entry, _ in found)
    return {(kind, identity): version for version, kind, identity in versions}


class KnownIds:
    """The ids that may be mentioned, by list (`measure`, …, `source`, `caveat`), each with its releases.

    A `refused` record, or one that may be in an unreadable file, may be mentioned in all: its cause was reported.
    """

    def __init__(
        self, found: Iterable[ClaimedRecord], refused: Iterable[WrittenRecord], chain: Chain, mistakes: Mistakes
    ) -> None:
        self.chain, self._mistakes = chain, mistakes
        self._lists: dict[str, dict[str, list[InForce]]] = {}
        for entry, in_force in (*found, *((entry, ALWAYS) for entry in refused)):
            name, _, code = entry.id.rpartition("/")
            self._lists.setdefault(name or entry.kind, {}).setdefault(code, []).append(in_force)
        for terms in self._lists.values():
            terms.update([(code, _join(spans)) for code, spans in terms.items() if len(spans) > 1])

    def is_complete(self, name: str) -> bool:
        """Return whether every id of the list is known."""
        terms = self._lists.get(name, {}).values()
        return not self._mistakes.may_be_unread(_record(name, "")) and not any(ALWAYS in spans for spans in terms)

    def ids(self, name: str) -> Iterable[str]:
        """Return the ids of one list."""
        return self._lists.get(name, ())

    def in_force(self, name: str, code: str) -> list[InForce]:
        """Return the releases in which the id may be mentioned, as spans; none if it does not exist."""
        return self._lists.get(name, {}).get(code, [])

    def require(self, name: str, code: str) -> list[InForce]:
        """Return the releases in which the id may be mentioned, as spans. Raises Refused if it does not exist."""
        terms = self._lists.get(name, {})
        if code in terms:
            return terms[code]
        if (not terms and name in LISTS) or self._mistakes.may_be_unread(_record(name, code)):
            return [ALWAYS]  # the missing list, or the unreadable file, is reported once
        allowed = f"an id of {_where(name)}"
        if code in known_codes(name):
            allowed += f"; misconduct code {name} {code} --write adds {known_codes(name)[code]['label']}"
        raise Refused("unknown_code", f"there is no {name} {code!r}", allowed, near=(code, terms))

    def require_in_force(self, name: str, code: str, needed: InForce) -> None:
        """Raise Refused unless the id is in force in every release in which it is mentioned."""
        spans = self.require(name, code)
        if _first_gap(needed, spans) and not self._mistakes.manifests_incomplete:
            found = f"the {name} {code!r} is not in force in every release of this record"
            raise Refused("not_in_force", found, f"{code} is in force {self.chain.describe(spans)}")


def _record(name: str, code: str) -> tuple[str, str]:
    """Return kind and id of the record for an id of a list."""
    return (name, code) if name in KINDS else ("code", f"{name}/{code}")


def _where(name: str) -> str:
    return KINDS[name].file if name in KINDS else f"codelists/{name}.csv"


def _join(spans: Iterable[InForce]) -> list[InForce]:
    """Join spans that touch, in order: versions follow each other, but for those that the law removed."""
    joined: list[InForce] = []
    for one in sorted(spans):
        if joined and one.added_in <= joined[-1].ended_in:
            joined[-1] = InForce(joined[-1].added_in, max(joined[-1].ended_in, one.ended_in))
        else:
            joined.append(one)
    return joined


SHOWN_WITH_FIGURES, MOST_MENTIONS = ("check", "correction", "disagreement"), 100
"""The page of a figure shows each of these that mentions it; so many of a kind at most, in whatever release."""


MOST_DATASETS = 32
"""A load writes the files of all at once."""


def check_references(found: list[ClaimedRecord], known: KnownIds, root: str, mistakes: Mistakes) -> None:
    """Report invalid references. `root` is the register's name, for what is missing."""
    _check_lists(known, root, mistakes)
    _check_relations(found, known.chain.draft, mistakes)
    _check_classifications(found, mistakes)
    _check_mentions(found, mistakes)
    _check_datasets(found, mistakes)
    codes = _latest_in_force(found, "code")
    if _check_levels(found, mistakes):
        _check_hierarchies(codes, mistakes)
    _check_notations(codes, mistakes)
    for entry, in_force in found:
        for path, refused in _unknown(entry, in_force, known):
            mistakes.report_at(entry.locate(path), refused)


def _check_levels(found: list[ClaimedRecord], mistakes: Mistakes) -> bool:
    """Report codes with too many above them, in whatever release. Returns whether there are none."""
    codes = {entry.id: entry for entry, _ in found if entry.kind == "code" and entry.content}
    broader = broader_codes(entry.content for entry, _ in found if entry.kind == "code" and entry.content)
    level: dict[str, int] = {}
    for one in in_order(broader):
        level[one] = max((level[above] + 1 for above in broader.get(one, ())), default=0)
        if level[one] == MOST_LEVELS + 1 and one in codes:
            refused = Refused("too_many", f"{one} has {level[one]} levels of codes above it", f"at most {MOST_LEVELS}")
            mistakes.report_at(codes[one].locate(("broader",)), refused)
    return max(level.values(), default=0) <= MOST_LEVELS


def _check_mentions(found: list[ClaimedRecord], mistakes: Mistakes) -> None:
    """Report what mentions a figure that too many records of its kind mention."""
    about: dict[tuple[str, str], set[str]] = {}
    for entry, _ in found:
        if entry.kind in SHOWN_WITH_FIGURES and entry.content:
            for mention in (one for one in mentions(entry.kind, entry.content) if one.to == "observation"):
                naming = about.setdefault((entry.kind, mention.id), set())
                naming.add(entry.id)
                if len(naming) > MOST_MENTIONS:
                    told = f"{mention.id} is in more than {MOST_MENTIONS} records of the kind {entry.kind}"
                    mistakes.report_at(entry.locate(mention.path), Refused("too_many", told, "fewer"))


def _check_datasets(found: list[ClaimedRecord], mistakes: Mistakes) -> None:
    first = {entry.id: entry for entry, _ in reversed(found) if entry.kind == "dataset"}
    for entry in [*first.values()][::-1][MOST_DATASETS:]:
        refused = Refused("too_many", f"there are {len(first)} datasets", f"at most {MOST_DATASETS}")
        mistakes.report_at(entry.locate(("id",)), refused)


def _check_hierarchies(codes: list[WrittenRecord], mistakes: Mistakes) -> None:
    """Report codes that are below themselves, or close to a code that is above or below them."""
    broader = broader_codes(entry.content for entry in codes)
    circle = find_circles(broader)
    for entry in codes:
        if any(circle[one] == circle[entry.id] for one in broader.get(entry.id, ())):
            found_wrong = f"following broader from {entry.id} leads back to it"
            place = "broader" if entry.content["broader"] else "narrower"
            mistakes.report_at(entry.locate((place,)), Refused("broader_cycle", found_wrong))
        for one in (f"{entry.id.partition('/')[0]}/{close}" for close in entry.content["close"]):
            if one == entry.id or entry.id in codes_above(one, broader) or one in codes_above(entry.id, broader):
                found_wrong = f"{one} is this code, or above or below it"
                refused = Refused("close_and_broader", found_wrong, "a code that is only close")
                mistakes.report_at(entry.locate(("close",)), refused)


def _check_notations(codes: list[WrittenRecord], mistakes: Mistakes) -> None:
    """Report notations that are of two codes of a list, or that are another code of it."""
    known, code_of = {entry.id for entry in codes}, dict[tuple[str, str, str], str]()
    for entry in codes:
        name, _, code = entry.id.partition("/")
        scheme, notation = entry.content["scheme"], entry.content["notation"]
        if (scheme is None) != (notation is None):
            given, missing = ("scheme", "notation") if scheme else ("notation", "scheme")
            refused = Refused("half_a_notation", f"a {given} without a {missing}", "both or neither")
            mistakes.report_at(entry.locate((given,)), refused)
        elif notation is not None:
            if (first := code_of.setdefault((name, scheme, notation), code)) != code:
                found_wrong = f"{notation} of {scheme} is the notation of {first} already"
                refused = Refused("duplicate_notation", found_wrong, "one code of a list for each notation")
                mistakes.report_at(entry.locate(("notation",)), refused)
            if notation != code and f"{name}/{notation}" in known:
                found_wrong = f"{notation} is itself another code of this list"
                mistakes.report_at(entry.locate(("notation",)), Refused("notation_is_code", found_wrong, "another one"))


def _check_relations(found: list[ClaimedRecord], draft: int, mistakes: Mistakes) -> None:
    """Report figures that are related to each other in a circle, and figures with two relations where one is enough.

    A repetition stands for what it repeats, so that parts and repetitions are followed together; of drafts, shares too.
    """
    relations = _latest_in_force(found, "relation")
    drafts = {entry.key for entry, in_force in found if entry.kind == "relation" and in_force.added_in == draft}
    steps: dict[str, dict[str, list[str]]] = {"denominator": {}, "part_of": {}, "repeats": {}}
    for entry in relations:
        for one in entry.content["figures"]:
            steps[entry.content["type"]].setdefault(one, []).append(entry.content["of"])
    parts, repeats = steps["part_of"], steps["repeats"]
    together = {one: [*parts.get(one, ()), *repeats.get(one, ())] for one in {**parts, **repeats}}
    following = {**steps, "part_of": together, "repeats": together}
    circle = {kind: find_circles(ahead) for kind, ahead in following.items()}
    related = {one: [*together.get(one, ()), *of] for one, of in steps["denominator"].items()}
    circle_of_all = find_circles({**together, **related})
    for entry in relations:
        kind, of = entry.content["type"], entry.content["of"]
        for number, one in enumerate(entry.content["figures"]):
            place = entry.locate(("figures", number))
            is_circle = circle[kind][of] == circle[kind][one]
            if of != one and (is_circle or (entry.key in drafts and circle_of_all[of] == circle_of_all[one])):
                told = f"following {kind if is_circle else 'parts and shares'} from {one} leads back to it"
                mistakes.report_at(place, Refused("relation_cycle", told))
            elif len(steps[kind][one]) > (len(set(steps[kind][one])) if kind == "part_of" else 1):
                found_wrong = f"{one} is in several relations of type {kind}"
                mistakes.report_at(place, Refused("related_twice", found_wrong, "one relation of this type"))
        if kind == "repeats" and of in steps[kind]:
            found_wrong = f"{of} itself repeats {', '.join(steps[kind][of])}"
            refused = Refused("chained_repeats", found_wrong, "the figure that is repeated, directly")
            mistakes.report_at(entry.locate(("of",)), refused)


def _check_classifications(found: list[ClaimedRecord], mistakes: Mistakes) -> None:
    """Report what would get two codes of one list: from one column, or from two columns other than the id."""
    column_of: dict[str, str] = {}
    code_of: dict[tuple[str, str, str], str] = {}
    for entry in _latest_in_force(found, "classification"):
        list_name = entry.content["code"].partition("/")[0]
        for column, values in entry.content["of"].items():
            if column != "observation" and column_of.setdefault(list_name, column) != column:
                found_wrong = f"{list_name} is already given by {column_of[list_name]}"
                refused = Refused("classified_twice", found_wrong, f"{column_of[list_name]}, or single observations")
                mistakes.report_at(entry.locate(("of", column)), refused)
            first = {value: number for number, value in reversed([*enumerate(values)])}
            for number, value in enumerate(values):
                if code_of.setdefault((list_name, column, value), entry.id) != entry.id or first[value] < number:
                    found_wrong = f"{value} has a code of {list_name} already, by {code_of[list_name, column, value]}"
                    refused = Refused("classified_twice", found_wrong, "one code of each list")
                    mistakes.report_at(entry.locate(("of", column, number)), refused)


def _latest_in_force(found: list[ClaimedRecord], kind: str) -> list[WrittenRecord]:
    latest = latest_versions(found)
    return [
        entry
        for entry, in_force in found
        if entry.kind == kind and in_force.ended_in == OPEN and entry.version == latest[entry.kind, entry.id]
        if entry.content
    ]


def _unknown(entry: WrittenRecord, in_force: InForce, known: KnownIds) -> Iterator[tuple[Path, Refused]]:
    for path, name, code, _ in mentions(entry.kind, {**entry.content, "id": entry.id}):
        try:
            if name != "observation":  # checked when the observations are read (see `assessments`)
                known.require_in_force(name, code, in_force)
        except Refused as refused:
            yield path, refused
    if entry.kind == "table" and entry.content:
        yield from misstated_totals(entry.content["totals"])


def misstated_totals(totals: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Path, Refused]]:
    """Yield the published totals of a table that name no number, or more than one."""
    for at, total in enumerate(totals):
        if sum(total[name] is not None for name in ("stated", "at", "observation")) != 1:
            allowed = "a total names one of: is (a number), at (a cell), observation (an id)"
            yield (
                ("totals", at),
                Refused(MISSTATED_TOTAL, f"{total['title']}: its number is named nowhere, or twice", allowed),
            )


def _check_lists(known: KnownIds, root: str, mistakes: Mistakes) -> None:
    """Report missing lists, and codes of closed lists that the program does not know."""
    for name in LISTS:
        place = Place(f"{root}/codelists/{name}.csv")
        codes, closed = set(known.ids(name)), {*map(str, CLOSED_LISTS.get(name, ()))}
        if not known.is_complete(name):
            continue
        if not codes:
            mistakes.report_at(place, Refused("missing_list", f"there are no codes of the list {name}"))
        for code in sorted(codes - closed if closed else ()):
            found = f"the code {code!r} is not in this closed list"
            mistakes.report_at(place, Refused("closed_list", found, ", ".join(sorted(closed))))


def check_dataset_coverage(
    found: list[ClaimedRecord], removed: list[InForce], known: KnownIds, mistakes: Mistakes
) -> None:
    """Report measures that no dataset shows. What a dataset `removed` by law showed is not known."""
    datasets = [one for one in found if one.entry.kind == "dataset"]
    if not known.is_complete("dataset") or not all(dataset.entry.content for dataset in datasets):
        return
    shown = _shown(datasets)
    latest = latest_versions(found)
    for entry, _ in found:
        name, _, measure = entry.id.rpartition("/")
        if name != "measure" or entry.version < latest[entry.kind, entry.id]:
            continue
        spans = known.in_force("measure", measure)
        hull = InForce(spans[0].added_in, spans[-1].ended_in)
        if hull.added_in and (gap := _first_gap(hull, [*shown.get(measure, ()), *removed])):
            since = f" {known.chain.describe([gap])}" if measure in shown else ""
            allowed = "each measure in one dataset at least (datasets.yaml)"
            found_wrong = f"no dataset shows the measure {measure!r}{since}"
            refused = Refused("not_shown", found_wrong, allowed, about=MANIFEST_LINES)
            mistakes.report_at(entry.locate(()), refused)


def _shown(datasets: list[ClaimedRecord]) -> dict[str, list[InForce]]:
    """Return the releases in which each measure is shown. The next version replaces a version, even as a draft."""
    starts = {(entry.id, entry.version): in_force.added_in for entry, in_force in datasets}
    shown: dict[str, list[InForce]] = {}
    for entry, (added_in, ended_in) in datasets:
        until = min(ended_in, starts.get((entry.id, entry.version + 1), OPEN))
        for measure in entry.content["measures"]:
            shown.setdefault(measure, []).append(InForce(added_in, until))
    return shown


def _first_gap(needed: InForce, spans: Iterable[InForce]) -> InForce | None:
    """Return the first releases of those needed that none of the spans covers."""
    reached = needed.added_in
    for added_in, ended_in in sorted(spans):
        if added_in > reached:
            return InForce(reached, min(added_in, needed.ended_in)) if reached < needed.ended_in else None
        reached = max(reached, ended_in)
    return InForce(reached, needed.ended_in) if reached < needed.ended_in else None


_OF_A_COPY = ("length", "sha256", "retrieved")
"""Keys of a source that need a copy of the document."""


def check_notes(entry: WrittenRecord, mistakes: Mistakes) -> None:
    """Report null keys without a note that explains them, and keys of sources that need a copy and have none."""
    if not entry.content:
        return
    for key in KINDS[entry.kind].marked(NOTED):
        value = entry.content[key]
        if key in _OF_A_COPY and not entry.content["held"]:
            if value is not None:
                refused = Refused("not_held", f"{key} of a source that was not held", "held: true, or no such key")
                mistakes.report_at(entry.locate((key,)), refused)
        elif value is None and (key == "sha256" or (key == "length" and key not in entry.content["notes"])):
            allowed = "length and sha256 of the text that was read, or held: false"
            mistakes.report_at(entry.locate((key,)), Refused("missing_key", f"the key {key!r} is missing", allowed))
        elif value is None and key not in entry.content["notes"]:
            refused = Refused("no_note", f"{key} is null and no note says why", f"a sentence under notes: {key}")
            mistakes.report_at(entry.locate((key,)), refused)
    if entry.kind == "source":
        _check_keys_of_notes(entry, mistakes)


def check_retrieved(source: WrittenRecord, mistakes: Mistakes) -> None:
    """Report a copy that was taken before the source was published."""
    published, retrieved = (source.content.get(key) for key in ("published", "retrieved"))
    if published and retrieved and bounds(retrieved)[1] < bounds(published)[0]:
        found = f"retrieved {retrieved}, before it was published ({published})"
        refused = Refused("retrieved_before", found, "the day on which this copy was taken")
        mistakes.report_at(source.locate(("retrieved",)), refused)


def _check_keys_of_notes(entry: WrittenRecord, mistakes: Mistakes) -> None:
    keys = KINDS[entry.kind].keys
    for key in entry.content["notes"]:
        if key not in keys:
            refused = Refused("unknown_key", f"there is no key {key!r} to note", near=(key, keys))
            mistakes.report_at(entry.locate(("notes", key)), refused)


def check_files_of_sources(layout: Layout, held: dict[str, bool], mistakes: Mistakes) -> None:
    """Report files of figures or excluded numbers without a source, or of a source that is not held."""
    for file in (*layout["observations"], *layout["not-statistics"]):
        if file.stem not in held:
            refused = Refused(
                "unknown_source", f"there is no source {file.stem!r}", "the slug of a source", near=(file.stem, held)
            )
        elif not held[file.stem]:
            refused = Refused(
                "not_held",
                f"the source {file.stem!r} is not held",
                "figures with places only of sources that were read",
            )
        else:
            continue
        mistakes.report_at(Place(file.name), refused)
