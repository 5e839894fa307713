"""`parley site session-types` and `parley user unlock`, beside a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import data, parley
from tests.cli.test_site_commands import audit, made, where_of
from tests.server import TestSite
from tests.services.meetings import meeting

__all__ = ["made"]


def types(where: list[str], name: str = "acme") -> dict[int, dict[str, Any]]:
    found = json.loads(parley("site", "session-types", name, "--json", *where))
    return {each["id"]: each for each in found}


def test_the_types_of_a_new_site(made: list[str]) -> None:
    assert list(types(made)) == [1, 3, 13, 16, 101, 102, 103, 104]
    lines = parley("site", "session-types", "acme", *made).splitlines()
    assert lines[0] == "1\tFRE\tFree Meeting\tMeetingCenter\ton\t100\t40\t\t"
    assert lines[5] == "102\tONS\tWebinar, view-only attendees\tMeetingCenter\ton\t\t\t\twebinar, view-only"


def test_a_type_is_added_changed_switched_and_removed(made: list[str]) -> None:
    words = ("--name", "Pro 200", "--service", "MeetingCenter", "--prefix", "PRO", "--participants", "200")
    added = parley("site", "session-types", "acme", "add", *words, "--minutes", "1440", *made)
    assert added == "session type 201 (Pro 200) added\n"
    assert types(made)[201] == {
        "id": 201,
        "name": "Pro 200",
        "display_name": "Pro 200",
        "service": "MeetingCenter",
        "prefix": "PRO",
        "participants": 200,
        "minutes": 1440,
        "max_holders": None,
        "webinar": False,
        "view_only": False,
        "active": True,
    }
    parley("site", "session-types", "acme", "change", "201", "--name", "Pro 100", "--participants", "100", *made)
    parley("site", "session-types", "acme", "change", "201", "--holders", "5", "--free", *made)
    found = types(made)[201]
    assert [found[name] for name in ("name", "display_name", "participants", "minutes", "prefix", "max_holders")] == [
        *("Pro 100", "Pro 200", 100, 1440, "FRE", 5)
    ]
    parley("site", "session-types", "acme", "off", "201", *made)
    assert types(made)[201]["active"] is False
    parley("site", "session-types", "acme", "on", "201", *made)
    assert types(made)[201]["active"] is True
    parley("site", "session-types", "acme", "remove", "201", *made)
    assert 201 not in types(made)
    entries = [[each["name"] for each in entry["what"]] for entry in audit(made)]  # type: ignore[attr-defined]
    assert len(entries) == 7
    assert entries[1] == entries[2] == ["session_types.201.active"]
    assert "session_types.201.prefix" in entries[3]
    assert "session_types.201.name" in entries[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "3", "--name", "x", "--service", "MeetingCenter"), "there is a session type 3 already"),
        (("add", "0", "--name", "x", "--service", "MeetingCenter"), "0 is no number"),
        (("add", "--name", "x"), "needs a service and a name"),
        (("add", "--name", "x", "--service", "Kitchen"), "'Kitchen' is no service"),
        (("add", "--name", "x", "--service", "EventCenter", "--prefix", "XYZ"), "'XYZ' is no prefix"),
        (("add", "--name", "x" * 65, "--service", "EventCenter"), "a name has 1 to 64"),
        (("add", "--name", "x", "--service", "EventCenter", "--webinar"), "webinars belong to"),
        (("add", "--name", "x", "--service", "EventCenter", "--holders", "3", "--everyone"), "one by one"),
        (("change", "3", "--view-only"), "only attendees of a webinar"),
        (("change", "3", "--participants", "0"), "a number of participants is between 1"),
        (("change", "3", "--minutes", "1000000"), "a number of minutes is between 1"),
        (("change", "3", "--holders", "-1"), "a number of holders is between 0"),
        (("change", "3", "--free", "--prefix", "PRO"), "not both"),
        (("change", "77", "--name", "x"), "no session type 77"),
        (("remove", "77"), "no session type 77"),
        (("on", "77"), "no session type 77"),
        (("off",), "say the number"),
        (("off", "3", "--name", "x"), "off takes no values"),
        (("change", "3", "--everyone"), "--everyone belongs to add"),
    ],
)
def test_what_cannot_be_is_told(made: list[str], arguments: tuple[str, ...], words: str) -> None:
    before = types(made)
    assert words in parley("site", "session-types", "acme", *arguments, *made, code=2)
    assert types(made) == before


def test_a_running_server_notices_and_accounts_follow(site: TestSite) -> None:
    where = where_of(site.server)
    admin, host = site.client("admin"), site.client("host1")
    admin.call(
        "user.SetUser",
        {
            "webExId": "host2",
            "meetingTypes": {"meetingType": [104, 3]},
            "sessionOptions": {"defaultSessionType": 104, "defaultServiceType": "TrainingCenter"},
        },
    ).ok()
    parley(
        *("site", "session-types", site.name, "add", "--everyone", "--name", "Classroom", "--service"),
        *("TrainingCenter", "--prefix", "TRS", "--participants", "30", *where),
    )
    found = host.call("meetingtype.GetMeetingType", meetingTypeID=201).ok()
    assert (found.value("name"), found.value("limits/maxMeetingUser")) == ("Classroom", "30")
    assert "201" in host.call("user.GetUser", webExId="host1").ok().all("meetingTypes/meetingType")
    assert "201" not in admin.call("user.GetUser", webExId="attendee1").ok().all("meetingTypes/meetingType")

    parley("site", "session-types", site.name, "remove", "104", *where)
    host.call("meetingtype.GetMeetingType", meetingTypeID=104).failed("000015")
    listed = host.call("meetingtype.LstMeetingType").ok().all("meetingType/meetingTypeID")
    assert ("201" in listed, "104" in listed) == (True, False)
    shown = host.call("site.GetSite").ok().all("metaData/meetingTypes/meetingTypeID")
    assert ("201" in shown, "104" in shown) == (True, False)
    second = admin.call("user.GetUser", webExId="host2").ok()
    assert second.all("meetingTypes/meetingType") == ["3", "201"]
    assert second.value("sessionOptions/defaultSessionType") == "3"
    assert second.value("sessionOptions/defaultServiceType") == "MeetingCenter"
    assert second.value("supportedServices/trainingCenter") == "true"
    admin.call("user.SetUser", {"webExId": "host2", "meetingTypes": {"meetingType": 104}}).failed("030025")

    parley("site", "session-types", site.name, "remove", "201", *where)
    second = admin.call("user.GetUser", webExId="host2").ok()
    assert second.all("meetingTypes/meetingType") == ["3"]
    assert second.value("supportedServices/trainingCenter") == "false"
    parley("site", "session-types", site.name, "off", "3", *where)
    host.call("meeting.CreateMeeting", meeting(metaData={"confName": "x", "meetingType": 3})).failed("030025")


def test_a_removed_default_is_nobodys_default(site: TestSite) -> None:
    where = where_of(site.server)
    parley("site", "session-types", site.name, "remove", "3", *where)
    assert json.loads(parley("site", "show", site.name, "--json", *where))["settings"]["default_session_type"] is None
    host = site.client("host1")
    found = host.call("user.GetUser", webExId="host1").ok()
    assert found.value("sessionOptions/defaultSessionType") == found.all("meetingTypes/meetingType")[0] == "1"
    host.call("meeting.CreateMeeting", meeting()).ok()


def test_a_type_with_sessions_stays(site: TestSite) -> None:
    where = where_of(site.server)
    site.client("host1").call("meeting.CreateMeeting", meeting()).ok()
    arguments = ("site", "session-types", site.name)
    assert "switch it off instead" in parley(*arguments, "remove", "3", *where, code=2)
    assert "stays with its service" in parley(*arguments, "change", "3", "--service", "EventCenter", *where, code=2)
    parley(*arguments, "change", "3", "--service", "MeetingCenter", "--minutes", "50", *where)
    parley(*arguments, "change", "104", "--service", "EventCenter", *where)
    shown = site.client("host1").call("meetingtype.GetMeetingType", meetingTypeID=104).ok()
    assert shown.all("serviceTypes/serviceType") == ["EventCenter"]


def test_unlock(site: TestSite) -> None:
    where = where_of(site.server)
    site.set_user("host1", locked=True)
    site.client("host1").call("site.LstTimeZone").failed("030030")
    assert parley("user", "unlock", site.name, "HOST1", *where) == "account HOST1 is unlocked\n"
    site.client("host1").call("site.LstTimeZone").ok()
    assert parley("user", "unlock", site.name, "host1", *where) == "account host1 was not locked\n"
    assert "030001" in parley("user", "unlock", site.name, "nobody", *where, code=2)


def test_a_lowered_limit_of_the_own_pages_counts_anew(site: TestSite) -> None:
    where = where_of(site.server)
    admin = site.client("admin")

    def storage(web_ex_id: str, amount: int) -> Any:
        return admin.call("user.SetUser", {"webExId": web_ex_id, "myWebEx": {"additionalRecordingStorage": amount}})

    storage("host1", 70).ok()
    parley("site", "set", site.name, "my_web_ex.extra_storage=100", *where)
    storage("host2", 31).failed("030016")
    storage("host2", 30).ok()
    parley("site", "set", site.name, "my_web_ex.extra_storage=null", *where)
    storage("host1", 1000).ok()
    parley("site", "set", site.name, "my_web_ex.extra_storage=1020", *where)
    storage("host2", 31).failed("030016")  # 1030 are held: what was there stays, but there is no more
    storage("host2", 10).ok()
    storage("host1", 1011).failed("030016")
    storage("host1", 1010).ok()


def test_no_site_no_types(tmp_path: Path) -> None:
    assert "there is no site" in parley("site", "session-types", "nowhere", *data(tmp_path), code=2)
