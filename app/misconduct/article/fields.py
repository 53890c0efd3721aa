"""Say what a text and a figure say differently, field by field. Codes are in `model/codes.csv`, the gravest first."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from misconduct.article.claims import (
    DOWN,
    UP,
    accuses,
    find_direction,
    find_event,
    find_month,
    find_statistic,
    find_whole,
    is_of_document_only,
    other_stage,
    says_change,
    says_now,
    start_of,
)
from misconduct.article.governs import find_governor
from misconduct.article.known import WEAK, find_stems, stem
from misconduct.article.match import NO_CATEGORY, Match, says_hedge
from misconduct.article.text import OPPOSED, Number, starting_in
from misconduct.article.when import lasts_for_years, span_of
from misconduct.model.codes import ANY_OF, PROGRAM_LISTS
from misconduct.model.figure import Row
from misconduct.model.names import name_indicator
from misconduct.model.wording import (
    as_printed,
    dates_in_words,
    lower,
    period_in_sentence,
    quote,
    when_in_words,
)

GRAVITY = [*PROGRAM_LISTS["difference"]]
NO_SLIP = {
    "governed",
    "other_measure",
    "other_statistic",
    "other_direction",
    "other_role",
    "other_area",
    "other_population",
    "other_category",
    "other_year",
}
"""A slip of the pen changes none of these, but the number only."""

_RANK = re.compile(rf"\s(?:[\w’-]+\s){{0,2}}?({ANY_OF['rank']})\b")
_PER = {"per_hundred": 100, "per_thousand": 1_000, "per_hundred_thousand": 100_000, "per_million": 1_000_000}
_ABOUT = re.compile(rf"(?i)\b(?:{ANY_OF['about']})\s(?:[\w’'-]+\s){{0,2}}$")
"""The words before a kind that narrow a number to it: “dismissed for” in “426 were dismissed for racism”."""

_OF_OWN_KIND = re.compile(r"(?i)(?:\s[\w’'-]+){0,2}\s(?:about|over|involving|alleging|concerning|regarding)\s")
_NEAR = 60  # characters before a kind in which such words are looked for
_STATISTICS = {"change": "a change", "mean": "an average", "rate": "a rate", "multiple": "a multiple"}
_ALL_KINDS = ("any", "unstated", "several_kinds")
LOWER, UPPER = {"at_least", "more_than", "just_over"}, {"at_most", "less_than", "just_under"}
"""The hedges that give a least, and a largest number."""

_FRESH_YEARS = 1  # for which “now” and “last year” still fit a document


class Difference(NamedTuple):
    """A difference of a text and a figure; `suggest` has words to print where these are safe."""

    code: str
    detail: str
    suggest: str | None = None


def find_differences(match: Match) -> list[Difference]:
    """Return what a text and a figure say differently, the gravest first."""
    found = [one for find in _FINDERS for one in find(match)]
    return sorted(found, key=lambda one: GRAVITY.index(one.code))


def _label(match: Match, name: str, code: str | None = None) -> str:
    """Return what a code is called inside a sentence; without a code, that of the figure."""
    return lower(match.known.catalogue.label(name, code or match.row[name]))


def _safe(match: Match) -> str | None:
    """Return the number with what the source counts: 1,131 officers and staff accused."""
    is_of_people = match.row["counting_unit"] == "people" and match.row["statistic"] == "count"
    words = name_indicator(match.row, match.known.catalogue)
    return f"{as_printed(match.row)} {lower(words)}" if is_of_people else None


def _measure(match: Match) -> Iterator[Difference]:
    theirs, (of, words) = _label(match, "measure"), find_governor(match.number, match.row) or ("", "")
    if of == "reversed":
        yield Difference("other_measure", f"The source means “{theirs}”; your sentence says “{words}”.", _safe(match))
    elif claimed := other_stage(match.number, match.row):
        yours = _label(match, "measure", claimed)
        yield Difference("other_measure", f"The source means “{theirs}”, your sentence “{yours}”.", _safe(match))
    if of and of != "reversed":
        yield Difference("governed", f"The source gives this number as a fact; your sentence says “{words}”.")


def _statistic(match: Match) -> Iterator[Difference]:
    own, yours = match.row["statistic"], find_statistic(match.number)
    if yours and own in ("count", "share"):
        said = f"The source prints “{as_printed(match.row)}”; your sentence says {_STATISTICS[yours]}."
        yield Difference("other_statistic", said)
    elif own == "change" and (
        match.number.text.text.endswith(" to ", 0, start_of(match.number)) or not (yours or says_change(match.number))
    ):
        yield Difference("other_statistic", "The source gives a change; your sentence a number.")
    elif own == "change" and (way := find_direction(match.number)):
        says = match.number.text.text[way.start : way.end]
        if way.code != (DOWN if match.row["value"] < 0 else UP):
            yours = "a decrease" if match.row["value"] < 0 else "an increase"
            yield Difference("other_direction", f"The source gives {yours}; your sentence says “{says}”.")
    elif own == "rate":
        per, whole = f"per {match.row['base']}", match.number.per
        if whole and whole.value != _PER[match.row["unit"]]:
            yield Difference("other_statistic", f"The source gives a rate {per}; your sentence per {whole.printed}.")
        elif not (yours or match.number.sign("rate", *match.number.sentence)):
            yield Difference("other_statistic", f"The source gives a rate {per}; your sentence a number.")


def _flow(match: Match) -> Iterator[Difference]:
    row = match.row
    is_stock = row["stock_or_flow"] == "stock" and row["coverage"] in ("point", "unstated")
    if is_stock and (words := find_event(match.number, row["measure"])):
        yield Difference("other_flow", f"The source counts those there were at one time; your sentence says “{words}”.")
    moment = match.number.sign("moment" if match.number.own_year else "now/latest/today", *match.number.clause)
    if moment and row["stock_or_flow"] == "flow" and match.known.catalogue.fact("lasts", f"measure/{row['measure']}"):
        yield Difference("other_flow", f"The source counts what happened in a period; your sentence says “{moment}”.")


def _role(match: Match) -> Iterator[Difference]:
    row = match.row
    is_of_police = row["measure"] == "alleged" and row["population"] not in ("public", "women", "complainants")
    if is_of_police and accuses(match.number, people=row["counting_unit"] == "people"):
        yield Difference(
            "other_role", "The source counts what the police are accused of; in your sentence they accuse."
        )


def _area(match: Match) -> Iterator[Difference]:
    place = match.known.catalogue.label("area", match.row["area"])
    if match.is_elsewhere:
        yield Difference("other_area", f"The figure is about {place}, your sentence about another place.")
    elif match.instead:
        yours = match.known.catalogue.label("area", match.instead)
        yield Difference("other_extent", f"The figure is about {place}, your sentence about {yours}.")


def _unit(match: Match) -> Iterator[Difference]:
    number, row = match.number, match.row
    is_share = row["unit"] in ("percent", "proportion")
    value = number.reading.in_unit(row["unit"])
    if (is_share and number.unit == "count") or (number.unit != "count" and value != abs(Fraction(row["value"]))):
        yield Difference("other_unit", f"The source prints “{as_printed(row)}”.", as_printed(row))
    text, own = number.text, row["counting_unit"]
    yours = text.said_at("counting_unit", *number.nouns)[:1]
    theirs = {*match.known.said("counting_unit", row)} - {"people"}  # “cases of deaths” are deaths, too
    if text.text.startswith(" times", number.end):  # which anything but people may be
        yours = []
        if own == "people":
            yield Difference("other_unit", "The source counts people; your sentence says how many times.")
    if not yours:
        return
    words = text.text[slice(*(number.nouns if own == "other" else yours[0][:2]))]
    if not (yours[0].code in theirs or match.known.passes(own, yours[0].code) or has_noun(row, words)):
        counts = "does not say what it counts" if own == "unstated" else f"counts {_label(match, 'counting_unit')}"
        yield Difference("other_unit", f"The source {counts}, not {_label(match, 'counting_unit', yours[0].code)}.")


def _whole(match: Match) -> Iterator[Difference]:
    """Yield another whole: a share of officers sent to a hearing told as one of all officers, or one of complaints."""
    row, words, known = match.row, find_whole(match.number), match.known
    if row["statistic"] != "share" or not (words and row["base"]):
        return
    yours, theirs = known.units_in(words), known.units_in(row["base"])
    stems = {word for _, word in find_stems(match.number.text.text[slice(*match.number.sentence)])}
    more = {word for _, word in find_stems(row["base"])} - WEAK
    is_all = words.casefold().startswith(("all ", "every ")) and not row["base"].startswith("all ")
    if (yours and theirs and yours.isdisjoint(theirs)) or (is_all and more and more.isdisjoint(stems)):
        yield Difference("other_whole", f"The source gives a share of {row['base']}; your sentence one of “{words}”.")


def _narrower(match: Match) -> Iterator[Difference]:
    """Yield a kind or a group that only the sentence names: dismissed for racism, 426 armed officers."""
    number, row, text = match.number, match.row, match.number.text
    kinds = {*match.known.said("category", row), *_ALL_KINDS}
    for one in text.said_at("category", number.end, number.clause[1]) if row["category"] in _ALL_KINDS else ():
        is_about = _ABOUT.search(text.text, max(one.start - _NEAR, number.end), one.start)
        if is_about and "," not in text.text[number.end : one.start] and one.code not in kinds:
            kind = text.text[one.start : one.end]
            yield Difference("narrower_here", f"The source counts all kinds together; your sentence says “{kind}”.")
            break
    people = text.said_at("population", *number.nouns) if row["counting_unit"] == "people" else []
    if group := text.sign("group", number.nouns[0], people[-1].start) if people else None:
        theirs = {word for _, word in find_stems(f"{row['counted']} {row['subcategory']} {row['scope']}")}
        if stem(group.casefold()) not in theirs:
            whom = _label(match, "population")
            yield Difference("narrower_here", f"The source counts {whom}; your sentence says “{group}”.")


def has_noun(row: Row, nouns: str) -> bool:
    """Tell whether words have the noun of a source: cases for instances, or reviews, for which there is no unit."""
    counted = [word for _, word in find_stems((row["counted"] or "").replace("_", " "))]
    telling = {*counted} - WEAK if row["counting_unit"] == "other" else {*counted[:1]} - {"officer"}
    return not telling.isdisjoint(word for _, word in find_stems(nouns))


def _opposed(match: Match) -> Iterator[Difference]:
    """Yield what a word of the sentence opposes: minor punishments told as major ones."""
    number, theirs = match.number, _sides_of(match.row["counted"] or "")
    for own in theirs:
        code, of, _ = own.split("/", 2)
        yours = [one for one in number.text.said_at("opposed", *number.clause) if one.code.startswith(f"{code}/{of}/")]
        if code == "other_unit":  # the noun after the number decides
            yours = [one for one in yours if one.start in range(*number.nouns)][:1] or yours
        if yours and theirs.isdisjoint(one.code for one in yours):
            said = number.text.text[slice(*yours[0][:2])]
            yield Difference(code, f"The source counts “{match.row['counted']}”, your sentence says “{said}”.")


@cache
def _sides_of(counted: str) -> frozenset[str]:
    return frozenset(one.code for one in OPPOSED.find_said(counted.replace("_", " ")))


def _population(match: Match) -> Iterator[Difference]:
    number, row = match.number, match.row
    is_of_people = row["counting_unit"] == "people"
    after = number.said("population", *(number.nouns if is_of_people else number.clause))
    theirs, of = match.known.said("population", row), row["population"]
    rank = _RANK.match(number.text.text, number.nouns[0], number.clause[1])
    if of == "officers_staff_volunteers":  # they may be listed
        differs = number.said("population", *number.clause) == ["officers"]
    elif of in ("officers_and_staff", "staff"):
        differs = "officers" in after and "officers_and_staff" not in after and theirs != ["officers"]
    elif of in ("officers", "serving_officers"):
        differs = not {"officers_and_staff", "staff", "specials"}.intersection(after).issubset(theirs)
    elif of in ("women", "indigenous"):
        differs = of not in number.said("population", *number.sentence)
    else:
        who = {*after, *number.said("population", *number.clause)}
        differs = of == "public" and ("women" in who or "officers" in number.said("population", *number.nouns))
    own_words = {word for _, word in find_stems(row["counted"] or "")}
    if differs or (rank and is_of_people and stem(rank[1]) not in own_words):
        yield Difference("other_population", f"The source counts {_label(match, 'population')}.", _safe(match))


def _other_category(number: Number, row: Row) -> str | None:
    """Return the kind of misconduct that the text names where the source names another."""
    if row["category"] in NO_CATEGORY:
        return None
    known = number.text.known
    theirs = {*known.said("category", row), row["category"]}

    def fits(one: str) -> bool:
        return any(one in known.above("category", code) for code in theirs)

    low, high = number.sentence
    own = {word for _, word in find_stems(row["counted"] or "")}
    if own and own <= {word for _, word in find_stems(number.text.text[slice(*number.clause)])}:
        return None  # it says all that the source does
    sentence = number.said("category", low, high)
    low = max(low, number.text.text.rfind(";", low, number.start))
    yours = number.said("category", *number.clause)
    if not yours and not _OF_OWN_KIND.match(number.text.text, number.end, number.until_next):
        yours = number.said("category", low, number.start)[-1:]
    alien = [one for one in yours if not fits(one)]
    return alien[0] if alien and not (len(alien) < len(yours) and any(map(fits, sentence))) else None


def _category(match: Match) -> Iterator[Difference]:
    row, text, theirs = match.row, match.number.text, match.known.said("category", match.row)
    if found := _other_category(match.number, row):
        kinds = _label(match, "category"), _label(match, "category", found)
        yield Difference("other_category", "The source means “{}”, your sentence “{}”.".format(*kinds))
    if row["category"] == "sexual_or_domestic" and len(theirs) > 1:
        yours = {one.split("_")[0] for one in text.said("category", *match.number.sentence)}
        if len(yours & {"sexual", "domestic"}) == 1:
            yield Difference("other_category", f"The source counts {_label(match, 'category')} together.")
    if row["measure"] == "occurred" and row["category"] in theirs and not found:
        named = {*match.known.above("category", row["category"])}
        if named.isdisjoint(text.said("category", 0, len(text.text))):
            yield Difference("other_category", f"The source counts “{row['counted']}”. Your text does not say so.")


def _year(match: Match) -> Iterator[Difference]:
    number, row, (first, last) = match.number, match.row, span_of(match.row)
    when = row["year"] or period_in_sentence(row)
    if when == "not stated" or row["dated_by"] == "publication":  # such as now, or the last ten years
        when = f"{last} or before" if not first else last if first == last else f"{first} to {last}"
    own, words = number.own_year, number.text.text[slice(*(number.own_year or (0, 0))[:2])]
    named = {one.year for one in starting_in(number.text.years, *number.clause)}
    is_of_several = len(named) != 1 or number.sign("several_years", *number.clause) or is_of_document_only(number)
    is_of_one = lasts_for_years(row) and not is_of_several
    if own and own.year and (match.year == "other" or is_of_one):
        said = f"“{words}”" if own.begins else own.year
        yield Difference("other_year", f"The figure is for {when}, your sentence says {said}.")
    if own and not own.year and row["year"]:
        yield Difference("year_unclear", f"The figure is for {when}. Which year is “{words}”?")
    month, months = find_month(number), [str(row[one])[: len("2023-04")] for one in ("period_start", "period_end")]
    if month and match.year == "same" and row["coverage"] == "point" and not months[0] <= month <= months[1]:
        yield Difference(
            "other_year", f"The figure is for {dates_in_words(months[0])}, your sentence says {dates_in_words(month)}."
        )
    one_year = number.sign("one_year", *number.sentence)
    is_old = bool(last) and int(last) < number.text.today - _FRESH_YEARS and not number.years
    if one_year and (lasts_for_years(row) or is_old):
        yield Difference("other_year", f"The figure is for {when}, your sentence says “{one_year}”.")


def _part(match: Match) -> Iterator[Difference]:
    is_part, is_open = match.row["coverage"] == "part", match.row["mark"] == "provisional"
    number = match.number
    text, index = number.text, number.index
    around = text.sentences[max(index - 1, 0) : index + 2]
    last_month = dates_in_words(str(match.row["period_end"] or "")[: len("2023-04")]).split(" ")[0]
    names_end = is_part and last_month in text.text[slice(*number.sentence)]  # between April and September
    if (is_part or is_open) and not (names_end or text.sign("so_far", around[0][0], around[-1][1])):
        reason = "the year was not over" if is_part else "cases were still pending"
        yield Difference("part_of_year", f"When the source counted, {reason}.")


def _undated(match: Match) -> Iterator[Difference]:
    row, number = match.row, match.number
    day = str(row["published"] or "")[:4]
    lasts = match.known.catalogue.fact("lasts", f"measure/{row['measure']}")
    is_state = lasts and row["coverage"] in ("point", "unstated")  # so that “are” needs a date
    is_old = not day or int(day) < number.text.today - _FRESH_YEARS
    is_later = not number.own_year and number.years and number.text.years[0].year[:4] > day  # by the date above it
    words = says_now(number)
    if is_state and is_old and words and (match.year != "same" or is_later):
        suggest = when_in_words(row["published"]) if day else None
        dated = f"said it {suggest or 'without a date'}"
        if row["dated_by"] == "source" and row["coverage"] == "point":
            dated = f"says it of {period_in_sentence(row)}"
            suggest = when_in_words(row["period"])
        yield Difference("undated", f"Your sentence says “{words}”; the source {dated}.", suggest)


def _hedge(match: Match) -> Iterator[Difference]:
    number, row = match.number, match.row
    if row["statistic"] == "mean" and not number.sign("on_average", *number.sentence):
        yield Difference("hedge_dropped", "The source gives an average.")
    if number.unit == row["unit"] == "count" and number.value != abs(Fraction(row["value"])):
        value, bound = row["value"], number.qualifier
        is_broken = (bound in LOWER and value < number.value) or (bound in UPPER and value > number.value)
        said = f"The source prints {as_printed(row)}, your sentence {quote(number.hedge)} {number.printed}."
        yield Difference("other_bound" if is_broken else "rounded", said, as_printed(row))
        return
    own, sentence = row["qualifier"] or "exact", number.text.text[slice(*number.sentence)].casefold()
    is_quoted = (row["hedge"] and row["hedge"].casefold() in sentence) or says_hedge(number, row)
    if is_quoted or own in (number.qualifier, "between", "magnitude"):
        return
    code = "hedge_dropped" if number.qualifier == "exact" else "hedge_added" if own == "exact" else "hedge_changed"
    if {own, number.qualifier} & LOWER and {own, number.qualifier} & UPPER:
        code = "other_bound"
    yours = f", your sentence {quote(number.hedge)}" if number.hedge else ""
    yield Difference(code, f"The source prints “{as_printed(row)}”{yours}.", as_printed(row))


_OF_NUMBER = (_measure, _opposed, _statistic, _role, _flow, _unit, _whole, _population, _category, _narrower, _hedge)
_FINDERS = (*_OF_NUMBER, _area, _year, _part, _undated)
