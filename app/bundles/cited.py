"""A digest as people write it down."""

from __future__ import annotations

import re

_CITED = re.compile(r"(Misconduct Register \d+\.\d+\.\d+ )?(sha256:)?([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


def read_digest(text: str) -> str:
    """The digest, of the whole line that a release's page offers or of its end. Raises ValueError for anything else.

    The release that the line names is left out: the digest is of one release alone.
    """
    cited = _CITED.fullmatch(" ".join(text.split()))
    if cited is None:
        raise ValueError("no digest: give its 64 hexadecimal digits, or the whole line that a release's page shows")
    return cited[3].lower()
