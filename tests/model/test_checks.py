"""Checks and disagreements of release 2.2.0 have the outcomes that people reviewed, and others those of arithmetic."""

import csv
import json
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import REGISTER_COLUMNS, complete
from misconduct.releases.folder import read_release
from misconduct_editor.register.outcomes import differ, judge_check, judge_disagreement

ROOT = Path(__file__).parents[2]
OF_FIGURE = (
    "measure",
    "statistic",
    "category",
    "area",
    "population",
    "counting_unit",
    "unit",
    "period",
)

CATALOGUE = Catalogue(
    {"code": {"category/any": {}, "category/sexual": {"broader": "any"}}}
)
SHARE = {"statistic": "share", "unit": "proportion"}
PERCENT = {"statistic": "share", "unit": "percent"}


def figure(printed, value=None, **cells):
    """Return a completed figure; its value is what is printed unless another one is given."""
    number = printed.replace(",", "") if value is None else value
    same = {
        "measure": "alleged",
        "category": "any",
        "population": "officers",
        "area": "gb",
        "counting_unit": "people",
    }
    same |= {
        "statistic": "count",
        "unit": "count",
        "qualifier": "exact",
        "period": "2022",
        "source": "a-report",
    }
    same |= {
        "id": printed,
        "printed": printed,
        "value": Decimal(number) if number else None,
    }
    return complete(dict.fromkeys(REGISTER_COLUMNS) | same | cells, "2024", (), ())


def judge(kind, whole, *parts, share=None, asserted=True):
    rows = {
        f"f{number}": row for number, row in enumerate((whole, *parts, share)) if row
    }
    names = [f"f{number}" for number in range(1, len(parts) + 1)]
    check = {
        "type": kind,
        "whole": "f0",
        "parts": names,
        "share": f"f{len(parts) + 1}",
        "asserted": asserted,
    }
    return judge_check(check, rows, CATALOGUE)


@pytest.fixture(scope="module")
def release():
    """Release 2.2.0, its completed figures by id, and its catalogue."""
    found = read_release(ROOT / "data/releases/2.2.0")
    published = {
        identity: one.get("published")
        for identity, one in found.records["source"].items()
    }
    rows = {
        row["id"]: complete(row, published[row["source"]], (), ())
        for row in found.figures
    }
    return found, rows, Catalogue(found.records)


