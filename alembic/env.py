"""Run the migrations on the connection that `misconduct.db.schema` passes."""

from alembic import context

from misconduct.db.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA
)
with context.begin_transaction():
    context.run_migrations()
