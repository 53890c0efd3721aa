"""What is drawn is what was asked, and what it is called is what it is."""

import csv
from collections import defaultdict
from datetime import date

import pytest

from misconduct.charts.entries import name_entries
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import PROSE, completer
from misconduct.releases.folder import read_release
from tests.charts import read_svg, words_of
from tests.charts.invented import figure, figures, place_of, read, said, shapes, texts
from tests.conftest import ROOT

SHOOTINGS = [
    figure("bbbb2", "3", area="force_1", counted="Fatal shootings", at="cell=2,2", measure="occurred"),
    figure("bbbb3", "5", area="force_2", counted="Fatal shootings", at="cell=3,2", measure="occurred"),
]


def draw(client, path, **query):
    answer = client.get(f"/v1/{path}", params={"release": "3.5.0"} | query)
    assert answer.status_code == 200, answer.text
    svg = read_svg(answer.text)
    return words_of(svg), svg


def listed_words():
    for name in ("measure", "category", "population"):
        with (ROOT / "data" / "codelists" / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield from filter(None, row["words"].split(" | "))


def test_figures_with_words_of_their_own_have_names_of_their_own():
    """In every list of one document, as far as the document says of each another thing, place or time."""
    release = read_release(ROOT / "data/releases/3.5.1")
    view = ReleaseView("3.5.1", Catalogue(release.records), "http://register", date(2026, 11, 29))
    of_source = defaultdict(list)
    for row in map(completer(release.records), release.figures):
        of_source[row["source"]] += [row] if row["read_from"] in PROSE else []
    lists = [rows for rows in of_source.values() if 1 < len(rows) <= 18]
    assert len(lists) > 150
    for rows in lists:
        if len({(row["counted"], row["period"], row["area"]) for row in rows}) == len(rows):
            named = [(entry.name, entry.place, entry.what) for entry in name_entries(rows, view)]
            assert len({*named}) == len(named), rows[0]["source"]


# What a reader searched for


def test_no_word_of_the_code_lists_stands_in_a_picture_of_figures_that_do_not_count_it():
    plain = words_of(read(SHOOTINGS, search="a search")[1])
    has_or_is_label = ("fatal shootings", "shootings", "use of force")
    searched = {word for word in listed_words() if word.lower() not in has_or_is_label}
    assert len(searched) > 100
    for word in searched:
        assert words_of(read(SHOOTINGS, search=word)[1]) == plain, word


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=excessive force&area=E23000001", "excessive"),
        ("q=brutality", "brutality"),
        ("q=police killings", "killings"),
        ("q=guilty officers", "guilty"),
        ("q=rapists", "rapist"),
    ],
)
def test_no_picture_has_words_that_only_its_reader_used(client, query, words):
    answer = client.get(f"/v1/observations.svg?release=3.5.0&{query}")
    if answer.status_code == 200:  # else the search finds nothing, and there is no picture
        assert words not in " ".join(words_of(read_svg(answer.text))).lower()


# Places


@pytest.mark.parametrize(
    ("areas", "title"),
    [
        (["illinois", "force_1", "force_2", "force_3"], "Use of force: officers accused, Illinois and its places"),
        (["force_1", "force_2", "force_3", "force_4"], "Use of force: officers accused, 4 places in Illinois"),
        (["chicago", "force_1", "force_2", "force_3"], "Use of force: officers accused"),
        (["chicago", "force_1"], "Use of force: officers accused, Chicago and Force_1"),
    ],
)
def test_the_place_of_a_title_includes_every_place_that_is_drawn(areas, title):
    rows = [figure(f"bbbb{place}", f"1{place}", area=area) for place, area in enumerate(areas, 2)]
    assert read(rows)[0].title == title


def test_parts_of_a_place_are_called_what_they_are(client):
    words, _ = draw(client, "allegations.svg", source="met-allegations-by-borough", category="discrimination")
    assert "boroughs" in " ".join(words[:2])
    words, _ = draw(client, "allegations.svg", category="discrimination")
    assert "Metropolitan Police and its" not in " ".join(words)


@pytest.mark.parametrize(
    ("path", "areas", "names"),
    [
        ("allegations", "us_ny_new_york,us_pa_philadelphia", ["New York City", "Philadelphia"]),
        ("allegations", "in_mh,in_up", ["Maharashtra", "Uttar Pradesh"]),
        ("allegations", "E23000001,us_ny_new_york", ["Metropolitan Police", "New York City"]),
    ],
)
def test_each_place_that_was_asked_for_is_drawn(client, path, areas, names):
    words, svg = draw(client, f"{path}/by-year.svg", area=areas)
    headings = [text.words for text in texts(svg)][2:]
    assert all(any(line.startswith(name) for line in headings) for name in names), words


