"""axe-core, which finds what keeps people with disabilities out, run inside a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"


def find_barriers(page: Page | Frame, axe: Path) -> list[str]:
    """Each breach of WCAG 2.2 AA or of good practice: the rule, and where."""
    page.evaluate(f"() => {{ {axe.read_text()} }}")
    found: dict[str, Any] = page.evaluate(RUN, RULES)
    return [f"{breach['id']}: {node['html'][:150]}" for breach in found["violations"] for node in breach["nodes"]]
