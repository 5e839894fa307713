"""Who calls: finds the site and the account that a securityContext names and checks its proof.

Sources: facts/protocol.md "securityContext", facts/user-site.md 2, facts/clients.md 10.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from parley.contract.service import SecurityContextType
from parley.domain.addresses import network_of
from parley.domain.session import HostedSession
from parley.domain.site import Site
from parley.domain.user import Caller
from parley.protocol import faults
from parley.protocol.codec import Problems, decoder
from parley.protocol.credentials import TICKET_SECONDS, Overloaded
from parley.protocol.versions import LEVELS
from parley.services.application import Application
from parley.services.context import Context, Named
from parley.services.identity.claims import Claim
from parley.services.known_sites import KnownSite
from parley.services.locking import after_lock, note_right_password, note_wrong_password
from parley.services.password_changes import stale_password
from parley.services.roles import Rights
from parley.store import sessions, sites, users

if TYPE_CHECKING:
    from parley.services.dispatcher import FormCredentials

#: A siteID in a form field; longer ones are no site's.
_NUMBER: Final = re.compile("[0-9]{1,18}")
_read_security_context: Final = decoder(SecurityContextType, LEVELS[-1])


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request says of its site and caller; empty values are None.

    Attributes:
        host_label: first label of the host name that the request was sent to, for requests that name no site.
        address: the client's address, for the brake on guessing.
    """

    site_name: str | None
    site_id: int | None
    host_label: str | None
    web_ex_id: str | None
    email: str | None
    # never in a log, which shows the values of variables where something went wrong
    password: str | None = field(repr=False)
    ticket: str | None = field(repr=False)
    access_token: str | None = field(repr=False)
    address: str

    @property
    def names_nobody(self) -> bool:
        """Whether there is no account to look for."""
        return not self.web_ex_id and not self.email

    @property
    def has_proof(self) -> bool:
        """Whether a password, ticket or token came along."""
        return bool(self.password or self.ticket or self.access_token)


def read_credentials(
    security_context: Any | None, form: FormCredentials | None, scope: MutableMapping[str, Any]
) -> Credentials:
    """Read a securityContext element, with form fields for what it lacks.

    Problems of single values (a siteID that is no number) count as absent: clients send empty or odd ones beside the
    value that matters.
    """
    if security_context is None:
        sent = SecurityContextType()
    else:
        sent = _read_security_context(security_context, Problems())
    site_id = sent.site_id
    if site_id is None and form is not None and form.site_id and _NUMBER.fullmatch(form.site_id):
        site_id = int(form.site_id)
    user = sent.web_ex_id or (form.user if form else None)
    password = sent.password or (form.password if form else None)
    return Credentials(
        site_name=_folded(sent.site_name),
        site_id=site_id,
        host_label=_host_label(scope),
        web_ex_id=_folded(user),
        email=_folded(sent.email),
        password=password or None,
        ticket="".join(sent.session_ticket.split()) if sent.session_ticket else None,
        access_token=sent.web_ex_access_token or None,
        address=_address(scope),
    )


def _folded(text: str | None) -> str | None:
    return (text.strip().casefold() or None) if text else None


def _host_label(scope: MutableMapping[str, Any]) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"host":
            label: str = value.decode("latin-1").split(".", 1)[0].casefold()
            return label or None
    return None


def _address(scope: MutableMapping[str, Any]) -> str:
    client = scope.get("client")
    return network_of(str(client[0])) if client else "local"


async def find_site(application: Application, credentials: Credentials) -> KnownSite:
    """The site of a request: by siteName, else siteID, else the first label of the host name, else the default site.

    The copy may be older than the site's row; `identify` notices.

    Raises:
        Fault: no such site.
    """
    site = None
    if credentials.site_name is not None:
        site = await application.sites.by_name(credentials.site_name)
    elif credentials.site_id is not None:
        site = await application.sites.by_id(credentials.site_id)
    elif credentials.host_label is not None:
        site = await application.sites.by_name(credentials.host_label)
    if site is None and credentials.site_name is None and credentials.site_id is None:
        default = application.config.default_site
        site = await application.sites.by_name(default) if default else None
    if site is None:
        raise faults.UNKNOWN_SITE()
    return site


