"""A client for tests: sends one operation, checks that the answer is well-formed and valid, gives its parts.

Every answer is validated against the exported XSD of its site's level, so whatever a test asks for is checked.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from lxml import etree

from parley import testing
from parley.protocol.versions import Level
from parley.protocol.xsd import write_tree
from parley.testing.client import SERV, XSI, Answer, xml_of

__all__ = ["SERV", "XSI", "Answer", "Client", "schema_of", "xml_of"]


@functools.cache
def schema_of(level: str) -> etree.XMLSchema:
    """The exported XSD of a level, loaded."""
    with tempfile.TemporaryDirectory() as folder:
        write_tree(Level.parse(level), Path(folder))
        return etree.XMLSchema(etree.parse(Path(folder) / "all.xsd"))


class Client(testing.Client):
    """The client that `parley.testing` has for all suites, with a check of every answer.

    Args:
        level: tells the level whose schema answers must fit.
        options: those of the client.
    """

    def __init__(
        self, url: str, site: str | None, *, level: Callable[[], str] = lambda: "42.6.0", **options: Any
    ) -> None:
        super().__init__(url, site, **options)
        self._level = level

    def checked(self, response: httpx.Response) -> Answer:
        """The answer in a response: status 200, well-formed, valid."""
        answer = super().checked(response)
        schema = schema_of(self._level())
        assert schema.validate(answer.root), f"{schema.error_log}\n{answer.text}"
        return answer
