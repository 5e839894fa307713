"""Sessions that are held: people come and go at times that a test says, through `services.presence` as rooms do it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from parley.domain.history import Part, Run, Stay
from parley.domain.session import HostedSession
from parley.services import presence
from parley.services.known_sites import KnownSite
from parley.services.presence import Here, Person, new_stay_id
from parley.store import Changes, runs, sessions
from tests.client import Answer, xml_of
from tests.server import TestSite
from tests.services.events import create_event
from tests.services.meetings import create, meeting
from tests.store.builders import a_session

T = TypeVar("T")
TRAINING_TYPE = 104
DAY = 86_400


@dataclass
class Guest:
    """Somebody in a script: comes `at` seconds after the start and stays for `seconds`, with audio for `voip`."""

    name: str
    at: int = 0
    seconds: int = 60
    part: Part = Part.ATTENDEE
    email: str | None = None
    voip: int = 0
    more: dict[str, Any] = field(default_factory=dict)


class Stage:
    """The sessions of a site, held as scripts say. Times count from `start`, a full minute two hours ago."""

    def __init__(self, site: TestSite) -> None:
        self.site = site
        self.application = site.server.application
        self.start = self.application.clock.now() // 60 * 60 - 7200

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.site.server.run(work)

    async def known(self) -> KnownSite:
        found = await self.application.sites.reload(self.site.site_id)
        assert found is not None
        return found

    # ---- sessions

    def meeting(self, name: str = "Weekly review", host: str = "host1", **groups: Any) -> int:
        return int(create(self.site.client(host), name, **groups))

    def event(self, name: str = "Launch", host: str = "host1", **groups: Any) -> int:
        return int(create_event(self.site.client(host), name, **groups))

    def of_operation(self, operation: str, key: str, values: dict[str, Any], host: str = "host1") -> int:
        return int(self.site.client(host).call(operation, values).ok().value(key) or 0)

    def support(self, host: str = "host1", **groups: Any) -> int:
        return self.of_operation("supportsession.CreateSupportSession", "sessionKey", groups, host)

    def audio_only(self, name: str = "By phone", host: str = "host1") -> int:
        values = meeting(name)
        values["accessControl"] = {"sessionPassword": "Secret12"}
        return self.of_operation("meeting.auo.CreateTeleconferenceSession", "sessionKey", values, host)

    def sales(self, name: str = "Demo", host: str = "host1", **groups: Any) -> int:
        return self.of_operation("sales.CreateSalesSession", "meetingKey", meeting(name, **groups), host)

    def training(self, name: str = "Basics", host: str = "host1", **columns: Any) -> int:
        """A training as a row of the store."""
        session = a_session(
            self.site.site_id,
            self.site.users[host].user_id,
            service="TrainingCenter",
            session_type=TRAINING_TYPE,
            name=name,
            next_start=self.start,
            **columns,
        )

        async def make() -> None:
            changes = Changes()
            sessions.create_session(changes, session)
            await self.application.engine.commit(changes)

        self.run(make())
        return session.session_key

    # ---- people

    async def joined(self, key: int, guest: Guest, start: int) -> Here:
        person = Person(stay_id=new_stay_id(), name=guest.name, part=guest.part, email=guest.email, **guest.more)
        return await presence.join(self.application, await self.known(), key, person, at=start + guest.at)

    async def _hold(self, key: int, guests: Sequence[Guest], start: int) -> int:
        """Everything in the order of time; who leaves in a second leaves before others come in it."""
        steps: list[tuple[int, int, int]] = []
        for place, guest in enumerate(guests):
            steps.append((guest.at, 1, place))
            steps.append((guest.at + guest.seconds, 0 if guest.seconds else 2, place))
            if guest.voip:
                steps.append((guest.at + min(guest.voip, guest.seconds), -1, place))
        here: dict[int, Here] = {}
        site_id = self.site.site_id
        for at, what, place in sorted(steps):
            guest = guests[place]
            if what == 1:
                here[place] = await self.joined(key, guest, start)
                if guest.voip:
                    await presence.audio(self.application, site_id, here[place].stay_id, on=True, at=start + at)
            elif what == -1:
                await presence.audio(self.application, site_id, here[place].stay_id, on=False, at=start + at)
            else:
                await presence.leave(self.application, site_id, here[place].stay_id, at=start + at)
        return here[0].conf_id

    def hold(self, key: int, *guests: Guest, start: int | None = None) -> int:
        """Hold a run of a session; the confID of the first guest's run."""
        return self.run(self._hold(key, guests, self.start if start is None else start))

    # ---- looking

    def row(self, conf_id: int) -> Run:
        found = self.run(runs.run(self.application.engine, self.site.site_id, conf_id))
        assert found is not None
        return found

    def stays(self, conf_id: int) -> list[Stay]:
        return self.run(runs.stays_of(self.application.engine, self.site.site_id, conf_id))

    def session(self, key: int) -> HostedSession:
        found = self.run(sessions.by_key(self.application.engine, self.site.site_id, key))
        assert found is not None
        return found

    def ask(self, operation: str, values: dict[str, Any] | None = None, caller: str = "host1") -> Answer:
        return self.site.client(caller).call(f"history.{operation}", xml_of(values or {}))


def host(at: int = 0, seconds: int = 60, **more: Any) -> Guest:
    """The host."""
    return Guest("Host1 Tester", at, seconds, Part.HOST, **more)
