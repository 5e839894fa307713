"""The jobs over HTTP: operations against the null service, pages of a large site against those of a small one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks import documents
from benchmarks.bench import LARGE, LISTED, READ, Backend, Bench, contender
from benchmarks.rounds import Goals, interleaved
from benchmarks.seed import ADMIN, HOST
from benchmarks.table import Row

SQLITE: Final = "SQLite"
POSTGRES: Final = "PostgreSQL"
NULL: Final = "null"

_GET: Final = {SQLITE: Goals("0.20-0.23", "0.22", "0.28"), POSTGRES: Goals("0.11-0.15", "0.15", "0.18")}
_LIST: Final = {SQLITE: Goals("0.043-0.073", "0.065", "0.09"), POSTGRES: Goals("0.033-0.066", "0.05", "0.07")}
_CREATE: Final = {SQLITE: Goals("0.133", "0.13", "0.18"), POSTGRES: Goals()}
_PAGE: Final = Goals("-", "1.3 x", "1.1 x")


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

    def first(_: Backend) -> list[bytes]:
        return [documents.list_sessions(LISTED, ADMIN)]

    def own(_: Backend) -> list[bytes]:
        return [documents.list_sessions(LISTED, HOST)]

    title = "LstsummarySession of 100"
    rows = _against_null(bench, "list", f"{title}, another page each time", _LIST, pages)
    rows += _against_null(bench, "list-same", f"{title}, the same page", _LIST, first)
    return rows + _against_null(bench, "list-own", f"{title}, one's own, the same page", _LIST, own)


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
        bench.say(f"a page in the middle, {kind}")
        series = interleaved(contenders, bench.plan, bench.say)
        title = f"page in the middle of {sizes[LARGE]:,} / of {sizes[LISTED]:,} sessions, {kind}"
        rows.append(series.row(title, LARGE, _PAGE, LISTED, dearness=True))
    return rows
