"""DetectSessionByCallback.

Source: facts/general-session.md 8.
"""

from __future__ import annotations

import re
from typing import Final

from parley.contract.ep import DetectSessionByCallback, DetectSessionByCallbackResponse
from parley.domain import timezones
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.registry import operation

_WIDEST: Final = 300
"""Seconds between the two dates."""
_NUMBER: Final = re.compile(r"[0-9]{1,32}")


@operation("ep", request=DetectSessionByCallback, answer=DetectSessionByCallbackResponse, since="10.0.0")
async def detect_session_by_callback(
    context: Context, request: DetectSessionByCallback
) -> DetectSessionByCallbackResponse:
    """Find the sessions that called a number back; no session calls anybody, so there never is one."""
    if not _NUMBER.fullmatch((request.callback_number or "").strip()):
        raise faults.INVALID_VALUE(path="callbackNumber", problem="digits with country and area code are needed")
    window = request.data_scope_gmt
    start, end = lists.scope_of_dates(
        window.occurred_date_start if window else None, window.occurred_date_end if window else None, timezones.GMT
    )
    if start is None or end is None:
        missing = "occurredDateStart" if start is None else "occurredDateEnd"
        raise faults.MISSING_ELEMENT(path=f"dataScopeGMT/{missing}")
    if not 0 <= end - start <= _WIDEST:
        raise faults.INVALID_VALUE(path="dataScopeGMT", problem="a range of at most 5 minutes is allowed")
    raise faults.NOTHING_FOUND()
