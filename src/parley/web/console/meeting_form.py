"""The form for a meeting: its fields, what they say of a meeting that is there, and the request they make.

Of a change only what was changed is sent, since operations leave alone what nobody says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from parley.contract.common import TrackingType
from parley.contract.meeting import (
    AccessControlType,
    AttendeeOptionsType,
    EnableOptionsType,
    MeetingInstanceType,
    MetaDataType,
    RemindType,
    RepeatType,
    RepeatTypeDayInWeek,
    ScheduleType,
)
from parley.domain.dates import DateError, format_date, parse_date
from parley.domain.listing import Listing, flags, resolve
from parley.domain.recurrence import DAY_NAMES
from parley.domain.site import SessionType, Site
from parley.protocol.faults import Fault
from parley.services.meeting.document import DEFAULT_OPTIONS
from parley.services.meeting.document import SERVICE as MEETINGS
from parley.web.console.fields import Field, place_of, problem_text
from parley.web.console.meeting_options import OPTIONS
from parley.web.console.people import LONGEST_PEOPLE

_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-9]{2})?")
_WORKING_DAYS: Final = frozenset(range(5))
_LAST_WEEK: Final = 5
#: Where faults belong: fields by the beginnings of paths.
_PLACES: Final = {
    "metaData/confName": "NAME",
    "metaData/agenda": "AGENDA",
    "metaData/meetingType": "TYPE",
    "accessControl/meetingPassword": "PASSWORD",
    "schedule/startDate": "DATE",
    "schedule/duration": "DURATION",
    "schedule/timeZone": "ZONE",
    "schedule/openTime": "OPEN",
    "repeat/interval": "INTERVAL",
    "repeat/dayInWeek": "REPEAT",
    "repeat/expirationDate": "UNTIL",
    "repeat/afterMeetingNumber": "COUNT",
    "repeat": "REPEAT",
    "attendeeOptions/participantLimit": "SEATS",
    "participants": "PEOPLE",
    "remind": "REMIND",
}
_CODES: Final = {"060026": "PASSWORD", "019011": "PASSWORD"}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_REPEATS: Final = (
    ("NO_REPEAT", _("Does not repeat")),
    ("DAILY", _("Every day")),
    ("WORKDAYS", _("Every day from Monday to Friday")),
    ("WEEKLY", _("Every week")),
    ("MONTHLY", _("Every month, on the day of the month")),
    ("MONTHLY_WEEK", _("Every month, on the day of the week")),
    ("YEARLY", _("Every year")),
)
_ENDS: Final = (("NEVER", _("Never")), ("UNTIL", _("On a day")), ("COUNT", _("After some times")))
_LISTINGS: Final = (
    (Listing.PUBLIC.value, _("On the site's calendar, for everybody")),
    (Listing.PRIVATE.value, _("On the calendar, for people who are signed in")),
    (Listing.UNLISTED.value, _("Only with its link or number")),
)
_OPENS: Final = (
    ("0", _("When the host starts it")),
    ("300", _("5 minutes before")),
    ("900", _("15 minutes before")),
    ("1800", _("30 minutes before")),
    ("3600", _("An hour before")),
)
_REMINDERS: Final = (
    ("", _("No reminder")),
    ("5", _("5 minutes before")),
    ("15", _("15 minutes before")),
    ("30", _("30 minutes before")),
    ("60", _("An hour before")),
    ("1440", _("A day before")),
)
_REPEAT_FIELDS: Final = frozenset({"REPEAT", "INTERVAL", "END", "UNTIL", "COUNT", *(f"DAY{n}" for n in range(7))})


class MeetingForm:
    """The fields of the form, by name; `first`, `repeat`, `more` and `options` are what the page shows in this order.

    Args:
        zones: time zones to choose from.
        types: session types to choose from.
        weekdays: names of the days, Monday first.
        new: the meeting is not there yet, so people can be invited with it.
        single: it is one occurrence of a series, so it does not repeat.
    """

    def __init__(
        self,
        site: Site,
        zones: list[tuple[str, str]],
        types: list[SessionType],
        weekdays: list[str],
        *,
        new: bool,
        single: bool = False,
    ) -> None:
        self.site, self.new, self.single = site, new, single
        self.first = [
            Field("NAME", "text", _("Name"), required=True, longest=512),
            Field("DATE", "date", _("Date"), required=True),
            Field("TIME", "time", _("Time"), required=True),
            Field("DURATION", "number", _("Length in minutes"), required=True, least="1", most="999999"),
            Field("ZONE", "list", _("Time zone"), options=zones),
            Field("PASSWORD", "text", _("Password"), longest=16, hint=_password_hint(new=new)),
        ]
        if new and not single:
            hint = _("E-mail addresses, one on each line. Everybody gets a mail.")
            self.first.append(Field("PEOPLE", "lines", _("Invite"), hint=hint, longest=LONGEST_PEOPLE))
        self.repeat = [] if single else _repeat_fields()
        names = [] if single else weekdays
        self.days = [Field(f"DAY{number}", "tick", name) for number, name in enumerate(names)]
        self.more = _more_fields(site, types)
        self.options = {
            heading: [Field(f"O_{name}".upper(), "tick", label) for name, label in each.items()]
            for heading, each in OPTIONS.items()
        }
        fields = [*self.first, *self.repeat, *self.days, *self.more]
        fields += [each for group in self.options.values() for each in group]
        self.fields = {each.name: each for each in fields}
        self.wrong = ""

    # ---- what it says ------------------------------------------------------------------------------------------

    def values(self) -> dict[str, str]:
        """The present values by name."""
        return {name: each.value for name, each in self.fields.items()}

    def begin(self, start: datetime, zone_id: int) -> None:
        """Fill the form for a new meeting."""
        self._lay(
            DATE=start.date().isoformat(),
            TIME=f"{start:%H:%M}",
            DURATION=str(self.site.settings.default_duration),
            ZONE=str(zone_id),
            REPEAT="NO_REPEAT",
            INTERVAL="1",
            END="NEVER",
            LISTING=Listing.UNLISTED.value if self.site.settings.all_meetings_unlisted else Listing.PUBLIC.value,
            OPEN=str(self.site.settings.default_open_time),
        )
        self._lay_options(DEFAULT_OPTIONS)

    def show(self, meeting: MeetingInstanceType) -> None:
        """Fill the form with a meeting as GetMeeting answers it."""
        meta, access = meeting.meta_data or MetaDataType(), meeting.access_control or AccessControlType()
        schedule, options = meeting.schedule or ScheduleType(), meeting.attendee_options or AttendeeOptionsType()
        start = parse_date(schedule.start_date or "")
        listing = resolve(access.list_to_public, access.is_public, site_unlisted=False)
        self._lay(
            NAME=meta.conf_name or "",
            DATE=start.date().isoformat(),
            TIME=f"{start:%H:%M}",
            DURATION=str(schedule.duration or self.site.settings.default_duration),
            ZONE=str(schedule.time_zone_id),
            PASSWORD=access.meeting_password or "",
            AGENDA=(meta.agenda or "").replace("\r\n", "\n"),
            TYPE=str(meta.meeting_type),
            LISTING=listing.value,
            OPEN=str(schedule.open_time or 0),
            REGISTER="1" if options.registration else "",
            APPROVE="" if options.auto else "1",
            SEATS=str(options.participant_limit or ""),
            ACCOUNT="1" if options.join_requires_account else "",
            KEEP="1" if options.exclude_password else "",
            REMIND=_reminder(meeting.remind),
            **{f"CODE{number}": text or "" for number, text in _codes(meeting.tracking)},
        )
        if not options.registration:
            self._lay(APPROVE="")
        self._lay_repeat(meeting.repeat or RepeatType())
        self._lay_options(meeting.enable_options or DEFAULT_OPTIONS)

    def _lay(self, **values: str) -> None:
        for name, value in values.items():
            if (field := self.fields.get(name)) is not None:
                if field.kind == "list" and value not in [each for each, _ in field.options]:
                    field.options = [*field.options, (value, _seconds(value) if name == "OPEN" else value)]
                field.value = value

    def _lay_options(self, options: EnableOptionsType) -> None:
        for each in OPTIONS.values():
            self._lay(**{f"O_{name}".upper(): "1" if getattr(options, name) else "" for name in each})

    def _lay_repeat(self, repeat: RepeatType) -> None:
        kind = repeat.repeat_type or "NO_REPEAT"
        days = {DAY_NAMES.index(each) for each in (repeat.day_in_week.day if repeat.day_in_week else [])}
        if kind == "DAILY" and days == _WORKING_DAYS:
            kind = "WORKDAYS"
        elif kind == "MONTHLY" and repeat.week_in_month:
            kind = "MONTHLY_WEEK"
        until = repeat.expiration_date and _day(repeat.expiration_date)
        self._lay(
            REPEAT=kind,
            INTERVAL=str(repeat.interval or 1),
            END="COUNT" if repeat.after_meeting_number else "UNTIL" if until else "NEVER",
            UNTIL=until or "",
            COUNT=str(repeat.after_meeting_number or ""),
            **{f"DAY{number}": "1" for number in days if kind == "WEEKLY"},
        )

    # ---- what was sent -----------------------------------------------------------------------------------------

    def read(self, sent: Mapping[str, str]) -> None:
        """Take the values of a form that was sent, and note what is wrong with them."""
        for field in self.fields.values():
            value = sent.get(field.name, "")
            field.value = value.strip() if field.kind == "lines" else " ".join(value.split())
            if len(field.value) > field.longest:
                field.error = _("This is too long.")
            elif field.required and not field.value:
                field.error = _("Please fill this in.")
            elif field.kind == "number" and field.value and _number(field.value) is None:
                field.error = _("Please enter a number.")
            elif field.kind == "list" and field.value not in [each for each, _ in field.options]:
                field.error = _("Please choose one.")
        self._check_times()

    def _check_times(self) -> None:
        day, clock, until = (self.fields.get(name) for name in ("DATE", "TIME", "UNTIL"))
        if day is not None and not day.error and _iso(day.value) is None:
            day.error = _("Please enter a date.")
        if clock is not None and not clock.error and not _TIME.fullmatch(clock.value):
            clock.error = _("Please enter a time, such as 14:30.")
        if until is not None and self.value("REPEAT") != "NO_REPEAT":
            if self.value("END") == "UNTIL" and _iso(until.value) is None:
                until.error = _("Please enter a date.")
            if self.value("END") == "COUNT" and not self.value("COUNT"):
                self.fields["COUNT"].error = _("Please enter a number.")

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with it."""
        return bool(self.wrong) or any(each.error for each in self.fields.values())

    def blame(self, fault: Fault) -> None:
        """Say what an operation found wrong, beside the field that it is about."""
        place = place_of(fault, _PLACES, _CODES)
        if place in self.fields:
            self.fields[place].error = problem_text(fault)
        else:
            self.wrong = problem_text(fault)

    @property
    def more_is_open(self) -> bool:
        """Whether something is wrong among what the page folds away."""
        return any(each.error for each in self.more)

    def value(self, name: str) -> str:
        """The value of a field; empty when the form does not have it."""
        field = self.fields.get(name)
        return field.value if field is not None else ""

    def changes(self, shown: Mapping[str, str]) -> dict[str, Any]:
        """The parts of a request that say what differs from the values that were shown.

        To be called for a form without errors.
        """
        changed = {name for name, value in self.values().items() if value != shown.get(name, "")}
        parts = {
            "meta_data": self._meta(changed),
            "access_control": self._access(changed),
            "schedule": self._schedule(changed),
            "repeat": self._repeat() if self._repeats_otherwise(changed) else None,
            "attendee_options": self._attendee_options(changed),
            "enable_options": self._enable_options(changed),
            "remind": self._remind(changed),
            "tracking": self._tracking(changed),
        }
        return {name: each for name, each in parts.items() if each is not None}

    def _meta(self, changed: Collection[str]) -> MetaDataType | None:
        names = {"NAME": "conf_name", "AGENDA": "agenda"}
        values: dict[str, Any] = {to: self.value(name) for name, to in names.items() if name in changed}
        if "TYPE" in changed and self.value("TYPE"):
            values["meeting_type"] = int(self.value("TYPE"))
        return MetaDataType(**values) if values else None

    def _access(self, changed: Collection[str]) -> AccessControlType | None:
        access = AccessControlType()
        if "PASSWORD" in changed and self.value("PASSWORD"):
            access.meeting_password = self.value("PASSWORD")
        if "LISTING" in changed:
            access.list_to_public, access.is_public = flags(Listing(self.value("LISTING")))
        return access if access != AccessControlType() else None

    def _schedule(self, changed: Collection[str]) -> ScheduleType | None:
        schedule = ScheduleType()
        if {"DATE", "TIME", "ZONE"} & set(changed):
            schedule.start_date, schedule.time_zone_id = format_date(self.start()), int(self.value("ZONE"))
        if "DURATION" in changed:
            schedule.duration = _number(self.value("DURATION"))
        if "OPEN" in changed:
            schedule.open_time = int(self.value("OPEN"))
        return schedule if schedule != ScheduleType() else None

    def start(self) -> datetime:
        """The wall-clock start that the form says."""
        clock = _TIME.fullmatch(self.value("TIME"))
        day = _iso(self.value("DATE"))
        if clock is None or day is None:
            raise ValueError("the form has errors")
        return datetime.combine(day, time(int(clock[1]), int(clock[2])))

    def _repeats_otherwise(self, changed: Collection[str]) -> bool:
        if not self.repeat or not _REPEAT_FIELDS & set(changed):
            return False
        return self.value("REPEAT") != "NO_REPEAT" or "REPEAT" in changed

    def _repeat(self) -> RepeatType:
        kind, start = self.value("REPEAT"), self.start()
        repeat = RepeatType(repeat_type={"WORKDAYS": "DAILY", "MONTHLY_WEEK": "MONTHLY"}.get(kind, kind))
        if kind == "NO_REPEAT":
            return repeat
        repeat.interval = None if kind == "WORKDAYS" else _number(self.value("INTERVAL"))
        days = {"WORKDAYS": sorted(_WORKING_DAYS), "MONTHLY_WEEK": [start.weekday()]}.get(kind, [])
        if kind == "WEEKLY":
            days = [number for number in range(7) if self.value(f"DAY{number}")]
        if days:
            repeat.day_in_week = RepeatTypeDayInWeek(day=[DAY_NAMES[each] for each in days])
        if kind == "MONTHLY_WEEK":
            repeat.week_in_month = min((start.day - 1) // 7 + 1, _LAST_WEEK)
        if kind in ("MONTHLY", "YEARLY"):
            repeat.day_in_month = start.day
        if kind == "YEARLY":
            repeat.month_in_year = start.month
        until = _iso(self.value("UNTIL"))
        if self.value("END") == "UNTIL" and until is not None:
            repeat.expiration_date = format_date(datetime.combine(until, time(23, 59, 59)))
        if self.value("END") == "COUNT":
            repeat.after_meeting_number = _number(self.value("COUNT"))
        return repeat

    def _attendee_options(self, changed: Collection[str]) -> AttendeeOptionsType | None:
        options = AttendeeOptionsType()
        if {"REGISTER", "APPROVE"} & set(changed):
            options.registration = bool(self.value("REGISTER"))
            options.auto = not self.value("APPROVE") if options.registration else None
        if "SEATS" in changed:
            options.participant_limit = _number(self.value("SEATS")) or 0
        if "ACCOUNT" in changed:
            options.join_requires_account = bool(self.value("ACCOUNT"))
        if "KEEP" in changed:
            options.exclude_password = bool(self.value("KEEP"))
        return options if options != AttendeeOptionsType() else None

    def _enable_options(self, changed: Collection[str]) -> EnableOptionsType | None:
        names = [name for each in OPTIONS.values() for name in each]
        values = {name: bool(self.value(f"O_{name}".upper())) for name in names if f"O_{name}".upper() in changed}
        return EnableOptionsType(**values) if values else None

    def _remind(self, changed: Collection[str]) -> RemindType | None:
        if "REMIND" not in changed:
            return None
        minutes = _number(self.value("REMIND"))
        if minutes is None:
            return RemindType(enable_reminder=False)
        days, rest = divmod(minutes, 1440)
        hours, rest = divmod(rest, 60)
        return RemindType(enable_reminder=True, days_ahead=days, hours_ahead=hours, minutes_ahead=rest)

    def _tracking(self, changed: Collection[str]) -> TrackingType | None:
        values = {
            f"tracking_code_{number}": self.value(f"CODE{number}")
            for number in range(1, 11)
            if f"CODE{number}" in changed
        }
        return TrackingType(**values) if values else None


# ---- fields ------------------------------------------------------------------------------------------------------


def _password_hint(*, new: bool) -> str:
    if new:
        return _("Empty: none, or one made up where the site demands it.")
    return _("An empty field leaves the password as it is.")


def _repeat_fields() -> list[Field]:
    return [
        Field("REPEAT", "list", _("Repeats"), options=_REPEATS, translated=True),
        Field("INTERVAL", "number", _("Every how many"), least="1", most="99", hint=_("2: every second time")),
        Field("END", "list", _("Ends"), options=_ENDS, translated=True),
        Field("UNTIL", "date", _("Last day")),
        Field("COUNT", "number", _("Number of times"), least="1", most="999"),
    ]


def _more_fields(site: Site, types: list[SessionType]) -> list[Field]:
    fields = [
        Field("AGENDA", "lines", _("Agenda"), longest=2500),
        Field("LISTING", "list", _("Who sees it"), options=_LISTINGS, translated=True),
        Field("OPEN", "list", _("People may come in"), options=_OPENS, translated=True),
        Field("REMIND", "list", _("Remind me"), options=_REMINDERS, translated=True),
        Field("REGISTER", "tick", _("People have to register")),
        Field("APPROVE", "tick", _("I approve every registration")),
        Field("SEATS", "number", _("Seats for people who register"), least="0", hint=_("Empty: no limit")),
        Field("ACCOUNT", "tick", _("Only people with an account may join")),
        Field("KEEP", "tick", _("Leave the password out of invitations")),
    ]
    if len(types) > 1:
        options = [("", _("As usual")), *((str(each.type_id), each.display_name or each.name) for each in types)]
        fields.append(Field("TYPE", "list", _("Kind of meeting"), options=options))
    return fields + _code_fields(site)


def _code_fields(site: Site) -> list[Field]:
    """The tracking codes that the site asks hosts for."""
    fields = []
    for code in site.settings.tracking_codes:
        rule = code.scheduling.get(MEETINGS, "NOT_USED")
        if rule not in ("OPTIONAL", "REQUIRED"):
            continue
        field = Field(f"CODE{code.index}", "text", code.name, required=rule == "REQUIRED", longest=128)
        if code.values:
            field.kind, field.options = "list", [("", "–"), *((each, each) for each in code.values)]
        fields.append(field)
    return fields


# ---- values ------------------------------------------------------------------------------------------------------


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str) -> str | None:
    """The day of one of the API's dates."""
    try:
        return parse_date(text).date().isoformat()
    except DateError:
        return None


def _seconds(text: str) -> str:
    return f"{int(text) // 60} minutes before"


def _reminder(remind: RemindType | None) -> str:
    if remind is None or not remind.enable_reminder:
        return ""
    ahead = timedelta(days=remind.days_ahead or 0, hours=remind.hours_ahead or 0, minutes=remind.minutes_ahead or 0)
    return str(int(ahead.total_seconds()) // 60)


def _codes(tracking: TrackingType | None) -> list[tuple[int, str | None]]:
    return [(number, getattr(tracking, f"tracking_code_{number}", None)) for number in range(1, 11)]
