"""What a chart says of a figure: the number as printed, what it counts, when, and who stated it."""

import re
from typing import Literal

from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import read_duration
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.number_words import with_hedge
from misconduct.model.wording import date_words, dates_in_words

Mark = Literal["accent", "hollow", "part", "bound", "none"]

MAX_QUOTED = 95  # characters of the source's words that a row has room for

UNKNOWN = (None, "unstated", "not_applicable")

_PHRASES = {
    "another_force_or_body": "about another force or body",
    "called_hotline": "who called a hotline",
    "case_to_answer": "with a case to answer",
    "concerns_other_force": "about another force",
    "distrusts": "who do not trust the police",
    "distrusts_totally": "who totally distrust the force",
    "does_not_trust": "who do not trust the force",
    "has_criminal_associates": "with criminal associates",
    "has_criminal_record": "with a criminal record",
    "left_force": "who left before a decision",
    "management_action": "referred to managers",
    "no_further_action": "facing no further action",
    "occurred": "",
    "other_sanction": "with another punishment",
    "pursued": "being pursued",
    "recorded": "",
    "supports_professional_standards": "supporting professional standards",
    "warning": "with a warning or reprimand",
    "works_in_professional_standards": "working in professional standards",
}
"""How a measure follows the word for what is counted, where that is not its label: officers with a criminal record."""

_RESULTS = {
    "accusation": "with an earlier accusation",
    "clearance_refused": "with clearance refused or withdrawn",
    "criminal_associates": "with criminal associates",
    "criminal_record": "with a criminal record",
    "misconduct": "linked to misconduct",
    "nothing_found": "with nothing found",
}
"""The same for the results of vetting checks."""

_STATISTICS = {"mean": "average", "median": "median", "change": "change", "rate": "rate"}
"""Kinds of number that the printed number does not show by itself."""

_GENERAL = ("any", "any_misconduct", "any_offence", "criminal_offence")
"""Kinds of misconduct that say no more than the result of a vetting check."""

_ALLEGED = {"people": "accused", "cases": "alleged", "incidents": "alleged"}

_DECISIONS = {
    "dismissed": "Dismissals",
    "other_sanction": "Other punishments",
    "restricted": "Restrictions",
    "suspended": "Suspensions",
    "suspended_or_restricted": "Suspensions or restrictions",
    "warning": "Warnings or reprimands",
}
"""What a measure is called where decisions are counted."""


def shown(row: Row, catalogue: Catalogue) -> str:
    """Return the number as printed, with its hedge: 1,492; est. 1,071; “about 1,000”."""
    if reach(row) is None:
        return catalogue.label("value_absent", row["value_absent"])
    printed = f"{row['value']:,f}" if row["printed"] is None else row["printed"]
    if row["unit"] == "percent" and re.fullmatch(r"[-−]?[\d.,]+", printed):
        printed += "%"
    if row["qualifier"] == "estimated":
        return f"est. {printed}"
    return printed if row["qualifier"] in ("exact", None) else f"“{with_hedge(row['hedge'], printed)}”"


def mark(row: Row) -> Mark:
    """Return how a figure is drawn: by its number, hollow if that is hedged, up to a bound, or not at all."""
    length = reach(row)
    if length is None or length < 0:
        return "none"
    if row["coverage"] == "part":
        return "part"
    if (row["value_low"] is None) != (row["value_high"] is None):
        return "bound"
    if is_provisional(row):
        return "part"
    return "accent" if row["qualifier"] in ("exact", None) else "hollow"


def is_provisional(row: Row) -> bool:
    """Tell whether the number may still change."""
    return bool(row["mark"] == "provisional")


def reach(row: Row) -> float | None:
    """Return how far a figure reaches on its scale: its number, or the bound that its words give."""
    known = [row[name] for name in ("value", "value_high", "value_low") if row[name] is not None]
    return float(known[0]) * (100 if row["unit"] == "proportion" else 1) if known else None


def opens(row: Row) -> int:
    """Return 1 if the number may be higher than the bound that is drawn, -1 if lower, and 0 if there is no bound."""
    return (row["value_low"] is not None) - (row["value_high"] is not None)


