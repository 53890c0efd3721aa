"""Time, held against a second, naive implementation: what each release had, what changed, and what seals it.

Hypothesis makes up registers with several releases. Each is released and loaded release by release, as in life, and all
at once, as on a fresh machine. The naive implementation knows only the plan; a second one only replays the manifests.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from misconduct.db.urls import Urls
from misconduct.publish.load import load_register
from tests.conftest import create_database, drop_database, urls_of
from tests.publish.test_load import contents
from tests.registers import seal, write_register

IDS = ("bbbbb", "bbbbc", "bbbbd")
ANCHOR = "zzzzz"
"""Stands in every release, so that none is empty."""

ACTS = ("nothing", "add", "add", "revise", "end", "remove", "remove_and_revise", "remove_first")


# A plan, and what it comes to


@dataclass
class Reading:
    """One version of one figure; releases count from 1."""

    version: int
    value: int
    added: int
    over: int | None = None
    removed: int | None = None
    ended: bool = False

    def in_force(self, release: int) -> bool:
        return self.removed is None and self.added <= release and (self.over is None or release < self.over)


@dataclass
class Plan:
    """What every release does; `readings` by id, all versions, the oldest first."""

    readings: dict[str, list[Reading]] = field(default_factory=dict)
    decisions: list[dict[str, list[str]]] = field(default_factory=list)

    def apply(self, acts: dict[str, tuple[str, int]]) -> None:
        """One further release, which does what can be done of these."""
        self.decisions.append({"ended": [], "removed": [], "reasons": []})
        for name, (act, value) in acts.items():
            self._act(name, act, value)

    def _act(self, name: str, act: str, value: int) -> None:
        release, decided = len(self.decisions), self.decisions[-1]
        versions = self.readings.setdefault(name, [])
        last = versions[-1] if versions else None
        stands = last is not None and last.over is None
        if act == "add" and last is None:
            versions.append(Reading(1, value, release))
        elif act == "revise" and (stands or (last is not None and last.removed is not None)):
            self._revise(name, value)
        elif act == "end" and stands:
            last.over, last.ended = release, True
            decided["ended"].append(f"{name}={name} ended in {release}")
        elif act == "remove" and stands:
            self._remove(name, last)
        elif act == "remove_and_revise" and stands:
            self._remove(name, last)
            self._revise(name, value)
        elif act == "remove_first" and versions and versions[0].removed is None:
            self._remove(name, versions[0])

    def _revise(self, name: str, value: int) -> None:
        release, last = len(self.decisions), self.readings[name][-1]
        last.over = min(last.over or release, release)
        self.readings[name].append(Reading(last.version + 1, value, release))
        self.decisions[-1]["reasons"].append(f"{name}={name} read anew in {release}")

    def _remove(self, name: str, reading: Reading) -> None:
        reading.removed = len(self.decisions)
        reading.over = min(reading.over or reading.removed, reading.removed)
        self.decisions[-1]["removed"].append(f"{name}@{reading.version}=A court in {reading.removed}")

    def table(self) -> str:
        """All rows that stand in the files after the last release: every reading that no court has had removed."""
        lines = ["id | version | year | value | at"]
        for name, versions in [(ANCHOR, [Reading(1, 7, 1)]), *self.readings.items()]:
            start = 100 * ((*IDS, ANCHOR).index(name) + 1)
            lines += [
                f"{name} | {one.version} | 2022 | {one.value} | char={start},{start + 1}"
                for one in versions
                if one.removed is None
            ]
        return "\n".join(lines)


acts = st.fixed_dictionaries({name: st.tuples(st.sampled_from(ACTS), st.integers(0, 3)) for name in IDS})
plans = st.lists(acts, min_size=2, max_size=4)


def number(release: int) -> str:
    return f"{release}.0.0"


def day(release: int) -> str:
    return f"2024-0{release}-10"


# What the service must say, as plainly as possible


def figures(plan: Plan, release: int) -> dict[str, tuple[int, int]]:
    """The figures of a release: version and value by id."""
    found = {
        name: (one.version, one.value)
        for name, versions in plan.readings.items()
        for one in versions
        if one.in_force(release)
    }
    return {ANCHOR: (1, 7), **found}


def past(plan: Plan, name: str, release: int) -> list[tuple]:
    """The history of a figure as one release knows it: version, value, from, until, why, why not any more, old and new."""
    known = [one for one in plan.readings[name] if one.removed is None and one.added <= release]
    return [
        (
            one.version,
            one.value,
            number(one.added),
            number(one.over) if one.over and one.over <= release else None,
            f"{name} read anew in {one.added}" if one.version > 1 else None,
            f"{name} ended in {one.over}" if one.ended and one.over <= release else None,
            [(before.value, one.value)] if before and before.value != one.value else [],
        )
        for before, one in zip([None, *known], known, strict=False)
    ]


def changed(plan: Plan, release: int) -> dict[str, set[tuple]]:
    """What a release did to figures: id and version; of what was revised, old and new."""
    done: dict[str, set[tuple]] = {"added": set(), "revised": set(), "ended": set(), "removed": set()}
    for name, versions in plan.readings.items():
        for one in versions:
            gone = one.removed is not None
            if one.added == release and one.version == 1 and not gone:
                done["added"].add((name, 1))
            if one.added == release and one.version > 1 and not gone:
                before = versions[one.version - 2]
                known = before.removed is None and before.value != one.value
                done["revised"].add((name, one.version, *((before.value, one.value) if known else ())))
            if one.ended and one.over == release and not gone:
                done["ended"].add((name, one.version))
            if one.removed == release:
                done["removed"].add((name, one.version))
    return done


def absent(plan: Plan, name: str, release: int) -> tuple[int, str]:
    """Why a release has no reading: a court removed the last one that it had got, it is not there, or never known.

    Before the first one was added, a removal of the first is told, too.
    """
    versions = plan.readings[name]
    if not versions:
        return (404, "not_found")
    last = max((one.version for one in versions if one.added <= release), default=1)
    if versions[last - 1].removed is not None:
        return (410, "removed")
    return (404, "not_in_release") if any(one.removed is None for one in versions) else (404, "not_found")


# The same from the manifests alone


@dataclass
class Replayed:
    """What manifests say, replayed line by line: the digests, and the versions in force after each."""

    digests: list[str] = field(default_factory=list)
    in_force: list[dict[str, int]] = field(default_factory=list)


def replay(root: Path, releases: int) -> Replayed:
    found, standing, removed, digest = Replayed(), {}, set(), ""
    for release in range(1, releases + 1):
        content = (root / "releases" / f"{number(release)}.csv").read_bytes()
        digest = hashlib.sha256(digest.encode() + content).hexdigest()
        for line in csv.DictReader(content.decode().splitlines()):
            if line["kind"] == "observation":
                key = (line["id"], int(line["version"]))
                if line["action"] == "added":
                    standing[key[0]] = key[1]
                elif standing.get(key[0]) == key[1]:
                    del standing[key[0]]
                if line["action"] == "removed":
                    removed.add(key)
        found.digests.append(digest)
        found.in_force.append(dict(standing))
    found.in_force = [{name: version for name, version in one.items() if (name, version) not in removed} for one in found.in_force]  # fmt: skip
    return found


# The service, asked


def listed(api, query: str) -> dict[str, tuple[int, int]]:
    document = api.get(f"/v1/observations?{query}&columns=id,version,value").json()
    assert document["meta"]["total"] == len(document["data"])
    return {figure["id"]: (figure["version"], figure["value"]) for figure in document["data"]}


def told(api, release: int) -> dict[str, set[tuple]]:
    answer = api.get(f"/v1/releases/{number(release)}/changes?kind=observation&limit=1000").json()["data"]
    return {
        action: {
            (one["id"], one["version"], *values_of(one["changes"]))
            for one in answer
            if one["action"] == action and one["id"] != ANCHOR
        }
        for action in ("added", "revised", "ended", "removed")
    }


def values_of(changes: list[dict]) -> list[int]:
    return [value for change in changes if change["field"] == "value" for value in (change["old"], change["new"])]


def history(api, name: str, release: int) -> list[tuple] | tuple[int, str]:
    answer = api.get(f"/v1/observations/{name}/history?release={number(release)}")
    if answer.status_code != 200:
        return answer.status_code, answer.json()["code"]
    keys = ("version", "value", "added_in", "ended_in", "reason", "ended_because")
    return [
        (*(reading[key] for key in keys), [(one["old"], one["new"]) for one in reading["changes"] if one["field"] == "value"])
        for reading in answer.json()["data"]
    ]  # fmt: skip


@contextmanager
def folder() -> Iterator[Path]:
    """A place for one example; fixtures do not last as long as one."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / "register"


