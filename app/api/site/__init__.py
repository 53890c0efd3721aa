"""For people: every question that the API answers, as pages that need neither JavaScript nor any other host.

One file per subject. The pages show what the API says: the same questions, the same documents, in words.
"""

from __future__ import annotations

from fastapi import APIRouter

from app.api.site import files, home, reference

router = APIRouter(include_in_schema=False)

for part in (home, reference, files):
    router.include_router(part.router)
