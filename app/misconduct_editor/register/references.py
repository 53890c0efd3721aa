"""Find the references of a record to others, by the marks of its fields."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from misconduct.model.kinds import Ref

Reference = tuple[tuple[str | int, ...], str, str]
"""The path to a reference inside a record, the kind or code list that it refers to, and the id."""


def find_references(record: BaseModel) -> Iterator[Reference]:
    """Yield every reference of a record to another."""
    for name, field in type(record).model_fields.items():
        yield from _references(getattr(record, name), (name,), [*field.metadata, *_marks_of(field.annotation)])


def _references(value: Any, path: tuple[str | int, ...], marks: Sequence[Any]) -> Iterator[Reference]:
    """Yield the references in a value of a field with these marks."""
    if isinstance(value, BaseModel):
        yield from (((*path, *inner), to, identity) for inner, to, identity in find_references(value))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*path, index), marks)
    elif isinstance(value, str):
        yield from ((path, mark.to, value) for mark in marks if isinstance(mark, Ref))


def _marks_of(annotation: Any) -> Iterator[Any]:
    """Yield the marks of a type, also where it may be None or is that of the items of a list."""
    for part in get_args(annotation):
        yield part
        yield from _marks_of(part)
