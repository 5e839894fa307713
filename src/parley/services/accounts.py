"""Making accounts and changing their passwords, as the API, the command line and the demo site do it.

What lists search for and what sign-in needs are columns of the account; everything else of use:userType is its
document, with the values that new accounts of the real service were seen with.
Sources: facts/user-site.md 2 and 4 (GetUser, CreateUser), facts/holes.md (1).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from parley.contract import common as com
from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.domain import passwords, timezones
from parley.domain.identifiers import new_access_code, new_host_pin, new_user_id
from parley.domain.passwords import ACCOUNT_PASSWORD_LENGTH, Criteria, WebText
from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services import account_notices as notices
from parley.services.application import Application
from parley.services.password_changes import check_history, keep_former
from parley.services.profiles import profile_of
from parley.services.quotas import settle_quotas
from parley.services.records import merged
from parley.services.session_types import stored_type
from parley.services.values import is_email, is_visible
from parley.store import Changes, Conflict, Duplicate, Engine, sites, users

_TRIES: Final = 10
_LONGEST: Final = 64
#: No blanks, which clients lose, and no semicolon, which separates IDs in schedulingPermission.
_WEB_EX_ID: Final = re.compile(r"[^\s;]{1,64}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
#: Web ex IDs that can stand in the address of a personal room as they are.
_ROOM_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SERVICES: Final = {
    "MeetingCenter": "meeting_center",
    "TrainingCenter": "training_center",
    "SupportCenter": "support_center",
    "EventCenter": "event_center",
    "SalesCenter": "sales_center",
}


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an account that is to be made.

    Attributes:
        attendee_only: an account that cannot hold sessions; the three roles count for nothing then.
        time_zone_id: None for the site's.
        expires_at: UTC epoch seconds, or None.
        profile: further fields of the contract, laid over the defaults; its fields that are columns of the account
            (names, privilege/host and the like) are not looked at.
    """

    web_ex_id: str
    email: str
    first_name: str
    last_name: str
    host: bool = True
    site_admin: bool = False
    ro_site_admin: bool = False
    attendee_only: bool = False
    time_zone_id: int | None = None
    status: str = "ACTIVATED"
    must_change_password: bool = False
    expires_at: int | None = None
    profile: use.UserType | None = None


# --- the document ----------------------------------------------------------------------------------------------------

_OFF: Final = frozenset(
    {
        *("folder_read", "folder_write", "message_visible", "icon_select1", "icon_select2", "accept_link_request"),
        *("work_phone_callback", "cell_phone_callback", "fax_callback", "pager_callback"),
    }
)
#: What is kept of an account that nobody said anything else of (facts/user-site.md 4, the recorded answers). The
#: telephone privileges are off, since the site has no telephony; voice and video in the browser are on.
DEFAULT_PROFILE: Final = use.UserType(
    category_id=36,
    address=com.AddressType(address_type="PERSONAL"),
    comm_options=settings.CommOptionsType(**dict.fromkeys(settings.CommOptionsType.__struct_fields__, False)),
    options=settings.OptionsType(**{name: name not in _OFF for name in settings.OptionsType.__struct_fields__}),
    tracking=com.TrackingType(),
    service="FREE_OFFICE",
    privilege=settings.PrivilegeType(
        tele_conf_call_out=False,
        tele_conf_call_out_international=False,
        tele_conf_call_in=False,
        tele_conf_toll_free_call_in=False,
        voice_over_ip=True,
        lab_admin=False,
        other_telephony=False,
        tele_conf_call_in_international=False,
        recording_editor=True,
        meeting_assist=False,
        allow_ext_attendees=True,
        hq_video=True,
        hd_video=True,
        is_enable_cet=False,
        is_enable_pmr=False,
    ),
    default_call_in=use.UserTypeDefaultCallIn(),
    my_web_ex=settings.MywebexType(
        is_my_web_ex_pro=False,
        my_contact=False,
        my_profile=False,
        my_meetings=True,
        my_folders=False,
        training_recordings=False,
        recorded_events=False,
        total_storage_size=0,
        my_reports=False,
        my_computer=0,
        personal_meeting_room=False,
        my_partner_links=False,
        my_workspaces=False,
        additional_recording_storage=0,
    ),
    personal_teleconf=use.UserTypePersonalTeleconf(join_before_host=False),
    video_systems=use.UserTypeVideoSystems(),
    support_center=use.UserTypeSupportCenter(service_desk=use.UserTypeSupportCenterServiceDesk(enable=False)),
    web_acd_prefs=use.UserTypeWebACDPrefs(is_agent=False, is_mgr=False),
)


