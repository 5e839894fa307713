"""Parley for test suites: a real server within the test run, whose sites, clock, mails and failures a test controls.

`parley.testing.plugin` has the fixtures for pytest, `parley sandbox` the same for suites in other languages. See
docs/testing.md. What is named here is only loaded when it is used: pytest reads this package in every project of an
environment that has Parley in it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parley.services.exchanges import Request
    from parley.testing.client import Answer, Client, xml_of
    from parley.testing.clock import MovableClock
    from parley.testing.mailbox import Mail
    from parley.testing.server import Server
    from parley.testing.site import PASSWORD, Site

__all__ = ["PASSWORD", "Answer", "Client", "Mail", "MovableClock", "Request", "Server", "Site", "xml_of"]

_PLACES = {
    "Answer": "client",
    "Client": "client",
    "xml_of": "client",
    "MovableClock": "clock",
    "Mail": "mailbox",
    "Server": "server",
    "PASSWORD": "site",
    "Site": "site",
    "Request": "stage",
}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{place}"), name)
