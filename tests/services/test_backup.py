"""Backups of a server that runs, put back on either kind of database, and files that are no backups."""

from __future__ import annotations

import asyncio
import gzip
import io
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from parley.clock import SystemClock
from parley.config import Config
from parley.domain.timezones import api_date
from parley.services.backup import BackupError, Summary, back_up, check, restore
from parley.store import copies, migrations
from tests.databases import PostgresServer
from tests.server import Server, TestSite
from tests.services.meetings import GMT, create, get
from tests.web.recordings import CONTENT, recorded


def nothing() -> None:
    """For progress that nobody watches."""


def backed_up(server: Server, target: Path) -> Summary:
    """The backup of a server, made beside it."""
    return asyncio.run(back_up(server.config, target, SystemClock(), nothing))


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of an empty database; None for a file in the data folder. Once on each kind."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    address = server.empty()
    yield address
    server.drop(address)


def test_what_was_there_is_there_again(site: TestSite, new_database: str | None, tmp_path: Path) -> None:
    client = site.client()
    key = create(client, "Kept as it is \u2603", accessControl={"meetingPassword": "Secret12"})
    recording = recorded(site)
    before = get(client, key).ok().value("metaData/confName")
    target = tmp_path / "all.tar"
    summary = backed_up(site.server, target)
    create(client, "Made later")
    assert target.stat().st_mode & 0o077 == 0
    config = Config(data=str(tmp_path / "new"), database=new_database)
    put_back = asyncio.run(restore(config, target, nothing))
    assert put_back == summary
    server = Server(new_database, tmp_path / "new").start()
    try:
        again = TestSite(server=server, name=site.name, site_id=site.site_id, level=site.level)
        found = get(again.client(), key).ok()
        assert found.value("metaData/confName") == before
        assert found.value("accessControl/meetingPassword") == "Secret12"
        names = again.client().call("meeting.LstsummaryMeeting").ok().all("meeting/confName")
        assert "Made later" not in names
        files = [path.read_bytes() for path in (tmp_path / "new" / "recordings" / "files").rglob("*") if path.is_file()]
        assert CONTENT in files
        scope = {"createTimeStart": api_date(recording.created_at - 60, GMT)}
        listed = again.client().call("ep.LstRecording", recordName=recording.name, createTimeScope=scope).ok()
        assert listed.value("recordingID") == str(recording.recording_id)
        create(again.client(), "Made after it")
    finally:
        server.stop()


