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
    ("/v1/observations?columns=all&limit=1000", shapes.FigureListAnswer),
    ("/v1/allegations", shapes.FigureListAnswer),
    ("/v1/observations/by-year?limit=100", shapes.ByYearAnswer),
    ("/v1/observations/by-year?shape=long&limit=100", shapes.ByYearAnswer),
    ("/v1/suspensions/by-year?shape=long", shapes.ByYearAnswer),
    ("/v1/observations/w7vf8", shapes.FigureAnswer),
    ("/v1/observations/fjrrv?release=1.0.0", shapes.FigureAnswer),
    ("/v1/indicators", shapes.IndicatorListAnswer),
    ("/v1/indicators/complaints", shapes.TableAnswer),
    ("/v1/indicators/complaints?columns=all&all=1", shapes.TableAnswer),
    ("/v1/indicators/complaints?area=gb_wls,gb_eaw&wide=1", shapes.TableAnswer),
    ("/v1/areas", shapes.AreaListAnswer),
    ("/v1/areas/E23000001,gb_eaw", shapes.TableAnswer),
    ("/v1/observations?release=1.0.0", ProblemDocument),
    ("/v1/observations/gb7nr", shapes.FigureAnswer),
    ("/v1", shapes.Start),
    ("/v1/standing?id=k7m3q:1492,h6xgz:700,bcdfg", shapes.StandingListAnswer),
    ("/v1/changes?limit=1000", shapes.ChangeListAnswer),
    ("/v1/notes", shapes.NoteListAnswer),
    ("/v1/notes/how-many-were-accused", shapes.NoteAnswer),
    ("/v1/notes/accusation_not_finding", shapes.NoteAnswer),
    ("/v1/codes", shapes.CodeListAnswer),
    ("/v1/sources", shapes.SourceListAnswer),
    ("/v1/sources/police-oracle-2023-met-review", shapes.SourceAnswer),
    ("/v1/releases", shapes.ReleaseListAnswer),
    ("/v1/releases/2.0.0", shapes.ReleaseAnswer),
    ("/v1/nothing", ProblemDocument),
    ("/v1/observations?year=22&colour=red", ProblemDocument),
]


def test_the_committed_document_is_that_of_the_program():
    assert json.loads(COMMITTED.read_text()) == create_api().openapi(), (
        "run `make openapi`"
    )


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
        ("/v1/observations?year=22", "/v1/observations", 422, {}),
        ("/v1/observations", "/v1/observations", 406, {"Accept": "audio/*"}),
        ("/v1/notes", "/v1/notes", 406, {"Accept": "image/png"}),
        ("/v1/observations/zzzzz", "/v1/observations/{id}", 404, {}),
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
        ("/v1/observations.csv", "/v1/observations.{format}"),
        ("/v1/allegations.parquet", "/v1/{dataset}.{format}"),
        ("/v1/observations/by-year.xlsx?limit=3", "/v1/observations/by-year.{format}"),
        ("/v1/allegations/by-year.svg?limit=3", "/v1/{dataset}/by-year.{format}"),
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
