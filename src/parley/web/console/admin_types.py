"""For administrators: the session types of the site, who holds them, which one is the usual one."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain.site import SessionType
from parley.services import session_type_changes as changing
from parley.services.new_site import SiteError
from parley.services.session_types import UNLIMITED
from parley.store import sites, type_holders
from parley.web.console.admin_fields import author_of, changed_by, mark, save_values, sentence
from parley.web.console.fields import Field
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.words import said

_PLACE: Final = "admin/types"
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
#: On sites with more accounts counting who holds what takes its time, and waits until somebody wants to know.
_COUNTED_AT_ONCE: Final = 2_000
#: So many of those who hold a type are named before it is removed.
_NAMED: Final = 20
_LONGEST_NAME: Final = 64
_MOST_HOLDERS: Final = 1_000_000
_SETTING: Final = "default_session_type"


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What people call the prefixes; others stand for themselves.
_PREFIXES: Final = {
    "FRE": _("Free"),
    "STD": _("Standard"),
    "PRO": _("Paid"),
    "ONS": _("Webinar or event"),
    "TRS": _("Training"),
    "SC3": _("Support"),
    "SMT": _("Remote access"),
    "RAS": _("Remote access"),
    "SAC": _("Sales"),
    "AUO": _("Audio only"),
}
_SERVICES: Final = {
    "MeetingCenter": _("Meetings and webinars"),
    "EventCenter": _("Events"),
    "TrainingCenter": _("Trainings"),
    "SupportCenter": _("Support"),
    "SalesCenter": _("Sales"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin/types", types, admins=True),
        shell.page("/admin/types/new", new, ("GET", "POST"), admins=True),
        shell.page("/admin/types/{number}", one, ("GET", "POST"), admins=True),
        shell.page("/admin/types/{number}/switch", switch, ("POST",), admins=True),
        shell.page("/admin/types/{number}/usual", usual, ("POST",), admins=True),
        shell.page("/admin/types/{number}/remove", remove, ("GET", "POST"), admins=True),
    ]


class Row(NamedTuple):
    """A session type as the list shows it; limits are texts, empty for none."""

    number: int
    name: str
    display_name: str
    service: str
    prefix: str
    kind: str
    active: bool
    usual: bool
    may_be_usual: bool
    participants: str
    minutes: str
    most_holders: str


def _row(console: ConsoleCall, each: SessionType) -> Row:
    values = changing.described(each)
    webinar = _("Webinar, attendees only watch") if values["view_only"] else _("Webinar")
    usual_kind = _PREFIXES.get(each.prefix, each.prefix)
    return Row(
        each.type_id,
        each.name,
        each.display_name,
        _SERVICES[each.service],
        each.prefix,
        webinar if values["webinar"] else usual_kind,
        each.active,
        console.site.settings.default_session_type == each.type_id,
        _may_be_usual(console, each),
        _limit(values["participants"]),
        _limit(values["minutes"]),
        _limit(values["max_holders"]),
    )


def _may_be_usual(console: ConsoleCall, each: SessionType) -> bool:
    """Whether meetings that name no type can be of this one, and are not yet."""
    usual_now = console.site.settings.default_session_type == each.type_id
    return each.active and each.service == "MeetingCenter" and not usual_now


def _limit(number: int | None) -> str:
    return "" if number in (None, UNLIMITED) else str(number)


def _named(console: ConsoleCall) -> SessionType:
    """The type that the address names.

    Raises:
        HTTPException: 404, the site has none of that number.
    """
    number = console.call.request.path_params["number"]
    found = console.call.known.types.get(int(number)) if _NUMBER.fullmatch(number) else None
    if found is None:
        raise HTTPException(404)
    return found


async def types(console: ConsoleCall) -> Response:
    """The list, with how many accounts hold each type."""
    engine, site_id = console.application.engine, console.site.site_id
    few = (await type_holders.accounts(engine, site_id)).all <= _COUNTED_AT_ONCE
    held = await type_holders.counts(engine, site_id) if few or console.text("COUNT") else None
    return console.show(
        "admin_types.html",
        place=_PLACE,
        script=held is None,
        rows=[_row(console, each) for _number, each in sorted(console.call.known.types.items())],
        held=held,
        nobody=type_holders.Holders(),
        may_change=administers(console.user),
    )


# ---- one type --------------------------------------------------------------------------------------------------------


def _fields(each: SessionType | None) -> list[Field]:
    """The fields of a type's form; those of a new one without `each`."""
    values = changing.described(each) if each is not None else {}

    def limit(name: str, label: str, hint: str, most: int) -> Field:
        return Field(name, "number", label, _limit(values.get(name.lower())), hint, least="1", most=str(most))

    prefixes = [(each, _PREFIXES[each]) if each in _PREFIXES else (each, each) for each in changing.PREFIXES]
    fields = [
        Field("NAME", "text", _("Name"), values.get("name", ""), required=True, longest=_LONGEST_NAME),
        Field(
            "DISPLAY_NAME",
            "text",
            _("Name that people see"),
            values.get("display_name", ""),
            _("Empty: the name."),
            longest=_LONGEST_NAME,
        ),
        Field(
            "SERVICE",
            "list",
            _("For"),
            values.get("service", changing.SERVICES[0]),
            options=[(each, _SERVICES[each]) for each in changing.SERVICES],
            translated=True,
        ),
        Field(
            "PREFIX",
            "list",
            _("Kind"),
            values.get("prefix", "PRO"),
            _("What programs know as the product code. A suspended site schedules free meetings only."),
            options=[(value, f"{said(name)} ({value})" if name != value else value) for value, name in prefixes],
        ),
        limit("PARTICIPANTS", _("People in a session at most"), _("Empty: any number."), UNLIMITED),
        limit("MINUTES", _("Minutes of a session at most"), _("Empty: any length."), UNLIMITED),
        limit(
            "MAX_HOLDERS",
            _("Active accounts that may hold it at most"),
            _("Empty: any number. New accounts get types without such a limit by themselves."),
            _MOST_HOLDERS,
        ),
        Field("WEBINAR", "tick", _("Its sessions are webinars"), "1" if values.get("webinar") else ""),
        Field("VIEW_ONLY", "tick", _("Attendees of the webinar only watch"), "1" if values.get("view_only") else ""),
    ]
    if each is None:
        hint = _("Otherwise new accounts get it, and those to whom it is given by name.")
        fields.append(Field("EVERYONE", "tick", _("All hosts that there are get it"), "", hint))
    return fields


