"""GetRecordingInfo and SetRecordingInfo.

Source: facts/general-session.md 9. Both serve recordings of all services, since clients call them so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from parley.contract.ep_recording import (
    GetRecordingInfo,
    GetRecordingInfoResponse,
    GetRecordingInfoResponseBasic,
    GetRecordingInfoResponseFileAccess,
    RecordingBasicType,
    RecordingFileAccessType,
    RecordingPlaybackType,
    SetRecordingInfo,
    SetRecordingInfoResponse,
)
from parley.domain import passwords
from parley.domain.passwords import ACCOUNT_PASSWORD_LENGTH, Criteria, WebText
from parley.domain.recording import (
    LONGEST_NAME,
    Details,
    HostedRecording,
    Part,
    Playback,
    Recording,
    key_of_name,
)
from parley.protocol import faults
from parley.services.context import Context
from parley.services.recording.finding import changeable, sees_passwords, visible
from parley.services.registry import operation
from parley.services.safe_texts import plain_line, rich_text, web_address
from parley.services.values import given, is_email, is_visible
from parley.store import Changes, recordings

T = TypeVar("T")
#: Characters of description and agenda.
LONGEST_TEXT: Final = 8_000
_LONGEST_SECOND: Final = 10**9
#: Switches of the playback page by their names in the contract.
_SWITCHES: Final = {
    "chat": "chat",
    "support_q_and_a": "questions",
    "video": "video",
    "polling": "polling",
    "notes": "notes",
    "file_share": "file_share",
    "attendee_list": "attendee_list",
    "toc": "contents",
    "include_nbr_controls": "controls",
}


@operation("ep", request=GetRecordingInfo, answer=GetRecordingInfoResponse)
async def get_recording_info(context: Context, request: GetRecordingInfo) -> GetRecordingInfoResponse:
    """Read the properties of a recording: topic, what its playback shows, who may see it."""
    recording = await visible(context, request.recording_id)
    details, password = recording.details, recording.password
    playback = details.playback
    return GetRecordingInfoResponse(
        basic=GetRecordingInfoResponseBasic(
            topic=recording.name,
            listing=recording.listing,
            presenter=details.presenter or recording.host_name,
            email=details.email or recording.host_email,
            agenda=details.agenda or "",
            description=details.description or "",
        ),
        playback=RecordingPlaybackType(
            **{name: getattr(playback, own) for name, own in _SWITCHES.items()},
            range=playback.part.value,
            partial_start=playback.start,
            partial_end=playback.end,
        ),
        file_access=GetRecordingInfoResponseFileAccess(
            registration=details.registration,
            attendee_view=details.attendee_view,
            attendee_download=details.attendee_download,
            end_play_url=details.end_url or "",
            password=(password or "") if sees_passwords(context, recording) else "",
        ),
    )


@operation("ep", request=SetRecordingInfo, answer=SetRecordingInfoResponse)
async def set_recording_info(context: Context, request: SetRecordingInfo) -> SetRecordingInfoResponse:
    """Change the properties of a recording; what is not sent stays as it is, an empty text is taken away."""
    sent = request.recording
    if sent is None or sent.recording_id is None:
        raise faults.MISSING_ELEMENT(path="recording/recordingID")
    before = await changeable(context, sent.recording_id)
    details = _described(before.details, sent.description, request.basic)
    details = _with_playback(before, details, request.playback)
    details = _with_access(details, request.file_access)
    after = _named(before.plain(), request.basic).with_details(details)
    password = _password(context, before, after.name, sent.password)
    after = msgspec.structs.replace(after, password=password, modified_at=context.now)
    changes = Changes()
    recordings.update(changes, before.plain(), after)
    await context.engine.commit(changes)
    return SetRecordingInfoResponse(recording_id=before.recording_id)


def _named(recording: Recording, sent: RecordingBasicType | None) -> Recording:
    """The recording with the topic and listing that were sent; an empty topic changes nothing."""
    if sent is None:
        return recording
    recording = msgspec.structs.replace(recording, listing=sent.listing or recording.listing)
    if given(sent.topic) is None:
        return recording
    name = plain_line(sent.topic or "").strip()
    if not is_visible(name):
        raise faults.INVALID_VALUE(path="basic/topic", problem="a name that can be seen is needed")
    _check_length(name, "basic/topic", LONGEST_NAME)
    return msgspec.structs.replace(recording, name=name, name_key=key_of_name(name))


def _described(details: Details, description: str | None, sent: RecordingBasicType | None) -> Details:
    sent = sent or RecordingBasicType()
    email = _line(sent.email, details.email, "basic/email")
    if sent.email and email is not None and not is_email(email):
        raise faults.INVALID_VALUE(path="basic/email", problem="this is no e-mail address")
    return msgspec.structs.replace(
        details,
        description=_text(description, details.description, "recording/description"),
        agenda=_text(sent.agenda, details.agenda, "basic/agenda"),
        presenter=_line(sent.presenter, details.presenter, "basic/presenter"),
        email=email,
    )


def _with_playback(recording: HostedRecording, details: Details, sent: RecordingPlaybackType | None) -> Details:
    """The details with what playback is to show.

    Raises:
        Fault: 999999 for a part that is not in the recording.
    """
    if sent is None:
        return details
    kept = details.playback
    switches = {own: _or(getattr(sent, name), getattr(kept, own)) for name, own in _SWITCHES.items()}
    playback = Playback(
        **switches,
        part=Part(sent.range) if sent.range else kept.part,
        start=_second(sent.partial_start, kept.start, "playback/partialStart"),
        end=_second(sent.partial_end, kept.end, "playback/partialEnd"),
    )
    if playback.part is Part.PARTIAL and playback != kept:
        longest = recording.duration or _LONGEST_SECOND
        if playback.start >= min(playback.end, longest):
            problem = f"a beginning before the end is needed, both in seconds from 0 to {longest}"
            raise faults.INVALID_VALUE(path="playback/partialStart", problem=problem)
    return msgspec.structs.replace(details, playback=playback)


def _second(sent: int | None, kept: int, path: str) -> int:
    if sent is None:
        return kept
    if not 0 <= sent <= _LONGEST_SECOND:
        raise faults.INVALID_VALUE(path=path, problem="a number of seconds from the beginning is needed")
    return sent


def _with_access(details: Details, sent: RecordingFileAccessType | None) -> Details:
    if sent is None:
        return details
    end_url = details.end_url
    if sent.end_play_url is not None:
        address = given(sent.end_play_url)
        end_url = None if address is None else web_address(address, "fileAccess/endPlayURL")
    return msgspec.structs.replace(
        details,
        registration=_or(sent.registration, details.registration),
        attendee_view=_or(sent.attendee_view, details.attendee_view),
        attendee_download=_or(sent.attendee_download, details.attendee_download),
        end_url=end_url,
    )


def _password(context: Context, recording: HostedRecording, name: str, sent: str | None) -> str | None:
    """The password from now on: the one that was sent, none for an empty one. One that stays is not looked at.

    Raises:
        Fault: 019011 for one that does not meet the site's criteria for recordings, 999999 for none where the site
            demands one.
    """
    if sent is None or sent == (recording.password or ""):
        return recording.password
    settings = context.site.settings
    if not sent:
        if settings.strict_recording_passwords:
            raise faults.MISSING_ELEMENT(path="recording/password")
        return None
    criteria = settings.recording_password_criteria if settings.strict_recording_passwords else Criteria()
    texts = WebText(
        site=(context.site.site.name, *settings.brand_names),
        account=(
            recording.host_web_ex_id,
            recording.host_first_name,
            recording.host_last_name,
            recording.host_email,
        ),
        session=(name,),
    )
    broken = passwords.violations(sent, criteria, texts, longest=ACCOUNT_PASSWORD_LENGTH)
    if broken:
        raise faults.weak_password("recording/password", [(each.fault.value, each.limit) for each in broken])
    return sent


def _or(sent: T | None, kept: T) -> T:
    return kept if sent is None else sent


def _text(sent: str | None, kept: str | None, path: str) -> str | None:
    """A text that may be HTML: None for one that was sent empty, what is kept for one that was not sent."""
    return _words(sent, kept, path, LONGEST_TEXT, rich_text)


def _line(sent: str | None, kept: str | None, path: str) -> str | None:
    return _words(sent, kept, path, LONGEST_NAME, lambda text: plain_line(text.strip()))


def _words(sent: str | None, kept: str | None, path: str, longest: int, cleaned: Callable[[str], str]) -> str | None:
    if sent is None:
        return kept
    text = given(sent)
    if text is None:
        return None
    _check_length(text, path, longest)
    return cleaned(text)


def _check_length(text: str, path: str, longest: int) -> None:
    if len(text) > longest:
        raise faults.INVALID_VALUE(path=path, problem=f"at most {longest} characters are allowed")
