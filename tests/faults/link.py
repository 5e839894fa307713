"""The way between a server and its database as a thing that can be harmed: cut, swallowing, refusing."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path


class Link:
    """Passes bytes between a port of its own and the socket of a PostgreSQL.

    Args:
        data: folder in which PostgreSQL has its socket.
    """

    def __init__(self, data: Path) -> None:
        self._target = str(data / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._refuses = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self.held = 0
        """Directions of connections in which something waits to get through."""
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, address: str) -> str:
        """The address of a database by this way."""
        return f"{address.partition('@')[0]}@127.0.0.1:{self.port}/{address.partition('@/')[2].partition('?')[0]}"

    def swallow(self) -> None:
        """Let nothing through, and tell neither side, as a cable does that is pulled."""
        self._open.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._refuses = False
        self._open.set()

    def refuse(self) -> None:
        """End what is there, and every connection that comes."""
        self._refuses = True
        self.cut()

    def cut(self) -> None:
        """End every connection."""
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            _end(each)

    def close(self) -> None:
        """End it."""
        _end(self._listener)
        self.cut()
        self._open.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                if self._refuses:
                    raise ConnectionRefusedError
                far.connect(self._target)
            except OSError:
                near.close()
                far.close()
                continue
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _hold(self, by: int) -> None:
        with self._lock:
            self.held += by

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not self._open.is_set():
                    self._hold(+1)
                    try:
                        self._open.wait()
                        sink.sendall(data)
                    finally:
                        self._hold(-1)
                else:
                    sink.sendall(data)
        _end(source)
        _end(sink)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
