"""Signing in to the console by an OpenID Connect issuer: a real one of the tests' own, on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from parley.domain.site import SiteSettings
from parley.services.identity.code_flow import SECONDS
from parley.services.identity.sealing import Unreadable, seal, unseal
from parley.store import audit, sites
from parley.web.visits import COOKIE
from tests.server import PASSWORD, Server, TestSite
from tests.services.identity_providers import WELL_KNOWN, SignInIssuer, ec_key, rsa_key
from tests.web.console import Come, Person

BEGIN = "sign-in/openid"
BACK = "sign-in/openid/back"


@pytest.fixture
def issuer() -> Iterator[SignInIssuer]:
    made = SignInIssuer()
    yield made
    made.stop()


def trusting(site: TestSite, issuer: SignInIssuer, *, secret: str | None = None, **more: Any) -> SiteSettings:
    """The settings of a site whose people sign in at an issuer, where they are known by webExID."""
    engine, plain = site.server.application.engine, issuer.secret if secret is None else secret
    sealed = site.server.run(seal(engine, site.site_id, plain)) if plain else ""
    usual = {"user_claim": "sub", "client_id": issuer.client_id, "client_secret": sealed}
    return SiteSettings(openid=issuer.settings(**{**usual, **more}))


@pytest.fixture
def site(server: Server, issuer: SignInIssuer) -> TestSite:
    made = server.new_site()
    made.set(settings=trusting(made, issuer))
    return made


@pytest.fixture
def come(site: TestSite, come: Come) -> Come:
    """Called, somebody comes who is not signed in."""
    return lambda at=site: come(at)


def settings_of(site: TestSite) -> SiteSettings:
    """What the site's row says now."""
    row = site.server.run(sites.by_id(site.server.application.engine, site.site_id))
    assert row is not None
    return row.settings


def refused(person: Person, said: str, status: int = 403) -> None:
    """Nobody was signed in, and the page says why."""
    assert (person.status, person.heading) == (status, "Sign in")
    assert said in person.page
    assert COOKIE not in person.http.cookies


def step(person: Person, address: str) -> httpx.Response:
    """One address, without going where it leads."""
    return person.http.get(address, follow_redirects=False)


def begun(person: Person, query: str = "") -> tuple[httpx.Response, dict[str, str]]:
    """The answer that sends a browser to the issuer, and what it is sent with."""
    answer = step(person, person.address(BEGIN) + query)
    assert answer.status_code == 303
    sent = parse_qs(urlsplit(answer.headers["location"]).query, strict_parsing=True)
    return answer, {name: values[0] for name, values in sent.items()}


# ---- the way there and back --------------------------------------------------------------------------------------


def test_somebody_signs_in_and_goes_on_to_where_he_wanted(come: Come) -> None:
    person = come()
    person.open("recordings?page=1")
    assert person.heading == "Sign in"
    link = re.search(r'href="([^"]*/sign-in/openid\?[^"]*)"', person.page)
    assert link is not None
    page = person.http.get(person.site.server.url + link[1])
    assert page.url.path.endswith("/console/recordings")
    assert "Host1 Tester" in page.text
    person.open(BEGIN)
    assert person.heading == "My meetings"  # whoever is signed in is not asked again


