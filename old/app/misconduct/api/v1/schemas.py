"""Response models, for OpenAPI and for the clients generated from it.

Responses are built in `misconduct.model`; tests validate every real one against these models. Every key is always
present, and a key that may be null says so.
"""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from misconduct.api.quick_start import PLACES
from misconduct.model.codes import LABELLED
from misconduct.model.figure import COLUMNS, KEYS
from misconduct.model.observation import FIELDS
from misconduct.model.series import GAP_COLUMN, GAPS, SERIES_COLUMN

Value = int | float

RELATIONS = (
    "`same`; `narrower`: one code is a part of the other; `close`: codes that mean nearly the same; `different`; "
    "`unstated`: not stated by all. More may be added."
)
RESULTS = "`holds`, `fails` or `undecidable`. More may be added: the list `check_result` defines each."


PRINTED_AT = (
    "URL of the document, which scrolls to the figure; if no words around it are known, to the first place with the "
    "same characters. In a table it names the cell. Null if the source has no URL."
)


class Shape(BaseModel):
    """A model without undocumented keys."""

    model_config = ConfigDict(extra="forbid")


class FaultShape(Shape):
    """One error in a request."""

    parameter: str = Field(description="Name of the invalid parameter.", examples=["category"])
    code: str = Field(description="Type of error. Stable.", examples=["unknown_code"])
    detail: str = Field(description="What is wrong.")
    allowed: list[str] | None = Field(description="Allowed values, at most 50. Null if they cannot be listed.")
    did_you_mean: str | None = Field(description="The most similar allowed value, if any.", examples=["sexual_assault"])


