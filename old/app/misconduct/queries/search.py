"""Find figures by words: PostgreSQL full-text search in English over what their codes, sources and notes say.

Labels, titles, publishers and caveats are few, so their words are indexed in memory, once for a release; what is
printed is indexed in the table. The words of a request become conditions on columns (`Filters`), and only on those in
which a figure of the release can have them: so most searches are read by the indexes of the columns.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from sqlalchemy import Text, bindparam, column, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.engine import Database
from misconduct.db.statements import compile_statement
from misconduct.db.tables import ENGLISH
from misconduct.db.tables import observations as o
from misconduct.model.catalogue import Catalogue
from misconduct.model.filters import Alternatives, Test
from misconduct.model.number_words import read_number
from misconduct.model.observation import Observation
from misconduct.model.parameter import split_words
from misconduct.queries.filters import WEIGHTS, in_force, prints_words

_JOINED = re.compile(r"[^\W\d_]+(?:[./][^\W\d_]+)+")
_SIGN = re.compile(r"[^\w\x00-\x7f]")
_GROUPED = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?!,?\d)", re.ASCII)

_CODED = ("category", "measure", "population", "counting_unit", "area", "stated_by")


@dataclass(frozen=True, eq=False)
class Codes:
    """The values of a column that mean figures with a word; and in order, as a test has them."""

    found: Set[Any]
    in_order: Sequence[Any]


class WordIndex:
    """For each lexeme the codes, by column, that mean figures with the word.

    `_meant` has those of the words that somebody holds: however a word is written and wherever it is kept, they are
    there once, because they may be all of 36,000.
    """

    def __init__(self, codes: Mapping[str, Mapping[str, Set[str]]]) -> None:
        self._codes = codes
        self._meant: WeakValueDictionary[tuple[str, ...], Codes] = WeakValueDictionary()

    def find(self, name: str, lexemes: Sequence[str]) -> Codes:
        """Return the codes of a column that have all lexemes."""
        key = (name, *lexemes)
        if (codes := self._meant.get(key)) is None:
            found = reduce(and_, (self._codes.get(lexeme, {}).get(name, set()) for lexeme in lexemes))
            codes = self._meant[key] = Codes(found, sorted(found))
        return codes


class Word(NamedTuple):
    """A word of a request, and a test of each column in which it is looked for.

    `sought` has these by column, also as sets: of 18,000 codes a list would be read for each figure of a page.
    """

    text: str
    lexemes: Sequence[str]
    tests: tuple[Test, ...]
    sought: Mapping[str, Codes]

    def matched(self, o: Observation) -> str:
        """Return the weightiest column of a figure in which the word was found."""
        for name, operator, _ in self.tests:
            cell = getattr(o, name)
            if operator == "words":
                is_found = self._is_printed(o)
            else:
                sought = self.sought[name].found
                is_found = cell in sought if operator == "in" else not sought.isdisjoint(cell)
            if is_found:
                return name
        return "printed"

    def _is_printed(self, o: Observation) -> bool:
        """Tell whether the words that are printed begin like the lexemes, as words of one stem do."""
        words, stems = f"{o.printed or ''} {o.hedge or ''}".lower().split(), [one.rstrip("i") for one in self.lexemes]
        return all(any(word.startswith(stem) for word in words) for stem in stems)


async def index_words(database: Database, catalogue: Catalogue) -> WordIndex:
    """Index what the codes, sources and caveats of a release say."""
    entries = list(_entries(catalogue))
    lexemes_of = await _find_lexemes(database, [_split(text) for *_, text in entries])
    index: dict[str, dict[str, set[str]]] = {}

    def fill() -> None:
        for (name, code, _), lexemes in zip(entries, lexemes_of, strict=True):
            for lexeme in lexemes:
                index.setdefault(lexeme, {}).setdefault(name, set()).add(code)

    await asyncio.to_thread(fill)  # others are answered meanwhile
    return WordIndex(index)


def _split(text: str) -> str:
    """Add the parts of what Postgres takes for a host or a file: `Media.Com` is found by `media`, too. And numbers of
    which it takes the groups for words, as they are looked for: `32,000` is 32000.
    """
    text = _write_plainly(text)
    parts = (part.replace(".", " ").replace("/", " ") for part in _JOINED.findall(text))
    return " ".join([text, *parts, *(number.replace(",", "") for number in _GROUPED.findall(text))])


def _write_plainly(text: str) -> str:
    """Write ASCII for the signs that part words: where the locale is C, Postgres takes “ and – for letters."""
    return _SIGN.sub(" ", text.replace("\u2019", "'"))


async def find_words(database: Database, index: WordIndex, text: str, ordinal: int) -> list[Word]:
    """Make the tests of each word of a text, in a release; words that English repeats everywhere (of) are left out."""
    words = split_words(text)
    asked = [
        plain if (plain := word.replace(",", "")).isdecimal() else _write_plainly(word) for word in words
    ]  # 1,071 is one number
    rows = await database.rows(_MEANINGS, {"texts": asked, "words": words, "ordinal": ordinal})
    return [
        _mean(word, row.lexemes, index, is_printed=row.is_printed)
        for word, row in zip(words, rows, strict=True)
        if row.lexemes
    ]


def conditions(words: Iterable[Word]) -> Iterator[tuple[str, Alternatives]]:
    """Yield the condition of each word, for `Filters.others`; of words that mean the same, as in two forms, of one."""
    distinct: dict[tuple[str, ...], Word] = {}
    for word in words:
        distinct.setdefault((*word.lexemes,), word)
    return ((f"word_{place}", tuple((test,) for test in word.tests)) for place, word in enumerate(distinct.values()))


def _entries(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yield the column, the code and the text of everything that words are looked for in."""
    for name in _CODED:
        for code, content in catalogue.codes.get(name, {}).items():
            yield name, code, content["label"]
    for slug, source in catalogue.kind("source").items():
        for name in ("source", "origin"):
            yield name, slug, " ".join(filter(None, (source["title"], source["publisher"])))
    for slug, caveat in catalogue.kind("caveat").items():
        yield "caveats", slug, caveat["text"]


