"""What the forms for all kinds of sessions share: their fields, what they say of a session, and the request they make.

Most fields are rows of one table (`session_rows`) that say which element of the contract they are about. Of a change
only what was changed is sent, since operations leave alone what nobody says.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import quote_plus

from markupsafe import escape

from parley.contract.attendee import AttendeeType
from parley.domain.dates import DateError, format_date, parse_date
from parley.domain.listing import Listing
from parley.domain.site import SessionType, Site, SiteSettings
from parley.protocol.declare import Element, Record
from parley.protocol.faults import Fault
from parley.services.records import merged
from parley.web.console.fields import Field, place_of, problem_text
from parley.web.console.invitees import LONGEST_PEOPLE, attendees_for
from parley.web.console.session_options import OPTIONS
from parley.web.console.session_repeat import Repetition, iso_day, number_of
from parley.web.console.session_rows import (
    ASKED,
    FIRST,
    GROUPS,
    LONGEST_TEXT,
    LONGEST_VALUE,
    MORE,
    Row,
    element_at,
    xml_path,
)
from parley.web.link_values import clean
from parley.web.words import said

_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-9]{2})?")
_MOMENT: Final = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?")
#: Fields by the codes of faults that name no element.
_CODES: Final = {
    "060026": "PASSWORD",
    "019011": "PASSWORD",
    "040007": "HOSTS",
    "030025": "TYPE",
    "060019": "HOST",
    "060021": "HOST",
}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: Who sees a session, in words.
LISTINGS: Final = {
    Listing.PUBLIC.value: _("On the site's calendar, for everybody"),
    Listing.PRIVATE.value: _("On the calendar, for people who are signed in"),
    Listing.UNLISTED.value: _("Only with its link or number"),
}
_REMINDERS: Final = (
    ("", _("No reminder")),
    ("5", _("5 minutes before")),
    ("15", _("15 minutes before")),
    ("30", _("30 minutes before")),
    ("60", _("An hour before")),
    ("1440", _("A day before")),
)
_UNSAID: Final = ("", "–")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form lets choose from that is not the contract's to say.

    Attributes:
        zones: time zones, numbers and names.
        types: session types that the visitor may hold.
        usual: the type that operations take where none is said is among them.
        weekdays: names of the days, Monday first.
        hosts: sign-in names and names of those for whom the visitor may schedule, himself first; empty: nobody.
        programs: numbers and names of the programs that events belong to.
        labs: names of the site's laboratories.
    """

    zones: Sequence[tuple[str, str]]
    types: Sequence[SessionType]
    weekdays: list[str]
    hosts: Sequence[tuple[str, str]] = ()
    programs: Sequence[tuple[str, str]] = ()
    labs: Sequence[str] = ()
    usual: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under a heading; `number` where several groups have the same."""

    heading: str
    fields: list[Field]
    number: int | None = None

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with one of them."""
        return any(each.error for each in self.fields)


