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
#: What people may write into polls, questions and the note; how long the note is as a whole.
MOST_QUESTION: Final = 1_000
MOST_ANSWER: Final = 2_000
MOST_OPTIONS: Final = 12
MOST_NOTE: Final = 20_000
MOST_SPLICE: Final = 5_000
ItemId: TypeAlias = Annotated[int, Meta(ge=1, le=1 << 31)]
#: A public key of ECDH over P-256 as browsers give it (raw, 65 bytes), in base64url.
PublicKey: TypeAlias = Annotated[str, Meta(min_length=87, max_length=87, pattern="^[A-Za-z0-9_-]+$")]
#: The two connections with a media server, and what a stream shows.
MediaPart: TypeAlias = Literal["send", "watch"]
MediaPlace: TypeAlias = Literal["mic", "camera", "screen"]
MediaMid: TypeAlias = Annotated[str, Meta(min_length=1, max_length=16)]


class _Said(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, forbid_unknown_fields=True):
    """What all messages from browsers have in common."""


class Enter(_Said, frozen=True):
    """The first message: the token, the last message of the chat that is there already, the key for sealed messages."""

    token: Token
    seen: Annotated[int, Meta(ge=0)] = 0
    key: PublicKey | None = None


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


class Media(_Said, frozen=True):
    """A step of the negotiation with the media server. One connection sends, one watches; `link` numbers each of them.

    `offer` to send names what each section (mid) carries; `answer` is to an offer of what can be watched; `again` asks
    for a new connection to watch; `large` names the section that is seen large, if any.
    """

    part: MediaPart
    link: Annotated[str, Meta(max_length=40, pattern="^[a-z0-9-]+$")]
    kind: Literal["offer", "answer", "ice", "again", "large"]
    sdp: Annotated[str, Meta(max_length=28_000)] | None = None
    places: Annotated[dict[MediaMid, MediaPlace], Meta(max_length=3)] | None = None
    candidate: Annotated[str, Meta(max_length=1_000)] | None = None
    mid: MediaMid | None = None


class Chat(_Said, frozen=True):
    """A line of the chat."""

    to: ChatTo
    text: Annotated[str, Meta(min_length=1, max_length=MOST_CHAT)]


class Sealed(_Said, frozen=True):
    """For one other member, and only he can read it: the key of what one sends in end-to-end encrypted rooms."""

    to: MemberId
    box: Annotated[str, Meta(min_length=1, max_length=400, pattern="^[A-Za-z0-9_.-]+$")]


class SavePoll(_Said, frozen=True):
    """Host or presenter: prepare a poll, or change one that was not opened yet."""

    question: Annotated[str, Meta(min_length=1, max_length=500)]
    options: Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=2, max_length=12)]
    multiple: bool = False
    poll: ItemId | None = None


class MovePoll(_Said, frozen=True):
    """Host or presenter: what becomes of a poll. Results are shared once it is closed."""

    poll: ItemId
    to: Literal["open", "closed", "shared", "hidden", "gone"]


class Vote(_Said, frozen=True):
    """The choices of one person, numbered from 0; they take the place of earlier ones."""

    poll: ItemId
    choices: Annotated[list[Annotated[int, Meta(ge=0, lt=MOST_OPTIONS)]], Meta(max_length=MOST_OPTIONS)]


class Ask(_Said, frozen=True):
    """A question to host, presenter and panelists."""

    text: Annotated[str, Meta(min_length=1, max_length=MOST_QUESTION)]


class Reply(_Said, frozen=True):
    """Host, presenter or panelist: answer a question, to everybody or to whoever asked."""

    question: ItemId
    text: Annotated[str, Meta(min_length=1, max_length=MOST_ANSWER)]
    private: bool = False


class Dismiss(_Said, frozen=True):
    """Host, presenter or panelist: put a question aside; whoever asked may take it back."""

    question: ItemId


