"""What a reader of a chart sees: its words where the browser has put them."""

from __future__ import annotations

from playwright.sync_api import Frame, Locator, Page

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


def click(target: Locator) -> None:
    """Click something in a frame when the mouse reaches it.

    A sandboxed frame is a process of its own, and until Chromium knows where its picture lies, the page around it gets
    what the mouse does over it.
    """
    for _ in range(100):
        target.hover()
        if target.evaluate("element => element.matches(':hover')"):
            break
        target.page.wait_for_timeout(50)
    target.click()
