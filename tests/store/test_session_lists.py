"""Lists of sessions against the plainest imaginable model of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.domain.session import Attendee, Session
from parley.domain.user import User
from parley.store import Changes, Engine, sessions
from parley.store.lists import Order
from parley.store.session_lists import (
    LARGEST_CHOICE,
    SESSION_ORDERS,
    Mark,
    SessionFilter,
    list_marks,
    list_places,
    list_series,
    list_sessions,
    list_summaries,
    summaries_of,
)
from tests.store.builders import NOON, a_session, an_attendee, new_session, new_site, new_user

DAY = 86_400
NAMES = (
    "Alpha",
    "alpha beta",
    "ALPHABET",
    "Übung",
    "übung 2",
    "Zeta",
    "zeta",
    "a%b",
    "a_b",
    "a\U0010ffff",
    "a\ud7ff",
    "\U0010ffff",
)
CODES = (None, "", "A", "a", "B")
EMAILS = ("one@x.org", "two@x.org")


class World:
    """What is in the database, as plain lists."""

    def __init__(self, hosts: list[User], listed: list[Session], people: list[Attendee]) -> None:
        self.site_id = hosts[0].site_id
        self.hosts = {host.user_id: host for host in hosts}
        self.sessions = listed
        self.people: dict[int, list[Attendee]] = {}
        for person in people:
            self.people.setdefault(person.session_key, []).append(person)

    def chosen(self, wanted: SessionFilter) -> list[Session]:
        return [each for each in self.sessions if self._in_scope(each, wanted) and _meets(each, wanted)]

    def _in_scope(self, session: Session, wanted: SessionFilter) -> bool:
        if session.site_id != wanted.site_id or wanted.ended not in (None, session.ended):
            return False
        if wanted.recurring not in (None, session.recurring):
            return False
        people = self.people.get(session.session_key, [])
        ways = []
        if wanted.host_id is not None:
            ways.append(session.host_id == wanted.host_id)
        if wanted.creator_id is not None:
            ways.append(session.creator_id == wanted.creator_id != session.host_id)
        if wanted.alternate_id is not None:
            ways.append(any(each.user_id == wanted.alternate_id and each.role == "HOST" for each in people))
        if wanted.invited_id is not None:
            ways.append(any(each.user_id == wanted.invited_id and _is_in(each) for each in people))
        if wanted.invited_email_key is not None:
            ways.append(any(each.email_key == wanted.invited_email_key and _is_in(each) for each in people))
        return any(ways) if ways else True

    def ordered(self, some: list[Session], order: list[Order]) -> list[Session]:
        fields = order or [Order("STARTTIME")]
        some = sorted(some, key=lambda each: each.session_key, reverse=fields[0].descending)
        seen: set[str] = set()
        distinct = [each for each in fields if not (each.field in seen or seen.add(each.field))]  # type: ignore[func-returns-value]
        for each in reversed(distinct):
            some = sorted(some, key=self._key(each), reverse=each.descending)
        return some

    def _key(self, order: Order) -> Callable[[Session], Any]:
        if order.field == "STARTTIME":
            return lambda each: each.next_start
        if order.field == "CONFNAME":
            return lambda each: each.name if order.case_sensitive else each.name_key
        if order.field == "HOSTWEBEXID":
            return lambda each: (
                self.hosts[each.host_id].web_ex_id if order.case_sensitive else self.hosts[each.host_id].web_ex_id_key
            )
        if order.field in ("ACCOUNT", "OPPORTUNITY"):
            column = f"{order.field.lower()}_key"
            return lambda each: (getattr(each, column) is not None, getattr(each, column) or "")
        place = int(order.field.removeprefix("TRACKINGCODE")) - 1
        return lambda each: (each.tracking_codes[place] is not None, each.tracking_codes[place] or "")

    def values(self, session: Session, order: list[Order]) -> tuple[Any, ...]:
        """What a session is sorted by."""
        found = (self._key(each)(session) for each in order)
        return tuple((each[1] if each[0] else None) if isinstance(each, tuple) else each for each in found)


def _is_in(person: Attendee) -> bool:
    return person.role == "HOST" or (person.join_status in ("INVITE", "ACCEPT") and not person.waiting)


def _within(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _meets(session: Session, wanted: SessionFilter) -> bool:
    if session.session_type in wanted.without_types:
        return False
    if wanted.services and session.service not in wanted.services:
        return False
    met: list[bool] = []
    for low, high, value in (
        (wanted.start_from, wanted.start_to, session.next_start),
        (wanted.end_from, wanted.end_to, session.next_end),
        (wanted.modified_from, wanted.modified_to, session.modified_at),
    ):
        if low is not None or high is not None:
            met.append(_within(value, low, high))
    if wanted.name_prefix is not None:
        met.append(session.name_key.startswith(wanted.name_prefix))
    if wanted.conf_id is not None:
        met.append(session.conf_id == wanted.conf_id)
    if wanted.status is not None:
        met.append(session.status == wanted.status)
    if wanted.account_key is not None:
        met.append(session.account_key == wanted.account_key)
    if wanted.opportunity_key is not None:
        met.append(session.opportunity_key == wanted.opportunity_key)
    choices: tuple[tuple[tuple[Any, ...], Any], ...] = (
        (wanted.keys, session.session_key),
        (wanted.session_types, session.session_type),
        (wanted.listings, session.listing),
    )
    met += [value in chosen for chosen, value in choices if chosen]
    if not met:
        return True
    return any(met) if wanted.any_of else all(met)


@pytest.fixture
async def world(engine: Engine) -> World:
    """Some 90 sessions of three hosts over six days, and as many of another site."""
    dice = random.Random(7)
    worlds = [await _populate(engine, dice) for _ in range(2)]
    return worlds[0]


async def _populate(engine: Engine, dice: random.Random) -> World:
    site = await new_site(engine)
    hosts = [await new_user(engine, site.site_id, web_ex_id=name) for name in ("carol", "Alice", "bob")]
    listed: list[Session] = []
    people: list[Attendee] = []
    for _ in range(90):
        name = dice.choice(NAMES)
        start = NOON + dice.choice((0, 0, 1, 3_600, 43_199, 43_200)) + dice.randrange(-3, 3) * DAY
        session = a_session(
            site.site_id,
            dice.choice(hosts).user_id,
            creator_id=dice.choice(hosts).user_id,
            recurring=dice.random() < 0.3,
            name=name,
            next_start=start,
            next_end=start + dice.choice((0, 60, DAY)),
            ended=dice.random() < 0.2,
            conf_id=dice.randrange(5),
            status=dice.choice(("INPROGRESS", "NOT_INPROGRESS")),
            service=dice.choice(("MeetingCenter", "EventCenter")),
            session_type=dice.randrange(4),
            listing=dice.choice(("PUBLIC", "PRIVATE", "UNLISTED")),
            modified_at=dice.randrange(10),
            tracking_code_1=dice.choice(CODES),
            tracking_code_10=dice.choice(CODES),
            account_key=dice.choice(CODES),
            opportunity_key=dice.choice(CODES),
        )
        there = [
            an_attendee(
                session,
                email,
                user_id=dice.choice((None, *(host.user_id for host in hosts))),
                role=dice.choice(("HOST", "ATTENDEE")),
                join_status=dice.choice(("INVITE", "REGISTER", "ACCEPT", "REJECT")),
                waiting=dice.random() < 0.2,
            )
            for email in dice.sample(EMAILS, dice.randrange(3))
        ]
        changes = Changes()
        listed.append(sessions.create_session(changes, session, there))
        people += there
        await engine.commit(changes)
    return World(hosts, listed, people)


times = st.sampled_from([NOON + day * DAY + second for day in (-3, -1, 0, 2) for second in (-1, 0, 1, 43_199, 43_200)])
persons = st.sampled_from((0, 1, 2))
filters = st.fixed_dictionaries(
    {},
    optional={
        "ended": st.sampled_from((None, True, False)),
        "recurring": st.sampled_from((None, True, False)),
        "host_id": persons,
        "creator_id": persons,
        "alternate_id": persons,
        "invited_id": persons,
        "invited_email_key": st.sampled_from((*EMAILS, "nobody@x.org")),
        "any_of": st.booleans(),
        "start_from": times,
        "start_to": times,
        "end_from": times,
        "end_to": times,
        "modified_from": st.integers(-1, 11),
        "modified_to": st.integers(-1, 11),
        "name_prefix": st.sampled_from(
            ("", "a", "alpha", "alphabet soup", "üb", "zeta", "a%", "a_", "a\ud7ff", "a\U0010ffff", "\U0010ffff")
        ),
        "conf_id": st.integers(0, 6),
        "status": st.sampled_from(("INPROGRESS", "NOT_INPROGRESS", "ELSE")),
        "account_key": st.sampled_from(("", "a", "B", "c")),
        "opportunity_key": st.sampled_from(("", "A")),
        "keys": st.lists(st.integers(0, 89), max_size=6),
        "session_types": st.lists(st.integers(0, 5), max_size=3).map(tuple),
        "without_types": st.lists(st.integers(0, 5), max_size=3).map(tuple),
        "services": st.lists(st.sampled_from(("MeetingCenter", "EventCenter", "None")), max_size=3).map(tuple),
        "listings": st.lists(st.sampled_from(("PUBLIC", "PRIVATE", "UNLISTED")), max_size=2).map(tuple),
    },
)
orders = st.lists(
    st.builds(
        Order,
        st.sampled_from(("STARTTIME", "CONFNAME", "HOSTWEBEXID", "TRACKINGCODE1", "TRACKINGCODE10", "ACCOUNT")),
        st.booleans(),
        st.booleans(),
    ),
    max_size=3,
)
relaxed = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _resolved(world: World, fields: dict[str, Any]) -> SessionFilter:
    hosts = list(world.hosts)
    for name in ("host_id", "creator_id", "alternate_id", "invited_id"):
        if name in fields:
            fields = {**fields, name: hosts[fields[name]]}
    if "keys" in fields:
        fields = {**fields, "keys": tuple(world.sessions[place].session_key for place in fields["keys"])}
    return SessionFilter(site_id=world.site_id, **fields)


@relaxed
@given(fields=filters, order=orders, start_from=st.integers(1, 95), maximum=st.integers(1, 40))
async def test_pages_are_those_of_the_model(
    engine: Engine, world: World, fields: dict[str, Any], order: list[Order], start_from: int, maximum: int
) -> None:
    wanted = _resolved(world, fields)
    expected = world.ordered(world.chosen(wanted), order)
    page = await list_sessions(engine, wanted, order, start_from, maximum)
    assert [each.plain() for each in page.rows] == expected[start_from - 1 : start_from - 1 + maximum]
    assert page.total == len(expected)
    assert all(each.host_web_ex_id == world.hosts[each.host_id].web_ex_id for each in page.rows)
    marks = await list_marks(engine, wanted, order, start_from, maximum)
    assert marks.total == page.total
    assert marks.rows == [
        Mark(each.session_key, each.version, each.alternates, each.host_id, world.hosts[each.host_id].version)
        for each in page.rows
    ]
    places = await list_places(engine, wanted, order, start_from, maximum)
    assert places.total == page.total
    fields_of = {each.field: each for each in reversed(order or [Order("STARTTIME")])}
    sorted_by = [fields_of[name] for name in dict.fromkeys(each.field for each in order or [Order("STARTTIME")])]
    assert places.rows == [(each.session_key, world.values(each, sorted_by)) for each in page.rows]
    if wanted.recurring:
        series = await list_series(engine, wanted, order, 100)
        assert {(each.session_key, each.document, each.values) for each in series} == {
            (each.session_key, each.document, world.values(each, sorted_by)) for each in expected
        }
        assert len(await list_series(engine, wanted, order, 2)) == min(2, len(expected))


@pytest.mark.parametrize("ended", [False, None])
async def test_a_page_of_ones_own_sessions_and_others_begins_anywhere(
    engine: Engine, world: World, ended: bool | None
) -> None:
    for host_id in world.hosts:
        wanted = SessionFilter(
            site_id=world.site_id, ended=ended, host_id=host_id, creator_id=host_id, invited_id=host_id
        )
        for order in ([Order("STARTTIME")], [Order("CONFNAME", descending=True)]):
            expected = [each.session_key for each in world.ordered(world.chosen(wanted), order)]
            assert len(expected) > 40
            for start_from in range(1, len(expected) + 2, 3):
                page = await list_places(engine, wanted, order, start_from, 5)
                assert [key for key, _ in page.rows] == expected[start_from - 1 : start_from + 4]
                assert page.total == len(expected)


async def test_when_series_are_next_held(engine: Engine, host: User) -> None:
    daily = await new_session(engine, host, recurring=True, next_start=NOON)
    weekly = await new_session(engine, host, recurring=True, next_start=NOON, ended=True)
    over = await new_session(engine, host, recurring=True, ended=True)
    for series, start, ended in (
        (daily, NOON + 60, False),
        (weekly, NOON + 90, False),
        (weekly, NOON + 30, True),
        (weekly, NOON + 120, False),
        (over, NOON, True),
    ):
        await new_session(engine, host, series_key=series.session_key, next_start=start, ended=ended)
    keys = [daily.session_key, weekly.session_key, over.session_key, 5]
    found = await sessions.upcoming(engine, host.site_id, keys)
    assert found == {daily.session_key: NOON, weekly.session_key: NOON + 90}
    assert await sessions.upcoming(engine, host.site_id + 1, keys) == {}
    assert await sessions.upcoming(engine, host.site_id, []) == {}


@settings(relaxed, max_examples=80)
@given(
    ended=st.sampled_from((False, True, None)),
    bounds=st.fixed_dictionaries({}, optional={"start_from": times, "start_to": times}),
    descending=st.booleans(),
    start_from=st.integers(1, 95),
    maximum=st.integers(1, 40),
    brief=st.booleans(),
)
async def test_pages_found_by_counters_are_those_of_the_model(
    engine: Engine,
    world: World,
    ended: bool | None,
    bounds: dict[str, Any],
    descending: bool,
    start_from: int,
    maximum: int,
    brief: bool,
) -> None:
    wanted = SessionFilter(site_id=world.site_id, ended=ended, **bounds)
    order = [Order("STARTTIME", descending)]
    expected = world.ordered(world.chosen(wanted), order)
    read = list_summaries if brief else list_sessions
    page = await read(engine, wanted, order, start_from, maximum)
    keys = [each.session_key for each in expected]
    assert [each.session_key for each in page.rows] == keys[start_from - 1 : start_from - 1 + maximum]
    assert page.total == len(expected)


@pytest.mark.parametrize("field", SESSION_ORDERS)
async def test_every_order_gives_every_session_once(engine: Engine, world: World, field: str) -> None:
    wanted = SessionFilter(site_id=world.site_id, ended=None)
    for descending in (False, True):
        keys: list[int] = []
        while True:
            page = await list_sessions(engine, wanted, [Order(field, descending)], len(keys) + 1, 13)
            assert page.total == 90
            if not page.rows:
                break
            keys += [each.session_key for each in page.rows]
        expected = world.ordered(world.chosen(wanted), [Order(field, descending)])
        assert keys == [each.session_key for each in expected]


async def test_summaries_are_a_part_of_the_sessions(engine: Engine, host: User) -> None:
    stored = await new_session(
        engine, host, document='{"much":"text"}', tracking_code_3="x", password="p", open_time=5, registration=True
    )
    scopes: tuple[dict[str, Any], ...] = ({}, {"host_id": host.user_id}, {"status": stored.status}, {"ended": None})
    for scope in scopes:
        wanted = SessionFilter(site_id=host.site_id, **scope)
        [full] = (await list_sessions(engine, wanted)).rows
        [brief] = (await list_summaries(engine, wanted)).rows
        assert full.plain() == stored
        whole = {**msgspec.structs.asdict(full), "has_password": True, "host_version": host.version}
        assert msgspec.structs.asdict(brief) == {name: whole[name] for name in brief.__struct_fields__}
        assert await summaries_of(engine, host.site_id, [stored.session_key, 1]) == [brief]
    wanted = SessionFilter(site_id=host.site_id)
    [brief] = (await list_summaries(engine, wanted)).rows
    [mark] = (await list_marks(engine, wanted)).rows
    assert mark == Mark(brief.session_key, brief.version, brief.alternates, brief.host_id, brief.host_version)


async def test_absurd_positions_and_ranges_give_nothing(engine: Engine, host: User) -> None:
    await new_session(engine, host)
    far = (1 << 62) + 5
    scopes: tuple[dict[str, Any], ...] = ({}, {"host_id": host.user_id}, {"status": "NOT_INPROGRESS"})
    for scope in scopes:
        wanted = SessionFilter(site_id=host.site_id, **scope)
        page = await list_sessions(engine, wanted, start_from=far)
        assert (page.rows, page.total) == ([], 1)
    for low, high, count in ((far, -far, 0), (-far, far, 1), (far, far, 0), (-far, -far, 0), (None, far, 1)):
        wanted = SessionFilter(site_id=host.site_id, start_from=low, start_to=high)
        assert (await list_sessions(engine, wanted)).total == count


async def test_a_choice_is_bounded(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    keys = (*range(LARGEST_CHOICE - 1), session.session_key)
    page = await list_sessions(engine, SessionFilter(site_id=host.site_id, keys=keys))
    assert [each.session_key for each in page.rows] == [session.session_key]
    with pytest.raises(ValueError, match="keys has 513 values"):
        await list_sessions(engine, SessionFilter(site_id=host.site_id, keys=(*keys, 1)))


async def test_an_unknown_order_is_refused(engine: Engine, host: User) -> None:
    with pytest.raises(KeyError):
        await list_sessions(engine, SessionFilter(site_id=host.site_id), [Order("CONFNAMES")])
