"""What a reader of a chart sees: its words and marks where the browser has put them."""

from __future__ import annotations

from typing import Any, NamedTuple

from playwright.sync_api import Frame, Page

MARKS = """() => {
    const marks = [];
    const add = (kind, part) => {
        const box = part.getBoundingClientRect();
        const lines = part.children.length ? [...part.children] : [part];
        const text = lines.map(line => line.textContent.trim()).join(' ');
        marks.push([kind, text, box.x, box.y, box.width, box.height]);
    };
    for (const path of document.querySelectorAll('g.mark-rect.role-mark path')) {
        const style = getComputedStyle(path);
        const kind = style.strokeDasharray !== 'none' ? 'missing' : +style.fillOpacity === 0 ? 'part' : 'bar';
        add(kind, path);
    }
    for (const text of document.querySelectorAll('g.mark-text.role-mark text')) add('text', text);
    return marks;
}"""
WORDS = """() => [...document.querySelectorAll('svg text')]
    .flatMap(text => text.children.length ? [...text.children] : [text]).map(line => line.textContent.trim())"""
CUT_OFF = """() => {
    const whole = document.documentElement.getBoundingClientRect();
    const lines = [...document.querySelectorAll('svg text')]
        .flatMap(text => text.children.length ? [...text.children] : [text])
        .map(line => ({text: line.textContent, box: line.getBoundingClientRect()}))
        .filter(({box}) => box.width > 0);
    const outside = ({box}) => box.left < 0 || box.right > whole.right + .5 || box.bottom > whole.bottom + .5;
    const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
    return [
        ...lines.filter(outside).map(({text}) => `cut off: ${text}`),
        ...lines.flatMap((a, i) => lines.slice(i + 1).filter(b => overlap(a.box, b.box)).map(b => `${a.text} × ${b.text}`)),
    ];
}"""


class Mark(NamedTuple):
    """A bar, a mark for what is `missing`, a bar for `part` of a year, or a `text`, in pixels from the top left."""

    kind: str
    text: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def marks_of(page: Page) -> list[Mark]:
    """The marks of a picture, from top to bottom; titles and axes are none."""
    found: list[list[Any]] = page.evaluate(MARKS)
    return sorted((Mark(*mark) for mark in found), key=lambda mark: (round(mark.y), mark.x))


def bars_of(page: Page) -> list[tuple[str, Mark]]:
    """The bars and marks for what is missing, from top to bottom, each with the text that stands right above it."""
    labelled, above = [], ""
    for mark in marks_of(page):
        if mark.kind == "text":
            above = mark.text
        else:
            labelled.append((above, mark))
    return labelled


def panels_of(page: Page, years: int) -> list[tuple[str, list[Mark], list[Mark]]]:
    """The panels of a chart by year: what stands above, and for each year its mark and the words in or above it."""
    marks = marks_of(page)
    rows: dict[int, list[Mark]] = {}
    for mark in marks:
        rows.setdefault(round(mark.y), []).append(mark)
    panels, began = [], 0.0
    for row in rows.values():
        labels = [mark for mark in row if mark.kind == "text" and mark.text.strip("’").isdigit()]
        if len(labels) == years and labels[0].text[-2:] == "14":
            inside = [mark for mark in marks if began <= mark.y < labels[0].y]
            panels.append((inside[0].text, *_by_year(inside, labels)))
            began = labels[0].bottom
    return panels


def _by_year(inside: list[Mark], labels: list[Mark]) -> tuple[list[Mark], list[Mark]]:
    marks, words = [], []
    for label in labels:
        here = [mark for mark in inside if abs(mark.middle - label.middle) < 2]
        marks.append(next(mark for mark in here if mark.kind != "text"))
        words.append([mark for mark in here if mark.kind == "text"][-1])
    return marks, words


def cut_off_or_covered(page: Page) -> list[str]:
    """Lines of text that reach over the edge of the picture, and pairs that cover each other."""
    return page.evaluate(CUT_OFF)


def words_of(picture: Page) -> str:
    """All words of a picture, with single spaces."""
    return " ".join(picture.evaluate(WORDS))


def text_of(frame: Page | Frame) -> str:
    """The visible words of a page, with single spaces."""
    return " ".join(frame.locator("body").inner_text().split())


def frame_of(page: Page, selector: str) -> Frame:
    """Return the page inside an iframe when it is loaded. The empty page that is there before is loaded at once."""
    frame = page.wait_for_selector(selector).content_frame()
    assert frame is not None
    frame.wait_for_url(lambda url: url != "about:blank", wait_until="load")
    return frame


def wait_for_pictures(page: Page | Frame, count: int) -> list[int]:
    """Return the widths of the pictures of a page when so many are there, and all of them have arrived or failed."""
    page.wait_for_function("count => document.images.length === count", arg=count)
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    widths: list[int] = page.evaluate("() => [...document.images].map(image => image.naturalWidth)")
    return widths
