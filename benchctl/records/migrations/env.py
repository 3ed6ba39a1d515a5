"""How Alembic reaches the database: over the connection it is handed, or as SQL text."""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(
        dialect_name=context.config.attributes["dialect"],
        literal_binds=True,
        output_buffer=context.config.output_buffer,
    )
else:
    context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
