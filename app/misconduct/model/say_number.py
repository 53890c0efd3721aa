"""Say a number in our own style, whatever the style of its source is."""

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.names import name_kind, say_whole
from misconduct.model.number_words import with_hedge
from misconduct.model.wording import capitalise, lower, write_number


def say_number(row: Row, catalogue: Catalogue, *, is_signed: bool = False) -> str:
    """Return a number in our style, with its hedge: 1,492; 42%; about 1,000; or why there is none.

    A star marks one that its publisher revised. Of one change alone its name says the sign.
    """
    if row["value"] is None:
        has_words = row["value_absent"] in ("magnitude_only", "range_only")
        printed = with_hedge(row["hedge"], write_number(row)) if has_words else ""
        return capitalise(printed) or catalogue.label("value_absent", row["value_absent"])
    value, is_change = row["value"] * (100 if row["unit"] == "proportion" else 1), row["statistic"] == "change"
    number = f"{value:+,f}".replace("-", "−") if is_change and is_signed else f"{abs(value) if is_change else value:,f}"
    number += "%" if row["unit"] in ("percent", "proportion") else ""
    number = row["printed"] if row["unit"] == "proportion" and row["printed"] else number
    if row["qualifier"] not in ("exact", None):
        hedge = "est." if row["qualifier"] == "estimated" else (row["hedge"] or "").lower()
        number = with_hedge(hedge or catalogue.label("qualifier", row["qualifier"]).lower(), number)
    return f"{number}*" if row["mark"] == "revised" else number


def say_with_unit(row: Row, catalogue: Catalogue) -> str:
    """Return a number with what it counts, of which part: 458 cases; 48% of allegations; 12 deaths, in custody."""
    unit = lower(catalogue.label("counting_unit", row["counting_unit"]))
    others = {"share": say_whole(row), "rate": f"{unit} per {row['base']}", "mean": f"{unit}, average {row['base']}"}
    said = f"{say_number(row, catalogue)} {others.get(row['statistic'], unit)}"
    return ", ".join(filter(None, (said, name_kind(row, catalogue), row["scope"])))
