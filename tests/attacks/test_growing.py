"""Files that are small and become large when they are read."""

from __future__ import annotations

import base64
import io
import struct
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from parley.protocol.faults import Fault
from parley.recordings.probing import NotARecording, _mp4_seconds, kind_of
from parley.services import user_import
from parley.services.event.pictures import checked_picture
from parley.services.import_tables import TableError
from tests.attacks.fuzz_targets import _SITE
from tests.server import TestSite

#: What may be taken to look at a file of at most 100 KB; a picture of the largest size has 4 MB.
_MOST = 40_000_000


@pytest.fixture
def measured() -> Iterator[None]:
    """What Python takes at most during a test; decoders take theirs from it by the same count of pixels."""
    tracemalloc.start()
    yield
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < _MOST


def gif(width: int, height: int, frames: int = 1) -> bytes:
    """A GIF that says it is of some size; its frames hold one point."""
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    frame = (
        b"\x21\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00"
        + struct.pack("<HH", width, height)
        + b"\x00\x02\x02D\x01\x00"
    )
    return head + frame * frames + b";"


def jpeg(width: int, height: int, scans: int = 1) -> bytes:
    with io.BytesIO() as file:
        Image.new("L", (8, 8)).save(file, "JPEG", progressive=scans > 1)
        data = bytearray(file.getvalue())
    place = next(place for place in range(len(data)) if bytes(data[place : place + 2]) in (b"\xff\xc0", b"\xff\xc2"))
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    scan = data.index(b"\xff\xda")
    return bytes(data[:scan] + data[scan:-2] * scans + data[-2:])


def png(width: int, height: int, *, text: bool = False) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress(bytes(20_000_000), 9)
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    if text:
        parts.append(chunk(b"zTXt", b"a\0\0" + rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, chunk(b"IDAT", rows), chunk(b"IEND", b"")])


@pytest.mark.parametrize(
    "content",
    [
        gif(65_535, 65_535),
        gif(1, 60_000),
        gif(1_025, 1),
        gif(1_000, 1_000, frames=2_000),
        jpeg(65_535, 65_535),
        jpeg(65_500, 1),
        jpeg(1_000, 1_000, scans=2_000),
        png(50_000, 50_000),
        png(10, 10, text=True),
    ],
    ids=["GIF", "high GIF", "wide GIF", "frames", "JPEG", "wide JPEG", "scans", "PNG", "PNG with text"],
)
@pytest.mark.usefixtures("measured")
def test_pictures_that_grow_are_refused(content: bytes) -> None:
    """Their size is looked at before anything is unpacked."""
    with pytest.raises(Fault):
        checked_picture(content, None)


def test_photos_are_kept_without_being_unpacked(own_site: TestSite) -> None:
    """The photo of an account goes to browsers as it came; here nothing unpacks it, and it has a largest size."""
    client = own_site.client("host1")
    small = base64.b64encode(png(10, 10)[:50_000]).decode()
    answer = client.call("user.UploadPMRImage", imageFor="Photo", imageData=small)
    assert answer.code in (None, "999999", "000027", "030048", "010054"), answer.reason
    huge = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(2_900_000)).decode()
    assert client.call("user.UploadPMRImage", imageFor="Photo", imageData=huge).result == "FAILURE"


@pytest.mark.parametrize(
    "content",
    [
        b"webExId,email\n" + b"\n" * 2_000_000,
        b"webExId,email,firstName,lastName\n" + b"a,b,c,d\n" * 200_000,
        b"webExId,email,firstName,lastName\n" + b"," * 2_000_000,
        b"," * 2_000_000,
        b'"' * 2_000_000,
        b'webExId,email,firstName,lastName\n"' + b"x" * 2_000_000,
        b"webExId,email,firstName,lastName\n" + b"x" * 2_000_000,
        b"\xff\xfe" + b"\x00\x0a" * 500_000,
        b"PK\x03\x04" + bytes(2_000_000),
        b"\x1f\x8b\x08" + bytes(2_000_000),
    ],
    ids=["lines", "rows", "cells", "columns", "quotes", "quote", "cell", "wide", "zip", "gzip"],
)
@pytest.mark.usefixtures("measured")
def test_tables_have_a_bounded_number_of_rows(content: bytes) -> None:
    """Rows are counted while they are read; what is packed is no table."""
    try:
        rows = len(user_import.read_table(content, _SITE, most=1_000))
    except TableError:
        rows = 0
    assert rows <= 1_001


@pytest.mark.usefixtures("measured")
def test_containers_without_end_are_not_followed() -> None:
    """Boxes of no size, inside of each other, and more of them than any file has."""
    head = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"
    assert kind_of(head).suffix == "mp4"
    for tail in (
        b"\x00\x00\x00\x08free" * 100_000,
        b"\x00\x00\x00\x00moov" * 1_000,
        b"\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff" * 100,
        b"\xff\xff\xff\xffmoov" * 1_000,
    ):
        try:
            seconds = _mp4_seconds(io.BytesIO(head + tail), len(head + tail))
        except (ValueError, struct.error):
            continue
        assert seconds is None
    for packed in (b"PK\x03\x04", b"Rar!\x1a\x07", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\x00", b"BZh9"):
        with pytest.raises(NotARecording):
            kind_of(packed + bytes(100))
