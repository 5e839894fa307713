"""What operations cost on a very large site, divided by what they cost on a small one of the same server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from benchmarks import documents
from benchmarks.bench import LARGE, LISTED, Backend, Bench
from benchmarks.copies import name_of_user
from benchmarks.load import CONNECTIONS, LoadError
from benchmarks.operations import first_asked
from benchmarks.rounds import Goals, interleaved
from benchmarks.seed import ADMIN, HOST
from benchmarks.servers import ServerError
from benchmarks.table import Row, not_measured

_PAGE: Final = Goals(goal="1.3 x")
_USUAL: Final = Goals(goal="1.5 x")
#: So many different sessions, or accounts, are asked for on either site.
_DIFFERENT: Final = 1_000
#: Orders of lists of accounts, as elements of LstsummaryUser.
USER_LISTS: Final = {
    "by webExID": {},
    "by last name": {"order": {"orderBy": "LASTNAME", "orderAD": "ASC"}},
    "by privilege": {"order": {"orderBy": "PRIVILEGE", "orderAD": "ASC"}},
}


class Count(NamedTuple):
    """How much a site has: sessions (and as many runs), and accounts."""

    sessions: int
    users: int


class Question(NamedTuple):
    """What is asked of both sites.

    Attributes:
        requests: documents for a site, from its name, its session keys and how much it has.
        people: what grows is the number of accounts.
        counter: as of `Operation`.
        connections: at once.
    """

    title: str
    requests: Callable[[str, range, Count], list[bytes]]
    goals: Goals = _USUAL
    people: bool = False
    counter: str = ""
    connections: int = CONNECTIONS


def _some(keys: range) -> range:
    return keys[:: max(len(keys) // _DIFFERENT, 1)]


def _accounts(site: str, count: Count) -> list[bytes]:
    step = max(count.users // _DIFFERENT, 1)
    return [documents.get_user(site, ADMIN, name_of_user(each)) for each in range(1, count.users + 1, step)]


def _users_in_order(body: dict[str, object]) -> Callable[[str, range, Count], list[bytes]]:
    return lambda site, _, count: [documents.list_users(site, ADMIN, body, count.users // 2)]


#: In the order in which they are asked: those that write come last.
QUESTIONS: Final = (
    Question("GetMeeting", lambda site, keys, _: documents.get_meetings(site, HOST, _some(keys))),
    Question(
        "LstsummarySession, 100 in the middle",
        lambda site, _, count: [documents.list_sessions(site, ADMIN, count.sessions // 2)],
        _PAGE,
    ),
    Question(
        "LstsummarySession, 100 of a name that all have, 1 connection",
        lambda site, *_: [documents.list_named(site, ADMIN)],
        connections=1,
    ),
    Question(
        "LstsummaryMeeting, 100 in the middle",
        lambda site, _, count: [documents.list_meetings(site, ADMIN, count.sessions // 2)],
    ),
    Question("LstmeetingusageHistory, the first 100", lambda site, *_: [documents.list_history(site, ADMIN)]),
    Question(
        "LstmeetingusageHistory, 100 in the middle",
        lambda site, _, count: [documents.list_history(site, ADMIN, count.sessions * 5 // 12)],
    ),
    Question("GetUser", lambda site, _, count: _accounts(site, count), people=True),
    *(
        Question(f"LstsummaryUser, 100 in the middle, {order}", _users_in_order(dict(body)), _PAGE, people=True)
        for order, body in USER_LISTS.items()
    ),
    Question("CreateMeeting", lambda site, *_: [documents.create_meeting(site, HOST, documents.full_meeting())]),
    Question(
        "SetMeeting",
        lambda site, keys, _: [documents.set_meeting(site, HOST, key) for key in _some(keys)],
        counter="set",
    ),
    Question("CreateUser", lambda site, *_: [documents.create_user(site, ADMIN)], people=True, counter="create user"),
)


def growth(bench: Bench) -> list[Row]:
    """How many times as dear each question is on the large site."""
    return [_asked(bench, question, kind, backend) for kind, backend in bench.large.items() for question in QUESTIONS]


def _asked(bench: Bench, question: Question, kind: str, backend: Backend) -> Row:
    counts = {
        LISTED: Count(bench.sizes.listed, bench.sizes.listed),
        LARGE: Count(bench.sizes.large, bench.sizes.large_users),
    }
    many, few = (count.users if question.people else count.sessions for count in (counts[LARGE], counts[LISTED]))
    title = f"{question.title}, {many:,} / {few:,} rows, {kind}"
    bench.say(title)
    try:
        contenders = {}
        for name, count in counts.items():
            requests = question.requests(name, backend.sites[name].keys, count)
            contenders[name], _ = first_asked(backend, requests, question.counter)
        series = interleaved(contenders, bench.plan, bench.say, question.connections)
    except (LoadError, ServerError) as error:
        bench.say(f"  {error}")
        return not_measured(title, error)
    return series.row(title, LARGE, question.goals, LISTED, dearness=True)
