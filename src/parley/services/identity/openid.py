"""Checks access tokens (JWT) of an OpenID Connect issuer with its public keys.

Sources: facts/user-site.md 2 and 3; RFC 7519, RFC 8725 (what to look out for), RFC 9068 (access tokens).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

from parley.domain.identity import OpenIdIssuer
from parley.services.identity.claims import Claim, Refused, claim

#: Characters of a token; those of issuers with many claims have a few thousand.
MAX_TOKEN: Final = 16_384
#: Seconds by which the clocks of issuer and server may differ.
LEEWAY: Final = 60
#: With public keys only: with a shared secret whoever can check a token could make one.
_ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519"),
)
#: What the header may call a token (RFC 8725, section 3.11; RFC 9068, section 2.1).
_KINDS: Final = frozenset({"jwt", "at+jwt"})
_KEY_TYPES: Final[dict[str, type[RSAKey | ECKey | OKPKey]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_MAX_KEYS: Final = 100
#: Keys that are tried for a token that names none.
_MAX_TRIED: Final = 10
_RSA_BITS: Final = range(2048, 8193)

Keys = tuple["RSAKey | ECKey | OKPKey", ...]
"""Public keys of an issuer."""


class _Registry(JWSRegistry):
    """Room for what issuers put into a token's header (a chain of certificates); unknown entries are ignored."""

    max_header_length = 8192
    max_payload_length = MAX_TOKEN

    def __init__(self) -> None:
        super().__init__(algorithms=_ALGORITHMS, strict_check_header=False)


_REGISTRY: Final = _Registry()


def read_keys(document: Mapping[str, Any]) -> Keys:
    """The keys of a JWK set that signatures can be checked with; others are passed over (RFC 7517, section 5)."""
    entries = document.get("keys")
    found = (_key(each) for each in entries[:_MAX_KEYS]) if isinstance(entries, list) else ()
    return tuple(key for key in found if key is not None)


def _key(entry: Any) -> RSAKey | ECKey | OKPKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kind = _KEY_TYPES.get(str(entry.get("kty")))
    operations = entry.get("key_ops")
    if kind is None or (isinstance(operations, list) and "verify" not in operations):
        return None
    # What is private has no place in a published key, and what does not concern signatures need not be understood.
    public = {name: entry[name] for name in ("kty", "kid", "alg", "crv", "n", "e", "x", "y") if name in entry}
    if kind is RSAKey and not _has_good_length(public.get("n")):
        return None
    try:
        key = kind.import_key(public)
        key.public_key  # noqa: B018  reads the numbers, which may be none
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return None
    return key


def _has_good_length(modulus: Any) -> bool:
    """Whether an RSA modulus (base64url) is neither breakable nor so long that checking takes noticeable time."""
    return isinstance(modulus, str) and _RSA_BITS.start <= len(modulus.rstrip("=")) * 6 <= _RSA_BITS.stop + 16


def check_form(token: str) -> dict[str, Any]:
    """The header of a token that may be one of ours, read without any proof.

    Raises:
        Refused: it is too long, no signed JWT, or signed in a way that is not accepted.
    """
    if len(token) > MAX_TOKEN or not token.isascii():
        raise Refused("the token is too long or not ASCII")
    try:
        header = extract_compact(token.encode(), registry=_REGISTRY).headers()
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused(f"the token is no signed JWT ({type(error).__name__})") from None
    kind = header.get("typ")
    if kind is not None and str(kind).casefold().removeprefix("application/") not in _KINDS:
        raise Refused("the token is of another kind")  # such as a notice of signing out
    if header.get("alg") not in _ALGORITHMS:
        raise Refused("the token is signed by an algorithm that is not accepted")
    return header


def signed_claims(token: str, header: Mapping[str, Any], keys: Keys) -> dict[str, Any] | None:
    """The claims of a token that one of the keys signed; None when the key is not among them.

    Raises:
        Refused: the key that the token names did not sign it.
    """
    kid, algorithm = header.get("kid"), header["alg"]
    fitting = [key for key in keys if kid is None or key.kid == kid]
    for key in fitting[:_MAX_TRIED]:
        if key.get("alg") not in (None, algorithm):
            continue
        try:
            return jwt.decode(token, key, registry=_REGISTRY).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
    if kid is not None and fitting:
        raise Refused("the signature is wrong")
    return None


def read_claims(claims: Mapping[str, Any], issuer: OpenIdIssuer, now: int) -> Claim:
    """Whom a signed token names.

    Args:
        now: UTC epoch seconds.

    Raises:
        Refused: it is of another issuer, for somebody else, not valid now, without the scope, or names nobody.
    """
    rules = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer.issuer},
        exp={"essential": True},
        aud={"values": list(issuer.audiences)},
    )
    try:
        rules.validate(dict(claims))
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise Refused(f"a claim does not hold ({error})"[:200]) from None
    if "aud" not in claims and claims.get("client_id") not in issuer.audiences:
        raise Refused("the token is not for this site")
    if issuer.required_scope and issuer.required_scope not in _scopes(claims):
        raise Refused("the token lacks the scope")
    return named_by(claims, issuer)


def check_identity(claims: Mapping[str, Any], issuer: OpenIdIssuer, nonce: str, now: int) -> None:
    """See that a signed ID token answers what a browser was sent to its issuer with.

    Args:
        nonce: what the browser was sent with.
        now: UTC epoch seconds.

    Raises:
        Refused: it is of another issuer, for another client, for another browser, or not valid now.

    Source: OpenID Connect Core 1.0, section 3.1.3.7.
    """
    rules = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": issuer.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        rules.validate(dict(claims))
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise Refused(f"a claim does not hold ({error})"[:200]) from None
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != issuer.client_id:
        raise Refused("the token was made for another client")


def named_by(claims: Mapping[str, Any], issuer: OpenIdIssuer) -> Claim:
    """Whom claims name, by the claim that the site chose.

    Raises:
        Refused: they name nobody.
    """
    if issuer.user_claim != "email":
        return claim("webExID", claims.get(issuer.user_claim))
    if claims.get("email_verified", True) not in (True, "true"):
        raise Refused("the e-mail address is not verified")
    return claim("email", claims.get("email"))


def _scopes(claims: Mapping[str, Any]) -> list[object]:
    """The scopes of a token: `scope` is a text of words (RFC 9068); some issuers have a list, or `scp`."""
    found: list[object] = []
    for name in ("scope", "scp"):
        value = claims.get(name)
        if isinstance(value, str):
            found += value.split()
        elif isinstance(value, list):
            found += value
    return found