class SessionForm(ABC):
    """The form for one kind of sessions; `first`, `repeat`, `days`, `more` and `groups` are what the page shows.

    Attributes:
        request: the contract's request that schedules one.
        service: by whose name a site asks for tracking codes.
        type_path: where the request has the number of the session type.
        timed: they take place at a time that is chosen.
        endless: their series may go on without end.
        most_text: bytes of all texts of a form together; what is beyond is shown in part and stays as it is.

    Args:
        new: the session is not there yet, so people can be invited with it.
        single: it is one occurrence of a series, so it does not repeat.
    """

    request: ClassVar[type[Record]]
    service: ClassVar[str]
    type_path: ClassVar[str] = "meta_data.session_type"
    timed: ClassVar[bool] = True
    endless: ClassVar[bool] = True
    most_text: ClassVar[int] = 36_000

    def __init__(self, site: Site, choices: Choices, *, new: bool, single: bool = False) -> None:
        self.site, self.choices, self.new, self.single = site, choices, new, single
        self.wrong = ""
        self._rows: dict[str, tuple[Row, Element]] = {}
        self._several: dict[str, tuple[Row, list[str]]] = {}
        repeat = element_at(self.request, "repeat")
        self.repetition = (
            Repetition(repeat.record, choices.weekdays, endless=self.endless)
            if repeat is not None and not single
            else None
        )
        self.first = list(self._first_fields())
        self.repeat = list(self._repeat_fields())
        self.days = self.repetition.days if self.repetition else []
        self.more = list(self._more_fields())
        self.groups = [each for each in self._groups() if each.fields]
        grouped = [field for each in self.groups for field in each.fields]
        self.fields = {each.name: each for each in (*self.first, *self.repeat, *self.days, *self.more, *grouped)}

    # ---- its fields --------------------------------------------------------------------------------------------

    def _first_fields(self) -> Iterator[Field]:
        by_name = {each.name: each for each in self._of_rows(FIRST)}
        when = {
            "DATE": Field("DATE", "date", _("Date"), required=True),
            "TIME": Field("TIME", "time", _("Time"), required=True),
            "ZONE": Field("ZONE", "list", _("Time zone"), options=self.choices.zones),
        }
        if self.timed:
            by_name |= when
        if "PASSWORD" in by_name:
            by_name["PASSWORD"].hint = _password_hint(new=self.new)
        for name in ("NAME", "DATE", "TIME", "DURATION", "ZONE", "PASSWORD"):
            if name in by_name:
                yield by_name[name]
        if len(self.choices.hosts) > 1 and self.has("schedule.host_web_ex_id"):
            yield Field("HOST", "list", _("Schedule for"), options=self.choices.hosts)
        yield from self._invitations()[:1]

    def _invitations(self) -> list[Field]:
        """The fields for people, of a session that is not there yet."""
        told = self.people_fields() if self.new and not self.single else ()
        return [Field(name, "lines", label, hint=hint, longest=LONGEST_PEOPLE) for name, label, hint in told]

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """The fields for people who are invited with the session: name, label, hint."""
        return ()

    def _repeat_fields(self) -> Iterator[Field]:
        if self.repetition is not None:
            yield from self.repetition.fields

    def _more_fields(self) -> Iterator[Field]:
        yield from self._invitations()[1:]
        fields = list(self._of_rows(MORE))
        texts = [each for each in fields if each.kind == "lines"]
        yield from texts
        if listings := self._listings():
            yield Field("LISTING", "list", _("Who sees it"), options=listings, translated=True)
        yield from (each for each in fields if each.kind == "list")
        if self.has("remind.minutes_ahead"):
            yield Field("REMIND", "list", _("Remind me"), options=_REMINDERS, translated=True)
        yield from self._own_fields()
        yield from (each for each in fields if each.kind not in ("lines", "list"))
        types = [(str(each.type_id), each.display_name or each.name) for each in self.choices.types]
        usual = [("", said(_("As usual")))] if self.choices.usual or not self.new else []
        if len(types) > 1 or (types and not usual):
            yield Field("TYPE", "list", _("Session type"), options=[*usual, *types])
        yield from _code_fields(self.site, self.service)

    def _own_fields(self) -> Iterator[Field]:
        """Fields of this kind among those that are not far away."""
        yield from ()

    def _listings(self) -> list[tuple[str, str]]:
        """Who may see such sessions, as far as the contract has words for it."""
        element = element_at(self.request, "access_control.listing")
        return [(value, name) for value, name in LISTINGS.items() if element is not None and value in element.values]

    def _groups(self) -> Iterator[Group]:
        for heading, words in OPTIONS.items():
            rows = [Row(f"enable_options.{name}", label, f"O_{name}".upper()) for name, label in words.items()]
            yield Group(heading, list(self._of_rows(rows)))
        for heading, told in GROUPS.items():
            yield Group(heading, list(self._of_rows(told)))

    def _add(self, groups: Sequence[Group], after: str) -> None:
        """Put fields on the form whose number the session decides, after the group with a heading."""
        place = next((place for place, each in enumerate(self.groups, 1) if each.heading == after), len(self.groups))
        self.groups[place:place] = groups
        self.fields |= {field.name: field for each in groups for field in each.fields}

    def has(self, path: str) -> bool:
        """Whether the contract of this kind has an element."""
        return element_at(self.request, path) is not None

    def _of_rows(self, rows: Sequence[Row]) -> Iterator[Field]:
        for row in rows:
            element = element_at(self.request, row.path)
            if element is None:
                continue
            if element.is_list and element.values:
                yield from self._ticks(row, element)
                continue
            self._rows[row.field] = row, element
            yield self._field(row, element)

    def _ticks(self, row: Row, element: Element) -> Iterator[Field]:
        """One tick for each value of a list."""
        names = []
        words = dict(row.words)
        for value in element.values:
            names.append(f"{row.field}_{value}")
            yield Field(names[-1], "tick", words[value])
        self._several[row.path] = row, names

    def _field(self, row: Row, element: Element) -> Field:
        kinds: dict[str, Any] = {"boolean": "tick", "integer": "number"}
        kind = "list" if row.kind == "asked" else row.kind or kinds.get(element.kind, "text")
        field = Field(row.field, kind, row.label, hint=row.hint, required=row.required)
        if row.kind == "asked":
            field.options, field.translated = ASKED, True
        elif element.values or kind == "list":
            field.kind, field.options, field.translated = "list", row.words, True
        if kind == "number":
            field.least, field.most = row.least, row.most
        field.longest = row.longest or element.max_length or (LONGEST_TEXT if kind == "lines" else field.longest)
        return field

    # ---- what it says ------------------------------------------------------------------------------------------

    def values(self) -> dict[str, str]:
        """The present values by name."""
        return {name: each.value for name, each in self.fields.items()}

    @abstractmethod
    def blank(self, settings: SiteSettings) -> Record:
        """What a new session of this kind has, with the defaults of a site."""

    def begin(self, start: datetime, zone_id: int, host: str) -> None:
        """Fill the form for a new session.

        Args:
            host: sign-in name of whose session it is to be.
        """
        settings = self.site.settings
        self.show(self.blank(settings))
        self._lay(
            DATE=start.date().isoformat(),
            TIME=f"{start:%H:%M}",
            DURATION=str(settings.default_duration),
            ZONE=str(zone_id),
            LISTING=self._usual_listing(settings),
            OPEN=str(settings.default_open_time),
            HOST=host,
            TYPE="" if self.choices.usual else self._usual_type(settings),
        )

    def choose_host(self, web_ex_id: str) -> None:
        """Choose for whom a new session is to be, when the visitor may schedule for that host."""
        field = self.fields.get("HOST")
        if field is not None and web_ex_id in [name for name, _words in field.options]:
            field.value = web_ex_id

    def _usual_type(self, settings: SiteSettings) -> str:
        offered = [each.type_id for each in self.choices.types]
        usual = settings.default_session_type
        return str(usual if usual in offered else next(iter(offered), ""))

    def _usual_listing(self, settings: SiteSettings) -> str:
        listing = Listing.UNLISTED if settings.all_meetings_unlisted else Listing.PUBLIC
        offered = [value for value, _name in self._listings()]
        return listing.value if listing.value in offered else Listing.PRIVATE.value

    def show(self, session: Record) -> None:
        """Fill the form with a session as its get operation answers it."""
        self._lay(
            **{name: _shown(row, element, value_at(session, row.path)) for name, (row, element) in self._rows.items()}
        )
        for path, (_row, names) in self._several.items():
            present = value_at(session, path) or []
            self._lay(**{name: "1" if any(name.endswith(f"_{each}") for each in present) else "" for name in names})
        self._show_time(session)
        kind = value_at(session, self.type_path)
        chosen = {"LISTING": self._listing_of(session), "HOST": value_at(session, "schedule.host_web_ex_id")}
        self._lay(
            TYPE=str(kind) if kind is not None else "",
            **{name: value for name, value in chosen.items() if value},
            REMIND=_reminder(value_at(session, "remind")),
            **{f"CODE{number}": _code(session, number) for number in range(1, 11)},
        )
        self._show_own(session)
        self._fix_what_is_too_long()

    def _show_time(self, session: Record) -> None:
        starts = value_at(session, "schedule.start_date")
        text = starts[0] if isinstance(starts, list) and starts else starts
        zone = value_at(session, "schedule.time_zone_id")
        if isinstance(text, str) and text:
            start = parse_date(text)
            self._lay(DATE=start.date().isoformat(), TIME=f"{start:%H:%M}", ZONE=str(zone))
        if self.repetition is not None:
            self._lay(**self.repetition.values(value_at(session, "repeat")))

    def _listing_of(self, session: Record) -> str | None:
        listing: str | None = value_at(session, "access_control.listing")
        return listing

    def _show_own(self, session: Record) -> None:  # noqa: B027  # most kinds compose nothing
        """Fill the fields of this kind that are composed of several elements."""

    def _lay(self, **values: str) -> None:
        for name, value in values.items():
            field = self.fields.get(name)
            if field is None:
                continue
            if len(value) > LONGEST_TEXT:
                field.kind = "fixed"
            if field.kind == "list" and value not in [each for each, _name in field.options]:
                field.options = [*field.options, (value, self._option_name(name, value))]
            if field.kind == "number" and value and number_of(value) is None:
                field.kind = "text"  # browsers would refuse what is there already
            field.value = _tidy(field, value)

    def _option_name(self, field: str, value: str) -> str:
        """What a value is called that a list does not offer by itself."""
        if not value:
            return _UNSAID[1]
        if field in ("OPEN", "REMIND") and number_of(value) is not None:
            return f"{int(value) // (60 if field == 'OPEN' else 1)} min"
        return Repetition.option_name(field, value) if field in ("REPEAT", "END") else value

    def _fix_what_is_too_long(self) -> None:
        """Only show texts that the form cannot hold, and the longest ones when all of them are too much for it."""
        texts = [each for each in self.fields.values() if each.kind in ("lines", "text", "fixed") and not each.required]
        texts.sort(key=_size)
        total = 0
        for each in texts:
            total += _size(each)
            if each.kind == "fixed" or len(each.value) > each.longest or total > self.most_text:
                each.kind, each.value = "fixed", f"{each.value[:200]} …"

    # ---- what was sent -----------------------------------------------------------------------------------------

    def read(self, sent: Mapping[str, str]) -> None:
        """Take the values of a form that was sent, and note what is wrong with those that were changed."""
        for field in self.fields.values():
            if field.kind == "fixed":
                continue
            before, field.value = field.value, _tidy(field, sent.get(field.name, ""))
            if field.required and not field.value and (before or self.new):
                field.error = _("Please fill this in.")
            elif field.value != before:
                field.error = self._problem(field, before)
        self._check_times()

    def _problem(self, field: Field, before: str) -> str:
        """What is wrong with a value that was changed; empty: nothing."""
        _row, element = self._rows.get(field.name, (None, None))
        number = field.kind == "number" or (element is not None and element.kind == "integer")
        if len(field.value) > field.longest:
            return _("This is too long.")
        if field.kind == "list" and field.value not in [each for each, _name in field.options]:
            return _("Please choose one.")
        if number and field.value and number_of(field.value) is None:
            return _("Please enter a number.")
        if field.kind == "datetime-local" and field.value and not _MOMENT.fullmatch(field.value):
            return _("Please enter a date and a time.")
        several = next((names for _row, names in self._several.values() if field.name in names), None)
        emptied = several is not None and not any(self.value(each) for each in several)
        if (emptied and before) or (element is not None and element.is_list and not field.value):
            return _("This cannot be emptied. Leave at least one.")
        return ""

    def _check_times(self) -> None:
        if self.timed:
            entered_start(self.fields["DATE"], self.fields["TIME"])
        until = self.fields.get("UNTIL")
        if until is not None and self.value("REPEAT") not in ("NO_REPEAT", "IRREGULARLY", "CONSTANT"):
            if self.value("END") == "UNTIL" and iso_day(until.value) is None:
                until.error = _("Please enter a date.")
            if self.value("END") == "COUNT" and not self.value("COUNT"):
                self.fields["COUNT"].error = _("Please enter a number.")

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with it."""
        return bool(self.wrong) or any(each.error for each in self.fields.values())

    def blame(self, fault: Fault) -> None:
        """Say what an operation found wrong, beside the field that it is about."""
        place = place_of(fault, self._places(), _CODES)
        if place in self.fields:
            self.fields[place].error = problem_text(fault)
        else:
            self.wrong = problem_text(fault)

    def _places(self) -> dict[str, str]:
        """Where faults belong: fields by the beginnings of paths, longer ones first."""
        places = {xml_path(self.request, row.path): name for name, (row, _element) in self._rows.items()}
        places |= self.other_places()
        return dict(sorted(places.items(), key=lambda each: -len(each[0])))

    def other_places(self) -> dict[str, str]:
        """Where faults belong that are about what a field composes."""
        return {
            xml_path(self.request, self.type_path): "TYPE",
            "accessControl": "LISTING",
            "schedule/startDate": "DATE",
            "schedule/timeZone": "ZONE",
            "schedule/hostWebExID": "HOST",
            "repeat/interval": "INTERVAL",
            "repeat/expirationDate": "UNTIL",
            "repeat/afterMeetingNumber": "COUNT",
            "repeat/endAfter": "COUNT",
            "repeat": "REPEAT",
            "remind": "REMIND",
            **{f"tracking/trackingCode{number}": f"CODE{number}" for number in range(1, 11)},
        }

    @property
    def more_is_open(self) -> bool:
        """Whether something is wrong among what the page folds away."""
        return any(each.error for each in self.more)

    @property
    def rest_is_open(self) -> bool:
        """Whether something is wrong among all the other options."""
        return any(each.faulty for each in self.groups)

    def value(self, name: str) -> str:
        """The value of a field; empty when the form does not have it."""
        field = self.fields.get(name)
        return field.value if field is not None else ""

    def start(self) -> datetime:
        """The wall-clock start that the form says.

        Raises:
            ValueError: the form has errors.
        """
        start = entered_start(self.fields["DATE"], self.fields["TIME"])
        if start is None:
            raise ValueError("the form has errors")
        return start

    # ---- the request -------------------------------------------------------------------------------------------

    def changes(self, shown: Mapping[str, str], request: type[Record] | None = None) -> dict[str, Any]:
        """The parts of a request that say what differs from the values that were shown.

        To be called for a form without errors.

        Args:
            request: the contract's request; without one the one that schedules.
        """
        changed = {name for name, value in self.values().items() if value != shown.get(name, "")}
        said: dict[str, Any] = {}
        for name in changed & self._rows.keys():
            row, element = self._rows[name]
            said |= _said(row, element, self.value(name))
        for path, (_row, names) in self._several.items():
            if changed.intersection(names):
                said[path] = [each for each in self._ticked(path) if each]
        said |= self._time(changed) | self._others(changed)
        said |= self._own(changed, said, request or self.request)
        return _nested(request or self.request, said)

    def _ticked(self, path: str) -> Iterator[str]:
        row, names = self._several[path]
        for name in names:
            if self.value(name):
                yield name.removeprefix(f"{row.field}_")

    def _time(self, changed: Collection[str]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if self.timed and {"DATE", "TIME", "ZONE"} & set(changed):
            said["schedule.start_date"] = self.start_dates()
            said["schedule.time_zone_id"] = int(self.value("ZONE"))
        if self.repetition is not None and self.repetition.says_otherwise(changed, self.value("REPEAT")):
            said["repeat"] = self.repetition.element(self.values(), changed, self.start())
        return said

    def start_dates(self) -> Any:
        """The start as the contract has it."""
        return format_date(self.start())

    def _others(self, changed: Collection[str]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if "TYPE" in changed and self.value("TYPE"):
            said[self.type_path] = int(self.value("TYPE"))
        if "HOST" in changed and self.value("HOST"):
            said["schedule.host_web_ex_id"] = self.value("HOST")
        if "LISTING" in changed and self.value("LISTING"):
            said |= self._listing(Listing(self.value("LISTING")))
        if "REMIND" in changed:
            said |= self._reminder(number_of(self.value("REMIND")))
        for number in range(1, 11):
            if f"CODE{number}" in changed:
                said[f"tracking.tracking_code_{number}"] = self.value(f"CODE{number}")
        return said

    def _listing(self, listing: Listing) -> dict[str, Any]:
        return {"access_control.listing": listing.value}

    def _reminder(self, minutes: int | None) -> dict[str, Any]:
        if not self.has("remind.enable_reminder"):
            return {"remind.minutes_ahead": minutes or 0}
        if minutes is None:
            return {"remind.enable_reminder": False}
        ahead = timedelta(minutes=minutes)
        return {
            "remind.enable_reminder": True,
            "remind.days_ahead": ahead.days,
            "remind.hours_ahead": ahead.seconds // 3600,
            "remind.minutes_ahead": ahead.seconds // 60 % 60,
        }

    def _own(self, changed: Collection[str], said: Mapping[str, Any], request: type[Record]) -> dict[str, Any]:
        """What the fields of this kind say that are composed of several elements, by path.

        Args:
            said: what all other fields say.
        """
        return {}

    def invited(self) -> dict[str, Any]:
        """The parts of a request that invite the people of the form, by path; notes what is wrong with them."""
        people: dict[str, list[AttendeeType]] = {}
        for name, _label, _hint in self.people_fields():
            people[name], wrong = attendees_for(self.value(name))
            if wrong:
                self.fields[name].error = wrong
        if self.faulty or not any(people.values()):
            return {}
        return self._people(people)

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        """The elements that put people on the list of a new session, by path; and that they are told by mail."""
        return {}

    def laid_over(self, parts: Mapping[str, Any], people: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of a request with people laid over them.

        Args:
            people: values by path, as `invited` gives them.
        """
        laid = dict(parts)
        for name, part in _nested(self.request, people).items():
            laid[name] = merged(laid.get(name), part)
        return laid


