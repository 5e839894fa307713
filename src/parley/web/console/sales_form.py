"""The form for a sales session: a customer, an opportunity, prospects and the sales team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parley.contract.attendee import AttendeeType
from parley.contract.sales import CreateSalesSession, ProspectType
from parley.domain.site import SiteSettings
from parley.protocol.declare import Record
from parley.services.sales.kind import SALES
from parley.web.console.meeting_form import INVITE_HINT
from parley.web.console.session_form import SessionForm


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class SalesForm(SessionForm):
    """The form for a sales session."""

    request = CreateSalesSession
    service = SALES.service

    def blank(self, settings: SiteSettings) -> Record:
        """What a new sales session has."""
        return SALES.stored(CreateSalesSession(), None, settings).sales

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """Prospects, and the team."""
        return (
            ("PEOPLE", _("Invite prospects"), INVITE_HINT),
            ("TEAM", _("Sales team"), _("E-mail addresses, one on each line.")),
        )

    def other_places(self) -> dict[str, str]:
        """Where faults belong that are about people."""
        return super().other_places() | {"prospects": "PEOPLE", "participants": "PEOPLE", "salesTeam": "TEAM"}

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        named = [each.person for each in people["PEOPLE"] if each.person is not None]
        team = [each.person.email or "" for each in people["TEAM"] if each.person is not None]
        return {
            "prospects.prospect": [ProspectType(name=each.name, email=each.email) for each in named],
            "sales_team.email": team,
            "attendee_options.email_invitations": True,
        }
