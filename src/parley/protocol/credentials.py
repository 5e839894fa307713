"""Proof of who calls: password hashes, a cache of recent verifications, session tickets, and the brake on guessing.

Programs send the password with every request, and an Argon2 verification takes tens of milliseconds, so verified
passwords are remembered for a while, keyed so that memory holds neither passwords nor anything to guess them from.
The stored hash is part of the key: a changed password misses the cache at once, in every process.
Sources: facts/user-site.md 2 and 3 (session ticket), facts/performance.md section 4 (cost, single flight).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ctypes
import hmac
import math
import os
import secrets
import struct
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

#: Longest password that is looked at; the contract allows 60.
_MAX_PASSWORD: Final = 1024
#: Session tickets are good for this many seconds from their creation, whether used or not.
TICKET_SECONDS: Final = 5400


class Overloaded(Exception):
    """Too many verifications are waiting; the caller may try again."""


#: Parameters of glibc's mallopt, from malloc.h.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3


def give_back_large_blocks() -> None:
    """Let freed blocks of many megabytes go back to the system at once.

    By itself glibc keeps the 19 MiB of each thread that verified a password, for as long as the process lives. Other C
    libraries know nothing of these settings and need none.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    set_option(_M_MMAP_THRESHOLD, 8 << 20)
    set_option(_M_TRIM_THRESHOLD, 8 << 20)


class PasswordVerifier:
    """Hashes and verifies passwords without holding up the event loop.

    Args:
        cache_size: verifications remembered.
        cache_seconds: for how long a right password is remembered; wrong ones for a tenth of it.
        queue: verifications of different passwords that may wait; more are refused with `Overloaded`.
    """

    def __init__(self, cache_size: int = 20_000, cache_seconds: float = 600.0, queue: int = 256) -> None:
        # OWASP's second profile: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = max(1, (os.cpu_count() or 2) - 1)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="argon2")
        self._key = secrets.token_bytes(32)
        self._cache: OrderedDict[bytes, tuple[bool, float]] = OrderedDict()
        self._cache_size = cache_size
        self._cache_seconds = cache_seconds
        self._queue = queue
        self._running: dict[bytes, asyncio.Future[bool]] = {}
        give_back_large_blocks()
        self._dummy = self._hasher.hash(secrets.token_hex(16))

    def __len__(self) -> int:
        return len(self._cache)

    def hash(self, password: str) -> str:
        """The Argon2id hash of a password, with its parameters and salt. Takes tens of milliseconds."""
        return self._hasher.hash(password)

    async def hash_in_background(self, password: str) -> str:
        """As `hash`, without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    def remembered(self, password_hash: str | None, password: str) -> bool | None:
        """The outcome of a recent verification of this password, or None. For an unknown account never True."""
        key = self._cache_key(password_hash or self._dummy, password)
        known = self._cache.get(key)
        if known is None:
            return None
        if known[1] < time.monotonic():
            del self._cache[key]
            return None
        return known[0] and password_hash is not None

    def is_running(self, password_hash: str | None, password: str) -> bool:
        """Whether this verification is being computed for somebody else already."""
        return self._cache_key(password_hash or self._dummy, password) in self._running

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash. The same question asked many times at once is computed once.

        Args:
            password_hash: None for an unknown account: takes as long as for a known one and says no.

        Raises:
            Overloaded: too many verifications wait already.
        """
        if len(password) > _MAX_PASSWORD:
            return False
        remembered = self.remembered(password_hash, password)
        if remembered is not None:
            return remembered
        against = password_hash or self._dummy
        key = self._cache_key(against, password)
        running = self._running.get(key)
        if running is None:
            if len(self._running) >= self._queue:
                raise Overloaded
            running = asyncio.get_running_loop().run_in_executor(self._pool, self._compute, against, password)
            self._running[key] = running
            running.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(running) and password_hash is not None

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _compute(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False

    def _finish(self, key: bytes, done: asyncio.Future[bool]) -> None:
        self._running.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        good = done.result()
        seconds = self._cache_seconds if good else self._cache_seconds / 10
        self._cache[key] = (good, time.monotonic() + seconds)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)

    def _cache_key(self, password_hash: str, password: str) -> bytes:
        text = f"{password_hash}\0{password}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._key, digest_size=24).digest()


