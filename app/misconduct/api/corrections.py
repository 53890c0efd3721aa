"""Mend a request that was refused, so that its errors say the one that was meant, ready to be asked."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, urlencode

from misconduct.api.translation import SUFFIX, Pairs, join_years

KEPT = ",:/"  # signs of values that addresses may have as they are
PATH = "path"


class Fault(NamedTuple):
    """One thing that is wrong with a request: where, what, and what would be right.

    `did_you_mean` is the value that is meant, or of a parameter that is unknown its name. `instead` are the parameters
    that say the same, such as year=2020.. for year_from=2020; none if the request is the same without it. A fault of
    the path has the `parameter` PATH.
    """

    parameter: str
    code: str
    detail: str
    did_you_mean: str | None = None
    value: str = ""
    instead: Pairs | None = None


class Address(NamedTuple):
    """An address that may be asked: its path, the format that ends it, and its parameters."""

    path: str
    suffix: str
    pairs: Pairs

    def write_pairs(self) -> Pairs:
        """Return its parameters and its format, as a fault has them."""
        return [*self.pairs, *([(SUFFIX, self.suffix)] if self.suffix else [])]

    def write(self) -> str:
        ending = f".{self.suffix}" if self.suffix else ""
        query = f"?{urlencode(self.pairs, safe=KEPT)}" if self.pairs else ""
        return f"{quote(self.path)}{ending}{query}"


def correct(address: Address, faults: Iterable[Fault]) -> Address | None:
    """Return the address as it was probably meant; None if a fault has no remedy."""
    path, suffix, pairs = address
    for fault in faults:
        meant = fault.did_you_mean
        if meant is None and fault.instead is None:
            return None
        if fault.parameter != PATH:
            pairs = [*_mend(pairs, fault)]
        elif meant and meant.startswith("/"):
            path, pairs = meant, [*(fault.instead or ()), *pairs]
        elif meant and fault.value:
            path = path.replace(fault.value, meant)
    endings = [value for name, value in pairs if name == SUFFIX]
    kept = [pair for pair in dict.fromkeys(pairs) if pair[0] != SUFFIX]
    suffix = endings[-1].replace("json", "") if endings else suffix
    return Address(path, suffix, join_years(kept))


def _mend(pairs: Pairs, fault: Fault) -> Iterator[tuple[str, str]]:
    meant, is_first = fault.did_you_mean or "", True
    for name, value in pairs:
        if name != fault.parameter:
            yield name, value
            continue
        if fault.instead is not None:
            yield from fault.instead if is_first else ()
        elif fault.code != "given_twice":
            parts = value.split(",") if fault.value != value else [value]
            corrected = (meant if one.strip() == fault.value else one for one in parts)
            yield name, ",".join(corrected)
        elif is_first:
            yield name, meant
        is_first = False