# ---- values ------------------------------------------------------------------------------------------------------


def entered_start(day: Field, clock: Field) -> datetime | None:
    """The wall-clock time that two fields say; None, and what is wrong beside them, where they say none."""
    date, at = iso_day(day.value), _TIME.fullmatch(clock.value)
    if date is None:
        day.error = day.error or _("Please enter a date.")
    if at is None:
        clock.error = clock.error or _("Please enter a time, such as 14:30.")
    return None if date is None or at is None else datetime.combine(date, time(int(at[1]), int(at[2])))


def value_at(record: Record | None, path: str) -> Any:
    """The value that a path leads to; None where nothing is."""
    value: Any = record
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _nested(cls: type[Record], said: Mapping[str, Any]) -> dict[str, Any]:
    """Values by path as the fields of a record, which hold records themselves."""
    groups: dict[str, dict[str, Any]] = {}
    made: dict[str, Any] = {}
    for path, value in said.items():
        first, dot, rest = path.partition(".")
        if dot:
            groups.setdefault(first, {})[rest] = value
        else:
            made[first] = value
    for name, inside in groups.items():
        element = element_at(cls, name)
        if element is None:
            raise LookupError(f"{cls.__name__} has no {name}")
        made[name] = element.record(**_nested(element.record, inside))
    return made


