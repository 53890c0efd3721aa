"""Choose which notes on figures are said first, and which of their sentences."""

import re
from collections.abc import Iterable

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.wording import READ_IN_PART, capitalise

FORBIDDING = re.compile(r"\b(?:do|must) not\b", re.IGNORECASE)
"""What a caveat says that forbids something: do not add them, must not be compared."""


def sort_caveats(rows: Iterable[Row], catalogue: Catalogue) -> list[str]:
    """Return the caveats of figures but routine ones, those of figures that count more than their indicator first.

    Then come replies, those that forbid, and those of few figures.
    """
    drawn, notes = [*rows], catalogue.of_kind("caveat")
    found = {one for row in drawn for one in row["caveats"] if one != READ_IN_PART}
    of_more = {one for row in drawn if row["fit"] == "broader" for one in row["caveats"]}

    def rank(one: str) -> tuple[bool, bool, bool, int, str]:
        note = notes.get(one, {})
        return (
            one not in of_more,
            not note.get("reply_by"),
            not _forbids(note.get("text", "")),
            catalogue.uses.get(one, 0),
            one,
        )

    return sorted(found, key=rank)


def _forbids(text: str) -> bool:
    return FORBIDDING.search(text) is not None


def shorten_caveat(text: str, most: int) -> str:
    """Return the text of a caveat; of a longer one only the sentences that forbid something, or the first one.

    Without the reason before it, a sentence that begins with So says the same.
    """
    sentences = text.split(". ") if len(text) > most else [text]
    forbidding = [capitalise(one.removeprefix("So ")) for one in sentences if _forbids(one)] or sentences[:1]
    return f"{'. '.join(forbidding).removesuffix('.')}."
