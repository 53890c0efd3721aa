"""Say in SQL what comes first: one list of keys, for searches, look-up, pictures, and pages."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from misconduct.model.catalogue import PEOPLE, Catalogue
from misconduct.model.order import MANY_TIMES, OF_ALL_KINDS, RECENT_YEARS
from misconduct.model.places import find_around
from misconduct.model.plain_words import plain_words
from misconduct.model.search_texts import READ_AS
from misconduct.queries.question import EVERYBODY, SIZE, Question
from misconduct.queries.terms import Values, bind, write_likeness, write_number, write_partly_said, write_said

COUNTED = ("indicator", "category", "subcategory", "scope", "base", "statistic", "population", "counting_unit")
"""What figures share that count the same, of whatever place and time."""

_RANKED = (*READ_AS, "vetting_result", "population")
"""Columns with whose codes a figure comes before those with the words only."""

_FACTS = """
    LEFT JOIN unnest(%(order_areas)s::text[], %(order_countries)s::int[], %(order_depths)s::int[],
        %(order_nations)s::bool[]) AS inside (area, country, depth, is_nation) USING (area)
    LEFT JOIN unnest(%(order_indicators)s::text[], %(order_positions)s::int[], %(order_headlines)s::bool[],
        %(order_units)s::text[], %(order_people)s::text[], %(order_plain_people)s::text[],
        %(order_categories)s::text[])
        AS about (indicator, position, headline, usual_unit, usual_people, plain_people, usual_category)
        USING (indicator)"""
"""What the order reads of areas and indicators."""

_LEXEMES = "tsvector_to_array(to_tsvector('english', {}))"
SHORTEST_WORD = 3  # of a scope that is asked for; shorter ones are in many words

_RELEASED = "(SELECT day FROM releases WHERE ordinal = %(release)s)"
_IS_AT_ONE_TIME = "coalesce(stock_or_flow = 'stock' AND coverage <> 'window', false)"


class Order(NamedTuple):
    """An order of figures in SQL: tables to be joined, the keys, the values of both, and what tells a part of a whole.

    `is_part` says that a figure counts only some of what its indicator says: some people, a part or a kind that nobody
    asks for.
    """

    joins: str
    keys: str
    values: Values
    is_part: str

    def number(self, found: str) -> str:
        """Return the statement that numbers the figures of another one in their order: `nth` is 1 of the first."""
        return f"SELECT *, row_number() OVER () AS nth FROM ({found} ORDER BY {self.keys}) AS ordered"  # noqa: S608


def write_order(question: Question, catalogue: Catalogue) -> Order:
    """Return the order of the figures that a question finds; a question without terms asks for anything."""
    values = Values(_describe(catalogue))
    names = [catalogue.label("indicator", one) for one in question.indicators]
    said = {word for term in question.terms if "area" not in term.codes for word in plain_words(term.words)}
    said -= {"police", *plain_words(" ".join(names))}
    of_kinds = {word for kind in question.kinds() if kind.is_name for word in kind.plain.split()}
    words = bind([f"%{word.removesuffix('s')}%" for word in sorted(said) if len(word) >= SHORTEST_WORD], values)
    people = [code for term in question.terms for code in term.finds.get("population", ())]
    people += EVERYBODY if any(one.is_of_everybody for one in question.terms) else ()
    kinds = [*OF_ALL_KINDS, *sorted(catalogue.find_all("category", question.codes("category")))]
    has_scope = f"(scope IS NOT NULL AND NOT scope ILIKE ANY({words}::text[]))"
    is_kind = f"""CASE WHEN subcategory IS NOT NULL THEN NOT subcategory ILIKE ANY({words}::text[])
        ELSE category IS DISTINCT FROM usual_category AND category <> ALL({bind(kinds, values)}) END"""
    no_lead = [one for one in catalogue.of_kind("caveat") if catalogue.fact("no_lead", one)]
    is_of_others = "coalesce(population <> usual_people, false)"
    keys = [
        _fit_number(question, values),
        f"min(area) OVER (PARTITION BY {', '.join(COUNTED)}) = max(area) OVER (PARTITION BY {', '.join(COUNTED)})"
        if question.beside
        else "",  # what only one of two places has comes after what both have
        f"coalesce(population = ANY({bind(people, values)}), false) AND NOT {has_scope} DESC" if people else "",
        _count_codes(question, values),
        "" if question.indicators else _name_words(said - of_kinds, catalogue, values),
        _is_any("statistic", question.statistics, values),
        f"coalesce(base ILIKE {bind(f'%{question.per}%', values)}, false) DESC" if question.per else "",
        "repeats IS NOT NULL",
        f"{_IS_AT_ONE_TIME} DESC" if question.is_now else "",
        _is_any("area", question.codes("area"), values),
        _is_any("category", question.codes("category"), values),
        _fit_kinds(question, values),
        f"coalesce(period_end < {_RELEASED} - interval '{RECENT_YEARS} years', true)",
        has_scope,
        is_kind,
        "subcategory IS NOT NULL" if question.kinds() else "",
        "coalesce(population <> plain_people, false)",
        "value IS NULL",
        f"coalesce(caveats && {bind(no_lead, values)}::text[], false)",
        "headline DESC NULLS LAST",
        "counting_unit = usual_unit DESC NULLS LAST",
        "position",
        "is_nation DESC NULLS LAST",
        "country",
        f"count(*) OVER (PARTITION BY {', '.join(COUNTED)}, area) < {MANY_TIMES}",
        "statistic <> 'count'",
        "depth",
        " + ".join(f"({write_said(one, values)})::int" for one in question.years) + " DESC" if question.years else "",
        "coverage IN ('window', 'part') OR coverage = 'unstated' AND year IS NULL",
        "recency DESC",
        "place",
    ]
    is_part = [has_scope, is_kind, is_of_others]
    if question.kinds():  # sexual misconduct without abuse of position
        asked = bind(" ".join(sorted(said)), values)
        is_part.append(f"ts_delete(to_tsvector('english', subcategory), {_LEXEMES.format(asked)}) <> ''")
    return Order(_FACTS, ", ".join(filter(None, keys)), values, f"coalesce({' OR '.join(is_part)}, false)")


def _fit_number(question: Question, values: Values) -> str:
    """Return the key that puts figures with the number first, and of these the one with its hedge; else no key."""
    number = question.number
    fits = f"CASE WHEN {write_number(number, values)} THEN 1 + {write_likeness(number, values)}" if number else ""
    return fits and f"{fits} ELSE 0 END DESC"


def _fit_kinds(question: Question, values: Values) -> str:
    """Return the key that puts numbers, and what says words of the kinds that are asked, before shares and codes."""
    said = [f"({write_partly_said(one, values)})::int" for one in question.kinds()]
    return " + ".join([*said, "(statistic = 'count')::int"]) + " DESC" if said else ""


def _is_any(column: str, codes: Iterable[str], values: Values) -> str:
    """Return the key that puts figures with one of some codes first; no key for no codes."""
    several = [*codes]
    return f"coalesce({column} = ANY({bind(several, values)}), false) DESC" if several else ""


def _name_words(words: Collection[str], catalogue: Catalogue, values: Values) -> str:
    """Return the key that puts figures first whose indicator has a word of the question in its name: deaths."""
    known = catalogue.codelists.get("indicator", {})
    named = [one for one in known if not {*plain_words(known[one]["label"])}.isdisjoint(words)]
    return f"coalesce(indicator = ANY({bind(named, values)}), false) DESC" if named else ""


def _count_codes(question: Question, values: Values) -> str:
    """Return the key that puts figures with most of the codes that words stand for first; no key without codes.

    A kind of misconduct that is narrower counts, too: a place comes before the very kind that is asked.
    """
    named = [
        (name, term.finds.get(name, ()) if name == "category" else term.codes.get(name, ()))
        for term in question.terms
        for name in _RANKED
    ]
    columns = [(name, codes) for name, codes in named if not {*codes} <= {*EVERYBODY}]
    columns += [("measure", [SIZE])] if question.is_about_size else []
    columns += [("indicator", question.indicators)] if question.indicators else []
    ones = [f"coalesce({name} = ANY({bind([*codes], values)}), false)::int" for name, codes in columns]
    return f"{' + '.join(ones)} DESC" if ones else ""


@lru_cache(4)
def _describe(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the order reads of areas and indicators, as lists side by side."""
    areas, indicators = catalogue.codelists.get("area", {}), catalogue.of_kind("indicator").values()
    return {
        "order_areas": [*areas],
        "order_countries": [_find_country(one, catalogue) for one in areas],
        "order_depths": [len(find_around(one, catalogue)) for one in areas],
        "order_nations": [bool(one.get("position")) for one in areas.values()],
        "order_indicators": [one["id"] for one in indicators],
        "order_positions": [one["position"] for one in indicators],
        "order_headlines": [bool(one.get("headline")) for one in indicators],
        "order_units": [one["counting_unit"][0] for one in indicators],
        "order_people": [one["population"][0] if PEOPLE in one["name"] else None for one in indicators],
        "order_plain_people": [None if PEOPLE in one["name"] else one["population"][0] for one in indicators],
        "order_categories": [one["category"][0] for one in indicators],
    }


def _find_country(area: str, catalogue: Catalogue) -> int:
    """Return the position of the country that an area is in, or is; what is in none comes last."""
    areas = catalogue.codelists["area"]
    positions = (areas.get(one, {}).get("position") for one in [area, *find_around(area, catalogue)])
    return next(filter(None, positions), len(areas))
