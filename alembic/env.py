"""Run the migrations on the connection, and in the schema, that `misconduct.db.schema` passes."""

from alembic import context

from misconduct.db.tables import METADATA

given = context.config.attributes
connection = given["connection"].execution_options(
    schema_translate_map={None: given["schema"]}
)
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table_schema=given["schema"],
)
with context.begin_transaction():
    context.run_migrations()
