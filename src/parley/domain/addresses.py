"""Addresses of clients: who is counted as one where tries, calls and connections of an address are bounded."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def read_ip(address: str) -> IpAddress | None:
    """An IP address, None for anything else; one of IPv4 that a socket for both shows as IPv6 is one of IPv4."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    found = read_ip(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Address(int(found) >> 64 << 64))
    return address if found is None else str(found)


def network_of(address: str) -> str:
    """What an address is counted under: of IPv6 the first half, since whoever has one address has all of the rest."""
    return _network(address) if ":" in address else address
