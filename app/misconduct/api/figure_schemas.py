"""The shape of answers about one figure and its history: in full, compared, its standing, its changes."""

from typing import Any, Literal, get_type_hints

from pydantic import create_model

from misconduct.api.schemas import (
    Code,
    CountMeta,
    Figure,
    LabelledCode,
    Meta,
    Number,
    SeeAlso,
    Shape,
    SourceOfFigure,
    Text,
    answer,
    of,
    of_columns,
    shape,
)
from misconduct.model.full_figure import REFERENCE_KEYS
from misconduct.model.versions import Change

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
    **get_type_hints(Change),
    fields=list[ChangedField],
)
ChangeListAnswer: Any = answer(
    "ChangeListAnswer", "A page of changes. `links.next` leads to the next one.", list[ChangeShape], CountMeta
)

ComparedDimension: Any = shape(
    "ComparedDimension",
    "How the figures compare on one point.",
    dimension=str,
    relation=LabelledCode,
    values=list[LabelledCode | str | None],
)
ComparedFigure: Any = shape(
    "ComparedFigure", "A figure that is compared.", id=str, name=str, **of_columns(("printed", "value")), cite_as=str
)
DisagreementTitle: Any = shape("DisagreementTitle", "A disagreement that all of the figures are in.", id=str, title=str)
ComparisonOfFigures: Any = shape(
    "ComparisonOfFigures",
    "Whether figures may be put side by side, and along what.",
    verdict=LabelledCode,
    along=Literal["area", "period"] | None,
    reservations=list[str],
    sentence=str,
    dimensions=list[ComparedDimension],
    figures=list[ComparedFigure],
    disagreements=list[DisagreementTitle],
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
CaveatOfFigure: Any = shape("CaveatOfFigure", "A note that helps readers avoid an error.", id=str, text=str)
DisagreementOfFigure: Any = shape(
    "DisagreementOfFigure",
    "A group of differing figures that it is in, and how they relate in each dimension.",
    **of(str, "id", "title", "question", "explanation"),
    dimensions=dict[str, LabelledCode],
    members=References,
)
CheckOfFigure: Any = shape(
    "CheckOfFigure",
    "A sum, a share or a comparison that it is in, and whether it comes out.",
    **of(str, "id", "title"),
    type=LabelledCode,
    whole=FigureReference | None,
    parts=References,
    share=FigureReference | None,
    **of(Number, "stated", "computed"),
    result=Code,
    explanation=Text,
)
VersionOfFigure: Any = shape(
    "VersionOfFigure",
    "What a figure was in some releases, and what had changed.",
    releases=list[str],
    reason=Text,
    changes=list[ChangedField],
)
FullFigure: Any = shape(
    "FullFigure",
    "One figure in full.",
    base=Figure,
    origin=(SourceOfFigure | None, "The document that first stated it."),
    caveats=(list[CaveatOfFigure], "Notes that help readers avoid an error."),
    evidence=(Evidence, "Where it is printed."),
    relations=(RelationsOfFigure, "Figures that it belongs to."),
    disagreements=(list[DisagreementOfFigure], "Groups of differing figures that it is in."),
    checks=(list[CheckOfFigure], "Checks of its arithmetic."),
    citation=(dict[str, Any], "How to cite it, in this release (CSL-JSON)."),
    versions=(list[VersionOfFigure], "What it was in each release, oldest first."),
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
