"""What an operation knows of the request it answers: the site, the caller, the time, the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parley.domain.session import HostedSession
from parley.domain.user import Caller, User
from parley.protocol import faults

if TYPE_CHECKING:
    from parley.services.application import Application
    from parley.services.known_sites import KnownSite
    from parley.store import Engine
    from parley.store.users import Account


class Named(NamedTuple):
    """How a request names its caller, proven or not; folded, and None for what it does not say."""

    web_ex_id: str | None = None
    email: str | None = None


class Context:
    """One call of one operation.

    Attributes:
        application: what all requests share: store, settings, clock, links.
        site: the site that the request is for; nothing of another site can be reached through it.
        engine: the database.
        lists: the same for what lists, histories and reports only read; see `store.Engine.for_lists`.
        now: time of the request, UTC epoch seconds; the same for the whole operation.
        session: the session that the request names, read together with the caller; None when there is none.
        named: how the request names its caller.
        account: all of the caller's account as it was read with the caller; None: it was not.
        subject: the account that the request names, read together with the caller; None: it was not.
    """

    __slots__ = ("_caller", "_lists", "account", "application", "engine", "named", "now", "session", "site", "subject")

    def __init__(
        self,
        application: Application,
        site: KnownSite,
        caller: Caller | None,
        session: HostedSession | None,
        named: Named = Named(),  # noqa: B008  cannot be changed
        account: User | None = None,
        subject: Account | None = None,
    ) -> None:
        self.application = application
        self.engine = application.engine
        self._lists: Engine | None = None
        self.site = site
        self._caller = caller
        self.session = session
        self.named = named
        self.account = account
        self.subject = subject
        self.now = application.clock.now()

    @property
    def lists(self) -> Engine:
        """What a list is read with; the first time after all that the operation writes."""
        if self._lists is None:
            self._lists = self.engine.for_lists()
        return self._lists

    @property
    def caller(self) -> Caller:
        """The account that calls.

        Raises:
            Fault: 030002 when nobody is signed in.
        """
        if self._caller is None:
            raise faults.NO_SECURITY_CONTEXT()
        return self._caller

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return self._caller is None