def language_id(language: str) -> int:
    """languageID of a language: its place in com:languageType, which fits the two known ones (ENGLISH 1, GERMAN 9)."""
    known = com.LanguageType.values
    return known.index(language) + 1 if language in known else 1


def offered_types(site: Site, types: Mapping[int, SessionType]) -> list[int]:
    """The active session types of a site, the default one first and the others by number.

    Programs schedule with the first type of GetUser (facts/user-site.md 8), so that has to be the usual one.
    """
    default = site.settings.default_session_type
    active = [type_id for type_id, each in sorted(types.items()) if each.active]
    return sorted(active, key=lambda type_id: type_id != default)


def granted_types(site: Site, types: Mapping[int, SessionType]) -> list[int]:
    """The session types that an account gets when nobody names any: those offered to any number of accounts."""
    return [type_id for type_id in offered_types(site, types) if stored_type(types[type_id]).max_holders is None]


def has_service(profile: use.UserType | use.UserInstanceType, service: str) -> bool:
    """Whether an account may use a service, as supportedServices says; where that says nothing it may."""
    services = profile.supported_services
    return services is None or getattr(services, _SERVICES[service]) is not False


def services_of(held: list[int], types: Mapping[int, SessionType]) -> settings.SupportedServicesType:
    """supportedServices of an account that holds these session types."""
    offered = {types[type_id].service for type_id in held if type_id in types}
    return settings.SupportedServicesType(**{name: service in offered for service, name in _SERVICES.items()})


def _default_profile(site: Site, types: Mapping[int, SessionType], account: NewAccount) -> use.UserType:
    """The document of a new account as far as it depends on site and account."""
    held = [] if account.attendee_only else granted_types(site, types)
    default = held[0] if held else None
    service = types[default].service if default is not None else "MeetingCenter"
    profile = msgspec.structs.replace(
        DEFAULT_PROFILE,
        meeting_types=use.UserTypeMeetingTypes(meeting_type=held),
        supported_services=services_of(held, types),
        language=site.settings.language,
        language_id=language_id(site.settings.language),
        locale=site.settings.locale,
        session_options=settings.SessionOptionsType(
            default_session_type=default,
            default_service_type=service,
            auto_delete_after_meeting_end=False,
            display_quick_start_host=True,
            display_quick_start_attendees=False,
        ),
    )
    if account.attendee_only:
        return profile
    if not site.settings.personal_rooms:
        return profile
    privilege = msgspec.structs.replace(profile.privilege or settings.PrivilegeType(), is_enable_pmr=True)
    return msgspec.structs.replace(
        profile,
        privilege=privilege,
        personal_url=room_name(account.web_ex_id.strip()),
        personal_meeting_room=new_room(),
    )


def new_room() -> settings.PersonalMeetingRoomType:
    """A personal room with its codes drawn (facts/user-site.md 4, the values of recorded answers)."""
    return settings.PersonalMeetingRoomType(
        access_code=new_access_code(),
        host_pin=new_host_pin(),
        apply_pmr_for_instant_meeting=True,
        pmr_auto_lock=False,
        pmr_auto_lock_wait_time=0,
        pr_notifications=settings.PersonalMeetingRoomTypePRNotifications(mode="EMAIL"),
    )


