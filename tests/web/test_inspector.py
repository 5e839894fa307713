"""The inspector: what programs asked, for administrators of the site alone, without passwords."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from parley.services.inspector import MOST_KEPT, Inspector
from tests.server import Server, TestSite
from tests.web.console import Person

Come = Callable[..., Person]
SECRET = "Very-Secret-77"


@pytest.fixture(scope="module")
def inspected(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the setting on."""
    folder = tmp_path_factory.mktemp("inspected")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, folder, inspector=True).start()
    yield server
    server.stop()


@pytest.fixture
def site(inspected: Server) -> TestSite:
    """A fresh site of that server."""
    return TestSite.made(inspected, "42.6.0", {})


@pytest.fixture
def come() -> Iterator[Come]:
    """Called with a site and a name, somebody comes with a browser."""
    people: list[Person] = []

    def arrive(site: TestSite, web_ex_id: str | None = None) -> Person:
        people.append(Person(site, web_ex_id))
        return people[-1]

    yield arrive
    for person in people:
        person.close()


def inspector_of(site: TestSite) -> Inspector:
    found = site.server.application.inspector
    assert found is not None
    return found


def post(
    site: TestSite, inner: str, user: str = "host1", password: str = "Passw0rd", kind: str = "meeting.GetMeeting"
) -> str:
    document = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><serv:message '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><header><securityContext>'
        f"<webExID>{user}</webExID><password>{password}</password><siteName>{site.name}</siteName>"
        f'</securityContext></header><body><bodyContent xsi:type="java:com.webex.service.binding.{kind}">'
        f"{inner}</bodyContent></body></serv:message>"
    )
    return httpx.post(f"{site.server.url}/WBXService/XMLService", content=document, timeout=30).text


def latest(site: TestSite) -> str:
    """The path of the last request's page."""
    return f"inspector/{inspector_of(site).seen(site.site_id)[0].name}"


