"""One date of a training that has several: it is moved, or does not take place."""

from __future__ import annotations

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.training import RepeatSessionType, SetTrainingSession, TrainRepeatType
from parley.domain.dates import format_date
from parley.protocol.faults import Fault
from parley.services.training.document import read_document
from parley.services.training.kind import TRAINING
from parley.services.training.repeating import sessions_of
from parley.web.console.fields import Field, problem_text
from parley.web.console.session_form import entered_start
from parley.web.console.session_kinds import kind_for
from parley.web.console.sessions import may_change, session_of
from parley.web.console.shell import ConsoleCall, Shell

_EDIT, _DELETE = "EDIT", "DELETE"


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [shell.page("/meetings/{key:int}/dates/{number:int}", date_page, ("GET", "POST"), hosts=True)]


async def date_page(console: ConsoleCall) -> Response:
    """The form for one date (GET), and letting it take place otherwise (POST)."""
    session, _relation = await session_of(console)
    kind = kind_for(session, console.call.known.types)
    number = console.call.request.path_params["number"]
    if kind is None or kind.kind is not TRAINING or not may_change(console, session, kind):
        raise HTTPException(404)
    start = sessions_of(session, read_document(session.document)).get(number)
    if start is None:
        raise HTTPException(404)
    fields = [
        Field("DATE", "date", _("Date"), start.date().isoformat(), required=True),
        Field("TIME", "time", _("Time"), f"{start:%H:%M}", required=True),
        Field("GONE", "tick", _("It does not take place")),
    ]
    page, wrong = f"meetings/{session.session_key}", ""
    if console.posted:
        shown = [each.value for each in fields]
        for each in fields:
            each.value = console.text(each.name)
        if [each.value for each in fields] == shown:
            return console.go(page, "unchanged")
        moved = entered_start(fields[0], fields[1])
        if moved is not None:
            request = _request(session.session_key, number, None if fields[2].value else moved)
            try:
                await console.perform(request)
            except Fault as fault:
                wrong = problem_text(fault)
            else:
                return console.go(page, "saved")
    return console.show(
        "training_date.html",
        400 if wrong or any(each.error for each in fields) else 200,
        place="",
        session=session,
        number=number,
        day=console.language.day(start.date()),
        fields=fields,
        wrong=wrong,
    )


def _request(key: int, number: int, start: datetime | None) -> SetTrainingSession:
    """The request that moves a date, or takes it away (None)."""
    moved = RepeatSessionType(
        action=_DELETE if start is None else _EDIT,
        index=number,
        start_date=format_date(start) if start is not None else None,
    )
    return SetTrainingSession(session_key=key, repeat=TrainRepeatType(repeat_session=[moved]))
