"""The inspector: the last requests of each site in memory, without passwords, and those that somebody wants to keep.

A process keeps what it answered itself; requests that are kept are files, so all processes of a machine have them.
What cannot be read as a message of a known site belongs to nobody, so nobody sees it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from parley.clock import Clock
from parley.services.exchanges import Request, requests_in

if TYPE_CHECKING:
    from parley.protocol.faults import Fault
    from parley.services.dispatcher import FormCredentials
    from parley.services.signin import Credentials

#: So many requests of a site are in memory, and so many characters of them; older ones go.
MOST: Final = 300
_MOST_TEXT: Final = 8_000_000
_MOST_SITES: Final = 100
#: So many of a site can be kept.
MOST_KEPT: Final = 100
_LONGEST: Final = 300_000
_CUT: Final = "\n... cut here"

#: The site of the request that this task answers.
_site: ContextVar[int | None] = ContextVar("inspected_site", default=None)


@dataclass(frozen=True)
class Seen:
    """A request under a name of its own; `kept`: it stays until somebody forgets it."""

    name: str
    request: Request
    kept: bool = False


class TooManyKept(Exception):
    """A site keeps as many requests as it can."""


class Inspector:
    """Sees what is asked and answered; a `parley.services.staging.Stage` that changes nothing.

    Args:
        clock: tells when.
        folder: where those are that are kept; made when the first one is.
    """

    def __init__(self, clock: Clock, folder: Path) -> None:
        self._clock = clock
        self._folder = folder
        self._sites: OrderedDict[int, deque[Seen]] = OrderedDict()

    async def enter(self, operation: str, site_id: int, credentials: Credentials) -> Fault | None:
        """Note the site, which exists, and let the operation through."""
        _site.set(site_id)
        return None

    def answered(
        self,
        document: bytes,
        form: FormCredentials | None,
        scope: MutableMapping[str, Any],
        answer: bytes,
        seconds: float,
    ) -> None:
        """See `parley.services.staging.Stage`."""
        site_id = _site.get()
        _site.set(None)
        if site_id is None:
            return
        _, found = requests_in(document, form, scope, answer, self._clock.now(), seconds)
        ring = self._sites.setdefault(site_id, deque(maxlen=MOST))
        self._sites.move_to_end(site_id)
        for request in found:
            short = replace(request, request=_cut(request.request), answer=_cut(request.answer))
            ring.append(Seen(secrets.token_hex(8), short))
        while len(ring) > 1 and sum(len(e.request.request) + len(e.request.answer) for e in ring) > _MOST_TEXT:
            ring.popleft()
        while len(self._sites) > _MOST_SITES:
            self._sites.popitem(last=False)

    def seen(self, site_id: int) -> list[Seen]:
        """The requests of a site that this process has in memory, the last first."""
        return list(reversed(self._sites.get(site_id, ())))

    def clear(self, site_id: int) -> None:
        """Forget the requests of a site that are not kept."""
        self._sites.pop(site_id, None)

    # ---- those that are kept; files, so to be called in a thread -----------------------------------------------

    def find(self, site_id: int, name: str) -> Seen | None:
        """A request of a site, kept ones too; None when there is none of that name."""
        kept = next((each for each in self.kept(site_id) if each.name == name), None)
        return kept or next((each for each in self.seen(site_id) if each.name == name), None)

    def kept(self, site_id: int) -> list[Seen]:
        """The requests of a site that are kept, the last first."""
        found = []
        for path in self._of(site_id).glob("*.json"):
            try:
                request = msgspec.json.decode(path.read_bytes(), type=Request)
            except (OSError, msgspec.DecodeError):  # forgotten meanwhile, or not ours
                continue
            found.append(Seen(path.stem, request, kept=True))
        return sorted(found, key=lambda each: each.request.at, reverse=True)

    def keep(self, site_id: int, seen: Seen) -> None:
        """Keep a request.

        Raises:
            TooManyKept: others must be forgotten first.
        """
        folder = self._of(site_id)
        folder.mkdir(parents=True, exist_ok=True)
        if len(list(folder.glob("*.json"))) >= MOST_KEPT:
            raise TooManyKept
        part = folder / f"{seen.name}.part"
        part.write_bytes(msgspec.json.encode(seen.request))
        part.replace(folder / f"{seen.name}.json")

    def forget(self, site_id: int, seen: Seen) -> None:
        """Keep a request no more."""
        (self._of(site_id) / f"{seen.name}.json").unlink(missing_ok=True)

    def _of(self, site_id: int) -> Path:
        return self._folder / str(site_id)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + _CUT
