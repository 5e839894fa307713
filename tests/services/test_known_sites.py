"""Sites that a process has met, and the demo site that it may not know."""

from __future__ import annotations

import msgspec
import pytest

from parley.config import Config
from parley.domain.site import SiteSettings
from parley.services.application import Application
from parley.services.demo import SITE_ID, SITE_NAME, ensure_demo_site
from parley.services.new_site import SiteError, create_site
from parley.store import Changes, sites


async def _application(database: str, *, demo: bool) -> Application:
    return await Application.start(Config(database=database, demo=demo))


async def test_the_demo_site_is_served_only_by_a_server_started_for_it(database: str) -> None:
    application = await _application(database, demo=True)
    assert await ensure_demo_site(application)
    known = await application.sites.by_name(SITE_NAME)
    assert known is not None
    assert known.site.site_id == SITE_ID
    await application.stop()

    application = await _application(database, demo=False)
    assert await application.sites.by_name(SITE_NAME) is None
    assert await application.sites.by_id(SITE_ID) is None
    assert await sites.by_name(application.engine, SITE_NAME) is not None
    with pytest.raises(SiteError, match="demo site"):
        await create_site(application, "other", site_id=SITE_ID)
    await application.stop()


async def test_a_changed_site_is_read_anew(database: str) -> None:
    application = await _application(database, demo=False)
    site = await create_site(application, "acme")
    known = await application.sites.by_name("acme")
    assert known is not None
    changes = Changes()
    sites.update(changes, site, msgspec.structs.replace(site, name="renamed", level="42.1.0"))
    await application.engine.commit(changes)
    again = await application.sites.reload(site.site_id)
    assert again is not None
    assert str(again.level) == "42.1.0"
    assert await application.sites.by_name("acme") is None
    await application.stop()


@pytest.mark.parametrize(
    "wrong",
    [{"default_time_zone_id": 999}, {"default_duration": -5}, {"default_open_time": 90_000}, {"max_attendees": 0}],
)
def test_settings_that_no_site_can_have(wrong: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, SiteSettings)
