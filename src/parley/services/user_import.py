"""Making many accounts from a table, as `parley user import` does it.

The first row names the columns, each by the name of an element of use:userType (without letter case, blanks and
underscores), or by the label of one of the site's tracking codes. Every row is looked at for itself: one that is
refused does not stop the others.

Sources: facts/user-site.md 4 (CreateUser, tracking codes); the shape of the table is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.contract import common as com
from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.protocol import faults
from parley.services.accounts import NewAccount, check_password, create_account, new_account
from parley.services.application import Application
from parley.services.import_tables import Columns, Row, TableImporter, folded, read_rows
from parley.services.user.rules import profile_faults, tracking_faults
from parley.store import sites, users

ROLES: Final = ("host", "admin", "read-only admin", "attendee")
"""What the column `role` may say."""
_TRUE: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
#: Columns that say who it is; the first three must be there.
_IDENTITY: Final = ("email", "first_name", "last_name", "web_ex_id", "password", "role", "time_zone_id")
_REQUIRED: Final = _IDENTITY[:3]
#: Columns that go into the document of the account as they are, and those that stand in a group of it.
_TEXTS: Final = ("title", "company", "description", "personal_url", "language", "locale")
_PHONES: Final = ("phone", "mobile_phone", "fax", "pager")
_ADDRESS: Final = ("address1", "address2", "city", "state", "zip_code", "country")
_OTHERS: Final = ("language_id", "meeting_types", "must_change_password")
_CODES: Final = tuple(f"tracking_code_{number}" for number in range(1, 11))
COLUMNS: Final = (*_IDENTITY, *_TEXTS, *_PHONES, *_ADDRESS, *_OTHERS, *_CODES)
"""Every column that is known, apart from the labels of tracking codes."""


def read_table(
    content: bytes,
    site: Site,
    *,
    encoding: str | None = None,
    ignore_unknown: bool = False,
    most: int | None = None,
) -> list[Row]:
    """Read a table with commas, semicolons or tabs between its values.

    Args:
        encoding: its name as Python knows it; None for UTF-8, or UTF-16 with the mark that spreadsheets put in front.
        ignore_unknown: pass over columns that are not known.
        most: so many rows and one more are read; None: all.

    Raises:
        TableError: it cannot be read, a column is not known or stands twice, or one is missing.
    """
    known = {folded(name): name for name in COLUMNS}
    labels = {folded(code.name): f"tracking_code_{code.index}" for code in site.settings.tracking_codes}
    columns = Columns(
        {**labels, **known},
        [*COLUMNS, *(code.name for code in site.settings.tracking_codes)],
        _REQUIRED,
        ignore_unknown=ignore_unknown,
        most=most,
    )
    return read_rows(content, columns, encoding=encoding)


class Importer(TableImporter):
    """Makes the accounts of one table on one site.

    Args:
        dry_run: only look whether the accounts could be made.
        must_change: the passwords have to be changed at the first sign-in.
        skip_existing: pass over rows whose account is there already, with the same webExID and address.
    """

    at_once = 4  # hashing a password takes a core for a while

    def __init__(
        self,
        application: Application,
        site: Site,
        types: Mapping[int, SessionType],
        *,
        dry_run: bool = False,
        must_change: bool = False,
        skip_existing: bool = False,
    ) -> None:
        self._application = application
        self._site = site
        self._types = types
        self._dry_run = dry_run
        self._must_change = must_change
        self._skip_existing = skip_existing
        self._lines: dict[tuple[str, str], int] = {}
        self._new_hosts = 0

    @classmethod
    async def of(cls, application: Application, site: Site, **options: bool) -> Importer:
        """An importer for a site; the options are those of the constructor."""
        types = {each.type_id: each for each in await sites.types(application.engine, site.site_id)}
        return cls(application, site, types, **options)

    async def take(self, row: Row) -> bool:
        """Make the account of a row; False when it is there already and such rows are passed over."""
        self._check_twice(row)
        account, password = self._account(row)
        if self._skip_existing and await self._is_there(account):
            return False
        self._check(account, password)
        if self._dry_run:
            await self._check_free(account)
        else:
            await self._make(account, password)
        return True

    def _check_twice(self, row: Row) -> None:
        for name in ("web_ex_id", "email"):
            key = (name, row.values.get(name, "").casefold())
            first = self._lines.setdefault(key, row.line) if key[1] else row.line
            if first != row.line:
                raise faults.INVALID_VALUE(path=name, problem=f"line {first} has the same")

    def _account(self, row: Row) -> tuple[NewAccount, str]:
        values = row.values
        role = values.get("role", "host").casefold().replace("_", " ")
        if role not in ROLES:
            raise faults.INVALID_VALUE(path="role", problem=f"{', '.join(ROLES)} are known")
        managed = self._site.settings.control_hub
        account = NewAccount(
            web_ex_id=values.get("email" if managed else "web_ex_id", ""),
            email=values.get("email", ""),
            first_name=values.get("first_name", ""),
            last_name=values.get("last_name", ""),
            host=role != "attendee",
            site_admin=role == "admin",
            ro_site_admin=role == "read-only admin",
            attendee_only=role == "attendee",
            time_zone_id=_number(values, "time_zone_id"),
            must_change_password=_flag(values, "must_change_password", self._must_change),
            profile=self._profile(values),
        )
        return account, values.get("password", "")

    def _profile(self, values: Mapping[str, str]) -> use.UserType:
        types = _numbers(values, "meeting_types")
        if types is not None and (unknown := [each for each in types if each not in self._types]):
            raise faults.UNKNOWN_SESSION_TYPE(type_id=unknown[0], value=str(unknown[0]))
        language = values.get("language", "").upper() or None
        if language is not None and language not in com.LanguageType.values:
            raise faults.INVALID_VALUE(path="language", problem="there is no such language")
        texts: dict[str, Any] = {name: values.get(name) for name in _TEXTS}
        texts["language"] = language
        return use.UserType(
            **texts,
            language_id=_number(values, "language_id"),
            meeting_types=None if types is None else use.UserTypeMeetingTypes(meeting_type=types),
            phones=_group(settings.UserPhonesType, values, _PHONES),
            address=_group(com.AddressType, values, _ADDRESS),
            tracking=_group(com.TrackingType, values, _CODES),
        )

    def _check(self, account: NewAccount, password: str) -> None:
        """Look at everything that can be told without the store."""
        user = new_account(self._site, self._types, account, "", 0)
        said = account.profile or use.UserType()
        document = use.UserInstanceType(**{name: getattr(said, name) for name in use.UserType.__struct_fields__})
        blank = use.UserInstanceType()
        for fault in profile_faults(document, blank, blank, attendee_only=account.attendee_only):
            raise fault
        no_codes = com.TrackingType()
        for fault in tracking_faults(self._site.settings, no_codes, said.tracking, new=True, admin=True):
            raise fault
        _check_codes(said.tracking or no_codes)
        if password or not self._site.settings.control_hub:
            check_password(self._site, user, password)

    async def _is_there(self, account: NewAccount) -> bool:
        """Whether the account was made before, by an import that was broken off or by one of the same table."""
        key = account.web_ex_id.strip().casefold()
        present = await users.by_web_ex_id(self._application.engine, self._site.site_id, key)
        return present is not None and present.email_key == account.email.strip().casefold()

    async def _check_free(self, account: NewAccount) -> None:
        """Look at what the accounts that are there already leave room for."""
        engine, site_id = self._application.engine, self._site.site_id
        if await users.by_web_ex_id(engine, site_id, account.web_ex_id.casefold()) is not None:
            raise faults.WEB_EX_ID_TAKEN()
        if await users.by_email(engine, site_id, account.email.casefold()) is not None:
            raise faults.EMAIL_TAKEN()
        limit = self._site.settings.host_limit
        if limit is None or not account.host:
            return
        if await users.active_hosts(engine, site_id) + self._new_hosts >= limit:
            raise faults.HOST_LIMIT(limit=limit)
        self._new_hosts += 1

    async def _make(self, account: NewAccount, password: str) -> User:
        return await create_account(
            self._application,
            self._site.site_id,
            web_ex_id=account.web_ex_id,
            email=account.email,
            password=password,
            first_name=account.first_name,
            last_name=account.last_name,
            host=account.host,
            site_admin=account.site_admin,
            ro_site_admin=account.ro_site_admin,
            attendee_only=account.attendee_only,
            time_zone_id=account.time_zone_id,
            must_change_password=account.must_change_password,
            profile=account.profile,
        )


def _check_codes(codes: com.TrackingType) -> None:
    """The bounds that the decoder of requests looks at."""
    for element in com.TrackingType.__declaration__.elements:
        value = getattr(codes, element.attribute)
        if value is not None and element.max_length is not None and len(value) > element.max_length:
            raise faults.INVALID_VALUE(
                path=element.attribute, problem=f"at most {element.max_length} characters are allowed"
            )


def _group(cls: type[Any], values: Mapping[str, str], names: Sequence[str]) -> Any:
    found = {name: values[name] for name in names if name in values}
    return cls(**found) if found else None


def _flag(values: Mapping[str, str], name: str, default: bool) -> bool:
    if name not in values:
        return default
    known = _TRUE.get(values[name].casefold())
    if known is None:
        raise faults.INVALID_VALUE(path=name, problem="true or false is needed")
    return known


def _number(values: Mapping[str, str], name: str) -> int | None:
    numbers = _numbers(values, name)
    if numbers is not None and len(numbers) != 1:
        raise faults.INVALID_VALUE(path=name, problem="one number is needed")
    return None if numbers is None else numbers[0]


def _numbers(values: Mapping[str, str], name: str) -> list[int] | None:
    if name not in values:
        return None
    parts = values[name].replace(";", " ").replace(",", " ").split()
    if not all(part.isascii() and part.isdigit() and len(part) <= len("999999999") for part in parts) or not parts:
        raise faults.INVALID_VALUE(path=name, problem="a number is needed")
    return [int(part) for part in parts]
