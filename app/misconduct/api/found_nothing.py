"""Say which values of a request find nothing, which condition leaves nothing, and what else may have been meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.plain_words import NEGATIONS, straighten
from misconduct.model.shapes import Warned
from misconduct.model.warnings import Facts, Missing
from misconduct.model.wording import capitalise
from misconduct.queries.filters import FILTERS, Conditions

_PAIR = re.compile(r"(\d{1,3})(?:,\d{3})+", re.ASCII)


def warn_of_nothing(conditions: Conditions, facts: Facts, catalogue: Catalogue, typed: Sequence[str]) -> Warned | None:
    """Return the warning that some values, or all conditions together, find nothing; None if all find something.

    `typed` are the numbers of the filter `value` as the client wrote them.
    """
    empty: Mapping[str, Any] = facts.missing.values if facts.total else conditions.asked
    named = [f"{name} {', '.join(_name(name, value, catalogue) for value in values)}" for name, values in empty.items()]
    begin = "Nothing was found for"
    if not facts.total:
        named = [*_name_others(conditions.values), *named]
        begin = f"No document here has figures with{' all of this:' if named[1:] else ''}"
    if not named:
        return None
    hints = [*_count(facts.missing), *_instead(empty, catalogue), *_read(typed, empty)]
    if not facts.total and NEGATIONS & {*straighten(conditions.values.get("q", "")).casefold().split()}:
        hints.append("A negation finds only what a document says with it, such as “not proven”.")
    return Warned(code="found_nothing", detail=" ".join([f"{begin} {'; '.join(named)}.", *hints]))


def _name_others(values: Mapping[str, Any]) -> list[str]:
    """Return the conditions without a list of values: dataset allegations; the number “1491”; year_to 2003."""
    typed = "words" if values.get("q_rest", "words") else "number"
    words = {"q": f"the {typed} “{values.get('q')}”", "dataset": f"dataset {values.get('dataset')}"}
    words |= {name: f"{name} {values[name].year}" for name in ("year_from", "year_to") if name in values}
    return [text for name, text in words.items() if name in values]


def _name(name: str, value: Any, catalogue: Catalogue) -> str:
    """Return a value of a filter with its label: E23000032 (Kent Police)."""
    if isinstance(value, Decimal):
        return f"{value:,f}"
    known = catalogue.codelists.get(FILTERS[name].names or "", {})
    return f"{value} ({known[value]['label']})" if value in known else str(value)


def _count(missing: Missing) -> list[str]:
    """Say how many figures there are without each condition, and for years that begin in another month."""
    said = [
        f"without {'the search' if name == 'q' else name}: {number:,}"
        + (f" (in {', '.join(datasets)})" if name == "dataset" else "")
        for name, (number, datasets) in missing.without.items()
    ]
    said += [f"with {year}: {number:,}" for year, number in missing.near_years.items()]
    return [f"{capitalise('; '.join(said))}."] if said else []


def _instead(empty: Mapping[str, Any], catalogue: Catalogue) -> list[str]:
    """Return other filters and codes that are called the same as a value: stated_by=bbc for publisher=BBC."""
    values = [(name, value) for name in ("publisher", "stated_by") for value in empty.get(name, ())]
    named = [(one, other) for one in values for other in catalogue.vocabulary.find_called(one[1])]
    others = [f"{name}={code}" for one, (name, code) in named if name in FILTERS and (name, code) != one]
    return [f"Try {' or '.join(others)}."] if others else []


def _read(typed: Sequence[str], empty: Mapping[str, Any]) -> Iterator[str]:
    """Say how a number with commas was read, if there is none such."""
    for text in typed:
        if _PAIR.fullmatch(text.strip()) and Decimal(text.replace(",", "")) in empty.get("value", ()):
            parts = text.replace(",", "&value=")
            yield f"{text} was read as one number; for several, repeat the parameter: value={parts}."
