"""The shapes of the register's records other than figures, and of releases, as answers show them (see `models`).

A record's shape is that of its kind (see `app.model.kinds`) without the rules for what may be written there.
"""

from __future__ import annotations

from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from app.api.v1.schemas import Answer, EvidenceGroup, Shape
from app.model.kinds import KINDS, OPEN, PLACE, plain_type

Relation = Literal["same", "different", "unstated"]


class RecordShape(Shape):
    """What every record has."""

    id: str
    version: int
    added_in: str = Field(description="The release that added this version.", examples=["1.0.0"])


class CodeOfList(RecordShape):
    """What a code's id consists of."""

    list: str
    code: str


class CheckOutcome(Shape):
    """What a check came to."""

    result: Literal["holds", "fails", "undecidable"]
    stated: str | None = Field(description="The value that is stated, as a decimal; null where it has no number.")
    computed: str | None = Field(description="What its parts come to, as a decimal; null where one has no number.")
    unlike: list[str] = Field(description="Dimensions in which a part is not of the same kind as the whole.")
    missing_years: list[int] = Field(description="Years of the window for which no figure is stated.")


class DisputedPeriod(Shape):
    """When, exactly as far as the source says."""

    type: Literal["year", "window", "point", "unstated"]
    start: str | None
    end: str | None
    printed: str | None


class DisputedFigure(Shape):
    """A figure of a disagreement, in codes. `/v1/observations/{id}` has all of it."""

    id: str
    version: int
    value: str | None = Field(description="As a decimal.")
    printed: str
    qualifier: str
    hedge: str | None
    measure: str
    category: str
    population: str
    counting_unit: str
    period: DisputedPeriod
    stated_by: str
    source: str
    origin: str
    at: str = Field(description=PLACE)


class DisagreementFindings(Shape):
    """What was computed of a disagreement."""

    figures: list[DisputedFigure]
    evidence: list[EvidenceGroup]
    dimensions: dict[str, Relation] = Field(description="By dimension: are the figures alike in it?")


class ChartLinks(Shape):
    """Where a chart is to be had, and its figures."""

    page: str = Field(description="For people: the chart, its table, and how to embed it.")
    svg: str
    png: str
    json_: str = Field(alias="json", description="The Vega-Lite specification, with its data.")
    html: str = Field(description="To embed in an iframe.")
    oembed: str
    figures: str = Field(description="The same figures, as a listing or by-year table.")


def shape_of(model: type[BaseModel], name: str, base: type[Shape] = Shape, **more: Any) -> type[Shape]:
    """Make the public shape of a record or of a part: the same keys with plain types, and `more` behind them."""
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
    "check": (CheckOutcome | None, "Null where it was not assessed in this release."),
    "disagreement": (DisagreementFindings | None, "Null where it was not assessed in this release."),
    "source": (
        shape_of(KINDS["link_check"].content, "SourceLink") | None,
        "Null where nobody has checked the address.",
    ),
}
"""By kind: what answers show under the key `Kind.computed`."""


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
    """Make the shapes of a list and of an answer with one: `SourcePage` and `SourceAnswer`."""
    page = create_model(f"{name}Page", __base__=Answer, __doc__=f"The {noun}s.", data=(list[shape], ...))
    return page, create_model(f"{name}Answer", __base__=Answer, __doc__=f"One {noun}.", data=(shape, ...))


CodeShape = _record_shape("code")


class Codelist(Shape):
    """One code list."""

    id: str
    codes: list[CodeShape]  # type: ignore[valid-type]


RECORDS = {"code": _pair_of("Codelist", Codelist, "code list")} | {
    kind: _pair_of(_camel(kind), shape, kind.replace("_", "-"))
    for kind in ("dataset", "source", "check", "disagreement", "correction", "non_publication", "chart")
    for shape in [_record_shape(kind, **({"links": (ChartLinks, ...)} if kind == "chart" else {}))]
}
"""By kind: the shapes of its list and of one record. Those of a code are the shapes of code lists."""


class ChartSpecification(BaseModel):
    """A Vega-Lite specification that holds its own data; see vega.github.io/vega-lite for the rest of its keys."""

    model_config = ConfigDict(extra="allow")

    schema_: str = Field(alias="$schema")
    description: str = Field(description="The picture in words, every figure included.")
    datasets: dict[str, list[dict[str, Any]]] = Field(description="`figures`: a row for each figure and each gap.")
    usermeta: dict[str, Any] = Field(description="What the chart is, of which release, and which figures it shows.")


class ReleaseShape(Shape):
    """An immutable, numbered state of the whole register."""

    number: str = Field(examples=["1.1.0"])
    released: str = Field(description="UTC day.")
    summary: str
    digest: str = Field(description="Seals it and all releases before it.")
    cite_as: str


class ReleasePage(Answer):
    """The releases."""

    data: list[ReleaseShape]


class ReleaseAnswer(Answer):
    """One release."""

    data: ReleaseShape


class FileShape(Shape):
    """A file of a release."""

    release: str
    name: str = Field(examples=["allegations.parquet"])
    media_type: str
    length: int = Field(description="In bytes.")
    sha256: str
    url: str


class FilePage(Answer):
    """The files of a release."""

    data: list[FileShape]
