"""The table of roles against the server: every operation is called over HTTP as every kind of caller."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
import pytest

from parley.contract.site import GetSite, GetSiteResponse
from parley.domain.recording import State
from parley.domain.site import SupportQueue
from parley.domain.user import Caller
from parley.protocol.credentials import GuessBrake
from parley.protocol.declare import Record
from parley.services import catalogue, registry, roles
from parley.services.accounts import NewAccount, new_account
from parley.services.registry import Operation, operation, operations
from parley.services.roles import TABLE, Access, Rights, Role, Target
from parley.services.session_types import standard_types
from parley.store import Changes, sites, users
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.events import create_event, encoded, event, picture
from tests.services.meetings import attendee, create, in_days, meeting
from tests.services.quizzes import NO_LIMITS, quiz, training, upload
from tests.services.quizzes import schedule as schedule_test
from tests.services.recordings import looked_at, new_recording
from tests.services.sales_sites import with_sales
from tests.services.trainings import create_training
from tests.services.users import new_user

assert catalogue.__all__  # importing it enters the operations into the register

#: A lab with computers on the site of the cast.
LAB = "Router lab"
#: The smallest picture that is one.
_PICTURE = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
).decode()


@dataclass
class Cast:
    """A site with somebody in every role, and another site with an administrator."""

    site: TestSite
    other: TestSite
    numbers: dict[str, int] = field(default_factory=dict)

    #: The account that acts in each role; host1 is the host whose things are called on.
    ACCOUNTS: ClassVar = {
        Role.ATTENDEE: "attendee1",
        Role.HOST_OWN: "host1",
        Role.HOST_OTHER: "host3",
        Role.DELEGATE: "host2",
        Role.READ_ONLY: "viewer",
        Role.ADMIN: "admin",
    }

    def client(self, role: Role) -> Client:
        """A client that calls in the role."""
        if role is Role.NOBODY:
            return self.site.client(None, password=None)
        if role is Role.FOREIGN:  # signs in where it has no account
            return self.site.client("boss")
        return self.site.client(self.ACCOUNTS[role])

    def subject(self, role: Role) -> str:
        """The account that an operation on accounts is called on: the own one for those who have it as their own."""
        return self.ACCOUNTS[role] if role in (Role.ATTENDEE, Role.HOST_OWN) else "host1"

    def meeting(self) -> str:
        """The key of a new meeting of host1, to which the attendee is invited."""
        people = {"attendees": attendee(f"attendee1@{self.site.name}.example")}
        return create(self.site.client("host1"), "Roles", participants=people)

    async def add(self, site: TestSite, web_ex_id: str, **columns: Any) -> None:
        """Make an account of a site, hidden behind the columns given."""
        application = site.server.application
        kept = await sites.by_id(application.engine, site.site_id)
        assert kept is not None
        types = {each.type_id: each for each in standard_types(site.site_id)}
        account = NewAccount(
            web_ex_id=web_ex_id,
            email=f"{web_ex_id}@{site.name}.example",
            first_name=web_ex_id.capitalize(),
            last_name="Tester",
            **columns,
        )
        user = new_account(kept, types, account, site.server.password_hash, application.clock.now())
        changes = Changes()
        users.create(changes, user)
        await application.engine.commit(changes)

    def throwaway(self) -> str:
        """A new account that a call may change or remove."""
        name = f"temp{secrets.token_hex(5)}"
        self.site.server.run(self.add(self.site, name))
        return name


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def cast(request: pytest.FixtureRequest) -> Cast:
    """The people, once per kind of database."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    server: Server = request.getfixturevalue(name)
    made = Cast(server.new_site(support_queues=[SupportQueue("first")]), server.new_site())
    run = server.run
    run(made.add(made.site, "host3"))
    run(made.add(made.site, "viewer", host=False, ro_site_admin=True))
    run(made.add(made.other, "boss", site_admin=True))
    with_sales(made.site)
    created = made.site.client("host1").call("meeting.CreateMeeting", meeting("For lists")).ok()
    made.site.client("admin").call("training.CreateLab", {"lab": {"labName": LAB}}).ok()
    assert created.value("meetingkey")
    people = {"attendees": attendee(f"attendee1@{made.site.name}.example")}
    create(made.site.client("host1"), "Invited", participants=people)
    for host in ("host2", "host3", "admin"):
        create(made.site.client(host), f"Of {host}")
    return made


