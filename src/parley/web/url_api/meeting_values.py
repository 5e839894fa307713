"""Parameters of SM, IM and EM as the parts of a meeting.

What the XML API has no element for (credit cards, RPW, NR, RCY/RCM/RCD, AI, AS, AL, AH, WL, AP, DL, NP, BM) is passed
over. What the numbers of TC, RO and TY stand for, and how MF and AF are written, is chosen (docs/fidelity.md).
Source: facts/url-api.md "m.php".
"""

from __future__ import annotations

from typing import Any, Final

from parley.contract.meeting import (
    AccessControlType,
    AttendeeOptionsType,
    EnableOptionsType,
    MetaDataType,
    ParticipantsType,
    RemindType,
    RemindTypeEmails,
    RepeatType,
    RepeatTypeDayInWeek,
    ScheduleType,
    TelephonyType,
)
from parley.web.url_api.account_values import part, tracking_of, without_nothing
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Reason, Refused

#: What TC stands for; the words of the XML API do too.
_TELEPHONY: Final = {"0": "NONE", "1": "CALLIN", "2": "CALLBACK", "3": "OTHER"}
#: What RO and TY stand for; the words of the XML API do too.
_REPEATS: Final = {"0": "NO_REPEAT", "1": "DAILY", "2": "WEEKLY", "3": "MONTHLY", "4": "YEARLY"}
_DAYS: Final = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
#: Fields of the options by the names of their elements, in lower case.
_OPTIONS: Final = {each.name.lower(): each.attribute for each in EnableOptionsType.__declaration__.elements}
_MINUTE: Final = 60


def meeting_of(sent: Parameters, *, new: bool) -> dict[str, Any]:
    """The parts of a meeting, by their names in the record of the request.

    Args:
        new: the meeting is made: what was not said has the defaults of the URL API (not listed, no attendee list).
    """
    return without_nothing(
        access_control=_access(sent, new=new),
        meta_data=part(
            MetaDataType,
            {
                "conf_name": sent.required("MN") if new else sent.text("MN"),
                "meeting_type": sent.number("MT"),
                "agenda": sent.text("AG", "MD", "DS"),
                "greeting": sent.text("MG", "PM"),
            },
        ),
        participants=part(ParticipantsType, {"max_user_number": sent.number("NA")}),
        enable_options=_options(sent, new=new),
        schedule=part(
            ScheduleType,
            {
                "start_date": sent.moment(),
                "duration": sent.number("DU"),
                "time_zone_id": sent.number("TZ"),
                "open_time": _open_time(sent),
                "show_file_cont_play_flag": sent.switch("APP"),
                "show_file_interval": sent.number("APPD"),
            },
        ),
        telephony=_telephony(sent),
        tracking=tracking_of(sent),
        repeat=_repeat(sent),
        remind=_remind(sent),
        attendee_options=part(
            AttendeeOptionsType,
            {
                "registration": sent.switch("AR"),
                "auto": sent.switch("AQ"),
                "exclude_password": sent.switch("ExcludePW"),
                "join_requires_account": sent.switch("RequestALogin"),
            },
        ),
    )


def _access(sent: Parameters, *, new: bool) -> AccessControlType | None:
    listed = sent.switch("LF")
    if listed is None and new:
        listed = False
    values = {"list_to_public": listed, "is_public": listed, "meeting_password": sent.secret("PW")}
    return part(AccessControlType, values)


def _options(sent: Parameters, *, new: bool) -> EnableOptionsType | None:
    """What can be done in the meeting: MF names what everybody can do, AF what attendees can do."""
    values: dict[str, Any] = {"voip": sent.switch("IP"), "display_quick_start_host": sent.switch("QK")}
    values |= {"notes": sent.switch("NT"), "single_note": sent.switch("NTOP")}
    if new:
        values["attendee_list"] = False
    named = [_OPTIONS[word.lower()] for word in sent.words("MF", "AF") if word.lower() in _OPTIONS]
    return part(EnableOptionsType, values | dict.fromkeys(named, True))


def _open_time(sent: Parameters) -> int | None:
    """Seconds before the start from which on people may enter: AJ says whether they may before the host, AJMI when."""
    before, minutes = sent.switch("AJ"), sent.number("AJMI")
    if before is None:
        return None
    return (minutes or 0) * _MINUTE if before else 0


def _telephony(sent: Parameters) -> TelephonyType | None:
    account = sent.number("TA")
    kind = sent.text("TC")
    return part(
        TelephonyType,
        {
            "telephony_support": _TELEPHONY.get(kind, kind.upper()) if kind else None,
            "num_phone_lines": sent.number("TL"),
            "ext_telephony_description": sent.text("TD"),
            "enable_tsp": True if account is not None else None,
            "tsp_account_index": account,
        },
    )


def _repeat(sent: Parameters) -> RepeatType | None:
    """How often the meeting takes place: NS times, or until a day, or for ever (Always)."""
    kind = sent.text("RO", "TY")
    if kind is None:
        return None
    kind = _REPEATS.get(kind, kind.upper())
    if kind == "NO_REPEAT":
        return RepeatType(repeat_type=kind)
    days = [_day(word) for word in sent.words("Days")]
    endless = bool(sent.switch("Always"))
    return RepeatType(
        repeat_type=kind,
        interval=1,
        day_in_week=RepeatTypeDayInWeek(day=days) if days else None,
        after_meeting_number=None if endless else sent.number("NS"),
        expiration_date=None if endless else sent.moment("Until", clock=False),
    )


def _day(word: str) -> str:
    """A day of the week: by its number (1 is Sunday), its name, or the first letters of that."""
    if word.isdecimal() and 1 <= int(word) <= len(_DAYS):
        return _DAYS[int(word) - 1]
    named = [day for day in _DAYS if len(word) > 1 and day.startswith(word.upper())]
    if len(named) != 1:
        raise Refused(Reason.INVALID_DATA)
    return named[0]


def _remind(sent: Parameters) -> RemindType | None:
    """A reminder, so many minutes before, to addresses (Email) or a mobile telephone."""
    minutes, addresses, mobile = sent.number("ReminderTime"), sent.words("Email"), sent.text("MobileDN")
    if minutes is None and sent.switch("ME") is None:
        return None
    by_mail = sent.switch("ME")
    return RemindType(
        enable_reminder=True,
        emails=RemindTypeEmails(email=addresses) if addresses else None,
        send_email=True if by_mail is None else by_mail,
        mobile=mobile,
        send_mobile=True if mobile else None,
        minutes_ahead=minutes,
    )
