"""The page that looks a number or words up, and answers with series."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from misconduct.api.current import Current, find_current
from misconduct.api.faults import given_values
from misconduct.api.found import select, warn_of_nothing
from misconduct.api.parameters import FigureList, from_query
from misconduct.api.see_also import find_datasets, see_also
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import WORDS
from misconduct.model.figure import PROSE, Row
from misconduct.model.places import choose_known, list_forces, name_several
from misconduct.model.vocabulary import LIKENESS, suggest
from misconduct.model.warnings import Facts, Missing
from misconduct.queries.figures import find_holdings
from misconduct.queries.instead import find_held, find_obstacles, find_other_years, find_wider
from misconduct.queries.look_up import Answer, Result, find_answer, find_options
from misconduct.queries.question import Question, Term, find_signs
from misconduct.site.areas import MAX_BESIDE
from misconduct.site.home import find_answers, find_countries
from misconduct.site.pages import DropEmpty, drop_empty, send
from misconduct.site.phrases import Line, lines

router = APIRouter(include_in_schema=False)

MAX_FOUND = 10
MAX_OPTIONS = 12  # of a facet; what is rarer is found by words
MAX_DATASETS = 3
UNEXPLAINED = {"unknown", "publisher_error"}  # reasons of a disagreement by which a number may be wrong
BAR, HEIGHT = 5, 24  # pixels of a year in the small picture of a series
FACET_NAMES = {"area": "place", "measure": "what happened", "category": "kind of misconduct", "dataset": "subject"}
_GROUPS = {word for words in WORDS["by"].values() for word in words}
_NOT_FACETS = ("q", "offset", "limit", "release", "as_of", "form", "size", "theme", "columns", "sort", "labels")


class LookUp(DropEmpty, FigureList):
    """The parameters of the page: what is looked up, and the filters that narrow it."""

    dataset: str | None = None


class Shown(NamedTuple):
    """A result as shown: its other places, what these are together, and a disagreement that disputes its number."""

    result: Result
    picture: Markup
    others: Sequence[str]
    noun: str
    differ: Content | None


@router.get("/look-up")
async def look_up(request: Request, query: Annotated[LookUp, from_query(LookUp)]) -> Response:
    if query.q is None:
        return send(request, "look_up.html", await find_current(request, query), q="", total=None)
    current, _, conditions = await select(request, query, query.dataset)
    question, catalogue, database = conditions.question or Question(), current.catalogue, current.database
    most = query.limit or MAX_FOUND

    async def answer_question(asked: Question) -> Answer:
        return await find_answer(database, conditions, asked, catalogue, most, query.offset)

    answer, asked_years, kinds = await answer_question(question), question.years, _find_kinds(question, catalogue)
    given = drop_empty({name: one for name, one in given_values(request).items() if name not in _NOT_FACETS})
    asked = [one for one in (answer.left_out if answer.total else question.terms) if one.narrows or not one.codes]
    asked = [one for one in asked if not one.is_year]
    obstacles = await find_obstacles(database, conditions, question, catalogue, asked)
    unknown = [one.words for one, alone, _ in obstacles if not (alone or one.narrows or given)]
    meant = _spell(query.q, unknown, catalogue)
    strange = [one for one in unknown if one[0].isupper() and meant == query.q]
    inside = [*catalogue.find_all("area", question.codes("area"))]
    known = {row["area"] for row in await find_holdings(database, current.release.ordinal, inside)}
    places = list(dict.fromkeys(choose_known(code, known, catalogue) for code in question.codes("area")))
    is_elsewhere = meant != query.q and not places and not question.number  # it would be about anywhere, or anything
    if is_elsewhere or (meant == query.q and _has_no_subject(question, answer)):
        answer = answer._replace(total=0, results=0, page=())
    is_place = bool(question.terms) and all("area" in one.codes for one in question.terms) and not question.number
    is_wide = not (is_place or question.number or "area" in given or meant != query.q)
    around = await find_wider(database, conditions, question, catalogue, answer) if is_wide else []
    unprinted = question.typed if question.number and not answer.total else ""
    if unprinted and question.terms and not answer.total:  # what is asked may be held with another number
        question = replace(question, number=None)
        answer = await answer_question(question)
    held = await find_held(database, conditions, question, catalogue)
    is_asked = bool(question.codes("area") or question.years) and not question.number and meant == query.q
    missing = _find_missing(question, catalogue) if is_asked and not held.itself else None
    instead = next((one for one in around if not one.has_place), None) if len(places) == 1 else None
    otherwise = held.otherwise if missing else None
    if otherwise:  # all that follows counts the same matter in another way, for the place and the year that are asked
        question, instead = question.counting(otherwise["indicator"], catalogue), None
        answer = await answer_question(question)
    elif instead:  # all that follows is about the place that includes the one that is asked for
        question, around = question.about(instead.place, instead.around, instead.name), []
        answer = await answer_question(question)
    elif missing and (answer.left_out or question.is_about_size):
        near = {*missing["counted_otherwise"], *missing["not_to_confuse"]}
        page = [one for one in answer.page if _is_near(one.row, missing, near, catalogue)]
        answer = answer._replace(page=page) if page else answer._replace(page=page, total=0, results=0)
    is_anywhere = not (question.codes("area") or question.number or given or meant != query.q)
    other_years = await find_other_years(database, conditions, question, catalogue, answer) if is_anywhere else []
    rows, following = [one.row for one in answer.page], query.offset + len(answer.page)
    groups = Counter(one for row in rows for one in row["disagreements"])
    facts = Facts(answer.total, frozenset(), groups, (), (), 0, by_year=False, missing=Missing({}, {}, {}))
    nothing = warn_of_nothing(conditions, facts, catalogue)
    also = await see_also(current, conditions, facts)
    explained = [one["id"] for one in also if one["kind"] == "disagreement"] if question.number or not rows else groups
    differ = [catalogue.of_kind("disagreement")[one] for one in explained]
    unpublished = [catalogue.of_kind("unpublished")[one["id"]] for one in also if one["kind"] == "unpublished"]
    first = [one for one in unpublished if _is_asked(one, query.q, rows, catalogue)]
    is_of_tables = bool(question.number) and not any(row["read_from"] in PROSE for row in rows)
    shown, listed = (
        [_show(one, catalogue) for one in answer.page],
        lines(rows, current.view, answer.wholes, has_notes=False),
    )
    options = await find_options(database, answer, catalogue)
    is_less = all(one.limit for one in listed)  # such as reviews of complaints
    wider = [one for one in around if is_less or one.has_more or not one.has_place or missing]
    return send(
        request,
        "look_up.html",
        current,
        q=query.q,
        given=given,
        question=question,
        answer=answer,
        total=answer.total,
        shown=shown,
        lines=listed,
        alike=_find_alike(listed),
        facet_names=FACET_NAMES,
        facets={name: ones[:MAX_OPTIONS] for name, ones in options.items() if name not in given},
        obstacles=obstacles,
        meant=meant,
        strange=strange,
        unknown=unknown,
        countries=await find_countries(current) if strange else [],
        places=places,
        forces=list_forces(catalogue, has_nations=True),
        beside=places if question.beside and len(places) <= MAX_BESIDE else (),
        is_place=is_place,
        signs=[one for one in find_signs(query.q) if not (one == "&" and places)],
        other_years=other_years,
        without_year=question.without([*answer.left_out, *(one for one in question.terms if one.is_year)]),
        missing=missing,
        kinds=kinds,
        asked_years=asked_years,
        unprinted=unprinted,
        named=_write(held.itself if not _is_first(held.itself, answer, question) else None, current),
        earlier=_write(held.earlier if missing else None, current),
        otherwise=_write(otherwise, current),
        is_part=bool(answer.page) and _is_part(answer) and not question.number,
        instead=instead,
        narrower=len(places) == 1 and not instead and bool(rows) and rows[0]["area"] not in places,
        has_whole=any(row["area"] in places for row in rows),
        wider=[*zip(wider, lines([one.row for one in wider], current.view, has_notes=False), strict=True)],
        datasets=find_datasets(question.codes, catalogue)[:MAX_DATASETS],
        former=[one for one in also if one["kind"] == "observation"],
        is_of_tables=is_of_tables,
        near=[one for one in also if one["kind"] == "near_miss"],
        differ=differ,
        answers=await find_answers(current, differ[0]) if differ else [],
        first=first,
        unpublished=[one for one in unpublished if one not in first],
        nothing=nothing and nothing["detail"],
        following=following if following < answer.results else None,
    )


def _is_first(row: Row | None, answer: Answer, question: Question) -> bool:
    """Tell whether an answer begins with what a figure counts, and for the year that is asked."""
    if not (row and answer.page) or any(one.is_year for one in answer.left_out):
        return False
    return answer.page[0].row["indicator"] in question.indicators


def _write(row: Row | None, current: Current) -> Line | None:
    return lines([row], current.view)[0] if row else None


def _is_part(answer: Answer) -> bool:
    """Tell whether all results count some of what is asked, and the first names no figure for the whole."""
    return all(one.is_part for one in answer.page) and not any(one.row["part_of"] for one in answer.page[:1])


def _has_no_subject(question: Question, answer: Answer) -> bool:
    """Tell whether figures have nothing of what is asked but its places and years."""
    words = [one for one in question.terms if "area" not in one.codes and not (one.is_year or one.is_of_people)]
    return bool(words) and not question.number and all(one in answer.left_out for one in words)


def _find_missing(question: Question, catalogue: Catalogue) -> Content | None:
    """Return the first of the indicators that a question names."""
    known = catalogue.codelists.get("indicator", {})
    empty: Content = {"counted_otherwise": [], "not_to_confuse": [], "ask": None}
    return min(({**empty, **known[one]} for one in question.indicators), key=itemgetter("position"), default=None)


def _find_kinds(question: Question, catalogue: Catalogue) -> list[Term]:
    """Return the terms for kinds of misconduct and for people that say more than the indicators that are named."""
    named, meant = {*question.indicators}, catalogue.vocabulary.find_meant
    kinds = [one for one in question.kinds() if "vetting_result" not in one.codes]
    return [one for one in kinds if named.isdisjoint(meant("indicator", one.words))]


def _is_near(row: Row, missing: Content, near: Collection[str], catalogue: Catalogue) -> bool:
    """Tell whether a figure of the same subject, or easily taken for what is not held, may be offered instead."""
    indicator = catalogue.of_kind("indicator").get(row["indicator"], {})
    return row["indicator"] in near or indicator.get("topic") == missing["topic"]


def _spell(text: str, unknown: Sequence[str], catalogue: Catalogue) -> str:
    """Return a text with known words for unknown ones that are spelt like them. Words for groups are never misspelt."""
    for word in (one for one in unknown if one.casefold() not in _GROUPS):
        near = suggest(word, catalogue.vocabulary.spelled, LIKENESS)
        if near and near.casefold() != word.casefold():
            text = re.sub(re.escape(word), near, text, flags=re.IGNORECASE)
    return text


def _is_asked(record: Content, text: str, rows: Sequence[Row], catalogue: Catalogue) -> bool:
    """Tell whether a question without an answer is what was asked: no figure found has the measure that it names."""
    words, found = {*text.casefold().split()}, {row["measure"] for row in rows}
    names = [catalogue.label("measure", code) for code in record.get("measure", ()) if code not in found]
    return any({*name.casefold().split()} <= words for name in names)


def _show(result: Result, catalogue: Catalogue) -> Shown:
    areas = sorted(result.areas, key=lambda one: catalogue.label("area", one))
    others = [one for one in areas if one != result.row["area"]]
    noun, known = name_several(others or areas, catalogue), catalogue.of_kind("disagreement")
    records = [known[one] for one in result.row["disagreements"] if not UNEXPLAINED.isdisjoint(known[one]["reasons"])]
    differ = min(records, key=lambda one: len(one["members"]), default=None)
    return Shown(result, _draw(result.years), others, noun, differ)


def _find_alike(listed: Sequence[Line]) -> list[bool]:
    """Tell of each result whether another one looks the same without the words of its source."""
    looks = [(line.what, line.when, line.area, line.row["value"], line.said) for line in listed]
    return [looks.count(one) > 1 for one in looks]


def _draw(rows: Sequence[Row]) -> Markup:
    """Return the years of a series as small columns from zero; a year without a number has none."""
    numbers = {int(row["year"][:4]): row for row in rows if row["value"] is not None and row["value"] >= 0}
    if not numbers or len(numbers) < 2:
        return Markup("")
    first, last, most = min(numbers), max(numbers), max(row["value"] for row in numbers.values()) or 1
    bars = "".join(
        f'<rect x="{(year - first) * BAR}" y="{HEIGHT - size}" width="{BAR - 1}" height="{size}"/>'
        for year, row in sorted(numbers.items())
        for size in [max(round(row["value"] * HEIGHT / most), 1)]
    )
    ends = ", ".join(f"{numbers[year]['year']}: {numbers[year]['value']:,f}" for year in (first, last))
    return Markup(
        '<svg width="{}" height="{}" role="img" aria-label="{} years from zero; {}" fill="currentColor">{}</svg>'
    ).format((last - first + 1) * BAR, HEIGHT, len(numbers), ends, Markup(bars))  # noqa: S704
