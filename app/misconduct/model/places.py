"""Places: the areas of the code list, which ones include a place, and what people call them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.plain_words import plain_words
from misconduct.model.vocabulary import find_meanings
from misconduct.model.wording import UNKNOWN, join

MANY = 10  # places inside another one above which a list shows them below it
NO_COUNTRY = "Not one place"
MAX_PLACES = 4  # of a title
MAX_NAME = 100  # characters of a name that a client gives; the longest here has 41
TOGETHER = "several_forces"  # a place that is named only as a part of others

FORCES = "forces"
POLICE = " police"
"""What the police forces of England and Wales are called together."""


def list_forces(catalogue: Catalogue, *, has_nations: bool = False) -> list[str]:
    """Return the police forces of England and Wales, and those of Scotland and Northern Ireland if these are wanted."""
    return [
        one
        for one in catalogue.codelists.get("area", ())
        if _call_together(one, catalogue) == FORCES
        or (has_nations and catalogue.fact("force", f"area/{one}"))
    ]


def list_nations(catalogue: Catalogue) -> list[str]:
    """Return the countries, and the nations of the United Kingdom, in their order."""
    areas = catalogue.codelists["area"]
    return sorted(
        (one for one in areas if areas[one].get("position")),
        key=lambda one: areas[one]["position"],
    )


def name_force(area: str, catalogue: Catalogue) -> str:
    """Return the name of a police force, also of one whose figures have the code of its nation."""
    return catalogue.fact("force", f"area/{area}") or catalogue.label("area", area)


def name_several(codes: Collection[str], catalogue: Catalogue) -> str:
    """Return what places are together: forces, boroughs, provinces in South Africa, or just places."""
    names = {_call_together(code, catalogue) for code in codes}
    if len(names) == 1 and (name := names.pop()):
        return name
    countries = {
        catalogue.label("area", [code, *find_around(code, catalogue)][-1])
        for code in codes
    }
    if len(countries) > 1:
        return "places"
    country = countries.pop()
    return f"places in {'the ' if country.startswith('United') else ''}{country}"


def _call_together(area: str, catalogue: Catalogue) -> str:
    return catalogue.fact("called_together", f"area/{area}") or ""


def name_places(codes: Collection[str], catalogue: Catalogue) -> str:
    """Return the places of a title: up to four of them, one and its parts, or how many of which kind."""
    known = [area for area in dict.fromkeys(codes) if area not in UNKNOWN]
    if len(known) <= MAX_PLACES:
        return join(catalogue.label("area", area) for area in known) if known else ""
    whole = next(
        (
            area
            for area in known
            if all(area in (one, *find_around(one, catalogue)) for one in known)
        ),
        None,
    )
    several = [area for area in known if area not in (whole, TOGETHER)]
    named = f"{len(several)} {name_several(several, catalogue)}"
    return (
        f"{catalogue.label('area', whole)} and {named.partition(' in ')[0]}"
        if whole
        else named
    )


def find_around(code: str, catalogue: Catalogue) -> list[str]:
    """Return the areas that include a place, the smallest first."""
    return catalogue.find_above("area", code)


def find_country(area: str, catalogue: Catalogue) -> int | None:
    """Return the position of the country that an area is in, or is."""
    areas = catalogue.codelists["area"]
    positions = (
        areas.get(one, {}).get("position")
        for one in [area, *find_around(area, catalogue)]
    )
    return next(filter(None, positions), None)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return re.split(r"(?<=[.?!]) ", text)


def leave_out_places(text: str, areas: Iterable[str], catalogue: Catalogue) -> str:
    """Return a text without the sentences that name places, but none of some areas, and none that includes them."""
    kept, labels = (
        list[str](),
        {
            code: catalogue.label("area", code)
            for code in catalogue.codelists.get("area", ())
        },
    )
    drawn = {one for area in areas for one in (area, *find_around(area, catalogue))}
    for sentence in split_sentences(text):
        held = {code: label for code, label in labels.items() if label in sentence}
        named = {
            code
            for code, label in held.items()
            if re.search(rf"\b{re.escape(label)}\b", sentence)
        }
        kept += [] if named and named.isdisjoint(drawn) else [sentence]
    return " ".join(kept)


def find_places(text: str, known: Collection[str], catalogue: Catalogue) -> list[str]:
    """Return the places that a text may mean, or that it names; of several those that are `known`, if some are."""
    names, vocabulary = catalogue.names("area"), catalogue.vocabulary
    found = find_meanings(text, names, are_proper=True) or vocabulary.find_meant(
        "area", text
    )
    chosen = list(dict.fromkeys(choose_known(one, known, catalogue) for one in found))
    return [one for one in chosen if one in known] or chosen


def choose_known(code: str, known: Collection[str], catalogue: Catalogue) -> str:
    """Return a place, or the only one with figures that has the same name: New York is the city."""
    name, areas = catalogue.label("area", code), catalogue.codelists["area"]
    others = [
        one
        for one in known
        if name in (*catalogue.names("area").get(one, ()), *areas[one].get("said", ()))
    ]
    return others[0] if code not in known and len(others) == 1 else code


def sort_by_country(
    places: Collection[str], catalogue: Catalogue
) -> dict[str, dict[str, list[str]]]:
    """Return places by country, the one with most of them first, and by name. Many inside another stand below that."""
    codes, inside = catalogue.codelists["area"], defaultdict[str, list[str]](list)
    ordered = sorted(
        places, key=lambda code: plain_words(catalogue.label("area", code))
    )
    for code in ordered:
        inside[str(codes[code].get("broader"))].append(code)
    below = {
        code: some
        for code, some in inside.items()
        if code in places and len(some) > MANY
    }
    found = defaultdict[str, dict[str, list[str]]](dict)
    for code in ordered:
        if codes[code].get("broader") not in below:
            country = [code, *find_around(code, catalogue)][-1]
            is_country = len(country) == len("gb")  # the standard codes of countries
            name = catalogue.label("area", country) if is_country else NO_COUNTRY
            found[name][code] = below.get(code, [])
    return {name: found[name] for name in _sort_countries(found)}


def _sort_countries(found: Mapping[str, Mapping[str, Collection[str]]]) -> list[str]:
    """Return countries by how many places each has, and by name; what is in none comes last."""
    sizes = {
        name: sum(1 + len(inside) for inside in some.values())
        for name, some in found.items()
    }
    return sorted(found, key=lambda name: (name == NO_COUNTRY, -sizes[name], name))


class Ambiguous(ValueError):
    """Several areas have a name. `codes` are those."""

    def __init__(self, message: str, codes: list[str]) -> None:
        super().__init__(message)
        self.codes = codes


def find_area(name: str, catalogue: Catalogue) -> str | None:
    """Return the code of the area that has a code, a name or a short name; None if none has. Raises Ambiguous.

    Of several with a name it is the only one of which something is held.
    """
    if len(name) > MAX_NAME:
        return None
    areas = catalogue.codelists["area"]
    wanted = " ".join(name.lower().replace("&", " and ").split())
    for code in areas:
        if code.lower() == wanted:
            return code
    found = [code for code, area in areas.items() if wanted in _names_of(area)]
    if not found and wanted.endswith(POLICE):  # Queensland Police
        return find_area(wanted.removesuffix(POLICE), catalogue)
    if not found:
        return None
    held = [code for code in found if code in catalogue.areas]
    if len(held or found) == 1:
        return (held or found)[0]
    said = " or ".join(f"{areas[code]['label']} ({code})" for code in found)
    raise Ambiguous(f"Several areas are called {name[:80]!r}: {said}.", found)


def _names_of(area: Content) -> set[str]:
    """Return what an area is called, in small letters."""
    names = [area["label"], *area.get("words", ()), *area.get("said", ())]
    return {str(name).lower() for name in names}
