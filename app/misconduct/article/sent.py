"""Turn what was sent, HTML or plain text with the signs of Markdown, into the text that people read.

Each character keeps its place in what was sent. Signs that nobody sees belong to no number and no word, and go, too.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from itertools import chain, repeat
from typing import NamedTuple

from misconduct.article.times import find_years
from misconduct.model.plain_words import is_invisible

_INSIDE_LINES = (
    "a|abbr|b|big|cite|code|del|dfn|em|font|i|img|ins|kbd|label|mark|q|s|samp|small|span"
    "|strong|sub|sup|time|u|var|wbr"
)
_END_OF_TAG = r"""(?:=\s*(?:"[^"]*"|'[^']*')|[^>])*+(?:>|\Z)"""
"""What follows the name in a tag. A value in quotes may have “>”. As in browsers, one that never ends has the rest."""

_HTML = re.compile(
    rf"""(?xis)
    (?P<unseen> <!--(?:-?>|.*?(?:--!?>|\Z)) | <(noscript|script|style|template|del|strike|s)\b.*?(?:</\2\b[^>]*+>?|\Z) )
    | (?P<footnote> <sup\b[^<>]*> (?: <[^<>]*> | [\s\d,*†‡()\[\]] ){{1,20}}? </sup\s*> )
    | (?P<cell> </?t[dh]\b{_END_OF_TAG} )
    | (?P<inside> </?(?:{_INSIDE_LINES})\b{_END_OF_TAG} )
    | (?P<line> <[!?/a-z]{_END_OF_TAG} )
    | (?P<entity> &(?:\#\d{{1,7}}|\#x[\da-f]{{1,6}}|[a-z][a-z\d]{{1,30}});? )
    | (?P<space> [\t\n\f\r][ \t\n\f\r]* )
    """
)
"""The parser of the standard library stops at what some pages have, such as `<![x`."""

_LONG_LINE = 50  # characters before a line break that a mail program may have made, so that the sentence goes on

_MARKED = re.compile(
    rf"""(?xim)
    (?P<unseen> (?s:<!--(?:(?!<!--|-->).)*+--> | <(noscript|script|style|template)\b(?:(?!</?\2\b).)*+</\2\b[^>]*+>) )
    | (?P<rule> ^[ \t]*+ (?=[^\n]*[=*_-]{{3}}) [|:=*_ \t-]++ $ )
    | (?P<address> ^[ \t]*+\[[^\[\]\n]{{1,100}}\]:[ \t]+<?(?:https?:|/)[^\n]* )
    | (?P<list> ^[ \t]*+ (?: \#{{1,6}}[ \t]+ | >[ \t]? | [-*+•][ \t]+ | \d{{1,2}}[.)][ \t]+ )++ )
    | (?P<url> (?:https?://|www\.)[^\s<>()\[\]"”’]*[^\s<>()\[\]"”’.,;:!?] | <(?:https?|mailto):[^<>]*> )
    | (?P<space> (?<=[^\n]{{{_LONG_LINE}}})\r?\n(?=(?-i:[a-z])) | (?<=[^\n]{{{_LONG_LINE}}}(?-i:[a-z,]))\r?\n(?=\d) )
    | (?P<footnote> \[\^[^\s\[\]]{{1,40}}\]:? )
    | (?P<link> !?\[ (?=(?:!\[[^\[\]\n]*\]\([^()\s]*\)|[^\[\]\n])*+\]\() )
    | (?P<address_of_link> \]\( (?:[^()\s]|\([^()\s]*\))*+ (?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))? \) )
    | (?P<cell> </?t[dh]\b[^<>]*> | \| )
    | (?P<inside> </?(?:{_INSIDE_LINES})\b[^<>]*> )
    | (?P<line> </?[a-z][^<>]*> )
    | (?P<entity> &(?:\#\d{{1,7}}|\#x[\da-f]{{1,6}}|[a-z][a-z\d]{{1,30}}); )
    | (?P<escape> \\[!-/:-@\[-`{{-~] )
    | (?P<emphasis> [*_`]+ | ~~ )
    """
)
_CELL = re.compile(r"[ *]*\d[\d,.]*%?(?=[ *]*$)")
_YEAR = re.compile(r"[ *]*(?:19|20)\d\d(?:[/–-]\d\d(?:\d\d)?)?[ *]*")
_LONGEST_HEAD, _MOST_CELLS = (
    80,
    500,
)  # characters of a heading, and cells that are read with theirs
_READ_AS = {"cell": "\t", "line": "\n", "space": " "}
"""What markup is read as, where it is not just left out."""


class Sent(NamedTuple):
    """A text as it was sent, the text that is read, and where each character of this starts and ends in the former."""

    sent: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def read_html(sent: str) -> Sent:
    """Read what people see of HTML: no tags, values in them, scripts and styles, but what entities stand for."""
    return _join(sent, filter(_means_something, _HTML.finditer(sent)))


def read_marked(sent: str) -> Sent:
    """Read a plain text without signs of Markdown, addresses, and the tags that Markdown may have."""
    return _join(sent, filter(_means_something, _MARKED.finditer(sent)))


def _means_something(markup: re.Match[str]) -> bool:
    """Tell whether an entity stands for a sign, and a sign of emphasis is not alone, as in 2 * 3, nor inside a word."""
    if markup.lastgroup == "entity":
        return unescape(markup[0]) != markup[0]
    if markup.lastgroup != "emphasis":
        return True
    sent, (start, end) = markup.string, markup.span()
    before, after = sent[start - 1 : start] or " ", sent[end : end + 1] or " "
    return not (before.isspace() and after.isspace()) and not (
        before.isalnum() and after.isalnum()
    )


def _replace(sent: Sent, pieces: Iterable[tuple[int, int, str]]) -> Sent:
    """Return a text with other words in some places. What replaces nothing starts where it ends."""
    read, starts, ends, last = list[str](), array("I"), array("I"), 0
    for start, end, text in chain(pieces, [(len(sent.text), len(sent.text), "")]):
        first = sent.starts[start] if start < len(sent.text) else len(sent.sent)
        read += (sent.text[last:start], text)
        starts.extend(chain(sent.starts[last:start], repeat(first, len(text))))
        ends.extend(
            chain(
                sent.ends[last:start],
                repeat(sent.ends[end - 1] if end > start else first, len(text)),
            )
        )
        last = end
    return Sent(sent.sent, "".join(read), starts, ends)


def _join(sent: str, markup: Iterable[re.Match[str]]) -> Sent:
    """Return a text without its markup, or with what this is read as, and without signs that nobody sees."""
    whole = Sent(sent, sent, range(len(sent)), range(1, len(sent) + 1))
    whole = _replace(whole, ((*one.span(), _read(one)) for one in markup))
    signs = () if whole.text.isascii() else enumerate(whole.text)
    unseen = (
        place for place, sign in signs if not sign.isascii() and is_invisible(sign)
    )
    return _replace(whole, ((place, place + 1, "") for place in unseen))


def _read(markup: re.Match[str]) -> str:
    """Return what markup is read as. An entity, and a sign after a backslash, stand for a sign."""
    if markup.lastgroup == "entity":
        return unescape(markup[0])
    return (
        markup[0][1:]
        if markup.lastgroup == "escape"
        else _READ_AS.get(markup.lastgroup or "", "")
    )


def name_cells(sent: Sent) -> Sent:
    """Return a text whose tables have, behind the number of each cell, its column's heading and the line above.

    What is added has no place in what was sent: it starts where it ends.
    """
    added, heads = list[tuple[int, int, str]](), list[str]()
    above, left, after = "", _MOST_CELLS, 0
    for line in sent.text.split("\n"):
        start, after, cells = after, after + len(line) + 1, line.split("\t")
        if not line.strip():
            continue
        if len(cells) == 1:
            heads, above = [], line
        elif not heads:
            heads = [] if any(map(_is_value, cells)) else _read_headings(cells, above)
        elif left > 0:
            found = _find_numbers(cells, start)
            left -= len(found)
            added += _name_numbers(found, heads)
    return _replace(sent, added)


def _name_numbers(
    found: Sequence[tuple[int, int]], heads: Sequence[str]
) -> Iterator[tuple[int, int, str]]:
    """Yield what is added behind the numbers of a row: their headings, with a semicolon between them."""
    for column, end in found:
        if column < len(heads) and heads[column]:
            is_last = end == found[-1][1]
            yield end, end, heads[column] + ("" if is_last else ";")


def _is_value(cell: str) -> bool:
    """Tell whether a cell is a number and no year, so that its row is not one of headings."""
    return bool(_CELL.fullmatch(cell.strip())) and not _YEAR.fullmatch(cell)


def _find_numbers(cells: Sequence[str], start: int) -> list[tuple[int, int]]:
    """Return the column and the end of the number of each cell that has one, of a line that starts at a place."""
    found = list[tuple[int, int]]()
    for column, cell in enumerate(cells):
        if number := _CELL.match(cell):
            found.append((column, start + number.end()))
        start += len(cell) + 1
    return found


def _read_headings(cells: Iterable[str], above: str) -> list[str]:
    """Return what says of a number in each column what it is: the heading, and the title above the table if it has one.

    A sentence is no title, but for its one year.
    """
    title, years = above.strip(), [*find_years(above)]
    if len(title) > _LONGEST_HEAD or title.endswith("."):
        title = above[years[0].start : years[0].end] if len(years) == 1 else ""
    return [_read_heading(cell.strip()[:_LONGEST_HEAD], title) for cell in cells]


def _read_heading(name: str, title: str) -> str:
    without_years = name
    for year in reversed([*find_years(name)]):
        without_years = without_years[: year.start] + without_years[year.end :]
    if not name or any(map(str.isdigit, without_years)):
        return ""
    return f" {name} | {title}" if title else f" {name}"
