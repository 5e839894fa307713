"""Putting people to queues of the support service and to managers; reading queues is in `support_queues`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, select_where
from parley.store.tables import queue_members, support_agents

_INSERT_MEMBER = Insert(queue_members)
_DELETE_MEMBER = delete_where(
    queue_members, queue_members.c.site_id, queue_members.c.user_id, queue_members.c.queue_key, queue_members.c.role
)
_INSERT_AGENT = Insert(support_agents)
_DELETE_AGENT = delete_where(
    support_agents, support_agents.c.site_id, support_agents.c.manager_id, support_agents.c.agent_id
)
_AGENTS = select_where([support_agents.c.agent_id], support_agents.c.site_id, support_agents.c.manager_id)


class Place(NamedTuple):
    """A role (AGENT, MANAGER, ALL) at a queue, by the casefolded name of the queue."""

    queue_key: str
    role: str


def assign_places(changes: Changes, site_id: int, user_id: int, add: Sequence[Place], remove: Sequence[Place]) -> None:
    """Give somebody places and take others away; what is so already stays so."""
    changes.sequential = True  # a place that is there already is deleted and inserted
    for place in {*add, *remove}:
        changes.add(_DELETE_MEMBER, site_id, user_id, *place)
    changes.insert(_INSERT_MEMBER, [(site_id, user_id, *place) for place in dict.fromkeys(add)])


def assign_agents(changes: Changes, site_id: int, manager_id: int, add: Sequence[int], remove: Sequence[int]) -> None:
    """Give a manager agents and take others away; what is so already stays so."""
    changes.sequential = True  # an agent who is there already is deleted and inserted
    for agent_id in sorted({*add, *remove}):
        changes.add(_DELETE_AGENT, site_id, manager_id, agent_id)
    changes.insert(_INSERT_AGENT, [(site_id, manager_id, agent_id) for agent_id in dict.fromkeys(add)])


async def agents(engine: Engine, site_id: int, manager_id: int) -> list[int]:
    """The agents of a manager."""
    return sorted(row[0] for row in await engine.all(_AGENTS, site_id, manager_id))
