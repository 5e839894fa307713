"""Which lab a request names, and who may do what with labs.

Labs belong to the site. Hosts and administrators see and reserve them; administrators, and accounts with the privilege
labAdmin, make and change them.
"""

from __future__ import annotations

from parley.domain.labs import Lab
from parley.protocol import faults
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.services.values import given
from parley.store import labs, users


def check_offered(context: Context) -> None:
    """Refuse what has to do with labs on a site without them.

    Raises:
        Fault: 999999.
    """
    if not context.site.settings.labs.offered:
        raise faults.LABS_OFF()


async def is_lab_admin(context: Context) -> bool:
    """Whether the caller looks after the labs of the site."""
    caller = context.caller
    if caller.site_admin:
        return True
    user = await users.by_id(context.engine, caller.site_id, caller.user_id)
    privilege = profile_of(user).privilege if user is not None else None
    return privilege is not None and privilege.lab_admin is True


async def check_lab_admin(context: Context) -> None:
    """Refuse whoever does not look after the labs of the site.

    Raises:
        Fault: 999999 on a site without labs, 000001.
    """
    if not await is_lab_admin(context):
        raise faults.ACCESS_DENIED()
    check_offered(context)


async def named_lab(context: Context, name: str | None, path: str = "labName") -> Lab:
    """The lab with this name, whatever its letter case.

    Raises:
        Fault: 999999 without a name, or when no lab has it.
    """
    wanted = given(name)
    if wanted is None:
        raise faults.MISSING_ELEMENT(path=path)
    found = await labs.by_name(context.engine, context.site.site.site_id, name_key(wanted))
    if found is None:
        raise faults.UNKNOWN_LAB(path=path, lab=wanted.strip()[:80])
    return found


async def numbered_lab(context: Context, lab_id: int | None) -> Lab:
    """The lab with this number.

    Raises:
        Fault: 999999 without a number, or when no lab has it.
    """
    if lab_id is None:
        raise faults.MISSING_ELEMENT(path="labID")
    found = await labs.by_id(context.engine, context.site.site.site_id, lab_id)
    if found is None:
        raise faults.UNKNOWN_LAB(path="labID", lab=lab_id)
    return found


def name_key(name: str) -> str:
    """The form of a lab's name by which it is found."""
    return " ".join(name.split()).casefold()
