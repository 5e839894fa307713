"""What the levels change, each on a site at the level and at the one before. docs/levels.md has the table."""

from __future__ import annotations

import itertools

import pytest

from parley.protocol.versions import CHANGES, LEVELS
from parley.protocol.xsd import schema_files
from parley.services.session_types import FREE, PRO, WEBINAR
from tests.server import TestSite
from tests.services.meetings import create, get, meeting
from tests.services.users import new_user

BEFORE_AND_AFTER = [(LEVELS[place - 1].text, level.text) for place, level in enumerate(LEVELS) if place]


# --- all levels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [level.text for level in LEVELS])
def test_a_site_runs_at_every_level(site: TestSite, level: str) -> None:
    site.set(level=level)
    client = site.client()
    assert client.call("ep.GetAPIVersion").ok().value("apiVer") == level
    key = create(client)
    assert get(client, key).ok().value("meetingkey") == key
    for operation in ("site.GetSite", "meetingtype.LstMeetingType", "meeting.LstsummaryMeeting"):
        client.call(operation).ok()
    client.call("user.GetUser", webExId="host1").ok()


def test_a_change_of_level_holds_from_the_next_request_on(site: TestSite) -> None:
    client = site.client()
    for _, after in BEFORE_AND_AFTER:
        site.set(level=after)
        assert client.call("ep.GetAPIVersion").ok().value("apiVer") == after


def test_only_level_42_2_changed_a_schema() -> None:
    changed = []
    for old, new in itertools.pairwise(LEVELS):
        # Each file names its level.
        before = {path: text.replace(old.text, "") for path, text in schema_files(old).items()}
        after = {path: text.replace(new.text, "") for path, text in schema_files(new).items()}
        different = {path for path in after if before.get(path) != after[path]}
        if different:
            changed.append((new.text, sorted(path.rsplit("/", 1)[-1] for path in different)))
    assert changed == [("42.2.0", ["site.xsd"])]
    assert [change.level.text for change in CHANGES if change.schema] == ["42.2.0"]


# --- 42.2: see tests/services/test_site_reading.py -------------------------------------------------------------------


def test_42_2_tells_more_of_own_pages(site: TestSite) -> None:
    counts = []
    for level in ("42.1.0", "42.2.0"):
        site.set(level=level)
        counts.append(site.client().call("site.GetSite").ok().names("siteInstance/myWebExConfig"))
    assert counts[1][: len(counts[0])] == counts[0]
    assert counts[1][len(counts[0]) :] == [
        *("allowChangeFirstName", "allowChangeLastName", "allowChangeDisplayName", "AllowUploadPRAvatar")
    ]


# --- 42.5: a suspended site schedules nothing but free meetings ------------------------------------------------------


@pytest.mark.parametrize("level", ["42.4.0", "42.5.0"])
def test_42_5_suspended_sites_schedule_free_meetings_only(site: TestSite, level: str) -> None:
    client = site.client()
    key, free_key = create(client), create(client, metaData={"meetingType": FREE}, schedule={"duration": 30})
    site.set(level=level, suspended=True)
    refused = level == "42.5.0"
    for type_id in (PRO, WEBINAR):
        answer = client.call("meeting.CreateMeeting", meeting(metaData={"meetingType": type_id}))
        assert answer.code == ("010107" if refused else None)
        assert answer.reason == ("The site is suspended" if refused else None)
    assert client.call("meeting.CreateMeeting", meeting()).code == ("010107" if refused else None)
    assert site.client("admin").call("meeting.CreateMeeting", meeting()).code == ("010107" if refused else None)
    change = {"metaData": {"confName": "Moved"}}
    assert client.call("meeting.SetMeeting", meetingkey=key, **change).code == ("010107" if refused else None)
    # The free type goes on, and so does everything that schedules nothing.
    client.call("meeting.CreateMeeting", meeting(metaData={"meetingType": FREE})).ok()
    client.call("meeting.SetMeeting", meetingkey=free_key, **change).ok()
    answer = client.call("meeting.SetMeeting", meetingkey=free_key, metaData={"meetingType": PRO})
    assert answer.code == ("010107" if refused else None)
    get(client, key).ok()
    client.call("meeting.LstsummaryMeeting").ok()
    client.call("meeting.GethosturlMeeting", sessionKey=key).ok()
    client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok()
    client.call("meeting.DelMeeting", meetingKey=key).ok()
    site.set(suspended=False)
    client.call("meeting.CreateMeeting", meeting()).ok()


# --- 42.6: administrators of a suspended site make and change no accounts --------------------------------------------


@pytest.mark.parametrize("level", ["42.5.0", "42.6.0"])
def test_42_6_suspended_sites_make_and_change_no_accounts(site: TestSite, level: str) -> None:
    site.set(level=level, suspended=True)
    expected = "010107" if level == "42.6.0" else None
    admin = site.client("admin")
    calls = {
        "user.CreateUser": new_user(),
        "user.SetUser": {"webExId": "host2", "company": "Acme"},
    }
    for operation, values in calls.items():
        answer = admin.call(operation, values)
        assert (answer.code, answer.reason) == (expected, expected and "The site is suspended"), operation
    assert admin.call("user.SetUser", webExId="admin", company="Acme").code == expected
    site.client("host1").call("user.SetUser", webExId="host1", company="Acme").ok()
    assert site.client("host1").call("user.GetUser", webExId="host1").ok().value("company") == "Acme"
    site.set(suspended=False)
    admin.call("user.CreateUser", new_user()).ok()
    admin.call("user.SetUser", webExId="host2", company="Acme").ok()
