"""An event marketing tool brings an event from the program to its list of leads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cli.test_commands import parley
from tests.cli.test_site_commands import where_of
from tests.clients.dialects import all_dialects
from tests.clients.event_marketing import BUDGET, EMAIL, WHY, Browser, Lead, Marketing, Rule
from tests.clients.meeting_program import Refused, text, texts
from tests.clients.programs import signed_in
from tests.server import TestSite
from tests.services.test_attendee import mails

START = datetime(2035, 6, 4, 17, tzinfo=UTC)
RULES = [
    Rule(EMAIL, "ENDS_WITH", "@rival.example", "REJECT"),
    Rule(BUDGET, "CONTAINS", "LARGE", "APPROVE"),
    Rule(WHY, "BEGINS_WITH", "spam", "REJECT"),
]
DIALECTS = all_dialects()


def typed(name: str, email: str, why: str = "To learn & buy") -> dict[str, str]:
    """What somebody types into the page."""
    return {
        "First name": name,
        "Last name": "Lead",
        "E-mail address": email,
        "Company": f"{name} Ltd",
        "Why do you come?": why,
    }


@pytest.mark.parametrize("dialect", ["tidy", "default namespace", "form with plus signs"])
def test_a_campaign(site: TestSite, dialect: str) -> None:
    added = parley("program", "add", site.name, "Spring & summer", "--host", "host1", *where_of(site.server))
    assert "added" in added
    with signed_in(site, "host1", DIALECTS[dialect]) as program:
        tool = Marketing(program)
        program_id = tool.programs()["Spring & summer"]
        key = tool.create_event("Launch <2035>", START, program_id, RULES)
        tool.add_panelists(key, [("Pat", "pat@speakers.example"), ("Sam", "sam@speakers.example")])
        whole = tool.read(key)
        assert texts(whole, "event:queryField") == ["@rival.example", "LARGE", "spam"]
        assert texts(whole, "event:action") == ["REJECT", "APPROVE", "REJECT"]
        assert texts(whole, "event:enrollField")[1:] == ["Budget", "Why do you come?"]
        assert text(whole, "event:programID") == program_id
        assert set(texts(whole, "com:email")) >= {
            "pat@speakers.example",
            "sam@speakers.example",
            "friend@leads.example",
        }

        # by the page, as a browser
        page = site.server.url + tool.registration_page(key).removeprefix(site.server.config.base_url)
        assert "RGID=r" in page
        with_money = Browser(page, "newsletter").send(typed("Rich", "rich@leads.example"), ["large", "Price", "abroad"])
        assert with_money[0] == 200
        assert "You are registered" in with_money[1]
        assert 'href="https://shop.example/thanks"' in with_money[1]
        rival = Browser(page).send(typed("Rob", "Rob@RIVAL.example"), ["large"])
        assert "was not accepted" in rival[1]
        spam = Browser(page, "poster").send(typed("Spa", "spa@leads.example", "SPAM & eggs"), ["small"])
        assert "was not accepted" in spam[1]
        undecided = Browser(page, "newsletter").send(typed("Una", "una@leads.example"), ["small"])
        assert "The host decides on it" in undecided[1]
        again = Browser(page).send(typed("Somebody else", "Rich@leads.example"), ["small"])
        assert "on the list already" in again[1]
        nothing = Browser(page).send({"First name": "Only"})
        assert nothing[0] == 422
        assert nothing[1].count("Please fill this in.") >= 5

        # by the API: what the person element says counts as the form, so the rule on the budget finds nothing
        by_phone = [
            {"firstName": "Ann", "lastName": "Lead", "email": "ann@leads.example", "company": "Ann Ltd"},
            {"firstName": "Ron", "lastName": "Lead", "email": "ron@rival.example"},
        ]
        assert len(set(tool.register(key, by_phone))) == 2
        tool.decide(key, "ann@leads.example", "ACCEPT")

        # what became of everybody
        leads = {each.email.lower(): each for each in tool.leads(key)}
        assert {email: lead.status for email, lead in leads.items()} == {
            "rich@leads.example": "APPROVED",
            "rob@rival.example": "REJECTED",
            "spa@leads.example": "REJECTED",
            "una@leads.example": "PENDING",
            "ann@leads.example": "APPROVED",
            "ron@rival.example": "REJECTED",
        }
        answers = {"Why do you come?": "To learn & buy", "Interests": "Price, Service", "Budget": "large"}
        assert leads["rich@leads.example"] == Lead(
            "rich@leads.example", "APPROVED", 12.5, "newsletter", {**answers, "Country": "abroad"}
        )
        (figures,) = tool.figures(program_id)
        assert (figures.key, figures.name, figures.panelists) == (key, "Launch <2035>", "Two who know")
        assert (figures.registered, figures.accepted) == (3, 2)  # nobody who was refused is counted
        assert figures.sources["newsletter"] == 2
        tool.decide(key, "una@leads.example", "REJECT")
        (figures,) = tool.figures(program_id)
        assert (figures.registered, figures.accepted) == (2, 2)

        # the invitation goes to panelists, the invited and the accepted, to nobody who was refused
        invited = ["ann@leads.example", "friend@leads.example", "pat@speakers.example"]
        assert tool.invite(key) == [*invited, "rich@leads.example", "sam@speakers.example"]
        told = mails(site)
        assert {email for kind, email in told if kind == "session.invitation"} == set(tool.invite(key))
        assert ("registration.pending", "una@leads.example") in told
        assert ("registration.rejected", "rob@rival.example") in told
        assert ("registration.rejected", "una@leads.example") in told
        assert ("registration.accepted", "rich@leads.example") in told
    with signed_in(site, "host2") as program, pytest.raises(Refused, match="000015"):
        Marketing(program).figures(program_id)  # another host's program shows its events to nobody else
