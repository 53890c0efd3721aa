"""A typed figure is compared with its page as a reader sees it: still printed, changed, gone, or not decidable."""

import time

import pytest

from misconduct_editor.watch.printed import judge_page

RATE = "<p>In 2024, 1,204 officers were suspended.</p>"
MENU = f"<ul>{'<li>About the force</li>' * 10}</ul>"
SHELL = "<title>Police data</title><noscript>Enable JavaScript to see 1,204 officers.</noscript><div id=a></div>"
SCRIPT = "<script>show('1,204 officers were suspended')</script>"


def figure(printed="1,204", counted="officers were suspended", **cells):
    row = {
        "id": "k7m3q",
        "source": "a-force-2024",
        "counted": counted,
        "printed": printed,
        "at": "row=1",
    }
    return row | cells


WORDS_ONLY = ("changed", "without its number")
PAGES = {  # a page; what is told
    "still printed": (RATE, ("still printed", "")),
    "the number is another": (
        "<p>In 2024, 1,205 officers were suspended.</p>",
        WORDS_ONLY,
    ),
    "neither": (
        "<p>This page has moved to our archive.</p>",
        ("gone", "without its words and number"),
    ),
    "only the number": (
        "<p>1,204 people came.</p>",
        ("not decidable", "without its words"),
    ),
    "no comma": ("1204 officers were suspended", ("still printed", "")),
    "a space": ("1 204 officers were suspended", ("still printed", "")),
    "a space that does not break": (
        "1&nbsp;204 officers were&#160;suspended",
        ("still printed", ""),
    ),
    "a narrow space": ("1\u202f204 officers were suspended", ("still printed", "")),
    "an apostrophe": ("1’204 officers were suspended", ("still printed", "")),
    "a point": ("1.204 officers were suspended", WORDS_ONLY),
    "a longer number": ("11,204 officers were suspended", WORDS_ONLY),
    "a number that it begins": ("1,204,500 officers were suspended", WORDS_ONLY),
    "one with decimals": ("1,204.5 officers were suspended", WORDS_ONLY),
    "digits of two cells": (
        "<td>1</td><td>204</td> officers were suspended",
        WORDS_ONLY,
    ),
    "a footnote": ("1,204<sup>2</sup> officers were suspended", ("still printed", "")),
    "tags in words and numbers": (
        "<b>1</b>,<b>204</b> off<i>icers</i> <a href='x'>were</a> suspended",
        ("still printed", ""),
    ),
    "words in two lines": (
        "<p>1,204</p><p>Officers\n were</p><h2>SUSPENDED</h2>",
        ("still printed", ""),
    ),
    "only in a script": (f"{MENU}<p>Officers were suspended</p>{SCRIPT}", WORDS_ONLY),
    "only in a comment": ("<p>officers were suspended</p><!-- 1,204 -->", WORDS_ONLY),
    "a comment without an end": (
        "<p>1,204 officers were suspended</p><!-- <b>x</b>",
        ("still printed", ""),
    ),
    "a condition for old browsers": (
        "<![if !IE]><![x[<p>1,204 officers were suspended</p>",
        ("still printed", ""),
    ),
    "made by scripts": (SHELL + SCRIPT, ("not read", "scripts make its text")),
    "with scripts": (MENU + RATE + SCRIPT, ("still printed", "")),
    "nothing": ("", ("gone", "without its words and number")),
}


@pytest.mark.parametrize(("body", "told"), PAGES.values(), ids=PAGES)
def test_a_page_is_compared_as_a_reader_sees_it(body, told):
    assert judge_page(body.encode(), "utf-8", [figure()]) == [told]


