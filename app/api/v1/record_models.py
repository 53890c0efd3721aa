"""The shapes of the register's records other than figures, and of releases, as answers show them (see `models`)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.v1.models import Answer, EvidenceGroup, Shape
from app.domain.records import LinkStatus

Notes = dict[str, str]
NOTES = "By key: what there is to say about it, and why it is null."
DATE = "As precise as known: YYYY, YYYY-MM or YYYY-MM-DD."
Relation = Literal["same", "different", "unstated"]


class RecordShape(Shape):
    """What every record has."""

    id: str
    version: int
    added_in: str = Field(description="The release that added this version.", examples=["1.0.0"])


class DatasetRecord(RecordShape):
    """A view of the figures: those with one of its measures."""

    title: str
    description: str
    measures: list[str] = Field(description="Codes of the list `measure`.")
    limits: list[str] = Field(description="What its figures cannot say.")


class DatasetPage(Answer):
    """The datasets."""

    data: list[DatasetRecord]


class DatasetAnswer(Answer):
    """One dataset."""

    data: DatasetRecord


class SourceLink(Shape):
    """Whether a source's address still answered when it was last asked."""

    checked: str = Field(description="UTC day.")
    address: str
    status: LinkStatus
    final_address: str | None = Field(description="Where it led, where that is another address.")
    archived: str | None = Field(description="An archived copy; null where none is known.")
    body_sha256: str | None = Field(description="Of what it answered with; null where it was not read.")


class SourceRecord(RecordShape):
    """A document. What is null has its reason in `notes`."""

    title: str | None
    publisher: str | None
    byline: str | None
    published: str | None = Field(description=DATE)
    url: str | None
    media_type: str | None
    language: str | None = Field(description="BCP 47.")
    licence: str | None
    held: bool = Field(description="Whether a copy was read: only then are there locators and a hash.")
    length: int | None = Field(description="In code points.")
    sha256: str | None = Field(description="Of the bytes that locators count in.")
    retrieved: str | None
    notes: Notes = Field(description=NOTES)
    link: SourceLink | None = Field(description="Null where nobody has checked the address.")


class SourcePage(Answer):
    """The sources."""

    data: list[SourceRecord]


class SourceAnswer(Answer):
    """One source."""

    data: SourceRecord


class CodeShape(RecordShape):
    """One code: what it means, and whose definition that is. Its id is `<list>/<code>`."""

    list: str
    code: str
    label: str
    definition: str
    broader: str | None = Field(description="The code that it is a part of; null at the top.")
    defined_by: str


class Codelist(Shape):
    """One code list."""

    id: str
    codes: list[CodeShape]


class CodelistPage(Answer):
    """The code lists."""

    data: list[Codelist]


class CodelistAnswer(Answer):
    """One code list."""

    data: Codelist


class CheckOutcome(Shape):
    """What a check came to."""

    result: Literal["holds", "fails", "undecidable"]
    stated: str | None = Field(description="The value that is stated, as a decimal; null where it has no number.")
    computed: str | None = Field(description="What its parts come to, as a decimal; null where one has no number.")
    unlike: list[str] = Field(description="Dimensions in which a part is not of the same kind as the whole.")
    missing_years: list[int] = Field(description="Years of the window for which no figure is stated.")


class CheckRecord(RecordShape):
    """An arithmetic identity among figures. It never changes one."""

    type: Literal["sum_of_parts", "subset", "share", "yearly_parts"]
    title: str
    whole: str = Field(description="A figure's id.")
    parts: list[str] = Field(description="Figures' ids.")
    share: str | None = Field(description="A figure's id in checks of the type share; null in others.")
    explanation: str | None = Field(description="Why it fails or is undecidable, as far as known.")
    outcome: CheckOutcome | None = Field(description="Null where it was not assessed in this release.")


class CheckPage(Answer):
    """The checks."""

    data: list[CheckRecord]


class CheckAnswer(Answer):
    """One check."""

    data: CheckRecord


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
    at: str = Field(description="Place in the source (RFC 5147 or RFC 7111 fragment).")


