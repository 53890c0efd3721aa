"""What a run of `misconduct watch` tells: each finding in words for people, and in fields for programs."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress

NOTHING_NEW, NEW, NOT_READ = 0, 1, 2
"""The exit statuses. Like grep and diff, we say 2 if something could not be read, whatever else is new."""

STATUSES = {
    "edition": NEW,  # a table that waits to be taken in
    "listed": NEW,  # a document that a publisher lists, and did not before
    "page": NEW,  # a page that no longer prints what was typed from it
    "overdue": NEW,
    "first_look": NOTHING_NEW,
    "not_read": NOT_READ,
    "page_not_read": NOTHING_NEW,  # newspapers refuse programs, each week again
}
CALLED = {
    "edition": "editions that wait",
    "listed": "new documents",
    "page": "pages that changed",
    "overdue": "overdue",
    "first_look": "first looks",
    "not_read": "not read",
    "page_not_read": "typed pages that could not be read (--json lists them)",
}

QUIET = "page_not_read"
"""What people read only as a count, since it hides what is new."""


@dataclass(frozen=True)
class Finding:
    """Something that was found: its kind, the sources that it is about, where it is, and what to tell."""

    kind: str
    sources: tuple[str, ...]
    address: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        about = {"kind": self.kind, "sources": self.sources, "address": self.address}
        return about | self.facts | {"text": self.text}


class Report:
    """Print findings as they come, for people or as lines of JSON, and count them."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json, self._counts = as_json, dict.fromkeys(STATUSES, 0)

    def tell(self, finding: Finding) -> None:
        self._counts[finding.kind] += 1
        if self._as_json:
            typer.echo(json.dumps(finding.describe(), ensure_ascii=False))
        elif finding.kind != QUIET:
            typer.echo(finding.text)

    def end(self, asked: int) -> int:
        """Print how many findings there are of each kind, and return the exit status."""
        told = [kind for kind, count in self._counts.items() if count]
        status = max((STATUSES[kind] for kind in told), default=NOTHING_NEW)
        if self._as_json:
            counts = {"asked": asked, "status": status, **self._counts}
            typer.echo(json.dumps({"kind": "summary"} | counts))
        else:
            counted = [f"{CALLED[kind]}: {self._counts[kind]}" for kind in told]
            typer.echo(f"{'; '.join([f'Addresses asked: {asked}', *counted])}.")
        return status

    @contextmanager
    def show_progress(
        self, console: Console, total: int
    ) -> Iterator[Callable[[], None]]:
        """Show a bar on a terminal, and yield what moves it on."""
        is_shown = console.is_terminal
        bar = Progress(
            console=console,
            disable=not is_shown,
            transient=True,
            redirect_stdout=is_shown and sys.stdout.isatty(),
        )
        with bar:
            task = bar.add_task("asking", total=total)
            yield lambda: bar.advance(task)
