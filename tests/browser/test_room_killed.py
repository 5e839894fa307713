"""A server that is killed while people meet: they come back to one another by themselves."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.sync_api import Browser, expect

from tests.browser.test_room import inside, joins, more, until
from tests.browsers import Visitor
from tests.processes import ServerProcess
from tests.proxy import Proxy
from tests.rooms.test_killed import site_of
from tests.web.test_pages import invitation, schedule, start_link


def test_everybody_is_seen_again(browser: Browser, tmp_path: Path) -> None:
    process = ServerProcess(tmp_path, demo=True)
    proxy = Proxy(process.port)
    # Browsers complain of the server that is away, so what goes wrong is not looked at here.
    visitors = [Visitor(browser), Visitor(browser)]
    try:
        with httpx.Client(timeout=30) as http:
            site = site_of(process.url, process.port, http)
            key = schedule(site)
            links = [
                link.replace(f":{process.port}/", f":{proxy.port}/")
                for link in (start_link(site, key), invitation(site, key))
            ]
        pages = []
        for visitor, link, name in zip(visitors, links, ("Grace", "Ada"), strict=True):
            pages.append(joins(visitor, link, name))
            inside(pages[-1])
        host, guest = pages
        for page in pages:
            until(page, lambda now: now["frames"] > 3)
        process.kill()
        for page in pages:
            expect(page.locator("#link-badge")).to_be_visible()
        # The guest is back first, so both have the number that the other one had.
        visitors[0].context.set_offline(True)
        process = ServerProcess(tmp_path, demo=True)
        proxy.aim(process.port)
        expect(guest.locator("#link-badge")).to_be_hidden(timeout=20_000)
        visitors[0].context.set_offline(False)
        expect(host.locator("#link-badge")).to_be_hidden(timeout=20_000)
        for page in pages:
            until(page, lambda now: now["open"] == 1 and now["frames"] > 3)
            more(page, "frames", "energy")
            expect(page.locator(".tile.seen")).to_have_count(2)
            expect(page.locator(".tile.mirror.seen")).to_have_attribute("data-key", "2" if page is host else "1")
    finally:
        for visitor in visitors:
            visitor.close()
        proxy.close()
        process.kill()
