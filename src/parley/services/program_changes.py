"""Making, changing and removing programs of events; every change is in the site's audit log.

The API only reads programs (facts/meeting-event.md 5), so they are made by command.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from parley.domain.listing import Listing
from parley.domain.program import LONGEST_NAME, Program
from parley.protocol.faults import Fault
from parley.services.new_site import SiteError
from parley.services.safe_texts import web_address
from parley.services.site_changes import Author, Difference, put_changed
from parley.services.taking_turns import let_others_finish
from parley.store import Changes, Conflict, Duplicate, Engine, programs, sites, users

_TRIES: Final = 40
_LONGEST_TEXT: Final = 128
#: The API tells the number as xsd:int.
_LARGEST_ID: Final = 2**31 - 1


class ProgramValues(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a program; None for what is not, an empty text for what shall be no more.

    Attributes:
        host: webExID of whoever runs the program.
        status: PUBLIC, PRIVATE or UNLISTED.
        after_url: where people are led who registered for the program.
    """

    name: str | None = None
    host: str | None = None
    status: str | None = None
    expected_enrollment: str | None = None
    budget: str | None = None
    after_url: str | None = None


def described(program: Program, host: str) -> dict[str, Any]:
    """The values of a program, by the names that the command line and the audit log use."""
    return {
        "name": program.name,
        "host": host,
        "status": program.listing,
        "expected_enrollment": program.expected_enrollment,
        "budget": program.budget,
        "after_url": program.after_enrollment_url,
    }


async def add_program(engine: Engine, site_id: int, values: ProgramValues, by: Author, now: int) -> Program:
    """Make a program, with the next number of its site.

    Raises:
        SiteError: a value cannot be used, or the name is taken.
    """
    if values.name is None or values.host is None:
        raise SiteError("a new program needs a name and a host")

    async def make(changes: Changes) -> tuple[Program, list[Difference]]:
        number = await programs.last_number(engine, site_id) + 1
        if number > _LARGEST_ID:
            raise SiteError("there are no numbers left for programs")
        blank = Program(site_id=site_id, program_id=number, name="", name_key="", host_id=0, created_at=now)
        made, host = await _laid_over(engine, blank, "", values)
        programs.create(changes, made)
        return made, _differences(number, {}, described(made, host))

    return await _logged(engine, site_id, make, by, now)


async def change_program(
    engine: Engine, site_id: int, program_id: int, values: ProgramValues, by: Author, now: int
) -> Program:
    """Change what is said of a program.

    Raises:
        SiteError: there is no such program, a value cannot be used, or the name is taken.
    """

    async def make(changes: Changes) -> tuple[Program, list[Difference]]:
        before = await programs.by_id(engine, site_id, program_id)
        if before is None:
            raise SiteError(f"there is no program {program_id}")
        after, host = await _laid_over(engine, before.plain(), before.host_web_ex_id, values)
        found = _differences(program_id, described(before, before.host_web_ex_id), described(after, host))
        if found:
            programs.update(changes, after)
        return after, found

    return await _logged(engine, site_id, make, by, now)


async def remove_program(engine: Engine, site_id: int, program_id: int, by: Author, now: int) -> Program:
    """Remove a program that no coming event belongs to; past ones go on without it.

    Raises:
        SiteError: there is no such program, or events that are not over belong to it.
    """

    async def make(changes: Changes) -> tuple[Program, list[Difference]]:
        before = await programs.by_id(engine, site_id, program_id)
        if before is None:
            raise SiteError(f"there is no program {program_id}")
        events = await programs.count_events(engine, site_id, program_id)
        if events:
            raise SiteError(f"{events} events that are not over belong to the program: move or delete them first")
        programs.delete(changes, site_id, program_id)
        return before.plain(), _differences(program_id, described(before, before.host_web_ex_id), {})

    return await _logged(engine, site_id, make, by, now)


_Make = Callable[[Changes], Any]


async def _logged(engine: Engine, site_id: int, make: _Make, by: Author, now: int) -> Program:
    """Carry a change out together with its entry in the log; again as long as somebody else was quicker."""
    for tried in range(1, _TRIES + 1):
        site = await sites.by_id(engine, site_id)
        if site is None:
            raise SiteError(f"there is no site {site_id}")
        changes = Changes()
        program: Program
        program, found = await make(changes)
        put_changed(changes, site, site, by, now, found)
        try:
            if changes:
                await engine.commit(changes)
        except Duplicate as taken:
            if "name_key" in taken.columns:
                raise SiteError(f"there is a program {program.name!r} already") from None
        except Conflict:
            pass
        else:
            return program
        await let_others_finish(tried)
    raise Conflict


def _differences(program_id: int, before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    names = dict.fromkeys((*before, *after))
    return [
        Difference(f"programs.{program_id}.{name}", before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


async def _laid_over(engine: Engine, program: Program, host: str, values: ProgramValues) -> tuple[Program, str]:
    """The program with other values, and the webExID of its host."""
    changes: dict[str, Any] = {}
    if values.name is not None:
        changes["name"] = _name(values.name)
        changes["name_key"] = changes["name"].casefold()
    if values.host is not None:
        user = await users.by_web_ex_id(engine, program.site_id, values.host.strip().casefold())
        if user is None or not user.host or user.attendee_only:
            raise SiteError(f"{values.host[:64]!r} is no host of the site")
        changes["host_id"], host = user.user_id, user.web_ex_id
    if values.status is not None:
        if values.status.upper() not in list(Listing):
            raise SiteError(f"a program is {', '.join(Listing)}, not {values.status[:20]!r}")
        changes["listing"] = values.status.upper()
    if values.expected_enrollment is not None:
        changes["expected_enrollment"] = _text("expected enrolment", values.expected_enrollment)
    if values.budget is not None:
        changes["budget"] = _text("budget", values.budget)
    if values.after_url is not None:
        changes["after_enrollment_url"] = _address(values.after_url)
    return msgspec.structs.replace(program, **changes), host


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SiteError(f"a program needs a name of 1 to {LONGEST_NAME} printable characters")
    return name


def _text(what: str, text: str) -> str | None:
    line = " ".join(text.split())
    if len(line) > _LONGEST_TEXT or not line.isprintable():
        raise SiteError(f"the {what} has at most {_LONGEST_TEXT} printable characters")
    return line or None


def _address(text: str) -> str | None:
    try:
        return web_address(text, "--after-url") if text.strip() else None
    except Fault as fault:
        raise SiteError(fault.reason) from None
