"""HTML pages of the register. They need neither JavaScript nor any other host.

A page is another format of an API response: its route finds the JSON objects, and a template shows them.
"""

from __future__ import annotations

from misconduct.api.routing import DirectRouter
from misconduct.site import charts, dataset, embed, look_up, observation, pages, reference, static
from misconduct.site.pages import start_page as start_page
from misconduct.site.problem import problem_page as problem_page

embeds = embed.router
router = DirectRouter(include_in_schema=False)

for part in (look_up, dataset, charts, observation, pages, reference, static):
    router.routes.extend(part.router.routes)
