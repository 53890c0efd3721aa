"""The shape of JSON answers, for OpenAPI and for clients that are generated from it.

Answers are built as plain dictionaries; a test compares them with these models.
"""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from misconduct.api.problems import MEDIA_TYPE
from misconduct.model.by_year import SERIES_COLUMNS
from misconduct.model.figure import COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS, Column


class Shape(BaseModel):
    """An object of an answer."""

    model_config = ConfigDict(extra="forbid")


class LabelledCode(Shape):
    """A code and its label."""

    code: str
    label: str


class SourceOfFigure(Shape):
    """The document that prints a figure."""

    id: str
    title: str | None
    publisher: str | None
    published: str | None = Field(description="As precise as known: YYYY, YYYY-MM or YYYY-MM-DD.")
    url: str | None
    sha256: str | None = Field(description="SHA-256 of the copy in which places count.")


class FigureLinks(Shape):
    """Addresses of a figure."""

    self: str
    printed_at: str | None = Field(description="The document, with a fragment that scrolls to the printed words.")


class Warned(Shape):
    """A warning about the answer."""

    code: str
    detail: str


class Meta(Shape):
    """About an answer: its release."""

    release: str
    digest: str = Field(description="SHA-256 of the SHA256SUMS of the release.")


class CountMeta(Meta):
    """About a list: its release and its length."""

    total: int = Field(description="Number of matching rows.")
    returned: int = Field(description="Number of rows in this answer.")


class FigureMeta(CountMeta):
    """About a list of figures: its release and its length."""

    narrower: dict[str, list[str]] = Field(description="Codes that a filter found beside those that were asked for.")


class SeeAlso(Shape):
    """A link that explains an answer: why figures differ, what is unpublished, or which figure once had the number."""

    kind: str = Field(description="disagreement, unpublished or observation.")
    id: str
    title: str
    url: str
    why: str = Field(description="Why to read it.")


class FigureListMeta(FigureMeta):
    """About a list of figures: its release, its length, and what explains it."""

    see_also: list[SeeAlso] = Field(description="Of a search, a number or an empty list: what explains it.")


_TYPES: dict[str, Any] = {
    "text": str | None,
    "code": LabelledCode | None,
    "number": float | int | None,
    "day": date | None,
}


def _field(column: Column) -> Any:
    kind = list[str] if column.holds == "list" else SourceOfFigure if column.name == "source" else _TYPES[column.holds]
    return (str if column.name == "id" else kind), Field(None, description=column.about)


def _nullable(column: Column) -> Any:
    kind, info = _field(column)
    return kind | None, info


Figure = create_model(
    "Figure",
    __base__=Shape,
    __doc__="One figure. A list shows the default columns, or those that are asked for.",
    **{name: _field(COLUMNS[name]) for name in SHOWN_COLUMNS},
    links=(FigureLinks, Field(description="Addresses of the figure.")),
)


class Answer(Shape):
    """The envelope of a JSON answer."""

    meta: Meta
    warnings: list[Warned]
    links: dict[str, str | None]


class FigureListAnswer(Answer):
    """A page of figures. `links.next` leads to the next one."""

    data: list[Figure]
    meta: FigureListMeta


class GapOfYear(LabelledCode):
    """Why a year has no number."""

    detail: str | None = Field(description="Which years are covered, if this one is not.")


class YearOfSeries(Shape):
    """The figure of a series for one year, or the reason why there is no number."""

    value: float | int | None
    printed: str | None
    qualifier: LabelledCode | None
    coverage: LabelledCode | None
    id: str | None
    gap: GapOfYear | None


class WindowOfSeries(Shape):
    """The figure of a series for its whole window."""

    value: float | int | None
    value_absent: LabelledCode | None
    printed: str | None
    qualifier: LabelledCode | None
    period_start: date | None
    period_end: date | None
    id: str


SeriesRow = create_model(
    "SeriesRow",
    __base__=Shape,
    __doc__="One series: its codes, and its figures by year.",
    **{name: _field(COLUMNS[name]) for name in SERIES_COLUMNS},
    years=(dict[str, YearOfSeries], Field(description="By the labels in `meta.years`.")),
    window=(WindowOfSeries | None, Field(description="The figure for the whole window, if there is one.")),
)

YearRow = create_model(
    "YearRow",
    __base__=Shape,
    __doc__="One year of a series: its figure, or the codes of the series and the gap.",
    **{name: _nullable(COLUMNS[name]) for name in (*DEFAULT_COLUMNS, *SERIES_COLUMNS)},
    gap=(GapOfYear | None, Field(description="Why there is no number.")),
)


class ByYearMeta(FigureMeta):
    """About a by-year table. `total` and `returned` count series."""

    years: list[str] = Field(description="The years of the table, newest first.")


class ByYearAnswer(Answer):
    """Series by year: rows of series, or with `shape=long` of their years."""

    data: list[SeriesRow] | list[YearRow]
    meta: ByYearMeta


class RecordAnswer(Answer):
    """One record."""

    data: dict[str, Any]


class RecordListAnswer(Answer):
    """All records of a kind."""

    data: list[dict[str, Any]]
    meta: CountMeta


class ReleaseAnswer(Shape):
    """One release."""

    data: dict[str, Any]
    links: dict[str, str | None]


class ReleaseListAnswer(Shape):
    """All releases."""

    data: list[dict[str, Any]]
    links: dict[str, str | None]


class EmbedAnswer(Shape):
    """A picture as oEmbed describes it."""

    version: str
    type: str = Field(description="photo")
    title: str
    url: str = Field(description="Address of the picture as PNG.")
    width: int
    height: int
    provider_name: str
    provider_url: str


class QuestionLink(Shape):
    """A question, and the address that answers it."""

    question: str
    url: str


class StartAnswer(Shape):
    """Where to begin."""

    title: str
    release: str
    digest: str
    questions: list[QuestionLink]
    datasets: str
    reference: str
    contact: str | None = Field(description="Where to report errors; null if the operator has set none.")


class FaultOfRequest(Shape):
    """One thing that is wrong with a request."""

    parameter: str
    code: str
    detail: str
    did_you_mean: str | None
    allowed: list[str] | None


class ProblemDocument(Shape):
    """An error (RFC 9457). `detail` is a sentence that says what to do; `errors` has everything that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    did_you_mean: str | None
    errors: list[FaultOfRequest]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"model": ProblemDocument, "description": "Not found"},
    422: {"model": ProblemDocument, "description": "Invalid parameters"},
    503: {"model": ProblemDocument, "description": "Temporarily unavailable"},
}


NOT_ACCEPTABLE: dict[int | str, dict[str, Any]] = {
    406: {"model": ProblemDocument, "description": "Format not available"}
}


def answers(model: type[BaseModel], *media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route in OpenAPI: JSON of a model, tables of these media types, and problems."""
    tables = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {200: {"model": model, "content": tables}, **PROBLEMS, **NOT_ACCEPTABLE}


def declare_problems(document: dict[str, Any]) -> None:
    """Declare in an OpenAPI document that errors are problem documents. FastAPI calls every model plain JSON."""
    operations = (operation for path in document["paths"].values() for operation in path.values())
    for operation in operations:
        for status, response in operation["responses"].items():
            if status >= "400" and "application/json" in response["content"]:
                response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