Sample = Callable[[Cast, Role], dict[str, Any] | str]


def nothing(_cast: Cast, _role: Role) -> dict[str, Any]:
    return {}


def session(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"meetingKey": cast.meeting()}


def session_key(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"sessionKey": cast.meeting()}


def event_key(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"sessionKey": create_event(cast.site.client("host1"), "Roles")}


def for_host(_cast: Cast, role: Role) -> dict[str, Any]:
    """A new meeting whose host is host1."""
    return meeting("Scheduled for another", schedule={"hostWebExID": "host1"})


def made_by_host(cast: Cast, operation: str, element: str, values: dict[str, Any]) -> str:
    """Something that host1 makes; its number."""
    return cast.site.client("host1").call(operation, values).ok().value(element) or ""


def audio_key(cast: Cast, _role: Role) -> dict[str, Any]:
    call_only = made_by_host(cast, "meeting.auo.CreateTeleconferenceSession", "sessionKey", meeting("Roles"))
    return {"sessionKey": call_only}


def sales_key(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"meetingKey": made_by_host(cast, "sales.CreateSalesSession", "meetingKey", meeting("Roles"))}


def customer(cast: Cast, _role: Role) -> dict[str, Any]:
    number = made_by_host(cast, "sales.CreateAccount", "intAccountID", {"account": {"name": "Acme"}})
    return {"account": {"intAccountID": number, "name": "Acme Ltd"}}


def chance(cast: Cast, _role: Role) -> dict[str, Any]:
    number = made_by_host(cast, "sales.CreateOpportunity", "intOpptyID", {"opportunity": {"name": "Engines"}})
    return {"opportunity": {"intOpptyID": number, "name": "More engines"}}


def product(cast: Cast, _role: Role) -> dict[str, Any]:
    added = cast.site.client("admin").call("sales.AddProducts", {"product": {"name": "Engine"}}).ok()
    return {"product": {"prodID": added.value("prodID"), "name": "Wheel"}}


def named_list(_cast: Cast, _role: Role) -> dict[str, Any]:
    return {"distList": {"name": f"List {secrets.token_hex(5)}"}}


def dist_list(cast: Cast, role: Role) -> dict[str, Any]:
    number = made_by_host(cast, "ep.CreateDistList", "distListID", named_list(cast, role))
    return {"distList": {"distListID": number, "desc": "For roles"}}


def moved(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"meetingkey": cast.meeting(), "schedule": {"startDate": in_days(5)}}


def of_host(_cast: Cast, role: Role) -> dict[str, Any]:
    """Sessions of a host; an attendee's own are those to which he is invited."""
    return {"invited": True} if role in (Role.ATTENDEE, Role.NOBODY) else {"hostWebExID": "host1"}


def own_list(_cast: Cast, role: Role) -> dict[str, Any]:
    return {} if role is Role.ATTENDEE else {"hostWebExID": "host1"}


def account(cast: Cast, role: Role) -> dict[str, Any]:
    return {"webExId": cast.subject(role)}


def linked_account(cast: Cast, role: Role) -> dict[str, Any]:
    return {"webExID": cast.subject(role)}


def temporary(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"webExId": cast.throwaway()}


def guest() -> dict[str, Any]:
    return attendee(f"guest{secrets.token_hex(5)}@people.example")


def new_guest(cast: Cast, _role: Role) -> dict[str, Any]:
    return {**guest(), "sessionKey": cast.meeting()}


def registrant(cast: Cast, role: Role) -> dict[str, Any]:
    return {"attendees": new_guest(cast, role)}


