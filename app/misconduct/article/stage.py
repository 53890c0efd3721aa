"""Tell when a text says that a matter got further than the source says: found guilty, for accused."""

from misconduct.article.text import Number
from misconduct.model.figure import Row

_FINAL = 3  # the gravity of what is decided
NO_CATEGORY = ("not_applicable", "unstated", "any", "several_kinds")


def other_stage(number: Number, row: Row) -> str | None:
    """Return the measure that the text claims where the source says another."""
    measure, text, known = row["measure"], number.text, number.text.known
    theirs = known.said("measure", row)

    def agrees(one: str) -> bool:
        return one in theirs or known.related("measure", one, measure)

    if "dismissed" in text.said("measure", number.end, number.until_next) and not agrees("dismissed"):
        return "dismissed"  # whatever else fits
    gravities = {one: known.gravity(one) for one in text.said("measure", *number.clause)}
    claimed = [one for one, gravity in gravities.items() if gravity]
    if any(map(agrees, claimed)):
        return None
    least = known.gravity(measure)
    graver = [one for one in claimed if gravities[one] > (least or 1) or gravities[one] == _FINAL]
    return next(iter(graver if graver or not least else claimed), None)


def other_category(number: Number, row: Row) -> str | None:
    """Return the kind of misconduct that the text names where the source names another."""
    if row["category"] in NO_CATEGORY:
        return None
    known = number.text.known
    theirs = {*known.said("category", row), row["category"]}

    def fits(one: str) -> bool:
        return any(one in known.above("category", code) for code in theirs)

    low, high = number.sentence
    sentence = number.text.said("category", low, high)
    low = max(low, number.text.text.rfind(";", low, number.start))
    yours = number.text.said("category", *number.clause) or number.text.said("category", low, number.start)[-1:]
    alien = [one for one in yours if not fits(one)]
    return alien[0] if alien and not (len(alien) < len(yours) and any(map(fits, sentence))) else None
