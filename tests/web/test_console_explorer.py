"""The explorer: every operation with its form, sent with the rights of whoever is signed in and no others."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parley.protocol.faults import CATALOGUE, Kind
from parley.services.registry import operations
from parley.web.console.dev_explorer import kind_of
from tests.server import PASSWORD, Server, TestSite
from tests.web.console import OWN, Come


def reader(site: TestSite) -> str:
    """A read-only administrator of the site."""
    name = f"reader{secrets.token_hex(4)}"
    site.add_user(name, "ro_admin")
    return name


def test_everybody_finds_every_operation(shared_site: TestSite, come: Come) -> None:
    for name in ("host1", "attendee1", "admin", reader(shared_site)):
        person = come(shared_site, name)
        page = person.open("explorer")
        assert person.status == 200
        assert all(f"explorer/{each.name}" in page for each in operations())
    assert "sign-in" in come(shared_site).open("explorer/GetUser")


def test_operations_are_looked_for(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    page = person.open("explorer?q=GETuser")
    assert "explorer/GetUser" in page
    assert "explorer/CreateMeeting" not in page
    assert "Operations: 0" in person.open("explorer?q=%3Cscript%3E%00'\"")
    assert "<script>'" not in person.page


def test_every_operation_has_a_form_that_fills_itself_and_sends(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    for each in operations():
        person.open(f"explorer/{each.name}")
        assert person.heading == each.name
        person.send(each.name, DO="full")
        assert person.status == 200
        person.send(each.name, DO="sample")
        person.send(each.name, DO="send", LEVEL="42.1.0")
        assert person.status in (200, 400), each.name
        assert "999999" not in person.page or "INTERNAL" not in person.page
        person.send(each.name, DO="xml")
        assert person.status == 200
        person.send(each.name, DO="form")
        assert 'value="form"' in person.page, each.name


def test_the_reference_is_that_of_the_sites_level(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "attendee1")
    assert f'/{shared_site.name}/console/reference"' in person.open("explorer")
    answer = person.http.get(person.address("reference"), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/reference/42.6.0/index.html")


def test_a_meeting_is_scheduled_from_the_form(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/CreateMeeting")
    person.send("CreateMeeting", DO="sample")
    person.send("CreateMeeting", **{"DO": "send", "V.metaData.confName": "Plans & <more>"})
    assert person.status == 400
    assert "Tick that you want to change something" in person.page
    person.send("CreateMeeting", DO="send", SURE="1")
    assert person.status == 200
    key = re.search(r"meetingkey&gt;([0-9]+)&lt;", person.page)
    assert key is not None
    found = shared_site.client("host1").call("meeting.GetMeeting", meetingKey=key[1]).ok()
    assert found.value("confName") == "Plans & <more>"
    assert "Secret-77" in person.page  # what somebody typed himself is in the form and the document
    assert "curl http" in person.page
    assert "urllib.request" in person.page


def test_nothing_secret_is_in_the_security_context(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    page = person.open("explorer/GetUser")
    assert "<com:webExID>host1</com:webExID>" in page
    assert "<com:password>********</com:password>" in page
    assert PASSWORD not in page
    person.send("GetUser", DO="send")
    assert "sessionTicket" not in person.page


def test_nobody_has_more_rights_here_than_elsewhere(shared_site: TestSite, come: Come) -> None:
    for name in ("host1", "attendee1", reader(shared_site)):
        person = come(shared_site, name)
        assert "Your account will be refused" not in person.open("explorer/GetSite")
        assert "Your account will be refused" in person.open("explorer/CreateUser")
        person.send("CreateUser", DO="sample")
        person.send("CreateUser", DO="send", SURE="1")
        assert "FAILURE" in person.page
        assert "faults.html#f000001" in person.page
        assert "the caller lacks the right" in person.page
    person = come(shared_site, "admin")
    person.open("explorer/CreateUser")
    person.send("CreateUser", DO="sample")
    person.send("CreateUser", DO="send", SURE="1", **{"V.webExId": "newcomer", "V.email": "newcomer@example.com"})
    assert 'class="tag now">SUCCESS' in person.page


def test_a_document_is_sent_in_the_name_of_the_visitor_whatever_it_says(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/LstsummaryUser")
    person.send("LstsummaryUser", DO="xml")
    document = person.form("LstsummaryUser")[1]["XML"]
    assert "<com:webExID>host1</com:webExID>" in document
    other = document.replace("host1", "admin").replace("********", PASSWORD)
    person.send("LstsummaryUser", DO="send", XML=other)
    assert "000001" in person.page  # of a host, not of the administrator whom the document names
    assert PASSWORD not in re.sub(r"<textarea.*?</textarea>", "", person.page, flags=re.DOTALL)


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: f"{kind.code} {kind.reason}"[:60])
def test_every_fault_is_explained(kind: Kind) -> None:
    names = re.findall(r"\{(\w+)\}", kind.reason)
    found = kind_of(kind(**dict.fromkeys(names, "some value")))
    assert found is not None
    assert (found.code, found.reason) == (kind.code, kind.reason) or found.reason.count("{") > kind.reason.count("{")


def test_documents_that_cannot_be_read_are_told_so(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/GetUser")
    person.send("GetUser", DO="xml")
    for odd in (
        "",
        "<",
        "<a>",
        "no",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<a/>" * 3000,
        "<script>alert(1)</script>",
    ):
        person.send("GetUser", DO="send", XML=odd)
        assert person.status == 400, odd[:40]
        assert "faults.html#f" in person.page
        assert "<script>alert" not in person.page
        person.send("GetUser", DO="form", XML=odd)
        assert "cannot be read" in person.page
        person.send("GetUser", XML="<a/>")


def test_several_operations_in_a_document_need_the_tick_of_each(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/GetUser")
    person.send("GetUser", DO="sample")
    person.send("GetUser", DO="xml")
    document = person.form("GetUser")[1]["XML"]
    body = document[document.index("<serv:bodyContent") : document.index("</serv:body>")]
    both = document.replace(body, body + '<bodyContent xsi:type="user.SetUser"><webExId>host1</webExId></bodyContent>')
    person.send("GetUser", DO="send", XML=both)
    assert person.status == 400
    person.send("GetUser", DO="send", XML=both, SURE="1")
    assert person.status == 200
    assert person.page.count('class="tag now">SUCCESS') == 2


def test_lists_and_groups_without_scripts(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/CreateMeeting")
    people = "participants.attendees.attendee"
    person.send("CreateMeeting", DO=f"add:{people}")
    person.send("CreateMeeting", **{"DO": f"add:{people}", f"V.{people}.0.role": "HOST"})
    assert f'name="V.{people}.1.role"' in person.page
    person.send("CreateMeeting", DO=f"remove:{people}.0")
    assert f'name="V.{people}.0.role"' not in person.page
    assert f'name="V.{people}.1.role"' in person.page
    person.send("CreateMeeting", DO="open:repeat")
    assert 'name="V.repeat.repeatType"' in person.page
    for _ in range(40):
        person.send("CreateMeeting", DO=f"add:{people}")
    assert "no room for more fields" in person.page
    fields = {name: "text & text" for name in person.form("CreateMeeting")[1] if name.startswith("V.")}
    assert len(fields) > 100
    person.send("CreateMeeting", **fields, DO="send", SURE="1")  # pages stay below 100 kB however full they are
    assert "FAILURE" in person.page
    assert "text &amp; text" in person.page


def test_levels(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    assert "answers at that level" not in person.open("explorer/GetSite")
    assert "myWebExConfig" in person.open("explorer/GetSite?level=42.2.0") or person.status == 200
    assert "The site runs at level 42.6.0" in person.open("explorer/GetSite?level=42.1.0")
    assert person.open("explorer/GetSite?level=99<b>")
    assert person.status == 200


def test_what_a_link_opens(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/CreateMeeting?open=repeat")
    assert 'name="V.repeat.repeatType"' in person.page
    for odd in ("Nothing", "getuser", "meeting.GetMeeting", "%00", "<b>"):
        person.open(f"explorer/{odd}")
        assert person.status == 404
    person.open("explorer/GetUser?from=0000000000000000")
    assert person.status == 403
    person = come(shared_site, "admin")
    person.open("explorer/GetUser?from=0000000000000000")
    assert person.status == 404


def test_hostile_values(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/CreateMeeting")
    for odd in ("<script>alert(1)</script>", "\"'&>", "\0\x01\ufffe", "x" * 10_000, "]]>", "\u202e"):
        person.send(
            "CreateMeeting", **{"DO": "send", "SURE": "1", "V.metaData.confName": odd, "V.schedule.duration": odd}
        )
        assert person.status == 200
        assert "<script>alert" not in person.page
    person.send("CreateMeeting", DO="open:" + ".".join(["x"] * 2000))
    assert person.status == 400
    person.send("CreateMeeting", **{"G." + ".".join(["a"] * 20_000): "1", "DO": "show"})
    assert person.status == 200
    person.send("CreateMeeting", DO="send", MODE="xml", XML="x" * 200_000)
    assert person.status == 413


def test_forms_of_others_do_nothing(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    person.open("explorer/GetUser")
    person.send("GetUser", DO="send", CSRF="0" * 64)
    assert person.status == 403
    person.post("explorer/GetUser", {"Sec-Fetch-Site": "cross-site"}, DO="send")
    assert person.status == 403


def test_the_reference_leads_to_it(shared_site: TestSite, come: Come) -> None:
    person = come(shared_site, "host1")
    root = shared_site.server.url
    page = person.http.get(f"{root}/reference/42.6.0/user/GetUser.html").text
    assert 'href="/reference/try/GetUser"' in page
    assert "no such site" in person.http.get(f"{root}/reference/try/GetUser?site=no%00<b>").text
    found = person.http.get(f"{root}/reference/try/GetUser?site={shared_site.name}")
    assert found.url.path == f"/{shared_site.name}/console/explorer/GetUser"
    assert person.http.get(f"{root}/reference/try/Nothing").status_code == 404
    label = person.http.get(
        f"{root}/reference/try/GetUser", headers={"Host": f"{shared_site.name}.example.org"}, follow_redirects=False
    )
    assert label.headers["location"].endswith(f"/{shared_site.name}/console/explorer/GetUser")


@pytest.fixture
def inspected(sqlite_template: Path, tmp_path: Path) -> Iterator[TestSite]:
    """A site with the inspector on."""
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, inspector=True).start()
    yield TestSite.made(server, "42.6.0", {"inspector": True})
    server.stop()


def test_the_reference_asks_for_the_site_where_none_is_likely(inspected: TestSite, come: Come) -> None:
    # A server of its own: one that has a demo site leads there.
    page = come(inspected, "host1").http.get(f"{inspected.server.url}/reference/try/GetUser").text
    assert "Name of the site" in page


def test_what_the_inspector_saw_is_opened_and_the_other_way_round(inspected: TestSite, come: Come) -> None:
    inspected.client().call("user.GetUser", webExId="host1").ok()
    person = come(inspected, "admin")
    person.open("inspector")
    link = re.search(r"inspector/([0-9a-f]{16})", person.page)
    assert link is not None
    page = person.open(f"inspector/{link[1]}")
    assert f"explorer/GetUser?from={link[1]}" in page
    person.open(f"explorer/GetUser?from={link[1]}")
    assert person.form("GetUser")[1]["V.webExId"] == "host1"
    person.send("GetUser", DO="send", **{"V.webExId": "host2"})
    assert "SUCCESS" in person.page
    person.open("inspector?CALLER=admin")
    assert ">GetUser</a>" in person.page
    host = come(inspected, "host1")
    host.open(f"explorer/GetUser?from={link[1]}")
    assert host.status == 403


def test_a_request_with_a_password_is_opened_without_it(inspected: TestSite, come: Come) -> None:
    inspected.client("admin").call("user.SetUser", webExId="host1", password="Other-Secret-7")
    person = come(inspected, "admin")
    person.open("inspector?OPERATION=SetUser")
    link = re.search(r"inspector/([0-9a-f]{16})", person.page)
    assert link is not None
    page = person.open(f"explorer/SetUser?from={link[1]}")
    assert "Other-Secret-7" not in page
    assert "Not all of the request could be taken over" in page
    person.send("SetUser", DO="send", SURE="1")
    inspected.client("host1", "Other-Secret-7").call("user.GetUser", webExId="host1").ok()  # the stars are no password


def test_a_script_may_not_send_forms(shared_site: TestSite) -> None:
    address = f"{shared_site.server.url}/{shared_site.name}/console/explorer/GetUser"
    assert httpx.post(address, data={"DO": "send"}, headers=OWN).headers["location"].endswith("sign-in")
