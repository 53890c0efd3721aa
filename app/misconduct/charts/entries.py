"""Name figures as charts show them: each by what it does not share with the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import PROSE, Row
from misconduct.model.likeness import OF_SERIES
from misconduct.model.names import say_whole
from misconduct.model.series import find_work

BETWEEN_PIECES = " … "  # of a table's words: its heading, and the labels of a row and a column
_PLAIN_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{3,}(?![\d,])")
UNSTATED = "Kind not stated"  # the name of a row beside those of kinds
ERROR = re.compile(r"#[A-Z0/]+[!?]?")  # what a spreadsheet shows instead of a label that it cannot compute


@dataclass(frozen=True)
class Entry:
    """A figure as a chart shows it; in a list, the `depth` of a part is 1, and of a part of it 2.

    `place` is where it is, if others are elsewhere and its name does not say so.
    """

    row: Row
    shown: str
    name: str = ""
    place: str = ""
    what: str = ""
    detail: str = ""
    depth: int = 0

    @property
    def rest(self) -> str:
        """Return what it says beside its name."""
        return ", ".join(filter(None, (self.place, self.what)))

    @property
    def reach(self) -> float:
        return find_reach(self.row) or 0

    @property
    def mark(self) -> Literal["accent", "hollow", "part", "none"]:
        """Return how it is drawn: filled, hollow if its number is hedged or only a bound, or not at all."""
        length = find_reach(self.row)
        if length is None or length < 0:
            return "none"
        if self.row["coverage"] == "part" or self.row["mark"] == "provisional":
            return "part"
        return "accent" if self.row["qualifier"] in ("exact", None) else "hollow"

    def __str__(self) -> str:
        """Return it in words: Kent Police, 2019/20: 3."""
        named = ", ".join(filter(None, (self.name, self.rest, self.detail)))
        return f"{named}: {self.shown}" if named else self.shown


def find_reach(row: Row) -> float | None:
    """Return how far a figure reaches on its scale; None if it has neither a number nor a bound."""
    known = [row[name] for name in ("value", "value_high", "value_low") if row[name] is not None]
    return float(known[0]) * (100 if row["unit"] == "proportion" else 1) if known else None


def find_scale(row: Row, view: ReleaseView) -> tuple[object, ...]:
    """Return what figures share that may stand on one scale. The tables of one publisher count alike."""
    source = view.source(row)
    origin = wording.publisher(source) if is_of_table(row) else find_work(row["source"], source)
    return origin, row["counting_unit"], row["unit"], row["statistic"], row["per"], row["stock_or_flow"]


def compared_by_area(row: Row, view: ReleaseView) -> tuple[object, ...]:
    """Return what is the same of figures of which only the areas differ."""
    area = view.catalogue.label("area", row["area"])
    words = [piece for piece in find_pieces(row) if not _is_place(piece, area)]
    return (*words, *(row[name] for name in OF_SERIES if name != "area"))


def _leave_out(words: str, area: str) -> str:
    return ", ".join(piece for piece in words.split(", ") if not _is_place(piece, area))


def _is_place(piece: str, area: str) -> bool:
    """Tell whether words are what a table calls a place: Kent, or Avon and Somerset Constabulary."""
    begin = piece.split()[:3]
    return bool(area and piece) and (f"{area} ".startswith(f"{piece} ") or (len(begin), begin) == (3, area.split()[:3]))


def find_pieces(row: Row) -> list[str]:
    """Return the pieces of what a figure counts, by the name to show where the source's words are no words.

    “Number of deaths” is the unit, which stands elsewhere.
    """
    pieces = (row["shown"] or row["counted"] or "").split(BETWEEN_PIECES)
    return [one for one in pieces if one.lower() != f"number of {row['counting_unit']}"] or pieces


def show_number(row: Row, catalogue: Catalogue) -> str:
    """Return a number as a chart shows it: as printed, and with commas if a file prints none."""
    shown = wording.show_number(row, catalogue)
    return _PLAIN_THOUSANDS.sub(lambda match: f"{int(match[0]):,}", shown) if is_of_table(row) else shown


def is_of_table(row: Row) -> bool:
    """Tell whether a figure is printed in a table, or was counted from a file."""
    return bool(row["read_from"] not in PROSE)


def name_entries(rows: Sequence[Row], view: ReleaseView, others: Sequence[Row] = (), first: str = "") -> list[Entry]:
    """Name the figures of a list by all that differs: by the `first` of these, or many places by the place."""
    facts = find_facts([*rows, *others], view)
    order = ["words", "kind", "area", "period", "unit"]
    are_places = len({one["area"] for one in facts}) > len({(one["words"], one["kind"]) for one in facts})
    order.sort(key=lambda name: name != (first or ("area" if are_places else "words")))
    details = [wording.publication(row, view.catalogue) for row in (*rows, *others)]
    differ = len(set(details)) > 1  # else the source line says it
    told, found = tell_apart(facts, order), list[Entry]()
    if len({*map(tuple, told)}) < len(told):  # then by the source's words or the kind, too
        told = tell_apart(facts, [*order, "quote", "category"])
    for row, one, detail, parts in zip(rows, facts, details, told, strict=False):
        alone = [quote_counted(row), one["period"]]  # the title says the rest
        name, *more = parts or alone
        if more and name == one["area"] and order[0] != "area":  # neither words nor kind name it
            more = [*more[1:], name]
            name = parts[1]
        place = one["area"] if one["area"] in more else ""
        rest = (*(part for part in more if part != place), say_whole(row))
        what, shown = ", ".join(filter(None, rest)), show_number(row, view.catalogue)
        found.append(Entry(row, shown, wording.capitalise(name), place, what, detail if differ else ""))
    return found


def share_words(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Return the words of tables that all figures share, and those that each has alone."""
    pieces = [find_pieces(row) if is_of_table(row) else [] for row in rows]
    shared = [piece for piece in (pieces or [[]])[0] if piece and all(piece in others for others in pieces)]
    own = [", ".join(dict.fromkeys(_read(piece) for piece in found if piece not in shared)) for found in pieces]
    return [*map(_read, shared)], own


