"""Code to embed a chart elsewhere: live, frozen, or frozen with a notice; as a frame, a picture, a link or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import NamedTuple

from misconduct.api.oembed import AROUND
from misconduct.api.request_context import Question
from misconduct.api.v1.pictures import FRAMES, NOT_OURS, Charted

VERSIONS = {
    "live": "Always up to date",
    "frozen": "Frozen: never changes",
    "notice": "Frozen, with a warning if figures change",
}
THEMES = {"light": "Light", "dark": "Dark", "auto": "Follows the reader"}
WAYS = {
    "iframe": "Frame, with the figures as a table",
    "picture": "Picture",
    "oembed": "Link for WordPress and others",
    "file": "Image file",
}

LONGEST_ALTERNATIVE = 300
"""How many characters a picture's alternative text has about at most; a screen reader reads it in one go."""

_MORE = "; the table is at the link."

_LISTEN = """<script>
addEventListener("message", ({{ data, source }}) => {{
  if (!data || data.context !== "iframe.resize") return;
  for (const one of document.querySelectorAll('iframe[src^="{base_url}/"]'))
    if (one.contentWindow === source) one.height = data.height;
}});
</script>"""
"""Gives our frames the height that they ask for; without it they scroll."""

HINTS = {
    "look": "“Follows the reader” is light or dark as the reader's own device is set. On paper it is always light.",
    "way": "If your system strips scripts, choose Picture: a frame would scroll on narrow screens.",
}
"""What is to know about a choice, by the names of the form."""


class Choice(NamedTuple):
    """What was chosen: each is a key of the table of its name."""

    version: str
    theme: str
    way: str


class Embed(NamedTuple):
    """The code to paste, and the pictures of the choice as files: by their names the addresses."""

    code: str
    files: dict[str, str]
    preview: str


def write_embed(question: Question, path: str, page: str, charted: Charted, choice: Choice) -> Embed:
    """Write the code for a chart at a path of the API, whose evidence is on the page `page`."""
    chart = charted.chart
    pinned = () if choice.version == "live" else (("release", charted.catalogue.release.number),)
    look = {"theme": choice.theme} if choice.theme != "light" else {}
    look |= {"notice": "1"} if choice.version == "notice" else {}
    asked = replace(question, path=path)

    def address(suffix: str, **more: str) -> str:
        return asked.link(
            suffix, without=("release", "as_of", "size", "theme", "notice"), **dict(pinned), **look, **more
        )

    width, height = chart.measured["wide"]  # without a script, a narrower frame scrolls
    code = {
        "iframe": (
            f'<iframe src="{escape(address(".html"))}" title="{escape(chart.title)}" width="{width}" '
            f'height="{height + AROUND}" loading="lazy" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
            f'style="border:0;width:100%;max-width:{width}px"></iframe>\n'
            + _LISTEN.format(base_url=question.service.base_url)
        ),
        "picture": _picture(address, charted, page),
        "oembed": address(".html"),
        "file": address(".png", size="wide"),
    }[choice.way]
    files = {
        f"{name.upper()}, {size}": address(f".{name}", size=size).removeprefix(question.service.base_url)
        for name in ("svg", "png")
        for size in (*FRAMES, "card")
    }
    return Embed(code, files, address(".svg", size="wide").removeprefix(question.service.base_url))


def _picture(address: Callable[..., str], charted: Charted, page: str) -> str:
    chart = charted.chart
    lines = ["<figure>", "<picture>"]
    for size, most in FRAMES.items():
        source, (width, height) = escape(address(".svg", size=size)), chart.measured[size]
        sides = f'width="{width}" height="{height}"'
        lines.append(
            f'<source media="(max-width: {most}px)" srcset="{source}" {sides}>'
            if most
            else f'<img src="{source}" {sides} loading="lazy" style="max-width:100%;height:auto" '
            f'alt="{escape(_alternative(charted))}">'
        )
    return "\n".join(
        [*lines, "</picture>", f'<figcaption><a href="{escape(page)}">Evidence and data</a></figcaption>', "</figure>"]
    )


def _alternative(charted: Charted) -> str:
    """Say a chart in a few words: its title and its first figures, and how many more there are."""
    chart = charted.chart
    if len(chart.description) <= LONGEST_ALTERNATIVE:
        return chart.description
    title = chart.title if chart.title.endswith((".", "?", "!")) else f"{chart.title}."
    said = f"{title} " if charted.is_headline_ours else f"{NOT_OURS} {title} "
    figures = [
        f"{', '.join(filter(None, [row['panel'] or row['group'], row['label']]))}: {row['shown']}"
        for row in chart.marks
        if not row["gap"]
    ]
    told = 0
    while told < len(figures) and len(said) + len("; ".join(figures[: told + 1])) + len(_MORE) <= LONGEST_ALTERNATIVE:
        told += 1
    left = len(figures) - told
    more = [f"and {left} more"] if left else []
    return f"{said}{'; '.join([*figures[:told], *more])}{_MORE}"
