"""What two picture editors found wrong, rule by rule."""

import re

import pytest

from misconduct.model.wording import READ_IN_PART
from tests.charts import SVG, read_svg, words_of
from tests.charts.invented import figure, figures, heights, read, shapes, texts


def ask(client, path, **query):
    path, _, more = path.partition("?")
    asked = dict(pair.split("=") for pair in more.split("&") if pair)
    answer = client.get(f"/v1/{path}.svg", params=asked | query)
    assert answer.status_code == 200, answer.text
    return read_svg(answer.text)


def say(svg):
    """Return what a reader sees: all lines of text from top to bottom, but numbers beside each other in any order."""
    return " ".join(text.words for text in texts(svg))


def title(svg):
    return svg.find(f"{SVG}title").text


# 1. Notes


@pytest.mark.parametrize("size", ["wide", "card"])
def test_the_rare_caveat_of_a_figure_is_a_note_and_that_a_page_was_read_in_part_is_not(
    client, size
):
    words = say(ask(client, "indicators/complaints?area=us", size=size))
    assert (
        "Seattle: After 25 May 2020; many are duplicates." in words
    )  # in the short words of an editor
    assert "we read only a part" not in words
    assert "The Seattle Times (read in part), undated" in words


def test_of_many_notes_three_lines_at_most_are_said():
    notes = {
        f"note_{number}": {
            "short": f"Note {number} is forty letters long as it stands."
        }
        for number in range(9)
    }
    drawn = read([figure("bbbb2", "9", caveats=[*notes, READ_IN_PART])], caveats=notes)[
        0
    ].description
    assert "Note 0 is forty" in drawn
    assert "Note 7" not in drawn
    assert "2 more notes online. Source" in drawn


def test_notes_are_said_in_the_short_words_of_an_editor():
    notes = {
        "routine": {"text": "Nobody but an editor needs this."},
        "years": {
            "text": "Do not compare years, since the law changed.",
            "short": "The law changed.",
        },
        "rows": {"text": "Rows were counted by hand.", "short": "Counted by hand."},
    }
    rows = [
        *figures("9 8", area="aurora"),
        *figures("7 6", start=2, area="joliet", caveats=[*notes]),
    ]
    drawn = read(rows, caveats=notes)[0].description
    assert (
        "Joliet: Counted by hand. The law changed." in drawn
    )  # and whom they are of, once
    assert "Do not" not in drawn
    assert "editor" not in drawn


def test_what_must_not_be_ranked_is_said_only_of_several():
    notes = {
        "states": {
            "text": "Do not rank them.",
            "short": "They cannot be ranked.",
            "no_ranking": True,
        }
    }
    never = {"indicator": "dismissed"}  # for a reason of its own
    rows = [
        *figures("9", area="aurora", **never),
        *figures("7", start=2, area="joliet", caveats=[*notes], **never),
    ]
    assert "ranked" not in read(rows, caveats=notes)[0].description
    rows[0]["caveats"] = [*notes]
    assert "They cannot be ranked." in read(rows, caveats=notes)[0].description


# 2. What must not be ranked


@pytest.mark.parametrize("path", ["indicators/complaints?area=au"])
def test_states_that_must_not_be_ranked_share_no_scale(client, path):
    svg = ask(client, path)
    assert "Not to be compared: The states" in say(svg)
    assert "so they cannot be ranked" in say(svg)
    top = max(heights(svg))
    assert (
        sum(height > top - 1 for height in heights(svg)) >= 8
    )  # each row has a column as high as its scale


def test_at_one_time_they_have_no_bars(client):
    svg = ask(client, "indicators/complaints?area=in_mh,in_tn&year=2010")
    assert not shapes(svg, "accent")
    assert "Not to be compared: The states" in say(svg)


# 3. Titles and places


def test_a_card_with_some_of_many_places_counts_them_and_has_no_bars(client):
    card = ask(client, "indicators/reviews_overturned", size="card")
    assert re.search(r"\d of 44 places shown\.", say(card))
    assert not shapes(card, "accent")


def test_places_that_must_not_be_compared_stand_all_with_one_line_each(client):
    svg = ask(client, "indicators/dismissed?area=in")
    assert (
        title(svg)
        == "People in the police dismissed, 35 states and territories in India, 2010"
    )
    assert {"Uttar Pradesh", "171"} <= {*words_of(svg)}


def test_a_card_names_places_that_were_asked_for_and_have_no_room(client):
    areas = "E23000015,E23000020,E23000024,E23000021,E23000035,W15000001"
    assert title(
        ask(client, f"indicators/road_deaths?area={areas}", size="card")
    ).endswith(", 6 forces, 2019/20")
    states = "au,au_nsw,au_vic,au_qld,au_wa,au_sa,au_tas"
    words = say(ask(client, f"indicators/deaths_in_custody?area={states}", size="card"))
    assert "Not held as a whole: Australia." in words
    assert "5 of 8 places shown. Not shown: Victoria and Western Australia. " in words


# 4. Not held


def test_a_place_without_a_figure_stands_there_and_what_else_is_held_is_counted(client):
    words = say(ask(client, "indicators/allegations_finalised?area=gb_eaw,E23000010"))
    assert "West Yorkshire Police no such figure held" in words
    assert "more figures on allegations finalised" in words
    assert "no such figure held" in say(
        ask(client, "indicators/deaths_police_action?area=jm,za,ie")
    )


# 5. Times


def test_a_window_has_its_start_and_its_end(client):
    svg = ask(client, "indicators/accused_in_check")
    assert "April 2013 to April 2023" in words_of(svg)
    assert "2013" not in words_of(svg)


def test_places_beside_each_other_have_the_newest_time_that_all_have(client):
    svg = ask(client, "indicators/complaints?area=ca_on_toronto,ca_on_ottawa")
    assert title(svg) == "Complaints about the police, Ottawa and Toronto, 2019"
    assert {"230", "610"} <= {*words_of(svg)}
    assert "377" not in words_of(svg)  # of the first quarter of 2025


# 6. Definitions


# 7. Marks


def test_words_in_place_of_a_number_have_no_bar():
    words = {
        "qualifier": "magnitude",
        "value_absent": "magnitude_only",
        "value_high": 999,
    }
    picture, svg = read(
        [
            *figures("1000 900", 2021),
            figure("bbbb3", "Hundreds", period="2023", **words),
        ]
    )
    assert (len(heights(svg)), heights(svg, "hollow")) == (2, [])
    assert "Hundreds" in words_of(svg)
    assert "Hollow" not in picture.alt


# 8. What else is held


# 9. Sizes


def test_a_narrow_picture_can_be_read_where_a_page_shows_it_286_pixels_wide(client):
    svg = ask(client, "charts/deaths-by-kind-and-year", size="narrow")
    sizes = [float(group.get("font-size")) for group in svg.iter(f"{SVG}g")]
    assert min(sizes) * 286 / int(svg.get("viewBox").split()[2]) >= 11


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_last_year_is_written_below_its_column(client, size):
    """Deaths in custody are held for each year from 2004/05 to 2019/20, and not all have room below their columns."""
    svg = ask(client, "indicators/deaths_in_custody?area=gb_eaw", size=size)
    below = [
        text.words
        for text in texts(svg)
        if re.fullmatch(r"(20|’)?\d\d/\d\d", text.words)
    ]
    assert below[-1].endswith("19/20")
