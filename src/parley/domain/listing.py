"""Listing of sessions: PUBLIC, PRIVATE or UNLISTED, and who finds a session in which list.

Meetings say it with two flags, listToPublic and isPublic; other sessions, and all lists, with one of the three words.
How the flags map to the words is inferred (facts/meeting-event.md, section 1, "listing"):

* isPublic true is PUBLIC, listToPublic true with isPublic false is PRIVATE, both false is UNLISTED;
* one flag alone is read with its partner unsaid: listToPublic true then means PUBLIC, because its name says so, and
  false UNLISTED; isPublic false means UNLISTED;
* neither flag leaves what there is, and gives a new meeting the site's default.

What the words mean (facts/training-history.md, section 1.1): PUBLIC is on the calendar for everybody, PRIVATE on the
calendar for the signed-in users of the site, UNLISTED on no calendar and found by number only.
"""

from __future__ import annotations

import enum
from typing import Final


class Listing(enum.StrEnum):
    """Values of com:listingType."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    UNLISTED = "UNLISTED"


class Relation(enum.IntEnum):
    """What a person is to a session; a later one may all that an earlier one may."""

    ANONYMOUS = 0
    """Not signed in."""
    MEMBER = 1
    """Signed in at the site, otherwise without part in the session."""
    INVITED = 2
    """Invited as attendee, panelist or presenter."""
    HOST = 3
    """Host, alternate host, or the one who scheduled it."""
    ADMIN = 4
    """Administrator of the site, also a read-only one."""


class Catalogue(enum.Enum):
    """The lists a session may be found in."""

    CALENDAR = "calendar"
    """The calendar page of the site."""
    MEETINGS = "meetings"
    """LstsummaryMeeting and LstMeeting."""
    SESSIONS = "sessions"
    """LstsummarySession, LstsummaryEvent, LstsummaryTrainingSession."""
    INVITATIONS = "invitations"
    """LstsummarySession with invited=true."""
    OPEN = "open"
    """LstOpenSession."""


def resolve(
    list_to_public: bool | None,
    is_public: bool | None,
    *,
    site_unlisted: bool,
    current: Listing = Listing.PUBLIC,
) -> Listing:
    """The listing of a meeting from the flags of a request; None is a flag that was not sent.

    `site_unlisted` is securityOptions/allMeetingsUnlisted, which overrides everything
    (facts/meeting-event.md, section 1). `current` is the listing so far, or the default of a new meeting.
    """
    if site_unlisted:
        return Listing.UNLISTED
    if list_to_public is None and is_public is None:
        return current
    if is_public or (list_to_public and is_public is None):
        return Listing.PUBLIC
    return Listing.PRIVATE if list_to_public else Listing.UNLISTED


def resolve_named(listing: str | None, *, site_unlisted: bool, current: Listing = Listing.PUBLIC) -> Listing:
    """The listing of any other session from accessControl/listing; None or empty is one that was not sent.

    `site_unlisted` is ECMeetingsUnlisted or TCMeetingsUnlisted of the service (facts/versions.md, 11.0 SP9). The site's
    choice is taken without an error, as clients ask again with UNLISTED at most (facts/meeting-event.md, section 5).
    Raises ValueError for a word that is none of the three.
    """
    wanted = Listing(listing.upper()) if listing else current
    return Listing.UNLISTED if site_unlisted else wanted


_FLAGS: Final = {
    Listing.PUBLIC: (True, True),
    Listing.PRIVATE: (True, False),
    Listing.UNLISTED: (False, False),
}


def flags(listing: Listing) -> tuple[bool, bool]:
    """listToPublic and isPublic as GetMeeting answers them; `resolve` gives the same listing back for them.

    Both false for UNLISTED is what a real answer showed (facts/meeting-event.md, section 1); the rest is inferred.
    """
    return _FLAGS[listing]


_CALENDAR: Final = {
    Relation.ANONYMOUS: frozenset({Listing.PUBLIC}),
    Relation.MEMBER: frozenset({Listing.PUBLIC, Listing.PRIVATE}),
}
_ALL: Final = frozenset(Listing)

_LEAST: Final = {
    Catalogue.MEETINGS: Relation.INVITED,
    Catalogue.SESSIONS: Relation.HOST,
    Catalogue.INVITATIONS: Relation.INVITED,
}


def on_calendar(relation: Relation) -> frozenset[Listing]:
    """The listings that a person sees on the site's calendar: of PUBLIC, PRIVATE and UNLISTED those that are theirs.

    Whoever takes part in a session finds it in the own calendar whatever its listing.
    """
    return _CALENDAR.get(relation, _ALL)


def may_find(catalogue: Catalogue, listing: Listing, relation: Relation) -> bool:
    """Whether a person finds a session in a list.

    * MEETINGS: the host's own and those he is invited to, never others', whatever the listing; administrators all
      (facts/meeting-event.md, section 1, LstsummaryMeeting).
    * SESSIONS: own ones and those with the user as alternate host; INVITATIONS: also those the user is invited to;
      administrators all (facts/general-session.md, section 2). Nobody who is not signed in (since 40.2).
    * OPEN: administrators all (facts/general-session.md, section 3); for others as on the calendar (chosen).
    * CALENDAR: see `on_calendar`.
    """
    least = _LEAST.get(catalogue)
    if least is not None:
        return relation >= least
    if catalogue is Catalogue.OPEN and relation is Relation.ANONYMOUS:
        return False
    return listing in on_calendar(relation)
