"""GetOneClickSettings, SetOneClickSettings and SetupOneClickSettings.

Source: facts/general-session.md 7.
"""

from __future__ import annotations

import msgspec

from parley.contract.ep import (
    GetOneClickSettings,
    GetOneClickSettingsResponse,
    OcMetaDataType,
    SetOneClickSettings,
    SetOneClickSettingsResponse,
    SetupOneClickSettings,
    SetupOneClickSettingsResponse,
)
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.one_click.settings import answered, completed, kept_settings, session_type_for
from parley.services.records import merged, without_empty_texts
from parley.services.registry import operation
from parley.services.sessions.planning import LONGEST_NAME
from parley.services.sessions.scheduling import checked_password
from parley.services.values import given
from parley.store import Changes, one_click, users

#: Tracking codes are numbered 1 to 10, with at most so many characters (com:trackingType).
_CODES = range(1, 11)
_LONGEST_CODE = 128


@operation("ep", request=GetOneClickSettings, answer=GetOneClickSettingsResponse)
async def get_one_click_settings(context: Context, request: GetOneClickSettings) -> GetOneClickSettingsResponse:
    """Tell what the caller's one-click meetings are like, for administrators those of any host."""
    caller = context.caller
    user = await _owner(context, request.host_web_ex_id, allowed=caller.site_admin or caller.ro_site_admin)
    kept, _ = await kept_settings(context, user)
    return answered(context, user, completed(context, user, kept))


@operation("ep", request=SetOneClickSettings, answer=SetOneClickSettingsResponse)
async def set_one_click_settings(context: Context, request: SetOneClickSettings) -> SetOneClickSettingsResponse:
    """Set service and session type of one-click meetings: the caller's, for administrators those of any host."""
    sent = request.one_click_meta_data
    if sent is None or not sent.service_type:
        raise faults.MISSING_ELEMENT(path="oneClickMetaData/serviceType")
    if sent.session_type is None:
        raise faults.MISSING_ELEMENT(path="oneClickMetaData/sessionType")
    user = await _owner(context, request.host_web_ex_id, allowed=context.caller.site_admin)
    session_type = session_type_for(context, user, sent.service_type, sent.session_type)
    kept, row = await kept_settings(context, user)
    meta = msgspec.structs.replace(
        kept.meta_data or OcMetaDataType(), service_type=sent.service_type, session_type=session_type.type_id
    )
    changes = Changes()
    document = msgspec.json.encode(msgspec.structs.replace(kept, meta_data=meta)).decode()
    one_click.put(changes, user.site_id, user.user_id, row, document)
    await context.engine.commit(changes)
    return SetOneClickSettingsResponse()


@operation("ep", request=SetupOneClickSettings, answer=SetupOneClickSettingsResponse)
async def setup_one_click_settings(context: Context, request: SetupOneClickSettings) -> SetupOneClickSettingsResponse:
    """Set all that there is to say of the caller's one-click meetings; groups that are not sent stay."""
    user = await _owner(context, None, allowed=True)
    kept, row = await kept_settings(context, user)
    whole = without_empty_texts(merged(kept, _checked(context, user, kept, request)) or request)
    changes = Changes()
    one_click.put(changes, user.site_id, user.user_id, row, msgspec.json.encode(whole).decode())
    await context.engine.commit(changes)
    return SetupOneClickSettingsResponse()


def _checked(
    context: Context, user: User, kept: SetupOneClickSettings, request: SetupOneClickSettings
) -> SetupOneClickSettings:
    """The request with its session type found and its password checked.

    Raises:
        Fault: 999999 for a missing or overlong name or a tracking code that there is none, 030025, 060026, 019011.
    """
    meta, before = request.meta_data or OcMetaDataType(), kept.meta_data or OcMetaDataType()
    service, name = meta.service_type or before.service_type, given(meta.conf_name) or before.conf_name
    if not service:
        raise faults.MISSING_ELEMENT(path="metaData/serviceType")
    if not name:
        raise faults.MISSING_ELEMENT(path="metaData/confName")
    if len(name) > LONGEST_NAME:
        raise faults.INVALID_VALUE(path="metaData/confName", problem=f"at most {LONGEST_NAME} characters are allowed")
    for code in request.tracking.tracking_code if request.tracking else []:
        if code.index not in _CODES or len(code.value or "") > _LONGEST_CODE:
            raise faults.INVALID_VALUE(
                path="tracking/trackingCode",
                problem=f"an index from 1 to 10 and at most {_LONGEST_CODE} characters are allowed",
            )
    session_type = session_type_for(context, user, service, meta.session_type)
    password = checked_password(
        context,
        user,
        name,
        given(meta.session_password) or before.session_password,
        enforce=True,
        path="metaData/sessionPassword",
    )
    return msgspec.structs.replace(
        request,
        meta_data=msgspec.structs.replace(
            meta,
            service_type=service,
            conf_name=name,
            session_type=session_type.type_id,
            session_password=password,
        ),
    )


async def _owner(context: Context, web_ex_id: str | None, *, allowed: bool) -> User:
    """The host whose settings a request is about.

    Args:
        allowed: the caller may name any account.

    Raises:
        Fault: 000001 for another account than the own one, 030001 for an unknown one, 030037 for one that holds no
            sessions.
    """
    caller, site_id = context.caller, context.site.site.site_id
    name = given(web_ex_id)
    key = name.strip().casefold() if name else caller.web_ex_id.casefold()
    if key != caller.web_ex_id.casefold() and not allowed:
        raise faults.ACCESS_DENIED()
    user = await users.by_web_ex_id(context.engine, site_id, key)
    if user is None:
        raise faults.UNKNOWN_USER()
    if not user.host or user.attendee_only:
        raise faults.NO_ONE_CLICK(user=user.web_ex_id)
    return user
