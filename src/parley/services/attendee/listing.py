"""LstMeetingAttendee.

Sources: facts/meeting-event.md 0 "Paging of the list calls" and 4 (LstMeetingAttendee), facts/clients.md 19.
"""

from __future__ import annotations

from typing import Final

from parley.contract.attendee import (
    AttendeeInstanceType,
    AttendeeStatusType,
    LstMeetingAttendee,
    LstMeetingAttendeeResponse,
    OrderType,
)
from parley.domain.registration import Status
from parley.domain.session import Attendee, HostedSession
from parley.protocol import faults
from parley.services import lists
from parley.services.attendee.targets import Targets
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions.people import as_answered
from parley.services.sessions.registering import is_over
from parley.store.attendees import list_attendees
from parley.store.lists import Order

_DEFAULT_ORDER: Final = "ATTENDEEID"
#: Sort keys as fields of the store. A session has one list for all its runs, so CONFID leaves people as they are.
_FIELDS: Final = {
    "ATTENDEEID": "attendee_id",
    "ATTENDEETYPE": "document:person.type",
    "ATTENDEENAME": "name",
    "ATTENDEEWEBEXID": "document:person.webExId",
    "JOINSTATUS": "join_status",
    "EMAIL": "email",
    "PHONE": "document:person.phones.phone",
    "MOBILE": "document:person.phones.mobilePhone",
    "FAX": "document:person.phones.fax",
    "COMPANY": "document:person.company",
    "TITLE": "document:person.title",
    "URL": "document:person.url",
    "ADDRESS1": "document:person.address.address1",
    "ADDRESS2": "document:person.address.address2",
    "CITY": "document:person.address.city",
    "STATE": "document:person.address.state",
    "ZIPCODE": "document:person.address.zipCode",
    "COUNTRY": "document:person.address.country",
    "NOTES": "document:person.notes",
    "ADDRESSTYPE": "document:person.address.addressType",
}


@operation(
    "attendee",
    request=LstMeetingAttendee,
    answer=LstMeetingAttendeeResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key or request.meeting_key,
)
async def lst_meeting_attendee(context: Context, request: LstMeetingAttendee) -> LstMeetingAttendeeResponse:
    """List the people invited to or registered for a session; that of one which is over with inclHistory only."""
    targets = Targets(context)
    key = request.meeting_key if request.session_key is None else request.session_key
    session = await targets.readable(await targets.find(request.meeting_uuid, key, request.conf_id))
    is_past = not request.incl_history and is_over(session, context.now)
    if is_past or not await targets.has_run(session, request.conf_id):
        raise faults.MEETING_NOT_FOUND()
    page = lists.page(request.list_control)
    found = await list_attendees(
        context.engine, session, _order(request.order), page.first, page.size, join_status=request.join_status
    )
    return LstMeetingAttendeeResponse(
        matching_records=page.matching(found.total, len(found.rows)),
        attendee=[_instance(context, session, each, request.conf_id) for each in found.rows],
    )


def _order(sent: OrderType | None) -> list[Order]:
    pairs = lists.ordering(sent.order_by, sent.order_ad, _DEFAULT_ORDER) if sent else []
    return [Order(_FIELDS[key], falling) for key, falling in pairs if key in _FIELDS] or [
        Order(_FIELDS[_DEFAULT_ORDER])
    ]


def _instance(context: Context, session: HostedSession, row: Attendee, conf_id: int | None) -> AttendeeInstanceType:
    """Args: `conf_id`: the run that was asked for."""
    settings = context.site.settings
    known = as_answered(session, row, settings.language)
    return AttendeeInstanceType(
        person=known.person,
        contact_id=known.contact_id,
        join_status=known.join_status,
        meeting_key=session.session_key,
        session_key=session.session_key,
        language=known.language,
        role=known.role,
        locale=known.locale or settings.locale,
        time_zone_id=known.time_zone_id if known.time_zone_id is not None else session.time_zone_id,
        language_id=known.language_id,
        session_num=row.session_num or None,
        meeting_uuid=session.uuid,
        attendee_id=row.attendee_id,
        conf_id=session.conf_id if conf_id is None else conf_id,
        status=AttendeeStatusType(
            invited=row.join_status == Status.INVITE,
            registered=row.join_status == Status.REGISTER,
            rejected=row.join_status == Status.REJECT,
            accepted=row.join_status == Status.ACCEPT,
        ),
        register_id=row.register_id,
    )
