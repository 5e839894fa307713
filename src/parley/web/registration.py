"""The page where people register for a session: its form, what is wrong with it, and what became of it.

The rules are those of the API (services/attendee/own). Whatever somebody types, the page tells nothing of people who
are on the list already: anybody can type their addresses.
Source: facts/meeting-event.md 4 and 5 ("Enrolment").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from parley.domain.registration import (
    LONGEST,
    LONGEST_ANSWER,
    Answers,
    CustomField,
    FieldKind,
    FormProblem,
    asked_custom,
    asked_standard,
    filled_in,
)
from parley.domain.session import HostedSession
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.credentials import Overloaded
from parley.protocol.faults import Fault
from parley.services.attendee import own
from parley.services.attendee.own import ClassPlace, Outcome, Place
from parley.services.known_sites import KnownSite
from parley.services.values import is_email
from parley.store import Conflict
from parley.web.calendar_links import WANTED
from parley.web.forms import address_of, check_sender, counted_as
from parley.web.going_on import away
from parley.web.link_values import LinkValues
from parley.web.meeting_view import MeetingView
from parley.web.render import private_page
from parley.web.words import said, spoken

if TYPE_CHECKING:
    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What the standard fields of a form are called, by their names.
LABELS: Final = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("E-mail address"),
    "phone": _("Telephone"),
    "company": _("Company"),
    "title": _("Job title"),
    "num_employees": _("Number of employees"),
    "future_info": _("Tell me about later events"),
    "address1": _("Address"),
    "address2": _("Address, second line"),
    "city": _("City"),
    "state": _("State or province"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "fax": _("Fax"),
}
#: What browsers may fill in by themselves.
_AUTOCOMPLETE: Final = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone": "tel",
    "company": "organization",
    "title": "organization-title",
    "address1": "address-line1",
    "address2": "address-line2",
    "city": "address-level2",
    "state": "address-level1",
    "postal_code": "postal-code",
    "country": "country-name",
}
_WRONG_PASSWORD: Final = _("That is not the registration password.")
_PROBLEMS: Final = {
    FormProblem.MISSING: _("Please fill this in."),
    FormProblem.TOO_LONG: _("This is too long."),
    FormProblem.NOT_OFFERED: _("Please choose one of these."),
}
_NO_ADDRESS: Final = _("This is no e-mail address.")
_CLASS: Final = "CLASS"
_PASSWORD: Final = "PASSWORD"  # noqa: S105 - the name of a field
#: More than anybody wants of a text box; wider and higher ones are cut.
_MOST_LINES: Final = 20


@dataclass(slots=True)
class Option:
    """One choice of a field: the value that is sent, what is read, whether it is taken; `name` for check boxes."""

    name: str
    value: str
    label: str
    taken: bool


@dataclass(slots=True)
class FieldView:
    """A field as the page shows it.

    `kind` is text, email, tel, password, lines, tick, checks, buttons or list; `name` that of the input;
    `ours`: the label is a text of ours, and not the host's.
    """

    kind: str
    name: str
    label: str
    required: bool = False
    value: str = ""
    error: str | None = None
    longest: int = LONGEST_ANSWER
    autocomplete: str | None = None
    lines: int = 4
    options: list[Option] = field(default_factory=list)
    ours: bool = True


class RegistrationPages:
    """The registration pages of sessions."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def answer(
        self, request: Request, site: KnownSite, session: HostedSession, values: LinkValues, user: User | None
    ) -> Response:
        """The form (GET), or what became of it (POST).

        Args:
            values: the link's and the form's values.
            user: the visitor's account, if he is signed in: its name and address stand in the form already.
        """
        place = await own.place_of(self._application, site, session)
        if request.method != "POST":
            known = {} if user is None else _known(user)
            return self._form(request, place, values, _fields(place, known, {}))
        check_sender(request)
        if place.closed or place.full:
            return self._form(request, place, values, [])
        await self.slow_down(request, session)
        return await self._sent(request, site, place, values)

    # ---- what was sent -------------------------------------------------------------------------------------------

    async def _sent(self, request: Request, site: KnownSite, place: Place, values: LinkValues) -> Response:
        registration, session = place.registration, place.session
        standard = {name: values.get(name.upper()) for name in LABELS}
        custom = {question.field_id: _choices(question, values) for question in asked_custom(registration)}
        answers, found = filled_in(registration, standard, custom, values.get("SOURCEID")[:64] or None)
        problems: dict[str | int, str] = {name: _PROBLEMS[problem] for name, problem in found.items()}
        email = standard["email"].strip()
        if email and "email" not in problems and not is_email(email):
            problems["email"] = _NO_ADDRESS
        if registration.password and not await self.password_is(place, values.get(_PASSWORD)):
            problems[_PASSWORD] = _WRONG_PASSWORD
        wanted = wanted_class(place, values.get(_CLASS))
        if place.classes and wanted is None:
            problems[_CLASS] = _PROBLEMS[FormProblem.NOT_OFFERED]
        fields = _fields(place, standard, custom, problems, wanted)
        if problems:
            return self._form(request, place, values, fields, 422)
        try:
            outcome = await self.registered(request, site, session, answers, wanted)
        except Fault as fault:
            if fault.code == faults.MEETING_NOT_FOUND.code:
                raise HTTPException(404) from None
            # Somebody took the last seat, or the time ran out, since the page was opened.
            full = fault.reason != faults.REGISTRATION_CLOSED.reason
            return self._form(request, place._replace(closed=not full, full=full), values, [], 409)
        return self._result(request, site, place, outcome)

    async def registered(
        self, request: Request, site: KnownSite, session: HostedSession, answers: Answers, wanted: int | None
    ) -> Outcome:
        """Register somebody by what he filled in; `wanted`: the number of the class, where people choose one.

        Raises:
            HTTPException: 503, others were always quicker.
            Fault: as `own.register`.
        """
        domain = answers.standard["email"].rpartition("@")[2].lower()
        try:
            outcome = await own.register(
                self._application, site, session.session_key, answers, address_of(request), domain, wanted
            )
        except Conflict:
            raise HTTPException(503, headers={"Retry-After": "5"}) from None
        if outcome.known:
            self._application.brake.failed(_asking(request, session), counted_as(request))
        return outcome

    async def slow_down(self, request: Request, session: HostedSession) -> None:
        """Whoever tries out which addresses are on the list has to wait."""
        try:
            await self._application.brake.wait(_asking(request, session), counted_as(request))
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None

    async def password_is(self, place: Place, sent: str) -> bool:
        """Whether this is the registration password; guessing is slowed down."""
        session, brake = place.session, self._application.brake
        key = f"{session.site_id}/registration/{session.session_key}"
        try:
            await brake.wait(key)
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None
        if own.opens(place.registration, sent):
            return True
        if sent:
            brake.failed(key)
        return False

    # ---- pages ---------------------------------------------------------------------------------------------------

    def _form(
        self,
        request: Request,
        place: Place,
        values: LinkValues,
        fields: list[FieldView],
        status: int = 200,
    ) -> Response:
        return private_page(
            "register.html",
            status,
            meeting=MeetingView.of(place.session, self._application.clock.now()),
            closed=place.closed,
            full=place.full,
            waiting=_only_waiting(place),
            approval=place.registration.approval,
            fields=[] if place.closed or place.full else fields,
            action=request.url.path,
            hidden=values.fields("RGID", "SOURCEID"),
        )

    def _result(self, request: Request, site: KnownSite, place: Place, outcome: Outcome) -> Response:
        links, session, person = self._application.links, place.session, outcome.person
        admitted = not outcome.known and person.join_status == "ACCEPT" and not person.waiting
        join = None
        if admitted and person.register_id is not None:
            join = links.registered(site.site.name, session.session_key, person.register_id)
        return private_page(
            "registered.html",
            meeting=MeetingView.of(session, self._application.clock.now()),
            known=outcome.known,
            became=person.join_status,
            waiting=person.waiting,
            join=join,
            register_id=person.register_id,
            calendar=f"j.php?MTID={session.attendee_link}{WANTED}" if admitted else None,
            next=away(place.registration.end_url or ""),
        )


