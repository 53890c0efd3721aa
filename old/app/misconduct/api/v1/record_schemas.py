"""Response models of releases and of all records other than figures (see `schemas`).

The model of a record is derived from its kind (see `misconduct.model.kinds`), without the rules of the register.
"""

from __future__ import annotations

from typing import Any, Literal, get_origin

from pydantic import BaseModel, Field, create_model
from pydantic.fields import FieldInfo

from misconduct.api.v1.schemas import RELATIONS, RESULTS, Answer, EvidenceGroup, Shape, Value
from misconduct.model.kinds import KINDS, OPEN, PLACE, plain_type


class RecordShape(Shape):
    """The keys that all records have."""

    id: str
    version: int
    added_in: str = Field(description="The release that added this version.", examples=["1.0.0"])


class CodeOfList(RecordShape):
    """The two parts of a code's id."""

    list: str
    code: str


class CheckOutcome(Shape):
    """The result of a check."""

    result: str = Field(description=RESULTS)
    stated: Value | None = Field(description="The stated value. Null if the figure has no number.")
    computed: Value | None = Field(description="The computed value. Null if a part has no number.")
    unlike: list[str] = Field(
        description="Dimensions in which a part is of another kind than the whole: neither the same nor narrower."
    )
    missing_years: list[int] = Field(description="Years of the period for which no figure is stated.")


class PeriodInDisagreement(Shape):
    """The period of a figure, as precise as the source gives it."""

    type: Literal["year", "window", "point", "unstated"]
    start: str | None
    end: str | None
    printed: str | None


class FigureInDisagreement(Shape):
    """A figure of a disagreement, in codes. `/v1/observations/{id}` returns the whole figure."""

    id: str
    version: int
    value: Value | None = Field(description="The number. Null if none is printed.")
    printed: str | None
    qualifier: str | None
    hedge: str | None
    measure: str
    category: str
    population: str
    counting_unit: str
    period: PeriodInDisagreement
    stated_by: str | None
    source: str
    origin: str
    at: str | None = Field(description=PLACE)


class DisagreementFindings(Shape):
    """The comparison of a disagreement's figures."""

    figures: list[FigureInDisagreement]
    evidence: list[EvidenceGroup]
    dimensions: dict[str, str] = Field(description=f"Whether the figures are alike, by dimension. {RELATIONS}")


class ChartLinks(Shape):
    """Links of a chart and its figures."""

    page: str = Field(description="HTML page with the chart, its table, and how to embed it.")
    svg: str
    png: str
    json_: str = Field(alias="json", description="Vega-Lite specification with its data.")
    html: str = Field(description="HTML document to embed in an iframe.")
    csv: str = Field(description="The figures of the chart as CSV.")
    oembed: str
    figures: str = Field(description="The figures of the chart, as a listing or by-year table.")


class DatasetLinks(Shape):
    """Links of a dataset. Those to its figures have the filters of the request."""

    self: str
    figures: str
    csv: str = Field(description="All figures as CSV.")
    by_year: str
    by_year_csv: str
    files: str = Field(description="The files of the release: the whole dataset as CSV and Parquet.")
    charts: str
    codelists: str
    columns: str = Field(description="What each column of a figure means.")
    caveats: str
    citation: str
    dcat: str
    page: str = Field(description="HTML page.")


class CountedCode(Shape):
    """A code that figures have."""

    code: str = Field(description="Value of the filter.", examples=["sexual_assault"])
    label: str
    broader: str | None = Field(description="The code of which it is a part.")
    figures: int = Field(description="Number of matching figures that have exactly this code.")


class Facet(Shape):
    """The codes that the figures of a dataset have in one dimension or attribute."""

    name: str = Field(description="Name of the column, and of the filter.", examples=["category"])
    label: str
    codelist: str | None = Field(description="URL of the code list. Null for years and sources.")
    codes: list[CountedCode]


class ColumnShape(Shape):
    """A column of a figure."""

    name: str = Field(examples=["category"])
    type: str = Field(description="text, code, date, integer, number, boolean, or texts, which is a list.")
    description: str
    codelist: str | None = Field(description="Id of the code list that its codes are in.", examples=["category"])
    core: bool = Field(description="Whether it is in a table that does not ask for columns.")
    separator: str | None = Field(description="What separates the members of a list in one cell of CSV.")
    path: str = Field(description="Where the JSON object of a figure has the same.", examples=["category.code"])


class ChartReference(Shape):
    """A chart."""

    id: str
    title: str
    url: str


def shape_of(model: type[BaseModel], name: str, base: type[Shape] = Shape, **more: Any) -> type[Shape]:
    """Make the response model of a record or part: its keys with plain types, followed by `more`."""
    fields: dict[str, Any] = {
        key: (_shown_type(field), Field(description=field.description))
        for key, field in model.model_fields.items()
        if key not in ("id", "version")
    }
    return create_model(name, __base__=base, __doc__=model.__doc__, **fields, **more)