def _sent(console: ConsoleCall, fields: list[Field]) -> dict[str, Any]:
    """What was sent, by the names of `TypeValues`; what is wrong is said beside its field."""
    values: dict[str, Any] = {}
    for field in fields:
        text = console.text(field.name)
        name = field.name.lower()
        field.value = text
        if field.kind == "tick":
            field.value = "1" if text == "1" else ""
            values[name] = text == "1"
        elif field.kind == "number":
            values[name] = _number(field)
        else:
            values[name] = _text(field)
    if values["view_only"] and not values["webinar"]:
        fields[-2 if "everyone" in values else -1].error = _("Only attendees of a webinar can only watch.")
    return values


def _number(field: Field) -> int:
    none = 0 if field.name == "MAX_HOLDERS" else UNLIMITED
    if not field.value:
        return none
    text = field.value
    if text.isascii() and text.isdecimal() and len(text) < 12 and int(field.least) <= int(text) <= int(field.most):
        return int(text)
    field.error = said(_("Please give a whole number from %(least)s to %(most)s."), least=field.least, most=field.most)
    return none


def _text(field: Field) -> str:
    if field.kind == "list" and field.value not in (value for value, _name in field.options):
        field.error = _("Please choose one.")
    elif field.required and not field.value:
        field.error = _("Please fill this in.")
    elif len(field.value) > field.longest:
        field.error = said(_("At most %(most)s characters, please."), most=field.longest)
    return field.value


async def new(console: ConsoleCall) -> Response:
    """Make another type."""
    fields = _fields(None)
    if not console.posted:
        return _form(console, fields, None)
    values = _sent(console, fields)
    if any(each.error for each in fields):
        return _form(console, fields, None, status=400)
    everyone = values.pop("everyone")
    values["display_name"] = values["display_name"] or values["name"]
    try:
        await changing.add_type(
            console.application.engine,
            console.site.site_id,
            None,
            changing.TypeValues(**values),
            author_of(console),
            console.now,
            everyone=everyone,
        )
    except SiteError as error:
        return _form(console, fields, None, status=400, wrong=sentence(error))
    return console.go(_PLACE, "type-added")


