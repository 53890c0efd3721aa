"""Guess which parameter or value is meant by an unknown one; `habits.csv` has what other services call them."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args
from urllib.parse import quote, urlencode

from misconduct.api.corrections import Fault
from misconduct.api.parameters import FigureQuery
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import LISTS, CodeType
from misconduct.model.documents import ReleaseView
from misconduct.model.vocabulary import Names, find_meanings, find_named, suggest
from misconduct.queries.filters import FILTERS

SHORT_LIST = 10  # a list of values is short enough for a sentence if it has fewer
NOUNS = {"columns": "column", "since": "release"}  # what their values are called


def _strip(name: str) -> str:
    return re.sub(r"(?<=\w)[_-]", "", name.lower().strip("$_@"))


def _read_habits() -> Mapping[str, dict[str, list[str]]]:
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    with (
        Path(__file__)
        .with_name("habits.csv")
        .open(encoding="utf-8", newline="") as file
    ):
        for row in csv.DictReader(file):
            for word in row["words"].split():
                for spelling in {word, _strip(word)}:
                    found[row["kind"]].setdefault(spelling, []).append(row["means"])
    return found


HABITS = _read_habits()
ADVICE = {
    word: advice for word, (advice, *_) in HABITS["advice"].items()
}  # for what we do not have
PROPER = ("area", "source", "stated_by", "publisher")
"""The filters in which any word of a label leads to it: Yorkshire. An assault need not be a sexual assault."""

_NAME = re.compile(
    r"[$_@]*[a-z]+([_-][a-z]+)*", re.IGNORECASE
)  # without an operator: $limit, page_size


_YEAR = re.compile(r"\d{4}(?!\d)")


def suggest_parameter(name: str, known: Iterable[str]) -> str | None:
    """Return the parameter that is probably meant, if any."""
    plain, parameters = _strip(name), {_strip(one): one for one in known}
    for spelling in (
        name,
        plain,
        plain.removesuffix("s"),
        re.sub(r"(code|name)$", "", plain),
    ):
        meant = [parameters.get(spelling), *HABITS["parameter"].get(spelling, [])]
        if found := [one for one in meant if one in parameters.values()]:
            return found[0]
    return None if plain in ADVICE else parameters.get(suggest(plain, parameters) or "")


def unknown_parameter(name: str, known: Sequence[str], value: str = "") -> Fault:
    """Describe an unknown parameter. One with an operator, such as value__gt, is not taken for the plain filter."""
    is_plain = bool(_NAME.fullmatch(name))
    near = suggest_parameter(name, known) if is_plain else None
    instead = _write_instead(name, value, known)
    near = near or (instead and instead.partition("=")[0])
    advice = ADVICE.get(_strip(name) if is_plain else "filter")
    if near:
        advice = " ".join([f"Did you mean {near!r}?", *HABITS["hint"].get(near, ())])
    elif not advice or not {*re.findall(r"(\w+)=", advice)} <= {*known}:
        advice = (
            ""
            if len(known) >= SHORT_LIST
            else f"This address takes {', '.join(known) or 'no parameters'}."
        )
        advice += (
            f" Lists of figures take it: /v1/figures?{urlencode({name: value[:80]})}"
            if name in FigureQuery.model_fields
            else ""
        )
    detail = f"Unknown parameter {name[:80]!r}. {advice}".strip()
    is_no_year = near == "year" and not _YEAR.match(value)
    if near in COUNTED_OTHERWISE or is_no_year:
        return Fault(name[:80], "unknown_parameter", detail, None, value[:80])
    return Fault(name[:80], "unknown_parameter", detail, near, value[:80], instead)


COUNTED_OTHERWISE = ("offset", "release", "since")
"""Parameters whose values other services count in another way, so that the name alone does not make a request right."""


def _write_instead(name: str, value: str, known: Iterable[str]) -> str | None:
    """Return the parameters that say the same as one of another service, if an address takes them."""
    for form in HABITS["instead"].get(_strip(name), ()):
        parameter = form.partition("=")[0]
        if parameter == "year":  # of a day, too: observation_start=2014-01-01
            year = _YEAR.match(value)
            value = year[0] if year else ""
        if parameter in known and value:
            return form.format(quote(value[:80], safe=""))
    return None


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
    said = next(iter(HABITS["value"].get(value.lower(), ())), None)
    meant = said if said in known else suggest(value, known)
    return unknown_value(
        parameter, value, known, f"Did you mean {meant!r}?" if meant else "", meant
    )


def find_elsewhere(text: str, catalogue: Catalogue) -> str | None:
    found = []
    for parameter, mark in FILTERS.items():
        names = catalogue.names(mark.names) if mark.names else {}
        found += [
            f"{parameter}={name_value(value, names)}"
            for value in find_named(text, names)[:1]
        ]
    return f"Another filter has it: {' or '.join(found[:3])}." if found else None


def _say_where(names: str | None) -> str | None:
    """Return where all codes of a list are, if clients can ask for them."""
    if names in ("area", "indicator"):
        return f"/v1/{names}s lists them."
    types = {LISTS.get(one, one): one for one in get_args(CodeType)}
    return f"/v1/codes?type={types[names]} lists them." if names in types else None


def unknown_code(
    parameter: str, value: str, catalogue: Catalogue, newest: ReleaseView
) -> Fault:
    """Describe an unknown value of a filter, with what is meant in this release, or in the newest."""
    names, latest = FILTERS[parameter].names, newest.catalogue
    called, later = catalogue.names(names), latest.names(names)
    known, are_proper, meant = (
        sorted(catalogue.findable(names)),
        parameter in PROPER,
        list[str](),
    )
    hint = None
    elsewhere = [
        one for one in HABITS["code"].get(_strip(value), ()) if one in known
    ]  # codes of other registers
    if value in latest.findable(names):
        hint = f"Release {newest.release} has {name_value(value, later)}."
    elif not elsewhere and not find_named(value, called):
        hint = find_elsewhere(value, catalogue)
    if value and not hint and not value.startswith("!"):  # !racism does not mean racism
        meant = elsewhere or find_meanings(value, called, are_proper=are_proper)
        meant = meant or find_meanings(value, later, are_proper=are_proper)
        hint = ask_about(meant, {**later, **called})
    if (
        not hint
        and len(known) >= SHORT_LIST
        and catalogue is latest
        and names in catalogue.codelists
    ):
        hint = _say_where(names)
    return unknown_value(parameter, value, known, hint or "", next(iter(meant), None))
