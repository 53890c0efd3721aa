"""Where the connection is cut when Postgres has done what it was asked, a command does not say that nothing is done."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from misconduct.errors import DatabaseUnreachable, MisconductError
from misconduct.publish.load import load_register
from misconduct.publish.owed import find_owed
from misconduct.publish.recall import recall_release
from tests.registers import seal, write_register

COMMIT = b"COMMIT\0"
ROWS = "id | year | value\n bbbb2 | 2021 | 116"
MORE = f"{ROWS}\n bbbb3 | 2022 | 170"
AGAIN = "Load again: that is harmless, completes what is lacking, and purges caches."


@contextmanager
def cutting(owner_url: str, statement: bytes = COMMIT, *, after: int = 0) -> Iterator[str]:
    """An address that hands everything on, but cuts the connection instead of answering this statement, the first time
    `after` so many."""
    given, left = conninfo_to_dict(owner_url), [None] * after

    class Between(BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(f"{given['host']}/.s.PGSQL.{given['port']}")
                while True:
                    for source in select([self.request, server], [], [])[0]:
                        if not (piece := source.recv(1 << 16)):
                            return
                        (server if source is self.request else self.request).sendall(piece)
                        if source is self.request and statement in piece:
                            if not left:
                                assert server.recv(1 << 16)  # it is done
                                return
                            left.pop()

    with ThreadingTCPServer(("127.0.0.1", 0), Between) as between:
        threading.Thread(target=between.serve_forever, daemon=True).start()
        login = f"{given['user']}:{quote(str(given['password']))}@127.0.0.1:{between.server_address[1]}"
        yield f"postgresql://{login}/{given['dbname']}"
        between.shutdown()


@pytest.fixture
def register(database, tmp_path):
    """A register of which the database has the first release, and not the second."""
    root = tmp_path / "register"
    seal(write_register(root, ROWS), "1.0.0", "2024-05-01")
    load_register(database.owner, root)
    seal(write_register(root, MORE), "1.1.0", "2024-06-01")
    return root


def read(database, statement: str) -> list[tuple]:
    with psycopg.connect(database.owner) as owner:
        return owner.execute(statement).fetchall()


def numbers(database) -> list[str]:
    return [number for (number,) in read(database, "SELECT number FROM releases ORDER BY ordinal")]


def test_a_load_whose_commit_is_not_answered_may_be_in_effect(database, register):
    with cutting(database.owner) as url, pytest.raises(DatabaseUnreachable) as stopped:
        load_register(url, register)
    assert stopped.value.message.startswith("The load was stopped; whether it is in effect is not known: ")
    assert stopped.value.hint == AGAIN
    assert stopped.value.is_lost
    assert numbers(database) == ["1.0.0", "1.1.0"]
    assert load_register(database.owner, register).added == ()


def test_a_load_that_is_cut_off_before_its_commit_has_changed_nothing(database, register):
    with cutting(database.owner, b"COPY ") as url, pytest.raises(DatabaseUnreachable) as stopped:
        load_register(url, register)
    assert stopped.value.message.startswith("The load was stopped; nothing has changed: ")
    assert numbers(database) == ["1.0.0"]


@pytest.mark.parametrize("after", [0, 1])
def test_a_removal_whose_commit_is_not_answered_is_completed_by_the_next_load(database, register, after):
    """It has two: of the rows, and of the files."""
    load_register(database.owner, register)
    seal(write_register(register, ROWS), "2.0.0", "2024-07-01", removed=["bbbb3@1=A court."])
    with cutting(database.owner, after=after) as url, pytest.raises(DatabaseUnreachable) as stopped:
        load_register(url, register)
    said = [
        "whether it is in effect is not known",
        "the removal is in effect, and the next load builds the files that are not there",
    ]
    assert stopped.value.message.startswith(f"The load was stopped; {said[after]}: ")
    assert stopped.value.hint == AGAIN
    assert read(database, "SELECT id FROM observations") == [("bbbb2",)]
    assert find_owed(database.owner)
    built = load_register(database.owner, register).rebuilt
    assert built == (("1.1.0", "2.0.0") if after == 0 else ())


def test_a_recall_whose_commit_is_not_answered_may_be_in_effect(database, register):
    load_register(database.owner, register)
    with cutting(database.owner) as url, pytest.raises(DatabaseUnreachable) as stopped:
        recall_release(url, "1.1.0", "Wrong.")
    assert stopped.value.message.startswith("Whether the release is recalled is not known: ")
    assert stopped.value.hint == (
        "Recall it again: that does it, or says that it is recalled already, and purges what is owed."
    )
    assert find_owed(database.owner)
    with pytest.raises(MisconductError, match=r"Release 1\.1\.0 is recalled already: Wrong\."):
        recall_release(database.owner, "1.1.0", "Wrong.")


def test_a_recall_that_is_cut_off_before_its_commit_is_not_made(database, register):
    load_register(database.owner, register)
    with cutting(database.owner, b"UPDATE ") as url, pytest.raises(DatabaseUnreachable) as stopped:
        recall_release(url, "1.1.0", "Wrong.")
    assert stopped.value.message.startswith("The release is not recalled: ")
    assert recall_release(database.owner, "1.1.0", "Wrong.") == "1.0.0"
