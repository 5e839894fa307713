"""Turns access tokens and SAML responses into the name of an account.

Source: facts/user-site.md 2 (webExAccessToken) and 3 (AuthenticateUser).
"""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any, Final

import structlog

from parley.domain.site import Site
from parley.protocol import faults
from parley.services.identity.claims import Claim, Refused
from parley.services.identity.issuers import IssuerKeys, IssuerUnavailable, Published
from parley.services.identity.providers import Provider, fetch_provider

if TYPE_CHECKING:
    from parley.services.identity.openid import Keys
    from parley.services.identity.saml import Assertion

#: SAML responses that may wait to be checked; further ones are refused.
_MAX_WAITING: Final = 64

#: What was imported so far.
_loaded: Final[dict[str, Any]] = {}

_log = structlog.get_logger("parley.identity")


class Vouchers:
    """Checks proofs of others without holding up the event loop.

    Args:
        keys: the keys of issuers; a test may give its own.
    """

    def __init__(self, keys: IssuerKeys | None = None) -> None:
        self._keys = keys or IssuerKeys()
        self._providers = Published(fetch_provider)
        # One at a time: a signature takes milliseconds, and those who send made-up ones wait for each other only.
        self._saml = asyncio.Lock()
        self._waiting = 0

    async def token(self, site: Site, token: str, now: int) -> Claim:
        """Whom an access token names.

        Args:
            now: UTC epoch seconds.

        Raises:
            Fault: the site has no issuer, the token does not count, or its issuer cannot be reached.
        """
        issuer = site.settings.openid
        if not issuer.issuer:
            raise faults.INVALID_ACCESS_TOKEN()
        openid = await _module("openid")
        try:
            token = "".join(token.split())
            header = openid.check_form(token)
            claims = await self._signed(openid, site, token, header, now)
            claim: Claim = openid.read_claims(claims, issuer, now)
        except Refused as refused:
            _log.debug("access token refused", site=site.name, why=str(refused))
            raise faults.INVALID_ACCESS_TOKEN() from None
        except IssuerUnavailable:
            raise faults.IDENTITY_PROVIDER_DOWN() from None
        return claim

    async def id_token(self, site: Site, token: str, nonce: str, now: int) -> dict[str, Any]:
        """The claims of an ID token that the site's issuer gave for a sign-in in a browser.

        Args:
            nonce: what the browser was sent to the issuer with.
            now: UTC epoch seconds.

        Raises:
            Refused: the token does not count.
            IssuerUnavailable: the issuer cannot be reached.
        """
        openid = await _module("openid")
        header = openid.check_form(token)
        claims = await self._signed(openid, site, token, header, now)
        openid.check_identity(claims, site.settings.openid, nonce, now)
        return claims

    async def provider(self, site: Site, now: int) -> Provider:
        """Where the site's issuer lets people sign in.

        Args:
            now: UTC epoch seconds.

        Raises:
            IssuerUnavailable: it cannot be reached, or does not say where.
        """
        found = await self._providers.find(site.site_id, site.settings.openid.issuer, now, lambda known: known)
        if found is None:
            raise IssuerUnavailable("nothing is known of it")
        return found

    async def _signed(self, openid: Any, site: Site, token: str, header: dict[str, Any], now: int) -> dict[str, Any]:
        def choose(keys: Keys) -> dict[str, Any] | None:
            claims: dict[str, Any] | None = openid.signed_claims(token, header, keys)
            return claims

        claims = await self._keys.find(site.site_id, site.settings.openid.issuer, now, choose)
        if claims is None:
            raise Refused("the key is not known")
        return claims

    async def assertion(self, site: Site, response: str, now: int) -> Assertion:
        """What a SAML response says; whether it was used before is for the caller to see.

        Args:
            response: base64.
            now: UTC epoch seconds.

        Raises:
            Fault: the site has no identity provider, the response does not count, or too many wait.
        """
        provider = site.settings.saml
        if not provider.entity_id:
            raise faults.INVALID_SAML_RESPONSE()
        if self._waiting >= _MAX_WAITING:
            raise faults.BUSY()
        saml = await _module("saml")
        self._waiting += 1
        try:
            async with self._saml:
                found: Assertion = await asyncio.to_thread(saml.read_response, response, provider, now)
        except Refused as refused:
            _log.debug("SAML response refused", site=site.name, why=str(refused))
            raise faults.INVALID_SAML_RESPONSE() from None
        finally:
            self._waiting -= 1
        return found

    def stop(self) -> None:
        """Give up what is under way."""
        self._keys.stop()
        self._providers.stop()


async def _module(name: str) -> Any:
    """A module with its libraries; they take a while to be imported, so that happens beside the event loop."""
    module = _loaded.get(name)
    if module is None:
        path = f"parley.services.identity.{name}"
        module = _loaded[name] = await asyncio.to_thread(importlib.import_module, path)
    return module
