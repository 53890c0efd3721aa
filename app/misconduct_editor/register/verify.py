"""Compare a register with its documents: words stand at their places, and no number or hedge is left out.

Of published tables only the SHA-256 is compared here; they are imported again.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from misconduct.article.tokens import find_longer
from misconduct.model.kinds import Quotes, Source
from misconduct.model.locator import TextRange, read_place
from misconduct.model.number_words import find_hedge, find_numbers
from misconduct.releases.folder import digest_of

from .cells import MEDIA_TYPES
from .check import Register
from .reading import Mistake, Table, read_lines
from .rules import BETWEEN_PIECES, WITHOUT_VALUE, WORDS_AT
from .yaml_files import Places


class Claim(NamedTuple):
    """Words that should be at a place of a document. Most account for the numbers in them."""

    words: str
    place: str
    here: Mistake
    accounts: bool

    def find(self, text: str) -> TextRange | None:
        span = read_place(self.place)
        return span if span and text[slice(*span)] == self.words else None


def find_documents(*folders: Path) -> dict[str, Path]:
    """Return the files of folders by their SHA-256."""
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("[!.@]*"))
        if path.is_file()
    ]
    return {digest_of(path): path for path in files}


def verify(register: Register, by_digest: Mapping[str, Path]) -> list[str]:
    claims = defaultdict[str, list[Claim]](list)
    for identity, claim in _list_claims(register):
        claims[identity].append(claim)
    mistakes: list[Mistake] = []
    for located in register.located:
        source = located.record
        if not isinstance(source, Source) or not source.held:
            continue
        path = by_digest.get(source.sha256 or "")
        if path is None:
            mistakes.append(
                located.places.mistake(
                    ("sha256",), "none of the documents has this SHA-256"
                )
            )
        elif (source.media_type or "text/plain").startswith(
            "text/"
        ) and source.media_type not in MEDIA_TYPES.values():
            text, own = path.read_bytes().decode(errors="replace"), claims[source.id]
            mistakes += [
                *_compare_claims(own, text),
                *_find_numbers_left_out(source, own, text, path),
            ]
            mistakes += _compare_source(source, located.places, text)
            for table in (one for one in register.tables if one.name == source.id):
                mistakes += _find_hedges_left_out(table, text)
    return [str(one) for one in sorted(mistakes)]


def _list_claims(register: Register) -> Iterator[tuple[str, Claim]]:
    for table in register.tables:
        for number, row in enumerate(table.rows()):
            for column, words, place in list_places(row):
                here = table.mistake(number, column, "")
                yield (
                    table.name,
                    Claim(words, place, here, accounts=column != "counted_at"),
                )
    for located in register.located:
        for name, field in type(located.record).model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, Quotes) and (
                    place := getattr(located.record, name)
                ):
                    words = getattr(located.record, mark.printed) or ""
                    claim = Claim(
                        words,
                        place,
                        located.places.mistake((name,), ""),
                        accounts=False,
                    )
                    yield getattr(located.record, mark.source), claim


def list_places(row: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield column, words and place of all that a row says is in its document."""
    for column, words in WORDS_AT.items():
        if row.get(column):
            yield column, row[words], row[column]
    for place in row.get("also_at", "").split():
        yield "also_at", row["printed"], place
    pieces = row.get("counted", "").split(BETWEEN_PIECES)
    for words, place in zip(pieces, row.get("counted_at", "").split(), strict=False):
        yield "counted_at", words, place


def _compare_claims(claims: list[Claim], text: str) -> Iterator[Mistake]:
    for claim in claims:
        if place := claim.find(text):
            if claim.accounts and (longer := find_longer(text, *place)):
                yield claim.here._replace(
                    message=f"{claim.words!r} is only a part of {longer!r} in the document"
                )
            continue
        span = read_place(claim.place)
        found = (
            f"has {text[slice(*span)]!r} at {claim.place}"
            if span
            else "is a text, not a table"
        )
        starts = (match.start() for match in re.finditer(re.escape(claim.words), text))
        near = min(
            starts, key=lambda one: abs(one - (span.start if span else 0)), default=None
        )
        right = (
            "nowhere in it"
            if near is None
            else f"at char={near},{near + len(claim.words)}"
        )
        yield claim.here._replace(
            message=f"the document {found}; {claim.words!r} is {right}"
        )


def _find_numbers_left_out(
    source: Source, claims: list[Claim], text: str, path: Path
) -> Iterator[Mistake]:
    spans = [span for claim in claims if claim.accounts and (span := claim.find(text))]
    accounted = {character for span in spans for character in range(*span)}
    files = f"observations/{source.id}.csv or not-statistics/{source.id}.csv"
    place_of = read_lines(text)
    for start, end, number in find_numbers(text):
        if not accounted.issuperset(range(start, end)):
            message = f"no row says what {number!r} at char={start},{end} is; add one to {files}"
            yield Mistake(str(path), *place_of(start), message)


def _find_hedges_left_out(table: Table, text: str) -> Iterator[Mistake]:
    """Yield the hedges beside numbers that no place of their row has, but for repeated ones."""
    for number, row in enumerate(table.rows()):
        if "hedge" not in row or row["qualifier"] in WITHOUT_VALUE:
            continue
        spans = [
            (column, span)
            for column, _, place in list_places(row)
            if (span := read_place(place))
        ]
        for column, span in spans:
            hedge = find_hedge(text, *span) if column in ("at", "also_at") else None
            words = text[slice(*hedge)] if hedge else ""
            if not hedge or (
                column == "also_at" and words.casefold() == row["hedge"].casefold()
            ):
                continue
            start, end = hedge
            if not any(one.start <= start and end <= one.end for _, one in spans):
                message = f"{words!r} at char={start},{end} is next to {row['printed']!r}; add it to hedge"
                yield table.mistake(number, "hedge", f"{message} and qualifier")


def _compare_source(source: Source, places: Places, text: str) -> Iterator[Mistake]:
    if source.length is not None and source.length != len(text):
        yield places.mistake(("length",), f"the document has {len(text)} characters")
    for place, words in source.quotes.items():
        span = read_place(place)
        around = (
            (text[: span.start][-200:], text[span.end : span.end + 200])
            if span
            else ("", "")
        )
        # browsers look for words with single spaces
        left, right, before, after = (
            " ".join(one.split()) for one in (*around, *words)
        )
        if not left.endswith(before) or not right.startswith(after):
            yield places.mistake(
                ("quotes", place),
                f"the words around {place} are {left[-40:]!r} and {right[:40]!r}",
            )
