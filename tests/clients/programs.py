"""How the tests start a program for a site of theirs."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from tests.client import schema_of
from tests.clients.dialects import TIDY, Dialect
from tests.clients.meeting_program import Program
from tests.server import PASSWORD, TestSite


def signed_in(site: TestSite, user: str = "host1", dialect: Dialect = TIDY) -> Program:
    """A program that took a ticket for an account; every answer that it gets must be valid."""
    program = _program(site, user, dialect)
    program.sign_in(PASSWORD)
    return program


def visitor(site: TestSite, dialect: Dialect = TIDY) -> Program:
    """A program that names the site and nobody."""
    return _program(site, "", dialect)


def checker(site: TestSite) -> Callable[[bytes], None]:
    """Looks at every answer that a program gets: it has to be valid at the site's level."""

    def check(answer: bytes) -> None:
        schema = schema_of(site.level)
        assert schema.validate(etree.fromstring(answer)), f"{schema.error_log}\n{answer!r}"

    return check


def _program(site: TestSite, user: str, dialect: Dialect) -> Program:
    return Program(site.server.url, {"siteName": site.name}, user, dialect, checker(site))
