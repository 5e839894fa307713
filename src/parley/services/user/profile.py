"""What the document of an account is after a request.

Sources: facts/user-site.md 4 (SetUser: only supplied elements change, groups may be sent partly, meetingTypes
replaces the list), facts/versions.md 40.11 (displayName).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import msgspec

from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.domain.user import User
from parley.services.accounts import granted_types, new_room, room_name, services_of
from parley.services.context import Context
from parley.services.records import merged, without_empty_texts
from parley.services.user.document import display_name, room_title, supported_services
from parley.services.user.rules import Roles, accounts_after, language_of
from parley.services.values import given, is_visible

#: Fields of a request that are columns of the account, are worked out, or are handled on their own.
_APART: Final = (
    *("first_name", "last_name", "web_ex_id", "email", "password", "expiration_date", "time_zone_id", "time_zone"),
    *("time_zone_with_dst", "scheduling_permission", "active", "security", "registration_date", "visit_count"),
    *("user_id", "meeting_types", "supported_services", "language", "language_id", "tsp_account"),
)
_CODE_DIGITS: Final = 8


def sent_profile(
    context: Context, request: use.UserType, before: User, kept: use.UserInstanceType
) -> use.UserInstanceType:
    """The part of a request that is kept in the document, without what the account works out by itself.

    Programs send back what they read; a display name or a title that was only made from the names must not become
    one that stays when the names change.
    """
    fields: dict[str, Any] = {
        name: getattr(request, name, None) for name in use.UserInstanceType.__struct_fields__ if name not in _APART
    }
    sent = use.GetUserResponse(**fields, sales_center=_sales_center(request))
    sent.privilege = sent.privilege and msgspec.structs.replace(
        sent.privilege, host=None, site_admin=None, ro_site_admin=None, attendee_only=None
    )
    if not context.site.settings.display_names or (
        not kept.display_name and sent.display_name == display_name(before, kept)
    ):
        sent.display_name = None
    if sent.display_name and not is_visible(sent.display_name):
        sent.display_name = ""
    sent.personal_url = given(sent.personal_url)
    sent.personal_meeting_room = sent.personal_meeting_room and _sent_room(sent.personal_meeting_room, before, kept)
    if sent.personal_teleconf is not None:
        sent.personal_teleconf = msgspec.structs.replace(sent.personal_teleconf, account=[])
    return sent


def _sales_center(request: use.UserType) -> settings.SalesCenterInstanceType | None:
    """salesCenter of a request as it is answered: products have names there (`products.named_products`)."""
    sent = request.sales_center if isinstance(request, use.CreateUser | use.SetUser) else None
    if sent is None:
        return None
    found = settings.SalesCenterInstanceType(roles=sent.roles, manager=sent.manager)
    if sent.sme_info is not None:
        found.sme_info = settings.SalesSmeInstanceType(description=sent.sme_info.description)
        if sent.sme_info.products is not None and sent.sme_info.products.prod_id:
            found.sme_info.products = settings.SalesProductsInstanceType(
                product=[
                    settings.SalesProductsInstanceTypeProduct(prod_id=each, name=str(each))
                    for each in sent.sme_info.products.prod_id
                ]
            )
    return found


def _sent_room(
    sent: settings.PersonalMeetingRoomType, before: User, kept: use.UserInstanceType
) -> settings.PersonalMeetingRoomType:
    """Addresses, codes and pictures of a room come from elsewhere; a PIN cannot be emptied."""
    own_title = kept.personal_meeting_room.title if kept.personal_meeting_room else None
    return msgspec.structs.replace(
        sent,
        personal_meeting_room_url=None,
        sip_url=None,
        access_code=None,
        photo_url=None,
        header_image_url=None,
        host_pin=given(sent.host_pin and sent.host_pin.strip()),
        title=None if not own_title and sent.title == room_title(before) else sent.title,
    )


def profile_after(
    context: Context,
    request: use.UserType,
    sent: use.UserInstanceType,
    kept: use.UserInstanceType,
    roles: tuple[Roles, Roles],
) -> use.UserInstanceType:
    """The document after a request.

    Args:
        sent: from `sent_profile`.
        kept: the document so far, with the defaults for what it lacks.
        roles: of the account before and after.

    Raises:
        Fault: 030060 for an unknown language.
    """
    after = without_empty_texts(merged(kept, sent) or sent)
    _keep_video_legal(sent, after)
    language = language_of(request, kept)
    if language is not None:
        after.language, after.language_id = language
    else:
        after.language, after.language_id = kept.language, kept.language_id
    _lay_accounts(request, kept, after)
    _lay_types(context, request, kept, after, roles)
    return after


def _keep_video_legal(sent: use.UserInstanceType, after: use.UserInstanceType) -> None:
    """Switching HQvideo off alone switches HDvideo off, which presupposes it."""
    if sent.privilege and after.privilege and sent.privilege.hq_video is False and sent.privilege.hd_video is None:
        after.privilege = msgspec.structs.replace(after.privilege, hd_video=False)


def _lay_accounts(request: use.UserType, kept: use.UserInstanceType, after: use.UserInstanceType) -> None:
    """Teleconference accounts change one by one, by index."""
    own = accounts_after(
        kept.personal_teleconf.account if kept.personal_teleconf else [],
        request.personal_teleconf.account if request.personal_teleconf else [],
    )
    after.personal_teleconf = msgspec.structs.replace(
        after.personal_teleconf or use.UserTypePersonalTeleconf(), account=[_with_codes(each) for each in own]
    )
    provider = accounts_after(
        kept.tsp_account.tsp_account if kept.tsp_account else [],
        request.tsp_account.tsp_account if request.tsp_account else [],
    )
    after.tsp_account = use.UserTypeTspAccount(tsp_account=provider) if provider else None


def _with_codes(account: settings.PersonalAccountType) -> settings.PersonalAccountType:
    """An account whose codes are to be made up, with those that it lacks."""
    if not account.auto_generate:
        return account
    names = ("subscriber_access_code", "participant_full_access_code", "participant_limited_access_code")
    made = {name: _new_code() for name in names if not getattr(account, name)}
    return msgspec.structs.replace(account, **made)


def _new_code() -> str:
    least = 10 ** (_CODE_DIGITS - 1)
    return str(least + secrets.randbelow(9 * least))


def _lay_types(
    context: Context,
    request: use.UserType,
    kept: use.UserInstanceType,
    after: use.UserInstanceType,
    roles: tuple[Roles, Roles],
) -> None:
    """Session types replace the list, and the services follow them; what is said of services counts all the same."""
    held = list(dict.fromkeys(request.meeting_types.meeting_type)) if request.meeting_types else []
    site = context.site
    if roles[1].attendee_only:
        held = []
        after.meeting_types = use.UserTypeMeetingTypes()
        after.supported_services = services_of([], site.types)
    elif not held and roles[0].attendee_only:
        held = granted_types(site.site, site.types)
    else:
        after.meeting_types = kept.meeting_types
        after.supported_services = kept.supported_services
    if held:
        after.meeting_types = use.UserTypeMeetingTypes(meeting_type=held)
        after.supported_services = services_of(held, site.types)
    if request.supported_services is not None and not roles[1].attendee_only:
        after.supported_services = merged(supported_services(context, after), request.supported_services)


def give_room(after: use.UserInstanceType, web_ex_id: str) -> None:
    """See to it that an account that may have a personal room has one."""
    if not after.privilege or not after.privilege.is_enable_pmr:
        return
    if not after.personal_url:
        after.personal_url = room_name(web_ex_id)
    room = after.personal_meeting_room
    if room is None or not room.access_code or not room.host_pin:
        after.personal_meeting_room = merged(new_room(), room)
