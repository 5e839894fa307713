"""`parley site identity`: what is taken, what is refused, and what is shown and logged of it."""

from __future__ import annotations

import hashlib
import json
import ssl
from pathlib import Path

import pytest

from tests.cli.test_commands import data, parley
from tests.services.identity_providers import IdentityProvider

PROVIDER = IdentityProvider()
_OPENID = ("--openid-issuer", "https://id.example/", "--openid-audience", "a", "--openid-audience", "b")


@pytest.fixture
def made(tmp_path: Path) -> list[str]:
    """The options that name a data folder with the site acme."""
    where = data(tmp_path)
    parley("site", "create", "acme", *where)
    return where


@pytest.fixture
def certificate(tmp_path: Path) -> str:
    """A file with two certificates, and a key that has no place there."""
    file = tmp_path / "idp.pem"
    key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    file.write_text(f"subject=idp\n{PROVIDER.certificate}{key}{IdentityProvider(curve=True).certificate}")
    return str(file)


def saml(certificate: str) -> tuple[str, ...]:
    return (
        *("--saml-entity-id", "https://idp.example/", "--saml-certificate", certificate),
        *("--saml-audience", "urn:site", "--saml-recipient", "https://meet.example/acs"),
    )


def shown(where: list[str]) -> dict[str, dict[str, object]]:
    described: dict[str, dict[str, object]] = json.loads(parley("site", "identity", "acme", "--json", *where))
    return described


def test_an_issuer_is_set_changed_and_forgotten(made: list[str]) -> None:
    assert "changed: openid.issuer, openid.audiences" in parley("site", "identity", "acme", *_OPENID, *made)
    parley("site", "identity", "acme", "--openid-claim", "sub", "--openid-scope", "spark:all", *made)
    expected = {
        "issuer": "https://id.example/",
        "audiences": ["a", "b"],
        "user_claim": "sub",
        "required_scope": "spark:all",
        "client_id": "",
        "client_secret": "",
    }
    assert shown(made)["openid"] == expected
    assert "as wanted already" in parley("site", "identity", "acme", *_OPENID, *made)
    assert "openid.user_claim\tsub" in parley("site", "identity", "acme", *made)
    assert "openid.issuer\thttps://id.example/" in parley("site", "show", "acme", *made)


