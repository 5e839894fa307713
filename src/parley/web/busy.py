"""The answer when not even a page can be made: the database is needed for the first of them, and files for each."""

from __future__ import annotations

import errno
from typing import Final

BUSY: Final = (
    b'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Busy</title>'
    b"<p>The server cannot do this at the moment. Please try again in a minute.</p></html>\n"
)
HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "retry-after": "60",
    "cache-control": "no-store",
}
_SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM})


def is_scarce(error: OSError) -> bool:
    """Whether an error of the system says that there is too little of something, which may pass."""
    return error.errno in _SCARCE
