"""Compare where, when and by whom: the place, the time, and the body that gives the number."""

import re
from collections.abc import Iterator

from misconduct.article.fields import SAYS_NOTHING, Difference, FieldReading, label
from misconduct.article.match import Match
from misconduct.article.number import Number
from misconduct.article.text import starting_in
from misconduct.article.times import MONTH, lasts_for_years, span_of
from misconduct.model.codes import ANY_OF
from misconduct.model.wording import dates_in_words, period_in_sentence, when_in_words

_OTHER_PLACE = re.compile(
    rf"\b(?i:in|at|of|from|near|by|outside|beyond|except|without)\s(?:the\s)?(?!{MONTH})(?=[A-Z][a-z])"
    rf"|\b(?=[A-Z][\w-]{{1,40}}[’']s\s(?:[\w-]+\s){{0,2}}(?:{ANY_OF['police']})\b)"
)
_CAPITALS = re.compile(r"[A-Z][\w’'-]+")
_NAME = re.compile(r"[\w’'-]+(?: (?:and )?[A-Z][\w’'-]*)*")
_PLAIN_TIME = re.compile(
    r"(?i)(?:\b(?:in|during|for|throughout|of|over|and|the|year)|[,(:;\n–-])\s*$"
)
"""The words before a year that is meant as such: “in 2024/25”, not “since 2024/25” or “by late 2024/25”."""

_WHOLE_YEAR = rf"((?:in|during|over|for)\s(?:the whole of|all of|the course of)|throughout)\s(?:{MONTH}\s)?"
_IN_YEAR = re.compile(
    rf"(?i)\b(?:{_WHOLE_YEAR}|(?:in|during|over|for)\s(?:the (?:whole |calendar )?year\s)?|year\s)$"
)
_IN_MONTH = re.compile(
    r"(?i)(?:(\w+)\s)?\b(?:in|during|at the (?:end|start) of|as (?:of|at)|on \d\d?\w*(?: of)?)\s"
    rf"{MONTH},?\s(?:\d\d?,\s)?$"
)
"""The words before the year of a month in which something is counted, with the word before them: “in April 2023”."""

_OF_DOCUMENT = re.compile(rf"(?i)\b(?:{ANY_OF['document']})\b")
_FRESH_YEARS = 1  # for which “now” and “last year” still fit a document
_MONTH = len("2023-04")


def read_area(match: Match) -> FieldReading:
    """Compare the place. A name that we do not know, or one division of it, may be another."""
    number, row, text, known = (
        match.number,
        match.row,
        match.number.text.text,
        match.known,
    )
    near = [at for at, _ in starting_in(number.text.places, *number.sentence)]
    unknown = [
        one.end()
        for one in _OTHER_PLACE.finditer(text, *number.clause)
        if one.end() not in near
    ]
    names = (_NAME.match(text, at) for at in near or unknown[:1])
    words = ", ".join(dict.fromkeys(name[0] for name in names if name)) or None
    source = None if row["area"] in SAYS_NOTHING else label(match, "area")
    if match.places.exclude(row["area"]):
        said = f"The figure is about {label(match, 'area')}, your sentence about another place."
        return FieldReading(words, source, differences=[Difference("other_area", said)])
    if instead := match.places.find_instead(row["area"]):
        said = f"The figure is about {label(match, 'area')}, your sentence about {label(match, 'area', instead)}."
        return FieldReading(
            words, source, differences=[Difference("other_extent", said)]
        )
    in_clause = [codes for _, codes in starting_in(number.text.places, *number.clause)]
    is_alone = all(
        any(known.related("area", one, row["area"]) for one in codes)
        for codes in in_clause
    )
    is_whole = all(name in text for name in _CAPITALS.findall(row["scope"] or ""))
    return FieldReading(
        words,
        source,
        row["area"] in match.places.own and is_alone and is_whole and not unknown,
    )


