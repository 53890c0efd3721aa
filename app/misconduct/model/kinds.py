"""The kinds of record: what each one holds, and which other records it refers to.

A kind is one pydantic model, and its fields are the keys in the register's file and in answers. A field that holds the
id of another record is marked with `Ref`, so that references are checked in one place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from misconduct.model.dates import date_bounds
from misconduct.model.figure import FIGURE_ID, meets_any
from misconduct.model.locator import read_place


@dataclass(frozen=True)
class Ref:
    """Marks the id of another record: `to` is its kind, or the name of a code list."""

    to: str


@dataclass(frozen=True)
class Quotes:
    """Marks a place in a document: the fields that hold the document's id and the words at that place."""

    source: str
    printed: str


def is_read_by(read: Callable[[Any], object]) -> AfterValidator:
    """Require a value that a function can read without a ValueError."""

    def check(value: Any) -> Any:
        read(value)
        return value

    return AfterValidator(check)


def _matches(pattern: str, example: str) -> AfterValidator:
    def read(text: str) -> None:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(f"{text!r} does not have the form of {example}")

    return is_read_by(read)


SLUG_FORM = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
CODE_FORM = r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*"

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, _matches(SLUG_FORM, "police-oracle-2023-met-review")]
CodeId = Annotated[str, _matches(CODE_FORM, "sexual_assault")]
PartialDate = Annotated[str, is_read_by(date_bounds)]
Day = Annotated[PartialDate, _matches(r"\d{4}-\d{2}-\d{2}", "2026-12-15")]
Month = Annotated[str, _matches(r"\d{4}-(0[1-9]|1[0-2])", "2021-10")]
Place = Annotated[str, is_read_by(read_place)]
Url = Annotated[str, _matches(r"https?://\S+", "https://www.example.org/page")]
Watch = Annotated[
    str,
    _matches(
        r"(file|page|feed|govuk) https?://\S+",
        "govuk https://www.gov.uk/government/collections/police-workforce-england-and-wales",
    ),
]
Digest = Annotated[str, _matches(r"[0-9a-f]{64}", "a SHA-256 in 64 hexadecimal digits")]
FigureId = Annotated[str, _matches(FIGURE_ID, "k7m3q"), Ref("observation")]
SourceId = Annotated[Slug, Ref("source")]
Measures = list[Annotated[CodeId, Ref("measure")]]
Categories = list[Annotated[CodeId, Ref("category")]]
Notes = dict[str, Text]  # by field: what there is to say about it, and why it is null
Flag = Annotated[bool | None, Field(strict=False)]
FirstMonth = Literal["February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
                     "December"]  # fmt: skip


Statement = Literal["statistics", "answer", "statement", "article"]


