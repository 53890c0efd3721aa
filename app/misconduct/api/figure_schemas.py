"""The shape of answers about one figure and its history: in full, compared, its standing, its changes."""

from typing import Any, Literal

from pydantic import Field, create_model

from misconduct.api.schemas import Answer, CountMeta, Figure, LabelledCode, Meta, SeeAlso, Shape, SourceOfFigure


class FigureReference(Shape):
    """Another figure."""

    id: str
    printed: str | None
    hedge: str | None
    value: float | int | None
    url: str


class StandingToday(Shape):
    """How a figure stands today. The number is that of today, or of the figure that takes its place."""

    status: LabelledCode
    since: str | None = Field(description="The release since which it stands so.")
    changed: list[str] = Field(description="The columns that say something else today.")
    reason: str | None = Field(description="Why it was revised or ended.")
    printed: str | None
    hedge: str | None
    value: float | int | None
    print_instead: str | None = Field(description="What to print instead of a figure that was revised or ended.")
    replaced_by: str | None
    url: str | None
    detail: str | None = Field(description="If the figure now runs longer: the dates that the number is for.")


class CitedFigure(StandingToday):
    """How a figure that somebody printed stands today."""

    id: str
    cited: str | None = Field(description="The number, as it was given.")


class StandingListAnswer(Answer):
    """How figures stand today, in the order in which they were given."""

    data: list[CitedFigure]
    meta: CountMeta


class ChangedField(Shape):
    """A field that changed; of figures, with what it was and is."""

    field: str
    before: Any = None
    after: Any = None


class Change(Shape):
    """A figure or record that a release added, revised or ended."""

    release: str
    day: str
    kind: str
    id: str
    action: str
    reason: str | None
    replaced_by: str | None
    fields: list[ChangedField]


class ChangeListAnswer(Answer):
    """A page of changes. `links.next` leads to the next one."""

    data: list[Change]
    meta: CountMeta


class ComparedDimension(Shape):
    """What figures say in a dimension, and the relation of the first one to the others."""

    dimension: str
    relation: LabelledCode
    values: list[LabelledCode | str | None]


class ComparedFigure(Shape):
    """A figure that is compared."""

    id: str
    name: str
    printed: str | None
    value: float | int | None
    cite_as: str


class DisagreementTitle(Shape):
    """A disagreement that all of the figures are in."""

    id: str
    title: str


class ComparisonOfFigures(Shape):
    """Whether figures may be put side by side, and along what."""

    verdict: LabelledCode
    along: Literal["area", "period"] | None
    reservations: list[str]
    sentence: str
    dimensions: list[ComparedDimension]
    figures: list[ComparedFigure]
    disagreements: list[DisagreementTitle]


class ComparisonAnswer(Answer):
    """A comparison."""

    data: ComparisonOfFigures


class TextPositionSelector(Shape):
    """A range of a text in code points; the end is exclusive (Web Annotation Data Model)."""

    type: Literal["TextPositionSelector"]
    start: int
    end: int


class FragmentSelector(Shape):
    """A cell of a table (RFC 7111)."""

    type: Literal["FragmentSelector"]
    conformsTo: str  # noqa: N815 (the name is that of the standard)
    value: str


class Evidence(Shape):
    """Where a figure is printed. In the text with this SHA-256, `text[start:end]` is `exact`."""

    url: str | None
    archived: str | None
    sha256: str | None
    selector: TextPositionSelector | FragmentSelector | None
    exact: str | None
    before: str | None
    after: str | None


class RelationsOfFigure(Shape):
    """Figures that it must not be added to, and the one that it is a share of."""

    part_of: list[FigureReference]
    parts: list[FigureReference]
    repeats: FigureReference | None
    repeated_by: list[FigureReference]
    denominator: FigureReference | None


class CaveatOfFigure(Shape):
    """A note that helps readers avoid an error."""

    id: str
    text: str


class DisagreementOfFigure(Shape):
    """A group of differing figures that it is in, and how they relate in each dimension."""

    id: str
    title: str
    question: str
    explanation: str
    dimensions: dict[str, LabelledCode]
    members: list[FigureReference]


class CheckOfFigure(Shape):
    """A sum, a share or a comparison that it is in, and whether it comes out."""

    id: str
    title: str
    type: LabelledCode
    whole: FigureReference | None
    parts: list[FigureReference]
    share: FigureReference | None
    stated: float | int | None
    computed: float | int | None
    result: LabelledCode | None
    explanation: str | None


class VersionOfFigure(Shape):
    """What a figure was in some releases, and what had changed."""

    releases: list[str]
    reason: str | None
    changes: list[ChangedField]


FullFigure: Any = create_model(
    "FullFigure",
    __base__=Figure,
    __doc__="One figure in full.",
    origin=(SourceOfFigure | None, Field(description="The document that first stated it.")),
    caveats=(list[CaveatOfFigure], Field(description="Notes that help readers avoid an error.")),
    evidence=(Evidence, Field(description="Where it is printed.")),
    relations=(RelationsOfFigure, Field(description="Figures that it belongs to.")),
    disagreements=(list[DisagreementOfFigure], Field(description="Groups of differing figures that it is in.")),
    checks=(list[CheckOfFigure], Field(description="Checks of its arithmetic.")),
    citation=(dict[str, Any], Field(description="How to cite it, in this release (CSL-JSON).")),
    versions=(list[VersionOfFigure], Field(description="What it was in each release, oldest first.")),
    standing=(StandingToday, Field(description="How it stands today, also in a pinned answer.")),
)


class OneFigureMeta(Meta):
    """What an answer with one figure says of itself."""

    see_also: list[SeeAlso] = Field(description="The disagreements that it is in.")


class FigureAnswer(Answer):
    """One figure in full, or some of its columns."""

    data: FullFigure | Figure
    meta: OneFigureMeta
