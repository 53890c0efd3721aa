"""Whether figures may be compared. Dimension by dimension: same, different or unstated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.model.catalogue import Catalogue
from app.model.codes import DIMENSIONS, UNSTATED
from app.model.observation import Observation
from app.model.phrases import as_printed, period_words, short_source

SAME, DIFFERENT = "same", "different"

COMPARED = (*DIMENSIONS, "unit", "period")
"""What must be the same for two figures to count the same thing."""

WORDS = {"counting_unit": "counting unit", "statistic": "kind of number"}

VERDICTS = {
    SAME: "They count the same thing",
    DIFFERENT: "They do not count the same thing and must not be put side by side as one number",
    UNSTATED: "It cannot be said whether they count the same thing",
}


def relate(name: str, observations: Sequence[Observation]) -> str:
    """Say whether observations agree in one dimension. What a source leaves open is `unstated`, never `same`."""
    keys = [period_key(o) if name == "period" else getattr(o, name) for o in observations]
    known = {key for key in keys if key not in (UNSTATED, None)}
    if len(known) > 1:
        return DIFFERENT
    return SAME if known and len(known) == len(set(keys)) else UNSTATED


def period_key(o: Observation) -> tuple[str | None, ...] | None:
    """Return what identifies a period; None if the source does not say when. *Now* means when it was first said."""
    if o.period_from or o.period_until:
        return (o.period_type, o.period_start, o.period_end, o.duration)
    if o.period_type == UNSTATED:
        return None
    return (o.period_type, o.duration, o.period_printed, o.origin)


def evidence_groups(observations: Sequence[Observation]) -> list[dict[str, Any]]:
    """Group observations by origin: those with one origin are one piece of evidence."""
    origins = dict.fromkeys(o.origin for o in observations)
    return [
        {"origin": origin, "observations": [o.id for o in observations if o.origin == origin]} for origin in origins
    ]


def compare(observations: Sequence[Observation], catalogue: Catalogue) -> dict[str, Any]:
    """Compare two or more figures: by dimension, overall, and in a sentence that can be printed."""
    relations = {name: relate(name, observations) for name in COMPARED}
    found = set(relations.values())
    verdict = DIFFERENT if DIFFERENT in found else UNSTATED if UNSTATED in found else SAME
    return {
        "verdict": verdict,
        "sentence": _sentence(verdict, relations, observations, catalogue),
        "dimensions": [
            {"dimension": name, "relation": relation, "values": [_shown(name, o, catalogue) for o in observations]}
            for name, relation in relations.items()
        ],
        "evidence": evidence_groups(observations),
    }


def _sentence(
    verdict: str, relations: dict[str, str], observations: Sequence[Observation], catalogue: Catalogue
) -> str:
    sources = catalogue.kind("source")
    figures = _joined([f"{as_printed(o)} ({short_source(sources[o.source])})" for o in observations])
    decisive = [name for name, relation in relations.items() if relation == verdict and verdict != SAME]
    because = _joined([_contrast(name, observations, catalogue) for name in decisive])
    reason = {
        SAME: "",
        DIFFERENT: f", because they differ in {because}",
        UNSTATED: f", because the sources leave open {because}",
    }[verdict]
    origins = {o.origin for o in observations}
    origin = " They go back to one origin and are one piece of evidence." if len(origins) == 1 else ""
    return f"{figures}: {VERDICTS[verdict][0].lower()}{VERDICTS[verdict][1:]}{reason}.{origin}"


def _contrast(name: str, observations: Sequence[Observation], catalogue: Catalogue) -> str:
    values = dict.fromkeys(_shown(name, o, catalogue).lower() for o in observations)
    return f"{WORDS.get(name, name)} ({' / '.join(values)})"


def _shown(name: str, o: Observation, catalogue: Catalogue) -> str:
    if name == "period":
        return period_words(o, UNSTATED)
    code = getattr(o, name)
    return catalogue.label(name, code) if name in catalogue.codes else str(code)


def _joined(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""