def _shown_type(field: FieldInfo) -> Any:
    if OPEN in field.metadata and get_origin(field.annotation) is Literal:
        return str
    return plain_type(field.annotation, lambda model: shape_of(model, model.__name__))


_BESIDE: dict[str, tuple[Any, str | None]] = {
    "check": (CheckOutcome | None, "Null if it was not assessed in this release."),
    "disagreement": (DisagreementFindings | None, "Null if it was not assessed in this release."),
    "source": (
        shape_of(KINDS["link_check"].content, "SourceLink") | None,
        "Null if the URL was never checked.",
    ),
}
"""By kind: the model and description of the key `Kind.computed`."""


def _record_shape(kind: str, **more: Any) -> type[Shape]:
    computed = KINDS[kind].computed
    if computed:
        shape, description = _BESIDE[kind]
        more[computed] = (shape, Field(description=description))
    if kind == "code":
        return shape_of(KINDS[kind].content, "CodeShape", CodeOfList)
    return shape_of(KINDS[kind].content, f"{_camel(kind)}Record", RecordShape, **more)


def _camel(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def _pair_of(name: str, shape: Any, noun: str) -> tuple[type[Answer], type[Answer]]:
    """Make the models of a list and of a single record: `SourcePage` and `SourceAnswer`."""
    page = create_model(f"{name}Page", __base__=Answer, __doc__=f"A list of {noun}s.", data=(list[shape], ...))
    return page, create_model(f"{name}Answer", __base__=Answer, __doc__=f"One {noun}.", data=(shape, ...))


CodeShape = _record_shape("code")


class Codelist(Shape):
    """One code list."""

    id: str
    codes: list[CodeShape]  # type: ignore[valid-type]


RECORDS = {"code": _pair_of("Codelist", Codelist, "code list")} | {
    name: _pair_of(_camel(name), shape, kind.noun)
    for name, kind in KINDS.items()
    if kind.path and name not in ("code", "dataset", "release")
    for shape in [_record_shape(name, **({"links": (ChartLinks, ...)} if name == "chart" else {}))]
}
"""By kind: the models of its list and of a single record. Those of `code` are for code lists."""


_COUNTED: dict[str, Any] = {
    "figures": (int, Field(description="Number of matching figures.")),
    "years": (list[str], Field(description="Years for which it has matching figures.", examples=[["2022", "2019/20"]])),
    "links": (DatasetLinks, ...),
}
_FACETS: dict[str, Any] = {
    "dimensions": (list[Facet], Field(description="What tells its figures apart.")),
    "attributes": (list[Facet], Field(description="What else its figures have a code for.")),
    "columns": (
        list[ColumnShape],
        Field(
            description="The columns of a table that asks for none. `/v1/columns` has all, the same for every dataset."
        ),
    ),
    "charts": (list[ChartReference], Field(description="Charts of its figures.")),
}
DatasetPage, _ = _pair_of("Dataset", _record_shape("dataset", **_COUNTED), "dataset")
_, DatasetAnswer = _pair_of(
    "Dataset", shape_of(KINDS["dataset"].content, "DatasetContents", RecordShape, **_COUNTED, **_FACETS), "dataset"
)


class ColumnPage(Answer):
    """The columns of a figure."""

    data: list[ColumnShape]


CaveatRecord = _record_shape("caveat", figures=(int, Field(description="Number of figures that have it.")))


class CaveatPage(Answer):
    """A list of caveats."""

    data: list[CaveatRecord]  # type: ignore[valid-type]


class ReleaseShape(Shape):
    """An immutable, numbered state of the whole register."""

    number: str = Field(examples=["1.1.0"])
    released: str = Field(description="Release date (UTC).")
    summary: str
    digest: str = Field(description="SHA-256 digest of this release and all releases before it.")
    recalled: str | None = Field(
        description="Why it is never the latest release any more, for example because a figure is wrong; it is still "
        "answered by its number."
    )
    cite_as: str


class ReleasePage(Answer):
    """A list of releases."""

    data: list[ReleaseShape]


class ReleaseAnswer(Answer):
    """One release."""

    data: ReleaseShape


class FileShape(Shape):
    """A file of a release."""

    release: str
    name: str = Field(examples=["allegations.parquet"])
    media_type: str
    length: int = Field(description="Size in bytes.")
    sha256: str
    built_by: dict[str, str] | None = Field(
        description="Versions of the code and libraries that built the file, once; null if nobody noted them."
    )
    url: str


class FilePage(Answer):
    """A list of the files of a release."""

    data: list[FileShape]
