"""What operators copy from deploy/, each checked with the tools of its own project. (The caches: test_shared_caches.py.)"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.parser import text_string_to_metric_families

from misconduct.http import accepting
from tests.api.test_listings import FIVE
from tests.conftest import PROJECT
from tests.tools import find_program

DEPLOY = PROJECT / "deploy"
DASHBOARD = json.loads((DEPLOY / "dashboard.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]

ALERT_TESTS = """
rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'up{job="misconduct", instance="a"}', values: '1 1 0x10'}
      - {series: 'up{job="misconduct", instance="b"}', values: '1x12'}
      - {series: 'misconduct_database_answers{instance="a"}', values: '1 1 0x10'}
      - {series: 'misconduct_ready{instance="a"}', values: '1x12'}
      - {series: 'misconduct_release_info{instance="a", digest="x", number="1.0.0"}', values: '1x12'}
      - {series: 'misconduct_release_info{instance="b", digest="y", number="1.1.0"}', values: '1x12'}
      - {series: 'misconduct_workers{job="misconduct", instance="a"}', values: '4x12'}
      - {series: 'misconduct_workers{job="misconduct", instance="b"}', values: '2x12'}
      - {series: 'process_start_time_seconds{job="misconduct", instance="a"}', values: '1 2 3 4 5x9'}
      - {series: 'process_start_time_seconds{job="misconduct", instance="b"}', values: '0+1x12'}
      - {series: 'process_open_fds{job="misconduct", instance="a"}', values: '13100x12'}
      - {series: 'process_max_fds{job="misconduct", instance="a"}', values: '4096x12'}
      - {series: 'process_open_fds{job="misconduct", instance="b"}', values: '26300x12'}
      - {series: 'process_max_fds{job="misconduct", instance="b"}', values: '1048576x12'}
      - {series: 'misconduct_failures_total{instance="a"}', values: '7x12'}
      - {series: 'misconduct_failures_total{instance="b"}', values: '0x6 9x5'}
      - {series: 'misconduct_lost_recalls{instance="a"}', values: '0 0 1x10'}
      - {series: 'misconduct_replica_lag_seconds{instance="a"}', values: '0 0 999x10'}
      - {series: 'misconduct_pool_waiting{instance="a"}', values: '3x12'}
      - {series: 'misconduct_pool_waiting{instance="b"}', values: '9 0 9 0 9 0 9 0 9 0 9 0'}
      - {series: 'misconduct_request_seconds_count{instance="a", route="/v1/observations", status="200"}', values: '0+60x12'}
      - {series: 'misconduct_request_seconds_count{instance="a", route="/v1/observations", status="503"}', values: '0+60x12'}
      - {series: 'misconduct_request_seconds_count{instance="b", route="/v1/observations", status="200"}', values: '0+60x12'}
    alert_rule_test:
      - {alertname: MisconductNotReady, eval_time: 10m, exp_alerts: []}
