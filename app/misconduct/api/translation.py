"""Translate a request in the words of another service: `habits.csv` has its words.

A translation is the parameters that say the same. It has none if the request is the same without the word, as of
`lang=en`, and it is None if nothing here says the same.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from misconduct.model.dates import read_year_label
from misconduct.model.points import NAMES
from misconduct.model.vocabulary import suggest

Pairs = Sequence[tuple[str, str]]
"""The parameters of a request, each with a value."""

SUFFIX = "."
"""The name in a translation that is no parameter: the format."""

SPAN = ".."
MAX_READ = 200  # characters of a value that are read; clients choose how long it is


def _strip(word: str) -> str:
    return re.sub(r"[\W_]", "", word.lower())


def _read_habits() -> Mapping[str, dict[str, list[str]]]:
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    path = Path(__file__).with_name("habits.csv")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for word in row["words"].split():
                of_word = found[row["kind"]].setdefault(_strip(word) or word, [])
                of_word.append(row["means"])
    return found


HABITS = _read_habits()


def find_habits(kind: str, word: str) -> Sequence[str]:
    """Return what a word of other services may mean, by `habits.csv`."""
    return HABITS[kind].get(_strip(word) or word, ())


def find_habit(kind: str, word: str) -> str | None:
    """Return what a word of other services means first, if `habits.csv` has it."""
    return next(iter(find_habits(kind, word)), None)


def suggest_parameter(name: str, known: Collection[str]) -> str | None:
    """Return the parameter that is probably meant, if any.

    A name with an operator in it, as of value[gt], is never like another.
    """
    if re.search("[<>!]", name):
        return None
    plain = _strip(re.sub(r"^filters?\[(\w+)\]$", r"\1", name))
    parameters = {_strip(one): one for one in known}
    for spelling in (plain, plain.removesuffix("s")):
        meant = [parameters.get(spelling), *find_habits("parameter", spelling)]
        if found := [one for one in meant if one in known]:
            return found[0]
    is_plain = re.fullmatch(r"[a-z]+([_-][a-z]+)*", name, re.ASCII | re.IGNORECASE)
    if not is_plain or plain in HABITS["advice"] or plain in HABITS["left_out"]:
        return None
    return parameters.get(suggest(plain, parameters) or "")


def translate(name: str, value: str, known: Collection[str]) -> Pairs | None:
    """Return the parameters that say the same as one of another service."""
    value = value[:MAX_READ]
    ending = find_habit("suffix", value)
    if find_habit("format", name) and ending:
        return [(SUFFIX, ending)]
    for form in find_habits("instead", name):
        parameter, _, filled = form.partition("=")
        years = read_years(value) if parameter == "year" else value
        if parameter in known and years:
            return [(parameter, filled.format(years.partition(SPAN)[0]))]
    if meant := suggest_parameter(name, known):
        read = read_value(meant, value)
        return [(meant, value)] if read is None else read
    return None if find_habit("left_out", name) is None else []


def read_value(parameter: str, value: str) -> Pairs | None:
    """Return the parameters that say the same as a value in another service's form, such as year=2020:2024."""
    value = value[:MAX_READ].strip()
    if find_habit("everything", value) is not None:
        return []
    readers = {"year": read_years, "sort": read_order}
    said = readers[parameter](value) if parameter in readers else None
    return [(parameter, said)] if said else None


_YEARS = re.compile(
    r"(?:yr|fy)?([1-9]\d{3})(?:-\d\d){0,2}"
    r"(?:\s*(?:-|–|—|:|/|\.\.\.?|to)\s*(?:yr|fy)?([1-9]\d{3})(?:-\d\d){0,2})?",
    re.ASCII | re.IGNORECASE,
)


def read_years(value: str) -> str | None:
    """Return years as the filter takes them: 2024 of 2024-01-01 or YR2024, and 2020..2024 of 2020-2024 or 2020:2024."""
    try:
        return ",".join(map(read_year_label, value.split(",")))
    except ValueError:
        match = _YEARS.fullmatch(value.strip())
    if match is None:
        return None
    first, last = match.groups()
    if last is None:
        return str(first)
    return f"{first}{SPAN}{last}" if first < last else None


_ORDER = re.compile(r"(-?)([a-z_]+)(?:[\s:.,|](asc|desc))?", re.ASCII | re.IGNORECASE)


def read_order(value: str) -> str | None:
    """Return an order as `sort` takes it: -value of value desc, value:desc or amount.desc; -period_end of newest."""
    if known := find_habit("order", value):
        return known
    match = _ORDER.fullmatch(value)
    column = find_column(match[2]) if match else None
    if match is None or column is None:
        return None
    column = "period_end" if column == "time" else column  # which is words
    is_last_first = match[1] or (match[3] or "").lower() == "desc"
    return f"-{column}" if is_last_first else column


def find_column(word: str) -> str | None:
    """Return the column that is probably meant."""
    return find_habit("column", word) or suggest(word, NAMES)


def join_years(pairs: Pairs) -> Pairs:
    """Return parameters of which a first and a last year are one span: year=2020.. and year=..2022."""
    first = [pair for pair in pairs if pair[1].endswith(SPAN)]
    last = [pair for pair in pairs if pair[1].startswith(SPAN)]
    if len(first) != 1 or len(last) != 1 or first[0][0] != last[0][0]:
        return pairs
    name, begin = first[0]
    whole = (name, begin + last[0][1].removeprefix(SPAN))
    return [whole if pair == first[0] else pair for pair in pairs if pair != last[0]]
