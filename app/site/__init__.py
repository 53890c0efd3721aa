"""For people: every question that the API answers, as pages that need neither JavaScript nor any other host.

A page is a format of the same answer: its route finds the documents of the API, and a template shows them.
"""

from __future__ import annotations

from fastapi import APIRouter

from app.site import dataset, embed, look_up, observation, pages, static
from app.site.problem import problem_page as problem_page

embeds = embed.router
router = APIRouter(include_in_schema=False)

for part in (look_up, dataset, observation, pages, static):
    router.include_router(part.router)
