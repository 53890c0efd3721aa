"""Decide what goes into a chart: tables of columns by year and a list, or an index of what is held."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from misconduct.charts.entries import (
    Entry,
    compared_by_area,
    find_reach,
    find_scale,
    name_entries,
)
from misconduct.charts.lines import Line, join_series, make_day_lines, make_lines, name_lines, trim
from misconduct.model import wording
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.kinds import Form, FormerForm
from misconduct.model.series import Series, find_years

TABLES = ("table", "years", "columns", "grid")
"""The names of a table, also those of earlier releases. All other names are of lists."""

MAX_ROWS, MAX_TABLE, MAX_ALIKE = 18, 30, 60
"""Rows of unlike figures: the kinds of number of an Indian state; those of one table; and those of what is alike."""

MIN_PLACES, MAX_COLUMNS, MAX_BESIDE = 6, 6, 3
"""Names and kinds of number for which figures are a table of places; and columns of many places, which would else need
a second table below."""

TOGETHER, ALL = "several_forces", "All these together"
"""The place of figures of two or more forces, and what it is called if these stand below it."""

NEWEST = "the newest year"
"""The choice where an index would have no number."""

SPARSE = 4  # a series with fewer numbers than one in four years is drawn as a list

FEW = 4  # how many times as many figures there are as those of series, if these would stand for too few

ALONE, ROW, ABOVE, PLAIN_ROW = 160, 30, 17, 20
"""Pixels of the height of tables whose rows are few, of a row of many, of the number above a column, and of a row of
numbers."""

SMALL = 5  # every scale of counts ends at this number or above it, so that one death is no high column


@dataclass(frozen=True)
class Chart:
    """The figures of a chart and its words; `topics` are what a request asks for, and name it if figures do not.

    `search` has the words of a search, `choice` says which numbers were chosen, `narrowed` what else was asked for,
    `asked` has the places asked for, and `undated` counts figures for which a table by year has no column.
    `series` are those of which several of the `years` have a figure; `total` counts figures beyond `rows`, too. `held`
    counts the figures by place and year, if there are too many to draw, and `sources` are theirs. There is
    room for `most` rows. `has_incidents` tells whether incidents are drawn beside the deaths in them.
    """

    view: ReleaseView
    address: str
    rows: Sequence[Row]
    series: Sequence[Series] = ()
    years: Sequence[Year] = ()
    total: int = 0
    undated: int = 0
    title: str | None = None
    subtitle: str | None = None
    note: str | None = None
    topics: Sequence[str] = ()
    search: str = ""
    choice: str = ""
    narrowed: Sequence[str] = ()
    asked: Sequence[str] = ()
    held: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sources: Sequence[str] = ()
    dataset: str | None = None
    revised: str | None = None
    day: str = ""
    form: Form | FormerForm | None = None
    is_newest: bool = True
    is_ordered: bool = False
    is_ranked: bool = False
    has_incidents: bool = False
    most: int = MAX_ALIKE


@dataclass(frozen=True)
class Block:
    """A table of series by year: its rows, their heading and unit, and the highest number on the scale of each row.

    Without these it has numbers only. Rows of nothing but zeros are none. `height` is that of a row.
    """

    lines: Sequence[Line]
    zeros: Sequence[Line]
    heading: str
    unit: str
    tops: Sequence[float] = ()
    height: float = PLAIN_ROW


@dataclass(frozen=True)
class Plan:
    """The parts of a chart: blocks of years and then a list, or an index; `total` counts all figures that there are."""

    chart: Chart
    blocks: Sequence[Block]
    listed: Sequence[Entry]
    total: int
    is_index: bool = False

    @property
    def lines(self) -> list[Line]:
        return [line for block in self.blocks for line in (*block.lines, *block.zeros)]

    @property
    def entries(self) -> list[Entry]:
        return [*(entry for line in self.lines for entry in line.entries), *self.listed]

    @property
    def rows(self) -> Sequence[Row]:
        """Return the figures that it draws; those of an index it counts."""
        return self.chart.rows if self.is_index else [entry.row for entry in self.entries]

    @property
    def is_one_table(self) -> bool:
        """Tell whether its rows are alike: a table of one place or kind, places, or what an editor chose."""
        origins = {(line.key["source"], line.key["area"]) for line in self.lines}
        is_short = not any(entry.rest or entry.detail for entry in self.listed) or find_columns(self.listed)
        is_alike = is_short and (len(self.blocks) < 2 or len(origins) == 1)
        return bool(self.chart.title or self.is_index or is_alike)

    @property
    def is_one_number(self) -> bool:
        """Tell whether it is one figure, which is drawn very large."""
        return not self.blocks and len(self.listed) == 1


def make_plan(chart: Chart) -> Plan:
    """Choose what a chart draws, as far as there is room. Numbers printed again are left out."""
    printed = {row["id"]: row["printed"] for row in chart.rows}
    rows = [row for row in chart.rows if not row["repeats"] or printed.get(row["repeats"]) != row["printed"]]
    total = max(chart.total, len(chart.rows)) - len(chart.rows) + len(rows)
    rows = rows if chart.title or chart.has_incidents else _leave_out_incidents(rows)
    chart = replace(chart, is_ranked=chart.is_ranked and not any(_is_unranked(row, chart.view) for row in rows))
    if len({compared_by_area(row, chart.view) for row in rows}) == 1:  # one table, of which the first rows are drawn
        chart = replace(chart, held={})
    ids, lines = {row["id"] for row in rows}, [line for line in _make_lines(chart, rows) if _is_dense(line)]
    found = _drop_parts([line for line in lines if any(one.row["id"] in ids for one in line.entries)], rows)
    keys = _choose([line.key for line in found], chart, _find_wholes(found))
    of_lines = {entry.row["id"] for line in found for entry in line.entries}
    single = [row for row in rows if row["id"] not in of_lines]
    kept = _choose(single, chart, {row["id"]: row["within"] for row in single})
    is_small = FEW * len(of_lines) < total and len(kept) > MAX_ROWS
    is_index = bool(chart.held and not chart.title and (len(keys or kept) > MAX_ALIKE or is_small))
    if (is_index or not (found or chart.title)) and (cells := _find_cells(rows, chart, is_index=is_index)):
        newest = "" if len(cells) == len(rows) else NEWEST
        chart = replace(chart, choice=", ".join(filter(None, (chart.choice, newest))))
        return Plan(chart, (), _arrange(cells, chart), total)
    if is_index:
        return Plan(chart, (), (), total, is_index=True)
    chosen = {key["id"] for key in keys}
    blocks = _make_blocks([line for line in found if line.key["id"] in chosen], single, chart)
    if len(keys) < len(found) or (blocks and len(keys) + len(kept) > MAX_ROWS and not chart.title):
        drawn = {key["area"] for key in keys}  # of many single figures beside those by year, only wholes are important
        wholes = {one for row in rows for one in row["within"]}
        kinds = {find_kind(row) for row in kept if row["id"] in wholes and row["area"] in drawn}
        kept = [row for row in kept if find_kind(row) in kinds or row["area"] in {*chart.asked} - drawn]
    entries = name_entries(kept, chart.view, [row for row in rows if row["id"] in of_lines])
    return Plan(chart, blocks, _arrange(entries, chart), total)


def _leave_out_incidents(rows: Sequence[Row]) -> list[Row]:
    """Return figures without incidents of which the same source counts the deaths: these are nearly as many."""
    deaths = {(row["source"], row["area"], row["category"]) for row in rows if row["counting_unit"] == "deaths"}
    return [
        row for row in rows if not _counts_incidents(row) or (row["source"], row["area"], row["category"]) not in deaths
    ]


def _find_cells(rows: Sequence[Row], chart: Chart, *, is_index: bool) -> list[Entry]:
    """Return the cells of a table of places and kinds, if figures are; instead of an index those of the last year."""
    if is_index and len({row["source"] for row in rows}) == 1 and len(rows) == chart.total:
        last = max(row["year"] or "" for row in rows)
        rows = [row for row in rows if row["year"] == last] or rows
    is_few = len(rows) <= MAX_ALIKE * MAX_COLUMNS
    oldest = sorted(rows, key=lambda row: row["period"] or "")
    several = [name_entries(rows, chart.view), name_entries(oldest, chart.view, (), "period")] if is_few else []
    words = [(one, *one.name.partition(", ")[::2]) for cells in several[:1] for one in cells]
    several += [[replace(one, name=wording.capitalise(second), place="", what=first) for one, first, second in words]]
    return next((cells for cells in several if find_columns(cells)), [])


def find_columns(entries: Sequence[Entry]) -> list[str]:
    """Return the columns of a table in which many names have the same few kinds of number; else none."""
    columns, cells = list(dict.fromkeys(entry.rest for entry in entries)), {(one.name, one.rest) for one in entries}
    names = {entry.name for entry in entries}
    is_full = len(entries) == len(cells) > len(names) * len(columns) / 2
    is_table = 1 < len(columns) <= MAX_COLUMNS and MIN_PLACES <= len(names) <= MAX_ALIKE and is_full
    return columns if is_table else []


def _make_lines(chart: Chart, rows: Sequence[Row]) -> list[Line]:
    """Return the series of a chart; of an editor's choice, those of several documents joined."""
    if chart.form and chart.form not in TABLES:
        return []
    joined = join_series(rows, chart.view) if chart.title else []
    years = find_years([span for one in joined for span in one.spans()]) if joined else chart.years
    lines = make_lines(joined or chart.series, years, rows, chart.view.catalogue)
    return [*lines, *make_day_lines(rows, chart.view)]


