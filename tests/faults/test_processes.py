"""Several server processes on one database: what is changed by one holds in the others from the next request on.

Two of them are `parley serve`, as workers or machines would be; a third one makes the sites and changes them, as the
commands do. Each test lets both processes read first, so that both have at hand whatever they keep.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from parley.domain.site import RateLimits
from parley.protocol import faults
from parley.protocol.versions import Level
from tests.client import Answer, Client
from tests.databases import PostgresServer
from tests.nursery import Nursery
from tests.processes import ServerProcess
from tests.server import PASSWORD, Server, TestSite
from tests.services.meetings import create, meeting

OTHER = "Another-Word-22"


class Two:
    """A site as two processes serve it."""

    def __init__(self, site: TestSite, urls: list[str]) -> None:
        self.site = site
        self.urls = urls

    def by(self, place: int, web_ex_id: str = "host1", password: str | None = PASSWORD, **more: str) -> Client:
        """A client of one of the processes."""
        who = {"web_ex_id": web_ex_id, "password": password, **more}
        return Client(self.urls[place], self.site.name, level=lambda: Level.parse(self.site.level).text, **who)

    def read(self, web_ex_id: str = "host1") -> list[Answer]:
        """An account as both of them tell it."""
        return [self.by(place, web_ex_id).call("user.GetUser", webExId=web_ex_id) for place in (0, 1)]

    def address(self, place: int, link: str) -> str:
        """A link as it leads to one of the processes."""
        return str(httpx.URL(link).copy_with(port=httpx.URL(self.urls[place]).port))


@pytest.fixture(scope="module")
def third(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = postgres_server.copy()
    server = Server(database, tmp_path_factory.mktemp("third")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def urls(third: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with Nursery() as nursery:
        data = tmp_path_factory.mktemp("two")
        processes = [ServerProcess(data, third.config.database, nursery=nursery) for _ in range(2)]
        yield [each.url for each in processes]
        for each in processes:
            each.stop()
        assert processes[0].errors() == []


@pytest.fixture
def two(third: Server, urls: list[str]) -> Two:
    return Two(third.new_site(), urls)


def test_another_password_counts_everywhere_at_once(two: Two) -> None:
    for answer in two.read():
        answer.ok()
    ticket = two.by(1).call("user.AuthenticateUser").ok().value("sessionTicket") or ""
    for place in (0, 1):
        two.by(place, password=None, ticket=ticket).call("user.GetUser", webExId="host1").ok()
    two.by(0).call("user.SetUser", webExId="host1", password=OTHER).ok()
    for place in (1, 0):
        two.by(place).call("user.GetUser", webExId="host1").failed("030002")
        two.by(place, password=None, ticket=ticket).call("user.GetUser", webExId="host1").failed("030047")
        two.by(place, password=OTHER).call("user.GetUser", webExId="host1").ok()


def test_accounts_that_go_out_of_use_are_refused_everywhere(two: Two) -> None:
    for name in ("host1", "host2"):
        assert [answer.result for answer in two.read(name)] == ["SUCCESS"] * 2
    two.site.set_user("host1", locked=True)
    assert [answer.code for answer in two.read()] == ["030030"] * 2
    two.by(0, "admin").call("user.DelUser", webExId="host2").ok()
    assert [answer.code for answer in two.read("host2")] == ["030008"] * 2
    two.by(1, "admin").call("user.ActivateUser", webExId="host2").ok()
    assert [answer.result for answer in two.read("host2")] == ["SUCCESS"] * 2


def test_wrong_passwords_are_counted_together(third: Server, urls: list[str]) -> None:
    two = Two(third.new_site(lock_after_failures=4), urls)
    for number in range(4):
        two.by(number % 2, password=f"Wrong-{number}").call("user.GetUser", webExId="host1").failed("030002")
    assert [answer.code for answer in two.read()] == ["030030"] * 2


def test_kept_answers_follow_what_the_other_process_writes(two: Two) -> None:
    key = create(two.by(0))

    def names() -> list[str | None]:
        return [two.by(place).call("meeting.GetMeeting", meetingKey=key).value("confName") for place in (0, 1)]

    def listed() -> list[list[str]]:
        return [two.by(place).call("meeting.LstsummaryMeeting").all("confName") for place in (0, 1)]

    before = names()
    assert before[0] == before[1]
    assert listed() == [[before[0]]] * 2
    for place in (0, 1):
        two.by(place).call("meeting.SetMeeting", meetingkey=key, metaData={"confName": f"Changed by {place}"}).ok()
        assert names() == [f"Changed by {place}"] * 2
        assert listed() == [[f"Changed by {place}"]] * 2
    two.by(0, "admin").call("user.SetUser", webExId="host1", firstName="Renamed").ok()
    assert [answer.value("firstName") for answer in two.read()] == ["Renamed"] * 2
    two.by(1).call("meeting.DelMeeting", meetingKey=key).ok()
    assert [two.by(place).call("meeting.GetMeeting", meetingKey=key).code for place in (0, 1)] == ["060001"] * 2


def test_lists_of_accounts_have_those_that_the_other_process_made(two: Two) -> None:
    def count(place: int) -> int:
        control = {"startFrom": 1, "maximumNum": 1}
        found = two.by(place, "admin").call("user.LstsummaryUser", listControl=control).ok().value("total")
        return int(found or 0)

    before = count(0)
    assert count(1) == before
    person = {"firstName": "New", "lastName": "Comer", "webExId": "newcomer", "email": "newcomer@else.example"}
    two.by(0, "admin").call("user.CreateUser", person, password=OTHER, privilege={"host": True}).ok()
    assert [count(1), count(0)] == [before + 1] * 2


def test_a_site_is_what_it_is_now_in_every_process(two: Two) -> None:
    def versions() -> list[str | None]:
        return [two.by(place).call("ep.GetAPIVersion").value("apiVer") for place in (0, 1)]

    def links() -> list[int]:
        return [httpx.get(f"{url}/{two.site.name}/console/sign-in").status_code for url in two.urls]

    assert versions() == ["42.6.0"] * 2
    two.site.set_level("42.1")
    assert versions() == ["42.1.0"] * 2
    assert links() == [200, 200]
    two.site.set(active=False)
    assert [answer.code for answer in two.read()] == [faults.INACTIVE_SITE.code] * 2
    assert links() == [404, 404]
    two.site.set(active=True)
    assert [answer.result for answer in two.read()] == ["SUCCESS"] * 2


def test_a_suspended_site_schedules_nothing_that_it_may_not(two: Two) -> None:
    kinds = [two.by(place).call("meeting.CreateMeeting", meeting()).result for place in (0, 1)]
    assert kinds == ["SUCCESS"] * 2
    two.site.set(suspended=True)
    codes = [two.by(place).call("meeting.CreateMeeting", meeting()).code for place in (0, 1)]
    assert codes == [faults.SITE_SUSPENDED.code] * 2


def test_a_ticket_of_a_link_signs_in_once_wherever_it_comes(two: Two) -> None:
    link = two.by(0).call("user.GetloginurlUser", {"webExID": "host1"}).ok().value("userLoginURL") or ""
    assert httpx.get(two.address(1, link)).cookies
    for place in (0, 1):
        refused = httpx.get(two.address(place, link))
        assert (refused.status_code, dict(refused.cookies)) == (403, {})


def test_a_visit_of_the_console_is_one_everywhere_and_ends_everywhere(two: Two) -> None:
    link = two.by(0).call("user.GetloginurlUser", {"webExID": "host1"}).ok().value("userLoginURL") or ""
    with httpx.Client() as browser:
        browser.get(two.address(0, link))
        pages = [f"{url}/{two.site.name}/console/" for url in two.urls]
        assert [browser.get(page).status_code for page in pages] == [200, 200]
        two.by(1, "admin").call("user.SetUser", webExId="host1", password=OTHER).ok()
        assert [browser.get(page).status_code for page in pages] == [303, 303]


def test_limits_of_calls_hold_for_all_processes_together(third: Server, urls: list[str]) -> None:
    two = Two(third.new_site(rate_limits=RateLimits(mode="enforced", user=7)), urls)
    codes = [two.by(call % 2).call("user.GetUser", webExId="host1").code for call in range(12)]
    assert codes == [None] * 7 + ["000045"] * 5


def test_a_forgotten_password_is_one_mail(two: Two) -> None:
    with httpx.Client() as browser:
        for url in two.urls:
            page = f"{url}/{two.site.name}/console/forgotten"
            browser.get(page)
            sent = browser.post(page, data={"NAME": "host1"}, headers={"Origin": url})
            assert (sent.status_code, "Look into your mail" in sent.text) == (200, True)
    deadline = time.monotonic() + 30
    while not (found := [each for each in two.site.mails if each.to == two.site.users["host1"].email]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(found) == 1


def test_a_personal_room_is_where_it_was_moved_to(two: Two) -> None:
    def rooms(name: str) -> list[int]:
        return [httpx.get(f"{url}/{two.site.name}/meet/{name}").status_code for url in two.urls]

    assert rooms("host1") == [200, 200]
    two.by(0, "admin").call("user.SetUser", webExId="host1", personalUrl="elsewhere").ok()
    assert (rooms("elsewhere"), rooms("host1")) == ([200, 200], [404, 404])
