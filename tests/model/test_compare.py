"""What is said of figures that are compared. Whether they may stand side by side is in `test_relate`."""

from datetime import date
from decimal import Decimal

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.compare import compare as compare_figures
from misconduct.model.figure import TABLE_COLUMNS
from misconduct.model.points import NAMES

CODES = {
    "area/E23000001": {"label": "Metropolitan Police", "broader": "gb_eaw"},
    "area/E23000005": {"label": "Greater Manchester Police", "broader": "gb_eaw"},
    "area/gb_eaw": {"label": "England and Wales"},
    "measure/alleged": {"label": "Accusation or complaint"},
    "measure/proven": {"label": "Found proven"},
    "population/detectives": {"label": "Detectives", "broader": "officers"},
    "population/staff": {"label": "Staff", "broader": "workforce"},
    "population/officers": {"label": "Officers", "broader": "workforce"},
    "population/workforce": {"label": "People in the police"},
}
SOURCES = {
    one: {
        "publisher": "The Force",
        "published": "2024",
        "work": "yearly" if one != "other" else None,
    }
    for one in ("report-2022", "report-2023", "other")
}
SOURCES["elsewhere"] = {"publisher": "Another Force", "published": "2024"}
CATALOGUE = Catalogue({"code": CODES, "source": SOURCES})
YEAR_2022 = {
    "period": "2022",
    "period_start": date(2022, 1, 1),
    "period_end": date(2022, 12, 31),
}
APRIL = {"year": "2022/23", "period": "2022-04/2023-03"}
APRIL |= {"period_start": date(2022, 4, 1), "period_end": date(2023, 3, 31)}
LATER = {"year": "2023/24", "period": "2023-04/2024-03", "source": "report-2023"}
LATER |= {"period_start": date(2023, 4, 1), "period_end": date(2024, 3, 31)}
JULY = LATER | {
    "period": "2023-07/2024-06",
    "period_start": date(2023, 7, 1),
    "period_end": date(2024, 6, 30),
}
RATE = {"unit": "per_thousand", "statistic": "rate", "per": "inhabitants"}
YEAR_2023 = {
    "period": "2023",
    "period_start": date(2023, 1, 1),
    "period_end": date(2023, 12, 31),
}
MANCHESTER = {"area": "E23000005", "source": "other", "stated_by": "manchester"}
ELSEWHERE = MANCHESTER | {"source": "elsewhere"}
FIRST = dict.fromkeys(TABLE_COLUMNS) | {
    "id": "k7m3q", "measure": "alleged", "category": "sexual", "area": "E23000001", "population": "officers",
    "counting_unit": "people", "statistic": "count", "unit": "count", "fit": "exact", "value": Decimal(9),
    "printed": "9", "source": "report-2022", "stated_by": "the_force", "counted": "officers accused", "part_of": [],
    "dated_by": "source", "coverage": "whole", **YEAR_2022,
}  # fmt: skip


def compare(figures):
    """Compare figures, with the rows of the table that they are."""
    return compare_figures(
        figures, {row["id"]: tabulate(row) for row in figures}, CATALOGUE
    )


def tabulate(figure):
    return {
        **dict.fromkeys(NAMES),
        **{name: figure[name] for name in NAMES if name in figure},
        "area_code": figure["area"], "people": figure["population"], "unit": figure["counting_unit"], "kind": "all",
        "scope": "all", "part_of": " ".join(figure["part_of"]), "scale": "gb_eaw", "stretch": 0,
    }  # fmt: skip


def test_a_relation_is_seen_from_the_first_figure():
    part, whole = (
        FIRST,
        FIRST | {"id": "gb7nr", "population": "workforce", "fit": "broader"},
    )
    there, back = compare((part, whole)), compare((whole, part))
    assert (there.dimensions["population"], back.dimensions["population"]) == (
        "narrower",
        "broader",
    )
    assert (there.dimensions["fit"], back.dimensions["fit"]) == ("narrower", "broader")
    assert (
        "'officers' is a narrower population than 'people in the police'"
        in there.sentence
    )
    assert (
        "'people in the police' is a broader population than 'officers'"
        in back.sentence
    )