examples = itertools.count(1)
"""One for each register, so that none is the beginning of one before: that would be a replica which is behind."""


def caveats(example: int, release: int) -> str:
    """A caveat more in each release, so that none has nothing to say."""
    text = f"A mark of example {example}."
    return json.dumps([{"id": f"mark_{one}", "version": 1, "text": text} for one in range(1, release + 1)])


def empty(database) -> None:
    with psycopg.connect(database.owner) as owner:
        owner.execute("TRUNCATE releases, records, manifest_lines, observations CASCADE")


def wait_for(served, digest: str) -> None:
    """Returns when the service knows the release with this digest."""
    for _ in range(500):
        if served.client.get("/readyz").json().get("digest") == digest:
            return
        time.sleep(0.02)
    raise AssertionError("the service did not see the release")


@pytest.fixture
def elsewhere(postgres) -> Iterator[Urls]:
    """A second database, for a load of everything at once."""
    name = create_database(postgres, "misconduct")
    yield urls_of(postgres, name)
    drop_database(postgres, name)


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # plans are short; to shrink them takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(planned=plans)
def test_releases_histories_changes_and_digests_are_what_a_naive_replay_says(served, database, elsewhere, planned):
    plan, days, example = Plan(), len(planned), next(examples)
    empty(database)
    empty(elsewhere)
    with folder() as root:
        for release, wanted in enumerate(planned, 1):
            plan.apply(wanted)
            write_register(root, plan.table(), **{"caveats.yaml": caveats(example, release)})
            seal(root, number(release), day(release), **plan.decisions[-1])
            load_register(database.owner, root)
        assert load_register(elsewhere.owner, root).added == tuple(number(release + 1) for release in range(days))
        assert contents(elsewhere) == contents(database)
        replayed = replay(root, days)

    wait_for(served, replayed.digests[-1])
    api = served.client
    releases = {one["number"]: one["digest"] for one in api.get("/v1/releases").json()["data"]}
    assert releases == {number(release): digest for release, digest in enumerate(replayed.digests, 1)}
    assert api.get("/v1/observations?as_of=2024-01-09").status_code == 404
    for release in range(1, days + 1):
        expected = figures(plan, release)
        assert {name: version for name, (version, _) in expected.items()} == replayed.in_force[release - 1]
        assert listed(api, f"release={number(release)}") == expected
        assert listed(api, f"as_of={day(release)}") == listed(api, f"as_of=2024-0{release + 1}-09") == expected
        assert told(api, release) == changed(plan, release)
        for name in IDS:
            known, why = past(plan, name, release), absent(plan, name, release)
            is_told = name in expected or (known and why[0] == 404)  # of one that ended it is told, too
            assert history(api, name, release) == (known if is_told else why)
