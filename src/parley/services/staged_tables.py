"""Tables that somebody sent to be looked at before they are taken over, kept for half an hour.

They hold passwords, so what lies in the folder is sealed (AES-256-GCM) with a key that the server does not keep: it is
in the ticket, which only the sender's browser has. What is taken over or given up is removed at once, the rest by
`sweep`. All processes with the same data folder find the same tables.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from parley.config import Config

SECONDS: Final = 1800
"""So long a table is kept after something of it was last written."""
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def staging_folder(config: Config) -> Path:
    """Where they lie."""
    return Path(config.data).absolute() / "imports"


class Staged:
    """One table and what is noted of it, in parts by name.

    Args:
        owner: whose it is; a ticket is worth nothing to others.
        ticket: as another `Staged` gave it; None for a new one.
    """

    def __init__(self, folder: Path, owner: str, ticket: str | None = None) -> None:
        key = _key(ticket) if ticket is not None else secrets.token_bytes(_KEY_BYTES)
        self.ticket = key.hex()
        self._folder = folder
        self._owner = owner
        self._cipher = AESGCM(key)
        self._name = hashlib.blake2b(key, digest_size=16, person=b"staged table").hexdigest()

    def put(self, part: str, content: bytes) -> None:
        """Keep a part, in place of an earlier one of the same name.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, content, self._about(part))
        making = self._path(part).with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
        making.replace(self._path(part))

    def get(self, part: str) -> bytes | None:
        """A part; None when it is not there, too old, or somebody else's."""
        path = self._path(part)
        try:
            if time.time() - path.stat().st_mtime > SECONDS:
                return None
            sealed = path.read_bytes()
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._about(part))
        except (OSError, InvalidTag, ValueError):
            return None

    def take(self, part: str) -> bytes | None:
        """A part, which is removed; of several who take it at once, in whichever processes, one gets it."""
        content = self.get(part)
        try:
            self._path(part).unlink()
        except FileNotFoundError:
            return None
        return content

    def drop(self, part: str) -> None:
        """Remove a part."""
        self._path(part).unlink(missing_ok=True)

    def _path(self, part: str) -> Path:
        return self._folder / f"{self._name}-{part}"

    def _about(self, part: str) -> bytes:
        return f"{self._owner}/{part}".encode()


def _key(ticket: str) -> bytes:
    """The key of a ticket; of what is none a key that nothing is sealed with."""
    try:
        key = bytes.fromhex(ticket) if len(ticket) == 2 * _KEY_BYTES else b""
    except ValueError:
        key = b""
    return key if len(key) == _KEY_BYTES else secrets.token_bytes(_KEY_BYTES)


def sweep(folder: Path) -> None:
    """Remove what is older than it may be."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        try:
            if time.time() - path.stat().st_mtime > SECONDS:
                path.unlink(missing_ok=True)
        except OSError:  # somebody else removed it
            continue
