"""The cells of a JSON-stat cube, by the codes of their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def cells_of(cube: Mapping[str, Any], key: str, *names: str) -> dict[Any, Any]:
    """What the cube holds under a key (value, status …), by the codes of the dimensions named."""
    held = cube.get(key, cube["extension"].get(key))
    found: dict[Any, Any] = {}
    for place, one in held.items():
        codes = codes_at(cube, int(place))
        at = tuple(codes[name] for name in names)
        assert at not in found, f"two cells at {at}"
        found[at] = one
    return found


def codes_at(cube: Mapping[str, Any], place: int) -> dict[str, str]:
    """The codes of a place, counted in row-major order."""
    codes: dict[str, str] = {}
    for name, size in reversed([*zip(cube["id"], cube["size"], strict=True)]):
        place, at = divmod(place, size)
        codes[name] = cube["dimension"][name]["category"]["index"][at]
    assert place == 0
    return codes
