"""A typed figure is compared with its page as a reader sees it: still printed, changed, gone, or not decidable."""

import time

import pytest

from misconduct_editor.watch.printed import judge_page
from tests.desk.cases import TABLES, read_cases

CASES = read_cases(TABLES / "printed.yaml")
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


PIECES_OF = {"rate": RATE, "menu": MENU, "shell": SHELL, "script": SCRIPT}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_page_is_compared_as_a_reader_sees_it(case):
    body = case["body"].format_map(PIECES_OF).encode()
    row = figure(**case.get("cells", {}))
    assert judge_page(body, "utf-8", [row]) == [tuple(case["told"])]


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


SLOW = (
    "punycode idna unicode_escape raw_unicode_escape utf-7 utf-32 zip bz2 hex".split()
)
SLOW += "base64 uu quopri rot13 undefined mbcs hz aliases cp037 -".split()
SLOW.append("utf" * 30_000)
"""Encodings of Python that browsers do not know, or that are none of text."""


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


PIECES = ["a", "a-", "-", "\x1b$B", "\x80", "+AG", "<meta charset=", "<meta "]
PIECES += [" ", ",123", "1"]
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
