"""How far a database is behind its primary. Whatever driver asks: a load needs none but its own."""

from __future__ import annotations

HAS_REPLAYED_ALL = """NOT pg_is_in_recovery()
    OR pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver)"""
"""Whether a database is a primary, or a replica that is connected and has replayed all. After a restart it has replayed
more than it received: until the primary writes again, that counts from where the file of its log begins."""

LAG = f"""SELECT (CASE WHEN {HAS_REPLAYED_ALL} THEN 0
    ELSE abs(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())) END)::float8 AS seconds"""  # noqa: S608 (of constants)
"""How many seconds a database is behind: 0 if it has replayed all, and NULL where that is not known, as it is of a
replica that was started and did not find its primary."""

LAG_SECONDS = 10.0
"""From which on a replica counts as one that lags."""


def is_lagging(seconds: float | None) -> bool:
    """Return whether a replica that is this far behind (None: not known) lags."""
    return seconds is None or seconds >= LAG_SECONDS
