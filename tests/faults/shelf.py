"""A host who brings recordings along, plays them and throws some away, as long as a server is under load."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import re
import time
from dataclasses import dataclass, field
from typing import Final

import httpx

from tests.client import xml_of
from tests.faults.traffic import PATH, Trouble
from tests.killed import PASSWORD, SITE, host
from tests.recordings.stores import CLIP

CONTENT: Final = CLIP.read_bytes()
_KIND: Final = "application/offset+octet-stream"
_READY_SECONDS: Final = 60.0
_LAST_SECONDS: Final = 480.0
_NOT_NOW: Final = frozenset({423, 502, 503, 507})


class _NotNowError(Exception):
    """The server said that it cannot do it now."""


@dataclass
class Shelf:
    """The recordings of a host.

    Attributes:
        kept: addresses at which a recording that was acknowledged can be loaded.
        pending: uploads all of whose bytes were taken, which were not ready in time.
    """

    url: str
    seed: int
    kept: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    played: int = 0
    troubles: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._http = httpx.AsyncClient(timeout=60, follow_redirects=True, base_url=self.url)
        self._csrf = ""
        self._client = host()

    async def live(self, pause: float, stopped: asyncio.Event) -> None:
        """Bring something along and play something, with a pause between, until stopped."""
        while not stopped.is_set():
            await self._guarded("upload")
            await self._guarded("play")
            try:
                await asyncio.wait_for(stopped.wait(), pause)
            except TimeoutError:
                continue

    async def _guarded(self, call: str) -> None:
        began = time.monotonic()
        try:
            await (self._upload() if call == "upload" else self._play())
        except (httpx.HTTPError, _NotNowError) as error:
            kind = "busy" if isinstance(error, _NotNowError) else "lost"
            self.troubles.append(Trouble(call, kind, f"{type(error).__name__}: {error}", began, time.monotonic()))
        except AssertionError as error:
            self.troubles.append(Trouble(call, "wrong", str(error)[:1000], began, time.monotonic()))

    async def _sign_in(self) -> None:
        answer = await self._http.post(f"/{SITE}/p.php", data={"AT": "LI", "WID": "host", "PW": PASSWORD})
        if answer.status_code in _NOT_NOW:
            raise _NotNowError(answer.status_code)
        found = re.search(r"CSRF(?:=|\\x3d)([0-9a-f-]{36})", answer.text)
        assert found is not None, answer.text[:500]
        self._csrf = found[1]

    async def _upload(self) -> None:
        if not self._csrf:
            await self._sign_in()
        name = base64.b64encode(f"Clip {self._chance.randrange(10**9)}".encode()).decode()
        headers = {"Tus-Resumable": "1.0.0", "CSRF": self._csrf}
        metadata = {**headers, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": f"name {name}"}
        made = self._checked(await self._http.post(f"/{SITE}/recordings/upload", headers=metadata), 201)
        path = httpx.URL(made.headers["location"]).path
        patch = {**headers, "Upload-Offset": "0", "Content-Type": _KIND}
        self._checked(await self._http.patch(path, content=CONTENT, headers=patch), 204)
        self.pending.append(path)
        await self._became_ready(path, _READY_SECONDS)

    async def _became_ready(self, path: str, seconds: float) -> None:
        """Wait for the recording of an upload; it is the server's business now, whatever happens meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(httpx.HTTPError, _NotNowError):
                told = self._checked(await self._http.get(path), 200).json()
                assert told["state"] != "failed", told
                if told["state"] == "ready":
                    self.kept.append(await self._page_of(told["recordingID"]))
                    self.pending.remove(path)
                    return
            if time.monotonic() > deadline:
                raise _NotNowError("not ready yet")
            await asyncio.sleep(0.2)

    async def _page_of(self, number: int) -> str:
        """Where a recording is played, as the list of recordings tells."""
        document = self._client.document("ep.LstRecording", xml_of({"listControl": {"maximumNum": 500}}))
        answer = self._checked(await self._http.post(PATH, content=document.encode()), 200)
        found = re.search(rf"recordingID>{number}<.*?streamURL>([^<]+)<", answer.text, re.DOTALL)
        if found is None:
            assert "<serv:exceptionID>000035<" in answer.text, answer.text
            raise _NotNowError("000035")
        return httpx.URL(found[1].replace("&amp;", "&")).raw_path.decode()

    def _checked(self, answer: httpx.Response, status: int) -> httpx.Response:
        if answer.status_code in _NOT_NOW:
            raise _NotNowError(f"{answer.status_code} {answer.text[:200]}")
        assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
        return answer

    async def _play(self) -> None:
        if self.kept:
            await self._load(self._chance.choice(self.kept))
            self.played += 1

    async def _load(self, page: str) -> None:
        shown = self._checked(await self._http.get(page, headers={"Accept": "text/html"}), 200)
        found = re.search(r'<video[^>]* src="([^"#]+)', shown.text)
        assert found is not None, shown.text[:500]
        media = await self._http.get(found[1].replace("&amp;", "&"))
        if media.status_code in _NOT_NOW:
            raise _NotNowError(media.status_code)
        assert media.content == CONTENT, f"{media.status_code}, {len(media.content)} bytes"

    async def verify(self) -> list[str]:
        """What is wrong with recordings that were acknowledged; nothing when all of them can be played.

        Those that are not ready yet get some minutes: a server looks for what others left behind every five.
        """
        wrong = []
        for path in list(self.pending):
            try:
                await self._became_ready(path, _LAST_SECONDS)
            except (_NotNowError, AssertionError) as error:
                wrong.append(f"upload at {path}: {error}")
        for page in self.kept:
            try:
                await self._load(page)
            except (httpx.HTTPError, _NotNowError, AssertionError) as error:
                wrong.append(f"recording at {page}: {type(error).__name__} {error}")
        await self._http.aclose()
        return wrong
