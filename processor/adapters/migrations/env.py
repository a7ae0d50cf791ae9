"""Alembic's way in: it works on the connection, and in the transaction, that it is given."""

from alembic import context

from processor.adapters.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=False,  # the transaction is the caller's
)
context.run_migrations()
