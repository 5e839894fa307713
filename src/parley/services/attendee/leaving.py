"""DelMeetingAttendee.

Source: facts/meeting-event.md 4 (DelMeetingAttendee).
"""

from __future__ import annotations

from parley.contract.attendee import DelMeetingAttendee, DelMeetingAttendeeResponse
from parley.domain.session import Attendee, HostedSession
from parley.protocol import faults
from parley.services.attendee.targets import Targets
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import registering
from parley.services.values import given
from parley.store import Changes, attendees, sessions


def _first_session(request: DelMeetingAttendee) -> int | str | None:
    return next((each.meeting_uuid or each.session_key for each in request.attendee_email), None)


@operation("attendee", request=DelMeetingAttendee, answer=DelMeetingAttendeeResponse, key_of=_first_session)
async def del_meeting_attendee(context: Context, request: DelMeetingAttendee) -> DelMeetingAttendeeResponse:
    """Take people off the lists of sessions, named by number or by address and session: all of them or nobody."""
    if not request.attendee_id and not request.attendee_email:
        raise faults.MISSING_ELEMENT(path="attendeeID")
    targets = Targets(context)
    people = {each.attendee_id: each for each in await _by_number(context, request.attendee_id)}
    people |= {each.attendee_id: each for each in await _by_address(context, targets, request)}
    by_session: dict[int, list[Attendee]] = {}
    for person in people.values():
        by_session.setdefault(person.session_key, []).append(person)
    found: list[tuple[HostedSession, list[Attendee]]] = []
    for key, of_session in sorted(by_session.items()):
        found.append((await targets.editable(await targets.find(key=key)), of_session))
    changes = Changes()
    for session, of_session in found:
        await registering.leave(context, changes, session, of_session, mail=bool(request.send_email))
    await context.engine.commit(changes)
    return DelMeetingAttendeeResponse()


async def _by_number(context: Context, numbers: list[int]) -> list[Attendee]:
    if not numbers:
        return []
    found = await attendees.by_numbers(context.engine, context.site.site.site_id, numbers)
    if len(found) < len(set(numbers)):
        raise faults.NOTHING_FOUND()
    return found


async def _by_address(context: Context, targets: Targets, request: DelMeetingAttendee) -> list[Attendee]:
    """Everybody with one of the addresses on the list of the session named with it, for whatever occurrence."""
    people: list[Attendee] = []
    for place, each in enumerate(request.attendee_email, 1):
        email = given(each.email)
        if email is None:
            raise faults.MISSING_ELEMENT(path=f"attendeeEmail[{place}]/email")
        if each.session_key is None and not each.meeting_uuid:
            raise faults.MISSING_ELEMENT(path=f"attendeeEmail[{place}]/sessionKey")
        session = await targets.editable(await targets.find(each.meeting_uuid, each.session_key))
        found = await sessions.attendees_by_email(
            context.engine, session.site_id, session.session_key, [email.strip().casefold()]
        )
        if not found:
            raise faults.NOTHING_FOUND()
        people += found
    return people
