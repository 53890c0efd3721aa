"""Addresses of the database in every form that libpq takes mean the same to both drivers; the others are refused."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import psycopg
import pytest

from misconduct.db.direct import connect
from misconduct.db.engine import Database
from misconduct.db.statements import Query
from misconduct.db.urls import ALLOWED, NUMBERS, PARAMETERS, read_address
from misconduct.errors import MisconductError
from misconduct.settings import Settings


@pytest.mark.parametrize(
    ("url", "places", "parameters"),
    [
        ("postgresql://u:p@h:1/d", ["h:1"], {"user": "u", "password": "p", "dbname": "d"}),
        ("postgres://u@h/d", ["h:5432"], {"user": "u", "dbname": "d"}),
        ("postgresql://u:a%40%3A%2F@h1:5481,h2:5482/d", ["h1:5481", "h2:5482"], {"user": "u", "password": "a@:/", "dbname": "d"}),
        ("postgresql:///d?host=h1,h2&port=1,2", ["h1:1", "h2:2"], {"dbname": "d"}),
        ("postgresql:///d?host=h1,h2&port=7", ["h1:7", "h2:7"], {"dbname": "d"}),
        ("postgresql:///d?host=h1:5481&host=h2:5482", ["h1:5481", "h2:5482"], {"dbname": "d"}),
        ("postgresql://[::1]:5433,h2/d?port=77", ["::1:5433", "h2:77"], {"dbname": "d"}),
        ("postgresql:///d?host=/var/run/a%20b&port=1", ["/var/run/a b:1"], {"dbname": "d"}),
        ("postgresql://h/d?options=-c%20a%3Db+c", ["h:5432"], {"dbname": "d", "options": "-c a=b+c"}),
    ],
)  # fmt: skip
def test_an_address_is_read_as_libpq_reads_it(url, places, parameters):
    address = read_address(url)
    assert ([str(place) for place in address.places], address.parameters) == (places, parameters)
    if "host=h1:" not in url:  # which libpq does not know
        ours, libpq = psycopg.conninfo.conninfo_to_dict(address.for_libpq()), psycopg.conninfo.conninfo_to_dict(url)
        names = set(parameters) | {"host"}
        assert {name: ours.get(name) for name in names} == {name: libpq.get(name) for name in names}


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("mysql://u@h/d", "X is not a database address such as postgresql://user:password@host:5432/misconduct."),
        ("h:5432", "X is not a database address such as postgresql://user:password@host:5432/misconduct."),
        ("postgresql://u:a@b@h/d", "X has more than one @."),
        ("postgresql://u:Tr0ub?S3CRET@h:5432/d?sslmode=require", "X has an @ behind its first ?."),
        ("postgresql://u:a?b=S3CRET@h/d", "X has an @ behind its first ?."),
        ("postgresql://u:a?sslcert=S3CRET@h/d", "X: the file of sslcert does not exist."),
        ("postgresql://h:65536/d", "X: a port must be a number from 1 to 65535."),
        ("postgresql://u:p@[::1/d", "X: a host begins with [ and does not end with ]."),
        ("postgresql://h1,h2,h3/d?port=1,2", "X has 3 hosts and 2 ports."),
        ("postgresql://h/d?sslmod=require", "X: the parameter sslmod cannot be used here."),
        ("postgresql://h/d?service=s", "X: the parameter service cannot be used here."),
        ("postgresql://h/d?channel_binding=require", "X: channel_binding may be prefer, disable."),
        ("postgresql://h/d?connect_timeout=soon", "X: connect_timeout must be a whole number."),
        ("postgresql://h/d?sslrootcert=/no/such", "X: the file of sslrootcert does not exist: /no/such."),
    ],
)
def test_what_cannot_be_honoured_is_a_mistake_that_names_the_parameter(url, mistake):
    with pytest.raises(MisconductError) as raised:
        read_address(url, "X")
    assert raised.value.message == mistake


def test_an_at_is_allowed_where_it_belongs_to_a_user_or_is_escaped():
    read = read_address("postgresql://h/d?user=me@site&password=a@b&application_name=a@b&options=a%40b")
    assert read.parameters == {
        "user": "me@site", "password": "a@b", "dbname": "d", "application_name": "a@b", "options": "a@b",
    }  # fmt: skip


def test_every_parameter_works_for_both_drivers(postgres, tmp_path):
    """All at once. (Those with files, and the choice of hosts, have tests of their own.)"""
    values = {name: allowed[0] for name, allowed in ALLOWED.items()} | dict.fromkeys(NUMBERS, "9")
    values |= {"sslmode": "prefer", "options": "-c work_mem=5MB", "application_name": "desk", "krbsrvname": "postgres"}
    values |= {"passfile": "/no/such", "ssl_min_protocol_version": "TLSv1.2", "ssl_max_protocol_version": "TLSv1.3"}
    here = {"host", "port", "user", "password", "dbname"}
    assert set(PARAMETERS) == set(values) | here | {"sslrootcert", "sslcert", "sslkey", "sslcrl", "sslpassword"}
    url = postgres.reader_url + "".join(f"&{name}={value.replace('=', '%3D')}" for name, value in values.items())
    question = "SELECT current_setting('work_mem'), current_setting('application_name')"
    assert ask(url, question) == ("5MB", "desk")
    with connect(url) as loading:
        assert loading.execute(question.encode()).fetchone() == ("5MB", "desk")


def test_a_socket_has_no_tls_whatever_the_environment_says(postgres, monkeypatch):
    """As libpq has it; asyncpg would ask for certificates that nobody gave."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert postgres.reader_url.count("host=/") + postgres.reader_url.count("host=%2F") == 1
    assert ask(postgres.reader_url, "SELECT 1") == (1,)