def _asking(request: Request, session: HostedSession) -> str:
    return f"{session.site_id}/registrant/{session.session_key}/{counted_as(request)}"


def _only_waiting(place: Place) -> bool:
    """Whether whoever registers now comes onto the waiting list."""
    registration = place.registration
    if place.classes:
        return registration.waiting_list and all(each.full for each in place.classes)
    return bool(registration.waiting_list and 0 < registration.capacity <= place.session.seats_taken)


def wanted_class(place: Place, sent: str) -> int | None:
    """The number of the class that was chosen, one of those offered; None: no class was."""
    return next((each.number for each in _offered(place) if str(each.number) == sent), None)


def _offered(place: Place) -> list[ClassPlace]:
    """The classes that somebody can still register for."""
    return [each for each in place.classes if place.registration.waiting_list or not each.full]


def _class_field(place: Place, wanted: int | None, error: str | None) -> FieldView:
    """The field with which people choose the class that they register for."""
    options = []
    for each in _offered(place):
        label = f"{spoken().day(each.start)}, {spoken().time(each.start)}"
        if each.full:
            label = said(_("%(when)s (waiting list)"), when=label)
        options.append(Option(_CLASS, str(each.number), label, each.number == wanted))
    return FieldView("list", _CLASS, _("Class"), required=True, error=error, options=options)


