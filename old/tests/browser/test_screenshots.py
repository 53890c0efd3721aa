"""Pictures of every page, to be looked at: build/screenshots/ (CI keeps them)."""

from __future__ import annotations

import re
import shutil
import struct
from pathlib import Path

import pytest

from tests.conftest import PROJECT

FOLDER = PROJECT / "build" / "screenshots"
MOST_HIGH = 6000
SEEN = [(theme, width) for theme in ("light", "dark") for width in (320, 768, 1280)]


def name_of(address: str) -> str:
    return re.sub(r"[^\w.]+", "-", address.replace("/v1/charts", "embed")).strip("-") or "home"


def width_of(png: bytes) -> int:
    return struct.unpack(">I", png[16:20])[0]


def take(page, folder: Path, addresses, width: int) -> None:
    """A picture of each, from its top, as wide as the window; those of the last run go."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for address in addresses:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        high = min(page.evaluate("() => document.documentElement.scrollHeight"), MOST_HIGH)
        page.set_viewport_size({"width": width, "height": high})  # a picture of the full page would paint all of it
        png = page.screenshot(path=folder / f"{name_of(address)}.png", timeout=60_000)
        assert width_of(png) == width, address


@pytest.mark.parametrize(("theme", "width"), SEEN)
def test_every_kind_of_page_and_every_chart_has_its_pictures(site, charts, open_page, theme, width):
    page = open_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    addresses = {
        *site.sample(2),
        *(f"/charts/{slug}" for slug in charts),
        *(f"/v1/charts/{slug}.html" for slug in charts),
    }
    take(page, FOLDER / f"{theme}-{width}", sorted(addresses), width)
