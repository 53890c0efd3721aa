"""What a picture shows: numbers that are points, bands, dashes, words; that it fits, and says its origin."""

import io
import random

import pytest
from PIL import Image

from misconduct.model.places import split_sentences
from misconduct.pictures.canvas import COLOURS
from misconduct.pictures.draw import draw, draw_inline
from misconduct.pictures.drawing import Annotation
from misconduct.pictures.form import group_series
from misconduct.pictures.png import encode_png
from misconduct.pictures.slots import make_slots
from tests.charts import (
    SVG,
    TERM,
    boxes_of,
    ids_of,
    marks_of,
    numbers_of,
    read_svg,
    words_of,
)
from tests.charts.test_forms import GMP, KENT, MET, NATIONS

SIZES = ("wide", "narrow", "card")
SCOTLAND = "gb_sct"


def find_samples(register):
    """Return drawings of each form, and of a hundred tables drawn by lot."""
    picked = random.Random(7)
    tables = [register.find("complaints", NATIONS)]
    tables.append(register.find("allegations", [MET, GMP, KENT], 2024))
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
    return [register.compose(rows) for rows in tables if rows]


def words_of_times(drawing):
    """Return the words that stand below columns and lines: years, months and days."""
    labels = [
        slot.label for rows in group_series(drawing.rows) for slot in make_slots(rows)
    ]
    return {word for label in labels for word in label.split()}


def suspended_in_scotland(register):
    rows = [
        row
        for row in register.rows["suspended_in_period"]
        if row["area_code"] == SCOTLAND
    ]
    return register.compose(rows)


@pytest.mark.parametrize("size", SIZES)
def test_no_text_stands_outside_or_over_another(register, size):
    for drawing in find_samples(register):
        svg = read_svg(draw(drawing, size).svg)
        *_, width, height = map(float, svg.get("viewBox").split())
        boxes = boxes_of(svg)
        for place, box in enumerate(boxes):
            where = (drawing.title, box.words)
            assert box.left >= 0, where
            assert box.top >= 0, where
            assert box.right <= width, where
            assert box.bottom <= height, where
            for other in boxes[place + 1 :]:
                assert not box.is_over(other), (*where, other.words)


@pytest.mark.parametrize("size", SIZES)
def test_each_mark_is_a_point_and_the_alternative_text_has_each_number(register, size):
    for drawing in find_samples(register):
        picture = draw(drawing, size)
        points = {row["shown"] for row in drawing.all_rows}
        times = words_of_times(drawing)
        svg = read_svg(picture.svg)
        marks = marks_of(svg, "mark", "high", "part", "dot")
        titles = [mark.findtext(f"{SVG}title") for mark in marks]
        for title in filter(None, titles):
            assert any(f": {shown} (" in title for shown in points), title
        for text in svg.iter(f"{SVG}text"):
            is_bold = "b" in (text.get("class") or "").split()
            if is_bold and text.get("text-anchor"):  # numbers, and a time in front
                assert text.text in points or times.issuperset(text.text.split())
        assert all(shown in picture.alt for shown in points)
        assert {*picture.ids} <= {*drawing.ids}
        assert picture.title == drawing.title
        assert len(drawing.notes) <= 3


@pytest.mark.parametrize("size", SIZES)
def test_a_band_stands_where_there_is_no_column(register, size):
    rows = suspended_in_scotland(register).rows
    drawing = register.compose(rows)
    assert len(marks_of(read_svg(draw(drawing, size).svg), "tint")) == 1
    drawing = register.compose(rows, elsewhere={2022: "30 cases"})
    svg = read_svg(draw(drawing, size).svg)
    (band,) = marks_of(svg, "tint")
    assert "no figure held" not in band.findtext(f"{SVG}title")
    assert " ".join([*drawing.notes, *words_of(svg)]).count("30 cases") <= 2
    assert " ".join(drawing.notes).count("30 cases") == 1


def test_a_part_of_a_year_is_dashed_and_named(register):
    drawing = suspended_in_scotland(register)
    part = drawing.rows[-1]
    assert part["coverage"] == "part"
    (mark,) = marks_of(read_svg(draw(drawing).svg), "part")
    assert part["shown"] in mark.findtext(f"{SVG}title")
    assert part["time"] in drawing.notes[0]
    assert drawing.highlight != [part["id"]]


@pytest.mark.parametrize("size", SIZES)
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
        if drawing.form != "columns":
            continue
        if len({f"{row['period_end']:%d %m}" for row in drawing.rows}) == 1:
            continue
        drawn += 1
        picture = draw(drawing, size)
        if len(picture.ids) == 1:  # a card, on which they have no room
            continue
        words = words_of(read_svg(picture.svg))
        for slot in make_slots(drawing.rows):
            if slot.row:
                assert {*slot.label.split()} <= {*" ".join(words).split()}, (
                    drawing.title
                )
        first, last = drawing.rows[0]["period_end"], drawing.rows[-1]["period_end"]
        assert f"{first:%b %Y} to " in drawing.title
        assert drawing.title.endswith(f"{last:%b %Y}")
    assert drawn > 40


@pytest.mark.parametrize("size", SIZES)
def test_texts_are_as_long_in_any_font(register, size):
    drawing = register.compose(register.find("suspended_on_a_day"))
    svg = read_svg(draw(drawing, size).svg)
    for text, box in zip(svg.iter(f"{SVG}text"), boxes_of(svg), strict=True):
        length = float(text.get("textLength"))
        assert length == pytest.approx(box.right - box.left, abs=0.1)