def _known(user: User) -> dict[str, str]:
    return {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}


# ---- fields ----------------------------------------------------------------------------------------------------------


def _input(question: CustomField, number: int | None = None) -> str:
    return f"Q{question.field_id}" if number is None else f"Q{question.field_id}-{number}"


def _choices(question: CustomField, values: LinkValues) -> list[str]:
    """What was answered to a question: a text, or the numbers of the choices taken."""
    if question.kind is not FieldKind.CHECK_BOXES:
        return [values.get(_input(question))]
    numbers = range(1, len(question.choices) + 1)
    return [str(number) for number in numbers if values.get(_input(question, number))]


def _fields(
    place: Place,
    standard: dict[str, str],
    custom: dict[int, list[str]],
    problems: dict[str | int, str] | None = None,
    wanted: int | None = None,
) -> list[FieldView]:
    """The fields of the form as they are filled in; without `problems` the form is a new one."""
    errors, registration = problems or {}, place.registration
    fields = []
    if place.classes:
        fields.append(_class_field(place, wanted, errors.get(_CLASS)))
    if registration.password:
        fields.append(
            FieldView("password", _PASSWORD, _("Registration password"), required=True, error=errors.get(_PASSWORD))
        )
    for asked in asked_standard(registration):
        name = asked.name
        kind = {"email": "email", "phone": "tel", "fax": "tel", "future_info": "tick"}.get(name, "text")
        fields.append(
            FieldView(
                kind,
                name.upper(),
                LABELS[name],
                required=asked.required,
                value=standard.get(name, ""),
                error=errors.get(name),
                longest=LONGEST.get(name, LONGEST_ANSWER),
                autocomplete=_AUTOCOMPLETE.get(name),
            )
        )
    fields += [
        _own_field(question, None if problems is None else custom.get(question.field_id, []), errors)
        for question in asked_custom(registration)
    ]
    return fields


_KINDS: Final = {FieldKind.CHECK_BOXES: "checks", FieldKind.OPTION_BUTTONS: "buttons", FieldKind.DROP_DOWN: "list"}


def _own_field(question: CustomField, sent: list[str] | None, errors: dict[str | int, str]) -> FieldView:
    """A question of the host's own; `sent` None: the form is a new one."""
    common: dict[str, Any] = {
        "name": _input(question),
        "label": question.label,
        "required": question.required,
        "error": errors.get(question.field_id),
        "ours": False,
    }
    if question.kind is FieldKind.TEXT_BOX:
        lines = min(max(question.height or 4, 2), _MOST_LINES)
        kind = "lines" if question.multi_line else "text"
        return FieldView(kind, **common, value=sent[0] if sent else "", lines=lines)
    boxes = question.kind is FieldKind.CHECK_BOXES
    options = [
        Option(
            name=_input(question, number) if boxes else _input(question),
            value=str(number),
            label=choice.label,
            taken=_taken(question, number, choice.selected) if sent is None else str(number) in sent,
        )
        for number, choice in enumerate(question.choices, 1)
    ]
    return FieldView(_KINDS[question.kind], **common, options=options)


def _taken(question: CustomField, number: int, selected: bool) -> bool:
    return selected if question.kind is FieldKind.CHECK_BOXES else number == question.default_choice
