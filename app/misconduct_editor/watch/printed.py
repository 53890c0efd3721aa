"""Judge whether a page still prints figures that were typed from it. Whatever it is, this takes linear time."""

import re
from codecs import lookup
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal

from misconduct.article.sent import read_html
from misconduct.model.figure import Row
from misconduct.model.plain_words import straighten

CHANGED, GONE, PRINTED, UNDECIDABLE, NOT_READ = (
    "changed",
    "gone",
    "still printed",
    "not decidable",
    "not read",
)
FEW_WORDS = (
    30  # a page with scripts and no more words than these makes its text in the browser
)

_STATED = re.compile(rb"<meta[^<>]+charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
ENCODINGS = {"ascii", "cp1252", "iso8859-1", "iso8859-15", "utf-8", "utf-16"}
"""Python's names of what pages are written in. Some of its others, such as punycode, take hours."""

_NUMBER = re.compile(
    r"(?:\d{1,3}([, '])\d{3}(?:\1\d{3})*(?!\d)|\d{1,2}(?:,\d{2}){1,4},\d{3}(?!\d)|\d+)(?:\.\d+)?"
)


Verdict = tuple[str, str]
"""What is told of a figure, and a note."""


def judge_page(body: bytes, charset: str | None, rows: Iterable[Row]) -> list[Verdict]:
    """Return a verdict and a note on each figure that was typed from a page."""
    html = decode(body, charset)
    text = _even(
        read_html(html).text.replace("\t", "\n")
    )  # two cells are not one number
    if "<script" in html.lower() and len(text.split()) <= FEW_WORDS:
        return [(NOT_READ, "scripts make its text") for _ in rows]
    numbers, words = _find_numbers(text), " ".join(text.split())
    return [_judge(row, numbers, words) for row in rows]


def decode(body: bytes, charset: str | None) -> str:
    """Decode a page by what its answer says, or it says itself, or as UTF-8, or else as browsers do."""
    stated = _STATED.search(body)
    for name in (charset, stated and stated[1].decode("ascii"), "utf-8"):
        with suppress(LookupError, UnicodeDecodeError):
            if name and lookup(name).name in ENCODINGS:
                return body.decode(name)
    return body.decode("windows-1252", errors="replace")


def _even(text: str) -> str:
    """Return a text with one kind of dash, quotation mark and space, and no capitals."""
    return "\n".join(
        " ".join(line.split()) for line in straighten(text).casefold().splitlines()
    )


def _find_numbers(text: str) -> set[Decimal]:
    return {Decimal(re.sub("[, ']", "", one[0])) for one in _NUMBER.finditer(text)}


def _judge(row: Row, numbers: set[Decimal], text: str) -> Verdict:
    printed = _find_numbers(_even(row["printed"]))
    has_words = all(_even(words) in text for words in (row["counted"] or "").split("…"))
    has_number = printed <= numbers
    missing = [
        name
        for name, is_there in {"words": has_words, "number": has_number}.items()
        if not is_there
    ]
    note = f"{'without its ' * bool(missing)}{' and '.join(missing)}"
    if (
        all(number < 10 and number == int(number) for number in printed)
        or has_number > has_words
    ):
        return UNDECIDABLE, note
    return (
        PRINTED if has_words and has_number else CHANGED if has_words else GONE
    ), note
