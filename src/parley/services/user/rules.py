"""What an account may be like: rules on single sections of use:userType.

Sources: facts/user-site.md 4 (CreateUser, SetUser, "User status, roles, privileges"), facts/holes.md (1), the codes
in facts/exceptions.json. Where no code is known the fault is 999999 with the element's path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, TypeVar

import msgspec

from parley.contract import common as com
from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.domain.identifiers import weak_pin
from parley.domain.site import SiteSettings
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.protocol.faults import Fault
from parley.services.records import merged

Account = TypeVar("Account", settings.TspAccountType, settings.PersonalAccountType)

#: Longest texts in characters ([RG/createuser] in facts/user-site.md 4); all others may be as long as a description.
_LONGEST: Final = {
    "company": 128,
    "description": 4000,
    "personalUrl": 64,
    "address/address1": 128,
    "address/address2": 128,
    "address/country": 64,
    **{f"phones/{name}": 64 for name in ("phone", "mobilePhone", "fax", "phone2", "mobilePhone2", "pager", "PIN")},
}
_USUAL: Final = 4000
#: Privileges that need another one: HDvideo presupposes HQvideo (facts/user-site.md 4).
_NEEDS: Final = {"hd_video": ("hq_video", "privilege/HDvideo", "HDvideo needs HQvideo")}
#: Privileges for teleconferences, the site's own and a provider's.
_AUDIO: Final = (
    *("tele_conf_call_in", "tele_conf_call_out", "tele_conf_call_in_international"),
    *("tele_conf_call_out_international", "tele_conf_toll_free_call_in", "other_telephony"),
)
_PAID_PREFIX: Final = "PRO"
_ACCOUNTS: Final = (1, 2, 3)
_LONGEST_WAIT: Final = 1440
#: The PIN of a room has four digits in all recorded answers; of telephone PINs only that they are digits is known.
_ROOM_PIN: Final = re.compile(r"[0-9]{4}")
_PHONE_PIN: Final = re.compile(r"[0-9]{4,8}")


def profile_faults(
    sent: use.UserInstanceType, kept: use.UserInstanceType, after: use.UserInstanceType, *, attendee_only: bool
) -> Iterator[Fault]:
    """What is wrong with a request for the document of an account; what stays as it is kept is not looked at again."""
    yield from _long_texts(sent, "")
    privilege = after.privilege or settings.PrivilegeType()
    for name, (needed, path, problem) in _NEEDS.items():
        if getattr(privilege, name) and not getattr(privilege, needed):
            yield faults.INVALID_VALUE(path=path, problem=problem)
    desk = after.support_center.service_desk if after.support_center else None
    if attendee_only and desk is not None and desk.enable:
        yield faults.SERVICE_DESK_OF_ATTENDEE()
    yield from _audio_faults(kept.privilege or settings.PrivilegeType(), privilege)
    yield from _teleconference_faults(kept, after)
    yield from _room_faults(
        kept.personal_meeting_room or settings.PersonalMeetingRoomType(),
        after.personal_meeting_room or settings.PersonalMeetingRoomType(),
    )


def _audio_faults(kept: settings.PrivilegeType, after: settings.PrivilegeType) -> Iterator[Fault]:
    """isEnableCET is for users of the telephone (facts/exceptions.json 060048)."""
    unchanged = all(getattr(kept, name) == getattr(after, name) for name in ("is_enable_cet", *_AUDIO))
    if after.is_enable_cet and not unchanged and not any(getattr(after, name) for name in _AUDIO):
        yield faults.CET_NEEDS_AUDIO()


def offer_faults(
    site: SiteSettings, kept: settings.PrivilegeType, sent: settings.PrivilegeType | None
) -> Iterator[Fault]:
    """What a request switches on that the site does not offer (facts/exceptions.json 010086)."""
    if sent is None:
        return
    if sent.is_enable_pmr and not kept.is_enable_pmr and not site.personal_rooms:
        yield faults.NOT_OFFERED(element="isEnablePMR")
    if sent.cmr_hybrid_voip and not kept.cmr_hybrid_voip and not site.hybrid_audio:
        yield faults.NOT_OFFERED(element="cmrHybridVoip")


def conference_number_faults(
    kept: use.UserInstanceType, after: use.UserInstanceType, prefixes: Iterable[str]
) -> Iterator[Fault]:
    """Personal conference numbers are for users with a paid type (facts/exceptions.json 030077).

    Args:
        prefixes: of the session types that the account holds after the request.
    """
    own, old = (each.personal_teleconf.account if each.personal_teleconf else [] for each in (after, kept))
    if own and own != old and _PAID_PREFIX not in prefixes:
        yield faults.CONFERENCE_NUMBER_NEEDS_PRO()


def _room_faults(kept: settings.PersonalMeetingRoomType, after: settings.PersonalMeetingRoomType) -> Iterator[Fault]:
    if after.host_pin != kept.host_pin and not _is_pin(_ROOM_PIN, after.host_pin or ""):
        yield faults.INVALID_PIN(path="personalMeetingRoom/hostPIN", digits="4")
    if not 0 <= (after.pmr_auto_lock_wait_time or 0) <= _LONGEST_WAIT:
        yield faults.INVALID_VALUE(
            path="personalMeetingRoom/PMRAutoLockWaitTime", problem=f"a number from 0 to {_LONGEST_WAIT} is allowed"
        )


def _teleconference_faults(kept: use.UserInstanceType, after: use.UserInstanceType) -> Iterator[Fault]:
    for path, before, now in (
        ("tspAccount/", kept.tsp_account, after.tsp_account),
        ("personalTeleconf/", kept.personal_teleconf, after.personal_teleconf),
    ):
        if now is not None and now != before:
            yield from _long_texts(now, path)
    pin, old_pin = (each.phones.pin if each.phones else None for each in (after, kept))
    own, old_own = (each.personal_teleconf.account if each.personal_teleconf else [] for each in (after, kept))
    if (pin or own) and (pin, own) != (old_pin, old_own) and not _is_pin(_PHONE_PIN, pin or ""):
        yield faults.INVALID_PIN(path="phones/PIN", digits="4 to 8")
    if any(each.account_index not in _ACCOUNTS for each in own):
        yield faults.INVALID_VALUE(
            path="personalTeleconf/account/accountIndex", problem="a number from 1 to 3 is allowed"
        )
    provider = after.tsp_account.tsp_account if after.tsp_account else []
    if any(each.account_index not in _ACCOUNTS for each in provider):
        yield faults.TSP_INDEX()
    if sum(bool(each.default_flag) for each in provider) > 1:
        yield faults.TSP_DEFAULTS()


def _is_pin(form: re.Pattern[str], pin: str) -> bool:
    return form.fullmatch(pin) is not None and not weak_pin(pin)


@cache
def _texts(cls: type[Record]) -> tuple[tuple[str, str, bool], ...]:
    """Attribute, XML name and whether it holds records, of the fields whose texts have a length."""
    return tuple(
        (each.attribute, each.name, each.kind == "record")
        for each in cls.__declaration__.elements
        if each.kind in ("record", "string")
    )


def _long_texts(record: Record, path: str) -> Iterator[Fault]:
    for attribute, name, nested in _texts(type(record)):
        value = getattr(record, attribute)
        if not value:
            continue
        here = f"{path}{name}"
        limit = _LONGEST.get(here, _USUAL)
        for each in value if isinstance(value, list) else [value]:
            if nested:
                yield from _long_texts(each, f"{here}/")
            elif len(each) > limit:
                yield faults.INVALID_VALUE(path=here, problem=f"at most {limit} characters are allowed")


# --- tracking codes --------------------------------------------------------------------------------------------------


def tracking_faults(
    site: SiteSettings, kept: com.TrackingType, sent: com.TrackingType | None, *, new: bool, admin: bool
) -> Iterator[Fault]:
    """What is wrong with the tracking codes of a request, by the site's definitions.

    A code that the site REQUIRES is demanded of new accounts and cannot be emptied; a change that does not name it is
    let pass, so that accounts from before the definition can be changed (the facts do not say whether the real
    service demands it). ADMIN_SET codes are changed by administrators only. Codes without definition are kept as sent.
    """
    for code in site.tracking_codes:
        name, path = f"tracking_code_{code.index}", f"tracking/trackingCode{code.index}"
        value: str | None = getattr(sent, name) if sent is not None else None
        if value is None and not new:
            continue
        value = (value or "").strip()
        if value == (getattr(kept, name) or "") and not new:
            continue
        if code.profile_rule == "ADMIN_SET" and not admin:
            yield faults.ACCESS_DENIED()
        elif not value and code.profile_rule == "REQUIRED":
            yield faults.ACCOUNT_VALUE_MISSING(path=path)
        elif value and code.values and value not in code.values:
            yield faults.INVALID_VALUE(path=path, problem="this value is not in the site's list")


# --- languages -------------------------------------------------------------------------------------------------------


def language_of(sent: use.UserType, kept: use.UserType) -> tuple[str, int] | None:
    """Name and number of the language that a request asks for, None when it asks for none.

    Of two that disagree the one counts that differs from what is kept (programs send back what they read, with one of
    both changed); else the number.

    Raises:
        Fault: 030060.
    """
    languages = com.LanguageType.values
    by_number = _numbered(sent.language_id)
    by_name = _named(sent.language)
    if by_number is None or (by_name is not None and sent.language_id == kept.language_id):
        by_number = by_name
    return None if by_number is None else (languages[by_number], by_number + 1)


def _numbered(language_id: int | None) -> int | None:
    if language_id is None:
        return None
    if not 0 < language_id <= len(com.LanguageType.values):
        raise faults.UNKNOWN_LANGUAGE(path="languageID")
    return language_id - 1


def _named(language: str | None) -> int | None:
    name = " ".join((language or "").split()).upper()
    if not name:
        return None
    if name not in com.LanguageType.values:
        raise faults.UNKNOWN_LANGUAGE(path="language")
    return com.LanguageType.values.index(name)


# --- roles -----------------------------------------------------------------------------------------------------------


class Roles(msgspec.Struct, frozen=True):
    """What an account is on its site."""

    host: bool
    site_admin: bool
    ro_site_admin: bool
    attendee_only: bool


def roles_of(sent: settings.PrivilegeType | None, kept: Roles) -> Roles:
    """The roles after a request; a role that is not named stays.

    attendeeOnly true takes all others away; a role given to an attendee-only account without a word on attendeeOnly
    makes it a full one.
    """
    if sent is None:
        return kept
    named = {name: getattr(sent, name) for name in Roles.__struct_fields__}
    if named["attendee_only"] is None and any(named.values()):
        named["attendee_only"] = False
    roles = {name: getattr(kept, name) if value is None else value for name, value in named.items()}
    if roles["attendee_only"]:
        return Roles(host=False, site_admin=False, ro_site_admin=False, attendee_only=True)
    return Roles(**roles)


# --- teleconference accounts -----------------------------------------------------------------------------------------


def accounts_after(kept: list[Account], sent: list[Account]) -> list[Account]:
    """The teleconference accounts after a request: those sent are changed, added or (delete) taken away by index.

    A new default takes the place of the old one.
    """
    by_index = {each.account_index: each for each in kept}
    defaults = {each.account_index for each in sent if each.default_flag and not each.delete}
    if defaults:
        for index, each in by_index.items():
            if each.default_flag and index not in defaults:
                by_index[index] = msgspec.structs.replace(each, default_flag=False)
    for each in sent:
        if each.delete:
            by_index.pop(each.account_index, None)
            continue
        changed = merged(by_index.get(each.account_index), each) or each
        by_index[each.account_index] = msgspec.structs.replace(changed, delete=None)
    return sorted(by_index.values(), key=lambda each: each.account_index or 0)
