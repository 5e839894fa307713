"""Files that hosts bring along by the resumable protocol: whole, in parts, after breaks, and what is refused."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from parley.domain.recording import HostedRecording, State
from parley.domain.site import SiteSettings
from parley.recordings import uploads
from parley.recordings.storage import StorageFull, arriving_folder
from parley.store import recordings
from tests.processes import ServerProcess
from tests.server import Server, TestSite
from tests.services.meetings import create
from tests.web.recordings import CONTENT, SignedIn, media, play_page, signed_in

KIND = "application/offset+octet-stream"


class Uploader(NamedTuple):
    """A host's program that sends files."""

    site: TestSite
    signed: SignedIn

    @property
    def address(self) -> str:
        return f"{self.site.server.url}/{self.site.name}/recordings/upload"

    @property
    def headers(self) -> dict[str, str]:
        return {"Tus-Resumable": "1.0.0", "CSRF": self.signed.csrf}

    def create(self, length: int | str = len(CONTENT), **said: str) -> httpx.Response:
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
        headers = {**self.headers, "Upload-Length": str(length), "Upload-Metadata": metadata}
        return self.signed.client.post(self.address, headers=headers)

    def begin(self, length: int = len(CONTENT), **said: str) -> str:
        answer = self.create(length, **said)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    def send(self, url: str, data: bytes, offset: int, **more: str) -> httpx.Response:
        headers = {**self.headers, "Upload-Offset": str(offset), "Content-Type": KIND, **more}
        return self.signed.client.patch(url, content=data, headers=headers)

    def offset(self, url: str) -> int:
        answer = self.signed.client.head(url, headers=self.headers)
        assert answer.status_code == 200
        return int(answer.headers["upload-offset"])

    def told(self, url: str) -> dict[str, Any]:
        """What became of it, once it is complete."""
        deadline = time.monotonic() + 20
        while True:
            told: dict[str, Any] = self.signed.client.get(url).json()
            if told["state"] in ("ready", "failed") or time.monotonic() > deadline:
                return told
            time.sleep(0.02)

    def found(self, url: str) -> HostedRecording | None:
        engine = self.site.server.application.engine
        return self.site.server.run(recordings.by_id(engine, self.site.site_id, self.told(url)["recordingID"]))


@pytest.fixture
def host(site: TestSite) -> Iterator[Uploader]:
    signed = signed_in(site)
    yield Uploader(site, signed)
    signed.client.close()


def test_what_the_server_can_do(host: Uploader) -> None:
    answer = httpx.options(host.address)
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,termination"
    assert int(answer.headers["tus-max-size"]) == 20_000 * 1024 * 1024


def test_a_file_in_one_go(host: Uploader) -> None:
    key = create(host.site.client(), "Recorded")
    url = host.begin(filename="talk.mp4", name="My talk", password="Secret-7", session=key)
    answer = host.send(url, CONTENT, 0)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(CONTENT)))
    told = host.told(url)
    assert told["state"] == "ready", told
    row = host.found(url)
    assert row is not None
    assert (row.state, row.name, row.password, row.session_key) == (State.READY, "My talk", "Secret-7", int(key))
    page = host.signed.client.get(play_page(host.site, row), headers={"Accept": "text/html"})
    assert host.signed.client.get(media(host.site, page)).content == CONTENT
    listed = host.site.client().call("ep.LstRecording", sessionKey=key).ok()
    assert listed.value("recordingID") == str(row.recording_id)


def test_a_file_in_parts(host: Uploader) -> None:
    url = host.begin(filename="Talk.of.today.mp4")
    for start in range(0, len(CONTENT), 9_000):
        assert host.offset(url) == start
        part = CONTENT[start : start + 9_000]
        assert host.send(url, part, start).headers["upload-offset"] == str(start + len(part))
    assert host.told(url)["state"] == "ready"
    row = host.found(url)
    assert row is not None
    assert row.name == "Talk.of.today"
    assert row.size == len(CONTENT)


