"""What clients rely on in answers: they cut them apart as text, so every letter counts (facts/clients.md 14-21)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.client import SERV, XSI, Answer, Client
from tests.server import PASSWORD, TestSite
from tests.services.meetings import attendee, create, in_days, meeting

SERVICE = "http://www.webex.com/schemas/2002/06/service"
COMMON = "http://www.webex.com/schemas/2002/06/common"
ENVELOPE = f'xmlns:serv="{SERVICE}" xmlns:com="{COMMON}"'


@pytest.fixture(scope="module")
def key(shared_site: TestSite) -> str:
    """A meeting with two people on its list; the host has another one."""
    create(shared_site.client(), "Another")
    people = {"attendees": {"attendee": [attendee("ann@people.example"), attendee("bob@people.example")]}}
    return create(shared_site.client(), "Budget & <plans>", participants=people)


@pytest.fixture
def client(shared_site: TestSite) -> Client:
    """Signs in as host1."""
    return shared_site.client()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Plain HTTP."""
    with httpx.Client(timeout=30) as opened:
        yield opened


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "meeting.GetMeeting": ("meet:getMeetingResponse", {"meetingKey": "KEY"}),
    "meeting.SetMeeting": ("meet:setMeetingResponse", {"meetingkey": "KEY", "metaData": {"agenda": "x"}}),
    "meeting.CreateMeeting": ("meet:createMeetingResponse", meeting()),
    "meeting.LstsummaryMeeting": ("meet:lstsummaryMeetingResponse", {}),
    "meeting.LstMeeting": ("meet:lstMeetingResponse", {}),
    "meeting.GethosturlMeeting": ("meet:gethosturlMeetingResponse", {"sessionKey": "KEY"}),
    "meeting.GetjoinurlMeeting": ("meet:getjoinurlMeetingResponse", {"meetingKey": "KEY"}),
    "ep.LstsummarySession": ("ep:lstsummarySessionResponse", {}),
    "ep.GetAPIVersion": ("ep:getAPIVersionResponse", {}),
    "user.AuthenticateUser": ("use:authenticateUserResponse", {}),
    "user.GetUser": ("use:getUserResponse", {"webExId": "host1"}),
    "user.GetloginurlUser": ("use:getloginurlUserResponse", {"webExID": "host1"}),
    "user.GetlogouturlUser": ("use:getlogouturlUserResponse", {"webExID": "host1"}),
    "user.GetLoginTicket": ("use:getLoginTicketResponse", {}),
    "site.LstTimeZone": ("ns1:lstTimeZoneResponse", {"timeZoneID": 20}),
    "meetingtype.LstMeetingType": ("mtgtype:lstMeetingTypeResponse", {}),
    "meetingtype.GetMeetingType": ("mtgtype:getMeetingTypeResponse", {"meetingTypeID": 3}),
}
#: What the root declares beside serv and com, by module (facts/protocol.md "Answer").
DECLARED = {
    "meeting": f' xmlns:meet="{SERVICE}/meeting" xmlns:att="{SERVICE}/attendee"',
    "ep": f' xmlns:ep="{SERVICE}/ep" xmlns:meet="{SERVICE}/meeting"',
    "user": f' xmlns:use="{SERVICE}/user"',
    "site": f' xmlns:ns1="{SERVICE}/site" xmlns:event="{SERVICE}/event"',
    "meetingtype": f' xmlns:mtgtype="{SERVICE}/meetingtype"',
}


def call(client: Client, operation: str, key: str) -> Answer:
    """One of CALLS about the meeting."""
    values = {name: key if value == "KEY" else value for name, value in CALLS[operation][1].items()}
    return client.call(operation, values)


@pytest.mark.parametrize("operation", CALLS)
def test_success_to_the_letter(client: Client, key: str, operation: str) -> None:
    answer = call(client, operation, key).ok()
    module = operation.partition(".")[0]
    encoding = "ISO-8859-1" if module == "site" else "UTF-8"
    start = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<serv:message {ENVELOPE}{DECLARED[module]}><serv:header>'
        "<serv:response><serv:result>SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response>"
        f'</serv:header><serv:body><serv:bodyContent xsi:type="{CALLS[operation][0]}" xmlns:xsi="{XSI}">'
    )
    assert answer.text.startswith(start)
    assert answer.text.endswith("</serv:bodyContent></serv:body></serv:message>")
    declaration, line = answer.text.split("\n")
    assert declaration.endswith("?>")
    assert "\r" not in line
    assert len(re.findall(r"xmlns:", line)) == start.count("xmlns:")
    assert answer.response.content.decode("ascii" if module == "site" else "utf-8") == answer.text


