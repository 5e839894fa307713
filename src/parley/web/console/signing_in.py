"""Signing in and out, and passwords: forgotten, due, or just another one.

Passwords are proven by the operation AuthenticateUser and changed by SetUser, so all that holds for programs holds
here: the brake on guessing, locks, expiry, the site's rules. What an answer says never depends on whether there is an
account.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import structlog
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from parley.contract.user import SetUser
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services import password_links
from parley.services.identity import code_flow
from parley.services.password_changes import stale_password
from parley.services.sign_outs import sign_out_everywhere
from parley.services.signin import Credentials
from parley.store import StoreUnavailable, users
from parley.web import going_on
from parley.web.console.fields import problem_text
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.visits import Visit

_DUE: Final = frozenset({faults.PASSWORD_MUST_CHANGE.code, faults.PASSWORD_EXPIRED.code})
_UNKNOWN: Final = frozenset({faults.UNKNOWN_USER.code, faults.WRONG_PASSWORD.code})
#: Below this address people sign in by the issuer of the site, and this cookie keeps what they began.
_OPENID: Final = "sign-in/openid"
_BEGUN: Final = "parley_openid"
_SIGNED_OUT: Final = ("signed-out", "signed-out-everywhere")

_log = structlog.get_logger("parley.web")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What is said of an account that may not be used; only whoever knows its password learns it.
_REFUSALS: Final = {
    faults.ACCOUNT_LOCKED.code: _("This account is locked. Wait half an hour, or ask your administrator."),
    faults.ACCOUNT_EXPIRED.code: _("This account has expired. Ask your administrator."),
    faults.ACCOUNT_NOT_ACTIVE.code: _("This account is not active. Ask your administrator."),
    faults.NO_ACCOUNT_OF_PROOF.code: _(
        "Your organisation knows you, but there is no account of yours on this site. Ask your administrator."
    ),
    faults.INVALID_ACCESS_TOKEN.code: _("That sign-in did not come to its end. Please try again."),
    faults.IDENTITY_PROVIDER_DOWN.code: _(
        "The place where your organisation signs people in does not answer. Try again in a minute."
    ),
    faults.PASSWORDS_REFUSED.code: _("Passwords do not count on this site: sign in the way your organisation does."),
}
_WRONG: Final = _("Name and password do not fit together.")


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/sign-in", sign_in, ("GET", "POST"), signed_in=False),
        shell.page(f"/{_OPENID}", openid_begin, signed_in=False),
        shell.page(f"/{_OPENID}/back", openid_back, signed_in=False),
        shell.page(f"/{_OPENID}/end", openid_end, signed_in=False),
        shell.page("/sign-out", sign_out, ("POST",), stale=True),
        shell.page("/sign-out-everywhere", sign_out_of_all, ("POST",), stale=True),
        shell.page("/forgotten", forgotten, ("GET", "POST"), signed_in=False),
        shell.page("/new-password", new_password, ("GET", "POST"), signed_in=False),
        shell.page("/password", change_password, ("GET", "POST"), stale=True),
    ]


async def sign_in(console: ConsoleCall) -> Response:
    """The form to sign in with (GET), and what comes of it (POST)."""
    if console.call.user is not None and not console.posted:
        return console.go(to=_next(console))
    if not console.posted:
        return _sign_in_form(console)
    name, password = console.text("NAME"), console.values.get("PASSWORD")
    if not name or not password:
        return _sign_in_form(console, _("Enter your name and your password."), 400)
    try:
        user = await _proven(console, name, password)
    except Fault as fault:
        if fault.code in _DUE:
            return await _due(console, name)
        if fault.code == faults.BUSY.code:
            return _sign_in_form(console, _("Too many tries. Wait a minute and try again."), 429)
        known = _WRONG if fault.code in _UNKNOWN else _REFUSALS.get(fault.code, fault.reason)
        return _sign_in_form(console, known, 403)
    return _signed_in(console, user)


def _next(console: ConsoleCall) -> str:
    """Where a visitor wanted to go: a page of this site, never another place."""
    return going_on.inside(console.values.get("NEXT"), console.root) or console.path()


def _sign_in_form(console: ConsoleCall, wrong: str | None = None, status: int = 200) -> Response:
    offered = code_flow.is_offered(console.site)
    return console.show(
        "sign_in.html",
        status,
        wrong=wrong,
        name=console.text("NAME")[:256],
        next=_next(console),
        passwords=password_links.has_passwords(console.site),
        by_password=not console.site.settings.saml.refuse_passwords,
        openid=f"{console.path(_OPENID)}?{urlencode({'next': _next(console)})}" if offered else None,
        openid_end=console.path(f"{_OPENID}/end") if offered and console.notice in _SIGNED_OUT else None,
    )


# ---- by the issuer of the site -----------------------------------------------------------------------------------


async def openid_begin(console: ConsoleCall) -> Response:
    """Send the browser to the site's issuer."""
    _check_openid(console)
    if console.call.user is not None:
        return console.go(to=_next(console))
    try:
        address, begun = await code_flow.begin(console.application, console.site, _back(console), _next(console))
    except Fault as fault:
        return _refused_openid(console, fault)
    response = _elsewhere(address)
    response.set_cookie(
        _BEGUN,
        await code_flow.kept(console.application, begun),
        max_age=code_flow.SECONDS,
        path=console.path(_OPENID),
        secure=console.root.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


async def openid_back(console: ConsoleCall) -> Response:
    """Sign in whoever the issuer sends back."""
    _check_openid(console)
    application, values = console.application, console.values
    begun = await code_flow.read_kept(application, console.call.request.cookies.get(_BEGUN, ""))
    brake, address = application.brake, f"{console.site.site_id}/openid/{console.address}"
    await brake.wait(address)
    try:
        if begun is None or not values.get("CODE"):  # also when the issuer says why it gives none
            raise faults.INVALID_ACCESS_TOKEN()
        answer = {name: values.get(name.upper()) for name in ("state", "code", "iss")}
        user = await code_flow.finish(application, console.site, begun, answer, _back(console))
    except Fault as fault:
        brake.failed(address)
        response = _refused_openid(console, fault)
    else:
        response = await _vouched(console, user, begun.onward)
    secure = console.root.startswith("https:")
    response.delete_cookie(_BEGUN, path=console.path(_OPENID), secure=secure, httponly=True, samesite="lax")
    return response


async def openid_end(console: ConsoleCall) -> Response:
    """Sign out at the issuer too, for whoever is signed out here."""
    _check_openid(console)
    address = None
    if console.call.user is None:
        back = f"{console.root}/console/sign-in"
        address = await code_flow.end_address(console.application, console.site, back)
    return console.go("sign-in") if address is None else _elsewhere(address)


def _check_openid(console: ConsoleCall) -> None:
    if not code_flow.is_offered(console.site):
        raise HTTPException(404)


def _back(console: ConsoleCall) -> str:
    """Where the issuer sends browsers back to: by the public address, whatever the request says of its host."""
    return f"{console.root}/console/{_OPENID}/back"


def _elsewhere(address: str) -> Response:
    return RedirectResponse(address, 303, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})


