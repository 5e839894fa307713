"""SAML responses: what counts, and everything that was made up, moved, worn out or meant for somebody else."""

from __future__ import annotations

import base64
import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from parley.domain.identity import SamlProvider
from parley.services.identity.claims import Claim, Refused
from parley.services.identity.saml import LEEWAY, MAX_ELEMENTS, MAX_RESPONSE, read_response
from tests.services.identity_providers import SAML, IdentityProvider, assertion_xml, encoded, moment, wrapped

NOW = int(time.time())
PROVIDER = IdentityProvider()
STRANGER = IdentityProvider()
SETTINGS = PROVIDER.settings()
ASSERTION = f"{{{SAML}}}Assertion"


def read(text: str, settings: SamlProvider = SETTINGS, now: int | None = None) -> Claim:
    return read_response(text, settings, int(time.time()) if now is None else now).claim


def refused(text: str, words: str, settings: SamlProvider = SETTINGS, now: int | None = None) -> None:
    with pytest.raises(Refused, match=words):
        read(text, settings, now)


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_a_signed_response_names_its_user(sign: str) -> None:
    found = read_response(PROVIDER.response(sign=sign, user=" Host1 ", now=NOW), SETTINGS, NOW)
    assert found.claim == Claim("webExID", "host1")
    assert len(found.assertion_hash) == 64
    assert found.expires_at == NOW + 300 + LEEWAY


def test_an_assertion_alone_counts_too() -> None:
    assert read(encoded(PROVIDER.sign(etree.fromstring(assertion_xml())))) == ("webExID", "host1")


def test_lines_and_blanks_in_the_base64_do_not_matter() -> None:
    assert read(base64.encodebytes(base64.b64decode(PROVIDER.response())).decode()) == ("webExID", "host1")


def test_elliptic_curves_and_a_change_of_certificates() -> None:
    curve = IdentityProvider(curve=True)
    both = PROVIDER.settings(certificates=(PROVIDER.certificate, curve.certificate))
    assert read(curve.response(), both) == read(PROVIDER.response(), both) == ("webExID", "host1")


def test_the_user_may_stand_in_an_attribute() -> None:
    statements = (
        '<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>H@x.example</saml:AttributeValue>'
        '</saml:Attribute><saml:Attribute Name="uid"><saml:AttributeValue>a</saml:AttributeValue>'
        "<saml:AttributeValue>b</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
    )
    text = PROVIDER.response(statements=statements)
    assert read(text, PROVIDER.settings(user_attribute="mail", user_is="email")) == ("email", "h@x.example")
    for name in ("uid", "none"):
        refused(text, "exactly one user", PROVIDER.settings(user_attribute=name))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"issuer": "https://other.example/"}, "another provider"),
        ({"audience": "urn:other"}, "another audience"),
        ({"recipient": "https://other.example/acs"}, "another recipient"),
        ({"destination": "https://other.example/acs"}, "another recipient"),
        ({"status": "Responder"}, "success"),
        ({"ends": -LEEWAY - 1}, "expired"),
        ({"confirmed": -LEEWAY - 1}, "expired"),
        ({"begins": LEEWAY + 5}, "not yet valid"),
        ({"user": ""}, "empty"),
        ({"user": "x" * 400}, "too long"),
        ({"user": "<saml:b>host1</saml:b>"}, "elements where text belongs"),
        ({"subject": ""}, "not for a bearer"),
        ({"conditions": ""}, "no conditions"),
        ({"conditions": f'<saml:Conditions NotOnOrAfter="{moment(NOW, 9)}"/>'}, "no audience"),
        (
            {
                "conditions": "<saml:Conditions><saml:AudienceRestriction><saml:Audience>urn:parley:site"
                "</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            },
            "when it ends",
        ),
        (
            {"conditions": f'<saml:Conditions NotOnOrAfter="{moment(NOW, 9)}"><saml:Condition/></saml:Conditions>'},
            "not understood",
        ),
        ({"conditions": '<saml:Conditions NotOnOrAfter="tomorrow"/>'}, "no audience|cannot be read"),
        ({"statements": f'<saml:AuthnStatement SessionNotOnOrAfter="{moment(NOW, -100)}"/>'}, "expired"),
    ],
)
def test_what_is_meant_for_others_or_another_time_is_refused(values: dict[str, Any], words: str) -> None:
    refused(PROVIDER.response(now=NOW, **values), words, now=NOW)