class Note(_Said, frozen=True):
    """A change of the note: what stood between two places (in characters) of version `base` is now this text."""

    base: Annotated[int, Meta(ge=0)]
    start: Annotated[int, Meta(ge=0, le=MOST_NOTE)]
    end: Annotated[int, Meta(ge=0, le=MOST_NOTE)]
    text: Annotated[str, Meta(max_length=MOST_SPLICE)]


class Taker(_Said, frozen=True):
    """Host: who takes the note, where only one person does."""

    member: MemberId


class Begin(_Said, frozen=True):
    """Host: practice is over; those who wait for the start come in."""


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


class Record(_Said, frozen=True):
    """Begin a recording, or pause, go on with or end the one that goes on; `again`: the page begins a new part."""

    what: Literal["start", "pause", "resume", "stop", "again"]


class Chapter(_Said, frozen=True):
    """Mark this moment of the recording; the name may be empty."""

    name: Annotated[str, Meta(max_length=120)] = ""


Said: TypeAlias = (
    Enter
    | Ping
    | Leave
    | Signal
    | Media
    | Chat
    | Sealed
    | SavePoll
    | MovePoll
    | Vote
    | Ask
    | Reply
    | Dismiss
    | Note
    | Taker
    | Begin
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
    | Record
    | Chapter
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
    key: str | None = None


class ChatLine(_Told, frozen=True, tag="chat"):
    """A line of the chat. `at` is UTC epoch milliseconds."""

    id: int
    sender: int
    name: str
    to: ChatTo
    text: str
    at: int


class Rights(msgspec.Struct, frozen=True):
    """What somebody may do at present.

    Attributes:
        chat: whom he may write to.
        share: share a screen; `windows`: single windows only.
        host: all that hosts do.
        claim: become host, with the host key or without.
        record: record the session.
        polls: prepare, open and close polls.
        vote, ask: there are polls, questions.
        answer: see all questions and answer them.
        note: write into the note; `notes`: there is one.
        camera: have a camera on, where there is a place for it.
    """

    chat: list[ChatTo]
    share: bool
    host: bool
    claim: Literal["no", "key", "free"]
    windows: bool = False
    record: bool = False
    polls: bool = False
    vote: bool = False
    ask: bool = False
    answer: bool = False
    note: bool = False
    notes: bool = False
    camera: bool = True


class PollView(_Told, frozen=True, tag="poll"):
    """A poll as somebody sees it. `counts` (votes for each option) and `voters` are only told to whoever may see them.

    `mine` are one's own choices.
    """

    id: int
    question: str
    options: list[str]
    multiple: bool
    state: Literal["draft", "open", "closed"]
    shared: bool
    mine: list[int]
    counts: list[int] | None = None
    voters: int | None = None


class Polls(_Told, frozen=True):
    """All polls that somebody sees."""

    polls: list[PollView]


class AnswerView(msgspec.Struct, frozen=True):
    """An answer to a question; `at` is UTC epoch milliseconds."""

    name: str
    text: str
    private: bool
    at: int


class QuestionView(_Told, frozen=True, tag="question"):
    """A question as somebody sees it; `own`: he asked it. `name` is empty where names are not shown."""

    id: int
    name: str
    text: str
    at: int
    own: bool
    state: Literal["open", "answered", "dismissed"]
    answers: list[AnswerView]


class Questions(_Told, frozen=True):
    """All questions that somebody sees."""

    questions: list[QuestionView]


class Removed(_Told, frozen=True):
    """A poll or question that is not to be seen any more."""

    what: Literal["poll", "question"]
    id: int


class NoteState(_Told, frozen=True, tag="notes"):
    """The whole note; `taker`: who writes it, None where everybody does."""

    version: int
    text: str
    taker: int | None


class Noted(_Told, frozen=True):
    """A change of the note, which makes `version` of the one before; `member` wrote it."""

    version: int
    start: int
    end: int
    text: str
    member: int


class Opened(_Told, frozen=True, tag="sealed"):
    """What another member sealed."""

    sender: int
    box: str


class Practice(_Told, frozen=True):
    """Practice has begun or is over."""

    on: bool
    record: bool = False


class Recording(_Told, frozen=True):
    """Whether the room is recorded, and who began it (0: somebody who is not there); `server`: no page does it."""

    state: Literal["off", "on", "paused"]
    member: int = 0
    server: bool = False


class Recorder(_Told, frozen=True):
    """To the page that has to record: send pieces of this part to `path`, from number `next` on, with the token."""

    id: int
    part: int
    next: int
    path: str
    token: str
    paused: bool


class Marked(_Told, frozen=True):
    """A moment of the recording was marked, so many milliseconds after its beginning."""

    name: str
    at: int


class Engine(_Told, frozen=True):
    """What carries the media from now on. With another `turn` all connections with the media server are made anew."""

    name: Literal["mesh", "janus"] = "mesh"
    turn: int = 0


class Welcome(_Told, frozen=True):
    """The place in the room. `token` finds it again after a dropped connection.

    `muted`: the session wants people to come in muted; `secret`: media are end-to-end encrypted.
    """

    you: int
    name: str
    token: str
    members: list[MemberView]
    rights: Rights
    chat: list[ChatLine]
    locked: bool
    count: int
    started: int
    engine: Engine = Engine()
    polls: list[PollView] = []
    questions: list[QuestionView] = []
    note: NoteState | None = None
    practice: bool = False
    muted: bool = False
    secret: bool = False
    recording: Recording = Recording("off")


class Waiting(_Told, frozen=True):
    """Not in yet: `host` has not come, has to `admit`, or it did not `start` yet."""

    reason: Literal["host", "start", "admit"]
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
    """To the host: who waits to be admitted, and how many wait for the start."""

    people: list[LobbyEntry]
    early: int = 0


class Signalled(_Told, frozen=True, tag="signal"):
    """A step of the negotiation; `sender` is stamped by the server."""

    sender: int
    link: str
    kind: str
    sdp: str | None
    candidate: str | None
    mid: str | None


class MediaStream(msgspec.Struct, frozen=True):
    """One section of what can be watched: whose it is and what it shows."""

    mid: str
    member: int
    place: MediaPlace


class MediaTold(_Told, frozen=True, tag="media"):
    """A step of the negotiation from the media server's side; `again`: that connection is no good, make a new one."""

    part: MediaPart
    link: str
    kind: Literal["offer", "answer", "again"]
    sdp: str | None = None
    streams: list[MediaStream] | None = None


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
    | PollView
    | Polls
    | QuestionView
    | Questions
    | Removed
    | NoteState
    | Noted
    | Opened
    | Practice
    | Signalled
    | Engine
    | MediaTold
    | Reacted
    | Muted
    | Recording
    | Recorder
    | Marked
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


def clean(text: str) -> str:
    """What is kept of a text of several lines: what can be printed, without blanks around."""
    return "".join(c for c in text if c.isprintable() or c == "\n").strip()


def sends_media(description: str) -> bool:
    """Whether a session description has any media that its maker would send; what says nothing sends (RFC 8866 6.7).

    Lines end as RFC 8866 5 says. One with another kind of line end in it counts as sending: browsers read it as one.
    """
    sections: list[list[str]] = [[]]
    for line in description.replace("\r\n", "\n").split("\n"):
        if line and line.splitlines() != [line]:
            return True
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    usual = _direction(sections[0]) or "sendrecv"
    return any((_direction(lines) or usual) in ("sendrecv", "sendonly") for lines in sections[1:])


def _direction(lines: list[str]) -> str | None:
    found = [line[2:] for line in lines if line in _DIRECTIONS]
    sending = [each for each in found if each in ("sendrecv", "sendonly")]
    return next(iter(sending or found), None)


_DIRECTIONS: Final = frozenset({"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"})
