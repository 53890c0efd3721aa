"""Tell English words from names, by the words in small letters of a list for checking spelling (`english.txt`)."""

from functools import cache
from pathlib import Path


@cache
def _read_english() -> frozenset[str]:
    lines = Path(__file__).with_suffix(".txt").read_text("ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def is_english(word: str) -> bool:
    """Tell whether the list has a word in small letters."""
    return word in _read_english()
