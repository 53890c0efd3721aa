"""The reader's address, as people write it."""

from __future__ import annotations

from app.db.engine import reader_url


def test_sslmode_is_what_libpq_calls_it_and_ssl_what_our_driver_does():
    url = reader_url("postgresql://reader:secret@db.example.org/misconduct?sslmode=verify-full")
    assert (url.drivername, dict(url.query)) == ("postgresql+asyncpg", {"ssl": "verify-full"})


def test_of_several_hosts_each_is_tried():
    url = reader_url("postgresql://reader@/misconduct?host=a:5432&host=b:5433")
    assert sorted(url.query["host"]) == ["a:5432", "b:5433"]
