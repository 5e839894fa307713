"""Recordings: what is kept of one, who looked at it, and what a person may see of it.

Sources: facts/general-session.md 9, facts/training-history.md 2.8. How long things are kept is chosen where the facts
do not say it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

_DAY: Final = 86_400
TRASH_DAYS: Final = 30
"""So long a recording stays in the trash (facts/general-session.md 9)."""
TRASH_SECONDS: Final = TRASH_DAYS * _DAY
HISTORY_SECONDS: Final = 90 * _DAY
"""So long it is told who looked at a recording that is gone; the history goes no further back."""
_MEGABYTE: Final = 1024 * 1024
LONGEST_NAME: Final = 512
"""Characters of a name, and of what is compared of it: longer ones do not fit an index."""


class State(StrEnum):
    """What has become of a recording."""

    ARRIVING = "ARRIVING"
    """It is being made or sent; there is no file yet."""
    WORKING = "WORKING"
    """All of it is there, the file is being put together."""
    READY = "READY"
    """People may look at it. Lists show these only."""
    FAILED = "FAILED"
    """No file could be made of what came."""
    MISSING = "MISSING"
    """It was ready, or in the trash, and its file is not where it should be."""
    TRASHED = "TRASHED"
    """In the trash; the file is there."""
    GONE = "GONE"
    """Deleted for good. As long as `file_key` is set the file has to be removed; the row stays for the history."""


#: States in which the file of a recording counts as storage that its owner uses.
USING: Final = frozenset({State.READY, State.TRASHED})


class Kind(StrEnum):
    """Where a recording is from."""

    SERVICE = "SERVICE"
    """Made in a session of this server."""
    UPLOADED = "UPLOADED"
    """A file that somebody brought along."""


class Part(StrEnum):
    """How much of a recording is played (ep:playbackRangeType)."""

    FULL = "FULL"
    PARTIAL = "PARTIAL"


class Chapter(msgspec.Struct, frozen=True):
    """A place in a recording, in seconds from its beginning, and what begins there."""

    second: int
    name: str


class Playback(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the playback page shows (ep:recordingPlaybackType); `start` and `end` in seconds, of PARTIAL ones."""

    chat: bool = True
    questions: bool = True
    video: bool = True
    polling: bool = True
    notes: bool = True
    file_share: bool = True
    attendee_list: bool = True
    contents: bool = True
    """The list of chapters (`toc`)."""
    controls: bool = True
    """`includeNBRcontrols`."""
    part: Part = Part.FULL
    start: int = 0
    end: int = 0


