"""Texts written by people who did not know this program: what is right is found, what is wrong is said, no more.

Each file holds a text; its right numbers with their figures (`missed`: why one is not found; `says`: what may be said
of it); its errors with the code that must be said (or `unsaid`: why none is); and numbers that bring nothing.
"""

from pathlib import Path

import pytest
import yaml

from .texts import check, claim_of, codes_of, entry_at

PAPERS = {
    path.stem: yaml.safe_load(path.read_text("utf-8"))
    for path in Path(__file__).parent.glob("texts/*.yaml")
}


def find(answer, text, number):
    """Return what was found for a number of a table: the one that stands at its place in the text."""
    start = -1
    for _ in range(number["nth"]):
        start = text.index(number["printed"], start + 1)
    return entry_at(answer, start, start + len(number["printed"]))


def is_found(entry, ids):
    return (
        bool(entry and entry["figures"])
        and ids & {entry["figures"][0]["id"], claim_of(entry)} != set()
    )


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_what_is_right_is_found_and_what_is_wrong_is_said(client, name):
    paper = PAPERS[name]
    answer = check(client, paper["text"])
    for one in paper["figures"]:
        entry = find(answer, paper["text"], one)
        assert is_found(entry, {*one["ids"]}) == ("missed" not in one), one
        alarms = (
            {
                each["code"]
                for figure in entry["figures"][:1]
                for each in figure["differences"]
            }
            if entry
            else set()
        )
        assert alarms == {*one.get("says", ())}, one
    for one in paper["errors"]:
        entry = find(answer, paper["text"], one)
        said = codes_of(answer, entry) if entry else set()
        assert (one["code"] in said) if "code" in one else not said, (one, said)
    for one in paper["nothing"]:
        entry = find(answer, paper["text"], one)
        assert not entry or not (entry["figures"] or entry["near"]), one


def test_few_numbers_and_errors_are_out_of_reach():
    numbers, errors = (
        [one for paper in PAPERS.values() for one in paper[name]]
        for name in ("figures", "errors")
    )
    assert (len(numbers), sum("missed" in one for one in numbers)) == (521, 6)
    assert (len(errors), sum("unsaid" in one for one in errors)) == (145, 50)
