"""The templates, addresses, headers and parameters of all pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, model_validator

from misconduct.api.answers import LICENCE, caching
from misconduct.api.current import Current
from misconduct.api.parameters import Pinned
from misconduct.api.values import SearchText
from misconduct.formats import FORMATS
from misconduct.model import wording
from misconduct.model.figure import Row
from misconduct.model.places import name_force
from misconduct.model.requests import ask_once
from misconduct.site import phrases

FOLDER = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""A page loads nothing that runs."""

FRAME_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""What others may frame."""

NAME = "Misconduct Register"

templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters.update(
    date=wording.date_in_words,
    published=wording.published,
    plural=phrases.plural,
    code=phrases.mark_code,
    day=phrases.add_day,
    upper_first=wording.capitalise,
    lower_first=wording.lower,
    quote=wording.quote,
)
templates.globals.update(
    name=NAME,
    formats=FORMATS,
    wording=wording,
    style=sha256((FOLDER / "static/site.css").read_bytes()).hexdigest()[:8],
    before_and_after=phrases.before_and_after,
    say_change=phrases.say_change,
    say_in=phrases.say_in,
    part_shown=phrases.part_shown,
    ask_once=ask_once,
    name_force=name_force,
)


class DropEmpty(BaseModel):
    """Parameters of a form. A browser also sends the fields that are left empty; they count as not given."""

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, given: Any) -> Any:
        return drop_empty(given)


class PageQuery(DropEmpty, Pinned):
    """The parameters of a page."""


class SearchQuery(PageQuery):
    """The parameters of a page with a search."""

    q: SearchText | None = None


def drop_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a form without those that are empty. Postgres has no text with a NUL character."""
    return {
        name: value
        for name, value in given.items()
        if "".join(value).replace("\0", "").strip()
    }


@dataclass(frozen=True)
class To:
    """Write the path of a page. On a page that is pinned to a release, its links are, too."""

    current: Current | None = None

    def __call__(self, *parts: str, **parameters: str | list[str]) -> str:
        """Return a path from its parts: to("figures", "k7m3q")."""
        return f"/{'/'.join(quote(part, safe=',') for part in parts)}{self.query({}, **parameters)}"

    def query(self, given: Mapping[str, Any], **more: Any) -> str:
        parameters = {**given, **more}
        if self.current and self.current.is_pinned:
            parameters["release"] = self.current.release.number
        return f"?{urlencode(parameters, doseq=True)}" if parameters else ""


def send(
    request: Request,
    template: str,
    current: Current | None = None,
    status: int = 200,
    **facts: Any,
) -> Response:
    """Send a page. Without a release it is about nothing that changes with one, or about an error."""
    params, base, path, to = (
        request.query_params,
        request.state.base_url,
        request.scope["path"],
        To(current),
    )
    given = drop_empty(
        {name: params.getlist(name) for name in params if name != "release"}
    )
    page = templates.get_template(template).render(
        facts,
        to=to,
        current=current,
        base=base,
        address=f"{base}{path}",
        path=path,
        whole_address=f"{base}{path}{to.query(given)}",
        newest_path=f"{path}{To().query(given)}",
        pinned_path=f"{path}{To().query(given, release=current.release.number)}"
        if current
        else "",
        contact=request.state.contact,
        notice=request.state.releases.banner,
        mistakes=request.state.releases.mistakes,
    )
    headers = caching(current) if status == 200 else {"Cache-Control": "no-store"}
    return HTMLResponse(page, status, headers | {"Content-Security-Policy": POLICY})


def describe(
    request: Request,
    current: Current,
    rows: Iterable[Row],
    query: Mapping[str, str],
    **said: Any,
) -> dict[str, Any]:
    """Return the rows of a page in the words of schema.org. `query` is what finds them among all figures.

    `said` has their name and what they count.
    """
    base = request.state.base_url
    ending = urlencode({**query, "release": current.release.number})
    rows = [*rows]
    firsts = {row["period_start"] for row in rows} - {None}
    lasts = {row["period_end"] for row in rows} - {None}
    days = (
        [day.isoformat() for day in (min(firsts), max(lasts))]
        if firsts and lasts
        else []
    )
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "url": f"{base}{request.scope['path']}",
        "version": current.release.number,
        "dateModified": current.release.day.isoformat(),
        "license": LICENCE,
        "creator": {"@type": "Organization", "name": NAME, "url": base},
        "isAccessibleForFree": True,
        "temporalCoverage": "/".join(days),
        "spatialCoverage": sorted({row["area"] for row in rows}),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": encoding.media_type.partition(";")[0],
                "contentUrl": f"{base}/v1/figures.{form}?{ending}",
            }
            for form, encoding in FORMATS.items()
        ],
        **said,
        "name": f"{NAME}: {said['name']}",
    }
    return {name: value for name, value in described.items() if value}
