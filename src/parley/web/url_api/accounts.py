"""p.php: people sign in and out; portals make, change, activate and deactivate accounts.

Source: facts/url-api.md "p.php".
"""

from __future__ import annotations

from typing import Final

from starlette.responses import RedirectResponse, Response

from parley.contract.user import (
    ActivateUser,
    CreateUser,
    InactivateUser,
    SetUser,
)
from parley.domain.identifiers import ticket_hash
from parley.domain.user import User, is_usable
from parley.services.locking import after_lock
from parley.store import Changes, Conflict, tickets, users
from parley.web import going_on
from parley.web.looking import only_looks
from parley.web.render import message, private_page
from parley.web.url_api.account_values import changes_of, profile_of
from parley.web.url_api.desk import DONE, Command, Desk, Done
from parley.web.url_api.reasons import Reason, Refused
from parley.web.url_api.replies import allowed_back, reply
from parley.web.visits import Visit


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_GO_BACK: Final = "goback"


# ---- signing in --------------------------------------------------------------------------------------------------


async def sign_in(desk: Desk) -> Done | Response:
    """LI: sign in with a password, with a session ticket, or with the one-time ticket of a link."""
    if desk.call.values.get("TK"):
        return await _by_ticket(desk)
    sent = desk.parameters
    if not (sent.secret("PW") or sent.secret("SK")):
        if not desk.call.values.get("BU"):
            return message(
                _("This link cannot sign you in"),
                _("It holds no ticket."),
                400,
                hint=_("Ask the program that gave it to you for a new one."),
            )
        raise Refused(Reason.BAD_PASSWORD)
    check_auto_login(desk)
    if desk.call.user is not None:
        raise Refused(Reason.ALREADY_LOGON)
    return _signed_in(desk, await _proven(desk))


def check_auto_login(desk: Desk) -> None:
    """Raise AutoLoginDisabled on a site that does not let portals sign people in."""
    if not desk.site.settings.url_api.offered:
        raise Refused(Reason.NO_URL_API)
    if not desk.site.settings.url_api.auto_login:
        raise Refused(Reason.AUTO_LOGIN_DISABLED)


async def _proven(desk: Desk) -> User:
    """Who signs in; with NPW the password is changed first."""
    sent = desk.parameters
    name, email, password = sent.text("WID"), sent.text("EM"), sent.secret("PW")
    if name is None and email is None:
        raise Refused(Reason.BAD_PASSWORD)
    if password is None:
        credentials = desk.by_session(name, email, sent.secret("SK") or "")
    else:
        credentials = desk.by_password(name, email, password)
        wanted = sent.secret("NPW")
        if wanted is not None:
            await desk.perform(SetUser(web_ex_id=sent.required("WID"), password=wanted), credentials)
            credentials = desk.by_password(name, email, wanted)
    return await desk.proven(credentials)


async def _by_ticket(desk: Desk) -> Done | Response:
    """Sign in with the ticket of a link; something that only looks at the link leaves the ticket as it is."""
    call = desk.call
    if only_looks(call.request):
        fields = call.values.fields("AT", "TK", "WID", "MU", "BU")
        return private_page("sign_in.html", action=call.request.url.path, fields=fields)
    user = await _use_ticket(desk, call.values.get("TK"))
    if user is not None:
        return _signed_in(desk, user)
    if allowed_back(desk) is not None:
        raise Refused(Reason.BAD_PASSWORD)
    away = going_on.away(call.values.get("BU"), AT="LI", ST="FAIL", RS=Reason.BAD_PASSWORD.value)
    return message(
        _("This link is no longer good"),
        _("A sign-in link can be used once and for a short time only."),
        403,
        hint=_("Ask the program that gave it to you for a new one."),
        link=away,
        link_text=_("Go back"),
        shown=away,
    )


