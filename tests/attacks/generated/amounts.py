"""How much is tried: a slice in every run of the suite, as many times as much as PARLEY_ATTACKS says, or `all`.

`scripts/night --generated 5` runs these tests with five times as much, `scripts/night --generated all` with all that
there is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar
from zlib import crc32

T = TypeVar("T")

_ASKED: Final = os.environ.get("PARLEY_ATTACKS", "1")
#: So many times as much as in the suite.
TIMES: Final = 1_000_000 if _ASKED == "all" else int(_ASKED)
#: Whether it is one of the long runs.
LONG: Final = TIMES > 1


def some(of: Sequence[T], most: int, salt: str) -> Sequence[T]:
    """So many of a sequence, times `TIMES`; which ones depends on `salt` alone, so that places differ in them."""
    count = most * TIMES
    if len(of) <= count:
        return of
    start = crc32(salt.encode()) % len(of)
    step = max(1, len(of) // count)
    return [of[(start + number * step) % len(of)] for number in range(count)]