def test_a_place_that_was_asked_for_and_is_not_drawn_is_named():
    picture, _ = read(figures("12 15 9", area="force_1"), asked=("force_1", "chicago"))
    assert (
        "No such figure is held for Chicago." in picture.alt
    )  # v1/outcomes?area=in_ml,us_la_new_orleans&measure=dismissed
    picture, _ = read(figures("12 15 9", area="force_1"), asked=("force_1", "chicago"), total=9)
    assert "No such figure is held" not in picture.alt


# Wholes before parts


def test_of_too_many_series_those_are_drawn_that_no_other_one_includes():
    wholes = figures("500 400 300", start=1, category="kind_a") + figures("90 80 70", start=2, category="kind_b")
    parts = [
        row | {"within": [wholes[year]["id"]]}
        for one in range(3, 33)
        for year, row in enumerate(figures("9 8 7", start=one, category=f"part_{one}"))
    ]
    words = words_of(read([*parts, *wholes])[1])
    assert {word for word in words if word.startswith("Kind_")} == {"Kind_a", "Kind_b"}
    assert not [word for word in words if "Part_" in word]


def test_new_york_is_drawn_by_its_four_kinds_of_allegation(client):
    words, _ = draw(client, "allegations/by-year.svg", area="us_ny_new_york")
    drawn = " ".join(words)
    assert all(word in drawn for word in ("Abuse of authority", "Force", "Discourtesy", "Offensive language"))
    assert "Vehicle search" not in drawn


def test_a_picture_of_some_kinds_of_death_is_called_by_them(client):
    words, _ = draw(client, "after-contact/by-year.svg", area="E23000007", category="death_or_injury")
    title = " ".join(words[:4])
    assert "Apparent suicides following police custody" in title
    assert "Deaths after contact" not in title


def test_a_note_about_numbers_stands_only_below_numbers_of_which_it_is_true(client):
    query = {"area": "E23000024", "year": "2019/20"}
    assert "fewer incidents" not in " ".join(draw(client, "after-contact.svg", **query)[0])
    words, _ = draw(client, "after-contact.svg", area="gb_eaw", year="2019/20", category="death_or_injury")
    assert "fewer incidents" not in " ".join(words)
    assert "incidents)." in " ".join(words)


def test_a_column_of_a_file_is_called_what_it_means(client):
    words, _ = draw(client, "outcomes.svg", area="in_ml", measure="dismissed", year="2005", category="any")
    assert "CPC" not in " ".join(words)
    assert "9" in words


def test_editions_with_other_titles_are_one_series(client):
    _, svg = draw(client, "workforce.svg", area="E12000004")
    lines = [text.words for text in texts(svg)]
    assert {"8,080", "7,631", "7,859"} <= {*lines}
    assert not [line for line in lines if "English region" in line]


def test_places_that_nobody_should_rank_share_no_scale(client):
    _, svg = draw(client, "outcomes/by-year.svg", area="in_kl,in_mh", measure="dismissed", category="any")
    assert not [one for mark in ("pale", "accent") for one in shapes(svg, mark)]
    assert {"13", "178"} <= {text.words for text in texts(svg)}  # of 2010 in Kerala, of 2001 in Maharashtra


def test_years_of_complaints_are_not_called_years_of_decisions(client):
    for area in ("us_pa_philadelphia", "us_la_new_orleans"):
        words, _ = draw(client, "outcomes.svg", area=area, measure="not_proven")
        assert "What was decided in a year" not in " ".join(words)
    words, _ = draw(client, "outcomes.svg", area="in_kl", category="any")
    assert "What was decided in a year" in " ".join(words)


def test_what_is_left_out_of_a_table_by_year_is_said(client):
    words, _ = draw(client, "workforce/by-year.svg", measure="employed", release="3.5.1")
    assert "Left out: 357 that are not of one year." in " ".join(words)


def test_incidents_are_left_out_beside_the_deaths_in_them_and_this_is_said(client):
    words, _ = draw(client, "after-contact/by-year.svg", category="driving", area="gb_eaw")
    assert "Road traffic incidents" not in words
    assert "Incidents" not in words
    assert "more figures (incidents)." in " ".join(words)
    words, _ = draw(client, "after-contact/by-year.svg", category="driving", area="gb_eaw", counting_unit="incidents")
    assert "Incidents" in words


def test_complaints_are_above_what_became_of_them_and_rows_of_a_stage_together(client):
    _, svg = draw(client, "allegations/by-year.svg", area="in_ka")
    names = ("Complaints received or alleged", "Cases registered", "Departmental enquiries", "Magisterial enquiries")
    last = "Judicial enquiries", "Police personnel sent"
    found = [text.words for text in texts(svg) if text.words.startswith((*names, *last))]
    assert found == [*names, *last]


