"""The OpenAPI document is committed, and answers have the shape that it promises."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from misconduct.api.problems import ProblemDocument
from misconduct.main import create_api
from misconduct.model import shapes

COMMITTED = Path(__file__).parents[2] / "openapi/openapi.json"

ANSWERS = [
    ("/v1/figures?columns=all&limit=1000", shapes.TableAnswer),
    ("/v1/figures?value=1492", shapes.TableAnswer),
    ("/v1/figures?q=unicorns", shapes.TableAnswer),
    ("/v1/allegations", shapes.TableAnswer),
    ("/v1/allegations/by-year", shapes.TableAnswer),
    ("/v1/suspensions/by-year?year=2019..2020", shapes.TableAnswer),
    ("/v1/figures/w7vf8", shapes.FigureAnswer),
    ("/v1/figures/fjrrv?release=1.0.0", shapes.FigureAnswer),
    ("/v1/figures/gb7nr", shapes.FigureAnswer),
    ("/v1/indicators", shapes.IndicatorListAnswer),
    ("/v1/indicators/complaints", shapes.TableAnswer),
    ("/v1/indicators/complaints?columns=all&all=1", shapes.TableAnswer),
    ("/v1/indicators/complaints?area=gb_wls,gb_eaw&wide=1", shapes.TableAnswer),
    ("/v1/areas", shapes.AreaListAnswer),
    ("/v1/areas/E23000001,gb_eaw", shapes.TableAnswer),
    ("/v1/charts/hotline", shapes.TableAnswer),
    ("/v1/figures?release=1.0.0", ProblemDocument),
    ("/v1/standing?id=k7m3q:1492,h6xgz:700,bcdfg", shapes.StandingListAnswer),
    ("/v1/changes?limit=1000", shapes.ChangeListAnswer),
    ("/v1/sources", shapes.SourceListAnswer),
    ("/v1/charts", shapes.ChartListAnswer),
    ("/v1/codes", shapes.CodeListAnswer),
    ("/v1/releases", shapes.ReleaseListAnswer),
    ("/v1/releases/2.0.0", shapes.ReleaseAnswer),
    ("/v1/nothing", ProblemDocument),
    ("/v1/figures?year=22&colour=red", ProblemDocument),
]


def test_the_committed_document_is_that_of_the_program():
    assert json.loads(COMMITTED.read_text()) == create_api().openapi(), (
        "run `make openapi`"
    )


USERS = {
    "a newsroom app",
    "a researcher",
    "another service",
    "a local reporter",
    "someone with a number",
    "a fact-checker",
    "an editor",
    "somebody who finds an error",
    "an operator",
    "an engineer",
}


def test_each_operation_says_who_it_is_for():
    operations = [
        operation
        for operations in json.loads(COMMITTED.read_text())["paths"].values()
        for operation in operations.values()
    ]
    for operation in operations:
        last = operation["description"].rpartition("\n\n")[2]
        users = last.removeprefix("For ").removesuffix(".").replace(" and ", ", ")
        assert {*users.split(", ")} <= USERS, operation["operationId"]


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


@pytest.mark.parametrize(("address", "model"), ANSWERS)
def test_answers_have_the_promised_shape(client, address, model):
    TypeAdapter(model).validate_json(client.get(address).content)


@pytest.mark.parametrize(
    ("path", "operation", "status", "headers"),
    [
        ("/v1/figures?year=22", "/v1/figures", 422, {}),
        ("/v1/figures", "/v1/figures", 406, {"Accept": "audio/*"}),
        ("/v1/sources", "/v1/sources", 406, {"Accept": "image/png"}),
        ("/v1/figures/zzzzz", "/v1/figures/{id}", 404, {}),
        ("/v1/changes.atom?since=9.0.0", "/v1/changes.atom", 422, {}),
        ("/oembed?url=/charts/hotline&format=xml", "/oembed", 501, {}),
        ("/v1/releases/9/all.zip", "/v1/releases/{number}/all.zip", 404, {}),
    ],
)
def test_errors_are_sent_as_they_are_declared(client, path, operation, status, headers):
    document = json.loads(COMMITTED.read_text())
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    declared = document["paths"][operation]["get"]["responses"][str(status)]["content"]
    assert declared == {
        answer.headers["content-type"]: {
            "schema": {"$ref": "#/components/schemas/ProblemDocument"}
        }
    }
    TypeAdapter(ProblemDocument).validate_json(answer.content)


def test_no_error_is_declared_as_plain_json():
    document = json.loads(COMMITTED.read_text())
    operations = [
        operation for path in document["paths"].values() for operation in path.values()
    ]
    errors = [
        (status, one)
        for each in operations
        for status, one in each["responses"].items()
        if status >= "400"
    ]
    assert {media_type for _, one in errors for media_type in one["content"]} == {
        "application/problem+json"
    }
    assert {"ProblemDocument", "FaultOfRequest"} <= document["components"][
        "schemas"
    ].keys()


def test_an_address_of_json_declares_no_other_format():
    found = []
    for path, operations in json.loads(COMMITTED.read_text())["paths"].items():
        for operation in operations.values():
            content = operation["responses"].get("200", {}).get("content", {})
            found += (
                [path] if "application/json" in content and len(content) > 1 else []
            )
    assert found == []


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1/figures.csv", "/v1/figures.{format}"),
        ("/v1/allegations.parquet", "/v1/{topic}.{format}"),
        ("/v1/allegations/by-year.xlsx", "/v1/{topic}/by-year.{format}"),
        ("/v1/indicators/complaints.svg?area=gb_eaw", "/v1/indicators/{id}.{format}"),
        ("/v1/areas/met.csv", "/v1/areas/{codes}.{format}"),
        ("/v1/standing.csv?id=k7m3q", "/v1/standing.csv"),
        ("/v1/codes.csv?type=people", "/v1/codes.csv"),
    ],
)
def test_files_are_sent_as_they_are_declared(client, path, operation):
    declared = json.loads(COMMITTED.read_text())["paths"][operation]["get"][
        "responses"
    ]["200"]["content"]
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] in declared


def test_the_service_answers_its_own_document(client):
    answer = client.get("/openapi.json")
    assert answer.json() == json.loads(COMMITTED.read_text())


def test_the_first_answer_leads_to_answers(client):
    start = client.get("/v1").json()
    links = [one["url"] for one in (*start["questions"], *start["topics"])]
    assert len(links) == 15
    for link in links:
        path = link.removeprefix(str(client.base_url).rstrip("/"))
        assert client.get(path).status_code == 200, link
