"""A text is read as people read it, however they send it, and its places are those of what was sent."""

import gzip
import json
import subprocess

import pytest

from misconduct.api.received import MAX_CHARACTERS
from misconduct.article.sent import read_html, read_marked

from .texts import CASES, check, span

LONG = "according to a report that the watchdog published in May"
PLAIN = "In the Met, 1,492 officers were accused of sexual misconduct between 2014 and 2024."


def ask(client, text, kind="text/plain", **parameters):
    answer = client.post(
        "/v1/check",
        content=text.encode(),
        headers={"Content-Type": kind},
        params=parameters,
    )
    assert answer.status_code == 200, answer.text[:500]
    return answer.json()


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (
            "**144** officers, _nearly_ `701` and ~~5~~",
            "144 officers, nearly 701 and 5",
        ),
        ("1,492* officers and 144**", "1,492 officers and 144"),
        ("2 * 3, 2*3, a_b_c and ~144", "2 * 3, 2*3, a_b_c and ~144"),
        ("[144](https://x.org/7_(a) 'page 9') officers", "144 officers"),
        ("[![a chart of 5](a/6.png)](https://x.org/8), ![7](b.png)", "a chart of 5, 7"),
        ("as [144] says (18), [12][13]", "as [144] says (18), [12][13]"),
        (
            "144[^2] officers\n[^2]: A note\n[ref]: https://x.org/5",
            "144 officers\n A note\n",
        ),
        ("# Head\n> > said 144\n- a 7\n  * b\n12. c", "Head\nsaid 144\na 7\nb\nc"),
        ("Head of 9\n=========\n---\n5", "Head of 9\n\n\n5"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "\t a \t b \t\n\n\t 1 \t 2 \t"),
        (f"{LONG}, there were\n1,492\nofficers", f"{LONG}, there were 1,492\nofficers"),
        (f"{LONG} 1,492\r\nofficers", f"{LONG} 1,492 officers"),
        (
            f"{LONG} 14\n4 others\nof {LONG}.\nThe Met",
            f"{LONG} 14\n4 others\nof {LONG}.\nThe Met",
        ),
        ("see https://x.org/2023/144, and www.y.org/5.", "see , and ."),
        (
            "a <b>144</b> x, 3 < 4 and 5 > 4, <https://x.org/9>",
            "a 144 x, 3 < 4 and 5 > 4, ",
        ),
        ("1&#44;492 at A&amp;E; R&D144; \\*7\\*", "1,492 at A&E; R&D144; *7*"),
        ("\ufeff1\u200b,131", "1,131"),
    ],
)
def test_signs_of_markdown_are_not_read(sent, read):
    assert read_marked(sent).text == read


@pytest.mark.parametrize(
    ("sent", "read"),
    CASES["html_is_read_as_people_see_it"],
)
def test_html_is_read_as_people_see_it(sent, read):
    assert read_html(sent).text == read


@pytest.mark.parametrize("read", [read_html, read_marked])
def test_each_character_keeps_its_place(read):
    sent = "<p>a &amp; <b>1&#44;492</b>\ufeff officers</p>"
    found = read(sent)
    assert found.text == "\na & 1,492 officers\n"
    places = [*zip(found.text, found.starts, found.ends, strict=True)]
    assert [sent[start:end] for _, start, end in places if end - start > 1] == [
        "<p>",
        "&amp;",
        "&#44;",
        "</p>",
    ]
    assert all(sent[start] == sign for sign, start, end in places if end - start == 1)


def test_a_sentence_goes_on_where_a_mail_program_broke_a_line(client):
    text = "In England and Wales, according to what the watchdog says of 2018/19, 17\npeople died in police custody."
    [number] = check(client, text)["data"]
    assert [one["id"] for one in number["figures"]][:1] == ["rpg77"]