class DisagreementFindings(Shape):
    """What was computed of a disagreement."""

    figures: list[DisputedFigure]
    evidence: list[EvidenceGroup]
    dimensions: dict[str, Relation] = Field(description="By dimension: are the figures alike in it?")


class QuestionAnswered(Shape):
    """Which of several figures answers which question."""

    question: str
    observation: str


class DisagreementRecord(RecordShape):
    """Figures that look like one thing and are not equal."""

    title: str
    question: str
    members: list[str] = Field(description="Figures' ids.")
    reasons: list[str] = Field(description="Codes of the list `disagreement_reason`.")
    explanation: str
    answers: list[QuestionAnswered]
    computed: DisagreementFindings | None = Field(description="Null where it was not assessed in this release.")


class DisagreementPage(Answer):
    """The disagreements."""

    data: list[DisagreementRecord]


class DisagreementAnswer(Answer):
    """One disagreement."""

    data: DisagreementRecord


class ChartLinks(Shape):
    """Where a chart is to be had, and its figures."""

    page: str = Field(description="For people: the chart, its table, and how to embed it.")
    svg: str
    png: str
    json_: str = Field(alias="json", description="The Vega-Lite specification, with its data.")
    html: str = Field(description="To embed in an iframe.")
    oembed: str
    figures: str = Field(description="The same figures, as a listing or by-year table.")


class ChartRecord(RecordShape):
    """A picture of figures."""

    title: str
    description: str = Field(description="What it shows, in words.")
    dataset: str | None
    mark: str = Field(description="`bar`: by figure; `column`, `line`: by year.")
    query: dict[str, list[str]] = Field(description="The filters that choose its figures.")
    allow_breaks: bool = Field(description="Whether series that differ in population or counting unit share a panel.")
    note: str | None
    links: ChartLinks


class ChartSpecification(BaseModel):
    """A Vega-Lite specification that holds its own data; see vega.github.io/vega-lite for the rest of its keys."""

    model_config = ConfigDict(extra="allow")

    schema_: str = Field(alias="$schema")
    description: str = Field(description="The picture in words, every figure included.")
    datasets: dict[str, list[dict[str, Any]]] = Field(description="`figures`: a row for each figure and each gap.")
    usermeta: dict[str, Any] = Field(description="What the chart is, of which release, and which figures it shows.")


class ChartPage(Answer):
    """The charts."""

    data: list[ChartRecord]


class ChartAnswer(Answer):
    """One chart."""

    data: ChartRecord


class CorrectionRecord(RecordShape):
    """A publisher's error, with both readings. What is null has its reason in `notes`."""

    source: str
    at: str = Field(description="Place in the source (RFC 5147 or RFC 7111 fragment).")
    printed: str
    reading: str
    other_source: str
    other_at: str | None
    other_printed: str | None
    other_reading: str
    explanation: str
    affects: list[str] = Field(description="Figures' ids.")
    publisher_told: str | None = Field(description="UTC day.")
    notes: Notes = Field(description=NOTES)


class CorrectionPage(Answer):
    """The corrections."""

    data: list[CorrectionRecord]


class CorrectionAnswer(Answer):
    """One correction."""

    data: CorrectionRecord


class CoverageShape(Shape):
    """The gaps that a non-publication explains: these years of the series with one of the codes of each dimension."""

    area: list[str]
    measure: list[str] = Field(description="Empty: any.")
    category: list[str] = Field(description="Empty: any.")
    years: list[int]


class NonPublicationRecord(RecordShape):
    """A refusal to publish. What is null has its reason in `notes`."""

    asked: str
    asked_by: str
    law: str
    ground: str
    since: str | None = Field(description=DATE)
    until: str | None = Field(description=DATE)
    source: str
    at: str = Field(description="Place in the source (RFC 5147 or RFC 7111 fragment).")
    printed: str
    what: str
    explanation: str
    covers: CoverageShape | None = Field(description="Null where it is the reason for no gap in this register.")
    notes: Notes = Field(description=NOTES)


class NonPublicationPage(Answer):
    """The non-publications."""

    data: list[NonPublicationRecord]


class NonPublicationAnswer(Answer):
    """One non-publication."""

    data: NonPublicationRecord


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