class Part(BaseModel):
    """A mapping inside a record."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Record(Part):
    """The field that every record has."""

    id: Slug


class Source(Record):
    """A document that prints figures, or that such a document quotes. `notes` says why a field is null."""

    title: Text | None = Field(
        description="Title as printed; in brackets where this register supplies it."
    )
    publisher: Text | None = Field(description="Who published it.")
    byline: Text | None = None
    published: PartialDate | None = Field(
        description="When, as precise as known: YYYY, YYYY-MM or YYYY-MM-DD."
    )
    url: Url | None = Field(description="Its address.")
    archived: Url | None = None
    media_type: Text | None = Field(
        None, description="IANA media type of the copy that was read."
    )
    language: Text | None = Field(None, description="Language (BCP 47).")
    licence: Text | None = Field(description="Its licence, as it states it.")
    held: bool = Field(
        description="Whether this register has read a copy. Only then do places in it exist."
    )
    length: int | None = Field(
        None, ge=0, strict=False, description="Length of the text in code points."
    )
    sha256: Digest | None = Field(
        None, description="SHA-256 of the copy, or of the rows typed from a page."
    )
    retrieved: PartialDate | None = Field(None, description="When the copy was taken.")
    work: Slug | None = Field(
        None, description="The publication of which this is one edition."
    )
    notes: Notes = {}
    quotes: dict[Place, tuple[str, str]] = Field(
        {}, description="The words before and after each place of a figure."
    )
    known_by: PartialDate | None = Field(
        None, description="When a copy was first seen, if the document has no date."
    )
    read: Literal["whole", "part"] | None = Field(
        None, description="Of a page that was typed: how much was read."
    )
    issued: Literal["yearly", "quarterly", "once", "irregular"] | None = None
    due: Month | None = Field(
        None, description="The month in which the next edition is expected."
    )
    watch: Watch | None = Field(
        None,
        exclude=True,  # of the desk: no release has it
        description="Where its next edition appears, for misconduct watch.",
    )
    statement: Statement | None = Field(
        None,
        description="What its numbers are from: statistics, an answer to a question, a statement, or its own article.",
    )

    @model_validator(mode="after")
    def _explains_nulls(self) -> Self:
        needed = {"title", "publisher", "published", "url", "licence"}
        if self.held:
            needed |= {"media_type", "length", "sha256", "retrieved"}
        if missing := sorted(
            one for one in needed - self.notes.keys() if getattr(self, one) is None
        ):
            raise ValueError(f"notes must say why these are null: {', '.join(missing)}")
        if (
            self.published
            and self.retrieved
            and date_bounds(self.published)[0] > date_bounds(self.retrieved)[1]
        ):
            raise ValueError(
                f"it was retrieved on {self.retrieved}, before it was published, {self.published}"
            )
        if self.due and (
            self.issued == "once" or self.due < (self.published or "")[: len("2021-10")]
        ):
            raise ValueError(
                f"due is the month of the next edition, which {self.due} cannot be: see issued, published"
            )
        return self


class Code(Part):
    """A code of a list: its id is `<list>/<code>`."""

    id: Annotated[str, _matches(rf"[a-z_]+/{CODE_FORM}", "category/sexual_assault")]
    label: Text
    definition: Text | None = Field(
        None, description="What it covers, where the label does not say."
    )
    broader: CodeId | None = None
    stage: Text | None = Field(
        None, description="Of a measure: how far the matter had got."
    )
    words: list[Text] = Field(
        [], description="Synonyms, headings of tables, and former codes."
    )
    defined_by: Text | None = None
    scheme: Text | None = None
    notation: Text | None = Field(
        None, description="What another scheme calls it: that in `scheme`."
    )
    same_as: Url | None = Field(
        None, description="Address of the same thing elsewhere."
    )
    said: list[Text] = Field(
        [], description="What only sentences call it; * stands for any ending."
    )
    alleges: Flag = Field(
        None, description="Of a measure: whether it says or asks if somebody did wrong."
    )
    lasts: Flag = Field(
        None,
        description="Of a measure: whether it lasts for a time, as a suspension does.",
    )
    gravity: int | None = Field(
        None,
        strict=False,
        description="Of a stage: how grave it is, from 1; empty: unknown.",
    )
    passes_for: list[CodeId] = Field(
        [], description="Of a counting unit: those by whose names people call it."
    )
    position: int | None = Field(
        None,
        ge=1,
        strict=False,
        description="Of a country: by what countries are sorted.",
    )
    in_names: Text | None = Field(
        None, description="Of a population: what names of figures call it."
    )
    financial_year: FirstMonth | None = Field(
        None,
        description="Of an area: the month in which its financial years begin; empty: as in the broader area.",
    )
    request_name: Text | None = Field(
        None,
        description="Of an area: what WhatDoTheyKnow calls its police in the address of a new request.",
    )
    called_together: Text | None = Field(
        None, description="Of an area: what several such are called: forces."
    )
    force: Text | None = Field(
        None, description="Of a nation with one police force: the name of that."
    )

    @model_validator(mode="after")
    def _is_called(self) -> Self:
        if self.request_name and not (self.called_together or self.force):
            raise ValueError(
                "an area with request_name has a police force: write called_together, or force"
            )
        return self


class Indicator(Part):
    """What is counted, and the codes that its figures can have: the usual one first. `*` in category means every kind.

    In `name`, `{people}` stands where the people of a figure belong.
    """

    id: CodeId
    name: Text = Field(
        description="What is counted, without place, time, publisher or statistic."
    )
    definition: Text = Field(description="What it counts and what it does not.")
    ask: Text | None = Field(
        None, description="What to ask of a force that has not published it."
    )
    headline: Flag = Field(None, description="Whether people ask for it first.")
    position: int = Field(
        ge=1, strict=False, description="By what indicators are sorted."
    )
    topic: Annotated[Slug, Ref("dataset")]
    measure: Measures = Field(min_length=1)
    category: list[Text] = Field(min_length=1)
    counting_unit: list[Annotated[CodeId, Ref("counting_unit")]] = Field(min_length=1)
    vetting_check: list[Annotated[CodeId, Ref("vetting_check")]] = []
    vetting_result: list[Annotated[CodeId, Ref("vetting_result")]] = []
    stock_or_flow: list[Annotated[CodeId, Ref("stock_or_flow")]] = Field(min_length=1)
    population: list[Annotated[CodeId, Ref("population")]] = Field(min_length=1)
    broader: Annotated[CodeId | None, Ref("indicator")] = Field(
        None, description="The indicator that it is a part of."
    )
    counted_otherwise: list[Annotated[CodeId, Ref("indicator")]] = Field(
        [], description="The same matter in other units, which may be offered instead."
    )
    not_to_confuse: list[Annotated[CodeId, Ref("indicator")]] = Field(
        [], description="What is easily taken for it."
    )
    together: Literal["source", "country", "never"] = Field(
        description="Within what places may stand on one scale."
    )
    why: Text = Field(description="Why only there.")
    words: list[Text] = Field([], description="What people type for it.")
    country: Annotated[CodeId | None, Ref("area")] = Field(
        None, description="The place whose law or scheme defines it: no other has it."
    )
    force_question: Text | None = Field(
        None,
        description="The question to every police force that its figures answer. Several can answer one.",
    )
    against: Annotated[CodeId | None, Ref("indicator")] = Field(
        None,
        description="The indicator whose number is printed beside: the size of a force.",
    )
    lead_chart: Annotated[Slug | None, Ref("chart")] = Field(
        None, description="The chart that shows it first."
    )


MAX_SHORT = 130  # letters: two lines of a picture on a phone
Short = Annotated[Text, Field(max_length=MAX_SHORT)]


class Doubting(Part):
    """The fields by which a record doubts figures. Why it does is only said of values."""

    doubts: Literal["value", "name", "time"] | None = Field(
        None,
        description="What it doubts of its figures: the value, the time, or what it is of.",
    )
    doubt: Literal["publisher_error", "probable_slip", "no_evidence"] | None = Field(
        None,
        description="Why it doubts a value. A correction that does not say: publisher_error.",
    )
    print_instead: Text | None = Field(
        None, description="Of a value: what to print instead, if an editor wrote it."
    )

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.doubts != "value" and (self.doubt or self.print_instead):
            raise ValueError("doubt and print_instead stand only beside doubts: value")
        return self


class Caveat(Doubting):
    """A note on how not to misread a figure."""

    id: CodeId
    text: Text
    short: Short | None = Field(
        None,
        description="What readers of a picture must know, who do not work with the figures.",
    )
    routine: bool = Field(
        False,
        description="Whether readers of a picture need not know it; then it has no short form.",
    )
    no_ranking: bool = Field(
        False, description="Whether its figures must not be ranked."
    )
    no_lead: bool = Field(
        False,
        description="Whether its figures must not come first, since nobody should print them.",
    )
    reply_by: Annotated[CodeId, Ref("stated_by")] | None = Field(
        None, description="Of a reply: the body that gave it."
    )
    replied: PartialDate | None = Field(None, description="Of a reply: when.")

    @model_validator(mode="after")
    def _is_short_or_routine(self) -> Self:
        if bool(self.short) == self.routine:
            raise ValueError(
                "write either short, what readers of a picture must know, or routine: true"
            )
        return self

    @model_validator(mode="after")
    def _is_dated(self) -> Self:
        if bool(self.reply_by) != bool(self.replied):
            raise ValueError(
                "a reply has both: reply_by, who gave it, and replied, when"
            )
        return self

    @model_validator(mode="after")
    def _doubts_values(self) -> Self:
        if self.doubts and not (self.doubts == "value" and self.doubt):
            raise ValueError(
                "a caveat doubts nothing but values, and its doubt says why"
            )
        return self


class Condition(Part):
    """Codes that a figure must have to be in a dataset: one of each list that is named."""

    measure: Measures = []
    category: Categories = []
    population: list[Annotated[CodeId, Ref("population")]] = []
    counting_unit: list[Annotated[CodeId, Ref("counting_unit")]] = []
    vetting_check: list[Annotated[CodeId, Ref("vetting_check")]] = []


class Dataset(Record):
    """A view of the figures: those that meet any of its conditions."""

    title: Text
    description: Text = Field(description="What its figures count.")
    conditions: list[Condition] = Field(
        min_length=1, description="A figure that meets any of these is in it."
    )
    limits: list[Text] = Field([], description="What its figures cannot show.")

    def shows(self, row: Mapping[str, Any]) -> bool:
        return meets_any(map(dict, self.conditions), row)


class Answer(Part):
    """Which of several figures answers which question."""

    question: Text
    observation: FigureId


class Disagreement(Record):
    """Figures that look alike and differ, and why."""

    title: Text
    warning: Short | None = Field(
        None,
        description="What readers of a picture must know, since a number may be wrong or misread. None: nothing.",
    )
    question: Text = Field(description="The question that all of them seem to answer.")
    members: list[FigureId] = Field(min_length=2)
    reasons: list[Annotated[CodeId, Ref("disagreement_reason")]] = Field(min_length=1)
    explanation: Text
    answers: list[Answer] = []
    leads: list[FigureId] = Field(
        [],
        description="Which members stand for those of the same series and time.",
    )
    why_leads: Text | None = Field(None, description="Why these.")

    @model_validator(mode="after")
    def _says_why_they_lead(self) -> Self:
        if bool(self.leads) != bool(self.why_leads):
            raise ValueError("leads, which members lead, and why_leads go together")
        return self


class Correction(Record, Doubting):
    """A publisher's error: what is printed, and what contradicts it. `notes` says why a field is null."""

    doubts: Literal["value", "name", "time"] = Field(
        description="What it doubts of its figures: the value, the time, or what it is of."
    )

    source: SourceId = Field(description="The document with the error.")
    at: Annotated[Place, Quotes("source", "printed")]
    printed: Text
    reading: Text = Field(description="What the printed words say.")
    other_source: SourceId = Field(description="The document that contradicts it.")
    other_at: Annotated[Place | None, Quotes("other_source", "other_printed")] = None
    other_printed: Text | None = None
    other_reading: Text
    explanation: Text
    affects: list[FigureId] = Field([], description="Figures that rest on it.")
    publisher_told: PartialDate | None = Field(
        None, description="When the publisher was told."
    )
    notes: Notes = {}


