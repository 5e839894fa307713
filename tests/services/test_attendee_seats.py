"""The last seats of a session, when many want them at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from parley.store import sessions
from tests.client import Answer, schema_of
from tests.server import TestSite
from tests.services.meetings import create
from tests.services.test_attendee import listed, person, register, statuses, with_registration

_CLIENTS = 100
_SEATS = 10


def at_once(work: Callable[[httpx.AsyncClient, int], Awaitable[Any]]) -> list[Any]:
    """What each of a hundred clients gets that call at the same time, each on a connection of its own."""

    async def all_of_them() -> list[Any]:
        limits = httpx.Limits(max_connections=_CLIENTS)
        async with httpx.AsyncClient(timeout=60, limits=limits) as http:
            return list(await asyncio.gather(*(work(http, number) for number in range(_CLIENTS))))

    return asyncio.run(all_of_them())


def registering(key: str, name: str) -> str:
    """The body of RegisterMeetingAttendee for one person."""
    person = f"<person><email>{name}@people.example</email></person>"
    return f"<attendees>{person}<sessionKey>{key}</sessionKey></attendees>"


async def sent(site: TestSite, http: httpx.AsyncClient, operation: str, body: str) -> Answer:
    """The answer to an operation of the attendee service, called by host1; it is valid, and nothing is busy."""
    client = site.client()
    content = client.document(f"attendee.{operation}", body).encode()
    response = await http.post(client.url, content=content, headers={"Content-Type": "text/xml"})
    assert response.status_code == 200
    answer = Answer(response)
    assert schema_of(site.level).validate(answer.root)
    assert answer.code in (None, "999999"), answer.reason
    return answer


def seats_taken(site: TestSite, key: str) -> int:
    async def read() -> int:
        session = await sessions.by_key(site.server.application.engine, site.site_id, int(key))
        assert session is not None
        return session.seats_taken

    return site.server.run(read())


def test_a_hundred_register_for_the_last_ten_seats(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=_SEATS + 3))
    register(client, key, *(person(f"early{each}") for each in range(3))).ok()

    async def one(http: httpx.AsyncClient, number: int) -> Answer:
        return await sent(site, http, "RegisterMeetingAttendee", registering(key, f"late{number}"))

    answers = at_once(one)
    outcomes = Counter(each.code or each.result for each in answers)
    assert outcomes == {"SUCCESS": _SEATS, "999999": _CLIENTS - _SEATS}
    assert {each.reason for each in answers if each.code} == {"The session is full: it takes 13 people"}
    assert list(statuses(client, key).values()) == ["ACCEPT"] * (_SEATS + 3)
    assert seats_taken(site, key) == _SEATS + 3
    registered = listed(client, key).all("attendee/registerID")
    assert len(set(registered)) == _SEATS + 3


def test_a_hundred_fill_in_the_form_for_the_last_ten_seats(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=_SEATS))
    link = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("registerMeetingURL") or ""

    async def one(http: httpx.AsyncClient, number: int) -> httpx.Response:
        form = {"FIRST_NAME": "Late", "LAST_NAME": str(number), "EMAIL": f"page{number}@people.example"}
        return await http.post(link, data=form)

    answers = at_once(one)
    # A form that arrives when the page knows already that all seats are taken gets the page without form.
    assert Counter("You are registered" in each.text for each in answers) == {True: _SEATS, False: _CLIENTS - _SEATS}
    assert {each.status_code for each in answers} <= {200, 409}
    assert all("All seats are taken" in each.text for each in answers if "You are registered" not in each.text)
    assert seats_taken(site, key) == len(statuses(client, key)) == _SEATS


def test_the_same_address_a_hundred_times_at_once(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=_SEATS))

    async def one(http: httpx.AsyncClient, number: int) -> str:
        answer = await sent(site, http, "RegisterMeetingAttendee", registering(key, "same"))
        return answer.ok().value("register/attendeeID") or ""

    assert len(set(at_once(one))) == 1
    assert seats_taken(site, key) == 1


def test_seats_hold_when_people_come_and_go_at_once(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=_SEATS))
    there = register(client, key, *(person(f"old{each}") for each in range(_SEATS))).ok().all("register/attendeeID")

    async def one(http: httpx.AsyncClient, number: int) -> Answer:
        if number < _SEATS:
            return await sent(site, http, "DelMeetingAttendee", f"<attendeeID>{there[number]}</attendeeID>")
        return await sent(site, http, "RegisterMeetingAttendee", registering(key, f"new{number}"))

    answers = at_once(one)
    assert all(each.result == "SUCCESS" for each in answers[:_SEATS])
    new = sum(each.result == "SUCCESS" for each in answers[_SEATS:])
    assert new <= _SEATS
    assert seats_taken(site, key) == new
    found = listed(client, key)
    assert len(found.all("attendee/attendeeId")) == new
