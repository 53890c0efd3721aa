"""The evidence for a figure: where it stands, who said it, how anyone can check it, and whether it still stands."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json

import polars
import prov.model
import pytest

from misconduct.api.v1 import find_figure
from misconduct.model.catalogue import Catalogue
from tests.cubes import cells_of
from tests.registers import disagreement_reasons, source_text

BASE = "http://localhost:8000"
SHA256 = hashlib.sha256(b"the document").hexdigest()

SOURCES = {
    "sources/paper.yaml": source_text(
        "paper",
        sha256=SHA256,
        length=5000,
        publisher="The Paper",
        published="2023-04",
        url="https://example.org/news/a-b.html",
    ),
    "sources/letter.yaml": source_text("letter", held=False, title="[A letter]", published="2023"),
}

TWO = """
    id    | origin | stated_by | year | value | printed | at         | also_at                   | caveats
    bbbb2 | letter | leader    | 2021 | 1492  | 1,492   | char=10,15 | char=100,105 char=200,205 | rounded
    bbbb3 |        | force     | 2022 | 5     | 5       | char=30,31 |                           |
"""


def data(api, address: str):
    answer = api.get(f"/v1/observations/{address}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.fixture
def two(publish):
    publish(TWO, "1.0.0", files=SOURCES)


# Where it stands


def test_the_place_is_a_web_annotation_with_position_and_characters(api, two):
    name = base64.urlsafe_b64encode(bytes.fromhex(SHA256)).rstrip(b"=").decode()
    source = {"id": f"ni:///sha-256;{name}?ct=text/plain", "type": "Text", "format": "text/plain"}
    assert data(api, "bbbb2/evidence")["annotation"] == {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"{BASE}/v1/observations/bbbb2/evidence?release=1.0.0#annotation",
        "type": "Annotation",
        "motivation": "identifying",
        "body": {
            "id": f"{BASE}/v1/observations/bbbb2?release=1.0.0",
            "type": "Dataset",
            "format": "application/json",
        },
        "target": [
            {
                "type": "SpecificResource",
                "source": source,
                "selector": [
                    {"type": "TextPositionSelector", "start": start, "end": end},
                    {"type": "TextQuoteSelector", "exact": "1,492"},
                ],
            }
            for start, end in ((10, 15), (100, 105), (200, 205))
        ],
    }


QUOTES = """\
- id: paper
  version: 1
  places:
    - {at: "char=10,15", prefix: "was ", suffix: ", up"}
    - {at: "char=100,105", prefix: "the ", suffix: "-odd"}
