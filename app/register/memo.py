"""Functions that remember. A register repeats itself: a million rows hold a few thousand different cells."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_REMEMBERED = 4_096


class Memo(dict[Key, Value]):
    """The answers of a function as a dict that fills itself, and starts anew when it is full.

    A look-up costs no call, which is what makes reading fast. Errors are not remembered.
    """

    def __init__(self, function: Callable[[Key], Value]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Key) -> Value:
        value = self._function(key)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[key] = value
        return value
