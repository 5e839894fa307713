"""AssignWebACDQueues and AssignWebACDAgents.

Source: the 5.9 contract; facts/user-site.md 4 knows no more of them than that. Chosen: a queue must be one of the
site's, by name without letter case; ASSIGN of what is there already and UNASSIGN of what is not are no failures;
whoever gets a place at a queue, agents or a manager is agent or manager from then on (webACDPrefs).
"""

from __future__ import annotations

import msgspec

from parley.contract.user import (
    AssignWebACDAgents,
    AssignWebACDAgentsResponse,
    AssignWebACDQueues,
    AssignWebACDQueuesResponse,
    UserTypeWebACDPrefs,
)
from parley.domain.user import User
from parley.protocol import faults
from parley.services.accounts import write_profile
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.services.registry import operation
from parley.services.user.reading import named_user
from parley.services.values import given
from parley.store import Changes, support_staff, users
from parley.store.support_staff import Place

_ASSIGN = "ASSIGN"
_AGENT, _MANAGER, _ALL = "AGENT", "MANAGER", "ALL"


@operation("user", request=AssignWebACDQueues, answer=AssignWebACDQueuesResponse)
async def assign_web_acd_queues(context: Context, request: AssignWebACDQueues) -> AssignWebACDQueuesResponse:
    """Give a user places at queues of the support service, or take them away."""
    user = await named_user(context, request.web_ex_id, "webExId")
    if not request.queue:
        raise faults.MISSING_ELEMENT(path="queue")
    known = {queue.name.casefold() for queue in context.site.settings.support_queues}
    add: list[Place] = []
    remove: list[Place] = []
    for each in request.queue:
        name = given(each.name)
        if name is None or each.action is None:
            raise faults.MISSING_ELEMENT(path="queue/name" if name is None else "queue/action")
        key = name.strip().casefold()
        if key not in known:
            raise faults.INVALID_VALUE(path="queue/name", problem=f"the site has no queue {name.strip()[:64]}")
        (add if each.action == _ASSIGN else remove).append(Place(key, each.type or _AGENT))
    changes = Changes()
    support_staff.assign_places(changes, user.site_id, user.user_id, add, remove)
    roles = {place.role for place in add}
    _note_roles(context, changes, user, agent=bool(roles & {_AGENT, _ALL}), manager=bool(roles & {_MANAGER, _ALL}))
    await context.engine.commit(changes)
    return AssignWebACDQueuesResponse()


@operation("user", request=AssignWebACDAgents, answer=AssignWebACDAgentsResponse)
async def assign_web_acd_agents(context: Context, request: AssignWebACDAgents) -> AssignWebACDAgentsResponse:
    """Give a manager of support queues agents, or take them away."""
    name = given(request.manager)
    if name is None:
        raise faults.MISSING_ELEMENT(path="manager")
    site_id = context.site.site.site_id
    manager = await users.by_web_ex_id(context.engine, site_id, name.strip().casefold())
    if manager is None:
        raise faults.UNKNOWN_MANAGER(manager=name.strip()[:64])
    if not request.web_acd_user:
        raise faults.MISSING_ELEMENT(path="webACDUser")
    names = [(each.web_ex_id or "").strip().casefold() for each in request.web_acd_user]
    found = {each.web_ex_id_key: each for each in await users.many(context.engine, site_id, "web_ex_id_key", names)}
    changes = Changes()
    add: list[int] = []
    remove: list[int] = []
    for key, each in zip(names, request.web_acd_user, strict=True):
        if each.action is None:
            raise faults.MISSING_ELEMENT(path="webACDUser/action")
        if key not in found:
            raise faults.UNKNOWN_USER()
        (add if each.action == _ASSIGN else remove).append(found[key].user_id)
    support_staff.assign_agents(changes, site_id, manager.user_id, add, remove)
    own = manager.user_id in add
    if add:
        _note_roles(context, changes, manager, agent=own, manager=True)
    for user in found.values():
        if user.user_id in add and user.user_id != manager.user_id:
            _note_roles(context, changes, user, agent=True, manager=False)
    await context.engine.commit(changes)
    return AssignWebACDAgentsResponse()


def _note_roles(context: Context, changes: Changes, user: User, *, agent: bool, manager: bool) -> None:
    """Let an account have the roles that it was given; it never loses one here."""
    profile = profile_of(user)
    prefs = profile.web_acd_prefs or UserTypeWebACDPrefs(is_agent=False, is_mgr=False)
    noted = msgspec.structs.replace(prefs, is_agent=bool(prefs.is_agent) or agent, is_mgr=bool(prefs.is_mgr) or manager)
    if noted == prefs:
        return
    document = write_profile(msgspec.structs.replace(profile, web_acd_prefs=noted))
    users.update_user(changes, user, msgspec.structs.replace(user, document=document, modified_at=context.now))