class _Failures:
    """Failures of keys of one kind; they leak away one by one with time.

    Args:
        free: so many cost nothing.
        first, longest: seconds between tries after that, doubled with every further failure.
        forget: seconds after which `free` failures are forgotten.
    """

    _MAX_KEYS: Final = 50_000

    def __init__(self, free: int, first: float, longest: float, forget: float) -> None:
        self._free = free
        self._first = first
        self._longest = longest
        self._leak = free / forget
        # More failures than the longest delay needs would only make it last.
        self._most = free + math.ceil(math.log2(longest / first))
        #: By key: failures and when they were counted, and when the next try may begin.
        self._known: OrderedDict[str, tuple[float, float, float]] = OrderedDict()

    def _count(self, key: str, now: float) -> float:
        count, counted, _ = self._known.get(key, (0.0, now, now))
        return max(0.0, count - (now - counted) * self._leak)

    def delay(self, key: str, now: float) -> float:
        """Seconds between two tries for the key."""
        over = self._count(key, now) - self._free
        # A failure that is half forgotten still counts: else the first slow try would come a failure late.
        if over <= -0.5:
            return 0.0
        return float(min(self._longest, self._first * 2 ** min(max(0.0, over), 20)))

    def begins(self, key: str, now: float) -> float:
        """When the next try for the key may begin."""
        delay = self.delay(key, now)
        if not delay:
            return now
        return max(now, self._known[key][2]) + delay

    def set_next(self, key: str, begins: float) -> None:
        """Let later tries begin after this one: guesses side by side are as slow as one after the other."""
        if key in self._known:
            count, counted, _ = self._known[key]
            self._known[key] = (count, counted, begins)

    def add(self, key: str, now: float) -> None:
        """Note a failure."""
        count = min(self._most, self._count(key, now) + 1)
        _, _, begins = self._known.pop(key, (0.0, now, now))
        self._known[key] = (count, now, begins)
        while len(self._known) > self._MAX_KEYS:
            self._known.popitem(last=False)

    def clear(self, key: str) -> None:
        """Forget all failures of the key."""
        self._known.pop(key, None)


