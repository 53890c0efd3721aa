"""Look up what comparing a text needs of a release: which words, by their stems, are rare, and its places."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from math import log2
from operator import itemgetter

from misconduct.article.words import WEAK, find_stems, negates
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Phrases, Said, Vocabulary

SERIES = (
    "source",
    "counted",
    "measure",
    "category",
    "population",
    "counting_unit",
    "vetting_check",
    "vetting_result",
)
"""The columns whose words say what a figure counts."""

_CODED = itemgetter(*SERIES[1:])

NO_PLACES = ("unstated", "several_forces")

_OF_LABEL = 0.8
_NO_KIND = ("any", "unstated", "other", "not_applicable", "unnamed", None)
_NO_CHAIN = (*_NO_KIND, "several_kinds", "recorded")
_LEAST_BITS, _MOST_BITS, _BITS_OF_WEAK = 1.5, 3.5, 0.25


class Known:
    """Look up what is known of a release; `vocabulary` is of the newest: people speak as they do today."""

    def __init__(
        self,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        series: Collection[Row],
        values: Collection[int],
        areas: Collection[str] = (),
    ) -> None:
        self.catalogue, self.vocabulary, self.areas = catalogue, vocabulary, {*areas}
        self.counts, self._sorted = {*values}, sorted(values)
        bodies = catalogue.codelists.get("stated_by", {}).items()
        self.bodies = Phrases(
            ((content["label"], code) for code, content in bodies), exact=True
        )
        self._codes_of, self._weights_of = (
            cache(self._find_codes),
            cache(self._weigh_words),
        )
        counts = Counter(word for row in series for word in self.words_of(row))
        self.bits = {
            word: _tell(word, (len(series) + 1) / number)
            for word, number in counts.items()
        }

    def counts_between(self, low: int, high: int) -> Sequence[int]:
        """Return the counts of the register from one to another."""
        return self._sorted[
            bisect_left(self._sorted, low) : bisect_right(self._sorted, high)
        ]

    def words_of(self, row: Row) -> Mapping[str, float]:
        """Return how much each word of a figure weighs: those of its source 1, those of its codes less."""
        return self._weights_of(*_CODED(row))

    def _weigh_words(
        self, counted: str | None, *codes: str | None
    ) -> Mapping[str, float]:
        of_list = dict(zip(SERIES[2:], codes, strict=True))
        labels = [
            self.catalogue.label(name, code)
            for name, code in of_list.items()
            if code not in _NO_KIND
        ]
        found = dict.fromkeys(
            (word for label in labels for _, word in find_stems(label)), _OF_LABEL
        )
        found |= dict.fromkeys((word for _, word in find_stems(counted or "")), 1)
        for name in ("measure", "category"):
            found |= dict.fromkeys(self.spoken(name, of_list[name]), _OF_LABEL)
        return found

    def spoken(self, name: str, code: str | None) -> list[str]:
        """Return words for a code and those above it: rape speaks for sexual offences, too."""
        return [
            f"{name}:{one}" for one in self.above(name, code) if one not in _NO_CHAIN
        ]

    def above(self, name: str, code: str | None) -> Sequence[str]:
        """Return a code and the ever broader ones above it."""
        return [code, *self.catalogue.find_above(name, code)] if code else ()

    def related(self, name: str, one: str, other: str) -> bool:
        """Tell whether one of two codes includes the other."""
        return one in self.above(name, other) or other in self.above(name, one)

    def stage(self, measure: str) -> str | None:
        """Return the stage at which a measure counts, such as the outcome."""
        return self.catalogue.codelists.get("measure", {}).get(measure, {}).get("stage")

    def gravity(self, measure: str) -> int:
        """Return how grave the stage of a measure is; 0 if it says none, as uses of force do."""
        stage = self.stage(measure)
        return (
            int(self.catalogue.fact("gravity", f"stage/{stage}") or 0) if stage else 1
        )

    def passes(self, row: Row, claimed: str) -> bool:
        """Tell whether people may call what is counted by the name of another; a case of an event is a person."""
        unit = row["counting_unit"]
        if (unit, claimed, row["measure"]) == ("cases", "people", "occurred"):
            return True
        also = self.catalogue.fact("passes_for", f"counting_unit/{unit}") or ()
        return claimed in (unit, *also)

    def places(self, text: str) -> list[tuple[int, set[str]]]:
        """Return where a text names places, and their codes. One without figures leads to the next wider one."""
        known, found = (
            self.catalogue.codelists.get("area", {}),
            defaultdict[int, set[str]](set),
        )
        for one in self.vocabulary.places.find(text):
            if one.code in known and one.code not in NO_PLACES:
                holding = (
                    code for code in self.above("area", one.code) if code in self.areas
                )
                found[one.start] |= {one.code, next(holding, one.code)}
        return [*found.items()]

    def nation_of(self, area: str) -> str:
        """Return the nation of a place, such as England and Wales for a force."""
        nations = self.catalogue.codelists.get("area", {})
        return next(
            (
                one
                for one in self.above("area", area)
                if nations.get(one, {}).get("position")
            ),
            area,
        )

    def said(self, name: str, row: Row) -> list[str]:
        """Return the codes of a list that a figure's own words say, in their order."""
        return self._codes_of(name, row["counted"] or "")

    def is_counted(self, words: str) -> bool:
        """Tell whether words say people, complaints or another thing that figures count."""
        return any(map(self._find_in, ("counting_unit", "population"), (words, words)))

    def _find_in(self, name: str, words: str) -> list[Said]:
        return self.vocabulary.of_sentences(name).find_said(words)

    def negates(self, row: Row) -> bool:
        """Tell whether a figure's own words say that something is not so: have not been vetted."""
        return negates(row["counted"] or "")

    def _find_codes(self, name: str, counted: str) -> list[str]:
        found = self._find_in(name, counted.replace("_", " "))
        return list(dict.fromkeys(one.code for one in found))


def _tell(word: str, rarity: float) -> float:
    """Return how much a word tells, in bits, of which one in `rarity` series has it."""
    return min(max(log2(rarity), _LEAST_BITS), _MOST_BITS) * (
        _BITS_OF_WEAK if word in WEAK else 1
    )


def root(row: Row) -> str:
    """Return the figure that first stated a claim."""
    return str(row["repeats"] or row["id"])
