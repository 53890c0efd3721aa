"""A number that is no count is never taken for one: rates say of what, shares are asked for, posts have decimals."""

import pytest

from tests.desk.editor import FORCE, LAYOUT, NO_TOTALS, change, is_named

RATES = [
    ["Complaints"],
    ["Police force", "per_100k", "Cases"],
    ["Kent", "43.5", 12],
    ["North Yorkshire", "6.3", 5],
]
PERIOD = {"from": "title", "means": "2022"}
KEYS = NO_TOTALS | {"figure": LAYOUT["figure"] | {"period": PERIOD}}
RATE = {
    "is": "value",
    "unit": "per_hundred_thousand",
    "statistic": "rate",
    "per": "inhabitants",
}


def columns(name="per_100k", **says):
    return KEYS | {"columns": FORCE | {name: {"is": "value"} | says, "Cases": "value"}}


def test_a_rate_says_of_what_it_is_one(editor):
    outcome = editor.add(RATES, **columns(**RATE))
    assert outcome.mistakes == []
    names = ("value", "unit", "statistic", "per", "stock_or_flow")
    found = {
        cell: [row[name] for name in names] for cell, row in editor.figures().items()
    }
    assert found == {
        "3,2": [
            "43.5",
            "per_hundred_thousand",
            "rate",
            "inhabitants",
            "not_applicable",
        ],
        "3,3": ["12", "count", "count", "", "flow"],
        "4,2": ["6.3", "per_hundred_thousand", "rate", "inhabitants", "not_applicable"],
        "4,3": ["5", "count", "count", "", "flow"],
    }
    assert "43.5 per_hundred_thousand" in "\n".join(
        outcome.sections["Some of the figures"]
    )
    assert editor.verify() == []


def test_what_a_rate_lacks_is_said_once(editor):
    (mistake,) = editor.add(RATES, **columns(unit="per_hundred_thousand")).mistakes
    assert mistake.startswith(
        "report.ods#B3: per_hundred_thousand is for rates: write statistic: rate, and per: inh"
    )


REFUSED = {
    # what the column says, the place of the mistake, and words of it
    "a rate that is called a count": (
        {},
        "report.ods#B3",
        "'43.5' is not a count: for shares",
        "per: inhabitants",
    ),
    "an unknown group": (
        RATE | {"per": "inhabitant"},
        "tables/report.yaml:7:",
        "did you mean inhabitants",
    ),
    "a rate in per cent": (
        RATE | {"unit": "percent"},
        "report.ods#B3",
        "a rate needs a unit such as per_thousand",
    ),
    "a share per head": (
        RATE | {"unit": "percent", "statistic": "share"},
        "report.ods#B3",
        "only rates are",
    ),
}


@pytest.mark.parametrize(
    ("says", "place", "word", "remedy"),
    [(*one, "")[:4] for one in REFUSED.values()],
    ids=REFUSED,
)
def test_a_rate_that_is_not_one_is_refused_once(editor, says, place, word, remedy):
    (mistake,) = editor.add(RATES, **columns(**says)).mistakes
    assert mistake.startswith(place)
    assert word in mistake
    assert remedy in mistake


HEADINGS = [
    "overturn_pct",
    "Share of all",
    "Proportion",
    "Rate per 1,000",
    "Per cent",
    "% upheld",
    "percentage",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_of_shares_or_rates_is_refused_as_a_count(editor, heading):
    rows = change(RATES, B2=heading, B3="42", B4="58")
    assert is_named(
        editor.add(rows, **columns(heading)).mistakes,
        "report.ods#B2",
        f"{heading!r} seems to have no counts",
    )
    assert editor.add(rows, **columns(heading, unit="percent")).mistakes == []
    assert editor.add(rows, **columns(heading, unit="count")).mistakes == []


@pytest.mark.parametrize(
    "heading", ["Officers", "Experts", "Separated", "Opera staff", "Sharers"]
)
def test_other_headings_are_counts(editor, heading):
    assert (
        editor.add(
            change(RATES, B2=heading, B3="42", B4="58"), **columns(heading)
        ).mistakes
        == []
    )


def test_a_share_printed_as_a_part_of_one_is_not_taken_for_one_per_cent(editor):
    rows = change(RATES, B2="Share of all", B3="0.42", B4="0.58")
    (mistake,) = editor.add(rows, **columns("Share of all", unit="percent")).mistakes
    assert is_named(
        [mistake],
        "report.ods#B2",
        "0.58 in 'Share of all' may be 58%: write unit: proportion",
    )
    assert editor.add(rows, **columns("Share of all", unit="proportion")).mistakes == []
    assert editor.figures()["3,2"]["value"] == "0.42"
    printed = change(RATES, B2="Share of all", B3="0.42%", B4="0.58%")
    assert editor.add(printed, **columns("Share of all", unit="percent")).mistakes == []
    larger = change(RATES, B2="Share of all", B3="0.42", B4="58")
    assert editor.add(larger, **columns("Share of all", unit="percent")).mistakes == []


def test_posts_can_have_decimals_and_stay_counts_that_add_up(editor):
    rows = [
        ["Officers"],
        ["Police force", "Posts"],
        ["Kent", "7.5"],
        ["North Yorkshire", "12.0"],
        ["Total", "19.5"],
    ]
    keys = KEYS | {
        "columns": FORCE | {"Posts": "value"},
        "totals": {"5": {"area": "gb"}},
    }
    assert is_named(
        editor.add(rows, **keys).mistakes,
        "report.ods#B3",
        "'7.5' is not a count",
        "counting_unit: posts",
    )
    keys["figure"] = keys["figure"] | {
        "counting_unit": "posts",
        "stock_or_flow": "stock",
    }
    keys["source"] = {"title": "Officers"}
    outcome = editor.add(rows, **keys)
    assert (outcome.mistakes, outcome.sections["Totals"]) == (
        [],
        ["1 of 1 totals add up"],
    )
    figures = editor.figures()
    assert [figures[cell]["value"] for cell in ("3,2", "4,2", "5,2")] == [
        "7.5",
        "12.0",
        "19.5",
    ]
    assert {(row["statistic"], row["stock_or_flow"]) for row in figures.values()} == {
        ("count", "stock")
    }
    assert editor.verify() == []
    for text in ("-7.5", "1.204"):
        assert is_named(
            editor.add(change(rows, B3=text), **keys).mistakes,
            "report.ods#B3",
            f"{text!r} is not a count",
        )


def test_what_the_file_says_of_counts_is_not_for_its_rates(editor):
    """A table of rates and counts can say `flow` for all; once the only advice made every count not_applicable."""
    keys = columns(**RATE)
    keys["figure"] = keys["figure"] | {"stock_or_flow": "flow"}
    assert editor.add(RATES, **keys).mistakes == []
    found = {cell: row["stock_or_flow"] for cell, row in editor.figures().items()}
    assert found == {
        "3,2": "not_applicable",
        "3,3": "flow",
        "4,2": "not_applicable",
        "4,3": "flow",
    }


def test_a_caveat_of_a_column_is_for_its_figures_only(editor):
    keys = columns(**RATE, caveats=["not_a_finding"])
    assert editor.add(RATES, **keys).mistakes == []
    assert {cell: row.get("caveats", "") for cell, row in editor.figures().items()} == {
        "3,2": "not_a_finding", "3,3": "", "4,2": "not_a_finding", "4,3": "",
    }  # fmt: skip
    (mistake,) = editor.add(RATES, **columns(**RATE, caveats=["not_finding"])).mistakes
    assert mistake.startswith("tables/report.yaml:7:")
    assert "did you mean not_a_finding" in mistake
