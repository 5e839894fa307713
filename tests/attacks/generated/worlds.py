"""Sites that are full: of every operation that keeps texts one call with a text in each place that takes one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from lxml import etree
from sqlalchemy import bindparam, select

from parley.domain.recording import State
from parley.domain.site import SupportQueue
from parley.services.registry import Operation
from parley.services.roles import Role
from parley.store import tables
from parley.store.query import Query
from parley.testing import chores
from tests.attacks.generated.contract import Leaf, content, kind_of, leaves, put, readers, with_text, writers
from tests.attacks.generated.wire import Wire, document
from tests.client import Answer
from tests.services.events import create_event
from tests.services.meetings import create
from tests.services.quizzes import blank, choices, item, link, people_of, quiz, schedule, training
from tests.services.recordings import details, looked_at, new_recording, share
from tests.services.sales_sites import with_sales
from tests.services.test_roles import LAB, SAMPLES, Cast

#: What a place is to hold, in the order in which it is tried.
Texts = Callable[[Leaf], Sequence[str]]
Rows = dict[str, list[tuple[Any, ...]]]
#: What a place of an operation takes of some texts; None: none of them.
_TAKEN: Final[dict[tuple[str, str, tuple[str, ...]], str | None]] = {}
_GUEST: Final = "guest@people.example"
_ALL: Final = {
    table.name: Query(
        select(table).where(table.c.site_id == bindparam("key_site_id", type_=table.c.site_id.type)), "key_site_id"
    )
    for table in tables.metadata.sorted_tables
    if "site_id" in table.c and table.name != "inspected_requests"  # written a moment after the calls
}


def rows_of(wire: Wire, site_id: int) -> Rows:
    """All rows of a site, by table."""

    async def read() -> Rows:
        engine = wire.server.application.engine
        return {name: sorted(await engine.all(query, site_id), key=repr) for name, query in _ALL.items()}

    return wire.server.run(read())


def new_cast(wire: Wire, *more: str) -> Cast:
    """A site with somebody in every role who may do something, `more` hosts, with sales, a lab and a queue."""
    server = wire.server
    site = server.new_site(support_queues=[SupportQueue("first")], inspector=True)
    cast = Cast(site, site)
    for name in ("host3", *more):
        server.run(cast.add(site, name))
    server.run(cast.add(site, "viewer", host=False, ro_site_admin=True))
    with_sales(site)
    site.client("admin").call("training.CreateLab", {"lab": {"labName": LAB}}).ok()
    return cast


def caller_of(operation: Operation) -> Role:
    """Who calls an operation that keeps something: its host where hosts may."""
    return Role.HOST_OWN if operation.row.outcome(Role.HOST_OWN) is None else Role.ADMIN


def base(cast: Cast, operation: Operation, role: Role) -> etree._Element:
    """The content of a call that succeeds; an account that is changed is one that nobody needs."""
    if operation.name == "SetUser" and role in (Role.ADMIN, Role.HOST_OWN):
        return content({"webExId": cast.throwaway()})
    return content(SAMPLES[operation.name](cast, role))


class Filler:
    """Fills sites with texts.

    Args:
        probe: a site on which it is found out what a place takes.
    """

    def __init__(self, wire: Wire, probe: Cast) -> None:
        self.wire = wire
        self.probe = probe

    def fill(self, cast: Cast, texts: Texts) -> dict[str, list[str]]:
        """Fill a site; gives the places by operation that took a text."""
        return {each.name: self._call_with_all(cast, each, self._taken(each, texts)) for each in writers()}

    def _taken(self, operation: Operation, texts: Texts) -> list[tuple[Leaf, str]]:
        """The places of an operation that take a text, with what they take; found out once."""
        free = [(leaf, tuple(texts(leaf))) for leaf in leaves(operation.request) if leaf.free]
        asked = [each for each in free if (operation.name, each[0].name, each[1]) not in _TAKEN]
        if asked:
            self._find_out(operation, asked)
        found = [(leaf, _TAKEN[operation.name, leaf.name, tried]) for leaf, tried in free]
        return [(leaf, text) for leaf, text in found if text is not None]

    def _find_out(self, operation: Operation, asked: list[tuple[Leaf, tuple[str, ...]]]) -> None:
        role = Role.ADMIN if operation.name == "SetUser" else caller_of(operation)
        client, sample = self.probe.client(role), base(self.probe, operation, role)
        for leaf, tried in asked:
            _TAKEN[operation.name, leaf.name, tried] = None
        for turn in range(max(len(tried) for _, tried in asked)):
            rest = [
                (leaf, tried)
                for leaf, tried in asked
                if turn < len(tried) and _TAKEN[operation.name, leaf.name, tried] is None
            ]
            sent = [with_text(self._sample(operation, sample), leaf, tried[turn]) for leaf, tried in rest]
            documents = [document(client, kind_of(operation), body) for body in sent]
            for (leaf, tried), reply in zip(rest, self.wire.documents(documents), strict=True):
                if reply.result == "SUCCESS":
                    _TAKEN[operation.name, leaf.name, tried] = tried[turn]

    def _sample(self, operation: Operation, sample: etree._Element) -> etree._Element:
        """What a call is made of: accounts are new ones each time."""
        return base(self.probe, operation, Role.ADMIN) if operation.name == "CreateUser" else sample

    def _call_with_all(self, cast: Cast, operation: Operation, taken: list[tuple[Leaf, str]]) -> list[str]:
        """One call with all texts; two with a half each where they do not go together, and so on."""
        role = Role.ADMIN if operation.name == "SetUser" else caller_of(operation)
        body = base(cast, operation, role)
        for leaf, text in taken:
            put(body, leaf, text)
        reply = self.wire.documents([document(cast.client(role), kind_of(operation), body)])[0]
        if reply.result == "SUCCESS":
            return [leaf.name for leaf, _ in taken]
        if len(taken) <= 1:
            return []
        half = len(taken) // 2
        first = self._call_with_all(cast, operation, taken[:half])
        return first + self._call_with_all(cast, operation, taken[half:])


def with_recordings(cast: Cast, text: str, host: str = "host1") -> None:
    """Recordings as they come in by other ways: one that somebody looked at, one that is shared, one in the trash."""
    site = cast.site
    at = site.server.application.clock.now() - 60
    given = {"name": text, "password": text[:16], "document": details(description=text, author=text, presenter=text)}
    seen = new_recording(site, host, **given)
    looked_at(site, seen, at, name=text)
    share(site, new_recording(site, host, **given), "host2")
    new_recording(site, host, state=State.TRASHED, trashed_at=at, **given)


def with_tests(cast: Cast, text: str) -> str:
    """A test of a training, and the address of somebody's page of it, below the server's."""
    site = cast.site
    session = training(site, ["guest@people.example"], name=text)
    inside = item("q1", text, choices({"A": text, "B": text}), "", ' minvalue="0" maxvalue="2"')
    test_id = schedule(site.client(), session, quiz(inside, item("q2", text, blank()), title=text))
    return link(site, test_id, people_of(site, session)[0]).removeprefix(site.server.url)


def with_history(cast: Cast, text: str) -> None:
    """A meeting and an event that took place an hour ago, with somebody in them who calls himself so."""
    server, site_id = cast.site.server, cast.site.site_id
    name = f"{text[:50]} here" if "<!--" not in text else f"here {text[:50]}"  # names of events lose comments
    for make in (create, create_event):
        key = int(make(cast.site.client(), name))
        try:
            server.clock.ahead -= 3600
            stays = server.run(chores.begin(server.application, site_id, key, {text[:60]: _GUEST}))
            server.clock.ahead += 1800
            server.run(chores.end(server.application, site_id, stays))
        finally:
            server.clock.ahead = 0


def answers_of(cast: Cast) -> Iterator[Answer]:
    """What the operations answer that tell something, to host and administrator; each answer is validated."""
    for operation in readers():
        for role in (Role.HOST_OWN, Role.ADMIN):
            client = cast.client(role)
            yield client.send(document(client, kind_of(operation), base(cast, operation, role)))
    client = cast.client(Role.HOST_OWN)
    listed = client.call("ep.LstsummarySession", {"listControl": {"startFrom": 1, "maximumNum": 500}})
    for key in listed.all("sessionKey"):
        for name in ("meeting.GetMeeting", "event.GetEvent", "training.GetTrainingSession", "ep.GetSessionInfo"):
            yield client.call(name, sessionKey=key, meetingKey=key if "Meeting" in name else None)
        yield client.call("meeting.GetjoinurlMeeting", sessionKey=key)


def values(rows: Rows) -> dict[str, list[str]]:
    """The values of all columns, and of all fields of the documents in them, by table and column."""
    found: dict[str, dict[str, None]] = {}
    for name, kept in rows.items():
        columns = tables.metadata.tables[name].c
        for row in kept:
            for column, value in zip(columns, row, strict=True):
                for path, each in _inside(f"{name}.{column.name}", value):
                    found.setdefault(path, {})[each] = None
    return {path: list(each) for path, each in found.items()}


def _inside(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Texts and numbers in a value by path; documents are looked into."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            value = json.loads(value)
        except ValueError:
            yield path, value
            return
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _inside(f"{path}.{name}", each)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(path, each)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield path, str(value)
