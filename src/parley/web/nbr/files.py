"""Recordings as the services hand them out: listed, loaded, thrown away.

A host has the own recordings, an administrator those of the whole site; of others it is said that they do not exist.
Source: facts/general-session.md 10.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from parley.contract.ep_recording import DelRecording
from parley.domain.recording import HostedRecording, Kind, State
from parley.protocol.faults import Fault
from parley.recordings.storage import FileMissing
from parley.services.context import Context
from parley.services.dispatcher import answer_record
from parley.services.recording import accesses
from parley.services.recording.accesses import Visitor
from parley.services.recording.changing import Actor
from parley.services.recording.finding import sees_all, visible
from parley.store import Conflict, recordings
from parley.store.lists import Order
from parley.store.recording_lists import RecordingFilter, list_recordings
from parley.web.nbr import faults
from parley.web.nbr.door import Proven
from parley.web.nbr.multipart import Content, StoredFile, Words
from parley.web.nbr.soap import Document
from parley.web.recordings.serving import file_name

if TYPE_CHECKING:
    from parley.services.application import Application

_NUMBER: Final = re.compile("[0-9]{1,18}")
_PAGE: Final = 500
#: What the text beside a file says of it: it is not encrypted.
_PLAIN: Final = "false"


class Narrowed(NamedTuple):
    """Which recordings of many are wanted; times are UTC epoch seconds, inclusive, None: any."""

    format: str = ""
    since: int | None = None
    until: int | None = None

    @classmethod
    def of(cls, file_type: str, since: str, until: str) -> Narrowed:
        """From what was sent.

        Raises:
            NbrFault: a time that is none.
        """
        return cls(file_type.strip(" .").upper(), _moment("fromDate", since), _moment("toDate", until))

    @property
    def bounded(self) -> bool:
        """Whether it names a time."""
        return self.since is not None or self.until is not None

    def has(self, row: HostedRecording) -> bool:
        """Whether a recording is among them."""
        return (
            self.format in ("", row.format)
            and (self.since is None or row.created_at >= self.since)
            and (self.until is None or row.created_at <= self.until)
        )


def _moment(name: str, sent: str) -> int | None:
    """A time as XML Schema writes it, in UTC unless it says otherwise."""
    if not sent:
        return None
    try:
        found = datetime.fromisoformat(sent)
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise faults.parameter(name, "this is no time such as 2026-01-31T12:00:00Z") from None


def stem(row: HostedRecording) -> str:
    """The name of a recording's file without its ending."""
    return file_name(row).rpartition(".")[0]


def number_of(sent: str) -> int | None:
    """A number as programs send it; None for anything else, 0 too, which stands for none."""
    return int(sent) or None if _NUMBER.fullmatch(sent) else None


async def found(context: Context, record_id: str) -> HostedRecording:
    """The recording of this number, which the caller may see.

    Raises:
        NbrFault: there is none.
    """
    number = number_of(record_id)
    if number is None:
        raise faults.no_recording()
    try:
        return await visible(context, number)
    except Fault as fault:
        raise faults.of(fault) from None


async def attachments(application: Application, context: Context, row: HostedRecording) -> list[Content]:
    """A recording's file and the text that says its name and size; the download is counted.

    Raises:
        NbrFault: the file is not there.
        StorageError: the store does not answer.
    """
    try:
        size = None if row.file_key is None else await application.storage.size(row.file_key)
    except FileMissing:
        size = None
    if row.file_key is None or size is None:
        raise faults.no_recording()
    await count(application, context, row)
    return [about(file_name(row), size), StoredFile(application.storage, row.file_key, size)]


def about(name: str, size: int) -> Words:
    """What stands beside a file: name, bytes, and whether it is encrypted."""
    return Words(f"{name}\n{size}\n{_PLAIN}")


async def count(application: Application, context: Context, row: HostedRecording) -> None:
    """Note that the caller loads a recording.

    Raises:
        NbrFault: it went in that moment.
    """
    caller = context.caller
    try:
        visitor = Visitor(Actor.of(caller).name, caller.email)
        await accesses.note(application.engine, row.plain(), visitor, context.now, downloaded=True)
    except Conflict:
        raise faults.no_recording() from None


async def every(context: Context, service: str = "") -> AsyncIterator[HostedRecording]:
    """The recordings that a caller sees, by number.

    Args:
        service: of this one only; empty: of all.
    """
    site_id = context.site.site.site_id
    if sees_all(context):
        async for row in recordings.every(context.engine, site_id, State.READY):
            if service in ("", row.service):
                yield row
        return
    wanted = RecordingFilter(site_id=site_id, owner_id=context.caller.user_id, services=(service,) if service else ())
    start, total = 1, 1
    while start <= total:
        page = await list_recordings(context.engine, wanted, [Order("ID")], start, _PAGE)
        for row in page.rows:
            yield row
        start, total = start + _PAGE, page.total


async def of_meeting(context: Context, conf_id: str) -> list[HostedRecording]:
    """The recordings of one meeting that a caller sees, the first one first.

    Raises:
        NbrFault: there is none.
    """
    number = number_of(conf_id)
    rows = await recordings.of_run(context.engine, context.site.site.site_id, number) if number is not None else []
    own = [row for row in rows if row.state is State.READY and (sees_all(context) or _owns(context, row))]
    if not own:
        raise faults.no_meeting()
    return sorted(own, key=lambda row: (row.created_at, row.recording_id))


def _owns(context: Context, row: HostedRecording) -> bool:
    return row.owner_id == context.caller.user_id


def numbers(rows: list[HostedRecording]) -> Document:
    """A document of the numbers of recordings; programs take every text in it for one."""
    inner = "".join(f"<RecordId>{row.recording_id}</RecordId>" for row in rows)
    return Document(f"<RecordIdList>{inner}</RecordIdList>")


async def delete(application: Application, proven: Proven, row: HostedRecording, *, for_good: bool = False) -> None:
    """Throw a recording away, as DelRecording does.

    Raises:
        Fault: the caller may not.
        Conflict: others were always quicker.
    """
    uploaded = row.kind is Kind.UPLOADED
    request = DelRecording(
        recording_id=row.recording_id, is_service_recording=not uploaded, delete_permanently=for_good
    )
    await answer_record(application, request, proven.credentials)
