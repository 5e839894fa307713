"""A store of recordings that hangs, as one does that takes connections and answers nothing: whoever waits is told in
time, everybody else notices nothing, and afterwards everything goes on."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from parley.recordings import s3, uploads
from parley.recordings.s3 import S3Storage
from parley.recordings.storage import arriving_folder
from tests.faults.harness import PATIENCE
from tests.faults.parts import frozen
from tests.recordings.stores import S3Server, s3_server
from tests.server import TestSite
from tests.web.recordings import CONTENT, browser, media, on_bucket, play_page, recorded, signed_in
from tests.web.test_nbr import fault_text
from tests.web.test_nbr import upload as nbr_upload
from tests.web.test_recording_uploads import Uploader

#: More than what is on its way may lie in.
_LARGE = 24 * 1024 * 1024


@dataclass
class Stand:
    """A site whose recordings lie in a bucket, and the server of the bucket."""

    site: TestSite
    bucket: S3Server
    under_way: list[str] = field(default_factory=list)
    begun: int = 0

    @contextmanager
    def hanging(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> Iterator[None]:
        """The bucket answers nothing, and what is begun from now on is given up after this time."""
        with frozen(self.bucket.pid), monkeypatch.context() as limits:
            limits.setattr(s3, "_ANSWER_SECONDS", seconds)
            limits.setattr(s3, "_PART_SECONDS", seconds)
            limits.setattr(s3, "_PATIENCE", timedelta(seconds=seconds / 2))
            yield

    def rest(self) -> None:
        """Wait until nothing is asked of the bucket any more."""
        seen, still = -1, 0
        while still < 10:
            still = still + 1 if self.begun == seen and not self.under_way else 0
            seen = self.begun
            time.sleep(0.02)


@pytest.fixture(scope="module")
def stand(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("store")
    with (
        pytest.MonkeyPatch.context() as patched,
        s3_server(folder / "s3") as bucket,
        on_bucket(bucket, sqlite_template, folder, patched) as server,
    ):
        made = Stand(server.new_site(), bucket)
        fetch = S3Storage._range

        async def watched(storage: S3Storage, key: str, start: int, end: int) -> bytes:
            made.begun += 1
            made.under_way.append(key)
            try:
                return await fetch(storage, key, start, end)
            finally:
                made.under_way.remove(key)

        patched.setattr(S3Storage, "_range", watched)
        yield made


@pytest.fixture(scope="module")
def video(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a large recording's file."""
    path = tmp_path_factory.mktemp("large") / "large.mp4"
    path.write_bytes(CONTENT + bytes(_LARGE - len(CONTENT)))
    with browser() as client:
        return media(stand.site, client.get(play_page(stand.site, recorded(stand.site, file=path))))


def narrow() -> httpx.Client:
    """A player that takes little at a time."""
    transport = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    return httpx.Client(transport=transport, timeout=PATIENCE)


def test_a_player_is_told_in_time(stand: Stand, video: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with narrow() as player, player.stream("GET", video) as answer:
        pieces = answer.iter_raw(65_536)
        assert next(pieces)
        stand.rest()
        with stand.hanging(monkeypatch, 0.3):
            with pytest.raises(httpx.RemoteProtocolError):  # what came does not pass for the whole
                deque(pieces, 0)
            assert 0 < answer.num_bytes_downloaded < _LARGE
            with browser() as other:
                refused = other.get(video)
                assert (refused.status_code, "does not answer" in refused.text) == (503, True)
    with browser() as other:
        assert len(other.get(video).content) == _LARGE


def test_nobody_else_notices(stand: Stand, video: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for the store holds nobody up, and gets all of it when the store goes on in time."""
    before = stand.begun
    with ThreadPoolExecutor(12) as pool, browser() as client:
        with stand.hanging(monkeypatch, PATIENCE):
            waiting = [pool.submit(client.get, video, headers={"Range": f"bytes={at}-{at + 9}"}) for at in range(12)]
            for _ in range(10):
                stand.site.client().call("user.GetUser", webExId="host1").ok()
                assert client.get(f"{stand.site.server.url}/ready").status_code == 200
            assert not any(each.done() for each in waiting)
        answers = [each.result() for each in waiting]
    assert [each.status_code for each in answers] == [206] * 12
    assert stand.begun >= before + 12


@pytest.mark.parametrize("size", [len(CONTENT), _LARGE])
def test_an_upload_goes_on_afterwards(stand: Stand, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it was taken, so the host has nothing to send again."""
    data = CONTENT + bytes(size - len(CONTENT))
    signed = signed_in(stand.site)
    host = Uploader(stand.site, signed)
    with closing(signed.client):
        with stand.hanging(monkeypatch, 0.3):
            url = host.begin(size, filename="talk.mp4")
            assert host.send(url, data, 0).status_code == 204
            deadline = time.monotonic() + PATIENCE
            while not (told := signed.client.get(url).json())["reason"]:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert told["state"] == "working"
        folder = arriving_folder(stand.site.server.config) / f"upload-{url.rpartition('/')[2]}"
        while signed.client.get(url).json()["state"] != "ready":
            assert time.monotonic() < deadline
            for name in ("data", "about.json"):  # a server looks for those that nobody touched for a minute
                if (folder / name).exists():
                    os.utime(folder / name, (1_000, 1_000))
            stand.site.server.run(uploads.tidy_uploads(stand.site.server.application))
        row = host.found(url)
        assert row is not None
        assert signed.client.get(media(stand.site, signed.client.get(play_page(stand.site, row)))).content == data


def test_a_program_is_told_that_its_file_was_not_taken(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    arriving = arriving_folder(stand.site.server.config)
    before = set(arriving.glob("upload-*"))
    with stand.hanging(monkeypatch, 0.3):
        assert "busy" in fault_text(nbr_upload(stand.site))
    assert set(arriving.glob("upload-*")) == before
    assert nbr_upload(stand.site).status_code == 200
