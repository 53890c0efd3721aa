"""A client that is generated from the OpenAPI document reads what the service answers. See also strict.sh."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "openapi/openapi.json"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package that openapi-python-client makes."""
    folder = tmp_path_factory.mktemp("generated") / "register_client"
    tools = Path(sys.executable).parent
    command = [
        tools / "openapi-python-client",
        "generate",
        "--fail-on-warning",
        "--meta",
        "none",
        "--path",
        DOCUMENT,
    ]
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"  # it tidies up with ruff, and warns if that is not there
    environment = os.environ | {"PATH": path}
    subprocess.run(
        [*command, "--output-path", folder],
        check=True,
        capture_output=True,
        env=environment,
    )
    sys.path.insert(0, str(folder.parent))
    yield importlib.import_module("register_client")
    sys.path.remove(str(folder.parent))


def find(name, group="figures"):
    return importlib.import_module(f"register_client.api.{group}.{name}")


@pytest.mark.filterwarnings("ignore")
def test_a_generated_client_reads_figures_and_problems(generated, service):
    with generated.Client(base_url=service.url) as client:
        answer = find("list_figures").sync(client=client, value=["1492"])
        problem = find("list_figures").sync(client=client, year=["22"])
        figure = find("get_figure").sync("k7m3q", client=client).data
    assert (answer.data[0].id, answer.data[0].shown) == ("k7m3q", "1,492")
    assert problem.code == "invalid_parameters"
    assert (figure.evidence.exact, figure.citation.type_) == ("1,492", "dataset")
    assert figure.versions[0].releases


@pytest.mark.filterwarnings("ignore")
def test_a_generated_client_reads_the_tables_of_indicators_areas_and_topics(
    generated, service
):
    topics = importlib.import_module("register_client.models").ListTopicByYearTopic
    with generated.Client(base_url=service.url) as client:
        listed = find("list_indicators").sync(client=client)
        places = find("list_areas").sync(client=client)
        table = find("get_indicator").sync(
            "complaints", client=client, area=["gb_eaw", "E23000011"]
        )
        force = find("get_areas").sync("met", client=client)
        years = find("list_topic_by_year").sync(
            topics.COMPLAINTS, client=client, area=["gb_eaw"]
        )
    assert (listed.data[0].id, listed.data[0].position) == ("complaints", 1)
    assert [place.area for place in places.data if place.area_code == "gb"]
    assert (table.data[0].shown, table.data[0].year) == ("67,732", 2020)
    [missing] = [one for one in table.missing if one.reason == "not_held"]
    assert "/v1/indicators/complaints?" in missing.try_[0]
    assert missing.nearest[0].shown == "94,940"
    assert [area.area_code for area in force.areas] == ["E23000001"]
    assert years.data[0].additional_properties["2024"] == 94940


@pytest.mark.filterwarnings("ignore")
def test_a_generated_client_reads_tables_and_files(generated, service):
    tables = find("list_figures_file", "files")
    forms = importlib.import_module("register_client.models").ListFiguresFileFormat
    with generated.Client(base_url=service.url) as client:
        table = tables.sync(
            forms.CSV, client=client, value=["1492"], columns=["id", "shown"]
        )
        file = tables.sync_detailed(forms.PARQUET, client=client, value=["1492"])
    assert table == 'id,shown\nk7m3q,"1,492"\n'
    assert file.content[:4] == b"PAR1"
