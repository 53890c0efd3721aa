"""Pages of figures: one of them, and those of a dataset."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from misconduct.api.current import Current, TheRecalled
from misconduct.api.faults import find_checked, given_values
from misconduct.api.figures import find_figure, find_full_document
from misconduct.api.found import Selection, find_warnings, select
from misconduct.api.parameters import (
    ROWS_OF_JSON,
    Number,
    from_query,
    group,
)
from misconduct.api.records import RecordId, find_record
from misconduct.model.figure import CODED_COLUMNS, TABLE_COLUMNS, Row
from misconduct.model.points import TOPICS
from misconduct.model.wording import (
    NO_NUMBER,
    date_in_words,
    dates_in_words,
    join,
    name_dimension,
    write_number,
)
from misconduct.queries.figures import Page, find_family, find_figures
from misconduct.queries.filters import MAX_VALUES, Filters, Several, Years
from misconduct.site.indicators import find_indicators_of, find_topic
from misconduct.site.pages import PageQuery, describe, drop_empty, send
from misconduct.site.phrases import Line, lines, say_warnings
from misconduct.site.pictures import draw_lead

router = APIRouter(include_in_schema=False)

FILTERED_BY = ("category", "area", "vetting_check")
"""The filters of a dataset page, beside the year: those that /v1/figures has, too."""


RELATIONS = {
    "part_of": "It is a part of",
    "parts": "Its stated parts are",
    "denominator": "It is a share of",
}
"""How a page says what other figures are to one."""

COPIED = (
    *("value", "hedge", "period", "measure", "category", "population", "area"),
    *("counting_unit", "statistic", "unit"),
)
"""What a copy of a number may change."""
MOST_RELATED = 12  # figures of a relation that a page names


class DatasetQuery(PageQuery):
    """The parameters of a dataset page."""

    year: Years = Field([], description="Years: 2022, 2019/20.")
    category: Several = Field([], description="Kinds of misconduct.")
    area: Several = Field([], description="Forces or places.")
    vetting_check: Several = Field([], description="The check that found it.")
    offset: Annotated[Number, Field(ge=0)] = Field(0, description="Rows to skip.")


async def find_lines(current: Current, ids: Iterable[str]) -> dict[str, Line]:
    """Return figures of a release as lines, by id and in the order of the ids."""
    wanted = list(dict.fromkeys(ids))
    rows = await find_figures(current.tables, wanted, TABLE_COLUMNS)
    rows.sort(key=lambda row: wanted.index(row["id"]))
    return {line.row["id"]: line for line in lines(rows, current.view)}


async def name_wholes(current: Current, rows: Sequence[Row]) -> list[Line]:
    """Return figures as lines that name the figures that each is a part of, or repeats."""
    ids = [one for row in rows for one in (*row["part_of"], row["repeats"]) if one]
    return lines(
        rows,
        current.view,
        [line.row for line in (await find_lines(current, ids)).values()],
    )


@router.get("/figures/{id}")
async def show_figure(
    request: Request, identity: RecordId, current: TheRecalled
) -> Response:
    found = await find_figure(identity, current)
    row = found.row
    figure = await find_full_document(found)
    [line] = await name_wholes(current, [row])
    members = [
        member["id"] for group in figure["disagreements"] for member in group["members"]
    ]
    others = await find_lines(current, members)
    others.pop(identity, None)
    related = {name: _list_related(figure["relations"], name) for name in RELATIONS}
    named = await find_lines(
        current, [one for ids in related.values() for one in ids[:MOST_RELATED]]
    )
    return send(
        request,
        "figure.html",
        current,
        figure=figure,
        line=line,
        relations=[
            (
                heading,
                _tell_apart(line, [named[one] for one in ids[:MOST_RELATED]]),
                len(ids[MOST_RELATED:]),
            )
            for ids, heading in zip(related.values(), RELATIONS.values(), strict=True)
            if ids
        ],
        indicator=current.catalogue.codelists.get("indicator", {}).get(
            row["indicator"]
        ),
        others=_tell_apart(
            line,
            [
                one
                for one in others.values()
                if one.row["repeats"] not in (*others, identity)
            ],
        ),
        standing=_say_standing(figure, current),
        family=await _describe_family(current, row),
    )


async def _describe_family(current: Current, row: Row) -> list[tuple[Line, list[str]]]:
    """Return the figures that print one claim, first to last, each with what it changed of the first; none of one."""
    ids = await find_family(current.tables, row["repeats"] or row["id"])
    family = [*(await find_lines(current, ids)).values()]
    first = family[0].row
    return [
        (line, [name_dimension(one) for one in COPIED if line.row[one] != first[one]])
        for line in family
        if family[1:]
    ]


def _list_related(relations: Mapping[str, Any], name: str) -> list[str]:
    """Return the ids of the figures in one relation to another: several, one or none."""
    found = relations[name] or []
    return [one["id"] for one in (found if isinstance(found, list) else [found])]


def _tell_apart(line: Line, others: Sequence[Line]) -> list[tuple[Line, str]]:
    """Return figures with what they count and when; where, who said it and a table's words if these differ."""
    all_lines = [line, *others]
    areas = [one.area for one in all_lines]
    names = [
        (one.what, *[one.area] * (len({*areas}) > 1), one.when) for one in all_lines
    ]
    for further in (
        [one.said for one in all_lines],
        [one.row["counted"] or "" for one in all_lines],
    ):
        if len({*names}) < len(names) and len({*further}) > 1:
            names = [(*name, more) for name, more in zip(names, further, strict=True)]
    return [
        (one, ", ".join(filter(None, name)))
        for one, name in zip(others, names[1:], strict=True)
    ]


