"""Building blocks of the tests of the training service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client import Answer, Client
from tests.services.meetings import GMT, in_days, laid_over


def training(name: str = "Safety at work", **groups: Any) -> dict[str, Any]:
    """The elements of a small CreateTrainingSession; groups are laid over them."""
    values: dict[str, Any] = {
        "accessControl": {"sessionPassword": "Secret12"},
        "metaData": {"confName": name},
        "schedule": {"startDate": in_days(3), "timeZoneID": GMT, "duration": 30},
    }
    return laid_over(values, groups)


def create_training(client: Client, name: str = "Safety at work", **groups: Any) -> str:
    """Create a training; its key."""
    answer = client.call("training.CreateTrainingSession", training(name, **groups)).ok()
    key = answer.value("sessionkey")
    assert key is not None
    return key


def get_training(client: Client, key: str) -> Answer:
    """GetTrainingSession of a key, which must work."""
    return client.call("training.GetTrainingSession", sessionKey=key).ok()


def set_training(client: Client, key: str, **groups: Any) -> Answer:
    """SetTrainingSession with these elements."""
    return client.call("training.SetTrainingSession", sessionKey=key, **groups)


def dates(first: int = 3, count: int = 3, every: int = 1, hour: int = 10) -> list[str]:
    """So many dates, from so many days ahead on, each so many days after the one before."""
    return [in_days(first + step * every, hour) for step in range(count)]


def classes(count: int | None = 3, repeat_type: str = "RECURRING_SINGLE", **more: Any) -> dict[str, Any]:
    """The repeat element of daily sessions."""
    return {"repeatType": repeat_type, "occurenceType": "DAILY", "endAfter": count, **more}


def sessions_of(answer: Answer) -> dict[str, str]:
    """The sessions that an answer lists, date by number."""
    numbers, starts = answer.all("repeatSession/index"), answer.all("repeatSession/startDate")
    return dict(zip(numbers, starts, strict=True))


def person(email: str, role: str | None = None, **more: Any) -> dict[str, Any]:
    """A participant with this address."""
    found = {"person": {"name": email.partition("@")[0], "email": email, **more}}
    return found if role is None else {**found, "role": role}


def people(*participants: dict[str, Any]) -> dict[str, Any]:
    """The element that holds participants."""
    return {"participants": {"participant": list(participants)}}


def hours_from_now(hours: int) -> str:
    """A date so many full hours from now (GMT)."""
    return (datetime.now(UTC).replace(minute=0, second=0) + timedelta(hours=hours)).strftime("%m/%d/%Y %H:%M:%S")
