"""What comparing a text needs to know of a whole release: which words are rare, and what places are called."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from math import log2

from misconduct.article.words import PHRASES, WEAK, codes_of, find_stems
from misconduct.model.catalogue import Catalogue, spoken_words
from misconduct.model.figure import Row

SERIES = ("source", "counted", "measure", "category", "population", "counting_unit", "vetting_check", "vetting_result")
"""The columns whose words say what a figure counts."""

Weights = Mapping[str, float]
"""How much each word of a figure weighs: those of its source 1, those of labels less."""

_OF_LABEL = 0.8
_NO_KIND = ("any", "unstated", "other", "not_applicable", "unnamed", None)
_NO_CHAIN = (*_NO_KIND, "several_kinds", "recorded")
_LEAST_BITS, _MOST_BITS, _BITS_OF_WEAK = 1.5, 3.5, 0.25


class Known:
    """Know the words of a release's series, places, counts, and which figures of an article add up to a number."""

    no_places = ("unstated", "several_forces")

    def __init__(
        self,
        catalogue: Catalogue,
        series: Collection[Row],
        sums: Mapping[Fraction, Sequence[tuple[str, str]]],
        values: Collection[int],
    ) -> None:
        self.catalogue, self.sums, self.counts = catalogue, sums, {*values}
        self._words: dict[tuple[str, ...], Weights] = {}
        counts = Counter(word for row in series for word in self.words_of(row))
        self._bits = {
            word: min(max(log2((len(series) + 1) / number), _LEAST_BITS), _MOST_BITS) for word, number in counts.items()
        }
        self._places = defaultdict[str, set[str]](set)
        for code, content in catalogue.codelists.get("area", {}).items():
            for name in (content["label"], *spoken_words(content), *PHRASES["area"].get(code, ())):
                for form in (name, name.upper()):
                    self._places[form] |= {code} - {*self.no_places}
        names = "|".join(re.escape(name) for name in sorted(self._places, key=len, reverse=True))
        self._place_names = re.compile(rf"(?<!\w)(?:{names})(?!\w)")

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

    def stage(self, measure: str) -> str:
        """Return how far a matter of this measure has got."""
        return str(self.catalogue.codelists.get("measure", {}).get(measure, {}).get("stage"))

    def places(self, text: str) -> list[tuple[int, set[str]]]:
        """Return the places that a text names: where, and the codes."""
        return [(match.start(), self._places[match[0]]) for match in self._place_names.finditer(text)]


def root(row: Row) -> str:
    """Return the figure that first stated a claim."""
    return str(row["repeats"] or row["id"])


def said(name: str, row: Row) -> tuple[str, ...]:
    """Return the codes of a list that a figure's own words say."""
    return codes_of(name, (row["counted"] or "").replace("_", " "))