def _say_standing(figure: Mapping[str, Any], current: Current) -> str:
    releases = current.releases
    standing = figure["standing"]
    since = f"release {standing['since']} of {date_in_words(releases.find_folder(standing['since']).day)}"
    status, reason = standing["status"], standing["reason"] or ""
    if status == "continued":
        label = current.catalogue.label("standing", status)
        return f"Yes, in {since}. {label}: {standing['detail']}"
    changed = join(map(name_dimension, standing["changed"] or ["nothing"]))
    if status == "revised":
        number = standing["print_instead"] or "the same number, with its new meaning"
        return f"Yes, revised in {since}: {changed}. {reason} {standing['detail'] or f'It now says {number}.'}"
    if status == "withdrawn":
        instead = (
            f" Print instead: {standing['print_instead']}."
            if standing["print_instead"]
            else ""
        )
        return f"Yes, withdrawn in {since}. {reason}{instead}"
    codes = f" Only codes changed: {changed}." if standing["changed"] else ""
    return f"{_say_former(figure, since)}{codes}"


def _say_former(figure: Mapping[str, Any], since: str) -> str:
    versions = figure["versions"]
    place = [one["releases"][0] for one in versions].index(figure["standing"]["since"])
    if not place:
        return f"No, it has said the same since {since}."
    reason = versions[place]["reason"] or ""
    before = {one["field"]: one.get("before") for one in versions[place]["changes"]}
    number, last = (
        before.get("printed") or before.get("value"),
        versions[place - 1]["releases"][-1],
    )
    if number is None:
        return f"Yes, but it has said the same since {since}. {reason}"
    dates = f" for {dates_in_words(before['period'])}" if before.get("period") else ""
    return f"Yes, {number}{dates} until release {last}; {write_number(figure, NO_NUMBER)} since {since}. {reason}"


def _describe_dataset(current: Current, identity: str) -> dict[str, Any]:
    """Return a dataset with every code that its figures have, the most frequent first. Raises NotFound."""
    record = find_record(current, "dataset", identity)
    content = current.catalogue.of_kind("dataset")[identity]
    codes = dict[str, list[dict[str, Any]]]()
    for name in CODED_COLUMNS:
        counts = content["codes"].get(name, {})
        codes[name] = [
            {
                "code": code,
                "label": current.catalogue.label(name, code),
                "figures": counts[code],
            }
            for code in sorted(counts, key=lambda one: (-counts[one], one))
        ]
    return {**record, "years": content["years"], "codes": codes}


@router.get("/datasets/{id}")
async def show_dataset(
    request: Request,
    identity: RecordId,
    query: Annotated[DatasetQuery, from_query(DatasetQuery)],
) -> Response:
    current = await find_checked(request, query)
    asked = query.model_dump(exclude_unset=True, exclude={"offset", "release"})
    selection = select(Filters(**asked), current, identity)
    facts = await selection.facts()
    dataset = _describe_dataset(current, identity)
    rows = await selection.figures(Page(ROWS_OF_JSON, query.offset))
    given = drop_empty(given_values(group(request.query_params.multi_items())))
    chosen = {
        name: values
        for name, values in given.items()
        if name not in ("offset", "release")
    }
    following, about = (
        query.offset + len(rows),
        f"{dataset['description']} {' '.join(dataset['limits'])}",
    )
    has_more = following < facts.total or facts.is_at_least
    everything = Selection.of(Filters(), current, identity)
    listed_by = await _list_by(everything)
    is_first = bool(rows and not query.offset)  # later pages only have more of the list
    described = {}
    if dataset["figures"]:
        described = await describe(
            request, everything, listed_by, name=dataset["title"], description=about
        )
    topic = await find_topic(current, identity) if is_first and not chosen else []
    charts = [
        chart
        for chart in current.catalogue.of_kind("chart").values()
        if chart.get("dataset") == identity
    ]
    picture = None
    if is_first and not chosen:
        picture = await draw_lead(current, find_indicators_of(current, identity))
    return send(
        request,
        "dataset.html",
        current,
        dataset=dataset,
        lines=await name_wholes(current, rows),
        topic=topic,
        picture=picture,
        total=facts.total,
        is_at_least=facts.is_at_least,
        warnings=say_warnings(await find_warnings(selection, facts)),
        filters=_filters(dataset, chosen),
        chosen=chosen,
        listed_by=listed_by,
        following=following if rows and has_more else None,
        charts=charts,
        described=described,
    )


async def _list_by(everything: Selection) -> dict[str, str]:
    """Return the parameters with which /v1/figures lists a dataset. Two small ones are no topic: these, by ids."""
    if (dataset := everything.dataset) in TOPICS:
        return {"topic": dataset}
    rows = await everything.figures(Page(limit=MAX_VALUES))
    return {"id": ",".join(row["id"] for row in rows)}


def _filters(
    dataset: Mapping[str, Any], chosen: Mapping[str, Any]
) -> list[dict[str, Any]]:
    fields = [(name, dataset["codes"].get(name, ())) for name in FILTERED_BY]
    years = [
        {"code": year, "label": year, "figures": None} for year in dataset["years"]
    ]
    return [
        {
            "name": name,
            "label": name_dimension(name),
            "options": options,
            "chosen": chosen.get(name, [""]),
        }
        for name, options in [("year", years), *fields]
        if len(options) > 1 or name in chosen
    ]
