"""Paths that lead out of a folder, spelt in every way: nothing is read that is not published."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.protocol.credentials import GuessBrake
from parley.web.render import HERE
from tests.attacks.targets import Attacked
from tests.server import TestSite
from tests.web.recordings import recorded
from tests.web.wire import exchange, head

#: What would lead to a file of the system, or to the modules beside the published folder.
OUTSIDE = ("etc/passwd", "render.py", "templates/base.html", "parley.db")
UP = (
    "../",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%2f",
    ".%2e/",
    "..%5c",
    "..\\",
    "%252e%252e%252f",
    "....//",
    "..;/",
    "%c0%ae%c0%ae/",
    "\xff../",
    "./../",
    "//",
    "%2f",
    "%00/../",
    "x/%00/../../",
    "x%0a/../../",
    "C:/../",
    "file:///",
    "~/",
)
PUBLISHED = (
    "/static/",
    "/schemas/",
    "/schemas/42.6/",
    "/schemas/42.6.zip/",
    "/reference/",
    "/{site}/",
    "/{site}/recordings/",
    "/{site}/console/help/",
    "/",
)
_LEAKS = (b"root:x:", b"SQLite format", b"{% block", b"from __future__", b"Traceback")


@pytest.mark.parametrize("published", PUBLISHED)
def test_no_path_leads_out(attacked: Attacked, published: str) -> None:
    start = published.replace("{site}", attacked.site.name)
    for up in UP:
        for outside in OUTSIDE:
            path = f"{start}{up * 6}{outside}"
            response = attacked.exchange(head(None, method="GET", target=path))
            assert response.status in (303, 400, 404), path
            assert not any(leak in response.body for leak in _LEAKS), path


@pytest.mark.parametrize(
    "name", ["site.css%00.png", "site.css/", "site.css/..", "./site.css", "SITE.CSS", "site.css%20", "", "room"]
)
def test_what_is_published_has_one_name(attacked: Attacked, name: str) -> None:
    response = attacked.exchange(head(None, method="GET", target=f"/static/{name}"))
    assert response.status in (200, 400, 404), response.head
    if response.status == 200:  # a client may take ./ away itself
        assert response.body == (HERE / "static" / "site.css").read_bytes()


def test_a_link_among_the_published_files_leads_nowhere(tmp_path: Path) -> None:
    """The folder is the package's own; a link that somebody put there is not followed out of it."""
    from starlette.staticfiles import StaticFiles

    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "link.txt").symlink_to(secret)
    (folder / "plain.txt").write_text("y")
    files = StaticFiles(directory=folder)
    assert files.lookup_path("plain.txt")[1] is not None
    assert files.lookup_path("link.txt")[1] is None
    assert files.lookup_path("../secret.txt")[1] is None


def test_links_of_recordings_are_no_paths(own_site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a link says is looked up among recordings; it never becomes the name of a file."""

    async def at_once(self: GuessBrake, account: str, address: str | None = None) -> None:
        assert account

    monkeypatch.setattr(GuessBrake, "wait", at_once)
    made, port = recorded(own_site, "Talk"), own_site.server.config.port
    for page in ("ldr.php", "lsr.php", "recordings/file", "recordings/nbrshared.do"):
        for value in ("../../parley.db", "..%2f..%2fparley.db", "%00", f"{made.recording_id}/../..", "a" * 3000, "%ff"):
            target = f"/{own_site.name}/{page}?RCID={value}&recordID={value}&ticket={value}&name={value}"
            response = exchange(port, head(None, "Connection: close", method="GET", target=target))
            assert response.status in (200, 303, 400, 403, 404), target
            assert not any(leak in response.body for leak in _LEAKS), target
