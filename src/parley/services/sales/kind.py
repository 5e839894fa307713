"""Sales sessions as a kind of session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from msgspec.structs import replace

from parley.contract.sales import MetaDataType, SalesSessionType, ScheduleType
from parley.domain.listing import Listing, resolve_named
from parley.domain.notices import NOTHING, Wanted, wanted_of
from parley.domain.reminders import Wish
from parley.domain.schedule import Asked
from parley.domain.session import Session
from parley.domain.site import SiteSettings
from parley.services.reminders import wishes_of
from parley.services.sales.document import (
    ALTERNATE,
    PROSPECT,
    TEAM,
    StoredSales,
    completed,
    listed_people,
    read_document,
)
from parley.services.sessions import kinds, telephony
from parley.services.sessions.kinds import Draft, Kind, View
from parley.services.sessions.repeats import asked_of
from parley.services.sessions.stored import StoredSession
from parley.services.values import given

SERVICE: Final = "SalesCenter"


class SalesKind(Kind[SalesSessionType]):
    """Sessions of the sales service."""

    service = SERVICE
    password_path = "accessControl/meetingPassword"  # noqa: S105 - the name of an element

    def read(self, document: str) -> StoredSales:
        """The document of a sales session."""
        return read_document(document)

    def stored(self, request: SalesSessionType, kept: StoredSession | None, settings: SiteSettings) -> StoredSales:
        """The document that a request makes."""
        before = cast("StoredSales | None", kept)
        return StoredSales(sales=completed(request, before.sales if before else None, settings))

    def draft(
        self, request: SalesSessionType, stored: StoredSession, settings: SiteSettings, listing: Listing
    ) -> Draft:
        """What the request says in the words of all kinds."""
        sales = cast("StoredSales", stored).sales
        sent, kept = request.meta_data or MetaDataType(), sales.meta_data or MetaDataType()
        access, options = request.access_control, request.attendee_options
        people = listed_people(request)
        return Draft(
            host=given(request.schedule.host_web_ex_id) if request.schedule else None,
            name=sent.conf_name,
            session_type=sent.session_type,
            asked=_asked(request, sales.schedule or ScheduleType()),
            listing=resolve_named(
                given(access.listing) if access else None, site_unlisted=settings.all_meetings_unlisted, current=listing
            ),
            password=access.meeting_password if access else None,
            enforce_password=sales.access_control is None or sales.access_control.enforce_password is not False,
            tracking=sales.tracking,
            account=kept.account,
            opportunity=kept.opportunity,
            people=people,
            replaced_roles=_replaced(request),
            mail_invited=bool(options and options.email_invitations),
        )

    def view(self, session: Session) -> View:
        """What is told of a sales session beyond its row."""
        sales = read_document(session.document).sales
        meta, options = sales.meta_data or MetaDataType(), sales.attendee_options
        return View(
            agenda=meta.agenda,
            account=meta.account,
            opportunity=meta.opportunity,
            telephony=telephony.told(sales.telephony),
            exclude_password=bool(options and options.exclude_password),
            open_before_host=bool(session.open_time),
            participant_limit=(options.participant_limit or 0) if options else 0,
        )

    def notices(self, stored: StoredSession) -> Wanted:
        """The addresses of the schedule."""
        schedule = cast("StoredSales", stored).sales.schedule
        return wanted_of(schedule.ext_url, schedule.ext_notify_time, schedule.join_notify_url) if schedule else NOTHING

    def goes_after_end(self, stored: StoredSession) -> bool:
        """As autoDeleteAfterMeetingEnd says."""
        options = cast("StoredSales", stored).sales.enable_options
        return bool(options and options.auto_delete_after_meeting_end)

    def reminders(self, session: Session, stored: StoredSession) -> Sequence[Wish]:
        """A sales session reminds its host."""
        return wishes_of(cast("StoredSales", stored).sales.remind)


SALES: Final = SalesKind()
kinds.enter(SALES)


def _replaced(request: SalesSessionType) -> frozenset[str]:
    """Who gives way to the people of a request: prospects to prospects, the team to the team."""
    team = request.sales_team
    roles = {PROSPECT} if request.prospects and request.prospects.prospect else set()
    if team is not None and (team.web_ex_id or team.email or (team.alt_hosts and team.alt_hosts.web_ex_id)):
        roles |= {TEAM, ALTERNATE}
    return frozenset(roles)


def _asked(request: SalesSessionType, kept: ScheduleType) -> Asked:
    """The schedule; openTimeEnabled false means that nobody comes in early, whatever openTime says."""
    open_time = 0 if kept.open_time_enabled is False else kept.open_time
    return replace(asked_of(request.schedule, request.repeat), open_time=open_time)
