"""What a picture shows: numbers that are points, bands, dashes, words; that it fits, and says its origin."""

import io
import random

import pytest
from PIL import Image

from misconduct.model.places import split_sentences
from misconduct.pictures.canvas import COLOURS, write_styles
from misconduct.pictures.draw import NoRoom, draw, draw_inline
from misconduct.pictures.drawing import Annotation
from misconduct.pictures.form import group_series
from misconduct.pictures.png import encode_png
from misconduct.pictures.slots import make_slots
from tests.charts import (
    SVG,
    TERM,
    boxes_of,
    find_overlaps,
    ids_of,
    marks_of,
    numbers_of,
    read_svg,
    words_of,
)
from tests.charts.test_forms import GMP, KENT, MET

SIZES = ("wide", "narrow", "card")
ALL_SIZES = pytest.mark.parametrize("size", SIZES)
ON_PAGES = pytest.mark.parametrize("size", ["wide", "narrow"])


@pytest.fixture(scope="module")
def samples(register):
    """Return drawings of each form, and of a hundred tables drawn by lot."""
    picked = random.Random(7)
    tables = [register.find("allegations", [MET, GMP, KENT], 2024)]
    tables.append(register.find("full_time_equivalents", [MET, GMP, KENT]))
    tables.append(register.find("allegations", [MET], 2024, by_kind=True))
    keys = {
        (row["indicator"], row["area_code"])
        for rows in register.rows.values()
        for row in rows
        if row["default"]
    }
    for indicator, area in picked.sample(sorted(keys), 100):
        tables.append(register.find(indicator, [area]))
    tables += [register.find(indicator) for indicator in [*register.rows][:40]]
    drawings = [register.compose(rows) for rows in tables if rows]
    return [drawing for drawing in drawings if drawing]


def draw_all(samples, size):
    """Yield drawings with their pictures; many bars or lines have no room on a card."""
    for drawing in samples:
        try:
            picture = draw(drawing, size)
        except NoRoom:
            assert drawing.form in ("bars", "lines")
            assert size == "card"
            continue
        yield drawing, picture, read_svg(picture.svg)


def words_of_times(drawing):
    """Return the words that stand below columns and lines: years, months and days."""
    several = group_series(drawing.rows)
    slots = [slot for rows in several for slot in make_slots(rows)]
    labels = [slot.label for slot in slots if slot.row]
    return {word for label in labels for word in label.split()}


def suspended_in_scotland(register, **said):
    held = register.rows["suspended_in_period"]
    rows = [row for row in held if row["area_code"] == "gb_sct"]
    return register.compose(rows, **said)


@ALL_SIZES
def test_a_picture_fits_draws_only_points_and_says_each_of_them(samples, size):
    for drawing, picture, svg in draw_all(samples, size):
        assert not find_overlaps(svg), drawing.title
        points = {row["shown"] for row in drawing.all_rows}
        times = words_of_times(drawing)
        marks = marks_of(svg, "mark", "high", "part", "dot")
        titles = [mark.findtext(f"{SVG}title") for mark in marks]
        for title in filter(None, titles):
            assert any(f": {shown} (" in title for shown in points), title
        for text in svg.iter(f"{SVG}text"):
            is_bold = "b" in (text.get("class") or "").split()
            if is_bold and text.get("text-anchor"):  # numbers, and a time in front
                assert text.text in points or times.issuperset(text.text.split())
        words = " ".join([picture.alt, *drawing.notes])
        assert all(shown in words for shown in points)
        assert [*picture.ids] == [*drawing.ids]
        assert picture.title == drawing.title
        assert len(drawing.notes) <= 3
        if size == "card":
            first = "".join(split_sentences(drawing.limits)[:1])
            assert first in " ".join(words_of(svg)), drawing.title


