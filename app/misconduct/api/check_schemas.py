"""The shape of the answer about a text, and of the body that has the text."""

from typing import Any

from misconduct.api.schemas import Meta, Number, StandingToday, Text, answer, of, of_columns, shape

BODY = {
    "required": True,
    "description": "The text: as it is, in UTF-8, or as JSON. At most 50,000 characters with 300 numbers.",
    "content": {
        "text/plain": {"schema": {"type": "string"}},
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["text"],
                "properties": {"text": {"type": "string"}},
                "additionalProperties": False,
            }
        },
    },
}

SHOWN = (
    *("id", "printed", "hedge", "value", "unit", "qualifier", "counted", "measure", "category", "population"),
    *("counting_unit", "area", "year", "period_start", "period_end", "coverage"),
    *("repeats", "stated_by", "source", "cite_as"),
)
"""What an answer says of a figure."""

DifferenceShape: Any = shape(
    "Difference",
    "What a text and a figure say differently.",
    code=(str, "A code of /v1/codelists/difference."),
    detail=(str, "In a sentence."),
    suggest=(Text, "What to print instead, where that is safe."),
)
MatchedFigure: Any = shape(
    "MatchedFigure",
    "A figure that has a number of the text: a document printed it.",
    **of_columns(SHOWN),
    standing=StandingToday,
    differences=(list[DifferenceShape], "The gravest first. Empty: nothing that we compare differs."),
    notes=(list[str], "Its first note; of deaths, and of figures without notes, what their dataset cannot show."),
)
NearFigure: Any = shape(
    "NearFigure",
    "A figure that may be meant by a number that no figure has.",
    **of_columns(SHOWN),
    why=(str, "A code of /v1/codelists/near_miss."),
)
SumOfFigures: Any = shape("SumOfFigures", "Two figures that add up to a number.", ids=list[str], detail=str)
ComparedNumber: Any = shape(
    "ComparedNumber",
    "A number of the text.",
    at=(str, "Its place, in code points: char=START,END."),
    printed=str,
    value=Number,
    unit=(str, "count, percent or proportion."),
    figures=(list[MatchedFigure], "The figures that it may be, the likeliest first, at most five."),
    near=(list[NearFigure], "If it is none: figures that may be meant, at most three."),
    sums=list[SumOfFigures],
)
NumbersTogether: Any = shape(
    "NumbersTogether",
    "Two numbers that must not be compared or added as the text does.",
    **of(list[str], "at", "ids"),
    code=(str, "no_trend or look_alikes."),
    detail=str,
)
PassedOver: Any = shape(
    "PassedOver", "A number that was not compared.", at=str, printed=str, reason=(str, "Such as date, age or money.")
)
CheckMeta: Any = shape(
    "CheckMeta",
    "About the comparison.",
    base=Meta,
    numbers=(int, "Numbers that were compared."),
    matched=(int, "Numbers that a figure has."),
    together=list[NumbersTogether],
    passed_over=list[PassedOver],
    newest_document=(Text, "When the newest document was published that the register has read."),
)
CheckAnswer: Any = answer("CheckAnswer", "What the numbers of a text may be.", list[ComparedNumber], CheckMeta)
