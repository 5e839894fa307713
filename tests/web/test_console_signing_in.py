"""Signing in to the console and out of it, and passwords: forgotten, due, changed."""

from __future__ import annotations

import json
import re
import time
from functools import partial

import pytest

from parley.domain.site import SiteSettings
from parley.store import outbox
from parley.web.visits import COOKIE
from tests.server import PASSWORD, TestSite
from tests.services.test_identity import provider
from tests.web.console import Come, Person
from tests.web.test_pages import address, schedule

ANOTHER = "Other-Words-7"


@pytest.fixture
def come(site: TestSite, come: Come) -> Come:
    """Called with a name, somebody comes and signs in; without one, somebody who does not."""
    return partial(come, site)


def mailed(site: TestSite) -> list[str]:
    """The tokens of the links that were mailed to people who forgot their password."""
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    return [json.loads(each.document)["token"] for each in found if each.kind == "user.password_link"]


def mailed_soon(site: TestSite) -> list[str]:
    """The same, once there is one: the mail is written after the answer."""
    until = time.monotonic() + 10
    while not (found := mailed(site)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("name", ["host1", "HOST1", "host1@{site}.example", " Host1@{site}.EXAMPLE "])
def test_name_or_address(site: TestSite, come: Come, name: str) -> None:
    person = come()
    person.sign_in(name.format(site=site.name))
    assert (person.status, person.where, person.heading) == (200, "", "My meetings")


def test_wrong_words_are_answered_alike(site: TestSite, come: Come) -> None:
    person = come()
    pages = []
    for name in ("host1", "nobody", "nobody@nowhere.example"):
        page = person.sign_in(name, "wrong")
        assert person.status == 403
        pages.append(page.replace(name, ""))
    assert pages[0] == pages[1] == pages[2]
    assert COOKIE not in person.http.cookies
    person.post("sign-in", NAME="", PASSWORD="")
    assert person.status == 400


def test_accounts_that_may_not_be_used(site: TestSite, come: Come) -> None:
    person = come()
    site.set_user("host1", locked=True)
    assert "locked" in person.sign_in("host1")
    assert "locked" not in person.sign_in("host1", "wrong")
    site.set_user("host1", locked=False, status="DEACTIVATED")
    assert "not active" in person.sign_in("host1")
    site.set_user("host1", status="ACTIVATED", expires_at=1)
    assert "has expired" in person.sign_in("host1")


def test_guessing_locks_the_account_here_as_for_programs(site: TestSite, come: Come) -> None:
    site.set(settings=SiteSettings(lock_after_failures=3))
    person = come()
    for number in range(3):
        person.sign_in("host1", f"{number} of {site.name}")  # accounts of tests share the hash of their password
    assert "locked" in person.sign_in("host1")
    assert site.client().call("user.GetUser", webExId="host1").code == "030030"


def test_pages_ask_to_sign_in_and_lead_back(site: TestSite, come: Come) -> None:
    key = schedule(site)
    person = come()
    person.open(f"meetings/{key}?day=2031-01-01")
    assert (person.where, person.heading, person.notice) == ("sign-in", "Sign in", "Please sign in to go on.")
    person.send("sign-in", NAME="host1", PASSWORD=PASSWORD)
    assert (person.where, person.heading) == (f"meetings/{key}", "Monday round")
    person.open("sign-in")
    assert person.where == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/other-site/console/", "/\\evil"])
def test_nobody_is_led_to_strange_places(site: TestSite, come: Come, target: str) -> None:
    person = come()
    person.open("sign-in")
    person.send("sign-in", NAME="host1", PASSWORD=PASSWORD, NEXT=target)
    assert (person.status, person.where) == (200, "")


def test_signing_out_ends_this_visit_only(site: TestSite, come: Come) -> None:
    here, there = come("host1"), come("host1")
    here.send("sign-out")
    assert (here.where, here.notice) == ("sign-in", "You are signed out.")
    assert here.open("sign-in").count("You are signed out.") == 0
    here.open()
    assert here.where == "sign-in"
    assert "My meetings" in there.open()


def test_signing_out_everywhere_ends_visits_and_session_tickets(site: TestSite, come: Come) -> None:
    here, there, other = come("host1"), come("host1"), come("host2")
    ticket = site.client().call("user.AuthenticateUser").ok().value("sessionTicket") or ""
    here.open("profile")
    here.send("sign-out-everywhere")
    assert here.where == "sign-in"
    assert "in all browsers" in here.notice
    there.open()
    assert there.where == "sign-in"
    by_ticket = site.client("host1", None, ticket=ticket)
    assert by_ticket.call("user.GetUser", webExId="host1").code == "030047"
    assert "My meetings" in other.open()
    assert "My meetings" in come("host1").page


def test_forms_of_strangers_do_nothing(site: TestSite, come: Come) -> None:
    person = come("host1")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        person.post("sign-out", headers)
        assert person.status == 403
    for csrf in ("", "00000000-0000-4000-8000-000000000000"):
        person.post("sign-out", CSRF=csrf)
        assert person.status == 403
        assert "too old" in person.page
    person.post("sign-in", {"Sec-Fetch-Site": "cross-site"}, NAME="host2", PASSWORD=PASSWORD)
    assert person.status == 403
    assert "Host1 Tester" in person.open()
    assert person.http.get(person.address("sign-out")).status_code == 405


def test_pages_are_private_and_run_nothing(site: TestSite, come: Come) -> None:
    person = come("host1")
    for path in ("", "month", "profile", "meetings/new", f"meetings/{schedule(site)}"):
        headers = person.http.get(person.address(path)).headers
        assert headers["cache-control"] == "no-store"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert ("script-src 'self'" in policy) == (path.startswith("meetings/") and path != "meetings/new")
        assert "unsafe" not in policy
    cookie = next(each for each in person.http.cookies.jar if each.name == COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.path == f"/{site.name}"


# ---- forgotten ---------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_chosen_anew_once(site: TestSite, come: Come) -> None:
    person, signed_in = come(), come("host1")
    person.open("sign-in")
    person.open("forgotten")
    person.send("forgotten", NAME=f"host1@{site.name}.example")
    assert person.heading == "Look into your mail"
    [token] = mailed_soon(site)
    person.open(f"new-password?token={token}")
    assert person.heading == "Choose a new password"
    assert "not the same" in person.send("new-password", PASSWORD=ANOTHER, AGAIN="Something-else-8")
    assert person.status == 400
    person.send("new-password", PASSWORD=ANOTHER, AGAIN=ANOTHER)
    assert (person.where, "was changed" in person.notice) == ("sign-in", True)
    person.open(f"new-password?token={token}")
    assert (person.status, person.heading) == (403, "This link is no longer good")
    signed_in.open()
    assert signed_in.where == "sign-in"
    person.sign_in("host1")
    assert person.status == 403
    person.sign_in("host1", ANOTHER)
    assert person.heading == "My meetings"


def test_the_answer_tells_of_no_account(site: TestSite, come: Come) -> None:
    site.set_user("host2", locked=True)
    person, pages = come(), []
    for name in ("host1", "nobody", "host2", "nobody@nowhere.example"):
        person.open("forgotten")
        pages.append(person.send("forgotten", NAME=name))
        assert person.status == 200
    person.open("sign-in")
    assert len(set(pages)) == 1
    assert len(mailed_soon(site)) == 1
    person.open("forgotten")
    person.send("forgotten", NAME="host1")
    person.open("sign-in")
    assert len(mailed(site)) == 1  # not twice within a minute
    person.open("forgotten")
    person.send("forgotten", NAME="")
    assert person.status == 400


def test_links_that_are_no_good(site: TestSite, come: Come) -> None:
    person = come()
    person.open("forgotten")
    person.send("forgotten", NAME="host1")
    person.open("sign-in")
    [token] = mailed_soon(site)
    other = Person(site.server.new_site())
    for bad in ("", "x", "A" * len(token), token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), token + "A"):
        person.open(f"new-password?token={bad}")
        assert person.status == 403, bad
        person.post("new-password", TOKEN=bad, PASSWORD=ANOTHER, AGAIN=ANOTHER)
        assert person.status == 403, bad
    other.open(f"new-password?token={token}")
    assert other.status == 403
    other.close()
    site.server.clock.ahead = 1801
    person.open(f"new-password?token={token}")
    assert person.status == 403
    site.server.clock.ahead = 0
    person.open(f"new-password?token={token}")
    assert person.status == 200
    site.set_user("host1", locked=True)
    person.open(f"new-password?token={token}")
    assert person.status == 403


def test_a_site_that_keeps_no_passwords_asks_for_none(site: TestSite, come: Come) -> None:
    person = come("host1")
    site.set(settings=SiteSettings(control_hub=True))
    assert "Change your password" not in person.open("profile")
    person.open("password")
    assert person.where == "profile"
    person.open("forgotten")
    assert person.status == 404
    site.set(settings=SiteSettings(saml=provider().settings(refuse_passwords=True)))
    stranger = come()
    assert "Forgot your password?" not in stranger.open("sign-in")
    assert "Passwords do not count" in stranger.sign_in("host1")


# ---- due and changed ---------------------------------------------------------------------------------------------


def test_a_password_that_is_due_is_changed_before_anything_else(site: TestSite, come: Come) -> None:
    site.set_user("host1", must_change_password=True)
    person = come()
    person.sign_in("host1")
    assert person.heading == "Choose a new password"
    assert COOKIE not in person.http.cookies
    person.send("new-password", PASSWORD=PASSWORD, AGAIN=PASSWORD)
    assert person.status == 400  # the same one is no change
    person.send("new-password", PASSWORD=ANOTHER, AGAIN=ANOTHER)
    assert (person.where, person.heading) == ("", "My meetings")
    assert "was changed" in person.notice
    site.client(password=ANOTHER).call("user.GetUser", webExId="host1").ok()


def test_a_change_that_falls_due_during_a_visit(site: TestSite, come: Come) -> None:
    person = come("host1")
    site.set_user("host1", must_change_password=True)
    person.open("month")
    assert (person.where, person.heading) == ("password", "Change your password")
    person.send("password", PRESENT=PASSWORD, PASSWORD=ANOTHER, AGAIN=ANOTHER)
    assert person.where == "profile"
    person.open("month")
    assert person.where == "month"


def test_changing_the_password_takes_the_present_one(site: TestSite, come: Come) -> None:
    person, elsewhere = come("host1"), come("host1")
    person.open("password")
    assert "not your present password" in person.send("password", PRESENT="wrong", PASSWORD=ANOTHER, AGAIN=ANOTHER)
    assert person.status == 400
    assert "present password" in person.send("password", PRESENT="", PASSWORD=ANOTHER, AGAIN=ANOTHER)
    assert "not the same" in person.send("password", PRESENT=PASSWORD, PASSWORD=ANOTHER, AGAIN="x")
    person.send("password", PRESENT=PASSWORD, PASSWORD="abc", AGAIN="abc")
    assert person.status == 400
    assert re.search(r'id="password-error"[^>]*>[A-Z]', person.page)
    person.send("password", PRESENT=PASSWORD, PASSWORD=ANOTHER, AGAIN=ANOTHER)
    assert (person.where, "was changed" in person.notice) == ("profile", True)
    assert "My meetings" in person.open()  # this visit goes on
    elsewhere.open()
    assert elsewhere.where == "sign-in"


def test_the_site_page_and_the_links_lead_here(site: TestSite, come: Come) -> None:
    person = come()
    assert f"/{site.name}/console/sign-in" in person.http.get(address(site, "")).text
    key = schedule(site)
    page = person.http.get(address(site, f"m.php?AT=HM&MK={key}"))
    assert page.status_code == 403
    assert f"/{site.name}/console/sign-in?next=" in page.text
    link = site.client().call("user.GetloginurlUser", webExID="host1").ok().value("userLoginURL") or ""
    person.http.get(link)
    assert "My meetings" in person.http.get(address(site, "")).text
    assert "My meetings" in person.open()
