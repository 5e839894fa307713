"""CreateLab, SetLab, DelLab and GetSetupComputerURL: what those who look after the labs of a site do.

Source: facts/training-history.md 1.9.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.training import (
    CreateLab,
    CreateLabResponse,
    DelLab,
    DelLabResponse,
    GetSetupComputerURL,
    GetSetupComputerURLResponse,
    LabType,
    SetLab,
    SetLabResponse,
)
from parley.domain.dates import LATEST_YEAR
from parley.domain.identifiers import new_record_id, new_uuid
from parley.domain.labs import MAINTENANCE_ROOM_ID, Lab, Window
from parley.protocol import faults
from parley.services import lab_mails
from parley.services.context import Context
from parley.services.lab_mails import LabNotice
from parley.services.labs.access import check_lab_admin, name_key, numbered_lab
from parley.services.registry import operation
from parley.services.safe_texts import plain_line
from parley.services.values import given
from parley.store import Changes, labs, users

_LONGEST_NAME: Final = 128
_LONGEST_DESCRIPTION: Final = 2048
_END_OF_TIME: Final = (LATEST_YEAR - 1968) * 366 * 86_400
"""UTC epoch seconds after every time that can be reserved."""


@operation("training", request=CreateLab, answer=CreateLabResponse)
async def create_lab(context: Context, request: CreateLab) -> CreateLabResponse:
    """Make a lab; how many computers it has the site's settings say, until its administrator says something else."""
    await check_lab_admin(context)
    sent = request.lab or LabType()
    if given(sent.lab_name) is None:
        raise faults.MISSING_ELEMENT(path="lab/labName")
    site_id = context.site.site.site_id
    present = await labs.all_labs(context.engine, site_id)
    limits = context.site.settings.labs
    if len(present) >= limits.max_labs:
        raise faults.INVALID_VALUE(path="lab", problem=f"the site may have {limits.max_labs} labs")
    room = max(limits.max_computers - sum(each.computers for each in present), 0)
    blank = Lab(
        site_id=site_id,
        lab_id=new_record_id(),
        name="",
        name_key="",
        computers=min(limits.computers, room),
        setup_key=new_uuid(),
    )
    made = await _laid_over(context, blank, sent)
    changes = Changes()
    labs.create(changes, made)
    await context.engine.commit(changes)
    return CreateLabResponse(lab_id=made.lab_id)


@operation("training", request=SetLab, answer=SetLabResponse)
async def set_lab(context: Context, request: SetLab) -> SetLabResponse:
    """Change a lab's name or description; what is not sent stays, an empty description clears it."""
    await check_lab_admin(context)
    before = await numbered_lab(context, request.lab_id)
    after = await _laid_over(context, before, request.lab or LabType())
    if after != before:
        changes = Changes()
        labs.update(changes, before, after)
        await context.engine.commit(changes)
    return SetLabResponse()


@operation("training", request=DelLab, answer=DelLabResponse)
async def del_lab(context: Context, request: DelLab) -> DelLabResponse:
    """Delete a lab in which nobody works now; reservations go with it, and those who made them are told."""
    await check_lab_admin(context)
    lab = await numbered_lab(context, request.lab_id)
    _check_removable(lab)
    changes = Changes()
    for each, _ in await labs.within(context.engine, lab, Window(context.now, _END_OF_TIME)):
        if each.starts_at <= context.now:
            raise faults.LAB_IN_USE()
        host = await users.by_id(context.engine, lab.site_id, each.host_id)
        if host is not None:
            notice = LabNotice(
                name=each.topic,
                lab=lab.name,
                computers=each.computers,
                starts_at=each.starts_at,
                minutes=-(-(each.ends_at - each.starts_at) // 60),
                time_zone_id=host.time_zone_id,
                person=f"{host.first_name} {host.last_name}".strip() or None,
            )
            lab_mails.lab_cancelled(changes, lab.site_id, host.email, notice, context.now)
    labs.remove(changes, lab)
    await context.engine.commit(changes)
    return DelLabResponse()


@operation("training", request=GetSetupComputerURL, answer=GetSetupComputerURLResponse)
async def get_setup_computer_url(context: Context, request: GetSetupComputerURL) -> GetSetupComputerURLResponse:
    """Tell the address of the page that says how the computers of a lab are reached."""
    await check_lab_admin(context)
    lab = await numbered_lab(context, request.lab_id)
    return GetSetupComputerURLResponse(
        setup_computer_url=context.application.links.lab(context.site.site.name, lab.setup_key)
    )


def _check_removable(lab: Lab) -> None:
    if lab.lab_id == MAINTENANCE_ROOM_ID:
        raise faults.INVALID_VALUE(path="labID", problem="this lab belongs to every site, it cannot be deleted")


async def _laid_over(context: Context, before: Lab, sent: LabType) -> Lab:
    """The lab as a request leaves it.

    Raises:
        Fault: 999999 for a text that is too long, a name that another lab has, or a new name of the site's own lab.
    """
    name = plain_line(" ".join(sent.lab_name.split())) if given(sent.lab_name) and sent.lab_name else before.name
    description = before.description if sent.description is None else plain_line(sent.description)
    if len(name) > _LONGEST_NAME:
        raise faults.INVALID_VALUE(path="lab/labName", problem=f"at most {_LONGEST_NAME} characters are allowed")
    if len(description) > _LONGEST_DESCRIPTION:
        raise faults.INVALID_VALUE(
            path="lab/description", problem=f"at most {_LONGEST_DESCRIPTION} characters are allowed"
        )
    key = name_key(name)
    if key != before.name_key:
        if before.lab_id == MAINTENANCE_ROOM_ID:
            raise faults.INVALID_VALUE(path="lab/labName", problem="this lab keeps its name")
        if await labs.by_name(context.engine, before.site_id, key) is not None:
            raise faults.INVALID_VALUE(path="lab/labName", problem="another lab has this name")
    elif before.lab_id == MAINTENANCE_ROOM_ID:
        name = before.name
    return msgspec.structs.replace(before, name=name, name_key=key, description=description)
