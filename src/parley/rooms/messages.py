"""What is said over the socket of a room: one record for each message, checked as it is read.

A message is one JSON object whose `type` names the record in lower case. Unknown types, missing or surplus values and
values out of bounds are refused as a whole. `Said` comes from browsers, `Told` goes to them.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

#: Longest message that is read, in bytes; a session description of three media is about 6,000.
MOST_BYTES: Final = 32_768
MOST_CHAT: Final = 2_000

MemberId: TypeAlias = Annotated[int, Meta(ge=1, le=1 << 31)]
Token: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4_000)]
ChatTo: TypeAlias = Literal["all", "host", "presenter"]
Reaction: TypeAlias = Literal["thumbs", "clap", "heart", "laugh", "wow", "party"]
#: What a member may send and receive: moving pictures and sound, sound and the shared screen, neither.
Level: TypeAlias = Literal["video", "audio", "none"]


class _Said(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, forbid_unknown_fields=True):
    """What all messages from browsers have in common."""


class Enter(_Said, frozen=True):
    """The first message: the token, and the last message of the chat that is there already."""

    token: Token
    seen: Annotated[int, Meta(ge=0)] = 0


class Ping(_Said, frozen=True):
    """A sign of life."""


class Leave(_Said, frozen=True):
    """The person goes; a connection that merely drops says nothing."""


class Signal(_Said, frozen=True):
    """A step of the negotiation between two browsers, for one peer. `link` numbers their connection."""

    to: MemberId
    link: Annotated[str, Meta(max_length=40, pattern="^[a-z0-9-]+$")]
    kind: Literal["offer", "answer", "ice", "again"]
    sdp: Annotated[str, Meta(max_length=24_000)] | None = None
    candidate: Annotated[str, Meta(max_length=1_000)] | None = None
    mid: Annotated[str, Meta(max_length=16)] | None = None


class Chat(_Said, frozen=True):
    """A line of the chat."""

    to: ChatTo
    text: Annotated[str, Meta(min_length=1, max_length=MOST_CHAT)]


class Hand(_Said, frozen=True):
    """Raise or lower a hand: one's own, or as host that of somebody else, which can only be lowered."""

    up: bool
    member: MemberId | None = None


class React(_Said, frozen=True):
    """Show a reaction for a moment."""

    name: Reaction


class State(_Said, frozen=True):
    """What of one's own is on."""

    mic: bool
    camera: bool
    sharing: bool


class Admit(_Said, frozen=True):
    """Host: let in somebody from the lobby; None: everybody."""

    member: MemberId | None = None


class Mute(_Said, frozen=True):
    """Host: switch off the microphone of somebody; None: of everybody else."""

    member: MemberId | None = None


class Lock(_Said, frozen=True):
    """Host: from now on newcomers wait to be admitted, or come in again."""

    on: bool


class Present(_Said, frozen=True):
    """Host or presenter: make somebody presenter."""

    member: MemberId


class Host(_Said, frozen=True):
    """Host: pass the host's role on."""

    member: MemberId


class Claim(_Said, frozen=True):
    """Become host by the session's host key, or as one of its hosts without."""

    key: Annotated[str, Meta(max_length=16)] = ""


class Expel(_Said, frozen=True):
    """Host: send somebody away, from the room or from the lobby."""

    member: MemberId


class End(_Said, frozen=True):
    """Host: end the session for all."""


Said: TypeAlias = (
    Enter
    | Ping
    | Leave
    | Signal
    | Chat
    | Hand
    | React
    | State
    | Admit
    | Mute
    | Lock
    | Present
    | Host
    | Claim
    | Expel
    | End
)


