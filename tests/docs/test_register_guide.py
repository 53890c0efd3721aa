"""The guide to the files of the register has every column and every file."""

import re
from pathlib import Path

from misconduct.model.figure import COLUMNS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/register.md").read_text(encoding="utf-8")


def test_the_guide_has_every_column_as_it_is_declared():
    columns = [f"| `{one.name}` | {one.about} |" for one in COLUMNS.values() if one.made_by == "register"]
    assert re.findall(r"^\| `\w+` \| .* \|$", GUIDE.partition("## Columns")[2], re.MULTILINE) == columns


def test_the_guide_has_every_file():
    for path in (ROOT / "data").iterdir():
        assert f"`{path.name}" in GUIDE, path.name
