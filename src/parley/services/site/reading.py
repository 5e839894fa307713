"""GetSite, and the queues of the support service.

Source: facts/user-site.md 4 (WebACD), 7 (GetSite).
"""

from __future__ import annotations

from parley.contract.site import GetSite, GetSiteResponse, GetWebACDQueues, GetWebACDQueuesResponse, QueueType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.domain.site import SupportQueue
from parley.protocol import faults
from parley.services.context import Context
from parley.services.kept import kept_answer
from parley.services.lists import page
from parley.services.registry import Encoded, operation
from parley.services.site.document import HostCount, site_instance
from parley.services.values import given
from parley.store import support_queues, users


@operation("site", request=GetSite, answer=GetSiteResponse)
async def get_site(context: Context, request: GetSite) -> Encoded:
    """Tell what the site has switched on, its limits and its session types."""
    known = context.site
    asked = request.return_settings
    event_center = bool(asked and asked.event_center)
    hosts = await _hosts(context)
    # Settings, level and session types only change together with the site's version.
    depends_on = (known.site.version, event_center, hosts)

    async def answer() -> GetSiteResponse:
        instance = site_instance(known, context.application.links, hosts, event_center=event_center)
        return GetSiteResponse(site_instance=instance)

    return await kept_answer(context, GetSiteResponse, depends_on, answer)


async def _hosts(context: Context) -> HostCount | None:
    """The number of hosts; not counted on a site that may have any number (no recorded answer has it either)."""
    limit = context.site.settings.host_limit
    if limit is None:
        return None
    return HostCount(limit, await users.active_hosts(context.engine, context.site.site.site_id))


@operation("site", request=GetWebACDQueues, answer=GetWebACDQueuesResponse)
async def get_web_acd_queues(context: Context, request: GetWebACDQueues) -> GetWebACDQueuesResponse:
    """List the queues of the support service that the site has, or those at which somebody works."""
    site_id = context.site.site.site_id
    queues = context.site.settings.support_queues
    types: dict[str, str] = {queue.name: queue.type for queue in queues}
    if given(request.web_ex_id) is not None:
        user = await users.by_web_ex_id(context.engine, site_id, (request.web_ex_id or "").strip().casefold())
        if user is None:
            raise faults.UNKNOWN_USER()
        held = await support_queues.of_user(context.engine, site_id, user.user_id)
        types = {queue.name: _joined(roles) for queue in queues if (roles := held.get(queue.name.casefold()))}
    found = [queue for queue in queues if queue.name in types and _is_of(types[queue.name], request.type)]
    wanted = page(request.list_control)
    shown = found[wanted.first - 1 : wanted.first - 1 + wanted.size]
    sizes = await support_queues.sizes(context.engine, site_id) if shown else {}
    return GetWebACDQueuesResponse(
        queue=[_queue(context, each, types[each.name], sizes.get(each.name.casefold(), 0)) for each in shown],
        matching_records=wanted.matching(len(found), len(shown)),
    )


def _joined(roles: set[str]) -> str:
    return next(iter(roles)) if len(roles) == 1 else "ALL"


def _is_of(kind: str, wanted: str | None) -> bool:
    return wanted in (None, "ALL") or kind in ("ALL", wanted)


def _queue(context: Context, queue: SupportQueue, kind: str, people: int) -> QueueType:
    modified = queue.modified_at
    zone = context.caller.time_zone_id
    return QueueType(
        name=queue.name,
        num_users=people,
        mod_date=None if modified is None else format_date(timezones.to_local(modified, zone)),
        type=kind,
    )
