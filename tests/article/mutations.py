"""Make wrong sentences from right ones: another place, year, stage or unit. It is the same each time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.vocabulary import Said

PAPERS: Mapping[str, Mapping[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text("utf-8"))
    for path in sorted(Path(__file__).parent.glob("texts/*.yaml"))
}
WORDINGS = (
    "{place}: {what} at {number} in {year}.",
    "In {year} the figure for {what} in {place} was {number}.",
    "Figures for {place} show {number} under {what}, for {year}.",
)
MADE = 60  # sentences of each wording, from figures that no text has
LEAST = 100  # a smaller number stands in too many tables
YEARS_OFF = 3
STAGES = {
    "alleged": "upheld",
    "investigated": "dismissed",
    "upheld": "received",
    "dismissed": "suspended",
    "suspended": "dismissed",
    "barred": "charged",
    "convicted": "accused",
    "closed_without_finding": "substantiated",
}
UNITS = {
    "people": "complaints",
    "complaints": "officers",
    "allegations": "officers",
    "cases": "officers",
}
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])|\n+")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?:[/–-]\d\d\b)?")


class Case(NamedTuple):
    """A sentence, its number, the ids of its figure, and the field that is wrong; none if it is right."""

    text: str
    number: str
    ids: frozenset[str]
    wrong: str | None
    paper: str


def draw(*words: object) -> int:
    """Return a number that is the same each time for some words, and else any."""
    return int(sha256("|".join(map(str, words)).encode()).hexdigest()[:12], 16)


def is_held_out(paper: str) -> bool:
    """Tell whether the lot keeps a text from those who write rules."""
    return draw("lot", paper) % 2 == 1


def list_sentences() -> Iterator[Case]:
    """Yield the sentence of each right number that its text has once."""
    for name, paper in PAPERS.items():
        sentences = [one.strip() for one in _END.split(paper["text"])]
        for one in paper["figures"]:
            several = [each for each in sentences if one["printed"] in each]
            is_plain = not ({"missed", "says"} & one.keys())
            if is_plain and len(several) == 1:
                ids = frozenset(one["ids"])
                yield Case(several[0], one["printed"], ids, None, name)


def make_wrong(case: Case, row: Row, catalogue: Catalogue) -> Iterator[Case]:
    """Yield a sentence with another place, year, stage and unit, as far as it names its own."""
    for field, make in (("area", _move), ("period", _shift), ("measure", _promote)):
        if text := make(case.text, case.number, row, catalogue):
            yield case._replace(text=text, wrong=field)
    if text := _recount(case.text, case.number, row, catalogue):
        yield case._replace(text=text, wrong="counting_unit")


def choose_area(row: Row, catalogue: Catalogue, areas: Sequence[str]) -> str:
    """Return the name of another place, beside that of a figure if there are some."""
    lists = catalogue.codelists["area"]
    beside = {
        code
        for code in areas
        if lists[code].get("broader") == lists[row["area"]].get("broader")
    }
    around = {row["area"], *catalogue.find_above("area", row["area"])}
    others = sorted((beside if len(beside - around) > 1 else {*areas}) - around)
    others = [
        one for one in others if row["area"] not in catalogue.find_above("area", one)
    ]
    return str(catalogue.label("area", others[draw(row["id"]) % len(others)]))


def shift_year(printed: str) -> str:
    """Return another year, written in the same way."""
    begins = str(int(printed[:4]) - YEARS_OFF)
    if len(printed) == len("2019"):
        return begins
    return f"{begins}{printed[4]}{int(begins) % 100 + 1:02}"


def _move(text: str, _: str, row: Row, catalogue: Catalogue) -> str | None:
    said = [*catalogue.vocabulary.places.find(text)]
    own = [one for one in said if one.code == row["area"]]
    if len({one.start for one in said}) != 1 or not own:
        return None
    areas = sorted(catalogue.codelists["area"])
    areas = [one for one in areas if one not in ("unstated", "several_forces")]
    other = choose_area(row, catalogue, areas)
    return text[: own[0].start] + other + text[own[0].end :]


def _shift(text: str, number: str, row: Row, _: Catalogue) -> str | None:
    years = [one for one in _YEAR.finditer(text) if one[0] != number]
    if len(years) != 1 or not row["year"] or row["coverage"] == "point":
        return None
    start, end = years[0].span()
    return text[:start] + shift_year(text[start:end]) + text[end:]


def _promote(text: str, _: str, row: Row, catalogue: Catalogue) -> str | None:
    other = STAGES.get(row["measure"])
    said = catalogue.vocabulary.of_sentences("measure").find(text)
    own = [one for one in said if one.code == row["measure"]]
    verbs = [one for one in own if text[: one.end].endswith("ed")]
    return _replace(text, verbs, other)


def _recount(text: str, number: str, row: Row, catalogue: Catalogue) -> str | None:
    other = UNITS.get(row["counting_unit"]) if row["unit"] == "count" else None
    said = catalogue.vocabulary.of_sentences("counting_unit").find(text)
    place = text.index(number) + len(number) + 1
    return _replace(text, [one for one in said if one.start == place], other)


def _replace(text: str, said: Sequence[Said], other: str | None) -> str | None:
    """Return a text with another word, if it says a code once."""
    if other is None or len(said) != 1:
        return None
    return text[: said[0].start] + other + text[said[0].end :]


def make_new(
    rows: Sequence[Row], catalogue: Catalogue, wording: str, known: frozenset[str]
) -> Iterator[Case]:
    """Yield sentences about figures that no text has, each right, with another place, and with another year."""
    usable = [row for row in rows if row["id"] not in known and _is_usable(row)]
    usable.sort(key=lambda row: draw(row["id"]))
    areas = sorted({row["area"] for row in rows} - {"unstated", "several_forces"})
    series: dict[tuple[str, str], Row] = {}
    for row in usable:
        series.setdefault((row["area"], row["source"]), row)
    for row in [*series.values()][:MADE]:
        what = name_counted(row, catalogue)
        facts = {
            "what": what[0].lower() + what[1:],
            "number": f"{int(row['value']):,}",
            "place": catalogue.label("area", row["area"]),
            "year": row["year"],
        }
        right = Case(
            wording.format_map(facts),
            facts["number"],
            frozenset([row["id"]]),
            None,
            "new",
        )
        yield right
        moved = facts | {"place": choose_area(row, catalogue, areas)}
        yield right._replace(text=wording.format_map(moved), wrong="area")
        shifted = facts | {"year": shift_year(row["year"])}
        yield right._replace(text=wording.format_map(shifted), wrong="period")


def _is_usable(row: Row) -> bool:
    return (
        row["unit"] == "count"
        and row["statistic"] == "count"
        and row["value"] is not None
        and row["value"] >= LEAST
        and row["qualifier"] == "exact"
        and row["coverage"] == "whole"
        and row["repeats"] is None
        and row["area"] not in ("unstated", "several_forces")
    )
