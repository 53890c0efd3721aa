"""What operators rely on: metrics for the alerts, and the table of settings."""

import re
import socket

import psycopg
import pytest
import yaml

from misconduct.api.turns import CONNECTIONS
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.load import load
from misconduct.errors import DatabaseError
from misconduct.settings import Settings

from ..conftest import ROOT, run_program


def test_every_metric_of_the_alerts_is_shown(client):
    shown = set(
        re.findall(r"^(misconduct_\w+)", client.get("/metrics").text, re.MULTILINE)
    )
    groups = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text())["groups"]
    used = {
        name
        for group in groups
        for rule in group["rules"]
        for name in re.findall(r"misconduct_\w+", rule["expr"])
    }
    assert used
    assert used <= shown


def test_metrics_count_answers_from_memory_too(client):
    def count():
        text = client.get("/metrics").text
        return [
            int(re.search(rf'_count{{status="{status}"}} (\d+)', text)[1])
            for status in ("2xx", "4xx", "5xx")
        ]

    good, wrong, failed = count()
    asked = ["value=1492"] * 3 + ["categroy=rape"]
    for path in [f"/v1/figures?{query}" for query in asked] + ["/healthz", "/readyz"]:
        client.get(path)
    assert count() == [good + 3, wrong + 1, failed]
    newest = client.get("/readyz").json()["release"]
    shown = client.get("/metrics").text.splitlines()
    assert {
        "misconduct_ready 1",
        f'misconduct_release_info{{release="{newest}"}} 1',
    } <= {*shown}


def test_the_guide_has_every_setting():
    guide = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `MISCONDUCT_(\w+)`", guide, re.MULTILINE)) == {
        name.upper() for name in Settings.model_fields
    }


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("MISCONDUCT_CONTACT", "")
    assert Settings().contact is None


@pytest.mark.parametrize("more", ["x@", "x:y@"])
def test_links_do_not_begin_with_a_name_or_password(more):
    with pytest.raises(ValueError, match="give scheme, host and port only"):
        Settings(public_url=f"https://{more}example.org")


def run(tmp_path, *words, **settings):
    """Return the lines with which a command refuses, without having made a folder."""
    settings = {"MISCONDUCT_CONTACT": "mailto:editor@example.org"} | settings
    status, said = run_program(*words, home=tmp_path, **settings)
    assert (status, [*tmp_path.iterdir()]) == (1, [])
    return said


DATA = ("--data", str(ROOT / "data"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_that_is_taken_is_said_before_a_database_starts(tmp_path, host):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        [said] = run(tmp_path, "serve", "--host", host, "--port", port, *DATA)
    assert said.startswith(f"Port {port} of {host}: Address already in use")


@pytest.mark.parametrize("host", ["192.0.2.1", "nosuch.invalid", "a..b", "::2"])
def test_an_address_of_another_machine_is_said_before_a_database_starts(tmp_path, host):
    [said] = run(tmp_path, "serve", "--host", host, *DATA)
    assert said.startswith(f"--host {host}: ")


def test_a_service_stops_that_would_keep_more_connections_than_postgres_allows(
    home, tmp_path
):
    with EmbeddedPostgres(home) as server:
        settings = {"MISCONDUCT_DATABASE_URL": server.url}
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        words = ["--port", port, "--workers", "7", *DATA]
        [said] = run(tmp_path, "serve", *words, **settings)
    assert f"{7 * CONNECTIONS} connections" in said
    assert "allows 97" in said


def test_a_program_that_is_run_elsewhere_asks_for_its_data(tmp_path):
    [said] = run(tmp_path, "verify-release")
    assert "releases.csv: This file is missing. Set MISCONDUCT_DATA" in said


def test_every_wrong_setting_is_named(tmp_path):
    wrong = {
        "MISCONDUCT_CONTACT": "somebody",
        "MISCONDUCT_MCP": "many",
        "MISCONDUCT_PUBLIC_URL": "https://example.org/x",
        "MISCONDUCT_PUBLIC_ULR": "",
        "MISCONDUCT_WORKERS": "2",
        "MISCONDCUT_HOME": "/x",
        "misconduct_data": str(ROOT / "data"),  # as good as in capitals
        "MISCONDUCT_PORT_8000_TCP": "tcp://10.0.0.1:8000",  # set by Kubernetes
    }
    said = run(tmp_path, "verify-release", **wrong)
    assert [line.partition(" ")[0] for line in said] == [
        "MISCONDCUT_HOME", "MISCONDUCT_PUBLIC_ULR", "MISCONDUCT_WORKERS",
        "MISCONDUCT_PUBLIC_URL:", "MISCONDUCT_CONTACT:", "MISCONDUCT_MCP:",
    ]  # fmt: skip
    assert "nearest is MISCONDUCT_HOME" in said[0]
    assert "nearest is MISCONDUCT_PUBLIC_URL" in said[1]
    assert "at the root of its host" in said[3]


def test_services_of_compose_wait_for_the_load():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name in ("service-1", "service-2"):
        assert (
            services[name]["depends_on"]["load"]["condition"]
            == "service_completed_successfully"
        )
        assert f"server {name}:8000" in (ROOT / "deploy/nginx.conf").read_text()


def test_a_postgres_before_16_is_refused(home, monkeypatch):
    """A real server, of which only the number is another."""
    with EmbeddedPostgres(home) as server:
        monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 15_0013)
        with pytest.raises(DatabaseError, match=r"in Postgres 15, .* 16 or newer"):
            load(server.url, ROOT / "data")


def test_a_database_without_utf8_is_refused(home):
    with EmbeddedPostgres(home) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(
                "CREATE DATABASE old ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0"
            )
        with pytest.raises(DatabaseError, match="SQL_ASCII"):
            load(server.url.replace("/misconduct?", "/old?"), ROOT / "data")
