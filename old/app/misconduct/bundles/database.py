"""Compare a loaded database with the register: every row is hashed as the register's own row was.

The database is a cache of the register, so whatever differs was changed there. The bytes of files are compared
elsewhere (`app/misconduct/doctor/contents.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import orjson
import psycopg

from misconduct.db.direct import server_cursor
from misconduct.db.encoders import computed_elsewhere
from misconduct.model.catalogue import relate_codes
from misconduct.model.counts import COUNTED, Whole
from misconduct.model.kinds import KINDS
from misconduct.model.observation import OPEN, Observation
from misconduct.model.records import Assessment, ManifestLine, Record
from misconduct.register.assessments import compute, observations_of
from misconduct.register.ledger import InForce
from misconduct.register.mistakes import Refused
from misconduct.register.observation_columns import COLUMNS
from misconduct.register.observations import digest_observation
from misconduct.register.reader import OpenRegister
from misconduct.register.rules import DERIVED, Deriver

Progress = Callable[[int, int], None]
"""Called with the number of observations compared, and of all."""

CHANGED, MISSING, ADDED = "was changed", "is missing", "is in no release"
DERIVED_OTHERWISE = "has other days, another year or other bounds: by other code, which loaded it, or changed since"
MOVED = "is in force in other releases than the manifests say"

ROWS_AT_ONCE = 2_000
_PART = "\x1f"  # between the parts of a list: a register holds no such character
_LISTS = ("also_at", "caveats")


def _as_text(column: str) -> str:
    if column in _LISTS:  # a part that is null becomes a space, which no part has
        return f"CASE WHEN {column} <> '{{}}' THEN array_to_string({column}, '{_PART}', ' ') END"
    return f"{column}::text"


_DERIVED = [name for names, _ in DERIVED for name in names]
_SELECTED = ("source", "sha256", "added_in", "ended_in", *map(_as_text, (*_DERIVED, *COLUMNS)))
OBSERVATIONS = f"SELECT {', '.join(_SELECTED)} FROM observations"  # noqa: S608 (of constants)
_COUNTS = psycopg.sql.SQL(
    "SELECT added_in, ended_in, count(*), {} FROM observations GROUP BY added_in, ended_in, GROUPING SETS ({})"
).format(*[psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, COUNTED))] * 2)
_TEXTS = 4 + len(_DERIVED)  # where the cells begin

_VALUE = COLUMNS.index("value")
_AT_LISTS = [COLUMNS.index(column) for column in _LISTS]


def compare_database(
    connection: psycopg.Connection,
    register: OpenRegister,
    releases: int,
    on_progress: Progress,
    *,
    has_draft: bool = False,
    derived_anew: list[tuple[Any, ...]] | None = None,
) -> Iterator[str]:
    """Yield what differs between the first `releases` releases of the register and the database, which holds them.

    With `has_draft`, a draft follows them in the database. No manifest seals its rows, so they are only compared with
    the hashes that are stored beside them. `connection` is in a transaction that sees one state of the database.

    Where other code loaded it, and a row differs only in what is derived from its cells (`DERIVED`), `derived_anew`
    gets what this code derives, with the id and the version of the row, instead.
    """
    last = len(register.releases[:releases])
    compared = _Comparison(connection, register, last, last + 1 if has_draft else None, derived_anew)
    differs = False
    for differences in (
        compared.releases(),
        compared.lines(),
        compared.records(),
        compared.observations(on_progress),
    ):
        for difference in differences:
            differs = True
            yield difference
    if not differs:  # what is computed from rows that differ would differ as well
        yield from compared.assessments()
        yield from compared.counts()


class _Comparison:
    """One database while it is compared. `draft` is the ordinal of the draft that it holds, if it holds one."""

    def __init__(
        self,
        connection: psycopg.Connection,
        register: OpenRegister,
        last: int,
        draft: int | None,
        derived_anew: list[tuple[Any, ...]] | None,
    ) -> None:
        self._connection, self._register, self._last, self._draft = connection, register, last, draft
        self._is_other_code = bool(computed_elsewhere(connection))
        self._derived_anew = derived_anew
        self._ledger = register.sealed_observations
        self._derived = Deriver()
        lines = [line for line in register.lines if line.release <= last]
        self._lines = {line[:5]: line for line in lines}
        self._removed = {(line.kind, f"{line.id}@{line.version}") for line in lines if line.action == "removed"}
        later = (line for line in register.lines if line.release > last and line.action == "removed")
        self._to_go = {(line.kind, line.id) for line in later}  # already gone from the register, still in the database
        self._excused: list[Record] = []  # the records of these

    def releases(self) -> Iterator[str]:
        rows = self._connection.execute("SELECT ordinal, number, released::text, summary, digest FROM releases")
        stored = {ordinal: tuple(facts) for ordinal, *facts in rows}
        for ordinal, number, released, summary, digest, _ in self._register.releases[: self._last]:
            if stored.get(ordinal) != (number, released.isoformat(), summary, digest):
                yield f"release {number} {CHANGED if ordinal in stored else MISSING}"

    def lines(self) -> Iterator[str]:
        """Compare the manifest lines that are stored: all but those that only add a first version."""
        rows = self._connection.execute(
            "SELECT release, kind, id, version, action, sha256, reason, replaced_by FROM manifest_lines"
        )
        stored = {line[:5]: line for line in map(ManifestLine._make, rows) if line.release != self._draft}
        for key in sorted(stored.keys() | self._lines.keys()):
            if stored.get(key) != self._lines.get(key):
                release, kind, identity, version, action = key
                how = MISSING if key not in stored else CHANGED if key in self._lines else ADDED
                yield f"manifest line {release} {kind} {identity} version {version} {action} {how}"

    def records(self) -> Iterator[str]:
        rows = self._connection.execute("SELECT kind, id, version, content, sha256, added_in, ended_in FROM records")
        stored = {record[:3]: record for record in map(Record._make, rows) if record.added_in != self._draft}
        sealed = {record[:3]: record for record in self._register.records if record.added_in <= self._last}
        for key in sorted(stored.keys() | sealed.keys()):
            name = "{} {} version {}".format(*key)
            if key not in stored:
                yield f"{name} {MISSING}"
            elif key not in sealed:
                if key[:2] in self._to_go:
                    self._excused.append(stored[key])
                else:
                    yield f"{name} {ADDED}"
            elif _contents(stored[key]) != _contents(sealed[key]):
                yield f"{name} {CHANGED}"
            elif not self._is_in_force(*stored[key][-2:], InForce(*sealed[key][-2:])):
                yield f"{name} {MOVED}"

    def observations(self, on_progress: Progress) -> Iterator[str]:
        """Compare the rows as they are read. Only if there are too few, find out which are missing."""
        sealed = sum(self._are_compared(key, terms) for key, terms in self._ledger.versions())
        done = found = 0
        with server_cursor(self._connection) as cursor:
            cursor.itersize = ROWS_AT_ONCE
            for done, row in enumerate(cursor.execute(OBSERVATIONS), 1):
                identity, version = row[_TEXTS : _TEXTS + 2]
                key = f"{identity}@{version}"
                terms = self._ledger.in_force(key) if key in self._ledger else None
                is_sealed = terms is not None and self._are_compared(key, terms)
                found += is_sealed
                if fault := self._judge(key, terms if is_sealed else None, row):
                    yield f"observation {identity} version {version} {fault}"
                if done % ROWS_AT_ONCE == 0:
                    on_progress(done, max(done, sealed))
        on_progress(done, done)
        if found != sealed:
            stored = Counter(
                key for (key,) in self._connection.execute("SELECT id || '@' || version FROM observations")
            )
            compared = (key for key, terms in self._ledger.versions() if self._are_compared(key, terms))
            for key in sorted(key for key in compared if stored[key] != 1):
                how = "occurs more than once" if stored[key] else MISSING
                yield "observation {} version {} {}".format(*key.split("@"), how)

    def _are_compared(self, key: str, terms: InForce) -> bool:
        """Return whether the compared releases have this observation, which was not removed by law."""
        return terms.added_in <= self._last and ("observation", key) not in self._removed

    def _judge(self, key: str, terms: InForce | None, row: Sequence[Any]) -> str:
        """Return what is wrong with a row of OBSERVATIONS; an empty text if nothing is. No manifest has it without
        `terms`."""
        source, sha256, added_in, ended_in, *derived = row[:_TEXTS]
        if terms is None and added_in != self._draft:
            return ADDED
        cells = _read_cells(row[_TEXTS:])
        if cells is None or not _is_hash_of(sha256, cells, source):
            return CHANGED
        expected = self._derived.derive(dict(zip(COLUMNS, cells, strict=True)))
        if [*map(_as_stored, map(expected.get, _DERIVED))] != derived:
            if not self._is_other_code:
                return CHANGED
            if self._derived_anew is None:
                return DERIVED_OTHERWISE
            self._derived_anew.append((*map(expected.get, _DERIVED), *row[_TEXTS : _TEXTS + 2]))
        if terms and bytes.fromhex(self._ledger.sha256(key)) != sha256:
            return CHANGED
        return MOVED if terms and not self._is_in_force(added_in, ended_in, terms) else ""

    def assessments(self) -> Iterator[str]:
        """Compute the results of checks and disagreements again from the rows, which are right, and compare them.

        The codes that figures state are those of the database, where what is to go still is, as it is among the rows.
        Other code may have computed something else. The next load computes its results again (see `publish.load`).
        """
        if self._is_other_code:
            return
        rows = self._connection.execute("SELECT release, kind, id, content FROM assessments")
        found = (one for one in map(Assessment._make, rows) if one.release != self._draft)
        stored = {one[:3]: _as_doubles(one.content) for one in found}
        records = [record for record in self._register.records if record.added_in <= self._last]
        named = {name for record in records for _, name in observations_of(record.kind, record.content)}
        columns = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, Observation._fields))
        query = psycopg.sql.SQL("SELECT {} FROM observations WHERE id = ANY(%s)").format(columns)
        figures = [Observation._make(row) for row in self._connection.execute(query, [list(named)])]
        listed = [one for one in (*records, *self._excused) if one.kind == "code"]
        computed = {}
        for release in range(1, self._last + 1):
            here = {figure.id: figure for figure in figures if figure.added_in <= release < figure.ended_in}
            in_force = (one for one in listed if one.added_in <= release < one.ended_in)
            codes = relate_codes(one.content for one in in_force)
            for record in records:
                if record.added_in <= release < record.ended_in:
                    with suppress(KeyError, Refused):  # it names what was removed by law
                        if (content := compute(record.kind, record.content, here, codes)) is not None:
                            computed[release, record.kind, record.id] = _as_doubles(content)
        for key in sorted(stored.keys() | computed.keys()):
            release, kind, identity = key
            if stored.get(key) != computed.get(key) and (kind, identity) not in self._to_go:
                how = MISSING if key not in stored else CHANGED if key in computed else ADDED
                yield f"the result of {kind} {identity} in release {release} {how}"

    def counts(self) -> Iterator[str]:
        """Compare how many figures of each code were counted at load with the rows, in each release that has counts.

        What an earlier program loaded has none, and is counted when it is asked for.
        """
        rows = self._connection.execute("SELECT release, name, code, content FROM counts")
        stored = {(release, name, code): content for release, name, code, content in rows}
        releases, counted = {release for release, _, _ in stored}, Counter[tuple[int, str, str]]()
        for added_in, ended_in, figures, *codes in self._connection.execute(_COUNTS):
            [(name, code)] = ((name, code) for name, code in zip(COUNTED, codes, strict=True) if code is not None)
            for release in releases:
                counted[release, name, code] += figures if added_in <= release < ended_in else 0
        for key in sorted(stored.keys() | (+counted).keys()):
            if _figures(stored.get(key)) != counted[key]:
                release, name, code = key
                yield f"the count of {name} {code} in release {release} {CHANGED if key in stored else MISSING}"

    def _is_in_force(self, added_in: int, ended_in: int, sealed: InForce) -> bool:
        """Return whether a row is in force in the releases that the manifests say, among those compared."""
        ends = (sealed.ended_in,) if sealed.ended_in <= self._last else (OPEN, self._draft)
        return added_in == sealed.added_in and ended_in in ends


def _read_cells(texts: Sequence[str | None]) -> list[str] | None:
    """Return the cells as the register has them; None for a row that no register has, as one with an empty text."""
    if "" in texts or any(" " in (texts[at] or "") for at in _AT_LISTS):
        return None
    cells = [text or "" for text in texts]
    for at in _AT_LISTS:
        cells[at] = cells[at].replace(_PART, " ")
    return cells


def _as_stored(value: Any) -> str | None:
    """Write a derived value as Postgres does: a number without an exponent, and no negative zero."""
    if isinstance(value, Decimal):
        return f"{value or value.copy_abs():f}"
    return None if value is None else str(value)


def _is_hash_of(sha256: bytes, cells: list[str], source: str) -> bool:
    if digest_observation(tuple(cells), source) == sha256:
        return True
    if cells[_VALUE].strip("0.") or not cells[_VALUE]:
        return False
    cells[_VALUE] = f"-{cells[_VALUE]}"  # a number in Postgres has no negative zero, and a register may
    return digest_observation(tuple(cells), source) == sha256


def _contents(record: Record) -> tuple[bytes, bytes]:
    """Return a record's content and hash. What an earlier program loaded lacks the keys that are new since."""
    return _as_bytes({**KINDS[record.kind].blank, **record.content}), bytes(record.sha256)


def _figures(counted: Any) -> int | None:
    """Return of how many figures a count is; None for what is none."""
    try:
        return Whole.read(counted).figures
    except (KeyError, TypeError):
        return None


def _as_doubles(content: Any) -> bytes:
    """Return a result as bytes, with all numbers as doubles: of 1.8e16, which is one, JSONB makes an integer."""
    return _as_bytes(json.loads(json.dumps(content), parse_int=float))


def _as_bytes(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
