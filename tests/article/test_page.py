"""The page shows what was found for a text, what its figures do not show, and loses nothing when a link is followed."""

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
