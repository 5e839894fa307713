"""Sends one file by the system's own sendfile and does nothing else: what Parley's downloads are compared with.

python -m benchmarks.sendfile PORT FILE
"""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
from typing import Final

_RANGE: Final = re.compile(rb"bytes=(\d+)-(\d+)")


def _answer(connection: socket.socket, file: int, size: int) -> None:
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(65_536)
            if not data:
                return
            head += data
        asked = _RANGE.search(head)
        start, stop = (int(asked[1]), int(asked[2]) + 1) if asked else (0, size)
        connection.sendall(b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n\r\n" % (stop - start))
        while start < stop:
            start += os.sendfile(connection.fileno(), file, start, stop - start)


def main() -> None:
    port, path = int(sys.argv[1]), sys.argv[2]
    file = os.open(path, os.O_RDONLY)
    size = os.fstat(file).st_size
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, file, size), daemon=True).start()


if __name__ == "__main__":
    main()