"""


def test_links_and_annotations_have_the_words_around_a_place(api, publish):
    publish(TWO, "1.0.0", files=SOURCES)
    publish(TWO, "1.1.0", files={**SOURCES, "quotes.yaml": QUOTES})
    evidence = data(api, "bbbb2/evidence")
    fragment = "#:~:text=was-,1%2C492,-%2C%20up"
    assert evidence["printed_at"] == f"https://example.org/news/a-b.html{fragment}"
    assert [target["selector"][1] for target in evidence["annotation"]["target"]] == [
        {"type": "TextQuoteSelector", "exact": "1,492", "prefix": "was ", "suffix": ", up"},
        {"type": "TextQuoteSelector", "exact": "1,492", "prefix": "the ", "suffix": "-odd"},
        {"type": "TextQuoteSelector", "exact": "1,492"},
    ]
    assert data(api, "bbbb2")["links"]["printed_at"].endswith(fragment)
    assert data(api, "bbbb3")["links"]["printed_at"].endswith("#:~:text=5")
    whole = api.get("/v1/allegations.csv?columns=id,printed_at").text
    assert {row["id"]: row["printed_at"].partition("html")[2] for row in csv.DictReader(io.StringIO(whole))} == {
        "bbbb2": fragment,
        "bbbb3": "#:~:text=5",
    }
    assert data(api, "bbbb2?release=1.0.0")["links"]["printed_at"].endswith("#:~:text=1%2C492")


def test_a_place_in_a_table_is_a_fragment_of_rfc_7111(api, publish):
    publish("id | value | at\n bbbb2 | 5 | cell=4,2")
    [target] = data(api, "bbbb2/evidence")["annotation"]["target"]
    assert target["selector"] == [
        {
            "type": "FragmentSelector",
            "conformsTo": "https://www.rfc-editor.org/rfc/rfc7111",
            "value": "cell=4,2",
        },
        {"type": "TextQuoteSelector", "exact": "5"},
    ]


def test_a_figure_of_a_table_is_checked_by_its_cell(api, publish):
    publish("id | value | at\n bbbb2 | 5 | cell=4,2\n bbbb3 | 5 | char=0,1", files=SOURCES)
    for identity, words, link in (
        ("bbbb2", "the text of the cell that the place names", "the link names the cell"),
        ("bbbb3", "code points from 0", "Open the source at the printed figure"),
    ):
        assert words in data(api, f"{identity}/evidence")["verify"]["explanation"]
        page = api.get(f"/observations/{identity}").text
        assert words in page
        assert link in page
        assert ("code points" in page) is (identity == "bbbb3")


def test_a_document_of_unknown_type_is_named_by_its_hash_alone(api, publish):
    notes = dict.fromkeys(("byline", "published", "url", "licence", "retrieved", "media_type"), "Not known.")
    publish(
        "id | value\n bbbb2 | 5",
        files={"sources/paper.yaml": source_text("paper", sha256=SHA256, media_type=None, notes=notes)},
    )
    [target] = data(api, "bbbb2/evidence")["annotation"]["target"]
    name = base64.urlsafe_b64encode(bytes.fromhex(SHA256)).rstrip(b"=").decode()
    assert target["source"] == {"id": f"ni:///sha-256;{name}", "type": "Text"}


def test_the_printed_place_itself_is_linked_where_the_document_has_an_address(api, two):
    assert data(api, "bbbb2/evidence")["printed_at"] == "https://example.org/news/a-b.html#:~:text=1%2C492"


def test_a_document_without_an_address_has_no_link_and_says_why(api, publish):
    publish("id | value\n bbbb2 | 5")
    evidence = data(api, "bbbb2/evidence")
    assert (evidence["printed_at"], evidence["source"]["url"]) == (None, None)
    assert evidence["source"]["notes"]["url"] == "Not known."


def test_evidence_is_one_statement(served, two):
    served.client.get("/v1/observations/bbbb2/evidence")
    with served.statements() as seen:
        served.client.get("/v1/observations/bbbb2/evidence")
    assert len(seen) == 1


# Who said it


def test_the_chain_goes_from_who_stated_it_over_its_origin_to_who_printed_it(api, two):
    unknown = {"publisher": None, "url": None}
    assert data(api, "bbbb2/evidence")["chain"] == [
        {"role": "stated_by", "id": "leader", "title": "Leader", "published": None, "held": None, **unknown},
        {"role": "origin", "id": "letter", "title": "[A letter]", "published": "2023", "held": False, **unknown},
        {
            "role": "printed_by",
            "id": "paper",
            "title": "Paper",
            "publisher": "The Paper",
            "published": "2023-04",
            "url": "https://example.org/news/a-b.html",
            "held": True,
        },
    ]


def test_what_the_paper_says_itself_has_its_origin_there(api, two):
    assert [(step["role"], step["id"]) for step in data(api, "bbbb3/evidence")["chain"]] == [
        ("stated_by", "force"),
        ("origin", "paper"),
        ("printed_by", "paper"),
    ]


# How to check it


def test_the_evidence_says_what_to_hold_against_what(api, two, tmp_path):
    evidence = data(api, "bbbb2/evidence")
    verify = evidence["verify"]
    assert verify["command"] == "misconduct verify --documents DIR"
    assert (verify["document_sha256"], verify["document_length"]) == (SHA256, 5000)
    assert evidence["observation"] == f"{BASE}/v1/observations/bbbb2?release=1.0.0"
    assert (evidence["source"]["sha256"], evidence["source"]["length"]) == (SHA256, 5000)
    manifest = csv.DictReader(io.StringIO((tmp_path / "register/releases/1.0.0.csv").read_text()))
    assert [line["sha256"] for line in manifest if line["id"] == "bbbb2"] == [verify["record_sha256"]]


def read_prov(api, observation: str) -> prov.model.ProvDocument:
    answer = api.get(f"/v1/observations/{observation}/prov")
    assert answer.status_code == 200
    return prov.model.ProvDocument.deserialize(content=answer.text, format="json")


def related(document: prov.model.ProvDocument) -> set[tuple[str, ...]]:
    """Every relation with the two things that it relates."""
    return {
        (relation.get_type().localpart, *(str(value) for _, value in relation.formal_attributes[:2]))
        for relation in document.get_records(prov.model.ProvRelation)
    }


def test_the_provenance_is_prov_json_which_the_prov_library_reads_back(api, two):
    document = read_prov(api, "bbbb2")
    assert related(document) == {
        ("Derivation", "mr:observations/bbbb2/1", "mr:sources/paper"),
        ("Derivation", "mr:sources/paper", "mr:sources/letter"),
        ("Attribution", "mr:sources/letter", "mr:codelists/stated_by/leader"),
        ("Generation", "mr:observations/bbbb2/1", "mr:releases/1.0.0"),
        ("Usage", "mr:releases/1.0.0", "mr:sources/paper"),
        ("Association", "mr:releases/1.0.0", "mr:register"),
    }
    [figure] = document.get_record("mr:observations/bbbb2/1")
    assert figure.identifier.uri == f"{BASE}/v1/observations/bbbb2/1"
    assert figure.value == {"1492"}
    [register] = document.get_record("mr:register")
    assert register.get_asserted_types() == {prov.model.PROV["SoftwareAgent"]}
    [source] = document.get_record("mr:sources/paper")
    assert [str(value) for value in source.get_attribute("terms:sha256")] == [SHA256]


def test_what_is_no_quotation_is_attributed_to_who_stated_it_in_the_paper(api, two):
    assert related(read_prov(api, "bbbb3")) == {
        ("Derivation", "mr:observations/bbbb3/1", "mr:sources/paper"),
        ("Attribution", "mr:sources/paper", "mr:codelists/stated_by/force"),
        ("Generation", "mr:observations/bbbb3/1", "mr:releases/1.0.0"),
        ("Usage", "mr:releases/1.0.0", "mr:sources/paper"),
        ("Association", "mr:releases/1.0.0", "mr:register"),
    }


# How it came to be what it is, and whether it still stands

FIRST = """
    id    | year | value | caveats
    bbbb2 | 2021 | 116   | early
    bbbb3 | 2022 | 170   |
    bbbb4 | 2023 | 9     |
"""
SECOND = """
    id    | version | year | value | caveats | at
    bbbb2 | 1       | 2021 | 116   | early   | char=0,3
    bbbb3 | 1       | 2022 | 170   |         | char=1000,1003
    bbbb3 | 2       | 2022 | 169   | early   | char=1000,1003
    bbbb4 | 1       | 2023 | 9     |         | char=2000,2001
