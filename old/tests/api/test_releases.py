"""Releases: what was said under a number stays said."""

from __future__ import annotations

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Event, Thread

import feedparser
import httpx
import psutil
import psycopg
import pytest

from misconduct.api import release_watcher
from misconduct.api.encoder import Encoder
from misconduct.db.turns import CLIENT
from misconduct.errors import DatabaseUnavailable, DatabaseUnreachable, MisconductError
from misconduct.model.catalogue import Catalogue
from misconduct.publish.load import load_register
from misconduct.publish.owed import find_owed
from misconduct.publish.recall import recall_release
from misconduct.queries import releases
from misconduct.settings import Settings
from tests.registers import chart_file, seal, write_register
from tests.serving import serve
from tests.site.reading import read_page
from tests.test_serve import eventually

BASE = "http://localhost:8000"
LATEST = "public, max-age=10, s-maxage=5, stale-while-revalidate=3, stale-if-error=604800"
PINNED = "public, max-age=3600, s-maxage=86400, stale-if-error=604800"
FIRST = """
    id    | year | value
    bbbb2 | 2021 | 116
    bbbb3 | 2022 | 170
"""
SECOND = """
    id    | version | year | value
    bbbb2 |         | 2021 | 116
    bbbb3 | 1       | 2022 | 170
    bbbb3 | 2       | 2022 | 169
    bbbb4 |         | 2023 | 157
"""


THIRD = """
    id    | version | year | value
    bbbb2 |         | 2021 | 116
    bbbb3 | 1       | 2022 | 170
    bbbb3 | 2       | 2022 | 169
    bbbb4 |         | 2023 | 157
    bbbb3 | 3       | 2022 | 170
"""


def test_a_release_that_is_not_in_memory_is_read_once_for_all_who_ask(served, publish, monkeypatch):
    publish(FIRST, "1.0.0")
    publish(SECOND, "1.1.0")
    served.service.releases._catalogues.clear()
    read, began = releases.read_catalogue, []

    async def take_long(*given, **more):
        began.append(given[1].number)
        await asyncio.sleep(2)
        if len(began) == 1:
            raise DatabaseUnavailable("The database does not answer.")
        return await read(*given, **more)

    monkeypatch.setattr(releases, "read_catalogue", take_long)

    def ask(number: int) -> int:
        return served.client.get(f"/v1/observations?release=1.0.0&limit={number + 1}").status_code

    with ThreadPoolExecutor(8) as pool:
        with suppress(httpx.TimeoutException):
            served.client.get("/v1/observations?release=1.0.0", timeout=0.1)  # and leaves
        assert [*pool.map(ask, range(8))] == [503] * 8
        assert [*pool.map(ask, range(8, 16))] == [200] * 8
    assert began == ["1.0.0"] * 2
    assert served.service.releases._reading == {}


def test_the_records_of_many_releases_are_read_two_at_a_time(served, publish, monkeypatch):
    numbers = [f"1.{number}.0" for number in range(5)]
    for place, number in enumerate(numbers):
        publish("id | value\n" + "".join(f"bbbb{letter} | 7\n" for letter in "bcdfg"[: place + 1]), number)
    book = served.service.releases
    book._catalogues.clear()
    read, all_asked, at_work, most = releases.read_catalogue, Event(), set(), []

    async def note(*given, **more):
        at_work.add(given[1].number)
        while not all_asked.is_set():
            await asyncio.sleep(0.01)
            if len(book._reading) + book._reading_turns.waiting == len(numbers):
                all_asked.set()
        most.append(len(at_work))
        found = await read(*given, **more)
        at_work.remove(given[1].number)
        return found

    monkeypatch.setattr(releases, "read_catalogue", note)
    with ThreadPoolExecutor(5) as pool:
        answers = [*pool.map(lambda number: served.client.get(f"/v1/sources?release={number}"), numbers)]
    assert [one.status_code for one in answers] == [200] * 5
    assert max(most) == 2


