"""A whole server in one file: every row of its database and every file of its data folder, made while it runs.

The file is a tar: first `parley-backup.json` (which tables there are), then the tables in pieces, then files, at last
`manifest.json` with the counts and digests that `restore` compares with what it finds and with what it made. The
database is seen at one moment; files are read after it, so none that a row names was made later. Files of a bucket are
not in it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, TypeVar
from zlib import error as DeflateError  # noqa: N812 - the module names it in small letters

import msgspec

from parley import __version__
from parley.clock import Clock
from parley.config import Config
from parley.store import copies, migrations
from parley.store.copies import Copy, CopyError, Digest, Shape
from parley.store.engines import Row

T = TypeVar("T")

FORMAT: Final = 1
#: Parts of the data folder that belong to a backup; all else in it can be made anew.
FOLDERS: Final = ("recordings/files", "recordings/arriving", "sites", "mail")
_HEADER: Final = "parley-backup.json"
_MANIFEST: Final = "manifest.json"
_TABLE: Final = re.compile(r"tables/([a-z][a-z0-9_]*)-[0-9]{6}\.msgpack\.gz")
#: A piece of a table is closed when it has so many bytes, and is never read beyond so many.
_PIECE: Final = 8 * 1024 * 1024
_LONGEST_PIECE: Final = 256 * 1024 * 1024
_LONGEST_JSON: Final = 64 * 1024 * 1024
_BLOCK: Final = 1024 * 1024


class BackupError(Exception):
    """A backup that cannot be made or taken in; the message is for the person at the terminal."""


class Header(msgspec.Struct, frozen=True):
    """What stands before everything else.

    Attributes:
        made_at: UTC epoch seconds.
        revision: of the database.
        bucket: the recordings are in a bucket, so not in the file.
    """

    format: int
    parley: str
    made_at: int
    revision: str
    tables: list[Shape]
    bucket: bool = False


class TableSum(msgspec.Struct, frozen=True):
    """Rows of a table, and the digest over them."""

    rows: int
    digest: str


class FileSum(msgspec.Struct, frozen=True):
    """Size in bytes and SHA-256 of a file."""

    size: int
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """What there must be, and the files that went away while they were read."""

    tables: dict[str, TableSum]
    files: dict[str, FileSum]
    gone: list[str] = msgspec.field(default_factory=list)


@dataclass
class Summary:
    """What a backup holds."""

    header: Header
    manifest: Manifest

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(each.rows for each in self.manifest.tables.values())

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.manifest.files.values())


Progress = Callable[[], None]


# ---- making it -------------------------------------------------------------------------------------------------------


def steps() -> int:
    """How often `progress` is called: once a table, and once for the files."""
    return len(copies.shapes()) + 1


async def back_up(config: Config, target: Path, clock: Clock, progress: Progress) -> Summary:
    """Write the backup of a server, running or not.

    Args:
        target: the file; it is there when it is whole, readable by its owner only.

    Raises:
        BackupError: it cannot be made; nothing of it stays.
    """
    part = _part_of(target)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                summary = await _write(config, tar, clock.now(), progress)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except CopyError as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return summary


def _part_of(target: Path) -> Path:
    """Where a backup grows until it is whole."""
    if target.exists():
        raise BackupError(f"{target} is there already")
    return target.with_name(target.name + ".part")


async def _write(config: Config, tar: tarfile.TarFile, now: int, progress: Progress) -> Summary:
    header = Header(FORMAT, __version__, now, migrations.HEAD, copies.shapes(), _in_bucket(config))
    _put(tar, _HEADER, msgspec.json.format(msgspec.json.encode(header)), now)
    tables: dict[str, TableSum] = {}
    async with copies.snapshot(config.database_url) as copy:
        for shape in header.tables:
            tables[shape.name] = await _write_table(tar, copy, shape, now)
            progress()
    manifest = Manifest(tables, {})
    for name, path in _files(config):
        _write_file(tar, name, path, manifest)
    progress()
    _put(tar, _MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)), now)
    return Summary(header, manifest)


def _in_bucket(config: Config) -> bool:
    return config.recordings is not None


async def _write_table(tar: tarfile.TarFile, copy: Copy, shape: Shape, now: int) -> TableSum:
    digest, piece, number = Digest(), bytearray(), 0

    def close() -> None:
        nonlocal number
        number += 1
        _put(tar, f"tables/{shape.name}-{number:06d}.msgpack.gz", gzip.compress(piece, 3, mtime=0), now)
        piece.clear()

    async for rows in copy.rows(shape):
        digest.take(rows)
        encoded = msgspec.msgpack.encode(rows)
        piece += len(encoded).to_bytes(4, "big") + encoded
        if len(piece) >= _PIECE:
            close()
    if piece:
        close()
    return TableSum(digest.rows, digest.text)


def _files(config: Config) -> Iterator[tuple[str, Path]]:
    root = Path(config.data).absolute()
    for folder in FOLDERS:
        for where, folders, names in os.walk(root / folder):
            folders.sort()
            for name in sorted(names):
                path = Path(where) / name
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(root).as_posix(), path


def _write_file(tar: tarfile.TarFile, name: str, path: Path, manifest: Manifest) -> None:
    """Add a file as long as it is now: what is written to it meanwhile belongs to the next backup."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        manifest.gone.append(name)
        return
    with source:
        about = os.fstat(source.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = about.st_size, int(about.st_mtime), 0o600
        reader = _Hashing(source, about.st_size)
        tar.addfile(info, reader)  # type: ignore[arg-type]  # it asks for nothing but read
        manifest.files[name] = FileSum(about.st_size, reader.digest)


class _Hashing:
    """Reads so many bytes of a file and makes their digest; a file that became shorter is filled up with zeros."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left, self._hash = file, size, hashlib.sha256()

    def read(self, size: int) -> bytes:
        wanted = min(size, self._left)
        piece = self._file.read(wanted)
        piece += b"\0" * (wanted - len(piece))
        self._left -= wanted
        self._hash.update(piece)
        return piece

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _put(tar: tarfile.TarFile, name: str, content: bytes, now: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(content), now, 0o600
    tar.addfile(info, io.BytesIO(content))


# ---- taking it in ----------------------------------------------------------------------------------------------------


async def restore(config: Config, source: Path, progress: Progress) -> Summary:
    """Put a backup into a new database and a data folder without files of the same kinds, and compare what is there.

    Raises:
        BackupError: it cannot be read, is damaged, or something is there already. The database is then as before.
    """
    made: list[Path] = []
    try:
        root = _without_files(config)
        with _opened(source) as archive:
            async with copies.filling(config.database_url, archive.header.revision) as copy:
                summary = await _take_in(archive, copy, _Keeping(root, made), progress)
                await _compare(copy, summary)
    except BaseException as error:
        for path in made:
            path.unlink(missing_ok=True)
        if isinstance(error, CopyError | OSError):
            raise BackupError(_words(error)) from error
        raise
    await migrations.upgrade_to_head(config.database_url)
    return summary


def _without_files(config: Config) -> Path:
    """The data folder, if nothing in it could be mixed with what a backup holds."""
    root = Path(config.data).absolute()
    for folder in FOLDERS:
        if any(path.is_file() for path in (root / folder).rglob("*")):
            raise BackupError(
                f"there are files in {root / folder} already: a backup is put into a new data folder only"
            )
    _make_private(root)
    return root


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are not there, for this account only."""
    for each in reversed([folder, *folder.parents]):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


async def check(source: Path, progress: Progress) -> Summary:
    """Read a backup from end to end and compare it with its own counts and digests.

    Raises:
        BackupError: it is damaged.
    """
    try:
        with _opened(source) as archive:
            return await _take_in(archive, _Nowhere(), _Keeping(None, []), progress)
    except (CopyError, OSError) as error:
        raise BackupError(_words(error)) from error


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


@dataclass
class _Archive:
    """A backup that is being read, one member after the other."""

    tar: tarfile.TarFile
    header: Header
    shapes: dict[str, Shape]
    ahead: tarfile.TarInfo | None = None
    done: set[str] = field(default_factory=set)

    def next(self) -> tarfile.TarInfo | None:
        """The next member."""
        found, self.ahead = self.ahead, None
        return found or self.tar.next()

    def content(self, member: tarfile.TarInfo) -> IO[bytes]:
        """What is in a member."""
        found = self.tar.extractfile(member) if member.isreg() else None
        if found is None:
            raise BackupError(f"damaged: {member.name} is no file")
        return found


@contextmanager
def _opened(source: Path) -> Iterator[_Archive]:
    try:
        with source.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
            member = tar.next()
            if member is None or member.name != _HEADER:
                raise BackupError(f"{source} is no backup of Parley")
            header = _json(tar.extractfile(member), Header)
            if header.format != FORMAT:
                raise BackupError(f"{source} has format {header.format}, this release knows {FORMAT}")
            shapes = {shape.name: copies.checked(shape) for shape in header.tables}
            yield _Archive(tar, header, shapes)
    except (tarfile.TarError, EOFError, DeflateError, gzip.BadGzipFile) as error:
        raise BackupError(f"{source} is no backup of Parley, or damaged: {error}") from error


def _json(file: IO[bytes] | None, kind: type[T]) -> T:
    content = file.read(_LONGEST_JSON + 1) if file is not None else b""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise BackupError(f"damaged: {error}") from error


async def _take_in(archive: _Archive, copy: Copy, keeping: _Keeping, progress: Progress) -> Summary:
    """Read what is in a backup in its order, and compare it with its manifest."""
    tables: dict[str, TableSum] = {}
    for shape in archive.header.tables:
        digest = Digest()
        await copy.fill(shape, _rows(archive, archive.shapes[shape.name], digest))
        tables[shape.name] = TableSum(digest.rows, digest.text)
        progress()
    files: dict[str, FileSum] = {}
    while (member := archive.next()) is not None and member.name != _MANIFEST:
        files[member.name] = keeping.keep(member.name, member.size, archive.content(member))
    if member is None:
        raise BackupError("damaged: its end is missing")
    manifest = _json(archive.content(member), Manifest)
    for name, found, wanted in (("table", tables, manifest.tables), ("file", files, manifest.files)):
        for each in found.keys() | wanted.keys():
            if found.get(each) != wanted.get(each):
                raise BackupError(f"damaged: the {name} {each} is not what it was")
    progress()
    return Summary(archive.header, manifest)


async def _rows(archive: _Archive, shape: Shape, digest: Digest) -> AsyncIterator[list[Row]]:
    """The rows of a table, from as many members as it has."""
    while (member := archive.next()) is not None:
        named = _TABLE.fullmatch(member.name)
        if named is None or named[1] != shape.name:
            archive.ahead = member
            return
        with gzip.open(archive.content(member)) as file:
            piece = file.read(_LONGEST_PIECE + 1)
        if len(piece) > _LONGEST_PIECE:
            raise BackupError(f"damaged: {member.name} is too large")
        place = 0
        while place < len(piece):
            end = place + 4 + int.from_bytes(piece[place : place + 4], "big")
            try:
                rows = copies.fitting(shape, msgspec.msgpack.decode(piece[place + 4 : end]))
            except msgspec.MsgspecError as error:
                raise BackupError(f"damaged: {member.name}: {error}") from error
            digest.take(rows)
            yield rows
            place = end


class _Nowhere:
    """Takes rows and keeps none."""

    async def rows(self, shape: Shape) -> AsyncIterator[list[Row]]:
        nothing: list[list[Row]] = []
        for some in nothing:
            yield some

    async def fill(self, shape: Shape, rows: AsyncIterator[list[Row]]) -> None:
        async for _some in rows:
            pass


@dataclass
class _Keeping:
    """Where files go: below a data folder, or nowhere; `made` gets those that were written."""

    root: Path | None
    made: list[Path]

    def keep(self, name: str, size: int, content: IO[bytes]) -> FileSum:
        """Write a file, or only read it."""
        path = PurePosixPath(name)
        wrong = path.is_absolute() or ".." in path.parts or path.as_posix() != name or "\0" in name
        if wrong or not any(path.is_relative_to(folder) for folder in FOLDERS):
            raise BackupError(f"damaged: {name!r} is no file of a data folder")
        digest = hashlib.sha256()
        if self.root is None:
            while block := content.read(_BLOCK):
                digest.update(block)
            return FileSum(size, digest.hexdigest())
        target = self.root / path
        _make_private(target.parent)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            self.made.append(target)
            while block := content.read(_BLOCK):
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return FileSum(size, digest.hexdigest())


async def _compare(copy: Copy, summary: Summary) -> None:
    """Read back what was put into the database."""
    for shape in summary.header.tables:
        digest = Digest()
        async for rows in copy.rows(shape):
            digest.take(rows)
        if TableSum(digest.rows, digest.text) != summary.manifest.tables[shape.name]:
            raise BackupError(f"the database does not give back what was put into the table {shape.name}")
