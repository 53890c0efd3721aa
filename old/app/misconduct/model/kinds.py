"""Every kind of record: its fields, what they mention, its file, its page, and what answers show of it.

The register's checks, the tables of a bundle, routes and pages, the models of OpenAPI, the sitemap and the weight of a
release all follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from misconduct.model.filters import FILTERS
from misconduct.model.locator import text_span
from misconduct.model.observation import OBSERVATION_ID
from misconduct.model.period import bounds, read_year_label

CODE = r"^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
NOTATION = r"^[A-Za-z0-9]+([._/:-][A-Za-z0-9]+)*$"
DIGEST = r"^[0-9a-f]{64}$"
NUMBER = r"^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
ADDRESS = r"^https?://\S+$"
MEDIA_TYPE = r"^[a-z]+/[a-z0-9.+-]+$"
ROWS = r"^([1-9][0-9]{0,9}(-([1-9][0-9]{0,9}|\*))?|cell=[1-9][0-9]{0,9},[1-9][0-9]{0,9})$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$"

SPAN = r"^[0-9-]{4,10}/[0-9-]{4,10}$"
BEGINS = r"^--(0[1-9]|1[0-2])-01$"
COLUMN = r"^_?[a-z][a-z0-9_]*$"
FORMS = {
    CODE: "words of letters and digits joined by _, a letter first",
    SLUG: "words of lower-case letters and digits joined by -, a letter first",
    NOTATION: "letters and digits joined by . _ / : or -, as the scheme writes it",
    DIGEST: "64 hexadecimal digits in lower case",
    NUMBER: "three numbers: 1.0.0",
    DAY: "a day: YYYY-MM-DD",
    ADDRESS: "an address that begins with http:// or https://",
    MEDIA_TYPE: "an IANA media type: text/plain",
    ROWS: "rows of the file: 49, 49-52, or 49-* to its end; or a cell: cell=4,3",
    LANGUAGE: "a BCP 47 language tag: en-GB",
    SPAN: "the first and the last day or month: 2015-04/2021-03",
    BEGINS: "the day on which a year begins: --04-01",
    COLUMN: "the name of a column: words of lower-case letters and digits joined by _",
}
"""The patterns in words, for error messages."""


def _is_date(text: str) -> str:
    bounds(text)
    return text


def _is_place(text: str) -> str:
    text_span(text)
    return text


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _is_year_label(text: str) -> str:
    if "/" not in text or read_year_label(text) != text:
        raise ValueError(f"{text!r} is not a year: 2022, or 2019/20 for twelve months that begin in 2019")
    return text


Code = Annotated[str, StringConstraints(pattern=CODE)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
ReducedDate = Annotated[str, AfterValidator(_is_date)]
YearLabel = Annotated[str, AfterValidator(_is_year_label)]
Day = Annotated[str, StringConstraints(pattern=DAY), AfterValidator(_is_day)]
LONGEST_TEXT = 2_000
"""Characters of a text that may be in each of a thousand figures of an answer: a `Sentence`, or in drafts any other."""

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, strip_whitespace=True)]
Explanation = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]
"""Text that only the record itself shows."""

Digest = Annotated[str, StringConstraints(pattern=DIGEST)]
Address = Annotated[str, StringConstraints(pattern=ADDRESS)]
ObservationId = Annotated[str, StringConstraints(pattern=rf"^{OBSERVATION_ID.pattern}$")]
Place = Annotated[str, AfterValidator(_is_place)]


# Marks on fields --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ref:
    """Mark a text as the id of another record: of a code in a list, or of a record of another kind.

    `Ref("code")` marks a code with its list: `stage/allegation`. With `or_ended` the record need not be in force.
    """

    to: str
    or_ended: bool = False


@dataclass(frozen=True)
class RefsByKey:
    """Mark a mapping whose keys name lists and whose values hold codes of them, but for the keys `renamed`."""

    renamed: Mapping[str, str]


@dataclass(frozen=True)
class Quotation:
    """Mark a place in a document: the keys of the document's source and of the words at that place."""

    source: str
    printed: str


class Mark(NamedTuple):
    """Mark a field in a way that takes no argument."""

    name: str


EACH = Mark("each")
"""A step to each item of a list."""

Steps = tuple[str | Mark, ...]

OWN_LIST = Ref("")
"""A code of the same list."""

WORDING = Mark("wording")
"""A change of it does not change what the record says."""

NOTED = Mark("noted")
"""Where it is null, `notes` says why."""

OPEN = Mark("open")
"""A closed list in the register, which answers show as a plain text, so that it may grow."""

Observed = Annotated[ObservationId, Ref("observation")]
DATE = "As precise as known: YYYY, YYYY-MM or YYYY-MM-DD."
NOTES = "By key: what there is to say about it, and why it is null."
PLACE = "Place in the source (RFC 5147 or RFC 7111 fragment)."
FIGURES = "Figures' ids."


