"""Make ids for new figures."""

import re
import secrets
from pathlib import Path

from misconduct.model.figure import FIGURE_ID, ID_DIGITS, ID_LETTERS


def make_ids(data: Path, count: int) -> list[str]:
    """Return new ids, which no figure in the register or in any release has."""
    files = [*data.glob("observations/*.csv"), *data.glob("releases/*/observations.csv")]
    taken = {one for file in files for one in re.findall(rf"\b{FIGURE_ID}\b", file.read_text(encoding="utf-8"))}
    found: list[str] = []
    while len(found) < count:
        new = secrets.choice(ID_LETTERS) + "".join(secrets.choice(ID_LETTERS + ID_DIGITS) for _ in range(4))
        if new not in taken:
            taken.add(new)
            found.append(new)
    return found
