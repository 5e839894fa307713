"""The list operations of the history service: one table, carried out in one way.

Sources: facts/training-history.md 2.2 to 2.7, 2.9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from parley.contract import history as his
from parley.contract.service import BodyContentType
from parley.domain.history import Run
from parley.services.context import Context
from parley.services.history.asking import asked
from parley.services.history.telling import (
    Telling,
    duration_text,
    teller_of_runs,
    teller_of_stays,
    timezone_text,
)
from parley.services.registry import operation
from parley.store.history_lists import HistoryFilter, ToldStay, list_runs, list_stays
from parley.store.lists import Order, Page


@dataclass(frozen=True, slots=True)
class Report:
    """One list operation.

    Attributes:
        summary: what it does, in one line.
        rows: the answer's field of rows; `row`: their type.
        service: whose history it is.
        of_stays: rows are stays of people, else runs.
        audio_when_asked: audio-only sessions only with inclAudioOnly.
        preliminary: the list of what ended a short while ago.
        orders: sort keys that mean something else to the store.
        special: fields of the rows that differ from those of other reports.
    """

    request: type[BodyContentType]
    answer: type[BodyContentType]
    rows: str
    row: type[BodyContentType]
    service: str
    summary: str
    of_stays: bool = False
    audio_when_asked: bool = False
    preliminary: bool = False
    since: str = "5.9"
    orders: Mapping[str, str] = field(default_factory=dict)
    special: Mapping[str, Callable[[Telling, Any], Any]] = field(default_factory=dict)


_MEETINGS, _SALES, _EVENTS, _TRAININGS, _SUPPORT = (
    *("MeetingCenter", "SalesCenter", "EventCenter", "TrainingCenter", "SupportCenter"),
)
_ZONE_TEXT: Final = {"timezone": timezone_text}
_MINUTES_TEXT: Final = {"duration": duration_text}
#: Meetings have no number of people without the hosts.
_ALL_PEOPLE: Final = {"TOTALATTENDEE": "TOTALPARTICIPANTS"}

REPORTS: Final = (
    Report(
        his.LstmeetingusageHistory,
        his.LstmeetingusageHistoryResponse,
        "meeting_usage_history",
        his.MeetingUsageHistoryInstanceType,
        _MEETINGS,
        "List past meetings.",
        audio_when_asked=True,
        orders=_ALL_PEOPLE,
        special=_ZONE_TEXT,
    ),
    Report(
        his.LstmeetingattendeeHistory,
        his.LstmeetingattendeeHistoryResponse,
        "meeting_attendee_history",
        his.MeetingAttendeeHistoryInstanceType,
        _MEETINGS,
        "List who was in past meetings, from when to when.",
        of_stays=True,
        audio_when_asked=True,
        special=_MINUTES_TEXT,
    ),
    Report(
        his.LsttrainingsessionHistory,
        his.LsttrainingsessionHistoryResponse,
        "training_session_history",
        his.TrainSessionHistoryInstanceType,
        _TRAININGS,
        "List past trainings.",
    ),
    Report(
        his.LsttrainingattendeeHistory,
        his.LsttrainingattendeeHistoryResponse,
        "training_attendee_history",
        his.TrainingAttendeeHistoryInstanceType,
        _TRAININGS,
        "List who was in past trainings, from when to when.",
        of_stays=True,
    ),
    Report(
        his.LsteventsessionHistory,
        his.LsteventsessionHistoryResponse,
        "event_session_history",
        his.EventSessionHistoryInstanceType,
        _EVENTS,
        "List past events.",
    ),
    Report(
        his.LsteventattendeeHistory,
        his.LsteventattendeeHistoryResponse,
        "event_attendee_history",
        his.EventAttendeeHistoryInstanceType,
        _EVENTS,
        "List who was in past events, from when to when.",
        of_stays=True,
    ),
    Report(
        his.LstEventSessionPreliminaryHistory,
        his.LstEventSessionPreliminaryHistoryResponse,
        "event_session_history",
        his.EventSessionHistoryInstanceType,
        _EVENTS,
        "List events of the last 14 days.",
        preliminary=True,
        since="10.0.0",
    ),
    Report(
        his.LstEventAttendeePreliminaryHistory,
        his.LstEventAttendeePreliminaryHistoryResponse,
        "event_attendee_history",
        his.EventAttendeeHistoryInstanceType,
        _EVENTS,
        "List who was in events of the last 14 days.",
        of_stays=True,
        preliminary=True,
        since="10.0.0",
    ),
    Report(
        his.LstsupportsessionHistory,
        his.LstsupportsessionHistoryResponse,
        "support_session_history",
        his.SupportSessionHistoryInstanceType,
        _SUPPORT,
        "List past support sessions.",
    ),
    Report(
        his.LstsupportattendeeHistory,
        his.LstsupportattendeeHistoryResponse,
        "support_attendee_history",
        his.SupportAttendeeHistoryInstanceType,
        _SUPPORT,
        "List who was in past support sessions, from when to when.",
        of_stays=True,
    ),
    Report(
        his.LstsalesSessionHistory,
        his.LstsalesSessionHistoryResponse,
        "sales_session_history",
        his.SalesSessionHistoryInstanceType,
        _SALES,
        "List past sales sessions.",
        orders=_ALL_PEOPLE,
        special=_ZONE_TEXT,
    ),
    Report(
        his.LstsalesAttendeeHistory,
        his.LstsalesAttendeeHistoryResponse,
        "sales_attendee_history",
        his.SalesAttendeeHistoryInstanceType,
        _SALES,
        "List who was in past sales sessions, from when to when.",
        of_stays=True,
        special=_MINUTES_TEXT,
    ),
)
"""Every list of what happened. Where matchingRecords stands in an answer is said by the contract."""

SERVICES: Final = tuple(sorted({report.service for report in REPORTS}))
"""The services whose sessions have a history."""

_Pages = Callable[[Any, HistoryFilter, list[Order], int, int], Any]


def _enter(report: Report) -> None:
    """Make an operation of a report."""
    tell: Callable[[Telling, Any], BodyContentType] = (
        teller_of_stays(report.row, report.special) if report.of_stays else teller_of_runs(report.row, report.special)
    )
    pages: _Pages = list_stays if report.of_stays else list_runs

    async def run(context: Context, request: BodyContentType) -> BodyContentType:
        video_only = report.audio_when_asked and not getattr(request, "incl_audio_only", None)
        found = await asked(context, request, report.service, preliminary=report.preliminary, video_only=video_only)
        order = [each._replace(field=report.orders.get(each.field, each.field)) for each in found.order]
        page: Page[Run] | Page[ToldStay] = await pages(
            context.lists, found.wanted, order, found.page.first, found.page.size
        )
        how = Telling(
            found.zone,
            pso=bool(getattr(request, "return_pso_fields", None)),
            stats=bool(getattr(request, "attendee_stats", None)),
        )
        return report.answer(
            **{
                "matching_records": found.page.matching(page.total, len(page.rows)),
                report.rows: [tell(how, row) for row in page.rows],
            }
        )

    run.__doc__ = report.summary
    operation("history", request=report.request, answer=report.answer, since=report.since)(run)


for _report in REPORTS:
    _enter(_report)
