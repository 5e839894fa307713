"""Numbers, addresses and names of what belongs to somebody else, in every element of every operation that takes one.

The requests are made from the contract: of every operation's request the elements that name a session, a person on a
list, an account, a contact, a list, a program, a customer, an opportunity or a product. What is named

* is another site's: the answer is the same as for what does not exist, and nothing changes there;
* is another host's on the same site, and unlisted: the answer says nothing of it, and nothing changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from parley.domain.recording import Recording, State
from parley.domain.site import SupportQueue
from parley.protocol.credentials import GuessBrake
from parley.protocol.declare import Record
from parley.protocol.versions import LATEST
from parley.services.registry import Operation, operations
from parley.services.roles import Role
from parley.store import sessions
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.events import create_event, program
from tests.services.meetings import attendee, create, meeting
from tests.services.recordings import details, looked_at, new_recording
from tests.services.sales_sites import with_sales
from tests.services.test_roles import SAMPLES, Cast

#: Stands in every name and text of what belongs to the other host or site.
MARK: Final = "Zanzibar"
OWNER: Final = "zanzi"
#: Elements that name a session.
SESSION: Final = ("sessionKey", "meetingKey", "meetingkey", "meetingUUID", "confID", "seriesMeetingKey")
#: What does not exist anywhere, by the name of the element.
UNKNOWN: Final = {
    **dict.fromkeys(("sessionKey", "meetingKey", "meetingkey", "seriesMeetingKey"), "98765432109"),
    "meetingUUID": "0123456789abcdef" * 2,
    "confID": "987654321098765432",
    **dict.fromkeys(("attendeeID", "attendeeId"), "7"),
    "contactID": "77777777",
    "distListID": "77777777",
    "distListName": "No such list",
    "programID": "77777777",
    **dict.fromkeys(("intAccountID", "parentIntID"), "77777777"),
    "intOpptyID": "77777777",
    "prodID": "77777777",
    **dict.fromkeys(("recordingID", "recordID"), "777777"),
    **dict.fromkeys(("hostWebExID", "webExID", "webExId", "webexID"), "nosuchuser"),
    "hostEmail": "nosuchuser@nowhere.example",
}
#: What of another host's the answers of these operations may tell on the same site: names of lists (docs/fidelity.md
#: "Address books"), customers and opportunities that all see, cards of people, links to what one has the number of.
TOLD_ON_THE_SITE: Final = {
    *("LstDistList", "LstAccounts", "LstOpportunities", "GetUserCard", "LstProducts"),
}
_NAMES: Final = re.compile("zanzi|nosuchuser")
_NUMBERS: Final = re.compile(r"\b(?=\w*\d)\w+\b")
_DEPTH: Final = 5


@dataclass
class Owned:
    """A host with one of everything.

    Attributes:
        values: what there is, by the name of the element that takes it.
    """

    site: TestSite
    values: dict[str, list[str]] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """The owner's client."""
        return self.site.client(OWNER)

    def state(self) -> list[str]:
        """Everything of it as its owner reads it."""
        sales, keys = "sales", self.values["sessionKey"]
        reads: list[tuple[str, dict[str, Any]]] = [
            ("meeting.GetMeeting", {"meetingKey": keys[0]}),
            ("meeting.GetMeeting", {"meetingKey": keys[1]}),
            ("event.GetEvent", {"sessionKey": keys[2]}),
            ("meeting.auo.GetTeleconferenceSession", {"sessionKey": keys[3]}),
            ("sales.GetSalesSession", {"meetingKey": keys[4]}),
            *(("attendee.LstMeetingAttendee", {"sessionKey": key}) for key in (keys[0], keys[2])),
            ("ep.LstsummarySession", {"listControl": {"startFrom": 1, "maximumNum": 500}}),
            ("ep.LstContact", {}),
            ("ep.LstContact", {"distListID": self.values["distListID"][0]}),
            ("ep.LstDistList", {}),
            (f"{sales}.LstAccounts", {"intAccountID": self.values["intAccountID"][0]}),
            (f"{sales}.LstOpportunities", {"intOpptyID": self.values["intOpptyID"][0]}),
            ("ep.GetOneClickSettings", {}),
            ("ep.LstRecording", {"returnSessionDetails": True}),
            ("ep.LstRecordingInRecycleBin", {}),
            *(("ep.GetRecordingInfo", {"recordingID": number}) for number in self.values["recordingID"][:1]),
            ("history.LstrecordaccessHistory", {}),
            ("user.GetUser", {"webExId": OWNER}),
        ]
        return [self.client.call(operation, values).text for operation, values in reads]