class GuessBrake:
    """Slows down guessing: after some failures of an account, or from an address, tries for it come one at a time.

    Only passwords that are not remembered as right are slowed, so a program with the right password is not held up by
    somebody who guesses at its account. Many people share the address of a proxy or of an integration server, so an
    address may fail far more often than an account, and its tries are never far apart.

    Each process of a server has a brake of its own, and whoever guesses cannot choose which of them he comes to. So
    each has its part of what all of them together let through.

    Args:
        free, free_of_address: failures of an account, and from an address, that cost nothing.
        first: seconds between tries after that, doubled with every further failure.
        longest, longest_of_address: most seconds between two tries.
        forget: seconds after which the free failures are forgotten.
        processes: so many share the work of this server.
    """

    #: Longer keys are kept as a digest: somebody may send megabytes as his name.
    _LONGEST_KEY: Final = 200
    #: No try waits longer than this many seconds; those that would have to are refused.
    PATIENCE: Final = 30.0
    #: Tries of one process are never further apart, however many processes there are.
    _LONGEST: Final = 20.0
    _MAX_WAITING: Final = 256

    def __init__(
        self,
        free: int = 5,
        free_of_address: int = 100,
        first: float = 0.25,
        longest: float = 8.0,
        longest_of_address: float = 1.0,
        forget: float = 900.0,
        processes: int = 1,
    ) -> None:
        def failures(free: int, longest: float) -> _Failures:
            slowest = max(longest, min(longest * processes, self._LONGEST))
            return _Failures(math.ceil(free / processes), first, slowest, forget)

        self._accounts = failures(free, longest)
        self._addresses = failures(free_of_address, longest_of_address)
        self._waiting = 0

    def delay(self, account: str, address: str | None = None) -> float:
        """Seconds that the next try for this account from this address has to wait, when no other one waits."""
        now = time.monotonic()
        of_address = self._addresses.delay(address, now) if address is not None else 0.0
        return max(self._accounts.delay(self._key(account), now), of_address)

    async def wait(self, account: str, address: str | None = None) -> None:
        """Wait until the next try may begin.

        Raises:
            Overloaded: too many are waiting, or it would take too long.
        """
        now = time.monotonic()
        account = self._key(account)
        of_account = self._accounts.begins(account, now)
        of_address = self._addresses.begins(address, now) if address is not None else now
        begins = max(of_account, of_address)
        if begins <= now:
            return
        if self._waiting >= self._MAX_WAITING or begins - now > self.PATIENCE:
            raise Overloaded
        self._accounts.set_next(account, of_account)
        if address is not None:
            self._addresses.set_next(address, of_address)
        self._waiting += 1
        try:
            await asyncio.sleep(begins - now)
        finally:
            self._waiting -= 1

    def failed(self, account: str, address: str | None = None) -> None:
        """Note a wrong password."""
        now = time.monotonic()
        self._accounts.add(self._key(account), now)
        if address is not None:
            self._addresses.add(address, now)

    def succeeded(self, account: str) -> None:
        """Forget the failures of an account that just signed in."""
        self._accounts.clear(self._key(account))

    def _key(self, account: str) -> str:
        if len(account) <= self._LONGEST_KEY:
            return account
        return blake2b(account.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class SessionTickets:
    """Makes and checks session tickets: signed statements of who signed in when, so any process can check them.

    A ticket names the version of the user's credentials, so that a change of password, a lock or a deactivation ends
    all tickets at once. They are base64, start with AAAB and are 432 characters long, like the known ones
    (facts/user-site.md 3).

    Args:
        secret: 32 bytes that all processes of a deployment share.
    """

    _FIELDS: Final = struct.Struct(">4sqqqq")
    _NONCE: Final = 324 - _FIELDS.size - 32

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self, site_id: int, user_id: int, credential_version: int, created_ms: int) -> str:
        """A new ticket; `created_ms` is the current time in milliseconds since 1970 UTC."""
        fields = self._FIELDS.pack(b"\x00\x00\x01\x01", site_id, user_id, credential_version, created_ms)
        body = fields + secrets.token_bytes(self._NONCE)
        return base64.b64encode(body + self._mac(body)).decode("ascii")

    def read(self, ticket: str) -> tuple[int, int, int, int] | None:
        """Site, user, credential version and creation time of a ticket made here; None for anything else."""
        if len(ticket) != 432:
            return None
        try:
            raw = base64.b64decode(ticket, validate=True)
        except (binascii.Error, ValueError):
            return None
        body, mac = raw[:-32], raw[-32:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        _, site_id, user_id, version, created_ms = self._FIELDS.unpack(body[: self._FIELDS.size])
        return site_id, user_id, version, created_ms

    def login_ticket(self, site_id: int, user_id: int, credential_version: int, expires_at: int) -> str:
        """A one-time login ticket of 64 hexadecimal digits that can be made again from the same numbers.

        The store keeps only hashes, and yet an unused ticket has to be handed out again (facts/user-site.md 4,
        GetLoginTicket).
        """
        fields = struct.pack(">qqqq", site_id, user_id, credential_version, expires_at)
        return blake2b(fields, key=self._secret, digest_size=32, person=b"login-ticket").hexdigest()

    def _mac(self, body: bytes) -> bytes:
        return blake2b(body, key=self._secret, digest_size=32, person=b"session-ticket").digest()