def plain_type(annotation: Any, of_model: Callable[[type[BaseModel]], Any] = lambda model: model) -> Any:
    """Strip constraints and marks from the type of a field; `of_model` stands in for the models inside."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return of_model(annotation)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return plain_type(inner[0], of_model)
    if origin in (Union, UnionType):
        return reduce(or_, (plain_type(one, of_model) for one in inner))
    if origin is dict:
        return dict[str, plain_type(inner[1], of_model)]  # type: ignore[misc]
    return list[plain_type(inner[0], of_model)] if origin is list else annotation  # type: ignore[misc]


# The kinds --------------------------------------------------------------------------------------------------------


class Part(BaseModel):
    """A mapping inside a record."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Content(Part):
    """The fields of every kind of record."""

    id: str
    version: Annotated[int, Field(ge=1)]


class CodeRecord(Content):
    """One code: what it means, and whose definition that is. Its id is `<list>/<code>`."""

    label: Annotated[Sentence, WORDING] = Field(description="The code in words.")
    definition: Sentence = Field(description="What it means.")
    broader: Annotated[Code | None, OWN_LIST] = Field(
        None, description="The broader code (SKOS broader); null at the top."
    )
    defined_by: Annotated[Sentence, WORDING] = Field(description="Whose definition it is.")
    scheme: Annotated[Slug | None, WORDING] = Field(
        None, description="The scheme that has its notation: gss, iso-3166-1, iso-3166-2, fips-place, ori or another."
    )
    notation: Annotated[Annotated[str, StringConstraints(pattern=NOTATION)] | None, WORDING] = Field(
        None, description="What that scheme calls it (SKOS notation): E23000001, US-PA. A filter takes it for the code."
    )
    same_as: Annotated[Address | None, WORDING] = Field(
        None, description="Address of the same thing elsewhere (SKOS exactMatch)."
    )
    close: Annotated[list[Annotated[Code, OWN_LIST]], WORDING] = Field(
        default_factory=list,
        description="Codes that mean nearly the same and are not above or below it (SKOS closeMatch).",
    )
    narrower: list[Annotated[Code, OWN_LIST]] = Field(
        default_factory=list,
        description="Codes below it that do not name it as their broader code (SKOS narrower).",
    )


class Source(Content):
    """A document. Each null field has its reason in `notes`."""

    id: Slug
    title: Annotated[Sentence | None, NOTED] = Field(None, description="Title as printed.")
    publisher: Annotated[Sentence | None, NOTED] = Field(None, description="Who published it.")
    byline: Annotated[Sentence | None, NOTED] = Field(None, description="Who wrote it, as printed.")
    published: Annotated[ReducedDate | None, NOTED] = Field(None, description=DATE)
    url: Annotated[Address | None, NOTED] = Field(None, description="Its address.")
    media_type: Annotated[Annotated[str, StringConstraints(pattern=MEDIA_TYPE)] | None, NOTED] = Field(
        None, description="IANA media type of the copy that was read."
    )
    language: Annotated[Annotated[str, StringConstraints(pattern=LANGUAGE)] | None, NOTED] = Field(
        None, description="BCP 47."
    )
    licence: Annotated[Sentence | None, NOTED] = Field(None, description="Its own licence.")
    held: bool = Field(description="Whether a copy was read. Only then are there locators and a hash.")
    length: Annotated[Annotated[int, Field(ge=0)] | None, NOTED, WORDING] = Field(
        None, description="Length in code points."
    )
    sha256: Annotated[Digest | None, NOTED, WORDING] = Field(
        None, description="SHA-256 of the bytes that locators refer to."
    )
    retrieved: Annotated[ReducedDate | None, NOTED, WORDING] = Field(None, description="When the copy was taken.")
    work: Slug | None = Field(
        None,
        description="Slug of the publication of which this is one edition: an annual table, a corrected article. A "
        "series continues across the editions of a work.",
    )
    notes: Annotated[dict[str, Sentence], WORDING] = Field(default_factory=dict, description=NOTES)


class Caveat(Content):
    """A note that travels with a figure in every format."""

    id: Code
    text: Annotated[Sentence, WORDING] = Field(description="The note.")


class Dataset(Content):
    """A view of the figures: those with one of its measures."""

    id: Slug
    title: Annotated[Sentence, WORDING] = Field(description="Title.")
    description: Annotated[Sentence, WORDING] = Field(description="What its figures count.")
    measures: Annotated[list[Annotated[Code, Ref("measure")]], Field(min_length=1)] = Field(
        description="Codes of the list `measure`."
    )
    limits: Annotated[list[Sentence], WORDING] = Field(
        default_factory=list, description="What its figures cannot show."
    )


class ReleaseRecord(Content):
    """A release: `id` is its number, `previous` the digest of the release before it."""

    id: Annotated[str, StringConstraints(pattern=NUMBER)]
    version: Literal[1]
    released: Day = Field(description="UTC day.")
    summary: Sentence = Field(description="What changed.")
    previous: Digest | None = Field(None, description="Digest of the release before it.")