def own_everything(site: TestSite) -> Owned:
    """Give a new host of a site one of everything, all of it unlisted."""
    made = Owned(site)
    host = made.client
    hidden = {"accessControl": {"meetingPassword": "Keep-it-12", "listToPublic": False, "isPublic": False}}
    unlisted = {"accessControl": {"sessionPassword": "Keep-it-12", "listing": "UNLISTED"}}
    people = {"attendees": attendee(f"guest@{MARK.lower()}.example")}
    registered = {"attendeeOptions": {"registration": True, "auto": True}}
    name = f"Of {MARK}"
    about = {"metaData": {"agenda": f"About {MARK}"}}
    single = create(host, f"{name} 1", **hidden, **about, **registered, participants=people)
    series = create(host, f"{name} 2", **hidden, repeat={"repeatType": "DAILY", "afterMeetingNumber": 5})
    event = create_event(host, f"{name} 3", **unlisted, enrollment={"approvalReq": False})
    secret = {"accessControl": {"sessionPassword": "Keep-it-12", "meetingPassword": "Keep-it-12"}}
    audio = host.call("meeting.auo.CreateTeleconferenceSession", meeting(f"{name} 4", **secret)).ok()
    secret["accessControl"]["listing"] = "UNLISTED"
    sale = host.call("sales.CreateSalesSession", meeting(f"{name} 5", **secret)).ok()
    support = host.call("supportsession.CreateSupportSession").ok()
    keys = [single, series, event, audio.value("sessionKey"), sale.value("meetingKey"), support.value("sessionKey")]
    known = [str(key) for key in keys]
    for key in (single, event):
        asking = {**attendee(f"lead@{MARK.lower()}.example", joinStatus="ACCEPT"), "sessionKey": key}
        host.call("attendee.RegisterMeetingAttendee", {"attendees": asking}).ok()
    listed = host.call("attendee.LstMeetingAttendee", sessionKey=single).ok()
    contact = host.call("ep.CreateContacts", {"contact": {"name": MARK, "email": f"c@{MARK.lower()}.example"}}).ok()
    contact_id = contact.value("contactID") or ""
    group = {"distList": {"name": f"List {MARK}", "desc": MARK, "contactID": contact_id}}
    dist_list = host.call("ep.CreateDistList", group).ok().value("distListID") or ""
    customer = host.call("sales.CreateAccount", {"account": {"name": f"{MARK} Ltd"}}).ok().value("intAccountID") or ""
    chance = {"opportunity": {"name": f"{MARK} deal", "intAccountID": customer}}
    opportunity = host.call("sales.CreateOpportunity", chance).ok().value("intOpptyID") or ""
    product = site.client("admin").call("sales.AddProducts", {"product": {"name": f"{MARK} engine"}}).ok()
    rows = [_row(site, key) for key in known]
    recorded = [str(each.recording_id) for each in _recordings(site, int(single), int(event))]
    made.values = {
        **dict.fromkeys(("sessionKey", "meetingKey", "meetingkey", "seriesMeetingKey"), known),
        "meetingUUID": [row[0] for row in rows],
        "confID": [str(row[1]) for row in rows],
        **dict.fromkeys(("attendeeID", "attendeeId"), listed.all("attendee/attendeeId")),
        "contactID": [contact_id],
        "distListID": [dist_list],
        "distListName": [f"List {MARK}"],
        "programID": [str(program(site, f"Program {MARK}", OWNER, status="UNLISTED"))],
        **{name: [customer] for name in ("intAccountID", "parentIntID")},
        "intOpptyID": [opportunity],
        "prodID": [product.value("prodID") or ""],
        **dict.fromkeys(("recordingID", "recordID"), recorded),
        **{name: [OWNER] for name in ("hostWebExID", "webExID", "webExId", "webexID")},
        "hostEmail": [f"{OWNER}@{site.name}.example"],
    }
    return made


def _recordings(site: TestSite, meeting_key: int, event_key: int) -> list[Recording]:
    """A recording of a meeting that somebody looked at, one of an event, and one in the trash."""
    texts = details(description=f"About {MARK}", author=MARK, presenter=MARK)
    given: dict[str, Any] = {"name": f"Recording {MARK}", "password": f"{MARK}-12", "document": texts}
    at = site.server.application.clock.now() - 60
    made = [
        new_recording(site, OWNER, session_key=meeting_key, **given),
        new_recording(site, OWNER, session_key=event_key, service="EventCenter", **given),
        new_recording(site, OWNER, state=State.TRASHED, trashed_at=at, **given),
    ]
    looked_at(site, made[0], at, name=MARK)
    return made


def _row(site: TestSite, key: str) -> tuple[str, int]:
    """UUID and confID of a session."""
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert found is not None
    return found.uuid, found.conf_id


