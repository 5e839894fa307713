"""Histories brought along from elsewhere, as `parley history import` reads them.

A table has the rows of one list operation: its columns are named by the elements of the rows, groups by the elements in
them (trackingCode1, assistRequest, psoField1). First the sessions, then who was there. Doing it twice adds nothing.

Source: facts/training-history.md 2 (the rows); the shape of the tables is chosen.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from parley.contract import common as com
from parley.contract import history as his
from parley.contract import service as serv
from parley.domain import timezones
from parley.domain.history import Known, Part, Run, Stay, Totals, totals_of
from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.protocol.faults import Fault
from parley.services import lists
from parley.services.application import Application
from parley.services.history.reports import REPORTS, Report
from parley.services.import_tables import Columns, Outcome, Row, TableImporter, folded, read_rows
from parley.services.session_types import AUDIO_PREFIX
from parley.services.values import date_of, one_line
from parley.store import Changes, Duplicate, runs, sites, users

_WORDS: Final = {
    "MeetingCenter": "meeting",
    "TrainingCenter": "training",
    "EventCenter": "event",
    "SupportCenter": "support",
    "SalesCenter": "sales",
}
KINDS: Final[dict[str, Report]] = {
    f"{_WORDS[report.service]}-{'attendees' if report.of_stays else 'sessions'}": report
    for report in REPORTS
    if not report.preliminary
}
"""What can be brought along, by the name that the command line has for it."""

#: Elements of rows that mean the same by different names; here they have the first.
_SAME: Final = {
    "meeting_start_time": "session_start_time",
    "meeting_end_time": "session_end_time",
    "meeting_key": "session_key",
    "name": "attendee_name",
    "email": "attendee_email",
    "join_time": "start_time",
    "leave_time": "end_time",
    "phone_number": "phone",
    "zip_code": "zip",
    "total_call_in_tolllfree_minutes": "total_call_in_tollfree_minutes",
}
_RUN_REQUIRED: Final = ("conf_id", "session_key", "conf_name", "session_start_time", "session_end_time")
_STAY_REQUIRED: Final = ("conf_id", "attendee_name", "start_time", "end_time")
#: Numbers of a run by the column that tells them.
_NUMBERS: Final = {
    "invited": "total_invited",
    "registered": "total_registered",
    "attended": "total_attendee",
    "participants": "total_participants",
    "participants_voip": "total_participants_voip",
    "participants_call_in": "total_participants_call_in",
    "participants_call_out": "total_participants_call_out",
    "peak": "peak_attendee",
    "people_minutes": "total_people_minutes",
    "voip_minutes": "total_voip_minutes",
    "call_in_minutes": "total_call_in_minutes",
    "toll_free_minutes": "total_call_in_tollfree_minutes",
    "call_out_domestic": "total_call_out_domestic",
    "call_out_international": "total_call_out_international",
    "toll_international": "toll_call_in_international",
    "toll_free_international": "tollfree_call_in_international",
}
_LARGEST: Final = 2**31 - 1
_LARGEST_KEY: Final = 2**63 - 1
_DIGITS: Final = 19
_LONGEST: Final = 512
#: A run that was brought along has this version; one that was held here begins with 1.
BROUGHT: Final = 0


def _groups(row: type[Record]) -> dict[str, str]:
    """The columns of a row type by their elements' names; groups and lists as far as a table can have them."""
    found: dict[str, str] = {}
    for element in row.__declaration__.elements:
        if element.kind != "record":
            found[element.name] = element.attribute
        elif element.record in (com.TrackingType, serv.MeetingAssistType, com.PsoFieldsType):
            found |= {inner.name: inner.attribute for inner in element.record.__declaration__.elements}
    return found


def columns_of(report: Report, *, ignore_unknown: bool = False) -> Columns:
    """The columns of a kind of table."""
    named = _groups(report.row)
    known = {folded(name): _SAME.get(attribute, attribute) for name, attribute in named.items()}
    own = {_SAME.get(attribute, attribute): attribute for attribute in named.values()}
    known |= {folded(name): name for name in own}
    required = _STAY_REQUIRED if report.of_stays else _RUN_REQUIRED
    return Columns(known, list(named), required, ignore_unknown=ignore_unknown)


def read_table(
    content: bytes, report: Report, *, encoding: str | None = None, ignore_unknown: bool = False
) -> list[Row]:
    """Read a table of a kind.

    Raises:
        TableError: it cannot be read, a column is not known or stands twice, or one is missing.
    """
    return read_rows(content, columns_of(report, ignore_unknown=ignore_unknown), encoding=encoding)


