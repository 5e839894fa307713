"""What a test scripts and sees: calls that fail or are slow, and every request with its answer."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from parley.protocol.faults import CATALOGUE, Fault
from parley.services.exchanges import Request, is_for, requests_in
from parley.services.registry import find

__all__ = ["Request", "Rule", "Script", "ScriptError", "rule"]

if TYPE_CHECKING:
    from parley.clock import Clock
    from parley.services.dispatcher import FormCredentials
    from parley.services.signin import Credentials

_CODE: Final = re.compile(r"[0-9]{6}")
_LONGEST_DELAY: Final = 600.0
#: So much is kept for all sites of a server; older requests go.
_MOST: Final = 10_000
_MOST_TEXT: Final = 64_000_000


class ScriptError(ValueError):
    """A rule that cannot be; the message is one line for whoever wrote the test."""


@dataclass
class Rule:
    """What happens to calls of an operation; see `Site.fail`."""

    site_id: int
    operation: str | None
    caller: str | None
    times: int | None
    delay: float
    fault: Fault | None
    after: bool

    def fits(self, operation: str, site_id: int, credentials: Credentials) -> bool:
        """Whether a call is meant."""
        if self.site_id != site_id or self.operation not in (None, operation):
            return False
        return self.caller is None or self.caller in (credentials.web_ex_id, credentials.email)


def rule(
    site_id: int,
    operation: str,
    *,
    code: str | None = None,
    reason: str | None = None,
    caller: str | None = None,
    times: int | None = 1,
    delay: float = 0.0,
    after: bool = False,
) -> Rule:
    """A rule, checked.

    Raises:
        ScriptError: it cannot be.
    """
    found = None if operation == "*" else find(operation)
    if found is None and operation != "*":
        raise ScriptError(f"there is no operation {operation[:80]!r}; * stands for all")
    if code is None and (reason is not None or after or not delay):
        raise ScriptError("say a code, or a delay")
    if times is not None and times < 1:
        raise ScriptError("times is at least 1, or None for ever")
    if not 0 <= delay <= _LONGEST_DELAY:
        raise ScriptError(f"delay is 0 to {_LONGEST_DELAY:.0f} seconds")
    fault = None if code is None else _fault(code, reason)
    name = caller.strip().casefold() if caller else None
    return Rule(site_id, found.name if found else None, name, times, delay, fault, after)


def _fault(code: str, reason: str | None) -> Fault:
    if not _CODE.fullmatch(code):
        raise ScriptError(f"{code[:40]!r} is no exceptionID: it has six digits")
    known = next((kind.reason for kind in CATALOGUE if kind.code == code), None)
    # What a reason of the catalogue has a placeholder for, nobody knows here.
    usual = re.sub(r"\{\w+\}", "...", known) if known else "Failed because a test wants it to"
    return Fault(code, usual if reason is None else reason)


class Script:
    """The stage of a server under test: rules that tests made, and the requests that came; see `services.staging`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rules: list[Rule] = []
        self._requests: deque[tuple[Credentials | None, Request]] = deque()
        self._size = 0

    # ---- rules -----------------------------------------------------------------------------------------------

    def add(self, wanted: Rule) -> None:
        """Let a rule hold, after those that hold already."""
        self._rules = [*self._rules, wanted]

    def forget_rules(self, site_id: int) -> None:
        """Let no rule of a site hold any more."""
        self._rules = [each for each in self._rules if each.site_id != site_id]

    async def enter(self, operation: str, site_id: int, credentials: Credentials) -> Fault | None:
        """See `parley.services.staging.Stage`; the first rule that fits counts."""
        found = next((each for each in self._rules if each.fits(operation, site_id, credentials)), None)
        if found is None:
            return None
        if found.times is not None:
            found.times -= 1
            if not found.times:
                self._rules = [each for each in self._rules if each is not found]
        if found.delay:
            await asyncio.sleep(found.delay)
        if found.fault is None:
            return None
        # A new one for each call: an exception remembers where it was raised.
        fault = Fault(found.fault.code, found.fault.reason)
        if found.after:
            return fault
        raise fault

    # ---- requests --------------------------------------------------------------------------------------------

    def answered(
        self,
        document: bytes,
        form: FormCredentials | None,
        scope: MutableMapping[str, Any],
        answer: bytes,
        seconds: float,
    ) -> None:
        """See `parley.services.staging.Stage`."""
        credentials, found = requests_in(document, form, scope, answer, self._clock.now(), seconds)
        for request in found:
            self._keep(credentials, request)

    def _keep(self, credentials: Credentials | None, request: Request) -> None:
        # What shall not be shown shall not be kept either.
        known = None if credentials is None else replace(credentials, password=None, ticket=None, access_token=None)
        self._requests.append((known, request))
        self._size += len(request.request) + len(request.answer)
        while len(self._requests) > _MOST or (self._size > _MOST_TEXT and len(self._requests) > 1):
            _, gone = self._requests.popleft()
            self._size -= len(gone.request) + len(gone.answer)

    def requests(self) -> list[Request]:
        """All requests, in the order of their answers."""
        return [request for _, request in list(self._requests)]

    def requests_of(self, site_id: int, name: str) -> list[Request]:
        """The requests for a site, in the order of their answers."""
        return [request for known, request in list(self._requests) if is_for(known, site_id, name)]

    def forget_requests(self, site_id: int, name: str) -> None:
        """Forget the requests for a site."""
        self._requests = deque(each for each in list(self._requests) if not is_for(each[0], site_id, name))
        self._size = sum(len(each.request) + len(each.answer) for _, each in self._requests)