async def _vouched(console: ConsoleCall, user: User, onward: str) -> Response:
    has_passwords = password_links.has_passwords(console.site)
    if has_passwords and stale_password(user, console.site.settings, console.now) is not None:
        return _new_password_form(console, await password_links.token_for(console.application, user), due=True)
    response = console.go(to=going_on.inside(onward, console.root) or console.path())
    visit = Visit(console.site.site_id, user.user_id, user.credential_version, console.now)
    console.visits.write(response, visit, console.site_path)
    return response


def _refused_openid(console: ConsoleCall, fault: Fault) -> Response:
    down = fault.code == faults.IDENTITY_PROVIDER_DOWN.code
    return _sign_in_form(console, _REFUSALS.get(fault.code, fault.reason), 503 if down else 403)


# ---- by password -------------------------------------------------------------------------------------------------


async def _credentials(console: ConsoleCall, name: str, password: str) -> Credentials:
    """A name is a webExID where there is one like it, else an e-mail address."""
    key = name.casefold()
    known = await users.by_web_ex_id(console.application.engine, console.site.site_id, key)
    is_email = known is None and "@" in name
    return console.by_password(None if is_email else name, name if is_email else None, password)


async def _proven(console: ConsoleCall, name: str, password: str) -> User:
    """Who signs in.

    Raises:
        Fault: why not.
    """
    return await console.proven(await _credentials(console, name, password))


async def _due(console: ConsoleCall, name: str) -> Response:
    """The form for another password, for somebody whose right one has to be changed before anything else."""
    engine, site_id, key = console.application.engine, console.site.site_id, name.casefold()
    user = await users.by_web_ex_id(engine, site_id, key) or await users.by_email(engine, site_id, key)
    if user is None:
        return _sign_in_form(console, _WRONG, 403)
    return _new_password_form(console, await password_links.token_for(console.application, user), due=True)


def _signed_in(console: ConsoleCall, user: User, below: str | None = None, notice: str | None = None) -> Response:
    response = console.go(notice=notice, to=_next(console) if below is None else console.path(below))
    visit = Visit(console.site.site_id, user.user_id, user.credential_version, console.now)
    console.visits.write(response, visit, console.site_path)
    return response


