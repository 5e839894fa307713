"""The history is kept for as long as its site says, and not less than it is listed; what is older goes, with everything
known of the people in it.

Source: facts/training-history.md 2.0 (the last 90 days).
"""

from __future__ import annotations

from typing import Final

from parley.domain import identifiers
from parley.services.history.reports import SERVICES
from parley.store import Changes, Conflict, Engine, account_log, run_days, runs

_DAY: Final = 86_400
#: So much longer, so that nothing goes from under a program that reads page after page.
_MARGIN: Final = _DAY
#: Who changed which account is told for two years, of accounts that are gone too.
ACCOUNT_LOG_SECONDS: Final = 730 * _DAY
#: Runs that go in one transaction; each may have thousands of stays.
_AT_ONCE: Final = 20


async def purge(engine: Engine, site_id: int, now: int, days: int) -> int:
    """Forget the runs of a site that ended more than so many days ago; tells how many.

    `now`: UTC epoch seconds. One probe of an index for each service when there is nothing to do. Several processes may
    do it at once.
    """
    gone, before = 0, now - days * _DAY - _MARGIN
    for service in SERVICES:
        forgotten = 0
        while found := await runs.old(engine, site_id, service, before, _AT_ONCE):
            changes = Changes()
            # Two processes that forget the same ones take them in the same order.
            for run in sorted(found):
                runs.purge(changes, run, identifiers.new_conf_id())
            try:
                await engine.commit(changes)
            except Conflict:  # another process forgets them
                break
            forgotten += len(found)
        if forgotten:
            changes = Changes()
            run_days.prune(changes, site_id, service, before)
            await engine.commit(changes)
        gone += forgotten
    return gone


async def forget_accounts(engine: Engine, site_id: int, now: int) -> None:
    """Forget who changed accounts of a site, where that is older than `ACCOUNT_LOG_SECONDS`."""
    changes = Changes()
    account_log.purge(changes, site_id, now - ACCOUNT_LOG_SECONDS)
    await engine.commit(changes)
