"""Which accounts hold a session type, and how many accounts a site has."""

from __future__ import annotations

from parley.store import type_holders
from tests.server import TestSite


def test_holders_of_one_site_only(site: TestSite) -> None:
    engine, run = site.server.application.engine, site.server.run
    site.server.new_site()
    site.set_user("host2", status="DEACTIVATED")
    counts = run(type_holders.counts(engine, site.site_id))
    assert counts[3] == (3, 2)
    assert 999 not in counts
    found = run(type_holders.some(engine, site.site_id, 3, 10))
    assert [each.web_ex_id for each in found] == ["admin", "host1", "host2"]
    assert [each.web_ex_id for each in run(type_holders.some(engine, site.site_id, 3, 1))] == ["admin"]
    assert run(type_holders.some(engine, site.site_id, 999, 10)) == []


def test_how_many_accounts(site: TestSite) -> None:
    engine, run = site.server.application.engine, site.server.run
    found = run(type_holders.accounts(engine, site.site_id))
    assert (found.active, found.hosts, found.inactive, found.all) == (4, 3, 0, 4)
    site.set_user("host2", status="DEACTIVATED")
    site.set_user("attendee1", status="REQUEST_TO_ACTIVATE")
    found = run(type_holders.accounts(engine, site.site_id))
    assert (found.active, found.hosts, found.inactive, found.all) == (2, 2, 2, 4)
    assert run(type_holders.accounts(engine, 5)) == type_holders.Accounts()
