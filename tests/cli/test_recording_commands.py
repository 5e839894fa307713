"""`parley recording`: files brought along, lists, checks, other owners and ends, beside a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.config import Config
from parley.recordings.reconciling import GRACE_SECONDS
from tests.cli.test_commands import parley
from tests.cli.test_site_commands import where_of
from tests.recordings.stores import CLIP, CLIPS, s3_server
from tests.server import TestSite
from tests.services.meetings import create
from tests.web.recordings import CONTENT, media, play_page, recorded, stored


@pytest.fixture
def where(site: TestSite) -> list[str]:
    """The options that name the database of the site."""
    return where_of(site.server)


def listed(site: TestSite, where: list[str], *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(parley("recording", "list", site.name, "--json", *options, *where))
    return found


def imported(site: TestSite, where: list[str], *options: str, file: Path = CLIP, code: int = 0) -> str:
    command = ("recording", "import", str(file), "--site", site.name, "--host", "HOST1")
    return parley(*command, *options, *where, code=code)


def test_a_file_becomes_a_recording(site: TestSite, where: list[str]) -> None:
    key = create(site.client(), "Recorded")
    options = ("--session", key, "--name", "Talk", "--password", "Secret-7", "--start", "2024-05-31T09:30")
    printed = imported(site, where, *options)
    assert "(Talk) imported: MP4, 6 seconds" in printed
    (row,) = listed(site, where)
    assert (row["name"], row["owner"], row["began"]) == ("Talk", "host1", "2024-05-31T09:30:00Z")
    assert (row["session"], row["seconds"], row["bytes"]) == (int(key), 6, len(CONTENT))
    assert row["password"] is True
    assert row["link"].replace("{site}", site.name) in printed
    assert f"{row['id']}\tTalk\thost1\t2024-05-31T09:30:00Z\t6\t0.040\tMP4" in parley(
        "recording", "list", site.name, *where
    )
    # The server that runs serves it at once.
    answer = site.client().call("ep.LstRecording", sessionKey=key).ok()
    assert answer.value("recordingID") == str(row["id"])
    assert answer.value("streamURL") == f"{site.server.url}/{site.name}/ldr.php?RCID={row['link'][-32:]}"
    assert CLIP.exists()


def test_the_name_of_the_file_is_the_name(site: TestSite, where: list[str], tmp_path: Path) -> None:
    path = tmp_path / "All hands.arf"
    path.write_bytes(b"\x01\x00\x02\x00" + b"x" * 100)
    imported(site, where, "--duration", "3600", file=path)
    (row,) = listed(site, where)
    assert (row["name"], row["format"], row["seconds"]) == ("All hands", "ARF", 3600)
    assert imported(site, where, file=CLIPS / "clip.webm")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--session", "1"), "there is no session 1"),
        (("--start", "yesterday"), "is no time"),
    ],
)
def test_what_cannot_be_imported(site: TestSite, where: list[str], options: tuple[str, ...], said: str) -> None:
    assert said in imported(site, where, *options, code=2)
    assert listed(site, where) == []


def test_files_that_are_none(site: TestSite, where: list[str], tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"<html>")
    assert "the file is no recording" in imported(site, where, file=path, code=2)
    assert "there is no file" in imported(site, where, file=tmp_path / "nothing", code=2)
    command = ("recording", "import", str(CLIP), "--site", site.name, "--host", "nobody")
    assert "there is no account nobody" in parley(*command, *where, code=2)


def test_a_recording_gets_another_owner(site: TestSite, where: list[str]) -> None:
    row = recorded(site, "Given")
    parley("recording", "reassign", site.name, str(row.recording_id), "--to", "host2", *where)
    (found,) = listed(site, where)
    assert found["owner"] == "host2"
    number = str(row.recording_id)
    assert "no host" in parley("recording", "reassign", site.name, number, "--to", "attendee1", *where, code=2)
    assert "no account" in parley("recording", "reassign", site.name, number, "--to", "nobody", *where, code=2)
    assert "no recording 1 " in parley("recording", "reassign", site.name, "1", "--to", "host1", *where, code=2)


def test_a_recording_goes(site: TestSite, where: list[str]) -> None:
    row = recorded(site, "Gone")
    number = str(row.recording_id)
    path = site.server.application.storage.local_path(row.file_key or "")
    assert path is not None
    assert "moved to the trash" in parley("recording", "remove", site.name, number, *where)
    assert listed(site, where) == []
    (found,) = listed(site, where, "--trash")
    assert found["trashed"] is not None
    assert "in the trash already" in parley("recording", "remove", site.name, number, *where, code=2)
    assert path.exists()
    assert "deleted" in parley("recording", "remove", site.name, number, "--permanently", *where)
    assert not path.exists()
    assert listed(site, where, "--trash") == []
    assert stored(site, row).file_key is None
    assert "there is no recording" in parley("recording", "remove", site.name, number, *where, code=2)


def test_what_is_amiss_is_found_and_put_right(site: TestSite, where: list[str]) -> None:
    row = recorded(site, "Lost")
    path = site.server.application.storage.local_path(row.file_key or "")
    assert path is not None
    away = path.rename(path.with_suffix(".away"))
    line = f"recording {row.recording_id} has no file"
    assert line in parley("recording", "check", "--dry-run", *where, code=1)
    assert len(listed(site, where)) == 1
    assert line in parley("recording", "check", *where)
    assert listed(site, where) == []
    away.rename(path)
    found = json.loads(parley("recording", "check", "--json", *where))
    assert row.recording_id in found["returned"]
    assert len(listed(site, where)) == 1
    assert GRACE_SECONDS == 86_400
    page = httpx.get(play_page(site, row))
    assert httpx.get(media(site, page)).content == CONTENT


def test_a_store_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.recordings.s3._TRIES", 0)
    with s3_server(tmp_path / "s3") as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PARLEY_RECORDINGS", bucket.address())
        data = ["--data", str(tmp_path / "data")]
        parley("db", "upgrade", *data)
        assert "All recordings have their files." in parley("recording", "check", *data)
        bucket.stop()
        assert "the bucket recordings" in parley("recording", "check", *data, code=2)
    monkeypatch.setenv("PARLEY_RECORDINGS", "s3://bucket?color=red")
    assert "recordings: 'color' is not known" in parley("recording", "check", *data, code=2)
    assert Config.load({}).recordings is not None