def test_the_secret_of_the_client_is_kept_sealed(made: list[str], tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("very-own-words\n")
    options = ("--openid-client-id", "console", "--openid-secret-file", str(file))
    told = parley("site", "identity", "acme", *_OPENID, *options, *made)
    assert "openid.client_id, openid.client_secret" in told
    said = [told, parley("site", "identity", "acme", *made), parley("site", "show", "acme", "--json", *made)]
    said.append(parley("site", "show", "acme", "--audit", *made))
    assert all("very-own-words" not in each for each in said)
    assert str(shown(made)["openid"]["client_secret"]).startswith("sealed:")
    file.write_text("\n")
    parley("site", "identity", "acme", "--openid-secret-file", str(file), *made)
    assert (shown(made)["openid"]["client_id"], shown(made)["openid"]["client_secret"]) == ("console", "")


@pytest.mark.parametrize("content", [b"two\nlines", b"x" * 3000, b"\xff\xfe"])
def test_files_that_hold_no_secret(made: list[str], tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    told = parley("site", "identity", "acme", *_OPENID, "--openid-secret-file", str(file), *made, code=2)
    assert content.decode("latin-1")[:20] not in told
    assert shown(made)["openid"]["client_secret"] == ""


def test_a_secret_is_not_taken_as_it_is(made: list[str]) -> None:
    parley("site", "identity", "acme", *_OPENID, "--openid-client-id", "console", *made)
    told = parley("site", "set", "acme", "openid.client_secret=very-own-words", *made, code=2)
    assert "--openid-secret-file" in told
    assert "very-own-words" not in told
    parley("site", "identity", "acme", "--none", *made)
    assert shown(made)["openid"]["issuer"] == ""
    log = json.loads(parley("site", "show", "acme", "--audit", "--json", *made))
    assert {"name": "openid.issuer", "before": "https://id.example/", "after": ""} in log[0]["what"]


def test_a_provider_is_set_with_its_certificates_and_nothing_else_of_the_file(
    made: list[str], certificate: str
) -> None:
    parley("site", "identity", "acme", *saml(certificate), "--refuse-passwords", *made)
    present = shown(made)["saml"]
    certificates = present.pop("certificates")
    assert isinstance(certificates, list)
    assert len(certificates) == 2
    assert certificates[0] == PROVIDER.certificate
    assert "PRIVATE" not in parley("site", "show", "acme", "--json", *made)
    content = ssl.PEM_cert_to_DER_cert(PROVIDER.certificate)
    fingerprint = f"SHA-256 {hashlib.sha256(content).digest().hex(':').upper()}"
    for command in (("show", "acme"), ("show", "acme", "--audit"), ("identity", "acme")):
        printed = parley("site", *command, *made)
        assert fingerprint in printed
        assert "BEGIN CERTIFICATE" not in printed
    assert present == {
        "entity_id": "https://idp.example/",
        "audience": "urn:site",
        "recipient": "https://meet.example/acs",
        "user_attribute": "",
        "user_is": "webExID",
        "refuse_passwords": True,
    }
    parley("site", "identity", "acme", "--take-passwords", "--saml-attribute", "mail", "--saml-user-is", "email", *made)
    assert [shown(made)["saml"][name] for name in ("user_attribute", "user_is", "refuse_passwords")] == [
        "mail",
        "email",
        False,
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--openid-issuer", "http://id.example", "--openid-audience", "a"), "https"),
        (("--openid-issuer", "https://u:p@id.example", "--openid-audience", "a"), "https"),
        (("--openid-issuer", "https://id.example/?x", "--openid-audience", "a"), "https"),
        (("--openid-issuer", "https://id.example:x", "--openid-audience", "a"), "https"),
        (("--openid-issuer", "https://" + "a" * 2000, "--openid-audience", "a"), "does not fit"),
        (("--openid-issuer", "https://id.example"), "audiences"),
        (("--openid-audience", "a"), "issuer is missing"),
        ((*_OPENID, "--openid-scope", "a b"), "one word"),
        ((*_OPENID, "--openid-audience", " "), "audiences"),
        ((*_OPENID, "--none"), "no other option"),
        (("--saml-entity-id", "x"), "saml needs"),
        (("--refuse-passwords",), "saml needs"),
        (("--saml-certificate", "/does/not/exist"), "cannot read"),
        (("--saml-certificate", "/dev/null"), "no certificate"),
    ],
)
def test_what_cannot_be_used_is_refused(made: list[str], arguments: tuple[str, ...], words: str) -> None:
    assert words in parley("site", "identity", "acme", *arguments, *made, code=2)
    assert shown(made)["openid"]["issuer"] == shown(made)["saml"]["entity_id"] == ""


def test_issuers_on_this_machine_need_no_tls(made: list[str]) -> None:
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        parley("site", "identity", "acme", "--openid-issuer", f"http://{host}", "--openid-audience", "a", *made)
        assert shown(made)["openid"]["issuer"] == f"http://{host}"


def test_certificates_are_read_before_they_are_kept(made: list[str], certificate: str, tmp_path: Path) -> None:
    parley("site", "identity", "acme", *saml(certificate), *made)
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n")
    assert "cannot be read" in parley("site", "identity", "acme", "--saml-certificate", str(broken), *made, code=2)
    value = json.dumps([broken.read_text()])
    assert "cannot be read" in parley("site", "set", "acme", f"saml.certificates={value}", *made, code=2)
    large = tmp_path / "large.pem"
    large.write_text("x" * 300_000)
    assert "too large" in parley("site", "identity", "acme", "--saml-certificate", str(large), *made, code=2)


def test_an_unknown_site_is_one_line(made: list[str]) -> None:
    assert "no site" in parley("site", "identity", "other", *_OPENID, *made, code=2)