class Check(Content):
    """An arithmetic identity among figures. It never changes a figure, and fails only if a source states it."""

    id: Slug
    type: Literal["sum_of_parts", "subset", "share", "yearly_parts"] = Field(
        description="Code of the list `check_type`."
    )
    title: Sentence = Field(description="The identity as a question.")
    whole: Observed = Field(description="Id of a figure.")
    parts: Annotated[list[Observed], Field(min_length=1)] = Field(description=FIGURES)
    share: Observed | None = Field(None, description="Id of a figure in checks of type `share`; null in others.")
    explanation: Explanation | None = Field(None, description="Why it fails or cannot be decided, if known.")
    asserted: bool = Field(
        default=False, description="Whether a source states the identity, or only the register asks."
    )

    @model_validator(mode="after")
    def _share_is_named(self) -> Self:
        if (self.type == "share") != (self.share is not None):
            raise ValueError("share names an observation in checks of the type share, and in no others")
        if self.type == "share" and len(self.parts) != 1:
            raise ValueError("a share has one part")
        return self


MOST_MEMBERS = 1_000
"""Figures of a disagreement, which are compared with one another."""


class QuestionAnswered(Part):
    """Which of several figures answers which question."""

    question: Sentence
    observation: Observed


class Disagreement(Content):
    """Figures that look like the same thing but differ."""

    id: Slug
    title: Sentence = Field(description="Title.")
    question: Sentence = Field(description="The question that its figures seem to answer.")
    members: Annotated[list[Observed], Field(min_length=2, max_length=MOST_MEMBERS)] = Field(description=FIGURES)
    reasons: Annotated[list[Annotated[Code, Ref("disagreement_reason")]], Field(min_length=1)] = Field(
        description="Codes of the list `disagreement_reason`."
    )
    explanation: Explanation = Field(description="Why the figures differ.")
    answers: list[QuestionAnswered] = Field(default_factory=list, description="Which question each figure answers.")


class Correction(Content):
    """A publisher's error, with both readings. Each null field has its reason in `notes`."""

    id: Slug
    source: Annotated[Slug, Ref("source")] = Field(description="Id of the source with the error.")
    at: Annotated[Place, Quotation("source", "printed")] = Field(description=PLACE)
    printed: Sentence = Field(description="The printed words.")
    reading: Sentence = Field(description="What they say.")
    other_source: Annotated[Slug, Ref("source")] = Field(description="Id of the source that contradicts it.")
    other_at: Annotated[Place | None, Quotation("other_source", "other_printed"), NOTED] = Field(
        None, description=PLACE
    )
    other_printed: Annotated[Sentence | None, NOTED] = Field(None, description="The words there.")
    other_reading: Sentence = Field(description="What those say.")
    explanation: Explanation = Field(description="What is known about the error.")
    affects: list[Annotated[ObservationId, Ref("observation", or_ended=True)]] = Field(
        default_factory=list, description=f"{FIGURES[:-1]}, also of those that it ends."
    )
    publisher_told: Annotated[Day | None, NOTED] = Field(None, description="UTC day.")
    notes: dict[str, Sentence] = Field(default_factory=dict, description=NOTES)


class CoverageShape(Part):
    """The gaps that a non-publication explains: these years of the series with one of the codes of each dimension."""

    area: Annotated[list[Annotated[Code, Ref("area")]], Field(min_length=1)]
    measure: list[Annotated[Code, Ref("measure")]] = Field(default_factory=list, description="Empty: any.")
    category: list[Annotated[Code, Ref("category")]] = Field(default_factory=list, description="Empty: any.")
    years: Annotated[list[int | YearLabel], Field(min_length=1, description="Each a year: 2022, or its label 2019/20.")]


class NonPublication(Content):
    """A refusal to publish. Each null field has its reason in `notes`."""

    id: Slug
    asked: Annotated[Code, Ref("stated_by")] = Field(description="Who refused: code of the list `stated_by`.")
    asked_by: Sentence = Field(description="Who asked.")
    law: Sentence = Field(description="Law under which it was asked.")
    ground: Sentence = Field(description="Reason given for the refusal.")
    since: Annotated[ReducedDate | None, NOTED] = Field(None, description=DATE)
    until: Annotated[ReducedDate | None, NOTED] = Field(None, description=DATE)
    source: Annotated[Slug, Ref("source")] = Field(description="Id of the source that reports it.")
    at: Annotated[Place, Quotation("source", "printed")] = Field(description=PLACE)
    printed: Sentence = Field(description="The printed words.")
    what: Sentence = Field(description="What was asked for.")
    explanation: Explanation = Field(description="What is known about the refusal.")
    covers: CoverageShape | None = Field(None, description="Null if it explains no gap in this register.")
    notes: dict[str, Sentence] = Field(default_factory=dict, description=NOTES)


CLASSIFIED = {
    "population_group": "Coarse group of the population: officers, staff, officers_and_staff, public, unstated.",
    "vetting_check": "Check of the workforce that found it.",
    "vetting_result": "What that check found.",
    "stock_or_flow": "stock: as at one time; flow: over a period.",
    "stage": "How far the matter had gone: from an allegation to an outcome.",
}
"""The lists whose codes figures get by classification, each with the description of its column."""

CLASSIFIED_BY = ("measure", "category", "population", "period_type")
"""The columns by whose codes figures are classified."""

if TYPE_CHECKING:
    ChartFilter = str
    ChartForm = str
    ClassifiedBy = str
else:
    ChartFilter = Literal["id", *(name for name, one in FILTERS.items() if one.takes_codes)]
    ClassifiedBy = Literal["observation", *CLASSIFIED_BY]
    ChartForm = Literal["dots", "bars", "columns", "divided", "steps", "grid", "timeline", "number", "numbers"]
