"""Addresses that a session wants told of what happens, and which of them a site allows.

Sources: the contract's extURL, extNotifyTime and joinNotifyURL; what they leave open is chosen (docs/fidelity.md,
"Notices").
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec

_PORTS: Final = {"http": 80, "https": 443}
#: An allowed host as a site lists it: a name or an IPv4 address, with a port where it is not the usual one.
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
#: A name, or an address of either kind as urlsplit gives it.
_NAME: Final = re.compile(r"[a-z0-9_.:-]+")
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")
#: Characters that stay as they are in the path and the query of an address.
_KEPT: Final = "/?&=%:;,+@!$'()*~-._[]"
_LONGEST_AHEAD: Final = 366 * 24 * 60


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a session wants told.

    Attributes:
        before_start: told `minutes` before each start.
        on_join: told whenever somebody comes in.
    """

    before_start: str | None = None
    minutes: int = 0
    on_join: str | None = None


NOTHING: Final = Wanted()


class Target(NamedTuple):
    """An address taken apart: `host` in ASCII and lower case, `path` with the query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header and the list of a site have them: without the usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def wanted_of(ext_url: str | None, minutes: int | None, join_url: str | None) -> Wanted:
    """What the elements of a schedule ask for."""
    ahead = min(max(minutes or 0, 0), _LONGEST_AHEAD)
    return Wanted(before_start=(ext_url or "").strip() or None, minutes=ahead, on_join=(join_url or "").strip() or None)


def target_of(address: str) -> Target | None:
    """An address taken apart; None for one that nothing can be sent to.

    Those with user name and password are none, and neither are those with blanks or control characters.
    """
    if _UNSAFE.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme.lower(), 0)
    except (ValueError, UnicodeError):
        return None
    if not _NAME.fullmatch(host) or not 0 < port < 65536 or parts.scheme.lower() not in _PORTS or "@" in parts.netloc:
        return None
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return Target(parts.scheme.lower() == "https", host, port, path + query)


def is_allowed(target: Target, hosts: Collection[str]) -> bool:
    """Whether a site allows this address: its host is listed, with the port where it is not the usual one."""
    return target.authority in hosts


def is_host(text: str) -> bool:
    """Whether a text can stand in a site's list of hosts."""
    return _HOST.fullmatch(text) is not None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open net: not of this machine, of a private net, or of many at once.

    Addresses that carry another one (IPv4 in IPv6, 6to4, Teredo, NAT64) count as that one.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_reserved or found.is_site_local:  # also ::127.0.0.1, and what fc00::/7 replaced
            return False
    return found.is_global and not found.is_multicast and not any(found in net for net in _SPECIAL)


#: Nets for protocols and examples that not every release of Python knows not to be open; in the first of them clouds
#: keep what they tell of a machine.
_SPECIAL: Final = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "64:ff9b:1::/48", "2001::/23", "3fff::/20", "5f00::/16"))
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
