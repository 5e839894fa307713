"""What a service manager (systemd) hands to a server, and what the server tells it: a listening socket, its state.

With a socket of the manager's no connection is refused while the server is started anew: they wait in the socket.
Sources: sd_listen_fds(3) and sd_notify(3).
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import MutableMapping
from typing import Final

_FIRST: Final = 3
"""Number of the first file that is handed over."""


class NotUsable(Exception):
    """The socket that was handed over is none to serve on; the message is one line for the person at the terminal."""


def handed_over(environment: MutableMapping[str, str] = os.environ, first: int = _FIRST) -> socket.socket | None:
    """The listening socket that this process was started with; None: there is none. It is taken once only.

    Args:
        environment: with LISTEN_PID and LISTEN_FDS, which go.
        first: the number of its file.

    Raises:
        NotUsable: there are several, or it is none that takes connections over TCP.
    """
    process, count = environment.pop("LISTEN_PID", ""), environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or not count.isdigit() or not int(count):
        return None
    if int(count) != 1:
        raise NotUsable(f"{count} sockets were handed over, and one is served: let the unit have one ListenStream=")
    try:
        listener = socket.socket(fileno=first)
        tcp = listener.family in (socket.AF_INET, socket.AF_INET6) and listener.type == socket.SOCK_STREAM
        listens = tcp and bool(listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError as error:
        raise NotUsable(f"what was handed over is no socket: {error.strerror}") from None
    if not listens:
        listener.close()
        raise NotUsable("the socket that was handed over does not listen for TCP: write ListenStream=ADDRESS:PORT")
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener


def tell(state: str, environment: MutableMapping[str, str] = os.environ) -> None:
    """Tell the manager a state such as `READY=1`, where there is one that wants to know (Type=notify)."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    name = f"\0{address[1:]}" if address[0] == "@" else address
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as peer:
        peer.connect(name)
        peer.send(state.encode())
