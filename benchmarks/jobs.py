"""Operations against the null service in several ways of asking: what the server keeps matters to some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks import documents
from benchmarks.bench import LISTED, POSTGRES, READ, SQLITE, Backend, Bench, contender
from benchmarks.copies import name_of_user
from benchmarks.rounds import Goals, interleaved
from benchmarks.seed import ADMIN, HOST
from benchmarks.table import Row
from parley.domain import timezones

NULL: Final = "null"

_GET: Final = {SQLITE: Goals("0.20-0.23", "0.22", "0.28"), POSTGRES: Goals("0.11-0.15", "0.15", "0.18")}
_LIST: Final = {SQLITE: Goals("0.043-0.073", "0.065", "0.09"), POSTGRES: Goals("0.033-0.066", "0.05", "0.07")}
_CREATE: Final = {SQLITE: Goals("0.133", "0.13", "0.18"), POSTGRES: Goals()}
_USER: Final = Goals(goal="1.3 x")
#: Zones of the API in which the same lists are asked for: with the pages more rows than the server keeps.
ZONES: Final = tuple(timezones.ZONES)[:45]


def _against_null(
    bench: Bench, name: str, title: str, goals: dict[str, Goals], requests: Callable[[Backend], list[bytes]]
) -> list[Row]:
    """Rows of an operation on both databases, each divided by the null service with an answer of the same size.

    The last row is that of the null service itself.
    """
    backends = bench.usual
    sent = {kind: requests(backend) for kind, backend in backends.items()}
    answer = bench.sqlite.server.ask(sent[SQLITE][0])
    contenders = {NULL: bench.null(name, sent[SQLITE], answer)}
    contenders |= {kind: contender(backend.server, sent[kind]) for kind, backend in backends.items()}
    bench.say(f"{title}: requests of {len(sent[SQLITE][0]):,} bytes, answers of {len(answer):,}")
    series = interleaved(contenders, bench.plan, bench.say)
    rows = [series.row(f"{title}, {kind} / null", kind, goals[kind], NULL) for kind in backends]
    return [*rows, series.row(f"null, answers of {len(answer):,} bytes", NULL, Goals())]


def get_meeting(bench: Bench) -> list[Row]:
    """GetMeeting: of ever another meeting, so that no answer is kept, and of one meeting again and again."""

    def others(backend: Backend) -> list[bytes]:
        return documents.get_meetings(READ, HOST, backend.sites[READ].keys)

    def same(backend: Backend) -> list[bytes]:
        return [documents.get_meeting(READ, HOST, backend.sites[READ].keys[0])]

    rows = _against_null(bench, "get", "GetMeeting, another one each time", _GET, others)
    return rows + _against_null(bench, "get-same", "GetMeeting, the same one", _GET, same)


def list_sessions(bench: Bench) -> list[Row]:
    """LstsummarySession of 100: ever another page, and the same one; of the site, and of a host's own sessions."""

    def pages(backend: Backend) -> list[bytes]:
        return [documents.list_sessions(READ, ADMIN, 1 + skip) for skip in range(0, len(backend.sites[READ].keys), 100)]

    def new(backend: Backend) -> list[bytes]:
        places = range(0, len(backend.sites[READ].keys), 100)
        return [documents.list_sessions(READ, ADMIN, 1 + skip, zone=zone) for zone in ZONES for skip in places]

    def first(_: Backend) -> list[bytes]:
        return [documents.list_sessions(LISTED, ADMIN)]

    def own(_: Backend) -> list[bytes]:
        return [documents.list_sessions(LISTED, HOST)]

    title = "LstsummarySession of 100"
    rows = _against_null(bench, "list-new", f"{title}, never asked for before", _LIST, new)
    rows += _against_null(bench, "list", f"{title}, another page each time", _LIST, pages)
    rows += _against_null(bench, "list-same", f"{title}, the same page", _LIST, first)
    return rows + _against_null(bench, "list-own", f"{title}, one's own, the same page", _LIST, own)


def users(bench: Bench) -> list[Row]:
    """GetUser against GetMeeting of the same server."""
    rows = []
    for kind, backend in bench.usual.items():
        keys = backend.sites[READ].keys
        accounts = [name_of_user(number) for number in range(1, backend.users + 1)]
        for title, meetings, named in (
            ("another one each time", keys, accounts),
            ("the same one", keys[:1], accounts[:1]),
        ):
            contenders = {
                "meeting": contender(backend.server, documents.get_meetings(READ, HOST, meetings)),
                "user": contender(backend.server, [documents.get_user(READ, ADMIN, name) for name in named]),
            }
            bench.say(f"GetUser, {title}, {kind}")
            series = interleaved(contenders, bench.plan, bench.say)
            rows.append(series.row(f"GetUser / GetMeeting, {title}, {kind}", "user", _USER, "meeting", dearness=True))
    return rows


def create_meeting(bench: Bench) -> list[Row]:
    """CreateMeeting with three attendees; every answer waits until the disk has the meeting."""
    request = documents.create_meeting(READ, HOST, documents.full_meeting())
    title = "CreateMeeting with 3 attendees, on the disk"
    return _against_null(bench, "create", title, _CREATE, lambda _: [request])
