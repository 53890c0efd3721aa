"""Tell which figures a page no longer prints that were typed from it."""

from collections import defaultdict
from collections.abc import Sequence

from misconduct.model.figure import Row, read_from

from ..register.check import Register
from .findings import Finding
from .printed import CHANGED, GONE, Verdict

KEPT = ("id", "source", "counted", "printed")
READABLE = ("text/html", "application/xhtml+xml", "text/plain")


def typed_figures(register: Register) -> dict[str, list[Row]]:
    """Return the figures typed from pages by address."""
    found = defaultdict[str, list[Row]](list)
    for row in (row for row in register.figures if read_from(row["at"]) == "page"):
        url = getattr(register.records["source"][row["source"]], "url", None)
        if url:
            found[url].append(row)
    return found


def tell_page(
    address: str, rows: Sequence[Row], verdicts: Sequence[Verdict]
) -> list[Finding]:
    """Return a finding if any of the figures are no longer printed."""
    figures = [
        {name: row[name] or "" for name in KEPT} | {"verdict": verdict, "note": note}
        for row, (verdict, note) in zip(rows, verdicts, strict=True)
        if verdict in (CHANGED, GONE)
    ]
    if not figures:
        return []
    sources = tuple(dict.fromkeys(figure["source"] for figure in figures))
    lines = [
        f"{sources[0]}: {address} no longer prints what was typed from it: look at it",
        *(
            "{verdict}  {id}  {printed}  “{counted}”  {note}".format(**one).rstrip()
            for one in figures
        ),
    ]
    facts = {"figures": figures}
    return [Finding("page", sources, address, "\n  ".join(lines), facts)]
