"""Create the tables by Alembic, and tell whether a database has those of this program."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from misconduct.db.tables import OBSERVATIONS, REVISION
from misconduct.errors import DatabaseError


def create_tables(connection: Connection, *, may_drop: bool) -> None:
    """Create the tables, if they are not there, or instead of those of another revision if `may_drop`.

    Raises DatabaseError if these may not be dropped, or are another program's.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    if current == REVISION:
        return
    tables = inspect(connection).get_table_names()
    is_ours = bool(
        current and OBSERVATIONS.name in tables
    )  # other programs use Alembic, too
    if tables and not (may_drop and is_ours):
        found = (
            f"tables of another revision ({current})"
            if is_ours
            else f"tables of another program ({tables[0]}, …)"
        )
        then = (
            "start the service, and drop the old one"
            if is_ours
            else "and start the service"
        )
        raise DatabaseError(
            f"The database has {found}. The register is loaded into an empty database: create one, "
            f"name it in MISCONDUCT_DATABASE_URL, {then}."
        )
    if tables:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    here = Path(__file__).parents[1]
    folder = next(
        one for one in (here / "alembic", here.parents[1] / "alembic") if one.exists()
    )
    config = Config()
    config.set_main_option(
        "script_location", str(folder).replace("%", "%%")
    )  # it reads a % as that of a variable
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    command.upgrade(config, "head")
