"""What comparing a text needs to know of a whole release: which words are rare, and what places are called."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import log2

from misconduct.article.stems import WEAK, find_stems
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Vocabulary

SERIES = ("source", "counted", "measure", "category", "population", "counting_unit", "vetting_check", "vetting_result")
"""The columns whose words say what a figure counts."""

Weights = Mapping[str, float]
"""How much each word of a figure weighs: those of its source 1, those of labels less."""

_OF_LABEL = 0.8
_NO_KIND = ("any", "unstated", "other", "not_applicable", "unnamed", None)
_NO_CHAIN = (*_NO_KIND, "several_kinds", "recorded")
_LEAST_BITS, _MOST_BITS, _BITS_OF_WEAK = 1.5, 3.5, 0.25


class Known:
    """Know the words of a release's series, places, counts, and which figures of an article add up to a number.

    `vocabulary` is that of the newest release: people speak as they do today.
    """

    no_places = ("unstated", "several_forces")

    def __init__(
        self,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        series: Collection[Row],
        sums: Mapping[Fraction, Sequence[tuple[str, str]]],
        values: Collection[int],
    ) -> None:
        self.catalogue, self.vocabulary, self.sums, self.counts = catalogue, vocabulary, sums, {*values}
        self._codes_of = cache(self._find_codes)
        self._words: dict[tuple[str, ...], Weights] = {}
        counts = Counter(word for row in series for word in self.words_of(row))
        self._bits = {
            word: min(max(log2((len(series) + 1) / number), _LEAST_BITS), _MOST_BITS) for word, number in counts.items()
        }

    def words_of(self, row: Row) -> Weights:
        """Return what words say a figure is, with their weights: the source's own, and those of its codes."""
        key = tuple(row[name] for name in SERIES)
        if key not in self._words:
            self._words[key] = self._weigh_words(row)
        return self._words[key]

    def _weigh_words(self, row: Row) -> Weights:
        found: dict[str, float] = {}
        for name in SERIES[2:]:
            if row[name] not in _NO_KIND:
                found |= dict.fromkeys(
                    (word for _, word in find_stems(self.catalogue.label(name, row[name]))), _OF_LABEL
                )
        found |= dict.fromkeys((word for _, word in find_stems(row["counted"] or "")), 1)
        for name in ("measure", "category"):
            found |= dict.fromkeys(self.spoken(name, row[name]), _OF_LABEL)
        return found

    def spoken(self, name: str, code: str) -> list[str]:
        """Return the words for which a code stands, and those above it: rape speaks for sexual offences, too."""
        return [f"{name}:{one}" for one in self.above(name, code) if one not in _NO_CHAIN]

    def bits(self, word: str) -> float:
        """Return how much a word tells: rare ones tell more."""
        return self._bits.get(word, 0) * (_BITS_OF_WEAK if word in WEAK else 1)

    def above(self, name: str, code: str | None) -> Iterator[str]:
        """Yield a code and the ever broader ones above it."""
        codes = self.catalogue.codelists.get(name, {})
        while code:
            yield code
            code = codes.get(code, {}).get("broader")

    def related(self, name: str, one: str, other: str) -> bool:
        """Tell whether one of two codes includes the other."""
        return one in self.above(name, other) or other in self.above(name, one)

    def gravity(self, measure: str) -> int:
        """Return how grave the stage of a measure is; 0 if it says none, as uses of force do."""
        stage = self.catalogue.codelists.get("measure", {}).get(measure, {}).get("stage")
        return int(self.catalogue.fact("gravity", f"stage/{stage}") or 0) if stage else 1

    def passes(self, unit: str, claimed: str) -> bool:
        """Tell whether people call a counting unit by the name of one that they claim, or of that itself."""
        return claimed in (unit, *(self.catalogue.fact("passes_for", f"counting_unit/{unit}") or ()))

    def places(self, text: str) -> list[tuple[int, set[str]]]:
        """Return the places that a text names: where, and the codes."""
        known, found = self.catalogue.codelists.get("area", {}), defaultdict[int, set[str]](set)
        for one in self.vocabulary.places.find(text):
            if one.code in known and one.code not in self.no_places:
                found[one.start].add(one.code)
        return [*found.items()]

    def said(self, name: str, row: Row) -> tuple[str, ...]:
        """Return the codes of a list that a figure's own words say, in their order."""
        return self._codes_of(name, row["counted"] or "")

    def _find_codes(self, name: str, counted: str) -> tuple[str, ...]:
        found = self.vocabulary.of_sentences(name).find_said(counted.replace("_", " "))
        return tuple(dict.fromkeys(one.code for one in found))


def root(row: Row) -> str:
    """Return the figure that first stated a claim."""
    return str(row["repeats"] or row["id"])