def _drop_parts(lines: Sequence[Line], rows: Sequence[Row]) -> list[Line]:
    """Return series, but not parts of single figures, which say more than they."""
    single = {row["id"] for row in rows} - {entry.row["id"] for line in lines for entry in line.entries}
    return [line for line in lines if not all(single.intersection(one.row["within"]) for one in line.of_years)]


def find_kind(row: Row) -> tuple[object, ...]:
    """Return what figures of different sources share if they count the same: place, stage, kind and unit."""
    return row["area"], row["measure"], row["category"], row["counting_unit"]


def _is_dense(line: Line) -> bool:
    """Tell whether a series has several numbers, and not only two of them far apart, which are a list."""
    return len(line.of_years) > 1 and len(trim([line])[0].slots) <= SPARSE * len(line.of_years)


def _is_unranked(row: Row, view: ReleaseView) -> bool:
    """Tell whether a caveat of a figure says not to rank it."""
    return any(view.catalogue.fact("no_ranking", caveat) for caveat in row["caveats"])


def _find_wholes(lines: Sequence[Line]) -> dict[str, set[str]]:
    """Return which series include each series, by the ids of one figure of each."""
    of_figure = {entry.row["id"]: line.key["id"] for line in lines for entry in line.entries}
    return {
        line.key["id"]: {of_figure[one] for entry in line.entries for one in entry.row["within"] if one in of_figure}
        - {line.key["id"]}
        for line in lines
    }


