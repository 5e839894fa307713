"""Reads of one thing that programs ask for again and again: its answer is encoded once and kept.

How an operation gets quick by it: it reads little of the thing in one statement, its version among it, checks who may
see it, and hands over all that the answer depends on. GetMeeting, GetUser and GetSite show the pattern.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from parley.protocol.codec import answer_encoder
from parley.protocol.declare import Record
from parley.services.context import Context
from parley.services.registry import Encoded

R = TypeVar("R", bound=Record)


async def kept_answer(
    context: Context, answer: type[R], depends_on: tuple[Hashable, ...], make: Callable[[], Awaitable[R]]
) -> Encoded:
    """The encoded answer of an operation, from memory when it was made of the very same before.

    Args:
        answer: the type of the answer.
        depends_on: everything that the answer depends on beside site and level: the key of what is read, the version
            of its row as read for this request, and whatever changes without that version (names of others, the
            site's version, a text that goes with the time). What differs between callers belongs here too.
        make: builds the answer; called when it is not there.
    """
    known, kept = context.site, context.application.encoded
    key = (answer, known.site.site_id, known.level.text, *depends_on)
    text = kept.get(key)
    if text is None:
        text = answer_encoder(answer, known.level)(await make())
        kept.put(key, text)
    return Encoded(text)
