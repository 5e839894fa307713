"""Whatever the server signs or hands out, in a form that it did not give: altered, cut, of another kind, used again.

One row for each kind of ticket, link and cookie: how to get a good one, and a way to try one that tells whether it was
taken.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from parley.protocol.credentials import GuessBrake
from tests.server import Server, TestSite
from tests.services.meetings import create
from tests.web.console import OWN, Person

Attempt = Callable[[str], bool]


class Kind(NamedTuple):
    """One kind of proof: a good one, and whether some text is taken for it."""

    good: str
    is_taken: Attempt


@pytest.fixture(scope="module")
def forging(sqlite_server: Server) -> Iterator[TestSite]:
    """A site to forge for, and nobody waits for the brake."""
    with pytest.MonkeyPatch.context() as patched:

        async def at_once(self: GuessBrake, account: str, address: str | None = None) -> None:
            assert account

        patched.setattr(GuessBrake, "wait", at_once)
        yield sqlite_server.new_site()
    sqlite_server.clock.ahead = 0


def _value(link: str | None, name: str) -> str:
    found = parse_qs(urlsplit(link or "").query)
    return next(value[0] for key, value in found.items() if key.upper() == name.upper())


def session_ticket(site: TestSite, http: httpx.Client) -> Kind:
    good = site.client().call("user.AuthenticateUser").ok().value("sessionTicket") or ""
    return Kind(good, lambda text: _by_ticket(site, http, text))


def _by_ticket(site: TestSite, http: httpx.Client, text: str) -> bool:
    document = site.client("host1", None, ticket="TICKET").document("user.GetUser", "<webExId>host1</webExId>")
    document = document.replace("TICKET", text)
    return "SUCCESS" in http.post(f"{site.server.url}/WBXService/XMLService", content=document).text


def visit(site: TestSite, http: httpx.Client) -> Kind:
    person = Person(site, "host1")
    good = next(each.value or "" for each in person.http.cookies.jar if each.name == "ticket")
    person.close()

    def is_taken(text: str) -> bool:
        headers = {"Cookie": f"ticket={text}"}
        return http.get(f"{site.server.url}/{site.name}/console/profile", headers=headers).status_code == 200

    return Kind(good, is_taken)


def csrf(site: TestSite, http: httpx.Client) -> Kind:
    person = Person(site, "host1")
    found = re.search(r'name="CSRF" value="([0-9a-f-]{36})"', person.open("profile"))
    assert found is not None
    signed_in = next(each.value or "" for each in person.http.cookies.jar if each.name == "ticket")
    person.close()

    def is_taken(text: str) -> bool:
        headers = {**OWN, "Cookie": f"ticket={signed_in}"}
        address = f"{site.server.url}/{site.name}/console/profile"
        return http.post(address, data={"CSRF": text}, headers=headers).status_code != 403

    return Kind(found[1], is_taken)


def login_ticket(site: TestSite, http: httpx.Client) -> Kind:
    good = site.client().call("user.GetLoginTicket").ok().value("ticket") or ""

    def is_taken(text: str) -> bool:
        values = {"AT": "LI", "WID": "host1", "TK": text, "MU": f"/{site.name}/console/profile"}
        answer = http.post(f"{site.server.url}/{site.name}/p.php", data=values)
        return any(each.startswith("ticket=") and len(each) > 60 for each in answer.headers.get_list("set-cookie"))

    return Kind(good, is_taken)


def password_link(site: TestSite, http: httpx.Client) -> Kind:
    site.clear()
    site.server.clock.ahead += 61  # an account gets one such mail in a minute
    http.post(f"{site.server.url}/{site.name}/console/forgotten", data={"NAME": "host2"}, headers=OWN)
    deadline = time.monotonic() + 20
    while not (sent := site.mails) and time.monotonic() < deadline:
        time.sleep(0.02)
    found = re.search(r"new-password\?token=([\w.-]+)", sent[0].text)
    assert found is not None

    def is_taken(text: str) -> bool:
        address = f"{site.server.url}/{site.name}/console/new-password"
        return http.get(address, params={"token": text}).status_code == 200

    return Kind(found[1], is_taken)


def invitation(site: TestSite, http: httpx.Client) -> Kind:
    client = site.client()
    key = create(client, "Forged for", accessControl={"listToPublic": False, "meetingPassword": "Secret77"})
    answer = client.call("meeting.GetjoinurlMeeting", sessionKey=key, attendeeName="Ada").ok()
    good = _value(answer.value("inviteMeetingURL"), "MTID")

    def is_taken(text: str) -> bool:
        answer = http.get(f"{site.server.url}/{site.name}/j.php", params={"MTID": text})
        return answer.status_code == 200 and "Forged for" in answer.text

    return Kind(good, is_taken)


KINDS = {each.__name__: each for each in (session_ticket, visit, csrf, login_ticket, password_link, invitation)}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A browser that keeps no cookies."""
    with httpx.Client(timeout=30, follow_redirects=False) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield client


def forgeries(good: str) -> Iterator[str]:
    """Texts that are nearly the good one, in more than the case of a letter, which says nothing in a UUID.

    The last letter of base64 may have bits that say nothing, so it stays.
    """
    for place in sorted(
        {0, 1, 7, len(good) // 3, len(good) // 2, len(good) - 9, len(good) - 2} & set(range(len(good)))
    ):
        for other in ("0", "A", "f", "-", "_"):
            if good[place].casefold() != other.casefold() and good[place] not in "-_.":
                yield good[:place] + other + good[place + 1 :]
    yield from (good[:-3], good[3:], good + good, good[::-1], good + "0a", "", "0", "null", "' OR 1=1 --", "../" + good)
    yield from ("A" * len(good), "0" * len(good), "\u00e9" * len(good), good.replace(good[4], "\u0131"), "x" * 5_000)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_nearly_a_proof_is_none(forging: TestSite, http: httpx.Client, name: str) -> None:
    kind = KINDS[name](forging, http)
    for text in forgeries(kind.good):
        if text != kind.good:
            try:
                assert not kind.is_taken(text), f"{name}: {text!r} for {kind.good!r}"
            except UnicodeEncodeError:  # no head can hold it
                continue
    assert kind.is_taken(kind.good)  # what was shown is that the others are none, not that nothing is taken


def test_no_proof_is_one_of_another_kind(forging: TestSite, http: httpx.Client) -> None:
    kinds = {name: make(forging, http) for name, make in KINDS.items()}
    for name, kind in kinds.items():
        for other, another in kinds.items():
            if other != name:
                assert not kind.is_taken(another.good), f"{other} counts as {name}"


def test_no_proof_counts_on_another_site(forging: TestSite, http: httpx.Client) -> None:
    other = forging.server.new_site()
    for name, make in KINDS.items():
        there, here = make(other, http), make(forging, http)
        assert not here.is_taken(there.good), name


def test_what_counts_once_counts_once(forging: TestSite, http: httpx.Client) -> None:
    """In any spelling: base64 and hexadecimal digits can be written in more than one way."""
    kind = login_ticket(forging, http)
    assert kind.is_taken(kind.good)
    for text in (kind.good, kind.good.upper(), kind.good.lower(), kind.good + "=", f" {kind.good}", kind.good + "%20"):
        assert not kind.is_taken(text), text
