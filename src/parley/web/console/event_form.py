"""The form for an event: programme, registration with questions and rules, panelists, mails, what comes afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from parley.contract.attendee import AttendeeType
from parley.contract.event import AttendeesTypeAttendee, CreateEvent, EventType
from parley.domain.listing import Listing
from parley.domain.site import SiteSettings
from parley.protocol.declare import Record
from parley.services.event.document import SERVICE
from parley.services.event.kind import EVENT
from parley.web.console.event_questions import Questions, Rules
from parley.web.console.fields import Field
from parley.web.console.meeting_form import INVITE_HINT, approval_fields
from parley.web.console.session_form import SessionForm, value_at
from parley.web.console.session_rows import FORM_HEADING


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class EventForm(SessionForm):
    """The form for an event."""

    request = CreateEvent
    service = SERVICE
    most_text = 14_000  # there are many other fields

    def blank(self, settings: SiteSettings) -> Record:
        """What a new event has."""
        stored = EVENT.stored(CreateEvent(), None, settings)
        event = {name: getattr(stored.event, name) for name in EventType.__struct_fields__}
        return CreateEvent(**event, enrollment=stored.enrollment)

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """Attendees and panelists."""
        return ("PEOPLE", _("Invite"), INVITE_HINT), ("PRESENTERS", _("Panelists"), INVITE_HINT)

    def _own_fields(self) -> Iterator[Field]:
        if self.choices.programs:
            yield Field("PROGRAM", "list", _("Program"), options=[("", "–"), *self.choices.programs])
        yield from approval_fields()

    def _usual_listing(self, settings: SiteSettings) -> str:
        return Listing.UNLISTED.value if settings.events_unlisted else super()._usual_listing(settings)

    def _show_own(self, session: Record) -> None:
        approved = value_at(session, "enrollment.approval_req") is not False
        self._lay(
            REGISTER="1" if value_at(session, "ext_options.registration") else "",
            APPROVE="1" if approved else "",
            PROGRAM=str(value_at(session, "meta_data.program_id") or ""),
        )
        self._questions, self._rules = Questions(session), Rules(session)
        self._add([*self._questions.groups, *self._rules.groups], FORM_HEADING)

    def read(self, sent: Mapping[str, str]) -> None:
        """Take the values of a form that was sent; questions have labels, and one rule stays."""
        super().read(sent)
        values = self.values()
        for name, wrong in (*self._questions.wrong(values), *self._rules.wrong(values)):
            self.fields[name].error = wrong

    def _own(self, changed: Collection[str], said: Mapping[str, Any], request: type[Record]) -> dict[str, Any]:
        values = self.values()
        own = self._questions.said(values, changed, request) | self._rules.said(values, changed)
        if "APPROVE" in changed:
            own["enrollment.approval_req"] = bool(self.value("APPROVE"))
        if "PROGRAM" in changed:
            own["meta_data.program_id"] = int(self.value("PROGRAM") or 0)
        # Whoever speaks of registration has it, unless it is said that there is none.
        if "REGISTER" in changed or any(path.startswith("enrollment") for path in (*said, *own)):
            own["ext_options.registration"] = bool(self.value("REGISTER"))
        return own

    def other_places(self) -> dict[str, str]:
        """Where faults belong that are about people, registration and the programme."""
        places = {
            "panelists": "PRESENTERS",
            "attendees": "PEOPLE",
            "participants": "PEOPLE",
            "metaData/programID": "PROGRAM",
            "enrollmentForm/customFields": "Q1_LABEL",
            "enrollment/approvalRules": "R1_TEXT",
        }
        return super().other_places() | places

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        panelists = [each.person for each in people["PRESENTERS"] if each.person is not None]
        attendees = [each.person for each in people["PEOPLE"] if each.person is not None]
        return {
            "attendees.attendee": [AttendeesTypeAttendee(name=each.name, email=each.email) for each in attendees],
            "panelists.panelist": panelists,
            "ext_options.email_invitations": True,
        }