def room_name(web_ex_id: str) -> str:
    """personalUrl of a new account: its webExID, or where that does not fit into an address, `pr` and 13 digits."""
    name = web_ex_id.casefold()
    return name if _ROOM_NAME.fullmatch(name) else numbered_room()


def numbered_room() -> str:
    """A personalUrl that nobody has: `pr` and 13 digits, as seen in answers (facts/user-site.md 4)."""
    return f"pr{10**12 + secrets.randbelow(9 * 10**12)}"


def is_room_name(text: str) -> bool:
    """Whether a text can stand in the address of a personal room."""
    return _ROOM_NAME.fullmatch(text.casefold()) is not None


def room_key(profile: use.UserType) -> str | None:
    """What the address of a personal room is unique by; None for an account without one."""
    return (profile.personal_url or "").strip().casefold() or None


def number_key(profile: use.UserType) -> str | None:
    """What the profile number on the conference server is unique by; None for an account without one."""
    return (profile.mp_profile_number or "").strip().casefold() or None


def write_profile(profile: use.UserType | use.UserInstanceType) -> str:
    """The text for the document column: everything but what has columns or tables of its own, or is never kept."""
    privilege = profile.privilege and msgspec.structs.replace(
        profile.privilege, host=None, site_admin=None, ro_site_admin=None, attendee_only=None
    )
    kept = msgspec.structs.replace(
        profile,
        first_name=None,
        last_name=None,
        web_ex_id=None,
        email=None,
        password=None,
        expiration_date=None,
        time_zone_id=None,
        time_zone=None,
        time_zone_with_dst=None,
        scheduling_permission=None,
        active=None,
        security=None,
        privilege=privilege,
    )
    return msgspec.json.encode(kept).decode()


# --- new accounts ----------------------------------------------------------------------------------------------------


def new_account(
    site: Site, types: Mapping[int, SessionType], account: NewAccount, password_hash: str, now: int
) -> User:
    """The row of a new account, not yet in the store.

    Args:
        types: the site's session types by number; a host holds all of them unless the profile names some.
        now: UTC epoch seconds.

    Raises:
        Fault: a value that no account can have (030009 for a missing one, 030062 for the e-mail address).
    """
    web_ex_id, email = account.web_ex_id.strip(), account.email.strip()
    first_name, last_name = account.first_name.strip(), account.last_name.strip()
    for fault in identity_faults(web_ex_id, email, first_name, last_name):
        raise fault
    profile = _default_profile(site, types, account)
    if account.profile is not None:
        profile = _laid_over(profile, account.profile, types)
    attendee_only = account.attendee_only
    return User(
        site_id=site.site_id,
        user_id=new_user_id(),
        web_ex_id=web_ex_id,
        web_ex_id_key=web_ex_id.casefold(),
        email=email,
        email_key=email.casefold(),
        first_name=first_name,
        last_name=last_name,
        password_hash=password_hash,
        status=account.status,
        host=account.host and not attendee_only,
        site_admin=account.site_admin and not attendee_only,
        ro_site_admin=account.ro_site_admin and not attendee_only,
        attendee_only=attendee_only,
        time_zone_id=_zone(site, account.time_zone_id),
        must_change_password=account.must_change_password,
        password_changed_at=now,
        expires_at=account.expires_at,
        document=write_profile(profile),
        registered_at=now,
        modified_at=now,
        personal_url=room_key(profile),
    )


def _laid_over(profile: use.UserType, said: use.UserType, types: Mapping[int, SessionType]) -> use.UserType:
    """The defaults with what was said; services follow from session types, language and languageID from each other."""
    said = use.UserType(**{name: getattr(said, name) for name in use.UserType.__struct_fields__})
    if said.meeting_types is not None and said.supported_services is None:
        said.supported_services = services_of(said.meeting_types.meeting_type, types)
    languages = com.LanguageType.values
    if said.language and said.language_id is None:
        said.language_id = language_id(said.language)
    elif said.language_id is not None and not said.language and 0 < said.language_id <= len(languages):
        said.language = languages[said.language_id - 1]
    return merged(profile, said) or profile


