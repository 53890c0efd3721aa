"""Each chart of the register: its finding, the numbers of its title, and its picture in three sizes."""

from misconduct.model.number_words import find_numbers
from misconduct_editor.register.charts import TIME
from tests.charts import find_overlaps, ids_of, read_svg, words_of

SIZES = ("wide", "narrow", "card")
LONGEST = 140  # characters of what a reader of a chart reads first


def read_charts(client):
    return client.get("/v1/charts").raise_for_status().json()["data"]


def draw(client, chart, size):
    path = f"/v1/charts/{chart['id']}.svg"
    answer = client.get(path, params={"size": size})
    return read_svg(answer.raise_for_status().text)


def numbers_of(text):
    return {word for _, _, word in find_numbers(TIME.sub(" ", text))}


def test_each_chart_draws_its_figures_and_keeps_its_texts_apart(client):
    charts = read_charts(client)
    assert charts
    for chart in charts:
        for size in SIZES:
            svg = draw(client, chart, size)
            assert not find_overlaps(svg), (chart["id"], size)
            drawn = {*ids_of(svg)} - {chart["against"]}
            if size == "card":
                assert drawn <= {*chart["ids"]}, chart["id"]
            else:
                assert drawn == {*chart["ids"]}, chart["id"]


def test_each_number_of_each_title_stands_in_its_picture(client):
    for chart in read_charts(client):
        proven = {
            number
            for entry in chart["numbers"]
            if "why" in entry or entry["id"] == chart["against"]
            for number in numbers_of(entry["number"])
        }
        title = numbers_of(chart["title"])
        below = " ".join(words_of(draw(client, chart, "wide")))
        for number in title:
            has_it = below.count(number) > chart["title"].count(number)
            assert has_it or number in proven, (chart["id"], number)


def test_each_chart_says_its_finding_shortly_and_when_to_look_again(client):
    for chart in read_charts(client):
        assert len(chart["title"]) <= LONGEST, chart["id"]
        assert chart["note"], chart["id"]
        assert chart["review_by"], chart["id"]
        assert {*chart["highlight"]} <= {*chart["ids"]}


def test_a_chart_of_the_api_says_the_words_of_its_editor(client):
    chart = client.get("/v1/charts/complaints-by-year").json()["chart"]
    svg = draw(client, chart, "wide")
    words = " ".join(words_of(svg))
    assert chart["annotation"]["text"] in words
    assert chart["note"] in words
    written = next(one for one in read_charts(client) if one["id"] == chart["id"])
    assert chart["alt"] == f"{chart['title']}. {written['alt']}"
