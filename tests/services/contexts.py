"""Contexts of operations, for what no operation of the API calls yet."""

from __future__ import annotations

from parley.domain.user import Caller
from parley.services.context import Context
from parley.store import users
from tests.server import TestSite


async def context_of(site: TestSite, web_ex_id: str) -> Context:
    """The context of a call by an account; to be made and used on the server's own loop (`Server.run`)."""
    application = site.server.application
    known = await application.sites.reload(site.site_id)
    user = await users.by_web_ex_id(application.engine, site.site_id, web_ex_id)
    assert known is not None
    assert user is not None
    caller = Caller(**{name: getattr(user, name) for name in Caller.__struct_fields__})
    return Context(application, known, caller, None)
