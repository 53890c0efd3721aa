"""Compare texts with what a person wrote that should be found in them."""

import json
from pathlib import Path

import yaml

CASES = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text("utf-8"))
"""Cases of tests, by what is tested."""

TEXTS = json.loads((Path(__file__).parent / "texts.json").read_text(encoding="utf-8"))
"""Texts written for the purpose. Of each number: the codes that must be found (none for a number that is right, or is
about something else), the codes that may be (`also`), the figure that it is, and whether it is out of reach so far."""


def check(client, text, **parameters):
    """Return the answer about a text."""
    answer = client.post("/v1/check", json={"text": text}, params=parameters)
    assert answer.status_code == 200, answer.text[:500]
    return answer.json()


def span(at):
    """Return the start and end of a place."""
    return tuple(map(int, at.removeprefix("char=").split(",")))


def entry_at(answer, start, end):
    """Return what was found for the number that is at a place, if any."""
    found = (
        one
        for one in answer["data"]
        if span(one["at"])[0] < end and start < span(one["at"])[1]
    )
    return next(found, None)


def claim_of(entry):
    """Return the figure that a number is most likely to be, or the one whose claim that repeats."""
    figure = entry["figures"][0] if entry and entry["figures"] else {}
    return figure.get("repeats") or figure.get("id")


def codes_of(answer, entry):
    """Return all codes that were found for a number."""
    figures = {
        one["code"] for figure in entry["figures"][:1] for one in figure["differences"]
    }
    together = {
        one["code"] for one in answer["meta"]["together"] if entry["at"] in one["at"]
    }
    return figures | together | {one["why"] for one in entry["near"]}


def list_misjudged(client, case):
    """Return the places of a text at which something else is found than its table says."""
    answer, text, misjudged = check(client, case["text"]), case["text"], []
    for one in case["expect"]:
        start = text.index(one["in"]) + one["in"].index(one["number"])
        entry = entry_at(answer, start, start + len(one["number"]))
        codes, found = {*one["codes"]}, codes_of(answer, entry) if entry else set()
        is_right = codes <= found <= codes | {*one.get("also", ())}
        if "figure" in one or not codes:
            is_right = is_right and claim_of(entry) == one.get("figure")
        if not is_right:
            misjudged.append(one["in"])
    return misjudged
