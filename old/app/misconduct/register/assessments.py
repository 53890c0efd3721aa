"""Compute the results of checks and disagreements in each release, from the observations that they mention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from misconduct.model.catalogue import RelatedCodes, relate_codes
from misconduct.model.checks import FAILS, HOLDS, UNDECIDABLE, assess
from misconduct.model.codes import Statistic
from misconduct.model.comparison import COMPARED, evidence_groups, relate
from misconduct.model.figure import number
from misconduct.model.kinds import mentions
from misconduct.model.observation import Observation
from misconduct.model.records import Assessment
from misconduct.register.ledger import Ledger
from misconduct.register.mistakes import MANIFEST_LINES, Mistakes, Refused
from misconduct.register.observations import Batch
from misconduct.register.records import WrittenRecord
from misconduct.register.references import ClaimedRecord, latest_versions
from misconduct.register.yaml_files import Path

SHOWN = ("version", "printed", "hedge", "qualifier", "population", "counting_unit", "measure", "category", "stated_by")
SHOWN_SOURCE = ("origin", "source", "at")
_SUGGESTED = 5_000  # known ids that are compared with a misspelt one


def observations_of(kind: str, content: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """List every observation that a record mentions, with the path to the mention."""
    return [(mention.path, mention.id) for mention in mentions(kind, content) if mention.to == "observation"]


class Assessor:
    """Keep the observations that records mention while all are read, then assess the records."""

    def __init__(self, found: Iterable[ClaimedRecord], ledger: Ledger, mistakes: Mistakes) -> None:
        self._ledger, self._mistakes = ledger, mistakes
        every = list(found)
        self._codes = sorted((one for one in every if one.entry.kind == "code"), key=lambda one: one.entry.version)
        self._related: dict[int, RelatedCodes] = {}
        self._found = [one for one in every if observations_of(one.entry.kind, one.entry.content)]
        self._wanted = {name for one in self._found for _, name in observations_of(one.entry.kind, one.entry.content)}
        self._latest = latest_versions(self._found)
        self._removed = {key.partition("@")[0] for key in ledger.removed}
        self._kept: dict[str, list[Observation]] = {}
        self._known: dict[str, None] = {}

    def watch(self, batch: Batch) -> None:
        """Keep the observations that are mentioned."""
        if len(self._known) < _SUGGESTED:
            self._known |= dict.fromkeys(batch.columns["id"])
        if not self._wanted.isdisjoint(batch.columns["id"]):
            wanted = [number for number, name in enumerate(batch.columns["id"]) if name in self._wanted]
            for o in batch.observe(wanted):
                self._kept.setdefault(o.id, []).append(o)

    def check(self) -> None:
        """Report mentions of observations that do not exist."""
        for entry, _ in self._found:
            for path, name in observations_of(entry.kind, entry.content):
                if not self._ledger.latest(name):
                    found, near = f"there is no observation {name!r}", (name, self._known)
                    refused = Refused("unknown_observation", found, near=near, about=("observation", name))
                    self._mistakes.report_at(entry.locate(path), refused)

    def assess(self, releases: int) -> Iterator[Assessment]:
        """Yield the result of each record in each release, and report the records that cannot be assessed."""
        for one in self._found:
            if all(self._is_read(name) for _, name in observations_of(one.entry.kind, one.entry.content)):
                yield from self._assess_record(one, releases)

    def _is_read(self, name: str) -> bool:
        """Return whether the latest known version was read or removed; if not, that was reported already."""
        latest = self._ledger.latest(name)
        return f"{name}@{latest}" in self._ledger.removed or any(o.version == latest for o in self._kept.get(name, ()))

    def _assess_record(self, one: ClaimedRecord, releases: int) -> Iterator[Assessment]:
        entry, (added_in, ended_in) = one
        reported, before = set[Any](), ""
        mentioned = observations_of(entry.kind, entry.content)
        names = dict.fromkeys(name for _, name in mentioned)
        is_last = (
            entry.version == self._latest[entry.kind, entry.id]
        )  # else a later version overrides it, if only a draft
        for release in range(added_in, min(ended_in, releases + is_last)):
            in_force = self._in_force(release, names)
            result, faults = None, self._not_in_force(mentioned, {*in_force, *self._may_have_ended(entry, release)})
            if len(in_force) == len(names):
                result, faults = examine(entry.kind, entry.content, in_force, self._codes_in(release))
            if result is not None:
                yield Assessment(release, entry.kind, entry.id, result)
                if release == self._ledger.chain.draft:
                    faults += _lacks_explanation(entry.content, result, before)
                before = result.get("result", "")
            if added_in == self._ledger.chain.draft:
                faults += _answered_by_others(entry.content)
            for path, refused in faults:
                if (refused.code, path) not in reported:
                    reported.add((refused.code, path))
                    self._mistakes.report_at(entry.locate(path), refused)

    def _may_have_ended(self, entry: WrittenRecord, release: int) -> Iterator[str]:
        """Yield the observations of this release and those before that the record may name even if they have ended."""
        for mention in mentions(entry.kind, entry.content):
            if mention.or_ended and any(o.added_in <= release for o in self._kept.get(mention.id, ())):
                yield mention.id

    def _not_in_force(
        self, mentioned: Iterable[tuple[Path, str]], in_force: Collection[str]
    ) -> list[tuple[Path, Refused]]:
        """Return the first mention of each observation that is not in force, unless it was removed by law."""
        first = {name: path for path, name in reversed([*mentioned])}
        absent = [(path, name) for name, path in first.items() if name not in in_force and name not in self._removed]
        found = "the observation {!r} is not in force in every release of this record"
        allowed, about = "its next version, or an end", MANIFEST_LINES
        return [(path, Refused("not_in_force", found.format(name), allowed, about=about)) for path, name in absent]

    def _codes_in(self, release: int) -> RelatedCodes:
        """Return how the latest versions of codes in force are related."""
        if release not in self._related:
            here = {
                one.id: one.content for one, (since, until) in self._codes if one.content and since <= release < until
            }
            self._related[release] = relate_codes(here.values())
        return self._related[release]

    def _in_force(self, release: int, names: Iterable[str]) -> dict[str, Observation]:
        """Return the latest versions in force. A draft overrides the version before it, which is in force as well."""
        return {
            name: reading
            for name in names
            for reading in sorted(self._kept.get(name, ()))
            if reading.added_in <= release < reading.ended_in
        }


def examine(
    kind: str, content: Mapping[str, Any], observations: Mapping[str, Observation], codes: RelatedCodes
) -> tuple[dict[str, Any] | None, list[tuple[Path, Refused]]]:
    """Return a record's result, from the observations that it mentions by id, and what a register may not say of them.

    The result is None for kinds without one.
    """
    if kind == "relation":
        return None, list(_faults_of_relation(content, observations))
    try:
        return compute(kind, content, observations, codes), []
    except Refused as refused:
        return None, [((refused.column,) if refused.column else (), refused)]


def compute(
    kind: str, content: Mapping[str, Any], observations: Mapping[str, Observation], codes: RelatedCodes
) -> dict[str, Any] | None:
    """Compute a record's result from the observations that it mentions, by id; None for kinds without a result.

    Raises Refused where the result is one that a register may not state.
    """
    return _CONTENTS[kind](content, observations, codes) if kind in _CONTENTS else None


def _outcome(check: Mapping[str, Any], observations: Mapping[str, Observation], codes: RelatedCodes) -> dict[str, Any]:
    """Compute the result of a check. Raises Refused if it fails and nothing explains why."""
    outcome = assess(check, observations, codes.broader)
    if outcome.result == FAILS and not check["explanation"]:
        found = f"this check fails ({outcome.computed} against {outcome.stated}) and has no explanation"
        raise Refused("unexplained", found, "an explanation, or corrected figures")
    return {**outcome._asdict(), "unlike": list(outcome.unlike), "missing_years": list(outcome.missing_years)}


def _lacks_explanation(check: Mapping[str, Any], outcome: Mapping[str, Any], before: str) -> list[tuple[Path, Refused]]:
    """Return what is wrong with a check that cannot be decided and does not say why, unless that was so before."""
    if outcome.get("result") != UNDECIDABLE or before not in ("", HOLDS) or check["explanation"]:
        return []
    found = f"this check is undecidable ({_why_undecidable(check, outcome)}) and has no explanation"
    return [
        ((), Refused("unexplained", found, "an explanation, or `asserted: true` where a source states the identity"))
    ]


def _answered_by_others(record: Mapping[str, Any]) -> Iterator[tuple[Path, Refused]]:
    """Yield the figures that answer a question of a disagreement of which they are no members."""
    for place, one in enumerate(record.get("answers", ())):
        if (name := one["observation"]) not in record["members"]:
            refused = Refused("not_a_member", f"{name} is not a member of this disagreement", "one of its members")
            yield ("answers", place, "observation"), refused


def _why_undecidable(check: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    reasons = [
        "a number is missing" if outcome["stated"] is None or outcome["computed"] is None else "",
        f"no source states {', '.join(map(str, outcome['missing_years']))}" if outcome["missing_years"] else "",
        f"unlike in {', '.join(outcome['unlike'])}" if outcome["unlike"] else "",
        "" if check["asserted"] else "no source states the identity",
    ]
    return "; ".join(filter(None, reasons))


def _comparison(
    disagreement: Mapping[str, Any], observations: Mapping[str, Observation], codes: RelatedCodes
) -> dict[str, Any]:
    """Compare the members dimension by dimension, and group them by evidence. Raises Refused if they do not differ."""
    members = [observations[name] for name in disagreement["members"]]
    relations = {name: relate(name, members, codes) for name in COMPARED}
    if set(relations.values()) == {"same"} and len({o.value for o in members}) == 1:
        raise Refused("no_difference", "the members of this disagreement do not differ", column="members")
    return {
        "dimensions": relations,
        "evidence": evidence_groups(members),
        "figures": [summarise(o) for o in members],
    }


def summarise(o: Observation) -> dict[str, Any]:
    """Describe a figure of a disagreement in codes."""
    period = {"type": o.period_type, "start": o.period_start, "end": o.period_end, "printed": o.period_printed}
    codes = {name: getattr(o, name) for name in SHOWN}
    return {
        "id": o.id,
        "value": number(o.value),
        **codes,
        "period": period,
        **{name: getattr(o, name) for name in SHOWN_SOURCE},
    }


def _faults_of_relation(
    relation: Mapping[str, Any], observations: Mapping[str, Observation]
) -> Iterator[tuple[Path, Refused]]:
    """Yield what is wrong with each figure of a relation, with its place in the record."""
    of, kind = observations[relation["of"]], relation["type"]
    for place, one in enumerate(map(observations.__getitem__, relation["figures"])):
        refused = None
        if one.id == of.id:
            refused = Refused("own_relation", f"{one.id} is related to itself", "two figures")
        elif kind == "repeats":
            refused = _fault_of_repetition(one, of)
        elif kind == "denominator" and one.statistic != Statistic.SHARE:
            refused = Refused("not_a_share", f"{one.id} is a {one.statistic}", "a share")
        elif kind == "part_of" and _is_larger(one, of) and not relation["explanation"]:
            found = f"{one.id} ({one.printed}) is said to be a part of {of.id} ({of.printed}), and is larger"
            refused = Refused("part_too_large", found, "an explanation, or other figures")
        if refused:
            yield ("figures", place), refused


def _fault_of_repetition(one: Observation, of: Observation) -> Refused | None:
    if (one.value, one.value_absent, one.unit) != (of.value, of.value_absent, of.unit):
        found = f"{one.id} ({one.printed}) does not repeat {of.id} ({of.printed})"
        return Refused("not_repeated", found, "the same value in the same unit")
    if (one.measure, one.statistic) != (of.measure, of.statistic):
        found = f"{one.id} states {one.measure} ({one.statistic}), and {of.id} {of.measure} ({of.statistic})"
        return Refused("not_repeated", found, "the same measure")
    if one.origin != of.origin:
        found = f"{one.id} and {of.id} have different origins ({one.origin}, {of.origin})"
        return Refused("not_repeated", found, "one origin: independent statements are not repeats")
    return None


def _is_larger(part: Observation, whole: Observation) -> bool:
    kinds = [(one.unit, one.statistic, one.counting_unit) for one in (part, whole)]
    return kinds[0] == kinds[1] and None not in (part.value, whole.value) and part.value > whole.value  # type: ignore[operator]


_CONTENTS = {"check": _outcome, "disagreement": _comparison}
