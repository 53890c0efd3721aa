"""A script slipped into what the service answers, to see that the answer's own headers keep it from running."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, Route

COUNTED_ANEW = ("content-encoding", "content-length", "transfer-encoding")


def slip_in(page: Page, client: httpx.Client, path: str, end: str) -> None:
    """From now on the browser gets that path with a script before its last `end`, and its own headers."""
    script = '<script>document.documentElement.setAttribute("data-ran", "")</script>'
    answer = client.get(path, headers={"Accept": "text/html, */*;q=0.9"})
    assert answer.status_code == 200
    before, _, after = answer.text.rpartition(end)
    headers = {name: value for name, value in answer.headers.items() if name not in COUNTED_ANEW}

    def fulfill(route: Route) -> None:
        route.fulfill(status=200, headers=headers, body=f"{before}{script}{end}{after}")

    page.route(f"**{path}", fulfill)
