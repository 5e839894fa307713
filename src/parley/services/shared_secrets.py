"""Secrets that all processes on a database share, each made by whichever process needs it first."""

from __future__ import annotations

import secrets
from contextlib import suppress

from parley.store import Changes, Duplicate, Engine, StoreUnavailable, meta


async def shared_secret(engine: Engine, name: str) -> bytes:
    """32 random bytes under a name, such as `session-tickets`.

    Raises:
        StoreUnavailable: the database cannot be read or written.
    """
    key = f"secret:{name}"
    kept = await meta.get(engine, key)
    if kept is None:
        changes = Changes()
        meta.add(changes, key, secrets.token_hex(32))
        with suppress(Duplicate):  # another process was first
            await engine.commit(changes)
        kept = await meta.get(engine, key)
    if kept is None:
        raise StoreUnavailable(f"the shared secret {name} cannot be read")
    return bytes.fromhex(kept)
