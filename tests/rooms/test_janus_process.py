"""Janus as a process of the server: its settings, its start and end, and its new start."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from parley.config import Config, ConfigError
from parley.rooms.engines import janus_process
from parley.rooms.engines.janus_process import JanusMissing, JanusProcess, janus_command, settings_of
from tests.cli.test_serve import serving
from tests.janus import janus_settings, needs_janus

_PATIENCE = 20


def settings(folder: Path, **more: Any) -> Config:
    return Config.load({"data": str(folder), **janus_settings(), **more}, {})


def ask(process: JanusProcess | str, secret: str | None, what: str = "create", **more: Any) -> dict[str, Any]:
    """What Janus answers to one request; it may not be up yet."""
    address = process if isinstance(process, str) else process.address
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            with connect(address, subprotocols=[Subprotocol("janus-protocol")], compression=None) as socket:
                message = {"janus": what, "transaction": "t", **({"apisecret": secret} if secret else {}), **more}
                socket.send(json.dumps(message))
                answer: dict[str, Any] = json.loads(socket.recv(10))
                return answer
        except (OSError, WebSocketException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def until(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def of_folder(folder: Path) -> list[psutil.Process]:
    """The Janus processes with the settings of this data folder."""
    option = f"--configs-folder={folder / 'janus'}"
    running = psutil.process_iter(["name", "cmdline"])
    return [each for each in running if each.info["name"] == "janus" and option in (each.info["cmdline"] or [])]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[JanusProcess]:
    started = JanusProcess(settings(tmp_path))
    started.start()
    yield started
    started.stop()
    assert started.pid is None
    assert of_folder(tmp_path) == []


@needs_janus
def test_it_answers_whoever_knows_its_secret(process: JanusProcess, tmp_path: Path) -> None:
    assert ask(process, process.secret)["janus"] == "success"
    for wrong in (None, "wrong", process.admin_key):
        assert ask(process, wrong)["error"]["code"] == 403
    # Neither does it take requests of administrators, secret or not.
    assert ask(process, process.secret, "list_sessions", admin_secret=process.admin_key)["janus"] == "error"
    folder = tmp_path / "janus"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for each in folder.glob("*.jcfg"):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


@needs_janus
def test_it_listens_on_this_machine_only(process: JanusProcess) -> None:
    ask(process, process.secret)
    assert process.pid is not None
    listening = [
        each.laddr.ip for each in psutil.Process(process.pid).net_connections() if each.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]


@needs_janus
def test_it_starts_anew_when_it_dies(process: JanusProcess) -> None:
    ask(process, process.secret)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: process.pid not in (None, first))
    assert ask(process, process.secret)["janus"] == "success"


@needs_janus
def test_one_folder_has_one(process: JanusProcess, tmp_path: Path) -> None:
    ask(process, process.secret)
    other = JanusProcess(settings(tmp_path))
    other.start()
    try:
        time.sleep(0.5)
        assert other.pid is None
        assert len(of_folder(tmp_path)) == 1
        process.stop()
        until(lambda: other.pid is not None)  # it waited for its turn
    finally:
        other.stop()


@needs_janus
def test_it_does_not_outlive_a_killed_server(tmp_path: Path) -> None:
    code = (
        "import sys, time; from parley.config import Config; from parley.rooms.engines.janus_process import *\n"
        f"JanusProcess(Config(data={str(tmp_path)!r})).start(); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL) as parent:
        until(lambda: len(of_folder(tmp_path)) == 1)
        parent.kill()
    until(lambda: of_folder(tmp_path) == [])


@needs_janus
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_runs_one_and_ends_it(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "--janus", "--workers", workers) as server:
        assert "Media server: Janus, on UDP ports 20000-20999" in server.lines
        until(lambda: len(of_folder(tmp_path)) == 1)
        assert server.stop() == 0
    assert of_folder(tmp_path) == []


def test_without_janus_the_server_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JanusMissing, match="install the package janus"):
        janus_command(tmp_path)


def test_settings_say_what_the_administrator_said(tmp_path: Path) -> None:
    config = Config(
        janus_ports="30000-30100", janus_interface="eth1", janus_public_ip="198.51.100.7", janus_ice_lite=True
    )
    files = settings_of(config, tmp_path, 8188, 'a"b\\c', "key")
    main = files["janus.jcfg"]
    assert main["media"] == {"rtp_port_range": "30000-30100"}
    assert main["nat"] == {
        "ice_lite": True,
        "full_trickle": False,
        "ice_enforce_list": "eth1",
        "nat_1_1_mapping": "198.51.100.7",
    }
    assert "ice_enforce_list" not in settings_of(Config(), tmp_path, 1, "s", "k")["janus.jcfg"]["nat"]
    assert 'api_secret = "a\\"b\\\\c"\n' in janus_process._written(main)


@pytest.mark.parametrize(
    "wrong",
    [
        {"janus": "begin"},
        {"janus": "http://127.0.0.1"},
        {"janus_ports": "20000"},
        {"janus_interface": 'eth0"\n'},
        {"janus_public_ip": "a host"},
        {"janus_from": 6},
        {"janus_video": 0},
    ],
    ids=str,
)
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Config.load(wrong, {})


def test_secrets_are_not_shown() -> None:
    config = Config(janus="wss://janus.example", janus_secret="not-to-be-shown", janus_admin_key="nor-this")
    for shown in (repr(config), str(config.__rich_repr__())):
        assert "not-to-be" not in shown
        assert "nor-this" not in shown
