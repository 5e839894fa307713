"""Lists of runs by the counters of days: what counting by hand gives, whatever ended, went or was brought."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import Any, NamedTuple

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from parley.domain.history import Run, Totals
from parley.domain.site import Site
from parley.store import Changes, Conflict, Engine, checks, days, history_lists, run_days, runs
from parley.store.history_lists import HistoryFilter, list_runs
from parley.store.lists import Order
from parley.store.query import Query
from parley.store.tables import run_days as table
from parley.store.tables import runs as runs_table
from tests.store.builders import NOON, new_site
from tests.store.plans import filled, plan_of
from tests.store.test_history_lists import SERVICE, a_run

DAY = 86_400
SERVICES = (SERVICE, "EventCenter")

#: Days before and after 1970, their first and last seconds among them.
seconds = st.one_of(
    st.integers(-3 * DAY, 3 * DAY),
    st.builds(lambda day, more: day * DAY + more, st.integers(-2, 2), st.integers(-1, 1)),
)
lengths = st.one_of(st.integers(0, 7_200), st.integers(0, 3 * DAY))


class Bring(NamedTuple):
    """A run that ended, or with `going_on` one that did not."""

    started_at: int
    length: int
    audio_only: bool
    service: str
    going_on: bool


class End(NamedTuple):
    """The end of a run that goes on, counted twice."""

    place: int
    at: int


class Forget(NamedTuple):
    """Some of what ended earlier goes."""

    before: int
    service: str


class Ask(NamedTuple):
    """A page of a list."""

    since: int
    low: int | None
    high: int | None
    service: str
    video_only: bool
    falling: bool
    start_from: int
    maximum: int
    any_of: bool


services = st.sampled_from(SERVICES)
asked = st.builds(
    Ask,
    *(seconds, st.none() | seconds, st.none() | seconds, services),
    *(st.booleans(), st.booleans(), st.integers(1, 12), st.integers(1, 5), st.booleans()),
)
steps = st.one_of(
    st.builds(Bring, seconds, lengths, st.booleans(), services, st.booleans()),
    st.builds(End, st.integers(0, 20), seconds),
    st.builds(Forget, seconds, services),
    asked,
)


class Model:
    """The runs of a site, and beside it what there should be."""

    def __init__(self, engine: Engine, site: Site) -> None:
        self._engine = engine
        self._site = site
        self._runs: dict[int, Run] = {}

    async def take(self, step: Bring | End | Forget | Ask) -> None:
        """Do a step, and see that it did what it should."""
        if isinstance(step, Bring):
            await self._bring(step)
        elif isinstance(step, End):
            await self._end(step)
        elif isinstance(step, Forget):
            await self._forget(step)
        else:
            await self._ask(step)

    async def _bring(self, step: Bring) -> None:
        end = None if step.going_on else step.started_at + step.length
        run = a_run(
            self._site,
            started_at=step.started_at,
            closed_at=end,
            ended_at=end,
            audio_only=step.audio_only,
            service=step.service,
        )
        changes = Changes()
        runs.bring_run(changes, run)
        await self._engine.commit(changes)
        self._runs[run.conf_id] = run

    async def _end(self, step: End) -> None:
        going_on = [run for run in self._runs.values() if run.ended_at is None]
        if not going_on:
            return
        run = going_on[step.place % len(going_on)]
        run = msgspec.structs.replace(run, closed_at=max(step.at, run.started_at))
        await counted(self._engine, run)
        assert not await counted(self._engine, run)
        self._runs[run.conf_id] = msgspec.structs.replace(run, ended_at=run.closed_at)

    async def _forget(self, step: Forget) -> None:
        found = await runs.old(self._engine, self._site.site_id, step.service, step.before, 3)
        too_old = [run for run in self._of(step.service) if (run.ended_at or 0) < step.before]
        assert len(found) == min(len(too_old), 3)
        changes = Changes()
        for number, old in enumerate(found):
            runs.purge(changes, old, 10**12 + number)
            del self._runs[old.conf_id]
        run_days.prune(changes, self._site.site_id, step.service, step.before)
        changes.sequential = True
        await self._engine.commit(changes)

    def _of(self, service: str) -> list[Run]:
        return [run for run in self._runs.values() if run.service == service and run.ended_at is not None]

    async def _ask(self, step: Ask) -> None:
        wanted = HistoryFilter(
            site_id=self._site.site_id,
            service=step.service,
            since=step.since,
            audio_only=False if step.video_only else None,
            started_from=step.low,
            started_to=step.high,
            any_of=step.any_of,
        )
        expected = [
            run
            for run in self._of(step.service)
            if (run.ended_at or 0) >= step.since
            and not (step.video_only and run.audio_only)
            and (step.low is None or run.started_at >= step.low)
            and (step.high is None or run.started_at <= step.high)
        ]
        expected.sort(key=lambda run: (run.started_at, run.conf_id), reverse=step.falling)
        page = await list_runs(self._engine, wanted, [Order("STARTTIME", step.falling)], step.start_from, step.maximum)
        first = step.start_from - 1
        assert [run.conf_id for run in page.rows] == [run.conf_id for run in expected[first : first + step.maximum]]
        assert page.total == len(expected)


async def counted(engine: Engine, run: Run) -> bool:
    """Make a run history; whether it was none before."""
    changes = Changes()
    runs.count(changes, run, Totals())
    try:
        await engine.commit(changes)
    except Conflict:
        return False
    return True


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=1, max_size=20), questions=st.lists(asked, min_size=3, max_size=8))
@example(  # one that began long before what is listed, among many that ended before
    plan=[Bring(-3 * DAY + 60 * n, DAY * (n == 5) * 3, False, SERVICE, False) for n in range(8)],
    questions=[Ask(-DAY, None, None, SERVICE, False, falling, 1, 5, False) for falling in (False, True)],
)
async def test_lists_are_what_counting_by_hand_gives(engine: Engine, plan: list[Any], questions: list[Ask]) -> None:
    site = await new_site(engine)
    model = Model(engine, site)
    for step in (*plan, *questions):
        await model.take(step)
    assert await checks.problems(engine, site.site_id) == []


@given(low=seconds, length=lengths)
def test_a_range_is_the_sum_of_its_parts(low: int, length: int) -> None:
    first, last, cut = days.parts((low, low + length))
    spans = [*cut, *([(first * DAY, (last + 1) * DAY - 1)] if first <= last else [])]
    spans.sort()
    assert (spans[0][0], spans[-1][1]) == (low, low + length)
    assert all(one[1] + 1 == next_one[0] for one, next_one in itertools.pairwise(spans))
    for start, end in cut:
        day = days.day_of(start)
        assert days.day_of(end) == day
        sign, looked = days.shorter((start, end))
        seen = looked[1] - looked[0] + 1
        assert end - start + 1 == (seen if sign > 0 else DAY - seen)
        assert seen <= end - start + 1


async def test_each_run_is_counted_once_whoever_ends_them_at_once(engine: Engine) -> None:
    site = await new_site(engine)
    made = [a_run(site, started_at=NOON + place, ended_at=None) for place in range(12)]
    changes = Changes()
    for run in made:
        runs.bring_run(changes, run)
    await engine.commit(changes)
    # Every run by two processes, all on one day.
    outcomes = await asyncio.gather(*(counted(engine, run) for run in (*made, *made[::-1])))
    assert sum(outcomes) == len(made)

    async def forget() -> int:
        changes = Changes()
        found = await runs.old(engine, site.site_id, SERVICE, NOON + 700, 5)
        for old in sorted(found):
            runs.purge(changes, old, old.conf_id + 10**12)
        try:
            await engine.commit(changes)
        except Conflict:
            return 0
        return len(found)

    gone = sum(await asyncio.gather(*(forget() for _ in range(4))))
    assert gone > 0
    wanted = HistoryFilter(site_id=site.site_id, service=SERVICE, since=0)
    assert (await list_runs(engine, wanted, [], 1, 1)).total == len(made) - gone
    assert await checks.problems(engine, site.site_id) == []


async def test_counters_of_days_of_which_nothing_is_left_are_cleared_away(engine: Engine) -> None:
    site = await new_site(engine)
    changes = Changes()
    for place in range(3):
        runs.bring_run(changes, a_run(site, started_at=NOON + place * DAY))
    await engine.commit(changes)
    changes = Changes()
    for old in await runs.old(engine, site.site_id, SERVICE, NOON + DAY, 9):
        runs.purge(changes, old, 1)
    await engine.commit(changes)
    changes = Changes()
    run_days.prune(changes, site.site_id, SERVICE, NOON + DAY)
    await engine.commit(changes)
    rows = await engine.all(Query(select(table.c.day, table.c.total).order_by(table.c.day)))
    assert [tuple(row) for row in rows] == [(NOON // DAY + place, 1) for place in (1, 2)]


async def test_pages_and_totals_are_read_along_indexes(database: str, engine: Engine) -> None:
    """What keeps a page of a million runs at what one of a thousand costs."""
    site = await new_site(engine)
    made = [a_run(site, started_at=NOON + place * 200) for place in range(6_000)]
    await filled(database, runs_table, [msgspec.structs.astuple(run) for run in made])
    sums = Counter(((run.ended_at or 0) // DAY, run.started_at // DAY) for run in made)
    rows = [(site.site_id, SERVICE, *key, False, total) for key, total in sums.items()]
    await filled(database, table, rows)
    last = made[-1].started_at
    wanted = HistoryFilter(site_id=site.site_id, service=SERVICE, since=NOON - DAY, started_from=NOON, started_to=last)
    scope = run_days.Scope(site.site_id, SERVICE, wanted.since, video_only=False)
    assert sum(count for _, count in await run_days.starts(engine, scope, (NOON, last))) == len(made)
    key, values = history_lists._taken_apart("runs", wanted)
    query = history_lists._page_query(key, history_lists._BY_START)
    plan = await plan_of(database, query, (*values, 100, 500))
    assert "ix_runs_started" in plan
    assert "SCAN runs" not in plan
    day = NOON // DAY
    bounds = (NOON - DAY, day, day + 1, day + 12, (day + 1) * DAY, (day + 13) * DAY - 1)
    cuts = (1, NOON - DAY, NOON - DAY + 600, day, 1, NOON, NOON + 600, day + 13, -1, last - 600, last)
    plan = await plan_of(database, run_days._days_query(False), (site.site_id, SERVICE, *bounds, *cuts))
    assert "ix_runs_ended" in plan
    assert "ix_runs_started" in plan
    assert "SCAN runs" not in plan
    assert "Seq Scan on runs" not in plan
