"""Find which places a number is of: that beside it, else those of its sentence, else the last that the text named."""

import re

from misconduct.article.known import NO_PLACES
from misconduct.article.number import Number
from misconduct.article.text import Place, starting_in

_OF_THOSE = re.compile(r"(?i)\bof (?:those|these|them|whom|which)\W+(?:\w+\W+){0,2}$")
"""Words that point back to the sentence before, so its place counts: “Of those, 341 were of discrimination.”"""


class Places:
    """The places of a number: `own` stand by it, `here` in its sentence; `sure` both, and by no other number."""

    def __init__(self, number: Number) -> None:
        self._number, self._text, self._known = number, number.text, number.text.known
        self.own, self.here = self._find()
        self.sure = self.own & self.here
        self._nearest = self.sure or self.here
        self._around_here = {
            code for one in self._nearest for code in self._known.above("area", one)
        }

    def named(self, start: int, end: int) -> list[Place]:
        """Return the places that a range names, but for those that stand by another number of its sentence."""
        of_others = {one.place_beside for one in self._number.of_sentence}
        of_others.discard(self._number.place_beside)
        found = starting_in(self._text.places, start, end)
        return [one for one in found if one[0] not in of_others]

    def _named(self, start: int, end: int) -> list[set[str]]:
        return [codes for _, codes in self.named(start, end)]

    def _find(self) -> tuple[set[str], set[str]]:
        """Return the places by the number, else the last before it, and those of its sentence that it may be of."""
        number, text, (low, high) = self._number, self._text.text, self._number.sentence
        own, here = number.place_beside, set[str]().union(*self._named(low, high))
        if own is not None:
            return self._named(own, own + 1)[0], here
        before, end = self._named(low, number.start)[-1:], number.clause[1]
        comma = text.find(", ", number.end, end) if before else -1
        by_it = [*before, *self._named(number.end, end if comma < 0 else comma)]
        above = self._named(0, low)[-1:]
        if not by_it and self._points_back(text[low : number.start]):
            return set().union(*above), set().union(*above)
        nearest = by_it or self._named(number.end, high)[:1] or above
        return set().union(*nearest), here

    def _points_back(self, before: str) -> bool:
        """Tell whether the words before a number speak of the place of the sentence before: it received, of those."""
        low = self._number.sentence[0]
        first = low + len(before) - len(before.lstrip())
        same = self._text.said_at("same_body", low, self._number.start)[:1]
        is_same = any(one.start == first for one in same)
        return is_same or bool(_OF_THOSE.search(before))

    def exclude(self, area: str) -> bool:
        """Tell whether the text does not speak of a place; nor its sentence, if that names any."""
        if area in NO_PLACES:
            return False
        is_inside, named = (
            not self._nearest.isdisjoint(self._known.above("area", area)),
            self._text.named,
        )
        if area not in named:
            return named != {"unstated"} and not is_inside
        return bool(self.here) and not (is_inside or area in self._around_here)
