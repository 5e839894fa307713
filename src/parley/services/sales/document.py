"""How a sales session is kept: columns for what is searched, the rest as contract record in the document.

Sources: facts/training-history.md 3 (the contract of level 5.9 is all that is known), facts/meeting-event.md 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType, TrackingType
from parley.contract.sales import (
    AccessControlType,
    AlternateHostType,
    AttendeeOptionsType,
    EnableOptionsType,
    MetaDataType,
    ProspectType,
    RemindType,
    RepeatType,
    SalesSessionType,
    SalesSessionTypeProspects,
    SalesSessionTypeSalesTeam,
    ScheduleType,
    TelephonyType,
)
from parley.domain import timezones
from parley.domain.dates import stored_to_api
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import SiteSettings
from parley.services.records import merged, without_empty_texts
from parley.services.sessions import people
from parley.services.sessions.repeats import repeat_of
from parley.services.sessions.stored import StoredSession

#: The roles on a session's list: prospects attend, the sales team presents, and some of it may be host instead.
PROSPECT: Final = "ATTENDEE"
TEAM: Final = "PRESENTER"
ALTERNATE: Final = "HOST"
_TEAM_PERSON: Final = "SALESTEAM"


class StoredSales(StoredSession, kw_only=True):
    """The document of a sales session: the common part, and the contract's record without people and password."""

    sales: SalesSessionType = msgspec.field(default_factory=SalesSessionType)


read_document: Final = msgspec.json.Decoder(StoredSales).decode


# --- from requests ---------------------------------------------------------------------------------------------------


def completed(sent: SalesSessionType, kept: SalesSessionType | None, settings: SiteSettings) -> SalesSessionType:
    """What is kept of a request: laid over what was kept, with the defaults of the site for what nobody said."""
    record = SalesSessionType(**{name: getattr(sent, name) for name in SalesSessionType.__struct_fields__})
    before = kept or SalesSessionType(
        schedule=ScheduleType(join_teleconf_before_host=settings.audio_before_host), attendee_options=_USUAL_OPTIONS
    )
    if sent.repeat is not None and sent.repeat.repeat_type is not None:
        # Another rule takes the place of the old one as a whole.
        before = msgspec.structs.replace(before, repeat=None)
    before = _without_former_customer(before, sent.meta_data)
    whole = without_empty_texts(merged(before, record) or record)
    access = whole.access_control
    return msgspec.structs.replace(
        whole,
        access_control=access and AccessControlType(enforce_password=access.enforce_password),
        prospects=None,
        sales_team=None,
    )


def _without_former_customer(before: SalesSessionType, sent: MetaDataType | None) -> SalesSessionType:
    """What was kept, without the numbers of a customer or an opportunity in whose place another name is sent."""
    meta = before.meta_data
    if meta is None or sent is None:
        return before
    if sent.account is not None:
        meta = msgspec.structs.replace(meta, int_account_id=None)
    if sent.opportunity is not None:
        meta = msgspec.structs.replace(meta, int_oppty_id=None)
    return msgspec.structs.replace(before, meta_data=meta)


_USUAL_OPTIONS: Final = AttendeeOptionsType(
    require_ucf_diagnosis=False, exclude_password=False, email_invitations=False, participant_limit=0
)


def listed_people(sent: SalesSessionType) -> list[AttendeeType]:
    """The people of a request as every session's list has them; who is named twice has the part named last."""
    return [*_prospects(sent), *_team(sent)]


def _prospects(sent: SalesSessionType) -> Iterator[AttendeeType]:
    for each in sent.prospects.prospect if sent.prospects else []:
        person = PersonType(
            name=each.name,
            first_name=each.first_name,
            last_name=each.last_name,
            email=each.email,
            phones=each.phones,
        )
        yield AttendeeType(person=person, role=PROSPECT)


def _team(sent: SalesSessionType) -> Iterator[AttendeeType]:
    team = sent.sales_team
    if team is None:
        return
    for email in filter(None, team.email):
        yield AttendeeType(person=PersonType(email=email, type=_TEAM_PERSON), role=TEAM)
    for web_ex_id in filter(None, team.web_ex_id):
        yield AttendeeType(person=PersonType(web_ex_id=web_ex_id, type=_TEAM_PERSON), role=TEAM)
    for web_ex_id in filter(None, team.alt_hosts.web_ex_id if team.alt_hosts else []):
        yield AttendeeType(person=PersonType(web_ex_id=web_ex_id, type=_TEAM_PERSON), role=ALTERNATE)


# --- to answers ------------------------------------------------------------------------------------------------------


def instance(session: HostedSession, listed: Sequence[Attendee]) -> dict[str, Any]:
    """The fields of sales:salesSessionInstanceType, by name."""
    stored = read_document(session.document)
    sales = stored.sales
    return {
        "access_control": AccessControlType(listing=session.listing, meeting_password=session.password),
        "meta_data": msgspec.structs.replace(
            sales.meta_data or MetaDataType(),
            conf_name=session.name,
            session_type=session.session_type,
            session_template=None,
        ),
        "schedule": _schedule(session, sales.schedule or ScheduleType()),
        "enable_options": sales.enable_options or EnableOptionsType(),
        "telephony": merged(TelephonyType(telephony_support="NONE"), sales.telephony),
        "tracking": sales.tracking or TrackingType(),
        "repeat": repeat_of(RepeatType, sales.repeat, stored.rule),
        "remind": sales.remind or RemindType(),
        "prospects": SalesSessionTypeProspects(
            prospect=[_prospect(each) for each in listed if each.role not in (TEAM, ALTERNATE)]
        ),
        "sales_team": _sales_team([each for each in listed if each.role in (TEAM, ALTERNATE)]),
        "attendee_options": merged(_USUAL_OPTIONS, sales.attendee_options),
        "meeting_key": session.session_key,
    }


def _schedule(session: HostedSession, kept: ScheduleType) -> ScheduleType:
    return msgspec.structs.replace(
        kept,
        start_date=stored_to_api(session.start_local),
        time_zone_id=session.time_zone_id,
        time_zone=timezones.zone(session.time_zone_id).text,
        duration=session.duration,
        open_time_enabled=bool(session.open_time) if kept.open_time_enabled is None else kept.open_time_enabled,
        open_time=session.open_time if kept.open_time is None else kept.open_time,
        host_web_ex_id=session.host_web_ex_id,
    )


def _prospect(row: Attendee) -> ProspectType:
    person = people.person_of(row)
    return ProspectType(
        name=person.name or row.name,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email or row.email_key,
        phones=person.phones,
    )


def _sales_team(team: Sequence[Attendee]) -> SalesSessionTypeSalesTeam:
    """The team: accounts by webExID, everybody else by address; alternate hosts stand in both of their lists."""
    persons = [(each, people.person_of(each)) for each in team]
    return SalesSessionTypeSalesTeam(
        web_ex_id=[person.web_ex_id for _, person in persons if person.web_ex_id],
        email=[person.email or row.email_key for row, person in persons if not person.web_ex_id],
        alt_hosts=AlternateHostType(
            web_ex_id=[person.web_ex_id for row, person in persons if row.role == ALTERNATE and person.web_ex_id]
        ),
    )