def read_body(match: Match) -> FieldReading:
    """Compare who says so. A body that is only named before the number may have been asked, or be a place."""
    number, text = match.number, match.number.text
    source = (
        None if match.row["stated_by"] in SAYS_NOTHING else label(match, "stated_by")
    )
    said, saying = (
        starting_in(text.bodies, *number.sentence),
        text.sign("saying", *number.sentence),
    )
    if not saying:
        said = [
            one
            for one in said
            if one.end <= number.start and one.start not in dict(text.places)
        ]
        if all(one.code == match.row["stated_by"] for one in said):
            return FieldReading(None, source)
    words = ", ".join(number.words(one[:2]) for one in said) or saying
    return FieldReading(
        words, source, {one.code for one in said} == {match.row["stated_by"]}
    )


def read_period(match: Match) -> FieldReading:
    """Compare the time: the year, the months of a count of one moment, or all years of a total."""
    number, row, own = match.number, match.row, match.number.own_year
    source = period_in_sentence(row) if row["period"] else None
    differs = [
        *_compare_years(match),
        *_compare_moments(match),
        *_compare_parts(match),
        *_compare_ages(match),
    ]
    if not own:
        return FieldReading(
            number.sign("one_year", *number.sentence), source, differences=differs
        )
    said = starting_in(number.text.years, *number.clause) or [own]
    words = ", ".join(
        dates_in_words(one.month) if one.month else number.words(one[:2])
        for one in said
    )
    if row["coverage"] == "point":
        is_same = find_month(number) is not None and match.year == "same"
    elif row["coverage"] == "window":
        is_same = {one.year for one in said} == {*span_of(row)}
    else:
        is_plain = own.start == number.sentence[0] or _PLAIN_TIME.search(
            number.text.text, number.clause[0], own.start
        )
        is_same = (
            bool(is_plain)
            and row["coverage"] != "part"
            and own.year == row["year"]
            and match.year == "same"
        )
    return FieldReading(words, source, is_same and not own.is_beside, differs)


def _compare_years(match: Match) -> Iterator[Difference]:
    row, own, (first, last) = match.row, match.number.own_year, span_of(match.row)
    when = row["year"] or period_in_sentence(row)
    if row["dated_by"] == "publication" and row["coverage"] == "point":  # such as now
        when = dates_in_words(str(row["period_end"])[:_MONTH])
    elif (
        when == "not stated" or row["dated_by"] == "publication"
    ):  # such as the last ten years
        when = (
            f"{last} or before"
            if not first
            else last
            if first == last
            else f"{first} to {last}"
        )
    if own and not own.year and row["year"]:
        yield Difference(
            "year_unclear",
            f"The figure is for {when}. Which year is “{match.number.words(own[:2])}”?",
        )
    elif said := _find_other_time(match):
        yield Difference(
            "other_year", f"The figure is for {when}, your sentence says {said}."
        )


def _find_other_time(match: Match) -> str | None:
    """Return the year, the month or the words by which a sentence gives another time than the source."""
    number, row, own, last = (
        match.number,
        match.row,
        match.number.own_year,
        span_of(match.row)[1],
    )
    named = {one.year for one in starting_in(number.text.years, *number.clause)}
    is_of_several = (
        len(named) != 1
        or number.sign("several_years", *number.clause)
        or _is_of_document_only(number)
    )
    if (
        own
        and own.year
        and (match.year == "other" or (lasts_for_years(row) and not is_of_several))
    ):
        return f"“{number.words(own[:2])}”" if own.begins else own.year
    month, months = (
        find_month(number),
        [str(row[one])[:_MONTH] for one in ("period_start", "period_end")],
    )
    if (
        month
        and match.year == "same"
        and row["coverage"] == "point"
        and not months[0] <= month <= months[1]
    ):
        return dates_in_words(month)
    is_old = (
        bool(last) and int(last) < number.text.today - _FRESH_YEARS and not number.years
    )
    one_year = number.sign("one_year", *number.sentence)
    return f"“{one_year}”" if one_year and (lasts_for_years(row) or is_old) else None