async def identify(
    application: Application,
    known: KnownSite,
    credentials: Credentials,
    key: int | str | None,
    rights: Rights,
    *,
    with_account: bool = False,
    subject_key: str | None = None,
) -> Context | None:
    """Prove the caller and make the context of the operation; None when the site changed since it was read.

    Account and session come in one read, so that a changed password, a lock or a deactivation holds from the next
    request on, in every process.

    Args:
        key: of the session that the request names.
        with_account: the context is to have all of the caller's account.
        subject_key: casefolded webExID of an account that the context is to have, when no session is named.

    Raises:
        Fault: unknown user, wrong proof, account that may not be used, or one without access to the operation.
    """
    site = known.site
    version, caller, session, account, subject, claim = None, None, None, None, None, None
    if credentials.names_nobody and _counts_token(site, credentials):
        if await _version(application, site) != site.version:
            await application.sites.reload(site.site_id)
            return None
        claim = await application.vouchers.token(site, credentials.access_token or "", application.clock.now())
        credentials = _named_by(claim, credentials)
    anonymous = credentials.names_nobody or (rights.nobody and not credentials.has_proof)
    if anonymous:
        if not rights.nobody:
            raise faults.NO_SECURITY_CONTEXT()
        version = await _version(application, site)
        if key is not None:
            session = await _session(application, site, key)
    else:
        login = {"web_ex_id_key": credentials.web_ex_id, "email_key": credentials.email}
        if subject_key is not None:
            found = await users.caller_and_subject(application.engine, site.site_id, subject_key, **login)
        else:
            found = await users.caller_and_session(
                application.engine,
                site_id=site.site_id,
                session_key=key if isinstance(key, int) else None,
                session_uuid=key if isinstance(key, str) else None,
                whole=with_account,
                **login,
            )
        if found is not None:
            version, caller, session = found.site_version, found.caller, found.session
            account, subject = found.account, found.subject
    if version != site.version:
        await application.sites.reload(site.site_id)
        return None
    if not site.active:
        raise faults.INACTIVE_SITE()
    if not anonymous:
        proven = await _prove(application, site, credentials, caller, claim)
        caller = await after_lock(application, site, proven)
        if caller is not proven:  # the account was changed
            account, subject = None, None
        _check_account(caller, application.clock.now())
        if not rights.renews_password:
            check_password_age(caller, site, application.clock.now())
        if not rights.admit(caller):
            raise faults.ACCESS_DENIED()
    return Context(
        application, known, caller, session, Named(credentials.web_ex_id, credentials.email), account, subject
    )


async def vouched_caller(context: Context, claim: Claim) -> Caller:
    """The account that a proof in the body of a request names.

    Raises:
        Fault: there is none, it is not the one that the request names, or it may not be used.
    """
    caller = await vouched_account(context.application, context.site.site, claim, context.named)
    check_password_age(caller, context.site.site, context.now)
    return caller


async def vouched_account(application: Application, site: Site, claim: Claim, named: Named | None = None) -> Caller:
    """The account that a proof names; whether its password has to be changed is not looked at.

    Args:
        named: whom the request names besides; None: nobody.

    Raises:
        Fault: there is none, it is not the one that the request names, or it may not be used.
    """
    found = await users.caller_and_session(
        application.engine,
        site_id=site.site_id,
        web_ex_id_key=claim.key if claim.by == "webExID" else None,
        email_key=claim.key if claim.by == "email" else None,
    )
    caller = found.caller if found else None
    if caller is None:
        raise faults.NO_ACCOUNT_OF_PROOF()
    if named is not None and not _is_named(named, caller):
        raise faults.PROOF_OF_SOMEBODY_ELSE()
    caller = await after_lock(application, site, caller)
    _check_account(caller, application.clock.now())
    return caller


def _is_named(named: Named, caller: Caller) -> bool:
    """Whether a request may mean this account: a webExID counts before an e-mail address, and it may name none."""
    if named.web_ex_id is not None:
        return Claim("webExID", named.web_ex_id).fits(caller)
    return named.email is None or Claim("email", named.email).fits(caller)


def _named_by(claim: Claim, credentials: Credentials) -> Credentials:
    """The credentials of a request that leaves it to its token to say who calls."""
    if claim.by == "webExID":
        return replace(credentials, web_ex_id=claim.key)
    return replace(credentials, email=claim.key)