class Details(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The document of a recording: what no list is narrowed to or sorted by.

    Attributes:
        author: name of whoever recorded it.
        registration: people have to say who they are before they look at it.
        attendee_view, attendee_download: people other than the owner may look at it, or load the file.
        end_url: where people are led afterwards.
        tracking_codes: those of the session; at most ten.
        address: where it lies, of an entry for a recording that is elsewhere; there is no file of it here.
        meeting_untold: who was at the meeting is not told with it any more (deleteMeetingXml).
    """

    description: str | None = None
    agenda: str | None = None
    presenter: str | None = None
    email: str | None = None
    author: str | None = None
    panelists: str | None = None
    playback: Playback = Playback()
    registration: bool = False
    attendee_view: bool = True
    attendee_download: bool = True
    end_url: str | None = None
    chapters: tuple[Chapter, ...] = ()
    tracking_codes: tuple[str | None, ...] = ()
    address: str | None = None
    meeting_untold: bool = False


class Recording(msgspec.Struct):
    """A recording. Times are UTC epoch seconds.

    `recording_id` has 9 digits; `stream_rcid` and `file_rcid`, the secret parts of its two addresses, 32 hex digits.
    `owner_id` is the account that has it, `creator_id` the one that made it. `session_key` and `conf_id` are those of
    the session and its run, which may be gone. `created_at` is when it began, `duration` in seconds, `size` in bytes;
    `format` is MP4, ARF, WRF or WMV. `file_key` names the file in the storage. `name_key` is the casefolded name.
    `trashed_at` is when it came into the trash (of GONE ones: when it was deleted), `trashed_by` the account that did
    it. `document` is JSON text of `Details`. `version` is kept by the store.
    """

    site_id: int
    recording_id: int
    owner_id: int
    creator_id: int
    state: State
    kind: Kind
    service: str
    name: str
    name_key: str
    created_at: int
    time_zone_id: int
    stream_rcid: str
    file_rcid: str
    session_key: int | None = None
    conf_id: int | None = None
    duration: int = 0
    size: int = 0
    format: str = "MP4"
    media_type: str = "video/mp4"
    file_key: str | None = None
    password: str | None = None
    listing: str = "PRIVATE"
    trashed_at: int | None = None
    trashed_by: int | None = None
    modified_at: int = 0
    document: str = "{}"
    version: int = 1

    @property
    def used(self) -> int:
        """Bytes that count as storage its owner uses."""
        return self.size if self.state in USING else 0

    @property
    def details(self) -> Details:
        """The document."""
        return _DETAILS.decode(self.document)

    def with_details(self, details: Details) -> Recording:
        """The same with another document."""
        return msgspec.structs.replace(self, document=document_of(details))


class HostedRecording(Recording, kw_only=False):
    """A recording together with the names of its owner."""

    host_web_ex_id: str = ""
    host_first_name: str = ""
    host_last_name: str = ""
    host_email: str = ""

    @property
    def host_name(self) -> str:
        """The owner's name for people."""
        return f"{self.host_first_name} {self.host_last_name}".strip() or self.host_web_ex_id

    def plain(self) -> Recording:
        """The recording alone, as the store's write functions take it."""
        return Recording(*(getattr(self, name) for name in Recording.__struct_fields__))


class RegisteredPerson(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody filled in before looking at a recording (history:regFieldsType); `custom`: label and answer."""

    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    fax: str | None = None
    custom: tuple[tuple[str, str], ...] = ()


class Access(msgspec.Struct):
    """One access to a recording: somebody registered for it, looked at it or loaded its file.

    `registration` is the secret under which the page knows a registered person again, the same in every later access of
    that person; `registered_at` when it was given. `document` is JSON text of a `RegisteredPerson`.
    """

    site_id: int
    access_id: int
    recording_id: int
    accessed_at: int
    name: str
    email: str | None = None
    viewed: bool = False
    downloaded: bool = False
    registration: str | None = None
    registered_at: int | None = None
    document: str = "{}"

    @property
    def person(self) -> RegisteredPerson:
        """The document."""
        return _PERSON.decode(self.document)


_DETAILS: Final = msgspec.json.Decoder(Details)
_PERSON: Final = msgspec.json.Decoder(RegisteredPerson)
_ENCODER: Final = msgspec.json.Encoder()


def document_of(content: Details | RegisteredPerson) -> str:
    """The JSON text that the store keeps."""
    return _ENCODER.encode(content).decode()


def key_of_name(name: str) -> str:
    """The `name_key` of a recording."""
    return name.strip().casefold()[:LONGEST_NAME]


class Megabytes(float):
    """A size as lists tell it: in megabytes (of 1024 * 1024 bytes), written with three decimals."""

    def __repr__(self) -> str:
        """The text of it."""
        return f"{float(self):.3f}"


def megabytes(size: int) -> Megabytes:
    """Bytes as lists tell them; a file that is not empty is never told as 0."""
    return Megabytes(max(round(size / _MEGABYTE, 3), 0.001) if size else 0.0)


def played(recording: Recording, details: Details) -> tuple[int, int]:
    """From which second to which one of a recording is played."""
    playback = details.playback
    if playback.part is Part.FULL:
        return 0, recording.duration
    start = min(playback.start, recording.duration)
    return start, max(min(playback.end, recording.duration), start)


# ---- what becomes of a recording -------------------------------------------------------------------------


def trashed(recording: Recording, by: int, now: int) -> Recording:
    """The same in the trash; one whose file is missing stays so, and is in the trash when the file is found again."""
    state = State.MISSING if recording.state is State.MISSING else State.TRASHED
    return msgspec.structs.replace(recording, state=state, trashed_at=now, trashed_by=by, modified_at=now)


def recovered(recording: Recording, now: int) -> Recording:
    """The same out of the trash."""
    return msgspec.structs.replace(recording, state=State.READY, trashed_at=None, trashed_by=None, modified_at=now)


def deleted(recording: Recording, by: int, now: int) -> Recording:
    """The same deleted for good: nothing of it can be reached any more, and its file has to be removed."""
    return msgspec.structs.replace(
        recording,
        state=State.GONE,
        trashed_at=now,
        trashed_by=by,
        modified_at=now,
        password=None,
        document="{}",
    )


def missing(recording: Recording, now: int) -> Recording:
    """The same when its file is not where it should be."""
    return msgspec.structs.replace(recording, state=State.MISSING, modified_at=now)


def found_again(recording: Recording, now: int) -> Recording:
    """A missing one whose file is there again: in the place where it was."""
    state = State.READY if recording.trashed_at is None else State.TRASHED
    return msgspec.structs.replace(recording, state=state, modified_at=now)
