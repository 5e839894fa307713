"""The addresses that the API hands out, in the shapes that clients know how to take apart.

Sources: facts/url-api.md "Links the XML API hands out", facts/meeting-event.md 1 (CreateMeeting, DelMeeting,
GethosturlMeeting, GetjoinurlMeeting), facts/user-site.md 4 (GetloginurlUser, GetlogouturlUser).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a sign-in link is for."""

    web_ex_id: str
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, slots=True)
class CancelledSession:
    """What a cancel link says of a deleted session. Times are local times of the session's zone.

    `occurrence`: it is about the one occurrence of a series, whose `event_id` it names, that was to start at `start`.
    """

    event_id: int
    host_id: int
    name: str
    start: str
    end: str
    time_zone_id: int
    occurrence: bool = False


class Links:
    """Builds links below the public address of a server.

    Args:
        base: public address without final slash; `{site}` in it stands for the site's name.
    """

    def __init__(self, base: str) -> None:
        self._base = base

    def root(self, site: str) -> str:
        """The address of a site's pages, without final slash."""
        return f"{self._base.replace('{site}', site)}/{site}"

    def host_name(self, site: str) -> str:
        """The host name under which a site is reached, without port."""
        return urlsplit(self._base.replace("{site}", site)).hostname or "localhost"

    def invitation(self, site: str, mtid: str) -> str:
        """The page of a session, by one of its two link values."""
        return f"{self.root(site)}/j.php?MTID={mtid}"

    def information(self, site: str, session_key: int) -> str:
        """The page of a session for people who have not said who they are."""
        return f"{self.root(site)}/e.php?AT=SI&MK={session_key}"

    def join(
        self,
        site: str,
        session_key: int,
        name: str,
        email: str | None = None,
        password: str | None = None,
        register_id: str | None = None,
    ) -> str:
        """The link with which one named person joins."""
        values = [("AT", "JM"), ("MK", str(session_key)), ("AN", name)]
        optional = (("AE", email), ("PW", password), ("RID", register_id))
        values += [(key, value) for key, value in optional if value]
        return f"{self.root(site)}/m.php?{urlencode(values, quote_via=quote)}"

    def registration(self, site: str, mtid: str) -> str:
        """The page where people register for a session."""
        return f"{self.root(site)}/j.php?RGID=r{mtid[1:]}"

    def registered(self, site: str, session_key: int, register_id: int | str) -> str:
        """The link with which somebody who registered joins."""
        return f"{self.root(site)}/m.php?AT=JM&MK={session_key}&RID={quote(str(register_id))}"

    def feedback(self, site: str, mtid: str, attendee_id: int | None = None) -> str:
        """The page where people say afterwards what they think of a session; `attendee_id`: who is asked."""
        link = f"{self.root(site)}/j.php?FGID=f{mtid[1:]}"
        return link if attendee_id is None else f"{link}&AID={attendee_id}"

    def start(self, site: str, session_key: int, ticket: str) -> str:
        """The link with which a host starts a session: signs in by a one-time ticket, then goes on to the session."""
        fraction = f"0.{secrets.randbelow(10**16):016d}"
        target = f"{self.root(site)}/m.php?AT=HM&MK={session_key}&Rnd={fraction}"
        return f"{self.root(site)}/p.php?AT=LI&TK={ticket}&MU={quote(target, safe='')}"

    def login(self, site: str, person: Person, ticket: str, back: str) -> str:
        """The link that signs a person in by a one-time ticket and then goes to the address `back`."""
        values = {
            "AT": "LI",
            "FN": person.first_name,
            "LN": person.last_name,
            "EM": person.email,
            "WID": person.web_ex_id,
            "TK": ticket,
            "MU": "GoBack",
            "BU": back,
        }
        return f"{self.root(site)}/p.php?{urlencode(values, quote_via=quote)}"

    def logout(self, site: str, back: str) -> str:
        """The link that signs out and then goes to the address `back`."""
        return f"{self.root(site)}/p.php?{urlencode({'AT': 'LO', 'BU': back}, quote_via=quote)}"

    def cancelled(self, site: str, session: CancelledSession) -> tuple[str, str]:
        """The calendar links of a deleted session, for the host and for attendees."""
        name = ":".join(f"{byte:02X}" for byte in session.name.encode())
        fixed = (
            f"{self.root(site)}/j.php?ED={session.event_id}&UID={session.host_id}&LD=1&RD=2"
            f"&ST={2 if session.occurrence else 1}&CN={name}"
            f"&STI={session.start}&ETI={session.end}&TD={session.time_zone_id}&ICS="
        )
        return f"{fixed}CMC", f"{fixed}MC"

    def personal_room(self, site: str, personal_url: str) -> str:
        """The page of a personal room."""
        return f"{self._base.replace('{site}', site)}/meet/{quote(personal_url)}"

    @property
    def has_host_names(self) -> bool:
        """Every site has a host name of its own."""
        return "{site}" in self._base

    def personal_room_of_site(self, site: str, personal_url: str) -> str:
        """The page of a personal room below its site, which is the only one of the name there."""
        return f"{self.root(site)}/meet/{quote(personal_url)}"

    def picture(self, site: str, user_id: int, kind: str, stamp: str) -> str:
        """A picture of an account (`photo` or `header`); another one has another address."""
        return f"{self.root(site)}/picture/{user_id}/{kind}?v={quote(stamp)}"

    def event_image(self, site: str, image_key: str) -> str:
        """The picture of an event; another one has another key."""
        return f"{self.root(site)}/event-image/{image_key}"

    def program(self, site: str, program_id: int) -> str:
        """The page of a program."""
        return f"{self.root(site)}/onstage/g.php?p={program_id}&t=m"

    def test(self, site: str, token: str) -> str:
        """The page where one person takes one test of a training; the token is that person's own."""
        return f"{self.root(site)}/test/{token}"

    def tests(self, site: str, session_key: int) -> str:
        """The page where the host of a training runs its tests and scores what was written."""
        return f"{self.root(site)}/tests/{session_key}"

    def lab(self, site: str, setup_key: str) -> str:
        """The page that says how the computers of a lab are reached; the key is secret."""
        return f"{self.root(site)}/lab/{setup_key}"

    def recording(self, site: str, rcid: str) -> str:
        """The page where a recording is played."""
        return f"{self.root(site)}/ldr.php?RCID={rcid}"

    def recording_of_host(self, site: str, rcid: str) -> str:
        """The page where a recording is played by its owner, who is asked to sign in and for no password."""
        return f"{self.recording(site, rcid)}&AT=host"

    def recording_file(self, site: str, rcid: str) -> str:
        """The page where the file of a recording is loaded."""
        return f"{self.root(site)}/lsr.php?RCID={rcid}"

    def confirmation(self, site: str, token: str) -> str:
        """The page that confirms a new e-mail address."""
        return f"{self.root(site)}/confirm-email?token={quote(token)}"

    def new_password(self, site: str, token: str) -> str:
        """The page where somebody who forgot his password chooses another one."""
        return f"{self.root(site)}/console/new-password?token={quote(token)}"

    def sip(self, site: str, name: str | int) -> str:
        """The address for video systems."""
        return f"{name}@{self.host_name(site)}"
