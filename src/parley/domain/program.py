"""Programs: events that belong together under one name."""

from __future__ import annotations

import msgspec

LONGEST_NAME = 512
"""Names are sorted by, so they have to fit an index."""


class Program(msgspec.Struct):
    """A program of a site; `program_id` counts from 1 on each site, `name_key` is the casefolded name.

    `listing` is PUBLIC, PRIVATE or UNLISTED. `expected_enrollment` and `budget` are free texts, `after_enrollment_url`
    is where people are led who registered for the program. `created_at`: UTC epoch seconds.
    """

    site_id: int
    program_id: int
    name: str
    name_key: str
    host_id: int
    listing: str = "PUBLIC"
    expected_enrollment: str | None = None
    budget: str | None = None
    after_enrollment_url: str | None = None
    created_at: int = 0


class HostedProgram(Program, kw_only=False):
    """A program with the webExID of its host, as reads and lists need it."""

    host_web_ex_id: str = ""

    def plain(self) -> Program:
        """The program alone, as the store's write functions take it."""
        return Program(*(getattr(self, name) for name in Program.__struct_fields__))
