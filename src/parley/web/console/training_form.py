"""The form for a training session: one date, classes, a course, or dates of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.session import ParticipantType
from parley.contract.training import CreateTrainingSession, TrainRepeatType
from parley.domain.dates import format_date, parse_date
from parley.domain.site import SiteSettings
from parley.protocol.declare import Record
from parley.services.training.document import SERVICE
from parley.services.training.kind import TRAINING
from parley.services.training.repeating import CLASSES, COURSE, SINGLE
from parley.web.console.fields import Field
from parley.web.console.meeting_form import (
    HOSTS_HINT,
    INVITE_HINT,
    approval_fields,
    approval_said,
    approval_values,
)
from parley.web.console.session_form import SessionForm, value_at

_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([01]?[0-9]|2[0-3]):([0-5][0-9])")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_SORTS: Final = (
    (CLASSES, _("Classes: people register for each date")),
    (COURSE, _("A course: people register for all dates")),
)


class TrainingForm(SessionForm):
    """The form for a training session."""

    request = CreateTrainingSession
    service = SERVICE
    endless = False

    def blank(self, settings: SiteSettings) -> Record:
        """What a new training has."""
        return TRAINING.stored(CreateTrainingSession(), None, settings).training

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """Attendees, presenters, and alternate hosts."""
        return (
            ("PEOPLE", _("Invite"), INVITE_HINT),
            ("PRESENTERS", _("Presenters"), INVITE_HINT),
            ("HOSTS", _("Alternate hosts"), HOSTS_HINT),
        )

    def _repeat_fields(self) -> Iterator[Field]:
        yield from super()._repeat_fields()
        if self.repetition is not None:
            yield Field("COURSE", "list", _("Several dates are"), options=_SORTS, translated=True)
            hint = _("For dates of its own, one on each line: 2030-12-31 14:30")
            yield Field("DATES", "lines", _("Further dates"), hint=hint, longest=3900)

    def _own_fields(self) -> Iterator[Field]:
        return approval_fields()

    def _show_own(self, session: Record) -> None:
        self._lay(**approval_values(session))
        if self.choices.labs:
            laboratory = self.fields["LAB"]
            names = dict.fromkeys(("", laboratory.value, *self.choices.labs))
            laboratory.kind, laboratory.options = "list", [(name, name or "–") for name in names]
        if self.repetition is None:
            return
        sort = value_at(session, "repeat.repeat_type")
        starts = [parse_date(each) for each in value_at(session, "schedule.start_date") or []]
        self._lay(
            COURSE=sort if sort in (CLASSES, COURSE) else CLASSES,
            DATES="\n".join(f"{each:%Y-%m-%d %H:%M}" for each in starts[1:]),
        )

    def read(self, sent: Mapping[str, str]) -> None:
        """Take the values of a form that was sent; further dates are dates as well."""
        before = self.value("DATES")
        super().read(sent)
        field = self.fields.get("DATES")
        if field is None or field.error or field.kind == "fixed" or field.value == before:
            return
        if any(_moment(line) is None for line in field.value.splitlines() if line.strip()):
            field.error = _("Please enter one date on each line, such as 2030-12-31 14:30.")

    def start_dates(self) -> list[str]:
        """The start, or with dates of its own all of them."""
        starts = [self.start()]
        if self.value("REPEAT") == "IRREGULARLY":
            further = (_moment(line) for line in self.value("DATES").splitlines())
            starts += [each for each in further if each is not None]
        return [format_date(each) for each in dict.fromkeys(starts)]

    def _own(self, changed: Collection[str], said: Mapping[str, Any], request: type[Record]) -> dict[str, Any]:
        own = approval_said(changed, self.value("REGISTER"), self.value("APPROVE"))
        kind = self.value("REPEAT")
        if kind == "IRREGULARLY" and {"REPEAT", "DATES"} & set(changed):
            own["schedule.start_date"] = self.start_dates()
            own["schedule.time_zone_id"] = int(self.value("ZONE"))
        repeat = said.get("repeat")
        if repeat is None and self.repetition is not None and kind != "NO_REPEAT" and "COURSE" in changed:
            repeat = self.repetition.element(self.values(), changed, self.start())
        if repeat is not None:
            single = kind == "NO_REPEAT"
            own["repeat"] = (
                TrainRepeatType(repeat_type=SINGLE)
                if single
                else msgspec.structs.replace(repeat, repeat_type=self.value("COURSE"))
            )
        return own

    def other_places(self) -> dict[str, str]:
        """Where faults belong that are about people."""
        return super().other_places() | {"presenters": "PRESENTERS", "attendees": "PEOPLE", "handsOnLab": "LAB"}

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        presenters = [("PRESENTER", each) for each in people.get("PRESENTERS", ())]
        presenters += [("HOST", each) for each in people.get("HOSTS", ())]
        return {
            "attendees.participants.participant": _participants(("ATTENDEE", each) for each in people["PEOPLE"]),
            "presenters.participants.participant": _participants(presenters),
            "attendee_options.email_invitations": True,
        }


def _participants(people: Iterator[tuple[str, AttendeeType]] | Sequence[tuple[str, AttendeeType]]) -> list[Record]:
    return [ParticipantType(person=each.person, role=role) for role, each in people]


def _moment(text: str) -> datetime | None:
    """A date with its time, as a line of the form has it."""
    found = _DATE.fullmatch(text.strip())
    try:
        return found and datetime.combine(date.fromisoformat(found[1]), time(int(found[2]), int(found[3])))
    except ValueError:
        return None
