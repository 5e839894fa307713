"""What happens in a room is what the API tells of its session: whether it is locked, who presents, who is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from parley.domain.timezones import GMT, api_date
from tests.client import Answer
from tests.server import Server, TestSite
from tests.services.stages import Stage
from tests.web.rooms import Party, hub
from tests.web.rooms import party as party  # the fixture


@pytest.fixture
def site(server: Server) -> Iterator[TestSite]:
    site = server.new_site()
    yield site
    hub(site).joins._known.clear()


def info(party: Party, caller: str | None = "host1") -> Answer:
    client = party.site.client(caller, None) if caller is None else party.site.client(caller)
    return client.call("ep.GetSessionInfo", sessionKey=party.key).ok()


def held(site: TestSite, key: int) -> Party:
    """A party in a session that is there already."""
    party = object.__new__(Party)
    party.site, party.key, party.guests = site, str(key), []
    return party


def until(tell: Callable[[], object], wanted: object) -> None:
    """Rooms write down within a second or two what the API tells."""
    found: object = None
    for _ in range(100):
        found = tell()
        if found == wanted:
            return
        time.sleep(0.1)
    raise AssertionError(found)


def test_a_locked_room_is_told_as_locked_to_its_people(party: Party) -> None:
    assert info(party).value("isLocked") == "false"
    host = party.host()
    until(lambda: info(party).value("isLocked"), "false")
    host.say("lock", on=True)
    until(lambda: info(party).value("isLocked"), "true")
    assert info(party, "attendee1").value("isLocked") == info(party, None).value("isLocked") is None
    host.say("lock", on=False)
    until(lambda: info(party).value("isLocked"), "false")
    host.say("lock", on=True)
    until(lambda: info(party).value("isLocked"), "true")
    # What is over is not locked, and neither is what begins again.
    host.say("leave")
    host.closed()
    assert info(party).value("isLocked") == "false"
    party.host()
    assert info(party).value("isLocked") == "false"


def test_who_presents_a_training_is_told(site: TestSite) -> None:
    stage = Stage(site)
    party = held(site, stage.training())

    def presenter() -> list[str]:
        return info(party).all("bodyContent/presenter")

    assert presenter() == []
    try:
        host = party.host("Grace")
        until(presenter, ["Grace"])
        guest = party.guest()
        guest.open(
            site.client().call("meeting.GetjoinurlMeeting", sessionKey=party.key).value("inviteMeetingURL") or ""
        )
        guest.enter("Ada")
        host.say("present", member=guest.id)
        until(presenter, ["Ada"])
        guest.say("leave")
        host.say("leave")
        host.closed()
        assert presenter() == []
    finally:
        party.close()


#: Operations that tell the state of a session, what they are asked, and how they call what they tell.
_STATUS = ("status",)
_ALL = ("status", "hostJoined", "participantsJoined")
_TELLING = {
    "meeting": {
        "meeting.GetMeeting": ("meetingKey", _ALL),
        "meeting.LstsummaryMeeting": (None, _ALL),
        "meeting.LstMeeting": (None, _ALL),
        "ep.GetSessionInfo": ("sessionKey", _STATUS),
        "ep.LstsummarySession": (None, (*_ALL, "actualStartTime")),
    },
    "event": {
        "event.GetEvent": ("sessionKey", _STATUS),
        "event.LstsummaryEvent": (None, _STATUS),
        "ep.GetSessionInfo": ("sessionKey", _STATUS),
        "ep.LstsummarySession": (None, (*_ALL, "actualStartTime")),
    },
    "training_session": {
        "training.GetTrainingSession": ("sessionKey", _STATUS),
        "training.LstsummaryTrainingSession": (None, _STATUS),
        "training.LstTrainingSession": (None, _STATUS),
        "ep.GetSessionInfo": ("sessionKey", _STATUS),
        "ep.LstsummarySession": (None, (*_ALL, "actualStartTime")),
    },
}


@pytest.mark.parametrize("what", _TELLING)
def test_every_answer_that_tells_the_state_follows(site: TestSite, what: str) -> None:
    stage, client = Stage(site), site.client()
    if what == "training_session":
        values = {
            "accessControl": {"listing": "PUBLIC", "sessionPassword": "Secret12"},
            "schedule": {"startDate": api_date(stage.start + 86_400, GMT), "timeZoneID": GMT, "duration": 60},
            "metaData": {"confName": "Basics"},
        }
        key = stage.of_operation("training.CreateTrainingSession", "sessionkey", values)
    else:
        key = getattr(stage, what)()

    def told() -> dict[str, tuple[str | None, ...]]:
        found = {}
        for operation, (named, names) in _TELLING[what].items():
            answer = client.call(operation, {named: key} if named else None).ok()
            found[operation] = tuple(answer.value(name) for name in names)
        return found

    def state(status: str, by_host: str, by_others: str, began: str | None = None) -> dict[str, tuple[str | None, ...]]:
        values = {"status": status, "hostJoined": by_host, "participantsJoined": by_others, "actualStartTime": began}
        return {operation: tuple(values[name] for name in names) for operation, (_, names) in _TELLING[what].items()}

    before = told()
    assert {name: each[:3] for name, each in before.items()} == {
        name: each[:3] for name, each in state("NOT_INPROGRESS", "false", "false").items()
    }
    party = held(site, key)
    try:
        host = party.host()
        began = api_date(stage.session(key).run_started_at or 0, GMT)
        assert told() == state("INPROGRESS", "true", "false", began)
        guest = party.guest()
        guest.open(client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("inviteMeetingURL") or "")
        guest.enter("Ada", password="Secret12")
        if what == "event":  # before its start the host and the panelists practise
            host.say("begin")
            guest.until("welcome")
        assert told() == state("INPROGRESS", "true", "true", began)
        opened = client.call("ep.LstOpenSession").ok()
        assert opened.all("sessions/sessionKey") == [str(key)]
        assert opened.value("sessions/actualStartTime") == began
        # What goes on is neither deleted nor forgotten.
        assert client.call("ep.DelSession", sessionKey=key).result == "FAILURE"
        host.say("end")
        host.closed()
        assert told() == before
        client.call("ep.LstOpenSession").failed("000015")
        client.call("ep.DelSession", sessionKey=key).ok()
    finally:
        party.close()
