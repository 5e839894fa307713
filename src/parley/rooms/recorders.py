"""Recordings of rooms as they are made: begun, paused, gone on with and ended, here and in the folder of each.

What is to survive the process stands in the folder (`recordings.arriving`) before anybody is told: a server that comes
after a killed one finds there which recording of a session goes on, and the page that records goes on sending. What has
ended, or what nobody goes on with, `recordings.finishing` makes into one file.

In a mesh one person's browser records, in rooms with a media server that does; a room that moves from one to the other
gets another part.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakSet

import msgspec
import structlog

from parley.config import Config
from parley.domain import identifiers
from parley.domain.session import HostedSession
from parley.recordings.arriving import (
    MOST_MARKS,
    MOST_PARTS,
    SILENCE,
    About,
    Arriving,
    Mark,
    Part,
    going_on,
    path_of,
)
from parley.recordings.finishing import has_room, row_of
from parley.recordings.storage import arriving_folder
from parley.rooms import messages as m
from parley.rooms.engines.base import EngineError
from parley.rooms.live import Live
from parley.rooms.recording import NowRecording, may_record, task
from parley.rooms.room import Member
from parley.rooms.tokens import RECORDER_SECONDS, Recorder, Signer
from parley.rooms.words import _
from parley.services.application import Application
from parley.store import Changes, Conflict, Duplicate, StoreError, recordings, sessions

#: Seconds that a recording waits for the page that makes it, when its connection broke off.
PATIENCE: Final = SILENCE - 10
#: Seconds between signs of life in the folder.
_ALIVE: Final = 10
#: Names of this machine, where a media server writes files that can be read.
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
#: Longest recording, in milliseconds.
LONGEST: Final = 24 * 3600 * 1000
_log = structlog.get_logger("parley.rooms")
_TEXTS: Final = {
    "allowed": _("You cannot record this session."),
    "there": _("The session is recorded already."),
    "none": _("The session is not recorded at the moment."),
    "full": _("There is no room left for recordings. Please ask the administrator."),
    "failed": _("The recording could not be started. Please try again."),
}


def has_our_files(config: Config) -> bool:
    """Whether the media server writes to the data folder of this server, as recording there takes."""
    return config.janus_records or (urlsplit(config.janus or "").hostname or "") in _HERE


class Recorders:
    """Makes recordings of the rooms of this process; all but `over` and `finish` is called with the room's lock held.

    Args:
        signer: makes the tokens of the pages that record.
    """

    def __init__(self, application: Application, signer: Signer) -> None:
        self._application = application
        self._signer = signer
        self._root = arriving_folder(application.config)
        self._looked_at: WeakSet[Live] = WeakSet()
        self._stopped: WeakSet[Live] = WeakSet()
        """Rooms in which somebody ended a recording, so that none begins by itself any more."""
        self._works: set[asyncio.Task[None]] = set()

    # ---- what members say ------------------------------------------------------------------------------------

    async def said(self, live: Live, member: Member, message: m.Record | m.Chapter) -> None:
        """Do what somebody says about the recording, if he may; he is told otherwise."""
        room, now = live.room, live.room.recording
        again = isinstance(message, m.Record) and message.what == "again"
        mine = now is not None and now.stay_id == member.ticket.stay_id
        if not (may_record(room, member) or (again and mine)):
            return self._refuse(live, member, "allowed")
        if isinstance(message, m.Record) and message.what == "start":
            # Where nobody records any more, whoever begins anew ends what was broken off.
            if now is not None and now.missed_at is None:
                return self._refuse(live, member, "there")
            await self._start(live, member)
        elif now is None:
            self._refuse(live, member, "none")
        elif isinstance(message, m.Chapter):
            await self._mark(live, member, now, message.name)
        elif message.what == "stop":
            self._stopped.add(live)
            await self._stop(live)
        elif again:
            await self._go_on(live, now)
        else:
            await self._pause(live, now, on=message.what == "pause")
        return None

    def _refuse(self, live: Live, member: Member, reason: str) -> None:
        live.room.refuse(member, "record", _TEXTS[reason])

    # ---- beginning and ending --------------------------------------------------------------------------------

    async def _start(self, live: Live, member: Member) -> None:
        await self._stop(live)
        engine, site_id = self._application.engine, live.site.site.site_id
        session = await sessions.by_key(engine, site_id, live.session_key)
        if session is None:
            return
        if not await has_room(self._application, live.site.site, session.host_id):
            self._refuse(live, member, "full")
            return
        about = self._about(live, session, member)
        folder = Arriving(path_of(self._root, site_id, about.recording_id))
        try:
            await asyncio.to_thread(folder.create, about)
        except OSError as error:
            _log.warning("recording_not_begun", session_key=live.session_key, reason=str(error))
            self._refuse(live, member, "failed")
            return
        try:
            changes = Changes()
            recordings.add(changes, row_of(about))
            await engine.commit(changes)
        except (Conflict, Duplicate, StoreError) as error:
            _log.warning("recording_not_begun", session_key=live.session_key, reason=str(error))
            await asyncio.to_thread(folder.remove)
            self._refuse(live, member, "failed")
            return
        live.room.recording = self._now(about)
        if not await self._begin_part(live, folder, about):
            self._refuse(live, member, "failed")
            return
        _log.info("recording_begun", site_id=site_id, session_key=live.session_key, recording_id=about.recording_id)
        live.room.tell_recording()
        await self.tell_recorder(live)

    def _about(self, live: Live, session: HostedSession, member: Member) -> About:
        now, user_id = self._application.clock.now_ms(), member.ticket.user_id
        return About(
            site_id=session.site_id,
            recording_id=identifiers.new_recording_id(),
            session_key=session.session_key,
            conf_id=live.conf_id,
            owner_id=session.host_id,
            creator_id=user_id if user_id is not None else session.host_id,
            name=session.name,
            service=session.service,
            host_email=session.host_email,
            time_zone_id=session.time_zone_id,
            tracking_codes=tuple(session.tracking_codes),
            stay_id=member.ticket.stay_id,
            recorded_by=member.ticket.name,
            started_at=now,
            counted_at=now,
        )

    async def _stop(self, live: Live) -> None:
        """End the recording that goes on, if one does."""
        now, live.room.recording = live.room.recording, None
        if now is None:
            return
        await self._leave_server(live, now)
        await self._end(live, now)
        live.room.tell_recording()

    async def _end(self, live: Live, now: NowRecording) -> None:
        folder, about = await self._read(live, now)
        if about is not None and about.ended_at is None:
            at = self._application.clock.now_ms()
            ended = about.parted(at).counted(at, paused=False)
            await self._write(folder, msgspec.structs.replace(ended, ended_at=at))
        _log.info("recording_ended", session_key=live.session_key, recording_id=now.recording_id)

    def over(self, live: Live) -> None:
        """Nobody is in the room any more."""
        now, live.room.recording = live.room.recording, None
        if now is not None:
            work = asyncio.create_task(self._end(live, now))
            self._works.add(work)
            work.add_done_callback(self._works.discard)

    async def finish(self) -> None:
        """Wait for what `over` began."""
        if self._works:
            await asyncio.wait(self._works, timeout=5)

    # ---- pauses, parts and marks -----------------------------------------------------------------------------

    async def _pause(self, live: Live, now: NowRecording, *, on: bool) -> None:
        if now.paused == on:
            return
        folder, about = await self._read(live, now)
        if about is None:
            await self._stop(live)
            return
        at = self._application.clock.now_ms()
        about = about.counted(at, paused=on)
        if on and now.by_server:
            await self._leave_server(live, now)
            about = about.parted(at)
        await self._write(folder, about)
        now.paused = on
        if not on and (now.by_server or self._server_records(live)):
            await self._begin_part(live, folder, about)
        live.room.tell_recording()

    async def _go_on(self, live: Live, now: NowRecording) -> None:
        """Another part of the same recording, from the same person's page or the media server."""
        folder, about = await self._read(live, now)
        if about is None:
            await self._stop(live)
        elif await self._begin_part(live, folder, about):
            live.room.tell_recording()
            await self.tell_recorder(live)

    async def _begin_part(self, live: Live, folder: Arriving, about: About) -> bool:
        """Whether another part could be begun; the recording is over otherwise."""
        now, by_server = live.room.recording, self._server_records(live)
        assert now is not None  # noqa: S101  # the caller has made sure
        part = len(about.parts)
        if part >= MOST_PARTS:
            await self._stop(live)
            return False
        try:
            if by_server:
                await asyncio.to_thread(folder.tracks(part).mkdir)
                await live.medium.start_recording(folder.tracks(part))
            by = "server" if by_server else "browser"
            at = self._application.clock.now_ms()
            parts = (*about.parted(at).parts, Part(by, at))  # type: ignore[arg-type]
            await self._write(folder, msgspec.structs.replace(about, parts=parts))
        except (EngineError, OSError) as error:
            _log.warning("recording_broken_off", recording_id=now.recording_id, reason=str(error))
            await self._stop(live)
            return False
        now.part, now.by_server, now.turn = part, by_server, live.room.engine.turn
        now.missed_at = now.told = None
        return True

    async def _leave_server(self, live: Live, now: NowRecording) -> None:
        """Let the media server end its files."""
        if not now.by_server:
            return
        try:
            await live.medium.stop_recording()
        except EngineError as error:  # what is there is found in the folder
            _log.warning("recording_not_ended_by_engine", recording_id=now.recording_id, reason=str(error))

    async def _mark(self, live: Live, member: Member, now: NowRecording, name: str) -> None:
        folder, about = await self._read(live, now)
        if about is None or len(about.marks) >= MOST_MARKS:
            return
        text = " ".join("".join(c if c.isprintable() else " " for c in name).split())
        mark = Mark(about.length(self._application.clock.now_ms()), text or f"Moment {len(about.marks) + 1}")
        await self._write(folder, msgspec.structs.replace(about, marks=(*about.marks, mark)))
        live.room.outbox.append((member.id, m.Marked(mark.name, mark.at)))

    # ---- looking after ---------------------------------------------------------------------------------------

    async def look_after(self, live: Live, turns: int) -> None:
        """Called every second: goes on with what a killed server left, begins by itself, notices who is missing."""
        try:
            if live not in self._looked_at:
                self._looked_at.add(live)
                await self._restore(live)
            await self._look(live, turns)
        except OSError as error:
            _log.warning("recording_not_looked_after", session_key=live.session_key, reason=str(error))

    async def _look(self, live: Live, turns: int) -> None:
        room, now = live.room, live.room.recording
        if now is None:
            host = room.host
            wanted = room.rules.recording.auto and live not in self._stopped
            if wanted and host is not None and host.here and turns % 2 == 0:
                await self._start(live, host)
                if room.recording is None:
                    self._stopped.add(live)  # it would be refused every other second
            return
        if not room.rules.recording.offered:  # the session was changed meanwhile
            await self._stop(live)
            return
        by_server = self._server_records(live)
        anew = by_server and now.turn != room.engine.turn  # the media server was started anew
        if (by_server != now.by_server or anew) and not now.paused:
            await self._go_on(live, now)
            return
        await self._look_after_page(live, now)
        if room.recording is now and turns % _ALIVE == 0 and now.missed_at is None:
            folder, about = await self._read(live, now)
            if about is None or about.length(self._application.clock.now_ms()) > LONGEST:
                await self._stop(live)
            else:
                await asyncio.to_thread(folder.touch)

    async def _look_after_page(self, live: Live, now: NowRecording) -> None:
        """Wait for the person whose page records for a while; the recording ends when he has gone."""
        if now.by_server:
            return
        member = live.room.find(now.stay_id)
        if member is not None and member.here:
            now.missed_at = None
            await self.tell_recorder(live)
            return
        clock = time.monotonic()
        now.missed_at = clock if now.missed_at is None else now.missed_at
        restored = now.told is None  # after a restart people come back one after the other
        if clock - now.missed_at > PATIENCE or (member is None and not restored):
            await self._stop(live)

    async def _restore(self, live: Live) -> None:
        """Go on with the recording of a session that another process was making."""
        found = await asyncio.to_thread(going_on, self._root, *live.key)
        about = await asyncio.to_thread(found.about) if found is not None else None
        if found is None or about is None or live.room.recording is not None:
            return
        by_server = bool(about.parts) and about.parts[-1].by == "server"
        now = live.room.recording = self._now(about, by_server=by_server)
        # What a media server wrote ended with the other process; the next look begins another part.
        _log.info("recording_gone_on_with", session_key=live.session_key, recording_id=now.recording_id)
        live.room.tell_recording()

    async def tell_recorder(self, live: Live) -> None:
        """Tell the page that records what to do, once on each connection."""
        now = live.room.recording
        member = live.room.find(now.stay_id) if now is not None else None
        socket = live.sockets.get(member.id) if member is not None else None
        if now is None or member is None or socket is None or now.told is socket:
            return
        folder = Arriving(path_of(self._root, live.site.site.site_id, now.recording_id))
        message = task(live.room, member, await asyncio.to_thread(folder.next_piece, now.part))
        if message is not None:
            now.told = socket
            live.room.outbox.append((member.id, message))

    # ---- within ----------------------------------------------------------------------------------------------

    def _now(self, about: About, *, by_server: bool = False) -> NowRecording:
        token = Recorder(
            site_id=about.site_id,
            session_key=about.session_key,
            recording_id=about.recording_id,
            stay_id=about.stay_id,
            until=self._application.clock.now() + RECORDER_SECONDS,
        )
        return NowRecording(
            recording_id=about.recording_id,
            stay_id=about.stay_id,
            by_server=by_server,
            part=max(0, len(about.parts) - 1),
            path=f"recording/{about.recording_id}",
            token=self._signer.sign(token),
            paused=about.paused,
        )

    async def _read(self, live: Live, now: NowRecording) -> tuple[Arriving, About | None]:
        folder = Arriving(path_of(self._root, live.site.site.site_id, now.recording_id))
        return folder, await asyncio.to_thread(folder.about)

    async def _write(self, folder: Arriving, about: About) -> None:
        try:
            await asyncio.to_thread(folder.write, about)
        except OSError as error:
            _log.warning("recording_not_noted", recording_id=about.recording_id, reason=str(error))

    def _server_records(self, live: Live) -> bool:
        """Whether the media server records: it carries the media, and its files are in the data folder."""
        return live.medium.engine == "janus" and has_our_files(self._application.config)
