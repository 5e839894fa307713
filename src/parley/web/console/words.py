"""What the console says once after something was done."""

from __future__ import annotations

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What a page says once after something was done, by the word that the browser keeps until then.
NOTICES: Final = {
    "signed-out": _("You are signed out."),
    "signed-out-everywhere": _("You are signed out in all browsers and programs."),
    "idle": _("Please sign in to go on."),
    "password-chosen": _("Your password was changed. Sign in with the new one."),
    "password-changed": _("Your password was changed. All your other sign-ins have ended."),
    "profile-saved": _("Your profile was saved."),
    "scheduled": _("The meeting is scheduled."),
    "session-scheduled": _("It is scheduled."),
    "session-begun": _("The session has begun. Invite your customer, and enter it with Start."),
    "picture-kept": _("The picture is kept."),
    "saved": _("The changes were saved."),
    "unchanged": _("Nothing was different, so nothing was changed."),
    "cancelled": _("The session was cancelled."),
    "occurrence-changed": _("This occurrence now differs from its series."),
    "invited": _("The invitations are on their way."),
    "removed": _("The person was taken off the list."),
    "approved": _("The registration was approved."),
    "rejected": _("The registration was rejected."),
    "recording-trashed": _("The recording is in the trash."),
    "recording-recovered": _("The recording is back among your recordings."),
    "recording-deleted": _("The recording was deleted for good."),
    "inspector-on": _("The inspector is on. Requests from now on are shown here."),
    "inspector-off": _("The inspector is off. Requests that you did not keep are forgotten."),
    "trash-emptied": _("The trash is empty."),
    "mail-again": _("The mail is sent again as soon as a delivery runs."),
    "mail-called-off": _("The mail was called off. You can still send it again."),
    "template-saved": _("The text is kept. It counts from the next mail on."),
    "template-reset": _("The built-in text counts again."),
    "user-made": _("The account was made."),
    "user-locked": _("The account is locked."),
    "user-unlocked": _("The account is no longer locked."),
    "user-activated": _("The account is active."),
    "user-deactivated": _("The account is inactive."),
    "user-renews": _("A new password has to be chosen at the next sign-in. A mail says so."),
    "user-mailed": _("A new password is on its way."),
    "user-deleted": _("The account was deleted: it is inactive now."),
    "table-forgotten": _("The table was removed from the server."),
    "type-added": _("The session type was added."),
    "type-removed": _("The session type was removed."),
    "type-on": _("The session type is switched on."),
    "type-off": _("The session type is switched off. Nothing new is scheduled with it."),
    "code-removed": _("The tracking code was removed."),
    "level-set": _("The site speaks another level of the API now."),
    "suspended": _("The site is suspended."),
    "resumed": _("The site goes on."),
}
