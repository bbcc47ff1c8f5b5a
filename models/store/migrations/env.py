"""How Alembic reaches the database: on the connection that `models.store.migrate` hands over."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"], version_table=given["version_table"], transaction_per_migration=False
)
context.run_migrations()
