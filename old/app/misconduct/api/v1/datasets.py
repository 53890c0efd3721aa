"""Datasets: which there are, and what is in each, counted by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Path, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import BY_YEAR_PARAMETERS, DATASET_PARAMETERS, RELEASE_PARAMETERS, TABLE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.columns import describe_column
from misconduct.api.v1.record_schemas import DatasetAnswer, DatasetPage
from misconduct.errors import NotFound, Removed
from misconduct.formats import EVERYWHERE
from misconduct.model import figure
from misconduct.model.filters import FILTERS, name_code
from misconduct.model.record_tables import records_table
from misconduct.model.table import Column, Table
from misconduct.queries.facets import OF_ATTRIBUTES, OF_DIMENSIONS, Facets, count_by_year, count_facets

FORMS = EVERYWHERE

COUNTED = (
    Column("figures", "integer", "Number of its figures."),
    Column("years", "texts", "Years for which it has figures."),
)

FACETS = (
    Column("role", "code", "dimension: it tells figures apart; attribute: it describes them (SDMX)."),
    Column("name", "code", "Name of the dimension or attribute; also that of the filter."),
    Column("code", "text", "Value of the filter."),
    Column("label", "text", "The same in words."),
    Column("figures", "integer", "Number of matching figures that have exactly this code."),
)
"""The table of one dataset."""

router = DirectRouter(prefix="/v1", tags=["figures"])

Asked = Annotated[Question, Depends(parse_request(TABLE_PARAMETERS, FORMS))]
AskedOne = Annotated[Question, Depends(parse_request(DATASET_PARAMETERS, FORMS))]
DatasetId = Annotated[str, Path(description="Id of a dataset.", examples=["allegations"])]


@router.get("/datasets", **documented(DatasetPage, TABLE_PARAMETERS, FORMS))
async def list_datasets(question: Asked) -> Response:
    """List the datasets: what each shows, how many figures it has, for which years, and where they are.

    A dataset has the figures of some measures. A figure may be in several.
    """
    figures, years_of, place = Counter[str](), dict[str, set[str]](), dict[str, int]()
    for measure, year, number in await count_by_year(question.service.database, question.release.ordinal):
        figures[measure] += number
        if year:
            years_of.setdefault(measure, set()).add(year)
            place.setdefault(year, len(place))
    records = []
    for one in question.catalogue.kind("dataset").values():
        measures = {*one["measures"]}
        years = sorted(set[str]().union(*(years_of.get(name, ()) for name in measures)), key=place.__getitem__)
        records.append({**one, **_described(question, one, sum(figures[name] for name in measures), years)})
    return answer(
        question,
        lambda: page_document(question, records, total=len(records)),
        lambda: records_table("dataset", records, *COUNTED),
    )


@router.get("/datasets/{dataset}", **documented(DatasetAnswer, DATASET_PARAMETERS, FORMS, NotFound, Removed))
async def read_dataset(question: AskedOne, dataset: DatasetId) -> Response:
    """Return what is in one dataset: number of figures, years, and every code that its figures have, counted.

    With filters, it counts the figures that `/v1/{dataset}` lists with the same filters: in every dimension but `year`,
    which not every figure has, the codes add up to `figures`. Narrower codes are counted as themselves. As a table, it
    has a row for each code.
    """
    catalogue, service = question.catalogue, question.service
    codes = len(catalogue.kind("code")) + len(catalogue.kind("source"))
    async with service.encoder.turn_if_long(codes, question.client) as run:
        facets = await count_facets(service.database, question.filters, question.release.ordinal, catalogue)
        return await run(lambda: _write_dataset(question, catalogue.kind("dataset")[dataset], facets))


def _write_dataset(question: Question, record: Mapping[str, Any], facets: Facets) -> Response:
    dimensions, attributes = (_facets(question, facets, names) for names in (OF_DIMENSIONS, OF_ATTRIBUTES))

    def document() -> dict[str, Any]:
        figures = sum(facets["measure"].values())
        charts = [one for one in question.catalogue.kind("chart").values() if one["dataset"] == record["id"]]
        return {
            **record,
            **_described(question, record, figures, list(facets["year"])),
            "dimensions": dimensions,
            "attributes": attributes,
            "columns": [describe_column(figure.LAYOUT.columns[name]) for name in figure.CORE],
            "charts": [
                {"id": one["id"], "title": one["title"], "url": _address(question, f"/v1/charts/{one['id']}")}
                for one in charts
            ],
        }

    def table() -> Table:
        both = (("dimension", dimensions), ("attribute", attributes))
        rows = [
            (role, one["name"], *(code[key] for key in ("code", "label", "figures")))
            for role, found in both
            for one in found
            for code in one["codes"]
        ]
        return Table(FACETS, rows)

    return answer(question, lambda: page_document(question, document(), total=1), table)


def _facets(question: Question, facets: Facets, names: Iterable[str]) -> list[dict[str, Any]]:
    """Write some facets as a response shows them."""
    lists = question.catalogue.codes
    return [
        {
            "name": name,
            "label": FILTERS[name].label,
            "codelist": _address(question, f"/v1/codelists/{name}") if name in lists else None,
            "codes": [
                {
                    "code": code,
                    "label": name_code(name, code, question.catalogue),
                    "broader": lists.get(name, {}).get(code, {}).get("broader"),
                    "figures": figures,
                }
                for code, figures in facets[name].items()
            ],
        }
        for name in names
    ]


def _described(question: Question, record: Mapping[str, Any], figures: int, years: list[str]) -> dict[str, Any]:
    """Return what is counted of a dataset, and where its figures are, with the filters of the request."""
    view, itself = f"/v1/{record['id']}", f"/v1/datasets/{record['id']}"
    release = question.release.number
    return {
        "figures": figures,
        "years": years,
        "links": {
            "self": _address(question, itself, DATASET_PARAMETERS),
            "figures": _address(question, view, DATASET_PARAMETERS),
            "csv": _address(question, view, DATASET_PARAMETERS, ".csv"),
            "by_year": _address(question, f"{view}/by-year", BY_YEAR_PARAMETERS),
            "by_year_csv": _address(question, f"{view}/by-year", BY_YEAR_PARAMETERS, ".csv"),
            "files": f"{question.service.base_url}/v1/releases/{release}/files",
            "charts": _address(question, "/v1/charts"),
            "codelists": _address(question, "/v1/codelists"),
            "columns": f"{question.service.base_url}/v1/columns",
            "caveats": _address(question, "/v1/caveats"),
            "citation": _address(question, f"{itself}/citation"),
            "dcat": _address(question, f"{itself}/dcat"),
            "page": _address(question, f"/datasets/{record['id']}", DATASET_PARAMETERS),
        },
    }


def _address(question: Question, path: str, accepted: Iterable[str] = RELEASE_PARAMETERS, suffix: str = "") -> str:
    """Write the address of another resource, with those parameters of the request that it accepts."""
    return replace(question, path=path).link(suffix, without=question.values.keys() - {*accepted} | {"bom"})
