"""The page where people say after a session what they think of it.

Its link is as secret as an invitation; the number in it (AID) says who was asked, and nothing is shown of him.
Source: facts/meeting-event.md 4 (GetFeedbackInfo).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from parley.domain.feedback import HIGHEST, LONGEST_COMMENT, LOWEST, QUESTIONS, opinion_of
from parley.domain.session import HostedSession
from parley.services.attendee import own
from parley.store import Conflict, Duplicate
from parley.web.forms import check_sender
from parley.web.link_values import LinkValues
from parley.web.meeting_view import MeetingView
from parley.web.render import message, private_page

if TYPE_CHECKING:
    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: The questions, by the name of the field.
LABELS: Final = {
    "setup": _("How easy was it to get in?"),
    "ease_of_use": _("How easy was it to use?"),
    "performance": _("How well did it work?"),
}
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


class FeedbackPages:
    """The feedback pages of sessions."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def answer(self, request: Request, session: HostedSession, values: LinkValues) -> Response:
        """The form (GET), or thanks for it (POST)."""
        now = self._application.clock.now()
        if now < session.next_start and session.status != "INPROGRESS" and not session.recurring:
            return message(_("It is too early for this"), _("The form opens when the session begins."))
        if request.method != "POST":
            return self._form(request, session, values, empty=False)
        check_sender(request)
        opinion = opinion_of({name: values.get(name.upper()) for name in (*QUESTIONS, "comment")})
        if opinion is None:
            return self._form(request, session, values, empty=True)
        number = values.get("AID")
        attendee_id = int(number) if _NUMBER.fullmatch(number) else None
        try:
            kept = await own.give_feedback(self._application, session, opinion, attendee_id)
        except (Conflict, Duplicate):
            raise HTTPException(503, headers={"Retry-After": "1"}) from None
        if not kept:
            return message(_("No more can be taken"), _("So many people have answered already."), 409)
        return message(_("Thank you"), _("Your answers help to make the next session better."))

    def _form(self, request: Request, session: HostedSession, values: LinkValues, *, empty: bool) -> Response:
        return private_page(
            "feedback.html",
            422 if empty else 200,
            meeting=MeetingView.of(session, self._application.clock.now()),
            questions=[(name.upper(), LABELS[name], values.get(name.upper())) for name in QUESTIONS],
            marks=[str(mark) for mark in range(LOWEST, HIGHEST + 1)],
            comment=values.get("COMMENT"),
            longest=LONGEST_COMMENT,
            empty=empty,
            action=request.url.path,
            hidden=values.fields("FGID", "AID"),
        )