@ALL_SIZES
def test_a_band_stands_where_there_is_no_column_and_says_why(register, size):
    for elsewhere, words in (({}, "no figure held"), ({2022: "30 cases"}, "30 cases")):
        drawing = suspended_in_scotland(register, elsewhere=elsewhere)
        (band,) = marks_of(read_svg(draw(drawing, size).svg), "tint")
        assert words in band.findtext(f"{SVG}title")
        assert " ".join(drawing.notes).count(words) == 1


@ALL_SIZES
def test_a_part_of_a_year_is_dashed_and_named(register, size):
    drawing = suspended_in_scotland(register)
    part = drawing.rows[-1]
    assert part["coverage"] == "part"
    svg = read_svg(draw(drawing, size).svg)
    (mark,) = marks_of(svg, "part")
    assert part["shown"] in mark.findtext(f"{SVG}title")
    assert part["time"] in drawing.notes[0]
    assert part["time"] in " ".join(words_of(svg))
    assert drawing.highlight != [part["id"]]


@ALL_SIZES
def test_days_that_do_not_return_each_year_are_each_named(register, size):
    drawn = 0
    keys = {
        (row["indicator"], row["area_code"])
        for rows in register.rows.values()
        for row in rows
        if row["default"] and row["coverage"] == "point"
    }
    for indicator, area in sorted(keys):
        drawing = register.compose(register.find(indicator, [area]))
        if not drawing or drawing.form != "columns":
            continue
        days = {f"{row['period_end']:%d %m}" for row in drawing.rows}
        if len(days) == 1:
            continue
        drawn += 1
        try:
            svg = read_svg(draw(drawing, size).svg)
        except NoRoom:
            continue
        words = {*" ".join(words_of(svg)).split()}
        assert words_of_times(drawing) <= words, drawing.title
        first, last = drawing.rows[0]["period_end"], drawing.rows[-1]["period_end"]
        assert f"{first:%b %Y} to " in drawing.title
        assert drawing.title.endswith(f"{last:%b %Y}")
    assert drawn > 40


def test_texts_are_as_long_in_any_font(samples):
    for _, _, svg in draw_all(samples[:20], "wide"):
        for text, box in zip(svg.iter(f"{SVG}text"), boxes_of(svg), strict=True):
            length = float(text.get("textLength"))
            assert length == pytest.approx(box.right - box.left, abs=0.1)


def test_what_all_rows_count_is_said_once(register):
    rows = register.find("officer_allegations_closed", ["us_il_chicago"])
    (shared,) = {row["name"].split(", ")[1].split(":")[0] for row in rows}
    drawing = register.compose(rows)
    assert shared in drawing.title
    assert not [name for name in drawing.names.values() if shared in name]


@ALL_SIZES
def test_a_break_is_a_line_and_words_stand_at_their_figure(register, size):
    rows = register.find_broken()
    first = next(row for row in rows if row["year"] == 2020)
    note = Annotation(first["id"], "Any dissatisfaction counts")
    for annotation, words in ((None, ""), (note, note.text)):
        drawing = register.compose(rows, annotation=annotation)
        svg = read_svg(draw(drawing, size).svg)
        assert len(marks_of(svg, "break")) == 1
        assert words in " ".join(words_of(svg))
    whole = register.compose([row for row in rows if row["stretch"] == 0])
    assert not marks_of(read_svg(draw(whole, size).svg), "break")


@ON_PAGES
def test_beside_a_bar_stands_the_size_of_its_force_and_places_without_one_are_grey(
    register, size
):
    rows = register.find("allegations", [MET, GMP], 2024)
    size_of = register.find("full_time_equivalents", [MET], 2025)[0]
    absent = [("West Midlands Police", "not published")]
    drawing = register.compose(rows, against={MET: size_of}, absent=absent)
    svg = read_svg(draw(drawing, size).svg)
    assert "33,293" in " ".join(words_of(svg))
    assert "33,293 officers" in drawing.alt
    assert len(marks_of(svg, "mark")) == 2
    texts = svg.iter(f"{SVG}text")
    grey = {text.text for text in texts if text.get("class") == "muted"}
    assert {"West Midlands Police", "not published"} <= grey


