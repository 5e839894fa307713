"""The attacked server, and an honest account on it."""

from __future__ import annotations

from tests.client import Client
from tests.processes import ServerProcess
from tests.server import PASSWORD, TestSite
from tests.web.wire import Response, exchange, request


class Attacked:
    """A server process with small limits.

    Attributes:
        document: a request that is answered with SUCCESS.
    """

    def __init__(self, process: ServerProcess, site: TestSite) -> None:
        self.process = process
        self.port = process.port
        self.site = site
        self.document = self.client().document("user.GetUser", "<webExId>host1</webExId>").encode()

    def client(self) -> Client:
        """A client of the account host1."""
        return Client(self.process.url, self.site.name, web_ex_id="host1", password=PASSWORD)

    def exchange(self, data: bytes) -> Response:
        """Send one request on a connection of its own."""
        return exchange(self.port, data)

    def check(self) -> None:
        """An honest request is answered, and no error was logged."""
        response = self.exchange(request(self.document))
        assert (response.status, response.value("result")) == (200, "SUCCESS"), response.body
        assert self.process.is_running
        assert self.process.errors() == []