def _choose(rows: Sequence[Row], chart: Chart, within: Mapping[str, Collection[str]]) -> list[Row]:
    """Return all figures, or series by one figure of each; of too many those that no other one includes.

    Each place that was asked for has its share of the room, and at least one figure. `within` has what includes each
    of them. Of different kinds and times each kind has a figure before any has two; what an index would count is not
    left out.
    """
    is_table = len({(row["area"], *find_scale(row, chart.view)) for row in rows}) == 1
    most = min(MAX_TABLE if is_table else MAX_ROWS, chart.most)
    if chart.title or len(rows) <= most:
        return [*rows]
    inside = chart.view.catalogue.findable("area")
    by_place = defaultdict[str, list[Row]](list)
    for row in rows:
        by_place[next((one for one in chart.asked if row["area"] in inside.get(one, ())), "")].append(row)
    chosen, share = set[str](), max(1, most // len(by_place))
    for found in by_place.values():
        tops = _find_tops(found, chart, within, share)
        scales = {find_scale(row, chart.view) for row in tops}
        kinds, times = {(row["measure"], row["category"]) for row in tops}, {row["period"] for row in tops}
        is_kind = len(scales) == 1 and 1 in (len(kinds), len(times))
        has_index = len(tops) > MAX_ALIKE and chart.held
        room = None if has_index else MAX_ALIKE if is_kind else share
        chosen |= {row["id"] for row in tops[:room]}
    return [row for row in rows if row["id"] in chosen]


def _find_tops(rows: Sequence[Row], chart: Chart, within: Mapping[str, Collection[str]], room: int) -> list[Row]:
    """Return all figures of one kind; else those that no other one includes, and their parts if there is room.

    Each kind is first there once, then twice; of these the figures with most parts, and the largest.
    """
    if len(rows) <= MAX_ALIKE and len({compared_by_area(row, chart.view) for row in rows}) == 1:
        return [*rows]
    ids = {row["id"] for row in rows}
    depth = {row["id"]: len(ids.intersection(within[row["id"]]) - {row["id"]}) for row in rows}
    parts = Counter(one for row in rows for one in within[row["id"]] if one != row["id"])
    by_weight = sorted(rows, key=lambda row: (-parts[row["id"]], -(find_reach(row) or 0)))
    before, chosen = Counter[tuple[object, ...]](), list[tuple[int, Row]]()
    for level, is_last in product(range(max(depth.values(), default=0) + 1), (False, True)):
        found = [row for row in by_weight if depth[row["id"]] == level and _counts_incidents(row) == is_last]
        if chosen and len(chosen) + len(found) > room:
            break
        for row in found:
            chosen.append((before[level, *find_kind(row)], row))
            before[level, *find_kind(row)] += 1
    return [row for _, row in sorted(chosen, key=lambda one: one[0])]


def _make_blocks(lines: Sequence[Line], single: Sequence[Row], chart: Chart) -> list[Block]:
    """Return blocks of series that one publisher counted in one unit, and whose years begin in the same month."""
    by_block, blocks, room = defaultdict[tuple[object, ...], list[Line]](list), list[Block](), chart.most
    rank = _rank_kind([line.key for line in lines])
    for line in sorted(lines, key=lambda line: rank(line.key)):
        by_block[line.month, *find_scale(line.key, chart.view)].append(line)
    for some in by_block.values():
        found = some
        if len({line.window.what for line in found if line.window}) > 1:  # of different years, under one heading
            found = [replace(line, window=None) for line in found]
        others = [one.key for several in by_block.values() if several is not some for one in several]
        heading, named = name_lines(trim(found), [*others, *single], chart.view)
        ordered = _order(named, chart)
        totals = [line for line in ordered if line.is_total] if len(ordered) > room else []
        ordered = (totals or ordered)[:room]  # the first parts in the alphabet would say nothing
        room -= len(ordered)
        if ordered:
            blocks.append(_make_block(ordered, heading, chart))
    return _scale(blocks, chart.view)


def _rank_kind(rows: Sequence[Row]) -> Callable[[Row], tuple[bool, int]]:
    """Return what sorts figures: accusations first, other stages in the order of their document, incidents last."""
    stages = sorted(dict.fromkeys(row["measure"] for row in rows), key=lambda stage: stage != "alleged")
    return lambda row: (_counts_incidents(row), stages.index(row["measure"]))


def _counts_incidents(row: Row) -> bool:
    """Tell whether a figure counts incidents, which stand below the deaths in them."""
    return bool(row["counting_unit"] == "incidents")


def _make_block(lines: list[Line], heading: str, chart: Chart) -> Block:
    key, catalogue = lines[0].key, chart.view.catalogue
    share = "" if key["statistic"] == "count" else catalogue.label("statistic", key["statistic"])
    is_posts = key["counting_unit"] == "posts"  # of officers, which their heading need not say
    unit = wording.statement(key, catalogue) if is_posts else wording.unit_in_words(key, catalogue)
    unit = ", ".join(filter(None, (unit or "Unit not stated", wording.lower(share))))
    zeros = [line for line in lines if {entry.shown for entry in line.entries} == {"0"}]
    heading = wording.capitalise(": ".join(filter(None, (heading, "incidents" if _counts_incidents(key) else ""))))
    return Block([line for line in lines if line not in zeros], zeros, heading, unit)


def _scale(blocks: Sequence[Block], view: ReleaseView) -> list[Block]:
    """Return blocks in which counts of one source have one scale, if each is at least a pixel high on it.

    Else those of one unit have one. Totals have their own. A block without a scale for all its rows has numbers only:
    126,327 officers would seem as many as 1,198.
    """
    lines, reach = [line for block in blocks for line in block.lines], defaultdict[object, list[float]](list)
    for line in lines:
        for scale in _find_scales(line, view):
            least = SMALL if line.key["unit"] == "count" else 0
            reach[scale].append(max([least, *(entry.reach for entry in line.of_years)]))
    height, found = max(ROW, ALONE / max(1, len(lines))), list[Block]()
    for block in blocks:
        seen = [
            [max(some) for one in _find_scales(line, view) if min(some := reach[one]) * (height - ABOVE) >= max(some)]
            for line in block.lines
        ]
        tops = [(line.is_total, each[0]) for line, each in zip(block.lines, seen, strict=True) if each]
        is_one = len(tops) == len(seen) and len({*tops}) == len({is_total for is_total, _ in tops})
        found.append(replace(block, tops=[top for _, top in tops], height=height) if tops and is_one else block)
    return found


def _find_scales(line: Line, view: ReleaseView) -> list[object]:
    """Return what may have one scale with a series, the widest first: all of its source, and the same unit there.

    Places that nobody should rank have none together.
    """
    kind = line.key["area"] if _is_unranked(line.key, view) else "", line.is_total, line.month
    origin, unit, *others = find_scale(line.key, view)
    of_place = [(*kind, origin, *others)] if line.key["unit"] == "count" else []
    return [*of_place, (*kind, origin, unit, *others)]


def _order(lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return lines as ordered by the editor or their document, places by name, below their whole.

    Lines with one heading stay together. A request may rank places by their newest numbers.
    """
    if chart.is_ordered:
        places = {row["id"]: place for place, row in enumerate(chart.rows)}
        return sorted(lines, key=lambda line: min(places.get(one.row["id"], len(places)) for one in line.entries))
    wholes = _find_wholes(lines)
    around = {line.key["id"]: [one for one in lines if one.key["id"] in wholes[line.key["id"]]] for line in lines}
    parts = Counter(one.key["id"] for several in around.values() for one in several)
    of_document = {line.key["id"]: place for place, line in enumerate(lines)}
    by_name = len({line.key["area"] for line in lines}) > 1 and not chart.is_ranked
    by_heading, sizes = defaultdict[str, list[Line]](list), Counter(line.heading for line in lines)
    for line in lines:
        is_most = 2 * parts[line.key["id"]] + 2 > sizes[line.heading]  # and not two outcomes among many others
        is_total = not around[line.key["id"]] and parts[line.key["id"]] > 1 and is_most
        depth = max(0, len(around[line.key["id"]]) - 1)
        name = ALL if is_total and line.key["area"] == TOGETHER else line.name
        by_heading[line.heading].append(replace(line, name=name, is_total=is_total, depth=depth))

    def rank(line: Line) -> list[tuple[str, float]]:
        """Return the places of what includes a line, the largest first, and then its own."""
        path = [*sorted(around[line.key["id"]], key=lambda one: -parts[one.key["id"]]), line]
        label = chart.view.catalogue.label
        return [
            (
                label("area", one.key["area"]) if by_name else "",
                -one.newest if chart.is_ranked else of_document[one.key["id"]],
            )
            for one in path
        ]

    groups = [sorted(found, key=rank) for found in by_heading.values()]
    ordered = sorted(groups, key=lambda found: (bool(found[0].heading), rank(found[0])))  # or they seem to be below one
    return [line for found in ordered for line in found]


def _arrange(entries: Sequence[Entry], chart: Chart) -> list[Entry]:
    """Return figures, parts below their whole: places by name, others by measure."""
    is_ordered, are_places = chart.is_ordered or chart.is_ranked, len({entry.row["area"] for entry in entries}) > 1
    drawn = [*entries]
    label = chart.view.catalogue.label
    if not is_ordered:
        rank = _rank_kind([entry.row for entry in drawn])
        drawn.sort(key=lambda one: rank(one.row))
        drawn.sort(key=lambda one: label("area", one.row["area"]) if are_places else "")
    names = list(dict.fromkeys(entry.name for entry in drawn if entry.name))
    room = chart.most * (2 if chart.title else 1)
    columns = find_columns(drawn)
    first = {*names[:room]} if columns else set[str]()
    beside = columns[:MAX_BESIDE] if len(names) > MAX_ROWS else columns
    drawn = [entry for entry in drawn if entry.name in first and entry.rest in beside] or drawn[:room]
    inside: dict[str, Sequence[str]] = {row["id"]: row["within"] for row in chart.rows}
    ids, parts = {entry.row["id"] for entry in drawn}, defaultdict[str, list[Entry]](list)
    for entry in drawn:  # or of what repeats its whole
        wholes = [one for whole in entry.row["part_of"] for one in (whole, *inside.get(whole, ())) if one in ids]
        parts[next((one for one in wholes if entry.row["id"] not in inside.get(one, ())), "")].append(entry)

    def nest(whole: str, depth: int = 0) -> Iterator[Entry]:
        for one in parts.pop(whole, []):
            yield replace(one, depth=depth)
            yield from nest(one.row["id"], depth + 1)

    return [*nest("")]
