"""The request documents that are sent, in the form most programs give them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from benchmarks.load import NUMBER

SERV: Final = "http://www.webex.com/schemas/2002/06/service"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
PASSWORD: Final = "Often-Asked-4"
PATH: Final = "/WBXService/XMLService"
_DAY: Final = 86_400


def elements(values: dict[str, Any]) -> str:
    """XML of nested mappings; a list repeats its element."""
    parts = []
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                inner = elements(each)
            elif isinstance(each, bool):
                inner = str(each).upper()
            else:
                inner = escape(str(each))
            parts.append(f"<{name}>{inner}</{name}>")
    return "".join(parts)


def document(site: str, web_ex_id: str, operation: str, body: str) -> bytes:
    """A request for an operation such as `meeting.GetMeeting`, on one line."""
    context = elements({"webExID": web_ex_id, "password": PASSWORD, "siteName": site})
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<serv:message xmlns:xsi="{XSI}" xmlns:serv="{SERV}">'
        f"<header><securityContext>{context}</securityContext></header>"
        f'<body><bodyContent xsi:type="java:com.webex.service.binding.{operation}">{body}</bodyContent></body>'
        "</serv:message>"
    ).encode()


def api_version(site: str) -> bytes:
    """GetAPIVersion, which reads next to nothing."""
    return document(site, "host", "ep.GetAPIVersion", "")


def get_meeting(site: str, web_ex_id: str, key: int) -> bytes:
    """GetMeeting of a session key."""
    return document(site, web_ex_id, "meeting.GetMeeting", f"<meetingKey>{key}</meetingKey>")


def get_meetings(site: str, web_ex_id: str, keys: Sequence[int]) -> list[bytes]:
    """GetMeeting of each of these keys."""
    return [get_meeting(site, web_ex_id, key) for key in keys]


def list_sessions(site: str, web_ex_id: str, start_from: int = 1, maximum: int = 100, zone: int | None = None) -> bytes:
    """LstsummarySession by start time; `zone` is that of the answer's times."""
    control = {"startFrom": start_from, "maximumNum": maximum}
    body: dict[str, Any] = {"listControl": control, "order": {"orderBy": "STARTTIME", "orderAD": "ASC"}}
    if zone is not None:
        body["dateScope"] = {"timeZoneID": zone}
    return document(site, web_ex_id, "session.LstsummarySession", elements(body))


def list_meetings(site: str, web_ex_id: str, start_from: int = 1, maximum: int = 100) -> bytes:
    """LstsummaryMeeting by start time."""
    control = {"startFrom": start_from, "maximumNum": maximum}
    body = {"listControl": control, "order": {"orderBy": "STARTTIME", "orderAD": "ASC"}}
    return document(site, web_ex_id, "meeting.LstsummaryMeeting", elements(body))


def list_named(site: str, web_ex_id: str, maximum: int = 100) -> bytes:
    """LstsummarySession of a name that every meeting has."""
    body = {"listControl": {"startFrom": 1, "maximumNum": maximum}, "confName": "Weekly round"}
    return document(site, web_ex_id, "session.LstsummarySession", elements(body))


def list_history(site: str, web_ex_id: str, start_from: int = 1, maximum: int = 100) -> bytes:
    """LstmeetingusageHistory of the last fifty days."""
    now = int(time.time())
    first, last = (time.strftime("%m/%d/%Y %H:%M:%S", time.gmtime(now + days * _DAY)) for days in (-50, 1))
    body = {
        "startTimeScope": {"sessionStartTimeStart": first, "sessionStartTimeEnd": last},
        "listControl": {"startFrom": start_from, "maximumNum": maximum},
        "timeZoneID": 20,
    }
    return document(site, web_ex_id, "history.LstmeetingusageHistory", elements(body))


def list_recordings(site: str, web_ex_id: str, start_from: int = 1, maximum: int = 100) -> bytes:
    """LstRecording."""
    body = {"listControl": {"startFrom": start_from, "maximumNum": maximum}}
    return document(site, web_ex_id, "ep.LstRecording", elements(body))


def get_user(site: str, web_ex_id: str, name: str) -> bytes:
    """GetUser of a webExID."""
    return document(site, web_ex_id, "user.GetUser", elements({"webExId": name}))


def list_users(site: str, web_ex_id: str, body: dict[str, Any], start_from: int = 1, maximum: int = 100) -> bytes:
    """LstsummaryUser with these further elements."""
    control = {"startFrom": start_from, "maximumNum": maximum}
    return document(site, web_ex_id, "user.LstsummaryUser", elements({"listControl": control, **body}))


def _attendee(number: int) -> dict[str, Any]:
    person = {"name": f"Guest Number {number}", "email": f"guest{number}@example.com", "type": "VISITOR"}
    return {"person": person, "role": "ATTENDEE", "joinStatus": "INVITE", "emailInvitations": False}