def _mean(word: str, lexemes: Sequence[str], index: WordIndex, *, is_printed: bool) -> Word:
    """Test the columns that can have the word; where none can, one that no figure passes."""
    number = read_number(word)
    tests, sought = list[Test](), dict[str, Codes]()
    for name in WEIGHTS:
        if name == "printed":
            if is_printed:
                tests.append(Test(name, "words", word))
            continue
        if name == "value":
            values = [Decimal(str(float(number.value)))] if number else []
            codes = Codes({*values}, values)
        else:
            codes = index.find(name, lexemes)
        if codes.found:
            tests.append(Test(name, "overlaps" if name == "caveats" else "in", codes.in_order))
            sought[name] = codes
    return Word(word, lexemes, tuple(tests) or (Test("category", "in", []),), sought or {"category": Codes(set(), [])})


_texts = (
    func.unnest(bindparam("texts", None, ARRAY(Text)), bindparam("words", None, ARRAY(Text)))
    .table_valued(column("text", Text), column("word", Text), with_ordinality="place", name="texts")
    .render_derived()
)
_lexemes = func.tsvector_to_array(func.to_tsvector(ENGLISH, _texts.c.text)).label("lexemes")
_LEXEMES = compile_statement(select(_lexemes).order_by(_texts.c.place))
_MEANINGS = compile_statement(
    select(_lexemes, exists().where(in_force(o, 0), prints_words(_texts.c.word)).label("is_printed")).order_by(
        _texts.c.place
    )
)


async def _find_lexemes(database: Database, texts: Sequence[str]) -> list[list[str]]:
    return [row.lexemes for row in await database.rows(_LEXEMES, {"texts": list(texts)})]
