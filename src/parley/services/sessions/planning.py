"""From what a request says of a session to the session's row, every rule checked.

Sources: facts/meeting-event.md 0-3; the rules themselves are in domain/ and services/scheduling.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from parley.contract.common import TrackingType
from parley.domain import identifiers, recurrence
from parley.domain.dates import from_stored, to_stored
from parley.domain.listing import Listing
from parley.domain.schedule import Schedule
from parley.domain.session import HostedSession, Session
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.scheduling import checked_password, session_type_of, settled_schedule
from parley.services.sessions.kinds import Draft, Kind
from parley.services.stored import StoredSession, write_document
from parley.services.suspension import check_scheduling
from parley.services.values import given

#: Names are listed and sorted by, so they have to fit an index; clients cut theirs at 400 characters.
LONGEST_NAME: Final = 512


def new_session(context: Context, kind: Kind[Any], host: User) -> Session:
    """A session with its numbers and links drawn; everything that a request decides is still open."""
    return Session(
        site_id=context.site.site.site_id,
        session_key=identifiers.new_session_key(),
        service=kind.service,
        session_type=0,
        conf_id=identifiers.new_conf_id(),
        uuid=identifiers.new_uuid(),
        host_id=host.user_id,
        creator_id=context.caller.user_id,
        name="",
        name_key="",
        start_local="",
        time_zone_id=host.time_zone_id,
        duration=0,
        next_start=0,
        next_end=0,
        recurring=False,
        ended=False,
        listing=Listing.PUBLIC.value,
        password=None,
        attendee_count=0,
        status="NOT_INPROGRESS",
        host_joined=False,
        participants_joined=False,
        event_id=identifiers.new_event_id(),
        host_key=identifiers.new_host_key(),
        guest_token=identifiers.new_guest_token(),
        host_link=identifiers.new_mtid(),
        attendee_link=identifiers.new_mtid(),
        created_at=context.now,
    )


def planned(
    context: Context,
    kind: Kind[Any],
    host: User,
    draft: Draft,
    stored: StoredSession,
    session: Session,
    before: HostedSession | None,
) -> Session:
    """The session as a request wants it, columns and document filled.

    Args:
        draft, stored: what the kind made of the request.
        session: the new session, or the present one when it is changed.
        before: the present session with its host's names; None for a new one.

    Raises:
        Fault: the first rule that the request breaks.
    """
    kept = kind.read(before.document) if before is not None else None
    session_type = session_type_of(
        context, host, draft.session_type, kind.offers, kind.service, before.session_type if before else None
    )
    check_scheduling(context, session_type)
    name = _name(kind, draft, session)
    schedule = settled_schedule(
        context, host, session_type, draft.asked, present_schedule(before, kept) if before and kept else None
    )
    skipped = kept.skipped if kept is not None and schedule.is_recurring else ()
    upcoming = recurrence.next_occurrence(
        schedule.rule, schedule.start, schedule.time_zone_id, schedule.duration, context.now, skip=skipped
    )
    first = upcoming or (schedule.starts_at, schedule.starts_at + schedule.duration * 60)
    return msgspec.structs.replace(
        session,
        host_id=host.user_id,
        session_type=session_type.type_id,
        name=name,
        name_key=name.casefold(),
        start_local=to_stored(schedule.start),
        time_zone_id=schedule.time_zone_id,
        duration=schedule.duration,
        open_time=schedule.open_time,
        next_start=first[0],
        next_end=first[1],
        recurring=schedule.is_recurring,
        ended=upcoming is None,
        listing=draft.listing.value,
        password=checked_password(
            context,
            host,
            name,
            given(draft.password) or session.password,
            enforce=draft.enforce_password,
            path=kind.password_path,
        ),
        registration=draft.registration,
        document=write_document(msgspec.structs.replace(stored, rule=schedule.rule, skipped=skipped)),
        sequence=session.sequence + (before is not None),
        modified_at=context.now,
        **_tracking_columns(draft.tracking),
    )


def _name(kind: Kind[Any], draft: Draft, session: Session) -> str:
    name = given(draft.name) or session.name or kind.usual_name
    if not name:
        raise faults.MISSING_ELEMENT(path=kind.name_path)
    if len(name) > LONGEST_NAME:
        raise faults.INVALID_VALUE(path=kind.name_path, problem=f"at most {LONGEST_NAME} characters are allowed")
    return name


def present_schedule(session: Session, stored: StoredSession) -> Schedule:
    """The schedule of a session as it is."""
    return Schedule(
        start=from_stored(session.start_local),
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        open_time=session.open_time,
        rule=stored.rule,
    )


def _tracking_columns(tracking: TrackingType | None) -> dict[str, str | None]:
    """The ten tracking codes as columns, since lists are sorted by them."""
    codes = tracking or TrackingType()
    return {name: getattr(codes, name) or None for name in TrackingType.__struct_fields__}