"""The filters by which a chart chooses its figures, and the columns by which figures get a code."""


class Relation(Content):
    """What figures are to another figure: its stated parts, the same claim printed again, or shares of it."""

    id: Slug
    type: Annotated[Literal["part_of", "repeats", "denominator"], OPEN] = Field(
        description="`part_of`: parts that the source states; `repeats`: the same claim from the same origin, printed "
        "again; `denominator`: shares of it."
    )
    figures: Annotated[list[Observed], Field(min_length=1)] = Field(description=FIGURES)
    of: Observed = Field(description="Id of the whole, of the first printing, or of what the shares are shares of.")
    explanation: Annotated[Explanation | None, WORDING] = Field(
        None, description="Why it is said; needed where a part is larger than its whole."
    )


def _is_classified(text: str) -> str:
    if text.partition("/")[0] not in CLASSIFIED or not text.partition("/")[2]:
        raise ValueError(f"a list and a code of it, stage/allegation; the lists are {', '.join(CLASSIFIED)}")
    return text


class Classification(Content):
    """A code that figures get from what they state: from a code in one of their columns, or by their ids."""

    id: Slug
    code: Annotated[str, AfterValidator(_is_classified), Ref("code")] = Field(
        description="List and code: `stage/allegation`."
    )
    of: Annotated[
        dict[ClassifiedBy, Annotated[list[Sentence], Field(min_length=1)]],
        RefsByKey({}),
        Field(min_length=1, max_length=1),
        OPEN,
    ] = Field(description="The codes or figures that have it, by the name of their column.")


class NotPublished(Content):
    """A question that none of the sources answers."""

    id: Slug
    question: Sentence = Field(description="The question.")
    measure: Annotated[list[Annotated[Code, Ref("measure")]], Field(min_length=1)] = Field(
        description="Codes of the list `measure`: what no source states."
    )
    category: list[Annotated[Code, Ref("category")]] = Field(default_factory=list, description="Empty: any.")
    datasets: Annotated[list[Annotated[Slug, Ref("dataset")]], Field(min_length=1)] = Field(
        description="Where one would look for it."
    )
    searched: Annotated[list[Annotated[Slug, Ref("source")]], Field(min_length=1)] = Field(
        description="The sources that were read for it."
    )
    explanation: Explanation = Field(description="What the sources state instead.")


LONGEST_QUOTE = 40
"""Characters on each side of a figure: enough to find it, and too few to read the document by them."""

Extract = Annotated[str, StringConstraints(max_length=LONGEST_QUOTE)]


class QuotedPlace(Part):
    """The words before and after a place in a document (W3C TextQuoteSelector)."""

    at: Place
    prefix: Extract = ""
    suffix: Extract = ""


class Quotes(Content):
    """The words around the figures of a source, by which a browser finds them in its document."""

    id: Annotated[Slug, Ref("source")]
    places: Annotated[list[QuotedPlace], Field(min_length=1), WORDING] = Field(
        description="Each place of a figure, with the words on both sides."
    )


LinkStatus = Literal[
    "answers", "changed", "moved_permanently", "moved_temporarily", "not_found", "gone", "too_many_requests", "refused",
    "server_error", "too_many_redirects", "timeout", "unreachable", "refused_address",
]  # fmt: skip
"""The result of asking for an address. `changed` answers too, with another body than the one noted before; `refused` is
any other 4xx; `refused_address` was never asked, because it is a private one."""


class LinkCheck(Content):
    """Whether a source's address still answered when it was last checked."""

    id: Annotated[Slug, Ref("source")]
    checked: Annotated[Day, WORDING] = Field(description="UTC day.")
    address: Annotated[Address, WORDING] = Field(description="The address that was asked.")
    status: Annotated[LinkStatus, WORDING] = Field(description="What came back.")
    final_address: Annotated[Address | None, WORDING] = Field(
        None, description="Address after redirects, if different."
    )
    archived: Annotated[Address | None, WORDING] = Field(None, description="Archived copy; null if none is known.")
    body_sha256: Annotated[Digest | None, WORDING] = Field(
        None, description="SHA-256 of the response body; null if it was not read."
    )


# Case-level tables: only counts of their rows leave the machine -----------------------------------------------------

Codes = Annotated[list[Sentence], Field(min_length=1)]
Columns = Annotated[list[Code], Field(min_length=1)]


class YearOf(Part):
    """The year by which rows are counted: the column with its date or number, and the day on which a year begins."""

    of: Code
    start: Annotated[str, StringConstraints(pattern=BEGINS)] = "--01-01"
    century: Annotated[int, Field(ge=1800, le=2100, multiple_of=100)] | None = None


class Distinct(Part):
    """Count the distinct cells of a column, not the rows."""

    distinct: Code


class SkippedCases(Part):
    """Rows that are not counted: those with any of these cells in each of the columns."""

    where: Annotated[dict[Code, str | Codes], Field(min_length=1)]
    reason: Sentence


