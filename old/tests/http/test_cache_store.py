"""Which answers stay in a full cache, and how requests become keys."""

from __future__ import annotations

import itertools
import os
import random
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from misconduct.http.cache import CachedResponse, Store, read_key

KB = 1_000


def answer(key: str, size: int = 5_000) -> CachedResponse:
    body = os.urandom(size)
    return CachedResponse(key, b'"etag"', bytes(900), bytes(500), body, "/v1/x", is_immutable=False, has_ranges=True)


def ask(store: Store, key: str, size: int = 5_000) -> bool:
    """Whether the answer was kept; if not, it is now asked for elsewhere and offered."""
    if store.find(key) is not None:
        return True
    store.add(answer(key, size))
    return False


def test_cached_answers_stay_within_the_bound():
    tracemalloc.start()
    store = Store(2_000 * KB)
    before, _ = tracemalloc.get_traced_memory()
    most = 0
    for number in range(4_000):
        ask(store, f"a question with a long text of its own, as they have {number}", number % 7_000)
        if number % 50 == 0:
            most = max(most, tracemalloc.get_traced_memory()[0] - before)
    tracemalloc.stop()
    assert store.bytes <= 2_000 * KB
    assert most <= 2_000 * KB


def test_people_are_answered_from_the_cache_while_a_robot_asks_for_everything():
    store, chance = Store(2_000 * KB), random.Random(1)
    honest = [f"honest {number}" for number in range(100)]
    popularity = [1 / (place + 1) for place in range(100)]
    numbers = itertools.count()
    for key in chance.choices(honest, popularity, k=1_000):
        ask(store, key)
    hits = 0
    for key in chance.choices(honest, popularity, k=5_000):
        hits += ask(store, key)
        for _ in range(5):
            ask(store, f"robot {next(numbers)}")
        twice = f"robot {next(numbers)}"
        ask(store, twice)
        ask(store, twice)
    assert hits > 0.9 * 5_000


def test_an_answer_asked_for_again_after_eviction_is_kept():
    store, numbers = Store(2_000 * KB), itertools.count()
    for _ in range(1_000):
        ask(store, f"robot {next(numbers)}")
    found = []
    for _ in range(4):
        found.append(ask(store, "honest"))
        for _ in range(400):
            ask(store, f"robot {next(numbers)}")
    assert found == [False, False, True, True]


@pytest.mark.parametrize(("times", "stays"), [(1, False), (2, False), (3, True)])
def test_an_answer_with_repeated_hits_survives_a_robot(times, stays):
    store = Store(2_000 * KB)
    for _ in range(times):
        ask(store, "honest")
    for number in range(1_500):
        ask(store, f"robot {number}")
    assert ask(store, "honest") is stays


def test_a_too_large_answer_is_not_cached():
    store = Store(1_600 * KB)
    assert [ask(store, "large", 200 * KB) for _ in range(2)] == [False, False]
    assert [ask(store, "small", 50 * KB) for _ in range(2)] == [False, True]


def test_drop_removes_only_matching_answers():
    store = Store(1_000 * KB)
    for key in ("a", "b", "c"):
        ask(store, key)
    taken = store.bytes
    store.drop(lambda kept: kept.key == "b")
    assert [store.find(key) is not None for key in ("a", "b", "c")] == [True, False, True]
    assert store.bytes < taken
    store.drop(lambda _kept: True)
    assert (len(store), store.bytes) == (0, 0)


words = st.sampled_from(
    [b"a", b"b", b"a=b", b"&", b"=", b" ", b"%", b"\n", b"b&a=b", b"b /", b"\xff", "ü".encode(), b"+", b""]
)
pairs = st.lists(st.tuples(words, words), max_size=4)


def key_of(path: str, pairs: list[tuple[bytes, bytes]], accept: bytes = b"") -> str:
    query = b"&".join(
        b"".join(b"%%%02x" % byte for byte in n) + b"=" + b"".join(b"%%%02x" % byte for byte in v) for n, v in pairs
    )
    key = read_key({"method": "GET", "path": path, "query_string": query}, {b"accept": accept})
    assert key is not None
    return key


@example([(b"a", b"b&a=b")], [(b"a", b"b"), (b"a", b"b")], "/", "/")
@example([(b"a", b"b /")], [(b"a", b"b")], "/ /", "/ / /")
@given(pairs, pairs, st.sampled_from(["/", "/ a=b /", "/a"]), st.sampled_from(["/", "/ a=b /", "/a"]))
def test_different_questions_have_different_keys(one, other, path, other_path):
    def question(path, pairs):
        return path, sorted(pairs, key=lambda pair: pair[0])

    same = question(path, one) == question(other_path, other)
    assert (key_of(path, one) == key_of(other_path, other)) == same


@pytest.mark.slow
def test_remembered_keys_take_bounded_memory():
    def read_many(first: int) -> int:
        for number in range(first, first + 3_000):
            key_of("/v1/observations", [(b"value", b"%d" % number)], b"*/*" + b", */*" * (number % 100))
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    after_first, after_second = read_many(1_000_000), read_many(2_000_000)
    tracemalloc.stop()
    assert after_second - after_first < 200 * KB
    assert after_first < 5_000 * KB
    assert read_key({"method": "GET", "path": "/", "query_string": b"a&" * 200}, {}) is None
    assert read_key({"method": "GET", "path": "/", "query_string": b"a=" + b"1" * 8_000}, {}) is None
    assert read_key({"method": "GET", "path": "/" + "a" * 1_001, "query_string": b""}, {}) is None