def listed_guest(cast: Cast, role: Role) -> dict[str, Any]:
    """Somebody on the list of a meeting of host1."""
    made = cast.site.client("host1").call("attendee.CreateMeetingAttendee", new_guest(cast, role)).ok()
    return {"attendeeID": made.value("attendeeId")}


def with_people(cast: Cast, role: Role) -> dict[str, Any]:
    """A meeting of host1 for which somebody registered."""
    sent = new_guest(cast, role)
    cast.site.client("host1").call("attendee.RegisterMeetingAttendee", {"attendees": sent}).ok()
    return {"sessionKey": sent["sessionKey"]}


def run_of_meeting(cast: Cast, role: Role) -> dict[str, Any]:
    people = with_people(cast, role)
    listed = cast.site.client("host1").call("attendee.LstMeetingAttendee", people).ok()
    return {"confID": listed.value("attendee/confID")}


def training_key(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"sessionKey": create_training(cast.site.client("host1"), "Roles")}


def library_test(cast: Cast, _role: Role) -> dict[str, Any]:
    """A test that host1 put into the site's library."""
    host = cast.site.client("host1")
    return {
        "testID": host.call("training.CopyLibTests", testID=upload(host), copyToType="SHARE").ok().value("testID") or ""
    }


def session_test(cast: Cast, _role: Role) -> dict[str, Any]:
    """A test of a new training of host1."""
    session = training(cast.site)
    return {"sessionKey": session.session_key, "testID": schedule_test(cast.site.client("host1"), session)}


def only_test(cast: Cast, role: Role) -> dict[str, Any]:
    return {"testID": session_test(cast, role)["testID"]}


def reserved(_cast: Cast, _role: Role) -> dict[str, Any]:
    times = {"startDate": in_days(2, 10), "endDate": in_days(2, 12), "timeZoneID": 20}
    return {"labName": LAB, "numComputers": 1, "topic": "Roles", **times}


def lab_times(_cast: Cast, _role: Role) -> dict[str, Any]:
    times = {"sessionStartTime": in_days(2, 10), "sessionEndTime": in_days(2, 12), "timeZoneID": 20}
    return {"labName": LAB, **times, "numComputers": 1}


def new_lab(_cast: Cast, _role: Role) -> dict[str, Any]:
    return {"lab": {"labName": f"Lab {secrets.token_hex(5)}"}}


def lab(cast: Cast, role: Role) -> dict[str, Any]:
    made = cast.site.client("admin").call("training.CreateLab", new_lab(cast, role)).ok()
    return {"labID": made.value("labID")}


def recording(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"recordingID": new_recording(cast.site).recording_id}


def thrown_away(cast: Cast, _role: Role) -> dict[str, Any]:
    at = cast.site.server.application.clock.now()
    return {"recordingID": new_recording(cast.site, state=State.TRASHED, trashed_at=at).recording_id}


def seen_recording(cast: Cast, _role: Role) -> dict[str, Any]:
    """A recording of host1 that somebody looked at."""
    made = new_recording(cast.site)
    looked_at(cast.site, made, made.created_at + 60)
    return {"recordID": made.recording_id}


