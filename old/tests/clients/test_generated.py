"""Clients that are generated from the committed OpenAPI document work: they are generated here, and ask the service."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.tools import install_packages

OPENAPI = PROJECT / "openapi" / "openapi.json"
PYTHON_CONFIG = PROJECT / "openapi" / "python-client.yaml"
TYPESCRIPT = PROJECT / "tests" / "typescript"


def run(*command: str | Path, folder: Path) -> str:
    """What a program says. Fails with it where the program does."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# Python


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The package that openapi-python-client makes; its parts by name."""
    folder = tmp_path_factory.mktemp("python")
    generator = Path(sys.executable).with_name("openapi-python-client")
    arguments = ("--meta", "none", "--fail-on-warning", "--output-path", folder / "generated_client")
    said = run(generator, "generate", "--path", OPENAPI, "--config", PYTHON_CONFIG, *arguments, folder=folder)
    assert "arning" not in said
    sys.path.insert(0, str(folder))
    try:
        yield SimpleNamespace(
            client=importlib.import_module("generated_client").Client,
            models=importlib.import_module("generated_client.models"),
            call=lambda path: importlib.import_module(f"generated_client.api.{path}").sync,
            call_detailed=lambda path: importlib.import_module(f"generated_client.api.{path}").sync_detailed,
        )
    finally:
        sys.path.remove(str(folder))


@pytest.fixture
def client(python, real) -> Iterator[Any]:
    with python.client(base_url=real.url, raise_on_unexpected_status=True) as client:
        yield client


def test_the_python_client_lists_figures(python, client):
    page = python.call("figures.list_observations")(client=client, limit=3)
    assert isinstance(page, python.models.ObservationPage)
    assert (len(page.data), page.meta.returned) == (3, 3)
    assert page.data[0].source.publisher


def test_the_python_client_follows_a_cursor(python, client, real):
    first = python.call("figures.list_observations")(client=client, limit=3)
    cursor = first.links.next_.partition("cursor=")[2].partition("&")[0]
    second = python.call("figures.list_observations")(client=client, limit=3, cursor=cursor)
    assert {figure.id for figure in first.data}.isdisjoint(figure.id for figure in second.data)


def test_the_python_client_looks_a_number_up(python, client):
    page = python.call("figures.list_observations")(client=client, value=[1071, 1131], statistic=["count"])
    assert {figure.value for figure in page.data} == {1071, 1131}
    assert all(isinstance(figure.value, int) for figure in page.data)


def test_the_python_client_asks_for_a_day(python, client):
    """Its defaults are sent with every request, and so must not contradict another parameter."""
    page = python.call("figures.list_dataset_observations")("duty-status", client=client, as_of="2026-11-20")
    assert isinstance(page, python.models.ObservationPage)


def test_the_python_client_reads_years_and_gaps(python, client):
    page = python.call("figures.list_dataset_observations_by_year")(
        "allegations", client=client, category=["sexual_assault"]
    )
    [row, *_] = page.data
    assert (row.values["2022"], row.values["2020"], row.gaps["2020"]) == (169, None, "not_stated")
    assert row.window.printed == "944"


def test_the_python_client_reads_one_figure(python, client):
    answer = python.call("figures.read_observation")("k7m3q", client=client, release="1.1.0")
    assert (answer.data.value, answer.data.printed, answer.data.hedge) == (1492, "1,492", None)
    assert isinstance(answer.data.locator, python.models.TextPositionSelector)
    assert answer.standing.status == "current"


def test_the_python_client_compares(python, client):
    answer = python.call("evidence.compare_observations")(client=client, id=["k7m3q", "gb7nr"])
    assert answer.data.verdict == "different"
    assert {dimension.relation for dimension in answer.data.dimensions} <= {"same", "narrower", "different", "unstated"}


def test_the_python_client_gets_a_problem_as_a_problem(python, client):
    answer = python.call_detailed("figures.list_observations")(client=client, category=["sexual_asault"])
    assert answer.status_code == 422
    assert isinstance(answer.parsed, python.models.Problem)
    assert answer.parsed.code == "invalid_request"
    [mistake] = answer.parsed.errors
    assert (mistake.parameter, mistake.did_you_mean) == ("category", "sexual_assault")


def test_the_python_client_reads_the_other_records(python, client):
    checks = python.call("register.list_checks")(client=client)
    assert "undecidable" in {check.outcome.result for check in checks.data}
    sources = python.call("register.list_sources")(client=client)
    assert None in {source.published for source in sources.data}
    config = python.call("metadata.read_config")(client=client)
    assert config.data.limits.rows_per_page == 1000
    citation = python.call("metadata.read_observation_citation")("k7m3q", client=client)
    assert citation.data.csl["type"] == "dataset"


def test_the_python_client_downloads_a_file(python, client, real):
    file = python.call("releases.read_file")("1.1.0", "allegations.parquet", client=client)
    assert file.payload.read() == real.client.get("/v1/releases/1.1.0/files/allegations.parquet").content
    bundle = python.call("releases.read_bundle")("1.1.0", client=client)
    assert bundle.payload.read(4) == b"PK\x03\x04"


# TypeScript


@pytest.fixture(scope="module")
def node_modules() -> Path:
    return install_packages(TYPESCRIPT, "the generated TypeScript is not compiled")


def test_the_generated_typescript_compiles_strictly_and_runs(node_modules, tmp_path, real):
    for name in ("package.json", "tsconfig.json", "client.ts"):
        shutil.copy(TYPESCRIPT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    programs = node_modules / ".bin"
    run(programs / "openapi-typescript", OPENAPI, "--output", "schema.ts", folder=tmp_path)
    run(programs / "tsc", "--project", ".", folder=tmp_path)
    assert run("node", "build/client.js", real.url, folder=tmp_path) == "3 figures listed, and all the rest\n"


def test_the_npm_lock_holds_no_registry_address():
    lock = (TYPESCRIPT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
