"""The pictures as a browser draws them: nothing is cut off, nothing covers anything, and each says where it is from.

What they show is typed from the documents in tests/charts/test_drawing.py; here their text has its real widths.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.browser.showing import cut_off_or_covered, words_of

PICTURES = ("narrow", "medium", "wide")
OF_FIGURES = (
    "/v1/observations.svg?disagreement=how-many-were-accused",
    "/v1/allegations/by-year.svg?category=sexual_assault",
    "/v1/observations/gb7nr.svg",
)


@pytest.mark.parametrize("size", PICTURES)
def test_no_words_of_a_picture_are_cut_off_or_covered(page, charts, size):
    addresses = [f"/v1/charts/{slug}.svg?size={size}" for slug in charts]
    addresses += [f"{address}{'&' if '?' in address else '?'}size={size}" for address in OF_FIGURES]
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = cut_off_or_covered(page)
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_a_picture_says_where_it_is_from(page, charts, real):
    """Source, release and licence stand in the picture itself; a title and a description for who does not see it."""
    release = real.client.get("/v1/observations?limit=1").json()["meta"]["release"]
    for slug in charts:
        page.goto(f"/v1/charts/{slug}.svg")
        words = words_of(page).replace("\u00a0", " ")
        assert "Source: " in words, slug
        assert f"Misconduct Register {release}" in words, slug
        assert "CC BY 4.0" in words, slug
        named = [page.locator(f"svg > {part}").text_content() for part in ("title", "desc")]
        assert all(len(text or "") > 20 for text in named), slug


def test_auto_follows_the_scheme_of_the_reader(open_page, charts):
    papers = []
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        page.goto(f"/v1/charts/{charts[0]}.svg?theme=auto")
        papers.append(page.evaluate("() => getComputedStyle(document.querySelector('svg > rect')).fill"))
    assert papers == ["rgb(255, 255, 255)", "rgb(18, 23, 29)"]


@pytest.mark.parametrize(
    "title", ["ЖЩШЫЮ" * 60, "𝕎" * 200, "ǄǊ" * 100, "∰⨌" * 100, "➔➜⟹⟿⟵ " * 30, "™®©№ " * 40, "½¾⅓⅔ " * 40, "😀" * 200]
)
def test_no_title_leaves_a_picture_whatever_its_signs(page, title):
    """A browser draws them from whatever fonts there are."""
    page.goto(f"/v1/allegations.svg?category=sexual_assault&form=columns&title={quote(title)}")
    assert (
        page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('text')].map(t => t.getBBox().x + t.getBBox().width))"
        )
        <= 640
    )
