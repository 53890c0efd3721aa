"""Guess which parameter or value is meant by an unknown one, and describe it as a fault.

`habits.csv` has the words of other services: the parameter, the value or the path that each one means here, or advice.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from types import MappingProxyType

from misconduct.api.problems import Fault

Names = Mapping[str, Sequence[str]]
"""What each value is called: its label first."""

SHORTEST_GUESS = 4
"""Characters of a word that is long enough to guess what was meant."""

MAX_MORE = 2
"""How many characters a word has more or less than one that is spelt like it."""

SHORT_LIST = 10
"""A list of values is short enough for a sentence if it has fewer."""


def _plain(name: str) -> str:
    """Return a name without the signs that other services add: $limit, _size."""
    return _squeeze(name.strip("$_@"))


def _squeeze(name: str) -> str:
    """Return a name in small letters, without lines between its words: startDate and start_date are startdate."""
    return name[:1].lower() + re.sub(r"[_-]", "", name[1:].lower())


def _read_habits() -> Mapping[str, dict[str, list[str]]]:
    """Return what each word may mean, by kind: the likeliest first."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    with Path(__file__).with_name("habits.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for word in row["words"].split():
                found[row["kind"]].setdefault(_squeeze(word), []).append(row["means"])
    return found


HABITS = _read_habits()
ADVICE = {word: advice for word, (advice, *_) in HABITS["advice"].items()}
"""What to do instead of using a parameter or an operator of other services that we do not have."""

_YEARS = ("year", "year_from", "year_to")
_PARTS_OF_NAME = re.compile(r"__|[.:\[\]$]+")
_SPAN = re.compile(r"\[?([\d,]+) ?(?:-|–|:|\.\.|/| to )+ ?([\d,]+)\]?", re.IGNORECASE)
_OPERATOR = re.compile(r"([a-z_]+)[.:(]|([<>=!~]+|-(?=[a-z]))(?=[\w*(])|[\w ]+(\*)", re.IGNORECASE)
_EXAMPLE = re.compile(r"'' is not .*such as (.*?)(?: for .*)?$")
_NEGATIONS = {"not", "no", "non", "never", "without"}


def suggest_parameter(name: str, known: Iterable[str], value: str = "") -> str | None:
    """Return the parameter that is probably meant by an unknown one, if any. One of years has a year in its value."""
    parameters = {_plain(one): one for one in known}
    has_year = not value or re.search(r"[12]\d{3}", value)
    for spelling in (_squeeze(name), _plain(name), _plain(name).removesuffix("s")):
        meant = [parameters.get(spelling), *HABITS["parameter"].get(spelling, [])]
        if found := [one for one in meant if one in parameters.values() and (has_year or one not in _YEARS)]:
            return found[0]
    return None if _plain(name) in ADVICE else parameters.get(suggest(_plain(name), parameters) or "")


def suggest(given: str, known: Iterable[str]) -> str | None:
    """Return the known value that begins with a given one, if only one does, or else the one that is spelt like it."""
    names = [*known]
    longer = [one for one in names if one.lower().startswith(given.lower()) and len(given) >= SHORTEST_GUESS]
    return longer[0] if len(longer) == 1 else find_close(given, names, 0.75)


def find_close(given: str, known: Iterable[str], likeness: float) -> str | None:
    """Return the known value that is spelt most like a given one, if one is close and no other is as close.

    It begins with the same letter, and has a `not` if the given one has: proven is not close to unproven.
    """
    lowered = {one.lower(): one for one in known if abs(len(one) - len(given)) <= MAX_MORE and _begins_like(given, one)}
    close = get_close_matches(given.lower(), lowered, 2, likeness) if len(given) >= SHORTEST_GUESS else []
    scores = {SequenceMatcher(None, one, given.lower()).ratio() for one in close}
    return lowered[close[0]] if len(scores) == len(close) > 0 else None


def _begins_like(given: str, known: str) -> bool:
    words, others = (set(re.split(r"[\W_]+", one.lower())) for one in (given, known))
    return given[:1].lower() == known[:1].lower() and words & _NEGATIONS == others & _NEGATIONS


def unknown_parameter(name: str, known: Sequence[str], value: str = "") -> Fault:
    """Describe an unknown parameter: with the parameter that is meant, or with advice that names only known ones."""
    near, advice = _read_name(name, known, value)
    if near:
        advice = " ".join([f"Did you mean {near!r}?", *HABITS["hint"].get(near, ())])
    elif not advice or not {*re.findall(r"(\w+)=", advice)} <= {*known}:
        advice = "" if len(known) >= SHORT_LIST else f"This address takes {', '.join(known) or 'no parameters'}."
    detail = f"Unknown parameter {name[:80]!r}. {advice}".strip()
    return Fault(name[:80], "unknown_parameter", detail, near, sorted(known))


