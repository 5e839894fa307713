"""What OpenID Connect issuers publish: their keys and addresses, found by discovery, fetched when needed, kept a while.

Fetching holds up only those who wait for the same: one fetch at a time for a site, not more than one a minute,
bounded in time and size, without redirects.
Source: OpenID Connect Discovery 1.0, sections 4.1 and 4.3.
"""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec
import structlog

from parley.domain.identity import is_trusted_url

if TYPE_CHECKING:
    import httpx

    from parley.services.identity.openid import Keys

T = TypeVar("T")
K = TypeVar("K")

#: Seconds for which keys are used without asking again, and for which they go on being used while the issuer is down.
FRESH: Final = 3600
STALE: Final = 6 * 3600
#: Seconds between two fetches for one site.
PAUSE: Final = 60
#: Seconds that a fetch may take in all, and each wait for the network in it.
_DEADLINE: Final = 10.0
_TIMEOUT: Final = 5.0
#: Bytes of one document of an issuer.
_MAX_DOCUMENT: Final = 512 * 1024
_WELL_KNOWN: Final = "/.well-known/openid-configuration"

_log = structlog.get_logger("parley.identity")


class IssuerUnavailable(Exception):
    """No keys are known and none can be fetched now; the text says why."""


@dataclass(slots=True)
class _Known(Generic[K]):
    """What is known of the issuer of a site; times are UTC epoch seconds."""

    issuer: str
    keys: K | None = None
    fetched_at: int = 0
    asked_at: int | None = None
    problem: str = ""
    running: asyncio.Task[None] | None = None


class Published(Generic[K]):
    """What issuers publish, such as their keys, by site, so that no site waits or fails for what another one set.

    Args:
        limit: sites of which it is kept.
        fetch: gets it from an issuer.
    """

    def __init__(self, fetch: Callable[[str], Awaitable[K]], limit: int = 1000) -> None:
        self._limit = limit
        self._fetch = fetch
        self._known: OrderedDict[int, _Known[K]] = OrderedDict()

    async def find(self, site_id: int, issuer: str, now: int, choose: Callable[[K], T | None]) -> T | None:
        """What `choose` makes of the issuer's keys.

        When it finds nothing among the known keys, or they are old, they are fetched anew, unless that was done within
        the last minute.

        Args:
            now: UTC epoch seconds.
            choose: gives None when the keys do not have what it looks for.

        Raises:
            IssuerUnavailable: there are no keys to look at.
        """
        known = self._of(site_id, issuer)
        if known.keys is not None and 0 <= now - known.fetched_at < FRESH:
            found = choose(known.keys)
            if found is not None:
                return found
        await self._renew(known, now)
        if known.keys is None or now - known.fetched_at > STALE:
            raise IssuerUnavailable(known.problem)
        return choose(known.keys)

    def stop(self) -> None:
        """Give up fetches that are under way."""
        for known in self._known.values():
            if known.running is not None:
                known.running.cancel()

    def _of(self, site_id: int, issuer: str) -> _Known[K]:
        known = self._known.get(site_id)
        if known is None or known.issuer != issuer:  # the first time, or the site has another issuer now
            known = self._known[site_id] = _Known(issuer)
        self._known.move_to_end(site_id)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)
        return known

    async def _renew(self, known: _Known[K], now: int) -> None:
        if known.running is None:
            if known.asked_at is not None and 0 <= now - known.asked_at < PAUSE:
                return
            known.asked_at = now
            known.running = asyncio.create_task(self._ask(known, now))
        # One of those who wait may go away; the others still want the keys.
        await asyncio.shield(known.running)

    async def _ask(self, known: _Known[K], now: int) -> None:
        try:
            known.keys = await self._fetch(known.issuer)
            known.fetched_at = now
        except IssuerUnavailable as error:
            known.problem = str(error)
            _log.warning("the issuer does not tell its keys or addresses", issuer=known.issuer, problem=known.problem)
        finally:
            known.running = None


class IssuerKeys(Published["Keys"]):
    """The keys of issuers, see `Published`."""

    def __init__(self, limit: int = 1000, fetch: Callable[[str], Awaitable[Keys]] | None = None) -> None:
        super().__init__(fetch or fetch_keys, limit)


async def fetch_keys(issuer: str) -> Keys:
    """The keys that an issuer publishes now.

    Raises:
        IssuerUnavailable: it does not answer, or not as it should.
    """
    openid = await asyncio.to_thread(importlib.import_module, "parley.services.identity.openid")

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        return await document_at(client, _keys_address(await configuration(client, issuer), issuer))

    keys: Keys = openid.read_keys(await reaching(ask))
    if not keys:
        raise IssuerUnavailable("it publishes no key that can be used")
    return keys


async def reaching(ask: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    """What `ask` gets from an issuer, within some seconds, without redirects.

    Raises:
        IssuerUnavailable: it does not answer, or not as it should.
    """
    # The first time this takes a while; meanwhile others are to be answered.
    await asyncio.to_thread(importlib.import_module, "httpx")
    import httpx

    try:
        async with asyncio.timeout(_DEADLINE):
            # The certificates that the machine trusts; SSL_CERT_FILE names others.
            trusted = await asyncio.to_thread(ssl.create_default_context)
            async with httpx.AsyncClient(verify=trusted, timeout=_TIMEOUT, follow_redirects=False) as client:
                return await ask(client)
    except TimeoutError:
        raise IssuerUnavailable(f"no answer within {_DEADLINE:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise IssuerUnavailable(f"{type(error).__name__}: {error}"[:300]) from None


async def configuration(client: httpx.AsyncClient, issuer: str) -> dict[str, Any]:
    """What an issuer says of itself.

    Raises:
        IssuerUnavailable: it does not answer, or not as it should.
    """
    found = await document_at(client, issuer.rstrip("/") + _WELL_KNOWN)
    if found.get("issuer") != issuer:
        raise IssuerUnavailable("its configuration names another issuer")
    return found


def trusted_address(found: Mapping[str, Any], name: str, issuer: str) -> str | None:
    """An address in what an issuer says of itself; None for none, and for one that cannot be trusted."""
    address = found.get(name)
    # From an issuer with TLS no way leads to an address without.
    trusted = isinstance(address, str) and is_trusted_url(address, loopback=issuer.startswith("http:"))
    return address if isinstance(address, str) and trusted else None


def _keys_address(found: Mapping[str, Any], issuer: str) -> str:
    address = trusted_address(found, "jwks_uri", issuer)
    if address is None:
        raise IssuerUnavailable("its configuration names no address of keys that can be trusted")
    return address


class Declined(IssuerUnavailable):
    """It answers, but with a status that says no."""


async def document_at(
    client: httpx.AsyncClient,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object at an address.

    Args:
        form: fields to post; None: nothing is.
        headers: more than the usual ones.

    Raises:
        Declined: the answer has a status of 400 to 499.
        IssuerUnavailable: it does not answer, or not as it should.
    """
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    async with client.stream("GET" if form is None else "POST", address, headers=sent, data=form) as response:
        if 400 <= response.status_code < 500:
            raise Declined(f"{address} answers with status {response.status_code}")
        if response.status_code != 200:  # a redirect too: the specification wants the answer itself
            raise IssuerUnavailable(f"{address} answers with status {response.status_code}")
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > _MAX_DOCUMENT:
                raise IssuerUnavailable(f"{address} answers with more than {_MAX_DOCUMENT} bytes")
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise IssuerUnavailable(f"{address} does not answer with a JSON object") from None
