"""Answers of commands: a page whose script leads the browser on, with the result in the address.

Programs read the address out of the script, so it is written as they know it: `window.location.replace("...")` with
JavaScript escapes.
Source: facts/url-api.md "Form" (BU, ST, RS, the page with script).
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import Final
from xml.sax.saxutils import escape

from markupsafe import Markup
from starlette.responses import Response

from parley.web import going_on
from parley.web.render import PRIVATE, SAFETY, private_page
from parley.web.url_api.desk import Desk, Done
from parley.web.url_api.reasons import Reason


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: Everything else is written as \xHH, so nothing in an address can end the text of the script.
_ESCAPED: Final = re.compile(r"[^A-Za-z0-9._~%+\-]")
_TEXTS: Final = {
    Reason.ACCESS_DENIED: _("You are not signed in, or may not do this."),
    Reason.ALREADY_LOGON: _("Somebody is signed in already."),
    Reason.AUTO_LOGIN_DISABLED: _("This site does not let other sites sign people in."),
    Reason.BAD_PASSWORD: _("The user name or the password is wrong."),
    Reason.NO_URL_API: _("This site takes no commands from other sites."),
    Reason.EMAIL_CONFLICT: _("Another account has this e-mail address."),
    Reason.INVALID_DATA: _("Something in what was sent is missing or wrong."),
    Reason.NO_MEETING_TYPE: _("Meetings of this type are not possible."),
    Reason.NO_SERVICE: _("This site does not have this service."),
    Reason.PARTNER_ID: _("The partner ID is wrong."),
    Reason.TOO_LONG: _("The meeting would be too long."),
    Reason.UNKNOWN: _("This cannot be done at the moment."),
    Reason.UNKNOWN_COMMAND: _("This command is not known."),
    Reason.WEB_EX_ID_CONFLICT: _("Another account has this user name."),
}


def reply(desk: Desk, command: str, done: Done) -> Response:
    """The answer to a command: to the address that the request names (BU) if it is allowed, else to the site's page."""
    result = [("AT", command), *done.before, ("ST", "FAIL" if done.reason else "SUCCESS")]
    result += [("RS", done.reason.value)] if done.reason else []
    result += done.after
    back = allowed_back(desk)
    if back is None:
        home = [("siteurl", desk.site.name), *result, *done.secret]
        return leads_on(going_on.with_result(f"{desk.root}/", home), done.reason)
    if not _is_own(desk, back):  # a page of the site may be a command itself, which must not get the value it asks for
        result += done.secret
    return leads_on(going_on.with_result(back, result), done.reason)


def allowed_back(desk: Desk) -> str | None:
    """The address that the request wants its answer at (BU); None when it names none that is allowed."""
    return going_on.allowed(desk.call.values.get("BU"), desk.root, desk.site.settings.url_api.addresses)


def _is_own(desk: Desk, back: str) -> bool:
    return going_on.inside(back, desk.root) is not None


def leads_on(address: str, reason: Reason | None = None) -> Response:
    """A page whose script leads on to an address; without scripts it shows what happened, and a link."""
    escaped = _ESCAPED.sub(lambda found: f"\\x{ord(found[0]):02x}", address)
    script = f'window.location.replace("{escaped}");'
    digest = base64.b64encode(sha256(script.encode("ascii")).digest()).decode("ascii")
    policy = f"{SAFETY['Content-Security-Policy']}; script-src 'sha256-{digest}'"
    return private_page(
        "leads_on.html",
        headers={"Content-Security-Policy": policy},
        title=_("This did not work") if reason else _("Done"),
        text=_TEXTS[reason] if reason else _("You are led on."),
        address=address,
        script=Markup(script),  # noqa: S704 - nothing in it but letters, digits and escapes
    )


def told(status: str, reason: str) -> str | None:
    """What the site's page says of the result that its address holds, if it is one of a failure."""
    known = {each.value: text for each, text in _TEXTS.items()}
    return known.get(reason) if status == "FAIL" else None


def open_meetings(keys: list[int], reason: Reason | None = None) -> Response:
    """The answer to OM, as XML."""
    listed = "".join(f"<MeetingKey>{key}</MeetingKey>" for key in keys)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListOpenMeetings>'
        f"<Status>{'FAIL' if reason else 'SUCCESS'}</Status><Reason>{escape(reason.value) if reason else ''}</Reason>"
        f"<MeetingKeys>{listed}</MeetingKeys></ListOpenMeetings>\n"
    )
    return Response(text, media_type="text/xml", headers={**SAFETY, **PRIVATE})
