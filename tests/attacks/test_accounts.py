"""What signing in tells and costs, and what becomes of a visit: counted, not timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from parley.protocol.credentials import GuessBrake, PasswordVerifier
from tests.server import PASSWORD, TestSite
from tests.web.console import OWN, Person

Sent = Callable[[httpx.Client, str, str], httpx.Response]


def by_api(site: TestSite) -> Sent:
    def send(client: httpx.Client, name: str, password: str) -> httpx.Response:
        document = site.client(name, password).document("user.AuthenticateUser", "")
        return client.post(f"{site.server.url}/WBXService/XMLService", content=document)

    return send


def by_console(site: TestSite) -> Sent:
    def send(client: httpx.Client, name: str, password: str) -> httpx.Response:
        address = f"{site.server.url}/{site.name}/console/sign-in"
        return client.post(address, data={"NAME": name, "PASSWORD": password}, headers=OWN)

    return send


def by_link(site: TestSite) -> Sent:
    def send(client: httpx.Client, name: str, password: str) -> httpx.Response:
        values = {"AT": "LI", "WID": name, "PW": password}
        return client.post(f"{site.server.url}/{site.name}/p.php", data=values)

    return send


@pytest.fixture
def runs(own_site: TestSite, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that Argon2 was run for."""
    found: list[str] = []
    compute = PasswordVerifier._compute

    def counted(self: PasswordVerifier, password_hash: str, password: str) -> bool:
        found.append(password)
        return compute(self, password_hash, password)

    async def at_once(self: GuessBrake, account: str, address: str | None = None) -> None:
        assert account

    monkeypatch.setattr(PasswordVerifier, "_compute", counted)
    monkeypatch.setattr(GuessBrake, "wait", at_once)
    return found


@pytest.mark.parametrize("door", [by_api, by_console, by_link])
def test_who_does_not_exist_costs_what_a_wrong_password_costs(
    own_site: TestSite, runs: list[str], door: Callable[[TestSite], Sent]
) -> None:
    """One run of Argon2 for each guess, whoever it names; so no clock tells who has an account."""
    own_site.set_user("host2", locked=True)
    send = door(own_site)
    with httpx.Client(timeout=30) as client:
        answers = []
        for number, name in enumerate(
            ("host1", "nobody-here", "host2", "nobody@nowhere.example", f"host1@{own_site.name}.example")
        ):
            guess = f"{door.__name__} {own_site.name} {number}"
            answers.append(send(client, name, guess))
            assert runs == [guess], name
            runs.clear()
    assert {answer.status_code for answer in answers} == {answers[0].status_code}


def test_asking_for_a_new_password_costs_nothing_that_tells(own_site: TestSite, runs: list[str]) -> None:
    with httpx.Client(timeout=30) as client:
        address = f"{own_site.server.url}/{own_site.name}/console/forgotten"
        for name in ("host1", "nobody-here", "nobody@nowhere.example"):
            assert client.post(address, data={"NAME": name}, headers=OWN).status_code in (200, 303)
    assert runs == []


@pytest.fixture
def come(own_site: TestSite) -> Iterator[Callable[..., Person]]:
    """Lets people come to the site with browsers of their own, signed in or not."""
    people: list[Person] = []

    def one(web_ex_id: str | None = None) -> Person:
        people.append(Person(own_site))
        if web_ex_id is not None:
            people[-1].sign_in(web_ex_id)
        return people[-1]

    yield one
    for person in people:
        person.close()


def cookie(client: httpx.Client) -> str:
    return next((each.value or "" for each in client.cookies.jar if each.name == "ticket"), "")


def test_a_cookie_from_before_is_not_the_one_of_the_visit(own_site: TestSite, come: Callable[..., Person]) -> None:
    """Whoever puts a cookie into somebody's browser does not get his visit."""
    attacker, victim = come("attendee1"), come()
    planted = cookie(attacker.http)
    victim.http.cookies.set("ticket", planted, domain="127.0.0.1", path=f"/{own_site.name}")
    address = f"{own_site.server.url}/{own_site.name}/console/sign-in"
    victim.http.post(address, data={"NAME": "host1", "PASSWORD": PASSWORD}, headers=OWN)
    values = [each.value for each in victim.http.cookies.jar if each.name == "ticket"]
    assert "My meetings" in victim.open()
    assert planted not in values
    assert "host1" not in attacker.open("profile")
    again = come("host1")
    assert cookie(again.http) not in (*values, planted)  # each visit has a cookie of its own


@pytest.mark.parametrize("how", ["sign-out-everywhere", "password", "lock", "deactivated"])
def test_a_copied_cookie_ends_with_what_it_was_given_for(
    own_site: TestSite, come: Callable[..., Person], how: str
) -> None:
    """A copy of the cookie in another browser, after the credentials changed, opens nothing."""
    owner, thief = come("host1"), come()
    thief.http.cookies.set("ticket", cookie(owner.http), domain="127.0.0.1", path=f"/{own_site.name}")
    assert "My meetings" in thief.open()
    owner.open("profile")
    if how == "sign-out-everywhere":
        owner.send("sign-out-everywhere")
    elif how == "password":
        other = "Quite-another-7"
        own_site.client("admin").call("user.SetUser", webExId="host1", password=other).ok()
    elif how == "lock":
        own_site.set_user("host1", locked=True)
    else:
        own_site.set_user("host1", status="DEACTIVATED")
    thief.open()
    assert thief.where == "sign-in"


def test_a_session_is_not_taken_from_the_address(own_site: TestSite, come: Callable[..., Person]) -> None:
    """No parameter of a link stands for the cookie."""
    person = come("host1")
    value = cookie(person.http)
    with httpx.Client(timeout=30, follow_redirects=False) as client:
        for name in ("ticket", "TICKET", "TK", "JSESSIONID", "sid", "CSRF"):
            answer = client.get(f"{own_site.server.url}/{own_site.name}/console/profile?{name}={value}")
            assert answer.status_code == 303
        answer = client.get(f"{own_site.server.url}/{own_site.name}/console/profile;ticket={value}")
        assert answer.status_code in (303, 404)
    document = own_site.client("host1", None, ticket=value).document("user.GetUser", "<webExId>host1</webExId>")
    answered = httpx.post(f"{own_site.server.url}/WBXService/XMLService", content=document, timeout=30)
    assert "SUCCESS" not in answered.text


def test_the_same_password_at_many_accounts_is_slowed_down_by_address(own_site: TestSite) -> None:
    """Spraying: few tries at each account, many from one address."""
    brake = GuessBrake()
    address = f"{own_site.site_id}@203.0.113.9"
    waited = [brake.delay(f"{own_site.site_id}/{number}", address) for number in range(10)]
    assert set(waited) == {0.0}
    for number in range(2_000):
        brake.failed(f"{own_site.site_id}/{number}", address)
    assert brake.delay(f"{own_site.site_id}/5000", address) > 0
    assert brake.delay(f"{own_site.site_id}/5000", f"{own_site.site_id}@203.0.113.10") == 0
    assert PASSWORD
