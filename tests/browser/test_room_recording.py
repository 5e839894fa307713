"""A room is recorded by the host's browser: what arrives, and what becomes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from parley.domain.recording import HostedRecording, State
from parley.recordings import finishing
from parley.recordings.arriving import SILENCE, Arriving, all_arriving
from parley.recordings.storage import arriving_folder
from parley.store import recordings
from tests.browser.test_room import Visit, inside, picture, until
from tests.recordings.media import needs_ffmpeg
from tests.server import TestSite
from tests.web.test_pages import invitation, schedule, start_link

pytestmark = needs_ffmpeg


def arriving(site: TestSite) -> list[Arriving]:
    root = arriving_folder(site.server.config)
    found = []
    for each in all_arriving(root):
        about = each.about()
        if about is not None and about.site_id == site.site_id:
            found.append(each)
    return found


def arrived(page: Page, site: TestSite, pieces: int) -> Arriving:
    """Wait until so many pieces are there."""
    for _ in range(150):
        for folder in arriving(site):
            if len(folder.pieces()) >= pieces:
                return folder
        page.wait_for_timeout(100)
    raise AssertionError([len(each.pieces()) for each in arriving(site)])


def finished(site: TestSite, recording_id: int) -> HostedRecording:
    application = site.server.application
    row = None
    for _ in range(100):
        site.server.run(finishing.finish_all(application))
        row = site.server.run(recordings.by_id(application.engine, site.site_id, recording_id))
        assert row is not None
        if row.state is State.READY:
            return row
        time.sleep(0.2)
    raise AssertionError(row)


def probed(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def seen_and_heard(path: Path) -> tuple[float, float]:
    """The middle brightness of the pictures (0 to 255), and the loudness in dB."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(path)]
    command += ["-vf", "signalstats,metadata=print:key=lavfi.signalstats.YAVG", "-af", "volumedetect"]
    command += ["-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True).stderr.decode()
    bright = [float(line.rpartition("=")[2]) for line in said.splitlines() if "signalstats.YAVG" in line]
    loud = next(float(line.split()[-2]) for line in said.splitlines() if "mean_volume" in line)
    return sum(bright) / len(bright), loud


def file_of(site: TestSite, row: HostedRecording) -> Path:
    assert row.file_key is not None
    found = site.server.application.storage.local_path(row.file_key)
    assert found is not None
    return found


def renderers(browser: Browser) -> set[int]:
    """The processes of all tabs."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return {each["id"] for each in found if each["type"] == "renderer"}


def press(page: Page, name: str) -> None:
    page.locator("#more").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_two_people_are_recorded(site: TestSite, come: Callable[..., Page], visit: Visit) -> None:
    key = schedule(site, "Monday round")
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace")
    inside(guest)
    until(host, lambda now: now["frames"] > 5 and now["energy"] > 0)
    guest.locator("#more").click()
    expect(guest.locator("#do-record")).to_be_hidden()
    guest.keyboard.press("Escape")

    press(host, "Record")
    for page in (host, guest):
        expect(page.locator("#recording-badge")).to_have_text("Recording")
    expect(guest.locator("#urgent")).to_have_text("This session is being recorded.")
    begun = time.monotonic()
    folder = arrived(host, site, 2)
    # Whoever comes now knows before he comes.
    late = visit(1280).open(invitation(site, key))
    late.locator("form[action*='/room/'] button").click()
    expect(late.locator("#recorded-note")).to_be_visible()
    picture(late, "recorded-before")
    host.locator("#share").click()
    press(host, "Mark this moment of the recording")
    host.locator("#mark-name").fill("The figures")
    host.get_by_role("button", name="Mark", exact=True).click()
    expect(host.locator(".toast").last).to_contain_text("Marked: The figures")
    picture(host, "recording-host")
    host.wait_for_timeout(max(0, int(6000 - 1000 * (time.monotonic() - begun))))
    press(host, "End the recording")
    length = time.monotonic() - begun
    expect(guest.locator("#recording-badge")).to_be_hidden()
    for _ in range(100):
        if folder.finished:
            break
        host.wait_for_timeout(100)

    about = folder.about()
    assert about is not None
    row = finished(site, about.recording_id)
    assert not folder.folder.exists()
    assert (row.session_key, row.name, row.owner_id) == (int(key), "Monday round", site.users["host1"].user_id)
    assert abs(row.duration - length) < 2.5
    assert [each.name for each in row.details.chapters] == ["The figures"]
    path = file_of(site, row)
    assert row.size == path.stat().st_size
    found = probed(path)
    kinds = {each["codec_type"]: each for each in found["streams"]}
    assert (kinds["video"]["width"], kinds["video"]["height"]) == (1280, 720)
    assert abs(float(kinds["video"].get("duration", length)) - length) < 2.5
    assert abs(float(found["format"]["duration"]) - length) < 2.5
    brightness, loudness = seen_and_heard(path)
    assert brightness > 30
    assert loudness > -60


def test_a_tab_that_dies_loses_the_last_seconds_only(
    site: TestSite, come: Callable[..., Page], browser: Browser
) -> None:
    key = schedule(site, "Monday round")
    before = renderers(browser)
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    press(host, "Record")
    folder = arrived(host, site, 3)
    about = folder.about()
    assert about is not None
    with host.expect_event("crash"):
        for process in renderers(browser) - before:
            os.kill(process, signal.SIGKILL)
    sent = len(folder.pieces())
    # Nobody says that it has ended, so it is found by its silence.
    time.sleep(1.5)
    for path in (folder.folder / "alive", folder.folder):
        os.utime(path, (time.time() - 2 * SILENCE, time.time() - 2 * SILENCE))
    row = finished(site, about.recording_id)
    assert sent - 2 <= row.duration <= sent + 2
    assert {each["codec_type"] for each in probed(file_of(site, row))["streams"]} == {"video", "audio"}
