"""Which engine carries a room, how many get what on it, and what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from parley.recordings.mjr import Recorded, note_people, recorded_streams
from parley.rooms import messages as m
from parley.rooms.engines import mesh
from parley.rooms.engines.base import Capacity, EngineError, Participant
from parley.rooms.engines.medium import Medium
from tests.rooms.playing import RULES, Play, kinds, ticket

LARGE = Capacity(video=3, audio=5, watching=2)
ON_JANUS = m.Engine("janus", 7)


def levels(play: Play) -> list[str]:
    return [each.level for each in play.room.members.values()]


def test_a_room_outgrows_the_mesh_by_its_fifth_or_by_who_only_watches() -> None:
    play = Play(3)
    assert not play.room.outgrown(mesh.CAPACITY.video)
    play.room.enter(ticket(20))
    assert play.room.outgrown(mesh.CAPACITY.video)
    assert not Play(3).room.outgrown(4)
    watched = Play(0)
    watched.room.enter(ticket(21, viewer=True))
    assert watched.room.outgrown(4)
    watched.room.carry(ON_JANUS, LARGE)
    assert not watched.room.outgrown(0)


def test_what_is_encrypted_end_to_end_stays_a_mesh() -> None:
    play = Play(9, RULES._replace(end_to_end=True))
    play.room.enter(ticket(20, viewer=True))
    assert not play.room.outgrown(0)


def test_everybody_is_told_of_the_engine_and_of_what_he_may_send_now() -> None:
    play = Play(5)
    assert levels(play) == ["video"] * 4 + ["audio"] * 2
    assert play.room.welcome(play.host, "").engine == m.Engine()
    play.room.carry(ON_JANUS, LARGE)
    told = play.told()
    assert all(ON_JANUS in each for each in told.values())
    assert len(told) == 6
    assert levels(play) == ["video"] * 3 + ["audio"] * 2 + ["none"]
    assert play.room.welcome(play.host, "").engine == ON_JANUS


def test_who_only_watches_takes_no_place_of_those_who_send() -> None:
    play = Play(0)
    viewers = [play.room.enter(ticket(20 + number, viewer=True)) for number in range(3)]
    play.room.carry(ON_JANUS, LARGE)
    late = [play.room.enter(ticket(40 + number)) for number in range(5)]
    assert [each.level for each in viewers] == ["video", "video", "none"]
    assert [each.level for each in late] == ["video", "video", "audio", "audio", "none"]


def test_people_send_what_they_may_and_nothing_else() -> None:
    play = Play(5, RULES)
    play.room.carry(ON_JANUS, LARGE)
    play.room.enter(ticket(20, viewer=True))
    found = {each.id: each for each in play.room.participants()}
    host, *others = [found[each.id] for each in (play.host, *play.others)]
    assert host.places == {"mic", "camera", "screen"}
    assert [sorted(each.places) for each in others] == [["camera", "mic"]] * 2 + [["mic"]] * 2 + [[]]
    assert [each.watches for each in found.values()] == [True] * 7
    # Only so many more receive: the one without a place to speak, and one who only watches.
    play.room.enter(ticket(21, viewer=True))
    assert [each.watches for each in play.room.participants()] == [True] * 7 + [False]


def test_what_the_session_does_not_allow_nobody_receives() -> None:
    play = Play(1, RULES._replace(attendee_video=False, share="nothing"))
    play.room.carry(ON_JANUS, LARGE)
    assert [sorted(each.places) for each in play.room.participants()] == [["camera", "mic"], ["mic"]]


def test_once_moved_the_mesh_is_over() -> None:
    play = Play(1)
    play.room.carry(ON_JANUS, LARGE)
    play.told()
    assert play.say(play.others[0], m.Signal(play.host.id, "a", "again")) == {}


def test_media_said_to_the_room_itself_are_refused() -> None:
    play = Play(1)
    told = play.say(play.others[0], m.Media("send", "a", "again"))
    assert kinds(told[play.others[0].id]) == ["Refused"]


class Janus:
    """As much of the media server as a medium needs; it can be away."""

    def __init__(self) -> None:
        self.is_up = True
        self.most_mesh = 1
        self.capacity = LARGE
        self.fails = 0
        self.rooms: list[Janus] = []
        self.people: list[Participant] = []
        self.closed = False
        self.renewed: Any = None

    async def open(self, tell: Any, renewed: Any) -> Janus:
        if self.fails:
            self.fails -= 1
            raise EngineError("not now")
        room = Janus()
        room.renewed = renewed
        self.rooms.append(room)
        return room

    def look(self, people: list[Participant]) -> None:
        self.people = list(people)

    async def close(self) -> None:
        self.closed = True


def medium_of(play: Play, server: Janus | None) -> Medium:
    return Medium(play.room, server, lambda member, message: None, lambda: None)  # type: ignore[arg-type]


async def wait(seconds: float = 0.05) -> None:
    import asyncio

    await asyncio.sleep(seconds)


@pytest.mark.anyio
async def test_a_medium_moves_its_room_and_goes_back_when_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.rooms.engines.medium._PAUSE", 0.01)
    play, server = Play(0), Janus()
    medium = medium_of(play, server)
    medium.wake()
    await wait()
    assert medium.engine == "mesh"
    server.fails = 2
    guest = play.room.enter(ticket(20))
    medium.wake()
    await wait(0.2)
    assert medium.engine == "janus"
    assert play.room.engine.name == "janus"
    assert {each.id for each in server.rooms[0].people} == {play.host.id, guest.id}
    # People who go leave the room where it is, and are gone for the engine.
    play.room.leave(guest.id)
    medium.wake()
    await wait()
    assert {each.id for each in server.rooms[0].people} == {play.host.id}
    turn = play.room.engine.turn
    server.rooms[0].renewed()
    assert play.room.engine == m.Engine("janus", turn + 1)
    play.room.leave(play.host.id)
    medium.wake()
    await wait()
    assert server.rooms[0].closed
    assert (medium.engine, play.room.engine.name, play.room.capacity) == ("mesh", "mesh", mesh.CAPACITY)
    # Whoever comes then begins anew.
    for number in (30, 31):
        play.room.enter(ticket(number))
    medium.wake()
    await wait()
    assert len(server.rooms) == 2
    assert play.room.engine.turn > turn
    for each in list(play.room.members):
        play.room.leave(each)
    medium.wake()
    await wait()
    assert server.rooms[1].closed


@pytest.mark.anyio
async def test_without_a_media_server_a_room_stays_a_mesh() -> None:
    play = Play(9)
    medium = medium_of(play, None)
    medium.wake()
    medium.said(1, m.Media("send", "a", "offer"))
    await wait()
    assert medium.engine == "mesh"
    with pytest.raises(EngineError):
        await medium.start_recording(Path("nowhere"))
    assert await medium.stop_recording() == []


def recording(folder: Path, name: str, header: dict[str, Any] | None) -> None:
    text = json.dumps(header).encode() if header is not None else b""
    (folder / name).write_bytes(b"MJR00002" + (len(text).to_bytes(2, "big") + text if text else b""))


def test_recorded_files_are_told_apart(tmp_path: Path) -> None:
    note_people(tmp_path, [Recorded(11, 1, 101, "Grace"), Recorded(12, 2, 102, "Ada")])
    recording(tmp_path, "videoroom-5-user-11-2000-audio-0.mjr", {"t": "a", "c": "opus", "s": 2001, "u": 2005})
    recording(
        tmp_path, "videoroom-5-user-11-2000-video-1.mjr", {"t": "v", "c": "vp8", "d": "camera", "s": 1999, "u": 9}
    )
    recording(
        tmp_path, "videoroom-5-user-12-3000-video-2.mjr", {"t": "v", "c": "vp8", "d": "screen", "s": 3000, "u": 1}
    )
    recording(tmp_path, "videoroom-5-user-12-4000-video-1.mjr", None)
    recording(tmp_path, "videoroom-5-user-99-1000-audio-0.mjr", {"t": "a"})
    (tmp_path / "videoroom-5-user-12-5000-audio-0.mjr").write_bytes(b"MJR00002\xff\xff{broken")
    (tmp_path / "notes.txt").write_text("x")
    found = recorded_streams(tmp_path)
    assert [(each.name, each.stay_id, each.kind, each.codec, each.created_us, each.first_us) for each in found] == [
        ("Grace", 101, "camera", "vp8", 1999, 9),
        ("Grace", 101, "mic", "opus", 2001, 2005),
        ("Ada", 102, "screen", "vp8", 3000, 1),
        ("Ada", 102, "camera", "", 4000, 0),
        ("Ada", 102, "mic", "", 5000, 0),
    ]


@pytest.mark.parametrize("index", [None, b"", b"{}", b"[{"])
def test_a_folder_without_a_list_of_people_has_no_streams(tmp_path: Path, index: bytes | None) -> None:
    if index is not None:
        (tmp_path / "people.json").write_bytes(index)
    recording(tmp_path, "videoroom-5-user-11-2000-audio-0.mjr", {"t": "a"})
    assert recorded_streams(tmp_path) == []
