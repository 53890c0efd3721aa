"""What is said twice, of limits of clients, of texts and of the database, is the same everywhere."""

import pytest

from misconduct.api.received import MAX_BYTES, MAX_CHARACTERS
from misconduct.api.turns import CONNECTIONS, TURNS
from misconduct.db.engine import STATEMENT_SECONDS, WAIT_SECONDS

from ..conftest import ROOT

CONF = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("20 requests a second", "zone=requests:10m rate=20r/s;"),
        ("30 connections", "limit_conn connections 30;"),
        ("one text a second", "zone=texts:10m rate=1r/s;"),
        ("up to 650 kB", "client_max_body_size 650k;"),
        ("stays near 200 MB", "max_size=200m"),
        ("tries two at most", "proxy_next_upstream_tries 2;"),
    ],
)
def test_the_guide_has_the_limits_of_nginx(said, limit):
    assert said in GUIDE.replace("\n", " ")
    assert limit in CONF


def test_nginx_has_the_limits_of_texts():
    assert f"an article of at most {MAX_CHARACTERS:,} characters" in CONF
    assert f"client_max_body_size {MAX_BYTES // 1000}k;" in CONF


def test_the_guide_has_the_limits_of_the_database():
    assert f"keeps {TURNS} connections to Postgres" in GUIDE.replace("\n", " ")
    assert CONNECTIONS == TURNS + 1
    assert f"ends a statement after {STATEMENT_SECONDS} seconds" in GUIDE
    assert f"after {WAIT_SECONDS + STATEMENT_SECONDS}." in GUIDE
