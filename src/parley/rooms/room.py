"""One live room as a state machine: who is in it, who waits, who may do what, and who is told what.

It knows neither clock nor sockets nor the database: what happens is told to it, and what others are to be told stands
in `outbox` until somebody takes it. Coming and going cost a look at the database, so `hub` does them; everything else
that members say goes to `Room.said`.

Media are a mesh: each browser sends to each other one, so only few can. The first `MOST_VIDEO` get moving pictures, the
next up to `MOST_AUDIO` sound and the shared screen, all others chat and the list. Those who only watch come after all
who send. When somebody goes, the next one moves up.
Source: facts/media.md 2 and 10 (how many a mesh bears).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

from parley.rooms import messages as m
from parley.rooms.entry import Door, Rules, door
from parley.rooms.tokens import Ticket

MOST_VIDEO: Final = 4
MOST_AUDIO: Final = 8
#: Lines of the chat that are kept for those who come back after a dropped connection.
KEPT_CHAT: Final = 200
_STAFF_ONLY: Final = m.Refused("not-allowed", "Only the host can do that.")


class Member(msgspec.Struct, eq=False):
    """Somebody in the room. `hand` is 0 or counts up with every hand, so that they stand in order."""

    id: int
    ticket: Ticket
    order: int
    host: bool = False
    presenter: bool = False
    level: m.Level = "none"
    mic: bool = False
    camera: bool = False
    sharing: bool = False
    hand: int = 0
    here: bool = True

    @property
    def viewer(self) -> bool:
        """Only watches."""
        return self.ticket.viewer

    @property
    def staff(self) -> bool:
        """Sees all names and may write to all."""
        return self.host or self.presenter or self.ticket.may_host or self.ticket.panelist


class Waiter(msgspec.Struct, eq=False):
    """Somebody before the room."""

    id: int
    ticket: Ticket
    reason: Literal["host", "admit"]


class Room:
    """A room.

    Args:
        rules: what the session says.
        started: when it began, UTC epoch seconds.
    """

    def __init__(self, rules: Rules, started: int) -> None:
        self.rules = rules
        self.started = started
        self.members: dict[int, Member] = {}
        self.lobby: dict[int, Waiter] = {}
        self.locked = False
        self.host_came = False
        self.chat: list[tuple[frozenset[int], m.ChatLine]] = []
        self.outbox: list[tuple[int, m.Told]] = []
        self.sent_away: set[int] = set()
        """Stays that were expelled: their tokens are no good any more."""
        self._last_id = 0
        self._last_line = 0
        self._last_hand = 0
        self._handlers: dict[type, Callable[[Member, object, int], None]] = {
            m.Signal: self._signal,
            m.Chat: self._chat,
            m.Hand: self._hand,
            m.React: self._react,
            m.State: self._state,
            m.Mute: self._mute,
            m.Lock: self._lock,
            m.Present: self._present,
            m.Host: self._pass_host,
        }

    # ---- coming and going ------------------------------------------------------------------------------------

    @property
    def host(self) -> Member | None:
        """Who holds the session at present."""
        return next((each for each in self.members.values() if each.host), None)

    def door(self, ticket: Ticket, now: int) -> Door:
        """What happens to somebody with this ticket at the moment."""
        return door(
            self.rules,
            may_host=ticket.may_host,
            host_came=self.host_came,
            locked=self.locked,
            inside=len(self.members),
            waiting=len(self.lobby),
            now=now,
        )

    def enter(self, ticket: Ticket) -> Member:
        """Somebody comes in; the others are told. One of the hosts becomes host when there is none."""
        self._last_id += 1
        member = Member(self._last_id, ticket, order=self._last_id)
        self.members[member.id] = member
        if ticket.may_host and self.host is None:
            self._make_host(member)
        self._set_levels()
        self._tell_about(member, m.Joined, but=member)
        if member.host:
            self.tell_lobby()
        return member

    def wait(self, ticket: Ticket, reason: Literal["host", "admit"]) -> Waiter:
        """Somebody waits before the room."""
        self._last_id += 1
        waiter = self.lobby[self._last_id] = Waiter(self._last_id, ticket, reason)
        self.tell_lobby()
        return waiter

    def stop_waiting(self, waiter_id: int) -> Waiter | None:
        """Somebody waits no more."""
        waiter = self.lobby.pop(waiter_id, None)
        if waiter is not None:
            self.tell_lobby()
        return waiter

    def leave(self, member_id: int, why: Literal["left", "expelled", "lost"] = "left") -> Member | None:
        """Somebody is in the room no more; another one of the hosts takes over from a host who goes."""
        member = self.members.pop(member_id, None)
        if member is None:
            return None
        if why == "expelled":
            self.sent_away.add(member.ticket.stay_id)
        for other in self.members.values():
            if self._sees(other, member):
                self._tell(other, m.Left(member.id, why))
        if member.host:
            heir = next((each for each in self.members.values() if each.ticket.may_host), None)
            if heir is not None:
                self._make_host(heir)
                self._show(heir)
            self._tell_rights()
            self.tell_lobby()
        elif member.presenter:
            self._tell_rights()
        self._set_levels()
        return member

    def set_here(self, member: Member, here: bool) -> None:
        """The connection of somebody dropped, or is there again."""
        if member.here != here:
            member.here = here
            self._show(member, but=member)

    def may_enter_now(self, now: int) -> list[Waiter]:
        """Those who waited for the host or the time, and need not any more."""
        found = []
        for waiter in list(self.lobby.values()):
            if waiter.reason == "host":
                what = self.door(waiter.ticket, now)
                if what is Door.IN:
                    found.append(waiter)
                elif what is Door.ADMIT:
                    waiter.reason = "admit"
                    self.tell_lobby()
        return found

    def find(self, stay_id: int) -> Member | None:
        """The member whose stay it is."""
        return next((each for each in self.members.values() if each.ticket.stay_id == stay_id), None)

    def welcome(self, member: Member, token: str, seen: int = 0) -> m.Welcome:
        """What somebody who is in is told first; `seen`: number of the last line of the chat that he has."""
        return m.Welcome(
            you=member.id,
            name=self.rules.name,
            token=token,
            members=[self._view(member, each) for each in self.members.values() if self._sees(member, each)],
            rights=self.rights(member),
            chat=self._lines_for(member, seen),
            locked=self.locked,
            count=len(self.members),
            started=self.started,
        )

    def take(self) -> list[tuple[int, m.Told]]:
        """What is to be told to whom, in order; it counts as told."""
        outbox, self.outbox = self.outbox, []
        return outbox

    # ---- what members say ------------------------------------------------------------------------------------

    def said(self, member: Member, message: m.Said, now_ms: int) -> None:
        """A member says something that needs nothing but the room; `now_ms`: UTC epoch milliseconds."""
        handler = self._handlers.get(type(message))
        if handler is None:
            self._tell(member, m.Refused("not-now", "That cannot be said here."))
        else:
            handler(member, message, now_ms)

    def rights(self, member: Member) -> m.Rights:
        """What somebody may do at present."""
        host = self.host
        presenter = any(each.presenter for each in self.members.values())
        rules = self.rules
        chat: list[m.ChatTo] = []
        if member.staff or rules.chat_all:
            chat.append("all")
        if host is not None and host is not member and (member.staff or rules.chat_host):
            chat.append("host")
        if presenter and not member.presenter and (member.staff or rules.chat_presenter):
            chat.append("presenter")
        claim: Literal["no", "key", "free"] = "no"
        if not member.host and not member.viewer:
            claim = "free" if member.ticket.may_host else "key"
        share = (member.host or member.presenter) and not member.viewer and member.level != "none"
        return m.Rights(chat=chat, share=share, host=member.host, claim=claim)

    def make_host(self, member: Member) -> None:
        """Somebody becomes host, who showed that he may; whoever was host is so no more."""
        before = self.host
        self._make_host(member)
        self._show(member)
        if before is not None:
            self._show(before)
        self._show_all_to(member)
        self._tell_rights()
        self.tell_lobby()

    def refuse(self, member: Member, code: str, text: str) -> None:
        """Tell somebody that something was not done."""
        self._tell(member, m.Refused(code, text))

    def refuse_unless_host(self, member: Member) -> bool:
        """Whether somebody is not the host; he is told."""
        if not member.host:
            self._tell(member, _STAFF_ONLY)
        return not member.host

    def _signal(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Signal)  # noqa: S101  # the table says so
        other = self.members.get(message.to)
        if other is None or other is member or not other.here:
            return  # gone meanwhile
        if "none" in (member.level, other.level) or (member.viewer and other.viewer):
            self._tell(member, m.Refused("no-media", "There is no connection with that person."))
            return
        if member.viewer and (
            message.kind == "offer" or (message.kind == "answer" and m.sends_media(message.sdp or ""))
        ):
            self._tell(member, m.Refused("view-only", "You can watch and listen, but not send."))
            return
        self._tell(
            other, m.Signalled(member.id, message.link, message.kind, message.sdp, message.candidate, message.mid)
        )

    def _chat(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Chat)  # noqa: S101
        text = "".join(c for c in message.text if c.isprintable() or c == "\n").strip()
        if not text:
            return
        if message.to not in self.rights(member).chat:
            self._tell(member, m.Refused("chat", "You cannot write to them in this session."))
            return
        readers: list[Member] = [
            each for each in self.members.values() if each is member or message.to == "all" or getattr(each, message.to)
        ]
        self._last_line += 1
        line = m.ChatLine(self._last_line, member.id, member.ticket.name, message.to, text, now_ms)
        # Whoever comes later does not read what was written before.
        self.chat.append((frozenset(each.id for each in readers), line))
        del self.chat[:-KEPT_CHAT]
        for each in readers:
            self._tell(each, line)

    def _hand(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Hand)  # noqa: S101
        whose = member
        if message.member is not None and message.member != member.id:
            if message.up or self.refuse_unless_host(member):
                return
            found = self.members.get(message.member)
            if found is None:
                return
            whose = found
        if bool(whose.hand) == message.up:
            return
        if message.up:
            self._last_hand += 1
        whose.hand = self._last_hand if message.up else 0
        self._show(whose)

    def _react(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.React)  # noqa: S101
        for each in self.members.values():
            if self._sees(each, member):
                self._tell(each, m.Reacted(member.id, message.name))

    def _state(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.State)  # noqa: S101
        sends = not member.viewer and member.level != "none"
        mic, camera = message.mic and sends, message.camera and sends and member.level == "video"
        sharing = message.sharing and self.rights(member).share
        if message.sharing and not sharing:
            self._tell(member, m.Refused("share", "Only the presenter can share a screen."))
        if sharing:
            for other in self.members.values():
                if other.sharing and other is not member:
                    other.sharing = False
                    self._show(other)
        changed = (mic, camera, sharing) != (member.mic, member.camera, member.sharing)
        corrected = (mic, camera, sharing) != (message.mic, message.camera, message.sharing)
        member.mic, member.camera, member.sharing = mic, camera, sharing
        if changed:
            self._show(member, but=None if corrected else member)
        elif corrected:
            self._tell(member, m.Changed(self._view(member, member)))

    def _mute(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Mute)  # noqa: S101
        if self.refuse_unless_host(member):
            return
        for each in list(self.members.values()):
            if each.id == message.member or (message.member is None and each is not member):
                self._tell(each, m.Muted())
                if each.mic:
                    each.mic = False
                    self._show(each)

    def _lock(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Lock)  # noqa: S101
        if self.refuse_unless_host(member) or self.locked == message.on:
            return
        self.locked = message.on
        for each in self.members.values():
            self._tell(each, m.Locked(message.on))

    def _present(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Present)  # noqa: S101
        if not (member.host or member.presenter):
            self._tell(member, _STAFF_ONLY)
            return
        chosen = self.members.get(message.member)
        if chosen is None or chosen.presenter:
            return
        if chosen.viewer:
            self._tell(member, m.Refused("view-only", "Somebody who only watches cannot present."))
            return
        self._make_presenter(chosen)
        self._show_all_to(chosen)
        self._tell_rights()

    def _pass_host(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Host)  # noqa: S101
        if self.refuse_unless_host(member):
            return
        chosen = self.members.get(message.member)
        if chosen is None or chosen is member:
            return
        if chosen.viewer:
            self._tell(member, m.Refused("view-only", "Somebody who only watches cannot be host."))
            return
        self.make_host(chosen)

    # ---- within ----------------------------------------------------------------------------------------------

    def _make_host(self, member: Member) -> None:
        for each in self.members.values():
            each.host = each is member
            each.sharing = each.sharing and (each.host or each.presenter)
        self.host_came = True
        if not any(each.presenter for each in self.members.values()):
            self._make_presenter(member)

    def _make_presenter(self, member: Member) -> None:
        for each in self.members.values():
            was = each.presenter, each.sharing
            each.presenter = each is member
            each.sharing = each.sharing and (each.presenter or each.host)
            if was != (each.presenter, each.sharing):
                self._show(each)

    def _set_levels(self) -> None:
        ranked = sorted(self.members.values(), key=lambda each: (each.viewer, each.order))
        for rank, each in enumerate(ranked):
            level: m.Level = "video" if rank < MOST_VIDEO else "audio" if rank < MOST_AUDIO else "none"
            if each.level == level:
                continue
            each.level = level
            each.camera = each.camera and level == "video"
            if level == "none":
                each.mic = each.sharing = False
            self._show(each)
        if ranked:
            self._tell_rights()

    def _sees(self, member: Member, other: Member) -> bool:
        """Whether somebody is told of another one: those who only watch do not see each other."""
        return member is other or not (member.viewer and other.viewer)

    def _view(self, member: Member, other: Member) -> m.MemberView:
        shown = member is other or self.rules.attendee_list or member.staff or other.staff
        return m.MemberView(
            id=other.id,
            name=other.ticket.name if shown else "",
            order=other.order,
            host=other.host,
            presenter=other.presenter,
            viewer=other.viewer,
            level=other.level,
            mic=other.mic,
            camera=other.camera,
            sharing=other.sharing,
            hand=other.hand,
            here=other.here,
        )

    def _lines_for(self, member: Member, seen: int) -> list[m.ChatLine]:
        return [line for readers, line in self.chat if line.id > seen and member.id in readers]

    def _tell(self, member: Member | Waiter, message: m.Told) -> None:
        self.outbox.append((member.id, message))

    def _viewers_of(self, member: Member, but: Member | None) -> Iterator[Member]:
        return (each for each in self.members.values() if each is not but and self._sees(each, member))

    def _tell_about(self, member: Member, kind: type[m.Joined] | type[m.Changed], *, but: Member | None = None) -> None:
        known: dict[bool, m.Told] = {}
        for each in self._viewers_of(member, but):
            view = self._view(each, member)
            self._tell(each, known.setdefault(bool(view.name), kind(view)))

    def _show(self, member: Member, *, but: Member | None = None) -> None:
        self._tell_about(member, m.Changed, but=but)

    def _show_all_to(self, member: Member) -> None:
        """Somebody's part changed, so he may see names now that he did not see before."""
        if not self.rules.attendee_list:
            for each in self.members.values():
                if self._sees(member, each):
                    self._tell(member, m.Changed(self._view(member, each)))

    def _tell_rights(self) -> None:
        for each in self.members.values():
            self._tell(each, m.Allowed(self.rights(each)))

    def tell_lobby(self) -> None:
        """Tell the host who waits."""
        host = self.host
        if host is not None:
            waiting = [
                m.LobbyEntry(each.id, each.ticket.name) for each in self.lobby.values() if each.reason == "admit"
            ]
            self._tell(host, m.Lobby(waiting))