async def sign_out(console: ConsoleCall) -> Response:
    """End this visit."""
    response = console.go("sign-in", "signed-out")
    console.visits.end(response, console.site_path)
    return response


async def sign_out_of_all(console: ConsoleCall) -> Response:
    """End all visits and session tickets of the account."""
    await sign_out_everywhere(console.application, console.site.site_id, console.user.user_id)
    response = console.go("sign-in", "signed-out-everywhere")
    console.visits.end(response, console.site_path)
    return response


# ---- forgotten ---------------------------------------------------------------------------------------------------


async def forgotten(console: ConsoleCall) -> Response:
    """Ask for the name (GET), and mail a link to its account, if there is one (POST)."""
    if not password_links.has_passwords(console.site):
        return console.say(
            _("Passwords are kept elsewhere"),
            _("This site does not keep your password. Change it where your organisation keeps its accounts."),
            404,
            below="sign-in",
        )
    name = console.text("NAME")[:256]
    if not console.posted or not name:
        wrong = _("Enter your name or your e-mail address.") if console.posted else None
        return console.show("forgotten.html", 400 if wrong else 200, wrong=wrong, sent=False)
    brake, address = console.application.brake, f"{console.site.site_id}/forgotten/{console.address}"
    await brake.wait(address)
    brake.failed(address)
    response = console.show("forgotten.html", wrong=None, sent=True)
    # Looked up after the answer, which so takes as long for a name that nobody has.
    response.background = BackgroundTask(_ask, console, name)
    return response


async def _ask(console: ConsoleCall, name: str) -> None:
    try:
        await password_links.ask(console.application, console.site, name)
    except StoreUnavailable as error:
        _log.warning("a link for a new password could not be written", error=str(error))


async def new_password(console: ConsoleCall) -> Response:
    """Ask for a new password behind the link of a mail (GET), and let it count (POST)."""
    token = console.values.get("TOKEN")
    user = await password_links.account_of(console.application, console.site, token)
    if user is None:
        return console.say(
            _("This link is no longer good"),
            _("It works once and for half an hour. Ask for another one."),
            403,
            below="forgotten",
            link=_("Ask for a new link"),
        )
    due = stale_password(user, console.site.settings, console.now) is not None
    if not console.posted:
        return _new_password_form(console, token, due=due)
    password, again = console.values.get("PASSWORD"), console.values.get("AGAIN")
    wrong = _mistyped(password, again)
    if wrong is None:
        try:
            if due:  # the operation sees to it that a change that is due is a change
                await console.perform(SetUser(web_ex_id=user.web_ex_id, password=password), console.credentials(user))
            else:
                await password_links.use(console.application, console.site, token, password)
        except Fault as fault:
            wrong = problem_text(fault)
    if wrong is not None:
        return _new_password_form(console, token, due=due, wrong=wrong)
    if not due:
        return console.go("sign-in", "password-chosen")
    changed = await users.by_id(console.application.engine, user.site_id, user.user_id)
    return _signed_in(console, changed or user, "", "password-changed")


def _mistyped(password: str, again: str) -> str | None:
    if not password:
        return _("Enter a new password.")
    return None if password == again else _("The two passwords are not the same.")


def _new_password_form(console: ConsoleCall, token: str, *, due: bool, wrong: str | None = None) -> Response:
    return console.show("new_password.html", 400 if wrong else 200, token=token, due=due, wrong=wrong)


async def change_password(console: ConsoleCall) -> Response:
    """Change one's own password, which takes the present one."""
    user = console.user
    due = stale_password(user, console.site.settings, console.now) is not None
    if not password_links.has_passwords(console.site):
        return console.go("profile")
    if not console.posted:
        return console.show("password.html", place="profile", due=due, wrong=None, wrong_present=None)
    password, wrong, wrong_present = console.values.get("PASSWORD"), None, None
    present = console.values.get("PRESENT")
    wrong = _mistyped(password, console.values.get("AGAIN"))
    if not present:
        wrong_present = _("Enter your present password.")
    if wrong is None and wrong_present is None:
        proof = console.by_password(user.web_ex_id_key, None, present)
        try:
            await console.perform(SetUser(web_ex_id=user.web_ex_id, password=password), proof)
        except Fault as fault:
            if fault.code in _UNKNOWN:
                wrong_present = _("This is not your present password.")
            else:
                wrong = problem_text(fault)
    if wrong or wrong_present:
        return console.show("password.html", 400, place="profile", due=due, wrong=wrong, wrong_present=wrong_present)
    changed = await users.by_id(console.application.engine, user.site_id, user.user_id)
    return _signed_in(console, changed or user, "profile", "password-changed")