class _Told(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """What all messages to browsers have in common."""


class MemberView(msgspec.Struct, frozen=True):
    """Somebody in the room as another one sees him. `name` is empty where the list of attendees is not shown.

    `order` grows with everybody who comes in; of two browsers the one that came later makes the offer.
    """

    id: int
    name: str
    order: int
    host: bool
    presenter: bool
    viewer: bool
    level: Level
    mic: bool
    camera: bool
    sharing: bool
    hand: int
    here: bool


class ChatLine(_Told, frozen=True, tag="chat"):
    """A line of the chat. `at` is UTC epoch milliseconds."""

    id: int
    sender: int
    name: str
    to: ChatTo
    text: str
    at: int


class Rights(msgspec.Struct, frozen=True):
    """What somebody may do at present."""

    chat: list[ChatTo]
    share: bool
    host: bool
    claim: Literal["no", "key", "free"]


class Welcome(_Told, frozen=True):
    """The place in the room. `token` finds it again after a dropped connection."""

    you: int
    name: str
    token: str
    members: list[MemberView]
    rights: Rights
    chat: list[ChatLine]
    locked: bool
    count: int
    started: int


class Waiting(_Told, frozen=True):
    """Not in yet: `host` has not come, or has to `admit`."""

    reason: Literal["host", "admit"]
    name: str
    token: str


class Joined(_Told, frozen=True):
    """Somebody came in."""

    member: MemberView


class Changed(_Told, frozen=True):
    """Something of somebody changed."""

    member: MemberView


class Left(_Told, frozen=True):
    """Somebody went."""

    member: int
    why: Literal["left", "expelled", "lost"]


class Allowed(_Told, frozen=True):
    """One's own rights changed."""

    rights: Rights


class Locked(_Told, frozen=True):
    """The room was locked or opened."""

    on: bool


class LobbyEntry(msgspec.Struct, frozen=True):
    """Somebody who waits."""

    id: int
    name: str


class Lobby(_Told, frozen=True):
    """To the host: who waits to be admitted."""

    people: list[LobbyEntry]


class Signalled(_Told, frozen=True, tag="signal"):
    """A step of the negotiation; `sender` is stamped by the server."""

    sender: int
    link: str
    kind: str
    sdp: str | None
    candidate: str | None
    mid: str | None


class Reacted(_Told, frozen=True, tag="react"):
    """A reaction."""

    member: int
    name: Reaction


class Muted(_Told, frozen=True):
    """The host asks that the microphone be off; it counts as off from now on."""


class Renewed(_Told, frozen=True):
    """A fresh token to come back with."""

    token: str


class Pong(_Told, frozen=True):
    """The answer to a sign of life."""


class Refused(_Told, frozen=True):
    """Something was not done; the socket stays open."""

    code: str
    text: str


class Goodbye(_Told, frozen=True):
    """The last message before the socket is closed. `again`: trying anew may help."""

    reason: str
    text: str
    again: bool = False


Told: TypeAlias = (
    Welcome
    | Waiting
    | Joined
    | Changed
    | Left
    | Allowed
    | Locked
    | Lobby
    | ChatLine
    | Signalled
    | Reacted
    | Muted
    | Renewed
    | Pong
    | Refused
    | Goodbye
)


class BadMessage(Exception):
    """Something that is no message of this protocol."""


_decoder: Final[msgspec.json.Decoder[Said]] = msgspec.json.Decoder(Said)
_encoder: Final = msgspec.json.Encoder()


def read(raw: str | bytes) -> Said:
    """A message from a browser.

    Raises:
        BadMessage: too long, no JSON, no known type, values missing or out of bounds.
    """
    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    if len(data) > MOST_BYTES:
        raise BadMessage("too long")
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from None


def write(message: Told) -> str:
    """A message for a browser."""
    return _encoder.encode(message).decode()


def sends_media(description: str) -> bool:
    """Whether a session description has any media that its maker would send; what says nothing sends (RFC 8866 6.7)."""
    sections: list[list[str]] = [[]]
    for line in description.splitlines():
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    usual = _direction(sections[0]) or "sendrecv"
    return any((_direction(lines) or usual) in ("sendrecv", "sendonly") for lines in sections[1:])


def _direction(lines: list[str]) -> str | None:
    found = [line[2:].strip() for line in lines if line.strip() in _DIRECTIONS]
    sending = [each for each in found if each in ("sendrecv", "sendonly")]
    return next(iter(sending or found), None)


_DIRECTIONS: Final = frozenset({"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"})
