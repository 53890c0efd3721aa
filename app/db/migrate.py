"""Brings a database to the schema that this version of the code needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from app.errors import DatabaseUnreachable

MIGRATIONS = Path(__file__).parents[2] / "alembic"


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
    """Upgrades to the newest schema. Waits for no lock longer than 2 s: readers come first."""
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '2s'"))
            command.upgrade(migration_config(connection), "head")
            connection.commit()
    except OperationalError as error:
        raise DatabaseUnreachable(
            f"The database could not be migrated: {error.orig}",
            hint="Is it running, and is MISCONDUCT_OWNER_URL right?",
        ) from error
