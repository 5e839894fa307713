"""Load as programs make it: meetings are created, changed, filled with people, deleted and read, and lists with them.

Every request is one line in the record: when it began and ended, and how: done, the busy fault of the API, lost, or
wrong, which nothing explains.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.client import Client, xml_of
from tests.faults.ledger import Ledger, Meeting, State
from tests.faults.wire import LostError, Wires
from tests.killed import PASSWORD, SITE, host
from tests.services.meetings import attendee, meeting

PATH: Final = "/WBXService/XMLService"
_BUSY: Final = "000035"
_KEY: Final = re.compile(r"<meet:meetingkey>(\d+)<")
_CODE: Final = re.compile(r"<serv:exceptionID>(\d{6})<")
_NAME: Final = re.compile(r"<meet:confName>([^<]*)<")
_EMAIL: Final = re.compile(r"<com:email>([^<]*@people\.example)<")
_LISTED: Final = re.compile(
    r"<meet:meetingKey>(\d+)</meet:meetingKey>(?:<meet:meetingUUID>[^<]*</meet:meetingUUID>)?<meet:confName>([^<]*)<"
)
_TOTAL: Final = re.compile(r"<serv:total>(\d+)<")
_TYPE: Final = "Content-Type: text/xml\r\n"

#: How often each call comes: mostly reads of single meetings and lists, as portals, displays and sync jobs make them.
MIX: Final = {
    "read": 41,
    "list": 14,
    "people": 8,
    "account": 10,
    "ticket": 4,
    "page": 3,
    "create": 6,
    "change": 5,
    "register": 4,
    "delete": 5,
}
#: For tests that are after the writes.
WRITES: Final = {"read": 4, "list": 2, "page": 2, "create": 8, "change": 5, "register": 4, "delete": 4}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A request that was not done: times are of the monotonic clock; `kind` is busy, lost, 503 or wrong."""

    call: str
    kind: str
    note: str
    began: float
    ended: float


class WrongError(Exception):
    """An answer that no fault explains."""


class BusyError(Exception):
    """The API's own word for "not now", or a page's."""