class Suppression(Part):
    """Which numbers are hidden: those from 1 to below `below`, and others, so that no total gives them away.

    `totals` are the sums that somebody has published, each by the columns by which it is: `year`, or several.
    """

    below: Annotated[int, Field(ge=1, le=1000)]
    totals: list[Code | Columns] = Field(default_factory=list)


class Aggregate(Part):
    """How the rows of a case-level table are counted: nothing finer than `by` and the year leaves the machine."""

    by: Columns
    year: YearOf | None = None
    covers: Annotated[str, StringConstraints(pattern=SPAN)] = Field(
        description="The first and the last day of which the file has every row: 2015-04/2021-03."
    )
    count: Literal["rows"] | Distinct = "rows"
    zeros: Literal["stated"] | None = Field(None, description="stated: what has no row was counted, and is 0.")
    skip: list[SkippedCases] = Field(default_factory=list)
    suppress: Suppression


class Chart(Content):
    """A chart of figures."""

    id: Slug
    title: Annotated[Sentence, WORDING] = Field(description="Title: what its figures say.")
    subtitle: Annotated[Sentence | None, WORDING] = Field(None, description="What is counted, where and when.")
    description: Annotated[Sentence, WORDING] = Field(description="What the chart shows, in words.")
    dataset: Annotated[Slug | None, Ref("dataset")] = Field(None, description="Id of the dataset whose page shows it.")
    form: Annotated[ChartForm | None, WORDING, OPEN] = Field(
        None, description="`columns` and `grid` are by year. Null: the figures decide."
    )
    mark: Annotated[Literal["bar", "column", "line"] | None, WORDING, OPEN] = Field(
        None, description="What charts had before release 2.1.0: `bar`: by figure; `column`, `line`: by year."
    )
    query: Annotated[
        dict[ChartFilter, Annotated[list[Sentence], Field(min_length=1)]],
        RefsByKey({"origin": "source", "id": "observation"}),
        OPEN,
    ] = Field(description="The filters that choose its figures.")
    emphasis: Annotated[list[Observed], WORDING] = Field(
        default_factory=list, description="Ids of the figures that stand out."
    )
    allow_breaks: bool = Field(
        default=False, description="Whether series that differ in population or counting unit share a panel."
    )
    note: Annotated[Sentence | None, WORDING] = Field(None, description="Note below the chart.")


# Published tables: the words are those of CSVW and SSSOM ----------------------------------------------------------


def _is_period(text: str) -> str:
    start, _, end = text.partition("/")
    for part in (start, end) if "/" in text else (start,):
        bounds(part)
    return text


Period = Annotated[str, AfterValidator(_is_period)]
"""2015, 2015-04/2015-12: one date, or the first and the last."""

TermMatch = Literal["skos:exactMatch", "skos:broadMatch", "skos:narrowMatch", "skos:closeMatch"]
NO_TERM = "sssom:NoTermFound"


