"""Recordings in the console as people meet them: sending a file, a break, what is refused, all on two widths."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Request

from parley.store.recording_lists import RecordingFilter, list_recordings
from tests.browser.console import Visit, address, keep, sign_in
from tests.browser.test_pages import LONG, WIDTHS, check
from tests.browsers import Visitor
from tests.recordings.stores import CLIP
from tests.server import TestSite
from tests.web.recordings import recorded


def names(site: TestSite) -> list[str]:
    wanted = RecordingFilter(site_id=site.site_id)
    return [each.name for each in site.server.run(list_recordings(site.server.application.engine, wanted)).rows]


@WIDTHS
def test_the_pages_of_recordings(site: TestSite, visit: Visit, width: int) -> None:
    number = recorded(site, LONG, password="Secret-7").recording_id
    recorded(site, "Weekly planning")
    visitor = visit(width)
    page = sign_in(visitor, site)
    page.get_by_role("link", name="Recordings", exact=True).click()
    page.get_by_role("heading", name="Recordings").wait_for()
    check(page)
    keep(page, "recordings", width)
    check(visitor.open(address(site, f"recordings/{number}")))
    page.get_by_role("button", name="Move to the trash").click()
    page.get_by_text("The recording is in the trash.").wait_for()
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("heading", name="Trash").wait_for()
    check(page)
    page.get_by_role("link", name="for good").click()
    page.get_by_role("button", name="Delete for good").wait_for()
    check(page)


@WIDTHS
def test_a_file_is_sent(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site)
    page = visitor.open(address(site, "recordings/upload"))
    check(page)
    keep(page, "upload", width)
    for name in ("Pause", "Go on", "Give up"):
        assert not page.get_by_role("button", name=name).is_visible()
    page.get_by_role("button", name="Upload").click()
    assert page.get_by_role("alert").inner_text() == "Choose a file first."
    check(page)
    page.get_by_label("File").set_input_files(CLIP)
    page.get_by_label("Name").fill("Käsekuchen talk")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="Käsekuchen talk").wait_for()
    check(page)
    assert names(site) == ["Käsekuchen talk"]


def test_an_upload_goes_on_after_a_reload(site: TestSite, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "Talk of today.mp4"
    padding = 600_000  # a box that players skip
    file.write_bytes(CLIP.read_bytes() + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    visitor = visit()
    sign_in(visitor, site)
    page = visitor.open(address(site, "recordings/upload"))
    asked: list[str] = []

    def ask(request: Request) -> None:
        if "/recordings/upload" in request.url and "/console/" not in request.url:
            asked.append(f"{request.method} {request.headers.get('upload-offset', '')}".strip())

    page.on("request", ask)
    page.route(
        lambda url: "/recordings/upload/" in url,
        lambda route: route.abort() if route.request.headers.get("upload-offset", "0") != "0" else route.continue_(),
    )
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("The connection broke off; trying again.").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused. What was sent is kept for a day.").wait_for()
    assert [each.inner_text() for each in page.locator("form .actions button:visible").all()] == ["Go on", "Give up"]
    check(page)
    page.unroute_all()
    page.reload()
    page.get_by_text("Choose the same file again to go on with it: Talk of today.mp4").wait_for()
    check(page)
    page.get_by_label("File").set_input_files(file)
    asked.clear()
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="Talk of today").wait_for()
    assert asked[:2] == ["HEAD", "PATCH 65536"]
    assert names(site) == ["Talk of today"]
    visitor.problems.clear()  # the connections that were broken off


def test_what_is_no_recording(site: TestSite, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "talk.mp4"
    file.write_bytes(b"Dear diary, " * 20_000)
    visitor = visit()
    sign_in(visitor, site)
    page = visitor.open(address(site, "recordings/upload"))
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("The server refused the file:").wait_for()
    check(page)
    assert page.get_by_label("File").is_enabled()
    assert names(site) == []
    visitor.problems.clear()  # the answer says with its status that it was refused


def test_without_scripts_the_page_says_so(site: TestSite, browser: Browser) -> None:
    visitor = Visitor(browser, 375, java_script_enabled=False)
    page = sign_in(visitor, site)
    page.goto(address(site, "recordings/upload"))
    assert page.get_by_text("Uploading needs JavaScript").is_visible()
    assert not page.get_by_label("File").is_visible()
    assert visitor.problems == []
    visitor.close()
