"""SAML assertions that signed somebody in; only a hash of them is kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, delete

from parley.store.changes import Changes
from parley.store.query import Insert, Query, where
from parley.store.tables import used_assertions as table

_NOW = bindparam("now", type_=BigInteger)
_INSERT = Insert(table)
_PURGE = Query(
    delete(table).where(*where(table.c.site_id), table.c.expires_at <= _NOW),
    "key_site_id",
    "now",
)


def use(changes: Changes, site_id: int, assertion_hash: str, expires_at: int) -> None:
    """Use an assertion up; Duplicate when it was used: exactly one of many users wins.

    Args:
        expires_at: UTC epoch seconds from which on the assertion is refused for its age.
    """
    changes.insert(_INSERT, [(site_id, assertion_hash, expires_at)])


def purge(changes: Changes, site_id: int, now: int) -> None:
    """Forget assertions that expired."""
    changes.add(_PURGE, site_id, now)