"""
THIRD = """
    id    | version | year | value | caveats | at
    bbbb2 | 1       | 2021 | 116   | early   | char=0,3
    bbbb3 | 1       | 2022 | 170   |         | char=1000,1003
    bbbb3 | 2       | 2022 | 169   | early   | char=1000,1003
    bbbb3 | 3       | 2022 | 168   | early   | char=1000,1003
"""


@pytest.fixture
def three_releases(publish):
    """170, then 169, then 168; one figure ends in the second release, one is removed in the third."""
    publish(FIRST, "1.0.0", "2024-05-01")
    publish(SECOND, "2.0.0", "2024-06-01", ended=["bbbb2=Withdrawn;bbbb3"], reasons=["bbbb3=Misread"])
    publish(THIRD, "3.0.0", "2024-07-01", removed=["bbbb4=By order of a court"])


def history(api, address: str) -> list[tuple]:
    keys = ("version", "value", "printed", "added_in", "ended_in", "reason", "ended_because", "replaced_by")
    return [tuple(reading[key] for key in keys) for reading in data(api, address)]


def test_the_history_is_every_reading_with_the_reason_of_each(api, three_releases):
    assert history(api, "bbbb3/history") == [
        (1, 170, "170", "1.0.0", "2.0.0", None, None, None),
        (2, 169, "169", "2.0.0", "3.0.0", "Misread", None, None),
        (3, 168, "168", "3.0.0", None, None, None, None),
    ]
    assert history(api, "bbbb2/history") == [(1, 116, "116", "1.0.0", "2.0.0", None, "Withdrawn", "bbbb3")]


def test_each_reading_says_what_it_changed(api, three_releases):
    assert [reading["changes"] for reading in data(api, "bbbb3/history")] == [
        [],
        [
            {"field": "value", "old": 170, "new": 169},
            {"field": "printed", "old": "170", "new": "169"},
            {"field": "caveats", "old": [], "new": ["early"]},
        ],
        [{"field": "value", "old": 169, "new": 168}, {"field": "printed", "old": "169", "new": "168"}],
    ]


def test_a_release_sees_only_its_own_past(api, three_releases):
    assert history(api, "bbbb3/history?release=1.0.0") == [(1, 170, "170", "1.0.0", None, None, None, None)]
    assert api.get("/v1/observations/bbbb3/history?release=1.0.0").json()["meta"]["total"] == 1
    assert history(api, "bbbb3/history?as_of=2024-06-15") == [
        (1, 170, "170", "1.0.0", "2.0.0", None, None, None),
        (2, 169, "169", "2.0.0", None, "Misread", None, None),
    ]
    assert history(api, "bbbb2/history?release=1.0.0") == [(1, 116, "116", "1.0.0", None, None, None, None)]


def test_a_history_is_two_statements(served, three_releases):
    served.client.get("/v1/observations/bbbb3/history")
    with served.statements() as seen:
        served.client.get("/v1/observations/bbbb3/history")
    assert len(seen) == 2


LATER = "That was an earlier version. Since release 3.0.0 the figure is “168”."
ENDED = (
    "The figure was withdrawn in release 2.0.0. Reason: Withdrawn. Its last version was “116”. It was replaced by "
    "“168” (bbbb3)."
)
NEVER = "No version of this figure ever showed that value. The latest is"
STANDINGS = [
    ("bbbb3/standing", "current", 168, "The current figure is “168”."),
    ("bbbb3/standing?value=168", "current", 168, "The current figure is “168”."),
    ("bbbb3/standing?value=168.0", "current", 168, "The current figure is “168”."),
    ("bbbb3/standing?value=169", "revised", 169, LATER),
    ("bbbb3/standing?value=170", "revised", 170, LATER),
    ("bbbb3/standing?value=170&release=1.0.0", "current", 170, "The current figure is “170”."),
    ("bbbb3/standing?value=169&release=1.0.0", "unknown", 169, f"{NEVER} “170”."),
    ("bbbb3/standing?value=171", "unknown", 171, f"{NEVER} “168”."),
    ("bbbb2/standing", "ended", 116, ENDED),
    ("bbbb2/standing?value=116", "ended", 116, ENDED),
    ("bbbb2/standing?value=117", "unknown", 117, f"{NEVER} “116”."),
    ("bbbb4/standing?value=9", "removed", None, "Removed in release 3.0.0: By order of a court"),
]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_what_is_cited_opens_a_page_in_a_browser_and_is_data_for_programs(api, three_releases):
    figure = data(api, "bbbb3?release=1.0.0")
    assert figure["links"]["page"] == f"{BASE}/observations/bbbb3"
    cited = figure["links"]["cite_as"].removeprefix(BASE)
    sent = api.get(cited, headers={"Accept": BROWSER})
    assert (sent.status_code, sent.headers["location"]) == (303, "/observations/bbbb3?release=1.0.0")
    assert sent.headers["vary"] == "Accept, Accept-Encoding"
    assert api.get(sent.headers["location"]).headers["content-type"] == "text/html; charset=utf-8"
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5"):
        assert api.get(cited, headers={"Accept": accept}).json()["data"]["id"] == "bbbb3"
    assert api.get("/v1/observations/bbbb3.json", headers={"Accept": BROWSER}).json()["data"]["id"] == "bbbb3"
    assert api.get("/v1/observations/bbbb3", headers={"Accept": BROWSER}).headers["location"] == "/observations/bbbb3"


def test_a_printed_value_is_current_revised_ended_removed_or_unknown(api, three_releases):
    found = [(address, data(api, address)) for address, *_ in STANDINGS]
    assert [(address, one["status"], one["value"], one["explanation"]) for address, one in found] == STANDINGS
    told = [one["print_instead"] and one["print_instead"]["printed"] for _, one in found]
    assert told == [None, None, None, "168", "168", None, None, None, "168", "168", None, None]
    assert [one["reason"] for _, one in found] == [*[None] * 8, *["Withdrawn"] * 3, None]
    assert [one["replaced_by"] for _, one in found] == [*[None] * 8, *["bbbb3"] * 3, None]


def test_a_number_that_stayed_while_what_it_says_was_corrected_is_revised(real):
    """Who printed “700 reassessed” has something to correct, though the number is the same."""
    rows = real.client.get("/v1/standing?cited=h6xgz:700,nzzhq:700,k7m3q:1492&release=2.0.0").json()["data"]
    why = "What the sentence states is the vow to remove, so the measure is to_be_removed instead of reassessed."
    assert [(one["status"], one["reason"]) for one in rows] == [("revised", why), ("revised", why), ("current", None)]
    assert rows[0]["print_instead"]["printed"] == "700"
    assert rows[0]["explanation"] == (
        "The number is the same, but not what it says. Since release 2.0.0 the figure is “700”, with another measure."
        f" Reason: {why}"
    )
    one = real.client.get("/v1/observations/h6xgz/standing?value=700&release=2.0.0").json()["data"]
    assert one == rows[0]
    assert (
        real.client.get("/v1/observations/h6xgz/standing?value=700&release=1.2.0").json()["data"]["status"] == "current"
    )


def test_the_standing_of_many_figures_is_one_request_with_the_same_rows(api, three_releases):
    values = {"bbbb3": ("168", "169", "171"), "bbbb2": ("116", "117"), "bbbb4": ("9",)}
    asked = [(name, value) for name, several in values.items() for value in several]
    rows = api.get("/v1/standing?cited=" + ",".join(f"{name}:{value}" for name, value in asked)).json()["data"]
    assert rows == [data(api, f"{name}/standing?value={value}") for name, value in asked]
    assert [row["status"] for row in rows] == ["current", "revised", "unknown", "ended", "unknown", "removed"]
    assert api.get("/v1/standing?cited=bbbb3&cited=bbbb2:116,bbbb3").json()["data"] == [
        data(api, "bbbb3/standing"),
        data(api, "bbbb2/standing?value=116"),
    ]


def test_figures_that_do_not_exist_get_a_row_that_says_so(api, three_releases):
    rows = api.get("/v1/standing?cited=zzzzz:1,bbbb3&release=1.0.0").json()["data"]
    assert [(row["id"], row["status"]) for row in rows] == [
        ("zzzzz", "not_found"),
        ("bbbb3", "current"),
    ]
    assert rows[0]["explanation"] == "There is no observation 'zzzzz' in any release."
    assert api.get("/v1/standing?cited=bbbb2&release=3.0.0").json()["data"][0]["status"] == "ended"


def test_the_standing_of_many_figures_is_a_table(api, three_releases):
    [row] = csv.DictReader(io.StringIO(api.get("/v1/standing.csv?cited=bbbb2:116").text))
    assert row == {
        "id": "bbbb2", "status": "ended", "value": "116", "print_instead": "168", "print_instead_hedge": "",
        "print_instead_value": "168", "print_instead_id": "bbbb3", "reason": "Withdrawn", "replaced_by": "bbbb3",
        "resembles_others": "false", "disagreements": "", "explanation": ENDED,
    }  # fmt: skip


@pytest.mark.parametrize(
    "query", ["", "cited=", "cited=x", "cited=bbbb3:", "cited=bbbb3:1,492", "cited=bbbb3:many", "id=bbbb3"]
)
def test_what_was_cited_is_read_strictly(api, three_releases, query):
    answer = api.get(f"/v1/standing?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "cited" in answer.text


@pytest.mark.parametrize(
    "address", ["standing?cited=bbbb2:116,bbbb3", "observations/bbbb2/standing", "observations/bbbb2/history"]
)
def test_how_figures_stand_takes_no_catalogue_of_the_releases_in_which_they_ended(served, three_releases, address):
    served.service.releases._catalogues.clear()
    with served.statements() as seen:
        assert served.client.get(f"/v1/{address}").status_code == 200
    assert sum("FROM assessments" in one for one in seen) == 1  # of the latest release


def test_many_current_figures_take_one_statement(served, three_releases):
    served.client.get("/v1/standing?cited=bbbb3")
    with served.statements() as seen:
        served.client.get("/v1/standing?cited=bbbb3:168,bbbb3:1,bbbb3")
    assert len(seen) == 1
    with served.statements() as seen:
        served.client.get("/v1/standing?cited=bbbb3:168,bbbb3:169,bbbb3:170")
    assert len(seen) == 2  # the second for the reasons of all that were revised
    too_many = ",".join(f"bbbb3:{number}" for number in range(101))
    assert served.client.get(f"/v1/standing?cited={too_many[:400]}").status_code == 200
    repeated = "&".join(f"cited=bbbb3:{number}" for number in range(101))
    assert served.client.get(f"/v1/standing?{repeated}").status_code == 422


def test_what_to_print_instead_of_an_ended_figure_is_what_is_in_force_at_the_end_of_its_replacements(api, publish):
    rows = "id | value\n bbbb2 | 214\n bbbb3 | 230\n bbbb4 | 241"
    publish("id | value\n bbbb2 | 214", "1.0.0", "2024-05-01")
    publish("\n".join(rows.splitlines()[:3]), "2.0.0", "2024-06-01", ended=["bbbb2=Corrected.;bbbb3"])
    publish(rows, "3.0.0", "2024-07-01", ended=["bbbb3=Corrected again;bbbb4"])
    found = data(api, "bbbb2/standing?value=214")
    assert (found["status"], found["reason"], found["replaced_by"]) == ("ended", "Corrected.", "bbbb3")
    assert found["print_instead"] == {
        "id": "bbbb4",
        "value": 241,
        "printed": "241",
        "hedge": None,
        "cite_as": f"{BASE}/v1/observations/bbbb4?release=3.0.0",
    }
    assert found["explanation"] == (
        "The figure was withdrawn in release 2.0.0. Reason: Corrected. Its last version was “214”. It was replaced by "
        "“241” (bbbb4)."
    )
    assert api.get("/v1/observations/bbbb2").json()["standing"]["print_instead"]["value"] == 241
    assert data(api, "bbbb2/standing?release=1.0.0")["status"] == "current"


def test_a_chain_of_replacements_is_followed_so_far(api, publish, monkeypatch):
    monkeypatch.setattr(find_figure, "MOST_REPLACEMENTS", 1)
    rows = "id | value\n bbbb2 | 214\n bbbb3 | 230\n bbbb4 | 241"
    publish("id | value\n bbbb2 | 214", "1.0.0", "2024-05-01")
    publish("\n".join(rows.splitlines()[:3]), "2.0.0", "2024-06-01", ended=["bbbb2=Corrected.;bbbb3"])
    assert data(api, "bbbb2/standing")["print_instead"]["id"] == "bbbb3"
    publish(rows, "3.0.0", "2024-07-01", ended=["bbbb3=Corrected again;bbbb4"])
    found = data(api, "bbbb2/standing")
    assert (found["print_instead"], found["reason"], found["replaced_by"]) == (None, "Corrected.", "bbbb3")


def test_an_ended_figure_without_a_replacement_says_why_it_ended(api, publish):
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.0.0", "2024-05-01")
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "2.0.0", "2024-06-01", ended=["bbbb2=Withdrawn"])
    found = data(api, "bbbb2/standing")
    assert (found["print_instead"], found["reason"], found["replaced_by"]) == (None, "Withdrawn", None)
    assert found["explanation"] == (
        "The figure was withdrawn in release 2.0.0. Reason: Withdrawn. Its last version was “5”."
    )


def test_who_printed_a_revised_value_is_told_what_to_print_instead(api, publish):
    publish("id | value | qualifier | hedge\n bbbb2 | 990 | exact |", "1.0.0", "2024-05-01")
    publish(
        """
        id    | version | value | qualifier  | hedge  | at      | hedge_at
        bbbb2 | 1       | 990   | exact      |        | char=0,3 |
        bbbb2 | 2       | 1000  | just_under | nearly | char=9,14 | char=2,8
        """,
        "2.0.0",
        "2024-06-01",
    )
    assert data(api, "bbbb2/standing?value=990")["print_instead"] == {
        "id": "bbbb2",
        "value": 1000,
        "printed": "1,000",
        "hedge": "nearly",
        "cite_as": f"{BASE}/v1/observations/bbbb2?release=2.0.0",
    }


def test_the_records_of_an_ended_figure_are_indexed_once(served, api, publish, monkeypatch):
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.0.0", "2024-05-01")
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "2.0.0", "2024-06-01", ended=["bbbb2=Withdrawn"])
    served.service.releases._catalogues.clear()
    indexed, index = [], Catalogue.said_of_figures.func
    monkeypatch.setattr(
        Catalogue.said_of_figures, "func", lambda catalogue: indexed.append(catalogue) or index(catalogue)
    )
    for name in ("bbbb2", "bbbb2.csv", "bbbb2?bom=1"):
        assert api.get(f"/v1/observations/{name}").status_code == 200
    assert [one.seen_from for one in indexed if one.release.number == "1.0.0"] == [2]
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6\n bbbb4 | 7", "3.0.0", "2024-07-01")
    assert data(api, "bbbb2")["ended_in"] == "2.0.0"
    assert [one.seen_from for one in indexed if one.release.number == "1.0.0"] == [2, 3]


def test_an_ended_figure_is_shown_with_all_that_it_had_and_cited_from_the_last_release_that_had_it(api, publish):
    publish("id | value | caveats | population\n bbbb2 | 5 | early | cadets\n bbbb3 | 6 | |", "1.0.0", "2024-05-01")
    gone = ["bbbb2=Withdrawn", "caveat/early=Not needed", "code/population/cadets=Not needed"]
    publish("id | value | caveats | population\n bbbb2 | 5 | early | cadets\n bbbb3 | 6 | |", "2.0.0", "2024-06-01", ended=gone)  # fmt: skip
    answer = api.get("/v1/observations/bbbb2")
    assert answer.status_code == 200
    figure = answer.json()["data"]
    assert (figure["value"], figure["added_in"], figure["ended_in"]) == (5, "1.0.0", "2.0.0")
    assert figure["population"] == {"code": "cadets", "label": "Cadets"}
    assert figure["caveats"] == [{"id": "early", "text": "About early."}]
    assert figure["links"]["cite_as"] == f"{BASE}/v1/observations/bbbb2?release=1.0.0"
    assert api.get(figure["links"]["cite_as"].removeprefix(BASE)).json()["data"]["value"] == 5
    assert answer.json()["standing"]["status"] == "ended"
    (row,) = csv.DictReader(io.StringIO(api.get("/v1/observations/bbbb2.csv").text))
    assert (row["release"], row["ended_in"], BASE + row["cite_as"]) == ("1.0.0", "2.0.0", figure["links"]["cite_as"])
    assert data(api, "bbbb2/evidence")["observation"] == figure["links"]["cite_as"]
    assert read_prov(api, "bbbb2").get_record("mr:observations/bbbb2/1")


def test_a_release_whose_reading_the_law_removed_says_that_it_is_gone(api, publish):
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.0.0", "2024-05-01")
    publish("id | version | value | at\n bbbb2 | 2 | 7 | char=0,1\n bbbb3 | 1 | 6 | char=1000,1001", "2.0.0", "2024-06-01", removed=["bbbb2@1=A court"])  # fmt: skip
    assert data(api, "bbbb2")["value"] == 7
    answer = api.get("/v1/observations/bbbb2?release=1.0.0")
    assert (answer.status_code, answer.json()["code"]) == (410, "removed")
    assert answer.json()["detail"] == "Removed in release 2.0.0: A court"


PROBLEMS = [
    ("zzzzz", "", 404, "not_found"),
    ("1492", "", 404, "not_found"),
    ("bbbb2", "?release=9.9.9", 404, "unknown_release"),
    ("bbbb2", "?as_of=2024-04-30", 404, "unknown_release"),
    ("bbbb2", "?release=2.0.0", 404, "not_in_release"),
    ("bbbb3", "?relaese=1.0.0", 422, "invalid_request"),
    ("bbbb3", "?release=1.0.0&as_of=2024-05-01", 422, "invalid_request"),
]


@pytest.mark.parametrize("what", ["evidence", "prov", "history", "standing"])
def test_what_cannot_be_asked_is_a_precise_problem(api, three_releases, what):
    tells_of_ended = what in ("history", "standing")  # also under a release that a figure had left by then
    problems = [one for one in PROBLEMS if not (tells_of_ended and one[3] == "not_in_release")]
    answers = [api.get(f"/v1/observations/{one}/{what}{query}") for one, query, *_ in problems]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (status, code) for _, _, status, code in problems
    ]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


def test_what_the_law_removed_is_gone_with_its_evidence(api, three_releases):
    for what in ("evidence", "prov", "history"):
        answer = api.get(f"/v1/observations/bbbb4/{what}")
        assert (answer.status_code, answer.json()["code"], answer.json()["removed_in"]) == (410, "removed", "3.0.0")


def test_a_nonsense_value_is_a_precise_problem(api, three_releases):
    for value in ("", "x", "1_000", "1,000", "%201", "NaN", "1e9", "1&value=2"):
        answer = api.get(f"/v1/observations/bbbb3/standing?value={value}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "value"), value


# Checks and disagreements travel with the figures

ASSESSED = {
    **disagreement_reasons(),
    "checks.yaml": json.dumps(
        [
            {"id": "all", "version": 1, "type": "sum_of_parts", "title": "All?", "whole": "bbbb2", "parts": ["bbbb3", "bbbb4"], "explanation": "Some are missing."},
            {"id": "few", "version": 1, "type": "subset", "title": "Few?", "whole": "bbbb2", "parts": ["bbbb4"]},
        ]
    ),
    "disagreements.yaml": json.dumps(
        [
            {
                "id": "how-many", "version": 1, "title": "10 or 4", "question": "How many?", "members": ["bbbb2", "bbbb3"],
                "reasons": ["definition", "unknown"], "explanation": "Nobody knows.",
                "answers": [{"question": "How many in all?", "observation": "bbbb2"}],
            }
        ]
    ),
}  # fmt: skip
TEN = "id | value | counting_unit\n bbbb2 | 10 | people\n bbbb3 | 4 | cases\n bbbb4 | 5 | people\n bbbb5 | 1 | people"


def test_every_figure_carries_the_checks_and_disagreements_that_touch_it(api, publish):
    publish(TEN, files=ASSESSED)
    figures = api.get("/v1/observations?sort=id&detail=full").json()["data"]
    unlike, holds = {"id": "all", "result": "undecidable"}, {"id": "few", "result": "holds"}
    assert [(figure["id"], figure["checks"], figure["disagreements"]) for figure in figures] == [
        ("bbbb2", [unlike, holds], ["how-many"]),
        ("bbbb3", [unlike], ["how-many"]),
        ("bbbb4", [unlike, holds], []),
        ("bbbb5", [], []),
    ]
    rows = csv.DictReader(io.StringIO(api.get("/v1/observations.csv?sort=id&detail=full").text))
    assert [(row["id"], row["checks"], row["disagreements"]) for row in rows] == [
        ("bbbb2", "all:undecidable few:holds", "how-many"),
        ("bbbb3", "all:undecidable", "how-many"),
        ("bbbb4", "all:undecidable few:holds", ""),
        ("bbbb5", "", ""),
    ]


def test_a_figure_in_a_disagreement_stands_and_resembles_others(api, publish):
    publish(TEN, files=ASSESSED)
    found = data(api, "bbbb2/standing?value=10")
    assert (found["status"], found["resembles_others"], found["disagreements"]) == ("current", True, ["how-many"])
    found = data(api, "bbbb4/standing")
    assert (found["status"], found["resembles_others"], found["disagreements"]) == ("current", False, [])


def test_a_check_is_shown_with_what_it_comes_to(api, publish):
    publish(TEN, files=ASSESSED)
    check = api.get("/v1/checks/all").json()["data"]
    assert (check["type"], check["whole"], check["parts"]) == ("sum_of_parts", "bbbb2", ["bbbb3", "bbbb4"])
    assert check["outcome"] == {
        "result": "undecidable", "stated": 10, "computed": 9, "unlike": ["counting_unit"], "missing_years": [],
    }  # fmt: skip
    assert [one["id"] for one in api.get("/v1/checks").json()["data"]] == ["all", "few"]
    rows = list(csv.DictReader(io.StringIO(api.get("/v1/checks.csv").text)))
    assert [(row["id"], json.loads(row["outcome"])["result"]) for row in rows] == [
        ("all", "undecidable"), ("few", "holds"),
    ]  # fmt: skip
    assert [(row["asserted"], row["result"], row["stated"], row["computed"], row["unlike"]) for row in rows] == [
        ("false", "undecidable", "10", "9", "counting_unit"), ("false", "holds", "10", "5", ""),
    ]  # fmt: skip
    table = polars.read_parquet(io.BytesIO(api.get("/v1/checks.parquet").content))
    assert (table["stated"].to_list(), table["computed"].to_list()) == ([10, 10], [9, 5])
    assert table.schema["stated"] == table.schema["computed"] == polars.Float64
    assert rows[0]["parts"] == "bbbb3 bbbb4"


def test_a_disagreement_is_shown_with_its_figures_and_where_each_is_printed(api, publish):
    publish(TEN, files=ASSESSED)
    found = api.get("/v1/disagreements/how-many").json()["data"]
    assert (found["reasons"], found["explanation"]) == (["definition", "unknown"], "Nobody knows.")
    assert found["answers"] == [{"question": "How many in all?", "observation": "bbbb2"}]
    relations = found["computed"]["dimensions"]
    assert [name for name, relation in relations.items() if relation != "same"] == ["counting_unit"]
    assert relations["counting_unit"] == "different"
    assert found["computed"]["evidence"] == [{"origin": "paper", "observations": ["bbbb2", "bbbb3"]}]
    assert [
        (one["id"], one["value"], one["counting_unit"], one["source"], one["at"])
        for one in found["computed"]["figures"]
    ] == [("bbbb2", 10, "people", "paper", "char=0,2"), ("bbbb3", 4, "cases", "paper", "char=1000,1001")]


def test_what_a_check_comes_to_is_that_of_its_release(api, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    publish("""
        id    | version | value | counting_unit | at
        bbbb2 | 1       | 10    | people        | char=0,2
        bbbb3 | 1       | 4     | cases         | char=1000,1001
        bbbb3 | 2       | 5     | people        | char=1000,1001
        bbbb4 | 1       | 5     | people        | char=2000,2001
        bbbb5 | 1       | 1     | people        | char=3000,3001
        """, "2.0.0", "2024-06-01", files=ASSESSED)  # fmt: skip
    results = [api.get(f"/v1/checks/all?release={number}").json()["data"]["outcome"] for number in ("1.0.0", "2.0.0")]
    assert [(outcome["result"], outcome["computed"], outcome["unlike"]) for outcome in results] == [
        ("undecidable", 9, ["counting_unit"]),
        ("holds", 10, []),
    ]


def test_an_assessment_of_what_the_law_removed_is_taken_back_in_every_release(api, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    publish(
        "id | value | counting_unit | at\n bbbb2 | 10 | people | char=0,2\n bbbb4 | 5 | people | char=2000,2001\n bbbb5 | 1 | people | char=3000,3001\n bbbb6 | 1 | cases | char=4000,4001",
        "2.0.0", "2024-06-01", removed=["bbbb3=A court"], files=ASSESSED,
    )  # fmt: skip
    for number in ("1.0.0", "2.0.0"):
        assert api.get(f"/v1/checks/all?release={number}").json()["data"]["outcome"] is None
        assert api.get(f"/v1/disagreements/how-many?release={number}").json()["data"]["computed"] is None
        assert data(api, f"bbbb2?release={number}")["checks"] == [{"id": "few", "result": "holds"}]
    assert api.get("/v1/checks.csv").status_code == api.get("/v1/disagreements.csv").status_code == 200


def test_a_misspelt_record_is_404_and_a_kind_without_records_an_empty_list(api, publish):
    publish("id | value\n bbbb2 | 5")
    for kind in ("checks", "disagreements", "corrections", "non-publications"):
        assert api.get(f"/v1/{kind}").json()["data"] == []
        answer = api.get(f"/v1/{kind}/how-mny")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_misspelt_check_gets_the_right_one_named(api, publish):
    publish(TEN, files=ASSESSED)
    assert "Did you mean how-many?" in api.get("/v1/disagreements/how-mny").json()["detail"]


# Corrections and non-publications

KNOWN = {
    "corrections.yaml": json.dumps(
        [
            {
                "id": "wrong-year", "version": 1, "source": "paper", "at": "char=50,54", "printed": "2022", "reading": "It was in 2022.",
                "other_source": "letter", "other_reading": "It was in 2021.", "explanation": "2021 is right.", "affects": ["bbbb2"],
                "notes": {"other_at": "Not held.", "other_printed": "Not held.", "publisher_told": "Not yet."},
            }
        ]
    ),
    "non-publications.yaml": json.dumps(
        [
            {
                "id": "not-yet", "version": 1, "asked": "force", "asked_by": "A paper", "law": "Freedom of Information Act 2000", "ground": "Section 22",
                "since": "2024-02", "until": "2024", "source": "paper", "at": "char=10,20", "printed": "section 22", "what": "Figures by year.",
                "explanation": "Later.", "covers": {"area": ["E23000001"], "category": ["sexual_assault"], "years": [2021, 2022, 2023]},
            }
        ]
    ),
}  # fmt: skip
YEARS = """
    id    | category          | origin | year | value
    bbbb2 | sexual_assault    | letter | 2020 | 5
    bbbb3 | sexual_assault    |        | 2022 | 6
    bbbb4 | sexual_assault    |        | 2024 | 7
    bbbb5 | sexual_harassment |        | 2020 | 8
    bbbb6 | sexual_harassment |        | 2022 | 9
