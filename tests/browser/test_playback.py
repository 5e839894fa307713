"""A recording as people watch it: it plays, seeks, asks for what it has to, and keeps nobody out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from parley.domain.recording import Chapter, Details, Part, Playback
from tests.browser.test_pages import LONG, WIDTHS, check
from tests.browsers import Visitor
from tests.recordings.stores import CLIPS
from tests.server import TestSite
from tests.web.recordings import load_page, play_page, recorded

Visit = Callable[..., Visitor]
CHAPTERS = (Chapter(0, "Welcome"), Chapter(2, LONG), Chapter(4, "Questions"))
#: Where to put a picture of the page, for the documentation; nowhere by itself.
_PICTURE = os.environ.get("PARLEY_PICTURES")
_PLAYS = "document.querySelector('video').readyState >= 2"


def until(page: Page, condition: str) -> None:
    """Wait until a condition holds; the page's policy keeps the browser from evaluating it by itself."""
    deadline = time.monotonic() + 20
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(50)


def play(page: Page) -> None:
    until(page, _PLAYS)
    page.evaluate("(video => { video.muted = true; return video.play() })(document.querySelector('video'))")


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Takes a picture of a page for the documentation, where one is wanted."""

    def take(page: Page, name: str) -> None:
        if _PICTURE:
            page.emulate_media(color_scheme="light")
            page.screenshot(path=str(Path(_PICTURE) / f"{name}.png"), full_page=True)

    return take


@pytest.mark.parametrize("clip", ["clip.mp4", "clip.webm"])
def test_it_plays_and_seeks(site: TestSite, visit: Visit, clip: str) -> None:
    row = recorded(site, "Weekly", file=CLIPS / clip)
    page = visit().open(play_page(site, row))
    play(page)
    until(page, "document.querySelector('video').currentTime > 0.3")
    page.evaluate("document.querySelector('video').currentTime = 4")
    until(page, "!document.querySelector('video').seeking && document.querySelector('video').currentTime >= 4")
    assert 5 < page.evaluate("document.querySelector('video').duration") < 7
    until(page, "document.querySelector('video').ended")


def test_chapters(site: TestSite, visit: Visit, picture: Callable[[Page, str], None]) -> None:
    details = Details(description="What we decided, and who does it.", chapters=CHAPTERS)
    row = recorded(site, "Review of the quarter", details=details)
    page = visit().open(play_page(site, row))
    until(page, _PLAYS)
    page.get_by_role("link", name="Questions").click()
    until(page, "document.querySelector('video').currentTime >= 4")
    page.evaluate("document.querySelector('video').pause()")
    picture(page, "recording")


def test_chapters_without_scripts(site: TestSite, visit: Visit) -> None:
    row = recorded(site, "Weekly", details=Details(chapters=CHAPTERS))
    visitor = visit()
    visitor.page.route("**/recording.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page = visitor.open(play_page(site, row))
    page.get_by_role("link", name="Questions").click()
    page.wait_for_url("**&S=4")
    until(page, _PLAYS)
    until(page, "document.querySelector('video').currentTime >= 3.9")


def test_only_the_part_that_is_shown(site: TestSite, visit: Visit) -> None:
    end = f"{site.server.url}/{site.name}/"
    details = Details(playback=Playback(part=Part.PARTIAL, start=1, end=3), end_url=end)
    page = visit().open(play_page(site, recorded(site, "Weekly", details=details)))
    until(page, "document.querySelector('video').currentTime >= 0.9")
    until(page, _PLAYS)
    page.evaluate("document.querySelector('video').currentTime = 0")
    until(page, "document.querySelector('video').currentTime >= 0.9")
    play(page)
    page.wait_for_url(end)  # the end leads on


@WIDTHS
def test_the_password(site: TestSite, visit: Visit, width: int) -> None:
    row = recorded(site, LONG, password="Secret-7")
    visitor = visit(width)
    page = visitor.open(play_page(site, row))
    check(page)
    page.get_by_label("Recording password").fill("wrong")
    page.get_by_role("button").click()
    page.wait_for_load_state()
    visitor.problems.clear()  # the answer says with its status that it was wrong
    assert "not the password" in page.get_by_role("alert").inner_text()
    check(page)
    page.get_by_label("Recording password").fill("Secret-7")
    page.get_by_role("button").click()
    page.wait_for_load_state()
    play(page)
    check(page)


@WIDTHS
def test_the_registration(site: TestSite, visit: Visit, width: int) -> None:
    row = recorded(site, LONG, details=Details(registration=True))
    visitor = visit(width)
    page = visitor.open(play_page(site, row))
    check(page)
    page.locator("form").evaluate("form => form.noValidate = true")
    page.get_by_role("button").click()
    page.wait_for_load_state()
    visitor.problems.clear()
    assert page.locator("[aria-invalid=true]").count() == 3
    check(page)
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Guest")
    page.get_by_label("E-mail address").fill("ann@guests.example")
    page.get_by_role("button").click()
    page.wait_for_load_state()
    play(page)


@WIDTHS
def test_the_pages_keep_nobody_out(site: TestSite, visit: Visit, width: int) -> None:
    details = Details(
        description=f"{LONG}\n{'x' * 300}", agenda=LONG, chapters=CHAPTERS, end_url="https://portal.example/"
    )
    row = recorded(site, LONG, details=details)
    visitor = visit(width)
    check(visitor.open(play_page(site, row)))
    check(visitor.open(load_page(site, row)))
    check(visitor.open(play_page(site, recorded(site, "Old", file=CLIPS / "clip.wmv"))))
    closed = visitor.open(f"{play_page(site, row)}&AT=host")
    check(closed)


def test_a_download(site: TestSite, visit: Visit, tmp_path: Path) -> None:
    row = recorded(site, "Weekly")
    page = visit().open(play_page(site, row))
    page.get_by_role("link", name="Download").click()
    page.wait_for_url("**/lsr.php**")
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    assert loading.value.suggested_filename == "Weekly.mp4"
    loading.value.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == (CLIPS / "clip.mp4").read_bytes()
