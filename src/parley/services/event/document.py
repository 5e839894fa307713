"""How an event is kept: columns for what is searched, the rest as contract records in the document.

`completed` makes the document out of what was sent, `answer_fields` makes what GetEvent answers.
Sources: facts/meeting-event.md 5 (defaults, listing, texts), the contract's defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from parley.contract.common import PersonType, TrackingType
from parley.contract.event import (
    AccessControlType,
    AttendeesType,
    AttendeesTypeAttendee,
    CreateEvent,
    EmailTemplatesType,
    EmailTemplatesTypeEnrollmentMsgs,
    EmailTemplatesTypeEnrollmentMsgsAcceptedEmail,
    EmailTemplatesTypeEnrollmentMsgsPendingEmail,
    EmailTemplatesTypeEnrollmentMsgsRejectedEmail,
    EmailTemplateType,
    EnrollmentInstanceType,
    EnrollmentInstanceTypeApprovalRules,
    EnrollmentType,
    EventType,
    ExtOptionsType,
    MetaDataType,
    PanelistsType,
    RemindType,
    ScheduleType,
    SetEvent,
    TelephonyType,
)
from parley.contract.service import MeetingAssistType
from parley.domain.dates import stored_to_api
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.site import SiteSettings
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.services.event.form import (
    StoredForm,
    answered_form,
    answered_rules,
    enrollment_after,
    form_after,
)
from parley.services.records import merged, without_empty_texts
from parley.services.safe_texts import plain_line, rich_text, web_address
from parley.services.sessions.people import as_answered
from parley.services.sessions.stored import StoredSession
from parley.services.values import date_of

R = TypeVar("R", bound=Record)

SERVICE: Final = "EventCenter"
#: Role of the people on a session's list who are an event's panelists.
PANELIST: Final = "PRESENTER"
#: Roles that make somebody an attendee of an event.
ATTENDEES: Final = frozenset({"ATTENDEE", "LIMITED"})

#: Texts are told in lists of 500 events, so they are bounded; those of mails are only read one by one.
_LONGEST_TEXT: Final = 10_000
_LONGEST_MAIL: Final = 100_000
_LONGEST_PANELIST_PASSWORD: Final = 64


class StoredEvent(StoredSession, kw_only=True):
    """The document of an event.

    Attributes:
        event: the contract's record, without people, password and listing.
        enrollment: how registration works.
        form: the fields of the registration form.
        enrols: a request spoke of registration; then there is one, unless it was said that there is none.
        image: key of its picture.
    """

    event: EventType
    enrollment: EnrollmentType = msgspec.field(default_factory=EnrollmentType)
    form: StoredForm = msgspec.field(default_factory=StoredForm)
    enrols: bool = False
    image: str | None = None

    @property
    def registration(self) -> bool:
        """Whether people have to register."""
        said = self.event.ext_options.registration if self.event.ext_options else None
        return self.enrols if said is None else said


read_document: Final = msgspec.json.Decoder(StoredEvent).decode


def brief_texts(document: str) -> tuple[str, str]:
    """Description and panelists' information of an event, as lists tell them."""
    event = read_document(document).event
    return (event.meta_data and event.meta_data.description) or "", panelists_info(event)


def panelists_info(event: EventType) -> str:
    """What is told of the panelists; empty when nothing is."""
    return (event.panelists and event.panelists.panelists_info) or ""


# ---- from requests ---------------------------------------------------------------------------------------


def completed(sent: CreateEvent | SetEvent, kept: StoredEvent | None, settings: SiteSettings) -> StoredEvent:
    """What is kept of a request: laid over what was kept, with the defaults for what nobody said.

    Empty texts count as not sent in a new event; in a change they clear what was there.

    Raises:
        Fault: an address that leads nowhere, a date that cannot be read, a form that cannot be used.
    """
    record = EventType(**{name: getattr(sent, name) for name in EventType.__struct_fields__})
    before = kept.event if kept is not None else _of_site(settings)
    whole = without_empty_texts(merged(before, record) or record)
    form = form_after(sent.enrollment_form, kept.form if kept is not None else StoredForm())
    enrollment = enrollment_after(kept.enrollment if kept is not None else None, sent.enrollment, form)
    event = msgspec.structs.replace(
        whole,
        access_control=whole.access_control
        and AccessControlType(enforce_password=whole.access_control.enforce_password),
        meta_data=_meta_data(whole.meta_data or MetaDataType()),
        schedule=_schedule(whole.schedule or ScheduleType()),
        telephony=_telephony(whole.telephony),
        panelists=_panelists(whole.panelists),
        attendees=None,
        ext_options=_options(whole.ext_options or ExtOptionsType()),
        email_templates=_templates(whole.email_templates),
    )
    return StoredEvent(
        event=event,
        enrollment=_enrollment(enrollment),
        form=form,
        enrols=(kept is not None and kept.enrols) or sent.enrollment is not None or sent.enrollment_form is not None,
        image=kept.image if kept is not None else None,
    )