def test_who_asks_for_the_records_of_a_release_waits_for_nobody_elses_queue_of_them(database, publish, monkeypatch):
    numbers = [f"1.{number}.0" for number in range(5)]
    for place, number in enumerate(numbers):
        publish("id | value\n" + "".join(f"bbbb{letter} | 7\n" for letter in "bcdfg"[: place + 1]), number)
    settings = Settings(database_url=database.reader, owner_url=database.owner, port=8000, trusted_proxies=1)
    read, begun, go_on = releases.read_catalogue, [], {number: Event() for number in numbers}

    async def note(*given, **more):
        begun.append((given[1].number, CLIENT.get()))
        await asyncio.get_running_loop().run_in_executor(pool, go_on[given[1].number].wait)
        return await read(*given, **more)

    with serve(settings) as running, ThreadPoolExecutor(12) as pool, ExitStack() as at_end:
        for one in go_on.values():
            at_end.callback(one.set)
        running.wait_for_release("1.4.0")
        book, other = running.service.releases, {"X-Forwarded-For": "192.0.2.7"}
        monkeypatch.setattr(releases, "read_catalogue", note)
        asked = []
        for place, number in enumerate(numbers[:4], 1):
            asked.append(pool.submit(running.client.get, f"/v1/sources?release={number}"))
            eventually(lambda place=place: len(book._reading) + book._reading_turns.waiting == place, 20)
        asked.append(pool.submit(running.client.get, "/v1/checks?release=1.3.0", headers=other))
        eventually(lambda: book._reading_turns.waiting == 3, 20)
        go_on["1.0.0"].set()
        eventually(lambda: len(begun) == 3, 20)
        at_end.close()
        assert [one.result().status_code for one in asked] == [200] * 5
    assert begun == [(number, "") for number in ("1.0.0", "1.1.0", "1.3.0", "1.2.0")]  # with connections of nobody's


def test_who_asks_for_a_release_that_may_be_there_looks_for_it_as_nobody(served, publish, monkeypatch):
    publish(FIRST, "1.0.0")
    asked, find = set(), releases.find_newest

    async def note(*given, **more):
        asked.add(CLIENT.get())
        return await find(*given, **more)

    monkeypatch.setattr(releases, "find_newest", note)
    monkeypatch.setattr(served.service.releases, "_look_seconds", 60)
    eventually(lambda: asked == {""}, 20)  # the watch itself
    assert served.client.get("/v1/sources?release=99.0.0").status_code == 404
    assert asked == {""}


def test_the_records_of_a_release_for_which_nobody_waits_any_more_are_not_read(served, publish, monkeypatch):
    for place in range(4):
        publish("id | value\n" + "".join(f"bbbb{letter} | 7\n" for letter in "bcdfg"[: place + 1]), f"1.{place}.0")
    book = served.service.releases
    read, begun, go_on = releases.read_catalogue, [], Event()
    forget_older(served)

    async def note(*given, **more):
        begun.append(given[1].number)
        await asyncio.get_running_loop().run_in_executor(pool, go_on.wait)
        return await read(*given, **more)

    monkeypatch.setattr(releases, "read_catalogue", note)
    with ThreadPoolExecutor(4) as pool, ExitStack() as at_end:
        at_end.callback(go_on.set)
        asked = [pool.submit(served.client.get, f"/v1/sources?release=1.{number}.0") for number in range(2)]
        eventually(lambda: len(begun) == 2, 20)
        with suppress(httpx.TimeoutException), httpx.Client(base_url=served.url, timeout=0.3) as leaves:
            leaves.get("/v1/sources?release=1.2.0")
        assert book._reading_turns.waiting == 1
        eventually(lambda: _knows_who_left(served), 20)
        at_end.close()
        assert [one.result().status_code for one in asked] == [200] * 2
    eventually(lambda: book._reading_turns.waiting == 0 and not book._reading, 20)
    assert sorted(begun) == ["1.0.0", "1.1.0"]
    monkeypatch.undo()
    assert served.client.get("/v1/sources?release=1.2.0").status_code == 200


def forget_older(served) -> None:
    """Forget the records of all releases but the newest."""
    book = served.service.releases
    for key in {*book._catalogues} - {book._kept_for_good}:
        del book._catalogues[key]


def _knows_who_left(served) -> bool:
    """Whether the service has closed all connections that its clients have closed."""
    port = httpx.URL(served.url).port
    own = [one for one in psutil.Process().net_connections() if one.laddr and one.laddr.port == port]
    return psutil.CONN_CLOSE_WAIT not in {one.status for one in own}


