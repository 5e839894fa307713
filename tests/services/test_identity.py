"""Signing in by access tokens and SAML responses, against a real issuer and really signed responses."""

from __future__ import annotations

import functools
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from parley.domain.site import SiteSettings
from parley.services.identity.issuers import PAUSE, STALE
from parley.store.query import Query, where
from parley.store.tables import used_assertions
from tests.client import Answer, Client
from tests.server import PASSWORD, Server, TestSite
from tests.services.identity_providers import (
    WELL_KNOWN,
    IdentityProvider,
    Issuer,
    ec_key,
    encoded,
    rsa_key,
)

_COUNT = Query(
    select(func.count()).select_from(used_assertions).where(*where(used_assertions.c.site_id)), "key_site_id"
)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.stop()


@functools.cache
def provider() -> IdentityProvider:
    return IdentityProvider()


@pytest.fixture
def token_site(server: Server, issuer: Issuer) -> TestSite:
    """A site that takes access tokens whose sub is a webExID."""
    return server.new_site(openid=issuer.settings(user_claim="sub"))


@pytest.fixture
def saml_site(server: Server) -> TestSite:
    """A site that takes SAML responses."""
    return server.new_site(saml=provider().settings())


@pytest.fixture
def second(server: Server) -> Iterator[Server]:
    """A second server on the same database."""
    started = Server(server.config.database, Path(server.config.data)).start()
    yield started
    started.stop()


def bearer(site: TestSite, token: str, web_ex_id: str | None = "host1", **options: Any) -> Client:
    """A client with an access token in its securityContext."""
    client = site.client(web_ex_id, **{"password": None, **options})
    client.context["webExAccessToken"] = token
    return client


def by_token(site: TestSite, token: str, web_ex_id: str | None = "host1", **options: Any) -> Answer:
    return site.client(web_ex_id, **{"password": None, **options}).call("user.AuthenticateUser", accessToken=token)


def by_saml(site: TestSite, response: str, web_ex_id: str | None = "host1", **options: Any) -> Answer:
    return site.client(web_ex_id, **{"password": None, **options}).call("user.AuthenticateUser", samlResponse=response)


def sign_in(client: Client) -> Answer:
    """A request that any account of a site may make."""
    return client.call("site.LstTimeZone", timeZoneID=20)


def user_of(site: TestSite, answer: Answer) -> str | None:
    """Whose ticket an answer holds."""
    ticket = answer.ok().value("sessionTicket")
    assert answer.value("timeToLive") == "5400"
    for web_ex_id in site.users:
        if sign_in(site.client(web_ex_id, password=None, ticket=ticket)).result == "SUCCESS":
            return web_ex_id
    return None


def set_settings(site: TestSite, **settings: Any) -> None:
    site.set(settings=SiteSettings(**settings))


# --- access tokens in the body -------------------------------------------------------------------------------------


def test_an_access_token_gives_a_session_ticket(token_site: TestSite, issuer: Issuer) -> None:
    assert user_of(token_site, by_token(token_site, issuer.token())) == "host1"
    assert user_of(token_site, by_token(token_site, issuer.token(sub="Attendee1"), "ATTENDEE1")) == "attendee1"
    assert issuer.asked == [WELL_KNOWN, "/keys"]


def test_the_token_may_say_alone_who_signs_in(token_site: TestSite, issuer: Issuer) -> None:
    assert user_of(token_site, by_token(token_site, issuer.token(sub="admin"), None)) == "admin"
    email = token_site.users["host2"].email.upper()
    assert user_of(token_site, by_token(token_site, issuer.token(sub="host2"), None, email=email)) == "host2"


def test_the_e_mail_address_names_the_account_by_default(server: Server, issuer: Issuer) -> None:
    site = server.new_site(openid=issuer.settings())
    email = site.users["host2"].email
    assert user_of(site, by_token(site, issuer.token(email=email, email_verified=True), "host2")) == "host2"
    by_token(site, issuer.token(email=email, email_verified=False), "host2").failed("030047")
    by_token(site, issuer.token(), "host2").failed("030047")


def test_the_token_of_somebody_else_is_refused(token_site: TestSite, issuer: Issuer) -> None:
    answer = by_token(token_site, issuer.token(sub="host2"), "host1").failed("030047")
    assert answer.reason == "The access token or SAML response belongs to another user"
    by_token(token_site, issuer.token(sub="host2"), "nobody").failed("030047")
    by_token(token_site, issuer.token(sub="host2"), None, email="x@y.example").failed("030047")
    # Who proved something already is no exception.
    by_token(token_site, issuer.token(sub="admin"), "host1", password=PASSWORD).failed("030047")
    assert user_of(token_site, by_token(token_site, issuer.token(), "host1", password=PASSWORD)) == "host1"


