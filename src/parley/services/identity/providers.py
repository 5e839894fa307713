"""Where OpenID Connect issuers let people sign in in their browsers, and what they give for a code.

Source: OpenID Connect Discovery 1.0, section 3; OpenID Connect Core 1.0, sections 3.1.3 and 5.3.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from parley.services.identity.claims import Refused
from parley.services.identity.issuers import (
    Declined,
    IssuerUnavailable,
    configuration,
    document_at,
    reaching,
    trusted_address,
)

if TYPE_CHECKING:
    import httpx

_BASIC: Final = "client_secret_basic"


class Provider(NamedTuple):
    """What an issuer says of signing in.

    Attributes:
        authorization, token: where browsers are sent, and where codes are turned into tokens.
        userinfo: where more claims are; None: nowhere.
        end_session: where browsers are sent to sign out there too; None: nowhere.
        basic: it takes the client's secret in a header, else as a field of the form.
    """

    authorization: str
    token: str
    userinfo: str | None
    end_session: str | None
    basic: bool


class Tokens(NamedTuple):
    """What an issuer gives for a code."""

    id_token: str
    access_token: str | None


async def fetch_provider(issuer: str) -> Provider:
    """What an issuer says now.

    Raises:
        IssuerUnavailable: it does not answer, or does not say where people sign in.
    """

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        return await configuration(client, issuer)

    found = await reaching(ask)
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint")
    authorization, token, userinfo, end_session = (trusted_address(found, name, issuer) for name in names)
    if authorization is None or token is None:
        raise IssuerUnavailable("its configuration names no address to sign in at that can be trusted")
    methods = found.get("token_endpoint_auth_methods_supported")
    basic = not isinstance(methods, list) or _BASIC in methods
    return Provider(authorization, token, userinfo, end_session, basic)


async def redeem(provider: Provider, fields: dict[str, str], client_id: str, secret: str) -> Tokens:
    """Turn a code into tokens.

    Args:
        fields: of the request, without those that say who the client is.
        secret: empty: the client has none.

    Raises:
        Refused: the issuer does not take the code.
        IssuerUnavailable: it does not answer, or not as it should.
    """
    form, headers = {"grant_type": "authorization_code", **fields}, {}
    if secret and provider.basic:
        both = f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(both).decode('ascii')}"
    else:
        form |= {"client_id": client_id, **({"client_secret": secret} if secret else {})}

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        return await document_at(client, provider.token, form=form, headers=headers)

    try:
        found = await reaching(ask)
    except Declined as declined:
        raise Refused(f"the code is not taken: {declined}"[:300]) from None
    id_token, access_token = found.get("id_token"), found.get("access_token")
    if not isinstance(id_token, str):
        raise Refused("there is no ID token")
    return Tokens(id_token, access_token if isinstance(access_token, str) and access_token.isascii() else None)


async def more_claims(address: str, access_token: str, subject: object) -> dict[str, Any]:
    """What an issuer says beside the ID token of the person that it is for.

    Raises:
        Refused: it speaks of somebody else, or does not take the token.
        IssuerUnavailable: it does not answer, or not as it should.
    """

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        return await document_at(client, address, headers={"Authorization": f"Bearer {access_token}"})

    try:
        found = await reaching(ask)
    except Declined as declined:
        raise Refused(f"the access token is not taken: {declined}"[:300]) from None
    if not isinstance(subject, str) or found.get("sub") != subject:
        raise Refused("the further claims are of somebody else")
    return found
