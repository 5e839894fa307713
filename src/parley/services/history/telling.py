"""Runs and stays as rows of the history service.

Every field of every row type stands once in `_OF_RUN` or `_OF_STAY` under the name that the contract has for it, with
what it says: a field of the run or of the told stay, by its name, or a function. Where types mean the same by different
names, each name is there. A field that is None is left out of the row.

Sources: facts/training-history.md 2.0 (times, empty elements), 2.1 (meaning of the numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar

from parley.contract.common import PsoFieldsType, TrackingType
from parley.contract.history import RegQandAType, SourceType
from parley.contract.service import BodyContentType, MeetingAssistType
from parley.domain import timezones
from parley.domain.history import Known, Part, Run, minutes, read_known, read_source, stayed
from parley.store.history_lists import ToldStay

R = TypeVar("R", bound=BodyContentType)


class Telling(NamedTuple):
    """How rows are to be told.

    Attributes:
        zone: of the times.
        pso: with psoFields.
        stats: with where people learned of the session and what they answered.
    """

    zone: int = timezones.GMT
    pso: bool = False
    stats: bool = False

    def time(self, instant: int | None) -> str | None:
        """A time as the API writes it."""
        return None if instant is None else timezones.api_date(instant, self.zone)


OfRun = Callable[[Telling, Run], Any]
OfStay = Callable[[Telling, ToldStay], Any]

# ---- runs ------------------------------------------------------------------------------------------------------------


_TRACKING: Final = TrackingType.__struct_fields__
_tracking_codes: Final = attrgetter(*_TRACKING)


def _tracking(_how: Telling, run: Run) -> TrackingType | None:
    codes = _tracking_codes(run)
    return TrackingType(**dict(zip(_TRACKING, (each or None for each in codes), strict=True))) if any(codes) else None


def _assistance(_how: Telling, run: Run) -> MeetingAssistType | None:
    if run.assist_request is None and run.assist_confirm is None:
        return None
    return MeetingAssistType(assist_request=run.assist_request, assist_confirm=run.assist_confirm)


def _source(_how: Telling, run: Run) -> SourceType | None:
    if run.source is None:
        return None
    found = read_source(run.source)
    return SourceType(lead_source_id=found.name, count=found.count, avg_lead_score=found.score)


def _pso(how: Telling, run: Run) -> PsoFieldsType | None:
    return PsoFieldsType(pso_field1=run.pso_field) if how.pso and run.pso_field is not None else None


def timezone_text(_how: Telling, run: Run) -> str:
    """The zone that the session was scheduled in, as meetings tell it."""
    return timezones.zone(run.time_zone_id).text


_OF_RUN: Final[dict[str, str | OfRun]] = {
    "session_key": "session_key",
    "conf_id": "conf_id",
    "meeting_uuid": lambda _, run: run.uuid or None,
    "conf_name": "name",
    "session_start_time": lambda how, run: how.time(run.started_at),
    "session_end_time": lambda how, run: how.time(run.ended_at),
    "meeting_start_time": lambda how, run: how.time(run.started_at),
    "meeting_end_time": lambda how, run: how.time(run.ended_at),
    "duration": lambda _, run: minutes((run.ended_at or run.started_at) - run.started_at),
    "timezone": "time_zone_id",
    "tracking_code": _tracking,
    "meeting_type": lambda _, run: run.type_code or None,
    "user_id": lambda _, run: run.host_id or None,
    "host_web_ex_id": lambda _, run: run.host_web_ex_id or None,
    "host_name": lambda _, run: run.host_name or None,
    "host_email": lambda _, run: run.host_email or None,
    "total_invited": "invited",
    "total_registered": "registered",
    "total_attendee": "attended",
    "total_people_minutes": "people_minutes",
    "total_call_in_minutes": "call_in_minutes",
    "total_call_in_tollfree_minutes": "toll_free_minutes",
    # Rows of trainings have it with three l.
    "total_call_in_tolllfree_minutes": "toll_free_minutes",
    "total_call_out_domestic": "call_out_domestic",
    "total_call_out_international": "call_out_international",
    "toll_call_in_international": "toll_international",
    "tollfree_call_in_international": "toll_free_international",
    "total_voip_minutes": "voip_minutes",
    "total_participants": "participants",
    "total_participants_voip": "participants_voip",
    "total_participants_call_in": "participants_call_in",
    "total_participants_call_out": "participants_call_out",
    "peak_attendee": "peak",
    "source": _source,
    "pso_fields": _pso,
    "assist_service": _assistance,
    "account": "account",
    "opportunity": "opportunity",
}

# ---- stays -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _read(document: str) -> Known:
    """Several elements of a row come from one document, and most are the same."""
    return read_known(document)


def _known(name: str) -> OfStay:
    """What the session's list said of the person."""
    return lambda _, told: getattr(_read(told.stay.document), name)


