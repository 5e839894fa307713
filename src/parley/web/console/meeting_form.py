"""The form for a meeting, and for a webinar, which is a meeting of a session type that says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from parley.contract.attendee import AttendeeType
from parley.contract.meeting import CreateMeeting
from parley.domain.listing import Listing, flags, resolve
from parley.domain.site import SiteSettings
from parley.protocol.declare import Record
from parley.services.meeting.document import SERVICE
from parley.services.meeting.kind import MEETING
from parley.web.console.fields import Field
from parley.web.console.session_form import LISTINGS, SessionForm, value_at


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What the fields for people that several kinds have say.
INVITE_HINT = _("E-mail addresses, one on each line. Everybody gets a mail.")
HOSTS_HINT = _("They may hold it in the host's place. E-mail addresses of hosts of this site, one on each line.")


def approval_fields(label: str = "") -> Iterator[Field]:
    """The fields that say whether people register, and who decides on it."""
    yield Field("REGISTER", "tick", label or _("People have to register"))
    yield Field("APPROVE", "tick", _("I approve every registration"))


def approval_values(session: Record) -> dict[str, str]:
    """What these fields say of a session whose attendeeOptions have registration and auto."""
    registered = bool(value_at(session, "attendee_options.registration"))
    approved = registered and not value_at(session, "attendee_options.auto")
    return {"REGISTER": "1" if registered else "", "APPROVE": "1" if approved else ""}


def approval_said(changed: Collection[str], register: str, approve: str) -> dict[str, Any]:
    """The elements that these fields make, by path."""
    if not {"REGISTER", "APPROVE"} & set(changed):
        return {}
    said: dict[str, Any] = {"attendee_options.registration": bool(register)}
    if register:
        said["attendee_options.auto"] = not approve
    return said


class MeetingForm(SessionForm):
    """The form for a meeting."""

    request = CreateMeeting
    service = SERVICE
    type_path = "meta_data.meeting_type"

    def blank(self, settings: SiteSettings) -> Record:
        """What a new meeting has."""
        return MEETING.stored(CreateMeeting(), None, settings).meeting

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """Attendees, and alternate hosts."""
        return ("PEOPLE", _("Invite"), INVITE_HINT), ("HOSTS", _("Alternate hosts"), HOSTS_HINT)

    def _own_fields(self) -> Iterator[Field]:
        return approval_fields()

    def _listings(self) -> list[tuple[str, str]]:
        return list(LISTINGS.items())

    def _listing_of(self, session: Record) -> str:
        access = [value_at(session, f"access_control.{name}") for name in ("list_to_public", "is_public")]
        return resolve(*access, site_unlisted=False).value

    def _listing(self, listing: Listing) -> dict[str, Any]:
        listed, public = flags(listing)
        return {"access_control.list_to_public": listed, "access_control.is_public": public}

    def _show_own(self, session: Record) -> None:
        self._lay(**approval_values(session))

    def _own(self, changed: Collection[str], said: Mapping[str, Any], request: type[Record]) -> dict[str, Any]:
        return approval_said(changed, self.value("REGISTER"), self.value("APPROVE"))

    def other_places(self) -> dict[str, str]:
        """Where faults belong that are about people."""
        return super().other_places() | {"participants": "PEOPLE"}

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        hosts = list(people.get("HOSTS", ()))
        for each in hosts:
            each.role = "HOST"
        return {
            "participants.attendees.attendee": [*people.get("PEOPLE", ()), *hosts],
            "attendee_options.email_invitations": True,
        }


class WebinarForm(MeetingForm):
    """The form for a webinar: panelists take part, attendees of most types only watch."""

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """Attendees, panelists, and alternate hosts."""
        attendees, hosts = super().people_fields()
        return attendees, ("PRESENTERS", _("Panelists"), INVITE_HINT), hosts

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        for each in people.get("PRESENTERS", ()):
            each.role = "PRESENTER"
        said = super()._people(people)
        said["participants.attendees.attendee"] += people.get("PRESENTERS", ())
        return said