def test_a_break_in_the_middle(host: Uploader) -> None:
    url = host.begin()
    parts = urlsplit(url)
    assert parts.port is not None
    fields = {**host.headers, "Upload-Offset": "0", "Content-Type": KIND, "Content-Length": str(len(CONTENT))}
    fields |= {"Host": parts.netloc, "Cookie": f"ticket={host.signed.client.cookies['ticket']}"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with socket.create_connection(("127.0.0.1", parts.port)) as wire:
        wire.sendall(f"PATCH {parts.path} HTTP/1.1\r\n{lines}\r\n".encode() + CONTENT[:20_000])
        deadline = time.monotonic() + 10
        time.sleep(0.1)
    while (came := host.offset(url)) != 20_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert came == 20_000
    while (status := host.send(url, CONTENT[came:], came).status_code) == 423:  # until the broken request let go
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert status == 204
    assert host.told(url)["state"] == "ready"


def test_bytes_in_the_wrong_place(host: Uploader) -> None:
    url = host.begin()
    host.send(url, CONTENT[:100], 0)
    for offset in (0, 99, 101, 999_999):
        answer = host.send(url, b"x", offset)
        assert (answer.status_code, answer.headers["upload-offset"]) == (409, "100")
    assert host.send(url, CONTENT, 100).status_code == 413  # more than was said
    assert host.offset(url) == 100
    assert host.send(url, CONTENT[100:], 100).status_code == 204
    assert host.told(url)["state"] == "ready"
    assert host.send(url, b"", len(CONTENT)).status_code == 404  # it has become a recording


def test_one_request_at_a_time(host: Uploader) -> None:
    url = host.begin()
    application = host.site.server.application
    name = url.rpartition("/")[2]
    user = host.site.users["host1"]
    upload, _ = uploads.find(application, name, host.site.site_id, user.user_id)
    writer = uploads.Writer(application, upload)
    assert host.send(url, CONTENT, 0).status_code == 423
    assert host.signed.client.delete(url, headers=host.headers).status_code == 423
    writer.close()
    assert host.send(url, CONTENT, 0).status_code == 204


def test_an_upload_that_is_given_up(host: Uploader) -> None:
    url = host.begin()
    number = host.signed.client.get(url).json()["recordingID"]
    host.send(url, CONTENT[:100], 0)
    assert host.signed.client.delete(url, headers=host.headers).status_code == 204
    assert host.signed.client.head(url, headers=host.headers).status_code == 404
    engine = host.site.server.application.engine
    assert host.site.server.run(recordings.by_id(engine, host.site.site_id, number)) is None


# ---- what is refused ------------------------------------------------------------------------------------------------


def test_who_may_upload(host: Uploader) -> None:
    url = host.begin()
    assert httpx.post(host.address, headers={**host.headers, "Upload-Length": "5"}).status_code == 401
    signed = host.signed
    for headers, status in (
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5"}, 403),
        ({**host.headers, "CSRF": "00000000-0000-4000-8000-000000000000", "Upload-Length": "5"}, 403),
        ({**host.headers, "Sec-Fetch-Site": "cross-site", "Upload-Length": "5"}, 403),
        ({"CSRF": signed.csrf, "Upload-Length": "5"}, 412),
    ):
        assert signed.client.post(host.address, headers=headers).status_code == status
    for name in ("host2", "admin"):
        other = Uploader(host.site, signed_in(host.site, name))
        assert other.send(url, CONTENT, 0).status_code == 404
        assert other.signed.client.get(url).status_code == 404
        other.signed.client.close()
    attendee = Uploader(host.site, signed_in(host.site, "attendee1"))
    assert attendee.create().status_code == 403
    attendee.signed.client.close()
    elsewhere = host.site.server.new_site()
    foreign = Uploader(elsewhere, signed_in(elsewhere))
    moved = url.replace(f"/{host.site.name}/", f"/{elsewhere.name}/")
    assert foreign.send(moved, CONTENT, 0).status_code == 404
    foreign.signed.client.close()
    assert host.offset(url) == 0


@pytest.mark.parametrize("length", ["", "-1", "x", "0", "1e9", "9" * 30])
def test_lengths_that_are_none(host: Uploader, length: str) -> None:
    assert host.create(length).status_code == 400


def test_what_is_said_wrongly(host: Uploader) -> None:
    headers = {**host.headers, "Upload-Length": "10"}
    for metadata in ("name ***", "name /w==", "x" * 9_000):
        answer = host.signed.client.post(host.address, headers={**headers, "Upload-Metadata": metadata})
        assert answer.status_code == 400
    assert host.create(10, session="12345678901").status_code == 400
    assert host.create(10, session="x").status_code == 400
    assert host.create(10, session=create(host.site.client("host2"), "Not mine")).status_code == 400
    assert host.create(10, password="x" * 65).status_code == 400
    url = host.begin()
    assert host.send(url, b"x", 0, **{"Content-Type": "video/mp4"}).status_code == 415
    for name in ("0" * 32, "...", "x", "%2e%2e%2fetc"):
        assert host.signed.client.head(f"{host.address}/{name}", headers=host.headers).status_code == 404


def test_what_is_no_recording(host: Uploader) -> None:
    """It is refused as soon as its head is there, not after the whole file."""
    url = host.begin(1_000_000)
    answer = host.send(url, b"<html>" * 1000, 0)
    assert answer.status_code == 415
    assert "no recording" in answer.text
    assert host.signed.client.head(url, headers=host.headers).status_code == 404
    small = host.begin(5)
    assert host.send(small, b"hello", 0).status_code == 204
    told = host.told(small)
    assert told["state"] == "failed"
    assert "no recording" in told["reason"]


def test_limits(host: Uploader) -> None:
    assert host.create(30_000 * 1024 * 1024).status_code == 413
    host.site.set(settings=SiteSettings(archive_storage_limit=1))
    answer = host.create(2 * 1024 * 1024)
    assert answer.status_code == 507
    assert "1 megabytes" in answer.text
    for _ in range(uploads.MOST_OPEN):
        host.begin()
    answer = host.create()
    assert answer.status_code == 507
    assert "under way" in answer.text


def test_a_full_disk(host: Uploader, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 0))
        answer = host.create()
        assert (answer.status_code, answer.text) == (507, "the disk for recordings is full\n")
    url = host.begin()
    write = uploads.Writer.write

    def half(self: uploads.Writer, data: bytes) -> None:
        write(self, data[: len(data) // 2])
        raise StorageFull("the disk for recordings is full")

    with monkeypatch.context() as full:
        full.setattr(uploads.Writer, "write", half)
        assert host.send(url, CONTENT, 0).status_code == 507
    came = host.offset(url)
    assert came == len(CONTENT) // 2
    assert host.send(url, CONTENT[came:], came).status_code == 204
    assert host.told(url)["state"] == "ready"


# ---- what outlives the process --------------------------------------------------------------------------------------


def test_what_nobody_goes_on_with_is_removed(host: Uploader, monkeypatch: pytest.MonkeyPatch) -> None:
    url = host.begin()
    host.send(url, CONTENT[:100], 0)
    application = host.site.server.application
    host.site.server.run(uploads.tidy_uploads(application))
    assert host.offset(url) == 100
    monkeypatch.setattr(uploads, "IDLE_SECONDS", -1)
    host.site.server.run(uploads.tidy_uploads(application))
    assert host.signed.client.head(url, headers=host.headers).status_code == 404


def test_a_server_that_is_killed_in_between(tmp_path: Path, sqlite_template: Path) -> None:
    """An upload goes on after the server came back, and one that was complete becomes a recording."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "parley.db")
    maker = Server(None, data).start()
    site = maker.new_site()
    signed = signed_in(site)
    uploader = Uploader(site, signed)
    half, whole = uploader.begin(), uploader.begin()
    cookie = {"Cookie": f"ticket={signed.client.cookies['ticket']}"}
    uploader.send(half, CONTENT[:10_000], 0)
    signed.client.close()
    # The process ends after the last byte, before anything was made of it.
    folder = arriving_folder(maker.config) / f"upload-{whole.rpartition('/')[2]}"
    maker.stop()
    (folder / "data").write_bytes(CONTENT)
    process = ServerProcess(data)
    try:
        path = urlsplit(half).path
        headers = {**uploader.headers, **cookie}
        came = int(httpx.head(process.url + path, headers=headers).headers["upload-offset"])
        assert came == 10_000
        patch = {**headers, "Upload-Offset": str(came), "Content-Type": KIND}
        assert httpx.patch(process.url + path, content=CONTENT[came:], headers=patch).status_code == 204
        process.kill()
    finally:
        process.kill()
    again = Server(None, data).start()
    try:
        for upload in (folder, arriving_folder(again.config) / f"upload-{half.rpartition('/')[2]}"):
            for name in ("data", "about.json"):
                if (upload / name).exists():
                    _old(upload / name)
        again.run(uploads.tidy_uploads(again.application))
        found = again.run(_ready(again, site.site_id))
        assert sorted(each.size for each in found) == [len(CONTENT)] * 2
    finally:
        again.stop()


def _old(path: Path) -> None:
    os.utime(path, (time.time() - 3600,) * 2)


async def _ready(server: Server, site_id: int) -> list[HostedRecording]:
    return [each async for each in recordings.every(server.application.engine, site_id, State.READY)]
