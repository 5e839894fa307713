"""A database of the test's own, once per kind of database."""

from tests.store.conftest import engine, host

__all__ = ["engine", "host"]
