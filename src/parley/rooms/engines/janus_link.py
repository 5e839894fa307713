"""The conversation with Janus: one WebSocket, one Janus session on it, and as many handles as there are connections.

Only this server talks to Janus. Browsers talk to the room, so nothing of what Janus would do for whoever asks is in
their reach. When the socket breaks Janus lets go of everything that was made over it, and this begins anew.
Source: Janus' documentation of its WebSocket interface, as of 1.1.2.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
import structlog

from parley.rooms.engines.base import EngineError

Json: TypeAlias = dict[str, Any]
#: Called with an event of a handle that answers nothing.
Listener: TypeAlias = Callable[[Json], None]

_ANSWER_SECONDS: Final = 10.0
#: Far less than the session_timeout of any Janus.
_ALIVE_SECONDS: Final = 10.0
_PAUSES: Final = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
_PLUGIN: Final = "janus.plugin.videoroom"
_log = structlog.get_logger("parley.rooms")


class JanusError(EngineError):
    """Janus refused something, or did not answer; `code` is its own, 0 if it gave none."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class Handle:
    """One attachment to the VideoRoom plugin: it carries one connection of media, or just requests."""

    def __init__(self, link: JanusLink, number: int) -> None:
        self._link = link
        self.number = number

    async def ask(self, body: Mapping[str, Any], jsep: Mapping[str, Any] | None = None) -> tuple[Json, Json | None]:
        """A request to the plugin: its answer, and the session description with it.

        Raises:
            JanusError: it refused, or did not answer in time.
        """
        message: Json = {"janus": "message", "handle_id": self.number, "body": body}
        if jsep is not None:
            message["jsep"] = jsep
        answer = await self._link.ask(message)
        data = answer.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise JanusError(str(data["error"]), int(data.get("error_code", 0)))
        return data, answer.get("jsep")

    async def trickle(self, candidate: Mapping[str, Any]) -> None:
        """Hand on a candidate of the browser's."""
        await self._link.send({"janus": "trickle", "handle_id": self.number, "candidate": candidate})

    async def detach(self) -> None:
        """Let go: the connection of media ends. Never raises."""
        self._link.listeners.pop(self.number, None)
        with contextlib.suppress(JanusError):
            await self._link.ask({"janus": "detach", "handle_id": self.number})


class JanusLink:
    """Keeps a session with Janus.

    Args:
        address: of its WebSocket.
        secret: its api_secret, if it has one.
        up: awaited when there is a new session; nothing of an older one is left.
        down: called when the session is gone.
    """

    def __init__(
        self, address: str, secret: str | None, up: Callable[[], Awaitable[None]], down: Callable[[], None]
    ) -> None:
        self._address = address
        self._secret = secret
        self._up = up
        self._down = down
        self._socket: Any = None
        self._session = 0
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._chore: asyncio.Task[None] | None = None
        self.listeners: dict[int, Listener] = {}

    @property
    def is_up(self) -> bool:
        """Whether Janus can be asked."""
        return self._session != 0

    def start(self) -> None:
        """Begin to connect, and to connect anew whenever the socket breaks."""
        self._chore = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let go of everything."""
        if self._chore is not None:
            self._chore.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._chore

    async def attach(self, listener: Listener) -> Handle:
        """A new handle; `listener` gets its events.

        Raises:
            JanusError: Janus cannot be asked.
        """
        answer = await self.ask({"janus": "attach", "plugin": _PLUGIN})
        number = int(answer["data"]["id"])
        self.listeners[number] = listener
        return Handle(self, number)

    async def ask(self, message: Json) -> Json:
        """Send a request and wait for what it leads to.

        Raises:
            JanusError: refused, or no answer in time.
        """
        transaction = secrets.token_urlsafe(9)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = answer
        try:
            await self.send(message, transaction)
            async with asyncio.timeout(_ANSWER_SECONDS):
                found = await answer
        except TimeoutError:
            raise JanusError("no answer in time") from None
        finally:
            self._waiting.pop(transaction, None)
        if found.get("janus") == "error":
            error = found.get("error", {})
            raise JanusError(str(error.get("reason", "")), int(error.get("code", 0)))
        return found

    async def send(self, message: Json, transaction: str | None = None) -> None:
        """Send without waiting for an answer.

        Raises:
            JanusError: there is no connection.
        """
        socket = self._socket
        if socket is None or (not self._session and message["janus"] != "create"):
            raise JanusError("no connection with Janus")
        more: Json = {"transaction": transaction or secrets.token_urlsafe(9)}
        if self._session:
            more["session_id"] = self._session
        if self._secret:
            more["apisecret"] = self._secret
        try:
            await socket.send(msgspec.json.encode({**message, **more}).decode())
        except Exception as error:  # whatever the socket library raises, the connection is gone
            raise JanusError(f"no connection with Janus: {type(error).__name__}") from None

    async def _keep(self) -> None:
        failed = 0
        while True:
            try:
                await self._converse()
                failed = 0
            except (OSError, JanusError, TimeoutError, msgspec.DecodeError) as error:
                failed += 1
                if failed in (5, 50):
                    _log.warning("janus_unreachable", address=self._address, reason=str(error))
            await asyncio.sleep(_PAUSES[min(failed, len(_PAUSES) - 1)])

    async def _converse(self) -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed, InvalidHandshake
        from websockets.typing import Subprotocol

        try:
            async with connect(
                self._address,
                subprotocols=[Subprotocol("janus-protocol")],
                max_size=4_000_000,
                compression=None,
                max_queue=None,
                open_timeout=5,
                close_timeout=1,
                proxy=None,
            ) as socket:
                self._socket = socket
                reading = asyncio.create_task(self._read(socket))
                try:
                    self._session = int((await self.ask({"janus": "create"}))["data"]["id"])
                    _log.info("janus_connected", address=self._address)
                    await self._up()
                    await self._stay_alive(reading)
                finally:
                    self._forget()
                    reading.cancel()
                    with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                        await reading
        except (ConnectionClosed, InvalidHandshake) as error:
            raise JanusError(f"{type(error).__name__}") from None
        finally:
            self._forget()

    async def _stay_alive(self, reading: asyncio.Task[None]) -> None:
        while not reading.done():
            await asyncio.wait({reading}, timeout=_ALIVE_SECONDS)
            if not reading.done():
                await self.send({"janus": "keepalive"})

    async def _read(self, socket: Any) -> None:
        async for raw in socket:
            message: Json = msgspec.json.decode(raw)
            kind = message.get("janus")
            future = self._waiting.get(message.get("transaction", ""))
            if kind == "ack":  # what was asked comes later
                continue
            if future is not None:
                if not future.done():
                    future.set_result(message)
            elif kind == "timeout":
                return
            else:
                listener = self.listeners.get(message.get("sender", 0))
                if listener is not None:
                    listener(message)

    def _forget(self) -> None:
        was = self._session
        self._socket, self._session = None, 0
        self.listeners.clear()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(JanusError("the connection with Janus broke"))
        if was:
            _log.warning("janus_disconnected", address=self._address)
            self._down()