class Traffic:
    """Programs of one host of the site of `tests.killed`.

    Args:
        seed: of everything that is drawn.
        mix: how often each call comes.
    """

    def __init__(self, wires: Wires, seed: int, mix: dict[str, int] = MIX) -> None:
        self.wires = wires
        self.chance = random.Random(seed)
        self.ledger = Ledger(self.chance)
        self.troubles: list[Trouble] = []
        self.done: Counter[str] = Counter()
        self.per_second: Counter[int] = Counter()
        self.slowest = 0.0
        self.under_way = 0
        self.most_under_way = 0
        self._seed = seed
        self._numbers = itertools.count()
        self._client: Client = host()
        self._mix = mix
        self._calls: dict[str, Callable[[], Any]] = {name: getattr(self, f"_{name}") for name in mix}

    # ---- the rhythm ----

    async def one(self) -> None:
        """One request, whatever becomes of it."""
        (name,) = self.chance.choices(list(self._mix), weights=list(self._mix.values()))
        await self.call(name)

    async def call(self, name: str) -> None:
        """One request of this kind."""
        began = time.monotonic()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self._calls[name]()
        except LostError as error:
            self._failed(name, "lost", str(error), began)
        except BusyError as error:
            self._failed(name, "busy", str(error), began)
        except WrongError as error:
            self._failed(name, "wrong", str(error), began)
        else:
            now = time.monotonic()
            self.slowest = max(self.slowest, now - began)
            self.done[name] += 1
            self.per_second[int(now)] += 1
        finally:
            self.under_way -= 1

    def _failed(self, call: str, kind: str, note: str, began: float) -> None:
        self.troubles.append(Trouble(call, kind, note, began, time.monotonic()))

    async def closed(self, connections: int, until: Callable[[], bool]) -> None:
        """So many programs, each of which waits for its answer before it asks again; after a failure a moment."""

        async def program() -> None:
            while not until():
                before = len(self.troubles)
                await self.one()
                if len(self.troubles) > before:
                    await asyncio.sleep(0.02)

        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(program())

    async def opened(self, rate: float, until: Callable[[], bool], most: int) -> int:
        """Requests that come at a rate, whether others were answered or not.

        Args:
            rate: requests a second, at random moments.
            most: so many are under way at most; who comes then turns away.

        Returns:
            How many turned away.
        """
        away = 0
        due = time.monotonic()
        async with asyncio.TaskGroup() as group:
            while not until():
                due += self.chance.expovariate(rate)
                wait = due - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                elif wait < -1.0:
                    due = time.monotonic()  # this process was held up: what did not come then does not come at once
                if self.under_way >= most:
                    away += 1
                    self._failed("any", "away", "too many under way", time.monotonic())
                    await asyncio.sleep(0)
                else:
                    group.create_task(self.one())
        return away

    # ---- calls ----

    async def ask(self, operation: str, values: dict[str, Any]) -> str:
        """The answer of an operation, a SUCCESS.

        Raises:
            LostError: there was none.
            BusyError: not now.
            WrongError: anything else.
        """
        document = self._client.document(operation, xml_of(values))
        answer = await self.wires.ask("POST", PATH, document.encode(), _TYPE)
        text = answer.body.decode()
        if answer.status != 200:
            raise WrongError(f"{operation}: status {answer.status}: {text[:100]}")
        if "<serv:result>SUCCESS<" in text:
            return text
        code = _CODE.search(text)
        if code is not None and code[1] == _BUSY:
            raise BusyError(_BUSY)
        raise WrongError(f"{operation}: {text.partition('<serv:response>')[2][:300]}")

    def _mark(self) -> str:
        return f"m{self._seed}x{next(self._numbers)}x{self.chance.randrange(16**6):06x}"

    async def _create(self) -> None:
        mark = self._mark()
        people = frozenset(f"{mark}-{number}@people.example" for number in range(self.chance.choice((0, 0, 1, 3))))
        invites = bool(people) and self.chance.random() < 0.5
        self.ledger.unanswered[mark] = people
        elements = meeting(
            mark,
            participants={"attendees": {"attendee": [attendee(each) for each in sorted(people)]}},
            attendeeOptions={"emailInvitations": invites},
        )
        found = _KEY.search(await self.ask("meeting.CreateMeeting", elements))
        if found is None:
            raise WrongError("CreateMeeting told no key")
        self.ledger.created(found[1], State(mark, people), people if invites else frozenset())

    async def _change(self) -> None:
        borrowed = self.ledger.borrow()
        if borrowed is None:
            return await self._create()
        assert borrowed.state is not None
        after = borrowed.state._replace(mark=self._mark())
        values = {"meetingkey": borrowed.key, "metaData": {"confName": after.mark}}
        await self._write(borrowed, after, "meeting.SetMeeting", values)
        return None

    async def _register(self) -> None:
        borrowed = self.ledger.borrow()
        if borrowed is None:
            return await self._create()
        assert borrowed.state is not None
        email = f"{self._mark()}@people.example"
        after = borrowed.state._replace(people=borrowed.state.people | {email})
        values = {"attendees": {**attendee(email), "sessionKey": borrowed.key}}
        await self._write(borrowed, after, "attendee.CreateMeetingAttendee", values)
        return None

    async def _delete(self) -> None:
        borrowed = self.ledger.borrow()
        if borrowed is None:
            return await self._create()
        await self._write(borrowed, None, "meeting.DelMeeting", {"meetingKey": borrowed.key})
        return None

    async def _write(self, borrowed: Meeting, after: State | None, operation: str, values: dict[str, Any]) -> None:
        borrowed.maybe.append(after)
        try:
            await self.ask(operation, values)
            borrowed.state = after
            borrowed.maybe.clear()
        finally:
            self.ledger.give_back(borrowed)

    async def _read(self) -> None:
        borrowed = self.ledger.borrow()
        if borrowed is None:
            return await self._create()
        try:
            state = await self.state_of(borrowed.key)
        finally:
            self.ledger.give_back(borrowed)
        if state != borrowed.state:
            raise WrongError(f"meeting {borrowed.key} is {state} instead of {borrowed.state}")
        return None

    async def state_of(self, key: str) -> State:
        """What a meeting looks like to a program that asks for it."""
        text = await self.ask("meeting.GetMeeting", {"meetingKey": key})
        name = _NAME.search(text)
        if name is None:
            raise WrongError("GetMeeting told no name")
        return State(name[1], frozenset(_EMAIL.findall(text)))

    async def _people(self) -> None:
        borrowed = self.ledger.borrow()
        if borrowed is None:
            return await self._create()
        assert borrowed.state is not None
        try:
            if not borrowed.state.people:
                return await self._list()
            # Without bounds a list has ten, and a meeting that lives long has more.
            values = {"meetingKey": borrowed.key, "listControl": {"startFrom": 1, "maximumNum": 500}}
            text = await self.ask("attendee.LstMeetingAttendee", values)
        finally:
            self.ledger.give_back(borrowed)
        if frozenset(_EMAIL.findall(text)) != borrowed.state.people:
            raise WrongError(f"people of {borrowed.key} are {_EMAIL.findall(text)}")
        return None

    async def _list(self) -> None:
        if not self.ledger.meetings:
            return await self._create()
        page = {"startFrom": 1, "maximumNum": 10, "listMethod": "AND"}
        await self.ask("meeting.LstsummaryMeeting", {"listControl": page, "order": {"orderBy": "STARTTIME"}})
        return None

    async def _account(self) -> None:
        await self.ask("user.GetUser", {"webExId": "host"})

    async def _ticket(self) -> None:
        await self.ask("user.AuthenticateUser", {})

    async def _page(self) -> None:
        answer = await self.wires.ask("GET", f"/{SITE}/", headers="Accept: text/html\r\n")
        if answer.status == 503:
            if b"<html" not in answer.body:
                raise WrongError(f"a 503 that is no page: {answer.body[:200]!r}")
            raise BusyError("503")
        if answer.status != 200:
            raise WrongError(f"page: status {answer.status}")

    # ---- looking at all ----

    async def listed(self) -> dict[str, str]:
        """Name by key of every meeting that lists tell."""
        found: dict[str, str] = {}
        start = 1
        while True:
            page = {"startFrom": start, "maximumNum": 500, "listMethod": "AND"}
            text = await self.ask("meeting.LstsummaryMeeting", {"listControl": page, "order": {"orderBy": "STARTTIME"}})
            rows = _LISTED.findall(text)
            total = _TOTAL.search(text)
            found |= dict(rows)
            start += len(rows)
            if total is None or not rows or start > int(total[1]):
                break
        if total is None or len(found) != int(total[1]):
            raise WrongError(f"lists tell {len(found)} meetings and a total of {total and total[1]}")
        return found