def _yes_or_no(value: bool) -> str:
    return "Y" if value else "N"


def _lead_score(how: Telling, told: ToldStay) -> float | None:
    known = _read(told.stay.document)
    return known.score if how.stats else None


def _questions(how: Telling, told: ToldStay) -> list[RegQandAType]:
    if not how.stats:
        return []
    return [RegQandAType(reg_q=label, reg_a=answer) for label, answer in _read(told.stay.document).questions]


def _attendee_type(_how: Telling, told: ToldStay) -> str:
    stay = told.stay
    return "SALESTEAM" if stay.part == Part.HOST or _read(stay.document).team else "PROSPECT"


def duration_text(_how: Telling, told: ToldStay) -> str:
    """The minutes of a stay as meetings tell them, whose element is a text."""
    return str(minutes(stayed(told.stay)))


def _name(_how: Telling, told: ToldStay) -> str | None:
    return told.stay.name or None


def _joined(how: Telling, told: ToldStay) -> str | None:
    return how.time(told.stay.joined_at)


def _left(how: Telling, told: ToldStay) -> str | None:
    return how.time(told.stay.left_at)


_OF_STAY: Final[dict[str, str | OfStay]] = {
    "session_key": "stay.session_key",
    "meeting_key": "stay.session_key",
    "meeting_uuid": lambda _, told: told.uuid or None,
    "conf_id": "stay.conf_id",
    "conf_name": "conf_name",
    "attendee_name": _name,
    "name": _name,
    "attendee_email": "stay.email",
    "email": "stay.email",
    "start_time": _joined,
    "join_time": _joined,
    "end_time": _left,
    "leave_time": _left,
    "duration": lambda _, told: minutes(stayed(told.stay)),
    "registered": lambda _, told: _yes_or_no(told.stay.registered),
    "invited": lambda _, told: _yes_or_no(told.stay.listed),
    "company": "stay.company",
    "title": _known("title"),
    "phone": _known("phone"),
    "phone_number": _known("phone"),
    "address1": _known("address1"),
    "address2": _known("address2"),
    "city": "stay.city",
    "state": "stay.state",
    "country": "stay.country",
    "zip": _known("zip"),
    "zip_code": _known("zip"),
    "ip_address": "stay.ip_address",
    "participant_type": "stay.part",
    "voip_duration": lambda _, told: minutes(told.stay.voip_seconds),
    "client_agent": "stay.client_agent",
    "lead_source_id": lambda how, told: _read(told.stay.document).source if how.stats else None,
    "lead_score": _lead_score,
    "reg_q_and_a": _questions,
    "external_participant": "stay.external",
    "account": "account",
    "opportunity": "opportunity",
    "attendee_type": _attendee_type,
}


class UnknownField(Exception):
    """A row type has a field that nothing says what to put into: a defect found at import."""


def teller_of_runs(row: type[R], special: Mapping[str, OfRun]) -> Callable[[Telling, Run], R]:
    """A function that makes rows of a type from runs; `special` are fields of it that differ from other types."""
    return _teller(row, {**_OF_RUN, **special})


def teller_of_stays(row: type[R], special: Mapping[str, OfStay]) -> Callable[[Telling, ToldStay], R]:
    """As `teller_of_runs`, from stays."""
    return _teller(row, {**_OF_STAY, **special})


def _teller(row: type[R], known: Mapping[str, str | Callable[[Telling, Any], Any]]) -> Callable[[Telling, Any], R]:
    names = row.__struct_fields__
    missing = [name for name in names if name not in known]
    if missing:
        raise UnknownField(f"{row.__name__}: {', '.join(missing)}")
    said = {name: known[name] for name in names}
    # A page has hundreds of rows, and most of their fields are taken over as they are.
    taken = {name: field for name, field in said.items() if isinstance(field, str)}
    made = [(name, make) for name, make in said.items() if not isinstance(make, str)]
    fields_of = attrgetter(*taken.values())

    def tell(how: Telling, entry: Any) -> R:
        fields = zip(taken, fields_of(entry), strict=True)
        return row(**dict(fields), **{name: make(how, entry) for name, make in made})

    return tell
