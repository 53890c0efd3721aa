"""Find what may be meant by words that nothing here is called: places by likeness, and words if they are no names."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from misconduct.model.catalogue import Catalogue
from misconduct.model.plain_words import plain, straighten
from misconduct.queries.meanings import FILLERS

MAX_GUESSED = 3  # unknown words; a text with more of them is no question
MOST_OFFERED = 2
LIKENESS = 0.84  # of two spellings: suspened is suspended, and casey is no case
LIKENESS_OF_PLACES = 0.8  # kerela is Kerala: names are spelt by ear
SHORTEST = 4  # letters of a word that is compared
_OF_POLICE = re.compile(r"\s*\b(?:police|constabulary)\b", re.IGNORECASE)


def respell(text: str, unknown: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Return at most two texts in which unknown words are ones that are known; a word that is like none stays.

    A word with a capital may only be a place, and one in capitals is what it is.
    """
    if len(unknown) > MAX_GUESSED:
        return []
    texts = [straighten(text)]
    for word in unknown:
        if not word.isupper():
            replaced = [_replace_word(one, word, catalogue) or [one] for one in texts]
            texts = [one for several in replaced for one in several][:MOST_OFFERED]
    return [one for one in texts if one != straighten(text)]


def _replace_word(text: str, word: str, catalogue: Catalogue) -> list[str]:
    """Return a text with what a word may be spelt like, the likeliest first: a place, also with the words beside it."""
    places = _list_places(catalogue)
    options = dict[str, float]()
    for said in _list_windows(text, word):
        for name, score in _find_like(said, places, LIKENESS_OF_PLACES):
            options.setdefault(text.replace(said, places[name]), score)
    if word.islower():
        words = {one.lower(): one for one in catalogue.vocabulary.spelled}
        for name, score in _find_like(word, [*words, *FILLERS], LIKENESS):
            options.setdefault(re.sub(rf"\b{re.escape(word)}\b", name, text), score)
    best = sorted(options, key=lambda option: -options[option])
    once = {plain(option): option for option in reversed(best)}  # Kent, and kent
    return [option for option in best if option in once.values()][:MOST_OFFERED]


@lru_cache(2)
def _list_places(catalogue: Catalogue) -> dict[str, str]:
    """Return what places are called, by the same in small letters and without Police."""
    several = catalogue.names("area").values()
    places = [_OF_POLICE.sub("", name) for names in several for name in names]
    return {place.lower(): place for place in places}


def _list_windows(text: str, word: str) -> list[str]:
    """Return a word of a text alone, and with the word before it or behind it that is not Police."""
    word = re.escape(word)
    forms = (rf"\b{word}\b", rf"\w+ {word}\b", rf"\b{word} (?:and )?\w+")
    found = (re.search(form, text) for form in forms)
    windows = [one[0] for one in found if one]
    return [said for said in windows if not _OF_POLICE.search(said)]


def _find_like(
    said: str, known: Collection[str], least: float
) -> Iterator[tuple[str, float]]:
    """Yield what is spelt like some words, and how much; what has the same letters is as good as the same."""
    if len(said) < SHORTEST:
        return
    small = said.lower()
    letters = sorted(small)
    yield from ((one, 1) for one in known if sorted(one) == letters)
    near = process.extract(
        small,
        [*known],
        scorer=OSA.normalized_similarity,
        limit=MOST_OFFERED,
        score_cutoff=least,
    )
    yield from ((one, score) for one, score, _ in near)
