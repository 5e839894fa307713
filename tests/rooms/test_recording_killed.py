"""A server that is killed while a room is recorded, or while a file is made of it, loses nothing that had arrived."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from parley.config import Config
from parley.recordings.arriving import Arriving, all_arriving
from parley.recordings.storage import arriving_folder
from tests.nursery import Nursery
from tests.processes import ServerProcess
from tests.recordings.media import cut, needs_ffmpeg, probed, sent_by_browser
from tests.rooms.test_processes import Crowd, Place
from tests.web.rooms import Guest

pytestmark = needs_ffmpeg


def pieces() -> list[bytes]:
    """What a browser sent."""
    return cut(sent_by_browser(6), 12)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def start(nursery: Nursery, sqlite_database: str, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Starts a server on the data of the one before."""
    processes: list[ServerProcess] = []

    def started() -> Place:
        processes.append(ServerProcess(tmp_path, None, nursery=nursery, demo=True, recording_check_seconds=1))
        return Place(processes[-1])

    yield started
    for each in processes:
        if each.is_running:
            each.stop()


def arriving(folder: Path) -> list[Arriving]:
    return all_arriving(arriving_folder(Config(data=str(folder))))


def begin(host: Guest) -> dict[str, object]:
    host.say("record", what="start")
    return host.until("recorder")


def send(place: Place, key: str, task: dict[str, object], number: int) -> int:
    where = f"{place.process.url}/{place.name}/room/{key}/{task['path']}/{task['part']}/{number}"
    headers = {"Authorization": f"Bearer {task['token']}"}
    return httpx.post(where, content=pieces()[number], headers=headers).status_code


def files(folder: Path) -> list[Path]:
    return sorted((folder / "recordings" / "files").rglob("*.mp4"))


def until(wanted: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listed(place: Place) -> list[float]:
    """The lengths of all recordings that the host is told of."""
    answer = place.client().call("ep.LstRecording", listControl={"startFrom": 1})
    return [float(each) for each in answer.all("duration")] if answer.result == "SUCCESS" else []


def test_the_page_goes_on_with_the_next_server(start: Callable[[], Place], tmp_path: Path) -> None:
    place = start()
    crowd = Crowd(place)
    host = crowd.host(place)
    task = begin(host)
    assert [send(place, crowd.key, task, number) for number in range(5)] == [200] * 5
    place.process.kill()
    place = start()
    again = crowd.back(host, place)
    fresh = again.until("recorder")
    assert (fresh["id"], fresh["part"], fresh["next"]) == (task["id"], task["part"], 5)
    assert [send(place, crowd.key, task, number) for number in range(4, 12)] == [200] * 8
    again.say("record", what="stop")
    again.until("recording", state="off")
    done = f"{place.process.url}/{place.name}/room/{crowd.key}/{task['path']}/done"
    assert httpx.post(done, headers={"Authorization": f"Bearer {task['token']}"}).status_code == 200
    until(lambda: not arriving(tmp_path))
    assert [round(each) for each in listed(place)] == [6]
    crowd.close()


def test_killed_again_and_again_while_the_file_is_made(start: Callable[[], Place], tmp_path: Path) -> None:
    place = start()
    crowd = Crowd(place)
    host = crowd.host(place)
    task = begin(host)
    for number in range(12):
        assert send(place, crowd.key, task, number) == 200
    host.say("record", what="stop")
    host.until("recording", state="off")
    [folder] = arriving(tmp_path)
    place.process.kill()
    folder.finish()
    for delay in (0.0, 0.15, 0.4):
        place = start()
        until(lambda: (folder.folder / "scratch").exists() or not folder.folder.exists())
        time.sleep(delay)
        place.process.kill()
    place = start()
    until(lambda: not arriving(tmp_path))
    assert [round(each) for each in listed(place)] == [6]
    found = [path for path in files(tmp_path) if {"video", "audio"} <= set(probed(path))]
    assert found
    assert len(files(tmp_path)) <= 4  # what was stored in vain has no row, and is removed a day later
    crowd.close()