def test_somebody_without_an_account_gets_no_ticket(token_site: TestSite, issuer: Issuer) -> None:
    for web_ex_id in ("host1", "stranger", None):
        by_token(token_site, issuer.token(sub="stranger"), web_ex_id).failed("030048")


@pytest.mark.parametrize(
    ("columns", "code"),
    [({"status": "DEACTIVATED"}, "030008"), ({"locked": True}, "030030"), ({"expires_at": 5}, "030007")],
)
def test_accounts_that_may_not_be_used_stay_out(
    server: Server, issuer: Issuer, columns: dict[str, Any], code: str
) -> None:
    site = server.new_site(openid=issuer.settings(user_claim="sub"), saml=provider().settings())
    site.set_user("host1", **columns)
    by_token(site, issuer.token()).failed(code)
    sign_in(bearer(site, issuer.token())).failed(code)
    by_saml(site, provider().response()).failed(code)


def test_bad_tokens_are_refused(token_site: TestSite, issuer: Issuer) -> None:
    now = token_site.server.clock.now()
    tokens = [
        issuer.token(iss="https://other.example"),
        issuer.token(aud="other"),
        issuer.token(exp=now - 120),
        issuer.token(nbf=now + 120),
        issuer.token(rsa_key("unknown")),
        issuer.token()[:-8] + "AAAAAAAA",
        "abc",
        "a.b.c",
        "x" * 1_000_000,
    ]
    for token in tokens:
        assert by_token(token_site, token).failed("030047").reason == "WebEx access token is invalid"
        sign_in(bearer(token_site, token)).failed("030047")


def test_a_scope_may_be_demanded(server: Server, issuer: Issuer) -> None:
    site = server.new_site(openid=issuer.settings(user_claim="sub", required_scope="spark:all"))
    by_token(site, issuer.token()).failed("030047")
    by_token(site, issuer.token(scope="openid spark:all")).ok()


def test_tokens_for_another_site_do_not_count(token_site: TestSite, issuer: Issuer) -> None:
    other = token_site.server.new_site(openid=issuer.settings(user_claim="sub", audiences=("other",)))
    by_token(other, issuer.token()).failed("030047")
    by_token(other, issuer.token(aud="other")).ok()
    by_token(token_site, issuer.token(aud="other")).failed("030047")
    by_token(token_site.server.new_site(), issuer.token()).failed("030047")


# --- access tokens in the context ----------------------------------------------------------------------------------


def test_an_access_token_takes_the_place_of_the_password(token_site: TestSite, issuer: Issuer) -> None:
    sign_in(bearer(token_site, issuer.token())).ok()
    sign_in(bearer(token_site, issuer.token(), "HOST1", password="Wrong-Password-1")).ok()
    sign_in(bearer(token_site, "abc", password=PASSWORD)).failed("030047")
    assert user_of(token_site, bearer(token_site, issuer.token()).call("user.AuthenticateUser")) == "host1"
    sign_in(bearer(token_site, issuer.token(sub="host2"))).failed("030047")
    sign_in(bearer(token_site, issuer.token(sub="nobody"), "nobody")).failed("030001")


def test_without_a_name_in_the_context_the_token_says_who_calls(token_site: TestSite, issuer: Issuer) -> None:
    answer = bearer(token_site, issuer.token(sub="host2"), None).call("user.GetUser", webExId="host2")
    assert answer.ok().value("webExId") == "host2"
    bearer(token_site, issuer.token(sub="host2"), None).call("user.GetUser", webExId="host1").failed("000001")
    sign_in(bearer(token_site, issuer.token(sub="nobody"), None)).failed("030001")
    sign_in(bearer(token_site, "abc", None)).failed("030047")


def test_a_session_ticket_counts_before_a_token(token_site: TestSite, issuer: Issuer) -> None:
    ticket = by_token(token_site, issuer.token()).ok().value("sessionTicket")
    sign_in(bearer(token_site, "abc", ticket=ticket)).ok()
    sign_in(bearer(token_site, issuer.token(), ticket="abc")).failed("030047")


