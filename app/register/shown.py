"""Every measure in force is shown by a dataset in force: in each release, or nobody would find its figures."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.observation import OPEN
from app.register.ledger import InForce
from app.register.mistakes import MANIFEST_LINES, Mistakes, Refused
from app.register.references import Found, Known


def check_shown(found: list[Found], removed: list[InForce], known: Known, mistakes: Mistakes) -> None:
    """Reports measures that no dataset shows. What datasets showed that were `removed` by law is not known."""
    datasets = [one for one in found if one.entry.kind == "dataset"]
    if not known.is_whole("dataset") or not all(dataset.entry.content for dataset in datasets):
        return
    shown = _shown(datasets)
    latest = {entry.id: entry for entry, _ in sorted(found, key=_version) if entry.id.startswith("measure/")}
    for entry in latest.values():
        measure = entry.id.removeprefix("measure/")
        in_force = known.in_force("measure", measure)
        if in_force and in_force.added_in and (gap := _first_gap(in_force, [*shown.get(measure, ()), *removed])):
            since = f" {known.chain.describe(gap)}" if measure in shown else ""
            allowed = "each measure in one dataset at least (datasets.yaml)"
            found_out = f"no dataset shows the measure {measure!r}{since}"
            refused = Refused("not_shown", found_out, allowed, about=MANIFEST_LINES)
            mistakes.report_at(entry.locate(()), refused)


def _shown(datasets: list[Found]) -> dict[str, list[InForce]]:
    """The releases in which each measure is shown. A version gives way to the next one, if only to a draft."""
    starts = {(entry.id, entry.version): in_force.added_in for entry, in_force in datasets}
    shown: dict[str, list[InForce]] = {}
    for entry, (added_in, ended_in) in datasets:
        until = min(ended_in, starts.get((entry.id, entry.version + 1), OPEN))
        for measure in entry.content["measures"]:
            shown.setdefault(measure, []).append(InForce(added_in, until))
    return shown


def _first_gap(needed: InForce, spans: Iterable[InForce]) -> InForce | None:
    """The first releases of those needed that none of the spans covers."""
    reached = needed.added_in
    for added_in, ended_in in sorted(spans):
        if added_in > reached:
            return InForce(reached, min(added_in, needed.ended_in)) if reached < needed.ended_in else None
        reached = max(reached, ended_in)
    return InForce(reached, needed.ended_in) if reached < needed.ended_in else None


def _version(one: Found) -> int:
    return one.entry.version
