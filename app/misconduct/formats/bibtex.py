"""BibTeX: an entry for a citation."""

from collections.abc import Mapping
from typing import Any

MEDIA_TYPE = "application/x-bibtex"

_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


def encode_bibtex(citation: Mapping[str, Any]) -> bytes:
    """Encode an item of CSL-JSON as an entry of a type that every style knows. Inner braces keep capitals."""
    year, month, day = citation["issued"]["date-parts"][0]
    fields = {
        "author": f"{{{citation['author'][0]['literal'].translate(_TEX)}}}",
        "title": f"{{{citation['title'].translate(_TEX)}}}",
        "year": year,
        "date": f"{year}-{month:02}-{day:02}",
        "version": citation["version"],
        "url": citation["URL"],
        "note": citation["note"].translate(_TEX),
    }
    lines = "".join(
        f"  {name} = {{{value}}},\n"
        for name, value in fields.items()
        if value is not None
    )
    return f"@misc{{{citation['id']},\n{lines}}}\n".encode()