def identity_faults(web_ex_id: str, email: str, first_name: str, last_name: str) -> Iterator[Fault]:
    """What is wrong with the values that every account must have, at most one fault for each of them."""
    for path, value in (("webExId", web_ex_id), ("email", email), ("firstName", first_name), ("lastName", last_name)):
        if path == "webExId" and value == email and not is_email(email):
            continue  # where the ID is the address, what is wrong is the address
        if not is_visible(value):
            yield faults.ACCOUNT_VALUE_MISSING(path=path)
        elif _CONTROL.search(value):
            yield faults.INVALID_VALUE(path=path, problem="line breaks and control characters are not allowed")
        elif path == "webExId" and not (_WEB_EX_ID.fullmatch(web_ex_id) and web_ex_id.isprintable()):
            yield faults.INVALID_VALUE(
                path=path, problem=f"at most {_LONGEST} characters are allowed, and no blanks or semicolons"
            )
        elif path == "email" and not is_email(email):
            yield faults.INVALID_EMAIL(path=path)
        elif path in ("firstName", "lastName") and len(value) > _LONGEST:
            yield faults.INVALID_VALUE(path=path, problem=f"at most {_LONGEST} characters are allowed")


def _zone(site: Site, zone_id: int | None) -> int:
    if zone_id is None or zone_id == -1:
        return site.settings.default_time_zone_id
    known = timezones.known_zone_id(zone_id)
    if known is None:
        raise faults.INVALID_VALUE(path="timeZoneID", problem=f"there is no time zone {zone_id}; see LstTimeZone")
    return known


async def create_account(
    application: Application,
    site_id: int,
    *,
    web_ex_id: str,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    host: bool = True,
    site_admin: bool = False,
    ro_site_admin: bool = False,
    attendee_only: bool = False,
    time_zone_id: int | None = None,
    must_change_password: bool = False,
    profile: use.UserType | None = None,
) -> User:
    """Make an account with a password and keep it. The arguments are those of `NewAccount`.

    On a site that Control Hub manages the webExID is the e-mail address, and an account may be made without a
    password: then it gets one that nobody knows, and an activation mail is queued with it.

    Raises:
        Fault: there is no such site, a value or the password is not allowed, webExID (030004) or e-mail address
            (030005) are taken, or the site has all the hosts it may have (030010).
    """
    site, types = await _site(application, site_id)
    managed = site.settings.control_hub
    account = NewAccount(
        web_ex_id=email if managed else web_ex_id,
        email=email,
        first_name=first_name,
        last_name=last_name,
        host=host,
        site_admin=site_admin,
        ro_site_admin=ro_site_admin,
        attendee_only=attendee_only,
        time_zone_id=time_zone_id,
        must_change_password=must_change_password,
        profile=profile,
    )
    user = new_account(site, types, account, "", application.clock.now())
    if password or not managed:
        check_password(site, user, password)
    await check_host_limit(application.engine, Changes(), site, None, user)
    user.password_hash = await application.passwords.hash_in_background(password or random_password(site, user))
    return await _kept(application.engine, site, types, user, activation=managed and not password)


async def _site(application: Application, site_id: int) -> tuple[Site, dict[int, SessionType]]:
    site = await sites.by_id(application.engine, site_id)
    if site is None:
        raise faults.UNKNOWN_SITE()
    return site, {each.type_id: each for each in await sites.types(application.engine, site_id)}


async def _kept(engine: Engine, site: Site, types: Mapping[int, SessionType], user: User, *, activation: bool) -> User:
    for _ in range(_TRIES):
        changes = Changes()
        await check_host_limit(engine, changes, site, None, user)
        await settle_quotas(engine, changes, site, types, None, user)
        users.create(changes, user)
        if activation:
            notices.activation(changes, user, user.registered_at, language_id=profile_of(user).language_id)
        try:
            await engine.commit(changes)
        except Conflict:  # somebody took the last host account
            continue
        except Duplicate as taken:
            if "web_ex_id_key" in taken.columns:
                raise faults.WEB_EX_ID_TAKEN() from None
            if "email_key" in taken.columns:
                raise faults.EMAIL_TAKEN() from None
            if "personal_url" in taken.columns:
                user = _moved(user, numbered_room())
            else:
                user.user_id = new_user_id()  # the number was drawn twice
        else:
            return user
    raise Conflict


