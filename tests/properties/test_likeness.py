"""Two figures are as alike as they are in the other order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import completer
from misconduct.releases.folder import read_release
from misconduct_editor.register.likeness import (
    ALL,
    COMPARED,
    contrast,
    differences,
    unlike,
)
from misconduct_editor.register.outcomes import judge_disagreement

from ..conftest import SMALL

RELEASE = read_release(SMALL / "releases/2.0.0")
CATALOGUE = Catalogue(RELEASE.records)
FIGURES = [
    row
    for row in map(completer(RELEASE.records), RELEASE.figures)
    if row["read_from"] == "text"
]
PERIOD = (
    "period",
    "period_printed",
    "period_start",
    "period_end",
    "dated_by",
    "coverage",
)
MIRRORED = {"narrower": "broader", "broader": "narrower"}


@st.composite
def pairs(draw):
    """Return a figure, and a second one that says the same but for some dimensions, which are those of a third."""
    first, third = draw(st.sampled_from(FIGURES)), draw(st.sampled_from(FIGURES))
    names = draw(st.sets(st.sampled_from(ALL), max_size=4))
    columns = names | ({*PERIOD} if "period" in names else set())
    return first, first | {"id": "bbbbb", **{name: third[name] for name in columns}}


@settings(derandomize=True, max_examples=500)
@given(pair=pairs())
def test_differences_are_the_same_in_both_orders(pair):
    there, back = differences(*pair, CATALOGUE), differences(*reversed(pair), CATALOGUE)
    assert there == {
        name: MIRRORED.get(relation, relation) for name, relation in back.items()
    }
    assert {*unlike(ALL, *pair)} == {*unlike(ALL, *reversed(pair))} <= there.keys()


@settings(derandomize=True)
@given(pair=pairs())
def test_the_outcome_of_a_disagreement_is_the_same_in_both_orders(pair):
    outcomes = [
        judge_disagreement(each, CATALOGUE)["dimensions"]
        for each in (pair, [*reversed(pair)])
    ]
    assert outcomes[0] == {
        name: MIRRORED.get(relation, relation) for name, relation in outcomes[1].items()
    }


@settings(derandomize=True, max_examples=200)
@given(one=pairs(), other=pairs())
def test_a_record_and_a_comparison_say_the_same_of_several_figures_in_every_order(
    one, other
):
    rows = [*one, other[0]]
    orders = [rows, rows[::-1], [*rows[1:], rows[0]]]
    compared = [contrast(each, COMPARED, CATALOGUE) for each in orders]
    assert compared[0] == compared[1] == compared[2]
    outcome = judge_disagreement(rows, CATALOGUE)["dimensions"]
    assert outcome == {name: compared[0][name] for name in outcome}
