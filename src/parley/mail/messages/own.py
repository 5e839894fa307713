"""Mails of an event whose words its host wrote (emailTemplates), and what stands in them for what.

Known of the placeholders are %Topic%, %MeetingPassword%, which tells the password for telephones too,
%NumericMeetingPasswordHtml%, which is empty, and %ForwardSubjectDesc% (facts/meeting-event.md 1, facts/versions.md
9.0 SP6 and 10.0 SP2); the others are chosen (docs/fidelity.md). A name that is none stays as it was written.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any, Final

import msgspec
from markupsafe import escape

from parley.contract.event import (
    EmailTemplatesType,
    EmailTemplatesTypeEnrollmentMsgs,
    EmailTemplatesTypeFollowUpMsgs,
    EmailTemplatesTypeInvitationMsgs,
    EmailTemplatesTypeReminderMsgs,
    EmailTemplateType,
)
from parley.domain.mail_address import is_email
from parley.domain.timezones import to_utc
from parley.mail.messages import sessions
from parley.mail.messages.sessions import Part, SessionFacts, SessionMail
from parley.mail.texts import RichText, html_text, one_line, plain_text
from parley.services.event import document
from parley.services.follow_ups import ABSENTEE, THANKS
from parley.services.values import date_of

_PLACEHOLDER: Final = re.compile(r"%([A-Za-z]{2,40})%")
_HTML: Final = "HTML"


class OwnWords(msgspec.Struct, frozen=True):
    """What an event says of one of its mails.

    Attributes:
        sender: the name in From; an address there is where answers go.
        html: `content` is HTML.
    """

    subject: str | None
    sender: str | None
    reply_to: str | None
    content: str | None
    html: bool


def templates_of(facts: SessionFacts) -> EmailTemplatesType | None:
    """The mails that a session's host wrote; None: it is no event, or nothing was written."""
    if facts.session.service != document.SERVICE or facts.notice.deleted is not None:
        return None
    return document.read_document(facts.session.document).event.email_templates


def own_words(kind: str, facts: SessionFacts, told_at: int) -> OwnWords | None:
    """What the host of an event wrote for a kind of mail to its attendees or panelists.

    Args:
        told_at: when the mail was asked for, UTC epoch seconds; reminders are told apart by it.
    """
    templates = templates_of(facts)
    if templates is None or facts.part not in (Part.ATTENDEE, Part.PANELIST):
        return None
    found = _template(kind, facts, templates, told_at)
    if found is None or not (found.subject or found.content or found.from_ or found.reply_to):
        return None
    return OwnWords(found.subject, found.from_, found.reply_to, found.content, templates.format == _HTML)


def _template(kind: str, facts: SessionFacts, templates: EmailTemplatesType, told_at: int) -> EmailTemplateType | None:
    invitations = templates.invitation_msgs or EmailTemplatesTypeInvitationMsgs()
    enrollment = templates.enrollment_msgs or EmailTemplatesTypeEnrollmentMsgs()
    after = templates.follow_up_msgs or EmailTemplatesTypeFollowUpMsgs()
    panelist = facts.part is Part.PANELIST
    return {
        sessions.INVITATION: invitations.panelists_email if panelist else invitations.participants_email,
        sessions.PENDING: enrollment.pending_email,
        sessions.ACCEPTED: enrollment.accepted_email,
        sessions.REJECTED: enrollment.rejected_email,
        sessions.RESCHEDULED: enrollment.event_updated_email,
        sessions.REMINDER: _reminder(facts, templates.reminder_msgs, told_at),
        THANKS: after.thanks_for_attending,
        ABSENTEE: after.absentee_follow_up,
    }.get(kind)


def _reminder(
    facts: SessionFacts, reminders: EmailTemplatesTypeReminderMsgs | None, told_at: int
) -> EmailTemplateType | None:
    """The later one of the two reminders whose time has come."""
    best: tuple[int, EmailTemplateType] | None = None
    for each in (reminders.first_reminder, reminders.second_reminder) if reminders else ():
        local = date_of(each.send_date_time) if each is not None and each.send else None
        if each is None or local is None:
            continue
        moment = to_utc(local, facts.session.time_zone_id)
        if moment <= told_at and (best is None or moment >= best[0]):
            best = moment, each
    return best[1] if best else None


def placeholders(values: dict[str, Any], facts: SessionFacts) -> dict[str, str]:
    """What stands for each placeholder (names in lower case).

    Args:
        values: of the session's template.
    """
    password, digits = values.get("password") or "", values.get("phone_password")
    description = values.get("description")
    found = {
        "Topic": values["name"],
        "EventName": values["name"],
        "Description": description.plain if description else "",
        "HostName": values["host"],
        "HostEmail": values["host_email"],
        "AttendeeName": facts.reader.name,
        "AttendeeEmail": facts.reader.email,
        "Date": values["day"],
        "Time": values["hours"],
        "TimeZone": values["zone"],
        "MeetingTime": f"{values['day']}, {values['hours']}, {values['zone']}",
        "Duration": facts.reader.language.length(facts.session.duration),
        "MeetingNumber": sessions.grouped(facts.session.session_key),
        "MeetingPassword": f"{password} ({digits})" if password and digits else password,
        "NumericMeetingPassword": digits or "",
        "NumericMeetingPasswordHtml": "",
        "ForwardSubjectDesc": "",
        "MeetingLink": values.get("link") or "",
        "RegistrationID": values.get("register_id") or "",
        "SiteName": values["site"],
        "SiteURL": values["site_url"],
    }
    return {name.casefold(): str(value) for name, value in found.items()}


def filled_line(text: str, known: dict[str, str]) -> str:
    """A subject or name with its placeholders filled, one line."""
    return one_line(_filled(text, known))


def filled_text(words: OwnWords, known: dict[str, str]) -> RichText | None:
    """The content with its placeholders filled; None: there is none."""
    if not words.content:
        return None
    if words.html:
        return html_text(_filled(words.content, {name: str(escape(value)) for name, value in known.items()}))
    return plain_text(_filled(words.content, known))


def _filled(text: str, known: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: known.get(found[1].casefold(), found[0]), text)


def is_complete(mail: SessionMail, text: RichText, values: dict[str, Any]) -> bool:
    """Whether a host's text needs nothing added: it holds the link, or nobody is let in by the mail."""
    return not mail.lets_in or values["link"] in text.plain


def name_and_address(text: str) -> tuple[str, str | None]:
    """The parts of `Name <address>`, of a name alone, or of an address alone."""
    name, address = parseaddr(text) if "@" in text else (text, "")
    if not is_email(address):
        return ("", None) if "@" in text else (text, None)
    return name, address
