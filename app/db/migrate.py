"""Brings a database to the schema that this version of the code needs."""

from __future__ import annotations

from pathlib import Path
from time import sleep

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from app.errors import DatabaseUnreachable, SchemaInUse

MIGRATIONS = Path(__file__).parents[2] / "alembic"

LOCK_SECONDS = 0.4
PAUSES = (0.2, 0.4, 0.0)
"""Seconds after each attempt: with the waiting, less than two in all."""


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration for one connection; there is no alembic.ini to disagree with it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str | None:
    """The revision to which `migrate` upgrades."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def migrate(owner_url: str) -> None:
    """Upgrades to the newest schema, all or nothing. Raises SchemaInUse or DatabaseUnreachable.

    Whoever waits for a lock makes all wait who come after: so it waits for none longer than LOCK_SECONDS, and tries
    again a little later.
    """
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    try:
        for pause in PAUSES:
            if _upgrade(engine):
                return
            sleep(pause)
    except OperationalError as error:
        raise DatabaseUnreachable(
            f"The database could not be migrated: {error.orig}",
            hint="Is it running, and is MISCONDUCT_OWNER_URL right?",
        ) from error
    raise SchemaInUse(
        "The database was not migrated, because somebody reads or writes a table that is to change; it is as it was.",
        hint="Try again when what runs is done: SELECT pid, query FROM pg_stat_activity.",
    )


def _upgrade(engine: Engine) -> bool:
    """Whether it could be done: False where a lock was not to be had."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT set_config('lock_timeout', :wait, false)"), {"wait": f"{LOCK_SECONDS}s"})
            command.upgrade(migration_config(connection), "head")
            connection.commit()
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True
