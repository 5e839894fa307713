"""Signing in in a browser by the site's OpenID Connect issuer: authorization code flow with PKCE.

The browser is sent to the issuer with a state, a nonce and the hash of a verifier, and keeps all three in a signed
cookie. What comes back counts only together with that cookie, so nobody can be signed in by a link of somebody else.
The account is the one that an access token with the same claims would name (AuthenticateUser).
Sources: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9700 (what to look out for).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog

from parley.domain.site import Site
from parley.protocol import faults
from parley.services.identity.claims import Claim, Refused
from parley.services.identity.issuers import IssuerUnavailable
from parley.services.identity.providers import more_claims, redeem
from parley.services.identity.sealing import Unreadable, unseal
from parley.services.shared_secrets import shared_secret
from parley.services.signed import Seal
from parley.services.signin import vouched_account
from parley.store import users

if TYPE_CHECKING:
    from parley.domain.user import User
    from parley.services.application import Application

#: Seconds that somebody may take at the issuer.
SECONDS: Final = 900
_MAC_BYTES: Final = 32
_SCOPES: Final = {"email": "openid email", "preferred_username": "openid profile", "sub": "openid"}

_log = structlog.get_logger("parley.identity")


class Begun(msgspec.Struct, frozen=True, array_like=True):
    """A sign-in that was begun in a browser.

    Attributes:
        issuer: at which one.
        until: when it is too late, UTC epoch seconds.
        onward: the path of the site that the visitor wanted to go to.
    """

    site_id: int
    issuer: str
    state: str
    nonce: str
    verifier: str
    until: int
    onward: str


_READ: Final = msgspec.json.Decoder(Begun)


def is_offered(site: Site) -> bool:
    """Whether people may sign in to the site by its issuer."""
    return bool(site.settings.openid.issuer and site.settings.openid.client_id)


async def begin(application: Application, site: Site, redirect: str, onward: str) -> tuple[str, Begun]:
    """The address to send a browser to, and what the browser is to keep.

    Args:
        redirect: where the issuer sends the browser back to.

    Raises:
        Fault: the issuer cannot be reached.
    """
    issuer, now = site.settings.openid, application.clock.now()
    try:
        provider = await application.vouchers.provider(site, now)
    except IssuerUnavailable:
        raise faults.IDENTITY_PROVIDER_DOWN() from None
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(site.site_id, issuer.issuer, state, nonce, verifier, now + SECONDS, onward)
    asked = {
        "response_type": "code",
        "client_id": issuer.client_id,
        "redirect_uri": redirect,
        "scope": _SCOPES[issuer.user_claim],
        "state": state,
        "nonce": nonce,
        "code_challenge": _unpadded(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    return _with(provider.authorization, asked), begun


async def finish(application: Application, site: Site, begun: Begun, answer: dict[str, str], redirect: str) -> User:
    """Whoever the issuer sends back with a code.

    Args:
        begun: what the browser kept.
        answer: `state`, `code` and `iss` as they came back.
        redirect: as in `begin`.

    Raises:
        Fault: the issuer does not vouch for him, cannot be reached, or the account may not be used.
    """
    try:
        claim = await _claim(application, site, begun, answer, redirect)
    except Refused as refused:
        _log.info("sign-in by the issuer refused", site=site.name, why=str(refused))
        raise faults.INVALID_ACCESS_TOKEN() from None
    except IssuerUnavailable as error:
        _log.warning("sign-in by the issuer failed", site=site.name, why=str(error))
        raise faults.IDENTITY_PROVIDER_DOWN() from None
    caller = await vouched_account(application, site, claim)
    user = await users.by_id(application.engine, site.site_id, caller.user_id)
    if user is None:
        raise faults.NO_ACCOUNT_OF_PROOF()
    return user


async def _claim(application: Application, site: Site, begun: Begun, answer: dict[str, str], redirect: str) -> Claim:
    from parley.services.identity.openid import named_by

    issuer, now = site.settings.openid, application.clock.now()
    if begun.site_id != site.site_id or begun.issuer != issuer.issuer or begun.until <= now:
        raise Refused("it was begun elsewhere, or too long ago")
    if not hmac.compare_digest(begun.state.encode(), answer["state"].encode()):
        raise Refused("it was begun in another browser")
    if answer["iss"] not in ("", issuer.issuer):
        raise Refused("another issuer answers")
    provider = await application.vouchers.provider(site, now)
    fields = {"code": answer["code"], "redirect_uri": redirect, "code_verifier": begun.verifier}
    secret = await _secret(application, site)
    tokens = await redeem(provider, fields, issuer.client_id, secret)
    claims = await application.vouchers.id_token(site, tokens.id_token, begun.nonce, now)
    if issuer.user_claim not in claims and provider.userinfo is not None and tokens.access_token is not None:
        claims = {**await more_claims(provider.userinfo, tokens.access_token, claims.get("sub")), **claims}
    return named_by(claims, issuer)


async def _secret(application: Application, site: Site) -> str:
    sealed = site.settings.openid.client_secret
    try:
        return await unseal(application.engine, site.site_id, sealed) if sealed else ""
    except Unreadable:
        raise IssuerUnavailable("the client's secret cannot be read; set it anew") from None


async def end_address(application: Application, site: Site, back: str) -> str | None:
    """The address that signs a browser out at the issuer too; None: there is none.

    Args:
        back: where the issuer sends the browser afterwards, if it knows that address.
    """
    try:
        provider = await application.vouchers.provider(site, application.clock.now())
    except IssuerUnavailable:
        return None
    if provider.end_session is None:
        return None
    said = {"client_id": site.settings.openid.client_id, "post_logout_redirect_uri": back}
    return _with(provider.end_session, said)


# ---- what the browser keeps --------------------------------------------------------------------------------------


async def kept(application: Application, begun: Begun) -> str:
    """A begun sign-in as the value of a cookie."""
    return (await _seal(application)).to_base64(msgspec.json.encode(begun))


async def read_kept(application: Application, value: str) -> Begun | None:
    """What a cookie says; None when it is none of ours."""
    body = (await _seal(application)).from_base64(value)
    try:
        return None if body is None else _READ.decode(body)
    except msgspec.DecodeError:
        return None


async def _seal(application: Application) -> Seal:
    key = await shared_secret(application.engine, "openid-sign-ins")
    return Seal(key, b"openid-sign-in", _MAC_BYTES)


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _with(address: str, said: dict[str, str]) -> str:
    """An address with further query parameters."""
    parts = urlsplit(address)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(said))))).geturl()
