"""Sites, their settings and session types."""

from __future__ import annotations

import msgspec
import pytest

from parley.domain.passwords import Criteria
from parley.domain.site import Site, SiteSettings, TrackingCode
from parley.store import Changes, Conflict, Duplicate, Engine, sites
from parley.store.query import update_where
from parley.store.tables import sites as table
from tests.store.builders import a_site, a_type, new_site

replace = msgspec.structs.replace


async def test_a_site_comes_back_with_its_settings(engine: Engine) -> None:
    settings = SiteSettings(
        default_time_zone_id=20,
        all_meetings_password=True,
        meeting_password_criteria=Criteria(min_length=9, disallowed=("Größe",)),
        tracking_codes=[TrackingCode(1, "Cost center", required=True, values=["a", "b"])],
        max_attendees=5,
    )
    site = await new_site(engine, 9, 1, settings=settings, partner_id="p", level="42.1.0", suspended=True, created_at=8)
    assert await sites.by_id(engine, site.site_id) == site
    assert await sites.by_name(engine, site.name) == site
    assert await sites.by_name(engine, "nowhere") is None
    assert await sites.by_id(engine, site.site_id + 1) is None
    assert [each.type_id for each in await sites.types(engine, site.site_id)] == [1, 9]
    assert (await sites.types(engine, site.site_id))[0] == a_type(site.site_id)
    assert isinstance((await sites.types(engine, site.site_id))[0].active, bool)


async def test_settings_of_other_releases_can_be_read(engine: Engine) -> None:
    site = await new_site(engine)
    changes = Changes()
    text = '{"default_duration":30,"of_the_future":{"a":[1]},"meeting_password_criteria":{"new":1,"min_length":3}}'
    changes.add(update_where(table, ["settings"], table.c.site_id), text, site.site_id, expect=1)
    await engine.commit(changes)
    found = await sites.by_id(engine, site.site_id)
    assert found is not None
    assert found.settings == SiteSettings(default_duration=30, meeting_password_criteria=Criteria(min_length=3))


def test_defaults_of_the_password_rules() -> None:
    settings = SiteSettings()
    assert settings.meeting_password_criteria.min_length == 4
    assert settings.account_password_criteria.disallow_repeated
    assert "ocsic" in settings.account_password_criteria.disallowed
    assert not settings.recording_password_criteria.disallow_list


async def test_names_are_unique(engine: Engine) -> None:
    site = await new_site(engine)
    changes = Changes()
    sites.create(changes, a_site(name=site.name))
    with pytest.raises(Duplicate) as caught:
        await engine.commit(changes)
    assert (caught.value.table, caught.value.columns) == ("sites", ("name",))


async def test_updates_are_guarded_and_raise_the_version(engine: Engine) -> None:
    site = await new_site(engine, 1, 2)
    changes = Changes()
    wanted = replace(site, suspended=True, active=False, level="42.2.0", settings=SiteSettings(language="FRENCH"))
    stored = sites.update(changes, site, wanted)
    await engine.commit(changes)
    assert await sites.by_id(engine, site.site_id) == stored == replace(wanted, version=2)

    for offered in ([2, 3], [2, 3], []):
        changes = Changes()
        stored = sites.replace_types(changes, stored, [a_type(site.site_id, each) for each in offered])
        await engine.commit(changes)
        assert [each.type_id for each in await sites.types(engine, site.site_id)] == offered
    assert stored.version == 5

    for stale in (sites.update, lambda changes, old, new: sites.replace_types(changes, old, [])):
        changes = Changes()
        stale(changes, site, site)
        with pytest.raises(Conflict):
            await engine.commit(changes)


async def test_all_sites_by_name(engine: Engine) -> None:
    made: list[Site] = [await new_site(engine, name=name) for name in ("b", "c", "a")]
    assert await sites.all_sites(engine) == [made[2], made[0], made[1]]
