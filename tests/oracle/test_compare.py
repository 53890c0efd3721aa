"""Comparisons of every two figures of a disagreement, against what the first program answered. Goes with `old/`."""

import pytest

from .test_oracle import read

DIMENSIONS = "measure statistic category area population counting_unit unit period".split()

DIFFERENCES = {
    ("cdt2p", "mmpfb"): ("comparable", "different"),  # figures are comparable along area or period, not along category
    ("qmgmt", "smnvj"): ("comparable", "different"),
    ("cxqbc", "mw44s"): ("same", "repeated"),  # one print of a claim and another one: count it once
    ("d5fcj", "ttp6c"): ("same", "repeated"),
    ("h6xgz", "nzzhq"): ("same", "repeated"),
    ("q8d75", "rxb99"): ("same", "repeated"),
    ("s79rj", "tc7ks"): ("same", "repeated"),
    ("s7xm4", "swckj"): ("same", "repeated"),
    ("sqtpb", "tnbvx"): ("same", "repeated"),
}
"""Old and new verdict."""


@pytest.fixture(scope="module")
def answered(client):
    """The comparisons of the service, by the ids of the two figures."""
    pairs = [(row["id"], row["other_id"]) for row in read("compare")]
    return {
        pair: client.get("/v1/compare", params={"id": [*pair], "release": "2.2.0"}).json()["data"] for pair in pairs
    }


def test_every_two_figures_compare_as_they_did(answered):
    found = {}
    for row in read("compare"):
        pair = row["id"], row["other_id"]
        verdict = answered[pair]["verdict"]["code"]
        if verdict != row["verdict"]:
            found[pair] = (row["verdict"], verdict)
        elif verdict == "comparable":
            assert answered[pair]["along"] == row["comparable_along"]
    assert found == DIFFERENCES


def test_they_relate_in_each_dimension_as_they_did(answered):
    """The first program said `narrower` in both directions."""
    for row in read("compare"):
        pair = row["id"], row["other_id"]
        relations = {one["dimension"]: one["relation"]["code"] for one in answered[pair]["dimensions"]}
        found = {name: relations[name].replace("broader", "narrower") for name in DIMENSIONS}
        assert found == {name: row[name] for name in DIMENSIONS}, pair
