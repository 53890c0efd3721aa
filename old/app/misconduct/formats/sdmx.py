"""SDMX-ML 3.0: the structure of by-year tables as SDMX-CSV, with its concepts, code lists and dataflows."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from misconduct.model.catalogue import Catalogue
from misconduct.model.sdmx import AGENCY, COMPONENTS, STRUCTURE, Component, codes_of, flow_id, version_of

MEDIA_TYPE = "application/vnd.sdmx.structure+xml"
CONTENT_TYPE = f"{MEDIA_TYPE}; version=3.0.0"

_NAMESPACES = {
    prefix: f"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/{name}"
    for prefix, name in (("mes", "message"), ("str", "structure"), ("com", "common"))
}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CONCEPTS = "CONCEPTS"
_URN = "urn:sdmx:org.sdmx.infomodel."

for _prefix, _address in _NAMESPACES.items():
    register_namespace(_prefix, _address)


def encode_structure(catalogue: Catalogue) -> bytes:
    """Encode the data structure definition of a release, and all that it refers to."""
    version = version_of(catalogue)
    message = Element(_tag("mes:Structure"))
    header = _add(message, "mes:Header")
    _add(header, "mes:ID", f"{STRUCTURE}-{version}")
    _add(header, "mes:Test", "false")
    _add(header, "mes:Prepared", f"{catalogue.release.released.isoformat()}T00:00:00Z")
    _add(header, "mes:Sender", id=AGENCY)
    structures = _add(message, "mes:Structures")
    lists = _add(structures, "str:Codelists")
    for name in dict.fromkeys(one.list_name for one in COMPONENTS if one.list_name):
        _add_list(lists, name, catalogue, version)
    schemes = _add(structures, "str:ConceptSchemes")
    concepts = _maintained(schemes, "str:ConceptScheme", _CONCEPTS, version, "Concepts of by-year tables")
    for one in COMPONENTS:
        concept = _add(concepts, "str:Concept", id=one.id)
        _add_name(concept, one.id.replace("_", " ").capitalize())
        _add_name(concept, one.column.description, "com:Description")
    flows = _add(structures, "str:Dataflows")
    for dataset, title in (("observations", "All figures"), *_titles(catalogue)):
        flow = _maintained(flows, "str:Dataflow", flow_id(dataset), version, f"{title}, by year")
        _add(flow, "str:Structure", f"{_URN}datastructure.DataStructure={AGENCY}:{STRUCTURE}({version})")
    _add_data_structure(_add(structures, "str:DataStructures"), version)
    encoded: bytes = tostring(message, encoding="utf-8", xml_declaration=True)
    return encoded


def _titles(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(slug, one["title"]) for slug, one in catalogue.kind("dataset").items()]


def _add_data_structure(parent: Element, version: str) -> None:
    structure = _maintained(parent, "str:DataStructure", STRUCTURE, version, "Figures by year")
    components = _add(structure, "str:DataStructureComponents")
    dimensions = _add(components, "str:DimensionList", id="DimensionDescriptor")
    for position, one in enumerate(_with_role("dimension"), 1):
        _add_component(dimensions, "str:Dimension", one, version, position=str(position))
    for one in _with_role("time"):
        _add_component(dimensions, "str:TimeDimension", one, version)
    attributes = _add(components, "str:AttributeList", id="AttributeDescriptor")
    for one in _with_role("attribute"):
        usage = "mandatory" if one.id == "OBS_STATUS" else "optional"
        attribute = _add_component(attributes, "str:Attribute", one, version, usage=usage)
        _add(_add(attribute, "str:AttributeRelationship"), "str:Observation")
    measures = _add(components, "str:MeasureList", id="MeasureDescriptor")
    for one in _with_role("measure"):
        _add_component(measures, "str:Measure", one, version, usage="optional")


def _with_role(role: str) -> Iterable[Component]:
    return (one for one in COMPONENTS if one.role == role)


_TEXT_TYPES = {"number": "Double", "integer": "Integer"}


def _add_component(parent: Element, tag: str, one: Component, version: str, **attributes: str) -> Element:
    component = _add(parent, tag, id=one.id, **attributes)
    concept = f"{_URN}conceptscheme.Concept={AGENCY}:{_CONCEPTS}({version}).{one.id}"
    _add(component, "str:ConceptIdentity", concept)
    representation = _add(component, "str:LocalRepresentation")
    if one.list_name:
        _add(
            representation, "str:Enumeration", f"{_URN}codelist.Codelist={AGENCY}:{_list_id(one.list_name)}({version})"
        )
    else:
        text_type = "ObservationalTimePeriod" if one.role == "time" else _TEXT_TYPES.get(one.column.type, "String")
        _add(representation, "str:TextFormat", textType=text_type)
    return component


def _add_list(parent: Element, name: str, catalogue: Catalogue, version: str) -> None:
    codes = _maintained(parent, "str:Codelist", _list_id(name), version, name.replace("_", " ").capitalize())
    found = codes_of(name, catalogue)
    for code, (label, broader) in found.items():
        element = _add(codes, "str:Code", id=code)
        _add_name(element, label)
        if broader in found:
            _add(element, "str:Parent", broader)


def _list_id(name: str) -> str:
    return f"CL_{name.upper()}"


def _maintained(parent: Element, tag: str, identity: str, version: str, name: str) -> Element:
    element = _add(parent, tag, id=identity, agencyID=AGENCY, version=version)
    _add_name(element, name)
    return element


def _add_name(parent: Element, text: str, tag: str = "com:Name") -> None:
    _add(parent, tag, text).set(_LANGUAGE, "en")


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    element = SubElement(parent, _tag(tag), attributes)
    element.text = text
    return element


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"
