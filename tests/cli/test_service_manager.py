"""What a service manager hands over, and what it is told."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parley.cli.service_manager import NotUsable, handed_over, tell

_SECONDS = 30
#: Takes what systemd would: file 3, and variables with the process's own number.
_LIKE_SYSTEMD = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); "
    "os.environ.update(LISTEN_FDS=sys.argv[2], LISTEN_PID=str(os.getpid()));"
    " sys.argv[1:] = sys.argv[3:]; from parley.cli import main; main()"
)


def variables(count: int = 1, process: int | None = None) -> dict[str, str]:
    return {
        "LISTEN_PID": str(os.getpid() if process is None else process),
        "LISTEN_FDS": str(count),
        "LISTEN_FDNAMES": "x",
    }


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def test_a_socket_is_taken_once(listener: socket.socket) -> None:
    given = variables()
    with socket.socket(fileno=os.dup(listener.fileno())) as copy:
        taken = handed_over(given, copy.detach())
    assert taken is not None
    with taken:
        assert taken.getsockname() == listener.getsockname()
        assert taken.get_inheritable()
        assert given == {}
        assert handed_over(given) is None


@pytest.mark.parametrize("given", [{}, variables(process=1), variables(0), {"LISTEN_FDS": "1"}])
def test_without_one_there_is_none(given: dict[str, str]) -> None:
    assert handed_over(given) is None


def test_what_cannot_be_served_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUsable, match="2 sockets"):
        handed_over(variables(2))
    with (tmp_path / "file").open("wb") as file, pytest.raises(NotUsable, match="no socket"):
        handed_over(variables(), file.fileno())
    for kind, family in (
        (socket.SOCK_STREAM, socket.AF_INET),  # it does not listen
        (socket.SOCK_DGRAM, socket.AF_INET),
        (socket.SOCK_STREAM, socket.AF_UNIX),
    ):
        other = socket.socket(family, kind)
        with pytest.raises(NotUsable, match="does not listen for TCP"):
            handed_over(variables(), other.detach())


def test_states_are_told_where_somebody_wants_to_know(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(_SECONDS)
        tell("READY=1", {"NOTIFY_SOCKET": str(path)})
        assert manager.recv(100) == b"READY=1"
    tell("READY=1", {"NOTIFY_SOCKET": str(path)})  # nobody is there any more
    tell("READY=1", {})
    tell("READY=1", {"NOTIFY_SOCKET": "host:1"})


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_serves_on_the_socket_and_says_when_it_is_up(
    listener: socket.socket, tmp_path: Path, workers: int
) -> None:
    """Who connects before it is up waits in the socket, and is answered."""
    notify, data = tmp_path / "notify", tmp_path / "data"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, socket.socket() as early:
        manager.bind(str(notify))
        manager.settimeout(_SECONDS)
        early.connect(listener.getsockname())
        early.settimeout(_SECONDS)
        early.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with (tmp_path / "output").open("wb") as output:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-c", _LIKE_SYSTEMD, str(listener.fileno()), "1"),
                    *("serve", "--data", str(data), "--workers", str(workers), "--host", "192.0.2.1", "--port", "1"),
                ],
                pass_fds=[listener.fileno()],
                env={"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(notify), "PARLEY_MAIL_DELIVERY": "false"},
                stdout=output,
                stderr=output,
            )
        try:
            assert manager.recv(100) == b"READY=1"
            assert b"200 OK" in early.recv(1000)
            host, port = listener.getsockname()
            assert httpx.get(f"http://{host}:{port}/readyz", trust_env=False).text == "ready\n"
            assert f"serves on http://{host}:{port}" in (tmp_path / "output").read_text()
        finally:
            process.terminate()
            code = process.wait(_SECONDS)
    assert code == 0


def test_the_demo_site_is_not_served_on_such_a_socket(listener: socket.socket, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", _LIKE_SYSTEMD, str(listener.fileno()), "1"),
            *("serve", "--data", str(tmp_path / "data"), "--demo"),
        ],
        pass_fds=[listener.fileno()],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"parley: the demo site is not served on a socket .*\n", done.stderr)
