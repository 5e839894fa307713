"""What users who are no administrators may change of their own accounts.

Sources: facts/user-site.md 4 (SetUser: other users for themselves), facts/versions.md 42.2.0 (first, last and display
name). The rest is chosen: what an administrator grants (roles, privileges, session types, services, state, expiry,
security) is not the user's to change; a request that says what is so already is let pass, since programs send back
whole accounts with one value changed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from parley.contract import user as use
from parley.domain.site import Site
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.versions import Level
from parley.services.context import Context
from parley.services.user.document import display_name, effective_profile, held_types, supported_services

_NAMES_SINCE: Final = Level.parse("42.2.0")
_COLUMNS: Final = (
    *("status", "locked", "host", "site_admin", "ro_site_admin", "attendee_only", "expires_at"),
    "must_change_password",
)
_SECTIONS: Final = ("category_id", "service", "privilege", "my_web_ex", "web_acd_prefs", "mp_profile_number")


def check_own_changes(context: Context, request: use.CreateUser | use.SetUser, before: User, after: User) -> None:
    """Whether the caller may change the account so; administrators may change everything but their own hold on it.

    Raises:
        Fault: 000001; 030103 and 030105 for what Control Hub keeps to itself.
    """
    _check_managed(context, before, after)
    caller = context.caller
    if caller.site_admin:
        if caller.user_id == before.user_id and (not after.site_admin or after.locked or after.status != "ACTIVATED"):
            raise faults.ACCESS_DENIED()
        return
    kept, wanted = effective_profile(before), effective_profile(after)
    changed = any(getattr(before, name) != getattr(after, name) for name in _COLUMNS if name != "must_change_password")
    changed = changed or (after.must_change_password and not before.must_change_password)
    changed = changed or any(getattr(kept, name) != getattr(wanted, name) for name in _SECTIONS)
    changed = changed or set(held_types(context, kept)) != set(held_types(context, wanted))
    changed = changed or supported_services(context, kept) != supported_services(context, wanted)
    changed = changed or _branding(kept) != _branding(wanted)
    changed = changed or bool(request.security and request.security.reset_password)
    if changed or not _names_allowed(context, before, after, kept, wanted):
        raise faults.ACCESS_DENIED()


def _check_managed(context: Context, before: User, after: User) -> None:
    """What SetUser cannot do on a site that Control Hub manages (facts/user-site.md 5, codes of section 2).

    Which roles are meant is not known: those of administrators are chosen, since Control Hub appoints them. Who never
    signed in counts as not verified.
    """
    if not context.site.settings.control_hub:
        return
    if (before.site_admin, before.ro_site_admin) != (after.site_admin, after.ro_site_admin):
        raise faults.ROLE_NOT_ASSIGNABLE()
    if before.status != after.status == "ACTIVATED" and before.last_login_at is None:
        raise faults.PROFILE_REFUSED()


def _branding(profile: use.UserInstanceType) -> bool:
    room = profile.personal_meeting_room
    return bool(room and room.header_image_branding)


def _names_allowed(
    context: Context, before: User, after: User, kept: use.UserInstanceType, wanted: use.UserInstanceType
) -> bool:
    settings = context.site.settings
    if after.web_ex_id != before.web_ex_id and not (settings.change_user_name or settings.control_hub):
        return False
    if (before.personal_url or "") != (after.personal_url or "") and not settings.change_personal_url:
        return False
    open_to_all = open_names(context.site.site)
    if settings.control_hub or all(open_to_all):
        return True
    own_display = kept.display_name or wanted.display_name
    displays = not own_display or display_name(before, kept) == display_name(after, wanted)
    return (
        (open_to_all.first or before.first_name == after.first_name)
        and (open_to_all.last or before.last_name == after.last_name)
        and (open_to_all.display or displays)
    )


class OpenNames(NamedTuple):
    """Which of their names users may change by themselves."""

    first: bool = True
    last: bool = True
    display: bool = True


def open_names(site: Site) -> OpenNames:
    """What a site lets users change of their names (facts/versions.md 42.2.0); where Control Hub keeps them, none."""
    settings = site.settings
    if settings.control_hub:
        return OpenNames(first=False, last=False, display=False)
    if not settings.customize_profile_fields or Level.parse(site.level) < _NAMES_SINCE:
        return OpenNames()
    return OpenNames(
        settings.allow_change_first_name, settings.allow_change_last_name, settings.allow_change_display_name
    )


def without_foreign_fields(context: Context, request: use.CreateUser | use.SetUser) -> None:
    """On a site that Control Hub manages, take out of a request what is not the API's to set (facts/user-site.md 5).

    Raises:
        Fault: 030103, a new account is to be an administrator's.
    """
    if not context.site.settings.control_hub:
        return
    request.password = None
    if request.security is not None:
        request.security = msgspec.structs.replace(request.security, reset_password=None)
    if isinstance(request, use.SetUser):
        request.first_name = request.last_name = request.new_web_ex_id = None
        request.phones = None
        return
    request.active = None
    request.send_welcome = None
    if request.privilege is not None and (request.privilege.site_admin or request.privilege.ro_site_admin):
        raise faults.ROLE_NOT_ASSIGNABLE()
