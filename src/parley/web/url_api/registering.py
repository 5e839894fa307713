"""m.php: people register for a session, by its form (GF) or by the values that a portal asked them for (RM).

Source: facts/url-api.md "m.php" (GF, RM).
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from parley.domain.registration import CustomField, FieldKind, asked_custom, filled_in
from parley.domain.session import HostedSession
from parley.services.attendee import own
from parley.services.attendee.own import Place
from parley.services.values import is_email
from parley.store import sessions
from parley.web.registration import RegistrationPages, wanted_class
from parley.web.url_api.desk import Command, Desk, Done
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Reason, Refused
from parley.web.url_api.replies import leads_on
from parley.web.who_sees import may_see, relation_of

#: Answers to the host's own questions that come by name.
_MOST_NAMED: Final = 15
#: Fields of a form by parameter; the first five have to be there.
_FIELDS: Final = {
    "FN": "first_name",
    "LN": "last_name",
    "EM": "email",
    "JT": "title",
    "CY": "company",
    "E1": "address1",
    "E2": "address2",
    "CI": "city",
    "CT": "country",
    "SA": "state",
    "ZP": "postal_code",
    "PH": "phone",
    "FX": "fax",
}
_REQUIRED: Final = ("FN", "LN", "EM", "JT", "CY")
#: Questions by their place among those of their kind: TX1 answers the first text box.
_KINDS: Final = {
    FieldKind.TEXT_BOX: "TX",
    FieldKind.CHECK_BOXES: "CB",
    FieldKind.OPTION_BUTTONS: "RB",
    FieldKind.DROP_DOWN: "DL",
}


def commands(pages: RegistrationPages) -> dict[str, Command]:
    """The commands; they register as the page of a session does."""

    async def register(desk: Desk) -> Done:
        """RM: register somebody."""
        return await _register(desk, pages)

    return {"GF": Command(show_form), "RM": Command(register)}


async def show_form(desk: Desk) -> Response:
    """GF: lead to the form of a session."""
    session = await _session(desk)
    return leads_on(desk.application.links.registration(desk.site.name, session.attendee_link))


async def _register(desk: Desk, pages: RegistrationPages) -> Done:
    session, sent = await _session(desk), desk.parameters
    place = await own.place_of(desk.application, desk.call.known, session)
    if place.closed or place.full:
        raise Refused(Reason.ACCESS_DENIED)
    for name in _REQUIRED:
        sent.required(name)
    request, registration = desk.call.request, place.registration
    await pages.slow_down(request, session)
    if registration.password and not await pages.password_is(place, sent.secret("RPW") or ""):
        raise Refused(Reason.ACCESS_DENIED)
    standard = {field: sent.text(name) or "" for name, field in _FIELDS.items()}
    answers, problems = filled_in(registration, standard, _custom(sent, place))
    wanted = wanted_class(place, sent.text("CLASS") or "")
    if problems or not is_email(standard["email"]) or (place.classes and wanted is None):
        raise Refused(Reason.INVALID_DATA)
    outcome = await pages.registered(request, desk.call.known, session, answers, wanted)
    person = outcome.person
    if outcome.known or person.join_status != "ACCEPT" or person.waiting or person.register_id is None:
        return Done()
    return Done(after=(("RID", str(person.register_id)),))


async def _session(desk: Desk) -> HostedSession:
    """The session that people register for, if the visitor may know of it."""
    engine = desk.application.engine
    session = await sessions.by_key(engine, desk.site.site_id, desk.parameters.key())
    if session is None or not session.registration:
        raise Refused(Reason.INVALID_DATA)
    if not may_see(session, await relation_of(engine, desk.call.user, session)):
        raise Refused(Reason.ACCESS_DENIED)
    return session


def _custom(sent: Parameters, place: Place) -> dict[int, list[str]]:
    """Answers to the host's own questions, by the question's words (name1, value1) or its place (TX1, CB1)."""
    named = {
        (sent.text(f"name{number}") or "").casefold(): sent.text(f"value{number}") or ""
        for number in range(1, _MOST_NAMED + 1)
    }
    found: dict[int, list[str]] = {}
    met = dict.fromkeys(FieldKind, 0)
    for question in asked_custom(place.registration):
        met[question.kind] += 1
        text = named.get(question.label.casefold()) or sent.text(f"{_KINDS[question.kind]}{met[question.kind]}")
        if text:
            found[question.field_id] = [text] if question.kind is FieldKind.TEXT_BOX else _choices(question, text)
    return found


def _choices(question: CustomField, text: str) -> list[str]:
    """The numbers of the choices that a text names; for check boxes there may be several, between semicolons."""
    words = text.split(";") if question.kind is FieldKind.CHECK_BOXES else [text]
    numbers = {choice.label.casefold(): str(number) for number, choice in enumerate(question.choices, 1)}
    return [numbers.get(word.strip().casefold(), word.strip()) for word in words if word.strip()]