def test_a_minute_between_the_clocks_is_borne() -> None:
    text = PROVIDER.response(now=NOW, ends=60, confirmed=60)
    assert read(text, now=NOW + 60 + LEEWAY - 1) == ("webExID", "host1")
    refused(text, "expired", now=NOW + 60 + LEEWAY)


@pytest.mark.parametrize("sign", ["nothing", "both", "response", "assertion"])
def test_another_key_than_the_provider_s_is_refused(sign: str) -> None:
    refused(STRANGER.response(sign=sign), "not signed" if sign == "nothing" else "not one of the provider")


def test_certificates_that_do_not_hold_now_are_refused() -> None:
    for days in ((-20, -1), (2, 20)):
        worn = IdentityProvider(days=days)
        refused(worn.response(), "not one of the provider", worn.settings())


def test_weak_and_shared_key_signatures_are_refused() -> None:
    document = PROVIDER.document()
    assert read(encoded(document)) == ("webExID", "host1")
    method = document.find(".//{*}SignatureMethod")
    assert method is not None
    for algorithm in ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"):
        method.set("Algorithm", algorithm)
        refused(encoded(document), "not one of the provider")


def _changed(make: Callable[[etree._Element], None], sign: str = "assertion") -> str:
    document = PROVIDER.document(sign=sign)
    make(document)
    return encoded(document)


def test_a_changed_assertion_is_refused() -> None:
    def another_user(document: etree._Element) -> None:
        name = document.find(".//{*}NameID")
        assert name is not None
        name.text = "admin"

    for sign in ("assertion", "response", "both"):
        refused(_changed(another_user, sign), "not one of the provider")


def _forged(signed: etree._Element) -> etree._Element:
    """A made-up assertion for the administrator, with another ID."""
    forged = etree.fromstring(assertion_xml(user="admin"))
    assert forged.get("ID") != signed.get("ID")
    return forged


def _signed_beside(document: etree._Element) -> None:
    signed = document.find(ASSERTION)
    assert signed is not None
    document.insert(0, _forged(signed))


def _signed_inside(document: etree._Element) -> None:
    """The forged assertion in the signed one's place, the signed one hidden below."""
    signed = document.find(ASSERTION)
    assert signed is not None
    forged = _forged(signed)
    document.replace(signed, forged)
    etree.SubElement(forged, f"{{{SAML}}}Advice").append(signed)


def _signature_moved(document: etree._Element) -> None:
    """The forged assertion with the signature of the signed one, which hides in an extension."""
    signed = document.find(ASSERTION)
    assert signed is not None
    signature = signed.find("{*}Signature")
    assert signature is not None
    forged = _forged(signed)
    forged.append(copy.deepcopy(signature))
    document.replace(signed, forged)
    etree.SubElement(document, "{urn:x}Extensions").append(signed)


def _signed_in_the_signature(document: etree._Element) -> None:
    """The signed assertion inside of an Object of its own signature, which stands in the forged one."""
    signed = document.find(ASSERTION)
    assert signed is not None
    signature = signed.find("{*}Signature")
    assert signature is not None
    signed.remove(signature)
    forged = _forged(signed)
    document.replace(signed, forged)
    forged.append(signature)
    etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(signed)


def _same_id(document: etree._Element) -> None:
    signed = document.find(ASSERTION)
    assert signed is not None
    document.set("ID", signed.get("ID") or "")


