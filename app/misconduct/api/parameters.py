"""The query parameters, as pydantic models. Each is read, checked and documented from its line here."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    TypeVar,
    get_origin,
)
from urllib.parse import parse_qs

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from misconduct.api.values import (
    MAX_VALUES,
    FigureIds,
    Flag,
    Numbers,
    SearchText,
    Several,
    clean,
    reads,
    split,
    split_numbers,
)
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.codes import CodeType
from misconduct.model.dates import read_year_label
from misconduct.model.figure import FIGURE_ID
from misconduct.model.kinds import NoteType
from misconduct.model.points import TOPICS
from misconduct.pictures.canvas import Size, Theme

MAX_ROWS, ROWS_OF_JSON = 1_000, 100
ROWS_OF_SEARCH = 10  # so that an answer is read whole

Number = Annotated[
    int, reads(r"\d{1,9}", "a number of one to nine digits, such as 100", int)
]
Day = Annotated[
    date, reads(r"\d{4}-\d{2}-\d{2}", "a day, such as 2026-11-21", date.fromisoformat)
]


def from_query(model: type[BaseModel], pictures: type[BaseModel] | None = None) -> Any:
    """Return the dependency that reads the query of a request as a model: `Annotated[Pinned, from_query(Pinned)]`.

    FastAPI's own `Query()` takes five times as long to read the parameters of a list, and takes the last value of
    one that is given twice. This one raises RequestValidationError with all that is wrong, also for that. `pictures` is
    read in place of the model if the address is that of a picture.
    """
    of_table, of_picture = _reader(model), _reader(pictures or model)

    async def find(request: Request) -> BaseModel:
        is_picture = request.scope.get("suffix") in PICTURES
        return of_picture(request) if is_picture else of_table(request)

    return Depends(find)


Query = TypeVar("Query", bound=BaseModel)


def _reader(model: type[BaseModel]) -> Callable[[Request], BaseModel]:
    def find(request: Request) -> BaseModel:
        return read_query(model, group(request.query_params.multi_items()))

    return find


def read_query(model: type[Query], given: Mapping[str, Sequence[str]]) -> Query:
    """Return the values of parameters as a model. Raises RequestValidationError with all that is wrong."""
    lists = {
        name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is list
    }
    single, errors = model.model_fields.keys() - lists, list[Any]()
    for name, values in given.items():
        if name in single and values[1:]:
            place = ("query", name)
            error = {"type": "repeated", "loc": place, "msg": "", "input": values}
            errors.append(error)
    repeated = {error["loc"][1] for error in errors}
    try:
        found = model.model_validate(
            {
                name: values if name in lists else _take_one(name, values, single)
                for name, values in given.items()
            }
        )
    except ValidationError as error:
        others = [
            one for one in error.errors() if not repeated.intersection(one["loc"][:1])
        ]
        errors += [{**one, "loc": ("query", *one["loc"])} for one in others]
    if errors:
        raise RequestValidationError(errors)
    return found


def _take_one(name: str, values: Sequence[str], single: Collection[str]) -> str:
    """Return the value of a parameter that has one; of an unknown one, which may be a list elsewhere, all of them."""
    return values[-1] if name in single else ",".join(values)


def group(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of each parameter."""
    found = defaultdict[str, list[str]](list)
    for name, value in pairs:
        found[name].append(value)
    return dict(found)


class Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Pinned(Nothing):
    release: str | None = Field(
        None,
        description="Number of a release: 5.3.0. Default: latest.",
        examples=["5.3.0"],
    )


class OfText(Pinned):
    published: Day | None = Field(
        None,
        description="The day on which the text was published: 2023-05-01. “Now” in it means that day, and each figure "
        "says what has changed since. Default: today.",
    )


class Drawn(Nothing):
    size: Size = Field(
        "wide",
        description="Of pictures: wide (720 pixels), narrow (360), or card (1200 by 630).",
    )
    theme: Theme = Field(
        "light",
        description="Of pictures: light, dark, or auto: what the reader prefers (only SVG).",
    )


class ColumnsQuery(Nothing):
    """Which columns of its rows an answer has."""

    columns: Several = Field(
        [], description="Only these columns, in this order; `all` for every column."
    )


class OneChart(Pinned, Drawn):
    """The parameters of a chart of the register."""


