"""The page says first what was found, what its figures do not show, and loses nothing when a link is followed."""

import re
from html import escape, unescape
from urllib.parse import quote

import pytest

TEXT = "39 people took their own lives in West Midlands Police cells."


def read_page(client, text, published=""):
    """Return the page about a text."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post(
        "/check", content=f"text={quote(text)}&published={published}", headers=form
    )
    assert answer.status_code == 200
    return answer.text


def test_a_match_says_what_its_figure_does_not_show(client):
    page = read_page(client, TEXT)
    after = section_of(page, "numbers")
    assert "<p>These people had been released. They died within two days" in after
    assert (
        "<p>No misconduct is alleged. The figures do not say that anybody did wrong.</p>"
        in after
    )


def test_links_out_of_the_result_open_in_a_new_tab(client):
    page = read_page(
        client,
        f"{TEXT} In all 1,500 Met officers have been accused of sexual misconduct.",
    )
    main = page[page.index("<main") : page.index("</main>")]
    links = [link for link in re.findall("<a [^>]*>", main) if 'href="#' not in link]
    assert len(links) == 4  # two figures, how to cite one, and the feed
    assert all('target="_blank"' in link for link in links)


def test_a_sign_that_turns_text_round_turns_nothing_on_the_page(client):
    turned = "\u202e39 people took\u2067 their own lives in West Midlands Police cells, 1,\u202e131 on 4\u202e May."
    page = read_page(client, turned)
    article = page[page.index('<p class="article">') :].partition("</p>")[0]
    assert {"\u202e", "\u2067"}.isdisjoint(article)
    assert "people took their own lives" in article
    assert ">1,131</a>" in article
    assert "<bdi>4\u202e May</bdi>" in page
    assert page.count("\u202e") == page.count("1,\u202e131") + 1
    assert page.count("<bdi>1,\u202e131</bdi>") == page.count("1,\u202e131")
    assert (
        "mark, .article { unicode-bidi: isolate; }"
        in client.get("/static/site.css").text
    )


def section_of(page, part):
    return page.partition(f'<section aria-labelledby="{part}">')[2].partition(
        "</section>"
    )[0]


def words_of(page, part):
    """Return the words of a section as a reader copies them."""
    section = re.sub(r"</(?:p|li|h\d)>", " ", section_of(page, part))
    return " ".join(unescape(re.sub("<[^>]*>", "", section)).split())


MIXED = (
    "The Met has 144 cops dismissed. In all 1,500 Met officers have been accused of sexual misconduct. "
    "In Hackney, 1,003 allegations were made against Metropolitan Police officers and staff. The Met had 70 horses."
)


def test_the_title_says_how_many_numbers_differ_are_near_and_have_no_match(client):
    title = re.search("<h1>(.*?)</h1>", read_page(client, MIXED))[1]
    assert (
        title
        == "4 numbers. 1 differs from its source, 1 may mean another figure, 1 has no match."
    )
    assert "<h1>1 number.</h1>" in read_page(client, TEXT)
    assert "<h1>0 numbers.</h1>" in read_page(client, "Nobody counted.")


def test_the_text_comes_first_and_its_numbers_in_their_order(client):
    page = read_page(client, MIXED)
    parts = re.findall('<section aria-labelledby="([^"]*)">', page)
    assert parts == ["text-compared", "numbers", "unknown", "again"]
    cards = section_of(page, "numbers")
    printed = re.findall(r"Number \d: <bdi>([^<]*)", cards)
    assert printed == ["144", "1,500", "1,003"]
    assert "Another stage. The source says" in words_of(page, "numbers")


def test_a_note_is_shown_once(client):
    page = read_page(client, f"{TEXT} {TEXT}")
    assert page.count("These people had been released.") == 1
    assert page.count('class="card"') == 2


def test_a_number_is_copied_as_it_was_written(client):
    assert words_of(read_page(client, MIXED), "text-compared").startswith(
        f"Your text {MIXED}"
    )


def test_what_was_not_read_stands_in_one_line(client):
    text = "In April 2023 the Met pretended that 144 officers were suspended."
    assert "Not read: “pretended”" in words_of(read_page(client, text), "numbers")


def test_the_form_has_an_example_that_can_be_compared(client):
    page = client.get("/check").text
    [example] = re.findall('<input type="hidden" name="text" value="([^"]*)">', page)
    parts = read_page(client, unescape(example))
    assert "Another stage" in words_of(parts, "numbers")


def test_one_cites_a_page(client):
    release = client.get("/v1/figures?limit=1").json()["meta"]["release"]
    assert f'/figures/zb4w2?release={release}" target="_blank">' in read_page(
        client, TEXT
    )
    assert "/v1" not in words_of(read_page(client, MIXED), "numbers")


DEATHS = "Across England and Wales, 16 people died in or following police custody in 2018/19."


def test_the_day_of_a_text_is_asked_for_and_what_has_changed_since_is_said(small):
    page = read_page(small.client, DEATHS, "2021-01-01")
    assert '<input type="date" id="published"' in read_page(small.client, DEATHS)
    assert (
        'name="published" aria-describedby="published-hint" value="2021-01-01"' in page
    )
    assert "Revised in this register." in words_of(page, "numbers")
    assert "Print instead: 17." in words_of(page, "numbers")


def test_a_day_that_is_none_is_refused(client):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/check", content="text=5&published=1+May", headers=form)
    assert (answer.status_code, "Give a day, such as" in answer.text) == (422, True)


def test_each_number_leads_to_its_place_in_the_text_and_back(client):
    page = read_page(client, MIXED)
    for place in range(1, 5):
        assert f'<mark id="t{place}"><a href="#n{place}"' in page
        assert f'<a href="#t{place}"' in page
        assert page.count(f'id="n{place}"') == 1


def rows_of(page, part):
    """Return the rows of the tables of a section, each as its cells."""
    rows = re.findall("<tr>(.*?)</tr>", section_of(page, part), re.DOTALL)
    return [
        [
            unescape(re.sub("<[^>]*>", "", cell))
            for cell in re.findall("<t[dh].*?</t[dh]>", row)
        ]
        for row in rows
    ]


def test_the_page_shows_both_sides_of_each_field_and_differences_first(client):
    page = read_page(client, MIXED)
    rows = rows_of(page, "numbers")
    assert rows[0][:2] == ["Your sentence", "The document"]
    assert rows[1] == ["dismissed", "suspended from duty", "Stage: differs"]
    assert ["144", "144", "Number: same"] in rows
    assert "agree" not in page[page.index("<main") : page.index("</main>")]


LOST = "\n<b>An article</b> that must not be lost & says 144."


@pytest.mark.parametrize(
    ("text", "published", "status", "words"),
    [
        (LOST, "2026-13-45", 422, "such as 2026-11-21"),
        (f"{LOST} {'31 ' * 301}", "2026-05-01", 422, "302 numbers"),
        (f"{LOST} {'½' * 9_000}", "", 422, "9,001 numbers"),
        (LOST + "a" * 50_000, "2026-05-01", 413, "50,000"),
        (f"{LOST}\0", "", 422, "U+0000"),
        (" \n", "", 422, "There is no text"),
    ],
)
def test_a_page_that_refuses_keeps_the_text(client, text, published, status, words):
    form = {"text": text, "published": published}
    answer = client.post("/check", data=form, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")
    area = re.search("<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)[1]
    assert unescape(area).removeprefix("\n") == text
    assert words in re.search('<p class="lead" role="alert">(.*?)</p>', answer.text)[1]
    assert (f' value="{published}"' in answer.text) == bool(published)
    assert (
        client.post("/check", data=form).headers["content-type"]
        == "application/problem+json"
    )


def test_a_page_for_which_there_is_no_release_keeps_the_text(client):
    asked = client.post(
        "/check?release=9.9.9", data={"text": LOST}, headers={"Accept": "text/html"}
    )
    assert (asked.status_code, escape(LOST, quote=False) in asked.text) == (404, True)
