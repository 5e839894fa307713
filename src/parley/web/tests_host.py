"""The host's pages of a training's tests: start and end them in the session, see who took them, score what was written.

Source: facts/training-history.md 1.8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.listing import Relation
from parley.domain.session import HostedSession
from parley.domain.tests import Delivery
from parley.domain.tests_grading import bounds_of, marked, needs_mark
from parley.domain.user import User
from parley.services.known_sites import KnownSite
from parley.services.training_tests import running
from parley.services.training_tests.access import TRAINING
from parley.services.training_tests.attempts import answers_of, last_of_each, marks_of
from parley.services.training_tests.running import Running
from parley.services.training_tests.settings import delivery_of, state
from parley.store import Conflict, sessions
from parley.store.training_tests import Attempt
from parley.web.forms import check_sender
from parley.web.link_values import read_pairs
from parley.web.meeting_links import MeetingLinks
from parley.web.meeting_view import MeetingView, TimeView
from parley.web.render import PRIVATE, SAFETY, message, private_page
from parley.web.tests_view import given_text, shown
from parley.web.words import said

if TYPE_CHECKING:
    from markupsafe import Markup

    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_MARK: Final = re.compile(r"-?[0-9]{1,7}")
_MAX_FORM: Final = 65_536
_MAX_FIELDS: Final = 1000
_NO_VISIT: Final = _("The start link of the training signs you in. Ask the program that gave it to you for a new one.")
_NEEDED: Final = _("A whole number from %(lowest)s to %(highest)s is needed.")
_STATES: Final = {"NOT_STARTED": _("not started"), "STARTED": _("open"), "ENDED": _("closed")}


@dataclass(frozen=True, slots=True)
class _TestView:
    """A test in the list of a session."""

    number: int
    title: str
    state: str
    place: str
    due: TimeView | None


@dataclass(frozen=True, slots=True)
class _RowView:
    """Somebody who took, or takes, a test; `number` is that of the attempt."""

    number: int
    name: str
    email: str
    handed_in: TimeView | None
    score: int | None
    grade: str
    pending: bool
    written: bool


@dataclass(frozen=True, slots=True)
class _MarkView:
    """A question that is scored by hand; `mark` is what was given, "" for nothing."""

    number: int
    place: int
    texts: list[Markup]
    answers: list[str]
    lowest: int
    highest: int
    mark: str
    error: str | None = None


class HostTestPages:
    """The host's pages of tests below the address of a site."""

    __test__ = False

    def __init__(self, application: Application, links: MeetingLinks) -> None:
        self._application = application
        self._links = links

    def routes(self) -> list[BaseRoute]:
        """The routes of the pages."""
        both = ["GET", "POST"]
        return [
            Route("/{site}/tests/{number}", self._page),
            Route("/{site}/tests/{number}/{test}", self._page, methods=both),
            Route("/{site}/tests/{number}/{test}/{attempt}", self._page, methods=both),
        ]

    async def _page(self, request: Request) -> Response:
        try:
            return await self._links.below_site(request, self._answer)
        except Conflict:
            raise HTTPException(503, headers={"Retry-After": "1"}) from None

    async def _answer(self, request: Request, known: KnownSite, user: User | None) -> Response:
        if request.method == "POST":
            check_sender(request)
        refused, session = await self._session(request, known, user)
        if session is None:
            return refused or message(_("Sign in first"), _("This page is for the host of a training."), 403)
        values = request.path_params
        if "test" not in values:
            return await self._tests(session)
        found = await running.find(self._application, known, session, _parsed(values["test"]))
        if found is None:
            raise HTTPException(404)
        if "attempt" in values:
            return await self._attempt(request, known, session, found, _parsed(values["attempt"]))
        if request.method == "POST":
            return await self._run(request, known, session, found)
        return self._test(session, found)

    async def _session(
        self, request: Request, known: KnownSite, user: User | None
    ) -> tuple[Response | None, HostedSession | None]:
        """The training, for its hosts; else what is answered instead."""
        if user is None:
            return (
                message(
                    _("Sign in first"),
                    _("This page is for the host of a training."),
                    403,
                    hint=_NO_VISIT,
                ),
                None,
            )
        key = _parsed(request.path_params["number"])
        session = await sessions.by_key(self._application.engine, known.site.site_id, key)
        if session is None or session.service != TRAINING:
            raise HTTPException(404)
        if await self._links.relation(user, session) < Relation.HOST:
            return message(
                _("Not your training"), _("You are signed in, but you are not a host of this training."), 403
            ), None
        return None, session

    # ---- tests of the session ------------------------------------------------------------------------------------

    async def _tests(self, session: HostedSession) -> Response:
        now = self._application.clock.now()
        views = []
        for test in await running.all_tests(self._application, session):
            on_site = delivery_of(test) is Delivery.WEBSITE
            due = TimeView.of(test.closes_at, session.time_zone_id) if on_site and test.closes_at is not None else None
            place = _("on the web site") if on_site else _("in the session")
            views.append(_TestView(test.test_id, test.title, _STATES[state(test, now).value], place, due))
        return private_page(
            "tests_host.html",
            meeting=MeetingView.of(session, now),
            tests=views,
            number=session.session_key,
        )

    def _test(self, session: HostedSession, found: Running) -> Response:
        row, now = found.test.row, self._application.clock.now()
        waiting = [each for each in found.attempts if each.submitted_at is None]
        rows = [self._row(session, found, each) for each in (*waiting, *last_of_each(found.attempts))]
        return private_page(
            "test_host.html",
            meeting=MeetingView.of(session, now),
            title=row.title,
            state=_STATES[state(row, now).value],
            in_session=delivery_of(row) is Delivery.IN_SESSION,
            may_start=state(row, now).value != "STARTED",
            rows=rows,
            highest=found.test.bounds.highest,
            here=row.test_id,
            back=session.session_key,
        )

    def _row(self, session: HostedSession, found: Running, attempt: Attempt) -> _RowView:
        at = attempt.submitted_at
        return _RowView(
            number=attempt.attempt_id,
            name=attempt.name,
            email=attempt.email_key,
            handed_in=TimeView.of(at, session.time_zone_id) if at is not None else None,
            score=attempt.score,
            grade=found.test.grade(attempt),
            pending=attempt.pending,
            written=any(map(needs_mark, found.test.questions)),
        )

    async def _run(self, request: Request, known: KnownSite, session: HostedSession, found: Running) -> Response:
        values = dict(await read_pairs(request, _MAX_FORM, _MAX_FIELDS))
        change = {"start": running.start, "end": running.end}.get(values.get("go", ""))
        if change is not None:
            await change(self._application, known, session, found.test.row)
        return _to(request.url.path)

    # ---- scoring -------------------------------------------------------------------------------------------------

    async def _attempt(
        self, request: Request, known: KnownSite, session: HostedSession, found: Running, number: int
    ) -> Response:
        attempt = next((each for each in found.attempts if each.attempt_id == number), None)
        if attempt is None or attempt.submitted_at is None:
            raise HTTPException(404)
        if request.method != "POST":
            return self._scores(session, found, attempt, {})
        values = dict(await read_pairs(request, _MAX_FORM, _MAX_FIELDS))
        sent = {
            place: values[f"m{place}"].strip()
            for place, question in enumerate(found.test.questions)
            if needs_mark(question) and values.get(f"m{place}", "").strip()
        }
        marks = {place: int(text) for place, text in sent.items() if self._fits(found, place, text)}
        if len(marks) < len(sent):
            return self._scores(session, found, attempt, sent)
        await running.give_marks(self._application, known, session, found.test, attempt, marks)
        return _to(request.url.path.rpartition("/")[0])

    @staticmethod
    def _fits(found: Running, place: int, text: str) -> bool:
        bounds = bounds_of(found.test.questions[place])
        return _MARK.fullmatch(text) is not None and bounds.lowest <= int(text) <= bounds.highest

    def _scores(self, session: HostedSession, found: Running, attempt: Attempt, sent: dict[int, str]) -> Response:
        answers, marks = answers_of(attempt), marks_of(attempt)
        written, others = [], []
        for place, question in enumerate(found.test.questions):
            given, bounds = answers.get(place, {}), bounds_of(question)
            if not needs_mark(question):
                others.append((place + 1, given_text(question, given), marked(question, given).score, bounds.highest))
                continue
            text = sent.get(place, str(marks.get(place, "")))
            wrong = place in sent and not self._fits(found, place, text)
            written.append(
                _MarkView(
                    number=place + 1,
                    place=place,
                    texts=[shown(each) for each in question.texts],
                    answers=given_text(question, given),
                    lowest=bounds.lowest,
                    highest=bounds.highest,
                    mark=text,
                    error=said(_NEEDED, lowest=bounds.lowest, highest=bounds.highest) if wrong else None,
                )
            )
        return private_page(
            "test_marks.html",
            422 if any(each.error for each in written) else 200,
            meeting=MeetingView.of(session, self._application.clock.now()),
            title=found.test.row.title,
            row=self._row(session, found, attempt),
            written=written,
            others=others,
            highest=found.test.bounds.highest,
            back=found.test.row.test_id,
        )


def _parsed(text: str) -> int:
    """A number of an address; 0, which nothing has, for anything else."""
    return int(text) if _NUMBER.fullmatch(text) and int(text) < 2**63 else 0


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, {**SAFETY, **PRIVATE})
