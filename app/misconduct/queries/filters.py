"""Declare the filters of a list of figures, and turn them into conditions in SQL. Codes also find narrower ones."""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)
from pydantic.fields import FieldInfo

from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import read_year_label
from misconduct.model.figure import COLUMNS, FIGURE_ID
from misconduct.model.number_words import DIGITS, with_decimal_point
from misconduct.model.warnings import MOST_READ
from misconduct.queries.order import Order, write_order
from misconduct.queries.question import Question, read_question
from misconduct.queries.terms import Values, write_number, write_said, write_terms

YEAR = r"[1-9]\d{3}"
MAX_VALUES = 100
MAX_CHARACTERS = 200  # of a search

FIGURES = "$release.observations AS figure"

_NUMBERS = re.compile(r"(?:[^,]*[^\d.,])?\d{1,3}(?:,\d{3})+(?!\d)[^,]*|[^,]+", re.ASCII)
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Characters that Postgres (NUL) or XML (the others) cannot have."""


class Where(NamedTuple):
    """A filter's condition in SQL, the code list or kind of record of its values, and the column that has them."""

    sql: str
    names: str | None = None
    column: str = ""


_OF_YEAR = "year = ANY(%(year)s) AND recency < %(after_years)s"
"""Figures of some years. Lists begin with the newest: `recency` says where these begin there."""


def split(value: Any) -> Any:
    """Split `a,b` into two values."""
    values = value if isinstance(value, list) else [value]
    commas = sum(str(one).count(",") for one in values)
    if len(values) + commas > MAX_VALUES:
        raise ValueError(f"has {len(values) + commas} values and may have {MAX_VALUES}")
    return clean([part.strip() for one in values for part in str(one).split(",")])


def clean(values: list[str]) -> list[str]:
    """Replace NUL, which Postgres has in no text."""
    return [one.replace("\0", "�") for one in values]


def split_numbers(value: Any) -> Any:
    """Split values at commas, but not inside a number: 1,071 is one, 1492,131 are two, and 0,045 stays as it is."""
    values = value if isinstance(value, list) else [value]
    return [
        part.strip() for one in values for part in _NUMBERS.findall(str(one)) or [""]
    ]


def reads(form: str, noun: str, read: Callable[[str], Any]) -> BeforeValidator:
    """Read a text of a form; say what it must be if it is of none."""

    def check(text: Any) -> Any:
        with suppress(ValueError):
            if isinstance(text, str) and re.fullmatch(form, text, re.ASCII):
                return read(text)
        raise ValueError(f"{str(text)[:80]!r} is not {noun}")

    return BeforeValidator(check)


def _searched(text: Any) -> str:
    plain = re.sub(r"\s+", " ", _UNPRINTED.sub(" ", str(text)), flags=re.ASCII).strip()
    if not plain:
        raise ValueError("Type a word or a number to search for: q=dismissed")
    if len(plain) > MAX_CHARACTERS:
        raise ValueError(
            f"q has {len(plain)} characters and may have {MAX_CHARACTERS}: shorten it"
        )
    return plain


SearchText = Annotated[
    str, BeforeValidator(_searched), Field(max_length=MAX_CHARACTERS)
]


def _has_no_decimal_comma(text: Any) -> Any:
    """Refuse 0,045, which is no number with thousands: it may be a decimal, or several numbers."""
    if not isinstance(text, str) or not re.fullmatch(
        r"-?0\d{0,2}(,\d{3})+(\.\d+)?", text, re.ASCII
    ):
        return text
    decimal = with_decimal_point(text)
    remedies = [f"for a decimal, write {decimal}"] if decimal != text else []
    remedies.append("for several numbers, repeat the parameter: value=0&value=45")
    raise ValueError(
        f"{text[:80]!r} is not a number with thousands: {'; '.join(remedies)}"
    )


_FIGURE_ID = reads(FIGURE_ID, "the id of a figure, such as k7m3q", str)
_NUMBER = reads(
    rf"(?!-?\d{{16}})-?{DIGITS}(\.\d{{1,12}})?",
    "a number, such as 1492, 1,492 or 0.02; q finds numbers in words, such as q=45k",
    lambda text: Decimal(text.replace(",", "")),
)

_MANY = Field(max_length=MAX_VALUES)
Several = Annotated[list[str], BeforeValidator(split), _MANY]
FigureIds = Annotated[list[Annotated[str, _FIGURE_ID]], BeforeValidator(split), _MANY]
Years = Annotated[
    list[Annotated[str, AfterValidator(read_year_label)]], BeforeValidator(split), _MANY
]
_Number = Annotated[Decimal, _NUMBER, BeforeValidator(_has_no_decimal_comma)]
Numbers = Annotated[list[_Number], BeforeValidator(split_numbers), _MANY]
Flag = Literal["0", "1"]