def test_of_html_only_the_text_counts(client):
    head = (
        "<!DOCTYPE html><title>The Met</title><style>p { width: 144px }</style>"
        + "<!-- 701 -->" * 5_000
    )
    body = '<p id="p161" data-n="931">In the <a href="/2022/1131">Met</a>, 1&#44;492 officers were <i>accused</i> of'
    page = f"{head}{body}\n sexual misconduct between 2014 and 2024.</p><script>show(81)</script>"
    answer = ask(client, page, "text/html; charset=utf-8")
    [number] = answer["data"]
    assert (number["printed"], number["value"]) == ("1&#44;492", 1492)
    assert page[slice(*span(number["at"]))] == "1&#44;492"
    assert [one["id"] for one in number["figures"]] == ["k7m3q"]
    assert [one["printed"] for one in answer["meta"]["passed_over"]] == ["2014", "2024"]
    others = ("<p>" + "a" * (MAX_CHARACTERS + 1), "<p><img>")
    refused = [
        client.post("/v1/check", content=one, headers={"Content-Type": "text/html"})
        for one in others
    ]
    assert [one.status_code for one in refused] == [413, 422]


def test_a_compressed_text_is_refused_with_a_remedy(client):
    answer = client.post(
        "/v1/check",
        content=gzip.compress(PLAIN.encode()),
        headers={"Content-Encoding": "gzip"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters")
    assert (
        answer.json()["detail"]
        == "The text is compressed. Send it as it is, without Content-Encoding."
    )
    assert (
        client.post(
            "/v1/check", content=PLAIN, headers={"Content-Encoding": "identity"}
        ).status_code
        == 200
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
def test_a_byte_order_mark_is_not_read(client, kind):
    text = json.dumps({"text": PLAIN}) if kind == "application/json" else PLAIN
    [number] = ask(client, f"\ufeff{text}", kind)["data"]
    assert number["at"] == "char=12,17"


def test_json_that_cannot_be_read_is_told_where(client):
    answer = client.post(
        "/v1/check",
        content=b'{"text": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )
    assert "surrogate" in answer.json()["detail"]
    assert "column" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("option", "warned_of"), [("-d", ["no_line_breaks"]), ("--data-binary", [])]
)
def test_line_breaks_that_curl_takes_out_are_told(service, tmp_path, option, warned_of):
    (tmp_path / "article.txt").write_text(
        "In the Met 14\n4 officers were suspended.\nIn Kent 5.\n", "utf-8"
    )
    body = f"@{tmp_path}/article.txt"
    answer = subprocess.run(
        ["curl", "-s", option, body, f"{service.url}/v1/check"],
        check=True,
        capture_output=True,
    )
    warnings = json.loads(answer.stdout)["warnings"]
    assert [one["code"] for one in warnings] == warned_of
    assert all("--data-binary" in one["detail"] for one in warnings)


@pytest.mark.parametrize(
    ("text", "warned_of"),
    CASES["one_sentence_has_no_line_breaks_to_lose"],
)
def test_one_sentence_has_no_line_breaks_to_lose(client, text, warned_of):
    warnings = ask(client, text, "application/x-www-form-urlencoded")["warnings"]
    assert [one["code"] for one in warnings] == warned_of


@pytest.mark.parametrize("read", [read_html, read_marked])
@pytest.mark.parametrize(
    ("sent", "text"),
    CASES["what_a_page_hides_is_not_read"],
)
def test_what_a_page_hides_is_not_read(read, sent, text):
    found = read(sent).text
    assert found == text if text is not None else found.strip() == "144"


def test_an_object_is_read_as_such_whatever_it_is_called(client):
    body = '{"text": "The Met suspended\\n144 officers."}'
    assert [one["printed"] for one in ask(client, body)["data"]] == ["144"]


def test_a_text_of_one_line_that_is_no_form_is_not_warned_of(client):
    assert ask(client, PLAIN)["warnings"] == check(client, PLAIN)["warnings"] == []


def test_the_page_shows_a_text_as_it_is_read(client):
    text = "**1,492** [officers](https://x.org/5) of the Met were accused of sexual misconduct."
    page = client.post("/check", data={"text": text})
    assert "**" not in page.text
    assert "x.org" not in page.text
    assert 'aria-label="1,492, number 1"' in page.text
