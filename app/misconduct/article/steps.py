"""Compare a text in two steps, between which figures are looked up. The process that does it keeps the text.

Only numbers, words and rows are sent to this process and come back.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, pairwise
from typing import NamedTuple

from misconduct.article.fields import Comparison
from misconduct.article.find import Checked, Sought, TextComparison, seek
from misconduct.article.known import Known
from misconduct.article.number import Article, Number, Passed, read_article
from misconduct.article.sent import Sent
from misconduct.article.text import Text
from misconduct.article.together import Together, find_together
from misconduct.model.catalogue import Catalogue, RecordsByKind
from misconduct.model.figure import Row
from misconduct.model.number_words import find_numbers
from misconduct.model.vocabulary import Codes, Vocabulary

MAX_WORDS = 2_000
"""Words and digits that may be parts of numbers. No article has more; to join them takes time."""

_KEPT = 2  # releases of which a process knows the words
_known = dict[Hashable, Known]()
_articles = list[Article]()  # what a process is at work on


class Read(NamedTuple):
    """The length of a text as it is read (0 if it is blank), the count of its numbers, and the figures to find."""

    characters: int
    numbers: int = 0
    sought: Sought | None = None


class FoundNumber(NamedTuple):
    """A number of a text: where it was sent, how it is read, its nouns, and what was found for it."""

    at: tuple[int, int]
    printed: str
    value: Fraction
    unit: str
    nouns: str
    figures: Sequence[Comparison]
    near: Sequence[tuple[Row, str]]


class Findings(NamedTuple):
    """The numbers found in a text. `pieces` is the whole text, cut before and after each number."""

    numbers: Sequence[FoundNumber]
    together: Sequence[Together]
    passed: Sequence[Passed]
    pieces: Sequence[str]
    has_place: bool


def knows(release: Hashable) -> bool:
    """Tell whether this process knows the words of a release."""
    return release in _known


def learn(
    release: Hashable,
    records: RecordsByKind,
    lists: Mapping[str, Codes],
    series: Sequence[Row],
    counts: Sequence[int],
    areas: Sequence[str],
) -> None:
    """Learn the words of a release, which mean what they mean in `lists`, those of the newest one."""
    while len(_known) >= _KEPT:
        del _known[next(iter(_known))]
    _known[release] = Known(
        Catalogue(records), Vocabulary(lists), series, counts, areas
    )


def read(
    sent: str,
    read_sent: Callable[[str], Sent],
    release: Hashable,
    today: str,
    characters: int,
    numbers: int,
) -> Read:
    """Read a text, in which “now” is a day. Of a text that has more characters or numbers, only say so."""
    _articles.clear()
    source = read_sent(sent)
    length = len(source.text) if source.text.strip() else 0
    if not 0 < length <= characters:
        return Read(length)
    words = sum(1 for _ in find_numbers(source.text))
    if words > MAX_WORDS:
        return Read(length, words)
    article = read_article(source, _known[release], today)
    _articles.append(article)
    count = len(article.numbers)
    return Read(length, count, seek(article) if count <= numbers else None)


def compare(rows: Iterable[Row]) -> Findings:
    """Compare the text with the figures that were sought. Return what was found for its numbers."""
    text, numbers, passed = _articles.pop()
    entries = TextComparison(numbers, rows).entries()
    return Findings(
        [*map(_describe, entries)],
        [*find_together(entries)],
        passed,
        [*_cut(text, numbers)],
        bool(text.named - {"unstated"}),
    )


def _describe(entry: Checked) -> FoundNumber:
    number = entry.number
    return FoundNumber(
        number.at,
        number.printed,
        number.value,
        number.unit,
        number.text.as_read(*number.nouns).strip(),
        entry.figures,
        entry.near,
    )


def _cut(text: Text, numbers: Iterable[Number]) -> Iterator[str]:
    """Yield the text in pieces. It is shown as it is read: a sign that nobody sees would turn words round."""
    ends = [
        0,
        *chain.from_iterable((one.start, one.end) for one in numbers),
        len(text.text),
    ]
    yield from (text.as_read(low, high) for low, high in pairwise(ends))