def _compare_moments(match: Match) -> Iterator[Difference]:
    """Yield how many there were on a day told as what happened in a year, or the other way round."""
    number, row = match.number, match.row
    is_stock = row["stock_or_flow"] == "stock" and row["coverage"] != "window"
    if is_stock and (words := _find_event(number, row["measure"])):
        yield Difference(
            "other_flow",
            f"The source counts those there were at one time; your sentence says “{words}”.",
        )
    moment = number.sign(
        "moment" if number.own_year else "now/latest/today", *number.clause
    )
    if moment and row["stock_or_flow"] == "flow" and _lasts(match):
        yield Difference(
            "other_flow",
            f"The source counts what happened in a period; your sentence says “{moment}”.",
        )


def _compare_parts(match: Match) -> Iterator[Difference]:
    is_part, number = match.row["coverage"] == "part", match.number
    around = number.text.sentences[max(number.index - 1, 0) : number.index + 2]
    last_month = dates_in_words(str(match.row["period_end"] or "")[:_MONTH]).split(" ")[
        0
    ]
    names_end = is_part and last_month in number.words(
        number.sentence
    )  # between April and September
    is_told = names_end or number.sign("so_far", around[0][0], around[-1][1])
    if (is_part or match.row["mark"] == "provisional") and not is_told:
        reason = "the year was not over" if is_part else "cases were still pending"
        yield Difference("part_of_year", f"When the source counted, {reason}.")


def _compare_ages(match: Match) -> Iterator[Difference]:
    """Yield that “are” needs a date: the source says it of an earlier time."""
    row, number, words = match.row, match.number, says_now(match.number)
    day = str(row["published"] or "")[:4]
    is_old = not day or int(day) < number.text.today - _FRESH_YEARS
    is_later = (
        not number.own_year and number.years and number.text.years[0].year[:4] > day
    )  # by the date above it
    is_state = _lasts(match) and row["coverage"] in ("point", "unstated")
    if not (words and is_state and is_old and (match.year != "same" or is_later)):
        return
    when, dated = (
        when_in_words(row["published"]) if day else None,
        "said it without a date",
    )
    if row["dated_by"] == "source" and row["coverage"] == "point":
        when, dated = (
            when_in_words(row["period"]),
            f"says it of {period_in_sentence(row)}",
        )
    elif when:
        dated = f"said it {when}"
    yield Difference(
        "undated", f"Your sentence says “{words}”; the source {dated}.", when
    )


def _lasts(match: Match) -> bool:
    return bool(match.known.catalogue.fact("lasts", f"measure/{match.row['measure']}"))


def says_now(number: Number) -> str | None:
    """Return the words by which a sentence speaks of today; one verb may tell of two numbers: has 860 and 201."""
    words, before = number.sign("now", *number.clause), number.before
    if (
        words
        or not before
        or not number.follows(" and ")
        or number.text.said_at("sign", number.end, number.until_next)
    ):
        return words
    return says_now(before)


def _find_event(number: Number, measure: str) -> str | None:
    """Return the year in which something is said to have happened: suspended 144 officers in 2023, or last year."""
    (low, high), year = number.clause, number.own_year
    if words := number.sign("one_year", low, high):
        return words
    in_year = _IN_YEAR.search(number.text.before(year.start)) if year else None
    if not year or not in_year or (year.is_beside and not in_year.lastindex):
        return None
    said = [
        one for one in number.text.said_at("measure", low, high) if one.code == measure
    ]
    is_act = (
        number.end <= one.start < year.start
        or number.follows(f"{number.words(one[:2])} ")
        for one in said
    )
    return (
        number.words(year[:2]) if said and (in_year.lastindex or any(is_act)) else None
    )


def find_month(number: Number) -> str | None:
    """Return the month for which the text gives a number: in April 2023. It may only be that of a document."""
    year = number.own_year
    if (
        year is None
        or not year.month
        or (number.before and year.start < number.clause[0])
    ):
        return None
    before = _IN_MONTH.search(number.text.before(year.start))
    is_of_document = before and (
        _is_of_document_only(number) or _OF_DOCUMENT.search(before[1] or "")
    )
    return year.month if before and not is_of_document else None


def _is_of_document_only(number: Number) -> bool:
    """Tell whether the year before a number may only be that of a document: in 2023 the force said that 144."""
    year = number.own_year
    return year is not None and bool(
        _OF_DOCUMENT.search(number.text.text, year.end, number.start)
    )