async def verify(traffic: Traffic) -> list[str]:
    """Compare what is there with what was acknowledged, over the API; returns what is wrong, nothing when all is well.

    What was in doubt is settled: afterwards the ledger says what is there.
    """
    ledger, wrong = traffic.ledger, []
    there = await traffic.listed() if ledger.meetings or ledger.unanswered else {}
    by_name = {name: key for key, name in there.items()}
    for mark, people in list(ledger.unanswered.items()):
        if mark in by_name:
            ledger.created(by_name[mark], State(mark, people), frozenset())
        ledger.unanswered.pop(mark, None)
    gate = asyncio.Semaphore(16)

    async def one(each: Meeting) -> None:
        async with gate:
            wanted = [each.state, *each.maybe]
            found = await traffic.state_of(each.key) if each.key in there else None
        if found not in wanted:
            wrong.append(f"meeting {each.key} is {found} instead of {wanted}")
        was_clear = not each.maybe
        each.state = found
        each.maybe.clear()
        if not was_clear:
            ledger.give_back(each)

    await asyncio.gather(*(one(each) for each in list(ledger.meetings.values())))
    strangers = there.keys() - ledger.meetings.keys()
    if strangers:
        wrong.append(f"{len(strangers)} meetings that nobody made: {sorted(strangers)[:5]}")
    return wrong


__all__ = ["MIX", "PASSWORD", "SITE", "WRITES", "Traffic", "Trouble", "verify"]