RESERVED = {  # what a comparison must not leave out, whichever of the two is named first
    "different documents": ({}, MANCHESTER),
    "part of the other": ({}, {"area": "gb_eaw"}),
    "slightly different things": (
        {"fit": "narrower"},
        MANCHESTER | {"fit": "narrower"},
    ),
}


@pytest.mark.parametrize("words", RESERVED)
def test_reservations_do_not_depend_on_the_order(words):
    first, second = (
        FIRST | {"id": one} | cells
        for one, cells in zip(("k7m3q", "gb7nr"), RESERVED[words], strict=True)
    )
    there, back = (
        compare(pair).reservations for pair in ((first, second), (second, first))
    )
    assert there == back
    assert any(words in one for one in there)


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("narrower", "exact", "narrower"),
        ("exact", "broader", "narrower"),
        ("narrower", "broader", "narrower"),
        ("broader", "exact", "broader"),
        ("broader", "narrower", "broader"),
        ("overlaps", "broader", "different"),
        ("exact", None, "same"),
    ],
)
def test_codes_that_fit_more_or_less_closely(first, second, relation):
    pair = FIRST | {"fit": first}, FIRST | {"id": "gb7nr", "fit": second}
    assert compare(pair).dimensions["fit"] == relation


def test_reservations_are_told():
    found = compare((FIRST, FIRST | MANCHESTER | {"id": "gb7nr"}))
    assert any("different documents" in one for one in found.reservations)
    force, country = FIRST, FIRST | {"id": "gb7nr", "area": "gb_eaw"}
    for pair in ((force, country), (country, force)):
        assert any("part of the other" in one for one in compare(pair).reservations)
    loose = [
        FIRST | {"fit": "narrower"},
        FIRST | MANCHESTER | {"id": "gb7nr", "fit": "narrower"},
    ]
    assert any(
        "slightly different things" in one for one in compare(loose).reservations
    )


@pytest.mark.parametrize(
    ("first_day", "may_overlap"),
    [(date(2022, 12, 31), True), (date(2023, 1, 1), False)],
)
def test_groups_may_overlap_if_they_have_a_day_in_common(first_day, may_overlap):
    later = {
        "period": f"{first_day}/2023",
        "period_start": first_day,
        "period_end": date(2023, 12, 31),
    }
    found = compare((FIRST, FIRST | later | {"id": "gb7nr", "population": "workforce"}))
    assert ("These groups may overlap." in found.sentence) is may_overlap


def test_of_many_figures_each_is_compared_with_each():
    years = [FIRST, *(FIRST | YEAR_2023 | {"id": one} for one in ("gb7nr", "w2rmd"))]
    assert compare(years).relation == ("comparable", ["time"], "")
    wider = [
        FIRST,
        *(FIRST | {"id": one, "population": "workforce"} for one in ("gb7nr", "w2rmd")),
    ]
    assert (
        "the population differs ('officers', 'people in the police')"
        in compare(wider).sentence
    )
    around = [
        FIRST,
        *(
            FIRST | {"id": one, "population": one}
            for one in ("workforce", "detectives")
        ),
    ]
    for rows in (
        around,
        [around[0], *around[:0:-1]],
    ):  # detectives are officers, who are people in the police
        assert compare(rows).dimensions["population"] == "narrower"
    apart = [
        FIRST | {"population": "workforce"},
        *(FIRST | {"id": one, "population": one} for one in ("staff", "officers")),
    ]
    assert (
        compare(apart).dimensions["population"] == "different"
    )  # not of the first, but of the others


def test_a_part_is_said_to_be_one_whichever_is_named_first():
    part = FIRST | {"id": "gb7nr", "part_of": ["k7m3q"], "printed": "3"}
    for pair in ((part, FIRST), (FIRST, part)):
        assert "3 is a stated part of 9." in compare(pair).sentence
