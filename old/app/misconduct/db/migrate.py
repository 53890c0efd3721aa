"""Migrate a database to the schema that this version of the code needs."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from psycopg.errors import (
    DuplicateTable,
    IdleInTransactionSessionTimeout,
    InsufficientPrivilege,
    InvalidSchemaName,
    LockNotAvailable,
    ReadOnlySqlTransaction,
    UndefinedObject,
)
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

from misconduct.db.direct import make_engine
from misconduct.db.tables import metadata
from misconduct.errors import DatabaseUnreachable, MigrationRefused, MisconductError, SchemaInUse

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = next(path for folder in Path(__file__).parents if (path := folder / "alembic").is_dir())
"""In a wheel they are part of the package, in a checkout beside it. The names of files begin with their revisions."""

TURN_SECONDS = 30  # to wait for another who migrates, which blocks nobody
TURN = 0x6D696772617465
LOCK_SECONDS = 0.4
IDLE_SECONDS = 10  # between two statements, while readers wait: after that the server ends what a stopped process holds
PAUSES = (0.2, 0.4, 0.0)
"""Seconds after each attempt: with the waits for locks, less than two in total."""

NEWER_CODE = "Use the version of the code that created it, or a newer one."
OWNER = (
    "Is MISCONDUCT_OWNER_URL the owner's address, not the reader's? Are the tables misconduct_owner's, or of whoever "
    "restored them? app/misconduct/db/roles.sql says what the owner may do."
)
HINTS = {
    ReadOnlySqlTransaction: "Is MISCONDUCT_OWNER_URL the owner's address, not the reader's? Is the server a standby?",
    InsufficientPrivilege: OWNER,
    InvalidSchemaName: OWNER,
    UndefinedObject: "Has app/misconduct/db/roles.sql been run on this server? It makes the roles.",
    IdleInTransactionSessionTimeout: "Nothing was changed. Was this process stopped meanwhile? Try again.",
    DuplicateTable: "There are tables but no alembic_version, or tables of something else. "
    "Is this database for the register only?",
}
"""Hints by the error with which the server refuses a migration. Any other but OperationalError is a bug of ours."""


def migration_config(connection: Connection) -> Config:
    """Return Alembic's configuration for one connection; there is no alembic.ini to disagree with it."""
    from alembic.config import Config  # alembic is read only where it has something to do: a tenth of a second

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))  # it takes % for a reference
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str | None:
    """Return the revision to which `migrate` upgrades."""
    return _scripts().get_current_head()


def known_revisions() -> set[str]:
    """Return the revisions for which this version of the code has migrations."""
    return {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS))


def migrate(owner_url: str) -> None:
    """Upgrade to the newest schema, all or nothing. Raises SchemaInUse, MigrationRefused or DatabaseUnreachable.

    The reader may select from every table afterwards, also if a restored dump, or somebody, had taken that away.
    Waiting for a lock blocks everyone who comes after: so wait at most LOCK_SECONDS, and try again soon.
    """
    engine = make_engine(owner_url)
    try:
        for pause in PAUSES:
            if _upgrade(engine):
                return
            sleep(pause)
    except DatabaseError as error:
        if refusal := _refusal_in(error):
            raise refusal from error
        raise
    raise SchemaInUse(
        "The database was not migrated, because a table to be changed is in use. Nothing was changed.",
        hint="Try again when the running queries are done: SELECT pid, query FROM pg_stat_activity.",
    )


def _upgrade(engine: Engine) -> bool:
    """Run the upgrade, and grant what is lacking, unless another does just now. Returns False if a lock could not be
    acquired in time.
    """
    try:
        with engine.connect() as connection:
            _require_utf8(connection)
            wait = text("SELECT set_config('lock_timeout', :wait, false)")
            connection.execute(wait, {"wait": f"{TURN_SECONDS}s"})
            if _is_newest(connection) and not _find_ungranted(connection):
                return True
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURN})
            connection.execute(wait, {"wait": f"{LOCK_SECONDS}s"})
            if not _is_newest(connection):
                idle = text("SELECT set_config('idle_in_transaction_session_timeout', :most, true)")
                connection.execute(idle, {"most": f"{IDLE_SECONDS * 1000:.0f}"})
                from alembic import command

                _require_known_revision(connection)
                command.upgrade(migration_config(connection), "head")
            for table in _find_ungranted(connection):
                connection.execute(text(f"GRANT SELECT ON {table} TO misconduct_reader"))
            connection.commit()
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True


def _is_newest(connection: Connection) -> bool:
    """Tell whether there is nothing to do, by the names of the files alone."""
    newest, _, _ = max(path.stem for path in (MIGRATIONS / "versions").glob("*.py")).partition("_")
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return False
    return [*connection.scalars(text("SELECT version_num FROM alembic_version"))] == [newest]


def _find_ungranted(connection: Connection) -> list[str]:
    """Return the tables and views of this program from which the reader may not select."""
    ungranted = text(
        "SELECT oid::regclass::text FROM pg_class WHERE pg_table_is_visible(oid) AND relkind IN ('r', 'v')"
        " AND relname = ANY (:names) AND NOT has_table_privilege('misconduct_reader', oid, 'SELECT')"
    )
    return [*connection.scalars(ungranted, {"names": [*metadata.tables, "file_pieces"]})]


def _require_utf8(connection: Connection) -> None:
    """Raise MigrationRefused if the database cannot hold every character, or would hold the bytes of some as others."""
    if (encoding := connection.scalar(text("SHOW server_encoding"))) != "UTF8":
        hint = (
            "Load into another: CREATE DATABASE misconduct OWNER misconduct_owner TEMPLATE template0 ENCODING 'UTF8'."
        )
        raise MigrationRefused(f"The database has the encoding {encoding}, not UTF8. Nothing was changed.", hint=hint)


def _require_known_revision(connection: Connection) -> None:
    from alembic.runtime.migration import MigrationContext

    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known_revisions()
    if unknown:
        revision = ", ".join(sorted(unknown))
        raise MigrationRefused(
            f"The database has a schema that this version of the code does not know (revision {revision}).",
            hint=NEWER_CODE,
        )


def _refusal_in(error: DatabaseError) -> MisconductError | None:
    """Return the error for what the server refused, with its first line; None if the fault is ours."""
    first_line = str(error.orig).partition("\n")[0]
    message = f"The database could not be migrated: {first_line}"
    for kind, hint in HINTS.items():
        if isinstance(error.orig, kind):
            return MigrationRefused(message, hint=hint)
    if isinstance(error, OperationalError):
        return DatabaseUnreachable(message, hint="Is it running, and is MISCONDUCT_OWNER_URL right?")
    return None