#: A call of every operation that succeeds for those who may make it.
SAMPLES: dict[str, Sample] = {
    "GetAPIVersion": nothing,
    "LstsummarySession": of_host,
    "GetSessionInfo": session_key,
    "GetJoinSessionInfo": lambda cast, role: {
        **session_key(cast, role),
        "sessionPassword": "Secret12",
        "attendeeName": "Kim",
        "attendeeEmail": "kim@guests.example",
    },
    "DelSession": session_key,
    "LstOpenSession": nothing,
    "LstCalendarSession": nothing,
    "DetectSessionByCallback": lambda _cast, _role: {
        "callbackNumber": "4930123456",
        "dataScopeGMT": {"occurredDateStart": "01/02/2035 10:00:00", "occurredDateEnd": "01/02/2035 10:05:00"},
    },
    "LstRecording": lambda _cast, role: {} if role is Role.ATTENDEE else {"hostWebExID": "host1"},
    "GetRecordingInfo": recording,
    "SetRecordingInfo": lambda cast, role: {"recording": recording(cast, role), "basic": {"topic": "Renamed"}},
    "DelRecording": recording,
    "LstRecordingInRecycleBin": nothing,
    "RecoverRecordingFromRecycleBin": thrown_away,
    "DelRecordingFromRecycleBin": thrown_away,
    "CreateMeeting": for_host,
    "SetMeeting": moved,
    "DelMeeting": session,
    "GetMeeting": session,
    "LstsummaryMeeting": own_list,
    "LstMeeting": nothing,
    "GethosturlMeeting": session_key,
    "GetjoinurlMeeting": session_key,
    "CreateEvent": lambda _cast, _role: event("Scheduled for another", schedule={"hostWebExID": "host1"}),
    "SetEvent": lambda cast, _role: {**event_key(cast, _role), "schedule": {"startDate": in_days(5)}},
    "GetEvent": event_key,
    "DelEvent": event_key,
    "LstsummaryEvent": own_list,
    "LstrecordedEvent": own_list,
    "LstsummaryProgram": nothing,
    "SendInvitationEmail": event_key,
    "UploadEventImage": lambda cast, _role: {
        **event_key(cast, _role),
        "imageType": "GIF",
        "imageData": encoded(picture()),
    },
    "CreateTeleconferenceSession": for_host,
    "SetTeleconferenceSession": lambda cast, role: {**audio_key(cast, role), "schedule": {"startDate": in_days(5)}},
    "GetTeleconferenceSession": audio_key,
    "CreateSupportSession": nothing,
    "CreateTrainingSession": for_host,
    "SetTrainingSession": lambda cast, role: {**training_key(cast, role), "schedule": {"startDate": in_days(5)}},
    "GetTrainingSession": training_key,
    "DelTrainingSession": training_key,
    "LstsummaryTrainingSession": own_list,
    "LstTrainingSession": nothing,
    "LstLibTests": nothing,
    "UploadIMStest": lambda _cast, _role: quiz(),
    "CopyLibTests": lambda cast, role: {**library_test(cast, role), "copyToType": "PRIVATE"},
    "SetIMStest": lambda cast, role: {**library_test(cast, role), "assignGrades": True},
    "DelLibTests": library_test,
    "AddScheduledTest": lambda cast, role: {
        "sessionKey": training(cast.site).session_key,
        **library_test(cast, role),
    },
    "SetScheduledTest": lambda cast, role: {**session_test(cast, role), **NO_LIMITS},
    "DelScheduledTest": session_test,
    "LstScheduledTests": lambda cast, role: {"sessionKey": session_test(cast, role)["sessionKey"]},
    "GetTestInformation": only_test,
    "GetIMStestDetails": only_test,
    "GetIMStestResult": lambda cast, role: {**only_test(cast, role), "participantEmail": "nobody@x.example"},
    "GetLabInfo": nothing,
    "CheckLabAvailability": lab_times,
    "GetLabSchedule": lab_times,
    "ReserveLab": reserved,
    "CreateLab": new_lab,
    "SetLab": lambda cast, role: {**lab(cast, role), "lab": {"description": "Ten computers"}},
    "DelLab": lab,
    "GetSetupComputerURL": lab,
    "CreateSalesSession": for_host,
    "SetSalesSession": lambda cast, role: {**sales_key(cast, role), "schedule": {"startDate": in_days(5)}},
    "GetSalesSession": sales_key,
    "DelSalesSession": sales_key,
    "LstsummarySalesSession": own_list,
    "CreateAccount": lambda _cast, _role: {"account": {"name": "Acme"}},
    "SetAccount": customer,
    "LstAccounts": nothing,
    "CreateOpportunity": lambda _cast, _role: {"opportunity": {"name": "Engines"}},
    "SetOpportunity": chance,
    "LstOpportunities": nothing,
    "LstProducts": nothing,
    "AddProducts": lambda _cast, _role: {"product": {"name": "Engine"}},
    "SetProducts": product,
    "CreateContacts": lambda _cast, _role: {"contact": {"name": "Ann", "email": "ann@x.example"}},
    "LstContact": lambda _cast, _role: {"hostWebExID": "host1"},
    "CreateDistList": named_list,
    "SetDistList": dist_list,
    "LstDistList": lambda _cast, _role: {"hostWebExID": "host1"},
    "GetOneClickSettings": lambda cast, role: {"hostWebExID": cast.subject(role)},
    "SetOneClickSettings": lambda cast, role: {
        "hostWebExID": cast.subject(role),
        "oneClickMetaData": {"serviceType": "MeetingCenter", "sessionType": 3},
    },
    "SetupOneClickSettings": lambda _cast, _role: {
        "metaData": {"serviceType": "MeetingCenter", "sessionType": 3, "confName": "Talk to me"}
    },
    "CreateMeetingAttendee": new_guest,
    "RegisterMeetingAttendee": registrant,
    "DelMeetingAttendee": listed_guest,
    "LstMeetingAttendee": with_people,
    "GetEnrollmentInfo": with_people,
    "GetFeedbackInfo": run_of_meeting,
    **dict.fromkeys(
        (
            *("LstmeetingusageHistory", "LstmeetingattendeeHistory", "LsttrainingsessionHistory"),
            *("LsttrainingattendeeHistory", "LsteventsessionHistory", "LsteventattendeeHistory"),
            *("LstsupportsessionHistory", "LstsupportattendeeHistory"),
            *("LstsalesSessionHistory", "LstsalesAttendeeHistory"),
        ),
        lambda _cast, _role: {"hostWebExID": "host1"},
    ),
    **dict.fromkeys(
        ("LstEventSessionPreliminaryHistory", "LstEventAttendeePreliminaryHistory"),
        lambda _cast, _role: {"confName": "a"},
    ),
    "LstrecordaccessHistory": lambda _cast, _role: {"hostWebExID": "host1"},
    "LstrecordaccessDetailHistory": seen_recording,
    "LstMeetingType": nothing,
    "GetMeetingType": lambda _cast, _role: {"meetingTypeID": 3},
    "GetSite": nothing,
    "SetSite": lambda _cast, _role: {"meetingPlace": {"mpProfileURL": "https://mp.example/"}},
    "LstTimeZone": lambda _cast, _role: {"timeZoneID": 4},
    "GetWebACDQueues": nothing,
    "CreateUser": lambda _cast, _role: new_user(),
    "SetUser": lambda cast, role: {**account(cast, role), "company": "Acme"},
    "GetUser": account,
    "DelUser": temporary,
    "LstUser": nothing,
    "LstsummaryUser": nothing,
    "ActivateUser": lambda cast, _role: {"webexID": cast.throwaway()},
    "InactivateUser": lambda cast, _role: {"webexID": cast.throwaway()},
    "GetUserCard": lambda _cast, _role: {"webExId": "host1"},
    "UploadPMRImage": lambda _cast, _role: {"imageFor": "Photo", "imageData": _PICTURE},
    "DelSessionTemplates": lambda _cast, _role: {
        "sessionTemplate": {"name": "none", "serviceType": "MeetingCenter"},
        "templateType": "User",
    },
    "AssignWebACDQueues": lambda _cast, _role: {
        "webExId": "host1",
        "queue": {"name": "first", "type": "AGENT", "action": "ASSIGN"},
    },
    "AssignWebACDAgents": lambda _cast, _role: {
        "manager": "admin",
        "webACDUser": {"webExId": "host1", "action": "ASSIGN"},
    },
    "AuthenticateUser": nothing,
    "GetLoginTicket": nothing,
    "GetloginurlUser": linked_account,
    "GetlogouturlUser": linked_account,
}
#: Faults that say nothing of rights: what was called on is not there.
NOT_THERE = {"000015"}


