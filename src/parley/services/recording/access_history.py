"""LstrecordaccessHistory and LstrecordaccessDetailHistory.

Source: facts/training-history.md 2.0 and 2.8.
"""

from __future__ import annotations

from typing import Final

from parley.contract.history import (
    CustomFieldsType,
    LstrecordaccessDetailHistory,
    LstrecordaccessDetailHistoryResponse,
    LstrecordaccessHistory,
    LstrecordaccessHistoryResponse,
    OrderRecAccHisType,
    RecordAccessDetailHistoryType,
    RecordAccessHistoryInstanceType,
    RegFieldsType,
)
from parley.domain import timezones
from parley.domain.recording import HISTORY_SECONDS, Access, State, key_of_name
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.history.asking import host_of
from parley.services.recording.finding import visible
from parley.services.registry import operation
from parley.services.values import given
from parley.store import recording_accesses
from parley.store.lists import Order
from parley.store.recording_lists import Counts, RecordingFilter, counts, list_recordings

_ORDERS: Final = {"RECORDID": "ID", "UPLOADTIME": "CREATED", "RECORDNAME": "NAME"}
_STATES: Final = (State.READY, State.TRASHED, State.MISSING, State.GONE)
_REG_FIELDS: Final = tuple(name for name in RegFieldsType.__struct_fields__ if name != "custom_fields")


@operation("history", request=LstrecordaccessHistory, answer=LstrecordaccessHistoryResponse)
async def lstrecordaccess_history(context: Context, request: LstrecordaccessHistory) -> LstrecordaccessHistoryResponse:
    """List how often recordings were looked at and loaded in the last 90 days."""
    site_id, page = context.site.site.site_id, lists.page(request.list_control)
    zone = lists.zone_or(request.time_zone_id, timezones.GMT, "timeZoneID")
    created, used = request.creation_time_scope, request.view_time_scope
    created_from, created_to = (
        lists.scope_of_dates(created.creation_time_start, created.creation_time_end, zone) if created else (None, None)
    )
    since, until = lists.scope_of_dates(used.view_time_start, used.view_time_end, zone) if used else (None, None)
    oldest = context.now - HISTORY_SECONDS
    since = oldest if since is None else max(since, oldest)
    name = given(request.record_name)
    found = await list_recordings(
        context.lists,
        RecordingFilter(
            site_id=site_id,
            state=None,
            owner_id=await host_of(context, given(request.host_web_ex_id)),
            created_from=created_from,
            created_to=created_to,
            name_key=None if name is None else key_of_name(name),
            accessed=True,
            accessed_from=since,
            accessed_to=until,
        ),
        _order(request.order),
        page.first,
        page.size,
    )
    numbers = await counts(context.lists, site_id, [each.recording_id for each in found.rows], since, until)
    nothing = Counts()
    return LstrecordaccessHistoryResponse(
        matching_records=page.matching(found.total, len(found.rows)),
        record_access_history=[
            RecordAccessHistoryInstanceType(
                record_id=each.recording_id,
                record_name=each.name,
                creation_time=timezones.api_date(each.created_at, zone),
                **numbers.get(each.recording_id, nothing)._asdict(),
                time_zone_id=zone,
            )
            for each in found.rows
        ],
    )


def _order(sent: OrderRecAccHisType | None) -> list[Order]:
    pairs = lists.ordering(sent.order_by, sent.order_ad, "RECORDID") if sent else [("RECORDID", False)]
    return [Order(_ORDERS[name], falling) for name, falling in pairs]


@operation("history", request=LstrecordaccessDetailHistory, answer=LstrecordaccessDetailHistoryResponse)
async def lstrecordaccess_detail_history(
    context: Context, request: LstrecordaccessDetailHistory
) -> LstrecordaccessDetailHistoryResponse:
    """List who looked at a recording, loaded it or registered for it in the last 90 days; one row for each time."""
    if request.record_id is None:
        raise faults.MISSING_ELEMENT(path="recordID")
    page, zone = lists.page(request.list_control), lists.zone_or(request.time_zone_id, timezones.GMT, "timeZoneID")
    recording = await visible(context, request.record_id, *_STATES)
    found = await recording_accesses.list_accesses(
        context.lists,
        recording.site_id,
        recording.recording_id,
        context.now - HISTORY_SECONDS,
        page.first,
        page.size,
    )
    with_fields = bool(request.return_reg_fields)
    return LstrecordaccessDetailHistoryResponse(
        record_detail=[_detail(each, zone, with_fields=with_fields) for each in found.rows],
        matching_records=page.matching(found.total, len(found.rows)),
    )


def _detail(access: Access, zone: int, *, with_fields: bool) -> RecordAccessDetailHistoryType:
    registered_at = access.registered_at
    return RecordAccessDetailHistoryType(
        view_id=access.access_id,
        participant_name=access.name,
        participant_email=access.email or "",
        access_time=timezones.api_date(access.accessed_at, zone),
        registered=registered_at is not None,
        register_date=None if registered_at is None else timezones.api_date(registered_at, zone),
        downloaded=access.downloaded,
        viewed=access.viewed,
        time_zone_id=zone,
        reg_fields=_fields(access) if with_fields and registered_at is not None else None,
    )


def _fields(access: Access) -> RegFieldsType:
    person = access.person
    return RegFieldsType(
        **{name: getattr(person, name) for name in _REG_FIELDS},
        custom_fields=[CustomFieldsType(label=label, value=value) for label, value in person.custom],
    )
