"""What a ledger of millions of versions takes, and finds."""

from __future__ import annotations

import resource
import signal
import tracemalloc
from hashlib import sha256

import pytest

from misconduct.errors import TemporaryFolderFull
from misconduct.model.observation import OPEN
from misconduct.register.ledger import Chain, Ledger

LIKE_EACH_OTHER = ["a@1", "a@11", "ba@1", "a", "1", "list/a@1", "\N{SNOWMAN}@1", "\udcff@1", "a\xff@1", "a\x01b@1"]


def new_ledger():
    chain = Chain()
    chain.append("1.0.0", "releases/1.0.0.csv")
    return Ledger("observation", chain)


def fill(ledger, keys):
    digests = [sha256(key.encode(errors="surrogatepass")).hexdigest() for key in keys]
    assert ledger.add_all(keys, 1, digests, range(2, len(keys) + 2))
    return digests


def test_a_version_takes_little_memory():
    """Ten million figures have to fit beside everything else: a dictionary of their keys alone took 130 bytes each."""
    ledger, count = new_ledger(), 100_000
    tracemalloc.start()
    try:
        for first in range(0, count, 1_000):
            fill(ledger, [f"b{number:07}@1" for number in range(first, first + 1_000)])
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / count < 60  # of so few, the fixed part is nearly half


def test_each_key_is_found_by_itself_and_nothing_else_is(monkeypatch):
    monkeypatch.setattr("misconduct.register.ledger._Numbers._TEXTS", 1)  # all in one text
    ledger = new_ledger()
    digests = fill(ledger, LIKE_EACH_OTHER)
    assert [ledger.sha256(key) for key in LIKE_EACH_OTHER] == digests
    assert dict(ledger.versions()) == dict.fromkeys(LIKE_EACH_OTHER, (1, OPEN))
    assert not any(key in ledger for key in ("a@", "@1", "a@1a@11", "b", "a@111"))


def test_a_forgotten_ledger_can_be_filled_again():
    ledger = new_ledger()
    fill(ledger, ["b@1", "c@1"])
    ledger.forget()
    assert "b@1" not in ledger
    assert not [*ledger.versions()]
    digests = fill(ledger, ["d@1"])
    assert [ledger.sha256(key) for key, _ in ledger.versions()] == digests


def test_a_full_temporary_folder_is_told():
    """As where it is full, no file may be longer than that here."""
    ledger, limits = new_ledger(), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        with pytest.raises(TemporaryFolderFull, match=r"temporary folder .*: File too large"):
            fill(ledger, ["b@1", "c@1", "d@1"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
