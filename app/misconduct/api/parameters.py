"""What requests can ask, as pydantic models. FastAPI reads, checks and documents each parameter from its line here."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from misconduct.queries.figures import Sort
from misconduct.queries.filters import Filters, Flag, Several

MOST_ROWS = 1_000


def _whole_number(text: Any) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ValueError(f"{str(text)[:80]!r} is not a whole number, such as 100")
    return int(text)


def _day(text: Any) -> date:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(f"{str(text)[:80]!r} is not a day, such as 2026-11-21")
    return date.fromisoformat(text)


Number = Annotated[int, BeforeValidator(_whole_number)]


class Nothing(BaseModel):
    """A resource without parameters."""

    model_config = ConfigDict(extra="forbid")


class Pinned(BaseModel):
    """The release that an answer is from."""

    model_config = ConfigDict(extra="forbid")

    release: str | None = Field(None, description="Number of a release: 2.2.0. Default: latest.", examples=["2.2.0"])
    as_of: Annotated[date | None, BeforeValidator(_day)] = Field(
        None, description="The newest release of this UTC day or before: 2026-11-21."
    )

    @model_validator(mode="after")
    def _names_one_release(self) -> "Pinned":
        if self.release and self.as_of:
            raise ValueError("give release or as_of, not both")
        return self


class OneFigure(Pinned):
    """The parameters of one figure."""

    columns: Several = Field([], description="Only these columns, in this order. Default: all.")


class FigureList(Filters, Pinned):
    """The parameters of a list of figures."""

    columns: Several = Field([], description="Only these columns, in this order; `all` for every column.")
    labels: Flag = Field("0", description="1: in tables, add a column <name>_label after each column of codes.")
    sort: Sort = Field("period", description="Order: period is newest first; - reverses. Ties are sorted by id.")
    limit: Annotated[Number | None, Field(ge=1, le=MOST_ROWS)] = Field(
        None, description=f"Most figures of the answer, up to {MOST_ROWS}. Default: 100 in JSON, all in tables."
    )
    offset: Annotated[Number, Field(ge=0)] = Field(0, description="How many figures to skip. `links.next` has it.")
