"""Accounts of a site and the short form of an account that every request reads."""

from __future__ import annotations

import msgspec


class User(msgspec.Struct):
    """An account of a site.

    `web_ex_id_key` and `email_key` are the casefolded forms by which accounts are found; each is unique in
    its site. `status` is ACTIVATED, DEACTIVATED or REQUEST_TO_ACTIVATE. `document` is JSON text of the
    remaining fields of the contract. `version` grows with every change of the row; `credential_version`
    with every change that makes proofs of identity given before worthless (password, status, roles).
    `personal_url` is the casefolded address of the personal room, unique in its site; None: there is none.
    Times are UTC epoch seconds.
    """

    site_id: int
    user_id: int
    web_ex_id: str
    web_ex_id_key: str
    email: str
    email_key: str
    first_name: str = ""
    last_name: str = ""
    password_hash: str = ""
    status: str = "ACTIVATED"
    locked: bool = False
    host: bool = True
    site_admin: bool = False
    ro_site_admin: bool = False
    attendee_only: bool = False
    time_zone_id: int = 4
    must_change_password: bool = False
    password_changed_at: int = 0
    expires_at: int | None = None
    document: str = "{}"
    version: int = 1
    credential_version: int = 1
    registered_at: int = 0
    last_login_at: int | None = None
    modified_at: int = 0
    personal_url: str | None = None


class Caller(msgspec.Struct, frozen=True):
    """The columns of an account that are needed to check a proof of identity and the caller's rights.

    Everything of `User` except the folded keys, the document and the times of registration and change.
    """

    site_id: int
    user_id: int
    web_ex_id: str
    email: str
    first_name: str
    last_name: str
    password_hash: str
    status: str
    locked: bool
    host: bool
    site_admin: bool
    ro_site_admin: bool
    attendee_only: bool
    time_zone_id: int
    must_change_password: bool
    password_changed_at: int
    expires_at: int | None
    version: int
    credential_version: int
    last_login_at: int | None = None


def is_usable(account: User | Caller, now: int) -> bool:
    """Whether somebody may sign in to an account at all, with the right proof; `now` in UTC epoch seconds."""
    expired = account.expires_at is not None and account.expires_at <= now
    return account.status == "ACTIVATED" and not account.locked and not expired


def may_hold(user: User) -> bool:
    """Whether somebody sees the pages of hosts: hosts, and administrators."""
    return (user.host and not user.attendee_only) or user.site_admin or user.ro_site_admin
