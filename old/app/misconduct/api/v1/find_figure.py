"""Find one observation by its id: all its versions, and the one to show in the requested release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from fastapi import Path

from misconduct.api.request_context import Question, refuse_removed
from misconduct.errors import ApiProblem, NotFound, NotInRelease
from misconduct.model.catalogue import Catalogue
from misconduct.model.observation import ID_IN_WORDS, OBSERVATION_ID, OPEN, Observation
from misconduct.model.records import Release
from misconduct.model.standing import NOT_ENDED, Ending, changed_meaning, find_revision, standing
from misconduct.queries import manifest_lines, observations

ObservationId = Annotated[str, Path(description="Id of an observation.", examples=["k7m3q"])]


MOST_REPLACEMENTS = 10
"""Replacements of replacements that are followed, each with two queries; beyond it only the first is named."""


class One(NamedTuple):
    """The version to show, all up to the requested release, oldest first, and the catalogue to show it with.

    If it is not to be shown (`find_one`), that is the catalogue of the requested release.
    `withdrawn`: the versions that only recalled releases have, where no release is named also those of later ones.
    """

    shown: Observation
    known: Sequence[Observation]
    catalogue: Catalogue
    withdrawn: Sequence[Observation] = ()


async def find_one(
    question: Question,
    observation_id: str,
    readings: Sequence[Observation] | None = None,
    *,
    is_shown: bool = True,
) -> One:
    """Find the version current in a named release; without a release, the latest version.

    `readings`: all its versions, if they are known already. `is_shown`: it is shown, which takes the catalogue of the
    last release that had it; else only what became of it is told, also in a release that it had left by then. Raises
    NotFound, NotInRelease, or Removed if it was removed by law.
    """
    if OBSERVATION_ID.fullmatch(observation_id) is None:
        raise NotFound(f"Not an observation id. Ids are {ID_IN_WORDS}.")
    if readings is None:
        readings = await observations.find_versions(question.service.database, observation_id)
    known = known_in(question, readings)
    last, until = known[-1] if known else None, question.release.ordinal if question.names_release else OPEN
    recalled = {one.ordinal for one in _releases(question) if one.recalled and one.ordinal <= until}
    withdrawn = [one for one in readings if one.added_in in recalled and one not in known]
    if last is not None and last.ended_in > question.release.ordinal:
        return One(last, known, question.catalogue, withdrawn)
    await refuse_removed(question.service, "observation", observation_id, question.release)
    if last is None or (question.names_release and is_shown):
        raise _absent(question, observation_id, readings)
    return One(last, known, await catalogue_of(question, last) if is_shown else question.catalogue, withdrawn)


def pin(question: Question, found: One) -> Question:
    """Return the question with its links pinned to a release that has the figure: the last one, if it has ended."""
    if found.shown.ended_in > question.release.ordinal:
        return question
    return replace(question, pinned_to=found.catalogue.release.number)


def known_in(question: Question, readings: Iterable[Observation]) -> list[Observation]:
    """Return the versions of a figure up to the requested release: later ones and drafts are none of its business.

    Nor is one of before that only recalled releases have.
    """
    ordinal, recalled = question.release.ordinal, {one.ordinal for one in _releases(question) if one.recalled}

    def is_withdrawn(reading: Observation) -> bool:
        return reading.ended_in <= ordinal and recalled.issuperset(range(reading.added_in, reading.ended_in))

    return [one for one in readings if one.added_in <= ordinal and not is_withdrawn(one)]


def _releases(question: Question) -> Sequence[Release]:
    return question.service.releases.releases


async def find_standing(
    question: Question, found: One, printed: Decimal | None = None, reasons: manifest_lines.Reasons | None = None
) -> dict[str, Any]:
    """Return the standing of a figure in the requested release; if it ended or was revised, with the reason.

    `reasons`: those of the revisions of several figures, if they are known already.
    """
    ending = NOT_ENDED
    if found.shown.ended_in <= question.release.ordinal:
        ending = await _find_ending(question, found.shown)
    elif revision := find_revision_since(question, found.known, printed):
        if reasons is None:
            reasons = await manifest_lines.find_reasons(question.service.database, [revision])
        ending = NOT_ENDED._replace(reason=reasons.get(revision))
    showed = [one for one in found.withdrawn if printed is not None and one.value == printed]
    if showed and all(one.value != printed for one in found.known):
        [release] = [one for one in _releases(question) if one.ordinal == showed[0].added_in]
        ending = ending._replace(reason=ending.reason or release.recalled, recalled=release.number)
    base_url, withdrawn = question.service.base_url, found.withdrawn
    return standing(found.shown, found.known, printed, question.catalogue, base_url, ending=ending, withdrawn=withdrawn)


def find_revision_since(
    question: Question, readings: Sequence[Observation], printed: Decimal | None
) -> tuple[str, int] | None:
    """Return the version (id, number) since which a figure has another value than was printed, or means something else.

    None if no version had that value, or all that had it mean the same as the last.
    """
    known = known_in(question, readings)
    printed_then = [one for one in known if printed is not None and one.value == printed]
    if all(not changed_meaning(one, known[-1]) for one in printed_then):
        return None
    revision = find_revision(known, printed)
    return revision.id, revision.version


async def _find_ending(question: Question, ended: Observation) -> Ending:
    """Follow the replacements to one that is current."""
    database, ordinal = question.service.database, question.release.ordinal
    last, first, seen = ended, NOT_ENDED, {ended.id}
    while len(seen) <= MOST_REPLACEMENTS:
        lines = await manifest_lines.find_lines(database, "observation", last.id)
        line = next((one for one in lines if one.action == "ended" and one.version >= last.version), None)
        if line is None or line.release > ordinal:
            return first
        first = Ending(line.reason, line.replaced_by, None, ended_in=line.release) if last is ended else first
        if line.replaced_by is None or line.replaced_by in seen:
            return first
        seen.add(line.replaced_by)
        known = known_in(question, await observations.find_versions(database, line.replaced_by))
        if not known:
            return first
        last = known[-1]
        if last.ended_in > ordinal:
            return first._replace(replacement=last)
    return first


async def catalogue_of(question: Question, shown: Observation) -> Catalogue:
    """Return the catalogue of the last release that had a version: codes that it uses may have ended since."""
    if shown.ended_in > question.release.ordinal:
        return question.catalogue
    book = question.service.releases
    [release] = [release for release in book.releases if release.ordinal == shown.ended_in - 1]
    return question.catalogue.looking_back(await book.catalogue(release))


def _absent(question: Question, observation_id: str, readings: Sequence[Observation]) -> ApiProblem:
    """Describe why there is no such version: not in that release, or never known."""
    numbers = {release.ordinal: release.number for release in question.service.releases.releases}
    added_in = [numbers[reading.added_in] for reading in readings if reading.added_in in numbers]
    if not added_in:  # a draft of it, at most, which this service does not show
        return NotFound(f"There is no observation {observation_id!r} in any release.")
    return NotInRelease(f"Release {question.release.number} does not have this observation.", added_in=added_in)
