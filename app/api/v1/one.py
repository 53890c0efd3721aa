"""One observation by its id, as the asked release has it: every reading, and the one to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from fastapi import Path

from app.api.question import Question
from app.domain.observation import OBSERVATION_ID, Observation
from app.errors import ApiProblem, NotFound, NotInRelease, Removed
from app.queries import history, observations

ObservationId = Annotated[str, Path(description="The id of an observation.", examples=["k7m3q"])]


class One(NamedTuple):
    """The reading to show, and all there ever were, the oldest first."""

    shown: Observation
    readings: Sequence[Observation]


async def find_one(question: Question, observation_id: str) -> One:
    """The reading in force in a pinned release; without a release, the last one there was.

    Raises NotFound, NotInRelease, or Removed where the law took it away.
    """
    if OBSERVATION_ID.fullmatch(observation_id) is None:
        raise NotFound("That is no id of an observation: five of bcdfghjkmnpqrstvwxz23456789, a letter first.")
    readings = await observations.readings(question.service.database, observation_id)
    if not readings:
        raise await _absent(question, observation_id)
    return One(_in_release(question, readings), readings)


def _in_release(question: Question, readings: Sequence[Observation]) -> Observation:
    ordinal = question.release.ordinal
    known = [reading for reading in readings if reading.added_in <= ordinal]
    if known and (not question.pinned or known[-1].ended_in > ordinal):
        return known[-1]
    numbers = {release.ordinal: release.number for release in question.service.releases.releases}
    raise NotInRelease(
        f"Release {question.release.number} does not have this observation.",
        added_in=[numbers[reading.added_in] for reading in readings],
    )


async def _absent(question: Question, observation_id: str) -> ApiProblem:
    """Why there is no reading at all: removed by law, or never known."""
    removal = await history.find_removal(question.service.database, "observation", observation_id)
    if removal is None:
        return NotFound(f"There is no observation {observation_id!r} in any release.")
    return Removed(
        f"Removed in release {removal.number}: {removal.reason}", removed_in=removal.number, sha256=removal.sha256
    )