def names(entries: list[Operation]) -> list[str]:
    return [entry.name for entry in entries]


def call(cast: Cast, entry: Operation, role: Role) -> Answer:
    return cast.client(role).call(f"{entry.module}.{entry.name}", SAMPLES[entry.name](cast, role))


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name.lower())
@pytest.mark.parametrize("entry", operations(), ids=lambda entry: entry.name)
def test_a_call_ends_as_the_table_says(cast: Cast, entry: Operation, role: Role) -> None:
    expected = entry.row.outcome(role)
    # Calls of people whom the site does not know count as guesses, and those are slowed down.
    cast.site.server.application.brake = GuessBrake()
    answer = call(cast, entry, role)
    if expected is not None:
        assert answer.code == expected.code, f"{answer.result} {answer.code} {answer.reason}"
        pattern = re.sub(r"\\\{.*?\\\}", ".*", re.escape(expected.reason))
        assert re.fullmatch(pattern, answer.reason or "")
    elif answer.code not in NOT_THERE:
        answer.ok()


def caller(**flags: bool) -> Caller:
    fields: dict[str, Any] = dict.fromkeys(Caller.__struct_fields__, 0)
    return Caller(
        **{**fields, **dict.fromkeys(("host", "site_admin", "ro_site_admin", "attendee_only"), False), **flags}
    )


