"""What the page of a test does for whoever takes it: begin, keep answers, hand in.

The page comes with a link that only this person has. Times are kept here, never by the browser.
Source: facts/training-history.md 1.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from parley.domain.identifiers import random_below
from parley.domain.session import Attendee, HostedSession
from parley.domain.tests import Part, PartKind, Responses, State, is_over, may_begin
from parley.services.application import Application
from parley.services.context import Context
from parley.services.known_sites import KnownSite
from parley.services.sessions.newcomers import is_in
from parley.services.training_tests.access import TRAINING
from parley.services.training_tests.attempts import SessionTest, answers_of, close, settled
from parley.services.training_tests.settings import end_of, state
from parley.services.training_tests.tokens import tokens_of
from parley.store import Changes, Conflict, Duplicate, sessions, training_tests
from parley.store.training_tests import Attempt

_MAX_TRIES: Final = 12


class Taking(NamedTuple):
    """Somebody's place at a test: the attempts are all of his, none of them overdue."""

    context: Context
    session: HostedSession
    person: Attendee
    test: SessionTest
    attempts: list[Attempt]

    @property
    def open(self) -> Attempt | None:
        """The attempt that goes on."""
        return next((each for each in self.attempts if each.submitted_at is None), None)

    @property
    def last(self) -> Attempt | None:
        """The last attempt that was handed in."""
        return next((each for each in reversed(self.attempts) if each.submitted_at is not None), None)

    @property
    def admitted(self) -> bool:
        """Whether the person may take the session's tests at all."""
        return is_in(self.person)

    @property
    def state(self) -> State:
        """How far the test is."""
        return state(self.test.row, self.context.now)

    @property
    def may_begin(self) -> bool:
        """Whether a new attempt may begin now."""
        fits = may_begin(len(self.attempts), self.test.settings.attempts)
        return self.admitted and self.open is None and self.state is State.STARTED and fits


async def links_to_tests(
    application: Application, site: KnownSite, session: HostedSession, person: Attendee
) -> list[tuple[str, str]]:
    """Titles of a training's tests, and somebody's own links to them; none for people who may not take them."""
    if session.service != TRAINING or not is_in(person):
        return []
    tests = await training_tests.of_session(application.engine, session.site_id, session.session_key)
    tokens = await tokens_of(application, session.site_id) if tests else None
    name, links = site.site.name, application.links
    return [(test.title, links.test(name, tokens.write(test.test_id, person.attendee_id))) for test in tests if tokens]


async def find(application: Application, site: KnownSite, token: str) -> Taking | None:
    """Whom and which test a link is for; None for a link that leads nowhere (any more)."""
    site_id, engine = site.site.site_id, application.engine
    numbers = (await tokens_of(application, site_id)).read(token)
    if numbers is None:
        return None
    test_id, attendee_id = numbers
    for _ in range(_MAX_TRIES):
        row = await training_tests.by_id(engine, site_id, test_id)
        person = await sessions.attendee(engine, site_id, attendee_id)
        if row is None or person is None or row.session_key != person.session_key:
            return None
        session = await sessions.by_key(engine, site_id, person.session_key)
        if session is None or session.service != TRAINING:
            return None
        context, test = Context(application, site, None, session), SessionTest(row)
        found = await training_tests.attempts_of_person(engine, site_id, test_id, attendee_id)
        try:
            return Taking(context, session, person, test, await settled(context, session, test, found))
        except Conflict:
            continue
    raise Conflict


async def begin(taking: Taking) -> None:
    """Begin an attempt, if one may begin now; when another window was quicker, that one counts."""
    if not taking.may_begin:
        return
    person, row = taking.person, taking.test.row
    attempt = Attempt(
        site_id=row.site_id,
        attempt_id=random_below(1 << 62),
        test_id=row.test_id,
        attendee_id=person.attendee_id,
        number=len(taking.attempts) + 1,
        email_key=person.email_key,
        name=person.name,
        register_id=person.register_id or 0,
        started_at=taking.context.now,
    )
    changes = Changes()
    training_tests.begin(changes, attempt)
    try:
        await taking.context.engine.commit(changes)
    except Duplicate:
        return


async def save(taking: Taking, number: int, answers: Mapping[int, Responses], *, hand_in: bool = False) -> bool:
    """Keep answers to some questions of the attempt of this number; those to all others stay.

    Args:
        hand_in: and hand the attempt in.

    Returns:
        False when the attempt is no longer open; nothing was kept then.

    Raises:
        Conflict: others were always quicker.
    """
    context = taking.context
    attempts: list[Attempt] = taking.attempts
    for _ in range(_MAX_TRIES):
        before = next((each for each in attempts if each.number == number and each.submitted_at is None), None)
        if before is None or is_over(end_of(taking.test.row, before), context.application.clock.now()):
            return False
        kept = {**answers_of(before), **_allowed(taking.test, answers)}
        after = replace(before, answers=msgspec.json.encode(kept).decode())
        if not hand_in and after.answers == before.answers:
            return True
        changes = Changes()
        if hand_in:
            end = end_of(taking.test.row, before)
            after = replace(after, submitted_at=context.now if end is None else min(context.now, end))
            await close(context, changes, taking.session, taking.test, before, after)
        else:
            training_tests.change(changes, before, after)
        try:
            await context.engine.commit(changes)
        except Conflict:
            row = taking.test.row
            attempts = await training_tests.attempts_of_person(
                context.engine, row.site_id, row.test_id, taking.person.attendee_id
            )
            continue
        return True
    raise Conflict


def _allowed(test: SessionTest, answers: Mapping[int, Responses]) -> dict[int, Responses]:
    """Answers to questions that there are, of choices that there are, as long as they may be."""
    found: dict[int, Responses] = {}
    for place, responses in answers.items():
        if 0 <= place < len(test.questions):
            parts = test.questions[place].parts
            found[place] = {
                number: values
                for number, sent in responses.items()
                if 0 <= number < len(parts) and (values := _values(parts[number], sent))
            }
    return found


def _values(part: Part, sent: list[str]) -> list[str]:
    if part.kind is PartKind.TEXT:
        return [text[: part.longest] for text in sent[:1] if text]
    offered = {choice.ident for choice in part.choices}
    values = [each for each in dict.fromkeys(sent) if each in offered]
    return values[:1] if part.kind is PartKind.ONE else values
