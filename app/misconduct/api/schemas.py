"""The shape of JSON answers, for OpenAPI and for clients that are generated from it.

Answers are built as plain dictionaries; a test compares them with these shapes. What the columns of a figure are is
declared in `misconduct.model.figure`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from misconduct.api.problems import MEDIA_TYPE, Fault, InvalidParameters, NotAcceptable, NotFound, Problem, Unavailable
from misconduct.model.by_year import SERIES_COLUMNS, WINDOW_KEYS, YEAR_KEYS
from misconduct.model.documents import SOURCE_KEYS
from misconduct.model.figure import COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS
from misconduct.model.full_figure import REFERENCE_KEYS
from misconduct.model.kinds import Source
from misconduct.model.warnings import Warned


class Shape(BaseModel):
    """An object of an answer."""

    model_config = ConfigDict(extra="forbid")


def shape(name: str, about: str, /, base: type[BaseModel] = Shape, **fields: Any) -> Any:
    """Make the shape of an object. A field is its type, or its type and what it is about or its FieldInfo."""
    pairs = {field: kind if isinstance(kind, tuple) else (kind, None) for field, kind in fields.items()}
    described: Any = {
        field: (kind, said if isinstance(said, FieldInfo) else Field(description=said))
        for field, (kind, said) in pairs.items()
    }
    return create_model(name, __base__=base, __doc__=about, **described)


def of(kind: Any, *names: str) -> dict[str, Any]:
    return dict.fromkeys(names, kind)


Text = str | None
Number = float | int | None
Links = dict[str, str | None]
Objects = list[dict[str, Any]]

LabelledCode: Any = shape("LabelledCode", "A code and its label.", code=str, label=str)
Code = LabelledCode | None

_SOURCE: Any = {key: (Text, Source.model_fields[key].description) for key in SOURCE_KEYS}
SourceOfFigure: Any = shape("SourceOfFigure", "The document that prints a figure.", id=str, **_SOURCE)

_TYPES: dict[str, Any] = {"text": Text, "code": Code, "number": Number, "day": date | None, "list": list[str]}


def of_columns(names: Iterable[str], *, is_optional: bool = False) -> dict[str, Any]:
    """Return columns of a figure as fields of a shape."""
    types = {column.name: _TYPES[column.holds] for column in COLUMNS.values()} | {"id": str, "source": SourceOfFigure}
    return {name: (types[name] | None if is_optional else types[name], COLUMNS[name].about) for name in names}


def of_some_columns(names: Iterable[str]) -> dict[str, Any]:
    """Return columns that an object may lack as fields of a shape."""
    return {name: (kind, Field(None, description=said)) for name, (kind, said) in of_columns(names).items()}


FigureLinks: Any = shape(
    "FigureLinks",
    "Addresses of a figure.",
    self=str,
    printed_at=(Text, "The document, with a fragment that scrolls to the printed words."),
)
Figure: Any = shape(
    "Figure",
    "One figure. A list shows the default columns, or those that are asked for.",
    **of_some_columns(SHOWN_COLUMNS),
    links=(FigureLinks, "Addresses of the figure."),
)

Meta: Any = shape(
    "Meta", "About an answer: its release.", release=str, digest=(str, "SHA-256 of the SHA256SUMS of the release.")
)
CountMeta: Any = shape(
    "CountMeta",
    "About a list: its release and its length.",
    base=Meta,
    total=(int, "Number of matching rows."),
    returned=(int, "Number of rows in this answer."),
)
SeeAlso: Any = shape(
    "SeeAlso",
    "A link that explains an answer: why figures differ, what no document here answers, or which figure may be meant.",
    kind=(str, "disagreement, unpublished, observation (once had the number), near_miss or sum."),
    **of(str, "id", "title", "url"),
    why=(str, "Why to read it."),
)
FigureMeta: Any = shape(
    "FigureMeta",
    "About a list of figures: its release and its length.",
    base=CountMeta,
    narrower=(dict[str, list[str]], "Codes that a filter found beside those that were asked for."),
    see_also=(list[SeeAlso], "Links that explain the answer."),
)
ByYearMeta: Any = shape(
    "ByYearMeta",
    "About a by-year table. `total` and `returned` count series.",
    base=FigureMeta,
    years=(list[str], "The years of the table, newest first."),
)

WarnedOf: Any = shape("Warned", "A warning about the answer.", **get_type_hints(Warned))
Answer: Any = shape("Answer", "The envelope of a JSON answer.", meta=Meta, warnings=list[WarnedOf], links=Links)


def answer(name: str, about: str, /, data: Any, meta: Any = Meta) -> Any:
    return shape(name, about, base=Answer, data=data, meta=meta)


FigureListAnswer: Any = answer(
    "FigureListAnswer", "A page of figures. `links.next` leads to the next one.", list[Figure], FigureMeta
)

GapOfYear: Any = shape(
    "GapOfYear",
    "Why a year has no number.",
    base=LabelledCode,
    detail=(Text, "Which years are covered, if this one is not."),
)
YearOfSeries: Any = shape(
    "YearOfSeries",
    "The figure of a series for one year, or the reason why there is no number.",
    **of_columns(YEAR_KEYS, is_optional=True),
    gap=GapOfYear | None,
)
WindowOfSeries: Any = shape("WindowOfSeries", "The figure of a series for its whole window.", **of_columns(WINDOW_KEYS))
SeriesRow: Any = shape(
    "SeriesRow",
    "One series: its codes, and its figures by year.",
    **of_columns(SERIES_COLUMNS),
    years=(dict[str, YearOfSeries], "By the labels in `meta.years`."),
    window=(WindowOfSeries | None, "The figure for the whole window, if there is one."),
)
YearRow: Any = shape(
    "YearRow",
    "One year of a series: its figure, or the codes of the series and the gap.",
    **(of_some_columns(SERIES_COLUMNS) | of_columns((*DEFAULT_COLUMNS, "mark"), is_optional=True)),
    gap=(GapOfYear | None, "Why there is no number."),
)
ByYearAnswer: Any = answer(
    "ByYearAnswer",
    "Series by year: rows of series, or with `shape=long` of their years.",
    list[SeriesRow] | list[YearRow],
    ByYearMeta,
)

FigureReference: Any = shape("FigureReference", "Another figure.", **of_columns(REFERENCE_KEYS), url=str)
References = list[FigureReference]

StandingToday: Any = shape(
    "StandingToday",
    "How a figure stands in the newest release. The number is that of today, or of the figure that takes its place.",
    status=LabelledCode,
    since=(Text, "In this state since release."),
    changed=(list[str], "Columns that changed. If the status is current, these are only codes."),
    reason=(Text, "Why it was revised or ended."),
    **of_columns(("printed", "hedge", "value")),
    print_instead=(Text, "What to print instead of a figure that was revised or ended."),
    **of(Text, "replaced_by", "url"),
    detail=(
        Text,
        "If the figure runs longer: its dates. If no release gives the number: what it says, and whose number that is.",
    ),
    corrections=(list[str], "The errors of publishers that concern it, in /v1/corrections."),
)
CitedFigure: Any = shape(
    "CitedFigure",
    "How a figure that somebody printed stands today.",
    base=StandingToday,
    id=str,
    cited=(Text, "The number, as it was given."),
)
StandingListAnswer: Any = answer(
    "StandingListAnswer",
    "How figures stand today, in the order in which they were given.",
    list[CitedFigure],
    CountMeta,
)

ChangedField: Any = create_model(
    "ChangedField",
    __base__=Shape,
    __doc__="A field that changed; of figures, with what it was and is.",
    field=(str, ...),
    before=(Any, None),
    after=(Any, None),
)
ChangeShape: Any = shape(
    "Change",
    "A figure or record that a release added, revised or ended.",
    **of(str, "release", "day", "kind", "id"),
    action=str,
    reason=str | None,
    replaced_by=str | None,
    fields=list[ChangedField],
)
ChangeListAnswer: Any = answer(
    "ChangeListAnswer", "A page of changes. `links.next` leads to the next one.", list[ChangeShape], CountMeta
)

ComparisonOfFigures: Any = shape(
    "ComparisonOfFigures",
    "Whether figures may be put side by side, and along what.",
    verdict=LabelledCode,
    along=Literal["area", "period"] | None,
    reservations=(list[str], "What a comparison must not leave out."),
    sentence=(str, "All of it in words."),
    dimensions=(Objects, "How they relate in each dimension, and what each of them says there."),
    figures=(Objects, "The figures, in the order that was asked for."),
    disagreements=(Objects, "The disagreements that all of them are in."),
)
ComparisonAnswer: Any = answer("ComparisonAnswer", "A comparison.", ComparisonOfFigures)

Evidence: Any = shape(
    "Evidence",
    "Where a figure is printed. In the text with this SHA-256, `text[start:end]` is `exact`.",
    **of(Text, "url", "archived", "sha256"),
    selector=(dict[str, Any] | None, "The place, as a selector of the Web Annotation Data Model."),
    **of(Text, "exact", "before", "after"),
)
RelationsOfFigure: Any = shape(
    "RelationsOfFigure",
    "Figures that it must not be added to, and the one that it is a share of.",
    **of(References, "part_of", "parts"),
    repeats=FigureReference | None,
    repeated_by=References,
    denominator=FigureReference | None,
)
FullFigure: Any = shape(
    "FullFigure",
    "One figure in full.",
    base=Figure,
    origin=(SourceOfFigure | None, "The document that first stated it."),
    caveats=(Objects, "Notes that help readers avoid an error: the id and text of each."),
    evidence=(Evidence, "Where it is printed."),
    relations=(RelationsOfFigure, "Figures that it belongs to."),
    disagreements=(Objects, "Groups of differing figures that it is in, and how they relate in each dimension."),
    checks=(Objects, "Sums, shares and comparisons that it is in, and whether they come out."),
    corrections=(Objects, "Errors of publishers that concern it: what is printed, and what contradicts it."),
    citation=(dict[str, Any], "How to cite it, in this release (CSL-JSON)."),
    versions=(Objects, "What it was in each release, oldest first, and what had changed."),
    standing=(StandingToday, "How it stands today, also in a pinned answer."),
)

OneFigureMeta: Any = shape(
    "OneFigureMeta",
    "What an answer with one figure says of itself.",
    base=Meta,
    see_also=(list[SeeAlso], "The disagreements that it is in."),
)
FigureAnswer: Any = answer(
    "FigureAnswer", "One figure in full, or some of its columns.", FullFigure | Figure, OneFigureMeta
)

Document = dict[str, Any]
RecordAnswer: Any = answer("RecordAnswer", "One record.", dict[str, Any])
RecordListAnswer: Any = answer("RecordListAnswer", "All records of a kind.", Objects, CountMeta)
ReleaseAnswer: Any = shape("ReleaseAnswer", "One release.", data=dict[str, Any], links=Links)
ReleaseListAnswer: Any = shape("ReleaseListAnswer", "All releases.", data=Objects, links=Links)

FaultOfRequest: Any = shape("FaultOfRequest", "One thing that is wrong with a request.", **get_type_hints(Fault))
ProblemDocument: Any = shape(
    "ProblemDocument",
    "An error (RFC 9457). `detail` is a sentence that says what to do; `errors` has everything that is wrong.",
    **of(str, "type", "title"),
    status=int,
    **of(str, "detail", "code"),
    did_you_mean=Text,
    errors=list[FaultOfRequest],
)

Responses = dict[int | str, dict[str, Any]]


def declare(*kinds: type[Problem]) -> Responses:
    """Return the responses of a route in OpenAPI that are problems of these kinds."""
    return {kind.status: {"model": ProblemDocument, "description": kind.title} for kind in kinds}


PROBLEMS = declare(NotFound, InvalidParameters, Unavailable)


def answers(model: Any, *media_types: str) -> Responses:
    """Return the responses of a route in OpenAPI: JSON of a model, tables of these media types, and problems."""
    tables = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {200: {"model": model, "content": tables}, **PROBLEMS, **declare(NotAcceptable)}


def declare_problems(document: dict[str, Any]) -> None:
    """Declare in an OpenAPI document that errors are problem documents. FastAPI calls every model plain JSON."""
    operations = (operation for path in document["paths"].values() for operation in path.values())
    for operation in operations:
        for status, response in operation["responses"].items():
            if status >= "400" and "application/json" in response["content"]:
                response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
