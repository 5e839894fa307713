"""Recordings with files for tests of pages, and browsers that are signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from parley.domain.recording import Details, HostedRecording, Recording
from parley.recordings.keeping import NewRecording, keep
from parley.store import recordings
from tests.recordings.stores import CLIP, S3Server, s3_server
from tests.server import PASSWORD, Server, TestSite

CONTENT = CLIP.read_bytes()


def recorded(
    site: TestSite,
    name: str = "Weekly",
    host: str = "host1",
    file: Path = CLIP,
    details: Details | None = None,
    **more: Any,
) -> Recording:
    """A recording with its file."""
    owner = site.users[host].user_id
    new = NewRecording(
        site_id=site.site_id,
        owner_id=owner,
        creator_id=owner,
        name=name,
        time_zone_id=20,
        details=details or Details(),
        **{"created_at": 1_700_000_000, **more},
    )
    return site.server.run(keep(site.server.application, new, file))


@contextmanager
def bucket_server(template: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose recordings lie in a bucket; its other data are in `data` below the folder."""
    with s3_server(folder / "s3") as bucket, on_bucket(bucket, template, folder, monkeypatch) as server:
        yield server


@contextmanager
def on_bucket(bucket: S3Server, template: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose recordings lie in this bucket."""
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    data = folder / "data"
    data.mkdir()
    (data / "parley.db").write_bytes(template.read_bytes())
    server = Server(None, data, recordings=bucket.address()).start()
    try:
        yield server
    finally:
        server.stop()


def stored(site: TestSite, row: Recording) -> HostedRecording:
    """The recording as the store has it now."""
    found = site.server.run(recordings.by_id(site.server.application.engine, site.site_id, row.recording_id))
    assert found is not None
    return found


def play_page(site: TestSite, row: Recording) -> str:
    """The address where it is played."""
    return f"{site.server.url}/{site.name}/ldr.php?RCID={row.stream_rcid}"


def load_page(site: TestSite, row: Recording) -> str:
    """The address where its file is loaded."""
    return f"{site.server.url}/{site.name}/lsr.php?RCID={row.file_rcid}"


def browser(**options: Any) -> httpx.Client:
    """A browser of a stranger."""
    return httpx.Client(timeout=30, follow_redirects=True, headers={"Accept": "text/html,*/*;q=0.8"}, **options)


class SignedIn(NamedTuple):
    """A browser in which somebody is signed in, and the value that its commands carry."""

    client: httpx.Client
    csrf: str


def signed_in(site: TestSite, name: str = "host1") -> SignedIn:
    """Sign somebody in."""
    client = browser()
    answer = client.post(f"{site.server.url}/{site.name}/p.php", data={"AT": "LI", "WID": name, "PW": PASSWORD})
    found = re.search(r"CSRF(?:=|\\x3d)([0-9a-f-]{36})", answer.text)
    assert found is not None, answer.text
    return SignedIn(client, found[1])


def media(site: TestSite, page: httpx.Response) -> str:
    """The address of the video on a page."""
    found = re.search(r'<video[^>]* src="([^"#]+)', page.text)
    assert found is not None, page.text
    return site.server.url + found[1]


def file_link(page: httpx.Response) -> str:
    """The address of the file on a page of lsr.php."""
    found = re.search(r'href="([^"]+/recordings/file[^"]+)"', page.text)
    assert found is not None, page.text
    return found[1].replace("&amp;", "&")
