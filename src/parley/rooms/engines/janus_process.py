"""Janus as a process of ours: its settings, its start, its end, and its new start when it dies.

A thread starts the program and waits for it. The kernel ends the program when that thread is gone, however that comes,
so it never outlives the server. Only the process that holds the lock of the folder runs one.
Sources: facts/media.md 4; the sample files in /etc/janus of 1.1.2.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final, TypeAlias

import msgspec
import structlog

from parley.config import Config

#: Seconds before a new start; longer with each one that fails soon, up to the last.
_PAUSES: Final = (0.3, 1.0, 2.0, 5.0, 15.0, 30.0)
#: A process that ran for so long counts as one that works.
_STEADY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_LOG_BYTES: Final = 5_000_000
_FOLDER: Final = "janus"
_PLUGINS: Final = (
    *("audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom"),
    *("videocall", "voicemail"),
)
_TRANSPORTS: Final = ("http", "mqtt", "nanomsg", "pfunix", "rabbitmq")
_Value: TypeAlias = str | int | bool
_Groups: TypeAlias = Mapping[str, Mapping[str, _Value]]
_log = structlog.get_logger("parley.rooms")


class JanusMissing(Exception):
    """What is needed to run Janus is not installed; the message is one line for the person at the terminal."""


class JanusProcess:
    """One Janus, kept running between `start` and `stop`.

    Args:
        config: `data` and the settings `janus_*`.

    Attributes:
        address: where it listens, `ws://127.0.0.1:...`.
        secret: of its API.
        admin_key: that lets rooms be made.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._folder = Path(config.data).absolute() / _FOLDER
        self._port = _free_port()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"ws://127.0.0.1:{self._port}"
        self.secret = secrets.token_urlsafe(24)
        self.admin_key = secrets.token_urlsafe(24)

    def reached(self, config: Config) -> Config:
        """The settings of a server that uses this process."""
        return msgspec.structs.replace(
            config, janus=self.address, janus_secret=self.secret, janus_admin_key=self.admin_key
        )

    @property
    def pid(self) -> int | None:
        """Of the process that runs at present."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start it; it may need some tenths of a second until it answers.

        Raises:
            JanusMissing: Janus or setpriv is not installed.
        """
        command = janus_command(self._folder)
        self._thread = threading.Thread(target=self._keep, args=(command,), name="janus", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        self._stopping.set()
        process = self._process
        if process is not None:
            _end(process)
        if self._thread is not None:
            self._thread.join(2 * _STOP_SECONDS)

    def _keep(self, command: list[str]) -> None:
        failed = 0
        while not self._stopping.is_set():
            try:
                with self._lock(), self._output() as output:
                    lived = self._run(command, output)
                failed = 0 if lived >= _STEADY_SECONDS else failed + 1
            except OSError as error:
                _log.warning("janus_not_started", reason=str(error))
                failed += 1
            if not self._stopping.wait(_PAUSES[min(failed, len(_PAUSES)) - 1] if failed else _PAUSES[0]):
                _log.warning("janus_starts_anew", log=str(self._folder / "janus.log"))

    def _run(self, command: list[str], output: IO[bytes]) -> float:
        """Run it to its end; gives the seconds that it lived."""
        self._write_settings()
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  # the command is ours
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self._folder, start_new_session=True
        )
        self._process = process
        _log.info("janus_started", pid=process.pid, address=self.address)
        if self._stopping.is_set():
            _end(process)
        process.wait()
        return time.monotonic() - began

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Raises: OSError: another process runs one from this folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        with (self._folder / "lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OSError(f"another server runs Janus from {self._folder}") from None
            yield

    def _output(self) -> IO[bytes]:
        path = self._folder / "janus.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _write_settings(self) -> None:
        for name, groups in settings_of(self._config, self._folder, self._port, self.secret, self.admin_key).items():
            path = self._folder / name
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(_written(groups))


def settings_of(config: Config, folder: Path, port: int, secret: str, admin_key: str) -> dict[str, _Groups]:
    """The files of Janus' settings: name, and what stands in them."""
    nat: dict[str, _Value] = {"ice_lite": config.janus_ice_lite, "full_trickle": False}
    if config.janus_interface:
        nat["ice_enforce_list"] = config.janus_interface
    if config.janus_public_ip:
        nat["nat_1_1_mapping"] = config.janus_public_ip
    general: dict[str, _Value] = {
        "configs_folder": str(folder),
        "debug_level": 2,
        "api_secret": secret,
        "admin_secret": admin_key,
        "session_timeout": 60,
        "candidates_timeout": 45,
        # Threads that pass media on, instead of one for every connection.
        "event_loops": min(os.cpu_count() or 1, 16),
    }
    return {
        "janus.jcfg": {
            "general": general,
            "media": {"rtp_port_range": config.janus_ports},
            "nat": nat,
            "plugins": {"disable": ",".join(f"libjanus_{each}.so" for each in _PLUGINS)},
            "transports": {"disable": ",".join(f"libjanus_{each}.so" for each in _TRANSPORTS)},
            "loggers": {"disable": "libjanus_jsonlog.so"},
            "events": {"broadcast": False},
        },
        "janus.transport.websockets.jcfg": {
            "general": {"json": "compact", "ws": True, "ws_port": port, "ws_ip": "127.0.0.1", "wss": False},
            "admin": {"admin_ws": False, "admin_wss": False},
        },
        "janus.plugin.videoroom.jcfg": {"general": {"admin_key": admin_key, "string_ids": False}},
    }


def _written(groups: _Groups) -> str:
    return "".join(
        f"{name}: {{\n{''.join(f'  {key} = {_value(value)}' + chr(10) for key, value in values.items())}}}\n"
        for name, values in groups.items()
    )


def _value(value: _Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def janus_command(folder: Path) -> list[str]:
    """What starts Janus with the settings of a folder, and ends it with the thread that started it.

    Raises:
        JanusMissing: it is not installed.
    """
    found = {name: shutil.which(name) for name in ("janus", "setpriv")}
    for name, path in found.items():
        if path is None:
            package = {"janus": "janus", "setpriv": "util-linux"}[name]
            raise JanusMissing(f"{name} is not installed: install the package {package}, or do without --janus")
    # While it starts Janus can miss a SIGTERM.
    return [str(found["setpriv"]), "--pdeathsig", "KILL", "--", str(found["janus"]), f"--configs-folder={folder}"]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
