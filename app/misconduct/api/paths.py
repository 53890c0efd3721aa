"""Read an address that does not exist as one of ours, by its first word: /api/v1/forces/met is /v1/areas/met."""

from misconduct.api.corrections import Address
from misconduct.api.translation import find_habit
from misconduct.model.catalogue import Catalogue
from misconduct.model.points import TOPICS
from misconduct.model.vocabulary import find_meanings

LISTS = (
    *("figures", "indicators", "areas", "charts", "gaps", "notes", "sources"),
    *("codes", "releases", "standing", "changes", "search"),
)
"""The addresses that a mistyped one may mean, beside those of topics."""
MAX_PATH = 200  # characters of a path that is read; clients choose how long it is

START, FIGURES, INDICATORS = "/v1", "/v1/figures", "/v1/indicators"


def read_path(path: str, catalogue: Catalogue) -> Address | None:
    """Return the address that is probably meant by one that does not exist."""
    stem, dot, ending = path[:MAX_PATH].lower().rpartition(".")
    suffix = find_habit("suffix", ending) if dot else None
    whole = stem if suffix else path[:MAX_PATH].lower()
    words = [word for word in whole.split("/") if word]
    while words and find_habit("path", words[0]) == "":  # api, v2
        words = words[1:]
    if not words:
        return Address(START, "", ())
    found = _find_list(words[0], catalogue)
    if found is None or (found == FIGURES and words[1:]):
        return None
    kept = "" if suffix == "json" else suffix or ""
    return Address("/".join([found, *words[1:]]), kept, ())


def _find_list(word: str, catalogue: Catalogue) -> str | None:
    """Return the address that a word names: a list, a topic or an indicator, by its name or one that is like it."""
    if word in LISTS or word in TOPICS:
        return f"{START}/{word}"
    if known := find_habit("path", word):
        return known
    if word in catalogue.of_kind("indicator"):
        return f"{INDICATORS}/{word}"
    names = catalogue.names("dataset")
    lists = {one: [""] for one in LISTS} | {one: names[one] for one in TOPICS}
    meant = find_meanings(word, lists, are_proper=False)
    return f"{START}/{meant[0]}" if meant else None