def test_what_the_browser_is_sent_with(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    person = come()
    answer, sent = begun(person)
    root = site.server.application.links.root(site.name)
    assert sent["redirect_uri"] == f"{root}/console/{BACK}"
    assert (sent["scope"], sent["response_type"]) == ("openid", "code")
    assert sent["code_challenge_method"] == "S256"
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    assert min(len(sent[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("parley_openid=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path=/{site.name}/console/{BEGIN}" in cookie
    assert sent["state"] not in answer.text
    again = begun(come())[1]
    assert all(again[name] != sent[name] for name in ("state", "nonce", "code_challenge"))
    for claim, scope in (("email", "openid email"), ("preferred_username", "openid profile")):
        site.set(settings=trusting(site, issuer, user_claim=claim))
        assert begun(come())[1]["scope"] == scope


def test_the_host_of_the_request_says_nothing(site: TestSite, come: Come) -> None:
    answer = come().http.get(
        f"{site.server.url}/{site.name}/console/{BEGIN}", headers={"Host": "evil.example"}, follow_redirects=False
    )
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize("methods", [None, ["client_secret_post"], ["private_key_jwt", "client_secret_basic"]])
def test_the_client_proves_itself_as_the_issuer_wants(come: Come, issuer: SignInIssuer, methods: Any) -> None:
    issuer.methods = methods
    person = come()
    person.open(BEGIN)
    assert person.heading == "My meetings"


def test_a_public_client_has_no_secret(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    issuer.secret = ""
    site.set(settings=trusting(site, issuer))
    person = come()
    person.open(BEGIN)
    assert person.heading == "My meetings"


@pytest.mark.parametrize("verified", [True, "true", None])
def test_accounts_by_their_address(site: TestSite, come: Come, issuer: SignInIssuer, verified: object) -> None:
    site.set(settings=trusting(site, issuer, user_claim="email"))
    issuer.claims = {"sub": "x", "email": site.users["host2"].email.upper(), "email_verified": verified}
    person = come()
    person.open(BEGIN)
    assert "Host2 Tester" in person.page


def test_claims_that_are_not_in_the_token_are_asked_for(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    site.set(settings=trusting(site, issuer, user_claim="email"))
    issuer.claims, email = {"sub": "x"}, site.users["host2"].email
    issuer.more = {"sub": "x", "email": email}
    person = come()
    person.open(BEGIN)
    assert "Host2 Tester" in person.page
    for more in ({"sub": "y", "email": email}, {"sub": "x", "email": email, "email_verified": False}, {}):
        issuer.more = more
        other = come()
        other.open(BEGIN)
        refused(other, "did not come to its end")


# ---- what does not count -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "parley"},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["console", "another"]},
        {"aud": ["console", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ["host1"]},
        {"sub": ""},
    ],
)
def test_tokens_that_do_not_count(come: Come, issuer: SignInIssuer, claims: dict[str, Any]) -> None:
    issuer.claims |= claims
    person = come()
    person.open(BEGIN)
    refused(person, "did not come to its end")


def test_tokens_of_another_key(come: Come, issuer: SignInIssuer) -> None:
    good = come()
    good.open(BEGIN)
    assert good.heading == "My meetings"
    issuer.keys = [ec_key("strange")]
    issuer.answers["/keys"] = lambda: (200, json.dumps({"keys": [rsa_key("first").as_dict(private=False)]}).encode())
    person = come()
    person.open(BEGIN)
    refused(person, "did not come to its end")


def test_two_audiences_with_this_one_as_the_party(come: Come, issuer: SignInIssuer) -> None:
    issuer.claims |= {"aud": ["another", issuer.client_id], "azp": issuer.client_id}
    person = come()
    person.open(BEGIN)
    assert person.heading == "My meetings"


def test_links_of_others_sign_nobody_in(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    attacker, victim = come(), come()
    answer, _ = begun(attacker)
    back = step(attacker, answer.headers["location"]).headers["location"]
    below = back.partition("/console/")[2]
    victim.open(below)  # without having begun anything
    refused(victim, "did not come to its end")
    begun(victim)
    victim.open(below)  # with another state
    refused(victim, "did not come to its end")
    assert len(issuer.codes) == 1  # the code was not even shown to the issuer
    attacker.open(below)
    assert attacker.heading == "My meetings"
    attacker.send("sign-out")
    attacker.open(below)  # it counts once
    refused(attacker, "did not come to its end")


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied", "?code=%00"])
def test_odd_ways_back(come: Come, query: str) -> None:
    person = come()
    begun(person)
    person.open(BACK + query)
    refused(person, "did not come to its end")


def test_an_answer_that_names_another_issuer(come: Come) -> None:
    person = come()
    answer, _ = begun(person)
    back = step(person, answer.headers["location"]).headers["location"]
    person.open(f"{back.partition('/console/')[2]}&iss=https://evil.example")
    refused(person, "did not come to its end")


def test_what_the_browser_keeps_cannot_be_changed_or_moved(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    other_site = site.server.new_site()
    other_site.set(settings=trusting(other_site, issuer))
    person, other = come(), come(other_site)
    answer, _ = begun(person)
    below = step(person, answer.headers["location"]).headers["location"].partition("/console/")[2]
    kept = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    for value in (kept[:-4], kept[:-1] + ("A" if kept[-1] != "A" else "B"), "x", "A" * 5000, "%%%", "é"):
        headers = {"Cookie": f"parley_openid={value}".encode()}
        assert step_with(person, below, headers).status_code == 403
    assert step_with(other, below, {"Cookie": f"parley_openid={kept}"}).status_code == 403


def step_with(person: Person, below: str, headers: dict[str, Any]) -> httpx.Response:
    with httpx.Client(timeout=30) as client:
        return client.get(person.address(below), headers=headers)


def test_whoever_takes_too_long_begins_anew(site: TestSite, come: Come) -> None:
    person = come()
    answer, _ = begun(person)
    back = step(person, answer.headers["location"]).headers["location"]
    site.server.clock.ahead += SECONDS
    person.open(back.partition("/console/")[2])
    refused(person, "did not come to its end")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil", "/other-site/console/", "x"])
def test_nobody_is_led_to_strange_places(come: Come, target: str) -> None:
    person = come()
    answer = person.http.get(person.address(BEGIN), params={"next": target})
    assert answer.url.path.endswith("/console/")
    assert "My meetings" in answer.text


# ---- accounts ----------------------------------------------------------------------------------------------------


def test_accounts_that_may_not_be_used(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"locked": True}, "locked"),
        ({"locked": False, "status": "DEACTIVATED"}, "not active"),
        ({"status": "ACTIVATED", "expires_at": 1}, "has expired"),
    )
    for columns, said in changes:
        site.set_user("host1", **columns)
        person = come()
        person.open(BEGIN)
        refused(person, said)
    issuer.claims = {"sub": "stranger"}
    person = come()
    person.open(BEGIN)
    refused(person, "no account of yours on this site")


def test_a_password_that_is_due_is_changed_first(site: TestSite, come: Come) -> None:
    site.set_user("host1", must_change_password=True)
    person = come()
    person.open(BEGIN)
    assert COOKIE not in person.http.cookies
    person.send("new-password", PASSWORD="Other-Words-7", AGAIN="Other-Words-7")
    assert (person.status, person.heading) == (200, "My meetings")


def test_guessing_is_slowed_down(site: TestSite, come: Come) -> None:
    person = come()
    for _ in range(6):
        person.open(BACK)
    assert site.server.application.brake.delay(f"{site.site_id}/openid/127.0.0.1") > 0


# ---- issuers that do not answer as they should -------------------------------------------------------------------


def test_an_issuer_that_is_down(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    issuer.answers[WELL_KNOWN] = lambda: (500, b"")
    person = come()
    person.open(BEGIN)
    refused(person, "does not answer", 503)


@pytest.mark.parametrize(
    "token_answer",
    [(500, b""), (200, b"no JSON"), (200, b"[]"), (302, b""), (200, b'{"access_token": "x"}'), (200, b"{" * 600_000)],
)
def test_an_issuer_whose_tokens_cannot_be_had(
    come: Come, issuer: SignInIssuer, monkeypatch: pytest.MonkeyPatch, token_answer: tuple[int, bytes]
) -> None:
    monkeypatch.setattr(issuer, "posted", lambda *_: token_answer)
    person = come()
    person.open(BEGIN)
    assert (person.status, person.heading) in ((503, "Sign in"), (403, "Sign in"))
    assert COOKIE not in person.http.cookies


@pytest.mark.parametrize(
    "changes",
    [
        {"authorization_endpoint": "http://evil.example/a"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"token_endpoint": "https://user:pw@evil.example/"},
        {"issuer": "https://evil.example"},
    ],
)
def test_addresses_that_cannot_be_trusted(come: Come, issuer: SignInIssuer, changes: dict[str, Any]) -> None:
    said = {**json.loads(issuer.answer(WELL_KNOWN)[1]), **changes}
    issuer.answers[WELL_KNOWN] = lambda: (200, json.dumps(said).encode())
    person = come()
    person.open(BEGIN)
    refused(person, "does not answer", 503)


# ---- signing out -------------------------------------------------------------------------------------------------


def test_signing_out_here_and_there(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    person = come()
    person.open(BEGIN)
    person.send("sign-out")
    link = re.search(r'href="([^"]*/sign-in/openid/end)"', person.page)
    assert link is not None
    answer = step(person, person.site.server.url + link[1])
    root = site.server.application.links.root(site.name)
    there = urlsplit(answer.headers["location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{issuer.url}/end_session"
    assert parse_qs(there.query) == {
        "client_id": ["console"],
        "post_logout_redirect_uri": [f"{root}/console/sign-in"],
    }
    assert "/sign-in/openid/end" not in person.open("sign-in")


def test_an_issuer_that_signs_nobody_out(come: Come, issuer: SignInIssuer) -> None:
    said = json.loads(issuer.answer(WELL_KNOWN)[1])
    del said["end_session_endpoint"]
    issuer.answers[WELL_KNOWN] = lambda: (200, json.dumps(said).encode())
    person = come()
    person.open("sign-in/openid/end")
    assert (person.status, person.where) == (200, "sign-in")


# ---- settings ----------------------------------------------------------------------------------------------------


def test_sites_without_a_client_offer_nothing(server: Server, issuer: SignInIssuer) -> None:
    for site in (server.new_site(), server.new_site(openid=issuer.settings())):
        person = Person(site)
        assert "sign-in/openid" not in person.open("sign-in")
        for path in (BEGIN, BACK, "sign-in/openid/end"):
            person.open(path)
            assert person.status == 404
        person.close()


def test_passwords_are_not_asked_for_where_none_counts(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    from tests.services.test_identity import provider

    page = come().open("sign-in")
    assert 'type="password"' in page
    settings = trusting(site, issuer)
    site.set(settings=msgspec.structs.replace(settings, saml=provider().settings(refuse_passwords=True)))
    page = come().open("sign-in")
    assert 'type="password"' not in page
    assert "sign-in/openid" in page


def test_the_secret_is_sealed_for_its_site(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    engine = site.server.application.engine
    sealed = site.server.run(seal(engine, site.site_id, "pass phrase"))
    assert "pass" not in sealed
    assert sealed != site.server.run(seal(engine, site.site_id, "pass phrase"))
    assert site.server.run(unseal(engine, site.site_id, sealed)) == "pass phrase"
    for number, text in ((site.site_id + 1, sealed), (site.site_id, sealed[:-4]), (site.site_id, "sealed:x")):
        with pytest.raises(Unreadable):
            site.server.run(unseal(engine, number, text))
    other = site.server.new_site()
    other.set(settings=settings_of(site))
    person = come(other)
    person.open(BEGIN)
    refused(person, "does not answer", 503)


def test_the_secret_stands_nowhere(site: TestSite, come: Come, issuer: SignInIssuer) -> None:
    issuer.secret = "very-own-words"
    site.set(settings=trusting(site, issuer))
    settings = settings_of(site)
    assert issuer.secret not in repr(settings)
    log = site.server.run(audit.latest(site.server.application.engine, site.site_id, 10))
    assert all(issuer.secret not in each.document for each in log)
    person = come()
    assert issuer.secret not in person.open("sign-in") + person.open(BEGIN)
    with pytest.raises(msgspec.ValidationError, match="openid-secret-file"):
        msgspec.convert(
            {"openid": {**msgspec.to_builtins(settings.openid), "client_secret": issuer.secret}}, SiteSettings
        )
    assert PASSWORD not in person.page
