"""Put figures of a few places side by side: which belong in one row, and whether they may be compared."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.compare import Comparison, compare
from misconduct.model.figure import Row
from misconduct.model.likeness import CHECKS, OF_SERIES
from misconduct.model.series import find_work

GENERAL = ("any", "any_misconduct", "not_applicable", "unstated", "other")
"""Kinds that are no reason to put figures of different stages in one row."""

OF_STAGE = ("measure", "category", "counting_unit", "unit", "statistic", "per", *CHECKS)

SMALL = 10
"""Numbers below this are not drawn as bars: that they differ may be chance, and a bar would look like more."""

Group = Mapping[str, Sequence[Row]]
"""Figures by place."""


class Beside(NamedTuple):
    """A figure of each place that has one. Those that must not be compared say why; others may need a note.

    `names` are what they count beside the heading, if that differs. `caveats` are those that all of them have.
    """

    figures: Mapping[str, Row]
    heading: str
    names: Mapping[str, str]
    why_not: str
    note: str
    caveats: Sequence[str]

    @property
    def top(self) -> Any:
        """Return the end of the scale that several share, or None."""
        most = max(row["value"] for row in self.figures.values())
        return None if self.why_not or len(self.figures) == 1 or most < SMALL else most


def choose_newest(rows: Iterable[Row]) -> Row | None:
    """Return the newest number, a final count of all kinds if there is one; None of nothing.

    Of several that are equally new it is the first in the order of the documents, not the largest.
    """

    def rank(row: Row) -> tuple[Any, ...]:
        is_count, is_of_all = row["statistic"] == "count", row["fit"] != "narrower"
        is_final = row["coverage"] != "part" and row["mark"] != "provisional"
        return is_count, is_of_all, is_final, row["recency"], row["measure"] != "recorded"

    found = [row for row in rows if row["value"] is not None and not row["repeats"]]
    return max(sorted(found, key=lambda row: str(row["place"])), key=rank, default=None)  # the first of equal ones


def put_beside(places: Group, catalogue: Catalogue) -> list[Beside]:
    """Return rows of figures of several places.

    First those of the same words of one publication, then those of one stage and kind in different documents, and those
    of one kind that has no row yet. A place without a figure in a row gets its newest of the same stage and kind. Last,
    the newest figure of each dataset that a place has in no row stands alone. A part of another figure of its place
    stands for nothing, but beside the same words. None is in two rows.
    """

    def same_words(row: Row) -> Any:
        area, source = catalogue.label("area", row["area"]), wording.find_source(row, catalogue)
        pieces = (row["counted"] or "").split(" … ")
        is_exact = row["fit"] == "exact"  # then the heading of another table says the same
        words = [one for one in pieces if not (is_exact or area.startswith(one.removeprefix("the ")))]
        codes = [row[name] for name in OF_SERIES if name != "area"]
        return find_work(row["source"], source), row["stated_by"], row["coverage"] == "point", *words, *codes

    keys: list[Callable[[Row], Any]] = [same_words, lambda row: tuple(row[name] for name in OF_STAGE), _find_kind]
    left, found = {code: list(rows) for code, rows in places.items()}, list[Beside]()
    ids = {code: {row["id"] for row in rows} for code, rows in places.items()}
    for key in keys:
        groups = defaultdict[Any, dict[str, list[Row]]](lambda: defaultdict(list))
        for code, row in ((code, row) for code, rows in left.items() for row in rows):
            groups[key(row)][code].append(row)
        kinds = [_find_kind(row) for one in found for row in one.figures.values()] if key is _find_kind else []
        shown = {None, *kinds}
        shared = {one: of_places for one, of_places in groups.items() if len(of_places) > 1 and one not in shown}
        some = [beside for of_places in shared.values() if (beside := _choose(of_places, catalogue))]
        some = [one._replace(note="") if key is same_words else one for one in some]
        found += some if key is same_words else sorted(some, key=_find_recency, reverse=True)
        left = {
            code: [row for row in rows if key(row) not in shared and ids[code].isdisjoint(row["part_of"])]
            for code, rows in left.items()
        }
    for place, one in enumerate(found):
        like = {
            code: choose_newest(row for row in left[code] if _is_like(row, one)) for code in left.keys() - one.figures
        }
        if more := {code: row for code, row in like.items() if row}:
            found[place] = _judge({**one.figures, **more}, catalogue)
            left = {code: [row for row in rows if row is not more.get(code)] for code, rows in left.items()}
    return found + _show_alone(left, found, catalogue)


def _show_alone(left: Group, found: Sequence[Beside], catalogue: Catalogue) -> list[Beside]:
    """Return a row for each dataset that a place has figures in, but no row yet: its newest figure, alone."""
    shown = {(code, one) for beside in found for code, row in beside.figures.items() for one in row["datasets"]}
    more = list[Beside]()
    for code, rows in left.items():
        for identity in catalogue.of_kind("dataset"):
            newest = choose_newest(row for row in rows if identity in row["datasets"])
            if newest and (code, identity) not in shown:
                more.append(_judge({code: newest}, catalogue))
                shown |= {(code, one) for one in newest["datasets"]}
    return sorted(more, key=_find_recency, reverse=True)


def _is_like(row: Row, one: Beside) -> bool:
    """Tell whether a figure is of the stage and kind of others, if its words or its unit are not."""
    kinds, stages = ({row[name], *(other[name] for other in one.figures.values())} for name in ("category", "measure"))
    return len(stages) == 1 and row["measure"] != "recorded" and (len(kinds) == 1 or kinds <= {*GENERAL})


def _find_recency(beside: Beside) -> Any:
    return max(row["recency"] for row in beside.figures.values())


def _find_kind(row: Row) -> tuple[str, bool] | None:
    """Return the kind of a figure, and whether nothing is alleged, so that deaths stand apart from accusations."""
    return None if row["category"] in GENERAL else (row["category"], row["measure"] == "occurred")


def _choose(group: Group, catalogue: Catalogue) -> Beside | None:
    """Return the newest figures of places in the time that they share, else the newest of each."""
    times = [{_find_time(row) for row in rows if row["value"] is not None} for rows in group.values()]
    shared = set.intersection(*times) - {None}
    dated = (row for rows in group.values() for row in rows if _find_time(row) in shared)
    newest = max(dated, key=lambda row: row["recency"], default=None)
    chosen = {
        code: choose_newest(row for row in rows if newest is None or _find_time(row) == _find_time(newest))
        for code, rows in group.items()
    }
    figures = {code: row for code, row in chosen.items() if row}
    return _judge(figures, catalogue) if len(figures) > 1 else None


def _judge(figures: Mapping[str, Row], catalogue: Catalogue) -> Beside:
    rows = [*figures.values()]
    heading, names = _name(figures, catalogue)
    found = compare(rows, catalogue)
    shared = [one for one in rows[0]["caveats"] if all(one in row["caveats"] for row in rows)]
    shared = shared if rows[1:] else shared[:1]
    caveats = [wording.say_caveat(one, catalogue) for one in shared if not catalogue.fact("no_ranking", one)]
    why_not = _say_why_not(rows, found, catalogue) if rows[1:] else ""
    return Beside(figures, heading, names, why_not, " ".join(found.reservations), caveats)


def _name(figures: Mapping[str, Row], catalogue: Catalogue) -> tuple[str, Mapping[str, str]]:
    """Return what figures have in common, and what else each of them counts."""
    first = next(iter(figures.values()))
    names = {code: wording.statement_and_kind(row, catalogue) for code, row in figures.items()}
    if len({*names.values()}) == 1:
        return names[next(iter(names))], dict.fromkeys(names, "")
    shared, *others = {wording.statement(row, catalogue) for row in figures.values()}
    of_kind = wording.lower(catalogue.label("category", first["category"])) if first["category"] not in GENERAL else ""
    if shared and not others:
        names = {code: wording.kind_or_quote(row, catalogue) for code, row in figures.items()}
        return ": ".join(filter(None, (shared, of_kind))), names
    return wording.capitalise(of_kind) or catalogue.label("measure", first["measure"]), names


def _find_time(row: Row) -> tuple[date, date] | None:
    is_dated = row["dated_by"] == "source" and row["period_start"] and row["period_end"]
    return (row["period_start"], row["period_end"]) if is_dated else None


def _say_why_not(rows: Sequence[Row], found: Comparison, catalogue: Catalogue) -> str:
    """Return why figures of several places must not be compared; nothing if they may be."""
    caveats: Collection[str] = dict.fromkeys(one for row in rows for one in row["caveats"])
    if warned := [one for one in caveats if catalogue.fact("no_ranking", one)]:
        return " ".join(wording.say_caveat(one, catalogue) for one in warned)
    if found.verdict == "comparable" and found.along == "area":
        return ""
    apart = {name: one for name, one in found.relations.items() if one != "same" and name != "area"}
    codes = {name: one for name, one in apart.items() if name not in ("counted", "fit")} or apart
    reasons = [wording.contrast(name, one, rows, catalogue) for name, one in codes.items()]
    return f"{wording.capitalise('; '.join(reasons))}."
