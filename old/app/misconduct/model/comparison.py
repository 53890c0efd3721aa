"""Whether figures may be compared, along what, and with which reservations.

Dimension by dimension they are the same, narrower, close, different or unstated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

from misconduct.model.catalogue import NOTHING_SAID, Broader, Catalogue, RelatedCodes, codes_above, is_narrower
from misconduct.model.codes import DIMENSIONS, FIRM, UNSTATED
from misconduct.model.locator import is_in_table
from misconduct.model.observation import Observation
from misconduct.model.period import Coverage, PeriodType, days_of, is_part_of_year, unlike_years
from misconduct.model.phrases import as_printed, period_words, short_source

SAME, NARROWER, CLOSE, DIFFERENT = "same", "narrower", "close", "different"
COMPARABLE, REPEATED = "comparable", "repeated"

DIFFERING = (DIFFERENT, CLOSE, NARROWER)
"""The relations of figures that are not the same in a dimension."""

COMPARED = (*DIMENSIONS, "unit", "period")
"""What must be the same for two figures to count the same thing."""

ALONG = ("area", "category", "population", "period")
"""The dimensions along which a table or a series runs: figures that differ in one of them alone may be compared.

Figures of different tables, if all else is stated and the same, along the area, and along codes that are close.
"""

WORDS = {"counting_unit": "counting unit", "statistic": "kind of number"}

VERDICTS = {
    SAME: "They count the same thing",
    REPEATED: "They print one claim, which is to be counted once",
    COMPARABLE: "They may be compared with each other",
    DIFFERENT: "They do not count the same thing and must not be put side by side as one number",
    UNSTATED: "It cannot be said whether they count the same thing",
}


def relate(name: str, observations: Sequence[Observation], codes: RelatedCodes) -> str:
    """Say whether observations agree in one dimension. What a source leaves open is `unstated`, never `same`.

    It is `narrower` if each of the codes that are stated is below or above each other one, and `close` if the register
    says so of each two.
    """
    keys = [period_key(o) if name == "period" else getattr(o, name) for o in observations]
    known = {key for key in keys if key not in (UNSTATED, None)}
    if len(known) > 1 and name == "period":
        years = [key for key in known if key[0] == PeriodType.YEAR]
        is_open = len(years) == len(known) and len({key[1] for key in known}) == 1
        return UNSTATED if is_open else DIFFERENT  # one year: a source names its months, another does not
    if len(known) > 1:
        is_close = all(codes.are_close(name, str(one), str(other)) for one, other in combinations(known, 2))
        return NARROWER if _is_chain(name, known, codes.broader) else CLOSE if is_close else DIFFERENT
    return SAME if known and len(known) == len(set(keys)) else UNSTATED


def _is_chain(name: str, codes: set[Any], broader: Broader) -> bool:
    if sum(f"{name}/{code}" in broader for code in codes) < len(codes) - 1:
        return False  # only one code of a chain has none above it
    keys = {f"{name}/{code}" for code in codes}
    by_depth = sorted(codes, key=lambda code: len(keys & codes_above(f"{name}/{code}", broader)))
    return all(is_narrower(name, below, above, broader) for above, below in pairwise(by_depth))


def period_key(o: Observation) -> tuple[str | None, ...] | None:
    """Return what identifies a period; None if the source does not say when. *Now* means when it was first said."""
    if _is_year(o):
        return (PeriodType.YEAR, str(o.period_from), o.year_basis)
    if o.period_from and o.period_until:  # a length that is printed beside both ends adds nothing
        return (o.period_type, o.period_start, o.period_end)
    if o.period_from or o.period_until:
        return (o.period_type, o.period_start, o.period_end, o.duration)
    if o.period_type == UNSTATED:
        return None
    return (o.period_type, o.duration, o.period_printed, o.origin)


def _is_year(o: Observation) -> bool:
    return o.year is not None and not is_part_of_year(o)


def evidence_groups(observations: Sequence[Observation]) -> list[dict[str, Any]]:
    """Group observations by origin: those with one origin are one piece of evidence."""
    origins = dict.fromkeys(o.origin for o in observations)
    return [
        {"origin": origin, "observations": [o.id for o in observations if o.origin == origin]} for origin in origins
    ]


def compare(observations: Sequence[Observation], catalogue: Catalogue) -> dict[str, Any]:
    """Compare two or more figures: by dimension, overall, along what, and in a sentence that can be printed."""
    relations = {name: relate(name, observations, catalogue.related_codes) for name in COMPARED}
    is_repeated = _is_repeated(observations, catalogue)
    if relations["period"] == SAME and not is_repeated and _are_part_and_whole(observations, catalogue):
        relations["period"] = DIFFERENT
    differing = [name for name, relation in relations.items() if relation in DIFFERING]
    along = differing if _may_be_compared(observations, relations, differing, catalogue) else []
    is_open = UNSTATED in relations.values() and not _is_one_claim(observations)
    verdict = COMPARABLE if along else DIFFERENT if differing else UNSTATED if is_open else SAME
    verdict = REPEATED if is_repeated and verdict != SAME else verdict
    reservations = list(_reservations(relations, observations, catalogue)) if verdict == COMPARABLE else []
    return {
        "verdict": verdict,
        "comparable_along": along,
        "reservations": reservations,
        "sentence": " ".join([_sentence(verdict, relations, observations, catalogue), *reservations]),
        "dimensions": [
            {"dimension": name, "relation": relation, "values": _shown(name, observations, catalogue)}
            for name, relation in relations.items()
        ],
        "evidence": evidence_groups(observations),
    }


# Along what ---------------------------------------------------------------------------------------------------------


def _may_be_compared(
    observations: Sequence[Observation], relations: dict[str, str], differing: Sequence[str], catalogue: Catalogue
) -> bool:
    """Tell whether each figure differs from another one in a single dimension along which they may be compared.

    What the source of one table leaves open, it must leave open for all of them.
    """
    left_open = (name for name, relation in relations.items() if relation == UNSTATED)
    if not {*differing} <= {*ALONG} or any(_key(name, o) is not None for name in left_open for o in observations):
        return False
    if any(_key(name, o) is None for name in differing for o in observations):
        return False
    if not _are_of_one_table(observations, catalogue) and (
        UNSTATED in relations.values() or any(name != "area" and relations[name] != CLOSE for name in differing)
    ):
        return False
    if "period" in differing and (not _are_like_periods(observations) or part_years(observations, catalogue)):
        return False
    cells = {tuple(_key(name, o) for name in differing) for o in observations}
    reached, ahead = set[tuple[Any, ...]](), [next(iter(cells))]
    while ahead:
        cell = ahead.pop()
        reached.add(cell)
        ahead += [one for one in cells - reached if sum(a != b for a, b in zip(one, cell, strict=True)) == 1]
    return bool(differing) and reached == cells


def _key(name: str, o: Observation) -> Any:
    """Return what an observation says in a dimension; None if that is not stated."""
    key = period_key(o) if name == "period" else getattr(o, name)
    return None if key == UNSTATED else key


def _are_of_one_table(observations: Sequence[Observation], catalogue: Catalogue) -> bool:
    """Tell whether one voice states the figures in one source, or in the editions of one work."""
    tables = set()
    for o in observations:
        edition = catalogue.editions.get(o.source)
        tables.add((o.stated_by, edition.work) if edition else (o.stated_by, o.source, o.origin))
    return len(tables) == 1


def _are_like_periods(observations: Sequence[Observation]) -> bool:
    """Tell whether periods are dated and of one type and length, so that no stock is set against a flow."""
    types = {PeriodType.YEAR if _is_year(o) else o.period_type for o in observations}
    if any(o.period_from is None for o in observations) or len(types) > 1:
        return False
    return len({_length(o) for o in observations}) == 1


def _length(o: Observation) -> Any:
    """Return how long a period is, in months, where it is a window with both ends; a year and a point have a type."""
    if o.period_type != PeriodType.WINDOW or _is_year(o):
        return None
    if o.period_from is None or o.period_until is None:
        return o.id  # an open window is as long as no other
    months = [12 * day.year + day.month for day in (o.period_from, o.period_until)]
    return o.duration, months[1] - months[0]


def part_years(observations: Sequence[Observation], catalogue: Catalogue) -> list[str]:
    """Return the years of which a figure covers only a part."""
    partly = (o for o in observations if catalogue.coverage(o) == Coverage.PART)
    return sorted({o.year for o in partly if o.year})


def _are_part_and_whole(observations: Sequence[Observation], catalogue: Catalogue) -> bool:
    """Tell whether some figures cover only a part of the year that others may cover whole."""
    covered = set(map(catalogue.coverage, observations))
    return Coverage.PART in covered and len(covered) > 1


def _is_repeated(observations: Sequence[Observation], catalogue: Catalogue) -> bool:
    """Tell whether the register says that figures print one claim."""
    said = catalogue.said_of_figures
    return len({said.get(o.id, NOTHING_SAID)["repeats"] or o.id for o in observations}) == 1


def _is_one_claim(observations: Sequence[Observation]) -> bool:
    """Tell whether figures of one origin are printed in the same words, and leave the same things open."""
    words = {(o.origin, o.printed or o.id, o.hedge, *(_key(name, o) for name in COMPARED)) for o in observations}
    return len(words) == 1


# In words -----------------------------------------------------------------------------------------------------------


def _reservations(
    relations: dict[str, str], observations: Sequence[Observation], catalogue: Catalogue
) -> Iterator[str]:
    """Say in sentences what a comparison must not leave out."""
    if not _are_of_one_table(observations, catalogue):
        sources = catalogue.kind("source")
        printed = _joined(list(dict.fromkeys(short_source(sources[o.source]) for o in observations)))
        yield f"They are from different tables ({printed}), which may count in different ways."
    for name, relation in relations.items():
        labels = dict.fromkeys(_shown(name, observations, catalogue))
        if relation == NARROWER:
            yield f"By {WORDS.get(name, name)}, one is a part of another: {_joined([*labels])}."
        elif relation == CLOSE:
            yield f"By {WORDS.get(name, name)}, they are close and not the same: {_joined([*labels])}."
        elif relation == UNSTATED:
            yield f"The {WORDS.get(name, name)} is not stated for any of them."
        if relation in (NARROWER, CLOSE):
            yield from _comments(name, {_key(name, o) for o in observations}, catalogue)


def _comments(name: str, codes: Collection[str], catalogue: Catalogue) -> Iterator[str]:
    """Yield what mappings say of the words of a table that stand for one code, and that match another of them."""
    labels = {catalogue.label(name, code) for code in codes}
    for _, words, comment in sorted(one for code in codes for one in catalogue.comments.get(code, ())):
        if words in labels:
            yield f"{words}: {comment.rstrip('.')}."


def _sentence(
    verdict: str, relations: dict[str, str], observations: Sequence[Observation], catalogue: Catalogue
) -> str:
    sources = catalogue.kind("source")
    figures = _joined([f"{as_printed(o)} ({short_source(sources[o.source])})" for o in observations])
    decisive = (UNSTATED,) if verdict == UNSTATED else DIFFERING
    names = [name for name, relation in relations.items() if relation in decisive]
    because = _joined([_contrast(name, relations[name], observations, catalogue) for name in names])
    reason = {
        SAME: "",
        REPEATED: f", although they differ in {because}" if because else "",
        COMPARABLE: f", because they differ only in {because}",
        DIFFERENT: f", because they differ in {because}",
        UNSTATED: f", because the sources leave open {because}",
    }[verdict]
    partly = part_years(observations, catalogue) if "period" in names else []
    years = f" The figure for {_joined(partly)} is for a part of the year." if partly else ""
    parts = "".join(
        f" {as_printed(part)} is a stated part of {as_printed(whole)}."
        for part in observations
        for whole in observations
        if whole.id in catalogue.said_of_figures.get(part.id, NOTHING_SAID)["part_of"]
    )
    origins = {o.origin for o in observations}
    stated = {o.value for o in observations if o.value is not None and o.qualifier in FIRM}
    if verdict == SAME and len(stated) > 1 and len(origins) > 1:
        parts += " The sources state different numbers of the same thing."
    origin = ""
    if len(origins) == 1 and verdict != COMPARABLE:
        is_of_table = all(o.derivation or (o.at and is_in_table(o.at)) for o in observations)
        origin = f" They go back to one origin{'' if is_of_table else ' and are one piece of evidence'}."
    return f"{figures}: {VERDICTS[verdict][0].lower()}{VERDICTS[verdict][1:]}{reason}.{years}{parts}{origin}"


def _contrast(name: str, relation: str, observations: Sequence[Observation], catalogue: Catalogue) -> str:
    shown_values = _shown(name, observations, catalogue)
    values = dict.fromkeys(value if name == "area" else value.lower() for value in shown_values)
    shown = " / ".join(values)
    if relation == NARROWER:
        shown += ", of which one is a part of the other" if len(values) == 2 else ", each a part of another"
    elif relation == CLOSE:
        shown += ", which are close"
    elif name == "period" and relation == DIFFERENT and len(values) == 1:
        shown += ", said on different occasions"
    elif name == "period" and relation == UNSTATED and len(values) == 1:
        shown += ", whose months not every source names"
    return f"{WORDS.get(name, name)} ({shown})"


def _shown(name: str, observations: Sequence[Observation], catalogue: Catalogue) -> list[str]:
    """Write what each says in a dimension; years of one label that begin in different months with their months."""
    if name == "period":
        unlike = unlike_years(days_of(observations))
        return [_months(o) if o.year in unlike else period_words(o, UNSTATED) for o in observations]
    codes = (getattr(o, name) for o in observations)
    return [catalogue.label(name, code) if name in catalogue.codes else str(code) for code in codes]


def _months(o: Observation) -> str:
    return "–".join(str(day)[: len("2020-04")] for day in (o.period_from, o.period_until))


def _joined(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""
