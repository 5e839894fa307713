"""From a session and what somebody shows to a ticket: reads the session, applies `entry`, signs.

Sources: as for `entry`; facts/url-api.md (m.php AT=JM: AN, AE, PW, RID).
"""

from __future__ import annotations

import hmac
from typing import Final

from parley.domain.registration import admits
from parley.domain.session import Attendee, HostedSession
from parley.domain.user import User
from parley.domain.visibility import Standing
from parley.protocol.credentials import GuessBrake
from parley.recordings.tools import ffmpeg
from parley.rooms.entry import Place, Proof, Rules, Wanted, ask
from parley.rooms.options import enable_options, panel_password, with_options
from parley.rooms.recording import recording_rules
from parley.rooms.tokens import ENTRY_SECONDS, Pass, Signer, Ticket, new_nonce
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.meeting.personal import may_hold
from parley.services.presence import new_stay_id
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import kind_of
from parley.services.sessions.registering import is_over
from parley.services.sessions.standing import Part, part_of
from parley.store import attendees

MOST_NAME: Final = 60
_PANEL: Final = frozenset({"PRESENTER", "HOST"})


def rules_of(session: HostedSession, site: KnownSite, now: int) -> Rules:
    """What a session says of who may enter its room; `now` in UTC epoch seconds."""
    kind = kind_of(session, site.types)
    view = kind.view(session)
    traits, stored = traits_of(site.types, session.session_type), kind.read(session.document)
    registration = kind.registration(session)
    rules = Rules(
        name=session.name,
        host_key=session.host_key,
        start=session.next_start,
        over=is_over(session, now),
        # With end-to-end encryption nobody is in the room before the host.
        open_before=session.open_time if view.open_before_host and not view.end_to_end else None,
        limit=view.participant_limit,
        needs_account=view.join_requires_account,
        needs_password=bool(session.password),
        needs_registration=registration.required,
        view_only=traits.view_only,
        end_to_end=view.end_to_end,
        recording=recording_rules(
            enable_options(stored),
            end_to_end=view.end_to_end,
            supported=traits.records and ffmpeg() is not None,
        ),
    )
    return with_options(rules, stored, view, traits)


class Visitor:
    """Somebody before the room, as the pages know him.

    Args:
        user: the account that is signed in, if any.
        shown: the pass that the browser has, if it is one for this session.
    """

    def __init__(self, user: User | None, shown: Pass | None, part: Part, row: Attendee | None) -> None:
        self.user = user
        self.shown = shown
        self.part = part
        self.row = row

    @classmethod
    async def of(
        cls, application: Application, session: HostedSession, user: User | None, shown: Pass | None
    ) -> Visitor:
        """Find out what somebody is to the session."""
        part = await part_of(application.engine, user, session)
        if user is not None and may_hold(session, user):
            part = Part(Standing.HOST, part.row)
        row = part.row
        if shown is not None and shown.register_id is not None:
            row = (
                await attendees.by_register_id(
                    application.engine, session.site_id, session.session_key, shown.register_id
                )
                or row
            )
        return cls(user, shown, part, row)

    def proof(self, signer: Signer, session: HostedSession, *, password: bool = False, panel: str = "") -> Proof:
        """What he showed; `password`: that of the session has just been checked; `panel`: that of its panelists."""
        row = self.row
        panel_mark = panel_mark_of(signer, session, panel)
        mark = signer.password_mark(session.site_id, session.session_key, session.password)
        return Proof(
            standing=self.part.standing,
            account=self.user is not None,
            password=password or (self.shown is not None and bool(mark) and self.shown.password == mark),
            listed=row is not None and admits(row.join_status, waiting=row.waiting),
            panelist=row is not None and row.role in _PANEL and self._row_is_proved(),
            panel=self.shown is not None and bool(panel_mark) and self.shown.panel == panel_mark,
        )

    def _row_is_proved(self) -> bool:
        by_id = self.shown is not None and self.shown.register_id is not None
        return by_id or self.part.standing >= Standing.TRUSTED

    @property
    def name(self) -> str:
        """The name to begin with."""
        if self.shown is not None and self.shown.name:
            return self.shown.name
        if self.user is not None:
            return f"{self.user.first_name} {self.user.last_name}".strip()
        return self.row.name if self.row is not None and self._row_is_proved() else ""

    @property
    def email(self) -> str:
        """The address to begin with."""
        if self.user is not None:
            return self.user.email
        return self.shown.email if self.shown is not None else ""


def panel_mark_of(signer: Signer, session: HostedSession, panel: str) -> str:
    """What a pass says of the panelists' password; empty where there is none."""
    return signer.password_mark(session.site_id, session.session_key, f"panel {panel}") if panel else ""


async def panel_password_is(brake: GuessBrake, session: HostedSession, panel: str, sent: str) -> bool:
    """Whether this is the password of the panelists; whoever calls asks for the session's next, which slows guessing.

    Raises:
        Overloaded: too many tries are waiting.
    """
    if not panel:
        return False
    await brake.wait(f"{session.site_id}/session/{session.session_key}")
    return hmac.compare_digest(panel.encode(), sent.encode())


def panel_of(session: HostedSession, site: KnownSite) -> str:
    """The password of a session's panelists; empty where there is none."""
    return panel_password(kind_of(session, site.types).read(session.document))


def clean_name(text: str) -> str:
    """A name as one printable line of bounded length; may be empty."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MOST_NAME]).split())[:MOST_NAME].strip()


def ticket_for(
    visitor: Visitor, session: HostedSession, rules: Rules, proof: Proof, name: str, email: str, now: int
) -> Ticket | Wanted:
    """The ticket that lets somebody in, or what is missing for it; whoever is signed in is told by his account."""
    place = ask(rules, proof)
    if not isinstance(place, Place):
        return place
    user = visitor.user
    return Ticket(
        kind="entry",
        site_id=session.site_id,
        session_key=session.session_key,
        until=now + ENTRY_SECONDS,
        nonce=new_nonce(),
        stay_id=new_stay_id(),
        name=clean_name(name),
        email=(user.email if user is not None else email) or None,
        user_id=user.user_id if user is not None else None,
        register_id=visitor.shown.register_id if visitor.shown is not None else None,
        may_host=place.may_host,
        panelist=place.panelist,
        viewer=place.viewer,
    )
