"""In which language a person reads the console, and how texts get into it."""

from __future__ import annotations

from typing import Final

from parley.domain.site import Site
from parley.domain.user import User
from parley.mail.languages import Language, language, language_id_of
from parley.services.profiles import profile_of

#: The languages whose catalogue has the words of the console; whoever reads another one gets English throughout, since
#: half a page in one language helps nobody.
_SPOKEN: Final = frozenset({"en"})


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
    "trash-emptied": _("The trash is empty."),
}


def language_of(user: User | None, site: Site) -> Language:
    """The language of a page: the reader's, else the site's, where the console speaks it."""
    number = profile_of(user).language_id if user is not None else language_id_of(site.settings.language)
    found = language(number)
    return found if found.locale.language in _SPOKEN else language(1)
