"""`parley serve` as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from parley.cli.server import _say_hello
from parley.config import Config

#: Runs the command line of the interpreter that runs the tests.
PARLEY = [sys.executable, "-c", "from parley.cli import main; main()"]
FAILING_SECONDS = 30


class Running:
    """A server process and what it printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Stop with"):
                self._ready.set()
        self._ready.set()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wait(self) -> Running:
        assert self._ready.wait(FAILING_SECONDS), self.text
        assert self.process.poll() is None, self.text
        return self

    @property
    def url(self) -> str:
        found = re.search(r"serves on (http://\S+)", self.text)
        assert found is not None, self.text
        return found[1]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(FAILING_SECONDS)
        self.join()
        return code

    def join(self) -> None:
        """Wait until nobody writes any more; the pipe must not be closed while it is read."""
        self._reader.join(FAILING_SECONDS)


@contextmanager
def serving(data: Path, *options: str, demo: bool = True) -> Iterator[Running]:
    command = [*PARLEY, "serve", "--port", "0", "--data", str(data), *(["--demo"] if demo else []), *options]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")},
        start_new_session=True,
    ) as process:
        running = Running(process)
        try:
            yield running.wait()
        finally:
            if process.poll() is None:
                running.stop()
            running.join()


def refused(*options: str) -> str:
    """What `serve` says on standard error when it ends with code 2."""
    done = subprocess.run(
        [*PARLEY, "serve", *options], capture_output=True, text=True, timeout=FAILING_SECONDS, check=False
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("parley: ")
    return lines[0]


def curl_line(server: Running) -> str:
    lines = [line.strip() for line in server.lines if line.strip().startswith("curl ")]
    assert len(lines) == 1
    return lines[0]


def paste(line: str) -> str:
    """What the shell command answers."""
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True).stdout


