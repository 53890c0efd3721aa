"""What happens to a figure from one release, or one edition of its document, to the next."""

from collections.abc import Mapping

from misconduct.model.figure import DIMENSIONS
from misconduct.model.likeness import ALL
from misconduct.model.versions import STATED

IN_EDITION = tuple(name for name in ALL if name != "fit")
"""What finds a figure in the next edition of its table. Fit is only an editor's opinion of the codes."""

CODES = {*DIMENSIONS, "fit", "counted", "counted_at", "stated_by", "caveats"}
CODES |= {"vetting_check", "vetting_result", "stock_or_flow", "part_of"}
"""The columns in which this register describes what the source prints."""

PLACES = {"at", "also_at", "counted_at", "hedge_at", "period_at"}
"""Where a figure is in its document. In a new edition, the same figure may be elsewhere."""


def name_change(before: Mapping[str, str], after: Mapping[str, str], *, is_new_edition: bool) -> str:
    """Return what happened to a figure of which some cells changed: it was revised or recoded, or it only moved.

    It is not revised if the same number is printed in another way, as 1,204 and 1204.
    """
    changed = {name for name in before if before[name] != after[name]} - (PLACES if is_new_edition else set())
    if not changed:
        return "moved"
    is_same_number = bool(before["value"]) and before["value"] == after["value"]
    stated = {*STATED} - ({"printed"} if is_same_number else set())
    return "recoded" if changed & {*CODES, "printed"} and not changed & stated else "revised"
