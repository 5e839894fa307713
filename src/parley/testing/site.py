"""A site of a test's own: its level, accounts, sessions, time, failures, mails and requests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from parley.domain.site import Site as SiteRow
from parley.domain.site import SiteSettings
from parley.domain.user import User
from parley.services.accounts import NewAccount, create_account, new_account
from parley.services.exchanges import Request
from parley.services.new_site import level_text, new_site
from parley.services.session_types import standard_types
from parley.store import Changes, sites, users
from parley.testing import chores
from parley.testing.client import Answer, Client
from parley.testing.clock import seconds_of
from parley.testing.mailbox import Mail
from parley.testing.stage import rule

if TYPE_CHECKING:
    from parley.testing.clock import MovableClock
    from parley.testing.server import Server

S = TypeVar("S", bound="Site")
#: Of all accounts that say nothing else.
PASSWORD: Final = "Parley-demo-1"  # noqa: S105 - public on purpose
_GMT: Final = 20
ROLES: Final = ("host", "admin", "ro_admin", "attendee")
#: Operation, group and element of the name, element of the password, and element of the answer's key, by kind.
KINDS: Final = {
    "meeting": ("meeting.CreateMeeting", "confName", "meetingPassword", "meetingkey"),
    "event": ("event.CreateEvent", "sessionName", "sessionPassword", "sessionKey"),
    "training": ("training.CreateTrainingSession", "confName", "sessionPassword", "sessionkey"),
}


@dataclass
class Site:
    """A site for one test, with admin, host1, host2 (whom host1 lets schedule) and attendee1.

    Attributes:
        name: siteName; `site_id` the siteID.
        level: of the API; `set_level` changes it.
        users: accounts by webExID.
    """

    server: Server = field(repr=False)
    name: str
    level: str
    users: dict[str, User] = field(default_factory=dict, repr=False)
    site_id: int = 0

    @classmethod
    def made(cls: type[S], server: Server, level: str, settings: dict[str, Any]) -> S:
        """A new site on a server."""
        site = cls(server, f"site-{secrets.token_hex(6)}", level)
        server.run(site.create(settings))
        return site

    async def create(self, settings: dict[str, Any]) -> None:
        """Make site and accounts; on the server's event loop."""
        application = self.server.application
        self.site_id = 2**40 + secrets.randbelow(2**40)
        now = application.clock.now()
        site = new_site(self.name, self.site_id, now, level=self.level, settings=SiteSettings(**settings))
        self.level = site.level
        types = standard_types(self.site_id)
        by_number = {each.type_id: each for each in types}
        changes = Changes()
        sites.create(changes, site, types)
        for web_ex_id in ("admin", "host1", "host2", "attendee1"):
            role = {"admin": "admin", "attendee1": "attendee"}.get(web_ex_id, "host")
            account = NewAccount(**self._fields(web_ex_id, role, {}))
            user = new_account(site, by_number, account, self.server.password_hash, now)
            users.create(changes, user)
            self.users[web_ex_id] = user
        users.permit(changes, self.site_id, self.users["host1"].user_id, [self.users["host2"].user_id])
        await application.engine.commit(changes)

    # ---- the site --------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Address of the server, without a final slash."""
        return self.server.url

    @property
    def api_url(self) -> str:
        """Address that XML documents are posted to."""
        return f"{self.server.url}/WBXService/XMLService"

    def row(self) -> SiteRow:
        """The site as the store has it.

        Raises:
            LookupError: it is gone.
        """
        found = self.server.run(sites.by_id(self.server.application.engine, self.site_id))
        if found is None:
            raise LookupError(f"site {self.name} is gone")
        return found

    async def _set(self, **columns: Any) -> None:
        application = self.server.application
        site: SiteRow | None = await sites.by_id(application.engine, self.site_id)
        if site is None:
            raise LookupError(f"site {self.name} is gone")
        changes = Changes()
        sites.update(changes, site, msgspec.structs.replace(site, **columns))
        await application.engine.commit(changes)

    def set(self, **columns: Any) -> None:
        """Change columns of the site's row: level, active, suspended, settings."""
        self.server.run(self._set(**columns))
        self.level = columns.get("level", self.level)

    def set_level(self, level: str) -> None:
        """Let the site speak another level, such as "42.1".

        Raises:
            SiteError: there is no such level.
        """
        self.set(level=level_text(level))

    # ---- accounts --------------------------------------------------------------------------------------------

    def _fields(self, web_ex_id: str, role: str, fields: dict[str, Any]) -> dict[str, Any]:
        if role not in ROLES:
            raise ValueError(f"there is no role {role[:40]!r}: {', '.join(ROLES)} are")
        usual = {
            "web_ex_id": web_ex_id,
            "email": f"{web_ex_id}@{self.name}.example",
            "first_name": web_ex_id.capitalize(),
            "last_name": "Tester",
            "site_admin": role == "admin",
            "ro_site_admin": role == "ro_admin",
            "attendee_only": role == "attendee",
        }
        return {**usual, **fields}

    def add_user(self, web_ex_id: str, role: str = "host", password: str = PASSWORD, **fields: Any) -> User:
        """Make an account.

        Args:
            role: host, admin, ro_admin or attendee.
            fields: email, first_name, last_name, time_zone_id, must_change_password, profile, as
                `parley.services.accounts.NewAccount` has them.

        Raises:
            Fault: a value is not allowed, or webExID or e-mail address are taken.
        """
        wanted = self._fields(web_ex_id, role, fields)
        application = self.server.application
        user = self.server.run(create_account(application, self.site_id, password=password, **wanted))
        self.users[user.web_ex_id] = user
        return user

    def set_user(self, web_ex_id: str, /, **columns: Any) -> None:
        """Change columns of an account."""

        async def change() -> None:
            engine = self.server.application.engine
            before = await users.by_web_ex_id(engine, self.site_id, web_ex_id)
            if before is None:
                raise LookupError(f"there is no account {web_ex_id!r}")
            changes = Changes()
            users.update_user(changes, before, msgspec.structs.replace(before, **columns))
            await engine.commit(changes)

        self.server.run(change())

    def client(self, web_ex_id: str | None = "host1", password: str | None = PASSWORD, **options: Any) -> Client:
        """A client that signs in to this site as the account."""
        return Client(self.server.url, self.name, web_ex_id=web_ex_id, password=password, **options)

    # ---- sessions --------------------------------------------------------------------------------------------

    def schedule(
        self,
        name: str = "Weekly review",
        *,
        kind: str = "meeting",
        start: datetime | None = None,
        minutes: int = 30,
        host: str = "host1",
        **groups: Any,
    ) -> str:
        """Schedule a session over the API, as its host; gives its key.

        Args:
            kind: meeting, event or training.
            start: with a time zone; None: in an hour, by the server's clock.
            groups: further elements of the request by group, laid over those that come from the other arguments.

        Raises:
            AssertionError: the server refused it.
        """
        if kind not in KINDS:
            raise ValueError(f"there is no kind {kind[:40]!r} of sessions: {', '.join(KINDS)} are")
        operation, name_element, password_element, key_element = KINDS[kind]
        begin = datetime.fromtimestamp(self.clock.now() + 3600 if start is None else seconds_of(start), UTC)
        values: dict[str, Any] = {
            "accessControl": {password_element: "Secret12"},
            "metaData": {name_element: name},
            "schedule": {"startDate": f"{begin:%m/%d/%Y %H:%M:%S}", "timeZoneID": _GMT, "duration": minutes},
        }
        for group, content in groups.items():
            values[group] = {**values.get(group, {}), **content} if isinstance(content, dict) else content
        answer: Answer = self.client(host).call(operation, values).ok()
        return answer.value(key_element) or ""

    def hold(self, key: str, people: dict[str, str] | None = None, *, minutes: int = 30) -> None:
        """Let a session take place: the clock goes on by so many minutes, and there is a history afterwards.

        Args:
            key: its number.
            people: who comes beside the host: e-mail addresses by name.
        """
        stays = self.server.run(chores.begin(self.server.application, self.site_id, int(key), people or {}))
        self.clock.advance(minutes * 60)
        self.server.run(chores.end(self.server.application, self.site_id, stays))

    # ---- time ------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> MovableClock:
        """The server's clock."""
        return self.server.clock

    def run_chores(self) -> None:
        """Do what a server does by itself and is due: notices, removals, trash, histories, lost connections, mails."""
        self.server.run(chores.run(self.server.application, self.server.mailbox, self.site_id))

    def advance(self, span: timedelta | float) -> None:
        """Let time pass as it does on a server that runs on: every reminder and every chore has its turn meanwhile.

        Args:
            span: a number is seconds.
        """
        seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
        self.advance_to(self.clock.now() + seconds)

    def advance_to(self, at: datetime | float) -> None:
        """The same until a moment, which may not be past.

        Raises:
            ValueError: it is past, or has no time zone.
        """
        target = seconds_of(at)
        if target < self.clock.now():
            raise ValueError("time only goes forward here; clock.set() goes back")
        self.run_chores()
        while (now := self.clock.now()) < target:
            due = self.server.run(chores.next_due(self.server.application, self.site_id, target))
            self.clock.advance(max(now + 1, min(due, target)) - now)
            self.run_chores()

    # ---- failures --------------------------------------------------------------------------------------------

    def fail(
        self,
        operation: str,
        code: str = "999999",
        reason: str | None = None,
        *,
        caller: str | None = None,
        times: int | None = 1,
        delay: float = 0.0,
        after: bool = False,
    ) -> None:
        """Let the next call of an operation fail; rules are used up in the order in which they were made.

        Args:
            operation: `CreateMeeting` or any form of it that a request may have; * for all.
            code: exceptionID of the answer.
            reason: of the answer; None: what the catalogue of faults says of the code.
            caller: only calls that name this webExID or e-mail address.
            times: for so many calls; None: for all.
            delay: seconds before the answer.
            after: the operation does its work and fails nevertheless, like a call whose answer is lost.

        Raises:
            ScriptError: operation, code or numbers cannot be.
        """
        self.script(operation, code=code, reason=reason, caller=caller, times=times, delay=delay, after=after)

    def delay(self, operation: str, seconds: float, *, caller: str | None = None, times: int | None = 1) -> None:
        """Let the next call of an operation be slow; arguments as for `fail`."""
        self.script(operation, caller=caller, times=times, delay=seconds)

    def script(self, operation: str, **options: Any) -> None:
        """What `fail` and `delay` come to: without a code the call is slow and nothing else."""
        made = rule(self.site_id, operation, **options)

        async def add() -> None:
            self.server.script.add(made)

        self.server.run(add())

    def clear(self) -> None:
        """Forget the mails that have gone out by now, the requests and the failures."""
        self.server.run(self.server.mailbox.deliver(self.server.application, self.site_id))
        self.forget_all()

    def forget_all(self) -> None:
        """Forget mails, requests and failures as they are kept; nothing more goes out for it."""

        async def forget() -> None:
            self.server.script.forget_rules(self.site_id)
            self.server.script.forget_requests(self.site_id, self.name)
            self.server.mailbox.forget(self.name)

        self.server.run(forget())

    # ---- what happened ---------------------------------------------------------------------------------------

    @property
    def mails(self) -> list[Mail]:
        """The mails that have gone out by now, by the server's clock, in the order in which they did."""
        self.server.run(self.server.mailbox.deliver(self.server.application, self.site_id))
        return self.server.mailbox.of(self.name)

    @property
    def requests(self) -> list[Request]:
        """The requests for this site, in the order of their answers."""
        return self.server.script.requests_of(self.site_id, self.name)
