"""Which format an answer has: the one that its address names, or that the client accepts best."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import Depends, Request

from misconduct.api.problems import PROBLEMS, NotAcceptable, Responses, declare
from misconduct.formats import FORMATS, MEDIA_TYPES, PICTURES

TABLE_TYPES = ("text/csv",)
FIGURE_TYPES = tuple(one.media_type.partition(";")[0] for one in FORMATS.values())
PICTURE_TYPES = tuple(PICTURES.values())

_ACCEPTED = re.compile(r"([^\s,;]+/[^\s,;]+)(?:[^,]*;\s*q\s*=\s*(\d(?:\.\d*)?))?")
"""A media type in the header Accept, and its weight: text/csv;q=0.5."""


def is_for_people(request: Request) -> bool:
    """Tell whether a person opened an address: a browser asks for a page, which no program does."""
    return "text/html" in request.headers.get("accept", "")


def choose_from(*names: str) -> Callable[[Request], Awaitable[str]]:
    """Return a dependency of routes that have these formats: it returns the one to send, or raises NotAcceptable."""

    async def choose(request: Request) -> str:
        accept = request.headers.get("accept") or "*/*"
        is_page = is_for_people(request)  # browsers that open an address also accept pictures
        offered = [name for name in names if not is_page or name not in PICTURES]
        suffix = request.scope.get("suffix") or _best(accept, offered) or ("json" if is_page else None)
        if suffix not in names:
            path, example = request.scope["path"], (names[1:] or names)[0]
            offer = f"Available as {', '.join(names)}."
            raise NotAcceptable(f"{offer} Add the format to the address: {path}.{example}")
        return str(suffix)

    return choose


def _best(accept: str, names: Sequence[str]) -> str | None:
    """Return the format with the greatest weight, and of those the one that is named most exactly (RFC 9110)."""
    weights = {media_type: float(weight or 1) for media_type, weight in _ACCEPTED.findall(accept.lower())}

    def rank(name: str) -> tuple[float, int]:
        media_type = MEDIA_TYPES[name].partition(";")[0]
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next(((weights[one], -place) for place, one in enumerate(ranges) if one in weights), (0, 0))

    best = max(names, key=rank)
    return best if rank(best)[0] > 0 else None


JSON_ONLY = Depends(choose_from("json"))  # a dependency of routes that have no table
ChosenFormat = Annotated[str, Depends(choose_from("json", "csv"))]
DrawnFormat = Annotated[str, Depends(choose_from("json", *PICTURES))]
FigureFormat = Annotated[str, Depends(choose_from("json", *FORMATS, *PICTURES))]


def answers(model: Any, *media_types: str) -> Responses:
    """Return the responses of a route in OpenAPI: JSON of a model, tables of these media types, and problems."""
    tables = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {200: {"model": model, "content": tables}, **PROBLEMS, **declare(NotAcceptable)}
