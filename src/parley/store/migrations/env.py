"""Alembic runs this file: migrates over the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from parley.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction is around everything
)
context.run_migrations()