async def one(console: ConsoleCall) -> Response:
    """One type (GET), and changing it (POST)."""
    session_type = _named(console)
    fields = _fields(session_type)
    if not console.posted:
        return _form(console, fields, session_type)
    present = {field.name.lower(): field.value for field in fields}
    values = _sent(console, fields)
    if console.text("WAS") != _mark(session_type):
        who = await changed_by(console, f"session_types.{session_type.type_id}")
        text = said(_("%(who)s changed this type meanwhile. Save again to have your values instead."), who=who)
        return _form(console, fields, session_type, status=409, wrong=text)
    if any(each.error for each in fields):
        return _form(console, fields, session_type, status=400)
    values["display_name"] = values["display_name"] or values["name"]
    differing = {name: values[name] for name in values if _differs(present[name], values[name])}
    if not differing:
        return console.go(_PLACE, "unchanged")
    wrong = await _change(console, session_type, changing.TypeValues(**differing))
    if wrong:
        return _form(console, fields, session_type, status=400, wrong=wrong)
    return console.go(_PLACE, "saved")


def _differs(text: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value != bool(text)
    return text != (value if isinstance(value, str) else _limit(value or None))


def _mark(session_type: SessionType) -> str:
    return mark(repr(sorted(changing.described(session_type).items())))


async def _change(console: ConsoleCall, session_type: SessionType, values: changing.TypeValues) -> str:
    """Change a type; what is wrong, empty when it is done."""
    engine, number = console.application.engine, session_type.type_id
    try:
        await changing.change_type(engine, console.site.site_id, number, values, author_of(console), console.now)
    except SiteError as error:
        return sentence(error)
    return ""


def _form(
    console: ConsoleCall,
    fields: list[Field],
    session_type: SessionType | None,
    *,
    status: int = 200,
    wrong: str | None = None,
) -> Response:
    return console.show(
        "admin_type.html",
        status,
        place=_PLACE,
        fields=fields,
        row=_row(console, session_type) if session_type is not None else None,
        was=_mark(session_type) if session_type is not None else "",
        wrong=wrong,
        may_change=administers(console.user),
    )


async def switch(console: ConsoleCall) -> Response:
    """Switch a type on or off."""
    session_type = _named(console)
    active = console.text("ACTIVE") == "1"
    if active == session_type.active:
        return console.go(_PLACE, "unchanged")
    wrong = await _change(console, session_type, changing.TypeValues(active=active))
    if wrong:
        return console.say(_("This was refused"), wrong, 400, below=_PLACE)
    return console.go(_PLACE, "type-on" if active else "type-off")


async def usual(console: ConsoleCall) -> Response:
    """Have meetings that name no type be of this one, and new accounts have it as their first."""
    session_type = _named(console)
    if console.site.settings.default_session_type == session_type.type_id:
        return console.go(_PLACE, "unchanged")
    if not _may_be_usual(console, session_type):
        text = _("Only a type for meetings that is switched on can be the usual one.")
        return console.say(_("This was refused"), text, 400, below=_PLACE)
    await save_values(console, lambda _site: {_SETTING: session_type.type_id})
    return console.go(_PLACE, "saved")


async def remove(console: ConsoleCall) -> Response:
    """Ask whether a type is to be removed, and say who holds it (GET); remove it (POST)."""
    session_type = _named(console)
    engine, site_id = console.application.engine, console.site.site_id
    wrong = None
    if console.posted:
        try:
            await changing.remove_type(engine, site_id, session_type.type_id, author_of(console), console.now)
        except SiteError as error:
            wrong = sentence(error)
        else:
            return console.go(_PLACE, "type-removed")
    people = await type_holders.some(engine, site_id, session_type.type_id, _NAMED + 1)
    return console.show(
        "admin_type_remove.html",
        400 if wrong else 200,
        place=_PLACE,
        row=_row(console, session_type),
        people=people[:_NAMED],
        more=len(people) > _NAMED,
        in_use=await sites.has_sessions(engine, site_id, session_type.type_id),
        wrong=wrong,
        may_change=administers(console.user),
    )