def test_rights_are_those_of_the_account(token_site: TestSite, issuer: Issuer) -> None:
    bearer(token_site, issuer.token(sub="attendee1"), "attendee1").call("user.LstsummaryUser").failed("000001")
    bearer(token_site, issuer.token(sub="admin"), "admin").call("user.LstsummaryUser").ok()


def test_a_site_without_issuer_takes_the_password_beside_a_token(site: TestSite) -> None:
    sign_in(bearer(site, "abc", password=PASSWORD)).ok()
    sign_in(bearer(site, "abc")).failed("030047")


# --- keys that change, issuers that do not answer ------------------------------------------------------------------


def test_new_keys_are_found_and_old_ones_go(token_site: TestSite, issuer: Issuer) -> None:
    by_token(token_site, issuer.token()).ok()
    issuer.keys = [ec_key("second")]
    by_token(token_site, issuer.token()).failed("030047")  # asked for less than a minute ago
    token_site.server.clock.ahead = PAUSE + 1
    by_token(token_site, issuer.token()).ok()
    by_token(token_site, issuer.token(rsa_key("first"))).failed("030047")
    assert issuer.asked == [WELL_KNOWN, "/keys"] * 2


def test_made_up_keys_do_not_make_the_issuer_work(token_site: TestSite, issuer: Issuer) -> None:
    by_token(token_site, issuer.token()).ok()
    token_site.server.clock.ahead = PAUSE + 1
    for _ in range(20):
        by_token(token_site, issuer.token(rsa_key("unknown"))).failed("030047")
    assert len(issuer.asked) == 4


def test_an_issuer_that_is_down_is_a_fault_of_its_own(token_site: TestSite, issuer: Issuer) -> None:
    good = issuer.token()
    issuer.answers[WELL_KNOWN] = lambda: (503, b"")
    answer = by_token(token_site, good).failed("030071")
    assert answer.reason == "The identity provider does not answer, try again"
    sign_in(bearer(token_site, good)).failed("030071")
    assert issuer.asked == [WELL_KNOWN]
    sign_in(token_site.client()).ok()  # passwords go on
    issuer.answers.clear()
    token_site.server.clock.ahead = PAUSE + 1
    by_token(token_site, good).ok()


def test_known_keys_go_on_while_the_issuer_is_down(token_site: TestSite, issuer: Issuer) -> None:
    by_token(token_site, issuer.token()).ok()
    issuer.answers[WELL_KNOWN] = lambda: (503, b"")
    late = issuer.token(exp=token_site.server.clock.now() + 2 * STALE)
    token_site.server.clock.ahead = STALE - 60
    by_token(token_site, late).ok()
    token_site.server.clock.ahead = STALE + 60
    by_token(token_site, late).failed("030071")


def test_a_slow_issuer_holds_up_nobody_else(token_site: TestSite, issuer: Issuer) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow() -> tuple[int, bytes]:
        asked.set()
        go_on.wait(20)
        del issuer.answers[WELL_KNOWN]
        return issuer.answer(WELL_KNOWN)

    issuer.answers[WELL_KNOWN] = slow
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(by_token, token_site, issuer.token())
        assert asked.wait(20)
        sign_in(token_site.client()).ok()
        assert not waiting.done()
        go_on.set()
        waiting.result(20).ok()


# --- SAML ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_a_saml_response_gives_a_session_ticket(saml_site: TestSite, sign: str) -> None:
    assert user_of(saml_site, by_saml(saml_site, provider().response(sign=sign))) == "host1"
    assert user_of(saml_site, by_saml(saml_site, provider().response(sign=sign, user="admin"), None)) == "admin"


def test_a_saml_response_may_name_the_e_mail_address(server: Server) -> None:
    site = server.new_site(saml=provider().settings(user_is="email"))
    email = site.users["host2"].email
    assert user_of(site, by_saml(site, provider().response(user=email), "host2")) == "host2"


