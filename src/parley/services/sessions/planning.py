"""From what a request says of a session to the session's row, every rule checked.

Sources: facts/meeting-event.md 0-3; the rules themselves are in domain/ and services/sessions/scheduling.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from parley.contract.common import TrackingType
from parley.domain import identifiers, recurrence, timezones
from parley.domain.dates import from_stored, to_stored
from parley.domain.listing import Listing
from parley.domain.recurrence import NO_REPEAT, Change, TwoOnOneDay, UnknownOccurrence
from parley.domain.schedule import PAST_GRACE, Schedule
from parley.domain.session import HostedSession, Session
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.context import Context
from parley.services.sessions.kinds import Draft, Kind
from parley.services.sessions.scheduling import checked_password, session_type_of, settled_schedule
from parley.services.sessions.stored import StoredSession, write_document
from parley.services.suspension import check_scheduling
from parley.services.values import given

#: Names are listed and sorted by, so they have to fit an index; clients cut theirs at 400 characters.
LONGEST_NAME: Final = 512


def new_session(context: Context, kind: Kind[Any], host: User) -> Session:
    """A session with its numbers and links drawn; everything that a request decides is still open."""
    session = blank_session(host, kind.service, identifiers.new_session_key(), context.now)
    session.creator_id = context.caller.user_id
    return session


def blank_session(host: User, service: str, session_key: int, now: int) -> Session:
    """A session of an account, its own creator, of which nothing is said yet; `now` in UTC epoch seconds."""
    return Session(
        site_id=host.site_id,
        session_key=session_key,
        service=service,
        session_type=0,
        conf_id=identifiers.new_conf_id(),
        uuid=identifiers.new_uuid(),
        host_id=host.user_id,
        creator_id=host.user_id,
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
        created_at=now,
    )


def planned(
    context: Context,
    kind: Kind[Any],
    host: User,
    draft: Draft,
    stored: StoredSession,
    session: Session,
    before: HostedSession | None = None,
    kept: StoredSession | None = None,
) -> Session:
    """The session as a request wants it, columns and document filled.

    Args:
        draft, stored: what the kind made of the request.
        session: the new session, or the present one when it is changed.
        before, kept: the present session with its host's names, and its document; None for a new one.

    Raises:
        Fault: the first rule that the request breaks.
    """
    session_type = session_type_of(
        context, host, draft.session_type, kind.offers, kind.service, before.session_type if before else None
    )
    check_scheduling(context, session_type)
    name = _name(kind, draft, session)
    present = present_schedule(before, kept) if before and kept else None
    schedule = settled_schedule(context, host, session_type, draft.asked, present)
    skipped = kept.skipped if kept is not None and schedule.is_recurring else ()
    check_length(kind, schedule)
    goes_on = present is not None and (present.start, present.rule) == (schedule.start, schedule.rule)
    wanted = [*(draft.listed_occurrences if goes_on else ()), *draft.occurrences]
    if wanted:
        schedule, skipped = with_changes(context, kind, wanted, schedule, skipped, before)
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
        )
        if kind.has_password
        else None,
        registration=draft.registration,
        program_id=draft.program_id,
        document=write_document(msgspec.structs.replace(stored, rule=schedule.rule, skipped=skipped)),
        sequence=session.sequence + (before is not None),
        modified_at=context.now,
        account_key=draft.account.strip().casefold() if draft.account else None,
        opportunity_key=draft.opportunity.strip().casefold() if draft.opportunity else None,
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


def check_length(kind: Kind[Any], schedule: Schedule) -> None:
    """Refuse a series with more occurrences than its kind allows.

    Raises:
        Fault: 999999.
    """
    most, rule = kind.most_occurrences, schedule.rule
    if most is None or not schedule.is_recurring or rule.kind is recurrence.Kind.CONSTANT:
        return
    count = recurrence.count(rule, schedule.start)
    if count is None or count > most:
        raise faults.INVALID_REPEAT(element="endAfter", problem=f"at most {most} sessions are allowed")


def with_changes(
    context: Context,
    kind: Kind[Any],
    changes: Sequence[Change],
    schedule: Schedule,
    skipped: tuple[date, ...],
    before: HostedSession | None,
) -> tuple[Schedule, tuple[date, ...]]:
    """The schedule of a series with some occurrences moved or cancelled, and the dates that it still leaves out.

    Args:
        before: the present session; what is in progress of it is not changed.

    Raises:
        Fault: the series has no such occurrence or ends never, two would be on one day, one would be in the past, or
            the one that is in progress is meant.
    """
    if recurrence.is_endless(schedule.rule) or schedule.rule.kind in (NO_REPEAT.kind, recurrence.Kind.CONSTANT):
        raise _no_session(changes[0].number)
    try:
        rule = recurrence.changed(schedule.rule, schedule.start, changes, skip=skipped)
    except UnknownOccurrence as error:
        raise _no_session(error.number) from None
    except TwoOnOneDay:
        raise faults.INVALID_REPEAT(element="repeatSession", problem="two sessions on one day") from None
    if rule == schedule.rule:
        return schedule, skipped
    for new in set(rule.changes) - set(schedule.rule.changes):
        if new.start is not None and timezones.to_utc(new.start, schedule.time_zone_id) < context.now - PAST_GRACE:
            raise faults.START_IN_PAST()
        if before is not None and before.status == "INPROGRESS":
            day = recurrence.occurrence_day(schedule.rule, schedule.start, new.number)
            if day == timezones.to_local(before.next_start, schedule.time_zone_id).date():
                raise kind.started()
    return msgspec.structs.replace(schedule, rule=rule), ()


def _no_session(number: int) -> Fault:
    return faults.INVALID_REPEAT(element="repeatSession/index", problem=f"there is no session {number}")


def _tracking_columns(tracking: TrackingType | None) -> dict[str, str | None]:
    """The ten tracking codes as columns, since lists are sorted by them."""
    codes = tracking or TrackingType()
    return {name: getattr(codes, name) or None for name in TrackingType.__struct_fields__}
