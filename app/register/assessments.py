"""What checks and disagreements come to, in each release: computed from the observations that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import compress
from typing import Any

from app.domain.checks import FAILS, assess
from app.domain.comparison import COMPARED, evidence_groups, relate
from app.domain.kinds import mentions
from app.domain.observation import Observation
from app.domain.records import Assessment
from app.register.ledger import Ledger
from app.register.mistakes import MANIFEST_LINES, Mistakes, Refused
from app.register.observations import Batch
from app.register.references import Found, latest_versions
from app.register.yaml_files import Path

SHOWN = ("version", "printed", "hedge", "qualifier", "population", "counting_unit", "measure", "category", "stated_by")
SHOWN_SOURCE = ("origin", "source", "at")
_SUGGESTED = 5_000  # observations of which a misspelt id may be one


def observations_of(kind: str, content: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """List every observation that a record mentions, and where it does."""
    return [(path, identity) for path, to, identity in mentions(kind, content) if to == "observation"]


class Assessor:
    """Keeps the observations that records name while all stream by, and then assesses the records."""

    def __init__(self, found: Iterable[Found], ledger: Ledger, mistakes: Mistakes) -> None:
        self._ledger, self._mistakes = ledger, mistakes
        self._found = [one for one in found if observations_of(one.entry.kind, one.entry.content)]
        self._wanted = {name for one in self._found for _, name in observations_of(one.entry.kind, one.entry.content)}
        self._latest = latest_versions(self._found)
        self._removed = {key.partition("@")[0] for key in ledger.removed}
        self._kept: dict[str, list[Observation]] = {}
        self._known: dict[str, None] = {}

    def watch(self, batch: Batch) -> None:
        """Keeps those of the observations that are named."""
        if len(self._known) < _SUGGESTED:
            self._known |= dict.fromkeys(o.id for o in batch.observations)
        for o in compress(batch.observations, (o.id in self._wanted for o in batch.observations)):
            self._kept.setdefault(o.id, []).append(o)

    def check(self) -> None:
        """Reports observations that are named and that there are not."""
        for entry, _ in self._found:
            for path, name in observations_of(entry.kind, entry.content):
                if not self._ledger.latest(name):
                    found, near = f"there is no observation {name!r}", (name, self._known)
                    refused = Refused("unknown_observation", found, near=near, about=("observation", name))
                    self._mistakes.report_at(entry.locate(path), refused)

    def assess(self, releases: int) -> Iterator[Assessment]:
        """What each record comes to in each release; what cannot be is reported."""
        for one in self._found:
            if all(self._is_read(name) for _, name in observations_of(one.entry.kind, one.entry.content)):
                yield from self._assess_record(one, releases)

    def _is_read(self, name: str) -> bool:
        """Whether the latest version that is known of was read, or removed; if not, that was told already."""
        latest = self._ledger.latest(name)
        return f"{name}@{latest}" in self._ledger.removed or any(o.version == latest for o in self._kept.get(name, ()))

    def _assess_record(self, one: Found, releases: int) -> Iterator[Assessment]:
        entry, (added_in, ended_in) = one
        told: set[str] = set()
        is_last = entry.version == self._latest[entry.kind, entry.id]  # else it gives way, if only to a draft
        for release in range(added_in, min(ended_in, releases + is_last)):
            in_force = self._in_force(release)
            absent = [(path, name) for path, name in observations_of(entry.kind, entry.content) if name not in in_force]
            for path, name in absent:
                if name not in self._removed and name not in told:
                    told.add(name)
                    found = f"the observation {name!r} is not in force in every release of this record"
                    refused = Refused("not_in_force", found, "its next version, or an end", about=MANIFEST_LINES)
                    self._mistakes.report_at(entry.locate(path), refused)
            if not absent and entry.kind in _CONTENTS:
                try:
                    yield Assessment(release, entry.kind, entry.id, _CONTENTS[entry.kind](entry.content, in_force))
                except Refused as refused:
                    if refused.code not in told:
                        told.add(refused.code)
                        self._mistakes.report_at(entry.locate((refused.column,) if refused.column else ()), refused)

    def _in_force(self, release: int) -> dict[str, Observation]:
        """The last readings that are in force. A draft's predecessor is, too, and gives way to it."""
        return {
            name: reading
            for name, readings in self._kept.items()
            for reading in sorted(readings)
            if reading.added_in <= release < reading.ended_in
        }


def compute(kind: str, content: Mapping[str, Any], observations: Mapping[str, Observation]) -> dict[str, Any] | None:
    """What a record comes to, given the observations that it names by id; None for kinds that come to nothing.

    Raises Refused where it can come to nothing that a register may say.
    """
    return _CONTENTS[kind](content, observations) if kind in _CONTENTS else None


def _outcome(check: Mapping[str, Any], observations: Mapping[str, Observation]) -> dict[str, Any]:
    """What a check comes to. Raises Refused if it fails and nothing says why."""
    outcome = assess(check, observations)
    if outcome.result == FAILS and not check["explanation"]:
        found = f"this check fails ({outcome.computed} against {outcome.stated}) and has no explanation"
        raise Refused("unexplained", found, "an explanation, or another reading of the figures")
    return {**outcome._asdict(), "unlike": list(outcome.unlike), "missing_years": list(outcome.missing_years)}


def _comparison(disagreement: Mapping[str, Any], observations: Mapping[str, Observation]) -> dict[str, Any]:
    """In which dimensions the members differ, and which are one piece of evidence. Raises Refused if none differ."""
    members = [observations[name] for name in disagreement["members"]]
    relations = {name: relate(name, members) for name in COMPARED}
    if set(relations.values()) == {"same"} and len({o.value for o in members}) == 1:
        raise Refused("no_difference", "the members of this disagreement do not differ", column="members")
    return {
        "dimensions": relations,
        "evidence": evidence_groups(members),
        "figures": [_summary(o) for o in members],
    }


def _summary(o: Observation) -> dict[str, Any]:
    value = None if o.value is None else f"{o.value:f}"
    period = {"type": o.period_type, "start": o.period_start, "end": o.period_end, "printed": o.period_printed}
    codes = {name: getattr(o, name) for name in SHOWN}
    return {"id": o.id, "value": value, **codes, "period": period, **{name: getattr(o, name) for name in SHOWN_SOURCE}}


_CONTENTS = {"check": _outcome, "disagreement": _comparison}
