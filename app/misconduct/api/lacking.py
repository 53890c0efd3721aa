"""Say what the first row of an answer lacks of its question, by columns, with what is nearest and the way on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from misconduct.api.absent import (
    NEAR,
    OTHERWISE,
    WIDER,
    find_way,
    show_nearest,
    write_ask,
)
from misconduct.api.current import Current
from misconduct.api.gaps import find_reason
from misconduct.api.see_also import Beside
from misconduct.api.tables import Missing
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import Ambiguous, find_area, list_nations
from misconduct.model.plain_words import plain
from misconduct.model.wording import why_unpublished
from misconduct.queries import lacks
from misconduct.queries.meanings import TOWNS
from misconduct.queries.question import Question, Term
from misconduct.queries.reply import MOST_NEAREST, Held, Reply

WHY: Mapping[lacks.Column, str] = {
    "indicator": NEAR,
    "kind": "a wider kind",
    "area": WIDER,
    "home": "another country",
    "year": "another time",
    "part": "a part only",
    "people": "other people",
    "value": "another number",
}
"""Why a figure is near that lacks a column of a question."""
INSIDE = "a place inside it"


class _Answer(NamedTuple):
    """An answer of which is said what it lacks: its rows, and those that are named as nearest."""

    reply: Reply
    beside: Beside
    first: Row | None
    table: Mapping[str, Row]
    current: Current

    @property
    def catalogue(self) -> Catalogue:
        return self.current.catalogue


def list_near(reply: Reply, beside: Beside) -> list[str]:
    """Return the ids of the rows that are named as nearest."""
    near = [one.id for one in (*reply.nearest, *reply.home)]
    near += [one.id for several in reply.of_places.values() for one in several]
    near += [first for first in reply.guesses.values() if first]
    near += [reply.size] if reply.size else []
    return [*near, *(identity for _, identity in beside.numbers)]


def find_missing(
    reply: Reply,
    beside: Beside,
    first: Row | None,
    table: Mapping[str, Row],
    current: Current,
) -> list[Missing]:
    """Return what of a question is not understood, not held or not as asked in the first row."""
    answer = _Answer(reply, beside, first, table, current)
    found = [
        *_describe_unknown(answer),
        *_describe_left_out(answer),
        *_describe_never_held(answer),
        *_describe_numbers(answer),
        *_describe_differences(answer),
        *_describe_places(answer),
        *_describe_unpublished(answer),
    ]
    if not (first or found):
        found = [_describe_absent(answer)]
    return found


def sort_indicators(asked: Question, catalogue: Catalogue) -> list[str]:
    """Return the indicators that a question names: those of what became of accusations first, else in their order."""
    known = catalogue.of_kind("indicator")
    is_decided = {*asked.codes("measure")} - {"alleged"}
    return sorted(
        asked.indicators,
        key=lambda name: (
            is_decided and is_decided.isdisjoint(known[name]["measure"]),
            known[name]["position"],
        ),
    )


def _say_asked(reply: Reply, catalogue: Catalogue) -> dict[str, str]:
    """Return what a question asks in words, by the columns of the table."""
    asked, label = reply.asked, catalogue.label
    named = [label("indicator", one) for one in sort_indicators(asked, catalogue)[:1]]
    words = [*asked.details(), *asked.optional()]
    names = plain(" ".join(label("indicator", one) for one in asked.indicators))
    find_meant = catalogue.vocabulary.find_meant
    words = [  # without those that name what is counted
        term
        for term in words
        if term.plain not in names
        and {*asked.indicators}.isdisjoint(find_meant("indicator", term.words))
    ]
    columns = {
        "value": [asked.typed] if asked.number else [],
        "indicator": named,
        "kind": _quote(asked.kinds()),
        "people": _quote(asked.people()),
        "detail": _quote(words),
        "area": [_name_place(one, reply, catalogue) for one in reply.places],
        "year": [*(term.words for term in asked.years), *asked.times],
    }
    return {name: ", ".join(said) for name, said in columns.items() if said}


def _name_place(area: str, reply: Reply, catalogue: Catalogue) -> str:
    """Return what a place is called: a town that is read as a wider place, as it was typed."""
    places = [one for term in reply.asked.places() for one in term.either or [term]]
    towns = [one for one in places if one.plain in TOWNS and area in one.codes["area"]]
    return towns[0].words if towns else catalogue.label("area", area)


def _quote(terms: Iterable[Term]) -> list[str]:
    return [f"“{words}”" for words in dict.fromkeys(term.words for term in terms)]


def _describe_unknown(answer: _Answer) -> Iterator[Missing]:
    """Yield the words that nothing here has, and how they may be spelt."""
    reply = answer.reply
    if not reply.unknown:
        return
    words = [*dict.fromkeys(term.words for term in reply.unknown)]
    near = [
        (f"if you mean “{q}”", first) for q, first in reply.guesses.items() if first
    ]
    ways = [write_search(q) for q in reply.guesses]
    ways += [f"/v1/areas/{one}" for one in reply.places]
    ways += ["/v1/areas", "/v1/indicators"]
    detail = f"No figure or place here is called “{'” or “'.join(words)}”."
    if any(name.istitle() for name in reply.names):
        detail += " No names of people are held."
    missing = Missing(
        "not_understood", detail, ways=ways, asked={"detail": ", ".join(words)}
    )
    yield _with_nearest(missing, near, answer)


def _describe_left_out(answer: _Answer) -> Iterator[Missing]:
    """Yield the words that no figure has beside the others."""
    if words := [term.words for term in answer.reply.left_out]:
        detail = f"These figures are not about “{'” or “'.join(words)}”."
        asked = {"detail": ", ".join(words)}
        yield Missing("not_understood", detail, asked=asked)


def _describe_never_held(answer: _Answer) -> Iterator[Missing]:
    """Yield what no figure is, sums of money and lengths of time, and what is not computed: ranks and rates."""
    reply = answer.reply
    asked, ways = reply.asked, [f"/v1/areas/{one}" for one in reply.places]
    ways += [f"/v1/indicators/{one}" for one in asked.indicators[:1]]
    for noun in asked.unheld:
        detail = f"No {noun} are held."
        yield Missing("not_held", detail, ways=ways, asked={"unit": noun})
    if asked.asks_for_gaps:
        area = ",".join(reply.places)
        gaps = f"/v1/gaps?{urlencode({'area': area})}" if area else "/v1/gaps"
        detail = "What is not held of a force, and a request for each, is a list."
        yield Missing("not_held", detail, ways=[gaps, *ways])
    if asked.is_ranking:
        detail = "Places are not ranked: they record and count in different ways."
        yield Missing("not_computed", detail, ways=ways, asked={"unit": "rank"})
    statistic = answer.first["statistic"] if answer.first else None
    if "rate" in asked.statistics and statistic not in (None, "rate"):
        detail = "No rates are computed: here is the number, and how many work there."
        missing = Missing("not_computed", detail, ways=ways, asked={"unit": "rate"})
        near = [("how many work there", reply.size)] if reply.size else []
        yield _with_nearest(missing, near, answer)


def _describe_numbers(answer: _Answer) -> Iterator[Missing]:
    """Yield which other numbers may be meant."""
    reply, near = answer.reply, answer.beside.numbers
    if not reply.asked.number:
        return
    typed, asked = reply.asked.typed, _say_asked(reply, answer.catalogue)
    if answer.first and near:
        missing = Missing("other_number", "Another number may be meant.", asked=asked)
        yield _with_nearest(missing, near, answer)
    if not answer.first:
        others = [(_say_why(one), one.id) for one in reply.nearest]
        detail = f"No document prints {typed}"
        detail += " for this." if reply.asked.terms else "."
        ways = [write_search(typed)] if reply.asked.terms else []
        missing = Missing("not_held", detail, ways=ways, asked=asked)
        yield _with_nearest(missing, [*near, *others], answer)


def _describe_differences(answer: _Answer) -> Iterator[Missing]:
    """Yield what is asked and not held, or how the first row differs from it: its place, time or statistic."""
    reply, first = answer.reply, answer.first
    asked, places = reply.asked, reply.places
    if not first:
        never = asked.number or asked.unheld or asked.asks_for_gaps
        never = never or (reply.names and not reply.nearest)
        if (reply.nearest or places) and not never:
            yield _describe_absent(answer)
        return
    yield from _describe_time(answer, first)
    if not (places or asked.number) and _is_of_no_country(answer):
        detail = f"No number of a whole country is held of this: the first row is of {first['area']} only."
        yield Missing("not_held", detail, asked={"area": "a country"})
    if places and first["area_code"] not in places:
        said = " and ".join(answer.catalogue.label("area", one) for one in places)
        detail = f"Asked for {said}; the first row is of {first['area']} only."
        yield Missing("not_held", detail, asked={"area": said})
    yield from _describe_statistic(answer, first)


def _describe_statistic(answer: _Answer, first: Row) -> Iterator[Missing]:
    """Yield that a share or an average is asked, and the first row is none."""
    asked = answer.reply.asked
    shares = [one for one in asked.statistics if one != "rate"]
    if shares and first["statistic"] not in shares:
        label = answer.catalogue.label("statistic", shares[0]).lower()
        detail = f"Asked for “{label}”; the first row has “{first['statistic']}”."
        yield Missing("not_held", detail, asked={"unit": shares[0]})


def _is_of_no_country(answer: _Answer) -> bool:
    """Tell whether all figures that are found are of parts of countries."""
    return {*list_nations(answer.catalogue)}.isdisjoint(answer.reply.answer.areas)


def _describe_time(answer: _Answer, first: Row) -> Iterator[Missing]:
    """Yield that the first row is not inside the year that is asked, or that only countries abroad have the year."""
    reply, asked = answer.reply, answer.reply.asked
    times = [*asked.times, *(one.words for one in _list_years(asked))]
    said = " and ".join(dict.fromkeys(times))
    if times and not _is_inside(first, asked):
        detail = f"Asked for “{said}”; the time of the first row: {first['time']}."
        yield Missing("other_time", detail, asked={"year": said})
    if asked.is_now and not times and _is_of_a_time(first, answer.catalogue):
        detail = f"Asked for a number at one moment; the first row counts those of {first['time']}."
        ways = [f"/v1/indicators/{first['indicator']}?area={first['area_code']}&all=1"]
        yield Missing("other_time", detail, ways=ways, asked={"year": "at one moment"})
    if reply.home:
        near = [(WHY["year"], one.id) for one in reply.home]
        place = answer.table[reply.home[0].id]["area"]
        detail = f"{place}: only other years are held."
        missing = Missing("other_time", detail, asked={"year": said})
        yield _with_nearest(missing, near, answer)


def _is_of_a_time(row: Row, catalogue: Catalogue) -> bool:
    """Tell whether a row counts what happened in a time, and not what was there on a day."""
    indicator = catalogue.of_kind("indicator")[row["indicator"]]
    return [*indicator["stock_or_flow"]] == ["flow"]


def _list_years(asked: Question) -> list[Term]:
    return [year for term in asked.years for year in term.either or [term]]


def _is_inside(row: Row, asked: Question) -> bool:
    """Tell whether the time of a row is inside a year that is asked: the year to March 2025 is not in 2025."""
    first, last = row["period_start"], row["period_end"]
    if asked.times or not last:
        return False
    days = [term.days for term in _list_years(asked)]
    return any(
        begin <= str(first or last) and str(last) <= until for begin, until in days
    )


def _describe_places(answer: _Answer) -> Iterator[Missing]:
    """Yield which of several places has no row, and which place a town or a name was taken for."""
    reply = answer.reply
    for area in reply.places:
        is_told = answer.first or area in reply.of_places
        if reply.asked.beside and is_told and area not in reply.answer.areas:
            name = answer.catalogue.label("area", area)
            detail = f"Nothing of this is held of {name}."
            near = [(_say_why(one), one.id) for one in reply.of_places.get(area, ())]
            missing = _miss_place("not_held", detail, name, [area])
            yield _with_nearest(missing._replace(area_code=area), near, answer)
    for term in reply.asked.places():
        for place in term.either or [term]:
            yield from _describe_reading(place, answer)


def _describe_reading(place: Term, answer: _Answer) -> Iterator[Missing]:
    """Yield which place a town was taken for, or a name that several have."""
    reply, catalogue = answer.reply, answer.catalogue
    codes, words = place.codes["area"], place.words
    if place.plain in TOWNS:
        read = catalogue.label("area", codes[0])
        detail = f"Nothing is held of {words} alone: it is read as {read}."
        yield _miss_place("not_held", detail, words, codes)
    try:
        find_area(words, catalogue)
    except Ambiguous as several:
        read = " or ".join(catalogue.label("area", one) for one in reply.places)
        detail = f"{several} This is about {read}."
        yield _miss_place("ambiguous", detail, words, several.codes)


def _miss_place(reason: str, detail: str, asked: str, codes: Sequence[str]) -> Missing:
    ways = [f"/v1/areas/{code}" for code in codes]
    return Missing(reason, detail, ways=ways, asked={"area": asked})


def _describe_unpublished(answer: _Answer) -> Iterator[Missing]:
    """Yield the records of what nobody has published."""
    for identity in answer.beside.unpublished:
        record = answer.catalogue.of_kind("unpublished")[identity]
        reason = "refused" if record["kind"] == "refused" else "not_held"
        detail = f"{record['question']} {why_unpublished(record)}"
        yield Missing(reason, detail, ways=[f"/v1/notes/{identity}"])


def _describe_absent(answer: _Answer) -> Missing:
    """Return what is asked and not held, with the nearest that is, and the request for it."""
    reply, catalogue = answer.reply, answer.catalogue
    said = _say_asked(reply, catalogue)
    detail = f"{', '.join(said.values())}: not held." if said else "Nothing is asked."
    reason, ask = "not_held", None
    if any("year" in one.columns <= {"year", "part"} for one in reply.nearest):
        reason = "other_time"
    indicator = next(iter(sort_indicators(reply.asked, catalogue)), None)
    area = reply.places[0] if len(reply.places) == 1 else None
    if indicator and area:
        record = catalogue.of_kind("indicator")[indicator]
        ask = write_ask(answer.current, record, area)
        if refused := find_reason(area, [indicator], catalogue):
            reason = "refused" if refused["kind"] == "refused" else reason
    ways = [f"/v1/areas/{one}" for one in reply.places]
    if not reply.nearest:
        ways += [f"/v1/indicators/{indicator}" if indicator else "/v1/indicators"]
    near = [(_say_why(one), one.id) for one in reply.nearest]
    missing = Missing(reason, detail, indicator, area, ways=ways, ask=ask, asked=said)
    return _with_nearest(missing, near, answer)


def _say_why(near: Held) -> str:
    """Return why a figure is near: another time, a wider area, without “taser”."""
    whys = [WHY[column] for column in WHY if column in near.columns]
    if near.lacks.get("area") == lacks.INSIDE:
        whys = [INSIDE if why == WIDER else why for why in whys]
    if near.lacks.get("indicator") == lacks.OTHERWISE:
        whys = [OTHERWISE if why == NEAR else why for why in whys]
    if near.without:
        words = [term.words for term in near.without]
        whys.append(f"without “{'” or “'.join(words)}”")
    return ", ".join(whys)


def _with_nearest(
    missing: Missing, near: Sequence[tuple[str, str]], answer: _Answer
) -> Missing:
    """Return what is missing with the rows that are nearest, and the addresses of their series."""
    rows = [(why, answer.table[identity]) for why, identity in near[:MOST_SHOWN]]
    ways = [find_way(row) for _, row in rows]
    return missing._replace(
        nearest=[show_nearest(why, row, answer.current) for why, row in rows],
        ways=list(dict.fromkeys([*ways, *missing.ways])),
    )


MOST_SHOWN = 2 * MOST_NEAREST
"""Rows that are nearest: numbers that may be meant, and what has another one."""


def write_search(q: str) -> str:
    return f"/v1/search?{urlencode({'q': q})}"
