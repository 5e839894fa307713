"""The main operations, against the null service, on both databases, with few and with many connections.

They are those that programs call most: scheduling and looking after meetings, people and their accounts, lists, what
was and what was recorded. Reads come first; then those that write, which do not touch what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median
from typing import Final, NamedTuple

from benchmarks import documents
from benchmarks.bench import (
    FORMS,
    POSTGRES,
    READ,
    SCALE,
    SPARE,
    SQLITE,
    TRAININGS,
    Backend,
    Bench,
)
from benchmarks.copies import name_of_user
from benchmarks.load import CONNECTIONS, NUMBER, Load, LoadError
from benchmarks.rounds import Contender, Course, Series, interleaved
from benchmarks.seed import ADMIN, HOST
from benchmarks.servers import ServerError
from benchmarks.table import Row, middle, not_measured, number

NULL: Final = "null"
#: Answers shorter than this say success or failure in about as many bytes, so each one is looked at.
_SHORT: Final = 20_000


class Operation(NamedTuple):
    """An operation, the requests for it, and the ratios to the null service that are to be reached.

    Attributes:
        title: what the table calls it.
        requests: documents for a backend, taken in turn.
        goals: ratio at 16 connections, by kind of database.
        counter: name of the numbers that its documents use up; operations with the same one go on counting.
    """

    title: str
    requests: Callable[[Backend], list[bytes]]
    goals: dict[str, str]
    counter: str = ""


def _keys(backend: Backend, site: str) -> range:
    return backend.sites[site].keys


def _pages(backend: Backend) -> range:
    return range(1, len(_keys(backend, READ)) + 1, 100)


def _past_pages(backend: Backend) -> range:
    # Unless it is asked for more, LstRecording tells of four weeks; in those lies more than a third.
    return range(1, max(backend.users // 3, 2), 100)


def _of_each(operation: str, element: str, site: str = READ) -> Callable[[Backend], list[bytes]]:
    return lambda backend: [documents.of_session(site, HOST, operation, element, key) for key in _keys(backend, site)]


#: In the order in which they run.
OPERATIONS: Final = (
    Operation(
        "GetMeeting",
        lambda backend: documents.get_meetings(READ, HOST, _keys(backend, READ)),
        {SQLITE: "0.22", POSTGRES: "0.15"},
    ),
    Operation("GetSessionInfo", _of_each("ep.GetSessionInfo", "sessionKey"), {}),
    Operation("GetjoinurlMeeting", _of_each("meeting.GetjoinurlMeeting", "sessionKey"), {}),
    Operation("GetTrainingSession", _of_each("training.GetTrainingSession", "sessionKey", TRAININGS), {}),
    Operation(
        "LstsummarySession, 100",
        lambda backend: [documents.list_sessions(READ, ADMIN, first) for first in _pages(backend)],
        {SQLITE: "0.065", POSTGRES: "0.05"},
    ),
    Operation(
        "LstsummaryMeeting, 100",
        lambda backend: [documents.list_meetings(READ, HOST, first) for first in _pages(backend)],
        {},
    ),
    Operation(
        "LstmeetingusageHistory, 100",
        lambda backend: [documents.list_history(READ, ADMIN, first) for first in _past_pages(backend)],
        {},
    ),
    Operation(
        "LstRecording, 100",
        lambda backend: [documents.list_recordings(READ, HOST, first) for first in _past_pages(backend)],
        {},
    ),
    Operation(
        "GetUser",
        lambda backend: [documents.get_user(READ, ADMIN, name_of_user(n)) for n in range(1, backend.users + 1)],
        {},
    ),
    Operation(
        "LstsummaryUser, 100",
        lambda backend: [documents.list_users(READ, ADMIN, {}, first) for first in range(1, backend.users, 100)],
        {},
    ),
    Operation("AuthenticateUser", lambda _: [documents.authenticate(READ, HOST)], {}),
    Operation(
        "CreateMeeting, 3 attendees",
        lambda _: [documents.create_meeting(READ, HOST, documents.full_meeting())],
        {SQLITE: "0.13"},
    ),
    Operation(
        "SetMeeting",
        lambda backend: [documents.set_meeting(SPARE, HOST, key) for key in _keys(backend, SPARE)[-1_000:]],
        {},
        "set",
    ),
    Operation("DelMeeting, 3 attendees", lambda _: [documents.delete_meeting(SPARE, HOST)], {}, "delete"),
    Operation(
        "RegisterMeetingAttendee",
        lambda backend: [documents.register(FORMS, HOST, key) for key in _keys(backend, FORMS)],
        {},
        "register",
    ),
    Operation("CreateUser", lambda _: [documents.create_user(READ, ADMIN)], {}, "create user"),
)


def operations(bench: Bench) -> list[Row]:
    """Every operation on both databases; each figure once for each number of connections."""
    rows, floors = [], {}
    for place, operation in enumerate(OPERATIONS):
        try:
            series, size = _measured(bench, operation, f"op{place}")
        except (LoadError, ServerError) as error:
            bench.say(f"  {error}")
            rows.append(not_measured(operation.title, error))
            continue
        rows += [_row(operation, series, kind) for kind in bench.usual]
        floors[size] = series
    for size in sorted({min(floors), max(floors)}) if floors else ():
        figures = _figures({count: each.loads[NULL] for count, each in floors[size].items()})
        rows.append(Row(f"null service, answers of {size:,} bytes", **figures))
    return rows


def _measured(bench: Bench, operation: Operation, name: str) -> tuple[dict[int, Series], int]:
    """The rounds by number of connections, and the size of an answer."""
    sent = {kind: operation.requests(backend) for kind, backend in bench.usual.items()}
    contenders, answer = {}, b""
    for kind, backend in bench.usual.items():
        contenders[kind], answer = first_asked(backend, sent[kind], operation.counter)
    contenders = {NULL: bench.null(name, sent[POSTGRES], answer), **contenders}
    bench.say(f"{operation.title}: requests of {len(sent[POSTGRES][0]):,} bytes, answers of {len(answer):,}")
    series: dict[int, Series] = {}
    for count in (CONNECTIONS, *(each for each in SCALE if each != CONNECTIONS)):
        bench.say(f"  {count} connection{'s' if count > 1 else ''}")
        series[count] = interleaved(contenders, bench.plan, bench.say, count, warm=bool(series))
    return {count: series[count] for count in SCALE}, len(answer)


def first_asked(backend: Backend, requests: list[bytes], counter: str = "") -> tuple[Contender, bytes]:
    """A server with these requests, and its answer to the first one, which has to be a success.

    Args:
        counter: name of the numbers that the requests use up.
    """
    course = backend.courses.setdefault(counter, Course()) if counter else Course()
    course.last += 1
    answer = backend.server.ask(requests[0].replace(NUMBER.encode(), b"%010d" % course.last))
    return Contender(backend.server, documents.PATH, requests, len(answer), course, len(answer) < _SHORT), answer


def _row(operation: Operation, series: dict[int, Series], kind: str) -> Row:
    ratios = {count: each.ratios(kind, NULL) for count, each in series.items()}
    usual = ratios[CONNECTIONS]
    return Row(
        f"{operation.title}, {kind}",
        goal=operation.goals.get(kind, ""),
        today=_joined(number(median(each)) for each in ratios.values()),
        rounds=middle(usual)[1],
        **_figures({count: each.loads[kind] for count, each in series.items()}),
    )


def _figures(loads: dict[int, list[Load]]) -> dict[str, str]:
    """The cells with figures of a contender, each for all numbers of connections."""

    def each(value: Callable[[Load], float]) -> str:
        return _joined(number(median(map(value, found))) for found in loads.values())

    return {
        "rate": each(lambda load: load.rate),
        "cpu": each(lambda load: load.cpu),
        "p50": each(lambda load: load.p50 / 1000) + " ms",
        "p99": each(lambda load: load.p99 / 1000) + " ms",
    }


def _joined(figures: Iterable[str]) -> str:
    return " / ".join(figures)
