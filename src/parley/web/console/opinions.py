"""What people said of a session afterwards, for its host."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from parley.domain.feedback import HIGHEST, MOST_OPINIONS, QUESTIONS, Opinion
from parley.domain.history import Run
from parley.store import Engine, feedback
from parley.web.feedback import LABELS

#: Remarks that are shown.
_REMARKS: Final = 20
_read: Final = msgspec.json.Decoder(Opinion).decode


class Opinions(NamedTuple):
    """The forms of a run together.

    `forms`: how many there are; `marks`: of each question its name and the mean of the marks; `best`: the best mark;
    `remarks`: the latest ones.
    """

    forms: int
    marks: list[tuple[str, float]]
    best: int
    remarks: list[str]


async def of_run(engine: Engine, run: Run) -> Opinions | None:
    """What was said of a run; None: nothing."""
    rows = await feedback.of_run(engine, run.site_id, run.session_key, run.conf_id, MOST_OPINIONS)
    if not rows:
        return None
    found = [_read(row.document) for row in rows]
    marks = []
    for question in QUESTIONS:
        given = [mark for each in found if (mark := getattr(each, question)) is not None]
        if given:
            marks.append((LABELS[question], sum(given) / len(given)))
    remarks = [each.comment for each in reversed(found) if each.comment]
    return Opinions(len(found), marks, HIGHEST, remarks[:_REMARKS])
