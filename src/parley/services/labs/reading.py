"""GetLabInfo, CheckLabAvailability and GetLabSchedule.

Source: facts/training-history.md 1.9.
"""

from __future__ import annotations

from typing import Protocol

from parley.contract.training import (
    AvailabilityLabType,
    CheckLabAvailability,
    CheckLabAvailabilityResponse,
    GetLabInfo,
    GetLabInfoResponse,
    GetLabSchedule,
    GetLabScheduleResponse,
    LabInfoType,
    ScheduleLabType,
)
from parley.domain.labs import Held, Lab, Reservation, Window, free_computers
from parley.domain.timezones import api_date, to_utc
from parley.protocol import faults
from parley.services.context import Context
from parley.services.labs.access import check_offered, is_lab_admin, named_lab, numbered_lab
from parley.services.lists import zone_or
from parley.services.registry import operation
from parley.services.values import given, start_of
from parley.store import labs


class _Times(Protocol):
    time_zone_id: int | None
    session_start_time: str | None
    session_end_time: str | None


@operation("training", request=GetLabInfo, answer=GetLabInfoResponse)
async def get_lab_info(context: Context, request: GetLabInfo) -> GetLabInfoResponse:
    """Read the labs of the site, or one by its number or name: how many computers, and how many are in use now."""
    check_offered(context)
    site_id = context.site.site.site_id
    if request.lab_id is not None:
        found = [await numbered_lab(context, request.lab_id)]
    elif given(request.lab_name) is not None:
        found = [await named_lab(context, request.lab_name)]
    else:
        found = await labs.all_labs(context.engine, site_id)
    held = await labs.held_now(context.engine, site_id, context.now)
    return GetLabInfoResponse(lab_info=[_info(lab, held.get(lab.lab_id, 0)) for lab in found])


def _info(lab: Lab, held: int) -> LabInfoType:
    return LabInfoType(
        lab_id=lab.lab_id,
        lab_name=lab.name,
        description=lab.description,
        total_computers=lab.computers,
        computers_in_session=held,
    )


@operation("training", request=CheckLabAvailability, answer=CheckLabAvailabilityResponse)
async def check_lab_availability(context: Context, request: CheckLabAvailability) -> CheckLabAvailabilityResponse:
    """Tell whether so many computers of a lab are free during a whole time."""
    check_offered(context)
    wanted = wanted_computers(request.num_computers)
    lab = await named_lab(context, request.lab_name)
    window, zone_id = _window(context, request)
    held = [held_by(each) for each, _ in await labs.within(context.engine, lab, window)]
    free = free_computers(lab.computers, held, window)
    row = AvailabilityLabType(
        lab_name=lab.name,
        time_zone_id=zone_id,
        session_start_time=api_date(window.start, zone_id),
        session_end_time=api_date(window.end, zone_id),
        num_computers=wanted,
        status="AVAILABLE" if wanted <= free else "UNAVAILABLE",
    )
    return CheckLabAvailabilityResponse(availability_labs=[row])


@operation("training", request=GetLabSchedule, answer=GetLabScheduleResponse)
async def get_lab_schedule(context: Context, request: GetLabSchedule) -> GetLabScheduleResponse:
    """List the reservations of a lab that meet a time, by start; what others use the lab for is told to its keepers."""
    check_offered(context)
    lab = await named_lab(context, request.lab_name)
    window, zone_id = _window(context, request)
    keeper = context.caller.ro_site_admin or await is_lab_admin(context)
    found = await labs.within(context.engine, lab, window)
    return GetLabScheduleResponse(
        scheduled_labs=[
            _scheduled(lab, each, host, zone_id, told=keeper or each.host_id == context.caller.user_id)
            for each, host in found
        ]
    )


def _scheduled(lab: Lab, reservation: Reservation, host: str, zone_id: int, *, told: bool) -> ScheduleLabType:
    return ScheduleLabType(
        lab_name=lab.name,
        conf_name=reservation.topic if told else "",
        time_zone_id=zone_id,
        session_start_time=api_date(reservation.starts_at, zone_id),
        session_end_time=api_date(reservation.ends_at, zone_id),
        host_web_ex_id=host,
        num_computers=reservation.computers,
    )


def _window(context: Context, request: _Times) -> tuple[Window, int]:
    zone_id = zone_or(request.time_zone_id, context.caller.time_zone_id, "timeZoneID")
    return (
        window_of(request.session_start_time, request.session_end_time, zone_id, "sessionStartTime", "sessionEndTime"),
        zone_id,
    )


def window_of(start: str | None, end: str | None, zone_id: int, start_path: str, end_path: str) -> Window:
    """The time between two dates of a request.

    Raises:
        Fault: 999999 for a date that is missing or cannot be read, or an end that is not after the start.
    """
    first, last = start_of(start), start_of(end)
    if first is None or last is None:
        raise faults.MISSING_ELEMENT(path=start_path if first is None else end_path)
    window = Window(to_utc(first, zone_id), to_utc(last, zone_id))
    if window.end <= window.start:
        raise faults.INVALID_VALUE(path=end_path, problem="a time after the start is needed")
    return window


def wanted_computers(number: int | None) -> int:
    """How many computers a request wants.

    Raises:
        Fault: 999999 for a missing number or one below 1.
    """
    if number is None:
        raise faults.MISSING_ELEMENT(path="numComputers")
    if number < 1:
        raise faults.INVALID_VALUE(path="numComputers", problem="a number from 1 on is needed")
    return number


def held_by(reservation: Reservation) -> Held:
    """What a reservation holds, for the rules."""
    return Held(Window(reservation.starts_at, reservation.ends_at), reservation.computers)