class ChartQuery(ColumnsQuery, OneChart):
    """The parameters of a chart with its rows."""


def _read_years(text: str) -> tuple[int, int]:
    """Read 2024, 2024/25, 2020..2024, ..2010 or 2020.. as the first and the last year."""
    first, dots, last = text.partition("..")
    if not dots:
        year = int(read_year_label(text)[:4])
        return year, year
    years = [read_year_label(year)[:4] if year else "" for year in (first, last)]
    if not any(years):
        raise ValueError(f"{text!r} is no span of years, such as 2020..2024")
    return int(years[0] or 0), int(years[1] or NO_LAST_YEAR)


NO_LAST_YEAR = 9_999
Spans = Annotated[
    list[Annotated[Any, AfterValidator(_read_years)]],
    BeforeValidator(split),
    Field(max_length=MAX_VALUES),
]


class RowQuery(ColumnsQuery, Pinned):
    """The filters of rows. A parameter has the name of the column that it narrows, and takes codes and words."""

    reads_names: ClassVar[bool] = True

    area: Several = Field(
        [],
        description="Places or forces, by name, short name or code: met, gb_eaw. within:gb_eaw are all inside it.",
    )
    year: Spans = Field(
        [],
        description="Years: 2024, 2024/25, 2020..2024, ..2010. Of twelve months, the year in which they begin.",
    )
    category: Several = Field(
        [], description="Kinds of misconduct, by code or in words; with narrower ones."
    )
    people: Several = Field([], description="Whom figures are about: officers.")
    statistic: Several = Field(
        [], description="Kinds of number: count, share, rate, mean, change."
    )
    vetting_check: Several = Field([], description="The check that found it: vetting.")
    vetting_result: Several = Field([], description="What the check found.")
    source: Annotated[
        list[str], AfterValidator(clean), Field(max_length=MAX_VALUES)
    ] = Field([], description="A document by its id; a publisher or speaker by name.")


class TableQuery(RowQuery):
    """The parameters of a table."""

    by: Literal["kind"] | None = Field(
        None, description="kind: open totals into their kinds."
    )
    all: Flag = Field(
        "0",
        description="1: every series, also parts, other groups and what is before a break.",
    )
    latest: Flag = Field("0", description="1: only the newest number of each series.")
    wide: Flag = Field("0", description="1: a column for each year.")


class DrawnTable(Drawn, TableQuery):
    """The parameters of a picture of a table."""


class RowsOfPage(Nothing):
    """Which part of many rows an answer in JSON has; files have all unless it is given."""

    limit: Annotated[Number | None, Field(ge=1, le=MAX_ROWS)] = Field(
        None,
        description=f"Rows, up to {MAX_ROWS}, which JSON has by default; files have all.",
    )
    offset: Annotated[Number, Field(ge=0)] = Field(
        0, description="Rows to skip. `links.next` sets it for you."
    )

    def most(self, suffix: str) -> int | None:
        """Return the most rows of an answer."""
        return self.limit or (None if suffix in FORMATS else MAX_ROWS)


class TopicQuery(RowsOfPage, TableQuery):
    """The parameters of the table of a topic."""

    indicator: Several = Field(
        [], description="What is counted: suspended_on_a_day, of /v1/indicators."
    )


class FigureQuery(RowsOfPage, RowQuery):
    """The parameters of the list of all figures."""

    topic: Several = Field([], description=f"Topics: {', '.join(TOPICS)}.")
    indicator: Several = Field(
        [], description="What is counted: suspended_on_a_day, of /v1/indicators."
    )
    id: FigureIds = Field([], description="Ids of figures: k7m3q.")
    value: Numbers = Field([], description="Exactly these numbers: 1492, 1,492.")
    q: SearchText | None = Field(
        None, description="Words or a number, as you found them: nearly 1,000."
    )
    sort: str | None = Field(
        None,
        description="A column, with - before it for the last first: -period_end. "
        "Default: as tables are ordered, or with q what matches best.",
    )


class QuestionQuery(RowsOfPage, ColumnsQuery, Pinned):
    """The parameters of a search."""

    limit: Annotated[Number | None, Field(ge=1, le=MAX_ROWS)] = Field(
        None,
        description=f"Rows. Default: {ROWS_OF_SEARCH} in JSON, all in files.",
    )
    q: SearchText = Field(
        description="A question in words, or a number: officers suspended Met, 1,071."
    )

    def most(self, suffix: str) -> int | None:
        """Return the most rows of an answer."""
        return self.limit or (None if suffix in FORMATS else ROWS_OF_SEARCH)