# What was chosen


def test_a_choice_of_numbers_stands_in_the_subtitle(client):
    words, _ = draw(client, "observations.svg", value="0", area="E23000032")
    assert any(line.startswith("Only numbers that are 0") for line in words)
    words, _ = draw(client, "after-contact/by-year.svg", value="18", area="gb_eaw")
    assert any("nly numbers that are 18" in line for line in words)
    words, _ = draw(client, "observations.svg", qualifier="about", area="E23000001")
    assert any("only numbers marked “about”" in line.lower() for line in words)


def test_what_is_not_to_be_ranked_stays_in_the_order_of_the_alphabet(client):
    query = {"source": "india-complaints-against-police", "measure": "dismissed", "year": "2010", "sort": "-value"}
    _, svg = draw(client, "observations.svg", **query)
    names = [text.words for text in texts(svg) if text.words in ("Assam", "Delhi", "Punjab", "Uttar Pradesh")]
    assert names == sorted(names)


# Too much to draw


def test_a_broad_request_draws_what_is_held():
    rows = [row for one in range(70) for row in figures("6 9 4", start=one, category=f"kind_{one:02}")]
    held = {("chicago", "2021"): 3, ("chicago", "2022"): 90, ("illinois", "2021"): 1}
    picture, svg = read(rows, held=held, topics=["Allegations"])
    assert picture.title == "What is held: Allegations, Chicago and Illinois, 2021–2022"
    assert {"Chicago", "Illinois", "93", "1"} <= {*words_of(svg)}
    assert "94 figures" in said(svg)
    assert "Chicago, 2022: 90" in said(svg)
    assert (len(shapes(svg, "shade4")), len(shapes(svg, "shade1"))) == (1, 1)
    assert "Kind_" not in " ".join(words_of(svg))


def test_an_index_has_every_year_and_a_column_for_figures_without_one():
    rows = [row for one in range(70) for row in figures("6 9 4", start=one, category=f"kind_{one:02}")]
    held = {("chicago", "2019"): 3, ("chicago", "2022"): 90, ("illinois", ""): 1}
    _, svg = read(rows, held=held, topics=["Allegations"])  # v1/vetting-checks?category=not_applicable
    assert [word for word in words_of(svg) if word.isdecimal() and word.startswith("20")] == [
        "2019", "2020", "2021", "2022",
    ]  # fmt: skip
    assert place_of(svg, "no year").x > place_of(svg, "2022").x
    assert len(shapes(svg, "shade1")) == 1
    assert "The stronger the colour, the more figures are held." in said(svg)


def test_places_of_a_country_with_equally_many_figures_are_one_row(client):
    words, svg = draw(client, "outcomes.svg", source="india-complaints-against-police")
    assert {"35 states in India, 60 each", "2,100"} <= {*words}
    assert len(shapes(svg, "shade4")) == 10


def test_a_few_kinds_of_number_of_many_places_are_a_table(client):
    query = {"measure": "under_investigation", "source": "india-complaints-against-police"}
    words, svg = draw(client, "case-reviews.svg", **query, year="2001")
    assert place_of(svg, "Magisterial enquiries").y == place_of(svg, "Judicial enquiries").y
    assert place_of(svg, "Kerala").y == place_of(svg, "1,118").y  # its departmental enquiries
    assert any(word.startswith("0 of each in ") for word in words)
    words, _ = draw(client, "case-reviews.svg", **query)
    assert "the newest year, 2010, 105 of 1,050 figures" in " ".join(words)


def test_the_title_of_an_index_names_all_that_narrows_and_its_publishers(client):
    words, _ = draw(client, "case-reviews.svg", measure="under_investigation", population="workforce")
    title = " ".join(words[:4])
    assert all(word in title for word in ("Case reviews", "under investigation", "people in the police"))
    words, _ = draw(client, "allegations.svg", source="india-complaints-against-police")
    assert "National Crime Records Bureau" in " ".join(words[:3])
    assert not [line for line in words if "publishers" in line]


@pytest.mark.parametrize("path", ["allegations", "observations", "reports/by-year", "vetting-checks"])
def test_datasets_begin_with_what_is_held_and_every_country(client, path):
    words, _ = draw(client, f"{path}.svg")
    assert any(line.startswith("What is held: ") for line in words)


