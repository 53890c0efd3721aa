"""The objects of JSON answers, each declared once: mypy checks what builds them, and OpenAPI is made from them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import new_class
from typing import Annotated, Any, NotRequired, Required

from pydantic import Field, with_config
from typing_extensions import TypedDict

from misconduct.model import points
from misconduct.model.figure import (
    COLUMNS,
)
from misconduct.model.kinds import Chart, Indicator, Source

SOURCE_KEYS = ("title", "publisher", "published", "url", "sha256")


REFERENCE_KEYS = ("id", "printed", "hedge", "value")
CHECKED_COLUMNS = (
    *(
        "id",
        "printed",
        "hedge",
        "value",
        "unit",
        "qualifier",
        "counted",
        "measure",
        "category",
        "population",
    ),
    *("counting_unit", "area", "year", "period_start", "period_end", "coverage"),
    *("repeats", "stated_by", "source", "cite_as"),
)

Links = dict[str, str | None]
Objects = list[dict[str, Any]]


def about(text: str | None) -> Any:
    return Field(description=text)


@with_config(extra="forbid")
class Shape(TypedDict):
    """An object of an answer."""


as_answer = with_config(extra="forbid", defer_build=True)
"""Defers what would validate a shape. Nothing validates answers, and a start would wait for it."""


def make_shape(name: str, said: str | None, fields: dict[str, Any]) -> Any:
    return new_class(
        name,
        (Shape,),
        exec_body=lambda body: body.update(__doc__=said, __annotations__=fields),
    )


def having(fields: dict[str, Any]) -> Callable[[type], Any]:
    """Add fields to a shape, of which mypy knows only those that its class names."""
    return lambda shape: make_shape(
        shape.__name__, shape.__doc__, fields | shape.__annotations__
    )


class LabelledCode(Shape):
    """A code and its label."""

    code: str
    label: str


@having(
    {
        key: Annotated[str | None, about(Source.model_fields[key].description)]
        for key in SOURCE_KEYS
    }
)
class SourceOfFigure(Shape):
    """The document that prints a figure."""

    id: Required[str]


_TYPES: dict[str, Any] = {
    "text": str | None,
    "code": LabelledCode | None,
    "number": float | int | None,
}
_TYPES |= {"day": date | None, "list": list[str], "id": str, "source": SourceOfFigure}
"""The types of columns, by what they hold or by their names."""


def of_column(name: str) -> Any:
    return about(COLUMNS[name].about)


def of_columns(names: Iterable[str]) -> dict[str, Any]:
    return {
        name: Annotated[_TYPES.get(name, _TYPES[COLUMNS[name].holds]), of_column(name)]
        for name in names
    }


class Meta(Shape):
    """About an answer: its release."""

    release: str
    digest: Annotated[str, about("SHA-256 of the SHA256SUMS of the release.")]


class CountMeta(Meta):
    """About a list: its release and its length."""

    total: Annotated[int, about("Number of matching rows.")]
    total_is_at_least: NotRequired[
        Annotated[bool, about("Said if more rows match than were counted.")]
    ]
    returned: Annotated[int, about("Number of rows in this answer.")]


class Warned(Shape):
    """A warning about the answer."""

    code: str
    detail: str


def answer(name: str, said: str, data: Any, meta: Any = Meta) -> Any:
    """Return the shape of a JSON answer: the envelope of its data."""
    return make_shape(
        name,
        said,
        {"data": data, "meta": meta, "warnings": list[Warned], "links": Links},
    )


class DoubtOfFigure(Shape):
    """Why the number of a figure is doubted."""

    code: Annotated[str, about("A code of /v1/codes?type=doubt.")]
    detail: Annotated[str, about("In the words of the record that doubts it.")]


class StandingToday(Shape):
    """How a figure stands in the newest release. The number is that of today, or of the figure that takes its place."""

    status: Annotated[str, about("unchanged, continued, revised, withdrawn or never.")]
    since: Annotated[str | None, about("In this state since release.")]
    changed: Annotated[
        list[str],
        about("Columns that changed. A code that was only renamed is no change."),
    ]
    reason: Annotated[str | None, about("Why it was revised or withdrawn.")]
    shown: Annotated[str | None, about("The number of today, with its hedge.")]
    value: Annotated[float | int | None, of_column("value")]
    print_instead: Annotated[
        str | None,
        about(
            "What to print instead of a figure that is doubted, was revised or withdrawn."
        ),
    ]
    replaced_by: str | None
    url: str | None
    detail: Annotated[
        str | None,
        about(
            "If the figure runs longer: its dates. If no release gives the number: what it says, and whose number "
            "that is."
        ),
    ]
    corrections: Annotated[
        list[str],
        about("The errors of publishers that concern it, in /v1/notes."),
    ]
    late: Annotated[
        str | None,
        about(
            "That a later edition of its source was due, and has not been read here."
        ),
    ]
    doubt: Annotated[
        DoubtOfFigure | None,
        about("Why this register doubts the number itself, whatever the status is."),
    ]


class CitedFigure(StandingToday):
    """How a figure that somebody printed stands today."""

    id: str
    given: Annotated[str | None, about("The number, as it was given.")]


Cell = LabelledCode | str | int | float | bool | list[str] | None


class ChangedField(Shape):
    """A column that changed, with what it was and is."""

    field: str
    before: Cell
    after: Cell


class Change(Shape):
    """A figure that a release added, revised, recoded or withdrew, or that runs longer since."""

    release: str
    day: str
    id: str
    type: Annotated[str, about("added, revised, continued, recoded or withdrawn.")]
    reason: str | None
    replaced_by: str | None
    fields: list[ChangedField]


class Difference(Shape):
    """What a text and a figure say differently."""

    code: Annotated[str, about("What differs: see /codelists/difference.")]
    detail: Annotated[str, about("In a sentence.")]


class ComparedField(Shape):
    """What a text and a figure say in one field. `same` and `differs` are said only where that is sure."""

    field: Annotated[str, about("A column, or `assertion`.")]
    sentence: Annotated[
        str | None, about("The words of the text. Null: it has none that we read.")
    ]
    source: Annotated[str | None, about("What the source says. Null: nothing.")]
    result: Annotated[
        str,
        about("differs, not_read, not_said or same."),
    ]


@having(of_columns(CHECKED_COLUMNS))
class MatchedFigure(Shape):
    """A figure that has a number of the text: a document printed it."""

    standing: StandingToday
    compared: Annotated[
        list[ComparedField], about("Field by field, what the text and the figure say.")
    ]
    differences: Annotated[
        list[Difference], about("The gravest first. Each is in a field that differs.")
    ]
    notes: Annotated[
        list[str],
        about(
            "Its first note; of deaths, and of figures without notes, what their dataset cannot show."
        ),
    ]


@having(of_columns(CHECKED_COLUMNS))
class NearFigure(Shape):
    """A figure that may be meant by a number that no figure has."""

    why: Annotated[str, about("Why it is near: see /codelists/near_miss.")]


class ComparedNumber(Shape):
    """A number of the text."""

    at: Annotated[str, about("Its place, in code points: char=START,END.")]
    printed: str
    value: float | int | None
    unit: Annotated[str, about("count, percent or proportion.")]
    figures: Annotated[
        list[MatchedFigure],
        about("The figures that it may be, the likeliest first, at most five."),
    ]
    near: Annotated[
        list[NearFigure],
        about("If it is none: figures that may be meant, at most three."),
    ]


class NumbersTogether(Shape):
    """Two numbers that do not go together as the text says. `ids` has the figures of those that are held."""

    at: list[str]
    ids: list[str]
    code: Annotated[str, about("other_relation.")]
    detail: str


class PassedOver(Shape):
    """A number that was not compared."""

    at: str
    printed: str
    reason: Annotated[str, about("Such as date, age or money.")]


class CheckMeta(Meta):
    """About the comparison."""

    numbers: Annotated[int, about("Numbers that were compared.")]
    matched: Annotated[int, about("Numbers that a figure has.")]
    together: list[NumbersTogether]
    passed_over: list[PassedOver]
    newest_document: Annotated[
        str | None,
        about("When the newest document was published that the register has read."),
    ]


CheckAnswer: Any = answer(
    "CheckAnswer", "What the numbers of a text may be.", list[ComparedNumber], CheckMeta
)


@having(
    {
        name: NotRequired[Annotated[field.annotation, about(field.description)]]
        for name, field in Indicator.model_fields.items()
    }
)
class IndicatorRow(Shape):
    """What is counted: its names, its definition, and what is held of it."""

    id: str
    label: Annotated[str, about("Its name, with its usual people.")]
    name: str
    definition: str
    position: int
    topic: str
    figures: Annotated[int, about("How many figures are held.")]
    years: Annotated[list[str], about("The years for which some are held.")]
    areas: Annotated[list[str], about("The areas of which some are held.")]
    url: str


class IndicatorOfTable(Shape):
    """What the rows of a table count, and what not to confuse with it."""

    id: str
    name: str
    definition: str
    not_to_confuse: list[str]
    counted_otherwise: list[str]


class FiguresLeftOut(Shape):
    """Figures that a reader would look for in a chart, and why they are not in it."""

    ids: list[str]
    why: str


class NumberOfChart(Shape):
    """A number in the words of a chart: the figure that has it, or why it is none."""

    number: str
    id: NotRequired[str | None]
    why: NotRequired[str | None]


class WordsAtFigure(Shape):
    """Words that stand at a figure of a chart."""

    at: str
    text: str


class RegisteredChart(Shape):
    """A registered chart: what it says, and the figures that it draws."""

    id: str
    title: str
    subtitle: str | None
    dataset: str | None
    ids: list[str]
    left_out: list[FiguresLeftOut]
    form: str | None
    highlight: list[str]
    annotation: WordsAtFigure | None
    against: str | None
    note: str | None
    review_by: str | None
    numbers: list[NumberOfChart]
    listed: bool | None


class ChartOfTable(RegisteredChart):
    """A registered chart with the code that embeds it."""

    alt: str
    width: int
    height: int
    embed: str


class Note(Shape):
    """What to read before printing figures. What its type does not have is null or empty."""

    id: str
    type: Annotated[str, about("caveat, disagreement, correction or unpublished.")]
    title: Annotated[
        str | None, about("Of a disagreement; of what is unpublished, what was asked.")
    ]
    short: Annotated[str | None, about("What readers of a picture must know.")]
    text: str
    figures: Annotated[int, about("How many figures it is about.")]
    doubts: Annotated[
        str | None, about("What it doubts of its figures: value, name or time.")
    ]
    doubt: Annotated[str | None, about("Why it doubts a value: a code of /v1/codes.")]
    print_instead: Annotated[str | None, about("What to print instead.")]
    answer: Annotated[str | None, about("Of what is unpublished: refused, unanswered.")]
    area: Annotated[list[str], about("The places of what is unpublished.")]
    indicator: Annotated[list[str], about("Indicators of which it asks the number.")]
    source: Annotated[
        str | None, about("The document with the error, or that reports the refusal.")
    ]
    printed: Annotated[str | None, about("What is printed there.")]
    other_source: Annotated[str | None, about("The document that contradicts it.")]
    other_printed: Annotated[str | None, about("What is printed in that one.")]
    publisher_told: Annotated[str | None, about("When the publisher was told.")]
    url: str


class AnswerOfFigure(Shape):
    """Which of several figures answers which question."""

    question: str
    figure: str


class RelationOfFigures(Shape):
    """How the figures of a disagreement relate in one dimension."""

    dimension: str
    relation: Annotated[str, about("same, narrower, broader, different or unstated.")]


class FullNote(Note):
    """One note, with its figures."""

    figure_ids: Annotated[list[str], about("Its figures, the first thousand.")]
    no_ranking: Annotated[int, about("1 if its figures must not be ranked, else 0.")]
    reply_by: Annotated[str | None, about("The body whose reply it is.")]
    replied: Annotated[str | None, about("When that replied.")]
    question: Annotated[
        str | None, about("What all figures of a disagreement seem to answer.")
    ]
    answers: list[AnswerOfFigure]
    dimensions: list[RelationOfFigures]
    reasons: Annotated[list[str], about("Why they differ: codes of /v1/codes.")]
    leads: Annotated[list[str], about("The figures that stand for the others.")]
    why_leads: Annotated[str | None, about("Why these.")]
    disputed: Annotated[list[str], about("The figures that others dispute.")]
    at: Annotated[str | None, about("Where in the document.")]
    reading: Annotated[str | None, about("What the printed words say.")]
    other_at: str | None
    other_reading: str | None
    asked: Annotated[str | None, about("Who was asked.")]
    asked_by: str | None
    law: Annotated[str | None, about("The law by which it was asked.")]
    ground: Annotated[str | None, about("The ground of the refusal.")]
    since: Annotated[str | None, about("When it was refused.")]
    until: Annotated[str | None, about("When it was published after all.")]
    searched: Annotated[list[str], about("Documents that were read for an answer.")]


SourceRow: Any = make_shape(
    "SourceRow",
    Source.__doc__,
    {
        name: Annotated[field.annotation, about(field.description)]
        for name, field in Source.model_fields.items()
        if name != "quotes"  # words of documents stay with the figures
        and not field.exclude
    },
)


ChartRow: Any = make_shape(
    "ChartRow",
    Chart.__doc__,
    {
        name: Annotated[field.annotation, about(field.description)]
        for name, field in Chart.model_fields.items()
    }
    | {"url": str},
)


class Code(Shape):
    """A code of a column or a field, and what it means."""

    type: Annotated[str, about("The column or the field that has it.")]
    code: str
    label: Annotated[str, about("Its words, which columns have in small letters.")]
    definition: str | None
    within: Annotated[str | None, about("The wider code.")]
    words: Annotated[list[str], about("Other words for it.")]


class AreaOfTable(Shape):
    """A place or a force, and the area that it is within."""

    area_code: str
    area: str
    within: str | None


class AreaRow(AreaOfTable):
    """A place or a force, and what is held of it."""

    also: Annotated[list[str], about("Its other names.")]
    indicators: Annotated[int, about("How many indicators are held.")]
    rows: Annotated[int, about("Rows of default tables.")]
    last: Annotated[int | None, about("The last year.")]


IndicatorListAnswer: Any = answer(
    "IndicatorListAnswer",
    "What is counted, in its order.",
    list[IndicatorRow],
    CountMeta,
)


_HOLDS: Mapping[str, Any] = {
    "text": str | None,
    "number": float | int | None,
    "integer": int | None,
    "day": date | None,
}

_OF_YEARS: Any = {"type": ["number", "null"]}


@with_config(extra="allow", json_schema_extra={"additionalProperties": _OF_YEARS})
@having(
    {
        column.name: NotRequired[Annotated[_HOLDS[column.holds], about(column.about)]]
        for column in (*points.COLUMNS, *points.EARLIER)
    }
)
class TableRow(Shape):
    """A row of the table. An answer shows the default columns, or those that are asked for.

    With `wide=1` it has the numbers of its years, by year.
    """

    year_is: NotRequired[
        Annotated[str | None, about("With `wide=1`, what a column of a year is.")]
    ]


class NearestRow(TableRow):
    """A row that is nearest to what is not held."""

    why: Annotated[str, about("Why it is near.")]


class Request(Shape):
    """A request to a force for what it has not published."""

    text: str
    url: str | None


@having({"try": Annotated[list[str], about("Addresses that answer.")]})
class MissingRow(Shape):
    """Something that was asked and is not held."""

    reason: Annotated[
        str,
        about(
            "not_held, refused, other_time, no_year, before_a_break, not_understood, other_number, not_computed or "
            "ambiguous."
        ),
    ]
    asked: Annotated[
        dict[str, str], about("What a question asks, by the columns of the table.")
    ]
    detail: str
    indicator: str | None
    area_code: str | None
    nearest: list[NearestRow]
    ask: Request | None


class NoteOfRows(Shape):
    """What to know before printing rows."""

    id: str
    type: Annotated[str, about("caveat, disagreement or correction.")]
    text: str
    applies_to: Annotated[str | list[str], about("`all`, or ids of rows.")]


class Together(Shape):
    """Whether rows may stand on one scale, and why not."""

    ok: bool
    reason: Annotated[str | None, about("A code of /v1/codes?type=together.")]
    why: str | None


class TableMeta(CountMeta):
    """About a table: its release, its length, and whether its rows may stand together."""

    together: Together | None


class TopicOfTable(Shape):
    """A topic: what its indicators count, and what its numbers do not prove."""

    id: str
    title: str
    description: str
    limits: list[str]


class TableAnswer(Shape):
    """Rows of the table, with what they are about."""

    topic: NotRequired[TopicOfTable]
    indicator: NotRequired[IndicatorOfTable]
    areas: NotRequired[list[AreaOfTable]]
    chart: NotRequired[ChartOfTable]
    data: list[TableRow]
    missing: list[MissingRow]
    notes: list[NoteOfRows]
    meta: TableMeta
    warnings: list[Warned]
    links: Links


class NamedCode(Shape):
    """A code, and what it is called."""

    code: str
    name: str


class ReadQuestion(Shape):
    """What a question was read as."""

    indicator: list[NamedCode]
    area: list[NamedCode]
    year: Annotated[list[str], about("Years and words of time, as they were typed.")]
    kind: Annotated[list[NamedCode], about("Kinds of misconduct.")]
    number: Annotated[str | None, about("Its number, as it was typed.")]
    not_understood: Annotated[list[str], about("Words that nothing here has.")]
    left_out: Annotated[list[str], about("Words that no row has beside the others.")]


class SearchAnswer(TableAnswer):
    """What a question was read as, the rows that answer it, and what of it is not held."""

    q: str
    read: ReadQuestion


@having(
    {
        name: Annotated[
            _HOLDS[points.BY_NAME[name].holds], about(points.BY_NAME[name].about)
        ]
        for name in (
            *("indicator", "name", "year", "time", "period_start", "period_end"),
            *("value", "unit", "shown", "note", "publisher", "id", "cite_as"),
        )
    }
)
class GapOfForce(Shape):
    """What is known of a question to one force: its newest row, or why there is none, and a request."""

    area: str
    area_code: str
    question: str
    answer: Annotated[str, about("number, part, refused, … or not_looked_for.")]
    unpublished: Annotated[str | None, about("The note that says why.")]
    request_title: str
    request: Annotated[str | None, about("The letter, if areas are named.")]
    request_url: str | None


GapListAnswer: Any = answer(
    "GapListAnswer", "What forces have published.", list[GapOfForce], CountMeta
)
AreaListAnswer: Any = answer(
    "AreaListAnswer", "Places and forces, and what is held.", list[AreaRow], CountMeta
)
SourceListAnswer: Any = answer(
    "SourceListAnswer", "Documents.", list[SourceRow], CountMeta
)
SourceAnswer: Any = answer("SourceAnswer", "One document.", SourceRow)
NoteListAnswer: Any = answer(
    "NoteListAnswer", "What to read before printing.", list[Note], CountMeta
)
NoteAnswer: Any = answer("NoteAnswer", "One note.", FullNote)
CodeListAnswer: Any = answer("CodeListAnswer", "Codes.", list[Code], CountMeta)
StandingListAnswer: Any = answer(
    "StandingListAnswer",
    "How figures stand today, in the order in which they were given.",
    list[CitedFigure],
    CountMeta,
)
ChangeListAnswer: Any = answer(
    "ChangeListAnswer",
    "A page of changes. `links.next` leads to the next one.",
    list[Change],
    CountMeta,
)


class VersionOfFigure(Shape):
    """What a figure was in some releases: what had changed before them, and why."""

    releases: list[str]
    reason: str | None
    changes: list[ChangedField]


class Author(Shape):
    """Who is cited."""

    literal: str


@having({"date-parts": list[list[int]]})
class Issued(Shape):
    """The year, month and day of a release."""


class Citation(Shape):
    """How to cite a figure, in its release (CSL-JSON)."""

    id: str
    type: str
    title: str
    author: list[Author]
    issued: Issued
    version: str
    URL: str | None
    note: str


class Selector(Shape):
    """A place by the Web Annotation Data Model: from `start` to `end` of a text, or `value` of a file."""

    type: str
    start: NotRequired[int]
    end: NotRequired[int]
    conformsTo: NotRequired[str]
    value: NotRequired[str]


class Evidence(Shape):
    """Where a figure is printed. In the text with this SHA-256, `text[start:end]` is `exact`."""

    url: str | None
    archived: str | None
    sha256: str | None
    selector: Selector | None
    exact: str | None
    before: str | None
    after: str | None


EVIDENCE_COLUMNS = (
    *("at", "also_at", "counted_at", "hedge_at", "period_at", "period_printed"),
    *("dated_by", "basis", "origin", "fit", "measure", "stock_or_flow", "mark"),
)
"""What a figure says of its evidence, beside where it is printed, in the columns of the register."""


@having(
    {
        name: Annotated[
            list[str] if COLUMNS[name].holds == "list" else str | None, of_column(name)
        ]
        for name in EVIDENCE_COLUMNS
    }
)
class EvidenceOfFigure(Evidence):
    """Where and how a figure is printed, and what was read from that."""

    document: Annotated[str, about("The id of the document.")]
    title: str | None
    publisher: str | None
    published: str | None
    licence: str | None
    printed_at: Annotated[
        str | None, about("The document, scrolled to the printed words.")
    ]


class NotChosen(Shape):
    """A figure in the place of which a row stands, and why."""

    id: str
    shown: str
    why: str


class Disagreeing(Shape):
    """A figure that disagrees, and the note that explains it."""

    id: str
    note: str


@having(
    {
        column.name: Annotated[_HOLDS[column.holds], about(column.about)]
        for column in points.COLUMNS
    }
)
class WholeFigure(Shape):
    """One figure: its row, its evidence, its notes, its versions, how it stands and how to cite it."""

    instead_of_it: Annotated[
        str | None, about("The row that stands in its place, if it was not chosen.")
    ]
    others: Annotated[
        list[NotChosen], about("Figures in the place of which it stands.")
    ]
    parts: Annotated[list[str], about("Its stated parts.")]
    repeated_by: Annotated[list[str], about("Figures that print its claim again.")]
    evidence: EvidenceOfFigure
    notes: list[NoteOfRows]
    disagrees_with: list[Disagreeing]
    standing: Annotated[
        StandingToday, about("How it stands today, also in a pinned answer.")
    ]
    versions: Annotated[list[VersionOfFigure], about("Oldest first.")]
    citation: Citation


FigureAnswer: Any = answer("FigureAnswer", "One figure.", WholeFigure)
ChartListAnswer: Any = answer(
    "ChartListAnswer", "The charts of the register.", list[ChartRow], CountMeta
)


class EmbeddedPicture(Shape):
    """The picture at an address, as oEmbed describes it."""

    version: str
    type: str
    title: str
    html: str
    width: int
    height: int
    thumbnail_url: str
    thumbnail_width: int
    thumbnail_height: int
    provider_name: str
    provider_url: str


class Health(Shape):
    """Whether the service runs, or is ready: with which release, or why not."""

    status: str
    release: NotRequired[str]
    reason: NotRequired[str]


class Release(Shape):
    """A release: when it was made, and how much it has."""

    number: str
    day: date
    summary: str
    figures: int
    digest: Annotated[str, about("SHA-256 of its SHA256SUMS.")]
    previous: Annotated[str | None, about("Digest of the release before.")]
    links: Links


class FileOfRelease(Shape):
    """A file of a release."""

    name: str
    bytes: int
    sha256: str
    url: str


class FullRelease(Release):
    """A release with its files."""

    files: list[FileOfRelease]


ReleaseAnswer: Any = make_shape(
    "ReleaseAnswer", "One release.", {"data": FullRelease, "links": Links}
)
ReleaseListAnswer: Any = make_shape(
    "ReleaseListAnswer", "All releases.", {"data": list[Release], "links": Links}
)


class Question(Shape):
    """A question, and the address that answers it."""

    question: str
    url: str


class Topic(Shape):
    """A topic: what its indicators count, and what its numbers do not prove."""

    id: str
    title: str
    description: str
    limits: list[str]
    figures: Annotated[int, about("How many figures count something of it.")]
    rows: Annotated[int, about("Rows of its default table.")]
    url: str


class Start(Shape):
    """Where to begin."""

    title: str
    release: str
    digest: str
    figures: Annotated[
        int, about("How many figures are on police misconduct. Deaths are apart.")
    ]
    questions: list[Question]
    topics: list[Topic]
    reference: str
    contact: str | None
    note: Annotated[str | None, about("That this copy names no contact.")]
