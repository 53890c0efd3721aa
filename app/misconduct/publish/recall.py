"""Recall a release: the one before is the latest again, within a second and everywhere."""

from __future__ import annotations

import psycopg

from misconduct.db.direct import connect
from misconduct.errors import DatabaseUnreachable, MisconductError
from misconduct.model.records import DRAFT
from misconduct.publish.owed import owe


def recall_release(owner_url: str, number: str, reason: str) -> str:
    """Write in the database that a release is recalled, and why; a purge is then owed. Returns the latest number.

    It stays in the chain and is answered by its number. There is no way back but the next release. Raises
    MisconductError if there is no such release or none before it that can be the latest, or DatabaseUnreachable.
    """
    try:
        with connect(owner_url, autocommit=False) as connection:
            found = connection.execute("SELECT number, recalled FROM releases ORDER BY ordinal FOR UPDATE")
            known: dict[str, str | None] = dict(found.fetchall())
            if number not in known or number == DRAFT:
                raise MisconductError(f"The database has no release {number!r}.", hint=f"It has {', '.join(known)}.")
            left = [one for one, recalled in known.items() if recalled is None and one not in (number, DRAFT)]
            if not left:
                raise MisconductError(f"There is no release beside {number} that could be the latest.")
            connection.execute("UPDATE releases SET recalled = %s WHERE number = %s", [reason, number])
            owe(connection)
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise DatabaseUnreachable(
            f"The release is not recalled: {reason}",
            hint="Is MISCONDUCT_OWNER_URL the owner's address, and of the primary? Has this version loaded into it?",
        ) from error
    return left[-1]
