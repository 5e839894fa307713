"""One's own profile: what the site lets people change of their accounts."""

from __future__ import annotations

from typing import Final, cast

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.common import LanguageType
from parley.contract.user import GetUser, GetUserResponse, SetUser
from parley.domain import timezones
from parley.mail.languages import LANGUAGE_TAGS, is_spoken, own_name
from parley.protocol.faults import Fault
from parley.services.password_links import has_passwords
from parley.services.user.own import OpenNames, open_names
from parley.web.console.fields import Field, place_of, problem_text
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.words import spoken

_PLACES: Final = {
    "firstName": "FIRST",
    "lastName": "LAST",
    "displayName": "DISPLAY",
    "timeZone": "ZONE",
    "language": "LANGUAGE",
}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [shell.page("/profile", profile, ("GET", "POST"))]


def zone_options(now: int) -> list[tuple[str, str]]:
    """All time zones from west to east, as they are ahead of GMT now; `now` in UTC epoch seconds."""
    words = spoken()
    found = sorted(timezones.ZONES, key=lambda zone_id: (timezones.offset_minutes(zone_id, now), zone_id))
    return [(str(zone_id), words.zone_text(zone_id, now)) for zone_id in found]


async def profile(console: ConsoleCall) -> Response:
    """Show the profile (GET), and change it (POST)."""
    user = console.user
    known = cast("GetUserResponse", await console.perform(GetUser(web_ex_id=user.web_ex_id)))
    allowed = open_names(console.site)
    if user.site_admin and not console.site.settings.control_hub:
        allowed = OpenNames()
    fields = _fields(console, known, allowed)
    if not console.posted:
        return _shown(console, fields, known, allowed)
    sent = {each.name: console.text(each.name)[: each.longest] for each in fields}
    changed = {each.name for each in fields if sent[each.name] != each.value}
    for each in fields:
        each.value = sent[each.name]
        if each.required and not each.value:
            each.error = _("Please fill this in.")
        elif each.kind == "list" and each.value not in [value for value, _name in each.options]:
            each.error = _("Please choose one.")
    if any(each.error for each in fields):
        return _shown(console, fields, known, allowed, 400)
    if not changed:
        return console.go("profile", "unchanged")
    try:
        await console.perform(_request(user.web_ex_id, sent, changed))
    except Fault as fault:
        place = place_of(fault, _PLACES, {})
        for each in fields:
            each.error = problem_text(fault) if each.name == place else ""
        return _shown(console, fields, known, allowed, 400, wrong=None if place else problem_text(fault))
    return console.go("profile", "profile-saved")


def _shown(
    console: ConsoleCall,
    fields: list[Field],
    known: GetUserResponse,
    allowed: OpenNames,
    status: int = 200,
    wrong: str | None = None,
) -> Response:
    return console.show(
        "profile.html",
        status,
        place="profile",
        fields=fields,
        known=known,
        names_kept=not all(allowed),
        passwords=has_passwords(console.site),
        wrong=wrong,
    )


def _fields(console: ConsoleCall, known: GetUserResponse, allowed: OpenNames) -> list[Field]:
    """The fields of the form; names that the site keeps are none."""
    fields = []
    if allowed.first:
        first = Field("FIRST", "text", _("First name"), known.first_name or "", required=True, longest=64)
        first.autocomplete = "given-name"
        fields.append(first)
    if allowed.last:
        last = Field("LAST", "text", _("Last name"), known.last_name or "", required=True, longest=64)
        last.autocomplete = "family-name"
        fields.append(last)
    if allowed.display and console.site.settings.display_names:
        hint = _("What others see in meetings; empty: first and last name.")
        fields.append(Field("DISPLAY", "text", _("Display name"), known.display_name or "", hint, longest=128))
    zone = str(timezones.known_zone_id(known.time_zone_id or 0) or console.user.time_zone_id)
    fields.append(Field("ZONE", "list", _("Time zone"), zone, options=zone_options(console.now)))
    language = known.language if known.language in LanguageType.values else LanguageType.values[0]
    hint = _("Of your pages and of the mails you get.")
    fields.append(Field("LANGUAGE", "list", _("Language"), language, hint, options=language_options(language)))
    return fields


def language_options(present: str) -> list[tuple[str, str]]:
    """The languages that have words, and the present one, which a program may have set; each by its own name."""
    offered = {LanguageType.values[number - 1] for number in LANGUAGE_TAGS.values()}
    names = [name for name in LanguageType.values if (name in offered and is_spoken(name)) or name == present]
    return sorted(((name, own_name(name)) for name in names), key=lambda each: each[1].casefold())


def _request(web_ex_id: str, sent: dict[str, str], changed: set[str]) -> SetUser:
    request = SetUser(web_ex_id=web_ex_id)
    if "FIRST" in changed:
        request.first_name = sent["FIRST"]
    if "LAST" in changed:
        request.last_name = sent["LAST"]
    if "DISPLAY" in changed:
        request.display_name = sent["DISPLAY"]
    if "ZONE" in changed:
        request.time_zone_id = int(sent["ZONE"])
    if "LANGUAGE" in changed:
        request.language = sent["LANGUAGE"]
    return request
