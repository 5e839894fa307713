"""How many computers labs have and how they are reached, as the command line says it: programs cannot."""

from __future__ import annotations

from typing import Final

import msgspec

from parley.domain.labs import Lab
from parley.domain.site import Site
from parley.services.labs.access import name_key
from parley.services.new_site import SiteError
from parley.store import Changes, Engine, labs
from parley.store.errors import Conflict

_LONGEST_ACCESS: Final = 4096
_TRIES: Final = 12


async def equip(engine: Engine, site: Site, lab: str, computers: int | None, access: str | None) -> Lab:
    """Set the number of a lab's computers, and the text that says how they are reached; None leaves either.

    Args:
        lab: its name or number.

    Raises:
        SiteError: there is no such lab, or a value cannot be used.
        Conflict: others write to the lab all the time.
    """
    for _ in range(_TRIES):
        before, others = await _found(engine, site, lab)
        after = _equipped(site, before, others, computers, access)
        changes = Changes()
        labs.update(changes, before, after)
        try:
            await engine.commit(changes)
        except Conflict:
            continue
        return after
    raise Conflict


async def _found(engine: Engine, site: Site, lab: str) -> tuple[Lab, list[Lab]]:
    """The lab, and the others of the site."""
    present = await labs.all_labs(engine, site.site_id)
    for each in present:
        if lab.strip() == str(each.lab_id) or name_key(lab) == each.name_key:
            return each, [other for other in present if other is not each]
    raise SiteError(f"{site.name} has no lab {lab[:80]!r}; `parley lab list {site.name}` shows those that it has")


def _equipped(site: Site, before: Lab, others: list[Lab], computers: int | None, access: str | None) -> Lab:
    after = before
    if computers is not None:
        room = site.settings.labs.max_computers - sum(each.computers for each in others)
        if not 0 <= computers <= room:
            raise SiteError(
                f"the labs of {site.name} may have {site.settings.labs.max_computers} computers together "
                f"(setting labs.max_computers); {max(room, 0)} are left for this one"
            )
        after = msgspec.structs.replace(after, computers=computers)
    if access is not None:
        text = access.strip()
        if len(text) > _LONGEST_ACCESS or not all(each.isprintable() or each == "\n" for each in text):
            raise SiteError(f"--access takes at most {_LONGEST_ACCESS} printable characters, in lines")
        after = msgspec.structs.replace(after, access=text)
    return after