def _shown(row: Row, element: Element, value: Any) -> str:
    """A value of a record as its field has it."""
    if row.kind == "asked":
        shown = value is not None and value.incl is not False
        return ("MUST" if value.req else "ASK") if shown else ""
    if element.kind == "boolean":
        return "1" if value or (value is None and element.default == "true") else ""
    if value is None:
        return ""
    if element.is_list:
        return "\n".join(str(each) for each in value)
    if row.kind == "datetime-local":
        try:
            return parse_date(value).strftime("%Y-%m-%dT%H:%M") if value else ""
        except DateError:
            return ""
    return str(value)


def _said(row: Row, element: Element, text: str) -> dict[str, Any]:
    """What a field says, by path; an emptied field says what its row has for that."""
    if row.kind == "asked":
        return {f"{row.path}.incl": bool(text), f"{row.path}.req": text == "MUST"}
    if element.kind == "boolean":
        return {row.path: bool(text)}
    if not text and row.fallback is None:
        return {}
    if element.kind == "integer":
        return {row.path: number_of(text) or 0}
    if element.is_list:
        return {row.path: [line.strip() for line in text.split("\n") if line.strip()]}
    if row.kind == "datetime-local" and text:
        return {row.path: f"{text[5:7]}/{text[8:10]}/{text[:4]} {text[11:16]}:00"}
    return {row.path: text} if text or not element.values else {}