def _of_site(settings: SiteSettings) -> EventType:
    """What a new event takes from its site."""
    return EventType(
        schedule=ScheduleType(join_teleconf_before_host=settings.audio_before_host),
        ext_options=ExtOptionsType(view_attendee_list="ALL" if settings.attendee_list else "HOST,PRESENTER,PANELISTS"),
    )


def _meta_data(meta: MetaDataType) -> MetaDataType:
    """The name has a column; a number that no program has takes the event out of its program."""
    return msgspec.structs.replace(
        meta,
        session_name=None,
        session_type=None,
        session_template=None,
        description=_text(meta.description, "metaData/description"),
        program_id=meta.program_id if meta.program_id is not None and meta.program_id > 0 else None,
    )


def _text(text: str | None, path: str, longest: int = _LONGEST_TEXT) -> str | None:
    if text is None:
        return None
    clean = rich_text(text)
    if len(clean) > longest:
        raise faults.INVALID_VALUE(path=path, problem=f"at most {longest} characters are allowed")
    return clean or None


def _line(text: str | None) -> str | None:
    return text and plain_line(text)


def _address(text: str | None, path: str) -> str | None:
    return text and web_address(text, path)


def _schedule(schedule: ScheduleType) -> ScheduleType:
    """Start, zone, duration, opening time and host have columns."""
    return msgspec.structs.replace(
        schedule,
        start_date=None,
        time_zone_id=None,
        duration=None,
        open_time=None,
        host_web_ex_id=None,
        ext_url=_address(schedule.ext_url, "schedule/extURL"),
        join_notify_url=_address(schedule.join_notify_url, "schedule/joinNotifyURL"),
    )


def _telephony(telephony: TelephonyType | None) -> TelephonyType | None:
    return telephony and msgspec.structs.replace(
        telephony,
        ext_telephony_url=_address(telephony.ext_telephony_url, "telephony/extTelephonyURL"),
        ext_telephony_description=_text(telephony.ext_telephony_description, "telephony/extTelephonyDescription"),
        teleconf_location=_line(telephony.teleconf_location),
    )


def _panelists(panelists: PanelistsType | None) -> PanelistsType | None:
    if panelists is None:
        return None
    password = panelists.panelist_password
    if password is not None and (len(password) > _LONGEST_PANELIST_PASSWORD or not password.isprintable()):
        raise faults.INVALID_VALUE(
            path="panelists/panelistPassword",
            problem=f"at most {_LONGEST_PANELIST_PASSWORD} characters without line breaks are allowed",
        )
    return PanelistsType(
        panelist_password=password, panelists_info=_text(panelists.panelists_info, "panelists/panelistsInfo")
    )


def _options(options: ExtOptionsType) -> ExtOptionsType:
    usual = ExtOptionsType(
        allow_invite_friend=True,
        participant_limit=0,
        display_quick_start_host=True,
        voip=False,
        email_invitations=False,
    )
    whole = merged(usual, options) or usual
    return msgspec.structs.replace(whole, destination_url=_address(whole.destination_url, "extOptions/destinationURL"))


def _enrollment(enrollment: EnrollmentType) -> EnrollmentType:
    whole = without_empty_texts(enrollment)
    usual = EnrollmentType(id_req=False, password_req=False, approval_req=True)
    address = _address(whole.end_url_after_enroll, "enrollment/endURLAfterEnroll")
    return msgspec.structs.replace(merged(usual, whole) or usual, end_url_after_enroll=address)


# ---- mails -----------------------------------------------------------------------------------------------

_USUAL_TEMPLATES: Final = EmailTemplatesType(
    format="TEXT",
    enrollment_msgs=EmailTemplatesTypeEnrollmentMsgs(
        pending_email=EmailTemplatesTypeEnrollmentMsgsPendingEmail(send=True),
        accepted_email=EmailTemplatesTypeEnrollmentMsgsAcceptedEmail(send=True),
        rejected_email=EmailTemplatesTypeEnrollmentMsgsRejectedEmail(send=True),
    ),
)


def _templates(sent: EmailTemplatesType | None) -> EmailTemplatesType:
    whole = merged(_USUAL_TEMPLATES, sent) or _USUAL_TEMPLATES
    return _safe_mails(whole, html=whole.format == "HTML", path="emailTemplates")