@dataclass
class Worlds:
    """Two sites alike, and what belongs to a host of the first."""

    here: Cast
    there: Cast
    owned: Owned


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def worlds(request: pytest.FixtureRequest) -> Worlds:
    """The two sites, once per kind of database; what is owned stays as it is."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    server: Server = request.getfixturevalue(name)
    queues = [SupportQueue("first")]
    first, second = server.new_site(support_queues=queues), server.new_site(support_queues=queues)
    made = Worlds(Cast(first, second), Cast(second, first), Owned(first))
    for cast in (made.here, made.there):
        server.run(cast.add(cast.site, "host3"))
        server.run(cast.add(cast.site, "viewer", host=False, ro_site_admin=True))
    server.run(made.here.add(first, OWNER))
    for site in (first, second):
        with_sales(site)
    made.owned = own_everything(first)
    return made


# --- requests --------------------------------------------------------------------------------------------------------


def places(record: type[Record], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of the elements in a request that name something."""
    for element in record.__declaration__.visible(LATEST.parts):
        path = (*above, element.name)
        if element.kind != "record":
            if element.name in UNKNOWN:
                yield path
        elif len(path) < _DEPTH:
            yield from places(element.record, path)


def with_value(sample: dict[str, Any] | str, path: tuple[str, ...], value: str) -> dict[str, Any]:
    """A request with a value at a path, and nothing else beside it that names a session."""
    changed: dict[str, Any] = {} if isinstance(sample, str) else deepcopy(sample)
    at = changed
    for name in path[:-1]:
        inside = at.get(name)
        if isinstance(inside, list):
            inside = inside[0] if inside else None
        at[name] = inside if isinstance(inside, dict) else {}
        at = at[name]
    if path[-1] in SESSION:
        for name in SESSION:
            at.pop(name, None)
    if path[-1] == "seriesMeetingKey":
        at |= {"repeatType": "NO_REPEAT", "isException": True}
    at[path[-1]] = value
    return changed


CASES: Final = [(entry, tuple(places(entry.request))) for entry in operations() if entry.name in SAMPLES]
ALL: Final = pytest.mark.parametrize(
    ("entry", "paths"), [pytest.param(*case, id=case[0].name) for case in CASES if case[1]]
)


def said(answer: Answer) -> tuple[str, str | None, str]:
    """Result, code and reason; numbers, which name what was asked for, left out."""
    return answer.result, answer.code, _NUMBERS.sub("#", re.sub(_NAMES, "#", answer.reason or ""))


def test_every_element_that_names_something_is_tried() -> None:
    tried = {name for _, paths in CASES for name in (path[-1] for path in paths)}
    assert tried | {"attendeeId"} == set(UNKNOWN)
    assert sum(len(paths) for _, paths in CASES) > 150


@ALL
def test_what_belongs_to_another_site_does_not_exist(
    worlds: Worlds, entry: Operation, paths: tuple[tuple[str, ...], ...]
) -> None:
    before = worlds.owned.state()
    cast, name = worlds.there, f"{entry.module}.{entry.name}"
    for path in paths:
        for role in (Role.HOST_OWN, Role.ADMIN, Role.NOBODY):
            cast.site.server.application.brake = GuessBrake()
            sample = SAMPLES[entry.name](cast, role)
            unknown = cast.client(role).call(name, with_value(sample, path, UNKNOWN[path[-1]]))
            for value in worlds.owned.values[path[-1]]:
                if unknown.result == "SUCCESS":  # what was called on may be gone, or there for once only
                    sample = SAMPLES[entry.name](cast, role)
                answer = cast.client(role).call(name, with_value(sample, path, value))
                assert said(answer) == said(unknown), (path, role, value)
                assert MARK not in answer.text, (path, role, value)
    assert worlds.owned.state() == before


@ALL
def test_what_belongs_to_another_host_stays_hidden_and_as_it_is(
    worlds: Worlds, entry: Operation, paths: tuple[tuple[str, ...], ...]
) -> None:
    before = worlds.owned.state()
    cast, name = worlds.here, f"{entry.module}.{entry.name}"
    for path in paths:
        for role in (Role.HOST_OTHER, Role.ATTENDEE, Role.NOBODY):
            sample = SAMPLES[entry.name](cast, role)
            for value in worlds.owned.values[path[-1]]:
                cast.site.server.application.brake = GuessBrake()
                answer = cast.client(role).call(name, with_value(sample, path, value))
                assert answer.code != "000029", (path, role, value)
                if entry.name not in TOLD_ON_THE_SITE:
                    assert MARK not in answer.text, (path, role, value)
    assert worlds.owned.state() == before