#: Everything that a program which fills in the whole form says of a meeting.
_OPTIONS: Final = (
    "chat",
    "poll",
    "audioVideo",
    "attendeeList",
    "fileShare",
    "presentation",
    "applicationShare",
    "desktopShare",
    "webTour",
    "meetingRecord",
    "annotation",
    "importDocument",
    "saveDocument",
    "printDocument",
    "pointer",
    "switchPage",
    "fullScreen",
    "thumbnail",
    "zoom",
    "copyPage",
    "rcAppShare",
    "rcDesktopShare",
    "rcWebTour",
    "joinBeforeHost",
    "faxIntoMeeting",
    "supportFeedback",
    "javaClient",
    "nativeClient",
    "autoDeleteAfterMeetingEnd",
    "HQvideo",
    "HDvideo",
    "viewVideoThumbs",
    "displayQuickStartHost",
)


def full_meeting(days: int = 30) -> dict[str, Any]:
    """A meeting with three attendees and every common element said."""
    start = time.strftime("%m/%d/%Y 10:00:00", time.gmtime(time.time() + days * _DAY))
    return {
        "accessControl": {
            "listToPublic": True,
            "isPublic": True,
            "meetingPassword": "Secret12",
            "enforcePassword": True,
        },
        "metaData": {
            "confName": "Quarterly review of plans & figures",
            "agenda": "Figures of the quarter; plans for the next one; questions",
            "greeting": "Good to see you",
            "location": "Room 12",
            "invitation": "Please bring your figures along",
        },
        "participants": {"maxUserNumber": 20, "attendees": {"attendee": [_attendee(n) for n in range(1, 4)]}},
        "enableOptions": dict.fromkeys(_OPTIONS, True),
        "schedule": {
            "startDate": start,
            "timeZoneID": 20,
            "duration": 60,
            "openTime": 900,
            "joinTeleconfBeforeHost": False,
        },
        "telephony": {"telephonySupport": "OTHER", "extTelephonyDescription": "Call 1-800-555-0100, code 98765"},
        "tracking": {f"trackingCode{number}": f"code {number}" for number in range(1, 11)},
        "remind": {
            "enableReminder": True,
            "emails": {"email": "host@example.com"},
            "sendEmail": True,
            "minutesAhead": 15,
        },
        "attendeeOptions": {"request": False, "registration": False, "auto": False, "emailInvitations": False},
    }


def small_meeting(days: int = 30) -> dict[str, Any]:
    """A meeting of which only the necessary is said."""
    whole = full_meeting(days)
    schedule = {name: whole["schedule"][name] for name in ("startDate", "timeZoneID", "duration")}
    return {
        "accessControl": {"meetingPassword": "Secret12"},
        "metaData": {"confName": "Weekly round"},
        "schedule": schedule,
    }


def create_meeting(site: str, web_ex_id: str, values: dict[str, Any]) -> bytes:
    """CreateMeeting with these elements."""
    return document(site, web_ex_id, "meeting.CreateMeeting", elements(values))


def create_training(site: str, web_ex_id: str, values: dict[str, Any]) -> bytes:
    """CreateTrainingSession with these elements."""
    return document(site, web_ex_id, "training.CreateTrainingSession", elements(values))


def small_training(days: int = 30) -> dict[str, Any]:
    """A training of which only the necessary is said."""
    return {**small_meeting(days), "accessControl": {"sessionPassword": "Secret12"}}


def open_meeting(days: int = 30) -> dict[str, Any]:
    """A meeting that people register for."""
    options = {"request": True, "registration": True, "auto": True, "emailInvitations": False}
    return {**small_meeting(days), "attendeeOptions": options}


def set_meeting(site: str, web_ex_id: str, key: int) -> bytes:
    """SetMeeting of a session key, which gives a numbered name and another agenda."""
    named = {"confName": f"Weekly round {NUMBER}", "agenda": "What was, what will be"}
    return document(site, web_ex_id, "meeting.SetMeeting", elements({"meetingkey": key, "metaData": named}))


def delete_meeting(site: str, web_ex_id: str) -> bytes:
    """DelMeeting of the copy with the request's number."""
    return document(site, web_ex_id, "meeting.DelMeeting", elements({"meetingKey": f"1{NUMBER}"}))


def register(site: str, web_ex_id: str, key: int) -> bytes:
    """RegisterMeetingAttendee of ever another person."""
    person = {"name": "Guest of Many", "email": f"guest{NUMBER}@example.com", "type": "VISITOR"}
    one = {"person": person, "joinStatus": "REGISTER", "sessionKey": key, "emailInvitations": False}
    return document(site, web_ex_id, "attendee.RegisterMeetingAttendee", elements({"attendees": one}))


def create_user(site: str, web_ex_id: str) -> bytes:
    """CreateUser of ever another account."""
    body = {
        "firstName": "New",
        "lastName": "Person",
        "webExId": f"new{NUMBER}",
        "email": f"new{NUMBER}@example.com",
        "password": PASSWORD,
        "privilege": {"host": True},
        "active": "ACTIVATED",
    }
    return document(site, web_ex_id, "user.CreateUser", elements(body))


def authenticate(site: str, web_ex_id: str) -> bytes:
    """AuthenticateUser with the password."""
    return document(site, web_ex_id, "user.AuthenticateUser", "")


def of_session(site: str, web_ex_id: str, operation: str, element: str, key: int) -> bytes:
    """An operation that wants nothing but a session key, such as GetSessionInfo."""
    return document(site, web_ex_id, operation, elements({element: key}))
