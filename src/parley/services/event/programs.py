"""LstsummaryProgram, and which programs events may belong to.

The API has no operation that makes a program; `parley program` does (`services.program_changes`).
Source: facts/meeting-event.md 5 (LstsummaryProgram). Who sees which program is chosen (docs/fidelity.md).
"""

from __future__ import annotations

from parley.contract.event import LstsummaryProgram, LstsummaryProgramResponse, MetaDataType, ProgramSummaryType
from parley.domain.listing import Listing
from parley.domain.program import HostedProgram
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.registry import operation
from parley.store import programs
from parley.store.lists import Order
from parley.store.programs import ProgramFilter


@operation("event", request=LstsummaryProgram, answer=LstsummaryProgramResponse)
async def lstsummary_program(context: Context, request: LstsummaryProgram) -> LstsummaryProgramResponse:
    """List the programs of the site."""
    check_classic_events(context)
    page, sent = lists.page(request.list_control), request.order
    order = lists.ordering(sent.order_by, sent.order_ad, "PROGRAMNAME") if sent else [("PROGRAMNAME", False)]
    found = await programs.list_programs(
        context.engine,
        ProgramFilter(
            site_id=context.site.site.site_id,
            viewer_id=None if _sees_all(context) else context.caller.user_id,
            program_id=request.program_id,
        ),
        [Order(name, descending) for name, descending in order],
        page.first,
        page.size,
    )
    return LstsummaryProgramResponse(
        matching_records=page.matching(found.total, len(found.rows)),
        program=[_summary(context, each) for each in found.rows],
    )


def _summary(context: Context, program: HostedProgram) -> ProgramSummaryType:
    return ProgramSummaryType(
        program_id=program.program_id,
        program_name=program.name,
        host_web_ex_id=program.host_web_ex_id,
        expected_enrollment=program.expected_enrollment,
        budget=program.budget,
        status=program.listing,
        program_url=context.application.links.program(context.site.site.name, program.program_id),
        after_enrollment_url=program.after_enrollment_url,
    )


async def check_program(context: Context, meta: MetaDataType | None) -> None:
    """See to it that the program which a request names is one that the caller sees.

    Raises:
        Fault: 999999, there is none with this number.
    """
    number = meta.program_id if meta is not None else None
    if number is None or number <= 0:
        return
    program = await programs.by_id(context.engine, context.site.site.site_id, number)
    if program is None or not _sees(context, program):
        raise faults.UNKNOWN_PROGRAM(program_id=number)


def _sees_all(context: Context) -> bool:
    return context.caller.site_admin or context.caller.ro_site_admin


def _sees(context: Context, program: HostedProgram) -> bool:
    own = program.host_id == context.caller.user_id
    return own or _sees_all(context) or program.listing != Listing.UNLISTED