def test_the_newest_records_stay_in_memory_and_a_feed_indexes_no_relations(served, publish, monkeypatch):
    for place in range(4):
        publish("id | value\n" + "".join(f"bbbb{letter} | 7\n" for letter in "bcdfg"[: place + 1]), f"1.{place}.0")
    book = served.service.releases
    forget_older(served)
    monkeypatch.setattr(release_watcher, "CATALOGUES_KEPT", 2)
    assert served.client.get("/v1/releases.atom").status_code == 200
    kept = {one.release.number: one.is_indexed for one in book._catalogues.values()}
    assert (len(kept), kept.pop("1.3.0"), *kept.values()) == (2, True, False)
    for number in range(4):
        assert served.client.get(f"/v1/observations?release=1.{number}.0").status_code == 200
        assert all(one.is_indexed for one in book._catalogues.values() if one.release.number == f"1.{number}.0")
    assert "1.3.0" in {one.release.number for one in book._catalogues.values()}


def test_records_of_an_older_release_are_its_own_and_those_that_it_shares_are_read_once(served, api, publish):
    codes = "code,version,label,definition,defined_by\nbribery,1,Bribery,.,Us\nany_misconduct,1,Any,.,Us\n"
    more = f"{codes}any_misconduct,2,Any kind,.,Us\nfraud,1,Fraud,.,Us\n"
    publish(FIRST, "1.0.0", files={"codelists/category.csv": codes})
    publish(FIRST, "1.1.0", "2024-06-01", files={"codelists/category.csv": more})
    publish(FIRST, "1.2.0", "2024-07-01", files={"codelists/category.csv": more}, ended=["code/category/fraud=Gone."])
    forget_older(served)

    def labels(release: str) -> dict[str, str]:
        codes = api.get(f"/v1/codelists/category?release={release}").json()["data"]["codes"]
        return {one["code"]: f"{one['label']} of {one['added_in']}" for one in codes}

    bribery = {"bribery": "Bribery of 1.0.0"}
    assert labels("1.0.0") == bribery | {"any_misconduct": "Any of 1.0.0"}
    assert labels("1.1.0") == bribery | {"any_misconduct": "Any kind of 1.1.0", "fraud": "Fraud of 1.1.0"}
    assert labels("latest") == bribery | {"any_misconduct": "Any kind of 1.1.0"}
    kept = [catalogue.kind("code")["category/bribery"] for catalogue in served.service.releases._catalogues.values()]
    assert [one is kept[0] for one in kept] == [True] * 3


@pytest.mark.parametrize("clock", ["as it was", "set back by a day"])
def test_a_rebuild_is_seen_and_nothing_from_before_it_is_kept(served, api, publish, database, tmp_path, clock):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        if clock != "as it was":
            owner.execute("ALTER TABLE releases ALTER loaded_at SET DEFAULT now() + interval '1 day'")
        publish(FIRST, "1.0.0")
        owner.execute("ALTER TABLE releases ALTER loaded_at SET DEFAULT now()")
        owner.execute("UPDATE observations SET value = 9999 WHERE id = 'bbbb2'")
    pinned, wrong = "release=1.0.0&id=bbbb2", api.get("/v1/observations.csv?release=1.0.0")
    assert values(api, pinned) == {"bbbb2": 9999}
    load_register(database.owner, tmp_path / "register", rebuild=True)
    eventually(lambda: values(api, pinned) == {"bbbb2": 116}, 20)
    kept = {"If-None-Match": wrong.headers["etag"]}
    assert b",116," in api.get("/v1/observations.csv?release=1.0.0", headers=kept).content
    resumed = {"Range": "bytes=9-", "If-Range": wrong.headers["etag"]}
    assert api.get("/v1/observations.csv?release=1.0.0", headers=resumed).status_code == 200


def test_results_that_another_version_of_the_program_computes_again_are_seen(api, publish, database, tmp_path):
    publish(FIRST, "1.0.0")
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("""UPDATE releases SET files_built_by = files_built_by || '{"code": "0"}'""")
    before = api.get("/v1/checks?release=1.0.0").headers["etag"]
    assert find_owed(database.owner) == []
    load_register(database.owner, tmp_path / "register")
    assert len(find_owed(database.owner)) == 1
    eventually(lambda: api.get("/v1/checks?release=1.0.0").headers["etag"] != before, 20)


