"""The rules of indicators: what each one is called, and what figures may say with it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from operator import itemgetter

from misconduct.model.catalogue import PEOPLE
from misconduct.model.kinds import Code, Disagreement, Indicator

from .reading import Cells, Mistake, Table
from .yaml_files import LocatedRecord, select

INDICATORS = "indicators.csv"
MAX_NAME = 60  # longer ones do not fit above a picture
MAX_HEADLINES = 36  # what people ask for first
EVERY_KIND = "*"
NEEDED_CODES = ("measure", "category", "counting_unit", "population")
CODES = (*NEEDED_CODES, "stock_or_flow", "vetting_check", "vetting_result")
"""The codes that follow from an indicator, where a row leaves them out."""

PAIRED = ("counted_otherwise", "not_to_confuse")
"""What two indicators say of each other."""

OF_COUNTS = "stock_or_flow"
TOLD_BY = ("indicator", "subcategory", "scope", "base", "statistic", "area", "period", "unit", "stated_by",
           "category", "population", "counting_unit")  # fmt: skip
"""What tells two figures of one source apart: alike in all this, they repeat, disagree or are a mistake."""
OF_A_LIST = [name for name in TOLD_BY if name not in ("period", "counting_unit")]
"""What the figures of one printed list share."""


def list_above(codes: Mapping[str, Code], codelist: str, code: str) -> Iterator[str]:
    """Yield a code and those above it, each once: by mistake, two may each be in the other."""
    seen = set[str]()
    while code and code not in seen:
        yield code
        seen.add(code)
        record = codes.get(f"{codelist}/{code}")
        code = (record and record.broader) or ""


def is_no_place(codes: Mapping[str, Code], area: str) -> bool:
    """Tell whether a code of places names none, as several forces together: it is in no other, and none is in it."""
    record = codes.get(f"area/{area}")
    if record is None or record.broader:
        return False
    return all(one.broader != area for one in codes.values())


def fill_codes(cells: Cells, indicators: Mapping[str, Indicator]) -> Cells:
    """Return the cells of a figure: the first codes of its indicator fill empty ones.

    A row that has a measure may mean no check, and neither stock nor flow, so there only what each row needs is filled.
    """
    indicator = indicators.get(cells["indicator"])
    if indicator is None:
        return cells
    is_count = cells["statistic"] in ("", "count")
    filled = (
        NEEDED_CODES
        if cells["measure"]
        else [name for name in CODES if is_count or name != OF_COUNTS]
    )
    return cells | {
        name: [*getattr(indicator, name), ""][0] for name in filled if not cells[name]
    }


def link_partners(records: Iterable[LocatedRecord]) -> Iterator[LocatedRecord]:
    """Let each indicator name those that name it: a pair is written once, in the row of either."""
    found = [*records]
    indicators = select(found, Indicator)
    for located in found:
        own, linked = indicators[located.id], dict[str, list[str]]()
        for name in PAIRED:
            named = getattr(own, name)
            others = [
                identity
                for identity, other in indicators.items()
                if own.id in getattr(other, name)
            ]
            linked[name] = [*dict.fromkeys((*named, *others))]
        yield located._replace(record=own.model_copy(update=linked))


def check_indicators(records: Collection[LocatedRecord]) -> Iterator[Mistake]:
    """Yield what is wrong in the list of indicators itself."""
    indicators, codes = select(records, Indicator), select(records, Code)
    found = sorted(
        (one for one in records if one.kind == "indicator"),
        key=lambda one: indicators[one.id].position,
    )
    for located in found:
        one = indicators[located.id]
        for field, message in _judge_indicator(one, codes):
            yield located.places.mistake((field,), message)
    for before, after in pairwise(found):
        if indicators[before.id].position == indicators[after.id].position:
            yield after.places.mistake(
                ("position",), f"{before.id} has this position, too"
            )
    headlines = [one for one in found if indicators[one.id].headline]
    for located in headlines[MAX_HEADLINES:]:
        yield located.places.mistake(
            ("headline",), f"there are more than {MAX_HEADLINES} headlines"
        )


def _judge_indicator(
    one: Indicator, codes: Mapping[str, Code]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in the row of an indicator: the field, and why."""
    names = [_fill_name(one, people, codes) for people in one.population]
    for name in [name for name in names if len(name) > MAX_NAME][:1]:
        message = f"has more than {MAX_NAME} characters: it must fit above a picture"
        yield "name", f"{name!r} {message}"
    for code in one.category:
        if code != EVERY_KIND and f"category/{code}" not in codes:
            yield "category", f"there is no category {code!r}"
    alike = sorted({*one.not_to_confuse} - {*one.counted_otherwise})
    if one.counting_unit == ["unstated"] and alike:
        why = "its unit is not known, so it may count the same"
        yield "counted_otherwise", f"name {', '.join(alike)} here, too: {why}"


def _fill_name(indicator: Indicator, people: str, codes: Mapping[str, Code]) -> str:
    code = codes.get(f"population/{people}")
    return indicator.name.replace(PEOPLE, (code and code.in_names) or people)


