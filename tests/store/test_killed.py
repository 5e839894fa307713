"""A server that is killed in the middle of writes loses nothing that it said was done, and keeps nothing by halves.

`parley serve` runs as people start it. Programs on several connections create, change and delete meetings until the
server is killed; then the database is looked at. Name and people of a meeting are made from one mark, so that a
meeting made of parts of two states is told from a whole one.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import secrets
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from parley.store import checks, engine_for
from tests.client import Client, xml_of
from tests.killed import PASSWORD, SITE, host, make_site
from tests.processes import ServerProcess
from tests.services.meetings import attendee, meeting

#: How often the server is killed on each database.
ROUNDS = int(os.environ.get("PARLEY_KILLS", "25"))
CONNECTIONS = 4
#: The server is killed when the programs had so many answers, from the first to the last but one, and up to so many
#: seconds after: a slow machine comes as far as a quick one.
_ANSWERS = (8, 60)
_KILLED = 0.02
_PATIENCE = 60
_KEY = re.compile(r"<meet:meetingkey>(\d+)<")

Row = tuple[Any, ...]


@dataclass
class Known:
    """What the programs know of the meetings they made.

    certain: by key, the mark that the last SUCCESS was for; deleted: keys of which a SUCCESS said that they are gone;
    open: by key, what may or may not have happened (a mark; None: deleted); unanswered: marks of meetings that may
    have been created.
    """

    certain: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    open: dict[str, str | None] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    answers: int = 0


def people_of(mark: str) -> list[str]:
    """The addresses of a meeting with this mark: from one to four."""
    return [f"{mark}-{number}@people.example" for number in range(1 + int(mark[0], 16) % 4)]


class Program:
    """Writes over one connection until it breaks."""

    def __init__(self, port: int, known: Known, number: int) -> None:
        self._known = known
        self._random = random.Random(number)
        self._client = host()
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def run(self) -> None:
        """Create, change and delete until the server is gone."""
        with self._http, suppress(httpx.HTTPError):
            while True:
                self._step()

    def _step(self) -> None:
        known = self._known
        mark = secrets.token_hex(6)
        mine = sorted(key for key in known.certain if key not in known.open)
        choice = self._random.random()
        if not mine or choice < 0.4:
            known.unanswered.add(mark)
            found = _KEY.search(self._call("CreateMeeting", self._elements(mark)))
            assert found is not None
            known.certain[found[1]] = mark
            known.unanswered.discard(mark)
            return
        key = self._random.choice(mine[-20:])
        if choice < 0.8:
            known.open[key] = mark
            self._call("SetMeeting", {**self._elements(mark), "meetingKey": key})
            known.certain[key] = mark
        else:
            known.open[key] = None
            self._call("DelMeeting", {"meetingKey": key})
            del known.certain[key]
            known.deleted.add(key)
        del known.open[key]

    def _elements(self, mark: str) -> dict[str, Any]:
        people = [attendee(email) for email in people_of(mark)]
        invitations = {"emailInvitations": True}
        return meeting(mark, participants={"attendees": {"attendee": people}}, attendeeOptions=invitations)

    def _call(self, operation: str, values: dict[str, Any]) -> str:
        """The answer, a SUCCESS.

        Raises:
            HTTPError: the server is gone.
        """
        document = self._client.document(f"meeting.{operation}", xml_of(values))
        text = self._http.post("/WBXService/XMLService", content=document.encode()).text
        assert "<serv:result>SUCCESS<" in text, text
        self._known.answers += 1
        return text


# --- the databases -----------------------------------------------------------------------------------------------


def rows_of_sqlite(data: Path, statements: list[str]) -> list[list[Row]]:
    """What statements find in the file, after the next one who opens it has cleaned up."""
    connection = sqlite3.connect(data / "parley.db", timeout=10)
    try:
        return [connection.execute(statement).fetchall() for statement in statements]
    finally:
        connection.close()


async def rows_of_postgres(url: str, statements: list[str]) -> list[list[Row]]:
    """What statements find in the database, once it has noticed that the server is gone."""
    connection = await asyncpg.connect(url, timeout=10)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        deadline = time.monotonic() + 10
        while await connection.fetchval(others):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        return [[tuple(row) for row in await connection.fetch(statement)] for statement in statements]
    finally:
        await connection.close()


_STATEMENTS = [
    "SELECT session_key, name, attendee_count FROM sessions",
    "SELECT session_key, email_key FROM attendees",
    "SELECT ended, next_start / 86400, listing, service, session_type, count(*) FROM sessions GROUP BY 1, 2, 3, 4, 5",
    "SELECT ended, day, listing, service, session_type, total FROM session_days WHERE total <> 0",
    "SELECT kind, session_key, recipient FROM outbox",
]


def check(known: Known, rows: list[list[Row]]) -> None:
    """Compare what is there with what may be there, and settle what was open."""
    sessions = {str(key): (name, count) for key, name, count in rows[0]}
    people: dict[str, list[str]] = {}
    for key, email in rows[1]:
        people.setdefault(str(key), []).append(email)
    check_whole(sessions, people, rows)
    by_name = {name: key for key, (name, _) in sessions.items()}
    for mark in known.unanswered & by_name.keys():
        known.certain[by_name[mark]] = mark
    known.unanswered.clear()
    for key, wanted in known.open.items():
        if wanted is None and key not in sessions:
            del known.certain[key]
            known.deleted.add(key)
        elif wanted is not None and sessions[key][0] == wanted:
            known.certain[key] = wanted
    known.open.clear()
    assert {key: name for key, (name, _) in sessions.items()} == known.certain
    assert not known.deleted & sessions.keys()


def check_whole(sessions: dict[str, tuple[str, int]], people: dict[str, list[str]], rows: list[list[Row]]) -> None:
    """Nothing is there by halves, whatever was asked for."""
    for key, (name, count) in sessions.items():
        assert sorted(people.get(key, [])) == people_of(name)
        assert count == len(people_of(name))
    assert people.keys() <= sessions.keys()
    assert sorted(map(_numbers, rows[2])) == sorted(map(_numbers, rows[3]))
    kinds = Counter((kind, str(key)) for kind, key, _ in rows[4])
    scheduled = {key for kind, key in kinds if kind == "session.scheduled"}
    cancelled = {key for kind, key in kinds if kind == "session.cancelled"}
    assert scheduled - cancelled == sessions.keys()
    assert not cancelled & sessions.keys()
    for key in scheduled:
        invited = [recipient for kind, of, recipient in rows[4] if kind == "session.invitation" and str(of) == key]
        assert kinds["session.scheduled", key] == 1
        assert sorted(invited) == people_of(invited[0].partition("-")[0])


def _numbers(row: Row) -> Row:
    return tuple(value if isinstance(value, str) else int(value) for value in row)


# --- the test ----------------------------------------------------------------------------------------------------


def _write_until_killed(server: ServerProcess, known: Known, number: int) -> None:
    programs = [Known() for _ in range(CONNECTIONS)]
    mine = sorted(known.certain)
    for place, each in enumerate(programs):  # every program has meetings of its own
        each.certain = {key: known.certain[key] for key in mine[place::CONNECTIONS]}
    runs = [Program(server.port, each, number * CONNECTIONS + place).run for place, each in enumerate(programs)]
    failures: list[BaseException] = []
    threads = [threading.Thread(target=_guarded, args=(run, failures)) for run in runs]
    for thread in threads:
        thread.start()
    chance = random.Random(number)
    enough, deadline = chance.randrange(*_ANSWERS), time.monotonic() + _PATIENCE
    while sum(each.answers for each in programs) < enough and time.monotonic() < deadline and not failures:
        time.sleep(0.002)
    time.sleep(chance.uniform(0, _KILLED))
    server.kill()
    for thread in threads:
        thread.join(40)
        assert not thread.is_alive()
    assert failures == []
    known.certain = {key: mark for each in programs for key, mark in each.certain.items()}
    for each in programs:
        known.deleted |= each.deleted
        known.open |= each.open
        known.unanswered |= each.unanswered


def _guarded(run: Callable[[], None], failures: list[BaseException]) -> None:
    try:
        run()
    except BaseException as error:
        failures.append(error)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_killed_server_keeps_its_word(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address: str = request.getfixturevalue(f"{kind}_database")
    data = tmp_path
    database = address if kind == "postgres" else None
    asyncio.run(make_site(data, database))
    known = Known()
    in_the_middle = 0
    for number in range(ROUNDS):
        _write_until_killed(ServerProcess(data, database), known, number)
        in_the_middle += bool(known.open or known.unanswered)
        if database is None:
            rows = rows_of_sqlite(data, _STATEMENTS)
        else:
            rows = asyncio.run(rows_of_postgres(database, _STATEMENTS))
        check(known, rows)
    # The test is worth something only if the kills did hit writes.
    assert in_the_middle > ROUNDS / 2
    assert len(known.certain) > ROUNDS
    assert len(known.deleted) > ROUNDS
    _check_over_http(data, database, known)
    assert asyncio.run(_problems(address)) == []


async def _problems(address: str) -> list[checks.Problem]:
    """What `parley db check` would find."""
    engine = engine_for(address)
    await engine.start()
    try:
        return await checks.all_problems(engine)
    finally:
        await engine.stop()


def _check_over_http(data: Path, database: str | None, known: Known) -> None:
    server = ServerProcess(data, database)
    try:
        client = Client(server.url, SITE, web_ex_id="host", password=PASSWORD)
        for key in random.sample(sorted(known.certain), min(20, len(known.certain))):
            answer = client.call("meeting.GetMeeting", meetingKey=key).ok()
            assert answer.value("confName") == known.certain[key]
            assert sorted(answer.all("attendee/person/email")) == people_of(known.certain[key])
        for key in random.sample(sorted(known.deleted), min(10, len(known.deleted))):
            client.call("meeting.GetMeeting", meetingKey=key).failed("060001")
        total = client.call("meeting.LstsummaryMeeting", {"listControl": {"maximumNum": 5}}).ok().value("total")
        assert total == str(len(known.certain))
    finally:
        server.stop()
    assert server.errors() == []