def _counts_token(site: Site, credentials: Credentials) -> bool:
    """Whether the access token of a request is its proof: in place of a password, where the site has an issuer."""
    return credentials.access_token is not None and credentials.ticket is None and bool(site.settings.openid.issuer)


async def _session(application: Application, site: Site, key: int | str) -> HostedSession | None:
    if isinstance(key, int):
        return await sessions.by_key(application.engine, site.site_id, key)
    return await sessions.by_uuid(application.engine, site.site_id, key)


async def _version(application: Application, site: Site) -> int | None:
    current = await sites.by_id(application.engine, site.site_id)
    return None if current is None else current.version


async def _prove(
    application: Application, site: Site, credentials: Credentials, caller: Caller | None, claim: Claim | None
) -> Caller:
    """The caller, once proven; an unknown account takes as long to refuse as a wrong password."""
    if credentials.ticket is not None:
        _check_ticket(application, site, credentials.ticket, caller)
    elif _counts_token(site, credentials):
        if claim is None:
            claim = await application.vouchers.token(site, credentials.access_token or "", application.clock.now())
        if caller is not None and not claim.fits(caller):
            raise faults.PROOF_OF_SOMEBODY_ELSE()
    elif credentials.password is not None:
        if site.settings.saml.refuse_passwords:
            raise faults.PASSWORDS_REFUSED()
        await _check_password(application, site, credentials, caller)
    elif credentials.access_token is not None:
        raise faults.INVALID_ACCESS_TOKEN()
    else:
        raise faults.NO_SECURITY_CONTEXT()
    if caller is None:
        raise faults.UNKNOWN_USER()
    return caller


def _check_ticket(application: Application, site: Site, ticket: str, caller: Caller | None) -> None:
    read = application.tickets.read(ticket)
    if read is None or caller is None:
        raise faults.INVALID_TICKET()
    site_id, user_id, version, created_ms = read
    age_ms = application.clock.now_ms() - created_ms
    if (
        site_id != site.site_id
        or user_id != caller.user_id
        or version != caller.credential_version
        or not -60_000 <= age_ms <= TICKET_SECONDS * 1000
    ):
        raise faults.INVALID_TICKET()


async def _check_password(
    application: Application, site: Site, credentials: Credentials, caller: Caller | None
) -> None:
    password = credentials.password or ""
    password_hash = caller.password_hash if caller else None
    # Looking for accounts is slowed like guessing at one, so an unknown account is never answered from memory.
    good = application.passwords.remembered(password_hash, password) if password_hash is not None else None
    if good is None:
        good = await _verified(application, site, credentials, caller, password)
    if not good and caller is not None:
        raise faults.WRONG_PASSWORD()


async def _verified(
    application: Application, site: Site, credentials: Credentials, caller: Caller | None, password: str
) -> bool:
    """Compute whether the password is right, as slowly as the brake wants it.

    A program that sends the same wrong password over and over, or over many connections at once, made one guess.
    """
    password_hash = caller.password_hash if caller else None
    # An account is the same one by any of its names.
    who = caller.user_id if caller else f"?{credentials.web_ex_id or credentials.email}"
    account = f"{site.site_id}/{who}"
    address = f"{site.site_id}@{credentials.address}"
    try:
        await application.brake.wait(account, address)
        guessed = not application.passwords.is_running(password_hash, password)
        good = await application.passwords.verify(password_hash, password)
    except Overloaded:
        raise faults.BUSY() from None
    if good:
        application.brake.succeeded(account)
    elif guessed:
        application.brake.failed(account, address)
    if caller is not None and good:
        await note_right_password(application, site, caller)
    elif caller is not None and guessed:
        await note_wrong_password(application, site, caller)
    return good


def _check_account(caller: Caller, now: int) -> None:
    """Whether an account whose proof was right may be used."""
    if caller.status != "ACTIVATED":
        raise faults.ACCOUNT_NOT_ACTIVE()
    if caller.locked:
        raise faults.ACCOUNT_LOCKED()
    if caller.expires_at is not None and caller.expires_at <= now:
        raise faults.ACCOUNT_EXPIRED()


def check_password_age(caller: Caller, site: Site, now: int) -> None:
    """Whether the caller's password has to be changed before anything else is done.

    Raises:
        Fault: 030029 for a forced change, 030031 for a password that is too old.
    """
    stale = stale_password(caller, site.settings, now)
    if stale is not None:
        raise stale