@ALL_SIZES
def test_columns_begin_at_zero_and_never_wrap(register, size):
    drawing = register.compose(register.find("deaths_in_custody", ["gb_eaw"]))
    marks = marks_of(read_svg(draw(drawing, size).svg), "mark", "high")
    columns = [mark for mark in marks if mark.findtext(f"{SVG}title")]
    places = [
        [float(mark.get(side)) for side in ("x", "y", "height")] for mark in columns
    ]
    assert len({round(y + height) for _, y, height in places}) == 1
    assert places == sorted(places, key=lambda place: place[0])
    highest = max(height for *_, height in places)
    values = [float(row["value"]) for row in drawing.rows]
    for (*_, height), value in zip(places, values, strict=True):
        assert height / highest == pytest.approx(value / max(values), abs=0.02)


def test_a_hedge_stands_before_its_number(register):
    (row,) = register.find("in_post", [MET], people="officers")
    words = words_of(read_svg(draw(register.compose([row])).svg))
    assert words[:2] == row["shown"].split(" ")


def test_a_card_never_shows_some_of_several_places_or_kinds(register):
    kinds = register.find("allegations", [MET], 2024, by_kind=True, statistic="count")
    for rows in (kinds, register.find("full_time_equivalents", [], 2025, total=1)):
        drawing = register.compose(rows)
        if drawing:
            with pytest.raises(NoRoom):
                draw(drawing, "card")
    marked = register.compose(kinds).rows[0]["id"]
    said = {"title": "A finding", "highlight": [marked]}
    picture = draw(register.compose(kinds, **said), "card")
    assert (picture.width, picture.height) == (1200, 630)
    assert [*picture.ids] == said["highlight"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_marks_have_contrast(theme):
    colours = COLOURS[theme]

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        low, high = sorted((luminance(colours[one]), luminance(colours[other])))
        return (high + 0.05) / (low + 0.05)

    for text in ("ink", "muted", "high"):
        assert contrast(text, "paper") >= 4.5, text
        assert contrast(text, "tint") >= 4.5, text
    for mark in ("mark", "line", "high"):
        assert contrast(mark, "paper") >= 3, mark


def test_a_picture_says_what_it_is_and_where_it_is_from(register):
    drawing = register.compose(register.find("complaints", ["gb_eaw"]))
    picture = draw(drawing)
    svg = read_svg(picture.svg)
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == drawing.title
    assert svg.findtext(f"{SVG}desc") == picture.description
    assert drawing.source in picture.description
    assert ids_of(svg) == drawing.ids
    terms = {term.tag.removeprefix(TERM) for term in svg.iter() if TERM in term.tag}
    assert {"publisher", "date", "identifier", "source", "rights"} <= terms
    assert "<script" not in picture.svg
    assert draw(drawing).svg == picture.svg
    shown = {row["shown"] for row in drawing.rows}
    label = read_svg(draw_inline(drawing, "narrow")).get("aria-label")
    assert numbers_of(label) >= shown


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_png_has_the_colours_of_its_theme(register, theme):
    drawing = register.compose(register.find("complaints", ["gb_eaw"]))
    for size, zoom in (("wide", 2), ("card", 1)):
        picture = draw(drawing, size, theme)
        image = Image.open(io.BytesIO(encode_png(picture)))
        assert image.size == (zoom * picture.width, zoom * picture.height)
        colours = {
            "#{:02x}{:02x}{:02x}".format(*colour)
            for _, colour in image.convert("RGB").getcolors(1 << 24)
        }
        assert {COLOURS[theme][name] for name in ("paper", "high", "mark")} <= colours
        assert image.text["Title"] == drawing.title


def test_a_picture_of_the_reader_s_theme_has_both():
    light, _, dark = write_styles("auto").partition("prefers-color-scheme:dark")
    assert COLOURS["light"]["high"] in light
    assert COLOURS["dark"]["high"] in dark
