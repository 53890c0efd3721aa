"""Name, create and drop the schemas of releases. Each has the tables of one release."""

import re
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from misconduct.db.tables import REVISION

_DIGEST_LETTERS = 16  # of 64: enough to tell a register's releases apart
_FORM = re.compile(rf"release_[0-9a-f]{{{_DIGEST_LETTERS}}}_(\w+)", re.ASCII)


def name_schema(digest: str) -> str:
    """Return the name of the schema of a release: of its digest, and of the revision of the tables."""
    return f"release_{digest[:_DIGEST_LETTERS]}_{REVISION}"


def read_revision(schema: str) -> str | None:
    """Return the revision of the tables in a schema; None if it has no release."""
    match = _FORM.fullmatch(schema)
    return match[1] if match else None


LIST_SCHEMAS = "SELECT nspname AS schema FROM pg_namespace ORDER BY nspname"
"""The statement that lists the schemas of all programs."""


def create_schema(connection: Connection, schema: str) -> None:
    """Create a schema with its tables, by Alembic, in the transaction of a connection."""
    connection.execute(text(f"CREATE SCHEMA {schema}"))
    here = Path(__file__).parents[1]
    folders = (here / "alembic", here.parents[1] / "alembic")
    folder = next(one for one in folders if one.exists())
    config = Config()
    # Alembic reads a % as the beginning of a variable.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    attributes: dict[str, Any] = config.attributes
    attributes |= {"connection": connection, "schema": schema}
    command.upgrade(config, "head")