%s
"""
FIRES = {  # the labels of each that fires, without the instance that has no trouble
    "MisconductDown": {"severity": "page", "instance": "a", "job": "misconduct"},
    "MisconductDatabaseSilent": {"severity": "page", "instance": "a"},
    "MisconductReleasesDiffer": {"severity": "ticket"},
    "MisconductRecallLost": {"severity": "ticket", "instance": "a"},
    "MisconductReplicaLags": {"severity": "ticket", "instance": "a"},
    "MisconductPoolExhausted": {"severity": "ticket", "instance": "a"},
    "MisconductErrors": {"severity": "ticket", "instance": "b"},
    "MisconductUnavailable": {"severity": "page", "instance": "a"},
    "MisconductFilesExhausted": {"severity": "page", "instance": "b", "job": "misconduct"},
    "MisconductWorkersRestart": {"severity": "ticket", "instance": "b", "job": "misconduct"},
}


@pytest.fixture(scope="module")
def promtool() -> str:
    return find_program("promtool", ("prometheus",), "no test of alerts")


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_prometheus_takes_the_alerts_and_the_dashboards_queries(promtool, tmp_path):
    done = run(promtool, "check", "rules", str(DEPLOY / "alerts.yml"))
    assert (done.returncode, f"{len(ALERTS)} rules found" in done.stdout) == (0, True), done.stdout + done.stderr
    plain = [query.replace("$__rate_interval", "5m").replace("$instance", ".*") for query in QUERIES]
    records = [{"record": f"panel:query:{number}", "expr": query} for number, query in enumerate(plain)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": records}]}))
    done = run(promtool, "check", "rules", str(tmp_path / "rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_for_what_is_wrong_and_for_nothing_else(promtool, tmp_path):
    rules = [{name: value for name, value in rule.items() if name != "annotations"} for rule in ALERTS]
    said = []
    for name, labels in FIRES.items():
        found = json.dumps([{"exp_labels": labels}])
        said.append(f"      - {{alertname: {name}, eval_time: 10m, exp_alerts: {found}}}")
    (tmp_path / "alerts.yml").write_text(json.dumps({"groups": [{"name": "misconduct", "rules": rules}]}))
    (tmp_path / "test.yml").write_text(ALERT_TESTS % "\n".join(said))
    done = run(promtool, "test", "rules", "test.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_that_alerts_and_dashboard_name_is_reported(served, publish):
    publish(FIVE)
    for path in ("/v1/observations", "/v1/observations", "/v1/nothing"):
        served.client.get(path)
    families = text_string_to_metric_families(served.client.get("/metrics").text)
    reported = {sample.name for family in families for sample in family.samples}
    named = {name for query in (*QUERIES, *(rule["expr"] for rule in ALERTS)) for name in re.findall(r"\b(?:misconduct|process)_\w+", query)}  # fmt: skip
    assert len(named) > 15
    assert named - reported == set()


def test_the_alert_of_open_files_knows_how_many_a_worker_takes():
    [rule] = [one for one in ALERTS if one["alert"] == "MisconductFilesExhausted"]
    assert f'clamp_max(process_max_fds{{job="misconduct"}}, {accepting.MOST})' in rule["expr"]
    assert str(accepting.MOST + accepting.KEPT) in rule["annotations"]["action"]


def test_grafana_knows_every_word_of_the_dashboard():
    plugins.register_default_plugins()
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert list(differences(DASHBOARD, read)) == []
    misspelt = {**DASHBOARD, "tittle": "x"}
    assert list(differences(misspelt, json.loads(JSONEncoder().encode(Dashboard.from_json(misspelt))))) == ["/tittle"]


def differences(written: object, read: object, path: str = ""):
    """What Grafana's own types did not take over."""
    if isinstance(written, dict) and isinstance(read, dict):
        for name, value in written.items():
            yield from differences(value, read.get(name), f"{path}/{name}")
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for number, (one, other) in enumerate(zip(written, read, strict=True)):
            yield from differences(one, other, f"{path}/{number}")
    elif written != read:
        yield path


def test_no_two_panels_overlap():
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_systemd_takes_the_unit_and_finds_it_well_confined(tmp_path):
    analyze = find_program("systemd-analyze", ("systemd",), "no test of the unit")
    text = (DEPLOY / "misconduct.service").read_text()
    program = "/opt/misconduct/.venv/bin/misconduct"
    assert program in text
    unit = tmp_path / "misconduct.service"
    unit.write_text(text.replace(program, str(Path(sys.executable).with_name("misconduct"))))
    done = run(analyze, "verify", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert "\nOOMPolicy=continue\n" in text  # what the kernel ends is one export
    assert re.search(r"^MemoryMax=", text, re.MULTILINE)
    assert not re.search(r"^MemoryHigh=", text, re.MULTILINE)
    done = run(analyze, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit))  # 2.0 of 10
    assert done.returncode == 0, done.stdout[-300:]
    assert not re.search(r"SystemCallFilter=~.*@resources", text)  # encoders lower their own priority
