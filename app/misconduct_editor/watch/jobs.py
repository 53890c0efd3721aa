"""List what to ask: each address once, for all sources that appear there, and what is overdue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from misconduct.errors import RegisterError
from misconduct.model.figure import Row
from misconduct.model.kinds import Source
from misconduct.model.wording import say_late

from ..register.check import Register
from ..register.reading import did_you_mean
from .findings import Finding
from .listings import name_api
from .pages import typed_figures


@dataclass
class Job:
    """An address that is asked once: what it is, the sources that appear there, and the figures typed from it."""

    address: str
    kind: str = ""  # empty if it is only a page that figures were typed from
    sources: list[Source] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        of_rows = (row["source"] for row in self.rows)
        return tuple(dict.fromkeys([*(one.id for one in self.sources), *of_rows]))

    def tell(self, kind: str, message: str, address: str = "", **facts: Any) -> Finding:
        """Return a finding, whose text begins with the first source and how many others there are."""
        others = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        text = f"{self.names[0]}{others}: {message}"
        return Finding(kind, self.names, address or self.address, text, facts)

    def is_newer(self, day: str) -> bool:
        """Tell whether a day is later than the newest edition of the register, as precisely as that is dated."""
        newest = max(one.published or one.known_by or "" for one in self.sources)
        return "" < newest < day[: len(newest)]


def choose_sources(register: Register, names: Iterable[str]) -> dict[str, Source]:
    """Return the sources of these names, or all. Raises RegisterError if there is no such source."""
    sources = {
        name: source
        for name, source in register.records["source"].items()
        if isinstance(source, Source)
    }
    chosen = [*names] or [*sources]
    if unknown := [name for name in chosen if name not in sources]:
        hints = (f"{name!r}{did_you_mean(name, sources)}" for name in unknown)
        raise RegisterError("\n".join(f"there is no source {hint}" for hint in hints))
    return {name: sources[name] for name in chosen}


def list_jobs(register: Register, sources: dict[str, Source]) -> list[Job]:
    """Return the addresses to ask for some sources."""
    jobs = dict[str, Job]()
    for source in sources.values():
        kind, _, address = (source.watch or "").partition(" ")
        if kind:
            asked = name_api(address) if kind == "govuk" else address
            jobs.setdefault(asked, Job(asked, kind)).sources.append(source)
    for address, rows in typed_figures(register).items():
        if chosen := [row for row in rows if row["source"] in sources]:
            jobs.setdefault(address, Job(address)).rows += chosen
    return [*jobs.values()]


def find_overdue(sources: dict[str, Source], day: date) -> Iterator[Finding]:
    """Yield the sources of which a later edition was due, the longest ago first."""
    late = [one for one in sources.values() if say_late(one.model_dump(), day)]
    for one in sorted(late, key=lambda one: (one.due or "", one.id)):
        where = (one.watch or "").partition(" ")[2] or one.url or ""
        remedy = f"look at {where}" if where else "ask its publisher"
        text = f"{one.id}: an edition was due in {one.due}: {remedy}"
        facts = {"title": one.title, "due": one.due, "issued": one.issued}
        yield Finding("overdue", (one.id,), where, text, facts)
