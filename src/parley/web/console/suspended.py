"""What a suspended site says on its pages: what is refused at its level, and what goes on."""

from __future__ import annotations

from parley.protocol.versions import Level
from parley.services.suspension import refuses_accounts, refuses_sessions


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def banner(level: Level, *, admin: bool) -> str:
    """What stands at the top of every page; `admin`: for whoever administers the site."""
    if admin and refuses_accounts(level):
        return _(
            "This site is suspended: only free meetings can be scheduled or changed, and administrators cannot change "
            "accounts. What is scheduled takes place."
        )
    if refuses_sessions(level):
        return _(
            "This site is suspended: only free meetings can be scheduled or changed. What is scheduled takes place."
        )
    if admin:
        return _("This site is suspended. At its level of the API nothing is refused for that.")
    return _("This site is suspended. What is scheduled takes place.")


def effects(level: Level) -> tuple[list[str], list[str]]:
    """What programs and people get on a suspended site of this level, and what goes on as before."""
    refused: list[str] = []
    if refuses_sessions(level):
        refused += [
            _(
                "Programs that schedule or change meetings, webinars, events, trainings or support sessions are "
                "answered with 010107, unless the session is of a free type."
            ),
            _("Programs and hosts that reserve computers of labs are answered with 010107."),
            _("Hosts who schedule in the console are told that the site is suspended."),
        ]
    if refuses_accounts(level):
        refused.append(
            _(
                "Administrators, and programs in their names, can neither make nor change accounts: they get 010107, "
                "for their own accounts too."
            )
        )
    kept = [
        _("All sessions that are scheduled take place; people come in by their links."),
        _("Everybody can sign in, look at things, cancel sessions, and see recordings."),
        _("Mails and reminders go out."),
    ]
    if refuses_accounts(level):
        kept.append(_("Everybody but administrators can change their own account."))
    else:
        kept.append(_("Accounts can be made and changed."))
    return refused, kept
