"""CreateMeetingAttendee and RegisterMeetingAttendee.

Sources: facts/meeting-event.md 4, facts/versions.md 42.1.0 (50 per call).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from parley.contract.attendee import (
    AttendeeType,
    CreateMeetingAttendee,
    CreateMeetingAttendeeResponse,
    CreateMeetingAttendeeResponseRegister,
    RegisterAttendeeType,
    RegisterMeetingAttendee,
    RegisterMeetingAttendeeResponse,
    RegisterMeetingAttendeeResponseRegister,
)
from parley.domain.registration import Status
from parley.domain.session import Attendee, HostedSession
from parley.protocol import faults
from parley.services.attendee.targets import Targets
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import registering
from parley.services.sessions.registering import Entry, Manner
from parley.store import Changes

#: People in one call; the outer attendee of CreateMeetingAttendee counts.
MOST_AT_ONCE: Final = 50

Sent = AttendeeType | RegisterAttendeeType


@operation(
    "attendee",
    request=CreateMeetingAttendee,
    answer=CreateMeetingAttendeeResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key or request.meeting_key,
)
async def create_meeting_attendee(context: Context, request: CreateMeetingAttendee) -> CreateMeetingAttendeeResponse:
    """Invite people to sessions; those invited to a session with registration get registration IDs."""
    # A request that only has inner attendees counts as one without the outer.
    outer = [request] if request.person is not None or not request.attendees else []
    sent: list[AttendeeType] = [*outer, *request.attendees]
    rows = await _enter(context, sent, Manner.INVITING, Status.INVITE)
    # Some clients read attendeeId whatever the session is like, so it is there beside register too.
    return CreateMeetingAttendeeResponse(
        attendee_id=[row.attendee_id for _, row in rows],
        register=[
            CreateMeetingAttendeeResponseRegister(attendee_id=row.attendee_id, register_id=row.register_id)
            for session, row in rows
            if session.registration
        ],
    )


@operation(
    "attendee",
    request=RegisterMeetingAttendee,
    answer=RegisterMeetingAttendeeResponse,
    key_of=lambda request: next((each.meeting_uuid or each.session_key for each in request.attendees), None),
)
async def register_meeting_attendee(
    context: Context, request: RegisterMeetingAttendee
) -> RegisterMeetingAttendeeResponse:
    """Register people for sessions, or accept or reject those who are invited or registered."""
    if not request.attendees:
        raise faults.MISSING_ELEMENT(path="attendees")
    rows = await _enter(context, request.attendees, Manner.REGISTERING, Status.REGISTER)
    return RegisterMeetingAttendeeResponse(
        register=[
            RegisterMeetingAttendeeResponseRegister(attendee_id=row.attendee_id, register_id=row.register_id)
            for _, row in rows
        ]
    )


async def _enter(
    context: Context, sent: Sequence[Sent], manner: Manner, usual: Status
) -> list[tuple[HostedSession, Attendee]]:
    """Put everybody on the lists that they name, all or nobody; sessions and rows in the order of the request.

    Args:
        usual: the status of those who are sent without one.
    """
    if len(sent) > MOST_AT_ONCE:
        raise faults.TOO_MANY_REGISTRATIONS(value=str(MOST_AT_ONCE))
    targets = Targets(context)
    named = [await _occurrence(context, targets, each, usual) for each in sent]
    entries: dict[int, list[Entry]] = {}
    places: list[tuple[HostedSession, int]] = []
    found: dict[int, HostedSession] = {}
    for each, (session, number) in zip(sent, named, strict=True):
        found[session.session_key] = session
        of_session = entries.setdefault(session.session_key, [])
        places.append((session, len(of_session)))
        of_session.append(_entry(each, number, usual))
    changes = Changes()
    rows = {
        key: await registering.enter(context, changes, found[key], of_session, manner)
        for key, of_session in sorted(entries.items())
    }
    if changes:
        await context.engine.commit(changes)
    return [(session, rows[session.session_key][place].row) for session, place in places]


async def _occurrence(context: Context, targets: Targets, sent: Sent, usual: Status) -> tuple[HostedSession, int]:
    key, conf_id = sent.session_key, None
    if isinstance(sent, RegisterAttendeeType):
        conf_id = sent.conf_id
    elif key is None:
        key = sent.meeting_key
    session = await targets.editable(await targets.find(sent.meeting_uuid, key, conf_id))
    registers = (sent.join_status or usual) != Status.INVITE
    return await registering.occurrence(context, session, sent.session_num, registers=registers)


def _entry(sent: Sent, number: int, usual: Status) -> Entry:
    inviting = sent if isinstance(sent, AttendeeType) else None
    return Entry(
        sent=AttendeeType(
            person=sent.person,
            contact_id=inviting.contact_id if inviting else None,
            language=sent.language,
            role=sent.role,
            email_invitations=sent.email_invitations,
            locale=sent.locale,
            time_zone_id=sent.time_zone_id,
            language_id=inviting.language_id if inviting else None,
        ),
        asked=Status(sent.join_status) if sent.join_status else usual,
        session_num=number,
        mail=bool(sent.email_invitations),
    )