@pytest.mark.parametrize("size", ["narrow", "medium", "wide"])
def test_no_picture_is_higher_than_2400_pixels(client, size):
    for path in (
        "after-contact/by-year.svg?source=iopc-deaths-in-custody-by-force",
        "charts/complaint-reviews-by-force.svg",
    ):
        svg = read_svg(client.get(f"/v1/{path}", params={"size": size}).raise_for_status().text)
        assert int(svg.get("height")) <= 2_400


@pytest.mark.parametrize(
    "query",
    [
        "q=sustained",
        "area=ie&measure=alleged&category=any",
        "area=fr&measure=under_investigation",
        "measure=vetting&area=gb",
    ],
)
def test_no_picture_of_unlike_figures_is_higher_than_840_pixels(client, query):
    svg = read_svg(client.get(f"/v1/observations.svg?{query}").raise_for_status().text)
    assert int(svg.get("height")) <= 840


@pytest.mark.parametrize(
    ("query", "begin"),
    [
        (
            "after-contact?year=2015/16&source=iopc-deaths-in-custody-by-force",
            "48 forces and other bodies in the United",
        ),
        ("workforce?source=police-officers-by-force", "12 places in the United Kingdom"),
        ("workforce/by-year?measure=employed&category=not_applicable", "Figures on the workforce, "),
        ("vetting-checks/by-year?area=E23000001", "Figures on vetting checks, Metropolitan Police"),
        ("allegations?measure=recorded&category=any&source=india-complaints-against-police", "Cases registered, "),
    ],
)
def test_a_title_says_whose_and_what_numbers_are_drawn(client, query, begin):
    path, _, query = query.partition("?")
    title = client.get(f"/v1/{path}.svg?{query}").raise_for_status().text.partition("</title>")[0]
    assert begin in title


def test_the_total_of_several_forces_is_called_a_total_and_the_regions_stand_below_their_country(client):
    _, svg = draw(client, "workforce.svg", source="police-officers-by-force")
    assert "Several forces together" not in words_of(svg)
    names = "All these together", "England and Wales", "North East"
    assert [place_of(svg, name).x - 16 for name in names] == [0, 0, 14]


def test_the_unit_in_a_table_is_no_kind_and_a_warning_stands_once(client):
    _, svg = draw(client, "after-contact.svg", area="E23000033", category="death_or_injury")
    assert "Number of" not in " ".join(words_of(svg))
    words, _ = draw(client, "outcomes.svg", area="in_ml", category="any")
    assert " ".join(words).count("What was decided in a year") == 1


# Labels


def test_numbers_of_files_have_commas_and_words_of_articles_stand_as_printed():
    rows = [figure("bbbb2", "8204", at="cell=2,2"), figure("bbbb3", "8205", area="force_1")]
    assert {"8,204", "8205"} <= {*words_of(read(rows)[1])}


def test_a_name_to_show_takes_the_place_of_a_column_of_a_file():
    rows = [
        row | {"counted": f"type_of_x … {name}", "shown": f"Kinds of x … {name.capitalize()}"}
        for start, name in enumerate(("a", "b", "c"), 1)
        for row in figures("12 15 9", start=start, at="cell=2,2")
    ]
    picture, svg = read(rows)
    assert "type_of_x" not in picture.svg
    assert [word for word in words_of(svg) if word in ("A", "B", "C")] == ["A", "B", "C"]


def test_words_that_several_rows_share_are_their_heading():
    rows = [
        row | {"counted": f"{kind} … {found}"}
        for start, (kind, found) in enumerate([(one, other) for one in "abcd" for other in ("upheld", "not upheld")])
        for row in figures("12 15 9", start=start, at="cell=2,2", category=kind)
    ]
    _, svg = read(rows)
    assert [word for word in words_of(svg) if word in ("A", "B", "C", "D")] == ["A", "B", "C", "D"]
    assert words_of(svg).count("Not upheld") == 4


def test_counts_at_dates_are_columns():
    rows = [
        figure(f"bbb{place}{one}", f"{place}0{one}", period=day, stock_or_flow="stock", area=f"force_{place}")
        for place in (2, 3)
        for one, day in enumerate(("2018-09-30", "2019-03-31", "2019-09-30"))
    ]
    _, svg = read(rows)
    assert len(shapes(svg, "pale")) == 6
    assert [word for word in words_of(svg) if " 20" in word and len(word) == 8] == ["Sep 2018", "Mar 2019", "Sep 2019"]
    assert place_of(svg, "Force_2").y < place_of(svg, "Force_3").y


def test_the_alternative_text_of_many_figures_has_the_first_last_and_highest():
    picture, _ = read(figures("12 15 90 20 30 40 22 11 10 9 8", 2010))
    assert "11 figures" in picture.alt
    assert "12 in 2010, 8 in 2020; highest 90 in 2012" in picture.alt
