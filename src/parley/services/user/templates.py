"""DelSessionTemplates.

Source: facts/user-site.md 4.
"""

from __future__ import annotations

from parley.contract.user import DelSessionTemplates, DelSessionTemplatesResponse
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.store import Changes, session_templates

_OF_SITE = "Site"


@operation("user", request=DelSessionTemplates, answer=DelSessionTemplatesResponse)
async def del_session_templates(context: Context, request: DelSessionTemplates) -> DelSessionTemplatesResponse:
    """Delete session templates of the caller, or as administrator those of the site; all of them or none."""
    caller, site_id = context.caller, context.site.site.site_id
    of_site = request.template_type == _OF_SITE
    if of_site and not caller.site_admin:
        raise faults.ACCESS_DENIED()
    if not request.session_template:
        raise faults.MISSING_ELEMENT(path="sessionTemplate")
    owner = session_templates.SITE_OWNER if of_site else caller.user_id
    present = {
        (each.service, each.name_key): each for each in await session_templates.of_owner(context.engine, site_id, owner)
    }
    changes = Changes()
    asked = {(each.service_type or "", (each.name or "").strip().casefold()) for each in request.session_template}
    for key in sorted(asked):
        if not all(key):
            raise faults.MISSING_ELEMENT(path="sessionTemplate/name" if key[0] else "sessionTemplate/serviceType")
        if key not in present:
            raise faults.NOTHING_FOUND()
        session_templates.delete(changes, present[key])
    await context.engine.commit(changes)
    return DelSessionTemplatesResponse()
