"""The row of a session in the lists of the general session service, and of an occurrence of one.

Source: facts/general-session.md 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from parley.contract.common import PsoFieldsType
from parley.contract.ep import SessionSummaryInstanceType
from parley.contract.service import MeetingAssistType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.domain.registration import Scope
from parley.domain.session import HostedSession, Session
from parley.domain.site import SessionType
from parley.services.context import Context
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import HOST_TYPE, kind_of
from parley.services.sessions.occurrence_lists import Shown
from parley.services.sessions.registering import present_number, registration_of
from parley.services.sessions.session_lists import Listed
from parley.store import session_lists
from parley.store.session_lists import LARGEST_CHOICE, SessionFilter

_TRAINING: Final = "TrainingCenter"


class RowView(NamedTuple):
    """What the rows of one list have in common: the zone of its times and what is shown.

    Attributes:
        site_version: the version of the site whose session types the rows are made with.
    """

    zone_id: int
    show_zone: bool
    pso: bool
    assist: bool
    single_recurrence: bool
    site_version: int

    @property
    def with_details(self) -> bool:
        """Whether rows show what is in no column of a session."""
        return self.pso or self.assist or self.single_recurrence


class Single(NamedTuple):
    """What rows show of trainings only: whether people register for single classes, and the number of the next one."""

    recurrence: bool = False
    number: int | None = None


class Details(NamedTuple):
    """What rows show that is in no column of a session."""

    pso: PsoFieldsType
    assist: MeetingAssistType
    single: Single


async def details_of(context: Context, shown: list[Shown]) -> dict[int, Details]:
    """The details of the sessions in a page."""
    found: dict[int, Details] = {}
    keys = sorted({each.listed.session.session_key for each in shown})
    for start in range(0, len(keys), LARGEST_CHOICE):
        part = SessionFilter(
            site_id=context.site.site.site_id, ended=None, keys=tuple(keys[start : start + LARGEST_CHOICE])
        )
        for session in (await session_lists.list_sessions(context.lists, part, maximum=LARGEST_CHOICE)).rows:
            found[session.session_key] = _details(context, session)
    return found


def _details(context: Context, session: HostedSession) -> Details:
    view = kind_of(session, context.site.types).view(session)
    assist = view.assist_service or MeetingAssistType(assist_request="None")
    return Details(view.pso_fields or PsoFieldsType(), assist, _single(context, session))


def _single(context: Context, session: Session) -> Single:
    """Whether a session consists of classes that people register for one by one, and which comes next."""
    if not session.recurring or registration_of(context, session).scope is not Scope.EACH:
        return Single()
    return Single(True, present_number(session))


def summary(
    row: Listed,
    view: RowView,
    types: Mapping[int, SessionType],
    occurrence: Shown | None = None,
    details: Details | None = None,
) -> SessionSummaryInstanceType:
    """The row of a session, or with `occurrence` of that occurrence of it."""
    session, other = row.session, row.other_host
    zone = view.zone_id if view.show_zone else session.time_zone_id
    traits = traits_of(types, session.session_type)
    start = session.next_start if occurrence is None or occurrence.start is None else occurrence.start
    present = occurrence is None or occurrence.is_present
    began = session.run_started_at if present else None
    training = view.single_recurrence and session.service == _TRAINING
    single = details.single if details is not None else Single()
    return SessionSummaryInstanceType(
        session_key=session.session_key,
        conf_name=session.name,
        session_type=session.session_type,
        service_type=session.service,
        host_web_ex_id=session.host_web_ex_id,
        host_first_name=session.host_first_name,
        host_last_name=session.host_last_name,
        other_host_web_ex_id=other or session.host_web_ex_id,
        time_zone_id=zone,
        time_zone=timezones.zone(zone).text,
        status=session.status if present else "NOT_INPROGRESS",
        start_time=format_date(timezones.to_local(start, view.zone_id)),
        actual_start_time=None if began is None else timezones.api_date(began, view.zone_id),
        open_time=session.open_time,
        duration=session.duration,
        list_status=session.listing,
        host_email=session.host_email,
        password_req=session.has_password,
        host_joined=present and session.host_joined,
        participants_joined=present and session.participants_joined,
        conf_id=session.conf_id,
        registration=session.registration,
        is_recurring=session.recurring,
        alt_host=row.by_another,
        pso_fields=details.pso if details and view.pso else None,
        assist_service=details.assist if details and view.assist else None,
        host_type=HOST_TYPE,
        is_audio_only=traits.audio_only,
        tele_presence=False,
        is_tc_single_recurrence=single.recurrence if training else None,
        sub_session_no=(occurrence.number if occurrence is not None else single.number) if training else None,
        is_exception=session.series_key is not None,
        is_next_upcoming_instance=occurrence.upcoming if occurrence is not None else None,
        series_meeting_key=session.series_key,
        is_private_meeting=traits.private,
        enable_event=traits.webinar,
        enable_webniar=traits.view_only,
    )
