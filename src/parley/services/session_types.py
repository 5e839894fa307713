"""Session types: how they are kept, how they are answered, and which ones a new site offers.

Sources: facts/user-site.md 8 (types seen, limits, options), facts/versions.md 42.1.0 (webinars), facts/holes.md
("duration 999999": the schema's default of all limits, no limit).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.meetingtype import LimitsType, OptionsType, PhoneNumbersType
from parley.domain.site import SessionType

#: The limit that stands for none (facts/holes.md).
UNLIMITED: Final = 999_999
#: Numbers of a new site's types. Those up to 16 are the ones most sites had; from 101 on they are a site's own.
FREE, PRO, SUPPORT, AUDIO_ONLY = 1, 3, 13, 16
WEBINAR, WEBINAR_VIEW_ONLY, EVENT, TRAINING = 101, 102, 103, 104
#: The product code of audio only sessions.
AUDIO_PREFIX: Final = "AUO"
#: The type of a meeting that names none.
DEFAULT_TYPE: Final = PRO


class StoredType(msgspec.Struct, rename="camel", omit_defaults=True):
    """The document of a session type: the contract's groups, and what the type says of webinars.

    Attributes:
        limits, options, phone_numbers: as in mtgtype:meetingTypeTypeExt.
        webinar: sessions of the type are webinars (enableEvent of general sessions).
        view_only: attendees of the webinar can only watch (enableWebniar).
        max_holders: activated accounts that may hold the type; None: any number.
    """

    limits: LimitsType = msgspec.field(default_factory=LimitsType)
    options: OptionsType = msgspec.field(default_factory=OptionsType)
    phone_numbers: PhoneNumbersType = msgspec.field(default_factory=PhoneNumbersType)
    webinar: bool = False
    view_only: bool = False
    max_holders: int | None = None


_read: Final = msgspec.json.Decoder(StoredType)


def stored_type(session_type: SessionType) -> StoredType:
    """What the document of a session type holds."""
    return _read.decode(session_type.document)


def limits(minutes: int = UNLIMITED, people: int = UNLIMITED) -> LimitsType:
    """All twelve limits of a type, one number for times and one for people, as real types have them."""
    return LimitsType(
        **{name: minutes if name.endswith("_duration") else people for name in LimitsType.__struct_fields__}
    )


_COMMON: Final = frozenset(
    [
        "app_share",
        "attendee_registration",
        "file_share",
        "chat",
        "desktop_share",
        "file_transfer",
        "mac_client",
        "meeting_record",
        "poll",
        "presentation",
        "ssl",
        "video",
        "voip",
        "windows_client",
        "quick_start_attendees",
        "quick_start_host",
    ]
)
#: supportMeetingCenterSite marks types of the meeting service, supportOnStageSite those of the event service; the
#: other three tell the two apart as well, which way round is chosen (facts/user-site.md 8).
_MEETING: Final = _COMMON | {
    *("meeting_center_site", "corporate_offices_site", "partner_offices_site", "web_ex_com_site"),
    "e2e",
}
_EVENT: Final = _COMMON | {"on_stage_site"}
_SUPPORT: Final = (_COMMON - {"attendee_registration", "poll"}) | {
    *("on_call_site", "app_share_remote", "desktop_share_remote"),
}
_AUDIO: Final = frozenset({"meeting_center_site", "ssl", "voip", "mac_client", "windows_client"})


def options(supported: frozenset[str]) -> OptionsType:
    """All options of a type; `supported` names those that are true, without `support_` in front."""
    return OptionsType(**{name: name.removeprefix("support_") in supported for name in OptionsType.__struct_fields__})


_BY_SERVICE: Final = {"MeetingCenter": _MEETING, "EventCenter": _EVENT, "SupportCenter": _SUPPORT}


def usual_options(service: str, prefix: str, *, webinar: bool) -> OptionsType:
    """The options of a type that somebody adds: those of the standard types of its kind."""
    if prefix == AUDIO_PREFIX:
        return options(_AUDIO)
    supported = _BY_SERVICE.get(service, _COMMON)
    return options(supported - {"e2e"} if webinar else supported)


class _Row(msgspec.Struct):
    """A type of a new site."""

    type_id: int
    prefix: str
    name: str
    service: str
    options: frozenset[str]
    limits: LimitsType = msgspec.field(default_factory=limits)
    webinar: bool = False
    view_only: bool = False


_STANDARD: Final = (
    # Length and size of free meetings are chosen: what the vendor's free plan allowed in 2022.
    _Row(FREE, "FRE", "Free Meeting", "MeetingCenter", _MEETING, limits(minutes=40, people=100)),
    _Row(PRO, "PRO", "Pro Meeting", "MeetingCenter", _MEETING),
    _Row(SUPPORT, "SC3", "Support Session", "SupportCenter", _SUPPORT),
    _Row(AUDIO_ONLY, AUDIO_PREFIX, "Audio Only", "MeetingCenter", _AUDIO),
    _Row(WEBINAR, "ONS", "Webinar", "MeetingCenter", _MEETING - {"e2e"}, webinar=True),
    _Row(
        *(WEBINAR_VIEW_ONLY, "ONS", "Webinar, view-only attendees", "MeetingCenter"),
        _MEETING - {"e2e"},
        webinar=True,
        view_only=True,
    ),
    _Row(EVENT, "ONS", "Event", "EventCenter", _EVENT),
    _Row(TRAINING, "TRS", "Training Session", "TrainingCenter", _COMMON),
)


def standard_types(site_id: int) -> list[SessionType]:
    """The session types of a new site: free and paid meeting, webinars, event, training, support, audio only."""
    return [
        SessionType(
            site_id=site_id,
            type_id=row.type_id,
            prefix=row.prefix,
            name=row.name,
            display_name=row.name,
            service=row.service,
            document=msgspec.json.encode(
                StoredType(
                    limits=row.limits, options=options(row.options), webinar=row.webinar, view_only=row.view_only
                )
            ).decode(),
        )
        for row in _STANDARD
    ]