FIGURES = {  # cells of a figure; the page; what is told
    "below 10": (figure("3"), "3 officers were suspended", ("not decidable", "")),
    "below 10, and another number": (
        figure("3"),
        "4 officers were suspended",
        ("not decidable", "without its number"),
    ),
    "below 10, and no words": (
        figure("3"),
        "3 July",
        ("not decidable", "without its words"),
    ),
    "in words": (
        figure("Twelve"),
        "Twelve officers were suspended",
        ("not decidable", ""),
    ),
    "a share below 10": (
        figure("4.2%"),
        "4.2 per cent of officers were suspended",
        ("still printed", ""),
    ),
    "another share": (figure("4.2%"), "4.3% of officers were suspended", WORDS_ONLY),
    "lakh": (
        figure("1,20,400"),
        "120,400 officers were suspended",
        ("still printed", ""),
    ),
    "thousands": (
        figure("120,400"),
        "1,20,400 officers were suspended",
        ("still printed", ""),
    ),
    "pieces": (
        figure(counted="officers … suspended"),
        "Suspended: 1,204 officers",
        ("still printed", ""),
    ),
    "a piece that is gone": (
        figure(counted="officers … dismissed"),
        RATE,
        ("not decidable", "without its words"),
    ),
    "a dash": (
        figure(counted="2023-24: officers"),
        "2023–24: officers 1,204",
        ("still printed", ""),
    ),
    "a quotation": (
        figure(counted="force’s “list”"),
        "The force's &quot;list&quot;: 1,204",
        ("still printed", ""),
    ),
}


@pytest.mark.parametrize(("row", "body", "told"), FIGURES.values(), ids=FIGURES)
def test_a_figure_is_found_by_its_words_and_its_number(row, body, told):
    assert judge_page(body.encode(), "utf-8", [row]) == [told]


FORCE = "Police forces – 1\u00a0204 agents “suspended”"
TYPED = figure("1 204", "Police forces – … “suspended”")
CODED = {  # bytes, and the encoding that the server states
    "utf-8, stated": (FORCE.encode(), "UTF-8"),
    "utf-8, not stated": (FORCE.encode(), None),
    "windows-1252, stated": (FORCE.encode("windows-1252"), "windows-1252"),
    "windows-1252 in the page": (
        b"<meta charset='windows-1252'>" + FORCE.encode("windows-1252"),
        None,
    ),
    "windows-1252, not stated": (FORCE.encode("windows-1252"), None),
    "utf-8, stated as what it is not": (FORCE.encode(), "us-ascii"),
    "stated as what nobody knows": (FORCE.encode(), "none"),
}


@pytest.mark.parametrize(("body", "charset"), CODED.values(), ids=CODED)
def test_a_page_is_read_in_its_encoding(body, charset):
    assert judge_page(body, charset, [TYPED]) == [("still printed", "")]


SLOW = [
    # encodings of Python that browsers do not know, or that are none of text
    *("punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-32"),
    *(
        "zip",
        "bz2",
        "hex",
        "base64",
        "uu",
        "quopri",
        "rot13",
        "undefined",
        "mbcs",
        "hz",
    ),
    *("aliases", "cp037", "-", "utf" * 30_000),
]


@pytest.mark.parametrize("charset", SLOW)
def test_an_encoding_that_browsers_do_not_know_is_not_used(charset):
    body = FORCE.encode()
    stated = f"<meta charset={charset}>".encode()
    for page, name in (
        (body, charset),
        (stated + body, None),
        (stated + body, charset),
    ):
        assert judge_page(page, name, [TYPED]) == [("still printed", "")]


PIECES = [
    "a",
    "a-",
    "-",
    "\x1b$B",
    "\x80",
    "+AG",
    "<meta charset=",
    "<meta ",
    " ",
    ",123",
    "1",
]
CHARSETS = "utf-8 utf-16 gb18030 iso-2022-jp shift_jis punycode"


@pytest.mark.parametrize("charset", CHARSETS.split())
def test_a_long_page_takes_linear_time(charset):
    slow = {}
    for piece in PIECES:
        less, more = (measure(piece, charset, size) for size in (30_000, 120_000))
        if more > 2.6**2 * max(less, 0.02):  # a machine tells no less than 20 ms
            slow[piece] = less, more
    assert not slow


def measure(piece, charset, size):
    body = (piece.encode("latin-1") * size)[:size] + b"1-a"
    spent = []
    for _ in range(2):
        begun = time.process_time()
        judge_page(body, charset, [figure()])
        spent.append(time.process_time() - begun)
    return min(spent)