def test_the_list_shows_operation_caller_result_and_time(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    post(site, "<meetingKey>1</meetingKey>", password=SECRET)
    page = come(site, "admin").open("inspector")
    assert "GetUser" in page
    assert "GetMeeting" in page
    assert "host1" in page
    assert "030002" in page
    assert " ms</td>" in page
    assert SECRET not in page


def test_a_request_and_its_answer_without_passwords(site: TestSite, come: Come) -> None:
    post(site, "<meetingKey>1</meetingKey><colour>red</colour>", password=SECRET)
    page = come(site, "admin").open(latest(site))
    assert SECRET not in page
    assert "********" in page
    assert "colour is not known at level 42.6.0" in page
    assert "Elements without their namespace" in page
    assert "curl http://127.0.0.1:" in page
    assert "urllib.request" in page
    assert "/reference/42.6.0/meeting/GetMeeting.html" in page
    assert "030002" in page


def test_documents_cannot_put_markup_into_the_page(site: TestSite, come: Come) -> None:
    post(site, "<meetingKey>&lt;script&gt;alert(1)&lt;/script&gt;</meetingKey>", user="&lt;b&gt;x")
    person = come(site, "admin")
    person.open(latest(site))
    assert "<script>alert" not in person.page
    person.open("inspector")
    assert "&lt;b&gt;x" in person.page
    assert "<b>x" not in person.page


def test_the_filter(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    site.client("host2").call("site.GetSite").ok()
    person = come(site, "admin")
    by_operation = person.open("inspector?OPERATION=getsite")
    assert ">GetSite</a>" in by_operation
    assert ">GetUser</a>" not in by_operation
    by_caller = person.open("inspector?CALLER=host1")
    assert ">GetUser</a>" in by_caller
    assert ">GetSite</a>" not in by_caller
    assert "<tbody>" not in person.open("inspector?RESULT=FAILURE")


def test_administrators_only_and_the_own_site_only(site: TestSite, inspected: Server, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    path = latest(site)
    host = come(site, "host1")
    assert "Inspector" not in host.open("profile")
    host.open("inspector")
    assert host.status == 403
    host.open(path)
    assert host.status == 403
    other = TestSite.made(inspected, "42.6.0", {})
    stranger = come(other, "admin")
    assert ">GetUser</a>" not in stranger.open("inspector")
    stranger.open(path)
    assert stranger.status == 404
    assert "sign-in" in come(site).open("inspector")


def test_keep_and_forget(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    path = latest(site)
    person = come(site, "admin")
    person.open(path)
    person.send(path, DO="keep")
    assert "Forget" in person.page
    person.open("inspector")
    person.send("inspector/empty")
    assert person.page.count(">GetUser</a>") == 1
    assert "kept" in person.page
    person.open(path)
    person.send(path, DO="forget")
    assert ">GetUser</a>" not in person.open("inspector")


def test_no_more_are_kept_than_may_be(site: TestSite, come: Come) -> None:
    inspector = inspector_of(site)
    for _ in range(MOST_KEPT + 1):
        post(site, "<meetingKey>1</meetingKey>", kind="ep.GetAPIVersion")
    for seen in inspector.seen(site.site_id)[1 : MOST_KEPT + 1]:
        inspector.keep(site.site_id, seen)
    person = come(site, "admin")
    path = latest(site)
    person.open(path)
    person.send(path, DO="keep")
    assert "forget some of them first" in person.page
    assert len(inspector.kept(site.site_id)) == MOST_KEPT


def test_asking_again_is_done_in_the_own_name(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host2")  # refused: host1 is no administrator
    path = latest(site)
    person = come(site, "admin")
    assert "000001" in person.open(path)
    person.send(path, DO="replay")
    assert "Asked again" in person.page
    assert "host2@" in person.page


def test_a_change_is_asked_again_only_when_that_is_wanted(site: TestSite, come: Come) -> None:
    site.client("admin").call("user.SetUser", webExId="host1", firstName="Grace").ok()
    path = latest(site)
    site.client("admin").call("user.SetUser", webExId="host1", firstName="Ada").ok()
    person = come(site, "admin")
    person.open(path)
    person.send(path, DO="replay")
    assert person.status == 400
    assert first_name(site) == "Ada"
    person.send(path, DO="replay", SURE="1")
    assert "SUCCESS" in person.page
    assert first_name(site) == "Grace"


def first_name(site: TestSite) -> str | None:
    return site.client("admin").call("user.GetUser", webExId="host1").ok().value("firstName")


def test_what_held_a_password_is_not_asked_again(site: TestSite, come: Come) -> None:
    site.client("admin").call("user.SetUser", webExId="host1", password=SECRET)
    person = come(site, "admin")
    path = latest(site)
    assert "Ask again" not in person.open(path)
    assert SECRET not in person.page
    person.send(path, DO="replay", SURE="1")
    assert "passwords in it were not kept" in person.page


def test_forms_of_others_do_nothing(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    person = come(site, "admin")
    path = latest(site)
    person.open(path)
    person.send(path, DO="keep", CSRF="0" * 64)
    assert person.status == 403
    assert inspector_of(site).kept(site.site_id) == []


def test_the_python_that_is_shown_sends_the_same_document(site: TestSite, come: Come) -> None:
    post(site, "<meetingKey>1</meetingKey>", kind="ep.GetAPIVersion")
    person = come(site, "admin")
    person.open(latest(site))
    program = person.http.get(person.address(f"{latest(site)}/python")).text
    before = inspector_of(site).seen(site.site_id)[0]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    again = inspector_of(site).seen(site.site_id)[0]
    assert again.name != before.name
    assert again.request.request == before.request.request
    assert "curl" in person.http.get(person.address(f"{latest(site)}/curl")).text
    assert "<meetingKey>1" in person.http.get(person.address(f"{latest(site)}/request")).text
    assert person.http.get(person.address(f"{latest(site)}/nothing")).status_code == 404


def test_large_answers_leave_the_page_small(site: TestSite, come: Come) -> None:
    site.client().call("site.GetSite", returnSettings="true").ok()
    path = latest(site)
    person = come(site, "admin")
    person.open(path)
    whole = person.http.get(person.address(f"{path}/answer")).text
    assert len(whole) > 7_000
    assert len(person.page) < 90_000


def test_off_unless_switched_on(shared_site: TestSite, come: Come) -> None:
    assert shared_site.server.application.inspector is None
    assert "inspector = true" in come(shared_site, "admin").open("inspector")