def test_a_backup_under_load_is_one_moment(site: TestSite, tmp_path: Path) -> None:
    ended = threading.Event()
    made: list[str] = []

    def write() -> None:
        client = site.client()
        while not ended.is_set():
            made.append(create(client, f"Number {len(made)}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(made) < 5:
            ended.wait(0.01)
        acknowledged = set(made)
        backed_up(site.server, tmp_path / "busy.tar")
    finally:
        ended.set()
        writer.join()
    # Sessions and what counts them belong to the same moment, so the copy is taken as consistent by its own checks.
    config = Config(data=str(tmp_path / "new"))
    asyncio.run(restore(config, tmp_path / "busy.tar", nothing))
    server = Server(None, tmp_path / "new").start()
    try:
        again = TestSite(server=server, name=site.name, site_id=site.site_id, level=site.level).client()
        control = {"startFrom": 1, "maximumNum": 1000}
        listed = again.call("meeting.LstsummaryMeeting", listControl=control).ok()
        keys = listed.all("meeting/meetingKey")
        assert acknowledged <= set(keys) <= set(made)
        assert listed.value("matchingRecords/total") == str(len(keys))
    finally:
        server.stop()


def test_nothing_is_overwritten(site: TestSite, tmp_path: Path) -> None:
    target = tmp_path / "all.tar"
    backed_up(site.server, target)
    with pytest.raises(BackupError, match="is there already"):
        backed_up(site.server, target)
    with pytest.raises(BackupError, match="not empty"):
        asyncio.run(
            restore(Config(data=str(tmp_path / "x"), database=site.server.config.database_url), target, nothing)
        )
    used = tmp_path / "used"
    (used / "sites" / "acme" / "mail").mkdir(parents=True)
    (used / "sites" / "acme" / "mail" / "note.txt").write_text("mine")
    with pytest.raises(BackupError, match="there are files"):
        asyncio.run(restore(Config(data=str(used)), target, nothing))
    assert (used / "sites" / "acme" / "mail" / "note.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_written(site: TestSite, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot write"):
        backed_up(site.server, tmp_path / "missing" / "all.tar")
    assert list(tmp_path.iterdir()) == []


# ---- files that are no backups -----------------------------------------------------------------------------------


Members = list[tuple[str, bytes]]


@pytest.fixture(scope="module")
def whole(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Members:
    """The members of a backup of a server with a site, a session and a file."""
    site = sqlite_server.new_site()
    create(site.client(), "Kept")
    recorded(site)
    target = tmp_path_factory.mktemp("backup") / "all.tar"
    backed_up(sqlite_server, target)
    with tarfile.open(target) as tar:
        return [(each.name, tar.extractfile(each).read()) for each in tar]  # type: ignore[union-attr]


def packed(members: Members, path: Path, kind: bytes = tarfile.REGTYPE) -> Path:
    """A file with these members; the last one is of a kind."""
    with tarfile.open(path, "w") as tar:
        for number, (name, content) in enumerate(members, 1):
            info = tarfile.TarInfo(name)
            if number == len(members):
                info.type, info.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
            info.size = len(content) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(content))
    return path


def _without_end(members: Members) -> Members:
    return members[:-1]


def _without_rows(members: Members) -> Members:
    return [each for each in members if not each[0].startswith("tables/sessions-")]


def _with_another_file(members: Members) -> Members:
    return [*members[:-1], ("mail/extra.eml", b"x"), members[-1]]


def _with_changed_file(members: Members) -> Members:
    return [(name, content[:-1] + b"!" if name.startswith("recordings/") else content) for name, content in members]


def _outside(name: str) -> Callable[[Members], Members]:
    return lambda members: [*members[:-1], (name, b"x"), members[-1]]


def _with_rows(rows: object, table: str = "sites") -> Callable[[Members], Members]:
    encoded = msgspec.msgpack.encode(rows)
    piece = gzip.compress(len(encoded).to_bytes(4, "big") + encoded)

    def change(members: Members) -> Members:
        return [(name, piece if name.startswith(f"tables/{table}-") else content) for name, content in members]

    return change


def _with_header(**values: object) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        header = {**msgspec.json.decode(members[0][1]), **values}
        return [(members[0][0], msgspec.json.encode(header)), *members[1:]]

    return change


DAMAGES: dict[str, tuple[Callable[[Members], Members], str]] = {
    "no end": (_without_end, "end is missing"),
    "rows missing": (_without_rows, "the table sessions is not what it was"),
    "a file more": (_with_another_file, "extra.eml is not what it was"),
    "a file changed": (_with_changed_file, "is not what it was"),
    "a path upwards": (_outside("recordings/files/../../../evil"), "no file of a data folder"),
    "an absolute path": (_outside("/tmp/evil"), "no file of a data folder"),
    "another folder": (_outside("parley.toml"), "no file of a data folder"),
    "rows of other kinds": (_with_rows([["x"] * 3]), "do not fit"),
    "no rows": (_with_rows("text"), "do not fit"),
    "no document": (_with_header(tables=7), "damaged"),
    "another format": (_with_header(format=9), "format 9"),
    "another program": (lambda members: members[1:], "no backup"),
    "a table of another name": (
        _with_header(tables=[{"name": 'sites"; drop table sites; --', "columns": [["a", "int"]], "key": ["a"]}]),
        "there cannot be",
    ),
    "a column of no kind": (
        _with_header(tables=[{"name": "sites", "columns": [["a", "float"]], "key": ["a"]}]),
        "there cannot be",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_backups_are_refused_and_leave_nothing(whole: Members, damage: str, tmp_path: Path) -> None:
    change, words = DAMAGES[damage]
    file = packed(change(whole), tmp_path / "damaged.tar")
    with pytest.raises(BackupError, match=words):
        asyncio.run(check(file, nothing))
    with pytest.raises(BackupError, match=words):
        asyncio.run(restore(Config(data=str(tmp_path / "new")), file, nothing))
    found = [path for path in (tmp_path / "new").rglob("*") if path.is_file() and "parley.db" not in path.name]
    assert found == []
    # The same folder takes a whole one afterwards.
    packed(whole, tmp_path / "whole.tar")
    assert asyncio.run(restore(Config(data=str(tmp_path / "new")), tmp_path / "whole.tar", nothing)).rows > 0


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE])
def test_what_is_no_file_is_refused(whole: Members, kind: bytes, tmp_path: Path) -> None:
    file = packed([*whole[:-1], ("mail/odd", b"")], tmp_path / "odd.tar", kind)
    with pytest.raises(BackupError, match="is no file"):
        asyncio.run(check(file, nothing))


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04" + b"x" * 2000, b"\0" * 20_000, b"x" * 20_000])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    with pytest.raises(BackupError, match="no backup of Parley"):
        asyncio.run(check(file, nothing))


def test_a_file_cut_anywhere_is_refused(whole: Members, tmp_path: Path) -> None:
    file = packed(whole, tmp_path / "whole.tar")
    content = file.read_bytes().rstrip(b"\0")
    for part in range(1, 20):
        cut = tmp_path / "cut.tar"
        cut.write_bytes(content[: len(content) * part // 20])
        with pytest.raises(BackupError):
            asyncio.run(check(cut, nothing))


def test_a_backup_of_an_older_release_is_migrated(whole: Members, tmp_path: Path) -> None:
    older = migrations.KNOWN[0]
    (shape,) = (each for each in copies.shapes() if each.name == "meta")
    assert _columns_of("meta", tmp_path / "older.db", older) == {name for name, _ in shape.columns}
    header = {**msgspec.json.decode(whole[0][1]), "revision": older, "tables": msgspec.to_builtins([shape])}
    manifest = msgspec.json.decode(whole[-1][1])
    manifest["tables"] = {"meta": manifest["tables"]["meta"]}
    kept = [each for each in whole[1:-1] if each[0].startswith("tables/meta-")]
    manifest["files"] = {}
    members = [(whole[0][0], msgspec.json.encode(header)), *kept, (whole[-1][0], msgspec.json.encode(manifest))]
    config = Config(data=str(tmp_path / "new"))
    asyncio.run(restore(config, packed(members, tmp_path / "older.tar"), nothing))
    assert asyncio.run(migrations.current(config.database_url)) == migrations.HEAD


def _columns_of(table: str, path: Path, revision: str) -> set[str]:
    """The columns of a release's table."""
    asyncio.run(migrations.upgrade_to(str(path), revision))
    with closing(sqlite3.connect(path)) as connection:
        return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
