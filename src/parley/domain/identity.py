"""Who else vouches for the accounts of a site: an OpenID Connect issuer, a SAML identity provider.

Source: facts/user-site.md 2 (webExAccessToken, single sign-on) and 3 (accessToken, samlResponse).
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

_Url = Annotated[str, Meta(max_length=2000)]
#: An entity id has up to 1024 characters (SAML metadata); audiences and client ids are kept to the same.
_Name = Annotated[str, Meta(max_length=1024)]
_Certificate = Annotated[str, Meta(max_length=20_000)]

#: Hosts that may be reached without TLS: nobody sits between.
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
#: With this a sealed secret begins.
SEALED: Final = "sealed:"
_PEM: Final = re.compile(r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*")


def is_trusted_url(url: str, *, loopback: bool = True) -> bool:
    """Whether keys may be fetched from an address: https, or http on this machine where `loopback` allows it.

    A user name, a password or a fragment in it is refused.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError when it is no number
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK)


class OpenIdIssuer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The issuer whose access tokens prove who calls; without `issuer` there is none."""

    issuer: _Url = ""
    """Its URL as its tokens have it in `iss`; its keys are found from there (OpenID Connect Discovery)."""
    audiences: Annotated[tuple[_Name, ...], Meta(max_length=20)] = ()
    """A token counts when it is for one of these: its `aud`, or its `client_id` when it has no `aud`."""
    user_claim: Literal["email", "preferred_username", "sub"] = "email"
    """Which claim names the account: `email` by its e-mail address, the others by its webExID."""
    required_scope: Annotated[str, Meta(max_length=200)] = ""
    """A token without this scope (such as spark:all) does not count; empty: any does."""
    client_id: _Name = ""
    """By which the issuer knows this site as a client; with it people may sign in to the console by the issuer."""
    client_secret: Annotated[str, Meta(max_length=4000)] = ""
    """Sealed, see `services.identity.sealing`; empty: the client is a public one and has none."""

    def __post_init__(self) -> None:
        """Refuse an address that cannot be trusted, and half a setting."""
        if not self.issuer:
            if self.audiences or self.required_scope or self.client_id or self.client_secret:
                raise ValueError("openid.issuer is missing")
            return
        if not is_trusted_url(self.issuer) or urlsplit(self.issuer).query:
            raise ValueError("openid.issuer must be an https address (http is for localhost only) without ? and #")
        if not self.audiences or not all(each.strip() for each in self.audiences):
            raise ValueError("openid.audiences must name whom tokens are for")
        if self.required_scope.split() not in ([], [self.required_scope]):
            raise ValueError("openid.required_scope is one word")
        if self.client_secret and not self.client_id:
            raise ValueError("openid.client_id is missing")
        if self.client_secret and not self.client_secret.startswith(SEALED):
            # Whatever it is, it is not to stand in settings, logs and backups as it is.
            raise ValueError("openid.client_secret is set by `parley site identity --openid-secret-file`")


class SamlProvider(msgspec.Struct, frozen=True, omit_defaults=True):
    """The identity provider whose SAML assertions prove who signs in; without `entity_id` there is none."""

    entity_id: _Name = ""
    """Who issues the assertions."""
    certificates: Annotated[tuple[_Certificate, ...], Meta(max_length=10)] = ()
    """PEM; more than one while the provider changes its key."""
    audience: _Name = ""
    """The entity id by which the provider knows this site."""
    recipient: _Url = ""
    """The address to which the provider sends responses (assertion consumer service)."""
    user_attribute: _Name = ""
    """The attribute that names the account; empty: the NameID does."""
    user_is: Literal["webExID", "email"] = "webExID"
    """What the value is that names the account."""
    refuse_passwords: bool = False
    """The API takes no passwords any more (facts/user-site.md 2: not usable on a site with SAML SSO)."""

    def __post_init__(self) -> None:
        """Refuse half a setting, and certificates that are none by their form."""
        needed = (self.entity_id, self.certificates, self.audience, self.recipient)
        if not all(needed):
            if any(needed) or self.user_attribute or self.refuse_passwords:
                raise ValueError("saml needs entity_id, certificates, audience and recipient")
            return
        if not all(_PEM.fullmatch(each) for each in self.certificates):
            raise ValueError("saml.certificates must each be one PEM certificate")
        if not is_trusted_url(self.recipient):
            raise ValueError("saml.recipient must be an https address (http is for localhost only)")
