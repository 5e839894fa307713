"""What arrived becomes a recording that people find, whatever fails on the way."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from parley.cli import app
from parley.domain.recording import HostedRecording, State
from parley.recordings import assembling, finishing
from parley.recordings.arriving import LATE, SILENCE, About, Arriving, Mark, Part, path_of
from parley.recordings.storage import StorageUnavailable, arriving_folder
from parley.store import Changes, recordings
from tests.recordings.media import cut, needs_ffmpeg, seconds_of, sent_by_browser
from tests.recordings.test_arriving import about
from tests.server import Server, TestSite

_NUMBERS = iter(range(700_000_001, 800_000_000))


class Recorded:
    """A recording of host1 that has arrived."""

    def __init__(self, site: TestSite, pieces: Sequence[bytes], **more: Any) -> None:
        self.site = site
        self.app = site.server.application
        now, owner = self.app.clock.now_ms(), site.users["host1"].user_id
        facts: dict[str, Any] = {"site_id": site.site_id, "recording_id": next(_NUMBERS), "owner_id": owner}
        facts |= {"creator_id": owner, "started_at": now - 60_000, "counted_at": now - 60_000, "ended_at": now - 50_000}
        facts |= {"parts": (Part("browser", now - 60_000, now - 50_000),), "marks": (Mark(1_500, "Figures"),), **more}
        self.about: About = about(**facts)
        self.folder = Arriving(path_of(arriving_folder(self.app.config), site.site_id, self.about.recording_id))
        self.folder.create(self.about)
        for number, piece in enumerate(pieces):
            self.folder.put(0, number, piece)
        self.add()

    def add(self) -> None:
        changes = Changes()
        recordings.add(changes, finishing.row_of(self.about))
        self.site.server.run(self.app.engine.commit(changes))

    def forget(self) -> None:
        """Take its row away; what arrived stays."""
        row, changes = self.row, Changes()
        assert row is not None
        recordings.forget(changes, row.plain())
        self.site.server.run(self.app.engine.commit(changes))

    def finish(self, *, again: bool = False) -> list[str | None]:
        done = self.site.server.run(finishing.finish_all(self.app, again=again))
        return [note for each, note in done if each.recording_id == self.about.recording_id]

    @property
    def row(self) -> HostedRecording | None:
        query = recordings.by_id(self.app.engine, self.site.site_id, self.about.recording_id)
        return self.site.server.run(query)

    def state(self) -> State | None:
        return row.state if (row := self.row) is not None else None

    def silent(self) -> None:
        past = time.time() - SILENCE - 10
        for path in (self.folder.folder / "alive", self.folder.folder):
            os.utime(path, (past, past))


pytestmark = needs_ffmpeg


def pieces() -> list[bytes]:
    """What a browser sent."""
    return cut(sent_by_browser(2), 4)


def test_it_becomes_ready(site: TestSite) -> None:
    made = Recorded(site, pieces())
    assert made.state() is State.ARRIVING
    assert made.finish() == [None]
    row = made.row
    assert row is not None
    assert (row.state, row.duration, row.format) == (State.READY, 2, "MP4")
    assert [(each.second, each.name) for each in row.details.chapters] == [(1, "Figures")]
    assert (row.details.author, row.details.email) == ("Grace", "h@example.org")
    assert not made.folder.folder.exists()
    assert row.file_key is not None
    path = made.app.storage.local_path(row.file_key)
    assert path is not None
    assert abs(seconds_of(path) - 2) < 0.3
    assert made.finish() == []


def test_the_last_pieces_are_waited_for(site: TestSite) -> None:
    now = site.server.application.clock.now_ms()
    parts = (Part("browser", now - 5_000),)
    made = Recorded(site, pieces()[:2], ended_at=now, parts=parts)
    assert made.finish() == []
    made.folder.put(0, 2, pieces()[2])
    made.folder.finish()
    assert made.finish() == [None]
    other = Recorded(site, pieces(), ended_at=now - int(LATE + 6) * 1000, parts=parts)
    assert other.finish() == [None]


def test_what_goes_on_is_left_alone(site: TestSite) -> None:
    made = Recorded(site, pieces(), ended_at=None)
    assert made.finish() == []
    made.silent()
    assert made.finish() == [None]
    assert made.state() is State.READY


def test_nothing_came(site: TestSite) -> None:
    made = Recorded(site, [])
    assert made.finish() == [None]
    assert made.row is None
    assert not made.folder.folder.exists()


def test_without_ffmpeg_it_waits(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Recorded(site, pieces())
    with monkeypatch.context() as broken:
        broken.setattr(assembling, "ffmpeg", lambda: None)
        assert made.finish() == ["ffmpeg is not installed (package ffmpeg)"]
        assert made.state() is State.FAILED
        kept = made.folder.about()
        assert kept is not None
        assert (kept.tries, kept.note) == (1, "ffmpeg is not installed (package ffmpeg)")
        assert len(made.folder.pieces()) == len(pieces())
        assert made.finish() == []  # not at once
        site.server.clock.ahead += 40
        assert len(made.finish()) == 1
        site.server.clock.ahead += 40
        assert made.finish() == []  # the next one waits longer
    assert made.finish(again=True) == [None]
    assert made.state() is State.READY
    site.server.clock.ahead = 0


def test_a_store_that_is_away_loses_nothing(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Recorded(site, pieces())

    async def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("the bucket does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(type(made.app.storage), "put", away)
        assert made.finish() == ["the bucket does not answer"]
    assert made.state() is State.FAILED
    assert made.finish(again=True) == [None]
    assert made.state() is State.READY


def test_a_row_that_is_missing_is_made_anew(site: TestSite) -> None:
    made = Recorded(site, pieces())
    made.forget()
    assert made.finish() == [None]
    assert made.state() is State.READY


def test_what_was_finished_before_is_not_made_twice(site: TestSite, tmp_path: Path) -> None:
    made = Recorded(site, pieces())
    assert made.finish() == [None]
    first = made.row
    # The process died when the row was ready, before it could remove the folder.
    made.folder.create(made.about)
    made.folder.put(0, 0, pieces()[0])
    assert made.finish() == [None]
    assert not made.folder.folder.exists()
    assert made.row == first


def test_one_process_at_a_time(site: TestSite) -> None:
    made = Recorded(site, pieces())
    with Arriving(made.folder.folder).claimed() as mine:
        assert mine
        assert made.finish() == []
    assert made.finish() == [None]


def test_what_belongs_to_nobody_here_is_kept(site: TestSite) -> None:
    """As when a server was started with another database by mistake."""
    made = Recorded(site, pieces())
    made.forget()
    made.folder.write(msgspec.structs.replace(made.about, owner_id=1))
    assert made.finish() == ["there is no account in this database that it belongs to"]
    assert len(made.folder.pieces()) == len(pieces())
    made.folder.remove()


def test_a_site_that_demands_passwords_gets_them(shared_site: TestSite) -> None:
    site = shared_site.server.new_site(strict_recording_passwords=True)
    made = Recorded(site, pieces())
    assert made.finish() == [None]
    row = made.row
    assert row is not None
    assert row.password


def test_the_command_tries_again(tmp_path: Path, sqlite_template: Path) -> None:
    """`parley recording finish` on a data folder whose server is not there."""
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path).start()
    try:
        made = Recorded(server.new_site(), pieces())
        made.folder.write(msgspec.structs.replace(made.about, tries=finishing.MOST_TRIES, note="no ffmpeg"))
        assert made.finish() == []
    finally:
        server.stop()
    done = CliRunner().invoke(app, ["recording", "finish", "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert f"recording {made.about.recording_id} (Round) is finished" in done.output
    assert not made.folder.folder.exists()