def test_releases_are_read_where_the_machine_has_no_room_for_a_thread(served, api, publish, monkeypatch):
    for minor, table in enumerate((FIRST, SECOND, THIRD)):
        publish(table, f"1.{minor}.0", f"2024-0{minor + 1}-01")
    served.service.releases._catalogues.clear()
    assemble = Catalogue.assemble

    def take_long(*given):
        time.sleep(0.5)
        return assemble(*given)

    def no_room(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Catalogue, "assemble", take_long)
    monkeypatch.setattr(Thread, "start", no_room)
    asked = [socket.create_connection((api.base_url.host, api.base_url.port)) for _ in range(3)]
    for minor, one in enumerate(asked):
        one.sendall(f"GET /v1/checks?release=1.{minor}.0 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert [one.recv(12) for one in asked] == [b"HTTP/1.1 200"] * 3
    for one in asked:
        one.close()


def values(api, query: str = "") -> dict[str, int]:
    answer = api.get(f"/v1/observations?{query}")
    assert answer.status_code == 200, answer.text
    return {figure["id"]: figure["value"] for figure in answer.json()["data"]}


@pytest.fixture
def two_releases(publish):
    publish(FIRST, "1.0.0", "2024-05-01")
    publish(SECOND, "1.1.0", "2024-06-01", ended=["bbbb2=Withdrawn by the paper."])


def test_the_latest_release_has_the_last_reading_of_what_still_stands(api, two_releases):
    assert values(api) == values(api, "release=latest") == values(api, "release=1.1.0") == {"bbbb3": 169, "bbbb4": 157}


def test_an_older_release_still_says_what_it_said(api, two_releases):
    assert values(api, "release=1.0.0") == {"bbbb2": 116, "bbbb3": 170}


@pytest.mark.parametrize(
    ("day", "number"),
    [("2024-05-01", "1.0.0"), ("2024-05-31", "1.0.0"), ("2024-06-01", "1.1.0"), ("2999-12-31", "1.1.0")],
)
def test_as_of_is_the_release_in_force_at_the_end_of_that_day(api, two_releases, day, number):
    assert api.get(f"/v1/observations?as_of={day}").json()["meta"]["release"] == number


@pytest.mark.parametrize("day", ["2024-06-02", "2999-12-31"])
def test_a_day_may_still_get_a_release_that_is_dated_back_and_is_not_kept_long(api, two_releases, day):
    headers = api.get(f"/v1/observations?as_of={day}").headers
    assert (headers["cache-control"], headers["surrogate-key"]) == (LATEST, "register latest release-1.1.0")
    assert api.get("/v1/observations?release=1.1.0").headers["cache-control"] == PINNED


def test_before_the_first_release_there_was_none(api, two_releases):
    answer = api.get("/v1/observations?as_of=2024-04-30")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_release")
    assert "1.0.0" in answer.json()["detail"]


@pytest.mark.parametrize("number", ["2.0.0", "1.0.0.x", "v1.0.0", "", "LATEST", "1.0.0%20", "1.", "x", "2.x", "0"])
def test_an_unknown_release_is_404_and_says_which_there_are(api, two_releases, number):
    answer = api.get(f"/v1/observations?release={number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_release")
    assert "1.1.0" in answer.json()["detail"]


RANGES = {"1": "1.10.0", "1.x": "1.10.0", "1.1": "1.1.1", "1.1.x": "1.1.1", "1.0": "1.0.0", "1.10": "1.10.0"}


def test_the_beginning_of_a_number_is_the_newest_release_that_begins_so(api, publish):
    rows = "id | value"
    for minor, release in enumerate(("1.0.0", "1.1.0", "1.1.1", "1.10.0", "2.0.0"), start=1):
        rows += f"\n bbbb{minor + 1} | {minor}"
        publish(rows, release, f"2024-0{minor}-01")
    for named, number in RANGES.items():
        for address in ("/v1/observations?release=", "/v1/releases/"):
            answer, pinned = api.get(address + named), address + number
            assert (answer.json()["meta"]["release"], answer.json()["links"]["pinned"]) == (number, BASE + pinned)
            assert "stale-while-revalidate" in answer.headers["cache-control"]  # it moves when a release comes
            assert api.get(pinned).headers["cache-control"] == PINNED
        assert api.get(f"/v1/releases/{named}").json()["data"]["number"] == number
        file = api.get(f"/v1/releases/{named}/files").json()["data"][0]
        assert (file["release"], f"/v1/releases/{number}/files/" in file["url"]) == (number, True)
        moving, fixed = (api.get(f"/v1/releases/{one}/files/{file['name']}") for one in (named, number))
        assert moving.content == fixed.content
        assert moving.headers["cache-control"] != fixed.headers["cache-control"]


def test_a_range_follows_the_next_release(api, publish):
    publish(FIRST, "1.0.0", "2024-05-01")
    before = api.get("/v1/observations?release=1.x")
    publish(SECOND, "1.1.0", "2024-06-01", ended=["bbbb2=Withdrawn."])
    assert before.json()["meta"]["release"] == "1.0.0"
    assert values(api, "release=1.x") == {"bbbb3": 169, "bbbb4": 157}


def test_one_figure_is_the_reading_in_force_with_its_standing(api, two_releases):
    answer = api.get("/v1/observations/bbbb3").json()
    assert (answer["data"]["value"], answer["data"]["version"]) == (169, 2)
    assert (answer["standing"]["status"], answer["standing"]["value"]) == ("current", 169)


def test_a_figure_that_ended_is_shown_as_such(api, two_releases):
    answer = api.get("/v1/observations/bbbb2").json()
    assert (answer["data"]["value"], answer["data"]["ended_in"]) == (116, "1.1.0")
    assert answer["standing"]["status"] == "ended"


def test_the_links_of_a_figure_that_ended_are_pinned_to_where_it_is_still_told(api, two_releases):
    for what in ("", "/evidence", "/prov", "/citation", "/history", "/standing", "/changes"):
        answer = api.get(f"/v1/observations/bbbb2{what}")
        [canonical] = [one["url"] for one in answer.links.values() if one.get("rel") == "canonical"]
        if what != "/prov":
            assert canonical == answer.json()["links"]["pinned"]
        last = "1.1.0" if what in ("/history", "/standing", "/changes") else "1.0.0"
        assert canonical == f"http://localhost:8000/v1/observations/bbbb2{what}?release={last}"
        there = api.get(canonical.removeprefix("http://localhost:8000"))
        assert there.status_code == 200, what
        if last == "1.1.0":
            assert there.json()["data"] == answer.json()["data"]
    assert api.get("/v1/observations/bbbb2/standing?release=1.1.0").json()["data"]["status"] == "ended"
    for what in ("history", "standing", "changes"):
        early = api.get(f"/v1/observations/bbbb4/{what}?release=1.0.0")
        assert (early.status_code, early.json()["code"]) == (404, "not_in_release")


def test_a_citation_never_changes(api, publish):
    publish(FIRST, "1.0.0", "2024-05-01")
    address = api.get("/v1/observations/bbbb3").json()["data"]["links"]["cite_as"].removeprefix("http://localhost:8000")
    before = api.get(address)
    publish(SECOND, "1.1.0", "2024-06-01", ended=["bbbb2=Withdrawn."])
    after = api.get(address)
    assert address == "/v1/observations/bbbb3?release=1.0.0"
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


def test_a_figure_that_a_release_did_not_have_is_404_and_says_which_has_it(api, two_releases):
    answer = api.get("/v1/observations/bbbb4?release=1.0.0")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_in_release")
    assert answer.json()["added_in"] == ["1.1.0"]
    assert api.get("/v1/observations/bbbb2?release=1.1.0").json()["code"] == "not_in_release"


def test_what_the_law_removed_is_gone_from_every_release_and_says_so(api, publish):
    publish(FIRST, "1.0.0", "2024-05-01")
    publish(
        """
        id    | year | value
        bbbb2 | 2021 | 116
        """,
        "2.0.0",
        "2024-06-01",
        removed=["bbbb3=By order of a court."],
    )
    assert values(api, "release=1.0.0") == {"bbbb2": 116}
    for query in ("", "?release=1.0.0", "?release=2.0.0"):
        answer = api.get(f"/v1/observations/bbbb3{query}")
        assert (answer.status_code, answer.json()["code"], answer.json()["removed_in"]) == (410, "removed", "2.0.0")
        assert "By order of a court." in answer.json()["detail"]


def test_the_next_page_stays_in_the_release_in_which_one_began(api, publish):
    publish(FIRST, "1.0.0", "2024-05-01")
    following = api.get("/v1/observations?limit=1").json()["links"]["next"].removeprefix("http://localhost:8000")
    publish(SECOND, "1.1.0", "2024-06-01", ended=["bbbb2=Withdrawn."])
    answer = api.get(following).json()
    assert answer["meta"]["release"] == "1.0.0"
    assert [figure["value"] for figure in answer["data"]] == [170]


def test_drafts_are_not_shown_unless_this_process_is_told_to(served, database, publish, tmp_path):
    publish(FIRST, "1.0.0", "2024-05-01")
    write_register(tmp_path / "register", SECOND)
    load_register(database.owner, tmp_path / "register", drafts=True)
    with serve(served.settings.model_copy(update={"show_drafts": True})) as showing:
        assert showing.client.get("/v1/observations").json()["meta"]["release"] == "draft"
        bundle = showing.client.get("/v1/releases/draft/bundle.zip")  # another after the next edit
        assert (bundle.status_code, bundle.headers["cache-control"].split(",")[1]) == (200, " max-age=10")
        pinned = showing.client.get("/v1/observations?release=draft")
        assert "stale-while-revalidate" in pinned.headers["cache-control"]
    time.sleep(0.3)
    assert served.client.get("/v1/observations").json()["meta"]["release"] == "1.0.0"
    assert served.client.get("/v1/observations?release=draft").status_code == 404


def test_answers_may_be_kept_where_there_is_only_a_draft_that_is_not_shown(served, database, tmp_path):
    load_register(database.owner, write_register(tmp_path / "register", FIRST), drafts=True)
    eventually(lambda: served.service.releases.epoch > 0, 20)
    assert "no-store" not in served.client.get("/openapi.json").headers["cache-control"]


def test_drafts_that_are_not_shown_change_no_answer(api, served, database, publish, tmp_path):
    publish(FIRST, "1.0.0", "2024-05-01")
    write_register(tmp_path / "register", SECOND)
    book, loaded = served.service.releases, served.service.releases.loaded
    load_register(database.owner, tmp_path / "register", drafts=True)
    eventually(lambda: book._newest != book.releases[-1].digest, 20)
    assert book.loaded == loaded  # which the metrics have
    history = api.get("/v1/observations/bbbb3/history?release=1.0.0").json()
    assert (history["meta"]["total"], history["meta"]["returned"]) == (1, 1)
    drafted, unheard_of = api.get("/v1/observations/bbbb4"), api.get("/v1/observations/bbbb5")
    assert drafted.status_code == unheard_of.status_code == 404
    assert drafted.json()["code"] == unheard_of.json()["code"] == "not_found"
    assert drafted.json()["detail"] == "There is no observation 'bbbb4' in any release."


def test_releases_are_listed_the_newest_first_with_their_digests(api, two_releases):
    listed = api.get("/v1/releases").json()["data"]
    assert [(release["number"], release["released"]) for release in listed] == [
        ("1.1.0", "2024-06-01"),
        ("1.0.0", "2024-05-01"),
    ]
    assert api.get("/v1/releases/1.0.0").json()["data"] == listed[1]
    assert api.get("/v1/releases/latest").json()["data"] == listed[0]
    assert api.get("/v1/releases/9.9.9").status_code == 404


def test_a_worker_knows_the_release_of_a_link_that_another_has_given(database, tmp_path):
    register = write_register(tmp_path / "register", FIRST)
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    with serve(Settings(database_url=database.reader, port=8000, look_seconds=600)) as running:
        running.wait_for_release("1.0.0")
        table = FIRST.rstrip()
        for number, address in (
            ("1.1.0", "/v1/observations?release=1.1.0&limit=1"),
            ("1.2.0", "/v1/releases/1.2.0/bundle.zip"),
            ("1.3.0", "/releases/1.3.0"),
            ("1.4.0", "/releases/1.4.0/changes"),
        ):
            assert running.client.get(address).status_code == 404
            table += f"\n    bbcc{int(number[2]) + 1} | 2023 | 1"
            write_register(register, table)
            seal(register, number, "2024-06-01")
            load_register(database.owner, register)
            assert running.client.get(address).status_code == 200
        assert running.client.get("/v1/observations?release=9.9.9").status_code == 404


def test_codes_and_sources_are_those_of_the_release(api, publish):
    publish(FIRST, "1.0.0", "2024-05-01")
    publish(FIRST + "bbbb4 | 2023 | 1\n", "1.1.0", "2024-06-01")
    for release in ("1.0.0", "1.1.0"):
        assert api.get(f"/v1/codelists/measure?release={release}").json()["data"]["codes"][0]["code"] == "accused"
    assert api.get("/v1/sources?as_of=2024-04-01").status_code == 404


def recall(served, database, number: str) -> None:
    """Recalls a release and waits until the service has noticed."""
    known = served.service.releases.known
    recall_release(database.owner, number, "The figures are of another year.")
    eventually(lambda: served.service.releases.known is not known, seconds=20)


def test_what_a_page_says_of_later_releases_is_confirmed_only_until_there_is_another(api, served, publish, monkeypatch):
    publish(FIRST, "1.0.0", "2024-05-01", files=chart_file())
    address = "/charts/shown?release=1.0.0"
    begun, go_on, measure = Event(), Event(), Encoder.measure

    async def measure_late(*given: object) -> object:
        begun.set()
        await asyncio.get_running_loop().run_in_executor(other, go_on.wait)
        return await measure(*given)

    with monkeypatch.context() as patched, ThreadPoolExecutor(2) as other:
        patched.setattr(Encoder, "measure", measure_late)
        asked = other.submit(httpx.get, served.url + address, timeout=60)
        try:
            assert begun.wait(60)
            publish(SECOND, "1.1.0", "2024-06-01", files=chart_file())
        finally:
            go_on.set()
        before = asked.result()
    assert "revised" not in before.text
    after = api.get(address, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, "revised" in after.text) == (200, True)


def test_a_recalled_release_is_not_the_latest_and_is_still_answered_by_its_number(api, served, database, two_releases):
    before = api.get("/v1/releases/1.1.0").headers["etag"]
    recall(served, database, "1.1.0")
    assert values(api) == values(api, "release=latest") == values(api, "release=1.x") == {"bbbb2": 116, "bbbb3": 170}
    assert values(api, "release=1.1.0") == {"bbbb3": 169, "bbbb4": 157}
    assert api.get("/readyz").json()["release"] == "1.0.0"
    assert api.get("/v1/observations?as_of=2024-06-02").json()["meta"]["release"] == "1.0.0"
    found = {one["number"]: one["recalled"] for one in api.get("/v1/releases").json()["data"]}
    assert found == {"1.1.0": "The figures are of another year.", "1.0.0": None}
    assert api.get("/v1/releases/1.1.0").json()["data"]["recalled"] == "The figures are of another year."
    assert api.get("/v1/releases/1.1.0").headers["etag"] != before
    assert "The figures are of another year." in api.get("/v1/releases.csv").text
    assert api.get("/v1/changes?since=1.1.0").json()["data"] == []


def test_who_follows_the_feed_learns_of_a_recall(api, served, database, two_releases):
    before = [entry.id for entry in feedparser.parse(api.get("/v1/releases.atom").content).entries]
    recall(served, database, "1.1.0")
    told, *others = feedparser.parse(api.get("/v1/releases.atom").content).entries
    assert [entry.id for entry in others] == before
    assert (told.title, told.summary) == ("Release 1.1.0 was recalled", "The figures are of another year.")
    assert told.link == "http://localhost:8000/releases/1.1.0"


def test_what_only_a_recalled_release_showed_is_no_invention(api, served, database, two_releases):
    recall(served, database, "1.1.0")
    [row] = api.get("/v1/standing?cited=bbbb3:169").json()["data"]
    assert row == api.get("/v1/observations/bbbb3/standing?value=169").json()["data"]
    assert (row["status"], row["print_instead"]["value"]) == ("revised", 170)
    assert row["reason"] == "The figures are of another year."
    assert row["explanation"] == (
        "Release 1.1.0 showed that, and was recalled. Since release 1.0.0 the figure is \u201c170\u201d."
    )
    for query, status in (("value=170", "current"), ("value=168", "unknown"), ("value=169&release=1.0.0", "unknown")):
        assert api.get(f"/v1/observations/bbbb3/standing?{query}").json()["data"]["status"] == status
    found = api.get("/v1/observations/bbbb3/standing?value=169&release=1.1.0").json()["data"]
    assert (found["status"], found["explanation"]) == ("current", "The current figure is \u201c169\u201d.")


def test_what_a_recalled_release_showed_is_nobodys_last_version_once_the_next_one_ends_it(
    api, served, database, publish
):
    publish(FIRST, "1.0.0", "2024-05-01")
    publish(SECOND, "1.1.0", "2024-06-01")
    recall(served, database, "1.1.0")
    publish(SECOND, "2.0.0", "2024-07-01", ended=["bbbb3=Withdrawn.", "bbbb4=Invented."])
    document = api.get("/v1/observations/bbbb3").json()
    assert document["data"]["value"] == 170
    assert document["links"]["pinned"].endswith("/v1/observations/bbbb3?release=1.0.0")
    said = "The figure was withdrawn in release 2.0.0. Reason: Withdrawn. Its last version was “170”."
    for query, before in (("", ""), ("?value=169", "Release 1.1.0 showed that, and was recalled. ")):
        stands = api.get(f"/v1/observations/bbbb3/standing{query}").json()["data"]
        assert (stands["status"], stands["explanation"]) == ("ended", before + said)
    assert api.get("/v1/observations/bbbb4").json()["code"] == "not_in_release"
    page = read_page(api, "/observations/bbbb4?release=1.1.0")  # the cited page of a wrong figure stays
    assert page.under("Is this still current?").startswith("Release 1.1.0, which you are viewing, was recalled")
    assert "In release 2.0.0: no such figure." in page.text
    assert "/observations/bbbb4" not in page.addresses
    told = {one["release"]: one["recalled"] for one in api.get("/v1/changes").json()["data"]}
    assert told == {"1.0.0": None, "1.1.0": "The figures are of another year.", "2.0.0": None}
    assert "But release 1.1.0 was recalled." in api.get("/v1/changes.atom").text


def test_every_page_and_chart_of_a_recalled_release_says_so_and_why(api, served, database, publish):
    publish(FIRST, "1.0.0", "2024-05-01", files=chart_file())
    publish(SECOND, "1.1.0", "2024-06-01", files=chart_file())
    pages = ("/observations/bbbb3", "/datasets/allegations", "/chart/allegations", "/charts/shown", "/sources/paper")
    frames = ("/v1/allegations.html", "/v1/charts/shown.html", "/v1/observations/bbbb3.html")
    notices = [f"{path}?release=1.1.0" for path in pages] + [f"{path}?release=1.1.0&notice=1" for path in frames]
    addresses = [*notices, "/releases", "/releases/1.1.0", "/releases/1.1.0/changes"]
    before = {address: api.get(address) for address in addresses}
    assert [address for address, answer in before.items() if "recalled" in answer.text.lower()] == []
    recall(served, database, "1.1.0")
    for address, answer in before.items():
        again = api.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, "recalled" in again.text.lower()) == (200, True), address
        assert "The figures are of another year." in again.text, address
        assert "revised since" not in again.text, address
    assert "<strong>Yes</strong>" not in api.get("/observations/bbbb3?release=1.1.0").text
    told = "Release 1.1.0, of which this chart is, was recalled."
    assert told in api.get("/v1/allegations.svg?release=1.1.0&notice=1").text
    for address in ("/releases/1.0.0", "/datasets/allegations?release=1.0.0", "/datasets/allegations"):
        assert "recalled" not in api.get(address).text.lower()


