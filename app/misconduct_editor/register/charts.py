"""Check that what a chart's title says is in the chart."""

import re
from collections.abc import Iterator

from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import Chart, Code, Disagreement
from misconduct.model.number_words import DIGITS
from misconduct_editor.register.reading import Mistake, Table
from misconduct_editor.register.yaml_files import LocatedRecord

_NUMBER = re.compile(rf"{DIGITS}(?:\.\d+)?")


def find_numbers_not_shown(records: list[LocatedRecord], tables: list[Table]) -> Iterator[Mistake]:
    """Yield the charts whose title has a number that none of their figures has: printed, as value, or as a year."""
    codes = {one.id: one.record.model_dump() for one in records if isinstance(one.record, Code)}
    members = {one.id: one.record.members for one in records if isinstance(one.record, Disagreement)}
    catalogue = Catalogue({"code": codes})
    rows = [row | {"source": table.name} for table in tables for row in table.rows()]
    for located in records:
        if not isinstance(located.record, Chart):
            continue
        filters = {name: {*values} for name, values in located.record.query if values}
        for name in filters.keys() & {"measure", "category"}:
            filters[name] = {code for one in filters[name] for code in catalogue.findable(name).get(one, ())}
        if "disagreement" in filters:
            found = {figure for one in filters.pop("disagreement") for figure in members.get(one, ())}
            filters["id"] = found & filters.get("id", found)
        shown = [row for row in rows if all(row[name] in values for name, values in filters.items())]
        known = _numbers(" ".join(row[name] for row in shown for name in ("printed", "value", "period")))
        for number in sorted(_numbers(located.record.title) - known):
            yield located.places.mistake(("title",), f"none of the chart's figures has the number {number}")


def _numbers(text: str) -> set[str]:
    """Return the numbers in a text; of a year such as 2019/20, the first."""
    return {number.replace(",", "") for number in _NUMBER.findall(re.sub(r"(\d{4})/\d\d\b", r"\1", text))}