class Filters(BaseModel):
    """The filters of a list: it has the figures that match every filter, and any one of its values.

    A filter without a condition of its own is for the column that has its name.
    """

    model_config = ConfigDict(extra="forbid")

    q: SearchText | None = Field(
        None,
        description="Words, or a number as you found it: dismissed, nearly 1,000. All must be found: words in what the "
        f"figure counts, its labels or its publisher, places and years. At most {MAX_CHARACTERS} characters.",
    )
    id: FigureIds = Field([], description="Ids of figures: those of a chart.")
    indicator: Several = Field([], description="What is counted: accused.")
    category: Several = Field([], description="Kind of misconduct: sexual_assault.")
    area: Several = Field([], description="Police force or area: E23000001.")
    year: Annotated[Years, Where(_OF_YEAR, column="year")] = Field(
        [],
        description="For this year, or a part of it: 2022, or 2019/20. It never finds windows of several years.",
    )
    source: Several = Field([], description="The document.")
    vetting_check: Several = Field([], description="The check that found it.")


def _where(name: str, info: FieldInfo) -> Where:
    marks = (mark for mark in info.metadata if isinstance(mark, Where))
    of_column = Where(f"{name} = ANY(%({name})s)", COLUMNS[name].refers_to, name)
    return next(marks, of_column)


FILTERS = {
    name: _where(name, info)
    for name, info in Filters.model_fields.items()
    if name in COLUMNS
}


class Searched(NamedTuple):
    """What a search asks, and in SQL what comes first, that a figure has all words, and that its source says them."""

    question: Question
    order: Order
    words: str
    said: str


@dataclass
class Conditions:
    """The conditions of a request, in SQL on `observations`, by the names of filters, and their values.

    `asked` has what each value finds: a code and narrower ones.
    """

    sql: dict[str, str]
    values: Values
    asked: dict[str, dict[Any, list[Any]]] = field(default_factory=dict)
    searched: Searched | None = None

    @property
    def question(self) -> Question | None:
        return self.searched.question if self.searched else None

    def asking(self, question: Question, catalogue: Catalogue) -> "Conditions":
        """Return the conditions of a request that asks a question; one without words and a number finds nothing."""
        values = Values()
        has_terms = [write_terms(question.terms, values)] if question.terms else []
        has_number = [write_number(question.number, values)] if question.number else []
        return self.about(
            question,
            catalogue,
            " AND ".join([*has_terms, *has_number]) or "false",
            values,
        )

    def about(
        self, question: Question, catalogue: Catalogue, sql: str, values: Values
    ) -> "Conditions":
        """Return the conditions of a request about a question, with a condition in the place of its terms."""
        values = self.values | values
        words = write_terms(question.terms, values)
        said = " AND ".join(
            ["true", *(write_said(one, values) for one in question.terms)]
        )
        searched = Searched(question, write_order(question, catalogue), words, said)
        return replace(
            self, sql=self.sql | {"q": sql}, values=values, searched=searched
        )

    def exactly(self, *names: str) -> "Conditions":
        """Return the conditions in which some filters find only the codes that are asked for, and none narrower."""
        asked = {name: {code: [code] for code in self.asked[name]} for name in names}
        values = self.values | {name: [*codes] for name, codes in asked.items()}
        return replace(self, values=values, asked=self.asked | asked)

    def without_number(self) -> "Conditions":
        """Return the conditions without the number of a search, but with the words beside it."""
        words = {"q": self.searched.words} if self.searched else {}
        return replace(self, sql=self.sql | words)

    def asked_codes(self, name: str) -> list[str]:
        """Return the codes that a request asks for, by a filter or in words."""
        return [
            *self.values.get(name, ()),
            *(self.question.codes(name) if self.question else ()),
        ]

    def where(self, without: Collection[str] = ()) -> str:
        """Return the conditions in SQL on `observations AS figure`, without those of some filters."""
        kept = [sql for name, sql in self.sql.items() if name not in without]
        return " AND ".join(kept) or "true"

    def select(self, columns: str, without: Collection[str] = ()) -> str:
        """Return the statement that reads some columns of the figures that are found."""
        return f"SELECT {columns} FROM {FIGURES} WHERE {self.where(without)}"  # noqa: S608

    def select_first(self, columns: str, without: Collection[str] = ()) -> str:
        """Return the statement that reads some columns of the figures that come first, at most `MOST_READ`.

        The load writes figures in the order `FIRST`, and Postgres reads what an index finds in the order in which it is
        written: to sort all that is found would read all.
        """
        first = f"{self.select('*', without)} LIMIT {MOST_READ}"
        return f"SELECT {columns} FROM ({first}) AS figure"  # noqa: S608


def read_filters(
    filters: Filters, dataset: str | None, catalogue: Catalogue
) -> Conditions:
    found = Conditions({}, {})
    if dataset:
        found.sql["dataset"] = "datasets @> ARRAY[%(dataset)s::text]"
        found.values["dataset"] = dataset
    if filters.q:
        found = found.asking(read_question(filters.q, catalogue), catalogue)
        found.values["q"] = filters.q
    for name, mark in FILTERS.items():
        if name not in filters.model_fields_set:
            continue
        given, known = getattr(filters, name), catalogue.findable(mark.names)
        found.sql[name] = mark.sql
        if name == "year":
            last = max(int(label[:4]) for label in given)
            found.values["after_years"] = (last + 2) * 10_000  # 2019/20 ends in 2020
        asked = {value: known[value] if known else [value] for value in given}
        found.asked[name] = asked
        found.values[name] = [code for codes in asked.values() for code in codes]
    return found
