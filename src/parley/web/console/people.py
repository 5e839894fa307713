"""The people of a session: inviting them, deciding on their registrations, taking them off the list."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.attendee import (
    CreateMeetingAttendee,
    DelMeetingAttendee,
    RegisterAttendeeType,
    RegisterMeetingAttendee,
)
from parley.contract.common import PersonType
from parley.domain.session import Attendee, HostedSession
from parley.protocol.faults import Fault
from parley.store import attendees
from parley.web.console.fields import problem_text
from parley.web.console.invitees import LONGEST_PEOPLE, attendees_for
from parley.web.console.session_kinds import kind_for
from parley.web.console.sessions import session_of
from parley.web.console.shell import ConsoleCall, Shell

#: What a button of the list does: the status that the person gets, and what is said then.
_DECISIONS: Final = {"approve": ("ACCEPT", "approved"), "reject": ("REJECT", "rejected")}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/meetings/{key:int}/invite", invite, ("GET", "POST"), hosts=True),
        shell.page("/meetings/{key:int}/people/{person:int}", decide, ("POST",), hosts=True),
    ]


async def invite(console: ConsoleCall) -> Response:
    """Ask who is to be invited (GET), and invite them (POST)."""
    session, _relation = await session_of(console)
    text = console.values.get("PEOPLE")
    if not console.posted:
        return _invite_form(console, session, "")
    people, wrong = attendees_for(text)
    if not people and not wrong:
        wrong = _("Enter at least one e-mail address.")
    role = "HOST" if console.text("HOSTS") else "PRESENTER" if console.text("PRESENTERS") else "ATTENDEE"
    for each in people:
        each.session_key, each.role = session.session_key, role
    if not wrong:
        try:
            await console.perform(CreateMeetingAttendee(attendees=people))
        except Fault as fault:
            wrong = problem_text(fault)
    if wrong:
        return _invite_form(console, session, text, wrong)
    return console.go(f"meetings/{session.session_key}", "invited")


def _invite_form(console: ConsoleCall, session: HostedSession, text: str, wrong: str = "") -> Response:
    status = 400 if wrong else 200
    kind = kind_for(session, console.call.known.types)
    return console.show(
        "invite.html",
        status,
        place="",
        session=session,
        text=text,
        wrong=wrong,
        hosts=bool(console.text("HOSTS")),
        presenting=bool(console.text("PRESENTERS")),
        presenters=kind.presenters if kind is not None else None,
        longest=LONGEST_PEOPLE,
    )


async def decide(console: ConsoleCall) -> Response:
    """Approve or reject a registration, or take somebody off the list, as the button says that was pressed."""
    session, _relation = await session_of(console)
    number = console.call.request.path_params["person"]
    found = await attendees.by_numbers(console.application.engine, session.site_id, [number])
    person = next((each for each in found if each.session_key == session.session_key), None)
    wanted = console.text("DO")
    if person is None or wanted not in (*_DECISIONS, "remove"):
        raise HTTPException(404)
    page = f"meetings/{session.session_key}"
    if wanted == "remove":
        await console.perform(DelMeetingAttendee(attendee_id=[person.attendee_id], send_email=True))
        return console.go(f"{page}#people", "removed")
    status, notice = _DECISIONS[wanted]
    await console.perform(_decision(session, person, status))
    return console.go(f"{page}#people", notice)


def _decision(session: HostedSession, person: Attendee, status: str) -> RegisterMeetingAttendee:
    return RegisterMeetingAttendee(
        attendees=[
            RegisterAttendeeType(
                person=PersonType(name=person.name, email=person.email_key),
                join_status=status,
                session_key=session.session_key,
                role=person.role,
                email_invitations=True,
                session_num=person.session_num or None,
            )
        ]
    )
