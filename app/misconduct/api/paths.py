"""Read an address that does not exist as one of ours, by its words: /api/v1/forces/met is /v1/areas/met."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from misconduct.api.corrections import Address
from misconduct.api.translation import HABITS, find_habit, read_years
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import FIGURE_ID
from misconduct.model.places import Ambiguous, find_area
from misconduct.model.points import TOPICS
from misconduct.model.vocabulary import find_meanings

LISTS = (
    *("figures", "indicators", "areas", "charts", "gaps", "notes", "sources"),
    *("codes", "releases", "standing", "changes", "search"),
)
"""The addresses that a mistyped one may mean, beside those of topics."""
MAX_PATH = 200  # characters of a path that is read; clients choose how long it is
MOST_WORDS = 10  # of a path that is read

START, FIGURES, AREAS, INDICATORS = "/v1", "/v1/figures", "/v1/areas", "/v1/indicators"
SEARCH = "/v1/search"
GENERAL = (START, FIGURES, INDICATORS)
"""Lists that a path may name before what it is about: /v1/datasets/complaints."""
BY_YEAR = "/by-year"
_NUMBER = re.compile(r"\d{1,3}(,\d{3})+|\d+(\.\d+)?", re.ASCII)


@dataclass
class _Words:
    """What the words of a path name."""

    lists: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    is_by_year: bool = False


def read_path(path: str, catalogue: Catalogue) -> Address | None:
    """Return the address that is probably meant by one that does not exist."""
    words, suffix = _split(path[:MAX_PATH])
    named = _read_words(words[:MOST_WORDS], catalogue)
    found = _choose_path(named)
    if found is None:
        return None
    if found == FIGURES and set(named.filters) == {"id"}:
        return Address(f"{FIGURES}/{named.filters['id']}", suffix, ())
    if named.is_by_year and found.removeprefix(f"{START}/") in TOPICS:
        found += BY_YEAR
    elif named.is_by_year and found.startswith(f"{INDICATORS}/"):
        named.filters["wide"] = "1"
    if named.areas and not found.startswith(AREAS):
        named.filters["area"] = ",".join(named.areas)
    return Address(found, suffix, [*named.filters.items()])


def _read_words(words: Sequence[str], catalogue: Catalogue) -> _Words:
    named = _Words(lists=[] if words else [START])
    for word in words:
        if SEARCH in named.lists:
            named.filters["q"] = f"{named.filters.get('q', '')} {word}".strip()
        elif not _read_filter(word, named, is_last=word == words[-1]):
            _read_name(word, named, catalogue)
    return named


def _choose_path(named: _Words) -> str | None:
    """Return the list that a path is about, or the record in it."""
    specific = [one for one in named.lists if one not in GENERAL]
    found = next(iter(specific or named.lists), None)
    if named.indicators and found in (*GENERAL, AREAS, None):
        return f"{INDICATORS}/{named.indicators[0]}"
    if named.areas and found in (AREAS, None):
        others = [one for one in specific if one != AREAS]
        return others[0] if others else f"{AREAS}/{','.join(named.areas)}"
    return found


def _split(path: str) -> tuple[list[str], str]:
    """Return the words of a path that say something, and the format at its end."""
    before, dot, ending = path.rpartition(".")
    suffix = find_habit("suffix", ending) if dot else None
    whole = path if suffix is None else before
    words = [part.strip("'\" ") for part in re.split(r"[/()]", whole.lower())]
    said = [word for word in words if word and HABITS["path"].get(word) != [""]]
    return said, (suffix or "").replace("json", "")


def _read_filter(word: str, named: _Words, *, is_last: bool) -> bool:
    """Add what a word narrows: a year, a number, the id of a figure. Tell whether it does."""
    form, is_of_figures = find_habit("path", word) or "", FIGURES in named.lists
    if form == BY_YEAR:
        named.is_by_year = True
    elif form.startswith("?"):
        name, _, value = form[1:].partition("=")
        named.filters[name] = value
    elif is_of_figures and is_last and _NUMBER.fullmatch(word):
        named.filters["value"] = word.replace(",", "")
    elif years := read_years(word):
        named.filters["year"] = years
    elif is_of_figures and re.fullmatch(FIGURE_ID, word):
        named.filters["id"] = word
    else:
        return False
    return True


def _read_name(word: str, named: _Words, catalogue: Catalogue) -> None:
    """Add what a word names: a list, a topic, an indicator, an area."""
    known = next(iter(HABITS["path"].get(word, ())), None)
    indicator = word.replace("-", "_")
    is_of_list = INDICATORS in named.lists[-1:]  # indicators/complaints is no topic
    if is_of_list and indicator in catalogue.of_kind("indicator"):
        named.indicators.append(indicator)
    elif word in LISTS or word in TOPICS:
        named.lists.append(f"{START}/{word}")
    elif known:
        named.lists.append(known)
    elif indicator in catalogue.of_kind("indicator"):
        named.indicators.append(indicator)
    elif area := _find_area(word, catalogue):
        named.areas.append(area)
    elif word.replace("-", "_") in catalogue.codelists["category"]:
        named.filters["category"] = word.replace("-", "_")
    elif not named.lists and (meant := _guess_list(word, catalogue)):
        named.lists.append(meant)


def _find_area(word: str, catalogue: Catalogue) -> str | None:
    spaced = word.replace("-", " ").replace("_", " ")
    try:
        return find_area(word, catalogue) or find_area(spaced, catalogue)
    except Ambiguous as several:
        return several.codes[0]


def _guess_list(word: str, catalogue: Catalogue) -> str | None:
    """Return the list or the topic whose name is most like a word."""
    names = catalogue.names("dataset")
    lists = {one: [""] for one in LISTS} | {one: names[one] for one in TOPICS}
    meant = find_meanings(word, lists, are_proper=False)
    return f"{START}/{meant[0]}" if meant else None