def test_a_card_says_what_its_numbers_do_not_prove(register):
    for drawing in find_samples(register):
        words = " ".join(words_of(read_svg(draw(drawing, "card").svg)))
        first = "".join(split_sentences(drawing.limits)[:1])
        assert first in words, drawing.title


def test_a_row_of_a_table_keeps_its_own_note(register):
    """The page about Essex has no day; what the Met disputes is not drawn."""
    drawing = register.compose(register.find("suspended_on_a_day"))
    noted = {row["area"]: drawing.row_notes.get(row["id"], "") for row in drawing.rows}
    for size in ("wide", "narrow"):
        words = " ".join(words_of(read_svg(draw(drawing, size).svg)))
        assert all(note in words for note in noted.values())
    assert noted["Essex Police"]
    assert not noted["Metropolitan Police"]
    assert not noted["Cleveland Police"]


def test_what_all_rows_count_is_said_once(register):
    rows = [
        row
        for row in register.rows["officer_allegations_closed"]
        if row["area_code"] == "us_il_chicago" and row["year"] == 2018
    ]
    (shared,) = {row["name"].split(", ")[1].split(":")[0] for row in rows}
    drawing = register.compose(rows)
    assert shared in drawing.title
    assert not [name for name in drawing.names.values() if shared in name]


def test_a_break_is_a_line_and_words_stand_above_it(register):
    rows = [
        row
        for row in register.rows["complaints"]
        if (row["area_code"], row["kind"], row["statistic"])
        == ("gb_eaw", "all", "count")
    ]
    first = next(row for row in rows if row["year"] == 2020)
    note = Annotation(first["id"], "Any dissatisfaction counts")
    for annotation, words in ((None, ""), (note, note.text)):
        drawing = register.compose(rows, annotation=annotation)
        for size in SIZES:
            svg = read_svg(draw(drawing, size).svg)
            assert len(marks_of(svg, "break")) == 1
            assert words in " ".join(words_of(svg))
    whole = register.compose([row for row in rows if row["stretch"] == 0])
    assert not marks_of(read_svg(draw(whole).svg), "break")


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_place_without_a_number_is_a_row_in_grey_without_a_bar(register, size):
    rows = register.find("allegations", [MET, GMP], 2024)
    drawing = register.compose(rows, absent=[("West Midlands Police", "not published")])
    svg = read_svg(draw(drawing, size).svg)
    assert len(marks_of(svg, "mark")) == 2
    grey = [
        text.text for text in svg.iter(f"{SVG}text") if text.get("class") == "muted"
    ]
    assert {"West Midlands Police", "not published"} <= {*grey}


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_size_of_a_force_stands_beside_its_bar(register, size):
    rows = register.find("allegations", [MET, GMP], 2024)
    size_of = register.find("full_time_equivalents", [MET], 2025)[0]
    drawing = register.compose(rows, against={MET: size_of})
    assert "33,293" in " ".join(words_of(read_svg(draw(drawing, size).svg)))
    assert "33,293 officers" in drawing.alt


def test_columns_begin_at_zero_and_never_wrap(register):
    drawing = register.compose(register.find("deaths_in_custody", ["gb_eaw"]))
    for size in SIZES:
        svg = read_svg(draw(drawing, size).svg)
        columns = [
            mark
            for mark in marks_of(svg, "mark", "high")
            if mark.findtext(f"{SVG}title")
        ]
        bases = {
            round(float(mark.get("y")) + float(mark.get("height"))) for mark in columns
        }
        lefts = [float(mark.get("x")) for mark in columns]
        assert len(bases) == 1
        assert lefts == sorted(lefts)
        heights = [float(mark.get("height")) for mark in columns]
        values = [float(row["value"]) for row in drawing.rows]
        for height, value in zip(heights, values, strict=True):
            assert height / max(heights) == pytest.approx(value / max(values), abs=0.02)


def test_a_hedge_stands_before_its_number(register):
    (row,) = register.find("in_post", [MET], people="officers")
    drawing = register.compose([row])
    words = words_of(read_svg(draw(drawing).svg))
    assert words[:2] == row["shown"].split(" ")


def test_a_card_never_shows_some_parts_of_a_whole(register):
    rows = register.find("allegations", [MET], 2024, by_kind=True, statistic="count")
    picture = draw(register.compose(rows), "card")
    assert (picture.width, picture.height) == (1200, 630)
    assert len(picture.ids) == 1
    forces = register.find("allegations", (), 2024)
    assert len(draw(register.compose(forces), "card").ids) == 1


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
    terms = {
        term.tag.removeprefix(TERM): term.text
        for term in svg.iter()
        if TERM in term.tag
    }
    assert {"publisher", "date", "identifier", "source", "rights"} <= {*terms}
    assert "<script" not in picture.svg
    assert draw(drawing).svg == picture.svg
    inline = read_svg(draw_inline(drawing, "narrow"))
    assert numbers_of(inline.get("aria-label")) >= {
        row["shown"] for row in drawing.rows
    }


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
    from misconduct.pictures.canvas import write_styles

    styles = write_styles("auto")
    light, _, dark = styles.partition("prefers-color-scheme:dark")
    assert COLOURS["light"]["high"] in light
    assert COLOURS["dark"]["high"] in dark


def test_what_forbids_the_comparison_stands_above_the_figures(register):
    drawing = register.compose(register.find("suspended_on_a_day", ["ie"]))
    catalogue = register.view.catalogue
    notes = {note for row in drawing.rows for note in row["note_ids"].split()}
    warnings = [catalogue.fact("warning", note) for note in notes]
    assert any(warning in drawing.subtitle for warning in filter(None, warnings))
    assert drawing.form == "table"
