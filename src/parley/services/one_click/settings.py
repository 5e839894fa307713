"""The settings of a host's one-click meetings: kept as the record of SetupOneClickSettings, completed by the site.

Source: facts/general-session.md 7.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.ep import (
    AttendeeOptionsType,
    GetOneClickSettingsResponse,
    GetOneClickSettingsResponseTrackingCodes,
    OcMetaDataType,
    OcTelephonyType,
    OneClickAccountType,
    OneClickEnableOptionsType,
    OneClickTelephonyType,
    OneClickTrackingCodeType,
    SetupOneClickSettings,
)
from parley.domain.listing import Listing
from parley.domain.site import SessionType, SiteSettings, Telephony
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.services.records import merged
from parley.services.sessions.scheduling import session_type_of
from parley.services.telephony import global_numbers
from parley.store import one_click
from parley.store.one_click import Kept

_read: Final = msgspec.json.Decoder(SetupOneClickSettings)
_SERVICE: Final = "MeetingCenter"


async def kept_settings(context: Context, user: User) -> tuple[SetupOneClickSettings, Kept | None]:
    """What was set for a host's one-click meetings, and the row it was read from."""
    kept = await one_click.find(context.engine, user.site_id, user.user_id)
    return (_read.decode(kept.document) if kept else SetupOneClickSettings()), kept


def session_type_for(context: Context, user: User, service: str, asked: int | None) -> SessionType:
    """The session type of a host's one-click meetings in a service.

    Raises:
        Fault: 030025 for a type or service that the host does not have.
    """
    return session_type_of(context, user, asked, lambda each: each.service == service, service)


def completed(context: Context, user: User, kept: SetupOneClickSettings) -> SetupOneClickSettings:
    """The settings with what the site and the host's account say where nothing was set.

    A session type that the host does not hold any more gives way to the usual one.

    Raises:
        Fault: 030037 when the host has no session type at all to hold such a meeting with.
    """
    site, meta = context.site.settings, kept.meta_data or OcMetaDataType()
    service = meta.service_type or _SERVICE
    try:
        session_type = session_type_for(context, user, service, meta.session_type)
    except faults.Fault:
        try:
            session_type = session_type_for(context, user, service, None)
        except faults.Fault:
            raise faults.NO_ONE_CLICK(user=user.web_ex_id) from None
    name = f"{user.first_name} {user.last_name}".strip() or user.web_ex_id
    return msgspec.structs.replace(
        kept,
        meta_data=msgspec.structs.replace(
            meta,
            service_type=service,
            session_type=session_type.type_id,
            conf_name=meta.conf_name or f"{name}'s meeting",
            listing=Listing.UNLISTED.value if site.all_meetings_unlisted else meta.listing or Listing.PUBLIC.value,
        ),
        telephony=merged(
            OcTelephonyType(telephony_support=site.telephony_support, entry_exit_tone=site.entry_exit_tone),
            kept.telephony,
        ),
        enable_options=merged(OneClickEnableOptionsType(voip=True), kept.enable_options),
        attendee_options=merged(AttendeeOptionsType(join_approval=False), kept.attendee_options),
    )


def answered(context: Context, user: User, whole: SetupOneClickSettings) -> GetOneClickSettingsResponse:
    """The settings as GetOneClickSettings tells them.

    Args:
        whole: settings that are completed.
    """
    telephony = whole.telephony or OcTelephonyType()
    return GetOneClickSettingsResponse(
        meta_data=whole.meta_data,
        tracking_codes=GetOneClickSettingsResponseTrackingCodes(
            tracking_code=_tracking_codes(context.site.settings, whole)
        ),
        telephony=OneClickTelephonyType(
            **{name: getattr(telephony, name) for name in OcTelephonyType.__struct_fields__},
            account=_account(context.site.settings.telephony, user, telephony),
        ),
        enable_options=whole.enable_options,
        attendee_options=whole.attendee_options,
    )


def _tracking_codes(site: SiteSettings, whole: SetupOneClickSettings) -> list[OneClickTrackingCodeType]:
    """The codes that the site has, each with the value that was set."""
    sent = whole.tracking.tracking_code if whole.tracking else []
    values = {each.index: each.value for each in sent}
    return [
        OneClickTrackingCodeType(
            index=code.index,
            name=code.name,
            input_mode="select" if code.values else "text",
            value=values.get(code.index),
        )
        for code in sorted(site.tracking_codes, key=lambda each: each.index)
    ]


def _account(numbers: Telephony, user: User, asked: OcTelephonyType) -> OneClickAccountType | None:
    """Numbers and codes of the account that the settings name: with a provider, or the host's personal number."""
    profile = profile_of(user)
    providers = profile.tsp_account.tsp_account if profile.tsp_account else []
    provider = next((each for each in providers if each.account_index == asked.tsp_account_index), None)
    if asked.tsp_account_index is not None and provider is not None:
        return OneClickAccountType(
            toll_free_call_in_number=provider.toll_free_call_in_number or "",
            toll_call_in_number=provider.toll_call_in_number or "",
            subscriber_access_code=provider.subscriber_access_code,
            participant_access_code=provider.participant_access_code,
        )
    own = profile.personal_teleconf.account if profile.personal_teleconf else []
    personal = next((each for each in own if each.account_index == asked.personal_account_index), None)
    if asked.personal_account_index is None or personal is None:
        return None
    return OneClickAccountType(
        toll_free_call_in_number=numbers.toll_free_number,
        toll_call_in_number=numbers.toll_number,
        subscriber_access_code=personal.subscriber_access_code,
        participant_access_code=personal.participant_full_access_code,
        participant_limited_access_code=personal.participant_limited_access_code,
        intl_local_call_in_number=numbers.intl_local_number or None,
        global_num=global_numbers(numbers),
    )
