"""How an account is answered: columns and document of the account as use:userInstanceType.

Source: facts/user-site.md 4 (GetUser: order, values and defaults of the recorded answers).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.contract.common import AddressType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.domain.passwords import days_left
from parley.domain.site import SiteSettings
from parley.domain.user import User
from parley.services.accounts import DEFAULT_PROFILE, offered_types, services_of
from parley.services.context import Context
from parley.services.profiles import profile_of

HIDDEN_PASSWORD: Final = "******"  # noqa: S105 - what stands for a password
#: Kinds of pictures (use:imageForType).
PHOTO: Final = "Photo"
HEADER: Final = "Header"
_NEVER: Final = "none"
_KEPT_NAMES: Final = {each.name: each.encode_name for each in msgspec.structs.fields(use.GetUserResponse)}
#: What stands in the documents of accounts with settings of the sales service, and in no others.
_SALES_CENTER: Final = f'"{_KEPT_NAMES["sales_center"]}":{{'
#: Dialling codes of the locales that were seen in answers; others are answered as the first.
_DIALLING_CODES: Final = {"U.S.": "1", "GERMANY": "49"}
_DEFAULTS: Final = {
    name: value for name in use.UserType.__struct_fields__ if (value := getattr(DEFAULT_PROFILE, name)) is not None
}


@dataclass(frozen=True, slots=True)
class Relations:
    """Who schedules for whom, as webExIDs in alphabetical order.

    Attributes:
        delegates: who may schedule for the account.
        hosts: for whom the account may schedule.
    """

    delegates: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def effective_profile(user: User) -> use.UserInstanceType:
    """The document of an account with the defaults for sections that it does not have."""
    profile = profile_of(user)
    missing = {name: value for name, value in _DEFAULTS.items() if getattr(profile, name) is None}
    return msgspec.structs.replace(profile, **missing) if missing else profile


def instance(context: Context, user: User, relations: Relations) -> dict[str, Any]:
    """The fields that GetUser and LstUser share (use:userInstanceType), by name."""
    profile = effective_profile(user)
    fields: dict[str, Any] = {name: getattr(profile, name) for name in use.UserType.__struct_fields__}
    held = held_types(context, profile)
    code = _dialling_code(profile)
    fields.update(
        first_name=user.first_name,
        last_name=user.last_name,
        web_ex_id=user.web_ex_id,
        address=_address(profile.address, code),
        phones=_phones(profile.phones, code),
        email=user.email,
        password=HIDDEN_PASSWORD,
        password_hint_answer=None,
        expiration_date=_NEVER if user.expires_at is None else local_date(user, user.expires_at),
        meeting_types=use.UserTypeMeetingTypes(meeting_type=held),
        time_zone_id=user.time_zone_id,
        time_zone=timezones.zone(user.time_zone_id).text,
        time_zone_with_dst=timezones.with_dst_name(user.time_zone_id, context.now),
        privilege=_privilege(user, profile.privilege),
        scheduling_permission=";".join(relations.delegates) or None,
        active=user.status,
        supported_services=supported_services(context, profile),
        personal_meeting_room=personal_room(context, user, profile),
        security=settings.SecurityType(
            force_change_password=user.must_change_password, reset_password=False, lock_account=user.locked
        ),
        registration_date=local_date(user, user.registered_at),
        visit_count=0,
        user_id=user.user_id,
        event_center=profile.event_center,
        display_name=display_name(user, profile) if context.site.settings.display_names else None,
    )
    return fields


def password_age(user: User, site: SiteSettings, now: int) -> tuple[bool, int]:
    """passwordExpires and passwordDaysLeft: whether the site lets passwords grow old, and days until then.

    A day that has begun counts, so that 0 is answered of a password that has expired and of no other.
    """
    left = days_left(user.password_changed_at, site.password_days, now)
    return left is not None, left or 0


def sales_center(user: User) -> settings.SalesCenterInstanceType | None:
    """salesCenter, of the few accounts that have one."""
    return profile_of(user).sales_center if _SALES_CENTER in user.document else None


def local_date(user: User, instant: int) -> str:
    """An instant as the clocks of the user's zone show it."""
    return format_date(timezones.to_local(instant, user.time_zone_id))


