"""Make ids for new figures."""

import re
import secrets
from pathlib import Path

from misconduct.model.figure import FIGURE_ID, ID_DIGITS, ID_LETTERS
from misconduct.releases.folder import list_visible


def make_ids(data: Path, count: int) -> list[str]:
    """Return new ids, which no figure in the register or in any release has."""
    released = (folder / "observations.csv" for folder in list_visible(data / "releases"))
    files = [*list_visible(data / "observations", "*.csv"), *released]
    words = rf"\b{FIGURE_ID}\b".encode()
    taken = {one.decode() for file in files if file.is_file() for one in re.findall(words, file.read_bytes())}
    found: list[str] = []
    while len(found) < count:
        new = secrets.choice(ID_LETTERS) + "".join(secrets.choice(ID_LETTERS + ID_DIGITS) for _ in range(4))
        if new not in taken:
            taken.add(new)
            found.append(new)
    return found
