"""Alembic runs this file: migrates over the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from alembic import context

from parley.store.tables import metadata


def _done(ctx: Any, step: Any, heads: Collection[str], run_args: Any) -> None:  # Alembic gives them by these names
    """A revision was done."""
    context.config.attributes["done"].extend(heads)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction is around everything
    on_version_apply=_done,
)
context.run_migrations()
