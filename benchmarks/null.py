"""The yardstick: a service that reads a request and gives back a fixed document, doing nothing else.

It runs on uvicorn with the settings of `parley serve`, and answers with the head of Parley's own answers:

    python -m benchmarks.null PORT FOLDER        /NAME gives the file NAME of the folder
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn
import uvloop

from parley.cli.server import _uvicorn as settings_of_serve
from parley.config import Config
from parley.protocol.answer import HEADERS
from parley.web.xml_endpoint import Receive, Scope, Send


class NullApp:
    """The ASGI application; documents are kept in memory once they were asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and stop."""
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        while (await receive()).get("more_body", False):
            pass
        path: str = scope["path"]
        body = self._kept.get(path)
        if body is None:
            body = self._kept[path] = (self._folder / Path(path).name).read_bytes()
        headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    config = Config(port=int(sys.argv[1]))
    server = uvicorn.Server(settings_of_serve(config, NullApp(Path(sys.argv[2]))))
    server.config.port = config.port
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())


if __name__ == "__main__":
    main()