class Importer(TableImporter):
    """Takes over the rows of one table.

    Args:
        zone: of the times in the table.
        dry_run: only look whether it could be done.
    """

    at_once = 64  # their commits share one wait for the disk

    def __init__(
        self, application: Application, site: Site, report: Report, *, zone: int = timezones.GMT, dry_run: bool = False
    ) -> None:
        self._application = application
        self._site = site
        self._report = report
        self._zone = zone
        self._dry_run = dry_run
        self._types: dict[str, SessionType] = {}
        self._lines: dict[int, int] = {}
        self._alike: Counter[tuple[object, ...]] = Counter()
        self._hosts: dict[str, User | None] = {}
        self._to_count: set[int] = set()

    async def run(
        self, rows: Sequence[Row], done: Callable[[], None] = lambda: None, outcome: Outcome | None = None
    ) -> Outcome:
        """Take over every row, and count the people of runs whose table told no numbers."""
        found = await sites.types(self._application.engine, self._site.site_id)
        self._types = {each.prefix: each for each in found if each.service == self._report.service}
        try:
            return await super().run(rows, done, outcome)
        finally:
            await self._count()

    async def take(self, row: Row) -> bool:
        """Take over the run or the stay of a row; False when it is there already."""
        return await (self._stay(row) if self._report.of_stays else self._run(row))

    # ---- sessions

    async def _run(self, row: Row) -> bool:
        """Take over a run; False when it is there already."""
        new = await self._new_run(row.values)
        first = self._lines.setdefault(new.conf_id, row.line)
        if first != row.line:
            raise _wrong("confID", f"line {first} has the same")
        there = await runs.run(self._application.engine, self._site.site_id, new.conf_id)
        if there is not None:
            if (there.session_key, there.started_at, there.service) != (new.session_key, new.started_at, new.service):
                raise _wrong("confID", "there is another run with this number")
            return False
        if self._dry_run:
            return True
        changes = Changes()
        runs.bring_run(changes, new)
        try:
            await self._application.engine.commit(changes)
        except Duplicate:
            return False
        return True

    async def _new_run(self, values: Mapping[str, str]) -> Run:
        start, end = self._times(values, "session_start_time", "session_end_time")
        host = await self._host(values.get("host_web_ex_id"))
        code = values.get("meeting_type", "")
        kept = self._types.get(code)
        name = one_line(_needed(values, "conf_name"), _LONGEST) or ""
        account, opportunity = (one_line(values.get(name), _LONGEST) for name in ("account", "opportunity"))
        codes = _texts(values, *com.TrackingType.__struct_fields__)
        numbers: dict[str, Any] = {field: _number(values, column) or 0 for field, column in _NUMBERS.items()}
        return Run(
            site_id=self._site.site_id,
            conf_id=_key(values, "conf_id"),
            session_key=_key(values, "session_key"),
            uuid=(one_line(values.get("meeting_uuid"), _LONGEST) or "").lower(),
            service=self._report.service,
            audio_only=code == AUDIO_PREFIX,
            session_type=kept.type_id if kept is not None else 0,
            type_code=one_line(code, _LONGEST) or "",
            name=name,
            name_key=name.casefold(),
            host_id=host.user_id if host is not None else 0,
            host_web_ex_id=one_line(values.get("host_web_ex_id"), _LONGEST) or "",
            host_name=one_line(values.get("host_name"), _LONGEST) or (_full_name(host) if host else ""),
            host_email=one_line(values.get("host_email"), _LONGEST) or (host.email if host else ""),
            time_zone_id=_zone(values.get("timezone")),
            started_at=start,
            closed_at=end,
            ended_at=end,
            version=BROUGHT,
            assist_request=_word(values, "assist_request", serv.AssistRequestType.values),
            assist_confirm=_word(values, "assist_confirm", serv.AssistConfirmedType.values),
            pso_field=one_line(values.get("pso_field1"), _LONGEST),
            account=account,
            account_key=account.casefold() if account else None,
            opportunity=opportunity,
            opportunity_key=opportunity.casefold() if opportunity else None,
            **codes,
            **numbers,
        )

    async def _host(self, web_ex_id: str | None) -> User | None:
        """The account of a host; runs of one who has none are seen by administrators only."""
        name = (web_ex_id or "").strip().casefold()
        if name not in self._hosts:
            engine = self._application.engine
            self._hosts[name] = await users.by_web_ex_id(engine, self._site.site_id, name) if name else None
        return self._hosts[name]

    # ---- people

    async def _stay(self, row: Row) -> bool:
        """Take over a stay; False when it is there already."""
        values = row.values
        # Rows of a table that are the same in everything are several stays, each the same one the next time.
        text = tuple(sorted(values.items()))
        self._alike[text] += 1
        number = self._alike[text]
        conf_id = _key(values, "conf_id")
        run = await runs.run(self._application.engine, self._site.site_id, conf_id)
        if run is None or run.service != self._report.service:
            raise _wrong("confID", "there is no run with this number: import the sessions first")
        if run.version != BROUGHT or run.ended_at is None:
            raise _wrong("confID", "this run was held here, so who was there is known")
        new = self._new_stay(values, run, number)
        if await runs.stay(self._application.engine, self._site.site_id, new.stay_id) is not None:
            return False
        if self._dry_run:
            return True
        changes = Changes()
        runs.bring_stay(changes, new)
        try:
            await self._application.engine.commit(changes)
        except Duplicate:
            return False
        if run.participants == 0:
            self._to_count.add(conf_id)
        return True

    def _new_stay(self, values: Mapping[str, str], run: Run, number: int) -> Stay:
        joined, left = self._times(values, "start_time", "end_time")
        name = one_line(_needed(values, "attendee_name"), _LONGEST) or ""
        email = one_line(values.get("attendee_email"), _LONGEST)
        email = email.lower() if email else None
        said = _texts(values, "title", "phone", "address1", "address2", "zip")
        known = Known(
            source=one_line(values.get("lead_source_id"), _LONGEST),
            team=values.get("attendee_type", "").upper() == "SALESTEAM",
            **said,
        )
        return Stay(
            site_id=run.site_id,
            stay_id=_drawn(run.conf_id, name, email, joined, left, number),
            conf_id=run.conf_id,
            session_key=run.session_key,
            service=run.service,
            audio_only=run.audio_only,
            host_id=run.host_id,
            run_started_at=run.started_at,
            run_ended_at=run.ended_at,
            person_key=f"email {email}" if email else f"name {name.casefold()}",
            name=name,
            email=email,
            user_id=None,
            attendee_id=None,
            register_id=None,
            part=_word(values, "participant_type", his.ParticipantTypeType.values) or Part.ATTENDEE,
            ip_address=one_line(values.get("ip_address"), _LONGEST),
            client_agent=one_line(values.get("client_agent"), _LONGEST),
            joined_at=joined,
            left_at=left,
            alive_at=left,
            voip_seconds=min(60 * (_number(values, "voip_duration") or 0), left - joined),
            listed=_yes(values, "invited"),
            registered=_yes(values, "registered"),
            external=_word(values, "external_participant", his.ExternalParticipantType.values) or "N/A",
            **_texts(values, "company", "city", "state", "country"),
            document=msgspec.json.encode(known).decode(),
        )

    async def _count(self) -> None:
        """Give runs whose table told no numbers those of their stays."""
        engine, site_id = self._application.engine, self._site.site_id
        while self._to_count:
            conf_id = self._to_count.pop()
            run = await runs.run(engine, site_id, conf_id)
            if run is None:
                continue
            counted = totals_of(await runs.stays_of(engine, site_id, conf_id))
            told = {name: getattr(run, name) or getattr(counted, name) for name in Totals.__struct_fields__}
            changes = Changes()
            runs.recount(changes, run, Totals(**told))
            await engine.commit(changes)

    def _times(self, values: Mapping[str, str], first: str, last: str) -> tuple[int, int]:
        start, end = (self._time(values, name) for name in (first, last))
        if end < start:
            raise _wrong(last, "this is before the beginning")
        if start > self._application.clock.now():
            raise _wrong(first, "this is in the future")
        return start, end

    def _time(self, values: Mapping[str, str], name: str) -> int:
        date = date_of(_needed(values, name))
        if date is None:
            raise _wrong(name, "a date is needed")
        return timezones.to_utc(date, self._zone)


