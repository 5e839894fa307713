"""The media server of the tests that need one: Debian's janus, run by the server under test.

Without it these tests are left out; in CI they fail instead.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from typing import Any, Final

import psutil
import pytest

from tests.browsers import in_ci

#: An interface of the tests' own where there is none but loopback, which Janus does not use.
_NAME: Final = "parley-media0"
_ADDRESS: Final = "10.98.76.1"


def media_interface() -> str | None:
    """The address that Janus and browsers can meet on, without anything leaving the machine; None: there is none."""
    for name, addresses in psutil.net_if_addrs().items():
        if name == "lo" or not psutil.net_if_stats()[name].isup:
            continue
        for each in addresses:
            if each.family == socket.AF_INET and not each.address.startswith("169.254."):
                return each.address
    return _ADDRESS if _made() else None


def _made() -> bool:
    """Make a pair of interfaces that lead nowhere but to each other."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    commands = (
        ("ip", "link", "add", _NAME, "type", "veth", "peer", "name", "parley-media1"),
        ("ip", "addr", "add", f"{_ADDRESS}/24", "dev", _NAME),
        ("ip", "link", "set", _NAME, "up"),
        ("ip", "link", "set", "parley-media1", "up"),
    )
    return all(subprocess.run(each, capture_output=True, check=False).returncode == 0 for each in commands)


def what_is_missing() -> str | None:
    """Why tests with Janus cannot run here; None: they can."""
    if shutil.which("janus") is None:
        return "there is no media server; install the package janus"
    return None if media_interface() else "there is no network interface but loopback, which the media server skips"


def left_out() -> bool:
    """Whether these tests are left out."""
    return what_is_missing() is not None and not in_ci()


#: Marks a test that needs Janus; tests/conftest.py leaves it out where there is none.
needs_janus: Final = pytest.mark.janus


def janus_settings() -> dict[str, Any]:
    """Settings of a server that runs Janus on this machine alone.

    Raises:
        RuntimeError: that is not possible here.
    """
    missing = what_is_missing()
    if missing is not None:
        raise RuntimeError(missing)
    return {"janus": "start", "janus_interface": media_interface(), "janus_ports": "21000-21999"}