class AreaQuery(ColumnsQuery, Pinned):
    """The parameters of what is newest in some areas."""


class GapList(Pinned):
    area: Several = Field(
        [], description="Only these forces, or those in these places: E23000001."
    )


class Paged(Nothing):
    limit: Annotated[Number | None, Field(ge=1, le=MAX_ROWS)] = Field(
        None,
        description=f"Maximum rows (series in by-year tables), up to {MAX_ROWS}. "
        f"Default: {ROWS_OF_JSON} in JSON, all in tables.",
    )
    offset: Annotated[Number, Field(ge=0)] = Field(
        0, description="How many rows to skip. `links.next` sets it for you."
    )

    def most(self, suffix: str) -> int | None:
        return self.limit or (None if suffix in FORMATS else ROWS_OF_JSON)


class Citation(NamedTuple):
    id: str
    number: str | None
    release: str | None


_CITATION = re.compile(
    rf"(?:https?://[^/]+(?:/v1)?/figures/)?(?P<id>{FIGURE_ID})(?:\?(?P<query>[^:]*))?(?::(?!//)(?P<number>.*))?"
)


def read_citation(text: str) -> Citation:
    """Read k7m3q, k7m3q:1492, or the address of a figure, with or without a number after it. Raises ValueError."""
    if (match := _CITATION.fullmatch(text)) is None:
        raise ValueError(
            f"{text[:80]!r} is not a figure, such as k7m3q, or a figure and its number: k7m3q:1492"
        )
    releases = parse_qs(match["query"] or "").get("release", [None])
    return Citation(match["id"], (match["number"] or "").strip() or None, releases[0])


def _check_citations(texts: list[str]) -> list[str]:
    if not texts:
        raise ValueError("Name the figures that you printed: id=k7m3q:1492,gb7nr")
    for text in texts:
        read_citation(text)
    return texts


class StandingOf(Pinned):
    id: Annotated[
        list[str],
        BeforeValidator(split_numbers),
        AfterValidator(_check_citations),
        Field(max_length=MAX_VALUES),
    ] = Field(
        [],
        validate_default=True,
        description="Figures that you printed, alone or with the number: k7m3q:1492. An address may name a release.",
    )


class IndicatorList(Pinned):
    """The filters of the list of indicators."""

    reads_names: ClassVar[bool] = True

    topic: Several = Field(
        [], description=f"Only those of these topics: {', '.join(TOPICS)}."
    )
    area: Several = Field(
        [], description="Only those of which these areas have a row: met, gb_eaw."
    )


class AreaList(Pinned):
    """The filters of the list of areas."""

    topic: Several = Field(
        [], description=f"Only areas with a row of these topics: {', '.join(TOPICS)}."
    )
    indicator: Several = Field(
        [], description="Only areas with a row of these indicators."
    )


class NoteList(Pinned):
    type: Annotated[list[NoteType], BeforeValidator(split)] = Field(
        [], description="Only these: caveat, disagreement, correction, unpublished."
    )


class CodeList(Pinned):
    type: Annotated[list[CodeType], BeforeValidator(split)] = Field(
        [],
        description="Only the codes of these columns and fields: category, people, said_by.",
    )


ChangeType = Literal["added", "revised", "continued", "recoded", "withdrawn"]


class Changed(Nothing):
    """Which changes are asked for."""

    since: str | None = Field(
        None,
        description="Only changes after this release, or from this day on: 6.0.0, 2026-12-01. Default: all.",
    )
    type: Annotated[list[ChangeType], BeforeValidator(split)] = Field(
        [], description="Only these: added, revised, continued, recoded, withdrawn."
    )
    topic: Several = Field(
        [], description="Only changes of figures of these topics: allegations."
    )
    area: Several = Field(
        [],
        description="Only changes of figures about these areas, or areas in them: E23000001.",
    )
    id: Several = Field([], description="Only changes of these figures: k7m3q.")


class ChangeList(Changed, Paged, Pinned):
    """The parameters of the list of changes."""
