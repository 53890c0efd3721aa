"""The OpenAPI document is committed, and answers have the shape that it promises."""

import json
from pathlib import Path

import pytest

from misconduct.api import figure_schemas, schemas
from misconduct.main import create_api

COMMITTED = Path(__file__).parents[2] / "openapi/openapi.json"

ANSWERS = [
    ("/v1/observations?columns=all&limit=1000", schemas.FigureListAnswer),
    ("/v1/allegations", schemas.FigureListAnswer),
    ("/v1/observations/w7vf8", figure_schemas.FigureAnswer),
    ("/v1/observations/fjrrv?release=1.0.0", figure_schemas.FigureAnswer),
    ("/v1/observations/gb7nr", figure_schemas.FigureAnswer),
    ("/v1/standing?cited=k7m3q:1492,h6xgz:700,bcdfg", figure_schemas.StandingListAnswer),
    ("/v1/changes?kind=all&limit=1000", figure_schemas.ChangeListAnswer),
    ("/v1/compare?id=k7m3q&id=gb7nr", figure_schemas.ComparisonAnswer),
    ("/v1/datasets", schemas.RecordListAnswer),
    ("/v1/datasets/allegations", schemas.RecordAnswer),
    ("/v1/sources", schemas.RecordListAnswer),
    ("/v1/codelists/measure", schemas.RecordAnswer),
    ("/v1/releases", schemas.ReleaseListAnswer),
    ("/v1/releases/latest", schemas.ReleaseAnswer),
    ("/v1/nothing", schemas.ProblemDocument),
    ("/v1/observations?year=22&colour=red", schemas.ProblemDocument),
]


def test_the_committed_document_is_that_of_the_program():
    assert json.loads(COMMITTED.read_text()) == create_api().openapi(), "run `make openapi`"


@pytest.mark.parametrize(("address", "model"), ANSWERS)
def test_answers_have_the_promised_shape(client, address, model):
    model.model_validate_json(client.get(address).content)


def test_the_service_answers_its_own_document(client):
    answer = client.get("/openapi.json")
    assert answer.json() == json.loads(COMMITTED.read_text())
