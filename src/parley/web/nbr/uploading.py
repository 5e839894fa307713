"""uploadRecording: a file that comes as an attachment, or inside of the document, becomes a recording.

The file is written as it comes, beside the uploads of pages (`recordings.uploads`), with the same limits and the same
look at what it is. What breaks off is removed: the program sends it again.
Source: facts/general-session.md 10 "NBRFileOpenService".
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from parley.domain.user import User
from parley.protocol import faults as catalogue
from parley.recordings import uploads
from parley.recordings.keeping import NewRecording, NotKept
from parley.recordings.probing import NotARecording
from parley.recordings.storage import StorageFull, StorageUnavailable
from parley.recordings.uploads import Busy, Upload, Writer
from parley.services.context import Context
from parley.store import users
from parley.web.nbr import faults
from parley.web.nbr.files import number_of
from parley.web.nbr.reading import Attachments

if TYPE_CHECKING:
    from parley.services.application import Application

#: What serviceType says; the numbers are chosen.
_SERVICES: Final = {1: "MeetingCenter", 2: "EventCenter", 3: "TrainingCenter", 4: "SupportCenter", 5: "SalesCenter"}
_LONGEST_NAME: Final = 256
_LONGEST_TIME: Final = 7 * 86_400
#: Bytes that are gathered before they are written.
_BLOCK: Final = 1024 * 1024


async def upload(application: Application, context: Context, values: dict[str, str], parts: Attachments | None) -> int:
    """Take a file in; the number of the recording.

    Args:
        values: the parameters of uploadRecording.
        parts: what follows the document of the request.

    Raises:
        NbrFault: the file is not what was said, none that is taken, or there is no room.
        Fault: the caller may not, or names an account that is none.
        StorageError: the store does not answer.
        Gone: the connection broke off.
    """
    size = number_of(values["filesize"])
    if size is None:
        raise faults.parameter("filesize", "the number of bytes is needed")
    new = await _new(context, values)
    pieces = await _pieces(values["dh"], parts)
    try:
        begun = await uploads.create(application, new, size)
    except (NotKept, StorageFull) as error:
        raise faults.not_taken(str(error)) from None
    done = False
    try:
        await _receive(application, begun, pieces)
        ended = await uploads.complete(application, begun)
        if ended.state == "working":
            raise StorageUnavailable(ended.reason or "the store does not take it now")
        if ended.state != "ready":
            raise faults.not_taken(ended.reason or "it could not be looked at")
        done = True
        return ended.recording_id
    except (NotARecording, StorageFull) as error:
        raise faults.not_taken(str(error)) from None
    finally:
        if not done:
            with contextlib.suppress(Busy):  # then it is removed like others that nobody goes on with
                await asyncio.shield(uploads.remove(application, begun))


async def _new(context: Context, values: dict[str, str]) -> NewRecording:
    caller = context.caller
    if not caller.host or caller.attendee_only:
        raise catalogue.ACCESS_DENIED()
    owner = await _owner(context, values["userId"])
    name = "".join(c for c in values["recordName"] if c.isprintable()).strip()[:_LONGEST_NAME]
    return NewRecording(
        site_id=caller.site_id,
        owner_id=owner.user_id,
        creator_id=caller.user_id,
        name=name or "Recording",
        created_at=context.now,
        time_zone_id=owner.time_zone_id,
        service=_SERVICES.get(number_of(values["serviceType"]) or 0, "MeetingCenter"),
        duration=min(number_of(values["duration"]) or 0, _LONGEST_TIME),
    )


async def _owner(context: Context, user_id: str) -> User:
    """The account that a number or webExID names, by default the caller's; only administrators name others."""
    engine, caller = context.engine, context.caller
    number = number_of(user_id)
    found = None
    if not user_id:
        found = await users.by_id(engine, caller.site_id, caller.user_id)
    elif number is not None:
        found = await users.by_id(engine, caller.site_id, number)
    if found is None and user_id:
        found = await users.by_web_ex_id(engine, caller.site_id, user_id.casefold())
    if found is None or (found.user_id != caller.user_id and not caller.site_admin):
        raise catalogue.UNKNOWN_USER()
    if not found.host or found.attendee_only:
        raise catalogue.ACCESS_DENIED()
    return found


async def _pieces(dh: str, parts: Attachments | None) -> AsyncIterator[bytes]:
    """The bytes of the file: of the attachment that `dh` names, of the next one, or of `dh` itself."""
    if parts is not None and (dh.startswith("cid:") or not dh.strip()):
        wanted = dh.removeprefix("cid:").strip()
        while (head := await parts.next()) is not None:
            if not wanted or head.get("content-id", "").strip("<> ") == wanted:
                return parts.pieces()
    elif dh and not dh.startswith("cid:"):
        try:
            return _one(base64.b64decode("".join(dh.split()), validate=True))
        except (binascii.Error, ValueError):
            raise faults.parameter("dh", "the file is no Base64") from None
    raise faults.parameter("dh", "the attachment with the file is missing")


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _receive(application: Application, begun: Upload, pieces: AsyncIterator[bytes]) -> None:
    writer = await asyncio.to_thread(Writer, application, begun)
    try:
        gathered: list[bytes] = []
        size = total = 0
        async for piece in pieces:
            gathered.append(piece)
            size, total = size + len(piece), total + len(piece)
            if total > begun.length:
                raise faults.parameter("filesize", "more bytes came")
            if size >= _BLOCK:
                block, gathered, size = b"".join(gathered), [], 0
                await asyncio.to_thread(writer.write, block)
        await asyncio.to_thread(writer.write, b"".join(gathered))
        if total != begun.length:
            raise faults.parameter("filesize", "fewer bytes came")
    finally:
        await asyncio.shield(asyncio.to_thread(writer.close))
