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
from tests.services.meetings import attendee, create, in_days, meeting

assert catalogue.__all__  # importing it enters the operations into the register

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
    created = made.site.client("host1").call("meeting.CreateMeeting", meeting("For lists")).ok()
    assert created.value("meetingkey")
    people = {"attendees": attendee(f"attendee1@{made.site.name}.example")}
    create(made.site.client("host1"), "Invited", participants=people)
    for host in ("host2", "host3", "admin"):
        create(made.site.client(host), f"Of {host}")
    return made


Sample = Callable[[Cast, Role], dict[str, Any]]


def nothing(_cast: Cast, _role: Role) -> dict[str, Any]:
    return {}


def session(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"meetingKey": cast.meeting()}


def session_key(cast: Cast, _role: Role) -> dict[str, Any]:
    return {"sessionKey": cast.meeting()}


def for_host(_cast: Cast, role: Role) -> dict[str, Any]:
    """A new meeting whose host is host1."""
    return meeting("Scheduled for another", schedule={"hostWebExID": "host1"})


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


def new_user(_cast: Cast, _role: Role) -> dict[str, Any]:
    name = f"new{secrets.token_hex(5)}"
    return {
        "firstName": "New",
        "lastName": "Person",
        "webExId": name,
        "email": f"{name}@new.example",
        "password": "Kp7-mistral-Q",
        "privilege": {"host": True},
        "active": "ACTIVATED",
    }


#: A call of every operation that succeeds for those who may make it.
SAMPLES: dict[str, Sample] = {
    "GetAPIVersion": nothing,
    "LstsummarySession": of_host,
    "CreateMeeting": for_host,
    "SetMeeting": moved,
    "DelMeeting": session,
    "GetMeeting": session,
    "LstsummaryMeeting": own_list,
    "LstMeeting": nothing,
    "GethosturlMeeting": session_key,
    "GetjoinurlMeeting": session_key,
    "LstMeetingType": nothing,
    "GetMeetingType": lambda _cast, _role: {"meetingTypeID": 3},
    "GetSite": nothing,
    "SetSite": lambda _cast, _role: {"meetingPlace": {"mpProfileURL": "https://mp.example/"}},
    "LstTimeZone": lambda _cast, _role: {"timeZoneID": 4},
    "GetWebACDQueues": nothing,
    "CreateUser": new_user,
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
