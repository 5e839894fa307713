"""Lists of the history: against a plain reckoning over the same rows, and along which index they are read."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import msgspec
import pytest

from parley.domain.history import Run, Stay
from parley.domain.site import Site
from parley.store import Changes, Engine, history_lists, runs
from parley.store.history_lists import RUN_ORDERS, STAY_ORDERS, HistoryFilter, list_runs, list_stays
from parley.store.lists import Order
from tests.store.builders import NOON, new_site, number

DAY = 86_400
SERVICE = "MeetingCenter"


def a_run(site: Site, **fields: Any) -> Run:
    name = fields.pop("name", "Review")
    start = fields.pop("started_at", NOON)
    given: dict[str, Any] = {
        "conf_id": number(),
        "session_key": number(),
        "uuid": "",
        "service": SERVICE,
        "audio_only": False,
        "session_type": 3,
        "type_code": "PRO",
        "host_id": 1,
        "host_web_ex_id": "host",
        "host_name": "Host",
        "host_email": "host@x.example",
        "time_zone_id": 20,
        "closed_at": start + 600,
        "ended_at": start + 600,
        **fields,
    }
    return Run(site_id=site.site_id, name=name, name_key=name.casefold(), started_at=start, **given)


def a_stay(run: Run, **fields: Any) -> Stay:
    given: dict[str, Any] = {
        "stay_id": number(),
        "person_key": "email a",
        "name": "Ann",
        "email": "ann@x.example",
        "user_id": None,
        "attendee_id": None,
        "register_id": None,
        "part": "ATTENDEE",
        "ip_address": None,
        "client_agent": None,
        "joined_at": run.started_at,
        "left_at": run.ended_at,
        "alive_at": run.started_at,
        **fields,
    }
    own = ("site_id", "conf_id", "session_key", "service", "audio_only", "host_id")
    same = {name: getattr(run, name) for name in own}
    return Stay(**same, run_started_at=run.started_at, run_ended_at=run.ended_at, **given)


@pytest.fixture
async def history(engine: Engine) -> tuple[Site, list[Run], list[Stay]]:
    """Some runs with two stays each; another site has the same."""
    site, other = await new_site(engine), await new_site(engine)
    made: list[Run] = []
    for place, (name, host, audio_only) in enumerate(
        itertools.product(("Alpha", "alphabet", "beta"), (1, 2), (False, True))
    ):
        assist = "Consult" if place % 3 == 0 else None
        start = NOON + place * DAY
        made.append(
            a_run(
                site,
                name=name,
                host_id=host,
                audio_only=audio_only,
                started_at=start,
                assist_request=assist,
                participants=place % 4,
                host_name=f"h{host}",
            )
        )
    made.append(a_run(site, service="EventCenter"))
    people = [
        a_stay(run, joined_at=run.started_at + late, name=name, company=company)
        for run in made
        for late, name, company in ((0, "bob", None), (60, "Ann", "Acme"))
    ]
    changes = Changes()
    for run in made:
        runs.bring_run(changes, run)
        runs.bring_run(changes, msgspec.structs.replace(run, site_id=other.site_id))
    runs.bring_run(changes, a_run(site, ended_at=None, closed_at=None))
    for stay in people:
        runs.bring_stay(changes, stay)
    await engine.commit(changes)
    return site, made, people


CASES: list[tuple[dict[str, Any], Callable[[Run], bool]]] = [
    ({}, lambda run: True),
    ({"audio_only": False}, lambda run: not run.audio_only),
    ({"host_id": 2}, lambda run: run.host_id == 2),
    ({"name_prefix": "alpha"}, lambda run: run.name_key.startswith("alpha")),
    (
        {"started_from": NOON + DAY, "started_to": NOON + 4 * DAY},
        lambda run: NOON + DAY <= run.started_at <= NOON + 4 * DAY,
    ),
    ({"ended_from": NOON + DAY, "ended_to": NOON + 4 * DAY}, lambda run: NOON + DAY <= run.started_at < NOON + 4 * DAY),
    ({"ended_from": NOON, "ended_to": NOON + 99 * DAY}, lambda run: True),
    ({"ended_from": NOON, "ended_to": NOON + 99 * DAY, "host_id": 1}, lambda run: run.host_id == 1),
    ({"ended_from": NOON, "ended_to": NOON - 1}, lambda run: False),
    (
        {"name_prefix": "beta", "started_from": NOON, "started_to": NOON, "any_of": True},
        lambda run: run.name == "beta" or run.started_at == NOON,
    ),
    ({"account_key": "acme"}, lambda run: False),
]


@pytest.mark.parametrize("place", range(len(CASES)))
async def test_lists_hold_what_they_should(
    engine: Engine, history: tuple[Site, list[Run], list[Stay]], place: int
) -> None:
    site, made, people = history
    fields, fits = CASES[place]
    wanted = HistoryFilter(site_id=site.site_id, service=SERVICE, since=NOON - DAY, **fields)
    expected = [run for run in made if run.service == SERVICE and fits(run)]
    found = await list_runs(engine, wanted, [], 1, 100)
    assert (found.rows, found.total) == (expected, len(expected))
    numbers = {run.conf_id for run in expected}
    stays = await list_stays(engine, wanted, [], 1, 100)
    assert [told.stay for told in stays.rows] == [stay for stay in people if stay.conf_id in numbers]
    names = {run.conf_id: run.name for run in expected}
    assert all(told.conf_name == names[told.stay.conf_id] for told in stays.rows)
    for size, start in ((1, 1), (2, 2), (3, 7), (5, 40)):
        page = await list_runs(engine, wanted, [], start, size)
        assert page.rows == expected[start - 1 : start - 1 + size]
        assert page.total == len(expected)


async def test_what_is_older_is_not_listed(engine: Engine, history: tuple[Site, list[Run], list[Stay]]) -> None:
    site, made, _ = history
    since = NOON + 3 * DAY + 600
    expected = [run for run in made if run.service == SERVICE and (run.ended_at or 0) >= since]
    ranges: list[dict[str, Any]] = [{}, *({"ended_from": NOON, "ended_to": NOON + days * DAY} for days in (9, 99))]
    for fields in ranges:
        wanted = HistoryFilter(site_id=site.site_id, service=SERVICE, since=since, **fields)
        last = fields.get("ended_to", NOON + 99 * DAY)
        assert (await list_runs(engine, wanted, [], 1, 100)).rows == [
            run for run in expected if (run.ended_at or 0) <= last
        ]


def _sorted(rows: Sequence[Any], key: Callable[[Any], Any], tie: Callable[[Any], int], *, falling: bool) -> list[Any]:
    """None comes first."""
    return sorted(rows, key=lambda row: ((key(row) is not None, key(row)), tie(row)), reverse=falling)


_RUN_KEYS: dict[str, Callable[[Run], Any]] = {
    "STARTTIME": lambda run: run.started_at,
    "CONFID": lambda run: run.conf_id,
    "CONFNAME": lambda run: run.name_key,
    "HOSTNAME": lambda run: run.host_name.lower(),
    "TOTALATTENDEE": lambda run: run.attended,
    "TOTALPARTICIPANTS": lambda run: run.participants,
    "TOTALINVITED": lambda run: run.invited,
    "TOTALREGISTERED": lambda run: run.registered,
    "ASSISTREQUEST": lambda run: run.assist_request,
    "ASSISTCONFIRM": lambda run: run.assist_confirm,
}
_STAY_KEYS: dict[str, Callable[[Stay], Any]] = {
    "STARTTIME": lambda stay: stay.joined_at,
    "CONFID": lambda stay: stay.conf_id,
    "SESSIONKEY": lambda stay: stay.session_key,
    "NAME": lambda stay: stay.name.lower(),
    "COMPANY": lambda stay: stay.company and stay.company.lower(),
    "COUNTRY": lambda stay: stay.country,
    "STATE": lambda stay: stay.state,
    "CITY": lambda stay: stay.city,
}


@pytest.mark.parametrize("falling", [False, True])
async def test_orders(engine: Engine, history: tuple[Site, list[Run], list[Stay]], falling: bool) -> None:
    site, made, people = history
    assert set(_RUN_KEYS) == set(RUN_ORDERS)
    assert set(_STAY_KEYS) == set(STAY_ORDERS)
    wanted = HistoryFilter(site_id=site.site_id, service=SERVICE, since=0)
    for field in RUN_ORDERS:
        found = await list_runs(engine, wanted, [Order(field, falling)], 1, 100)
        rows = [run for run in made if run.service == SERVICE]
        assert found.rows == _sorted(rows, _RUN_KEYS[field], lambda run: run.conf_id, falling=falling), field
    for field in STAY_ORDERS:
        stays = await list_stays(engine, wanted, [Order(field, falling)], 1, 100)
        some = [stay for stay in people if stay.service == SERVICE]
        expected = _sorted(some, _STAY_KEYS[field], lambda stay: stay.stay_id, falling=falling)
        assert [told.stay for told in stays.rows] == expected, field


def test_lists_are_read_along_an_index_that_holds_all_they_look_at(sqlite_database: str) -> None:
    """What keeps a page of a day among a million stays at some milliseconds."""
    day = {"ended_from": NOON, "ended_to": NOON + DAY}
    cases: dict[str, dict[str, Any]] = {
        "COVERING INDEX ix_stays_ended (site_id=? AND service=? AND run_ended_at>? AND run_ended_at<?)": day,
        "COVERING INDEX ix_stays_started (site_id=? AND service=? AND run_started_at>? AND run_started_at<?)": {
            "started_from": NOON,
            "started_to": NOON + DAY,
        },
        "COVERING INDEX ix_stays_joined (site_id=? AND service=?)": {},
        "INDEX ix_stays_run (site_id=? AND conf_id=?)": {"conf_id": 5},
        "INDEX ix_stays_session (site_id=? AND session_key=?)": {"session_key": 5},
        "INDEX ix_stays_host (site_id=? AND host_id=? AND service=? AND run_ended_at>?)": {"host_id": 5},
        "INDEX ix_runs_name (site_id=? AND service=? AND name_key>? AND name_key<?)": {"name_prefix": "a"},
    }
    with closing(sqlite3.connect(sqlite_database)) as connection:
        for index, fields in cases.items():
            wanted = HistoryFilter(site_id=1, service=SERVICE, since=NOON, audio_only=False, **fields)
            key, values = history_lists._taken_apart("stays", wanted)
            for query, more in (
                (history_lists._page_query(key, history_lists._BY_START), (501, 0)),
                (history_lists._count_query(key), ()),
            ):
                text, arrange = query.for_sqlite()
                args = (*values, *more)
                plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", args if arrange is None else arrange(args))
                steps = [row[3] for row in plan]
                assert any(index in step for step in steps), f"{fields}: {steps}"
                assert not any(step.startswith("SCAN stays") for step in steps)