class Dialect(Part):
    """How the cells of a file are written (CSVW); `sheetName` is of the Frictionless Table Dialect."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    quoteChar: Literal['"'] | None = None  # noqa: N815 (CSVW's word, as all in these classes)
    encoding: Sentence = "utf-8"
    headerRowCount: Annotated[int, Field(ge=1, le=20)] = 1  # noqa: N815
    skipRows: Annotated[int, Field(ge=0)] = 0  # noqa: N815
    sheetName: Sentence | None = None  # noqa: N815


DATES = ("gYear", "gYearMonth", "date", "dateTime", "datetime")
_VARIABLE = re.compile(r"[*+?]|\{\d*,\d*\}", re.ASCII)
_MOST_VARIABLE, _MOST_ALTERNATIVES = 3, 5


def _check_pattern(written: str) -> None:
    """Raise ValueError for a pattern that cannot be read, or that could take for ever on some cell."""
    bare = re.sub(r"(?s)\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", written)
    if re.search(r"\)(?:[*+?]|\{)|\(\?|\\\d", bare) or re.search(r"\\[1-9]", written):
        raise ValueError(f"{written!r}: no group is repeated, and none begins with (?")
    if len(_VARIABLE.findall(bare)) > _MOST_VARIABLE or bare.count("|") > _MOST_ALTERNATIVES:
        allowed = f"at most {_MOST_VARIABLE} of * + ? {{1,2}}, and {_MOST_ALTERNATIVES} of |"
        raise ValueError(f"{written!r} may take too long: {allowed}")
    try:
        re.compile(written)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{written!r} is not a pattern: {error}") from error


def _check_date_format(written: str) -> None:
    fields = re.findall("y+|M+|d+", re.split("[T ]", written)[0])
    if (
        "yyyy" not in fields
        or not {*fields} <= {"yyyy", "MM", "M", "dd", "d"}
        or len({one[0] for one in fields}) < len(fields)
    ):
        raise ValueError(f"{written!r} is not a format of dates: yyyy, MM or M, dd or d, each once")


Sign = Annotated[str, StringConstraints(pattern=r"^[^\w%+−-]$")]


class NumberFormat(Part):
    """How numbers are written: `1.204,5` has the group character `.` and the decimal character `,`."""

    groupChar: Sign = ","  # noqa: N815
    decimalChar: Sign = "."  # noqa: N815

    @model_validator(mode="after")
    def _has_two_signs(self) -> Self:
        if self.groupChar == self.decimalChar:
            raise ValueError(f"groupChar and decimalChar are both {self.groupChar!r}")
        return self


class Datatype(Part):
    """The datatype of a column, with the format of its cells."""

    base: Sentence
    format: Sentence | NumberFormat | None = None


class TableColumn(Part):
    """A column of the table, or a virtual one that gives every figure the same."""

    name: Annotated[str, StringConstraints(pattern=COLUMN)] | None = None
    titles: Sentence | Annotated[list[Sentence], Field(min_length=1)] | None = None
    datatype: Sentence | Datatype | None = None
    virtual: bool = False
    default: Sentence | None = None
    suppressOutput: bool = False  # noqa: N815
    reason: Sentence | None = Field(None, alias="dc:description")

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        if self.name is None and not (self.suppressOutput and self.titles):
            raise ValueError("there is no name; one with suppressOutput: true has titles at least")
        if isinstance(self.datatype, Datatype) and isinstance(self.datatype.format, str):
            check = _check_date_format if self.datatype.base in DATES else _check_pattern
            check(self.datatype.format)
        return self


class Reference(Part):
    """The mapping in which the words of a column are."""

    resource: Annotated[Slug, BeforeValidator(lambda name: str(name).removesuffix(".sssom.tsv")), Ref("mapping")]
    columnReference: Literal["subject_label"] = "subject_label"  # noqa: N815


class ForeignKey(Part):
    """A column whose words are codes by way of a mapping."""

    columnReference: Sentence  # noqa: N815
    reference: Reference


class TableSchema(Part):
    """The columns of a table, in their order."""

    columns: Annotated[list[TableColumn], Field(min_length=1)]
    foreignKeys: list[ForeignKey] = Field(default_factory=list)  # noqa: N815


MOST_TOTALS = 1_000
StatedNumber = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]


class Total(Part):
    """A published total: a number, a cell of the table, or a figure. It comes out, or `explain` says why not."""

    title: Sentence
    where: dict[str, Sentence | list[Sentence]] = Field(default_factory=dict)
    stated: int | StatedNumber | None = Field(None, alias="is")
    by: Sentence | None = None
    at: Place | None = None
    observation: Observed | None = None
    explain: Sentence | None = None
    comes_to: Annotated[str, StringConstraints(pattern=r"^-?[0-9.]+ of -?[0-9.]+$")] | None = Field(
        None, description="What is explained: 1324 of 1327, what the cells come to and what is published."
    )


class PublishedTable(Content):
    """How the cells of a published table become figures: its layout in the words of CSVW."""

    id: Slug
    source: Annotated[Slug, Ref("source")] = Field(description="Id of the source whose bytes are the table.")
    prefix: Code = Field(description="What the codes of the table's own words begin with.")
    rights: Sentence | None = Field(
        None, alias="dc:rights", description="Why its figures may be copied, where the source has no licence."
    )
    dialect: Dialect = Field(default_factory=Dialect, description="How the cells of the file are written.")
    null: list[str] = Field(default_factory=lambda: [""], description="Cells without a figure.")
    tableSchema: TableSchema = Field(description="Its columns, and the mapping of each.")  # noqa: N815
    unpivot: dict[str, dict[str, Sentence]] = Field(
        default_factory=dict, description="By column with figures: what is the same for all of them."
    )
    symbols: dict[str, Code] = Field(
        default_factory=dict, description="What signs in place of, or behind, a number say."
    )
    partial: dict[str, Period] = Field(default_factory=dict, description="The dates of periods, as they are printed.")
    skip: dict[Annotated[str, StringConstraints(pattern=ROWS)], Sentence] = Field(
        default_factory=dict, description="Rows that state no figures, and cells that are left out, and why."
    )
    totals: list[Total] = Field(
        default_factory=list, max_length=MOST_TOTALS, description="Published totals, which must come out."
    )
    aggregate: Aggregate | None = Field(None, description="How its rows are counted, where each is a single case.")
    shown_and_hidden: Sentence | None = Field(
        None, description="Why numbers that one table hides are shown: of this table, or elsewhere."
    )


class MappedTerm(Part):
    """A word of a table, and the code that it matches."""

    subject_label: Annotated[str, StringConstraints(min_length=1)]
    predicate_id: TermMatch
    object_id: Code | Literal["sssom:NoTermFound"]
    object_label: Sentence | None = None
    mapping_justification: Sentence | None = None
    comment: Sentence | None = None


class TermMapping(Content):
    """Words of tables and the codes that they match (SSSOM)."""

    id: Slug
    mapping_set_title: Annotated[Sentence | None, WORDING] = Field(None, description="Title.")
    mapping_set_description: Annotated[Sentence | None, WORDING] = Field(None, description="What it maps.")
    license: Annotated[Sentence | None, WORDING] = Field(None, description="Licence of the mapping.")
    subject_source: Annotated[Sentence | None, WORDING] = Field(None, description="Where the words are from.")
    object_source: Annotated[Sentence | None, WORDING] = Field(None, description="Where the codes are from.")
    mappings: Annotated[list[MappedTerm], Field(min_length=1)] = Field(
        description="Each word, the code that it matches, and how closely."
    )


BY_YEAR = ("columns", "grid")
"""The forms of charts that show series year by year."""


def is_by_year(chart: Mapping[str, Any]) -> bool:
    """Tell whether a chart shows series year by year. Those released before 2.1.0 have a mark instead of a form."""
    return chart["form"] in BY_YEAR or (chart["form"] is None and chart["mark"] in ("column", "line"))


def _references(annotation: Any, steps: Steps) -> Iterator[tuple[Steps, Ref]]:
    """Find the marks of references in a type, each with the steps that lead to what it marks."""
    inner = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from _references(Annotated[field.annotation, *field.metadata, ""], (*steps, name))
    elif get_origin(annotation) is Annotated:
        yield from ((steps, mark) for mark in inner[1:] if isinstance(mark, Ref))
        for renamed in (mark.renamed for mark in inner[1:] if isinstance(mark, RefsByKey)):
            keys = get_args(get_args(inner[0])[0])  # the mapping's keys are a Literal
            yield from (((*steps, key, EACH), Ref(renamed.get(key, key))) for key in keys)
        yield from _references(inner[0], steps)
    elif get_origin(annotation) is list:
        yield from _references(inner[0], (*steps, EACH))
    elif get_origin(annotation) in (Union, UnionType):
        for choice in inner:
            yield from _references(choice, steps)


class Words(NamedTuple):
    """What OpenAPI and pages say of a kind: its list, one of its records, and an example id.

    `title` and `lead` head its page. A kind without a title has pages that are written for it.
    """

    example: str
    list_description: str
    one_description: str
    title: str | None = None
    lead: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    `file` is where its records are in the register: one file for all, or a folder with a file for each. `path` leads
    to its list and pages (`/{path}`, `/v1/{path}`), which have these `words`. `table` is its name in a bundle.
    `computed` is the key under which answers show what the record itself does not say: the result of a check, whether a
    source's address answers.
    """

    name: str
    content: type[Content]
    file: str
    path: str | None = None
    table: str | None = None
    computed: str | None = None
    words: Words | None = None

    @property
    def noun(self) -> str:
        """The word for one of its records."""
        return "code list" if self.name == "code" else self.name.replace("_", "-")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of its records, in order."""
        return tuple(self.content.model_fields)

    @cached_property
    def blank(self) -> dict[str, Any]:
        """Every key with the value that a record has which does not give it; null where it must."""
        fields = self.content.model_fields.items()
        return {
            name: None if field.is_required() else field.get_default(call_default_factory=True)
            for name, field in fields
        }

    @cache  # noqa: B019 (there are few kinds, made once)
    def marked(self, mark: Mark) -> tuple[str, ...]:
        """The keys of the fields with a mark."""
        return tuple(name for name, field in self.content.model_fields.items() if mark in field.metadata)

    @cached_property
    def references(self) -> tuple[tuple[Steps, Ref], ...]:
        """What its records mention: the steps that lead there, and what it refers to."""
        return tuple(_references(self.content, ()))

    @cached_property
    def quotations(self) -> tuple[tuple[str, Quotation], ...]:
        """The keys that hold places in documents, each with the keys of the document and of the words."""
        fields = self.content.model_fields.items()
        return tuple((name, mark) for name, field in fields for mark in field.metadata if isinstance(mark, Quotation))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("caveat", Caveat, "caveats.yaml", table="caveats"),
        Kind("chart", Chart, "charts.yaml", "charts", "charts"),
        Kind(
            "check",
            Check,
            "checks.yaml",
            "checks",
            "checks",
            computed="outcome",
            words=Words(
                "split-of-the-1131",
                "List the arithmetic checks. A check `holds` if its numbers agree, and a source states the identity "
                "(`asserted`) or its figures are alike.\n\nIt `fails` only if its numbers contradict an identity that "
                "a source states, and its figures are alike. Otherwise it is `undecidable`. A check never changes a "
                "figure, and one that fails has an explanation.",
                "Return one check: its figures, the stated and computed values, and how its figures differ.",
                "Checks",
                "Arithmetic checks of the figures. A check holds, fails, or is undecidable. It never changes a figure.",
            ),
        ),
        Kind(
            "classification",
            Classification,
            "classifications.yaml",
            "classifications",
            "classifications",
            words=Words(
                "group-officers",
                "List the classifications: which codes figures get from what they state, such as a coarse group of "
                "people from the exact one.",
                "Return one classification: a code, and what has it.",
                "Classifications",
                "Codes that figures get from what they state, such as a coarse group of people from the exact one.",
            ),
        ),
        Kind(
            "code",
            CodeRecord,
            "codelists/",
            "codelists",
            "codes",
            words=Words(
                "category",
                "List the code lists: every code that a figure can have, with its definition and who defined it.",
                "Return one code list: the label, definition and broader code of each code.",
            ),
        ),
        Kind(
            "correction",
            Correction,
            "corrections.yaml",
            "corrections",
            "corrections",
            words=Words(
                "murder-dated-2022",
                "List the publishers' errors that were found or reported, each with what was printed and what "
                "contradicts it.",
                "Return one publisher's error: what was printed, what contradicts it, and where both are printed.",
                "Errors in what was published",
                "Errors in the sources, not in this register: what a document prints, and what contradicts it.",
            ),
        ),
        Kind("dataset", Dataset, "datasets.yaml", "datasets", "datasets"),
        Kind(
            "disagreement",
            Disagreement,
            "disagreements.yaml",
            "disagreements",
            "disagreements",
            computed="computed",
            words=Words(
                "how-many-were-accused",
                "List the disagreements: groups of similar figures that are not equal, how they differ, and why, if "
                "known.",
                "Return one disagreement: its figures, where they are printed, why they differ, and what each answers.",
                "Disagreements",
                "Figures that look alike but are not equal: how they differ, and which question each one answers.",
            ),
        ),
        Kind("link_check", LinkCheck, "link-checks.yaml"),
        Kind(
            "mapping",
            TermMapping,
            "mappings/",
            "mappings",
            words=Words(
                "kinds-of-allegation",
                "List the mappings: which code each word of a published table matches (SSSOM, SKOS).",
                "Return one mapping: words of tables, and the codes that they match.",
                "Words of tables",
                "Which code of this register each word of a published table matches, and how closely.",
            ),
        ),
        Kind(
            "non_publication",
            NonPublication,
            "non-publications.yaml",
            "non-publications",
            "non-publications",
            words=Words(
                "met-sexual-allegation-figures-section-22",
                "List the refusals to publish: who was asked, under which law, from when and until when.",
                "Return one refusal to publish.",
                "Refused requests",
                "Requests for figures that were refused: who was asked, under which law, from when and until when.",
            ),
        ),
        Kind(
            "not_published",
            NotPublished,
            "not-published.yaml",
            "not-published",
            "not_published",
            words=Words(
                "dismissals",
                "List what none of the sources states: questions that people ask, and where an answer was sought.",
                "Return one question that none of the sources answers.",
                "Unanswered questions",
                "Questions that none of the sources answers, and where an answer was sought.",
            ),
        ),
        Kind(
            "relation",
            Relation,
            "relations.yaml",
            "relations",
            "relations",
            words=Words(
                "years-of-all-sexual-conduct",
                "List the relations between figures: parts of a whole, claims that are printed again, and what a share "
                "is the share of.\n\nEach figure has them as `part_of`, `repeats` and `denominator`.",
                "Return one relation between figures.",
                "Relations",
                "Figures that are parts of another, print its claim again, or are a share of it. Never add them.",
            ),
        ),
        Kind("quote", Quotes, "quotes.yaml"),
        Kind("release", ReleaseRecord, "releases/", "releases"),
        Kind(
            "source",
            Source,
            "sources/",
            "sources",
            "sources",
            computed="link",
            words=Words(
                "police-oracle-2023-met-review",
                "List the documents that print the figures, and the documents that they quote.\n\n`link` is the result "
                "of the last check of the URL, with its date and the URL of an archived copy.",
                "Return one document: title, publisher, date as precise as known, URL, and the hash of the text that "
                "was read.\n\n`link` is the result of the last check of the URL: `answers`, `changed`, "
                "`moved_permanently`, `moved_temporarily`, `not_found`, `gone`, `timeout` … It is null if the URL was "
                "never checked.",
            ),
        ),
        Kind(
            "table",
            PublishedTable,
            "tables/",
            "tables",
            words=Words(
                "police-figures-table-2",
                "List the published tables, and how the cells of each become figures (CSVW).",
                "Return one published table: its layout, its published totals, and how its rows are counted where each "
                "is a single case.\n\nThe `derivation` of a figure names it, with its version.",
                "Tables",
                "Published tables whose figures are here: how their cells are read, or their rows counted.",
            ),
        ),
    )
}
"""Every kind of record but `observation`, by the name it has in manifests."""

RESERVED = frozenset(
    [
        *("by-year", "compare", "evidence", "history", "prov", "standing", "changes", "files", "bundle"),
        *("latest", "draft", "drafts", "embed", "oembed", "docs", "openapi", "config", "charts", "observations"),
        *("columns", "caveats", "dcat"),
        *(kind.path for kind in KINDS.values() if kind.path),
    ]
)
"""Words that are paths of the API, and so cannot be ids."""


class Mention(NamedTuple):
    """A record's mention of another: where in the record, the kind or code list of the other, and its id.

    With `or_ended`, the other need no longer be in force.
    """

    path: tuple[str | int, ...]
    to: str
    id: str
    or_ended: bool = False


def mentions(kind: str, content: Mapping[str, Any]) -> Iterator[Mention]:
    """Yield every record that a record mentions; none for a record without content."""
    own_list = str(content.get("id", "")).partition("/")[0]
    for steps, ref in KINDS[kind].references:
        for path, identity in _follow(content, steps, ()):
            named = identity.rpartition("/") if ref.to == "code" else (ref.to or own_list, "", identity)
            yield Mention(path, named[0], named[2], ref.or_ended)


def _follow(value: Any, steps: Steps, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what stands at the end of the steps, each with its path."""
    if value is None:
        return
    if not steps:
        yield path, value
    elif steps[0] is EACH:
        for index, item in enumerate(value):
            yield from _follow(item, steps[1:], (*path, index))
    else:
        yield from _follow(value.get(steps[0]), steps[1:], (*path, str(steps[0])))
