"""Building blocks of the tests about tests of trainings: trainings, tests in the interchange format, people."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from parley.domain.session import Attendee, Session
from parley.services.known_sites import KnownSite
from parley.services.training_tests.tokens import tokens_of
from parley.store import Changes, outbox, sessions
from parley.store.outbox import Message
from tests.client import Client
from tests.server import TestSite
from tests.store.builders import a_session, an_attendee

TRAINING = "training"
#: The number of the session type TRS on new sites.
GMT = 20
BERLIN = 25


def training(site: TestSite, emails: Sequence[str] = (), host: str = "host1", **columns: object) -> Session:
    """A training of a host in three days, in Berlin, with these people invited to it."""
    application = site.server.application
    types = site.server.run(application.sites.by_name(site.name))
    assert types is not None
    type_id = next(each.type_id for each in types.types.values() if each.prefix == "TRS")
    start = application.clock.now() + 3 * 86_400
    values = {
        "service": "TrainingCenter",
        "session_type": type_id,
        "next_start": start,
        "next_end": start + 3600,
        "start_local": "2030-01-07 10:00:00",
        "time_zone_id": BERLIN,
        "name": "Engines, first course",
        **columns,
    }
    session = a_session(site.site_id, site.users[host].user_id, **values)
    people = [an_attendee(session, email, name=email.partition("@")[0].capitalize()) for email in emails]

    async def make() -> Session:
        changes = Changes()
        stored = sessions.create_session(changes, session, people)
        await application.engine.commit(changes)
        return stored

    return site.server.run(make())


def people_of(site: TestSite, session: Session) -> list[Attendee]:
    """Everybody on the list of a session, by number."""
    return site.server.run(sessions.all_attendees(site.server.application.engine, session))


def known(site: TestSite) -> KnownSite:
    """The site as the server knows it."""
    found = site.server.run(site.server.application.sites.by_name(site.name))
    assert found is not None
    return found


def link(site: TestSite, test_id: int, person: Attendee) -> str:
    """The address of a person's own page of a test."""
    application = site.server.application
    token = site.server.run(tokens_of(application, site.site_id)).write(test_id, person.attendee_id)
    return f"{site.server.url}/{site.name}/test/{token}"


def outbox_of(site: TestSite, kind: str) -> list[Message]:
    """The messages of a kind that wait, the one due first first."""
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id, 1000))
    return [each for each in found if each.kind == kind]


# ---- documents -------------------------------------------------------------------------------------------


def choices(labels: dict[str, str], cardinality: str = "Single", ident: str = "R") -> str:
    """A response_lid with these choices."""
    inner = "".join(f'<response_label ident="{name}">{escape(text)}</response_label>' for name, text in labels.items())
    return (
        f'<response_lid ident="{ident}" rcardinality="{cardinality}"><render_choice>{inner}</render_choice>'
        "</response_lid>"
    )


def blank(fibtype: str = "String", ident: str = "R", **attributes: object) -> str:
    """A response_str."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<response_str ident="{ident}"><render_fib fibtype="{fibtype}"{more}><response_label ident="L"/></render_fib>'
        "</response_str>"
    )


def rule(condition: str, value: object, action: str = "Set", feedback: str | None = None) -> str:
    """A respcondition."""
    shown = f'<displayfeedback linkrefid="{feedback}"/>' if feedback else ""
    return (
        f"<respcondition><conditionvar>{condition}</conditionvar>"
        f'<setvar action="{action}">{value}</setvar>{shown}</respcondition>'
    )


def equal(value: str, ident: str = "R") -> str:
    """A varequal."""
    return f'<varequal respident="{ident}">{escape(value)}</varequal>'


def item(ident: str, text: str, asked: str = "", rules: str = "", bounds: str = "", feedback: str = "") -> str:
    """A question; with rules or bounds it has a resprocessing."""
    scoring = ""
    if rules or bounds:
        scoring = f"<resprocessing><outcomes><decvar{bounds}/></outcomes>{rules}</resprocessing>"
    return (
        f'<item ident="{ident}"><presentation><flow><material><mattext>{escape(text)}</mattext></material>{asked}'
        f"</flow></presentation>{scoring}{feedback}</item>"
    )


def feedback(ident: str, text: str, view: str = "All") -> str:
    """An itemfeedback."""
    return (
        f'<itemfeedback ident="{ident}" view="{view}"><flow_mat><material><mattext>{escape(text)}</mattext></material>'
        "</flow_mat></itemfeedback>"
    )


CAPITAL = item(
    "q1",
    "What is the capital of France?",
    choices({"A": "Paris", "B": "Lyon", "C": "Marseille"}),
    rule(equal("A"), 2, feedback="right") + rule(f"<not>{equal('A')}</not>", 0, feedback="wrong"),
    ' minvalue="0" maxvalue="2"',
    feedback("right", "Paris it is.") + feedback("wrong", "Think of the Eiffel Tower."),
)
PRIMES = item(
    "q2",
    "Which of these are primes?",
    choices({"A": "2", "B": "4", "C": "7"}, "Multiple"),
    rule(equal("A"), 1, "Add") + rule(equal("C"), 1, "Add") + rule(equal("B"), -1, "Add"),
    ' minvalue="0" maxvalue="2"',
)
ANSWER = item("q3", "How much is six times seven?", blank("Integer", maxchars=5), rule(equal("42"), 3))
ESSAY = item("q4", "Why do engines need oil?", blank(), "", ' minvalue="0" maxvalue="5"')


def quiz(
    *items: str, title: str = "Engines", display: str = "onePerPage", grades: bool = False, duration: str = ""
) -> str:
    """The elements of an UploadIMStest; without items a test of one question of each kind."""
    length = f"<duration>{duration}</duration>" if duration else ""
    return (
        f"<display><{display}>true</{display}></display><assignGrades>{str(grades).lower()}</assignGrades>"
        f'<questestinterop><assessment ident="7" title={quoteattr(title)}>'
        f"<qticomment>All about engines</qticomment>{length}"
        f'<section ident="s1">{"".join(items or (CAPITAL, PRIMES, ANSWER, ESSAY))}</section></assessment>'
        "</questestinterop>"
    )


def upload(client: Client, document: str | None = None) -> int:
    """Put a test into the caller's library; its number."""
    return int(client.call("training.UploadIMStest", document or quiz()).ok().value("testID") or 0)


def schedule(client: Client, session: Session, document: str | None = None) -> int:
    """A new test of a training, as it is without settings; its number."""
    test_id = upload(client, document)
    added = client.call("training.AddScheduledTest", sessionKey=session.session_key, testID=test_id).ok()
    return int(added.value("testID") or 0)


def on_site(opens: str, due: str, **mails: object) -> dict[str, object]:
    """A deliveryMethod element for a test on the site."""
    return {"deliveryMethod": {"website": {"startDate": opens, "dueDate": due, "emailAttendee": mails or None}}}


NO_LIMITS: dict[str, object] = {"timeLimit": {"noLimit": "true"}, "attemptLimit": {"noLimit": "TRUE"}}
