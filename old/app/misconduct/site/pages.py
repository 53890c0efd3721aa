"""Pages that show JSON objects of the API as they are: a route finds them, and a template has the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Path, Response

from misconduct.api.counted import find_left_out
from misconduct.api.parameters import RELEASE_PARAMETERS
from misconduct.api.quick_start import PLACES
from misconduct.api.release_watcher import CATALOGUES_KEPT
from misconduct.api.request_context import Question
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.changes import find_earlier
from misconduct.api.v1.compare import comparison_document, faults_of_absent, wanted_ids
from misconduct.api.v1.find_changes import weigh_changes, write_changes
from misconduct.api.v1.records import ListId, find_codelist, find_record
from misconduct.api.v1.releases import Number, find_file_documents, release_before
from misconduct.charts.chart import Words, arrange
from misconduct.errors import Fault, InvalidRequest, NoSuchChart
from misconduct.formats.linked.citation import cite_release
from misconduct.model import figure
from misconduct.model.changes import ACTIONS
from misconduct.model.codes import UNSTATED
from misconduct.model.filters import FILTERS
from misconduct.model.kinds import KINDS, Kind, mentions
from misconduct.model.kinds import Words as KindWords
from misconduct.model.observation import Observation
from misconduct.model.parameter import MOST_ROWS
from misconduct.model.records import Release
from misconduct.queries import observations
from misconduct.queries.changes import FoundChanges, Wanted, find_changes
from misconduct.queries.filters import Filters
from misconduct.site.observation import CHARACTERS_OF_ONE, FIGURES_AT_ONCE, find_figures, make_page, write_documents
from misconduct.site.pictures import Shown, show_chart, show_records
from misconduct.site.rendering import page, parse_page_request, templates

QUESTIONS_ON_HOME = 3
ANSWERS_ON_HOME = 3
FIGURES_SHOWN = 200  # of a record but a disagreement, whose figures are limited: a relation may have any number
TERMS_OF_ONE = 5  # of a mapping, which take less long than one figure
CHANGES_SHOWN = 1_000
CHANGES_AT_ONCE = 200  # each a fifth of a millisecond; a page with more waits for its turn

PATHS = {kind.name: kind.path for kind in KINDS.values() if kind.path and kind.name not in ("code", "release")}
"""By kind: where its records have their pages, if their id is the last part of the address."""

router = DirectRouter(include_in_schema=False)

Asked = Annotated[Question, Depends(parse_page_request())]
AskedComparison = Annotated[Question, Depends(parse_page_request(("id", *RELEASE_PARAMETERS)))]
OfRelease = Annotated[Question, Depends(parse_page_request(()))]
Between = Annotated[Question, Depends(parse_page_request(("since",)))]
RecordId = Annotated[str, Path(description="The id of a record.")]


@router.get("/")
async def show_home(question: Asked) -> Response:
    """Show what the register is, and the questions to which most figures are an answer."""
    catalogue = question.catalogue
    disagreements = [one for one in catalogue.kind("disagreement").values() if one["computed"]]
    disagreements.sort(key=lambda one: -len(one["members"]))
    headline = next(iter(disagreements), None)
    charts = list(catalogue.kind("chart").values())
    areas = catalogue.codes.get("area", {})
    no_forces = {UNSTATED, *(one["broader"] for one in areas.values())}  # a country is none
    of_headline = [one for one in charts if headline and headline["id"] in one["query"].get("disagreement", ())]
    return page(
        question,
        "home.html",
        questions=[(one, _answers(one)) for one in disagreements[:QUESTIONS_ON_HOME]],
        shown=(shown := await show_records(question, [*of_headline, *charts][:1])),
        chart=next(iter(shown), None),
        areas=[one["label"] for code, one in areas.items() if code not in no_forces],
    )


def _answers(disagreement: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], str]]:
    """Return the first figures of a disagreement, each with the question that it answers."""
    figures = {one["id"]: one for one in disagreement["computed"]["figures"]}
    answers = [one for one in disagreement["answers"] or () if one["observation"] in figures]  # older ones name others
    told = [(figures[one["observation"]], one["question"]) for one in answers]
    return (told or [(one, disagreement["title"]) for one in figures.values()])[:ANSWERS_ON_HOME]


@router.get("/about")
async def show_about(question: Asked) -> Response:
    """Say what the register is, how it is made and what it cannot say."""
    sources = question.catalogue.kind("source").values()
    return page(question, "about.html", held=sum(one["held"] for one in sources))


@router.get("/contact")
@router.get("/datasets")
@router.get("/sources")
@router.get("/codelists")
@router.get("/releases")
async def show_list(question: Asked) -> Response:
    """List all records of a kind in the release."""
    records = question.catalogue.kind({"/sources": "source", "/codelists": "code"}.get(question.path, ""))
    make = partial(page, question, f"{question.path.strip('/')}.html")
    return await question.service.encoder.make_list(len(records), make, question.client)


@router.get("/compare")
async def show_comparison(question: AskedComparison) -> Response:
    """Compare two or more figures by dimension; with fewer, show how to choose them."""
    ids = list(dict.fromkeys(one.strip() for one in question.values.get("id", ())))
    found = await observations.by_ids(question.service.database, ids, question.release.ordinal) if ids else []
    absent, faults = faults_of_absent(ids, found), _faults_of_number(ids)
    is_wrong = bool(absent or faults)
    comparison = comparison_document(found, question) if found and not is_wrong else None
    status = 422 if is_wrong else 200
    return page(question, "compare.html", status=status, ids=ids, comparison=comparison, absent=absent, faults=faults)


def _faults_of_number(ids: Sequence[str]) -> Sequence[Fault]:
    """Return the errors in the number of ids. Fewer than two are not an error, because the form asks for more."""
    try:
        if len(ids) > 1:
            wanted_ids(ids)
    except InvalidRequest as refused:
        return refused.faults
    return ()


# Sources ----------------------------------------------------------------------------------------------------------


@router.get("/sources/{source_id}")
async def show_source(question: Asked, source_id: str) -> Response:
    """Show one document, the figures that it prints, and the figures that other documents take from it."""
    source = await find_record(question, "source", source_id)
    printed, in_all = await _find_figures(question, "source", source_id)
    first, first_in_all = await _find_figures(question, "origin", source_id)
    first_here = [o for o in first if o.source != source_id]

    def make() -> Response:
        write = figure.as_objects(question.catalogue, question.service.base_url)
        return page(
            question,
            "source.html",
            source=source,
            printed=[*map(write, printed)],
            in_all=in_all,
            first_here=[*map(write, first_here)],
            first_in_all=first_in_all,
            corrections=_naming(question, "correction", source_id),
            refusals=_naming(question, "non_publication", source_id),
            most=MOST_ROWS,
        )

    return await make_page(question, [*printed, *first_here], make)


async def _find_figures(question: Question, name: str, source_id: str) -> tuple[Sequence[Observation], int]:
    """Find the figures with this source or origin, in the order of the document, and the total."""
    filters, ordinal = Filters(((name, (source_id,)),)), question.release.ordinal
    place = observations.PLACE
    found = await observations.find(question.service.database, filters, ordinal, sort=place, limit=MOST_ROWS)
    return sorted(found.observations, key=lambda o: o.source), found.total


def _naming(question: Question, kind: str, source_id: str) -> list[Mapping[str, Any]]:
    """List the records of one kind that name the source."""
    records = question.catalogue.kind(kind).values()
    return [one for one in records if source_id in (one["source"], one.get("other_source"))]


# Records ----------------------------------------------------------------------------------------------------------


def _add_pages(kind: Kind, words: KindWords) -> None:
    own = f"record-{kind.noun}.html"
    template = own if own in templates().list_templates() else "record-other.html"

    async def list_records(question: Asked) -> Response:
        records = question.catalogue.kind(kind.name).values()
        make = partial(page, question, "records.html", kind=kind, words=words, records=records)
        return await question.service.encoder.make_list(len(records), make, question.client)

    async def show_record(question: Asked, record_id: RecordId) -> Response:
        record = await find_record(question, kind.name, record_id)
        mentioned = mentions(kind.name, record) if kind.name != "table" else ()  # whose page only links to its totals
        ids = [mention.id for mention in mentioned if mention.to == "observation"]
        in_all = len(ids)
        if kind.name != "disagreement" and in_all > FIGURES_SHOWN:
            ids = [*ids[: FIGURES_SHOWN - 1], ids[-1]]  # of a relation, the last is the whole
        found = await find_figures(question, ids)
        shown = await _chart_of(question, record, found) if kind.name == "disagreement" else None

        def make() -> Response:
            figures = write_documents(question, question.catalogue, found)
            return page(
                question,
                template,
                kind=kind,
                words=words,
                record=record,
                ids=ids,
                in_all=in_all,
                figures=figures,
                shown=shown,
            )

        repeated = question.catalogue.count_characters((o.source, o.origin, o.caveats or (), o.id) for o in found)
        records = len(ids) + repeated // CHARACTERS_OF_ONE + len(record.get("mappings", ())) // TERMS_OF_ONE
        return await question.service.encoder.make_list(records, make, question.client, longest=FIGURES_AT_ONCE)

    router.add_api_route(f"/{kind.path}", list_records, name=f"pages of {kind.path}")
    router.add_api_route(f"/{kind.path}/{{record_id}}", show_record, name=f"page of one of {kind.path}")


async def _chart_of(question: Question, disagreement: Mapping[str, Any], found: Sequence[Observation]) -> Shown | None:
    """Return the chart of a disagreement; None if no chart can show its figures."""
    asked = replace(question, values={**question.values, "disagreement": [disagreement["id"]]})
    try:
        words = Words(disagreement["title"], disagreement["question"])
        left_out = await find_left_out(question, Filters.read(asked.values, question.catalogue), found)
        chart = arrange(found, question.catalogue, words=words, left_out=left_out)
    except NoSuchChart:
        return None
    return await show_chart(asked, chart, "/v1/observations")


for each in KINDS.values():
    if each.words and each.words.title:
        _add_pages(each, each.words)


@router.get("/codelists/{list_id}")
async def show_codelist(question: Asked, list_id: ListId) -> Response:
    """Show one code list, with an anchor, a definition and the author of the definition for each code."""

    def make() -> Response:
        codelist = find_codelist(question, list_id)
        broader = question.catalogue.related_codes.broader
        above = {
            one["code"]: [code.partition("/")[2] for code in broader.get(f"{list_id}/{one['code']}", ())]
            for one in codelist["codes"]
        }
        return page(question, "codelist.html", codelist=codelist, above=above, is_filter=list_id in FILTERS)

    return await question.service.encoder.make_list(
        len(question.catalogue.codes.get(list_id, ())), make, question.client
    )


# Releases ---------------------------------------------------------------------------------------------------------


@router.get("/releases/{number}")
async def show_release(question: OfRelease, number: Number) -> Response:
    """Show one release: its files with their hashes, and how to verify them."""
    service = question.service
    shown = await service.releases.find(number)
    return page(
        question,
        "release.html",
        shown=shown,
        before=release_before(service, shown),
        files=await find_file_documents(service, shown),
        citation=cite_release(shown, service.public_url),
    )


@router.get("/releases/{number}/changes")
async def show_changes(question: Between, number: Number) -> Response:
    """Show the changes up to a release, since the previous one or the one in `since`, by release and with reasons."""
    service = question.service
    last = await service.releases.find(number)
    first = find_earlier(question, last) if "since" in question.values else release_before(service, last)
    found = await find_changes(
        service.database, Wanted(first.ordinal if first else 0, last.ordinal), limit=CHANGES_SHOWN
    )
    releases = len({one.release for one in found.changes})
    async with service.encoder.turn_if_long(releases, question.client, longest=CATALOGUES_KEPT) as run:
        make, records = await _write_changes_page(question, found, first, last)
        if releases > CATALOGUES_KEPT:
            return await run(make)
    return await service.encoder.make_list(records, make, question.client, longest=CHANGES_AT_ONCE)


async def _write_changes_page(
    question: Question, found: FoundChanges, first: Release | None, last: Release
) -> tuple[Callable[[], Response], int]:
    """Return what makes the page of changes, and as how many changes that takes."""
    service = question.service
    by_release: dict[str, dict[str, list[Any]]] = {}
    shown = await write_changes(service, found, "")
    for one in shown:
        by_release.setdefault(one["release"], {action: [] for action in ACTIONS})[one["action"]].append(one)
    make = partial(
        page,
        question,
        "changes.html",
        last=last,
        first=first,
        found=[(service.releases.resolve(number, None), listed) for number, listed in by_release.items()],
        left_out=found.total - len(found.changes),
        earlier=[one.number for one in service.releases.releases if one.ordinal < last.ordinal],
    )
    return make, weigh_changes(shown)


# The API ----------------------------------------------------------------------------------------------------------


def start_page(question: Question, links: dict[str, Any]) -> Response:
    """Show the root of the API: where to go from there."""
    return page(question, "start.html", questions=links["questions"], places=PLACES.values())
