"""Compare figures dimension by dimension."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import PARAMETERS, RELEASE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.schemas import ComparisonAnswer
from misconduct.errors import Fault, InvalidRequest
from misconduct.model import figure
from misconduct.model.comparison import compare
from misconduct.model.observation import Observation
from misconduct.queries import observations

FORMS = ("json",)
NAMES = ("id", *RELEASE_PARAMETERS)
IDS = replace(PARAMETERS["id"], description="Ids of the observations: at least two.", least=2)
MOST = 20

router = DirectRouter(prefix="/v1", tags=["evidence"])

Asked = Annotated[Question, Depends(parse_request(NAMES, FORMS))]


@router.get("/compare", **documented(ComparisonAnswer, (IDS, *RELEASE_PARAMETERS), FORMS))
async def compare_observations(question: Asked) -> Response:
    """Compare figures: for each dimension, whether they are `same`, `narrower`, `close`, `different`, or `unstated`.

    The verdict is also given as a sentence. Figures of one table or series that differ in one thing alone are
    `comparable`, and `comparable_along` says in what: two forces, two years, two kinds of misconduct. So are figures of
    different tables that differ only in the area, or in codes that are close; `reservations` say what to add. Figures
    with the same origin are one piece of evidence, however many publications print them.
    """
    found = await find_figures(question, wanted_ids(question.values.get("id", ())))
    return answer(question, lambda: page_document(question, comparison_document(found, question), total=1))


async def find_figures(question: Question, ids: list[str]) -> list[Observation]:
    """Find the figures with these ids. Raises InvalidRequest, which lists those that are not in the release."""
    found = await observations.by_ids(question.service.database, ids, question.release.ordinal)
    if faults := faults_of_absent(ids, found):
        raise InvalidRequest("See errors.", list(faults.values()))
    return found


def faults_of_absent(ids: Iterable[str], found: Iterable[Observation]) -> dict[str, Fault]:
    """Describe the error for each id that was not found."""
    absent = sorted(set(ids) - {o.id for o in found})
    return {
        one: Fault("id", "not_in_release", f"{one[:40]!r} is not an observation in this release.") for one in absent
    }


def wanted_ids(given: Iterable[str]) -> list[str]:
    """Return the ids, each once. Raises InvalidRequest unless there are 2 to MOST."""
    ids = list(dict.fromkeys(given))
    if not 2 <= len(ids) <= MOST:
        fault = Fault("id", "wrong_number", f"Give 2 to {MOST} different ids, such as ?id=k7m3q&id=gb7nr.")
        raise InvalidRequest("Invalid number of ids.", [fault])
    return ids


def comparison_document(found: list[Observation], question: Question) -> dict[str, Any]:
    """Compare figures: the verdict by dimension and as a sentence, with the whole figures."""
    catalogue, base_url = question.catalogue, question.service.base_url
    shared = set.intersection(*(set(catalogue.disagreements_of.get(o.id, ())) for o in found))
    return {
        **compare(found, catalogue),
        "disagreements": sorted(shared),
        "observations": list(map(figure.as_objects(catalogue, base_url), found)),
    }
