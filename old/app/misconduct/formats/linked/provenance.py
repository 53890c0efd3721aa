"""The provenance of a figure as W3C PROV, by the `prov` library."""

from __future__ import annotations

import io
from typing import Any

import orjson

from misconduct.formats.linked.annotation import document_iri
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import citation_url, derivation_url, number
from misconduct.model.observation import Observation
from misconduct.model.phrases import write_figure


def trace(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Write PROV-JSON: the figure derives from the source, the source's claim from its origin; and who stated it.

    A figure that no source states was counted by the register, which followed the plan of a table.
    """
    from prov.model import PROV, ProvDocument
    from prov.serializers.provjson import ProvJSONSerializer

    document = ProvDocument()
    document.add_namespace("mr", f"{base_url}/v1/")
    document.add_namespace("terms", f"{base_url}/docs#")
    sources = catalogue.kind("source")
    figure = document.entity(
        f"mr:observations/{o.id}/{o.version}",
        {
            "prov:label": f"{write_figure(o.printed, o.value)} ({catalogue.label('measure', o.measure)})",
            "prov:value": str(number(o.value)) if o.value is not None else write_figure(o.printed, None),
            **({"prov:location": o.at} if o.at else {}),
            "terms:cite_as": citation_url(base_url, o.id, catalogue.release.number),
        },
    )
    publication = _source(document, sources[o.source])
    reading = document.activity(f"mr:releases/{catalogue.release_numbers[o.added_in]}")
    register = document.agent("mr:register", {"prov:type": PROV["SoftwareAgent"], "prov:label": "Misconduct Register"})
    document.wasDerivedFrom(figure, publication)
    document.wasGeneratedBy(figure, reading)
    document.used(reading, publication)
    if o.derivation:
        table, _, version = o.derivation.partition("@")
        address = f"{derivation_url(base_url, o.derivation)}?release={catalogue.release.number}"
        said: dict[str, Any] = {"prov:type": PROV["Plan"], "prov:label": o.derivation, "terms:cite_as": address}
        plan = document.entity(f"mr:tables/{table}/{version}", said)
        document.wasAssociatedWith(reading, register, plan)
        document.wasAttributedTo(figure, register)
    else:
        document.wasAssociatedWith(reading, register)
    first = publication
    if o.origin != o.source:
        first = _source(document, sources[o.origin])
        document.wasDerivedFrom(publication, first, other_attributes={"prov:type": PROV["Quotation"]})
    if o.stated_by:
        words = {"prov:label": catalogue.label("stated_by", o.stated_by)}
        document.wasAttributedTo(first, document.agent(f"mr:codelists/stated_by/{o.stated_by}", words))
    # As `document.serialize` does, which first reads the 90 modules that write RDF.
    ProvJSONSerializer(document).serialize(written := io.StringIO())
    serialized: dict[str, Any] = orjson.loads(written.getvalue())
    return serialized


def _source(document: Any, source: Any) -> Any:
    attributes = {
        "prov:type": document.valid_qualified_name("terms:source"),
        "prov:label": source["title"] or source["id"],
        "terms:document": document_iri(source),
        "terms:sha256": source["sha256"],
        "terms:published": source["published"],
        "terms:publisher": source["publisher"],
    }
    return document.entity(f"mr:sources/{source['id']}", {key: value for key, value in attributes.items() if value})
