"""Access tokens and the keys of their issuers, without a server of ours in between."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from parley.domain.identity import OpenIdIssuer
from parley.services.identity import issuers
from parley.services.identity.claims import Claim, Refused
from parley.services.identity.issuers import FRESH, PAUSE, STALE, IssuerKeys, IssuerUnavailable, fetch_keys
from parley.services.identity.openid import (
    LEEWAY,
    MAX_TOKEN,
    Keys,
    check_form,
    read_claims,
    read_keys,
    signed_claims,
)
from tests.services.identity_providers import WELL_KNOWN, Issuer, ec_key, rsa_key, token

NOW = int(time.time())
URL = "https://id.example"
ISSUER = OpenIdIssuer(issuer=URL, audiences=("parley", "client-7"), user_claim="sub")


def keys_of(*keys: Any) -> Keys:
    return read_keys({"keys": [key.as_dict(private=False) for key in keys]})


KEYS = keys_of(rsa_key("first"), ec_key("second"))


def read(text: str, issuer: OpenIdIssuer = ISSUER, keys: Keys = KEYS, now: int = NOW) -> Claim:
    claims = signed_claims(text, check_form(text), keys)
    if claims is None:
        raise Refused("the key is not known")
    return read_claims(claims, issuer, now)


def made(key: Any = None, **claims: Any) -> str:
    return token(URL, key or rsa_key("first"), now=NOW, **claims)


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_good_tokens_of_both_kinds_of_keys() -> None:
    assert read(made()) == read(made(ec_key("second"))) == Claim("webExID", "host1")
    edwards = OKPKey.generate_key("Ed25519", {"kid": "third", "alg": "Ed25519"})
    assert read(made(edwards), keys=keys_of(edwards)) == Claim("webExID", "host1")


def test_which_claim_names_the_user() -> None:
    by_email = OpenIdIssuer(issuer=URL, audiences=("parley",))
    assert read(made(email=" Host1@X.example "), by_email) == Claim("email", "host1@x.example")
    assert read(made(email="a@b", email_verified=True), by_email) == Claim("email", "a@b")
    for verified in (False, "false", 0, "no"):
        with pytest.raises(Refused, match="not verified"):
            read(made(email="a@b", email_verified=verified), by_email)
    preferred = OpenIdIssuer(issuer=URL, audiences=("parley",), user_claim="preferred_username")
    assert read(made(preferred_username="HOST2"), preferred) == Claim("webExID", "host2")
    claims = {"iss": URL, "aud": "parley", "exp": NOW + 60}
    for wrong in (None, 5, ["a"], "", " ", "a\0b", "x" * 999, "\ud800"):
        with pytest.raises(Refused):
            read_claims({**claims, "preferred_username": wrong}, preferred, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": URL + "/"},
        {"iss": None},
        {"iss": [URL]},
        {"aud": "other"},
        {"aud": ["other", "more"]},
        {"aud": []},
        {"aud": {"parley": 1}},
        {"aud": None},
        {"aud": None, "client_id": "other"},
        {"aud": "other", "client_id": "parley"},
        {"exp": None},
        {"exp": NOW - LEEWAY},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"exp": True},
        {"nbf": NOW + LEEWAY + 1},
        {"iat": NOW + LEEWAY + 1},
        {"sub": 5},
    ],
)
def test_tokens_of_others_for_others_or_of_another_time_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read(made(**claims))


def test_audiences_and_client_ids() -> None:
    for claims in ({"aud": "client-7"}, {"aud": ["x", "parley"]}, {"aud": None, "client_id": "client-7"}):
        assert read(made(**claims)) == Claim("webExID", "host1")


def test_a_minute_between_the_clocks_is_borne() -> None:
    assert read(made(exp=NOW - LEEWAY + 1, nbf=NOW + LEEWAY, iat=NOW + LEEWAY)) == Claim("webExID", "host1")


def test_a_scope_may_be_demanded() -> None:
    demanding = OpenIdIssuer(issuer=URL, audiences=("parley",), user_claim="sub", required_scope="spark:all")
    for good in ({"scope": "openid spark:all"}, {"scp": ["spark:all"]}, {"scp": "a spark:all"}):
        assert read(made(**good), demanding) == Claim("webExID", "host1")
    for bad in ({}, {"scope": "spark:all2"}, {"scope": 5}, {"scp": [["spark:all"]]}):
        with pytest.raises(Refused, match="scope"):
            read(made(**bad), demanding)


def test_without_a_signature_no_token_counts() -> None:
    _, payload, _ = made().split(".")
    for algorithm in ("none", "None", "NONE", "", None, 5, ["RS256"]):
        for signature in ("", "AAAA"):
            with pytest.raises(Refused):
                read(f"{segment({'alg': algorithm, 'kid': 'first'})}.{payload}.{signature}")


def test_a_public_key_is_no_shared_secret() -> None:
    public = rsa_key("first").as_pem(private=False)
    for secret in (public, public.strip(), json.dumps(rsa_key("first").as_dict(private=False)).encode()):
        body = f"{segment({'alg': 'HS256', 'kid': 'first'})}.{made().split('.')[1]}"
        code = base64.urlsafe_b64encode(hmac.digest(secret, body.encode(), "sha256")).decode().rstrip("=")
        forged = f"{body}.{code}"
        with pytest.raises(Refused, match="not accepted"):
            read(forged)


def test_tokens_of_another_kind_do_not_count() -> None:
    claims = {"iss": URL, "aud": "parley", "sub": "host1", "exp": NOW + 60}
    for kind, good in {"at+jwt": True, "application/AT+JWT": True, "logout+jwt": False, "secevent+jwt": False}.items():
        text = jwt.encode({"alg": "RS256", "kid": "first", "typ": kind}, claims, rsa_key("first"))
        if good:
            assert read(text) == Claim("webExID", "host1")
        else:
            with pytest.raises(Refused, match="another kind"):
                read(text)


def test_changed_tokens_and_other_keys_are_refused() -> None:
    header, payload, signature = made().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for text in (
        f"{header}.{segment({**claims, 'sub': 'admin'})}.{signature}",
        f"{header}.{payload}.{'A' * len(signature)}",
        f"{header}.{payload}.",
        f"{segment({'alg': 'ES256', 'kid': 'first'})}.{payload}.{signature}",
        f"{segment({'alg': 'RS256', 'kid': 'first', 'crit': ['x'], 'x': 1})}.{payload}.{signature}",
    ):
        with pytest.raises(Refused):
            read(text)
    impostor = RSAKey.import_key({**rsa_key("impostor").as_dict(private=True), "kid": "first"})
    with pytest.raises(Refused, match="signature"):
        read(made(impostor))


def test_a_key_in_the_token_is_not_believed() -> None:
    own = rsa_key("impostor")
    header = {"alg": "RS256", "kid": "first", "jwk": own.as_dict(private=False), "jku": "https://evil.example/keys"}
    with pytest.raises(Refused):
        read(jwt.encode(header, {"iss": URL, "aud": "parley", "sub": "admin", "exp": NOW + 99}, own))


def test_an_unknown_key_is_looked_for_a_wrong_one_is_not() -> None:
    unknown = made(rsa_key("third"))
    assert signed_claims(unknown, check_form(unknown), KEYS) is None
    nameless = RSAKey.import_key({k: v for k, v in rsa_key("first").as_dict(private=True).items() if k != "kid"})
    assert read(made(nameless)) == Claim("webExID", "host1")


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "...", "a.b.c", "é.é.é", "A" * (MAX_TOKEN + 1), "eyJhbGciOiJSUzI1NiJ9", "opaque-token"),
        base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.AA",
        base64.urlsafe_b64encode(b'{"alg":' + b"1" * 5000 + b"}").decode() + ".e30.AA",
        segment({"alg": "RS256", "enc": "A128GCM"}) + ".a.b.c.d",
        segment({"alg": "RS256", "kid": {"a": 1}}) + ".e30.AA",
        segment({"alg": "RS256", "b64": False, "crit": ["b64"]}) + ".e30.AA",
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text)


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "sub", "email", "scope"]), _JSON))
def test_odd_claims_of_an_issuer_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_claims({**claims, "iss": claims.get("iss")}, ISSUER, NOW)


@given(st.dictionaries(st.sampled_from(["kty", "n", "e", "x", "y", "crv", "use", "key_ops", "kid", "alg"]), _JSON))
def test_odd_keys_are_passed_over(entry: dict[str, Any]) -> None:
    assert len(read_keys({"keys": [entry, 5, None, *[rsa_key("first").as_dict(private=False)]]})) in (1, 2)


def test_only_public_keys_for_signatures_of_a_good_length_are_taken() -> None:
    good = rsa_key("first").as_dict(private=False)
    weak = {"kty": "RSA", "e": "AQAB", "n": base64.urlsafe_b64encode(b"\xff" * 128).decode()}
    long = {"kty": "RSA", "e": "AQAB", "n": base64.urlsafe_b64encode(b"\xff" * 5000).decode()}
    for entry in (weak, long, {**good, "use": "enc"}, {**good, "key_ops": ["sign"]}, {"kty": "oct", "k": "c2VjcmV0"}):
        assert read_keys({"keys": [entry]}) == ()
    assert [key.kid for key in read_keys({"keys": [{"kty": "new"}, {**good, "x5c": 5}]})] == ["first"]
    for document in ({}, {"keys": None}, {"keys": "x"}):
        assert read_keys(document) == ()


# ---- fetching keys -------------------------------------------------------------------------------------------------


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.stop()


async def test_keys_are_found_by_discovery(issuer: Issuer) -> None:
    assert [key.kid for key in await fetch_keys(issuer.url)] == ["first"]
    assert issuer.asked == [WELL_KNOWN, "/keys"]


@pytest.mark.parametrize(
    ("path", "status", "content"),
    [
        (WELL_KNOWN, 404, b""),
        (WELL_KNOWN, 200, b"<html/>"),
        (WELL_KNOWN, 200, b"[]"),
        (WELL_KNOWN, 200, b"[" * 100_000),
        (WELL_KNOWN, 200, b"\xff\xfe"),
        (WELL_KNOWN, 200, b'{"issuer": "https://other.example", "jwks_uri": "https://other.example/keys"}'),
        (WELL_KNOWN, 200, b" " * 600_000),
        ("/keys", 500, b"{}"),
        ("/keys", 200, b"{}"),
        ("/keys", 200, b'{"keys": []}'),
        ("/keys", 200, b" " * 600_000),
    ],
)
async def test_an_issuer_that_answers_otherwise_has_no_keys(
    issuer: Issuer, path: str, status: int, content: bytes
) -> None:
    issuer.answers[path] = lambda: (status, content)
    with pytest.raises(IssuerUnavailable):
        await fetch_keys(issuer.url)


@pytest.mark.parametrize(
    "address", ["http://other.example/keys", "file:///etc/passwd", "ftp://127.0.0.1/", 5, None, "https://a@b/", ""]
)
async def test_keys_are_not_fetched_from_anywhere(issuer: Issuer, address: object) -> None:
    issuer.answers[WELL_KNOWN] = lambda: (200, json.dumps({"issuer": issuer.url, "jwks_uri": address}).encode())
    with pytest.raises(IssuerUnavailable, match="trusted"):
        await fetch_keys(issuer.url)


@pytest.mark.parametrize("path", [WELL_KNOWN, "/keys"])
async def test_redirects_are_not_followed(issuer: Issuer, path: str) -> None:
    other = Issuer()
    try:
        issuer.answers[path] = lambda: (302, b"")
        issuer.headers["Location"] = f"{other.url}/keys"
        with pytest.raises(IssuerUnavailable, match="302"):
            await fetch_keys(issuer.url)
        assert other.asked == []
    finally:
        other.stop()


async def test_nobody_there_and_no_answer_are_errors(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuers, "_DEADLINE", 0.2)

    def late() -> tuple[int, bytes]:
        let_go.wait(10)
        return 200, b"{}"

    let_go = threading.Event()
    issuer.answers[WELL_KNOWN] = late
    with pytest.raises(IssuerUnavailable, match="within"):
        await fetch_keys(issuer.url)
    let_go.set()
    gone = Issuer()
    gone.stop()
    with pytest.raises(IssuerUnavailable):
        await fetch_keys(gone.url)


class Source:
    """Stands for an issuer: counts the fetches, and fails or waits when it is told to."""

    def __init__(self) -> None:
        self.fetched = 0
        self.keys = KEYS
        self.down = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, issuer: str) -> Keys:
        self.fetched += 1
        await self.gate.wait()
        if self.down:
            raise IssuerUnavailable("down")
        return self.keys


def any_key(keys: Keys) -> Keys:
    return keys


def no_key(keys: Keys) -> Keys | None:
    return None


async def test_keys_are_kept_for_an_hour() -> None:
    source = Source()
    known = IssuerKeys(fetch=source)
    for now in (0, 1, FRESH - 1):
        assert await known.find(1, URL, now, any_key) == KEYS
    assert source.fetched == 1
    assert await known.find(1, URL, FRESH, any_key) == KEYS
    assert source.fetched == 2


async def test_an_unknown_key_is_asked_for_once_a_minute() -> None:
    source = Source()
    known = IssuerKeys(fetch=source)
    await known.find(1, URL, 0, any_key)
    for now in range(1, PAUSE):
        assert await known.find(1, URL, now, no_key) is None
    assert source.fetched == 1
    assert await known.find(1, URL, PAUSE, no_key) is None
    assert source.fetched == 2
    assert await known.find(2, URL, PAUSE, any_key) == KEYS  # another site has a minute of its own
    assert source.fetched == 3
    assert await known.find(1, "https://new.example", PAUSE, any_key) == KEYS  # and so has another issuer
    assert source.fetched == 4


async def test_many_at_once_fetch_once_and_the_rest_need_not_wait() -> None:
    source = Source()
    known = IssuerKeys(fetch=source)
    await known.find(1, URL, 0, any_key)
    source.gate.clear()
    waiting = [asyncio.ensure_future(known.find(1, URL, PAUSE, no_key)) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await known.find(1, URL, PAUSE, any_key) == KEYS  # known keys are there meanwhile
    waiting[0].cancel()  # one goes away, the others still get their answer
    source.gate.set()
    assert await asyncio.gather(*waiting[1:]) == [None] * 19
    assert source.fetched == 2


async def test_while_the_issuer_is_down_known_keys_go_on_for_a_while() -> None:
    source = Source()
    known = IssuerKeys(fetch=source)
    await known.find(1, URL, 0, any_key)
    source.down = True
    assert await known.find(1, URL, STALE, any_key) == KEYS
    with pytest.raises(IssuerUnavailable):
        await known.find(1, URL, STALE + 1, any_key)
    assert source.fetched == 2
    with pytest.raises(IssuerUnavailable):
        await known.find(1, URL, STALE + PAUSE, any_key)
    source.down = False
    assert await known.find(1, URL, STALE + 3 * PAUSE, any_key) == KEYS


async def test_keys_of_few_sites_are_kept_and_stopping_gives_up() -> None:
    source = Source()
    known = IssuerKeys(limit=2, fetch=source)
    for site_id in (1, 2, 3, 1):
        await known.find(site_id, URL, 0, any_key)
    assert source.fetched == 4
    source.gate.clear()
    waiting = asyncio.ensure_future(known.find(9, URL, 0, any_key))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    known.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
