"""The Janus of deploy/janus: settings as of one that the server runs by itself, and answers to its secret only."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parley.config import Config
from parley.rooms.engines.janus_process import settings_of
from tests.deploy.fronts import DEPLOY, own_address
from tests.rooms.test_janus_process import ask

START = DEPLOY / "janus" / "start"
_PATIENCE = 30


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """The variables of a container, with secrets in files."""
    for name in ("secret", "admin"):
        (folder / name).write_text(f"{name}-0123456789\n")
    return {
        "PATH": os.environ["PATH"],
        "JANUS_FOLDER": str(folder),
        "JANUS_PORT": str(port),
        "JANUS_SECRET_FILE": str(folder / "secret"),
        "JANUS_ADMIN_KEY_FILE": str(folder / "admin"),
        **more,
    }


def read(path: Path) -> dict[str, dict[str, str]]:
    """A file of settings: the groups, and what stands in each."""
    groups = re.findall(r"^(\w+): \{\n(.*?)^\}", path.read_text(), re.M | re.S)
    return {name: dict(re.findall(r"^  (\w+) = (.*)$", body, re.M)) for name, body in groups}


@pytest.mark.parametrize("public_ip", ["", "192.0.2.10"])
def test_its_settings_are_those_of_a_janus_of_the_server(tmp_path: Path, public_ip: str) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "janus").write_text("#!/bin/sh\n")
    (bin_folder / "janus").chmod(0o755)
    variables = environment(tmp_path, 8188, JANUS_PUBLIC_IP=public_ip, JANUS_ADDRESS="127.0.0.1")
    variables["PATH"] = f"{bin_folder}:{variables['PATH']}"
    subprocess.run([START], check=True, env=variables)
    given = {"janus_ports": "20000-20199", **({"janus_public_ip": public_ip} if public_ip else {})}
    wanted = settings_of(Config.load(given, {}), tmp_path, 8188, "secret-0123456789", "admin-0123456789")

    def said(value: Any) -> str:
        return f'"{value}"' if isinstance(value, str) else str(value).lower()

    for name, groups in wanted.items():
        found = read(tmp_path / name)
        assert found == {group: {key: said(value) for key, value in them.items()} for group, them in groups.items()}
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JANUS_SECRET_FILE", "/nowhere/secret"),
        ("JANUS_ADMIN_KEY_FILE", ""),
        ("JANUS_PORTS", '20000"; evil'),
        ("JANUS_PUBLIC_IP", "$(id)"),
        ("JANUS_ADDRESS", "x y"),
    ],
)
def test_what_it_cannot_use_is_told(tmp_path: Path, name: str, value: str) -> None:
    variables = environment(tmp_path, 8188) | {name: value}
    done = subprocess.run([START], capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 2
    assert name in done.stderr
    assert not list(tmp_path.glob("*.jcfg"))


def test_a_secret_that_would_break_out_of_its_quotes_is_refused(tmp_path: Path) -> None:
    variables = environment(tmp_path, 8188)
    for secret in ('a"b', "a\nb", "", "a b"):
        (tmp_path / "secret").write_text(secret)
        done = subprocess.run([START], capture_output=True, text=True, check=False, env=variables)
        assert done.returncode == 2


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A Janus that the script started, and where it listens."""
    address = own_address()
    process = subprocess.Popen(
        [START], env=environment(tmp_path, 8188, JANUS_ADDRESS=address), stdout=subprocess.DEVNULL, cwd=tmp_path
    )
    yield address
    process.kill()
    process.wait(_PATIENCE)


def healthy(address: str) -> bool:
    """What the script says of a Janus."""
    variables = {**os.environ, "JANUS_ADDRESS": address}
    return subprocess.run([str(START), "--check"], check=False, capture_output=True, env=variables).returncode == 0


@pytest.mark.janus
def test_it_answers_to_whoever_knows_its_secret(address: str) -> None:
    where = f"ws://{address}:8188"
    assert ask(where, "secret-0123456789")["janus"] == "success"
    assert ask(where, "another")["error"]["code"] == 403
    assert healthy(address)


def test_the_check_of_its_health_fails_where_nobody_listens() -> None:
    assert not healthy(own_address())