def _read_name(name: str, known: Sequence[str], value: str) -> tuple[str | None, str | None]:
    """Return the parameter that a name means, or what to do instead; operators are read: value__gt, filter[year]."""
    parts = [_plain(one) for one in _PARTS_OF_NAME.split(name) if one]
    whole = "".join(parts)
    if len(parts) < 2 or whole in ADVICE or whole in HABITS["parameter"]:
        near = suggest_parameter(whole if parts[1:] else name, known, value)
        return near, None if near else ADVICE.get(whole)
    *others, last = parts
    if last in ADVICE:
        return None, ADVICE[last]
    is_plain = last in HABITS["plain"]
    base, *more = [one for one in (others if is_plain else parts) if ADVICE.get(one) != ADVICE["filter"]] or parts
    near = suggest_parameter(base, known)
    is_sure = is_plain or not more or near in ("columns", "sort")
    return (near, None) if near and is_sure else (None, ADVICE.get(base))


def advise(parameter: str, value: str) -> str | None:
    """Return what to write instead of an operator, a range, `all` or several values in a value, if it has one."""
    span = _SPAN.fullmatch(value)
    if span and parameter not in _YEARS:
        return ADVICE["range"]
    if span and len(span[1]) == len(span[2]):
        return f"For a range, write year_from={span[1]}&year_to={span[2]}."
    if parameter in _YEARS and (year := re.search(r"(?<!\d)[12]\d{3}(?!\d)", value)) and not _OPERATOR.match(value):
        return f"Write {parameter}={year[0]}."
    if match := _OPERATOR.match(value):
        operator = next(filter(None, match.groups())).lower()
        if operator in ADVICE:
            return ADVICE[operator]
        if operator in HABITS["plain"]:
            return f"Write {parameter}={value[match.end() :].strip('()')}."
    if value.lower() in ("*", "all", "everything", "total", "_t"):
        return f"To find all, leave {parameter} out."
    several = re.split(r" ?[|;] ?", value)
    return f"Put commas between values: {parameter}={','.join(several)}." if several[1:] else None


def name_value(value: str, names: Names) -> str:
    """Return a value with its label, if it has one: E23000032 (Kent Police)."""
    label = next(iter(names.get(value, ())), "")
    return f"{value} ({label})" if label and label.lower() != value.lower() else value


def ask_about(meant: Sequence[str], names: Names = MappingProxyType({})) -> str:
    """Return a question that names what is probably meant, with the rest of what it may mean; empty if nothing is."""
    first, *others = [name_value(one, names) if one in names else repr(one) for one in meant] or [""]
    also = f" It may also mean {' or '.join(others)}." if others else ""
    return f" Did you mean {first}?{also}" if first else ""


def unknown_value(
    parameter: str,
    value: str,
    known: Sequence[str],
    meant: Sequence[str],
    noun: str | None = None,
    names: Names = MappingProxyType({}),
    advice: str | None = None,
) -> Fault:
    """Describe an unknown value of a parameter: with advice, or with the values that may be meant, the best first."""
    detail = f"Unknown {noun or parameter} {value[:80]!r}." if value else f"{noun or parameter} is empty."
    if advice or meant:
        detail += f" {advice}" if advice else ask_about(meant, names)
    elif len(known) < SHORT_LIST:
        detail += f" It can be {', '.join(known)}."
    elif not value and known:
        detail += f" Example: {name_value(known[0], names)}."
    return Fault(parameter, "unknown_value", detail, None if advice else next(iter(meant), None), [*known][:100])


def guess(parameter: str, value: str, known: Sequence[str], noun: str | None = None) -> Fault:
    """Describe an unknown value of a parameter with few values, with the one that is meant, if any."""
    said = _read_order(value) if parameter == "sort" else next(iter(HABITS["value"].get(value.lower(), ())), None)
    meant = said if said in known else suggest(value, known)
    return unknown_value(parameter, value, known, [meant] if meant else [], noun)


def _read_order(text: str) -> str | None:
    """Return the order that is meant: -value for `value desc`, period (the newest first) for `-year`."""
    words = re.findall(r"[a-z]+", text.lower())
    name = next((HABITS["value"][one][0] for one in words if one in HABITS["value"]), None)
    if name == "period":
        return "-period" if "asc" in words else "period"
    return f"-{name}" if name and (text.startswith("-") or {"desc", "descending"} & {*words}) else name


def describe_empty(parameter: str, message: str) -> str | None:
    """Return what a parameter takes, if a message is about an empty value."""
    example = _EXAMPLE.match(message)
    return f"{parameter} is empty. Example: {example[1].replace(', or', ' or')}." if example else None