def _other_kind_of_id(document: etree._Element) -> None:
    """An element that carries the signed one's ID as Id, for programs that look for that first."""
    signed = document.find(ASSERTION)
    assert signed is not None
    etree.SubElement(document, "{urn:x}Extensions").set("Id", signed.get("ID") or "")


def _unsigned_with_signed_response_inside(document: etree._Element) -> None:
    inner = copy.deepcopy(document)
    signed = document.find(ASSERTION)
    assert signed is not None
    document.replace(signed, _forged(signed))
    etree.SubElement(document, "{urn:x}Extensions").append(inner)


@pytest.mark.parametrize(
    "wrap",
    [
        _signed_beside,
        _signed_inside,
        _signature_moved,
        _signed_in_the_signature,
        _same_id,
        _other_kind_of_id,
        _unsigned_with_signed_response_inside,
    ],
)
def test_a_signature_over_another_element_is_refused(wrap: Callable[[etree._Element], None]) -> None:
    with pytest.raises(Refused):
        read(_changed(wrap))


def test_a_response_signed_beside_its_assertion_is_refused() -> None:
    def move(document: etree._Element) -> None:
        signature = document.find("{*}Signature")
        assert signature is not None
        status = document.find("{*}Status")
        assert status is not None
        status.append(signature)

    refused(_changed(move, "response"), "where none belongs")


def test_the_signature_of_something_else_of_the_provider_does_not_count() -> None:
    logout = PROVIDER.sign(
        etree.fromstring('<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_l"/>')
    )
    refused(encoded(logout), "neither a response nor an assertion")
    response = wrapped(etree.fromstring(assertion_xml(user="admin")))
    response.append(logout)
    refused(encoded(response), "where none belongs")


def test_encrypted_assertions_are_refused() -> None:
    response = wrapped(etree.fromstring(f'<saml:EncryptedAssertion xmlns:saml="{SAML}"/>'))
    refused(encoded(PROVIDER.sign(response)), "exactly one assertion")


def test_comments_do_not_cut_names() -> None:
    text = assertion_xml(user="host1<!-- -->.evil.example")
    refused(encoded(wrapped(PROVIDER.sign(etree.fromstring(text)))), "comments")
    added = base64.b64decode(PROVIDER.response(user="host1.evil")).replace(b"host1.evil", b"host1<!---->.evil")
    refused(encoded(added), "comments")


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
        b"<r>&c;&c;&c;</r>",
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>',
        b"<r>&undefined;</r>",
        b"no XML",
        b"",
        b"\x00\xff" * 50,
        b"<r/>",
        b"<a>" * 200 + b"</a>" * 200,
        b"<a" + b"".join(b' b%d="1"' % each for each in range(100)) + b"/>",
        b"<a" + b"".join(b' xmlns:b%d="urn:%d"' % (each, each) for each in range(600)) + b"/>",
        b"<a>" + b"<b/>" * (MAX_ELEMENTS + 1) + b"</a>",
    ],
)
def test_hostile_documents_are_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read(encoded(content))


def test_a_document_type_is_refused_before_the_signature_is_looked_at() -> None:
    signed = base64.b64decode(PROVIDER.response())
    refused(encoded(b"<!DOCTYPE x [<!ENTITY y 'z'>]>" + signed), "document type")


def test_too_long_and_no_base64() -> None:
    refused("A" * (MAX_RESPONSE + 1), "too long")
    refused("%%%", "no base64")
    refused("é", "no base64")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read(encoded(content))


_BYTES = base64.b64decode(PROVIDER.response(now=NOW))


@given(st.integers(0, len(_BYTES) - 1), st.integers(0, 255))
def test_no_changed_byte_makes_somebody_else_of_it(place: int, byte: int) -> None:
    changed = _BYTES[:place] + bytes([byte]) + _BYTES[place + 1 :]
    try:
        found = read(encoded(changed), now=NOW)
    except Refused:
        return
    assert found == ("webExID", "host1")
