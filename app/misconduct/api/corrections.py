"""Mend a request that was refused, so that its errors say the one that was meant, ready to be asked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request

Pairs = Sequence[tuple[str, str]]
"""The parameters of a request, each with a value."""

KEPT = ",:/"  # signs of values that addresses may have as they are


class Fault(NamedTuple):
    """One thing that is wrong with a request: where, what, and what would be right.

    `did_you_mean` is the value that is meant, or of a parameter that is unknown its name. `instead` are parameters that
    say the same, such as year=2020.. for year_from=2020. A fault of the path has the `parameter` PATH.
    """

    parameter: str
    code: str
    detail: str
    did_you_mean: str | None = None
    value: str = ""
    instead: str | None = None


PATH, SPAN = "path", ".."


def mend(pairs: Pairs, faults: Iterable[Fault]) -> Pairs | None:
    """Return the parameters as they were probably meant; None if a fault has no remedy."""
    for fault in faults:
        if fault.did_you_mean is None and fault.instead is None:
            return None
        pairs = [*_mend(pairs, fault)]
    return _join_ends(pairs)


def _mend(pairs: Pairs, fault: Fault) -> Iterator[tuple[str, str]]:
    meant, is_left = fault.did_you_mean or "", True
    for name, value in pairs:
        if name != fault.parameter:
            yield name, value
        elif fault.instead is not None:
            yield from parse_qsl(fault.instead)
        elif fault.code == "unknown_parameter":
            yield meant, value
        elif fault.code == "given_twice":
            if is_left:
                yield name, meant
            is_left = False
        else:
            parts = value.split(",") if fault.value != value else [value]
            mended = (meant if one.strip() == fault.value else one for one in parts)
            yield name, ",".join(mended)


def _join_ends(pairs: Pairs) -> Pairs:
    """Return parameters of which a first and a last year are one span: year=2020.. and year=..2022."""
    first = [pair for pair in pairs if pair[1].endswith(SPAN)]
    last = [pair for pair in pairs if pair[1].startswith(SPAN)]
    if len(first) != 1 or len(last) != 1 or first[0][0] != last[0][0]:
        return pairs
    name, begin = first[0]
    whole = (name, begin + last[0][1].removeprefix(SPAN))
    return [whole if pair == first[0] else pair for pair in pairs if pair != last[0]]


def write_address(request: Request, faults: Sequence[Fault]) -> str | None:
    """Return the address that was probably meant; None if that is not known."""
    path = quote(request.scope["path"])
    if "suffix" in request.scope:
        path += f".{request.scope['suffix']}"
    for fault in faults:
        if fault.parameter == PATH and fault.did_you_mean:
            is_whole = fault.did_you_mean.startswith("/")
            if not is_whole and not fault.value:
                return None
            known = path.replace(quote(fault.value), quote(fault.did_you_mean))
            path = fault.did_you_mean if is_whole else known
    pairs = mend(
        request.query_params.multi_items(),
        [fault for fault in faults if fault.parameter != PATH],
    )
    has_no_remedy = any(
        fault.parameter == PATH and not fault.did_you_mean for fault in faults
    )
    if pairs is None or has_no_remedy:
        return None
    query = f"?{urlencode(pairs, safe=KEPT)}" if pairs else ""
    return f"{request.state.base_url}{path}{query}"
