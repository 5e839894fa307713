"""For administrators: the tracking codes of the site, by which an organisation files accounts and sessions."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.site_config import CodeDisplayType
from parley.domain.site import Site, TrackingCode
from parley.services.new_site import SiteError
from parley.services.site.document import TRACKED_SERVICES
from parley.web.console.admin_fields import changed_by, mark, save_values, sentence
from parley.web.console.fields import Field
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.link_values import MAX_VALUE
from parley.web.words import said

_PLACE: Final = "admin/tracking"
_SETTING: Final = "tracking_codes"
#: As many codes as the API has.
MOST: Final = 10
_NUMBER: Final = re.compile(r"[1-9]|10")
#: Longest label, and longest value of an account or a session (facts/user-site.md 4).
_LONGEST: Final = 128
_MOST_VALUES: Final = 500


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: How the API names what is asked, for people.
RULES: Final = {
    "NOT_USED": _("Not asked"),
    "OPTIONAL": _("May be filled in"),
    "REQUIRED": _("Must be filled in"),
    "ADMIN_SET": _("Set by administrators only"),
}
_SCHEDULING: Final = {
    "MeetingCenter": _("When a meeting is scheduled"),
    "EventCenter": _("When an event is scheduled"),
    "TrainingCenter": _("When a training is scheduled"),
    "SupportCenter": _("When a support session is held"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin/tracking", codes, admins=True),
        shell.page("/admin/tracking/{number}", code, ("GET", "POST"), admins=True),
        shell.page("/admin/tracking/{number}/remove", remove, ("GET", "POST"), admins=True),
    ]


class Row(NamedTuple):
    """A code as the list shows it."""

    number: int
    name: str
    accounts: str
    sessions: list[tuple[str, str]]
    values: int


async def codes(console: ConsoleCall) -> Response:
    """The list."""
    found = sorted(console.site.settings.tracking_codes, key=lambda each: each.index)
    taken = {each.index for each in found}
    rows = [
        Row(
            each.index,
            each.name,
            RULES[each.profile_rule],
            [
                (_SCHEDULING[service], RULES[rule])
                for service in TRACKED_SERVICES
                if (rule := each.scheduling.get(service, "NOT_USED")) != "NOT_USED"
            ],
            len(each.values),
        )
        for each in found
    ]
    free = next((index for index in range(1, MOST + 1) if index not in taken), None)
    return console.show(
        "admin_tracking.html", place=_PLACE, rows=rows, free=free, most=MOST, may_change=administers(console.user)
    )


def _index(console: ConsoleCall) -> int:
    """The number of the code that the address names.

    Raises:
        HTTPException: 404, there is no such number.
    """
    number = console.call.request.path_params["number"]
    if not _NUMBER.fullmatch(number):
        raise HTTPException(404)
    return int(number)


def _code(site: Site, index: int) -> TrackingCode | None:
    return next((each for each in site.settings.tracking_codes if each.index == index), None)


def _plainly(present: TrackingCode) -> TrackingCode:
    """A code that says by `host_profile` alone what is asked in accounts."""
    return msgspec.structs.replace(present, required=False, host_profile=present.profile_rule)


def _mark(present: TrackingCode | None) -> str:
    return mark("" if present is None else repr(present))


def _fields(present: TrackingCode | None) -> list[Field]:
    rules = [(rule, RULES[rule]) for rule in CodeDisplayType.values]
    held = present or TrackingCode(1, "")
    fields = [
        Field("NAME", "text", _("Label"), held.name, _("Such as Cost center."), required=True, longest=_LONGEST),
        Field("PROFILE", "list", _("In accounts"), held.profile_rule, options=rules, translated=True),
    ]
    fields += [
        Field(
            f"FOR.{service.upper()}",
            "list",
            _SCHEDULING[service],
            held.scheduling.get(service, "NOT_USED"),
            options=rules,
            translated=True,
        )
        for service in TRACKED_SERVICES
    ]
    hint = _("One in a line. With values people choose one of them; without any they type what they want.")
    fields.append(Field("VALUES", "lines", _("Values to choose from"), "\n".join(held.values), hint, longest=MAX_VALUE))
    return fields


async def code(console: ConsoleCall) -> Response:
    """One code (GET), and changing or adding it (POST)."""
    index = _index(console)
    present = _code(console.site, index)
    fields = _fields(present)
    if not console.posted:
        return _shown(console, index, present, fields)
    made = _sent(console, index, fields, present)
    if console.text("WAS") != _mark(present):
        return await _stale(console, index, present, fields)
    if any(each.error for each in fields):
        return _shown(console, index, present, fields, 400)
    if present is not None and made == _plainly(present):
        return console.go(_PLACE, "unchanged")
    try:
        await _save(console, index, present, made)
    except _Meanwhile as meanwhile:
        return await _stale(console, index, meanwhile.code, fields)
    except SiteError as error:
        return _shown(console, index, present, fields, 400, sentence(error))
    return console.go(_PLACE, "saved")


async def _stale(console: ConsoleCall, index: int, present: TrackingCode | None, fields: list[Field]) -> Response:
    who = await changed_by(console, _SETTING)
    text = said(_("%(who)s changed this code meanwhile. Save again to have your values instead."), who=who)
    return _shown(console, index, present, fields, 409, text)


def _shown(
    console: ConsoleCall,
    index: int,
    present: TrackingCode | None,
    fields: list[Field],
    status: int = 200,
    wrong: str | None = None,
) -> Response:
    long = present is not None and len("\n".join(present.values)) >= MAX_VALUE
    return console.show(
        "admin_tracking_code.html",
        status,
        place=_PLACE,
        index=index,
        name=present.name if present is not None else None,
        fields=fields,
        was=_mark(present),
        wrong=wrong,
        long=long,
        may_change=administers(console.user) and not long,
    )


def _sent(console: ConsoleCall, index: int, fields: list[Field], present: TrackingCode | None) -> TrackingCode:
    """The code that was sent; what is wrong is said beside its field."""
    values: dict[str, Any] = {}
    for field in fields:
        values[field.name] = _value(console, field, index)
    scheduling = dict(present.scheduling) if present is not None else {}
    for service in TRACKED_SERVICES:
        rule = values[f"FOR.{service.upper()}"]
        if rule != scheduling.get(service, "NOT_USED"):
            scheduling[service] = rule
    return TrackingCode(index, values["NAME"], False, values["VALUES"], values["PROFILE"], scheduling)


def _value(console: ConsoleCall, field: Field, index: int) -> Any:
    if field.kind == "lines":
        text = console.values.get(field.name)
        found = list(dict.fromkeys(each for line in text.splitlines() if (each := " ".join(line.split()))))
        field.value = "\n".join(found)
        if len(text) >= MAX_VALUE or len(found) > _MOST_VALUES or any(len(each) > _LONGEST for each in found):
            field.error = said(
                _("At most %(values)s values of at most %(most)s characters each, %(all)s characters in all."),
                values=_MOST_VALUES,
                most=_LONGEST,
                all=MAX_VALUE,
            )
        return found
    field.value = console.text(field.name)
    if field.kind == "list":
        if field.value not in RULES:
            field.error = _("Please choose one.")
    elif not field.value:
        field.error = _("Please fill this in.")
    elif len(field.value) > field.longest:
        field.error = said(_("At most %(most)s characters, please."), most=field.longest)
    elif any(
        each.index != index and each.name.casefold() == field.value.casefold()
        for each in console.site.settings.tracking_codes
    ):
        field.error = _("Another code has this label already.")
    return field.value


class _Meanwhile(Exception):
    """The code is not as it was any more."""

    def __init__(self, code: TrackingCode | None) -> None:
        self.code = code
        super().__init__()


async def _save(console: ConsoleCall, index: int, present: TrackingCode | None, made: TrackingCode | None) -> None:
    """Put a code into the place of another one, or take it away.

    Raises:
        _Meanwhile: somebody else changed it.
    """

    def wanted(site: Site) -> dict[str, list[TrackingCode]]:
        if _code(site, index) != present:
            raise _Meanwhile(_code(site, index))
        found = [each for each in site.settings.tracking_codes if each.index != index]
        return {_SETTING: sorted([*found, *([made] if made is not None else [])], key=lambda each: each.index)}

    await save_values(console, wanted)


async def remove(console: ConsoleCall) -> Response:
    """Ask whether a code is to be removed (GET), and remove it (POST)."""
    index = _index(console)
    present = _code(console.site, index)
    if present is None:
        raise HTTPException(404)
    wrong = None
    if console.posted:
        try:
            await _save(console, index, present, None)
        except _Meanwhile:
            wrong = _("Somebody changed it meanwhile. Look at it again first.")
        else:
            return console.go(_PLACE, "code-removed")
    return console.show(
        "admin_tracking_remove.html",
        409 if wrong else 200,
        place=_PLACE,
        code=present,
        wrong=wrong,
        may_change=administers(console.user),
    )
