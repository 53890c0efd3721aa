"""For people: every question that the API answers, as pages that need neither JavaScript nor any other host.

One file per subject. The pages show what the API says: the same questions, the same documents, in words.
"""

from __future__ import annotations

from fastapi import APIRouter

from app.api.site import (
    charts,
    compare,
    datasets,
    files,
    home,
    look_up,
    observations,
    records,
    reference,
    releases,
    sources,
)
from app.api.site.problem import problem_page as problem_page

router = APIRouter(include_in_schema=False)

for part in (home, look_up, datasets, observations, compare, charts, sources, records, releases, reference, files):
    router.include_router(part.router)
