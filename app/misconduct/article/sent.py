"""Turn what was sent, HTML or plain text with the signs of Markdown, into the text that people read.

Each character keeps its place in what was sent. Signs that nobody sees belong to no number and no word, and go, too.
"""

import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import NamedTuple

from misconduct.model.plain_words import is_invisible

_INSIDE_LINES = (
    "a|abbr|b|big|cite|code|del|dfn|em|font|i|img|ins|kbd|label|mark|q|s|samp|small|span|strong|sub|sup|time|u|var|wbr"
)
_END_OF_TAG = r"""(?:=\s*(?:"[^"]*"|'[^']*')|[^>])*+(?:>|\Z)"""
"""What follows the name in a tag. A value in quotes may have “>”. As in browsers, one that never ends has the rest."""

_HTML = re.compile(
    rf"""(?xis)
    (?P<unseen> <!--.*?(?:-->|\Z) | <(noscript|script|style|template)\b.*?(?:</\2\b[^>]*>|\Z) )
    | (?P<footnote> <sup\b[^<>]*> (?: <[^<>]*> | [\s\d,*†‡()\[\]] ){{1,20}}? </sup\s*> )
    | (?P<cell> </?t[dh]\b{_END_OF_TAG} )
    | (?P<inside> </?(?:{_INSIDE_LINES})\b{_END_OF_TAG} )
    | (?P<line> <[!?/a-z]{_END_OF_TAG} )
    | (?P<entity> &(?:\#\d{{1,7}}|\#x[\da-f]{{1,6}}|[a-z][a-z\d]{{1,30}});? )
    | (?P<space> [ \t\n\f\r]+ )
    """
)
"""The parser of the standard library stops at what some pages have, such as `<![x`."""

_MARKED = re.compile(
    rf"""(?xim)
    (?P<rule> ^[ \t]*+ (?=[^\n]*[=*_-]{{3}}) [|:=*_ \t-]++ $ )
    | (?P<address> ^[ \t]*+\[[^\[\]\n]{{1,100}}\]:[ \t]+<?(?:https?:|/)[^\n]* )
    | (?P<list> ^[ \t]*+ (?: \#{{1,6}}[ \t]+ | >[ \t]? | [-*+•][ \t]+ | \d{{1,2}}[.)][ \t]+ )++ )
    | (?P<url> (?:https?://|www\.)[^\s<>()\[\]"”’]*[^\s<>()\[\]"”’.,;:!?] | <(?:https?|mailto):[^<>]*> )
    | (?P<footnote> \[\^[^\s\[\]]{{1,40}}\]:? )
    | (?P<link> \]\( (?:[^()\s]|\([^()\s]*\))*+ (?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))? \) )
    | (?P<bracket> !?\[ | \] )
    | (?P<cell> </?t[dh]\b[^<>]*> | \| )
    | (?P<inside> </?(?:{_INSIDE_LINES})\b[^<>]*> )
    | (?P<line> </?[a-z][^<>]*> | <!--[^<>]*--> )
    | (?P<entity> &(?:\#\d{{1,7}}|\#x[\da-f]{{1,6}}|[a-z][a-z\d]{{1,30}}); )
    | (?P<escape> \\[!-/:-@\[-`{{-~] )
    | (?P<emphasis> [*_`]+ | ~~ )
    """
)
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
    return _join(sent, _HTML.finditer(sent))


def read_marked(sent: str) -> Sent:
    """Read a plain text without signs of Markdown, addresses, and the tags that Markdown may have."""
    found = [one for one in _MARKED.finditer(sent) if one.lastgroup != "emphasis" or _is_emphasis(one)]
    links = _find_links(found)
    return _join(sent, (one for one in found if one.lastgroup not in ("bracket", "link") or one.start() in links))


def _is_emphasis(sign: re.Match[str]) -> bool:
    """Tell whether a sign does not stand alone, as in 2 * 3, nor inside a word."""
    before, after = sign.string[sign.start() - 1 : sign.start()] or " ", sign.string[sign.end() : sign.end() + 1] or " "
    return not (before.isspace() and after.isspace()) and not (before.isalnum() and after.isalnum())


def _find_links(found: Iterable[re.Match[str]]) -> set[int]:
    """Return where the brackets of links start. Others stay: they may be around a reference, or an age."""
    opened, links = list[int](), set[int]()
    for one in found:
        if one.lastgroup == "bracket" and one[0] != "]":
            opened.append(one.start())
        elif one.lastgroup in ("bracket", "link") and opened:
            start = opened.pop()
            links |= {start, one.start()} if one.lastgroup == "link" else set()
    return links


def _join(sent: str, markup: Iterable[re.Match[str]]) -> Sent:
    """Return a text without its markup, or with what this is read as."""
    read, last = list[tuple[str, int, int]](), 0
    for one in markup:
        start, end, text = *one.span(), _READ_AS.get(one.lastgroup or "", "")
        if one.lastgroup == "escape":
            text = one[0][1:]
        elif one.lastgroup == "entity" and (text := unescape(one[0])) == one[0]:
            continue  # it stands for nothing
        read += ((sent[place], place, place + 1) for place in range(last, start))
        read += ((character, start, end) for character in text)
        last = end
    read += ((sent[place], place, place + 1) for place in range(last, len(sent)))
    seen = [one for one in read if not is_invisible(one[0])]
    return Sent(sent, "".join(one for one, *_ in seen), [one[1] for one in seen], [one[2] for one in seen])
