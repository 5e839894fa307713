"""SendInvitationEmail.

Source: facts/meeting-event.md 5. Who of the list is written to is chosen (docs/fidelity.md).
"""

from __future__ import annotations

from parley.contract.event import SendInvitationEmail, SendInvitationEmailResponse
from parley.domain.session import Attendee
from parley.protocol import faults
from parley.services import mails
from parley.services.context import Context
from parley.services.event.document import ATTENDEES, PANELIST
from parley.services.event.kind import EVENT
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.sessions.people import marked_as_mailed, person_of, was_mailed
from parley.services.sessions.scheduling import may_edit
from parley.store import Changes, attendees, sessions


@operation(
    "event",
    request=SendInvitationEmail,
    answer=SendInvitationEmailResponse,
    key_of=lambda request: request.session_key,
)
async def send_invitation_email(context: Context, request: SendInvitationEmail) -> SendInvitationEmailResponse:
    """Invite the attendees, the panelists or both of a scheduled event by mail, and tell whom."""
    session = changing.named_session(context, EVENT)
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    if session.ended or session.next_end <= context.now:
        raise faults.EVENT_OVER()
    wanted = (ATTENDEES if request.attendees is not False else frozenset()) | (
        frozenset({PANELIST}) if request.panelists else frozenset()
    )
    people = await sessions.all_attendees(context.engine, session) if wanted else []
    invited = [each for each in people if each.role in wanted and _may_come(each)]
    changes = Changes()
    mails.listed(context, changes, session, [(mails.Occasion.INVITATION, each) for each in invited])
    marked = [(each, marked_as_mailed(each)) for each in invited if not was_mailed(each)]
    if marked:
        attendees.change_list(changes, session, context.now, change=marked)
    if changes:
        await context.engine.commit(changes)
    return SendInvitationEmailResponse(delivered_email=[_address(each) for each in invited])


def _may_come(person: Attendee) -> bool:
    """Invited or accepted: whoever was refused, or waits for an answer, is not invited over it."""
    return person.join_status in ("INVITE", "ACCEPT") and not person.waiting


def _address(person: Attendee) -> str:
    return person_of(person).email or person.email_key
