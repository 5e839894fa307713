"""The pause before a change is tried again that somebody else's came in between of."""

from __future__ import annotations

import asyncio
import random
from typing import Final

#: Seconds by which the longest pause grows with each try, and beyond which it does not grow.
_STEP: Final = 0.004
_LONGEST: Final = 0.1


async def let_others_finish(tried: int) -> None:
    """Wait for a random moment, so that those who met do not meet again; the more tries, the longer it may be.

    Args:
        tried: how often the change was tried.
    """
    await asyncio.sleep(random.uniform(0, min(_STEP * tried, _LONGEST)))
