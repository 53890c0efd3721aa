"""Tell whether this register itself doubts the number of a figure.

Fields of its records say so (`misconduct.model.kinds.Doubting`). Texts are never compared.
"""

from typing import NamedTuple

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.wording import lower

OF_A_CORRECTION = "publisher_error"
"""Why a correction doubts a value, if it does not say."""


class Doubt(NamedTuple):
    """Why the number of a figure is doubted: a code of `doubt`, and the words of the record that doubts it."""

    code: str
    detail: str
    print_instead: str | None = None


def find_doubt(row: Row, catalogue: Catalogue) -> Doubt | None:
    """Return what doubts the number of a figure: a correction, else a caveat, else a disagreement."""
    if record := find_doubting(row, catalogue):
        return Doubt(
            record.get("doubt", OF_A_CORRECTION),
            record.get("explanation") or record["text"],
            record.get("print_instead"),
        )
    if record := catalogue.disputed.get(row["id"]):
        return Doubt("disputed", record["explanation"])
    return None


def find_doubting(row: Row, catalogue: Catalogue) -> Content | None:
    """Return the record that says that a figure's number is doubted: a correction before a caveat."""
    caveats = catalogue.of_kind("caveat")
    records = [*catalogue.corrections.get(row["id"], ())]
    records += [caveats.get(one, {}) for one in row["caveats"]]
    return next((one for one in records if one.get("doubts") == "value"), None)


def say_doubt(doubt: Doubt, catalogue: Catalogue) -> str:
    """Return a doubt in a few words, to stand beside the number: probably 3,026."""
    if doubt.print_instead:
        return f"probably {doubt.print_instead}"
    return lower(catalogue.label("doubt", doubt.code))
