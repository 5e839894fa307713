"""Names in the DNS: the public host, those of sites, and the looking up of records."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from parley.checkup.findings import Area, Report, Setup, reason

#: Stands for the name of any site; no site can have it.
PROBE: Final = "parley-doctor-probe"


class NoAnswer(Exception):
    """The DNS does not answer; the message is one line."""


async def lookup(name: str, kind: str, seconds: float) -> list[str]:
    """The records of a name, as texts; none where there are none.

    Raises:
        NoAnswer: no server answers, or the name cannot be asked for.
    """
    import dns.asyncresolver
    import dns.exception
    import dns.resolver

    try:
        resolver = dns.asyncresolver.Resolver()
        answer = await resolver.resolve(name, kind, lifetime=seconds)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise NoAnswer(reason(error)) from None
    return [each.to_text() for each in answer]


async def addresses(host: str) -> list[str]:
    """The addresses of a host, as this machine finds them.

    Raises:
        OSError: it has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def public_host(setup: Setup, report: Report) -> None:
    """Whether the host of links is found."""
    public = setup.config.public_url
    if public is None:
        report.ok("public host", "none is set")
        return
    if "{site}" in public:
        await _host(public.replace("{site}", PROBE), "host names of sites", report, wildcard=True)
    else:
        await _host(public, "public host", report)


async def _host(url: str, name: str, report: Report, *, wildcard: bool = False) -> None:
    host = urlsplit(url).hostname
    if not host:
        report.fail(name, f"{url} has no host", "write public_url as https://meet.example.org")
        return
    shown = host.replace(PROBE, "*")
    try:
        found = await addresses(host)
    except OSError as error:
        record = f"a record for *{host.removeprefix(PROBE)}" if wildcard else "an A or AAAA record, or wait for it"
        report.fail(name, f"{shown} is not found: {reason(error)}", record)
        return
    told = f"{shown} is {', '.join(found[:4])}"
    if any(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in found) and host != "localhost":
        try:
            ipaddress.ip_address(host)
        except ValueError:
            report.warn(name, f"{told}, which is every machine itself", "name the address of the front in the DNS")
            return
    report.ok(name, told)


AREA: Final = Area("names", (public_host,))