def _tidy(field: Field, text: str) -> str:
    """A value without what browsers and forms do not carry, so that what comes back unchanged is the same."""
    if field.kind == "lines":
        return clean(text.replace("\r\n", "\n"), large=True, longest=LONGEST_VALUE).strip()
    return " ".join(clean(text, large=True, longest=LONGEST_VALUE).split())


def _size(field: Field) -> int:
    """Bytes of a value, as a page has it or as a form sends it, whichever is more by its own measure."""
    return max(len(escape(field.value).encode(errors="replace")), len(quote_plus(field.value, errors="replace")) // 2)


def _password_hint(*, new: bool) -> str:
    if new:
        return _("Empty: none, or one made up where the site demands it.")
    return _("An empty field leaves the password as it is.")


def _code_fields(site: Site, service: str) -> Iterator[Field]:
    """The tracking codes that the site asks hosts for."""
    for code in site.settings.tracking_codes:
        rule = code.scheduling.get(service, "NOT_USED")
        if rule not in ("OPTIONAL", "REQUIRED"):
            continue
        field = Field(f"CODE{code.index}", "text", code.name, required=rule == "REQUIRED", longest=128)
        if code.values:
            field.kind, field.options = "list", [_UNSAID, *((each, each) for each in code.values)]
        yield field


def _code(session: Record, number: int) -> str:
    return value_at(session, f"tracking.tracking_code_{number}") or ""


def _reminder(remind: Record | None) -> str:
    """How many minutes ahead a session reminds; empty: it does not."""
    if remind is None or getattr(remind, "enable_reminder", True) is not True:
        return ""
    days, hours, minutes = (getattr(remind, name, None) or 0 for name in ("days_ahead", "hours_ahead", "minutes_ahead"))
    ahead = int((days * 24 + hours) * 60 + minutes)
    return str(ahead) if ahead or hasattr(remind, "enable_reminder") else ""
