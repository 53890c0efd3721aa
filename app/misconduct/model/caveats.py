"""Choose which notes on figures a picture says first, and in which words."""

from collections.abc import Iterable

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.wording import READ_IN_PART, say_caveat

MAX_TEXT = 300  # characters of a note without short words, which are three lines of a wide picture


def sort_caveats(rows: Iterable[Row], catalogue: Catalogue) -> list[str]:
    """Return the caveats of figures but routine ones, those of figures that count more than their indicator first.

    Then come replies, and those of few figures.
    """
    drawn, notes = [*rows], catalogue.of_kind("caveat")
    found = {one for row in drawn for one in row["caveats"] if one != READ_IN_PART}
    of_more = {one for row in drawn if row["fit"] == "broader" for one in row["caveats"]}

    def rank(one: str) -> tuple[bool, bool, int, str]:
        return one not in of_more, not notes.get(one, {}).get("reply_by"), catalogue.uses.get(one, 0), one

    return sorted(found, key=rank)


def say_in_short(identity: str, catalogue: Catalogue) -> str:
    """Return what readers of a picture must know of a note.

    In a release that has no such words it is its text, or of a long one the first sentence.
    """
    notes = catalogue.of_kind("caveat")
    if any(note.get("short") for note in notes.values()):
        return notes.get(identity, {}).get("short") or ""
    text = say_caveat(identity, catalogue)
    return text if len(text) <= MAX_TEXT else f"{text.partition('. ')[0]}."
