"""The contract: what is documented is what is answered, and the committed OpenAPI is the one of this code."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from misconduct import errors
from misconduct.api.documentation import EXAMPLES, make_openapi
from misconduct.main import create_api
from misconduct.settings import Settings
from tests.conftest import PROJECT

COMMITTED = PROJECT / "openapi" / "openapi.json"
SCHEMA: dict[str, Any] = json.loads(COMMITTED.read_text())

REAL_ADDRESSES = [
    "/v1/observations",
    "/v1/observations?value=1071",
    "/v1/observations?limit=3",
    "/v1/observations?columns=category_label,stated_by_label",
    "/v1/observations/by-year?columns=category_label,stated_by_label",
    "/v1/observations/by-year?shape=long&columns=category_label,stated_by_label",
    "/v1/observations?category=sexual_assault&year=1999",
    "/v1/observations/k7m3q",
    "/v1/observations/by-year",
    "/v1/allegations",
    "/v1/allegations/by-year",
    "/v1/duty-status",
    "/v1/vetting-checks",
    "/v1/case-reviews",
    "/v1/reports",
    "/v1/workforce",
    "/v1/public-trust",
    "/v1",
    "/v1/columns",
    "/v1/caveats",
    "/v1/datasets",
    "/v1/datasets/allegations?category=sexual_assault&parts=exclude",
    "/v1/datasets/allegations",
    "/v1/codelists",
    "/v1/codelists/category",
    "/v1/sources",
    "/v1/sources/police-oracle-2023-met-review",
    "/v1/releases",
    "/v1/releases/1.0.0",
    "/v1/releases/1.0.0/changes",
    "/v1/releases/1.1.0/changes",
    "/v1/changes?since=1.0.0",
    "/v1/changes?kind=code&action=revised",
    "/v1/allegations/changes",
    "/v1/observations/k7m3q/changes",
    "/v1/disagreements/how-many-were-accused/changes",
    "/v1/releases/1.1.0/files",
    "/v1/observations/k7m3q/evidence",
    "/v1/observations/k7m3q/prov",
    "/v1/observations/k7m3q/history",
    "/v1/observations/rc2q5/history",
    "/v1/observations/k7m3q/standing?value=1492",
    "/v1/standing?cited=k7m3q:1492,k7m3q:3,zzzzz",
    "/v1/compare?id=k7m3q&id=gb7nr",
    "/v1/checks",
    "/v1/checks/split-of-the-1131",
    "/v1/disagreements",
    "/v1/disagreements/how-many-were-accused",
    "/v1/corrections",
    "/v1/non-publications",
    "/v1/non-publications/met-sexual-allegation-figures-section-22",
    "/v1/corrections/murder-dated-2022",
    "/v1/observations/k7m3q/citation",
    "/v1/observations/rc2q5/citation?release=1.0.0",
    "/v1/datasets/allegations/citation",
    "/v1/datasets/allegations/dcat",
    "/v1/datasets/allegations/schema-org",
    "/v1/releases/1.0.0/citation",
    "/v1/releases/1.1.0/dcat",
    "/v1/releases/1.1.0/schema-org",
    "/v1/dcat",
    "/v1/config",
    "/healthz",
    "/readyz",
]


def validate(document: Any, operation: dict[str, Any], status: int) -> None:
    content = operation["responses"][str(status)]["content"]
    schema = content["application/json" if status == 200 else "application/problem+json"]["schema"]
    jsonschema.validate(document, {**schema, "components": SCHEMA["components"]})


def operation_of(address: str) -> dict[str, Any]:
    """The most specific documented path that an address fits."""
    path = address.partition("?")[0].split("/")
    fitting = [
        template
        for template in SCHEMA["paths"]
        if len(parts := template.split("/")) == len(path)
        and all(part.startswith("{") or part == own for part, own in zip(parts, path, strict=True))
    ]
    return SCHEMA["paths"][min(fitting, key=lambda template: template.count("{"))]["get"]


def test_the_committed_openapi_is_the_one_of_this_code():
    settings = Settings(port=8000, base_url=None)
    current = make_openapi(create_api(settings), settings.public_url)
    assert json.loads(json.dumps(current)) == SCHEMA, "run `make openapi` and commit openapi/openapi.json"


def test_a_python_without_docstrings_is_refused():
    """`/docs` was a 500 with it."""
    code = "from misconduct.main import create_app; create_app()"
    ended = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "Python has left out the docstrings" in ended.stderr


@pytest.mark.parametrize("address", REAL_ADDRESSES)
def test_a_real_answer_is_what_openapi_says(real, address):
    answer = real.client.get(address)
    assert answer.status_code == 200
    validate(answer.json(), operation_of(address), 200)


@pytest.mark.parametrize("address", [one for one in REAL_ADDRESSES if one.startswith("/v1/")])
def test_the_links_of_a_real_answer_lead_somewhere(real, address):
    links = real.client.get(address).json().get("links", {})
    for name in {"self", "pinned", "next", "csv", "page"} & links.keys():
        if links[name] is not None:
            answer = real.client.get(links[name].removeprefix(real.service.base_url))
            assert answer.status_code == 200, links[name]
            assert answer.headers["content-type"].startswith("text/csv") == (name == "csv")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/v1/observations?catgory=x", 422, "invalid_request"),
        ("/v1/observations?cursor=abc", 422, "invalid_cursor"),
        ("/v1/observations?release=9.9.9", 404, "unknown_release"),
        ("/v1/observations?as_of=1999-01-01", 404, "unknown_release"),
        ("/v1/observations/zzzzz", 404, "not_found"),
        ("/v1/allegation", 404, "not_found"),
        ("/v1/sources/nowhere", 404, "not_found"),
        ("/v1/observations?" + "a" * 20_000, 414, "request_too_long"),
    ],
)
def test_a_real_problem_is_what_openapi_says(real, address, status, code):
    answer = real.client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    validate(answer.json(), operation_of(address), status)


def test_oembed_answers_what_openapi_says(real):
    answers = SCHEMA["paths"]["/oembed"]["get"]["responses"]
    assert {*answers} == {"200", "304", "404", "410", "414", "422", "429", "500", "503"}
    address = f"/oembed?url={real.service.base_url}/charts/how-many-were-accused"
    found = real.client.get(address)
    validate(found.json(), operation_of(address), 200)
    assert real.client.get(address, headers={"If-None-Match": found.headers["etag"]}).status_code == 304


NONE_HERE = ("/v1/mappings/{mapping_id}", "/v1/tables/{table_id}")
"""Records that the register has none of; tests/api/test_counted.py has some."""


def test_every_example_in_the_openapi_document_is_real(real):
    """Each operation, asked with the documented example of each of its parameters, one by one, answers."""
    for template, methods in SCHEMA["paths"].items():
        path, needed, others = template, {}, {}
        for parameter in methods["get"].get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", parameter["schema"]["examples"][0])
            elif parameter["in"] == "query":
                (needed if parameter["required"] else others)[parameter["name"]] = parameter["example"]
        if template in NONE_HERE:
            listing = template.rpartition("/")[0]
            assert (real.client.get(listing).json()["data"], real.client.get(path).status_code) == ([], 404), path
            continue
        assert real.client.get(path, params=needed).status_code == 200, path
        for name, example in others.items():
            if name != "cursor":
                answer = real.client.get(path, params={**needed, name: example})
                assert answer.status_code == 200, (path, name, example, answer.text)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_answer_in_the_openapi_document_is_the_real_one(real, name):
    address = EXAMPLES[name]
    answer = real.client.get(address, headers={"X-Request-Id": "example"})
    again = f"curl -sH 'X-Request-Id: example' 'localhost:8000{address}' | python3 -m json.tool --no-ensure-ascii"
    assert SCHEMA["components"]["examples"][name]["value"] == answer.json(), (
        f"with `make serve` running: {again} > app/misconduct/api/examples/{name}.json; make openapi"
    )
    validate(answer.json(), operation_of(address), answer.status_code)


def test_figures_years_and_mistakes_have_an_example_answer():
    shown = {
        name
        for methods in SCHEMA["paths"].values()
        for response in methods["get"]["responses"].values()
        for content in response.get("content", {}).values()
        for name in content.get("examples", {})
    }
    assert shown == set(EXAMPLES)


CONTENTS = [
    pytest.param(media_type, content["schema"], id=f"{template} {status} {media_type}")
    for template, methods in SCHEMA["paths"].items()
    for status, response in methods["get"]["responses"].items()
    for media_type, content in response.get("content", {}).items()
]


@pytest.mark.parametrize(("media_type", "schema"), CONTENTS)
def test_every_media_type_is_typed_as_what_it_is(media_type, schema):
    """Generated clients go by it: an object with a name, a text, or bytes."""
    if media_type in ("application/json", "application/problem+json"):
        assert list(schema) == ["$ref"]
    elif media_type in ("application/json-stat+json", "application/ld+json", "application/vnd.vegalite.v6+json"):
        assert schema["type"] == "object"
    elif media_type in (
        "text/csv",
        "text/html",
        "image/svg+xml",
        "application/jsonl",
        "application/atom+xml",
        *CITATIONS,
    ):
        assert schema == {"type": "string"}
    else:
        assert schema == {"type": "string", "format": "binary"}


CITATIONS = ("application/x-bibtex", "application/x-research-info-systems", "application/vnd.citationstyles.csl+json")


def test_every_group_of_operations_is_described():
    described = {tag["name"] for tag in SCHEMA["tags"] if tag["description"]}
    used = [methods["get"]["tags"] for methods in SCHEMA["paths"].values()]
    assert {tag for [tag] in used} == described


def test_every_problem_in_the_openapi_document_is_ours():
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(SCHEMA["components"]["schemas"])


def test_operation_ids_are_unique_verbs():
    ids = [methods["get"]["operationId"] for methods in SCHEMA["paths"].values()]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not name.startswith(("list_", "read_", "compare_", "healthz", "readyz"))] == []


def test_every_problem_has_a_name_of_its_own():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ApiProblem)]
    codes = [kind.code for kind in kinds if kind is not errors.ApiProblem]
    assert len(set(codes)) == len(codes)
    assert all(kind.__doc__ for kind in kinds)


load_all_checks()
positive_data_acceptance = CHECKS.get_one("positive_data_acceptance")
refusals = {"negative_data_rejection": {"expected-statuses": ["404", "406", "414", "422"]}}
schema = schemathesis.openapi.from_dict(SCHEMA, config=schemathesis.Config.from_dict({"checks": refusals}))


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_nothing_that_schemathesis_sends_gets_an_undocumented_answer(case, real):
    # What a schema cannot say: which codes the register has, and which parameters contradict each other.
    case.call_and_validate(base_url=real.url, excluded_checks=[positive_data_acceptance])
