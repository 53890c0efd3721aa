"""Tell when a text says that a matter has got further than the source says: found guilty, where it says accused."""

from misconduct.article.known import Known, said
from misconduct.article.text import Number
from misconduct.model.figure import Row

_GRAVITY = {"found": 3, "decided": 3, "assessed": 2, "duty_status": 2}
_FINAL = 3
NO_CATEGORY = ("not_applicable", "unstated", "any", "several_kinds")
_OF_NO_STAGE = ("recorded", "employed", "occurred")


def other_stage(number: Number, row: Row, known: Known) -> str | None:
    """Return the measure that the text claims where the source says another; None if they agree."""
    measure, text, theirs = row["measure"], number.text, said("measure", row)

    def agrees(one: str) -> bool:
        return one in theirs or known.related("measure", one, measure)

    def gravity(one: str) -> int:
        return _GRAVITY.get(known.stage(one), 1)

    if "dismissed" in text.said("measure", number.end, number.until_next) and not agrees("dismissed"):
        return "dismissed"  # whatever else fits
    claimed = [one for one in text.said("measure", *number.clause) if one not in _OF_NO_STAGE]
    if any(map(agrees, claimed)):
        return None
    graver = [one for one in claimed if gravity(one) > gravity(measure) or gravity(one) == _FINAL]
    if graver:
        return graver[0]
    return None if measure in _OF_NO_STAGE else next(iter(claimed), None)


def other_category(number: Number, row: Row, known: Known) -> str | None:
    """Return the kind of misconduct that the text names where the source names another; None if they agree."""
    if row["category"] in NO_CATEGORY:
        return None
    theirs = {*said("category", row), row["category"]}

    def fits(one: str) -> bool:
        return any(one in known.above("category", code) for code in theirs)

    low, high = number.sentence
    sentence = number.text.said("category", low, high)
    low = max(low, number.text.text.rfind(";", low, number.start))
    yours = number.text.said("category", *number.clause) or number.text.said("category", low, number.start)[-1:]
    alien = [one for one in yours if not fits(one)]
    return alien[0] if alien and not (len(alien) < len(yours) and any(map(fits, sentence))) else None
