"""Building blocks of the tests of the meeting service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client import Answer, Client

GMT = 20
BERLIN = 25


def in_days(days: int, hour: int = 10) -> str:
    """A date so many days from now, at a full hour, as the API writes it."""
    day = datetime.now(UTC) + timedelta(days=days)
    return day.strftime(f"%m/%d/%Y {hour:02d}:00:00")


def laid_over(values: dict[str, Any], groups: dict[str, Any]) -> dict[str, Any]:
    """The elements of a request with groups of them laid over; what is no group takes the place of what was there."""
    laid = {
        name: {**values.get(name, {}), **content} if isinstance(content, dict) else content
        for name, content in groups.items()
    }
    return {**values, **laid}


def meeting(name: str = "Weekly review", **groups: Any) -> dict[str, Any]:
    """The elements of a small CreateMeeting; groups are laid over them."""
    values: dict[str, Any] = {
        "accessControl": {"meetingPassword": "Secret12"},
        "metaData": {"confName": name},
        "schedule": {"startDate": in_days(3), "timeZoneID": GMT, "duration": 30},
    }
    return laid_over(values, groups)


def create(client: Client, name: str = "Weekly review", **groups: Any) -> str:
    """Create a meeting; its key."""
    key = client.call("meeting.CreateMeeting", meeting(name, **groups)).ok().value("meetingkey")
    assert key is not None
    return key


def get(client: Client, key: str) -> Answer:
    """GetMeeting of a key."""
    return client.call("meeting.GetMeeting", meetingKey=key)


def attendee(email: str, **more: Any) -> dict[str, Any]:
    """An attendee element with a person of this address."""
    person = {"name": email.partition("@")[0], "email": email}
    return {"person": person, **more}
