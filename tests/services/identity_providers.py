"""An OpenID Connect issuer and a SAML identity provider, as small as they can be and with real keys."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

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
                self._reply(*issuer.answer(self.path))

            def do_POST(self) -> None:
                issuer.asked.append(self.path)
                fields = parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
                self._reply(*issuer.posted(self.path, dict(fields), self.headers.get("Authorization", "")))

            def _reply(self, status: int, content: bytes) -> None:
                self.send_response(status)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                if status == 303:
                    self.send_header("Location", content.decode())
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

    def posted(self, path: str, fields: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """Status and content of the answer to a form."""
        return 404, b""

    def settings(self, **more: Any) -> OpenIdIssuer:
        """What a site sets to trust it."""
        return OpenIdIssuer(**{"issuer": self.url, "audiences": ("parley",), **more})

    def token(self, key: RSAKey | ECKey | None = None, **claims: Any) -> str:
        """A token that is good for an hour; claims of None are left out."""
        return token(self.url, key or self.keys[0], **claims)


class SignInIssuer(Issuer):
    """An issuer at which people sign in in a browser: whoever comes is `claims`, and is sent back with a code at once.

    Attributes:
        claims: of the ID token; those of None are left out.
        more: what it says beside the ID token, when that is asked for.
        secret: of its client; empty: the client is a public one.
        refusal: the error that people are sent back with; empty: none.
        codes: what was asked with, by the codes that were given and not yet used.
    """

    client_id = "console"

    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Any] = {"sub": "host1"}
        self.more: dict[str, Any] = {}
        self.secret = "client: sécret/+"
        self.refusal = ""
        self.methods: list[str] | None = None
        self.codes: dict[str, dict[str, str]] = {}

    def answer(self, path: str) -> tuple[int, bytes]:
        """Configuration and keys, signing in, further claims."""
        place, _, query = path.partition("?")
        if path in self.answers:
            return self.answers[path]()
        if path == WELL_KNOWN:
            found: dict[str, Any] = json.loads(super().answer(path)[1])
            names = ("authorization", "token", "userinfo", "end_session")
            found |= {f"{name}_endpoint": f"{self.url}/{name}" for name in names}
            found |= {} if self.methods is None else {"token_endpoint_auth_methods_supported": self.methods}
            return 200, json.dumps(found).encode()
        if place == "/authorization":
            return self._authorized(dict(parse_qsl(query, strict_parsing=True)))
        if place == "/userinfo":
            return 200, json.dumps(self.more).encode()
        return super().answer(path)

    def _authorized(self, asked: dict[str, str]) -> tuple[int, bytes]:
        if asked["client_id"] != self.client_id or asked["response_type"] != "code":
            return 400, b""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        said = {"state": asked["state"], **({"error": self.refusal} if self.refusal else {"code": code})}
        return 303, f"{asked['redirect_uri']}?{urlencode(said)}".encode()

    def posted(self, path: str, fields: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """Tokens for a code, once, for the client that proves who it is and knows the verifier."""
        asked = self.codes.pop(fields.get("code", ""), None)
        verifier = base64.urlsafe_b64encode(hashlib.sha256(fields.get("code_verifier", "").encode()).digest())
        good = (
            path == "/token"
            and asked is not None
            and fields["grant_type"] == "authorization_code"
            and fields["redirect_uri"] == asked["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and verifier.decode().rstrip("=") == asked["code_challenge"]
            and self._is_client(fields, authorization)
        )
        if asked is None or not good:
            return 400, json.dumps({"error": "invalid_grant"}).encode()
        claims = {"aud": self.client_id, "nonce": asked["nonce"], **self.claims}
        tokens = {"id_token": self.token(**claims), "access_token": "opaque", "token_type": "Bearer"}
        return 200, json.dumps(tokens).encode()

    def _is_client(self, fields: dict[str, str], authorization: str) -> bool:
        if not self.secret:
            return fields.get("client_id") == self.client_id and "client_secret" not in fields and not authorization
        if self.methods is not None and "client_secret_basic" not in self.methods:
            return (fields.get("client_id"), fields.get("client_secret")) == (self.client_id, self.secret)
        both = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}".encode()
        return authorization == f"Basic {base64.b64encode(both).decode()}" and "client_secret" not in fields


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