def test_saml_responses_of_and_for_others_are_refused(saml_site: TestSite) -> None:
    by_saml(saml_site, provider().response(user="host2")).failed("030047")
    by_saml(saml_site, provider().response(user="stranger"), None).failed("030048")
    responses = [
        provider().response(sign="nothing"),
        IdentityProvider().response(),
        provider().response(audience="urn:other"),
        provider().response(recipient="https://other.example/"),
        provider().response(ends=-120),
        encoded(b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'),
        "PHNhbWw+",
        "%",
        "A" * 1_000_000,
    ]
    for response in responses:
        assert by_saml(saml_site, response).failed("030047").reason == "SAML response is invalid"
    by_saml(saml_site.server.new_site(), provider().response()).failed("030047")


def test_a_saml_response_counts_once(saml_site: TestSite, second: Server) -> None:
    response = provider().response()
    by_saml(saml_site, response).ok()
    by_saml(saml_site, response).failed("030047")
    elsewhere = Client(second.url, saml_site.name, web_ex_id="host1")
    elsewhere.call("user.AuthenticateUser", samlResponse=response).failed("030047")
    # The same assertion in another response is the same one.
    again = provider().document(identifier=f"_{secrets.token_hex(8)}")
    by_saml(saml_site, encoded(again)).ok()
    again.set("ID", "_other")
    by_saml(saml_site, encoded(again)).failed("030047")


def test_of_many_at_once_one_signs_in(saml_site: TestSite, second: Server) -> None:
    response = provider().response()
    urls = [saml_site.server.url, second.url]

    def send(number: int) -> str:
        client = Client(urls[number % 2], saml_site.name, web_ex_id="host1")
        return client.call("user.AuthenticateUser", samlResponse=response).result

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(16))) == ["FAILURE"] * 15 + ["SUCCESS"]


def test_a_response_that_was_refused_may_come_again(saml_site: TestSite) -> None:
    response = provider().response()
    by_saml(saml_site, response, "host2").failed("030047")
    by_saml(saml_site, response, "host1").ok()


def test_used_assertions_are_forgotten_when_they_are_too_old_anyway(saml_site: TestSite) -> None:
    engine = saml_site.server.application.engine

    def kept() -> int:
        row = saml_site.server.run(engine.one(_COUNT, saml_site.site_id))
        assert row is not None
        return int(row[0])

    old = provider().response()
    by_saml(saml_site, old).ok()
    by_saml(saml_site, provider().response()).ok()
    assert kept() == 2
    clock = saml_site.server.clock
    clock.ahead = 400
    by_saml(saml_site, provider().response(now=clock.now())).ok()
    assert kept() == 1
    by_saml(saml_site, old).failed("030047")


def test_the_same_provider_for_two_sites(saml_site: TestSite) -> None:
    other = saml_site.server.new_site(saml=provider().settings(audience="urn:parley:other"))
    response = provider().response()
    by_saml(other, response).failed("030047")
    by_saml(saml_site, response).ok()


# --- the site ------------------------------------------------------------------------------------------------------


def test_get_site_tells_whether_single_sign_on_is_set(site: TestSite) -> None:
    def told() -> list[str]:
        return site.client().call("site.GetSite").ok().all("samlSSO/enableSSO")

    assert told() == ["false"]
    set_settings(site, saml=provider().settings())
    assert told() == ["true"]


def test_a_site_may_refuse_passwords(server: Server, issuer: Issuer) -> None:
    site = server.new_site(openid=issuer.settings(user_claim="sub"), saml=provider().settings(refuse_passwords=True))
    for password in (PASSWORD, "Wrong-Password-1"):
        answer = sign_in(site.client(password=password)).failed("030070")
        assert answer.reason == "This site uses single sign-on: a password cannot be used"
        sign_in(site.client("nobody", password=password)).failed("030070")
    by_token(site, issuer.token(), password=PASSWORD).failed("030070")
    ticket = by_saml(site, provider().response()).ok().value("sessionTicket")
    sign_in(site.client(password=None, ticket=ticket)).ok()
    sign_in(bearer(site, issuer.token())).ok()


def test_a_password_that_would_have_to_be_changed_is_no_reason_where_none_is_taken(server: Server) -> None:
    taking = server.new_site(saml=provider().settings())
    taking.set_user("host1", must_change_password=True)
    by_saml(taking, provider().response()).failed("030029")
    refusing = server.new_site(saml=provider().settings(refuse_passwords=True))
    refusing.set_user("host1", must_change_password=True)
    assert user_of(refusing, by_saml(refusing, provider().response())) == "host1"


def test_changed_settings_hold_from_the_next_request_on(token_site: TestSite, issuer: Issuer) -> None:
    by_token(token_site, issuer.token()).ok()
    set_settings(token_site, openid=issuer.settings(user_claim="sub", audiences=("new",)))
    by_token(token_site, issuer.token()).failed("030047")
    sign_in(bearer(token_site, issuer.token(aud="new"), None)).ok()
    set_settings(token_site)
    sign_in(bearer(token_site, issuer.token(aud="new"))).failed("030047")
    sign_in(bearer(token_site, issuer.token(aud="new"), None)).failed("030002")