def test_a_host_that_says_nothing_more_is_cut_off(postgres):
    """As one that stalls after it let the session in; a pooler may do that for it."""
    host = connect(postgres.owner_url, seconds=0.5)
    pid = host.info.backend_pid
    with pytest.raises(psycopg.OperationalError) as cut_off, host:
        host.execute("SELECT pg_sleep(60)")
    assert cut_off.value.sqlstate is None
    with connect(postgres.owner_url) as other:  # its session would keep the database from being a template
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def ask(url: str, question: str) -> tuple[object, ...]:
    """The first row, as the service gets it."""

    async def once() -> tuple[object, ...]:
        database = Database(url, pool_size=1, pool_seconds=5, query_seconds=10)
        try:
            return tuple((await database.rows(Query(question, (), {})))[0])
        finally:
            await database.close()

    return asyncio.run(once())


def test_a_secret_is_read_from_its_file(tmp_path, monkeypatch):
    file = tmp_path / "url"
    file.write_text("postgresql://u:p@h/d\n")
    monkeypatch.setenv("MISCONDUCT_OWNER_URL_FILE", str(file))
    assert Settings().owner_url == "postgresql://u:p@h/d"
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", "postgresql://h/d")
    with pytest.raises(ValueError, match="MISCONDUCT_OWNER_URL and MISCONDUCT_OWNER_URL_FILE cannot both be set"):
        Settings()
    monkeypatch.delenv("MISCONDUCT_OWNER_URL")
    file.unlink()
    with pytest.raises(ValueError, match="the file of MISCONDUCT_OWNER_URL_FILE cannot be read"):
        Settings()
    monkeypatch.setenv("MISCONDUCT_OWNER_URL_FILE", "postgresql://u:S3CRET@h/d")
    with pytest.raises(ValueError, match="MISCONDUCT_OWNER_URL_FILE must be the path of a file") as raised:
        Settings()
    assert "S3CRET" not in str(raised.value)


@pytest.fixture
def pipe(tmp_path):
    """A named pipe into which somebody writes an address as soon as it is read."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("postgresql://u:p@h/d\n",))
    writer.start()
    yield path
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer.join()
    os.close(reader)


def test_no_secret_is_read_from_a_pipe_or_a_device(tmp_path, monkeypatch, pipe):
    for other in (pipe, Path("/dev/null")):
        monkeypatch.setenv("MISCONDUCT_OWNER_URL_FILE", str(other))
        said = f"the file of MISCONDUCT_OWNER_URL_FILE cannot be read: .*It is not a plain file: '{other}'"
        with pytest.raises(ValueError, match=said):
            Settings()
    monkeypatch.delenv("MISCONDUCT_OWNER_URL_FILE")
    file = tmp_path / "url"
    file.write_text("postgresql://h/d")
    begun = Settings(database_url_file=file)
    file.unlink()
    file.symlink_to(pipe)
    with pytest.raises(OSError, match=f"It is not a plain file: '{file}'"):
        begun.read_database_url()