def _moved(user: User, room: str) -> User:
    """The account with another address for its personal room."""
    profile = msgspec.json.decode(user.document, type=use.UserInstanceType)
    document = write_profile(msgspec.structs.replace(profile, personal_url=room))
    return msgspec.structs.replace(user, document=document, personal_url=room)


async def check_host_limit(engine: Engine, changes: Changes, site: Site, before: User | None, after: User) -> None:
    """See to it that an account which becomes an activated host is not one too many, whoever else writes.

    Args:
        changes: what makes the account so; it gets the condition that there is room left.
        before: the account so far, None for a new one.

    Raises:
        Fault: 030010.
    """
    limit = site.settings.host_limit
    if limit is None or not _is_active_host(after) or (before is not None and _is_active_host(before)):
        return
    present = await users.active_hosts(engine, site.site_id)
    if present >= limit:
        raise faults.HOST_LIMIT(limit=limit)
    if present:
        users.need_room(changes, site.site_id, limit)


def _is_active_host(user: User) -> bool:
    return user.host and user.status == "ACTIVATED"


# --- passwords -------------------------------------------------------------------------------------------------------


def check_password(site: Site, user: User, password: str) -> None:
    """Check the password of an account against the site's criteria, if the site is strict about them.

    Raises:
        Fault: which rules are broken; an empty password and forbidden characters are refused on every site.
    """
    if not password:
        raise faults.ACCOUNT_VALUE_MISSING(path="password")
    rules = Criteria()
    if site.settings.strict_user_passwords:
        rules = site.settings.account_password_criteria
    broken = passwords.violations(password, rules, web_text(site, user), longest=ACCOUNT_PASSWORD_LENGTH)
    if broken:
        raise faults.weak_account_password([(each.fault.value, each.limit) for each in broken])


def random_password(site: Site, user: User) -> str:
    """A password nobody knows that keeps the site's rules."""
    criteria = site.settings.account_password_criteria
    try:
        return passwords.generate_password(criteria, web_text(site, user), longest=ACCOUNT_PASSWORD_LENGTH)
    except passwords.CriteriaError:  # the rules contradict each other; then no password keeps them
        return secrets.token_urlsafe(24)


def web_text(site: Site, user: User) -> WebText:
    """What stands on the pages of an account, so that its password may not be made of it."""
    return WebText(
        site=(site.name, *site.settings.brand_names),
        account=(user.web_ex_id, user.first_name, user.last_name, user.email),
    )


async def set_password(application: Application, site_id: int, web_ex_id: str, password: str) -> User:
    """Give an account another password; all session tickets of the account end.

    Raises:
        Fault: there is no such site or account (030001), or the password is not allowed or was used before.
        Conflict: the account is being changed all the time.
    """
    engine, now = application.engine, application.clock.now()
    site, _ = await _site(application, site_id)
    password_hash = None
    for _ in range(_TRIES):
        user = await users.by_web_ex_id(engine, site_id, web_ex_id.strip().casefold())
        if user is None:
            raise faults.UNKNOWN_USER()
        check_password(site, user, password)
        await check_history(application, site, user, password)
        if password_hash is None:
            password_hash = await application.passwords.hash_in_background(password)
        changed = msgspec.structs.replace(
            user,
            password_hash=password_hash,
            password_changed_at=now,
            must_change_password=False,
            credential_version=user.credential_version + 1,
            modified_at=now,
        )
        changes = Changes()
        stored = users.update_user(changes, user, changed)
        await keep_former(engine, changes, site, user)
        try:
            await engine.commit(changes)
        except (Conflict, Duplicate):
            continue
        return stored
    raise Conflict
