"""docs/operations.md is complete: whoever runs the service finds every setting there."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from misconduct.settings import Settings
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "operations.md").read_text()
SETTINGS = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE))
SAID_IN_WORDS = {
    "MISCONDUCT_DATABASE_URL": "the embedded server",
    "MISCONDUCT_DATABASE_URL_FILE": "none",
    "MISCONDUCT_OWNER_URL": "none",
    "MISCONDUCT_OWNER_URL_FILE": "none",
    "MISCONDUCT_HOME": "the platform's folder for data; `/var/lib/misconduct` for root",
    "MISCONDUCT_BASE_URL": "`http://localhost:PORT`",
    "MISCONDUCT_HOSTS": "none",
    "MISCONDUCT_METRICS_PORT": "none",
    "MISCONDUCT_PURGE": "none",
    "MISCONDUCT_CONTACT": "none",
    "MISCONDUCT_RATE_LIMIT": "none",
    "MISCONDUCT_REGISTER_PATH": "`data`",
    "MISCONDUCT_WORKERS": "`1`",
}


def test_every_setting_stands_in_the_page_with_its_default():
    fields = {f"MISCONDUCT_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    fields["PORT"] = fields.pop("MISCONDUCT_PORT")
    plain = {name: f"`{int(value) if isinstance(value, bool) else value}`" for name, value in fields.items()}
    assert {**plain, **SAID_IN_WORDS} == SETTINGS


def test_the_address_of_a_service_of_kubernetes_is_not_the_port(monkeypatch):
    """Each pod beside a Service `misconduct` is told it so, unless its manifest says otherwise."""
    monkeypatch.setenv("MISCONDUCT_PORT", "tcp://10.96.13.7:80")
    monkeypatch.delenv("PORT", raising=False)
    assert Settings().port == 8000


@pytest.mark.parametrize(
    "name", [name for name, field in Settings.model_fields.items() if field.annotation in (int, float)]
)
def test_a_number_beyond_any_use_is_refused_and_named(name):
    with pytest.raises(ValidationError, match=r"less than or equal to"):
        Settings(**{"PORT" if name == "port" else name: 10**30})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("home", ""),
        ("base_url", "http://[1:2:3]:9"),
        ("base_url", "http://[::1]:65536"),
        ("hosts", "www.example.org,[1:2:3]"),
        ("metrics_port", "[::g]:9100"),
    ],
)
def test_a_place_that_there_cannot_be_is_refused_and_named(name, text):
    with pytest.raises(ValidationError, match=f"(?s){name}.*must"):
        Settings(**{name: text})
    Settings(base_url="http://[::1]:65535", hosts="[2001:db8::1]:8000,[::1]", metrics_port="[::]:9100")


def test_every_file_that_the_page_links_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert links
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []


def test_the_variables_that_the_page_names_are_those_of_roles_sql():
    read = set(re.findall(r":\{\?(\w+)\}", (PROJECT / "app" / "misconduct" / "db" / "roles.sql").read_text()))
    assert set(re.findall(r"`-v (\w+)=", PAGE)) == read - {"owner_password", "reader_password"}
