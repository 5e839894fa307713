"""What administrators do with mails of the outbox: send them again, and call them off. Both are in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from parley.services.site_changes import Author, Difference, change_site
from parley.store import Changes, Conflict, Engine, outbox

#: Numbers of messages lie below; the database has no place for larger ones.
_NUMBERS: Final = 1 << 63


def is_number(number: int) -> bool:
    """Whether a message can have this number."""
    return 0 <= number < _NUMBERS


async def send_again(
    engine: Engine, site_id: int, numbers: Sequence[int], by: Author, now: int, *, idle: bool = False
) -> list[int]:
    """Make messages due at once, those too that were given up.

    Args:
        idle: those that a process sends at this moment are left to it.

    Returns:
        The numbers of those that cannot be: unknown ones, and those that were sent.
    """
    gone: list[int] = []
    done: list[int] = []
    for number in dict.fromkeys(numbers):
        changes = Changes()
        outbox.again(changes, site_id, number if is_number(number) else -1, now, idle=idle)
        try:
            await engine.commit(changes)
        except Conflict:
            gone.append(number)
        else:
            done.append(number)
    if done:
        what = str(done[0]) if len(done) == 1 else f"{len(done)} mails"
        await logged(engine, site_id, [Difference("mail_sent_again", None, what)], by, now)
    return gone


async def call_off(engine: Engine, site_id: int, number: int, by: Author, now: int, note: str) -> None:
    """Give up a mail that waits; it can be sent again.

    Args:
        note: what its row says from now on.

    Raises:
        Conflict: there is no such mail, it does not wait, or a process sends it at this moment.
    """
    changes = Changes()
    outbox.cancel(changes, site_id, number if is_number(number) else -1, now, note)
    await engine.commit(changes)
    await logged(engine, site_id, [Difference("mail_called_off", None, str(number))], by, now)


async def logged(engine: Engine, site_id: int, found: Sequence[Difference], by: Author, now: int) -> None:
    """Write what was done for a site into its audit log.

    Raises:
        Conflict: others who change the site were always faster.
    """
    await change_site(engine, site_id, lambda site: site, by, now, found)
