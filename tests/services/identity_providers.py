"""An OpenID Connect issuer and a SAML identity provider, as small as they can be and with real keys."""

from __future__ import annotations

import base64
import functools
import json
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from parley.domain.identity import OpenIdIssuer, SamlProvider

WELL_KNOWN = "/.well-known/openid-configuration"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


@functools.cache
def rsa_key(name: str) -> RSAKey:
    """A key for signing; made once for all tests that name it so."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}, auto_kid=False)


@functools.cache
def ec_key(name: str) -> ECKey:
    """The same with an elliptic curve."""
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"}, auto_kid=False)


class Issuer:
    """Publishes keys on a port of this machine and makes tokens.

    Attributes:
        keys: what it publishes.
        asked: the paths that were asked for.
        answers: by path: makes another answer (status, content) than the right one.
    """

    def __init__(self) -> None:
        self.keys: list[RSAKey | ECKey] = [rsa_key("first")]
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[], tuple[int, bytes]]] = {}
        self.headers: dict[str, str] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                status, content = issuer.answer(self.path)
                self.send_response(status)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and content of what is at a path."""
        if path in self.answers:
            return self.answers[path]()
        if path == WELL_KNOWN:
            return 200, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()
        return 404, b""

    def settings(self, **more: Any) -> OpenIdIssuer:
        """What a site sets to trust it."""
        return OpenIdIssuer(**{"issuer": self.url, "audiences": ("parley",), **more})

    def token(self, key: RSAKey | ECKey | None = None, **claims: Any) -> str:
        """A token that is good for an hour; claims of None are left out."""
        return token(self.url, key or self.keys[0], **claims)


def token(issuer: str, key: RSAKey | ECKey | OKPKey, *, now: int | None = None, **claims: Any) -> str:
    """A signed token with the claims of an issuer, or others in their place; claims of None are left out."""
    now = int(time.time()) if now is None else now
    usual = {"iss": issuer, "aud": "parley", "sub": "host1", "iat": now, "nbf": now, "exp": now + 3600}
    given = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    algorithm = str(key.alg or "RS256")
    header = {"alg": algorithm, **({"kid": key.kid} if key.kid else {})}
    return jwt.encode(header, given, key, algorithms=[algorithm])


class IdentityProvider:
    """Makes and signs SAML responses.

    Args:
        curve: sign with an elliptic curve instead of RSA.
        days: from and until when the certificate holds, seen from today.
    """

    def __init__(self, *, curve: bool = False, days: tuple[int, int] = (-1, 30)) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)
        self.curve = curve
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider")])
        today = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
            .not_valid_before(today + timedelta(days=days[0]))
            .not_valid_after(today + timedelta(days=days[1]))
            .sign(self.key, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(Encoding.PEM).decode()

    def settings(self, **more: Any) -> SamlProvider:
        """What a site sets to trust it."""
        usual = {
            "entity_id": "https://idp.example/",
            "certificates": (self.certificate,),
            "audience": "urn:parley:site",
            "recipient": "https://meet.example/acs",
        }
        return SamlProvider(**{**usual, **more})

    def sign(self, element: etree._Element) -> etree._Element:
        """The element with a signature over it inside."""
        algorithm = "ecdsa-sha256" if self.curve else "rsa-sha256"
        signer = XMLSigner(signature_algorithm=algorithm, digest_algorithm="sha256", c14n_algorithm=EXCLUSIVE)
        signed: etree._Element = signer.sign(
            element, key=self.key, cert=self.certificate, reference_uri=f"#{element.get('ID')}"
        )
        return signed

    def response(self, *, sign: str = "assertion", now: int | None = None, **values: Any) -> str:
        """A response in base64.

        Args:
            sign: assertion, response, both or nothing.
            values: see `assertion_xml`.
        """
        return encoded(self.document(sign=sign, now=now, **values))

    def document(self, *, sign: str = "assertion", now: int | None = None, **values: Any) -> etree._Element:
        """As `response`, as a document."""
        assertion = etree.fromstring(assertion_xml(now=now, **values))
        if sign in ("assertion", "both"):
            assertion = self.sign(assertion)
        response = wrapped(assertion, **{name: values[name] for name in ("destination", "status") if name in values})
        return self.sign(response) if sign in ("response", "both") else response


def moment(now: int, seconds: int) -> str:
    """A time as SAML writes it."""
    return datetime.fromtimestamp(now + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def assertion_xml(
    *,
    now: int | None = None,
    user: str = "host1",
    identifier: str | None = None,
    issuer: str = "https://idp.example/",
    audience: str = "urn:parley:site",
    recipient: str = "https://meet.example/acs",
    begins: int = -10,
    ends: int = 300,
    confirmed: int = 300,
    conditions: str | None = None,
    subject: str | None = None,
    statements: str = "",
    **_: Any,
) -> str:
    """An assertion; `begins`, `ends` and `confirmed` are seconds from now."""
    now = int(time.time()) if now is None else now
    identifier = identifier or f"_{secrets.token_hex(16)}"
    if conditions is None:
        conditions = (
            f'<saml:Conditions NotBefore="{moment(now, begins)}" NotOnOrAfter="{moment(now, ends)}">'
            f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
            "</saml:Conditions>"
        )
    if subject is None:
        subject = (
            f'<saml:Subject><saml:NameID>{user}</saml:NameID><saml:SubjectConfirmation Method="'
            f'urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="{recipient}"'
            f' NotOnOrAfter="{moment(now, confirmed)}"/></saml:SubjectConfirmation></saml:Subject>'
        )
    return (
        f'<saml:Assertion xmlns:saml="{SAML}" Version="2.0" ID="{identifier}" IssueInstant="{moment(now, 0)}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>{subject}{conditions}{statements}</saml:Assertion>"
    )


def wrapped(
    assertion: etree._Element, *, destination: str = "https://meet.example/acs", status: str = "Success"
) -> etree._Element:
    """A response around an assertion."""
    response = etree.fromstring(
        f'<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{SAML}" Version="2.0" ID="_{secrets.token_hex(16)}"'
        f' Destination="{destination}"><saml:Issuer>https://idp.example/</saml:Issuer><samlp:Status>'
        f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status></samlp:Response>'
    )
    response.append(assertion)
    return response


def encoded(document: etree._Element | bytes) -> str:
    """A document in base64."""
    content = document if isinstance(document, bytes) else etree.tostring(document)
    return base64.b64encode(content).decode()
