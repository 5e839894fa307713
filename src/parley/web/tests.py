"""The pages of tests for those who take them: reached by a link that only the person has.

Everything works without scripts; a small module on top keeps answers as they are given and shows the time that is
left. What counts is the server's time: whatever a browser says, answers after the end are not taken.
Sources: facts/training-history.md 1.7 (display) and 1.8 (time and number of attempts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.tests import Delivery, Responses, State
from parley.domain.tests_grading import is_answered, marked
from parley.domain.user import User
from parley.services.known_sites import KnownSite
from parley.services.training_tests import taking
from parley.services.training_tests.attempts import answers_of
from parley.services.training_tests.settings import delivery_of, end_of
from parley.services.training_tests.taking import Taking
from parley.store import Conflict
from parley.store.training_tests import Attempt
from parley.web.forms import check_sender
from parley.web.link_values import read_pairs
from parley.web.meeting_links import MeetingLinks
from parley.web.meeting_view import MeetingView, TimeView
from parley.web.render import PRIVATE, SAFETY, private_page
from parley.web.tests_view import answers_in, question_view, shown
from parley.web.words import spoken

if TYPE_CHECKING:
    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_MAX_FORM: Final = 4_000_000
_MAX_FIELDS: Final = 10_000
#: These pages run our own module, which talks to nobody but this server.
SCRIPTED: Final = {
    "Content-Security-Policy": f"{SAFETY['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"
}
_GONE: Final = _("The time is over, or this attempt was handed in already.")


@dataclass(frozen=True, slots=True)
class _Form:
    """What a page of the test sent."""

    go: str
    attempt: int
    page: int
    pairs: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _AttemptView:
    """An attempt that goes on: its number, the seconds that are left (None: no limit), and when it ends."""

    number: int
    left: int | None
    end: TimeView | None


class TestPages:
    """The pages of tests below the address of a site."""

    __test__ = False

    def __init__(self, application: Application, links: MeetingLinks) -> None:
        self._application = application
        self._links = links

    def routes(self) -> list[BaseRoute]:
        """The routes of the pages."""
        return [Route("/{site}/test/{token}", self._page, methods=["GET", "POST"])]

    async def _page(self, request: Request) -> Response:
        try:
            return await self._links.below_site(request, self._answer)
        except Conflict:
            raise HTTPException(503, headers={"Retry-After": "1"}) from None

    async def _answer(self, request: Request, known: KnownSite, _user: User | None) -> Response:
        if request.method == "POST":
            check_sender(request)
        form = await _read_form(request) if request.method == "POST" else None
        found = await taking.find(self._application, known, request.path_params["token"])
        if found is None:
            raise HTTPException(404)
        if form is not None:
            return await self._sent(request, found, form)
        attempt = found.open
        if attempt is not None and "review" in request.query_params:
            return self._review(found, attempt)
        if attempt is not None and "page" in request.query_params:
            page, saved = _number(request.query_params["page"]), "saved" in request.query_params
            return self._questions(found, attempt, page, saved=saved)
        return self._overview(found, late="late" in request.query_params)

    # ---- what was sent -------------------------------------------------------------------------------------------

    async def _sent(self, request: Request, found: Taking, form: _Form) -> Response:
        path = request.url.path
        if form.go == "begin":
            await taking.begin(found)
            return _to(path, "?page=1" if found.may_begin or found.open else "")
        page = min(max(form.page, 1), _pages(found)) if form.go != "submit" else 0
        places = _places(found, page) if page else range(0)
        answers = answers_in(form.pairs, found.test.questions, places)
        kept = await taking.save(found, form.attempt, answers, hand_in=form.go == "submit")
        if form.go == "auto":
            return self._kept(found, form.attempt, kept)
        if not kept or form.go == "submit":
            return _to(path, "" if kept else "?late")
        wanted = {"next": page + 1, "prev": page - 1}.get(form.go, page)
        if form.go == "review" or wanted > _pages(found):
            return _to(path, "?review")
        return _to(path, f"?page={max(wanted, 1)}{'&saved' if form.go == 'save' else ''}")

    def _kept(self, found: Taking, number: int, kept: bool) -> Response:
        """The answer to the page's module: whether the answers are kept, and the seconds that are left."""
        attempt = found.open
        left = self._attempt(found, attempt).left if attempt is not None and attempt.number == number else None
        return JSONResponse({"kept": kept, "left": left}, 200 if kept else 409, {**SAFETY, **PRIVATE})

    # ---- pages ---------------------------------------------------------------------------------------------------

    def _overview(self, found: Taking, *, late: bool) -> Response:
        test, last, zone = found.test, found.last, found.session.time_zone_id
        row, now = test.row, found.context.now
        on_site = delivery_of(row) is Delivery.WEBSITE
        limit = test.settings.attempts
        return private_page(
            "test.html",
            200 if found.admitted else 403,
            headers=SCRIPTED,
            title=row.title,
            description=shown(row.description) if row.description else None,
            meeting=MeetingView.of(found.session, now),
            person=found.person.name,
            admitted=found.admitted,
            state=found.state.value,
            on_site=on_site,
            waits=not on_site and found.state is State.NOT_STARTED and found.admitted,
            opens=TimeView.of(row.opens_at, zone) if on_site and row.opens_at is not None else None,
            closes=TimeView.of(row.closes_at, zone) if on_site and row.closes_at is not None else None,
            questions=len(test.questions),
            points=test.bounds.highest,
            minutes=spoken().length(test.settings.minutes) if test.settings.minutes else None,
            attempts_left=None if limit is None else max(limit - len(found.attempts), 0),
            attempts_limit=limit,
            may_begin=found.may_begin,
            open=self._attempt(found, found.open) if found.open is not None else None,
            result=_result(found, last) if last is not None else None,
            gone=_GONE if late else None,
        )

    def _questions(self, found: Taking, attempt: Attempt, page: int, *, saved: bool) -> Response:
        pages, answers = _pages(found), answers_of(attempt)
        page = min(max(page, 1), pages)
        questions = found.test.questions
        return private_page(
            "test_questions.html",
            headers=SCRIPTED,
            title=found.test.row.title,
            page=page,
            pages=pages,
            total=len(questions),
            attempt=self._attempt(found, attempt),
            questions=[
                question_view(place, questions[place], answers.get(place, {})) for place in _places(found, page)
            ],
            saved=saved,
        )

    def _review(self, found: Taking, attempt: Attempt) -> Response:
        answers = answers_of(attempt)
        rows = [
            (place + 1, _page_of(found, place), is_answered(question, answers.get(place, {})), bool(question.parts))
            for place, question in enumerate(found.test.questions)
        ]
        return private_page(
            "test_review.html",
            headers=SCRIPTED,
            title=found.test.row.title,
            attempt=self._attempt(found, attempt),
            rows=rows,
            missing=sum(asked and not answered for _, _, answered, asked in rows),
            last_page=_pages(found),
        )

    def _attempt(self, found: Taking, attempt: Attempt) -> _AttemptView:
        end = end_of(found.test.row, attempt)
        zone = found.session.time_zone_id
        left = None if end is None else max(end - self._application.clock.now(), 0)
        return _AttemptView(attempt.number, left, None if end is None else TimeView.of(end, zone))


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of an attempt as its maker is told; `score` is None when he is not, `feedback` by question."""

    handed_in: TimeView
    pending: bool
    score: int | None
    highest: int
    grade: str
    feedback: list[tuple[int, str]]


def _result(found: Taking, attempt: Attempt) -> _Result:
    test, told = found.test, found.test.settings.report
    return _Result(
        handed_in=TimeView.of(attempt.submitted_at or 0, found.session.time_zone_id),
        pending=attempt.pending,
        score=attempt.score if told else None,
        highest=test.bounds.highest,
        grade=test.grade(attempt) if told else "",
        feedback=_feedback(found, answers_of(attempt)) if told and not found.may_begin else [],
    )


def _feedback(found: Taking, answers: dict[int, Responses]) -> list[tuple[int, str]]:
    """What the rules that held have to say, with the numbers of the questions."""
    return [
        (place + 1, shown(text))
        for place, question in enumerate(found.test.questions)
        for number in marked(question, answers.get(place, {})).feedback
        if (text := question.feedback[number])
    ]


def _pages(found: Taking) -> int:
    return len(found.test.questions) if found.test.definition.one_per_page else 1


def _page_of(found: Taking, place: int) -> int:
    return place + 1 if found.test.definition.one_per_page else 1


def _places(found: Taking, page: int) -> range:
    """The questions on a page (from 1), by their places (from 0)."""
    return range(page - 1, page) if found.test.definition.one_per_page else range(len(found.test.questions))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


async def _read_form(request: Request) -> _Form:
    pairs = await read_pairs(request, _MAX_FORM, _MAX_FIELDS)
    values = dict(reversed(pairs))
    return _Form(values.get("go", "save"), _number(values.get("attempt", "")), _number(values.get("page", "")), pairs)


def _to(path: str, query: str) -> Response:
    return RedirectResponse(path + query, 303, {**SAFETY, **PRIVATE})
