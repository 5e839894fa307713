"""What a store can answer instead of a result. Every error carries one line a person can read."""

from __future__ import annotations


class StoreError(Exception):
    """Base of all errors of the store."""


class Conflict(StoreError):
    """Somebody else changed the same rows in between; nothing was written. Read again and repeat."""


class Duplicate(StoreError):
    """A value that has to be unique is there already; nothing was written.

    `table` and `columns` name the constraint ("users", ("site_id", "email_key")), the same on every database.
    """

    def __init__(self, table: str, columns: tuple[str, ...]) -> None:
        super().__init__(f"{table} has a row with the same {', '.join(columns)}")
        self.table = table
        self.columns = columns


class Unstorable(StoreError):
    """A value cannot be kept or compared by this database (a number beyond 64 bits, a NUL in a text)."""


class StoreUnavailable(StoreError):
    """The database did not do it: connection lost, disk full, locked or busy for too long.

    A write may have happened all the same when the answer to it was lost.
    """


class StartError(StoreError):
    """The store cannot be used at all."""


class NotWritable(StartError):
    """The database file or its folder cannot be written, or the account on the server may not write."""


class NewerDatabase(StartError):
    """The database was migrated by a newer release."""


class OlderDatabase(StartError):
    """The database has to be migrated first and the caller asked not to do so."""


class MigrationFailed(StartError):
    """The database could not be brought to this release's revision; the line says why, where it is now, what to do."""


class NotADatabase(StartError):
    """What the address names is no database of this program (a foreign file, no such server or account)."""
