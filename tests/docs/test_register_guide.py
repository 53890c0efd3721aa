"""The guide to the files of the register has every file."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/register.md").read_text(encoding="utf-8")


def test_the_guide_has_every_file():
    for path in (ROOT / "data").iterdir():
        assert f"`{path.name}" in GUIDE, path.name
