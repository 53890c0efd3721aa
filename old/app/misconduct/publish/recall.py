"""Recall a release: the one before is the latest again, within a second and everywhere."""

from __future__ import annotations

import psycopg

from misconduct.db.direct import NOTICE_LOSS, connect
from misconduct.errors import DatabaseUnreachable, LoadInProgress, MisconductError, is_lost
from misconduct.model.records import DRAFT
from misconduct.publish.owed import owe

_LOAD_SECONDS = 10
_READ = "SELECT number, recalled FROM releases ORDER BY ordinal FOR NO KEY UPDATE"


class RecalledAlready(MisconductError):
    """The release was recalled before. Nothing was changed."""


def recall_release(owner_url: str, number: str, reason: str) -> str:
    """Write in the database that a release is recalled, and why; a purge is then owed. Returns the latest number.

    It stays in the chain and is answered by its number. There is no way back but the next release. Raises
    MisconductError if there is no such release, or none is left that can be the latest; RecalledAlready;
    LoadInProgress, if a load that writes everything again does not end; or DatabaseUnreachable, after which it is
    recalled only if the answer to COMMIT was lost, as the error then says.
    """
    known: dict[str, str | None] = {}
    is_committing = False
    try:
        with connect(owner_url, autocommit=False) as connection:
            connection.execute(NOTICE_LOSS)
            connection.execute(f"SET LOCAL lock_timeout = '{_LOAD_SECONDS}s'")
            for _ in range(2):  # whoever waited for a load that deletes all rows finds none, and looks for those since
                known = known or dict(connection.execute(_READ).fetchall())
            if number not in known or number == DRAFT:
                raise MisconductError(
                    f"The database has no release {number!r}.", hint=f"It has {', '.join(known) or 'none'}."
                )
            left = [one for one, recalled in known.items() if recalled is None and one not in (number, DRAFT)]
            if not left:
                raise MisconductError(f"There is no release beside {number} that could be the latest.")
            if known[number] is not None:
                raise RecalledAlready(f"Release {number} is recalled already: {known[number]}")
            connection.execute("UPDATE releases SET recalled = %s WHERE number = %s", [reason, number])
            owe(connection)
            is_committing = True
    except psycopg.errors.LockNotAvailable as error:
        raise LoadInProgress(
            f"The release is not recalled: a load that writes everything again has run for {_LOAD_SECONDS} s.",
            hint="Recall it when that is done, or end the load.",
        ) from error
    except psycopg.Error as error:
        because = str(error).strip().partition("\n")[0]
        if is_committing and is_lost(error):
            raise DatabaseUnreachable(
                f"Whether the release is recalled is not known: {because}",
                hint="Recall it again: that does it, or says that it is recalled already, and purges what is owed.",
            ) from error
        raise DatabaseUnreachable(
            f"The release is not recalled: {because}",
            hint="Is MISCONDUCT_OWNER_URL the owner's address, and of the primary? Has this version loaded into it?",
        ) from error
    return left[-1]
