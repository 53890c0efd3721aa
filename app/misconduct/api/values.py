"""Read the values of parameters: several at once, numbers, ids, and the words of a question."""

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from misconduct.model.figure import FIGURE_ID
from misconduct.model.number_words import DIGITS, with_decimal_point

MAX_VALUES = 100
MAX_CHARACTERS = 200  # of a search


_NUMBERS = re.compile(r"(?:[^,]*[^\d.,])?\d{1,3}(?:,\d{3})+(?!\d)[^,]*|[^,]+", re.ASCII)
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Characters that Postgres (NUL) or XML (the others) cannot have."""


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
_Number = Annotated[Decimal, _NUMBER, BeforeValidator(_has_no_decimal_comma)]
Numbers = Annotated[list[_Number], BeforeValidator(split_numbers), _MANY]
Flag = Literal["0", "1"]