def _read(piece: str) -> str:
    return f"error in the file ({piece})" if ERROR.fullmatch(piece) else piece.replace("_", " ")


def quote_counted(row: Row) -> str:
    """Return the source's words; of a file not the name of its column, but what it means."""
    if row["shown"]:  # the first piece is the name of the table
        pieces = share_words([row])[0]
        return ", ".join(pieces[1:] or pieces)
    return wording.quote(row["counted"]) if row["counted"] else ""


def find_facts(rows: Sequence[Row], view: ReleaseView) -> list[dict[str, str]]:
    """Return what can tell figures apart, in the words of a table or of the register."""
    areas = ["" if (code := row["area"]) in wording.UNKNOWN else view.catalogue.label("area", code) for row in rows]
    unknown = "force not stated" if len({*areas} - {""}) == 1 else ""
    units = [wording.lower(wording.unit_in_words(row, view.catalogue)) if is_of_table(row) else "" for row in rows]
    return [
        {
            "words": _leave_out(own, area) if is_of_table(row) else name_counted(row, view),
            "kind": "" if is_of_table(row) else wording.kind_or_quote(row, view.catalogue),
            "area": area or unknown,
            "period": wording.period_label(row),
            "unit": "" if unit in own.lower() else unit,
            "category": wording.lower(view.catalogue.label("category", row["category"])),
            "rest": UNSTATED if row["category"] == "unstated" else name_counted(row, view),
            "source": wording.name_source(view.source(row)),
            "quote": "" if is_of_table(row) or not row["counted"] else wording.quote(row["counted"]),
        }
        for row, own, area, unit in zip(rows, share_words(rows)[1], areas, units, strict=True)
    ]


def name_counted(row: Row, view: ReleaseView) -> str:
    """Return what a figure counts by its codes; nothing if these do not say it: it counts others, or only some."""
    is_other = row["fit"] not in ("exact", None) or row["counting_unit"] == "other"
    return "" if is_other and row["counted"] else wording.statement(row, view.catalogue)


def tell_apart(facts: Sequence[dict[str, str]], names: Sequence[str]) -> list[list[str]]:
    """Return of each figure the facts in which not all are the same."""
    used = [name for name in names if len({one[name] for one in facts}) > 1]
    return [list(dict.fromkeys(one[name] for name in used if one[name])) for one in facts]