def test_rights_before_an_operation_runs() -> None:
    admin, viewer = caller(site_admin=True), caller(ro_site_admin=True)
    host, guest = caller(host=True), caller(attendee_only=True)
    admitted = {
        name: [Rights(TABLE[name]).admit(each) for each in (guest, host, viewer, admin)]
        for name in ("GetSite", "CreateMeeting", "SetSite", "LstsummaryUser", "SetUser")
    }
    assert admitted == {
        "GetSite": [True, True, True, True],
        "CreateMeeting": [False, True, False, False],
        "SetSite": [False, False, False, True],
        "LstsummaryUser": [False, False, True, True],
        "SetUser": [True, True, True, True],
    }
    # An administrator without the privilege of a host holds no meetings.
    assert not Rights(TABLE["CreateMeeting"]).admit(admin)
    # Whoever is attendee-only stays so, whatever else the account says.
    assert not Rights(TABLE["SetSite"]).admit(caller(attendee_only=True, site_admin=True))


def test_every_operation_has_a_sample_and_a_row() -> None:
    assert set(names(operations())) <= set(SAMPLES)
    assert set(names(operations())) <= set(TABLE)
    assert set(SAMPLES) == set(TABLE)


def test_an_operation_without_a_row_cannot_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(_context: Any, _request: Record) -> Record:
        return GetSiteResponse()

    monkeypatch.delitem(TABLE, "GetSite")
    monkeypatch.delitem(registry._OPERATIONS, "getsite")
    with pytest.raises(roles.NoRow, match="GetSite"):
        operation("site", request=GetSite, answer=GetSiteResponse)(run)
    assert "GetSite" not in names(operations())


def test_rows_in_one_word() -> None:
    words = {name: TABLE[name].access for name in ("GetAPIVersion", "GetSite", "GetMeeting", "SetSite")}
    assert words == {
        "GetAPIVersion": Access.ANYONE,
        "GetSite": Access.USER,
        "GetMeeting": Access.HOST,
        "SetSite": Access.ADMIN,
    }
    assert {row.target for row in TABLE.values()} == set(Target)


def test_nobody_of_another_site_is_let_in() -> None:
    assert {row.outcome(Role.FOREIGN) for row in TABLE.values()} == {roles.TABLE["GetUser"].foreign}


def test_the_page_prints_the_table(sqlite_server: Server) -> None:
    text = httpx.get(f"{sqlite_server.url}/operations").text
    part = text[text.index('id="roles"') :]
    for entry in operations():
        cells = [outcome.code if (outcome := entry.row.outcome(role)) is not None else "yes" for role in Role]
        expected = f"<code>{entry.name}</code></th>" + "".join(f"<td>{cell}</td>" for cell in cells)
        assert expected in part, entry.name
    for head in ("Delegate", "Read-only admin", "Admin of another site"):
        assert f'<th scope="col">{head}</th>' in part
