"""Describe unknown parameters and values, each with what is probably meant."""

import re
from collections.abc import Sequence

from misconduct.api.corrections import Fault
from misconduct.api.translation import find_habit, read_value, translate
from misconduct.model.vocabulary import Names, suggest

SHORT_LIST = 10  # a list of values is short enough for a sentence if it has fewer
NOUNS = {"columns": "column", "since": "release"}  # what their values are called

COUNTED_OTHERWISE = ("since",)
"""Parameters whose values other services count in another way, so that the name alone does not make a request right."""


def unknown_parameter(name: str, known: Sequence[str], value: str = "") -> Fault:
    """Describe an unknown parameter, with those that say the same."""
    instead = translate(name, value, known)
    near = next((one for one, _ in instead or () if one in known), None)
    advice = find_habit("advice", name) or ""
    if near:
        advice = f"Did you mean {near!r}?"
    elif not advice and re.search(r"__|[.\[<>]", name):
        advice = find_habit("advice", "filter") or ""
    elif not advice and len(known) < SHORT_LIST:
        advice = f"This address takes {', '.join(known) or 'no parameters'}."
    detail = f"Unknown parameter {name[:80]!r}. {advice}".strip()
    if near in COUNTED_OTHERWISE:
        instead = None
    return Fault(name, "unknown_parameter", detail, near, value[:80], instead)


def with_meaning(fault: Fault) -> Fault:
    """Return a fault of a value with what says the same, if it is in the form of another service."""
    instead = read_value(fault.parameter, fault.value)
    near = dict(instead or ()).get(fault.parameter)
    return fault._replace(did_you_mean=near, instead=None if near else instead)


def name_value(value: str, names: Names) -> str:
    """Return a value with its label, if it has one: E23000032 (Kent Police)."""
    label = next(iter(names.get(value, ())), "")
    return f"{value} ({label})" if label and label.lower() != value.lower() else value


def ask_about(meant: Sequence[str], names: Names) -> str:
    first, *others = [
        name_value(one, names) if one in names else repr(one) for one in meant
    ] or [""]
    also = f" It may also mean {' or '.join(others)}." if others else ""
    return f"Did you mean {first}?{also}" if first else ""


def unknown_value(
    parameter: str,
    value: str,
    known: Sequence[str],
    hint: str = "",
    near: str | None = None,
) -> Fault:
    noun = NOUNS.get(parameter, parameter)
    detail = f"Unknown {noun} {value[:80]!r}." if value else f"{noun} is empty."
    if not hint and len(known) < SHORT_LIST:
        hint = f"It can be {', '.join(known)}."
    return Fault(
        parameter, "unknown_value", f"{detail} {hint}".rstrip(), near, value[:80]
    )


def guess(parameter: str, value: str, known: Sequence[str]) -> Fault:
    said = find_habit("value", value)
    meant = said if said in known else suggest(value, known)
    return unknown_value(
        parameter, value, known, f"Did you mean {meant!r}?" if meant else "", meant
    )
