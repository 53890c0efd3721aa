"""Find which value of a filter people mean by their own words: met, sacked, kent polce."""

from misconduct.api.problems import Fault
from misconduct.api.suggestions import SHORT_LIST, SHORTEST_GUESS, Names, advise, find_close, name_value, unknown_value
from misconduct.model.catalogue import Catalogue
from misconduct.model.plain_words import plain_words
from misconduct.queries.filters import FILTERS

LIKENESS = 0.85
"""Of two spellings, so that reported is not taken for recorded."""

MAX_MEANINGS = 4
"""How many values a word may mean; one that may mean more of them says too little."""

PROPER = ("area", "source", "stated_by", "publisher")
"""The filters whose values are names, so that any word of a label leads to it: Yorkshire. A kind of misconduct is
more than each of its words: an assault need not be a sexual assault."""

_SAYS_NOTHING = ("unstated", "not_applicable")
_IN_MANY_NAMES = ("national", "british", "city", "home", "office", "board", "bureau", "police")


def find_meanings(text: str, names: Names, *, are_proper: bool) -> list[str]:
    """Return the values that a text may mean, the best first: those with the name, or else those with one like it."""
    plain, spelled, named, found = _plain(text), _spell(names), find_named(text, names), list[str]()
    is_clear = any(plain in spelled[value][:2] for value in named)
    if len(plain) >= SHORTEST_GUESS and not is_clear and plain not in _IN_MANY_NAMES:
        for value, spellings in () if named else spelled.items():
            rests = [one.removeprefix(plain) for one in spellings[:2] if one.startswith(plain)]
            found += [value for rest in rests if are_proper or " " not in rest]
        found += [value for value, (_, label, *_) in spelled.items() if are_proper and _is_within(plain, label)]
    if meant := [*dict.fromkeys([*named, *found])]:
        return meant if len(meant) <= MAX_MEANINGS else named
    words = {one: value for value, spellings in spelled.items() for one in spellings}
    near = find_close(text, names, LIKENESS) or words.get(find_close(plain, words, LIKENESS) or text)
    return [near] if near else []


def _is_within(plain: str, label: str) -> bool:
    """Tell whether a name is a part of a longer one. Mexico is none of New Mexico."""
    return f" {plain} " in f" {label} " and not label.startswith("new ")


def find_named(text: str, names: Names) -> list[str]:
    """Return the values that have a name: first the code itself, then those with the label, then with another word."""
    plain, spelled = _plain(text), _spell(names)
    named = [value for value, spellings in spelled.items() if plain and plain in spellings]
    return sorted(named, key=lambda value: min(spelled[value].index(plain), 2))


def _spell(names: Names) -> dict[str, list[str]]:
    """Return the plain spellings of each value: its own, that of its label, and those of its words."""
    return {
        value: [_plain(one) for one in (value, label, *(() if value in _SAYS_NOTHING else words))]
        for value, (label, *words) in names.items()
    }


def _plain(text: str) -> str:
    """Return a text as search reads it: kent police for Kent-Police, noproven for not proven; a lone sign stays."""
    return " ".join(plain_words(text)) or text.strip().casefold()


def find_elsewhere(text: str, catalogue: Catalogue) -> str | None:
    """Return a sentence with the other filters that have a value of this name, if there are any."""
    found = []
    for parameter, mark in FILTERS.items():
        names = catalogue.names(mark.names) if mark.names else {}
        found += [f"{parameter}={name_value(value, names)}" for value in find_named(text, names)[:1]]
    return f"Another filter has it: {' or '.join(found[:3])}." if found else None


def unknown_code(parameter: str, value: str, catalogue: Catalogue, newest: Catalogue) -> Fault:
    """Describe a value that a filter does not have: with what is meant in this release, in another filter, or later."""
    names = FILTERS[parameter].names
    called, later = catalogue.names(names), newest.names(names)
    known, are_proper, meant = sorted(catalogue.findable(names)), parameter in PROPER, list[str]()
    is_named = value.casefold() in (one.casefold() for words in called.values() for one in words)
    advice = None if is_named else advise(parameter, value)
    if not advice and not find_named(value, called):
        advice = find_elsewhere(value, catalogue)
    if value and not advice:
        meant = find_meanings(value, called, are_proper=are_proper) or find_meanings(
            value, later, are_proper=are_proper
        )
        if not meant and catalogue is newest and names in catalogue.codelists and len(known) >= SHORT_LIST:
            advice = f"/v1/codelists/{names} lists the codes."
    return unknown_value(parameter, value, known, meant, names={**later, **called}, advice=advice)
