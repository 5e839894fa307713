"""How people join by telephone, as GetSessionInfo tells it of the kinds whose contracts say it alike."""

from __future__ import annotations

from typing import TypeAlias

from parley.contract import event, meeting, sales, session
from parley.contract.ep import GetSessionInfoResponseTelephony, GetSessionInfoResponseTelephonyCallInNum

Telephony: TypeAlias = meeting.TelephonyType | event.TelephonyType | sales.TelephonyType | session.TelephonyType


def told(kept: Telephony | None) -> GetSessionInfoResponseTelephony:
    """What is told of the telephony that a session was scheduled with."""
    if kept is None or kept.telephony_support in (None, "NONE"):
        return GetSessionInfoResponseTelephony(telephony_support="NONE")
    numbers = kept.call_in_num
    return GetSessionInfoResponseTelephony(
        telephony_support=kept.telephony_support,
        ext_telephony_description=kept.ext_telephony_description,
        call_in_num=GetSessionInfoResponseTelephonyCallInNum(
            **{name: getattr(numbers, name) for name in type(numbers).__struct_fields__}
        )
        if numbers
        else None,
        is_mp_audio=getattr(kept, "is_mp_audio", None),
        tsp_conference=kept.tsp_conference,
    )