class Unpublished(Record):
    """A question that none of the documents in this register answers, or a refusal to publish.

    `searched` are the sources that were read for a question. All that follows it is of a refusal: who refused, who
    asked, under which law, the ground that was given, from when to when, and the document that reports it.
    """

    kind: Literal["refused", "unanswered"]
    question: Text = Field(description="What was asked for, or the question.")
    explanation: Text
    measure: Measures = Field([], description="What figures would count it.")
    category: Categories = Field([], description="Kinds of misconduct; empty: any.")
    datasets: list[Annotated[Slug, Ref("dataset")]] = Field(
        [], description="Where a reader would look for it."
    )
    searched: list[SourceId] = []
    asked: Annotated[CodeId, Ref("stated_by")] | None = None
    asked_by: Text | None = None
    law: Text | None = None
    ground: Text | None = None
    since: PartialDate | None = None
    until: PartialDate | None = None
    source: SourceId | None = None
    at: Annotated[Place | None, Quotes("source", "printed")] = None
    printed: Text | None = None
    notes: Notes = {}
    area: list[Annotated[CodeId, Ref("area")]] = Field(
        [], description="The places that it is about."
    )
    indicator: list[Annotated[CodeId, Ref("indicator")]] = Field(
        [], description="Indicators of which it asks the number."
    )


