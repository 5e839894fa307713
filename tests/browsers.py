"""The browser of the tests that need one: Debian's chromium-headless-shell or chromium, driven by Playwright.

Without a browser these tests are left out, and a line at the end of the run says so; in CI they fail instead.
"""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

#: Names under which the browser is installed; the first has no windows, which saves what drawing their frames takes.
_NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--disable-dev-shm-usage",
    # Whatever a page asks for, only this machine is reached; two windows find each other by names in .local.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.local",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    # As browsers with windows do: what is of another origin runs in a process of its own.
    "--site-per-process",
)
LEFT_OUT: Final = (
    "tests/browser was left out: there is no browser; install the package chromium-headless-shell to run it"
)


def browser_path() -> str | None:
    """The browser's program; None when there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def in_ci() -> bool:
    """Whether nothing may be left out."""
    return bool(os.environ.get("CI"))


@contextmanager
def running_browser() -> Iterator[Browser]:
    """The browser, as long as the block runs; it closes when the block ends."""
    path = browser_path()
    if path is None:
        raise RuntimeError(LEFT_OUT)
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(_FLAGS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=flags)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody with a window of his own, who notices what goes wrong in it.

    Args:
        width: of the window in CSS pixels.
        locale: what the browser asks for pages in.
    """

    def __init__(self, browser: Browser, width: int = 1280, locale: str = "en-US", **options: Any) -> None:
        height = 812 if width < 600 else 900
        self.context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        self.context.set_default_timeout(15_000)
        self.problems: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab of the same person."""
        page = self.context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        return page

    def open(self, address: str, status: int = 200, page: Page | None = None) -> Page:
        """Go to an address, which must answer with the status."""
        shown = page or self.page
        response = shown.goto(address)
        assert response is not None
        assert response.status == status, f"{response.status} {address}"
        if status >= 400:  # it was to be so
            self.problems = [each for each in self.problems if address not in each]
        return shown

    def close(self) -> None:
        """Close the window; what went wrong in it stays noted."""
        self.context.close()

    def _said(self, message: ConsoleMessage) -> None:
        # What a page itself breaks off, because it tries anew or goes away, is no failure.
        if message.type in ("error", "warning") and "closed before the connection is established" not in message.text:
            self.problems.append(f"console: {message.text} {message.location.get('url', '')}")

    def _failed(self, request: Request) -> None:
        # What a browser itself breaks off, because somebody went on, is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"request: {request.failure} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 or urlsplit(response.url).hostname not in ("127.0.0.1", "localhost"):
            self.problems.append(f"response: {response.status} {response.url}")


def scrolls_sideways(page: Page) -> bool:
    """Whether a page is wider than its window."""
    page.wait_for_load_state()  # one that a click has led to may have come, and be empty still
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def barriers(page: Page) -> list[str]:
    """What axe-core finds on a page that is serious or critical for people with disabilities: rule and elements."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {json.dumps([node['html'][:160] for node in each['nodes'][:4]])}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def _axe() -> str:
    return importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