class Problem(BaseModel):
    """An error response (RFC 9457). `errors` lists everything that is wrong with the request."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="URL of the documentation of this type of problem.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Type of problem. Stable.", examples=["invalid_request"])
    request_id: str = Field(description="Id of this request in the service's log. Quote it when you report a problem.")
    errors: list[FaultShape]


class Coded(Shape):
    """A code and its label."""

    code: str = Field(examples=["sexual_assault"])
    label: str = Field(examples=["Sexual assault"])


class TextPositionSelector(Shape):
    """A range of a text (W3C Web Annotation), in code points from 0; `end` is exclusive."""

    type: Literal["TextPositionSelector"]
    start: int
    end: int
    exact: str | None = Field(description="The text of the range.")


class FragmentSelector(Shape):
    """A cell or range of a table (RFC 7111)."""

    type: Literal["FragmentSelector"]
    conforms_to: str = Field(alias="conformsTo")
    value: str
    exact: str | None


Locator = Annotated[TextPositionSelector | FragmentSelector, Field(discriminator="type")]


class Period(Shape):
    """The period of a figure, as precise as the source gives it: `2014` is a year, not a day.

    A year is any twelve months. A shorter window within a calendar year is a part of that year and has its label.
    """

    type: Literal["year", "window", "point", "unstated"]
    start: str | None
    end: str | None
    duration: str | None = Field(description="ISO 8601 duration, if the source prints one.", examples=["P10Y"])
    printed: str | None
    locator: Locator | None
    time_period: str | None = Field(
        description="The period in one text: a year, a date, or an interval, a length or a day not after publication "
        "as in EDTF (ISO 8601-2).",
        examples=["2014/2024", "P10Y", "[..2023-03-21]"],
    )
    coverage: str | None = Field(
        description="How much of its year it covers: whole, part, unstated. Null for what is not of a year."
    )
    not_after: str | None = Field(
        description="Last day that a printed now, or a past without dates, can mean: that of publication."
    )
    year: str | None = Field(
        description="The twelve months, by their label; null for what is for no year.", examples=["2022", "2019/20"]
    )
    year_basis: str | None = Field(
        description="`calendar`, `other` (2019/20), or `unstated`: a bare 2022 need not be the calendar year."
    )


class SourceReference(Shape):
    """A source. `notes` explains every null."""

    id: str
    title: str | None
    publisher: str | None
    byline: str | None
    published: str | None = Field(description="Publication date, as precise as known: YYYY, YYYY-MM or YYYY-MM-DD.")
    url: str | None
    licence: str | None
    held: bool = Field(description="Whether a copy was read. Only then are there locators and a hash.")
    sha256: str | None = Field(description="SHA-256 of the copy to which locators refer.")
    retrieved: str | None
    notes: dict[str, str] = Field(description="Remarks by key, such as why a key is null.")


class Origin(Shape):
    """The source that first stated a claim. Figures with the same origin are one piece of evidence."""

    id: str
    title: str | None
    publisher: str | None
    published: str | None
    held: bool
    notes: dict[str, str] = Field(description="Remarks by key, such as why a key is null.")


class CaveatReference(Shape):
    """A note that is part of a figure in every format."""

    id: str
    text: str


class CheckReference(Shape):
    """An arithmetic check that includes the figure."""

    id: str
    result: str = Field(description=RESULTS, examples=["holds"])


class ObservationLinks(Shape):
    """Links of a figure."""

    self: str
    page: str = Field(description="The figure as a page for people, in the latest release.")
    cite_as: str = Field(description="Permanent URL of this version of the figure; in a browser it opens its page.")
    evidence: str
    history: str
    derivation: str | None = Field(
        description="The table by which this register counted the figure. Null if a source prints it."
    )
    printed_at: str | None = Field(description=PRINTED_AT)


_STRUCTURED: dict[str, Any] = {
    "period": Period,
    "value": Annotated[
        Value | None, Field(description="The number. Null is not zero: see value_absent.", examples=[1492])
    ],
    "hedge_locator": Locator | None,
    "basis": Literal["reported", "derived"],
    "origin": Origin,
    "source": SourceReference,
    "locator": Locator | None,
    "also_at": list[Locator],
    "caveats": list[CaveatReference],
    "checks": list[CheckReference],
    "links": ObservationLinks,
    **{name: Coded | None if FIELDS[name].is_optional else Coded for name in LABELLED},
}
"""The keys of a figure that are more than a plain cell."""

_PLAIN = {"texts": list[str], "integer": int, "number": Value}


def _type_and_field(key: str) -> tuple[Any, Any]:
    """Return the type of a key of a figure, and what pydantic is to know of it."""
    if key in _STRUCTURED:
        return _STRUCTURED[key], ...
    column = next(column for column in COLUMNS if column.steps == (key,))
    examples = [column.example] if column.example is not None else None
    plain: Any = _type_of(key) if key in FIELDS and FIELDS[key].columns else _PLAIN.get(column.type, str)
    return plain | None if column.optional else plain, Field(description=column.description, examples=examples)


def _type_of(name: str) -> Any:
    """Return the type of a cell of the register as answers show it. Codes are texts, because all lists may grow."""
    field = FIELDS[name]
    shown: Any = Value if field.type is Decimal else field.type
    return shown | None if field.is_optional else shown


_FIELDS: dict[str, Any] = {key: _type_and_field(key) for key in KEYS}
_ObservationFields: Any = create_model("_ObservationFields", __base__=Shape, **_FIELDS)


class Observation(_ObservationFields):
    """One figure that one source states."""


_PARTS: dict[Any, str] = {Period: "Period", SourceReference: "Source", Origin: "Origin", ObservationLinks: "Links"}


@cache
def _with_chosen_keys(name: str, model: Any) -> Any:
    """Make the model of the same object with only some of its keys: absent, and not null."""
    fields: dict[str, Any] = {}
    for key, field in model.model_fields.items():
        chosen, part = copy(field), _PARTS.get(field.annotation)
        chosen.default, chosen.json_schema_extra = None, _without_default
        fields[key] = _with_chosen_keys(f"Figure{part}", field.annotation) if part else field.annotation, chosen
    made: Any = create_model(name, __base__=Shape, __doc__=model.__doc__, **fields)
    return made


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class FigureMeta(Shape):
    """What makes an object self-contained, where columns ask for it."""

    release: str
    licence: str
    attribution: str


_FigureFields: type[Shape] = _with_chosen_keys("_FigureFields", Observation)
_FigureMeta: Any = _with_chosen_keys("FigureMeta", FigureMeta)


class Figure(_FigureFields):  # type: ignore[misc,valid-type]
    """One figure that one source states, with the keys of the columns chosen (`detail`, `columns`)."""

    meta: _FigureMeta = Field(None, json_schema_extra=_without_default)
    matched: dict[str, str] = Field(
        {},
        description="With `q`: for each word the column in which it was found.",
        examples=[{"assault": "category"}],
        json_schema_extra=_without_default,
    )


class Meta(Shape):
    """Metadata of the whole response."""

    total: int = Field(description="Number of matching items on all pages.")
    returned: int = Field(description="Number of items in this response.")
    release: str = Field(examples=["1.0.0"])
    digest: str = Field(description="SHA-256 digest of the release and all releases before it.")
    licence: str
    attribution: str


class ListingMeta(Meta):
    """Metadata of a listing of figures."""

    narrower: dict[str, list[str]] = Field(
        description="Codes that were included because they are narrower than one asked for, by parameter."
    )
    limits: list[str] = Field(description="What the figures of this dataset cannot show.")


class Notice(Shape):
    """A warning about a successful response."""

    code: str
    parameter: str | None
    detail: str
    available: list[str]


class Links(Shape):
    """Links of a response."""

    self: str
    pinned: str = Field(description="The same request for exactly this release. The response never changes.")
    next: str | None = Field(description="URL of the next page. Null on the last page.")
    csv: str | None = Field(description="URL of all rows as CSV. Null if the resource is not a table.")


class Answer(Shape):
    """The parts that all responses have in common."""

    meta: Meta
    warnings: list[Notice]
    links: Links


class OEmbed(Shape):
    """An oEmbed 1.0 response of type `rich`."""

    version: str
    type: str
    title: str
    provider_name: str
    provider_url: str
    cache_age: int = Field(description="In seconds.")
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")
    html: str = Field(description="HTML of an iframe.")
    thumbnail_url: str | None = Field(None, description="A PNG. Absent if none fits into maxwidth and maxheight.")
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


class ObservationPage(Answer):
    """A page of figures."""

    meta: ListingMeta
    data: list[Figure]


class PrintInstead(Shape):
    """The current version of the figure, or of the figure that replaced it."""

    id: str
    value: Value | None
    printed: str | None
    hedge: str | None
    cite_as: str


class Standing(Shape):
    """Whether a figure, or a value of it that was published elsewhere, is still current."""

    id: str
    status: Literal["current", "revised", "ended", "removed", "unknown", "not_found", "not_in_release"] = Field(
        description="`unknown`: no version of the figure that is left ever showed that value. `not_found`, "
        "`not_in_release`: no release has such a figure, or none up to the requested one."
    )
    value: Value | None = Field(description="The requested value. Without one, the value of the version shown.")
    resembles_others: bool = Field(
        description="Looks like other figures of the register and is not equal to them; the disagreement says how they "
        "differ."
    )
    disagreements: list[str] = Field(description="Ids of the disagreements that it is part of.")
    reason: str | None = Field(description="Why the figure was ended.")
    replaced_by: str | None = Field(description="Id of the figure that replaced it.")
    print_instead: PrintInstead | None
    explanation: str


class ObservationAnswer(Answer):
    """One figure."""

    data: Observation
    standing: Standing


class Verification(Shape):
    """How to check the figure against a copy of the source."""

    command: str
    document_sha256: str | None
    document_length: int | None = Field(description="Length of the source in code points.")
    record_sha256: str = Field(
        description="SHA-256 of the record as canonical JSON (RFC 8785), as in the release's manifest."
    )
    explanation: str


class ChainStep(Shape):
    """One step in the chain from the person or body that stated a figure to the source that prints it."""

    role: Literal["stated_by", "origin", "printed_by", "counted_from"]
    id: str
    title: str | None
    publisher: str | None
    published: str | None
    url: str | None
    held: bool | None


class EvidenceSource(SourceReference):
    """The source, with its length and media type."""

    length: int | None
    media_type: str | None


class Evidence(Shape):
    """Where a figure is printed, who stated it, and how to check it."""

    observation: str
    annotation: dict[str, Any] = Field(description="W3C Web Annotation as JSON-LD.")
    source: EvidenceSource
    chain: list[ChainStep]
    derivation: str | None = Field(
        description="Table, and its version, by which this register counted the figure. Null if a source prints it."
    )
    printed_at: str | None = Field(description=PRINTED_AT)
    verify: Verification


class EvidenceAnswer(Answer):
    """The evidence for one figure."""

    data: Evidence


class ProvenanceAnswer(BaseModel):
    """A PROV-JSON document (W3C)."""

    model_config = ConfigDict(extra="allow")

    prefix: dict[str, str]


class Change(Shape):
    """A field that a new version of a record changed."""

    field: str
    old: Any
    new: Any


class Reading(Shape):
    """One version of a figure."""

    version: int
    value: Value | None
    printed: str | None
    added_in: str
    ended_in: str | None
    reason: str | None = Field(description="Why this version was added.")
    ended_because: str | None
    replaced_by: str | None
    changes: list[Change]
    sha256: str


class HistoryAnswer(Answer):
    """Every version of a figure."""

    data: list[Reading]


class StandingAnswer(Answer):
    """Whether a figure is still current."""

    data: Standing


class StandingPage(Answer):
    """Whether figures are still current, in the order in which they were asked for."""

    data: list[Standing]


class ComparedDimension(Shape):
    """One dimension of a comparison."""

    dimension: str
    relation: str = Field(description=RELATIONS, examples=["same"])
    values: list[str]


class EvidenceGroup(Shape):
    """Figures with the same origin, which are one piece of evidence."""

    origin: str
    observations: list[str]


class Comparison(Shape):
    """Whether figures are comparable, and along what."""

    verdict: str = Field(
        description="`same`: they count the same thing. `comparable`: they may be compared along the dimensions in "
        "`comparable_along`, with the `reservations`. `repeated`: they print one claim. "
        "`different`: they count different things. `unstated`: a "
        "source leaves open whether they do. More may be added.",
        examples=["comparable"],
    )
    comparable_along: list[str] = Field(
        description="Dimensions in which alone they differ and may be compared: `area`, `category`, `population` or "
        "`period`. Empty for other verdicts. More may be added.",
        examples=[["period"]],
    )
    reservations: list[str] = Field(
        description="What a comparison must not leave out, in sentences: that tables differ, that codes are close or "
        "one a part of another, or that something is not stated."
    )
    sentence: str = Field(description="The verdict as a sentence, and the reservations.")
    dimensions: list[ComparedDimension]
    evidence: list[EvidenceGroup]
    disagreements: list[str] = Field(description="Ids of the disagreements that include all of the figures.")
    observations: list[Observation]


class ComparisonAnswer(Answer):
    """A comparison of figures."""

    data: Comparison


class ChangedRecord(Shape):
    """A record that a release added, revised, moved, ended or removed."""

    release: str = Field(description="The release that changed it.", examples=["1.1.0"])
    released: str = Field(description="UTC day of that release.")
    recalled: str | None = Field(description="Why that release was recalled. Null for the others.")
    action: Literal["added", "revised", "moved", "ended", "removed"] = Field(
        description="`moved`: only its place in the document is another. `removed`: by law, from every release."
    )
    kind: str = Field(description="Kind of record: `observation` is a figure.")
    id: str
    version: int = Field(description="The version that was added, or that ended.")
    subject: str | None = Field(description="What it is about, in words.")
    changes: list[Change] = Field(description="Fields that differ from the version before.")
    value_before: Value | None = Field(description="Value of a figure in the version before.")
    value_after: Value | None = Field(description="Value of a figure since.")
    printed_before: str | None = Field(description="A figure as it was printed in the version before, with its hedge.")
    printed_after: str | None = Field(description="A figure as it is printed since; or that it has no number, and why.")
    reason: str | None
    replaced_by: str | None = Field(description="Id of the record that replaced it.")
    affects: list[str] = Field(description="Paths of the datasets, checks and disagreements that include it.")
    cite_as: str | None = Field(description="URL of the version that was added, or that ended.")
    page: str | None = Field(description="URL of the HTML page that shows it.")


class ChangesMeta(Meta):
    """Metadata of a list of changes."""

    since: str | None = Field(description="The release after which changes are listed. Null: from the first on.")
    released: str = Field(description="UTC day of the release up to which changes are listed.")
    title: str


class ChangesLinks(Links):
    """Links of a list of changes."""

    page: str = Field(description="URL of the HTML page that shows what changed.")


class ChangesPage(Answer):
    """What releases changed, the newest first."""

    data: list[ChangedRecord]
    meta: ChangesMeta
    links: ChangesLinks


class CellPeriod(Shape):
    """The period of a figure, as precise as the source gives it."""

    start: str | None
    end: str | None
    duration: str | None
    printed: str | None
    year_basis: str | None


class _WholeCell(Shape):
    """One figure in a by-year table."""

    id: str
    version: int
    source: str = Field(description="Id of the source that prints it.")
    value: Value | None
    value_absent: str | None
    printed: str | None
    qualifier: str | None
    hedge: str | None
    obs_status: str
    coverage: str | None = Field(
        description="How much of its year the figure covers: `whole`, `part` or `unstated`; null for a window."
    )
    period: CellPeriod
    caveats: list[CaveatReference]
    cite_as: str


class _WholeWindow(_WholeCell):
    """The figure for a whole window in a by-year table."""

    is_total: bool = Field(
        description="Whether the register says that the figures of the years are parts of it. Do not add it to them."
    )


_Cell: Any = _with_chosen_keys("Cell", _WholeCell)
_WindowCell: Any = _with_chosen_keys("WindowCell", _WholeWindow)


class _WholeSeries(Shape):
    """One series: the figures of one source, or of the editions of one work, with the same dimensions, year by year."""

    series: str = Field(description=SERIES_COLUMN.description, examples=[SERIES_COLUMN.example])
    category: Coded
    measure: Coded
    population: Coded
    counting_unit: Coded
    area: Coded
    stated_by: Coded | None = Field(description="Null where this register counted the figures.")
    statistic: str
    unit: str
    source: SourceReference = Field(description="The source; of several editions of a work, the latest in this row.")
    work: str | None = Field(description="The work of which the sources of this row are editions; mostly null.")
    editions: list[SourceReference] = Field(
        description="If they are editions of a work, all sources of this row, the latest first. Cells name their own."
    )
    window: _WindowCell | None = Field(description="The figure for the whole period, if the source states one.")
    values: dict[str, Value | None] = Field(description="Value by year. Null is never zero: `gaps` has the reason.")
    gaps: dict[str, str] = Field(
        description="Reason for each null in `values`, by year: of a figure without a number its `value_absent`, else "
        "why there is no figure. " + " ".join(f"`{code}`: {sentence}" for code, sentence in GAPS.items())
    )
    non_publications: dict[str, str] = Field(
        description="Id of the refusal, by year without a figure that is `withheld`."
    )
    meta: _FigureMeta
    cells: dict[str, _Cell] = Field(description="The figure for each value, by year.")


_SeriesRow: Any = _with_chosen_keys("SeriesRow", _WholeSeries)


def _or_null(name: str, doc: str, model: Any, **more: Any) -> Any:
    """Make the model of the same object with keys that may be absent or null, and some of its own."""
    fields: dict[str, Any] = {}
    for key, field in model.model_fields.items():
        chosen = copy(field)
        chosen.default, chosen.json_schema_extra = None, _without_default
        fields[key] = field.annotation | None, chosen
    made: Any = create_model(name, __base__=Shape, __doc__=doc, **{**fields, **more})
    return made


_YearPeriod = _or_null("YearPeriod", "The period of a row of a long table.", Period)
SeriesYear: Any = _or_null(
    "SeriesYear",
    "A row of a long table: one year of a series, with its figure, or with the reason why there is none.",
    Figure,
    series=(str, Field(None, description=SERIES_COLUMN.description, json_schema_extra=_without_default)),
    period=(_YearPeriod, Field(None, json_schema_extra=_without_default)),
    gap=(str | None, Field(None, description=GAP_COLUMN.description, json_schema_extra=_without_default)),
)


class ByYearMeta(ListingMeta):
    """Metadata of a by-year table."""

    total: int = Field(description="Number of matching series on all pages.")
    returned: int = Field(description="Number of series in this response.")
    omitted: int = Field(description="Matching figures that are neither for a year nor for a period of years.")


class ByYearPage(Answer):
    """A page of series."""

    meta: ByYearMeta
    data: list[_SeriesRow | SeriesYear]


class ReleasedVersions(Shape):
    """Versions of the API, the service and the register."""

    api: Literal["v1"]
    service: str = Field(description="Version of the service (semantic versioning).", examples=["1.0.0"])
    openapi: str = Field(description="Version of OpenAPI that /openapi.json follows.", examples=["3.1.0"])
    release: str = Field(description="The latest release of the register.", examples=["1.1.0"])


class FormatOffered(Shape):
    """A response format."""

    name: str = Field(examples=["csv"])
    suffix: str = Field(description="Append it to a path to request the format.", examples=[".csv"])
    media_type: str = Field(description="Or send it in the Accept header.", examples=["text/csv"])
    description: str
    everywhere: bool = Field(description="Whether all lists, tables and records offer it.")


class Limits(Shape):
    """Limits of one request. A request over a limit fails; a response is never cut short."""

    rows_per_page: int = Field(description="Maximum value of `limit`.")
    export_rows: int = Field(
        description="Maximum rows of an export. The CSV and Parquet files of whole datasets have no limit."
    )
    query_bytes: int = Field(
        description="Bytes of a query string, as links quote it. A release and a cursor, which they add, do not count."
    )
    parameters_per_query: int = Field(description="A release and a cursor, which links add, do not count.")
    values_per_parameter: int
    characters_per_value: int
    compared_observations: int
    listed_changes: int = Field(description="Maximum rows listed as added, and as ended, for one release.")
    seconds_per_query: float = Field(description="Time after which a query is cancelled and the response is 503.")


class Defaults(Shape):
    """Default values."""

    format: str
    release: str
    limit: int = Field(description="Rows per page of JSON. Other formats have all rows by default.")
    sort: str
    bom: str


class Config(Shape):
    """Versions, limits, formats and defaults of the service."""

    versions: ReleasedVersions
    limits: Limits
    formats: list[FormatOffered]
    defaults: Defaults
    contact: str | None = Field(description="Contact for corrections. Null if none is configured.")
    licence: str
    attribution: str
    documentation: str
    stability: str = Field(description="URL of the stability policy: what never changes under /v1, and what may.")


class ConfigAnswer(Answer):
    """Versions, limits, formats and defaults of the service."""

    data: Config


class QuestionLink(Shape):
    """A question, and where its answer is."""

    question: str
    url: str


_PLACES: dict[str, Any] = {name: (str, Field(description=text)) for name, (_, text) in PLACES.items()}
Start = create_model(
    "Start", __base__=Shape, __doc__="Where to go from the root.", questions=(list[QuestionLink], ...), **_PLACES
)


class StartAnswer(Answer):
    """Where to go from the root."""

    data: Start


class Citation(Shape):
    """A citation of a figure, a dataset or a release, in several forms."""

    cite_as: str = Field(description="Permanent URL.")
    text: str = Field(description="Plain text, ready to print.")
    csl: dict[str, Any] = Field(description="CSL-JSON item, for Zotero, pandoc and citeproc.")
    bibtex: str = Field(description="BibTeX entry.")
    ris: str = Field(description="RIS record.")


class CitationAnswer(Answer):
    """A citation."""

    data: Citation


class LinkedData(BaseModel):
    """A JSON-LD document."""

    model_config = ConfigDict(extra="allow")

    context: dict[str, Any] | str = Field(alias="@context")
    id: str = Field(alias="@id")
    type: str = Field(alias="@type")


class Health(Shape):
    """Whether this process responds."""

    status: Literal["ok"]


class Readiness(Shape):
    """Whether the service has a release to serve, and whether the database is reachable."""

    status: Literal["ready"]
    release: str
    digest: str
    database: Literal["answers", "does_not_answer", "behind"] = Field(
        description="`behind`: no reachable database holds this release, for example because a replica lags."
    )
    seconds_behind: float | None = Field(
        description="How far the replica in use is behind its primary; of several, the furthest. 0 for a primary; null "
        "if it is not known."
    )
    seconds_since_look: float = Field(description="Time since the service last looked for a newer release.")
    lost_recalls: list[str] = Field(
        description="Releases that this process knows to be recalled and its database does not, as after a failover to "
        "a replica that had not got the recall. A new process would not know: recall them again."
    )
