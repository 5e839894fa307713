"""Checks SAML responses of an identity provider with its certificates.

Everything is read from what a signature covers, as the library that checked it gives it back, and never from the
document beside it, so a signed assertion that was moved into another document says no more than it said.
Sources: facts/user-site.md 3 (samlResponse); SAML 2.0 core sections 2.3 to 2.7 and 5, profiles section 4.1.4.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from parley.domain.identity import SamlProvider
from parley.services.identity.claims import Claim, Refused, claim

#: Characters of the base64 text; responses with many attributes have some ten thousand.
MAX_RESPONSE: Final = 400_000
MAX_ELEMENTS: Final = 5_000
_MAX_DEPTH: Final = 64
#: Attributes of one element, and declared prefixes of a document: many of them make canonical forms slow to compute.
_MAX_ATTRIBUTES: Final = 64
_MAX_PREFIXES: Final = 500
#: Seconds by which the clocks of provider and server may differ.
LEEWAY: Final = 60

_SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_PROTOCOL: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_ASSERTION: Final = f"{_SAML}Assertion"
_RESPONSE: Final = f"{_PROTOCOL}Response"
_SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
#: A condition that is not understood makes an assertion worthless (SAML core 2.5.1.1).
_CONDITIONS: Final = frozenset(f"{_SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction"))
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_METHODS: Final = frozenset(
    each for each in SignatureMethod if each.name.startswith(("RSA_", "ECDSA_", "SHA")) and "SHA1" not in each.name
)
_DIGESTS: Final = frozenset(
    {DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512, DigestAlgorithm.SHA3_256}
)


class Assertion(NamedTuple):
    """A good assertion: whom it names, by what the store knows it again, and until when it has to (epoch seconds)."""

    claim: Claim
    assertion_hash: str
    expires_at: int


def read_response(text: str, provider: SamlProvider, now: int) -> Assertion:
    """What a response says, once everything about it was checked but whether it was used before.

    Args:
        text: base64 of a Response, or of an Assertion alone.
        now: UTC epoch seconds.

    Raises:
        Refused: it does not count.
    """
    root = _document(text)
    if root.tag == _RESPONSE:
        _check_response(root, provider)
    elif root.tag != _ASSERTION:
        raise Refused("the document is neither a response nor an assertion")
    return _read(_signed_assertion(root, provider, now), provider, now)


def _document(text: str) -> etree._Element:
    if len(text) > MAX_RESPONSE:
        raise Refused("the response is too long")
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("the response is no base64") from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"the response is no XML ({type(error).__name__})") from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Refused("the response has a document type declaration")
    _check_size(root)
    return root


def _check_size(root: etree._Element) -> None:
    depth = count = prefixes = 0
    if next(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity), None) is not None:
        # None has a use here, and a comment inside of a name has made programs read half of the name.
        raise Refused("the response has comments, processing instructions or entities")
    for event, found in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            prefixes += 1
        elif isinstance(found, etree._Element):
            depth += 1 if event == "start" else -1
            count += event == "start"
            if len(found.attrib) > _MAX_ATTRIBUTES:
                raise Refused("an element of the response has too many attributes")
        if depth > _MAX_DEPTH or count > MAX_ELEMENTS or prefixes > _MAX_PREFIXES:
            raise Refused("the response is too deep or too large")


def _check_response(root: etree._Element, provider: SamlProvider) -> None:
    """What a response says beside its assertion; it may be unsigned, so it can only make the answer a no."""
    status = root.find(f"{_PROTOCOL}Status/{_PROTOCOL}StatusCode")
    if status is None or status.get("Value") != _SUCCESS:
        raise Refused("the response does not say success")
    if root.get("Destination", provider.recipient) != provider.recipient:
        raise Refused("the response is for another recipient")
    issuer = root.find(f"{_SAML}Issuer")
    if issuer is not None and _text(issuer) != provider.entity_id:
        raise Refused("the response is of another provider")


def _signed_assertion(root: etree._Element, provider: SamlProvider, now: int) -> etree._Element:
    """The one assertion of a document, as a signature covers it."""
    assertions = list(root.iter(_ASSERTION))
    if len(assertions) != 1 or assertions[0] not in (root, *root.iterchildren(_ASSERTION)):
        raise Refused("there is not exactly one assertion that can be read")
    assertion = assertions[0]
    identifiers = [value for node in root.iter() for name, value in node.items() if name in ("ID", "Id", "id")]
    if len(set(identifiers)) < len(identifiers):
        raise Refused("two elements have the same ID")
    signatures = list(root.iter(_SIGNATURE))
    holders = [each.getparent() for each in signatures]
    if not signatures or len(signatures) > 2 or any(each not in (root, assertion) for each in holders):
        raise Refused("it is not signed, or signatures stand where none belongs")
    covered = [_verified(root, holder, provider, now) for holder in dict.fromkeys(holders) if holder is not None]
    if len(covered) < len(signatures):
        raise Refused("one element has two signatures")
    for element in covered:
        found = element if element.tag == _ASSERTION else element.find(_ASSERTION)
        if found is not None:
            return found
    raise Refused("the signature does not cover the assertion")


def _verified(root: etree._Element, holder: etree._Element, provider: SamlProvider, now: int) -> etree._Element:
    """The element that a signature inside of it covers, rendered anew from the signed bytes."""
    expected = SignatureConfiguration(
        location="./" if holder is root else f"./{_ASSERTION}/",
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        expect_references=1,
        verification_time=datetime.fromtimestamp(now, UTC),
    )
    problem = ""
    for certificate in provider.certificates:
        try:
            result = XMLVerifier().verify(root, x509_cert=certificate, id_attribute="ID", expect_config=expected)
        except Exception as error:  # whatever a made-up signature makes the library stumble over
            problem = f"{type(error).__name__}: {error}"[:200]
            continue
        if not isinstance(result, VerifyResult):
            raise Refused("the signature covers more than one element")
        covered = result.signed_xml
        reference = result.signature_xml.find(".//{*}Reference")
        if (
            covered is None
            or covered.tag != holder.tag
            or not holder.get("ID")
            or covered.get("ID") != holder.get("ID")
            or reference is None
            or reference.get("URI") != f"#{holder.get('ID')}"
        ):
            raise Refused("the signature covers another element")
        return covered
    raise Refused(f"the signature is not one of the provider ({problem})")


def _read(assertion: etree._Element, provider: SamlProvider, now: int) -> Assertion:
    issuer = assertion.find(f"{_SAML}Issuer")
    if assertion.get("Version") != "2.0" or issuer is None or _text(issuer) != provider.entity_id:
        raise Refused("the assertion is of another provider or version")
    ends = [_check_conditions(assertion, provider, now), _confirmed_until(assertion, provider, now)]
    for statement in assertion.iterchildren(f"{_SAML}AuthnStatement"):
        _check_period(statement.get("SessionNotOnOrAfter"), None, now)
    identifier = hashlib.sha256(f"{provider.entity_id}\0{assertion.get('ID')}".encode()).hexdigest()
    return Assertion(claim(provider.user_is, _user(assertion, provider)), identifier, min(ends) + LEEWAY)


def _check_conditions(assertion: etree._Element, provider: SamlProvider, now: int) -> int:
    """Check for whom and when an assertion holds; returns when it ends."""
    found = assertion.findall(f"{_SAML}Conditions")
    if len(found) != 1:
        raise Refused("the assertion has no conditions")
    conditions = found[0]
    if any(child.tag not in _CONDITIONS for child in conditions):
        raise Refused("the assertion has a condition that is not understood")
    restrictions = conditions.findall(f"{_SAML}AudienceRestriction")
    for restriction in restrictions:
        if provider.audience not in [_text(each) for each in restriction.iterchildren(f"{_SAML}Audience")]:
            raise Refused("the assertion is for another audience")
    if not restrictions:
        raise Refused("the assertion names no audience")
    end = _check_period(conditions.get("NotOnOrAfter"), conditions.get("NotBefore"), now)
    if end is None:
        raise Refused("the assertion does not say when it ends")
    return end


def _confirmed_until(assertion: etree._Element, provider: SamlProvider, now: int) -> int:
    """Until when the bearer may show the assertion here."""
    problem = Refused("the assertion is not for a bearer")
    for confirmation in assertion.iterfind(f"{_SAML}Subject/{_SAML}SubjectConfirmation"):
        data = confirmation.find(f"{_SAML}SubjectConfirmationData")
        if confirmation.get("Method") != _BEARER or data is None:
            continue
        if data.get("Recipient") != provider.recipient:
            problem = Refused("the assertion is for another recipient")
            continue
        try:
            end = _check_period(data.get("NotOnOrAfter"), data.get("NotBefore"), now)
        except Refused as refused:
            problem = refused
            continue
        if end is not None:
            return end
        problem = Refused("the confirmation does not say when it ends")
    raise problem


def _check_period(end: str | None, start: str | None, now: int) -> int | None:
    if start is not None and _time(start) > now + LEEWAY:
        raise Refused("it is not yet valid")
    if end is None:
        return None
    ends = _time(end)
    if ends + LEEWAY <= now:
        raise Refused("it has expired")
    return ends


def _time(text: str) -> int:
    """An xs:dateTime as UTC epoch seconds."""
    if not text.isascii() or not _TIME.fullmatch(text):
        raise Refused("a time cannot be read")
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        raise Refused("a time cannot be read") from None


def _user(assertion: etree._Element, provider: SamlProvider) -> str:
    """The name that the provider was told to give."""
    if provider.user_attribute:
        path = f"{_SAML}AttributeStatement/{_SAML}Attribute"
        values = [
            value
            for attribute in assertion.iterfind(path)
            if attribute.get("Name") == provider.user_attribute
            for value in attribute.iterchildren(f"{_SAML}AttributeValue")
        ]
    else:
        values = assertion.findall(f"{_SAML}Subject/{_SAML}NameID")
    if len(values) != 1:
        raise Refused("the assertion does not name exactly one user")
    return _text(values[0])


def _text(element: etree._Element) -> str:
    """The text of an element without children."""
    if len(element):
        raise Refused("there are elements where text belongs")
    return (element.text or "").strip()