def statement(row: Row, catalogue: Catalogue) -> str:
    """Return what is counted: Officers suspended from duty. It is empty if the source says no more than the unit."""
    unit, measure = row["counting_unit"], row["measure"]
    if unit in ("decisions", "suspensions_or_restrictions") and measure in _DECISIONS:
        return _DECISIONS[measure]
    subject, predicate = _subject(row, catalogue), _predicate(row, catalogue)
    if not predicate and unit != "people" and measure != "occurred":
        return ""
    kind_of_number = f" ({_STATISTICS[row['statistic']]})" if row["statistic"] in _STATISTICS else ""
    return capitalise(f"{subject} {predicate}".strip()) + kind_of_number


def _subject(row: Row, catalogue: Catalogue) -> str:
    if row["counting_unit"] != "people":
        return unit_words(row, catalogue)
    return "People" if row["population"] in UNKNOWN else _short(catalogue.label("population", row["population"]))


def unit_words(row: Row, catalogue: Catalogue) -> str:
    """Return what counts as one, such as Allegations; it is empty if the source does not say."""
    unit = row["counting_unit"]
    return "" if unit in UNKNOWN or unit == "other" else _short(catalogue.label("counting_unit", unit))


def _short(label: str) -> str:
    """Return a label without what explains it: Women, not Women (members of the public)."""
    return label.partition(" (")[0].partition(",")[0]


def _predicate(row: Row, catalogue: Catalogue) -> str:
    measure, result = row["measure"], row["vetting_result"]
    if measure == "alleged":
        return "" if row["population"] == "complainants" else _ALLEGED.get(row["counting_unit"], "made")
    if measure == "vetting" and result not in UNKNOWN:
        return _RESULTS.get(result) or lower(catalogue.label("vetting_result", result))
    return _PHRASES.get(measure, lower(catalogue.label("measure", measure)))


def kind(row: Row, catalogue: Catalogue) -> str:
    """Return the kind of misconduct; nothing if there is none, or if a vetting result says it."""
    is_said = row["category"] in _GENERAL and row["vetting_result"] not in UNKNOWN
    return "" if is_said or row["category"] in UNKNOWN else lower(catalogue.label("category", row["category"]))


def category(row: Row, catalogue: Catalogue) -> str:
    """Return the kind of misconduct, or the source's words if its label says more or less than these."""
    is_close = row["counted"] and row["fit"] not in ("exact", None)
    return quote(row["counted"]) if is_close else kind(row, catalogue)


def quote(text: str, most: int = MAX_QUOTED) -> str:
    """Return the source's words in quotation marks, shortened if they are longer than `most`.

    Words from several places are quotations of their own: `counted` has them in another order than the source.
    """
    if len(text) > most:
        text = f"{text[:most].rpartition(' ')[0].removesuffix(' …')} …"
    return f"“{text.replace('“', '‘').replace('”', '’').replace(' … ', '” … “')}”"


def period(row: Row) -> str:
    """Return when: 2022, 2014–2024, since November 2022, “the last 10 years”; nothing for now or if it is not said."""
    printed = row["period"] or ""
    if row["year"]:
        return part_of_year(row) if row["coverage"] == "part" else str(row["year"])
    if printed in ("", "now"):
        return ""
    if read_duration(printed):
        return f"“{row['period_printed']}”"
    return dates_in_words(printed, "–")


def part_of_year(row: Row) -> str:
    """Return which part of a year: January–March 2021; or, if its source came before the year ended, 2024 so far."""
    first, _, last = row["period"].partition("/")
    if not last:
        return f"{first} so far"
    return f"{date_words(first).removesuffix(f' {first[:4]}')}–{date_words(last)}"


def publisher(row: Row, view: ReleaseView) -> str:
    """Return who published a figure."""
    source = view.source(row)
    return source.get("publisher") or source.get("title") or "a document"


def voice(row: Row, view: ReleaseView) -> str:
    """Return who stated a figure, if that is not its publisher, and who published it."""
    said = "" if row["stated_by"] in UNKNOWN else view.catalogue.label("stated_by", row["stated_by"]).split(",")[0]
    printed_in = publisher(row, view)
    return printed_in if said in ("", printed_in) else f"{said}, in {printed_in}"


def publication(row: Row, view: ReleaseView) -> str:
    """Return who stated a figure, who published it, and when."""
    return f"{voice(row, view)}, {date_words(published(row, view)) or 'undated'}"


def published(row: Row, view: ReleaseView) -> str:
    """Return the date of the document of a figure, as precise as known."""
    return view.source(row).get("published") or ""


def lower(label: str) -> str:
    """Return a label as it stands inside a sentence."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capitalise(text: str) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:]
