"""The inspector: what programs asked, for administrators of the site alone, without passwords."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parley.domain.site import AuditEntry
from parley.services.inspector import FORGET_SECONDS, MOST, MOST_KEPT, Inspector, Seen, forget_old
from parley.services.site_changes import read_differences
from parley.store import audit
from parley.store import inspected as store
from tests.server import Server, TestSite
from tests.web.console import Come

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
    """A fresh site of that server, with the inspector on."""
    return TestSite.made(inspected, "42.6.0", {"inspector": True})


def inspector_of(site: TestSite) -> Inspector:
    found = site.server.application.inspector
    assert found is not None
    return found


def seen(site: TestSite) -> list[Seen]:
    """What the inspector has of a site, the last first."""
    return site.server.run(inspector_of(site).seen(site.site_id))


def request_of(site: TestSite, one: Seen) -> str:
    found = site.server.run(inspector_of(site).find(site.site_id, one.name))
    assert found is not None
    return found.request.request


def kept(site: TestSite) -> list[Seen]:
    return [each for each in seen(site) if each.kept]


def post(
    site: TestSite,
    inner: str,
    user: str = "host1",
    password: str = "Passw0rd",
    kind: str = "meeting.GetMeeting",
    before: str = "",
) -> str:
    document = (
        f'{before}<?xml version="1.0" encoding="ISO-8859-1"?><serv:message '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><header><securityContext>'
        f"<webExID>{user}</webExID><password>{password}</password><siteName>{site.name}</siteName>"
        f'</securityContext></header><body><bodyContent xsi:type="java:com.webex.service.binding.{kind}">'
        f"{inner}</bodyContent></body></serv:message>"
    )
    return httpx.post(f"{site.server.url}/WBXService/XMLService", content=document, timeout=30).text


def latest(site: TestSite) -> str:
    """The path of the last request's page."""
    return f"inspector/{seen(site)[0].name}"


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


def test_what_a_strict_reader_would_refuse_is_said(site: TestSite, come: Come) -> None:
    undeclared = "Prefixes that are not declared were read as if they were."
    blank = "White space before the XML declaration was passed over."
    site.client().call("user.GetUser", webExId="host1").ok()
    page = come(site, "admin").open(latest(site))
    assert undeclared not in page
    assert blank not in page
    post(site, "<meetingKey>1</meetingKey>", before="\r\n ")
    page = come(site, "admin").open(latest(site))
    assert undeclared in page
    assert blank in page


def test_an_operation_that_does_not_exist_is_listed(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    post(site, "", password=SECRET, kind="user.MakeUser")
    name = "java:com.webex.service.binding.user.MakeUser"
    assert [(each.request.operation, each.request.result) for each in seen(site)] == [(name, "FAILURE")]
    page = person.open(latest(site))
    assert "user.MakeUser" in page
    assert "Open in explorer" not in page
    assert SECRET not in page


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
    for each in seen(site)[1 : MOST_KEPT + 1]:
        site.server.run(inspector.keep(site.site_id, each))
    person = come(site, "admin")
    path = latest(site)
    person.open(path)
    person.send(path, DO="keep")
    assert "forget some of them first" in person.page
    assert len(kept(site)) == MOST_KEPT


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
    assert kept(site) == []


def test_the_python_that_is_shown_sends_the_same_document(site: TestSite, come: Come) -> None:
    post(site, "<meetingKey>1</meetingKey>", kind="ep.GetAPIVersion")
    person = come(site, "admin")
    person.open(latest(site))
    program = person.http.get(person.address(f"{latest(site)}/python")).text
    before = seen(site)[0]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    again = seen(site)[0]
    assert again.name != before.name
    assert request_of(site, again) == request_of(site, before)
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


def test_administrators_switch_it_on_and_off(inspected: Server, come: Come) -> None:
    site = TestSite.made(inspected, "42.6.0", {})
    person = come(site, "admin")
    assert "nothing of what programs ask this site for is kept" in person.open("inspector")
    site.client().call("user.GetUser", webExId="host1").ok()
    assert seen(site) == []
    person.send("inspector/switch", DO="on")
    assert person.notice.startswith("The inspector is on.")
    site.client().call("user.GetUser", webExId="host1").ok()
    site.client().call("site.GetSite").ok()
    assert [each.request.operation for each in seen(site)] == ["GetSite", "GetUser"]
    path = latest(site)
    person.open(path)
    person.send(path, DO="keep")
    person.open("inspector")
    person.send("inspector/switch", DO="off")
    assert person.notice.startswith("The inspector is off.")
    site.client().call("user.GetUser", webExId="host1").ok()
    assert [each.request.operation for each in seen(site)] == ["GetSite"]  # the kept one
    assert ">GetSite</a>" in person.page
    assert [each.name for each in read_differences(entry_of(site))] == ["inspector"]


def entry_of(site: TestSite) -> AuditEntry:
    """The last entry of the site's log."""
    return site.server.run(audit.latest(site.server.application.engine, site.site_id))[0]


def test_only_administrators_switch_it(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    person.open("inspector")
    value = person.form("inspector/switch")[1]["CSRF"]
    person.post("inspector/switch", DO="off", CSRF="0" * 64)
    assert person.status == 403
    for name in ("host1", "attendee1"):
        other = come(site, name)
        other.open("profile")
        own = other.form("sign-out")[1]["CSRF"]
        assert own != value
        other.post("inspector/switch", DO="off", CSRF=own)
        assert other.status == 403
    assert site.row().settings.inspector


def test_all_processes_have_the_same_list(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    application = site.server.application

    async def other_process() -> list[Seen]:
        other = Inspector(application.clock, application.engine, application.sites)
        return await other.seen(site.site_id)

    deadline = time.monotonic() + 30
    while not (found := site.server.run(other_process())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [each.request.operation for each in found] == ["GetUser"]
    assert found == seen(site)


def test_a_site_is_bounded(site: TestSite) -> None:
    client = site.client()
    for _ in range(MOST + 130):
        client.call("ep.GetAPIVersion").ok()
    assert len(seen(site)) == MOST
    engine = site.server.application.engine
    rows = site.server.run(store.latest(engine, site.site_id, 5_000))
    assert len(rows) <= MOST + 100


def test_what_nobody_keeps_is_forgotten_after_a_week(site: TestSite) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    site.client().call("site.GetSite").ok()
    newest = seen(site)[0]
    site.server.run(inspector_of(site).keep(site.site_id, newest))
    engine = site.server.application.engine
    now = newest.request.at
    site.server.run(forget_old(engine, site.site_id, now + FORGET_SECONDS - 60))
    assert len(seen(site)) == 2
    site.server.run(forget_old(engine, site.site_id, now + FORGET_SECONDS + 60))
    assert [each.name for each in seen(site)] == [newest.name]


def test_names_that_are_no_request(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    for name in ("ffffffffffffffff", "0000000000000000", "nothing", "<b>"):
        person.open(f"inspector/{name}")
        assert person.status == 404, name
        person.open(f"explorer/GetUser?from={name}")
        assert person.status == 404, name


def test_the_filter_stays_while_the_list_follows(site: TestSite, come: Come) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    page = come(site, "admin").open("inspector?OPERATION=get%26x&RESULT=SUCCESS")
    assert 'hx-get="' in page
    assert "inspector?OPERATION=get%26x&RESULT=SUCCESS" in page


def test_off_unless_switched_on(shared_site: TestSite, come: Come) -> None:
    assert shared_site.server.application.inspector is None
    assert "inspector = true" in come(shared_site, "admin").open("inspector")