"""


def test_a_correction_has_both_readings_and_where_each_stands(api, publish):
    publish(YEARS, files=KNOWN)
    [found] = api.get("/v1/corrections").json()["data"]
    assert found == api.get("/v1/corrections/wrong-year").json()["data"]
    assert (found["source"], found["at"], found["printed"], found["reading"]) == (
        "paper", "char=50,54", "2022", "It was in 2022.",
    )  # fmt: skip
    assert (found["other_source"], found["other_at"], found["other_reading"]) == ("letter", None, "It was in 2021.")
    assert found["notes"]["other_at"] == "Not held."
    assert found["affects"] == ["bbbb2"]


def test_a_non_publication_says_who_was_asked_under_which_law_and_until_when(api, publish):
    publish(YEARS, files=KNOWN)
    [found] = api.get("/v1/non-publications").json()["data"]
    assert found == api.get("/v1/non-publications/not-yet").json()["data"]
    assert [found[key] for key in ("asked", "law", "ground", "since", "until")] == [
        "force", "Freedom of Information Act 2000", "Section 22", "2024-02", "2024",
    ]  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(api.get("/v1/non-publications.csv").text))
    assert json.loads(row["covers"])["years"] == [2021, 2022, 2023]


def test_a_gap_that_a_non_publication_covers_says_so_and_others_do_not(api, publish):
    publish(YEARS, files=KNOWN)
    rows = api.get("/v1/allegations/by-year").json()["data"]
    assert [(row["category"]["code"], row["values"], row["gaps"], row["non_publications"]) for row in rows] == [
        ("sexual_assault", {"2020": 5, "2021": None, "2022": 6, "2023": None, "2024": 7},
         {"2021": "withheld", "2023": "withheld"}, {"2021": "not-yet", "2023": "not-yet"}),
        ("sexual_harassment", {"2020": 8, "2021": None, "2022": 9, "2023": None, "2024": None},
         {"2021": "not_stated", "2023": "outside_window", "2024": "outside_window"}, {}),
    ]  # fmt: skip
    table = list(csv.DictReader(io.StringIO(api.get("/v1/allegations/by-year.csv").text)))
    assert [(row["gaps"], row["non_publications"]) for row in table] == [
        ("2021:withheld 2023:withheld", "2021:not-yet 2023:not-yet"),
        ("2021:not_stated 2023:outside_window 2024:outside_window", ""),
    ]
    cube = api.get("/v1/allegations/by-year.jsonstat").json()
    statuses = cells_of(cube, "status", "category", "year")
    found = [statuses["sexual_assault", year] for year in ("2021", "2023")]
    assert [*found, statuses["sexual_harassment", "2021"]] == ["withheld", "withheld", "not_stated"]
    assert cells_of(cube, "non_publications", "category", "year") == {
        ("sexual_assault", "2021"): "not-yet",
        ("sexual_assault", "2023"): "not-yet",
    }


def test_a_financial_year_can_be_withheld(api, publish):
    refusals = KNOWN["non-publications.yaml"].replace("[2021, 2022, 2023]", '["2020/21", 2021, "2022/23"]')
    publish(
        "id | period_type | period_start | value\n bbbb2 | year | 2019-04 | 5\n bbbb3 | year | 2021-04 | 6",
        files={"non-publications.yaml": refusals.replace("sexual_assault", "any_misconduct")},
    )
    (row,) = api.get("/v1/allegations/by-year").json()["data"]
    assert (row["gaps"], row["non_publications"]) == ({"2020/21": "withheld"}, {"2020/21": "not-yet"})
    assert api.get("/v1/non-publications").json()["data"][0]["covers"]["years"] == ["2020/21", 2021, "2022/23"]


def test_totals_and_assessments_told_before_a_removal_are_not_told_again(api, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    before = api.get("/v1/observations?release=1.0.0&columns=id,disagreements").json()
    assert (before["meta"]["total"], before["data"][0]["disagreements"]) == (4, ["how-many"])
    publish(
        "id | value | counting_unit\n bbbb2 | 10 | people\n bbbb3 | 4 | cases\n bbbb4 | 5 | people",
        "2.0.0", "2024-06-01", removed=["bbbb5=A court"], files=ASSESSED,
    )  # fmt: skip
    after = api.get("/v1/observations?release=1.0.0").json()
    assert (after["meta"]["total"], len(after["data"])) == (3, 3)


def test_the_contract_says_that_a_printed_value_is_one_number(real):
    operation = real.client.get("/openapi.json").json()["paths"]["/v1/observations/{observation_id}/standing"]["get"]
    [value] = [one for one in operation["parameters"] if one["name"] == "value"]
    assert (value["schema"], value["example"], value["required"]) == ({"type": "number"}, 1492, False)
    assert value["description"].startswith("The value that you published.")
    assert "`unknown`" in operation["description"]


def test_the_links_of_many_standings_lead_to_them_again(real):
    answer = real.client.get("/v1/standing?cited=k7m3q:1492,gb7nr&cited=cxqbc").json()
    for name in ("self", "pinned"):
        again = real.client.get(answer["links"][name].removeprefix("http://localhost:8000"))
        assert (again.status_code, again.json()["data"]) == (200, answer["data"])
    refused = real.client.get("/v1/standing?cited=k7m3q:1,492").json()
    assert "in plain digits: k7m3q:1492" in refused["errors"][0]["detail"]