def zone_of(text: str) -> int:
    """The zone that a person names by its number or text.

    Raises:
        Fault: 999999 for one that does not exist.
    """
    return _zone(text)


def _zone(text: str | None) -> int:
    if not text:
        return timezones.GMT
    if text.isascii() and text.isdigit() and len(text) <= len("999"):
        return lists.zone_or(int(text), timezones.GMT, "timezone")
    found = timezones.zone_id_for_text(text)
    if found is None:
        raise _wrong("timezone", "there is no such time zone; see LstTimeZone")
    return found


def _wrong(path: str, problem: str) -> Fault:
    return faults.INVALID_VALUE(path=path, problem=problem)


def _needed(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise faults.MISSING_ELEMENT(path=name)
    return values[name]


def _key(values: Mapping[str, str], name: str) -> int:
    text = _needed(values, name)
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and 0 < int(text) <= _LARGEST_KEY):
        raise _wrong(name, "a number is needed")
    return int(text)


def _number(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= _LARGEST):
        raise _wrong(name, "a number is needed")
    return int(text)


def _texts(values: Mapping[str, str], *names: str) -> dict[str, Any]:
    return {name: one_line(values.get(name), _LONGEST) for name in names}


def _word(values: Mapping[str, str], name: str, known: Sequence[str]) -> str | None:
    text = values.get(name)
    if text is None:
        return None
    found = next((word for word in known if word.casefold() == text.casefold()), None)
    if found is None:
        raise _wrong(name, f"{', '.join(known)} are known")
    return found


def _yes(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").casefold() in ("y", "yes", "true", "1")


def _full_name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _drawn(*parts: object) -> int:
    """The number of a stay that is brought along: the same whenever the same row is."""
    text = "\n".join(map(str, parts)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 2
