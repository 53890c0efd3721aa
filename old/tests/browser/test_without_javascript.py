"""Without JavaScript the site says the same, and its forms work: scripts only add comfort."""

from __future__ import annotations

from urllib.parse import urlsplit

TEXT = """() => {
    const skipped = 'button, svg, script, style, noscript, [aria-live], [data-enhanced]';
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) {
        const text = walk.currentNode.data.trim();
        if (text && !walk.currentNode.parentElement.closest(skipped)) found.push(text);
    }
    return found;
}"""
"""What a page says, without what only scripts can do (buttons that copy, a picture that answers the mouse)."""


def test_every_page_says_the_same_without_javascript(site, open_page):
    plain, scripted = open_page(java_script_enabled=False), open_page()
    wrong = {}
    for address in site.sample(1):
        texts = []
        for page in (plain, scripted):
            page.goto(address)
            texts.append(page.evaluate(TEXT))
        if texts[0] != texts[1]:
            wrong[address] = sorted(set(texts[0]) ^ set(texts[1]))[:5]
    assert wrong == {}


def test_a_number_is_looked_up_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/")
    page.locator("form input:visible").first.fill("1,071")
    page.keyboard.press("Enter")
    page.wait_for_url("**/look-up?*")
    text = page.locator("main").inner_text()
    assert "1,071" in text
    assert page.locator("main a[href*='/observations/']").count() > 0


def test_a_page_takes_no_cookie_stores_nothing_and_asks_only_its_own_service(site, page, watch):
    for address in site.sample(1):
        page.goto(address)
        stored = page.evaluate("() => [document.cookie, localStorage.length, sessionStorage.length]")
        assert stored == ["", 0, 0], address
    assert page.context.cookies() == []
    assert {urlsplit(url).netloc for url in watch.requests} == {"localhost:8000"}