@pytest.mark.parametrize("operation", CALLS)
def test_failure_to_the_letter(shared_site: TestSite, key: str, operation: str) -> None:
    answer = call(shared_site.client(password=None, ticket="stale"), operation, key).failed("030047")
    module = operation.partition(".")[0]
    line = answer.text.split("\n", 1)[1]
    assert line == (
        f"<serv:message {ENVELOPE}{DECLARED[module]}><serv:header>"
        "<serv:response><serv:result>FAILURE</serv:result><serv:reason>Not a valid session ticket</serv:reason>"
        "<serv:gsbStatus>PRIMARY</serv:gsbStatus><serv:exceptionID>030047</serv:exceptionID></serv:response>"
        "</serv:header><serv:body><serv:bodyContent/></serv:body></serv:message>"
    )


def test_a_failure_before_any_service_declares_serv_and_com_only(client: Client) -> None:
    answer = client.call("meeting.NoSuchThing").failed("000000")
    assert answer.text.split("\n")[1].startswith(f"<serv:message {ENVELOPE}><serv:header>")
    assert (answer.reason or "").startswith("Fail to forward request:")


@pytest.mark.parametrize("operation", ["meeting.GetMeeting", "site.LstTimeZone", "meeting.NoSuchThing"])
def test_header_fields(client: Client, key: str, operation: str) -> None:
    answer = client.call(operation, meetingKey=key)
    assert answer.response.status_code == 200
    headers = answer.response.headers
    assert headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert headers["Server"] == ""
    assert (headers["Pragma"], headers["Cache-Control"]) == ("no-cache", "no-cache")
    assert headers["Expires"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert "Date" in headers
    assert headers.get_list("Server") == [""]
    assert "Content-Encoding" not in headers


def test_prefixes_are_small_letters_and_belong_to_the_module_of_the_type(client: Client, key: str) -> None:
    answer = client.call("meeting.GetMeeting", meetingKey=key).ok()
    assert set(re.findall(r"</?([^:/> ]+):", answer.text.split("\n")[1])) == {"serv", "com", "meet", "att"}
    for found in (
        *("<meet:metaData><meet:confName>", f"<meet:meetingkey>{key}</meet:meetingkey>", "<meet:startDate>"),
        *("<meet:meetingLink>", "<meet:sipURL>", "<meet:meetingPassword>Secret12</meet:meetingPassword>"),
        *("<meet:attendees><meet:attendee><att:person><com:name>", "<att:contactID>", "<com:email>ann@"),
        *("<meet:telephonySupport>", "<meet:supportQandA>", "<meet:HQvideo>", "<meet:hostKey>"),
    ):
        assert found in answer.text, found
    user = client.call("user.GetUser", webExId="host1").ok()
    for found in ("<use:webExId>host1</use:webExId>", "<use:userId>", "<use:meetingTypes><use:meetingType>"):
        assert found in user.text, found


def test_letter_case_of_keys(client: Client, key: str) -> None:
    assert f"<meet:meetingkey>{key}</meet:meetingkey>" in client.call("meeting.GetMeeting", meetingKey=key).text
    assert "<meet:meetingkey>" in client.call("meeting.CreateMeeting", meeting()).ok().text
    listed = client.call("meeting.LstsummaryMeeting", meetingKey=key).ok().text
    assert f"<meet:meeting><meet:meetingKey>{key}</meet:meetingKey>" in listed
    assert "meetingkey" not in listed
    sessions = client.call("ep.LstsummarySession", sessionKey=key).ok().text
    assert f"<ep:session><ep:sessionKey>{key}</ep:sessionKey><ep:confName>" in sessions


def test_ampersands_and_brackets_are_escaped(client: Client, key: str) -> None:
    answer = client.call("meeting.GetMeeting", meetingKey=key).ok()
    assert "<meet:confName>Budget &amp; &lt;plans&gt;</meet:confName>" in answer.text
    joined = client.call("meeting.GetjoinurlMeeting", sessionKey=key, attendeeName="A & B").ok()
    assert f"/m.php?AT=JM&amp;MK={key}&amp;AN=A%20%26%20B" in joined.text
    assert "/j.php?MTID=m" in (joined.value("inviteMeetingURL") or "")
    started = client.call("meeting.GethosturlMeeting", sessionKey=key).ok()
    pattern = r"/p\.php\?AT=LI&amp;TK=[0-9a-f]{64}&amp;MU=http%3A%2F%2F[^&<]*m\.php%3FAT%3DHM%26MK%3D" + key
    assert re.search(pattern, started.text)


@pytest.mark.parametrize("operation", ["meeting.CreateMeeting", "meeting.SetMeeting", "meeting.DelMeeting"])
def test_host_stands_directly_before_attendee(client: Client, operation: str) -> None:
    answer = client.call("meeting.CreateMeeting", meeting()).ok()
    if operation != "meeting.CreateMeeting":
        answer = client.call(operation, meetingKey=answer.value("meetingkey")).ok()
    pattern = r"<meet:iCalendarURL><serv:host>[^<]+</serv:host><serv:attendee>[^<]+</serv:attendee></meet:iCalendarURL>"
    assert re.search(pattern, answer.text)


class TestMatchingRecords:
    """matchingRecords: total, returned, startFrom."""

    @pytest.mark.parametrize("start", [0, 1, 2])
    def test_the_start_is_repeated_as_sent(self, client: Client, key: str, start: int) -> None:
        control = {"startFrom": start, "maximumNum": 1}
        for operation, prefix in (("meeting.LstsummaryMeeting", "meet"), ("ep.LstsummarySession", "ep")):
            answer = client.call(operation, listControl=control).ok()
            records = re.search(
                rf"<{prefix}:matchingRecords><serv:total>(\d+)</serv:total><serv:returned>1</serv:returned>"
                rf"<serv:startFrom>{start}</serv:startFrom></{prefix}:matchingRecords>",
                answer.text,
            )
            assert records
            assert int(records.group(1)) >= 2

    def test_last_in_meeting_lists_and_first_in_session_lists(self, client: Client, key: str) -> None:
        for operation in ("meeting.LstsummaryMeeting", "meeting.LstMeeting"):
            assert client.call(operation, meetingKey=key).ok().names() == ["meeting", "matchingRecords"]
        assert client.call("ep.LstsummarySession", sessionKey=key).ok().names() == ["matchingRecords", "session"]

    def test_nothing_is_a_failure_with_this_very_text(self, client: Client) -> None:
        for operation in ("meeting.LstsummaryMeeting", "meeting.LstMeeting"):
            answer = client.call(operation, meetingKey="12345678901").failed("000015")
            assert answer.reason == "Sorry, no record found"
        assert client.call("ep.LstsummarySession", confName="nothing").failed("000015").reason == (
            "Sorry, no record found"
        )


def test_codes_have_six_digits(client: Client, shared_site: TestSite, key: str) -> None:
    answers = [
        client.call("meeting.GetMeeting", meetingKey=1),
        client.call("meeting.LstsummaryMeeting", meetingKey=1),
        client.call("meeting.CreateMeeting", meeting(schedule={"startDate": "soon"})),
        shared_site.client("host2").call("meeting.GetMeeting", meetingKey=key),
        shared_site.client("nobody").call("meeting.GetMeeting", meetingKey=key),
        shared_site.client(password=None, ticket="x").call("meeting.GetMeeting", meetingKey=key),
    ]
    assert [answer.code for answer in answers] == ["060001", "000015", "999999", "000001", "030001", "030047"]


def test_order_of_a_listed_meeting(client: Client, key: str) -> None:
    assert client.call("meeting.LstsummaryMeeting", meetingKey=key).ok().names("meeting") == [
        *("meetingKey", "meetingUUID", "confName", "meetingType", "hostWebExID", "otherHostWebExID", "timeZoneID"),
        *("timeZone", "status", "startDate", "duration", "listStatus", "hostJoined", "participantsJoined"),
        "telePresence",
    ]


def test_what_the_version_text_ends_with(client: Client, shared_site: TestSite) -> None:
    for each in (client, shared_site.client(None, None)):
        answer = each.call("ep.GetAPIVersion").ok()
        last = (answer.value("apiVersion") or "").split()[-1]
        assert float(".".join(last.split("V")[-1].split(".")[:2])) >= 11.0
        assert answer.value("apiVer") == "42.6.0"
        assert "trainReleaseVersion" not in answer.names()
        trains = each.call("ep.GetAPIVersion", returnTrainReleaseVersion=True).ok().names()
        assert trains == ["apiVersion", "release", "trainReleaseVersion", "trainReleaseOrder", "apiVer"]


def test_several_contents_are_answered_in_order(client: Client, key: str) -> None:
    types = ("meeting.GetMeeting", "meeting.GetMeeting", "user.GetUser", "ep.NoSuchThing", "meeting.LstsummaryMeeting")
    bodies = (f"<meetingKey>{key}</meetingKey>", "<meetingKey>1</meetingKey>", "<webExId>host1</webExId>", "", "")
    first = client.document(types[0], bodies[0])
    more = "".join(
        f'<bodyContent xsi:type="java:com.webex.service.binding.{name}">{body}</bodyContent>'
        for name, body in zip(types[1:], bodies[1:], strict=True)
    )
    answer = client.send(first.replace("</body>", f"{more}</body>"))
    assert answer.all("response/result") == ["SUCCESS", "FAILURE", "SUCCESS", "FAILURE", "SUCCESS"]
    assert answer.all("response/exceptionID") == ["060001", "000000"]
    contents = answer.root.findall(f".//{{{SERV}}}bodyContent")
    assert [content.get(f"{{{XSI}}}type") for content in contents] == [
        *("meet:getMeetingResponse", None, "use:getUserResponse", None, "meet:lstsummaryMeetingResponse")
    ]


def test_a_message_that_schedules_several_meetings(client: Client) -> None:
    body = "<metaData><confName>%s</confName></metaData><schedule><startDate>%s</startDate></schedule>"
    content = '<bodyContent xsi:type="java:com.webex.service.binding.meeting.CreateMeeting">%s</bodyContent>'
    start = in_days(2)
    first = client.document("meeting.CreateMeeting", body % ("One", start))
    more = content % body % ("Two", "never") + content % body % ("Three", start)
    answer = client.send(first.replace("</body>", f"{more}</body>"))
    assert answer.all("response/result") == ["SUCCESS", "FAILURE", "SUCCESS"]
    names = [client.call("meeting.GetMeeting", meetingKey=key).value("confName") for key in answer.all("meetingkey")]
    assert names == ["One", "Three"]


class TestForms:
    """Form posts and their fields (facts/clients.md 12)."""

    XML = (
        f'<?xml version="1.0"?><message xmlns:xsi="{XSI}">%s<body>'
        '<bodyContent xsi:type="java:com.webex.service.binding.meeting.GetMeeting"><meetingKey>%s</meetingKey>'
        "</bodyContent></body></message>"
    )

    def _fields(self, site: TestSite, document: str) -> dict[str, str]:
        return {"UID": "host1", "PWD": PASSWORD, "SID": str(site.site_id), "PID": "", "XML": document}

    @pytest.mark.parametrize(
        "header", ["", "<header/>", "<header><securityContext><siteID/></securityContext></header>"]
    )
    def test_fields_stand_for_what_the_context_lacks(
        self, shared_site: TestSite, client: Client, http: httpx.Client, key: str, header: str
    ) -> None:
        fields = self._fields(shared_site, self.XML % (header, key))
        assert client.checked(http.post(client.url, data=fields)).ok().value("meetingkey") == key
        fields["PWD"] = "wrong"
        client.checked(http.post(client.url, data=fields)).failed("030002")

    def test_the_context_counts_before_the_fields(
        self, shared_site: TestSite, client: Client, http: httpx.Client, key: str
    ) -> None:
        fields = self._fields(shared_site, client.document("meeting.GetMeeting", f"<meetingKey>{key}</meetingKey>"))
        fields |= {"UID": "host2", "PWD": "wrong", "SID": "1"}
        assert client.checked(http.post(client.url, data=fields)).ok().value("meetingkey") == key

    def test_fields_in_a_query(self, shared_site: TestSite, client: Client, http: httpx.Client, key: str) -> None:
        fields = self._fields(shared_site, self.XML % ("", key))
        assert client.checked(http.get(client.url, params=fields)).ok().value("meetingkey") == key

    def test_a_form_without_document(self, client: Client, http: httpx.Client) -> None:
        for sent in ({"UID": "host1", "XML": ""}, {"XML": " "}):
            client.checked(http.post(client.url, data=sent)).failed("000000")
        client.checked(http.get(client.url)).failed("000000")


def test_dates_as_clients_write_them(client: Client) -> None:
    for text, expected in (
        ("1/5/2031 9:3:7", "01/05/2031 09:03:07"),
        ("01/05/2031 09:03", "01/05/2031 09:03:00"),
        ("01/05/2031 23:59:59", "01/05/2031 23:59:59"),
    ):
        key = create(client, schedule={"startDate": text})
        assert client.call("meeting.GetMeeting", meetingKey=key).value("startDate") == expected


def test_dates_of_answers_have_the_one_form(client: Client, key: str) -> None:
    pattern = r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d"
    for operation, name in (
        ("meeting.LstsummaryMeeting", "meeting/startDate"),
        ("meeting.LstMeeting", "schedule/startDate"),
        ("ep.LstsummarySession", "session/startTime"),
    ):
        found = client.call(operation).ok().all(name)
        assert found
        assert all(re.fullmatch(pattern, each) for each in found)
