"""How to cite a figure, a dataset or a release: as text, as CSL-JSON and as BibTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.model.catalogue import Catalogue
from app.model.figure import ATTRIBUTION, LICENCE, citation_url
from app.model.observation import Observation
from app.model.phrases import NAMED, cite_source, quote_figure
from app.model.records import Release

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
    """What is cited, in words: its key, title, the release, its address, and what there is to add."""

    key: str
    title: str
    release: Release
    address: str
    note: str | None = None


def cite_observation(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """How to cite one figure as one release has it: as printed, with its hedge, and the document that prints it."""
    release = catalogue.release
    source = catalogue.kind("source")[o.source]
    *labels, area = (catalogue.label(name, getattr(o, name)) for name in NAMED)
    title = f"{quote_figure(o)}: {', '.join(labels)}; {area}; {o.period_printed or 'period unstated'}"
    address = citation_url(base_url, o.id, release.number)
    return _cite(_Cited(f"{o.id}-{release.number}", title, release, address, f"Printed in: {cite_source(source)}"))


def cite_dataset(dataset: Mapping[str, Any], release: Release, base_url: str) -> dict[str, Any]:
    """How to cite one dataset as one release has it."""
    address = f"{base_url}/v1/datasets/{dataset['id']}?release={release.number}"
    return _cite(_Cited(f"{dataset['id']}-{release.number}", dataset["title"], release, address))


def cite_release(release: Release, base_url: str) -> dict[str, Any]:
    """How to cite a release: all of the register as it was."""
    address = f"{base_url}/v1/releases/{release.number}"
    return _cite(_Cited(f"release-{release.number}", "Published statistics on police misconduct", release, address))


def _cite(cited: _Cited) -> dict[str, Any]:
    return {"cite_as": cited.address, "text": _text(cited), "csl": _csl(cited), "bibtex": _bibtex(cited)}


def _text(cited: _Cited) -> str:
    release = cited.release
    note = f" {cited.note}." if cited.note else ""
    return (
        f"{ATTRIBUTION} ({release.released.year}). {cited.title}.{note} Release {release.number} of "
        f"{release.released.isoformat()}, {LICENCE_NAME}. {cited.address}"
    )


def _csl(cited: _Cited) -> dict[str, Any]:
    """A CSL-JSON item (Citation Style Language, schema 1.0.2)."""
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
    """A BibTeX entry of the type that every style knows. Braces keep the case; `url` stays as it is."""
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
