"""A program that knows nothing but the address finds out what there is, what it may do with it, and how to cite it."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pybtex.database
import pyshacl
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from rdflib import DCAT, DCTERMS, RDF, SDO, SKOS, XSD, Graph, Literal, URIRef

from misconduct.settings import Settings
from tests.registers import source_text
from tests.serving import serve

# rdflib's own reader of JSON-LD uses what rdflib has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

HERE = "http://localhost:8000"
SHAPES = Graph().parse(Path(__file__).with_name("dcat.shapes.ttl"))
DCAT_ADDRESSES = ["/v1/dcat", "/v1/datasets/allegations/dcat", "/v1/releases/1.0.0/dcat", "/v1/releases/latest/dcat"]
SCHEMA_ORG_ADDRESSES = ["/v1/datasets/allegations/schema-org", "/v1/releases/1.1.0/schema-org"]


def local(address: str) -> str:
    assert address.startswith(HERE)
    return address.removeprefix(HERE)


def links(answer) -> dict[str, str]:
    """The targets of a Link header by relation; of several, the first."""
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"', answer.headers["link"])
    return {relation: target for target, relation in reversed(found)}


# The API catalogue, the sitemap, robots, whom to write to


def test_the_api_catalogue_is_a_link_set_whose_links_answer(real):
    answer = real.client.get("/.well-known/api-catalog")
    assert answer.headers["content-type"].startswith("application/linkset+json")
    assert "rfc9727" in answer.headers["content-type"]
    [catalogue, api] = answer.json()["linkset"]
    assert [item["href"] for item in catalogue["item"]] == [api["anchor"]]
    assert {"service-desc", "service-doc", "service-meta", "status", "license"} <= set(api)
    for relation in ("service-desc", "service-doc", "service-meta", "status"):
        for link in api[relation]:
            found = real.client.get(local(link["href"]))
            assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, link["type"])
    root = real.client.get(local(api["anchor"]))
    assert (root.status_code, links(root)["api-catalog"]) == (200, f"{HERE}/.well-known/api-catalog")


def test_head_of_the_api_catalogue_has_its_link(real):
    answer = real.client.head("/.well-known/api-catalog")
    assert answer.status_code == 200
    assert links(answer)["api-catalog"] == f"{HERE}/.well-known/api-catalog"


def test_every_address_of_the_sitemap_answers(real):
    answer = real.client.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    urls = ElementTree.fromstring(answer.text).findall(f"{name}url")
    addresses = [url.findtext(f"{name}loc") for url in urls]
    expected = ("/", "/datasets/allegations", "/charts/how-many-were-accused", "/releases/1.0.0")
    expected += ("/non-publications", "/codelists/category")
    assert {HERE + path for path in expected} <= set(addresses)
    assert {address: real.client.get(local(address)).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )
    assert all(datetime.fromisoformat(url.findtext(f"{name}lastmod")) for url in urls)


def test_robots_may_read_all_but_pages_without_end(real):
    text = real.client.get("/robots.txt").text
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    assert robots.can_fetch("anyone", f"{HERE}/v1/allegations.csv")
    assert robots.site_maps() == [f"{HERE}/sitemap.xml"]
    assert "Disallow: /*cursor=" in text


@pytest.mark.parametrize(
    ("contact", "written"),
    [
        ("desk@example.org", "mailto:desk@example.org"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
        ("https://example.org/contact", "https://example.org/contact"),
    ],
)
def test_security_txt_names_the_contact(database, publish, contact, written):
    publish("value\n1")
    with serve(Settings(database_url=database.reader, contact=contact, port=8000)) as running:
        answer = running.client.get("/.well-known/security.txt")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
        assert fields["Contact"] == written
        assert fields["Canonical"] == f"{HERE}/.well-known/security.txt"
        left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
        assert 90 < left.days < 365
        assert running.client.get("/v1/config").json()["data"]["contact"] == contact


def test_without_a_contact_there_is_no_security_txt(real):
    answer = real.client.get("/.well-known/security.txt")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_contact_that_is_no_address_is_not_passed_off_as_one(database, publish):
    publish("value\n1")
    with serve(Settings(database_url=database.reader, contact="The data desk, room 5", port=8000)) as running:
        assert running.client.get("/.well-known/security.txt").status_code == 404


# Link headers


def test_a_listing_links_to_licence_pinned_address_documentation_and_next_page(real):
    found = links(real.client.get("/v1/allegations?limit=1"))
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["canonical"] == f"{HERE}/v1/allegations?limit=1&release=2.2.0"
    assert "cursor=" in found["next"]
    assert found["describedby"] == f"{HERE}/docs#columns"
    assert (
        f'<{HERE}/v1/datasets/allegations/dcat>; rel="describedby"'
        in (real.client.get("/v1/allegations").headers["link"])
    )


@pytest.mark.parametrize(
    "path", ["dcat", "datasets/allegations/dcat", "datasets/allegations/schema-org", "releases/2.0.0/schema-org"]
)
def test_a_release_whose_figures_and_areas_all_ended_is_described(api, publish, path):
    publish("id | value\n bbbb2 | 5", "1.0.0", "2024-05-01")
    publish(
        "id | value\n bbbb2 | 5", "2.0.0", "2024-06-01", ended=["bbbb2=No figure", "code/area/E23000001=None of it"]
    )
    assert api.get(f"/v1/{path}").status_code == 200


@pytest.mark.parametrize(
    ("address", "collection"),
    [
        ("/v1/observations/k7m3q", "/v1/observations"),
        ("/v1/datasets/allegations", "/v1/datasets"),
        ("/v1/releases/1.0.0", "/v1/releases"),
        ("/v1/observations", None),
        ("/v1/observations/by-year", None),
        ("/v1/allegations/by-year", None),
    ],
)
def test_one_of_many_links_to_all_of_them(real, address, collection):
    assert links(real.client.get(address)).get("collection") == (collection and HERE + collection)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/allegations",
        "/v1/allegations.csv",
        "/v1/allegations/by-year.csv",
        "/v1/observations/k7m3q.jsonl",
        "/v1/datasets.xlsx",
        "/v1/releases",
        "/v1/releases/1.0.0",
        "/v1/config",
        "/v1/datasets/allegations/citation",
        "/v1/datasets/allegations/dcat",
        "/v1/releases/1.0.0/schema-org",
    ],
)
def test_what_an_answer_links_to_is_there(real, address):
    found = links(real.client.get(address))
    for relation in ("canonical", "describedby", "collection"):
        if relation in found:
            assert real.client.get(local(found[relation])).status_code == 200, (relation, found[relation])


def test_the_page_that_describes_the_columns_has_that_place(real):
    page = real.client.get("/docs").text
    for address in ("/v1/allegations.csv", "/v1/allegations/by-year.csv", "/v1/config"):
        place = links(real.client.get(address))["describedby"].partition("#")[2]
        assert f'id="{place}"' in page or not place


def test_what_the_reference_says_of_csv_is_so(real):
    page = " ".join(real.client.get("/docs").text.split())
    assert "Lists and tables are also available as CSV: add <code>.csv</code> to the path" in page
    assert "The formats of each path are listed with it; a request for any other format is answered with 406." in page
    for path in ("observations", "allegations/by-year", "sources", "codelists", "charts", "releases", "changes"):
        assert real.client.get(f"/v1/{path}.csv").status_code == 200, path
    figure = "observations/k7m3q"
    for path in ("config", f"{figure}/evidence", f"{figure}/history", f"{figure}/standing", "compare"):
        assert real.client.get(f"/v1/{path}.csv").status_code == 406, path


# DCAT


@pytest.fixture(scope="module")
def graph_of(real):
    """What a DCAT address says, as RDF."""

    def read(address: str) -> Graph:
        answer = real.client.get(address, headers={"Accept": "application/ld+json"})
        assert answer.headers["content-type"] == "application/ld+json"
        return Graph().parse(data=answer.text, format="json-ld")

    return read


@pytest.mark.parametrize("address", DCAT_ADDRESSES)
def test_dcat_has_all_that_is_mandatory(graph_of, address):
    graph = graph_of(address)
    conforms, _, report = pyshacl.validate(graph, shacl_graph=SHAPES)
    assert conforms, report


def test_the_shapes_find_what_is_missing(graph_of):
    """The check itself is checked: each promise, taken away, is missed."""
    promised = (DCTERMS.title, DCTERMS.license, DCTERMS.spatial, DCAT.keyword, DCAT.theme)
    for path in (*promised, DCAT.distribution, DCAT.byteSize, DCAT.mediaType, DCAT.accessService):
        graph = graph_of("/v1/datasets/allegations/dcat")
        graph.remove((None, path, None))
        assert not pyshacl.validate(graph, shacl_graph=SHAPES)[0], path


def test_dcat_names_every_dataset_and_release_as_it_is_addressed(graph_of, real):
    named = {str(subject) for subject in graph_of("/v1/dcat").subjects(RDF.type, DCAT.Dataset)}
    slugs = [dataset["id"] for dataset in real.client.get("/v1/datasets").json()["data"]]
    assert named == {f"{HERE}/v1/datasets/{slug}?release=2.2.0" for slug in slugs} | {f"{HERE}/v1/releases/2.2.0"}
    assert {real.client.get(local(address)).status_code for address in named} == {200}


def test_the_files_that_dcat_names_are_there_with_that_length_and_hash(graph_of, real):
    graph = graph_of("/v1/dcat")
    checksum = URIRef("http://spdx.org/rdf/terms#checksum")
    value = URIRef("http://spdx.org/rdf/terms#checksumValue")
    files = list(graph.subjects(DCAT.byteSize))
    assert len(files) == 2 * 7 + 3
    made = set(graph.subjects(RDF.type, DCAT.Distribution)) - set(files)
    assert len(made) >= 3 * 8
    for table in made:
        answer = real.client.get(local(str(table)))
        assert answer.status_code == 200, table
        assert str(graph.value(table, DCAT.mediaType)).endswith(answer.headers["content-type"].partition(";")[0])
    for file in files:
        answer = real.client.get(local(str(graph.value(file, DCAT.downloadURL))))
        assert len(answer.content) == int(graph.value(file, DCAT.byteSize))
        assert hashlib.sha256(answer.content).hexdigest() == str(graph.value(graph.value(file, checksum), value))
        assert str(graph.value(file, DCAT.mediaType)).endswith(answer.headers["content-type"].partition(";")[0])


def test_dcat_of_a_release_says_which_came_before(graph_of):
    before = URIRef("http://www.w3.org/ns/dcat#previousVersion")
    this, first = URIRef(f"{HERE}/v1/releases/1.1.0"), URIRef(f"{HERE}/v1/releases/1.0.0")
    assert graph_of("/v1/releases/1.1.0/dcat").value(this, before) == first
    assert graph_of("/v1/releases/1.0.0/dcat").value(first, before) is None


def test_dcat_of_an_older_release_names_its_own_files(graph_of):
    graph = graph_of("/v1/datasets/allegations/dcat?release=1.0.0")
    dataset = URIRef(f"{HERE}/v1/datasets/allegations?release=1.0.0")
    assert graph.value(dataset, URIRef("http://www.w3.org/ns/dcat#version")) == Literal("1.0.0")
    found = {str(file) for file in graph.objects(dataset, DCAT.distribution)}
    assert {file for file in found if "/files/" in file} == {
        f"{HERE}/v1/releases/1.0.0/files/allegations.csv",
        f"{HERE}/v1/releases/1.0.0/files/allegations.parquet",
    }
    by_year = f"{HERE}/v1/allegations/by-year"
    assert {f"{by_year}.{form}?release=1.0.0" for form in ("csv", "parquet", "jsonstat")} <= found
    assert all(file.startswith((f"{by_year}.", f"{HERE}/v1/releases/1.0.0/files/")) for file in found)


def test_dcat_says_police_place_and_time(graph_of):
    graph = graph_of("/v1/datasets/duty-status/dcat?release=2.1.0")
    dataset = URIRef(f"{HERE}/v1/datasets/duty-status?release=2.1.0")
    assert graph.value(dataset, DCTERMS.title) == Literal("Police misconduct: duty status", lang="en")
    place = URIRef("http://statistics.data.gov.uk/id/statistical-geography/E23000001")
    assert list(graph.objects(dataset, DCTERMS.spatial)) == [place]
    assert graph.value(place, SKOS.prefLabel) == Literal("Metropolitan Police", lang="en")
    time = graph.value(dataset, DCTERMS.temporal)
    # Its only figure between dates: 931 suspensions or restrictions "over a ten year period between 2014-2024".
    assert (graph.value(time, DCAT.startDate), graph.value(time, DCAT.endDate)) == (
        Literal("2014-01-01", datatype=XSD.date),
        Literal("2024-12-31", datatype=XSD.date),
    )
    words = {str(word) for word in graph.objects(dataset, DCAT.keyword)}
    assert {"police", "police misconduct", "Metropolitan Police", "Suspended", "On restricted duties"} <= words


@pytest.mark.parametrize(
    ("contact", "reached", "at"),
    [
        ("desk@example.org", "hasEmail", "mailto:desk@example.org"),
        ("https://example.org/contact", "hasURL", "https://example.org/contact"),
    ],
)
def test_catalogues_learn_whom_to_write_to(database, publish, contact, reached, at):
    publish("value\n1")
    vcard = "http://www.w3.org/2006/vcard/ns#"
    with serve(Settings(database_url=database.reader, contact=contact, port=8000)) as running:
        for address in ("/v1/dcat", "/v1/datasets/allegations/dcat", "/v1/releases/latest/dcat"):
            document = running.client.get(address).text
            graph = Graph().parse(data=document, format="json-ld")
            subject = URIRef(json.loads(document)["@id"])
            assert URIRef(at) in graph.objects(graph.value(subject, DCAT.contactPoint), URIRef(vcard + reached))
        publisher = running.client.get("/v1/datasets/allegations/schema-org").json()["publisher"]
        assert at.removeprefix("mailto:") in publisher["contactPoint"].values()


# schema.org


@pytest.mark.parametrize("address", SCHEMA_ORG_ADDRESSES)
def test_schema_org_uses_only_words_that_schema_org_has(real, address):
    document = real.client.get(address).json()
    assert document["@context"] == "https://schema.org/"
    graph = Graph().parse(data=json.dumps({**document, "@context": {"@vocab": str(SDO)}}), format="json-ld")
    words = {*graph.predicates(), *graph.objects(None, RDF.type)} - {RDF.type}
    assert [word for word in words if word not in SDO] == []
    assert SDO.Dataset in graph.objects(URIRef(document["@id"]), RDF.type)


@pytest.mark.parametrize("address", SCHEMA_ORG_ADDRESSES)
def test_schema_org_has_what_dataset_search_asks_for(real, address):
    document = real.client.get(address).json()
    assert {"name", "description", "license", "creator", "distribution", "url", "version"} <= set(document)
    assert 50 <= len(document["description"]) <= 5000
    assert real.client.get(local(document["url"])).status_code == 200
    files = [download for download in document["distribution"] if "sha256" in download]
    assert len(files) >= 2
    for download in files:
        content = real.client.get(local(download["contentUrl"])).content
        assert download["contentSize"] == f"{len(content)} B"
        assert download["sha256"] == hashlib.sha256(content).hexdigest()
    made = [download for download in document["distribution"] if download not in files]
    assert {"text/csv", "application/json-stat+json"} <= {download["encodingFormat"] for download in made}
    for download in made:
        answer = real.client.get(local(download["contentUrl"]))
        assert answer.headers["content-type"].partition(";")[0] == download["encodingFormat"]


@pytest.mark.parametrize("address", SCHEMA_ORG_ADDRESSES)
def test_schema_org_says_police_place_time_and_what_is_measured(real, address):
    document = real.client.get(address).json()
    assert "police misconduct" in document["name"].lower()
    assert "police misconduct" in document["keywords"]
    [place] = document["spatialCoverage"]
    assert place["name"] == "Metropolitan Police"
    assert place["sameAs"] == "http://statistics.data.gov.uk/id/statistical-geography/E23000001"
    first, _, last = document["temporalCoverage"].partition("/")
    assert first <= "2014-01-01" <= "2024-12-31" <= last
    measured = {one["propertyID"]: one["description"] for one in document.get("variableMeasured", [])}
    assert "datasets" not in document["@id"] or len(measured["accused"]) > 20


def test_metadata_is_json_ld_unless_plain_json_is_asked_for(real):
    address = "/v1/datasets/allegations/dcat"
    plain = real.client.get(address, headers={"Accept": "application/json"})
    assert plain.headers["content-type"] == "application/json"
    linked = real.client.get(f"{address}.jsonld")
    assert linked.headers["content-type"] == "application/ld+json"
    assert linked.json() == plain.json()
    assert real.client.get(address, headers={"Accept": "text/turtle"}).json()["code"] == "not_acceptable"


@pytest.mark.parametrize("what", ["dcat", "schema-org", "citation"])
def test_metadata_of_nothing_is_a_problem(real, what):
    assert real.client.get(f"/v1/datasets/alegations/{what}").json()["did_you_mean"] == "allegations"
    assert real.client.get(f"/v1/releases/9.9.9/{what}").json()["code"] == "unknown_release"


# Citations


def test_a_figure_is_cited_as_printed_with_its_source_and_release(real):
    citation = real.client.get("/v1/observations/k7m3q/citation?release=1.0.0").json()["data"]
    assert citation["cite_as"] == f"{HERE}/v1/observations/k7m3q?release=1.0.0"
    for part in (
        "“1,492”",
        "officers accused",
        "The Eye Of Media.Com",
        "Release 1.0.0",
        "CC BY 4.0",
        citation["cite_as"],
    ):
        assert part in citation["text"]


def test_a_hedge_is_never_lost_in_a_citation(api, publish):
    publish("""
        value | printed | hedge  | qualifier
        1000  | 1,000   | nearly | just_under
    """)
    [figure] = api.get("/v1/observations").json()["data"]
    citation = api.get(f"/v1/observations/{figure['id']}/citation").json()["data"]
    assert all("“1,000” (“nearly”)" in text for text in (citation["text"], citation["csl"]["title"]))
    assert "nearly" in citation["bibtex"]


@pytest.mark.parametrize(
    ("address", "cited"),
    [
        ("/v1/observations/k7m3q/citation", "/v1/observations/k7m3q?release=2.2.0"),
        ("/v1/datasets/allegations/citation", "/v1/datasets/allegations?release=2.2.0"),
        ("/v1/datasets/allegations/citation?release=1.0.0", "/v1/datasets/allegations?release=1.0.0"),
        ("/v1/releases/latest/citation", "/v1/releases/2.2.0"),
    ],
)
def test_a_citation_says_the_same_as_text_csl_and_bibtex(real, address, cited):
    citation = real.client.get(address).json()["data"]
    assert real.client.get(cited).status_code == 200
    csl = citation["csl"]
    assert {citation["cite_as"], csl["URL"]} == {HERE + cited}
    assert HERE + cited in citation["text"]
    [(key, entry)] = pybtex.database.parse_string(citation["bibtex"], "bibtex").entries.items()
    assert (key, entry.fields["url"]) == (csl["id"], HERE + cited)
    assert entry.fields["title"] == f"{{{csl['title']}}}"
    year, month, day = csl["issued"]["date-parts"][0]
    assert (entry.fields["year"], entry.fields["version"]) == (str(year), csl["version"])
    assert f"{year}-{month:02}-{day:02}" in citation["text"]
    assert [str(person) for person in entry.persons["author"]] == ["{Misconduct Register}"]


TITLES = [
    ("/v1/observations/k7m3q", "Metropolitan Police: officers accused, any sexual allegation, 2014–2024: “1,492”"),
    (
        "/v1/observations/d5fcj",
        "Metropolitan Police: serving officers, has a criminal record, any offence, now: “161”",
    ),
    (
        "/v1/observations/vp3bg",
        "Metropolitan Police: recorded, stage not stated, sexual assault, 2024 (part of the year): “23”",
    ),
    ("/v1/datasets/allegations", "Police misconduct: allegations"),
    ("/v1/datasets/reports", "Police misconduct: reports to hotlines"),
    ("/v1/releases/1.0.0", "Published statistics on police misconduct"),
]


@pytest.mark.parametrize(("address", "title"), TITLES)
def test_reference_managers_read_a_citation_that_names_its_subject(real, address, title):
    whole = real.client.get(f"{address}/citation").json()["data"]
    bib, ris, csl = (real.client.get(f"{address}/citation.{suffix}") for suffix in ("bib", "ris", "json"))
    [entry] = pybtex.database.parse_string(bib.text, "bibtex").entries.values()
    assert entry.fields["title"] == f"{{{title}}}"
    [record] = rispy.loads(ris.text)
    assert (record["type_of_reference"], record["title"], record["urls"]) == ("DATA", title, [whole["cite_as"]])
    assert (record["authors"], record["year"], record["edition"]) == (
        ["Misconduct Register"],
        str(whole["csl"]["issued"]["date-parts"][0][0]),
        whole["csl"]["version"],
    )
    assert record["date"].replace("/", "-") in whole["text"]
    [(key, item)] = CiteProcJSON(csl.json()).items()
    assert (key, *("".join(item[name]) for name in ("title", "URL"))) == (
        whole["csl"]["id"].lower(),
        title,
        whole["cite_as"],
    )
    for answer, media_type in (
        (bib, "application/x-bibtex"),
        (ris, "application/x-research-info-systems"),
        (csl, "application/vnd.citationstyles.csl+json"),
    ):
        assert answer.headers["content-type"].partition(";")[0] == media_type
        again = real.client.get(f"{address}/citation", headers={"Accept": media_type})
        assert (again.content, again.headers["content-type"]) == (answer.content, answer.headers["content-type"])
    assert whole["ris"] == ris.text


def test_a_note_of_several_lines_stays_one_line_of_ris(api, publish):
    publish(
        "id | value\n bbbb2 | 5",
        files={"sources/paper.yaml": source_text("paper", title="One ER  - and two", publisher="The Paper")},
    )
    [record] = rispy.loads(api.get("/v1/observations/bbbb2/citation.ris").text)
    assert "One ER - and two, The Paper" in record["notes"][0]


def test_other_formats_of_a_citation_are_refused_by_name(real):
    answer = real.client.get("/v1/observations/k7m3q/citation.txt")
    assert answer.status_code == 404
    refused = real.client.get("/v1/observations/k7m3q/citation.csv")
    assert (refused.status_code, refused.json()["code"]) == (406, "not_acceptable")
    assert "application/x-bibtex (.bib)" in refused.json()["detail"]
    assert real.client.get("/v1/observations.bib").status_code == 406


def test_signs_that_mean_something_to_tex_come_out_as_themselves(api, publish):
    publish("""
        value | printed | unit    | statistic
        42    | 42%     | percent | share
    """)
    [figure] = api.get("/v1/observations").json()["data"]
    bibtex = api.get(f"/v1/observations/{figure['id']}/citation").json()["data"]["bibtex"]
    assert r"“42\%”" in bibtex


# What a client should know


def test_the_limits_that_config_names_are_those_that_are_kept(real):
    limits = real.client.get("/v1/config").json()["data"]["limits"]
    most = limits["rows_per_page"]
    assert real.client.get(f"/v1/observations?limit={most}").status_code == 200
    assert real.client.get(f"/v1/observations?limit={most + 1}").status_code == 422
    query = "category=sexual_assault" + "&category=sexual_assault" * limits["values_per_parameter"]
    assert real.client.get(f"/v1/observations?{query}").json()["errors"][0]["code"] == "too_many_values"
    assert real.client.get("/v1/observations?" + "a" * (limits["query_bytes"] + 1)).status_code == 414
    assert (
        real.client.get("/v1/observations?" + "&".join(["a"] * (limits["parameters_per_query"] + 1))).status_code == 414
    )
    long = "a" * (limits["characters_per_value"] + 1)
    assert real.client.get(f"/v1/observations?publisher={long}").json()["errors"][0]["code"] == "unreadable"
    ids = [one["id"] for one in real.client.get("/v1/observations").json()["data"]][
        : limits["compared_observations"] + 1
    ]
    assert real.client.get("/v1/compare", params={"id": ids}).status_code == 422
    assert real.client.get("/v1/compare", params={"id": ids[:-1]}).status_code == 200


def test_every_format_that_config_names_everywhere_is_offered_by_suffix_and_by_accept(real):
    for form in real.client.get("/v1/config").json()["data"]["formats"]:
        if form["everywhere"]:
            for address, accept in (
                (f"/v1/observations{form['suffix']}", "*/*"),
                ("/v1/observations", form["media_type"]),
            ):
                answer = real.client.get(address, headers={"Accept": accept})
                assert answer.headers["content-type"].partition(";")[0] == form["media_type"]


def test_the_defaults_that_config_names_are_those_that_hold(real):
    defaults = real.client.get("/v1/config").json()["data"]["defaults"]
    spelt_out = {name: defaults[name] for name in ("release", "limit", "sort", "bom")}
    plain = real.client.get("/v1/observations").json()
    said = real.client.get(f"/v1/observations.{defaults['format']}", params=spelt_out).json()
    assert [one["id"] for one in plain["data"]] == [one["id"] for one in said["data"]]
    assert plain["meta"] == said["meta"]


def test_config_names_the_versions_that_are_served(real):
    config = real.client.get("/v1/config").json()["data"]
    api = real.client.get("/openapi.json").json()
    assert (config["versions"]["service"], config["versions"]["openapi"]) == (api["info"]["version"], api["openapi"])
    assert config["versions"]["release"] == real.client.get("/readyz").json()["release"]
    assert 'id="stability"' in real.client.get("/docs").text
    assert config["stability"] == f"{HERE}/docs#stability"
    assert config["contact"] is None


def test_config_is_asked_again_where_the_contact_changed(database, publish):
    publish("value\n1")
    tags = []
    for contact in ("one@example.org", "two@example.org"):
        with serve(Settings(database_url=database.reader, contact=contact, port=8000)) as running:
            tags.append(running.client.get("/v1/config").headers["etag"])
    assert len(set(tags)) == 2
