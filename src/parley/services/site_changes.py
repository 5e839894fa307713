"""Changing sites: every change goes through here, so that the audit log has it in the same transaction."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from parley.domain.site import AuditEntry, Site
from parley.services.control_hub import name_by_address
from parley.services.taking_turns import let_others_finish
from parley.store import Changes, Conflict, Duplicate, Engine, audit, quotas, sites

#: How often a change is tried again when somebody else changed the same site in between.
_TRIES: Final = 40
#: Columns of a site that the log does not tell: they say which row it is, or follow from the change itself.
_NOT_LOGGED = frozenset({"site_id", "version", "created_at", "settings"})
#: What certificates in PEM form begin with.
_PEM: Final = "-----BEGIN CERTIFICATE-----"


class Author(NamedTuple):
    """Who changes a site, and from where."""

    name: str
    origin: Literal["API", "CLI", "CONSOLE"]


class Difference(msgspec.Struct, frozen=True):
    """One value that changed; None before or after stands for none."""

    name: str
    before: Any = None
    after: Any = None


_read = msgspec.json.Decoder(list[Difference])


def at_the_terminal() -> Author:
    """The author of what a command does: the login name of whoever runs it."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # an account number without a name
        name = f"uid {os.getuid()}"
    return Author(name, "CLI")


def put_created(changes: Changes, site: Site, by: Author) -> None:
    """Log a new site, in the set that makes it."""
    audit.put(changes, _entry(site, [Difference("created", None, site.name)], by, site.created_at))


async def change_site(
    engine: Engine,
    site_id: int,
    change: Callable[[Site], Site],
    by: Author,
    now: int,
    more: Sequence[Difference] = (),
) -> tuple[Site, Site] | None:
    """Change a site as it is now; when somebody else changes it meanwhile, as it is then.

    Args:
        change: makes the wanted site of the present one; called again for every try.
        more: what else the log is to tell, which is no value of the site.

    Returns:
        The site before and after, None when there is no such site. Both are the same when nothing had to be changed.

    Raises:
        Conflict: others were always faster.
        LongAddresses: Control Hub is to manage the site, and an account cannot be named by its address.
    """
    for tried in range(1, _TRIES + 1):
        before = await sites.by_id(engine, site_id)
        if before is None:
            return None
        changes = Changes()
        wanted = change(before)
        renamed = await name_by_address(engine, changes, before, wanted, now)
        counted = [Difference("accounts_renamed", None, renamed)] if renamed else []
        after = put_changed(changes, before, wanted, by, now, [*more, *counted])
        try:
            if changes:
                await engine.commit(changes)
        except (Conflict, Duplicate):
            await let_others_finish(tried)
        else:
            return before, after
    raise Conflict


def put_changed(
    changes: Changes, before: Site, after: Site, by: Author, now: int, more: Sequence[Difference] = ()
) -> Site:
    """Change a site that is still as in `before` (Conflict otherwise) and log it; returns it as stored.

    Args:
        more: what else of the site changes with it. When there is nothing and both are the same, nothing is written.
    """
    found = [*differences(before, after), *more]
    if not found:
        return before
    if before.settings.my_web_ex != after.settings.my_web_ex:
        quotas.forget(changes, before.site_id)
    stored = sites.update(changes, before, after)
    audit.put(changes, _entry(stored, found, by, now))
    return stored


def differences(before: Site, after: Site) -> list[Difference]:
    """What differs between two states of a site, by the names that `parley site show` prints."""
    old, new = dict(flat(before)), dict(flat(after))
    return [
        Difference(name, old.get(name), new.get(name))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]


def read_differences(entry: AuditEntry) -> list[Difference]:
    """What an entry of the log tells."""
    return _read.decode(entry.document)


def _entry(site: Site, found: list[Difference], by: Author, now: int) -> AuditEntry:
    document = msgspec.json.encode(found).decode()
    return AuditEntry(site.site_id, site.version, now, by.name, by.origin, document)


def flat(site: Site) -> list[tuple[str, Any]]:
    """Every value of a site that can be changed, with its name; groups of settings are taken apart."""
    columns = [(name, getattr(site, name)) for name in site.__struct_fields__ if name not in _NOT_LOGGED]
    return columns + flat_values("", plain(site.settings))


def flat_values(prefix: str, values: dict[str, Any]) -> list[tuple[str, Any]]:
    """The values inside of nested mappings, with names such as `rate_limits.mode`."""
    rows: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += flat_values(f"{prefix}{name}.", value)
        else:
            rows.append((f"{prefix}{name}", value))
    return rows


def plain(value: Any) -> Any:
    """Structs as mappings with all their fields, those with default values too."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def value_text(value: Any) -> str:
    """A value as people read it; of certificates their fingerprints, which can be compared."""
    if isinstance(value, list):
        value = [_fingerprint(each) if isinstance(each, str) else each for each in value]
    elif isinstance(value, str):
        value = _fingerprint(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fingerprint(pem: str) -> str:
    """The SHA-256 fingerprint of a certificate as other programs write it; a text that is none as it is."""
    if _PEM not in pem:
        return pem
    try:
        content = ssl.PEM_cert_to_DER_cert(pem)
    except ValueError:
        return pem
    return f"SHA-256 {hashlib.sha256(content).digest().hex(':').upper()}"