def _safe_mails(record: R, *, html: bool, path: str) -> R:
    """The record with every mail inside of it made fit to be sent.

    Raises:
        Fault: a text that is too long, a time that cannot be read.
    """
    changes: dict[str, Any] = {}
    for element in record.__declaration__.elements:
        value, here = getattr(record, element.attribute), f"{path}/{element.name}"
        if isinstance(value, EmailTemplateType):
            changes[element.attribute] = _safe_mail(value, html=html, path=here)
        elif isinstance(value, Record):
            changes[element.attribute] = _safe_mails(value, html=html, path=here)
    return msgspec.structs.replace(record, **changes)


def _safe_mail(mail: EmailTemplateType, *, html: bool, path: str) -> EmailTemplateType:
    """One mail: no line breaks in what becomes its header, no harm in an HTML text."""
    date_of(getattr(mail, "send_date_time", None))
    content = mail.content
    if content is not None and html:
        content = _text(content, f"{path}/content", _LONGEST_MAIL)
    elif content is not None and len(content) > _LONGEST_MAIL:
        raise faults.INVALID_VALUE(path=f"{path}/content", problem=f"at most {_LONGEST_MAIL} characters are allowed")
    heads = {name: _head(getattr(mail, name)) for name in ("subject", "from_", "reply_to")}
    return msgspec.structs.replace(mail, content=content, **heads)


def _head(text: str | None) -> str | None:
    if text is None:
        return None
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()) or None


# ---- to answers ------------------------------------------------------------------------------------------


def answer_fields(session: HostedSession, people: Sequence[Attendee]) -> dict[str, Any]:
    """The fields of GetEvent's answer, by name.

    Args:
        people: the session's list.
    """
    stored = read_document(session.document)
    event = stored.event
    kept_access = event.access_control or AccessControlType()
    return {
        "access_control": msgspec.structs.replace(
            kept_access, listing=session.listing, session_password=session.password
        ),
        "meta_data": msgspec.structs.replace(
            event.meta_data or MetaDataType(),
            session_name=session.name,
            session_type=session.session_type,
            program_id=session.program_id,
        ),
        "schedule": _answered_schedule(session, event.schedule or ScheduleType()),
        "telephony": merged(TelephonyType(telephony_support="NONE"), event.telephony),
        "tracking": event.tracking or TrackingType(),
        "remind": event.remind or RemindType(),
        "panelists": _answered_panelists(session, event.panelists or PanelistsType(), people),
        "attendees": AttendeesType(
            attendee=[_answered_attendee(session, each) for each in people if each.role in ATTENDEES]
        ),
        "ext_options": msgspec.structs.replace(
            event.ext_options or ExtOptionsType(), registration=session.registration
        ),
        "email_templates": event.email_templates,
        "assist_service": merged(
            MeetingAssistType(assist_request="None", assist_confirm="Pending"), event.assist_service
        ),
        "session_key": session.session_key,
        "status": session.status,
        "enrollment": _answered_enrollment(stored),
        "enrollment_form": answered_form(stored.form),
        "host_key": session.host_key,
        "event_id": session.event_id,
        "guest_token": session.guest_token,
    }


def _answered_schedule(session: HostedSession, kept: ScheduleType) -> ScheduleType:
    return msgspec.structs.replace(
        kept,
        start_date=stored_to_api(session.start_local),
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        open_time=session.open_time,
        host_web_ex_id=session.host_web_ex_id,
        ext_notify_time=kept.ext_notify_time or 0,
    )


def _answered_panelists(session: Session, kept: PanelistsType, people: Sequence[Attendee]) -> PanelistsType:
    persons = [as_answered(session, each).person for each in people if each.role == PANELIST]
    return msgspec.structs.replace(kept, panelist=[each for each in persons if each is not None])


def _answered_attendee(session: Session, row: Attendee) -> AttendeesTypeAttendee:
    person = as_answered(session, row).person or PersonType()
    return AttendeesTypeAttendee(
        **{name: getattr(person, name) for name in PersonType.__struct_fields__}, join_status=row.join_status
    )


def _answered_enrollment(stored: StoredEvent) -> EnrollmentInstanceType:
    kept = stored.enrollment
    rules = answered_rules(kept, stored.form)
    return EnrollmentInstanceType(
        id_req=kept.id_req,
        password_req=kept.password_req,
        password=kept.password,
        approval_req=kept.approval_req,
        approval_rules=EnrollmentInstanceTypeApprovalRules(rule=rules) if rules else None,
        end_url_after_enroll=kept.end_url_after_enroll,
    )
