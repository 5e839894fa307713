"""Mails about accounts."""

from __future__ import annotations

from typing import Any, Final

from parley.domain.site import Site
from parley.mail.messages.readers import called
from parley.mail.texts import one_line
from parley.services.account_notices import AccountNotice
from parley.services.links import Links
from parley.services.password_links import LINK_SECONDS as PASSWORD_LINK_SECONDS
from parley.services.user.email_changes import LINK_SECONDS

_DAY: Final = 86_400

#: The template of each kind.
ACCOUNT_MAILS: Final = {
    "user.welcome": "user_welcome",
    "user.activation": "user_activation",
    "user.password_reset": "user_password_reset",
    "user.password_change": "user_password_change",
    "user.password_link": "user_password_link",
    "user.email_change": "user_email_change",
}


def is_plain(kind: str, notice: AccountNotice) -> bool:
    """Whether a mail goes out as plain text only: a welcome that is not wanted as HTML (isHTMLEmail)."""
    return kind == "user.welcome" and not notice.html


def account_values(kind: str, site: Site, links: Links, notice: AccountNotice) -> dict[str, Any]:
    """What the template of a mail of this kind names."""
    leads_to = links.new_password if kind == "user.password_link" else links.confirmation
    return {
        "name": name_of(notice),
        "web_ex_id": one_line(notice.web_ex_id),
        "password": notice.password,
        "site": called(site),
        "site_url": links.root(site.name),
        "link": leads_to(site.name, notice.token) if notice.token else links.root(site.name),
        "days": LINK_SECONDS // _DAY,
        "minutes": PASSWORD_LINK_SECONDS // 60,
    }


def name_of(notice: AccountNotice) -> str:
    """How the account's owner is called."""
    return one_line(f"{notice.first_name} {notice.last_name}") or one_line(notice.web_ex_id)