def read_reviewed(name):
    with (Path(__file__).parent / f"{name}_of_2.2.0.csv").open(newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_checks_have_the_reviewed_outcomes(release):
    found, rows, catalogue = release
    expected = read_reviewed("checks")
    assert len(expected) == 13
    for identity, row in expected.items():
        outcome = judge_check(found.records["check"][identity], rows, catalogue)
        numbers = {
            name: float(row[name]) if row[name] else None
            for name in ("stated", "computed")
        }
        assert outcome == {
            "result": row["result"],
            "unlike": row["unlike"].split(),
            **numbers,
        }, identity


def test_disagreements_have_the_reviewed_outcomes(release):
    _, rows, catalogue = release
    expected = read_reviewed("disagreements")
    assert len(expected) == 21
    for identity, row in expected.items():
        members = [rows[one] for one in row["members"].split()]
        assert judge_disagreement(members, catalogue)["evidence"] == json.loads(
            row["evidence"]
        ), identity
        for turned in (
            members[first:] + members[:first] for first in range(len(members))
        ):
            for ordered in (turned, turned[::-1]):
                outcome = judge_disagreement(ordered, catalogue)["dimensions"]
                mirrored = (
                    {"narrower": "broader"}
                    if ordered != members and not members[2:]
                    else {}
                )
                reviewed = {
                    name: mirrored.get(row[name], row[name]) for name in OF_FIGURE
                }
                assert {name: outcome[name] for name in OF_FIGURE} == reviewed, identity
                assert differ(ordered), identity


def test_members_that_differ_in_their_words_or_their_check_only():
    one, other = (
        figure("161", counted="officers", vetting_check="pnc"),
        figure("161", counted="cops"),
    )
    outcome = judge_disagreement([one, other], CATALOGUE)["dimensions"]
    assert (outcome["counted"], outcome["vetting_check"], outcome["category"]) == (
        "different",
        "different",
        "same",
    )
    assert differ([one, other])
    assert not differ([one, {**one, "id": "bbbbb"}])


PARTS = figure("196"), figure("689"), figure("246")  # 1,131


@pytest.mark.parametrize(
    ("whole", "result"),
    [
        (figure("1,131"), "holds"),
        (figure("1,132"), "fails"),
        (figure("1,100"), "fails"),  # without a hedge it is as printed
        (figure("1,100", qualifier="about"), "undecidable"),
        (figure("1,131", qualifier="about"), "holds"),
        (
            figure(
                "hundreds",
                value="",
                value_absent="magnitude_only",
                qualifier="magnitude",
            ),
            "undecidable",
        ),
        (figure("1,132", category="sexual"), "undecidable"),  # the parts are broader
        (figure("1,131", category="sexual"), "holds"),  # but a source says so
        (figure("1,132", period="2021"), "undecidable"),
        (figure("1,132", counting_unit="unstated"), "undecidable"),
    ],
    ids=lambda one: (
        f"{one['qualifier']} {one['printed']}" if isinstance(one, dict) else None
    ),
)
def test_a_sum_fails_only_if_all_is_alike_and_without_a_hedge(whole, result):
    assert [
        judge("sum_of_parts", whole, *parts)["result"] for parts in permutations(PARTS)
    ] == [result] * 6


def test_what_no_source_asserts_holds_if_alike_and_never_fails():
    wholes = figure("1,131"), figure("1,132"), figure("1,131", population="staff")
    found = [judge("sum_of_parts", whole, *PARTS, asserted=False) for whole in wholes]
    assert [one["result"] for one in found] == ["holds", "undecidable", "undecidable"]
    assert [one["unlike"] for one in found] == [[], [], ["population"]]


@pytest.mark.parametrize(
    ("share", "part", "whole", "result", "computed"),
    [
        (
            figure("one in 50", value="0.02", **SHARE),
            "1,131",
            "50,000",
            "holds",
            0.02262,
        ),
        (
            figure("one in 50", value="0.02", **SHARE),
            "1,131",
            "20,000",
            "undecidable",
            0.05655,
        ),
        (figure("four in ten", value="0.4", **SHARE), "36", "99", "holds", 0.36364),
        (
            figure("four in ten", value="0.4", **SHARE),
            "34",
            "99",
            "undecidable",
            0.34343,
        ),
        (figure("7 per cent", value="7", **PERCENT), "79", "1,131", "holds", 6.98497),
        (figure("7 per cent", value="7", **PERCENT), "70", "1,131", "fails", 6.18921),
        (
            figure("7 per cent", value="7", **PERCENT),
            "1,100",
            "14,213",
            "undecidable",
            7.73939,
        ),  # it is round
        (
            figure("7 per cent", value="7", **PERCENT),
            "1,110",
            "14,761",
            "fails",
            7.51982,
        ),  # it is not round
        (
            figure("7 per cent", value="7", **PERCENT),
            "1,111",
            "14,700",
            "undecidable",
            7.55782,
        ),  # the whole is round
        (
            figure("7 per cent", value="7", qualifier="about", **PERCENT),
            "70",
            "1,131",
            "undecidable",
            6.18921,
        ),
        (figure("7.2%", value="7.2", **PERCENT), "81", "1,131", "holds", 7.16180),
        (figure("7.2%", value="0.072", **SHARE), "80", "1,131", "fails", 0.07073),
    ],
)
def test_a_share_holds_if_it_is_rounded(share, part, whole, result, computed):
    found = judge("share", figure(whole), figure(part), share=share)
    assert (found["result"], found["computed"]) == (result, computed)