def check_coding(
    records: Collection[LocatedRecord], tables: Collection[Table]
) -> Iterator[Mistake]:
    """Yield figures without an indicator, or with codes that their indicator does not have."""
    indicators, areas = select(records, Indicator), select(records, Code)
    for table in tables if indicators else ():
        yield from table.judge(
            ("indicator",),
            lambda cell: None if cell else "which indicator? see indicators.csv",
        )
        for name in CODES:
            yield from table.judge(
                (name, "indicator", "statistic"), partial(_is_allowed, name, indicators)
            )
        yield from table.judge(("base", "statistic", "indicator"), _has_a_base)
        yield from table.judge(
            ("indicator", "area"), partial(_is_of_its_country, indicators, areas)
        )


def _is_allowed(
    name: str,
    indicators: Mapping[str, Indicator],
    code: str,
    indicator: str,
    statistic: str,
) -> str | None:
    """Require a code of a list that the indicator allows."""
    if (
        indicator not in indicators
        or not code
        or (name == OF_COUNTS and statistic != "count")
    ):
        return None
    allowed = getattr(indicators[indicator], name)
    if code in allowed or EVERY_KIND in allowed:
        return None
    remedy = "choose another indicator, or another code"
    return f"{indicator} has the {name} {' or '.join(allowed) or 'of no check'}, not {code}: {remedy}"


def _is_of_its_country(
    indicators: Mapping[str, Indicator],
    areas: Mapping[str, Code],
    indicator: str,
    area: str,
) -> str | None:
    """Require a place to which a definition belongs: the law of one country says nothing of another's figures."""
    country = indicator in indicators and indicators[indicator].country
    above = [*list_above(areas, "area", area)]
    if not country or country in above or is_no_place(areas, area):
        return None
    return f"{indicator} is defined in {country}, so a figure of {area} cannot have it: choose or add another indicator"


def _has_a_base(base: str, statistic: str, indicator: str) -> str | None:
    if indicator and statistic == "count" and base:
        return "a count has no base: of what it is a part stands in part_of"
    if indicator and statistic != "count" and not base:
        return f"a {statistic} needs a base in plain words: of what, per what, or against what"
    return None


def find_alike(
    records: Collection[LocatedRecord],
    tables: Collection[Table],
    name: Callable[[Cells], str] = itemgetter("id"),
) -> Iterator[Mistake]:
    """Yield figures that nothing tells apart, although they do not repeat and no record says that they disagree.

    `name` says what to call the other one.
    """
    disagreeing = defaultdict[str, set[str]](set)
    for identity, record in select(records, Disagreement).items():
        for member in record.members:
            disagreeing[member].add(identity)
    for table in tables:
        first: dict[tuple[str, ...], dict[str, str]] = {}
        for number, row in enumerate(table.rows()):
            if not row["indicator"]:
                continue
            other = first.setdefault(tuple(row[name] for name in TOLD_BY), row)
            repeats = row["repeats"] or other["repeats"]
            if (
                other is not row
                and not repeats
                and not disagreeing[row["id"]] & disagreeing[other["id"]]
            ):
                message = f"nothing tells it from {name(other)}: give one of them a subcategory or a scope"
                yield table.mistake(
                    number,
                    "indicator",
                    f"{message}, write that it repeats, or record a disagreement",
                )


def find_repeats_told_otherwise(tables: Collection[Table]) -> Iterator[Mistake]:
    """Yield figures that repeat another one, but have another indicator."""
    named = {row["id"]: row["indicator"] for table in tables for row in table.rows()}
    for table in tables:
        for number, (first, own) in enumerate(
            zip(table.columns["repeats"], table.columns["indicator"], strict=True)
        ):
            if first and own and named.get(first, own) != own:
                yield table.mistake(
                    number,
                    "indicator",
                    f"it repeats {first}, whose indicator is {named[first]}",
                )


def find_lists_in_two_units(tables: Collection[Table]) -> Iterator[Mistake]:
    """Yield figures that a source counts in one unit at one time, and in another unit at another.

    A printed list has one unit, whatever noun each of its sentences has. Two units of the same time count two things,
    such as the people and the decisions of a year.
    """
    for table in tables:
        lists: dict[tuple[str, ...], list[tuple[int, Cells]]] = {}
        for number, row in enumerate(table.rows()):
            told = tuple(row[name] for name in OF_A_LIST)
            lists.setdefault(told, []).append((number, row))
        for rows in lists.values():
            units = Counter(row["counting_unit"] for _, row in rows)
            times = defaultdict[str, set[str]](set)
            for _, row in rows:
                times[row["counting_unit"]].add(row["period"])
            usual = units.most_common(1)[0][0]
            for number, row in rows:
                own, theirs = times[row["counting_unit"]], times[usual]
                if own.isdisjoint(theirs) and all(own | theirs):
                    message = f"others of this list are counted in {usual}"
                    yield table.mistake(
                        number, "counting_unit", f"{message}: a list has one unit"
                    )
