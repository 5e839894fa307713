"""Whatever a session says, its form gives back: saving it untouched changes nothing, a change only what was changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract.event import CreateEvent, GetEventResponse
from parley.contract.meeting import CreateMeeting, GetMeetingResponse
from parley.contract.sales import CreateSalesSession, GetSalesSessionResponse
from parley.contract.teleconference import CreateTeleconferenceSession, GetTeleconferenceSessionResponse
from parley.contract.training import CreateTrainingSession, GetTrainingSessionResponse
from parley.protocol.declare import Record
from parley.web.console.session_options import OPTIONS
from parley.web.console.session_rows import FIRST, GROUPS, MORE, element_at
from tests.server import TestSite
from tests.services.round_trips import BOUNDED, leaves, read_answer, send_record
from tests.services.sales_sites import with_sales
from tests.services.test_event_round_trip import events
from tests.services.test_meeting_round_trip import meetings
from tests.services.test_sales_sessions import sales_sessions
from tests.services.test_teleconference import audios
from tests.services.test_training_round_trip import trainings
from tests.web.console import Person


@dataclass(frozen=True)
class Trip:
    """A kind of session: requests that make one, and how one is read."""

    request: type[Record]
    made: Callable[[type[Any]], st.SearchStrategy[Any]]
    read: str
    answer: type[Any]
    key: str
    name: str = "meta_data.conf_name"


TRIPS = {
    "meeting": Trip(CreateMeeting, meetings, "meeting.GetMeeting", GetMeetingResponse, "meetingKey"),
    "training": Trip(
        CreateTrainingSession,
        trainings,
        "training.GetTrainingSession",
        GetTrainingSessionResponse,
        "sessionKey",
    ),
    "event": Trip(
        CreateEvent,
        lambda cls: events(cls, "first"),
        "event.GetEvent",
        GetEventResponse,
        "sessionKey",
        "meta_data.session_name",
    ),
    "audio": Trip(
        CreateTeleconferenceSession,
        audios,
        "teleconference.GetTeleconferenceSession",
        GetTeleconferenceSessionResponse,
        "sessionKey",
    ),
    "sales": Trip(CreateSalesSession, sales_sessions, "sales.GetSalesSession", GetSalesSessionResponse, "meetingKey"),
}
_BOUNDED = settings(BOUNDED, max_examples=12)
#: Ticks by the path of what they are about. Encryption forbids recording, a laboratory needs a name, and whoever speaks
#: of registration has it.
TICKS = {
    row.path: row.field
    for rows in (FIRST, MORE, *GROUPS.values())
    for row in rows
    if not row.path.startswith(("enroll", "hands_on_lab"))
} | {
    f"enable_options.{name}": f"O_{name}".upper()
    for words in OPTIONS.values()
    for name in words
    if name != "support_e2e"
}


#: What answers tell otherwise because of something else.
_FOLLOWS = {
    "teleconference.request_conference_number": {
        f"teleconference.{name}"
        for name in ("subscriber_access_code", "participant_full_access_code", "participant_limited_access_code")
    },
    "schedule.open_time_enabled": {"schedule.open_time"},
}


@pytest.fixture(scope="module")
def host(module_site: TestSite) -> Iterator[Person]:
    person = Person(module_site, "host1")
    yield person
    person.close()


@pytest.fixture(scope="module")
def module_site(sqlite_server: Any) -> TestSite:
    return with_sales(sqlite_server.new_site())


def _made(site: TestSite, sent: Record) -> str:
    answer = send_record(site.client(), sent).ok()
    found = re.search(r"(?i)(?:meeting|session)key>([0-9]+)<", answer.text)
    assert found is not None
    return found[1]


def _read(site: TestSite, trip: Trip, key: str) -> dict[str, Any]:
    return leaves(read_answer(site.client().call(trip.read, {trip.key: key}), trip.answer))


def _errors(person: Person) -> list[str]:
    return re.findall(r'class="(?:error|wrong)".*?</p>', person.page)


@pytest.mark.parametrize("kind", TRIPS)
@_BOUNDED
@given(data=st.data())
def test_a_form_that_is_saved_untouched_changes_nothing(
    module_site: TestSite, host: Person, kind: str, data: st.DataObject
) -> None:
    trip = TRIPS[kind]
    key = _made(module_site, data.draw(trip.made(trip.request)))
    before = _read(module_site, trip, key)
    host.open(f"meetings/{key}/edit")
    assert host.status == 200
    host.send("edit")
    assert host.notice == "Nothing was different, so nothing was changed.", _errors(host)
    assert _read(module_site, trip, key) == before


@pytest.mark.parametrize("kind", TRIPS)
@_BOUNDED
@given(data=st.data())
def test_only_what_was_changed_is_changed(module_site: TestSite, host: Person, kind: str, data: st.DataObject) -> None:
    trip = TRIPS[kind]
    key = _made(module_site, data.draw(trip.made(trip.request)))
    before = _read(module_site, trip, key)
    host.open(f"meetings/{key}/edit")
    ticks = [
        path for path in TICKS if (element := element_at(trip.request, path)) is not None and element.kind == "boolean"
    ]
    path = data.draw(st.sampled_from(sorted(ticks)))
    shown = host.form("edit")[1]
    field = TICKS[path]
    without, ticked = ((field,), {}) if field in shown else ((), {field: "1"})
    host.send("edit", without, NAME="Another name", **ticked)
    assert host.notice == "The changes were saved.", _errors(host)
    after = _read(module_site, trip, key)
    assert after[trip.name] == "Another name"
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed <= {trip.name, path, *_FOLLOWS.get(path, ())}
