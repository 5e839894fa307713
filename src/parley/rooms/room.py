"""One live room as a state machine: who is in it, who waits, who may do what, and who is told what.

It knows neither clock nor sockets nor the database: what happens is told to it, and what others are to be told stands
in `outbox` until somebody takes it. Coming and going cost a look at the database, so `hub` does them; everything else
that members say goes to `Room.said`.

Media are carried by an engine, see `engines`. As many as it bears get moving pictures, the next ones sound and the
shared screen, all others chat and the list, or what they can watch. When somebody goes, the next one moves up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import msgspec

from parley.rooms import messages as m
from parley.rooms.engines import mesh
from parley.rooms.engines.base import Capacity, Participant, Place
from parley.rooms.entry import Door, Rules, door
from parley.rooms.features import Feature
from parley.rooms.notes import Notes
from parley.rooms.polls import Polls
from parley.rooms.questions import Questions
from parley.rooms.recording import NowRecording, may_record, view
from parley.rooms.tokens import Ticket
from parley.rooms.words import _

#: Lines of the chat that are kept for those who come back after a dropped connection.
KEPT_CHAT: Final = 200
_STAFF_ONLY: Final = m.Refused("not-allowed", _("Only the host can do that."))


class Member(msgspec.Struct, eq=False):
    """Somebody in the room. `hand` is 0 or counts up with every hand, so that they stand in order.

    `key` is his public key for sealed messages; `saw`: whether he managed polls and answered questions when he was last
    told what he may do.
    """

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
    key: str | None = None
    saw: tuple[bool, bool] | None = None

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
        self.engine = m.Engine()
        self.capacity = mesh.CAPACITY
        self.sent_away: set[int] = set()
        """Stays that were expelled: their tokens are no good any more."""
        self.recording: NowRecording | None = None
        self._last_id = 0
        self._last_line = 0
        self._last_hand = 0
        self.practice = False
        """Host and panelists are among themselves before the start."""
        self._begun = False
        self._locks_at: int | None = None
        self.polls, self.questions, self.notes = Polls(self), Questions(self), Notes(self)
        self._features: tuple[Feature, ...] = (self.polls, self.questions, self.notes)
        self._handlers: dict[type, Callable[[Member, Any, int], None]] = {
            m.Signal: self._signal,
            m.Chat: self._chat,
            m.Hand: self._hand,
            m.React: self._react,
            m.State: self._state,
            m.Mute: self._mute,
            m.Lock: self._lock,
            m.Present: self._present,
            m.Host: self._pass_host,
            m.Sealed: self._sealed,
        }
        for feature in self._features:
            self._handlers.update(feature.handlers)

    # ---- coming and going ------------------------------------------------------------------------------------

    @property
    def _presenter(self) -> bool:
        return any(each.presenter for each in self.members.values())

    @property
    def host(self) -> Member | None:
        """Who holds the session at present."""
        return next((each for each in self.members.values() if each.host), None)

    def door(self, ticket: Ticket, now: int) -> Door:
        """What happens to somebody with this ticket at the moment."""
        return door(
            self.rules,
            may_host=ticket.may_host,
            host_came=self.host is not None if self.rules.host_needed else self.host_came,
            practice=self.practice,
            begun=self._begun,
            panelist=ticket.panelist,
            locked=self.locked,
            inside=len(self.members),
            waiting=len(self.lobby),
            now=now,
        )

    def enter(self, ticket: Ticket, now: int | None = None, key: str | None = None) -> Member:
        """Somebody comes in; the others are told. One of the hosts becomes host when there is none.

        Args:
            now: UTC epoch seconds; before the start of webinars and events it is practice for those who come then.
            key: his public key for sealed messages.
        """
        self._last_id += 1
        member = Member(self._last_id, ticket, order=self._last_id, key=key)
        self.members[member.id] = member
        self._look_at_practice(ticket, now)
        if ticket.may_host and self.host is None:
            self._make_host(member)
            if now is not None and self.rules.auto_lock is not None and self._locks_at is None:
                self._locks_at = now + self.rules.auto_lock
        elif self.rules.first_presents and not (member.viewer or self.host_came or self._presenter):
            self._make_presenter(member)
        self._set_levels()
        self._tell_about(member, m.Joined, but=member)
        if member.host:
            self.tell_lobby()
        return member

    def _look_at_practice(self, ticket: Ticket, now: int | None) -> None:
        if not (ticket.may_host or ticket.panelist):
            self._begun = True
        elif self.rules.practice and not self._begun and now is not None and now < self.rules.start:
            self.practice = True
        elif not self.practice and ticket.may_host:
            self._begun = True

    def begin(self) -> bool:
        """Practice is over; False when there is none."""
        if not self.practice:
            return False
        self.practice, self._begun = False, True
        for each in self.members.values():
            self.tell(each, m.Practice(False))
        return True

    def wait(self, ticket: Ticket, reason: Literal["host", "admit"]) -> Waiter:
        """Somebody waits before the room."""
        self._last_id += 1
        waiter = self.lobby[self._last_id] = Waiter(self._last_id, ticket, reason)
        self.tell_lobby()
        return waiter

    def told_reason(self, waiter: Waiter) -> Literal["host", "start", "admit"]:
        """What somebody who waits is told of the reason."""
        return "start" if waiter.reason == "host" and self.rules.practice else waiter.reason

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
                self.tell(other, m.Left(member.id, why))
        if member.host:
            heir = next((each for each in self.members.values() if each.ticket.may_host), None)
            if heir is not None:
                self._make_host(heir)
                self._show(heir)
            self.tell_rights()
            self.tell_lobby()
        elif member.presenter:
            self.tell_rights()
        self._set_levels()
        return member

    def set_here(self, member: Member, here: bool) -> None:
        """The connection of somebody dropped, or is there again."""
        if member.here != here:
            member.here = here
            self._show(member, but=member)

    def may_enter_now(self, now: int) -> list[Waiter]:
        """Those who waited for the host or the time, and need not any more. Locks the room when it is time to."""
        found = []
        if self._locks_at is not None and now >= self._locks_at and self.host is not None:
            self._locks_at = None
            self._set_locked(True)
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
        rights = self.rights(member)
        member.saw = (rights.polls, rights.answer)
        return m.Welcome(
            you=member.id,
            name=self.rules.name,
            token=token,
            members=[self._view(member, each) for each in self.members.values() if self._sees(member, each)],
            rights=rights,
            chat=self._lines_for(member, seen),
            locked=self.locked,
            count=len(self.members),
            started=self.started,
            engine=self.engine,
            recording=view(self),
            polls=self.polls.told(member),
            questions=self.questions.told(member),
            note=self.notes.told(member),
            practice=self.practice,
            muted=self.rules.muted and not member.staff,
            secret=self.rules.end_to_end,
        )

    def take(self) -> list[tuple[int, m.Told]]:
        """What is to be told to whom, in order; it counts as told."""
        outbox, self.outbox = self.outbox, []
        return outbox

    # ---- media -----------------------------------------------------------------------------------------------

    def outgrown(self, most: int) -> bool:
        """More than `most` are in the room, or some who only watch; and it may leave the mesh."""
        if self.rules.end_to_end or self.engine.name != "mesh":
            return False
        return len(self.members) > most or any(each.viewer for each in self.members.values())

    def participants(self) -> list[Participant]:
        """Who is in the room, as its engine sees them."""
        watching = 0
        found = []
        for each in self.members.values():
            places = self._places(each)
            watching += not places
            name = each.ticket.name
            watches = bool(places) or watching <= self.capacity.watching
            found.append(Participant(each.id, each.ticket.stay_id, name, places, watches))
        return found

    def carry(self, engine: m.Engine, capacity: Capacity) -> None:
        """From now on the media are carried by this engine, which bears so many; everybody is told."""
        self.engine, self.capacity = engine, capacity
        for each in self.members.values():
            self.tell(each, engine)
        self._set_levels()

    def _places(self, member: Member) -> frozenset[Place]:
        if member.viewer or member.level == "none":
            return frozenset()
        found: set[Place] = {"mic"}
        if member.level == "video" and self._may_be_seen(member):
            found.add("camera")
        if (member.host or member.presenter) and self._may_share(member):
            found.add("screen")
        return frozenset(found)

    def _may_be_seen(self, member: Member) -> bool:
        return self.rules.attendee_video or member.staff

    def _may_share(self, member: Member) -> bool:
        return member.level != "none" and self.rules.share != "nothing"

    # ---- what members say ------------------------------------------------------------------------------------

    def said(self, member: Member, message: m.Said, now_ms: int) -> None:
        """A member says something that needs nothing but the room; `now_ms`: UTC epoch milliseconds."""
        handler = self._handlers.get(type(message))
        if handler is None:
            self.tell(member, m.Refused("not-now", _("That cannot be said here.")))
        else:
            handler(member, message, now_ms)

    def rights(self, member: Member) -> m.Rights:
        """What somebody may do at present."""
        host, presenter, rules = self.host, self._presenter, self.rules
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
        leads = (member.host or member.presenter) and not member.viewer
        return m.Rights(
            chat=chat,
            share=leads and self._may_share(member),
            host=member.host,
            claim=claim,
            record=may_record(self, member),
            windows=rules.share == "windows",
            polls=leads and rules.polls,
            vote=rules.polls,
            ask=rules.questions,
            answer=member.staff and rules.questions,
            note=self.notes.may_write(member),
            notes=rules.notes != "none",
            camera=self._may_be_seen(member),
        )

    def make_host(self, member: Member) -> None:
        """Somebody becomes host, who showed that he may; whoever was host is so no more."""
        before = self.host
        self._make_host(member)
        self._show(member)
        if before is not None:
            self._show(before)
        self._show_all_to(member)
        self.tell_rights()
        self.tell_lobby()

    def refuse(self, member: Member, code: str, text: str) -> None:
        """Tell somebody that something was not done."""
        self.tell(member, m.Refused(code, text))

    def refuse_unless_host(self, member: Member) -> bool:
        """Whether somebody is not the host; he is told."""
        if not member.host:
            self.tell(member, _STAFF_ONLY)
        return not member.host

    def _signal(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Signal)  # noqa: S101  # the table says so
        other = self.members.get(message.to)
        if other is None or other is member or not other.here or self.engine.name != "mesh":
            return  # gone meanwhile
        if "none" in (member.level, other.level) or (member.viewer and other.viewer):
            self.tell(member, m.Refused("no-media", _("There is no connection with that person.")))
            return
        if member.viewer and (
            message.kind == "offer" or (message.kind == "answer" and m.sends_media(message.sdp or ""))
        ):
            self.tell(member, m.Refused("view-only", _("You can watch and listen, but not send.")))
            return
        self.tell(
            other, m.Signalled(member.id, message.link, message.kind, message.sdp, message.candidate, message.mid)
        )

    def _sealed(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Sealed)  # noqa: S101
        other = self.members.get(message.to)
        if other is not None and other is not member and self._sees(other, member):
            self.tell(other, m.Opened(member.id, message.box))

    def _chat(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Chat)  # noqa: S101
        text = m.clean(message.text)
        if not text:
            return
        if message.to not in self.rights(member).chat:
            self.tell(member, m.Refused("chat", _("You cannot write to them in this session.")))
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
            self.tell(each, line)

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
                self.tell(each, m.Reacted(member.id, message.name))

    def _state(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.State)  # noqa: S101
        sends = not member.viewer and member.level != "none"
        mic, camera = message.mic and sends, message.camera and sends and member.level == "video"
        rights = self.rights(member)
        camera, sharing = camera and rights.camera, message.sharing and rights.share
        if message.sharing and not sharing:
            self.tell(member, m.Refused("share", _("Only the presenter can share a screen.")))
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
            self.tell(member, m.Changed(self._view(member, member)))

    def _mute(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Mute)  # noqa: S101
        if self.refuse_unless_host(member):
            return
        for each in list(self.members.values()):
            if each.id == message.member or (message.member is None and each is not member):
                self.tell(each, m.Muted())
                if each.mic:
                    each.mic = False
                    self._show(each)

    def _lock(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Lock)  # noqa: S101
        if self.refuse_unless_host(member) or self.locked == message.on:
            return
        self._set_locked(message.on)

    def _set_locked(self, on: bool) -> None:
        if self.locked != on:
            self.locked = on
            for each in self.members.values():
                self.tell(each, m.Locked(on))

    def _present(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Present)  # noqa: S101
        if not (member.host or member.presenter):
            self.tell(member, _STAFF_ONLY)
            return
        chosen = self.members.get(message.member)
        if chosen is None or chosen.presenter:
            return
        if chosen.viewer:
            self.tell(member, m.Refused("view-only", _("Somebody who only watches cannot present.")))
            return
        self._make_presenter(chosen)
        self._show_all_to(chosen)
        self.tell_rights()

    def _pass_host(self, member: Member, message: object, now_ms: int) -> None:
        assert isinstance(message, m.Host)  # noqa: S101
        if self.refuse_unless_host(member):
            return
        chosen = self.members.get(message.member)
        if chosen is None or chosen is member:
            return
        if chosen.viewer:
            self.tell(member, m.Refused("view-only", _("Somebody who only watches cannot be host.")))
            return
        self.make_host(chosen)

    # ---- within ----------------------------------------------------------------------------------------------

    def _make_host(self, member: Member) -> None:
        for each in self.members.values():
            each.host = each is member
            each.sharing = each.sharing and (each.host or each.presenter)
        self.host_came = True
        self.notes.host_changed()
        if not self._presenter:
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
        senders = sum(not each.viewer for each in ranked)
        for rank, each in enumerate(ranked):
            level = self._level(each, rank, rank - senders)
            if each.level == level:
                continue
            each.level = level
            each.camera = each.camera and level == "video"
            if level == "none":
                each.mic = each.sharing = False
            self._show(each)
        if ranked:
            self.tell_rights()

    def _level(self, member: Member, rank: int, watching: int) -> m.Level:
        """What somebody gets.

        Args:
            rank: how many come before him.
            watching: likewise, of those who only watch.
        """
        most = self.capacity
        if member.viewer and most.watching:
            return "video" if watching < most.watching else "none"
        return "video" if rank < most.video else "audio" if rank < most.audio else "none"

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
            key=other.key,
        )

    def _lines_for(self, member: Member, seen: int) -> list[m.ChatLine]:
        return [line for readers, line in self.chat if line.id > seen and member.id in readers]

    def tell(self, member: Member | Waiter, message: m.Told) -> None:
        """Tell somebody something when it is sent next."""
        self.outbox.append((member.id, message))

    def _viewers_of(self, member: Member, but: Member | None) -> Iterator[Member]:
        return (each for each in self.members.values() if each is not but and self._sees(each, member))

    def _tell_about(self, member: Member, kind: type[m.Joined] | type[m.Changed], *, but: Member | None = None) -> None:
        known: dict[bool, m.Told] = {}
        for each in self._viewers_of(member, but):
            view = self._view(each, member)
            self.tell(each, known.setdefault(bool(view.name), kind(view)))

    def _show(self, member: Member, *, but: Member | None = None) -> None:
        self._tell_about(member, m.Changed, but=but)

    def _show_all_to(self, member: Member) -> None:
        """Somebody's part changed, so he may see names now that he did not see before."""
        if not self.rules.attendee_list:
            for each in self.members.values():
                if self._sees(member, each):
                    self.tell(member, m.Changed(self._view(member, each)))

    def tell_rights(self) -> None:
        """Tell everybody what he may do; whose part has changed sees other things too."""
        for each in self.members.values():
            rights = self.rights(each)
            self.tell(each, m.Allowed(rights))
            seeing = (rights.polls, rights.answer)
            if each.saw != seeing:
                each.saw = seeing
                for feature in self._features:
                    feature.look_again(each)

    def tell_recording(self) -> None:
        """Tell everybody whether the room is recorded, and what each may do about it."""
        message = view(self)
        for each in self.members.values():
            self.tell(each, message)
        self.tell_rights()

    def tell_lobby(self) -> None:
        """Tell the host who waits."""
        host = self.host
        if host is not None:
            waiting = [
                m.LobbyEntry(each.id, each.ticket.name) for each in self.lobby.values() if each.reason == "admit"
            ]
            self.tell(host, m.Lobby(waiting, len(self.lobby) - len(waiting)))
