"""Looking back over runs: against a plain reckoning over the same rows, page after page in both directions."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from parley.domain.history import Run
from parley.domain.site import Site
from parley.store import Changes, Engine, past_runs, runs
from parley.store.past_runs import PastFilter, place_of, some_stays, spans
from tests.store.builders import NOON, new_site
from tests.store.test_history_lists import a_run, a_stay

SERVICES = ("EventCenter", "MeetingCenter", "TrainingCenter")
_HOUR = 3600


@pytest.fixture
async def past(engine: Engine) -> tuple[Site, list[Run]]:
    """Runs of three services and two hosts, some in the same second, some that go on; another site has the same."""
    site, other = await new_site(engine), await new_site(engine)
    made: list[Run] = []
    for place, (service, host, name) in enumerate(
        itertools.product(SERVICES, (1, 2), ("Alpha", "alphabet", "Beta", "Beta"))
    ):
        more: dict[str, Any] = {"closed_at": None, "ended_at": None} if place % 7 == 0 else {}
        for each in (site, other):
            run = a_run(each, service=service, host_id=host, name=name, started_at=NOON - place // 2 * _HOUR, **more)
            changes = Changes()
            runs.bring_run(changes, run)
            for person in ("Ann", "Bob"):
                runs.bring_stay(changes, a_stay(run, name=person, person_key=person))
            await engine.commit(changes)
            if each is site:
                made.append(run)
    return site, made


@pytest.mark.parametrize("few", [0, 2000])
async def test_every_filter_lists_what_it_says(
    engine: Engine, past: tuple[Site, list[Run]], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_runs, "_FEW", few)
    site, made = past
    for services, host, start, end, name in itertools.product(
        (SERVICES, SERVICES[:1]), (None, 1), (None, NOON - 8 * _HOUR), (None, NOON - _HOUR), (None, "alpha", "nobody")
    ):
        wanted = PastFilter(
            site_id=site.site_id,
            services=services,
            host_id=host,
            started_from=start,
            started_to=end,
            name_prefix=name,
        )
        expected = sorted(
            (
                each
                for each in made
                if each.service in services
                and host in (None, each.host_id)
                and (start is None or each.started_at >= start)
                and (end is None or each.started_at <= end)
                and each.name_key.startswith(name or "")
            ),
            key=place_of,
            reverse=True,
        )
        found: list[Run] = []
        while page := await past_runs.past_runs(engine, wanted, 5, place_of(found[-1]) if found else None):
            found += page
        assert found == expected, wanted
        if expected:
            back = [expected[-1]]
            while page := await past_runs.past_runs(engine, wanted, 5, place_of(back[0]), newer=True):
                back = page + back
            assert back == expected, wanted


async def test_the_people_of_a_run(engine: Engine, past: tuple[Site, list[Run]]) -> None:
    site, made = past
    found = await spans(engine, site.site_id, made[1].conf_id)
    assert sorted(each.person_key for each in found) == ["Ann", "Bob"]
    assert {(each.joined_at, each.left_at) for each in found} == {(made[1].started_at, made[1].ended_at)}
    pages = [await some_stays(engine, site.site_id, made[1].conf_id, skip, 1) for skip in range(3)]
    assert sorted(stay.name for page in pages for stay in page) == ["Ann", "Bob"]
    assert pages[2] == []
    assert await spans(engine, site.site_id + 1_000_000, made[1].conf_id) == []