def held_types(context: Context, profile: use.UserType) -> list[int]:
    """The session types of the account that the site still offers, in the order in which they were granted."""
    offered = offered_types(context.site.site, context.site.types)
    if profile.meeting_types is None:
        return offered
    return [type_id for type_id in profile.meeting_types.meeting_type if type_id in offered]


def supported_services(context: Context, profile: use.UserType) -> settings.SupportedServicesType:
    """The services of the account: as set, else those of its session types."""
    return profile.supported_services or services_of(held_types(context, profile), context.site.types)


def display_name(user: User, profile: use.UserType) -> str:
    """displayName: as set, else first and last name, without a blank between names in East Asian letters.

    Source: facts/versions.md 40.11.0.
    """
    if profile.display_name:
        return profile.display_name
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in f"{user.first_name}{user.last_name}")
    return f"{user.first_name}{'' if wide else ' '}{user.last_name}".strip()


def room_title(user: User) -> str:
    """The title of a personal room that was given no other (facts/user-site.md 4)."""
    return f"{user.first_name} {user.last_name}'s Personal Room"


def _dialling_code(profile: use.UserType) -> str:
    country = profile.address.country if profile.address else None
    if country and country.isdecimal() and len(country) <= len("9999"):
        return country
    return _DIALLING_CODES.get(profile.locale or "", _DIALLING_CODES["U.S."])


def _address(kept: AddressType | None, code: str) -> AddressType:
    address = kept or AddressType()
    return msgspec.structs.replace(
        address, address_type=address.address_type or "PERSONAL", country=address.country or code
    )


def _phones(kept: settings.UserPhonesType | None, code: str) -> settings.UserPhonesType:
    """Numbers as they were sent; one that is not known has the country code and six commas."""
    phones = kept or settings.UserPhonesType()
    unset = f"{code},,,,,,"
    return msgspec.structs.replace(
        phones,
        phone=phones.phone or unset,
        mobile_phone=phones.mobile_phone or unset,
        fax=phones.fax or unset,
        pager=phones.pager or unset,
        pin=phones.pin or "",
    )


def _privilege(user: User, kept: settings.PrivilegeType | None) -> settings.PrivilegeType:
    privilege = kept or DEFAULT_PROFILE.privilege or settings.PrivilegeType()
    return msgspec.structs.replace(
        privilege,
        host=user.host,
        site_admin=user.site_admin,
        ro_site_admin=user.ro_site_admin,
        attendee_only=user.attendee_only,
    )


def personal_room(context: Context, user: User, profile: use.UserType) -> settings.PersonalMeetingRoomType | None:
    """The personal room, of those who have one."""
    if profile.privilege is None or not profile.privilege.is_enable_pmr or not profile.personal_url:
        return None
    links, site = context.application.links, context.site.site.name
    kept = profile.personal_meeting_room or settings.PersonalMeetingRoomType()
    return msgspec.structs.replace(
        kept,
        title=kept.title or room_title(user),
        personal_meeting_room_url=links.personal_room(site, profile.personal_url),
        sip_url=links.sip(site, profile.personal_url),
        photo_url=picture_link(context, user, PHOTO, kept.photo_url),
        header_image_url=picture_link(context, user, HEADER, kept.header_image_url),
    )


def picture_link(context: Context, user: User, kind: str, stamp: str | None) -> str | None:
    """The address of a picture; `stamp` is what the document keeps of it, the time when it was uploaded."""
    if not stamp:
        return None
    return context.application.links.picture(context.site.site.name, user.user_id, kind.lower(), stamp)