def rest_of(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


def test_first_start_prints_what_a_newcomer_needs_and_keeps_the_data(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with serving(data) as server:
        assert str(data) in server.text
        for word in ("admin", "host1", "host2", "attendee1", "Parley-demo-1", "demo"):
            assert word in server.text
        answer = paste(curl_line(server))
        assert "<serv:result>SUCCESS</serv:result>" in answer
        assert "host1@demo.example" in answer
        assert "Traceback" not in server.text
        start = "schedule.startDate=01/15/2040 10:00:00"
        login = ["--user", "host1", "--password", "Parley-demo-1"]
        made = subprocess.run(
            [
                *PARLEY,
                "call",
                "CreateMeeting",
                "--url",
                server.url,
                *login,
                "-d",
                "metaData.confName=Kept",
                "-d",
                start,
            ],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        key = re.search("<meet:meetingkey>([0-9]+)<", made.stdout)
        assert key is not None
        assert server.stop() == 0
    with serving(data) as server:
        again = subprocess.run(
            [*PARLEY, "call", "GetMeeting", "--url", server.url, *login, "-d", f"meetingKey={key[1]}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert "<meet:confName>Kept</meet:confName>" in again.stdout
        assert server.stop(signal.SIGINT) == 0
        assert "Traceback" not in server.text


def test_port_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused("--port", str(port), "--data", str(tmp_path))
    assert f"port {port}" in line
    assert "taken" in line


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = refused("--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert "data folder" in line
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    if os.geteuid() == 0:  # root may write anywhere but where there is a folder in place of the file
        (folder / "parley.db").mkdir()
    assert "parley.db" in refused("--port", "0", "--data", str(folder))


def test_database_of_a_newer_release(tmp_path: Path) -> None:
    with serving(tmp_path, demo=False) as server:
        assert server.stop() == 0
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    line = refused("--port", "0", "--data", str(tmp_path))
    assert "9999" in line
    assert "newer" in line


def test_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_text("not a database, but long enough to be looked at" * 100)
    assert "not an SQLite database" in refused("--port", "0", "--data", str(tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104
def test_demo_site_stays_on_loopback(tmp_path: Path, host: str) -> None:
    line = refused("--demo", "--host", host, "--port", "0", "--data", str(tmp_path / "data"))
    assert "loopback" in line
    assert not (tmp_path / "data").exists()


def test_address_that_is_not_ours(tmp_path: Path) -> None:
    assert "192.0.2.1" in refused("--host", "192.0.2.1", "--port", "0", "--data", str(tmp_path))


def test_settings_that_cannot_be_understood(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text("colour = 'red'\n")
    assert "colour" in refused("--data", str(tmp_path))
    assert "no database address" in refused("--data", str(tmp_path / "other"), "--database", "mysql://u:secret@h/n")
    assert "log level" in refused("--data", str(tmp_path / "other"), "--log-level", "loud")


def test_answers_have_one_server_header_and_close_when_asked(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        port = int(server.url.rpartition(":")[2])
        body = b"<message/>"
        head = b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % len(body)
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(head + b"Connection: close\r\n\r\n" + body)
            answer = rest_of(connection)
        fields = answer.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
        assert fields[0] == b"http/1.1 200 ok"
        assert [field for field in fields if field.startswith(b"server:")] == [b"server: "]
        assert b"connection: close" in fields


def test_endless_head_is_cut_off(tmp_path: Path) -> None:
    with serving(tmp_path, demo=False) as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            answer = b""
            with suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
                for number in range(40):
                    time.sleep(0.005)
                    connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 4000))
                while part := connection.recv(65536):
                    answer += part
            assert not answer or answer.startswith(b"HTTP/1.1 431 ")
        assert httpx.get(f"{server.url}/health").text == "ok\n"


def test_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        port = int(server.url.rpartition(":")[2])
        body = b"<message/>"
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(
                b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n" + body[:4]
            )
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            connection.sendall(body[4:])
            assert b"<serv:result>FAILURE" in rest_of(connection)
        assert server.process.wait(FAILING_SECONDS) == 0


def test_a_hangup_does_not_end_a_server_of_one_process(tmp_path: Path) -> None:
    with serving(tmp_path, demo=False) as server:
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + FAILING_SECONDS
        while "hangup_passed_over" not in server.text and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "restart it" in server.text
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        assert server.stop() == 0


def test_workers_share_the_work_and_the_figures(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        workers = [
            child for child in psutil.Process(server.process.pid).children() if "spawn_main" in str(child.cmdline())
        ]
        assert len(workers) == 2
        line = curl_line(server)
        for _ in range(6):
            assert "<serv:result>SUCCESS</serv:result>" in paste(line)
        deadline = time.monotonic() + 10
        wanted = 'parley_requests_total{operation="GetUser",outcome="success"} 6.0'
        while wanted not in httpx.get(f"{server.url}/metrics").text:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert server.stop() == 0
        assert "Traceback" not in server.text
    psutil.wait_procs(workers, timeout=10)
    assert not any(worker.is_running() for worker in workers)


def test_workers_end_quietly_at_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2", demo=False) as server:
        assert httpx.get(f"{server.url}/health").text == "ok\n"
        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does
        assert server.process.wait(FAILING_SECONDS) == 0
    assert "Traceback" not in server.text


def test_workers_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2", demo=False) as server:
        children = psutil.Process(server.process.pid).children()
        server.process.kill()
        server.process.wait(FAILING_SECONDS)
        _, alive = psutil.wait_procs(children, timeout=15)
        assert not alive


@pytest.mark.parametrize(
    ("database", "kind"),
    [(None, "SQLite"), ("sqlite:////srv/parley.db", "SQLite"), ("postgresql://parley@db/parley", "PostgreSQL")],
)
def test_what_it_keeps_everything_in(database: str | None, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    _say_hello(Config(data="/srv", database=database))
    assert f"Data folder: /srv ({kind})" in capsys.readouterr().out