async def _use_ticket(desk: Desk, ticket: str) -> User | None:
    """Use the ticket up and give its account; None when either is not good, then it stays as it is."""
    engine, site_id, now = desk.application.engine, desk.site.site_id, desk.application.clock.now()
    found = await tickets.find(engine, site_id, ticket_hash(ticket))
    if found is None or found.used_at is not None or found.expires_at <= now:
        return None
    user = await users.by_id(engine, site_id, found.user_id)
    named = desk.call.values.get("WID").strip().casefold()
    if user is None or (named and named != user.web_ex_id_key):
        return None
    user = await after_lock(desk.application, desk.site, user)
    if not is_usable(user, now):
        return None
    changes = Changes()
    tickets.use(changes, site_id, found.ticket_hash, now)
    try:
        await engine.commit(changes)
    except Conflict:  # somebody else was quicker
        return None
    return user


def _signed_in(desk: Desk, user: User) -> Response:
    """Lead on, signed in: to a page of this site (MU), else to where the answer is wanted (BU)."""
    visit = Visit(desk.site.site_id, user.user_id, user.credential_version, desk.application.clock.now())
    response = _go_on(desk, user, visit)
    desk.visits.write(response, visit, going_on.path_of(desk.root))
    return response


def _go_on(desk: Desk, user: User, visit: Visit) -> Response:
    target = desk.call.values.get("MU")
    if target and target.lower() != _GO_BACK:
        inside = going_on.inside(target, desk.root)
        home = f"{going_on.path_of(desk.root)}/"
        return RedirectResponse(inside or home, 303, headers={"Referrer-Policy": "no-referrer"})
    away = going_on.away(desk.call.values.get("BU"), AT="LI", ST="SUCCESS")
    if away is not None and allowed_back(desk) is None:
        return message(
            _("You are signed in"),
            _("You came from another address."),
            link=away,
            link_text=_("Go back there"),
            shown=away,
        )
    done = Done(before=(("WID", user.web_ex_id),), secret=(("CSRF", desk.visits.csrf(visit)),))
    return reply(desk, "LI", done)


async def sign_out(desk: Desk) -> Done | Response:
    """LO: sign out; it works without being signed in, too."""
    if allowed_back(desk) is not None:
        check_auto_login(desk)
    elif desk.call.values.get("BU"):
        away = going_on.away(desk.call.values.get("BU"), AT="LO", ST="SUCCESS")
        response = message(
            _("You are signed out"),
            _("This browser is no longer signed in."),
            link=away,
            link_text=_("Go back"),
            shown=away,
        )
        desk.visits.end(response, going_on.path_of(desk.root))
        return response
    response = reply(desk, "LO", DONE)
    desk.visits.end(response, going_on.path_of(desk.root))
    return response


# ---- accounts ----------------------------------------------------------------------------------------------------


async def sign_up(desk: Desk) -> Done:
    """SU: make an account, with the rights that the partner ID gives."""
    partner = await desk.partner()
    sent = desk.parameters
    password = sent.secret("PW")
    if password is None:
        raise Refused(Reason.INVALID_DATA)
    request = CreateUser(
        web_ex_id=sent.required("WID"),
        first_name=sent.required("FN"),
        last_name=sent.required("LN"),
        email=sent.required("EM"),
        password=password,
        **profile_of(sent),
    )
    await desk.perform(request, partner)
    return DONE


async def edit(desk: Desk) -> Done:
    """EU: change the account whose password came along, with that account's own rights."""
    await desk.check_partner()
    sent = desk.parameters
    name, password = sent.required("WID"), sent.secret("PW")
    if password is None:
        raise Refused(Reason.BAD_PASSWORD)
    await desk.perform(SetUser(web_ex_id=name, **changes_of(sent)), desk.by_password(name, None, password))
    return DONE


async def activate(desk: Desk) -> Done:
    """AC: make an account usable again."""
    partner = await desk.partner()
    await desk.perform(ActivateUser(web_ex_id=desk.parameters.required("WID")), partner)
    return DONE


async def deactivate(desk: Desk) -> Done:
    """IN: take an account out of use."""
    partner = await desk.partner()
    await desk.perform(InactivateUser(web_ex_id=desk.parameters.required("WID")), partner)
    return DONE


COMMANDS: Final = {
    "LI": Command(sign_in, open_link=True),
    "LO": Command(sign_out, open_link=True),
    "SU": Command(sign_up, auto_login=True),
    "EU": Command(edit),
    "AC": Command(activate),
    "IN": Command(deactivate),
}
