"""How to cite a figure, a dataset or a release: as text, CSL-JSON, BibTeX and RIS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import ATTRIBUTION, LICENCE, citation_url
from misconduct.model.observation import Observation
from misconduct.model.phrases import cite_source, name_dataset, name_figure, quote_figure
from misconduct.model.records import Release

LICENCE_NAME = "CC BY 4.0"
TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)


class _Cited(NamedTuple):
    """What is cited: a key, a title, the release, an address, and an optional note."""

    key: str
    title: str
    release: Release
    address: str
    note: str | None = None


def cite_observation(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Cite one figure of a release: as printed, with its hedge, and its document."""
    release = catalogue.release
    source = catalogue.kind("source")[o.source]
    title = f"{name_figure(o, catalogue)}: {quote_figure(o)}"
    address = citation_url(base_url, o.id, release.number)
    where = f"Counted by {ATTRIBUTION} from" if o.derivation else "Printed in"
    return _cite(_Cited(f"{o.id}-{release.number}", title, release, address, f"{where}: {cite_source(source)}"))


def cite_dataset(dataset: Mapping[str, Any], release: Release, base_url: str) -> dict[str, Any]:
    """Cite one dataset of a release."""
    address = f"{base_url}/v1/datasets/{dataset['id']}?release={release.number}"
    return _cite(_Cited(f"{dataset['id']}-{release.number}", name_dataset(dataset), release, address))


def cite_release(release: Release, base_url: str) -> dict[str, Any]:
    """Cite a release: the whole register."""
    address = f"{base_url}/v1/releases/{release.number}"
    return _cite(_Cited(f"release-{release.number}", "Published statistics on police misconduct", release, address))


def _cite(cited: _Cited) -> dict[str, Any]:
    return {
        "cite_as": cited.address,
        "text": _text(cited),
        "csl": _csl(cited),
        "bibtex": _bibtex(cited),
        "ris": _ris(cited),
    }


def _text(cited: _Cited) -> str:
    release = cited.release
    note = f" {cited.note}." if cited.note else ""
    return (
        f"{ATTRIBUTION} ({release.released.year}). {cited.title}.{note} Release {release.number} of "
        f"{release.released.isoformat()}, {LICENCE_NAME}. {cited.address}"
    )


def _csl(cited: _Cited) -> dict[str, Any]:
    """Make a CSL-JSON item (Citation Style Language, schema 1.0.2)."""
    day = cited.release.released
    return {
        "id": f"misconduct-register-{cited.key}",
        "type": "dataset",
        "title": cited.title,
        "author": [{"literal": ATTRIBUTION}],
        "publisher": ATTRIBUTION,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": cited.release.number,
        "URL": cited.address,
        "note": ". ".join(filter(None, [cited.note, f"Licence: {LICENCE}"])),
    }


def _bibtex(cited: _Cited) -> str:
    """Make a BibTeX entry of the type that every style supports. Braces preserve case; `url` is not escaped."""
    day = cited.release.released
    fields = {
        "author": f"{{{ATTRIBUTION.translate(TEX)}}}",
        "title": f"{{{cited.title.translate(TEX)}}}",
        "year": str(day.year),
        "month": str(day.month),
        "version": cited.release.number,
        "publisher": ATTRIBUTION.translate(TEX),
        "note": ". ".join(filter(None, [cited.note, f"Release {cited.release.number}, {LICENCE_NAME}"])).translate(TEX),
        "url": cited.address,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{misconduct-register-{cited.key},\n{lines}}}\n"


def _ris(cited: _Cited) -> str:
    """Make a RIS record of a data set. Its lines have no line breaks inside."""
    day = cited.release.released
    fields = (
        ("TY", "DATA"),
        ("ID", f"misconduct-register-{cited.key}"),
        ("AU", ATTRIBUTION),
        ("TI", cited.title),
        ("PY", str(day.year)),
        ("DA", f"{day:%Y/%m/%d}"),
        ("ET", cited.release.number),
        ("PB", ATTRIBUTION),
        ("N1", ". ".join(filter(None, [cited.note, f"Licence: {LICENCE}"]))),
        ("UR", cited.address),
        ("ER", ""),
    )
    return "".join(f"{tag}  - {' '.join(text.split())}\r\n" for tag, text in fields)
