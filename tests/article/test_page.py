"""The page shows what was found for a text, what its figures do not show, and loses nothing when a link is followed."""

import re
from urllib.parse import quote

TEXT = "39 people took their own lives in West Midlands Police cells."


def read_page(client, text):
    """Return the page about a text."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/check", content=f"text={quote(text)}", headers=form)
    assert answer.status_code == 200
    return answer.text


def test_a_match_says_what_its_figure_does_not_show(client):
    page = read_page(client, TEXT)
    after = page[page.index("A document printed this") :]
    assert "<p>These people had been released. They died within two days" in after
    assert "<p>No misconduct is alleged. The figures do not say that anybody did wrong.</p>" in after


def test_links_out_of_the_result_open_in_a_new_tab(client):
    page = read_page(client, f"{TEXT} Nearly 1,500 Met officers have been accused of sexual misconduct.")
    main = page[page.index("<main") : page.index("</main>")]
    links = [link for link in re.findall("<a [^>]*>", main) if 'href="#' not in link]
    assert len(links) == 3  # two figures and the feed
    assert all('target="_blank"' in link for link in links)


def test_the_page_shows_what_identifies_a_digest_and_prints_the_whole(client):
    page, digest = read_page(client, TEXT), client.get("/v1/observations?limit=1").json()["meta"]["digest"]
    start, rest = digest[:8], digest[8:]
    assert f'<span title="{digest}">{start}<span class="printed">{rest}</span></span>' in page
    assert "@media screen { .printed { display: none; } }" in client.get("/static/site.css").text


def test_a_sign_that_turns_text_round_turns_nothing_on_the_page(client):
    turned = "\u202e39 people took\u2067 their own lives in West Midlands Police cells, 1,\u202e131 on 4\u202e May."
    page = read_page(client, turned)
    article = page[page.index('<p class="article">') : page.index("</section>")]
    assert {"\u202e", "\u2067"}.isdisjoint(article)
    assert "people took their own lives" in article
    assert "1,131<sup>2</sup>" in article
    assert "<bdi>4\u202e May</bdi>" in page
    assert page.count("\u202e") == page.count("1,\u202e131") + 1
    assert page.count("<bdi>1,\u202e131</bdi>") == page.count("1,\u202e131")
    assert "mark, .article { unicode-bidi: isolate; }" in client.get("/static/site.css").text


def test_a_link_names_its_number_as_it_is_shown(client):
    page = read_page(client, "In 2023 the Met said 1,\u2060131 staff were accused of sexual offences.")
    assert 'aria-label="1,131, number 1">1,131<sup>1</sup>' in page