@pytest.mark.parametrize("path", ["/v1/observations", "/v1/changes"])
def test_who_reads_a_release_by_pages_goes_on_after_a_recall(api, served, database, two_releases, path):
    first = api.get(f"{path}?limit=1&release=1.0.0").json()
    recall(served, database, "1.1.0")
    then = api.get(first["links"]["next"].removeprefix(served.service.base_url)).json()
    whole = api.get(f"{path}?limit=2&release=1.0.0").json()
    assert [*first["data"], *then["data"]] == whole["data"]
    assert len(whole["data"]) == 2


def test_the_release_after_a_recalled_one_is_the_latest(api, served, database, publish, two_releases):
    recall(served, database, "1.1.0")
    publish(THIRD, "1.1.1", "2024-06-02")
    assert values(api) == {"bbbb3": 170, "bbbb4": 157}
    changes = api.get("/v1/changes?since=1.0.0").json()["data"]
    assert {one["release"] for one in changes} == {"1.1.0", "1.1.1"}


def test_a_rebuilt_database_knows_what_was_recalled(api, served, database, two_releases, tmp_path):
    recall(served, database, "1.1.0")
    load_register(database.owner, tmp_path / "register", rebuild=True)
    eventually(lambda: values(api) == {"bbbb2": 116, "bbbb3": 170}, seconds=20)


def test_a_database_without_releases_says_so_when_one_is_to_be_recalled(database):
    with pytest.raises(MisconductError) as refused:
        recall_release(database.owner, "9.0.0", "Why.")
    assert str(refused.value) == "The database has no release '9.0.0'.\nIt has none."


def test_what_cannot_be_recalled(database, two_releases):
    with pytest.raises(MisconductError, match=r"The database has no release '9\.0\.0'"):
        recall_release(database.owner, "9.0.0", "Why.")
    recall_release(database.owner, "1.1.0", "Why.")
    with pytest.raises(MisconductError, match=r"There is no release beside 1\.0\.0 that could be the latest"):
        recall_release(database.owner, "1.0.0", "Why.")
    with pytest.raises(DatabaseUnreachable, match="cannot execute SELECT FOR NO KEY UPDATE in a read-only transaction"):
        recall_release(database.reader, "1.0.0", "Why.")
