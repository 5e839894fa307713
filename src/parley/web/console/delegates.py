"""For whom somebody may schedule: hosts who gave him their permission (schedulingPermission)."""

from __future__ import annotations

from parley.store import users
from parley.web.console.shell import ConsoleCall


async def hosts_for(console: ConsoleCall) -> list[tuple[str, str]]:
    """Sign-in names and names of those for whom the visitor may schedule, himself first.

    Empty when that is nobody, or when the site has no scheduling for others.
    """
    user, engine, site_id = console.user, console.application.engine, console.site.site_id
    if not console.site.settings.schedule_on_behalf:
        return []
    numbers = await users.hosts_permitting(engine, site_id, user.user_id)
    found = await users.many(engine, site_id, "user_id", numbers) if numbers else []
    hosts = [each for each in found if each.host and not each.attendee_only and each.status == "ACTIVATED"]
    if not hosts:
        return []
    named = sorted(
        ((each.web_ex_id, f"{each.first_name} {each.last_name}".strip() or each.web_ex_id) for each in hosts),
        key=lambda each: each[1].casefold(),
    )
    return [(user.web_ex_id, f"{user.first_name} {user.last_name}".strip() or user.web_ex_id), *named]