Form = Literal["number", "columns", "lines", "bars", "table"]


class Annotation(Part):
    """Words that stand at a figure of a chart."""

    at: FigureId
    text: Text


class NumberInWords(Part):
    """A number in the words of a chart: the figure that has it, or why it is none."""

    number: Text
    id: FigureId | None = None
    why: Text | None = Field(None, description="Why a figure that is not drawn.")


class LeftOut(Part):
    """Figures that a reader would look for in a chart."""

    ids: list[FigureId] = Field(min_length=1)
    why: Text


class Chart(Record):
    """A chart of the register: its finding, which figures, in which form."""

    title: Text = Field(description="The finding.")
    subtitle: Text | None = Field(None, description="Whom it is about, where and when.")
    dataset: Annotated[Slug, Ref("dataset")] | None = None
    ids: list[FigureId] = Field(min_length=1, description="In the order of drawing.")
    left_out: list[LeftOut] = []
    form: Form | None = None
    highlight: list[FigureId] = []
    annotation: Annotation | None = None
    against: FigureId | None = Field(
        None, description="The size of the force, or the whole of which these are part."
    )
    note: Text | None = None
    alt: Text | None = Field(None, description="The finding for who cannot see it.")
    review_by: Day | None = Field(None, description="When a newer edition is due.")
    numbers: list[NumberInWords] = []
    listed: bool | None = Field(
        None,
        description="False if the page of charts leaves it out. Its address stays.",
    )


@dataclass(frozen=True)
class Kind:
    """A kind of record: its name, its model, and its file in the register, or the folder with a file for each.

    `computed` are the fields that a release adds. They follow from figures.
    """

    name: str
    model: type[BaseModel]
    file: str
    computed: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path of its list: disagreements."""
        return self.file.rpartition(".")[0] or self.file.rstrip("/")


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("source", Source, "sources/"),
        Kind("code", Code, "codelists/"),
        Kind(
            "indicator",
            Indicator,
            "indicators.csv",
            computed=("figures", "years", "areas"),
        ),
        Kind("caveat", Caveat, "caveats.yaml"),
        Kind("disagreement", Disagreement, "disagreements.yaml", computed=("outcome",)),
        Kind("correction", Correction, "corrections.yaml"),
        Kind("unpublished", Unpublished, "unpublished.yaml"),
        Kind("chart", Chart, "charts.yaml"),
        Kind("dataset", Dataset, "datasets.yaml", computed=("figures",)),
    )
}
"""Every kind of record but figures (`observation`), whose columns are in `misconduct.model.figure`."""

NoteType = Literal["caveat", "disagreement", "correction", "unpublished"]
NOTES: tuple[NoteType, ...] = get_args(NoteType)
"""The kinds of records that are notes: what to read before printing figures. An id is that of one note."""
