"""The jobs over HTTP: operations against the null service, pages of a large site against those of a small one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks import documents
from benchmarks.bench import (
    FEW_USERS,
    LARGE,
    LISTED,
    MANY_USERS,
    READ,
    READ_USERS,
    Backend,
    Bench,
    contender,
)
from benchmarks.copies import name_of_user
from benchmarks.rounds import Contender, Goals, Series, interleaved
from benchmarks.seed import ADMIN, HOST
from benchmarks.table import Row
from parley.domain import timezones

SQLITE: Final = "SQLite"
POSTGRES: Final = "PostgreSQL"
NULL: Final = "null"

_GET: Final = {SQLITE: Goals("0.20-0.23", "0.22", "0.28"), POSTGRES: Goals("0.11-0.15", "0.15", "0.18")}
_LIST: Final = {SQLITE: Goals("0.043-0.073", "0.065", "0.09"), POSTGRES: Goals("0.033-0.066", "0.05", "0.07")}
_CREATE: Final = {SQLITE: Goals("0.133", "0.13", "0.18"), POSTGRES: Goals()}
_PAGE: Final = Goals("-", "1.3 x", "1.1 x")
_USER: Final = Goals(goal="1.3 x")
#: Zones of the API in which the same lists are asked for: with the pages more rows than the server keeps.
ZONES: Final = tuple(timezones.ZONES)[:45]
#: Orders and filters of lists of accounts, as elements of LstsummaryUser.
USER_LISTS: Final = {
    "by webExID": {},
    "by last name": {"order": {"orderBy": "LASTNAME", "orderAD": "ASC"}},
    "by privilege": {"order": {"orderBy": "PRIVILEGE", "orderAD": "ASC"}},
}


def _against_null(
    bench: Bench, name: str, title: str, goals: dict[str, Goals], requests: Callable[[Backend], list[bytes]]
) -> list[Row]:
    """Rows of an operation on both databases, each divided by the null service with an answer of the same size.

    The last row is that of the null service itself.
    """
    backends = {SQLITE: bench.sqlite, POSTGRES: bench.postgres}
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
    """GetUser against GetMeeting of the same server, and pages of accounts of a large site against a small one's."""
    rows = []
    for kind, backend in ((SQLITE, bench.sqlite), (POSTGRES, bench.postgres)):
        keys = backend.sites[READ].keys
        accounts = [name_of_user(number) for number in range(1, READ_USERS + 1)]
        for title, meetings, named in (
            ("another one each time", keys, accounts),
            ("the same one", keys[:1], accounts[:1]),
        ):
            contenders = {
                "meeting": contender(backend.server, documents.get_meetings(READ, HOST, meetings)),
                "user": contender(backend.server, [documents.get_user(READ, ADMIN, name) for name in named]),
            }
            series = _dearness(bench, f"GetUser, {title}, {kind}", contenders)
            rows.append(series.row(f"GetUser / GetMeeting, {title}, {kind}", "user", _USER, "meeting", dearness=True))
    for kind, backend in ((SQLITE, bench.many_users_sqlite), (POSTGRES, bench.many_users_postgres)):
        for title, body in USER_LISTS.items():
            contenders = {
                name: contender(backend.server, [documents.list_users(name, ADMIN, body, count // 2)])
                for name, count in ((LISTED, FEW_USERS), (LARGE, MANY_USERS))
            }
            series = _dearness(bench, f"LstsummaryUser, {title}, {kind}", contenders)
            job = f"LstsummaryUser, 100 in the middle of {MANY_USERS:,} / of {FEW_USERS:,}, {title}, {kind}"
            rows.append(series.row(job, LARGE, _PAGE, LISTED, dearness=True))
    return rows


def _dearness(bench: Bench, title: str, contenders: dict[str, Contender]) -> Series:
    bench.say(title)
    return interleaved(contenders, bench.plan, bench.say)


def create_meeting(bench: Bench) -> list[Row]:
    """CreateMeeting with three attendees; every answer waits until the disk has the meeting."""
    request = documents.create_meeting(READ, HOST, documents.full_meeting())
    title = "CreateMeeting with 3 attendees, on the disk"
    return _against_null(bench, "create", title, _CREATE, lambda _: [request])


def page(bench: Bench) -> list[Row]:
    """A page in the middle of a large site, with the total: how many times as dear as that of a small one."""
    rows = []
    for kind, backend in ((SQLITE, bench.large_sqlite), (POSTGRES, bench.large_postgres)):
        sizes = {name: len(site.keys) for name, site in backend.sites.items()}
        contenders = {
            name: contender(backend.server, [documents.list_sessions(name, ADMIN, size // 2)])
            for name, size in sizes.items()
        }
        series = _dearness(bench, f"a page in the middle, {kind}", contenders)
        title = f"page in the middle of {sizes[LARGE]:,} / of {sizes[LISTED]:,} sessions, {kind}"
        rows.append(series.row(title, LARGE, _PAGE, LISTED, dearness=True))
    return rows
