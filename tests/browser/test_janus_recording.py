"""A room that a media server carries is recorded there; one that moves to it is one recording nevertheless."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.test_janus import Come, gets, hub, janus_server, live
from tests.browser.test_janus import come as come
from tests.browser.test_janus import site as site
from tests.browser.test_room import inside
from tests.browser.test_room_recording import arrived, file_of, finished, press, probed, seen_and_heard
from tests.janus import needs_janus
from tests.recordings.media import needs_ffmpeg
from tests.server import TestSite
from tests.web.test_pages import invitation, schedule, start_link

__all__ = ["janus_server"]
pytestmark = [needs_janus, needs_ffmpeg]


def test_from_the_browser_to_the_server(site: TestSite, come: Come) -> None:
    key = schedule(site, "Monday round")
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace")
    inside(guest)
    gets(host, 1, 1)
    press(host, "Record")
    begun = time.monotonic()
    folder = arrived(host, site, 3)
    server = hub(site).janus
    before, server.most_mesh = server.most_mesh, 0
    try:
        guest.keyboard.press("h")  # the room looks at who is there
        for page in (host, guest):
            gets(page, 1, 1)
        about = folder.about()
        for _ in range(100):
            about = folder.about()
            if about is not None and len(about.parts) > 1:
                break
            host.wait_for_timeout(100)
        assert about is not None
        assert [each.by for each in about.parts] == ["browser", "server"]
        assert live(site, key).medium.engine == "janus"
        host.locator("#share").click()
        host.wait_for_timeout(4000)
        press(host, "End the recording")
        length = time.monotonic() - begun
        # The page did not go on when the server had begun.
        assert len(folder.pieces()) < 8
        expect(guest.locator("#recording-badge")).to_be_hidden()
    finally:
        server.most_mesh = before
    site.server.clock.ahead += 60
    row = finished(site, about.recording_id)
    assert abs(row.duration - length) < 3
    path = file_of(site, row)
    found = probed(path)
    assert {each["codec_type"] for each in found["streams"]} == {"video", "audio"}
    assert abs(float(found["format"]["duration"]) - length) < 3
    brightness, loudness = seen_and_heard(path)
    assert brightness > 30
    assert loudness > -60
